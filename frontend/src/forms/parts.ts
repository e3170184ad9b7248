// From the engine's nodes to the parts of a page: questions, notes, groups, and repeats that grow and shrink.
import { momentAnswer, numberAnswer, rangeAnswer, textAnswer, triggerAnswer } from "./answers";
import { placeAnswer, uploadAnswer } from "./capture";
import { rankAnswer, selectAnswer } from "./choices";
import { ask, button, el, write } from "./dom";
import type { AnyNode, Filling } from "./engine";
import { childrenOf, isRepeat, isShown } from "./pages";
import { idOf, question, type Answer, type Fault, type Piece } from "./question";
import { labelWords, mediaOf, writeLabel } from "./text";
import { say } from "./words";

type Group = Extract<AnyNode, { nodeType: "group" }>;
type Instance = Extract<AnyNode, { nodeType: "repeat-instance" }>;
type Repeat = Extract<AnyNode, { nodeType: "repeat-range:controlled" | "repeat-range:uncontrolled" }>;

const NUMBERS = new Set(["int", "decimal"]);
const MOMENTS = new Set(["date", "time", "dateTime"]);
const LINES = new Set(["geotrace", "geoshape"]);

/** Nothing to see: values that the form works out by itself. */
export function pieceOf(node: AnyNode, filling: Filling): Piece | null {
  switch (node.nodeType) {
    case "group":
      return groupPiece(node, filling);
    case "repeat-range:controlled":
    case "repeat-range:uncontrolled":
      return repeatPiece(node, filling);
    case "note":
      return notePiece(node, filling);
    case "input":
      return question(node, filling, (id) => inputAnswer(node, id));
    case "select":
      return question(node, filling, (id) => selectAnswer(node, id, filling));
    case "rank":
      return question(node, filling, (id) => rankAnswer(node, id));
    case "range":
      return question(node, filling, (id) => rangeAnswer(node, id));
    case "trigger":
      return question(node, filling, (id) => triggerAnswer(node, id));
    case "upload":
      return question(node, filling, (id) => uploadAnswer(node, id));
    default:
      return null;
  }
}

function inputAnswer(node: Extract<AnyNode, { nodeType: "input" }>, id: string): Answer {
  if (NUMBERS.has(node.valueType)) return numberAnswer(node, id);
  if (MOMENTS.has(node.valueType)) return momentAnswer(node, id);
  if (node.valueType === "geopoint") return placeAnswer(node, id);
  if (LINES.has(node.valueType)) return unsupportedAnswer(id);
  return textAnswer(node, id);
}

function unsupportedAnswer(id: string): Answer {
  const element = el("p", { id, class: "form-text", tabindex: -1 });
  return { element, focus: element, update: () => write(element, say("unsupported")) };
}

function notePiece(node: Extract<AnyNode, { nodeType: "note" }>, filling: Filling): Piece {
  const words = el("div", { dir: "auto" });
  const hint = el("div", { class: "form-text", dir: "auto" });
  const media = el("div");
  const element = el("div", { class: "form-note", "data-question": node.currentState.reference }, words, media, hint);
  const update = (): void => {
    element.hidden = !node.currentState.relevant;
    writeLabel(words, node.currentState.label);
    writeLabel(hint, node.currentState.hint);
    const shown = mediaOf(filling, node.currentState.label);
    if (shown && !media.firstChild) media.append(shown);
  };
  return { element, update, faults: () => [], insist: () => undefined };
}

/** Several parts under one another, made once each, in the order of the form. */
export class Parts {
  private readonly made = new Map<string, Piece | null>();

  constructor(
    private readonly filling: Filling,
    private readonly nodes: () => readonly AnyNode[],
    readonly element: HTMLElement,
  ) {}

  private pieces(): Piece[] {
    return this.nodes().flatMap((node) => {
      if (!this.made.has(node.nodeId)) this.made.set(node.nodeId, pieceOf(node, this.filling));
      return this.made.get(node.nodeId) ?? [];
    });
  }

  update(): void {
    const pieces = this.pieces();
    const wanted = pieces.map(({ element }) => element);
    const there = [...this.element.children];
    if (wanted.length !== there.length || wanted.some((one, index) => there[index] !== one)) this.element.replaceChildren(...wanted);
    for (const piece of pieces) piece.update();
  }

