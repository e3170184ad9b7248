// Sending what waits: one record after the other, in parts, and a record leaves the device only once the server has stored it.
import type { Person } from "./person";
import { forget, noteRefusal } from "./records";
import { recordsOf, type StoredRecord } from "./store";

/** ``later``: no network, a busy server, or a session that ended; nothing is lost and nothing is decided. */
export type Outcome = "stored" | "refused" | "later";

export interface Sent {
  readonly stored: number;
  readonly refused: number;
  readonly later: number;
}

interface Answer {
  readonly state?: "stored" | "waiting";
  readonly missing?: readonly number[];
  readonly words?: string;
}

const TEMPORARY = new Set([401, 403, 408, 425, 429]);
const SENDER = "marsad-forms-sender";

/** Send every waiting record of this person. Only one page or worker sends at a time; the others find nothing to do. */
export async function sendWaiting(person: Person): Promise<Sent> {
  const nothing: Sent = { stored: 0, refused: 0, later: 0 };
  if (!person.line) return nothing;
  if (!navigator.locks) return sendAll(person);
  return navigator.locks.request(SENDER, { ifAvailable: true }, (lock) => (lock ? sendAll(person) : nothing));
}

async function sendAll(person: Person): Promise<Sent> {
  const sent = { stored: 0, refused: 0, later: 0 };
  const waiting = (await recordsOf(person.owner)).filter(({ state }) => state === "waiting");
  for (const record of waiting) {
    const outcome = await sendOne(person, record);
    sent[outcome] += 1;
    if (outcome === "later") {
      sent.later = waiting.length - sent.stored - sent.refused;
      break;
    }
  }
  return sent;
}

async function sendOne(person: Person, record: StoredRecord): Promise<Outcome> {
  const line = person.line;
  if (!line) return "later";
  const parts = Math.max(1, Math.ceil(record.body.length / line.partBytes));
  let missing: readonly number[] = Array.from({ length: parts }, (_, part) => part);
  // A second round sends the parts that the server has lost meanwhile; a third one waits for better days.
  for (let round = 0; round < 2 && missing.length; round += 1) {
    for (const part of missing) {
      const body = record.body.slice(part * line.partBytes, (part + 1) * line.partBytes);
      const answer = await post(`${line.records}${record.id}/${part + 1}/${parts}/`, line.csrf, body);
      if (answer === "later") return "later";
      if (answer.words !== undefined) {
        await noteRefusal(person, record.id, answer.words);
        return "refused";
      }
      if (answer.state === "stored") {
        await forget(person, record.id);
        return "stored";
      }
      if (part === missing.at(-1)) missing = (answer.missing ?? []).map((number) => number - 1);
    }
  }
  return "later";
}

async function post(address: string, csrf: string, body: Uint8Array<ArrayBuffer>): Promise<Answer | "later"> {
  const headers = { "Content-Type": "application/octet-stream", "X-CSRFToken": csrf, Accept: "application/json" };
  try {
    const answer = await fetch(address, { method: "POST", credentials: "same-origin", redirect: "manual", headers, body });
    if (answer.type === "opaqueredirect" || answer.status >= 500 || TEMPORARY.has(answer.status)) return "later";
    const told = (await answer.json()) as Answer;
    return answer.ok ? { ...told, words: undefined } : { words: told.words ?? "" };
  } catch {
    return "later";
  }
}
