// Small conveniences: menus that close, text that is copied, choices that need no button.

export function closingMenus(page: Document): void {
  const open = (): NodeListOf<HTMLDetailsElement> => page.querySelectorAll<HTMLDetailsElement>("details.menu[open]");
  page.addEventListener("click", (event) => {
    for (const menu of open()) {
      if (!menu.contains(event.target as Node)) menu.open = false;
    }
  });
  page.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of open()) {
      menu.open = false;
      menu.querySelector("summary")?.focus();
    }
  });
}

export function copying(page: Document): void {
  page.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLButtonElement>("button[data-copy]");
    const source = button && page.getElementById(button.dataset["copy"] ?? "");
    if (!button || !source) return;
    void navigator.clipboard.writeText(source.textContent ?? "").then(() => {
      button.textContent = button.dataset["copied"] ?? button.textContent;
    });
  });
}

/** A select marked so sends its form when changed; without a script the form's own button does it. */
// A part with data-keys takes single keys while the focus is in it: a key presses the button that names it.
export function pressedKeys(part: ParentNode): void {
  for (const area of part.querySelectorAll<HTMLElement>("[data-keys]")) {
    area.focus({ preventScroll: true });
    area.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
      area.querySelector<HTMLButtonElement>(`button[data-key="${CSS.escape(event.key)}"]`)?.click();
    });
  }
}

export function submittingChoices(part: ParentNode): void {
  for (const choice of part.querySelectorAll<HTMLSelectElement>("select[data-submit]:not([data-ready])")) {
    choice.setAttribute("data-ready", "");
    choice.form?.querySelector<HTMLElement>("[data-without-script]")?.setAttribute("hidden", "");
    choice.addEventListener("change", () => choice.form?.requestSubmit());
  }
}
