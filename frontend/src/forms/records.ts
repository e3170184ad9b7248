// A person's records on this device: drafts that open again, finished ones that only the server can open.
import { packed, unpacked, utf8, type Manifest } from "./bytes";
import type { Form, Person } from "./person";
import { locked, sealed, unlocked } from "./seal";
import { forgetRecord, keepRecord, recordOf, recordsOf, type RecordState, type StoredRecord } from "./store";

/** What the list shows of a record: no answer of anybody. */
export interface About {
  readonly form: Form;
  readonly at: string;
  /** Why the server refused it, in the words it gave. */
  readonly reason?: string;
}

export interface Listed {
  readonly id: string;
  readonly state: RecordState;
  readonly bytes: number;
  readonly about: About;
}

const CHANNEL = "marsad-forms";

/** Told to every page of the forms, and to the service worker, when a record comes or goes. */
export function tellOthers(): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage("changed");
  channel.close();
  globalThis.dispatchEvent?.(new Event(CHANNEL));
}

export function onChange(listener: () => void): void {
  new BroadcastChannel(CHANNEL).addEventListener("message", listener);
  globalThis.addEventListener(CHANNEL, listener);
}

const place = (kind: string, owner: string, id: string): string => `${kind}:${owner}:${id}`;

const named = ({ form }: About): { form: string; version: string } => ({ form: form.code, version: form.version });

function lockedAbout(person: Person, id: string, about: About): Promise<Uint8Array<ArrayBuffer>> {
  return locked(person.key, place("about", person.owner, id), utf8(JSON.stringify(about)));
}

/** Keep a draft, under the drafts' key of its author. */
export async function keepDraft(person: Person, id: string, about: About, page: number, files: readonly File[]): Promise<void> {
  const content = await packed({ ...named(about), page }, files);
  const body = await locked(person.key, place("draft", person.owner, id), content);
  await keepRecord({ id, owner: person.owner, state: "draft", body, about: await lockedAbout(person, id, about) });
  tellOthers();
}

/** Seal a finished record to the server's key; it takes the place of its draft in the same write. */
export async function finish(person: Person, id: string, about: About, files: readonly File[]): Promise<void> {
  const content = await packed(named(about), files);
  const label = { record: id, owner: person.owner, key: person.serverKeyCode };
  const body = await sealed(content, label, person.serverKey);
  await keepRecord({ id, owner: person.owner, state: "waiting", body, about: await lockedAbout(person, id, about) });
  tellOthers();
}

export interface Draft {
  readonly form: Form;
  readonly manifest: Manifest;
  readonly files: readonly File[];
}

export async function openDraft(person: Person, id: string): Promise<Draft | undefined> {
  const row = await recordOf(person.owner, id);
  if (row?.state !== "draft") return undefined;
  const content = unpacked(await unlocked(person.key, place("draft", person.owner, id), row.body));
  return { form: (await aboutOf(person, row)).form, ...content };
}

async function aboutOf(person: Person, row: StoredRecord): Promise<About> {
  const bytes = await unlocked(person.key, place("about", person.owner, row.id), row.about);
  return JSON.parse(new TextDecoder().decode(bytes)) as About;
}

/** This person's records, the oldest first. */
export async function listed(person: Person): Promise<Listed[]> {
  const rows = await recordsOf(person.owner);
  const found = await Promise.all(
    rows.map(async (row) => ({ id: row.id, state: row.state, bytes: row.body.length, about: await aboutOf(person, row) })),
  );
  return found.sort((one, other) => one.about.at.localeCompare(other.about.at));
}

/** The server said no: the record stays, with the reason, and is sent again only when its author asks. */
export async function noteRefusal(person: Person, id: string, reason: string): Promise<void> {
  const row = await recordOf(person.owner, id);
  if (!row) return;
  const about = await lockedAbout(person, id, { ...(await aboutOf(person, row)), reason });
  await keepRecord({ ...row, state: "refused", about });
  tellOthers();
}

export async function sendAgain(person: Person, id: string): Promise<void> {
  const row = await recordOf(person.owner, id);
  if (row?.state !== "refused") return;
  await keepRecord({ ...row, state: "waiting" });
  tellOthers();
}

export async function forget(person: Person, id: string): Promise<void> {
  await forgetRecord(person.owner, id);
  tellOthers();
}
