// The frame around every answer: its label, hint, media and fault, tied together for those who listen to the page.
import { el, mark, write } from "./dom";
import type { AnyNode, Filling } from "./engine";
import { mediaOf, writeLabel } from "./text";
import { say } from "./words";

const SETTLED = 350;

/** A part of a page that can look again at the engine's state. */
export interface Piece {
  readonly element: HTMLElement;
  update(): void;
  /** The faults of the questions in it that can be seen now. */
  faults(): Fault[];
  /** From now on an answer that is asked for and missing is shown as a fault. */
  insist(): void;
}

export interface Fault {
  readonly node: AnyNode;
  readonly words: string;
  readonly target: string;
}

/** The part of a question that takes the answer. */
export interface Answer {
  readonly element: HTMLElement;
  /** The field that takes the focus and the descriptions; several fields are described by their fieldset. */
  readonly focus?: HTMLElement;
  /** Several fields under one label stand in a fieldset. */
  readonly several?: boolean;
  update(): void;
  /** What was typed and cannot be read, in words. */
  unreadable?(): string;
}

export function idOf(node: AnyNode): string {
  return `q-${node.nodeId.replace(/\W+/g, "-")}`;
}

/** Why the answer is not taken, in the language of the form; empty when nothing is wrong. */
export function faultOf(node: AnyNode, answer?: Answer): string {
  const unreadable = answer?.unreadable?.() ?? "";
  if (unreadable) return unreadable;
  const state = node.validationState;
  const violation = "violation" in state ? state.violation : null;
  if (!violation) return "";
  return violation.message?.asString || say(violation.condition === "required" ? "required" : "constraint");
}

export function question(node: AnyNode, filling: Filling, make: (id: string) => Answer): Piece {
  const id = idOf(node);
  const answer = make(id);
  const title = el("span", { class: "form-label-text", dir: "auto" });
  const asked = el("span", { class: "form-required" });
  const label = el(answer.several ? "legend" : "label", answer.several ? { class: "form-legend" } : { class: "form-label", for: id }, title, " ", asked);
  const hint = el("div", { class: "form-text", id: `${id}-hint`, dir: "auto" });
  const fault = el("p", { class: "form-fault", id: `${id}-fault`, hidden: true });
  const media = el("div");
  const frame = { class: "form-question", "data-question": node.currentState.reference };
  const set = answer.several ? { id: `${id}-set`, tabindex: -1 } : {};
  const element = el(answer.several ? "fieldset" : "div", { ...frame, ...set }, label, media, hint, answer.element, fault);
  const described = answer.focus ?? element;
  let insisting = false;
  let touched = false;
  element.addEventListener("change", () => {
    // a fault that appears while a button below is pressed would move it away from under the finger
    window.setTimeout(() => {
      touched = true;
      update();
    }, SETTLED);
  });
  function update(): void {
    const { relevant, required } = node.currentState;
    element.hidden = !relevant;
    writeLabel(title, node.currentState.label, node.currentState.reference.split("/").pop());
    const shown = mediaOf(filling, node.currentState.label);
    if (shown && !media.firstChild) media.append(shown);
    write(asked, required ? say("requiredMark") : "");
    writeLabel(hint, node.currentState.hint ?? null);
    hint.hidden = !hint.textContent;
    answer.update();
    const words = faultOf(node, answer);
    const state = node.validationState;
    const onlyMissing = "violation" in state && state.violation?.condition === "required" && !answer.unreadable?.();
    const seen = words && (insisting || (touched && !onlyMissing)) ? words : "";
    write(fault, seen);
    fault.hidden = !seen;
    describe(described, [hint.hidden ? "" : hint.id, seen ? fault.id : ""], Boolean(seen), required, answer.several === true);
  }
  return {
    element,
    update,
    insist: () => {
      insisting = true;
      update();
    },
    faults: () => {
      const words = node.currentState.relevant ? faultOf(node, answer) : "";
      return words ? [{ node, words, target: described.id }] : [];
    },
  };
}

function describe(focus: HTMLElement, ids: string[], invalid: boolean, required: boolean, several: boolean): void {
  mark(focus, "aria-describedby", ids.filter(Boolean).join(" ") || false);
  // a fieldset has no such states: its fault is read with its description
  mark(focus, "aria-invalid", invalid && !several ? "true" : false);
  mark(focus, "aria-required", required && !several ? "true" : false);
}
