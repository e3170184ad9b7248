// Answers that are typed: text, numbers, dates, times; and those that are moved or ticked: a scale, a confirmation.
import { looks, type AnyNode, type RootNode } from "./engine";
import { el, mark, write } from "./dom";
import type { Answer } from "./question";
import { plainNumber } from "./text";
import { say } from "./words";

/** A node whose value is set as text; the engine reads it by the type of the question. */
interface Typed {
  readonly valueType: string;
  setValue(value: string | null): RootNode;
}

function valueText(node: AnyNode): string {
  const { value } = node.currentState as { value: unknown };
  return value === null || value === undefined ? "" : String(value);
}

function freeze(field: HTMLInputElement | HTMLTextAreaElement, node: AnyNode): void {
  field.readOnly = node.currentState.readonly;
}

export function textAnswer(node: AnyNode, id: string): Answer {
  const long = looks(node, "multiline") || Boolean((node.nodeOptions as { rows?: number | null } | null)?.rows);
  const common = { id, class: "form-control", dir: "auto", autocomplete: "off" };
  const rows = (node.nodeOptions as { rows?: number | null } | null)?.rows ?? 4;
  const field = long ? el("textarea", { ...common, rows }) : el("input", { ...common, type: "text" });
  if (looks(node, "numbers")) field.inputMode = "numeric";
  const typed = node as unknown as Typed;
  field.addEventListener("input", () => void typed.setValue(field.value));
  return {
    element: field,
    focus: field,
    update: () => {
      freeze(field, node);
      if (document.activeElement !== field) field.value = valueText(node);
    },
  };
}

const WHOLE = /^-?\d{1,15}$/;
const DECIMAL = /^-?(?:\d+(?:\.\d*)?|\.\d+)$/;

export function numberAnswer(node: AnyNode, id: string): Answer {
  const typed = node as unknown as Typed;
  const whole = typed.valueType === "int";
  const field = el("input", { id, type: "text", class: "form-control form-number", inputmode: whole ? "numeric" : "decimal", autocomplete: "off", dir: "ltr" });
  let unreadable = false;
  field.addEventListener("input", () => {
    const plain = plainNumber(field.value);
    unreadable = plain !== "" && !(whole ? WHOLE : DECIMAL).test(plain);
    typed.setValue(plain === "" || unreadable ? null : plain);
  });
  return {
    element: field,
    focus: field,
    update: () => {
      freeze(field, node);
      if (document.activeElement !== field && !unreadable) field.value = valueText(node);
    },
    unreadable: () => (unreadable ? say(whole ? "noWhole" : "noDecimal") : ""),
  };
}

const MOMENTS: Record<string, { type: string; shown(value: string): string }> = {
  date: { type: "date", shown: (value) => value.slice(0, 10) },
  time: { type: "time", shown: (value) => value.slice(0, 5) },
  dateTime: { type: "datetime-local", shown: (value) => value.slice(0, 16) },
};

export function momentAnswer(node: AnyNode, id: string): Answer {
  const typed = node as unknown as Typed;
  const moment = MOMENTS[typed.valueType] ?? MOMENTS["date"]!;
  // a question about a month or a year alone asks for no more than that
  const only = looks(node, "year") ? "year" : looks(node, "month-year") ? "month" : "";
  const type = only === "month" ? "month" : only === "year" ? "text" : moment.type;
  const field = el("input", { id, type, class: "form-control form-moment", autocomplete: "off" });
  if (only === "year") field.inputMode = "numeric";
  let unreadable = false;
  field.addEventListener("input", () => {
    const plain = plainNumber(field.value);
    unreadable = field.validity.badInput || (only === "year" && plain !== "" && !/^\d{4}$/.test(plain));
    const whole = only === "year" ? `${plain}-01-01` : only === "month" ? `${field.value}-01` : field.value;
    typed.setValue(unreadable || field.value === "" ? null : whole);
  });
  return {
    element: field,
    focus: field,
    update: () => {
      freeze(field, node);
      if (document.activeElement === field || unreadable) return;
      field.value = only ? valueText(node).slice(0, only === "year" ? 4 : 7) : moment.shown(valueText(node));
    },
    unreadable: () => (unreadable ? say("constraint") : ""),
  };
}

/** A scale has no answer until it is moved: where the handle stands at first is nobody's answer. */
export function rangeAnswer(node: Extract<AnyNode, { nodeType: "range" }>, id: string): Answer {
  const { start, end, step } = node.definition.bodyElement.bounds;
  const [least, most] = [Number(start), Number(end)].sort((one, other) => one - other) as [number, number];
  const field = el("input", { id, type: "range", class: "form-range", min: least, max: most, step: Math.abs(Number(step)) || 1 });
  const shown = el("output", { class: "form-range-value", for: id });
  const clear = el("button", { type: "button", class: "btn btn-link btn-sm form-clear" });
  const set = (value: string | null): void => void (node as unknown as Typed).setValue(value);
  // A handle that is touched without being moved has said its value too.
  for (const event of ["input", "click"]) field.addEventListener(event, () => !node.currentState.readonly && set(field.value));
  clear.addEventListener("click", () => {
    set(null);
    field.focus();
  });
  const element = el("div", { class: "form-scale" }, el("span", { "aria-hidden": "true" }, String(least)), field, el("span", { "aria-hidden": "true" }, String(most)), shown, clear);
  return {
    element,
    focus: field,
    update: () => {
      const value = valueText(node);
      field.disabled = node.currentState.readonly;
      if (value !== "") field.value = value;
      mark(field, "aria-valuetext", value === "" ? say("notAnswered") : value);
      element.classList.toggle("form-scale-empty", value === "");
      write(shown, value === "" ? say("notAnswered") : value);
      write(clear, say("answerCleared"));
      clear.hidden = value === "" || node.currentState.readonly;
    },
  };
}

export function triggerAnswer(node: Extract<AnyNode, { nodeType: "trigger" }>, id: string): Answer {
  const field = el("input", { id, type: "checkbox", class: "form-check-input" });
  const words = el("span", { "aria-hidden": "true" });
  field.addEventListener("change", () => void node.setValue(field.checked));
  return {
    element: el("div", { class: "form-choice" }, field, words),
    focus: field,
    update: () => {
      field.checked = node.currentState.value === true;
      field.disabled = node.currentState.readonly;
      write(words, say("confirm"));
    },
  };
}
