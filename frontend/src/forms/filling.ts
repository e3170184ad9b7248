// Filling a form: one page at a time, a summary of what is wrong, drafts kept on the way, the sealed record at the end.
import { button, el, mark, write } from "./dom";
import { fill, filesOf, turnTo, type Filling } from "./engine";
import { pageOf, pagesOf, type Page } from "./pages";
import { needsHeading, Parts } from "./parts";
import type { Form, Person } from "./person";
import type { Fault } from "./question";

import { finish, keepDraft, openDraft, type About } from "./records";
import { labelWords, writeLabel } from "./text";
import { language, say } from "./words";

const PAUSE = 2500;

export interface Desk {
  /** Words for those who listen to the page. */
  tell(words: string): void;
  /** The record is sealed and waits: send it if there is a network, and show what comes next. */
  finished(): void;
  toForms(): void;
}

/** One record being filled. */
export class FormPage {
  readonly element = el("div", { class: "form-page" });
  private readonly progress = el("progress", { class: "form-progress", max: 1, value: 0 });
  private readonly counted = el("p", { class: "form-counted" });
  private readonly heading = el("h1", { class: "form-title", tabindex: -1, dir: "auto" });
  private readonly summary = el("div", { class: "form-summary", role: "alert", tabindex: -1, hidden: true });
  private readonly body = el("form", { class: "form-body", novalidate: true, autocomplete: "off" });
  private readonly back = button("", "btn-outline-primary", () => this.turn(-1));
  private readonly next = el("button", { type: "submit", class: "btn btn-primary" });
  private readonly save = button("", "btn-link", () => void this.leave());
  private readonly sheets = new Map<string, Parts>();
  private current = "";
  private timer: number | undefined;
  private changed = false;
  private closed = false;
  private writing: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly person: Person,
    private readonly form: Form,
    private readonly filling: Filling,
    private readonly id: string,
    private readonly desk: Desk,
  ) {
    const buttons = el("div", { class: "form-buttons" }, this.back, this.next);
    this.body.addEventListener("submit", (event) => {
      event.preventDefault();
      this.forward();
    });
    // Enter in a field would end the page on a phone's keyboard before it is read
    this.body.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target instanceof HTMLInputElement) event.preventDefault();
    });
    this.body.addEventListener("focusout", () => this.look());
    this.element.append(el("div", { class: "form-head" }, this.counted, this.progress), this.heading, this.summary, this.body);
    this.body.append(el("div", { "data-sheet": true }), buttons, this.save);
    document.addEventListener("visibilitychange", this.whenHidden);
  }

  /** A new record, or the draft with this name. Raises ``TypeError`` when the form is not on the device, ``Error`` for a broken one. */
  static async open(person: Person, form: Form, desk: Desk, draft?: string): Promise<FormPage> {
    const kept = draft ? await openDraft(person, draft) : undefined;
    const asked = kept?.form ?? form;
    const slot: { page?: FormPage } = {};
    const filling = await fill(asked, () => slot.page?.look(true), kept?.files);
    const page = new FormPage(person, asked, filling, kept && draft ? draft : crypto.randomUUID(), desk);
    slot.page = page;
    page.turnLanguage();
    page.show(page.pages()[kept?.manifest.page ?? 0]?.id ?? "", false);
    return page;
  }

  /** The form in the language of the page. */
  turnLanguage(): void {
    const spoken = turnTo(this.filling.root, language());
    this.body.lang = this.heading.lang = spoken;
    this.hideSummary();
    this.look();
  }

  close(): void {
    this.closed = true;
    window.clearTimeout(this.timer);
    document.removeEventListener("visibilitychange", this.whenHidden);
  }

  private readonly whenHidden = (): void => {
    if (document.visibilityState === "hidden" && this.changed) void this.keep();
  };

  private pages(): Page[] {
    return pagesOf(this.filling.root);
  }

  private place(pages = this.pages()): number {
    return Math.max(0, pages.findIndex(({ id }) => id === this.current));
  }

  private sheet(page: Page): Parts {
    const known = this.sheets.get(page.id);
    if (known) return known;
    const nodesNow = () => this.pages().find(({ id }) => id === page.id)?.nodes ?? [];
    const made = new Parts(this.filling, nodesNow, el("div", { "data-sheet": true }));
    this.sheets.set(page.id, made);
    return made;
  }

  private show(id: string, focus: boolean): void {
    this.current = id;
    this.hideSummary();
    this.look();
    if (!focus) return;
    window.scrollTo(0, 0);
    this.heading.focus({ preventScroll: true });
  }

  /** Look at the engine's state again; ``byEngine`` when something in it has changed. */
  private look(byEngine = false): void {
    if (this.closed) return;
    if (byEngine) this.plan();
    const pages = this.pages();
    const at = this.place(pages);
    const page = pages[at];
    if (!page) return;
    this.current = page.id;
    this.head(pages, at, page);
    const sheet = this.sheet(page);
    const old = this.body.querySelector("[data-sheet]");
    if (old !== sheet.element) old?.replaceWith(sheet.element);
    sheet.update();
    write(this.back, say("back"));
    this.back.hidden = at === 0;
    write(this.next, say(at === pages.length - 1 ? "finish" : "next"));
    write(this.save, say("saveDraft"));
  }

  private head(pages: readonly Page[], at: number, page: Page): void {
    const said = say("page", { page: at + 1, pages: pages.length });
    write(this.counted, said);
    this.progress.max = pages.length;
    this.progress.value = at + 1;
    mark(this.progress, "aria-label", said);
    const group = [...page.groups].reverse().find(({ currentState }) => currentState.label?.asString);
    const label = needsHeading(page.nodes) ? group?.currentState.label ?? null : null;
    writeLabel(this.heading, label, group && needsHeading(page.nodes) ? labelWords(group) : this.form.title[language()]);
    document.title = `${this.form.title[language()]} – ${said}`;
  }

  private turn(by: number): void {
    const pages = this.pages();
    const next = pages[this.place(pages) + by];
    if (!next) return;
    this.show(next.id, true);
    this.desk.tell(say("page", { page: this.place(pages) + 1, pages: pages.length }));
    if (this.changed) void this.keep();
  }

  private forward(): void {
    const pages = this.pages();
    const page = pages[this.place(pages)];
    if (!page) return;
    const sheet = this.sheet(page);
    sheet.insist();
    const faults = sheet.faults();
    if (faults.length) this.summarise(faults);
    else if (this.place(pages) < pages.length - 1) this.turn(1);
    else this.end(pages);
  }

  private end(pages: readonly Page[]): void {
    const { violations } = this.filling.root.validationState;
    const first = violations[0];
    if (!first) return void this.seal();
    const at = pageOf(pages, first.nodeId);
    const page = pages[at];
    if (!page) return this.summariseWords([say("constraint")]);
    this.show(page.id, false);
    this.sheet(page).insist();
    this.summarise(this.sheet(page).faults());
  }

  private summarise(faults: readonly Fault[]): void {
    const links = faults.map(({ node, words, target }) => {
      const link = el("a", { href: `#${target}` }, el("bdi", {}, labelWords(node)), " — ", words);
      link.addEventListener("click", (event) => {
        event.preventDefault();
        const field = document.getElementById(target);
        field?.focus();
        field?.scrollIntoView({ block: "center" });
      });
      return el("li", {}, link);
    });
    this.fillSummary(el("ul", {}, ...links));
  }

  private summariseWords(words: readonly string[]): void {
    this.fillSummary(el("ul", {}, ...words.map((one) => el("li", {}, one))));
  }

  private fillSummary(inside: HTMLElement): void {
    this.summary.replaceChildren(el("h2", {}, say("errorsIntro")), inside);
    this.summary.hidden = false;
    this.summary.focus();
    window.scrollTo(0, 0);
  }

  private hideSummary(): void {
    this.summary.hidden = true;
    this.summary.replaceChildren();
  }

  private about(): About {
    return { form: this.form, at: new Date().toISOString() };
  }

  private plan(): void {
    this.changed = true;
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.keep(), PAUSE);
  }

  /** Keep the draft as it stands. Says whether the device could. */
  private keep(): Promise<boolean> {
    // one write after the other: a late draft must not take the place of the sealed record
    const kept = this.writing.then(() => this.keepNow());
    this.writing = kept;
    return kept;
  }

  private async keepNow(): Promise<boolean> {
    window.clearTimeout(this.timer);
    if (this.closed) return true;
    this.changed = false;
    try {
      const files = await filesOf(this.filling.root);
      if (this.closed) return true;
      await keepDraft(this.person, this.id, this.about(), this.place(), files);
      return true;
    } catch {
      this.changed = true;
      this.summariseWords([say("storeFull")]);
      return false;
    }
  }

  private async leave(): Promise<void> {
    if (!(await this.keep())) return;
    this.close();
    this.desk.tell(say("leaveSaved"));
    this.desk.toForms();
  }

  private async seal(): Promise<void> {
    this.next.disabled = true;
    try {
      const files = await filesOf(this.filling.root);
      this.close();
      await this.writing;
      await finish(this.person, this.id, this.about(), files);
      this.desk.finished();
    } catch {
      this.closed = false;
      this.next.disabled = false;
      this.summariseWords([say("storeFull")]);
    }
  }
}

