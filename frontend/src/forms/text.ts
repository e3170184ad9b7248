// The words of the form: formatted text as elements, and what people type as the engine reads it.
import { el } from "./dom";
import type { AnyNode, Filling } from "./engine";

type Label = NonNullable<AnyNode["currentState"]["label"]>;
type Formatted = Label["formatted"][number];

const SAFE = new Set(["h1", "h2", "h3", "h4", "h5", "h6", "br", "div", "em", "li", "ol", "p", "span", "strong", "u", "ul"]);

/** Markup of the form's author as elements from a closed list: what is not on it, raw HTML too, is shown as text. */
function element(piece: Formatted): Node {
  switch (piece.role) {
    case "child":
      return document.createTextNode(piece.value);
    case "line-break":
      return el("br");
    case "html":
      return document.createTextNode(piece.unsafeHtml.replace(/<[^>]*>/g, ""));
    default: {
      const inside = piece.children.map(element);
      if (piece.elementName === "a") return link(String((piece as { url?: string }).url ?? ""), inside);
      // headings inside a question's label would upset the outline of the page
      const name = /^h\d$/.test(piece.elementName) ? "strong" : piece.elementName;
      return el((SAFE.has(name) ? name : "span") as "span", {}, ...inside);
    }
  }
}

function link(url: string, inside: Node[]): Node {
  const safe = /^(https?:|mailto:|tel:)/i.test(url);
  return safe ? el("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, ...inside) : el("span", {}, ...inside);
}

/** Write a label anew only when its words have changed; what shows one has its language's own direction. */
export function writeLabel(target: HTMLElement, label: Label | null, otherwise = ""): void {
  const words = label?.asString ?? otherwise;
  if (target.dataset["words"] === words) return;
  target.dataset["words"] = words;
  target.replaceChildren(...(label ? label.formatted.map(element) : [otherwise]));
}

/** A label's picture, sound or film. The label's own words are its description. */
export function mediaOf(filling: Filling, label: Label | null): HTMLElement | null {
  const picture = filling.media(label?.imageSource);
  const sound = filling.media(label?.audioSource);
  const film = filling.media(label?.videoSource);
  if (!picture && !sound && !film) return null;
  return el(
    "div",
    { class: "form-media" },
    picture ? el("img", { src: picture, alt: "", loading: "lazy" }) : null,
    sound ? el("audio", { src: sound, controls: true, preload: "none" }) : null,
    film ? el("video", { src: film, controls: true, preload: "none" }) : null,
  );
}

const DIGITS: Record<string, string> = {};
for (let digit = 0; digit < 10; digit += 1) {
  DIGITS[String.fromCharCode(0x660 + digit)] = DIGITS[String.fromCharCode(0x6f0 + digit)] = String(digit);
}

/** Digits of both Arabic kinds, decimal commas and spaces between thousands, as the engine reads a number. */
export function plainNumber(typed: string): string {
  return typed
    .replace(/[٠-٩۰-۹]/g, (digit) => DIGITS[digit] ?? digit)
    .replace(/[\s\u00a0\u202f\u066c\u200e\u200f]/g, "")
    .replace(/[,\u066b]/g, ".")
    .replace(/\u2212/g, "-");
}

/** A word as people look for it: without case, accents and vowel signs, the Arabic letters that are written in several ways as one. */
export function plainWord(typed: string): string {
  return typed
    .normalize("NFD")
    .replace(/[\p{M}\u0640]/gu, "")
    .replace(/[\u0671]/g, "\u0627")
    .replace(/\u0649/g, "\u064a")
    .replace(/\u0629/g, "\u0647")
    .replace(/[’']/g, "'")
    .toLowerCase()
    .trim();
}

export function labelWords(node: AnyNode): string {
  return node.currentState.label?.asString || node.currentState.reference.split("/").pop() || "";
}
