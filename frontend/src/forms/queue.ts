// What waits on this device, as its author sees it: title, time, size and state, never an answer.
import { ask, button, el } from "./dom";
import type { Person } from "./person";
import { forget, listed, sendAgain, type Listed } from "./records";
import { language, say, sayCount, saySize, sayTime, type Word } from "./words";

const STATES: Record<Listed["state"], Word> = { draft: "draft", waiting: "waitingState", refused: "refused" };

export interface QueueDoes {
  open(record: Listed): void;
  send(): void;
}

/** The list of this person's records; ``onCount`` hears how many wait. */
export async function drawQueue(place: HTMLElement, person: Person, does: QueueDoes): Promise<number> {
  const records = await listed(person);
  const waiting = records.filter(({ state }) => state !== "draft").length;
  const again = (): void => void drawQueue(place, person, does);
  const title = el("h2", { id: "on-device", tabindex: -1 }, say("onDevice"));
  const count = el("p", { "data-waiting": waiting, role: "status" }, sayCount("waiting", "waitingMany", waiting));
  const list = el("ul", { class: "form-queue" }, ...records.map((record) => line(record, person, does, again)));
  const send = waiting && person.line ? button(say("sendNow"), "btn-outline-primary btn-sm", () => does.send()) : null;
  const offline = person.line ? null : el("p", { class: "form-offline" }, say("offline"));
  place.replaceChildren(title, offline ?? "", records.length ? count : el("p", { class: "form-text" }, say("emptyQueue")), list, send ?? "");
  return waiting;
}

function line(record: Listed, person: Person, does: QueueDoes, again: () => void): HTMLElement {
  const { about, id, state } = record;
  const remove = async (): Promise<void> => {
    if (!(await ask(say("deleteAsk"), say("deleteRecord"), say("cancel")))) return;
    await forget(person, id);
    again();
    document.getElementById("on-device")?.focus();
  };
  const retry = async (): Promise<void> => {
    await sendAgain(person, id);
    does.send();
  };
  const title = about.form.title[language()];
  const named = { "aria-label": `${say("deleteRecord")} – ${title}, ${sayTime(about.at)}` };
  return el(
    "li",
    { "data-record": id, "data-state": state },
    el("div", {}, el("strong", { dir: "auto" }, title), el("p", { class: "form-text" }, el("bdi", {}, sayTime(about.at)), " · ", el("bdi", {}, saySize(record.bytes)), " · ", say(STATES[state]))),
    about.reason && state === "refused" ? el("p", { class: "form-fault" }, about.reason) : null,
    el(
      "div",
      { class: "form-queue-buttons" },
      state === "draft" ? button(say("open"), "btn-outline-primary btn-sm", () => does.open(record)) : null,
      state === "refused" ? button(say("sendAgain"), "btn-outline-primary btn-sm", () => void retry()) : null,
      button(say("deleteRecord"), "btn-outline-danger btn-sm", () => void remove(), named),
    ),
  );
}
