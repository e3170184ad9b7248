// Who is here: the session as the server tells it, or as this device remembers it while there is no network.
import { utf8 } from "./bytes";
import { draftKey, locked, unlocked } from "./seal";
import { forgetSession, keepSession, session, type StoredSession } from "./store";
import type { Language } from "./words";

/** A published questionnaire that this person may fill. */
export interface Form {
  readonly code: string;
  readonly version: string;
  readonly title: Record<Language, string>;
  /** The address under which its XForm and its media stand; a version never changes. */
  readonly at: string;
  readonly media: readonly string[];
}

/** What ``session.json`` answers. */
interface Told {
  readonly owner: string;
  readonly drafts: string;
  readonly seconds: number;
  readonly key: string;
  readonly key_code: string;
  readonly csrf: string;
  readonly records: string;
  readonly part_bytes: number;
  readonly forms: readonly Form[];
}

export interface Person {
  readonly owner: string;
  readonly key: CryptoKey;
  readonly serverKey: string;
  readonly serverKeyCode: string;
  readonly forms: readonly Form[];
  /** Present while the server answers: what sending needs. */
  readonly line?: { readonly csrf: string; readonly records: string; readonly partBytes: number };
}

/** The largest record that the server takes, in bytes; src/marsad/collection/instruments/sealed.py says the same. */
export const LARGEST = 32 * 1024 * 1024;
export const SIGNED_OUT = "signed out";
export type Here = Person | typeof SIGNED_OUT;

const FORMS_PLACE = (owner: string): string => `forms:${owner}`;

/** The addresses of a language's forms: ``/fr/forms/``. */
export function formsBase(): string {
  const base = /^\/(?:[a-z]{2}\/)?forms\//.exec(location.pathname)?.[0];
  return base ?? "/fr/forms/";
}

/** Ask the server; when it cannot be reached, what the device remembers. A session that ended closes the drafts here. */
export async function whoIsHere(base: string): Promise<Here> {
  let answer: Response;
  try {
    // Not followed to the page of signing in: that page would change the secret of a form that is being signed in with.
    answer = await fetch(`${base}session.json`, { credentials: "same-origin", headers: { Accept: "application/json" }, cache: "no-store", redirect: "manual" });
  } catch {
    return remembered();
  }
  if (answer.status >= 500) return remembered();
  const told = !answer.ok ? null : ((await answer.json().catch(() => null)) as Told | null);
  if (!told?.owner) {
    await forgetSession();
    return SIGNED_OUT;
  }
  return arrived(told);
}

async function arrived(told: Told): Promise<Person> {
  const key = await draftKey(told.drafts, told.owner);
  const row: StoredSession = {
    id: "session",
    owner: told.owner,
    key,
    serverKey: told.key,
    serverKeyCode: told.key_code,
    until: Date.now() + told.seconds * 1000,
    forms: await locked(key, FORMS_PLACE(told.owner), utf8(JSON.stringify(told.forms))),
  };
  await keepSession(row);
  const line = { csrf: told.csrf, records: told.records, partBytes: told.part_bytes };
  return { ...personOf(row, told.forms), line };
}

async function remembered(): Promise<Here> {
  const row = await session();
  if (!row) return SIGNED_OUT;
  if (row.until < Date.now()) {
    await forgetSession();
    return SIGNED_OUT;
  }
  const forms = await unlocked(row.key, FORMS_PLACE(row.owner), row.forms);
  return personOf(row, JSON.parse(new TextDecoder().decode(forms)) as Form[]);
}

function personOf({ owner, key, serverKey, serverKeyCode }: StoredSession, forms: readonly Form[]): Person {
  return { owner, key, serverKey, serverKeyCode, forms };
}
