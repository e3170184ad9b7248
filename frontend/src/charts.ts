// Tooltips and keyboard reading of a chart, from the labels that its marks carry.

const MARKS = "[aria-roledescription][aria-label]:not([aria-roledescription='axis']):not([aria-roledescription='legend'])";

function tip(): HTMLElement {
  const found = document.querySelector<HTMLElement>(".chart-tip");
  if (found) return found;
  const made = document.createElement("div");
  made.className = "chart-tip";
  made.hidden = true;
  made.setAttribute("aria-hidden", "true");
  document.body.append(made);
  return made;
}

function show(mark: Element): void {
  const box = mark.getBoundingClientRect();
  const words = tip();
  words.textContent = mark.getAttribute("aria-label");
  words.hidden = false;
  const left = Math.min(Math.max(8, box.left + box.width / 2 - words.offsetWidth / 2), window.innerWidth - words.offsetWidth - 8);
  const above = box.top - words.offsetHeight - 8;
  words.style.left = `${left}px`;
  words.style.top = `${above > 4 ? above : box.bottom + 8}px`;
}

function hide(): void {
  tip().hidden = true;
}

/** One stop of the Tab key for each chart; arrows, Home and End walk over its marks. */
function walk(marks: SVGElement[]): void {
  marks.forEach((mark, index) => {
    mark.setAttribute("data-mark", "");
    mark.setAttribute("tabindex", index === 0 ? "0" : "-1");
    mark.setAttribute("role", "img");
    mark.addEventListener("pointerenter", () => show(mark));
    mark.addEventListener("pointerleave", hide);
    mark.addEventListener("focus", () => show(mark));
    mark.addEventListener("blur", hide);
    mark.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -index, End: marks.length - 1 - index }[event.key];
      if (event.key === "Escape") hide();
      if (step === undefined) return;
      event.preventDefault();
      const next = marks[Math.min(Math.max(0, index + step), marks.length - 1)];
      if (!next) return;
      mark.setAttribute("tabindex", "-1");
      next.setAttribute("tabindex", "0");
      next.focus();
    });
  });
}

export function readableCharts(part: ParentNode): void {
  for (const chart of part.querySelectorAll<HTMLElement>("[data-chart]:not([data-read])")) {
    chart.setAttribute("data-read", "");
    const drawing = chart.querySelector("svg");
    const marks = [...chart.querySelectorAll<SVGElement>(MARKS)].filter((mark) => !mark.closest("[aria-hidden='true']"));
    if (!drawing || marks.length === 0) continue;
    // read as a group of marks instead of one picture, now that each of them can be reached
    drawing.setAttribute("role", "group");
    walk(marks);
  }
}
