// Sealing a record so that only the server can open it, and locking a draft so that only its author can.
// The format is described in docs/web-forms.md and read by src/marsad/collection/instruments/sealed.py.
import { fromBase64, joined, length4, utf8 } from "./bytes";

const MAGIC = utf8("MSF1");
const INFO = utf8("marsad sealed record 1");
const CURVE = { name: "ECDH", namedCurve: "P-256" } as const;
const NONCE = 12;

/** What stands in clear on a sealed record, and is bound to its content: nothing about the person or the questionnaire. */
export interface Label {
  readonly record: string;
  readonly owner: string;
  readonly key: string;
}

/** ``MSF1 | length | label | ephemeral public key (65) | nonce (12) | AES-256-GCM of the content``. */
export async function sealed(content: Uint8Array<ArrayBuffer>, label: Label, serverKey: string): Promise<Uint8Array<ArrayBuffer>> {
  const theirs = await crypto.subtle.importKey("raw", fromBase64(serverKey), CURVE, false, []);
  const ours = await crypto.subtle.generateKey(CURVE, false, ["deriveBits"]);
  const point = new Uint8Array(await crypto.subtle.exportKey("raw", ours.publicKey));
  const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, ours.privateKey, 256);
  const words = utf8(JSON.stringify({ v: 1, ...label }));
  const head = joined(MAGIC, length4(words.length), words, point);
  const key = await derived(new Uint8Array(shared), joined(point, fromBase64(serverKey)), INFO, ["encrypt"]);
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE));
  const body = await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce, additionalData: head }, key, content);
  return joined(head, nonce, new Uint8Array(body));
}

async function derived(secret: BufferSource, salt: BufferSource, info: BufferSource, uses: KeyUsage[]): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveKey"]);
  const how = { name: "HKDF", hash: "SHA-256", salt, info };
  return crypto.subtle.deriveKey(how, material, { name: "AES-GCM", length: 256 }, false, uses);
}

/** The key of one person's drafts, from the secret that the server gives to their session; it cannot be taken out again. */
export function draftKey(secret: string, owner: string): Promise<CryptoKey> {
  return derived(fromBase64(secret), utf8(owner), utf8("marsad drafts 1"), ["encrypt", "decrypt"]);
}

/** ``nonce | AES-256-GCM``, bound to its place: a locked piece put elsewhere does not open. */
export async function locked(key: CryptoKey, place: string, content: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE));
  const how = { name: "AES-GCM", iv: nonce, additionalData: utf8(place) };
  return joined(nonce, new Uint8Array(await crypto.subtle.encrypt(how, key, content)));
}

/** Raises ``OperationError`` for another key, another place, or a changed piece. */
export async function unlocked(key: CryptoKey, place: string, piece: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const how = { name: "AES-GCM", iv: piece.subarray(0, NONCE), additionalData: utf8(place) };
  return new Uint8Array(await crypto.subtle.decrypt(how, key, piece.subarray(NONCE)));
}
