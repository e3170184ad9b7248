// Building elements in few words. Attributes that are false or undefined are left out; text is always text, never markup.

type Attribute = string | number | boolean | undefined | ((event: Event) => void);

export function el<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Record<string, Attribute> = {},
  ...children: (Node | string | null | undefined)[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(key.replace(/^on/, ""), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== undefined && value !== false) element.setAttribute(key, String(value));
  }
  element.append(...children.filter((child): child is Node | string => child !== null && child !== undefined));
  return element;
}

export function button(words: string, style: string, onclick: () => void, more: Record<string, Attribute> = {}): HTMLButtonElement {
  return el("button", { type: "button", class: `btn ${style}`, onclick, ...more }, words);
}

/** Set or remove an attribute. */
export function mark(element: Element, name: string, value: string | false): void {
  if (value === false) element.removeAttribute(name);
  else if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

export function write(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Ask before something is lost; the dialog is the browser's own, with its focus and its Escape key. */
export function ask(question: string, yes: string, no: string): Promise<boolean> {
  return new Promise((resolve) => {
    const dialog = el("dialog", { class: "form-dialog", "aria-labelledby": "form-dialog-question" });
    const close = (answer: boolean) => () => {
      dialog.close();
      dialog.remove();
      resolve(answer);
    };
    dialog.append(
      el("p", { id: "form-dialog-question" }, question),
      el("div", { class: "form-dialog-buttons" }, button(no, "btn-outline-primary", close(false)), button(yes, "btn-danger", close(true))),
    );
    dialog.addEventListener("cancel", close(false));
    document.body.append(dialog);
    dialog.showModal();
  });
}