  faults(): Fault[] {
    return this.pieces().flatMap((piece) => piece.faults());
  }

  insist(): void {
    for (const piece of this.pieces()) piece.insist();
  }
}

function groupPiece(node: Group | Instance, filling: Filling): Piece {
  const title = el("legend", { class: "form-group-title", dir: "auto" });
  const inside = new Parts(filling, () => childrenOf(node), el("div"));
  const element = el("fieldset", { class: "form-group" }, title, inside.element);
  return {
    element,
    update: () => {
      element.hidden = !isShown(node);
      writeLabel(title, node.currentState.label);
      title.hidden = !title.textContent;
      inside.update();
    },
    faults: () => (isShown(node) ? inside.faults() : []),
    insist: () => inside.insist(),
  };
}

function repeatPiece(node: Repeat, filling: Filling): Piece {
  const title = el("h2", { class: "form-group-title", dir: "auto", id: idOf(node), tabindex: -1 });
  const list = el("div");
  const add = button("", "btn-outline-primary", () => grow());
  const element = el("section", { class: "form-repeat", "aria-labelledby": title.id }, title, list, node.nodeType === "repeat-range:uncontrolled" ? add : null);
  const instances = new Map<string, InstancePiece>();
  function grow(): void {
    if (node.nodeType !== "repeat-range:uncontrolled") return;
    node.addInstances();
    update();
    [...instances.values()].at(-1)?.focus();
  }
  function shrink(instance: Instance): void {
    const index = childrenOf(node).findIndex(({ nodeId }) => nodeId === instance.nodeId);
    if (node.nodeType !== "repeat-range:uncontrolled" || index < 0) return;
    void ask(say("removeAsk"), say("remove"), say("cancel")).then((yes) => {
      if (!yes) return;
      node.removeInstances(index);
      update();
      title.focus();
    });
  }
  function update(): void {
    element.hidden = !isShown(node);
    const name = labelWords(node);
    writeLabel(title, node.currentState.label, name);
    write(add, say("addAnother", { title: name }));
    const now = childrenOf(node) as readonly Instance[];
    for (const instance of now) {
      if (!instances.has(instance.nodeId)) {
        const removable = node.nodeType === "repeat-range:uncontrolled" ? () => shrink(instance) : undefined;
        instances.set(instance.nodeId, instancePiece(instance, filling, removable));
      }
    }
    for (const id of instances.keys()) if (!now.some(({ nodeId }) => nodeId === id)) instances.delete(id);
    const wanted = now.map(({ nodeId }) => instances.get(nodeId)!);
    if (wanted.length !== list.children.length || wanted.some(({ element: one }, index) => list.children[index] !== one)) {
      list.replaceChildren(...wanted.map((piece) => piece.element));
    }
    wanted.forEach((piece, index) => piece.update(name, index + 1));
  }
  const all = (): InstancePiece[] => [...instances.values()];
  return {
    element,
    update,
    faults: () => (isShown(node) ? all().flatMap((piece) => piece.faults()) : []),
    insist: () => all().forEach((piece) => piece.insist()),
  };
}

interface InstancePiece {
  readonly element: HTMLElement;
  update(name: string, number: number): void;
  faults(): Fault[];
  insist(): void;
  focus(): void;
}

function instancePiece(node: Instance, filling: Filling, remove?: () => void): InstancePiece {
  const title = el("legend", { class: "form-instance-title", dir: "auto", tabindex: -1 });
  const inside = new Parts(filling, () => childrenOf(node), el("div"));
  const away = remove ? button("", "btn-outline-primary btn-sm", remove) : null;
  const element = el("fieldset", { class: "form-instance" }, title, inside.element, away);
  return {
    element,
    focus: () => title.focus(),
    update: (name, number) => {
      element.hidden = !node.currentState.relevant;
      write(title, say("instance", { title: name, number }));
      if (away) {
        write(away, say("remove"));
        away.setAttribute("aria-label", say("removeInstance", { title: name, number }));
      }
      inside.update();
    },
    faults: () => (node.currentState.relevant ? inside.faults() : []),
    insist: () => inside.insist(),
  };
}

/** Repeats say by themselves what they are called; every other part has its group's heading. */
export function needsHeading(nodes: readonly AnyNode[]): boolean {
  return !(nodes.length === 1 && nodes[0] && isRepeat(nodes[0]));
}
