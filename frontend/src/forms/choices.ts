// Answers that are chosen: one, several, or all in an order.
import { button, el, mark, write } from "./dom";
import { looks, type Filling, type Item, type Rank, type Select } from "./engine";
import type { Answer } from "./question";
import { mediaOf, plainWord, writeLabel } from "./text";
import { say } from "./words";


/** "I prefer not to say" and its like stand alone: chosen among several, they take the place of the others. */
const ALONE = /^(?:prefer_not(?:_to_say|_to_answer)?|pnts|pns|no_answer|none|dont_know|do_not_know|refused)$/i;
const LONG = 20;

export function selectAnswer(node: Select, id: string, filling: Filling): Answer {
  const folded = looks(node, "minimal") || looks(node, "autocomplete") || node.currentState.valueOptions.length > LONG;
  return node.selectType === "select1" && folded ? foldedAnswer(node, id) : listedAnswer(node, id, filling);
}

/** A list that folds away, for many choices; a long one is searched by what is typed above it. */
function foldedAnswer(node: Select, id: string): Answer {
  const field = el("select", { id, class: "form-select", dir: "auto" });
  const search = el("input", { id: `${id}-search`, type: "search", class: "form-control form-search", dir: "auto", "aria-controls": id, autocomplete: "off" });
  const found = el("p", { class: "form-text", role: "status" });
  field.addEventListener("change", () => void node.selectValue(field.value || null));
  search.addEventListener("input", () => draw());
  let written = "";
  /** What is chosen stays in the list, whatever is typed. */
  function draw(): void {
    const { valueOptions, value } = node.currentState;
    const wanted = plainWord(search.value);
    const shown = valueOptions.filter((item) => item.value === value[0] || plainWord(item.label.asString).includes(wanted));
    const now = JSON.stringify([say("chooseOne"), ...shown.map((item) => [item.value, item.label.asString])]);
    if (now !== written) {
      written = now;
      const options = shown.map((item) => el("option", { value: item.value }, item.label.asString));
      field.replaceChildren(el("option", { value: "" }, say("chooseOne")), ...options);
    }
    field.value = value[0] ?? "";
    write(found, wanted ? say("listFound", { count: shown.length }) : "");
  }
  return {
    element: el("div", {}, search, found, field),
    focus: field,
    update: () => {
      const { valueOptions, readonly } = node.currentState;
      search.hidden = valueOptions.length <= LONG || readonly;
      search.placeholder = say("searchList");
      mark(search, "aria-label", say("searchList"));
      draw();
      field.disabled = readonly;
    },
  };
}

function listedAnswer(node: Select, id: string, filling: Filling): Answer {
  const several = node.selectType === "select";
  const list = el("div", { class: "form-choices" });
  const none = el("p", { class: "form-text" });
  const clear = button(say("answerCleared"), "btn-link btn-sm form-clear", () => {
    node.selectValues([]);
    list.querySelector("input")?.focus();
  });
  const choices = new Map<string, { element: HTMLElement; field: HTMLInputElement; words: HTMLElement }>();
  const choose = (value: string, chosen: boolean): void => {
    if (!several) node.selectValue(value);
    else node.selectValues(withChoice(node.currentState.value, value, chosen));
  };
  const made = (item: Item, index: number): { element: HTMLElement; field: HTMLInputElement; words: HTMLElement } => {
    const choiceId = `${id}-${index}`;
    const field = el("input", { id: choiceId, type: several ? "checkbox" : "radio", name: id, value: item.value, class: "form-check-input" });
    field.addEventListener("change", () => choose(item.value, field.checked));
    const words = el("span", { dir: "auto" });
    const label = el("label", { class: "form-choice", for: choiceId }, field, words);
    return { element: el("div", {}, label, mediaOf(filling, item.label)), field, words };
  };
  return {
    element: el("div", {}, list, none, clear),
    several: true,
    update: () => {
      const { valueOptions, readonly } = node.currentState;
      const wanted = valueOptions.map((item) => {
        const choice = choices.get(item.value) ?? made(item, choices.size);
        choices.set(item.value, choice);
        writeLabel(choice.words, item.label, item.value);
        choice.field.checked = node.isSelected(item.value);
        choice.field.disabled = readonly;
        return choice.element;
      });
      if (wanted.length !== list.children.length || wanted.some((one, index) => list.children[index] !== one)) list.replaceChildren(...wanted);
      write(none, say("noChoice"));
      none.hidden = wanted.length > 0;
      write(clear, say("answerCleared"));
      clear.hidden = several || readonly || node.currentState.required || node.currentState.value.length === 0;
    },
  };
}

function withChoice(before: readonly string[], value: string, chosen: boolean): string[] {
  if (!chosen) return before.filter((one) => one !== value);
  return ALONE.test(value) ? [value] : [...before.filter((one) => !ALONE.test(one)), value];
}

/** An order is an answer only when somebody has given it. */
export function rankAnswer(node: Rank, id: string): Answer {
  const list = el("ol", { class: "form-rank" });
  const said = el("p", { class: "visually-hidden", "aria-live": "polite" });
  const accept = button("", "btn-outline-primary btn-sm", () => void node.setValues(order()));
  const order = (): string[] => {
    const all = node.currentState.valueOptions.map(({ value }) => value);
    const given = node.currentState.value.filter((value) => all.includes(value));
    return [...given, ...all.filter((value) => !given.includes(value))];
  };
  const titleOf = (value: string): string => node.getValueLabel(value)?.asString ?? value;
  const move = (value: string, by: number): void => {
    const next = order();
    const from = next.indexOf(value);
    next.splice(from, 1);
    next.splice(from + by, 0, value);
    node.setValues(next);
    draw();
    said.textContent = `${from + by + 1}. ${titleOf(value)}`;
    list.querySelector<HTMLElement>(`[data-move="${by}"][data-value="${CSS.escape(value)}"]:not([disabled])`)?.focus();
  };
  let drawn = "";
  function draw(): void {
    const values = order();
    const { readonly } = node.currentState;
    const now = JSON.stringify([values.map((value) => [value, titleOf(value)]), readonly, say("moveUp")]);
    if (now === drawn) return;
    drawn = now;
    list.replaceChildren(
      ...values.map((value, index) => {
        const arrow = (sign: string, by: number, off: boolean): HTMLElement =>
          button(sign, "btn-outline-primary btn-sm", () => move(value, by), {
            "aria-label": say(by < 0 ? "moveUp" : "moveDown", { title: titleOf(value) }),
            "data-move": by,
            "data-value": value,
            disabled: off || readonly,
          });
        return el("li", {}, el("span", { dir: "auto" }, titleOf(value)), arrow("↑", -1, index === 0), arrow("↓", 1, index === values.length - 1));
      }),
    );
  }
  return {
    element: el("div", { id }, list, accept, said),
    several: true,
    update: () => {
      draw();
      const given = node.currentState.value.length > 0;
      list.classList.toggle("form-rank-empty", !given);
      write(accept, say("order"));
      accept.hidden = given || node.currentState.readonly;
      mark(list, "aria-label", given ? false : say("notAnswered"));
    },
  };
}
