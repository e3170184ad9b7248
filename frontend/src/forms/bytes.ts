// Bytes, their text forms, and the container in which a record's files travel together.

export const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>;

export function joined(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Four bytes, the most significant first. */
export function length4(value: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

export function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (character) => character.charCodeAt(0));
}

/** What a record is, besides its files: read by the server, or by this device when a draft is opened again. */
export interface Manifest {
  readonly form: string;
  readonly version: string;
  readonly page?: number;
  readonly files: readonly { readonly name: string; readonly type: string; readonly size: number }[];
}

/** ``length of the manifest | manifest | the files, one after the other``. The first file is the record's XML. */
export async function packed(about: Omit<Manifest, "files">, files: readonly File[]): Promise<Uint8Array<ArrayBuffer>> {
  const manifest: Manifest = { ...about, files: files.map(({ name, type, size }) => ({ name, type, size })) };
  const head = utf8(JSON.stringify(manifest));
  const bodies = await Promise.all(files.map(async (file) => new Uint8Array(await file.arrayBuffer())));
  return joined(length4(head.length), head, ...bodies);
}

export function unpacked(bytes: Uint8Array<ArrayBuffer>): { manifest: Manifest; files: File[] } {
  const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  const manifest = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + size))) as Manifest;
  let at = 4 + size;
  const files = manifest.files.map((file) => {
    const body = bytes.subarray(at, at + file.size);
    at += file.size;
    return new File([body], file.name, { type: file.type });
  });
  return { manifest, files };
}
