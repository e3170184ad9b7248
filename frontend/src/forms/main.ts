// The forms: the list of questionnaires with what waits on this device, and the page on which one is filled.
import { button, el } from "./dom";
import { drawQueue } from "./queue";
import { keepForms, registerWorkers } from "./keep";
import { formsBase, SIGNED_OUT, whoIsHere, type Form, type Here, type Person } from "./person";
import { listed, onChange, type Listed } from "./records";
import { postman } from "./sending";
import { whileStored } from "./store";
import { asLanguage, language, LANGUAGE_NAMES, LANGUAGES, say, sayCount, speak, type Language } from "./words";
import type { FormPage } from "./filling";

const base = formsBase();
const app = document.querySelector<HTMLElement>("[data-forms-app]");
const queuePlace = document.querySelector<HTMLElement>("[data-forms-queue]");
const live = el("p", { class: "visually-hidden", "aria-live": "polite" });
const badge = document.querySelector<HTMLElement>("[data-forms-waiting]");
let person: Person | undefined;
let open: FormPage | undefined;
let redraw: () => void = () => undefined;

function tell(words: string): void {
  live.textContent = words;
}

const post = postman(base, (here, sent) => {
  arrive(here);
  if (sent.stored) tell(sayCount("sent", "sentMany", sent.stored));
  count();
});

function arrive(here: Here): void {
  const before = person;
  person = here === SIGNED_OUT ? undefined : here;
  if (before && person?.owner !== before.owner) {
    // somebody else, or nobody any more: what is open closes
    open?.close();
    open = undefined;
    whileStored(start());
  } else {
    redraw();
  }
}

function count(): void {
  whileStored(counted());
}

async function counted(): Promise<void> {
  if (!badge || !person) return;
  const waiting = (await listed(person)).filter(({ state }) => state !== "draft").length;
  badge.hidden = waiting === 0;
  badge.textContent = sayCount("waiting", "waitingMany", waiting);
}

async function start(): Promise<void> {
  const here = await whoIsHere(base);
  person = here === SIGNED_OUT ? undefined : here;
  if (!person) return closedPage();
  const drafts = (await listed(person)).filter(({ state }) => state === "draft");
  if (person.line) void keepForms(person.forms, drafts.map(({ about }) => about.form));
  const code = new RegExp(`^${base}([^/]+)/$`).exec(location.pathname)?.[1];
  if (app && code && code !== "shell") await formPage(person, decodeURIComponent(code), new URLSearchParams(location.hash.slice(1)).get("draft") ?? undefined);
  else listPage();
  post.send();
}

function closedPage(): void {
  const words = el("p", {}, say("closed"));
  const signIn = el("a", { class: "btn btn-primary", href: `${base}?` }, say("signIn"));
  redraw = () => undefined;
  (app ?? queuePlace)?.replaceChildren(el("section", { class: "form-closed" }, words, signIn));
}

function address(code: string, draft?: string): string {
  return `${base}${encodeURIComponent(code)}/${draft ? `#draft=${draft}` : ""}`;
}

function openRecord({ about, id }: Listed): void {
  location.assign(address(about.form.code, id));
}

function listPage(): void {
  const place = queuePlace ?? el("section", { class: "form-device" });
  if (app && person) {
    const entries = person.forms.map((form) => el("li", {}, el("a", { href: address(form.code), dir: "auto" }, form.title[language()])));
    const forms = entries.length ? el("ul", { class: "form-list" }, ...entries) : el("p", {}, say("emptyForms"));
    app.replaceChildren(el("h1", {}, say("forms")), forms, place, live);
  } else {
    place.after(live);
  }
  redraw = () => {
    if (person) whileStored(drawQueue(place, person, { open: openRecord, send: () => post.send() }).then(count));
  };
  redraw();
}

async function formPage(here: Person, code: string, draft?: string): Promise<void> {
  if (!app) return;
  const form = here.forms.find((one) => one.code === code) ?? (await draftForm(here, draft));
  if (!form) return problem(say("formMissing"));
  app.replaceChildren(el("p", { role: "status" }, say("loading")));
  try {
    const { FormPage } = await import("./filling");
    const desk = { tell, finished: () => finished(form), toForms: () => location.assign(base) };
    open = await FormPage.open(here, form, desk, draft);
    app.replaceChildren(open.element, live);
    app.dataset["ready"] = "";
  } catch (fault) {
    problem(say(fault instanceof TypeError ? "formMissing" : "formBroken"));
  }
  redraw = count;
}

async function draftForm(here: Person, draft?: string): Promise<Form | undefined> {
  return draft ? (await listed(here)).find(({ id }) => id === draft)?.about.form : undefined;
}

function problem(words: string): void {
  app?.replaceChildren(el("section", { class: "form-closed", role: "alert" }, el("p", {}, words), el("a", { href: base }, say("toForms"))));
}

function finished(form: Form): void {
  open = undefined;
  const title = el("h1", { tabindex: -1 }, say("thanks"));
  const again = button(say("startAgain"), "btn-primary", () => {
    history.replaceState(null, "", address(form.code));
    if (person) void formPage(person, form.code);
  });
  app?.replaceChildren(
    el("section", { class: "form-done", "data-done": true }, title, el("p", { role: "status" }, say("queued")), el("div", { class: "form-buttons" }, again, el("a", { class: "btn btn-outline-primary", href: base }, say("toForms")))),
    live,
  );
  title.focus();
  count();
  post.send();
}

/** Turn words, direction and style sheet to another language, without leaving what is being filled. */
function turn(next: Language): void {
  speak(next);
  document.documentElement.lang = next;
  document.documentElement.dir = next === "ar" ? "rtl" : "ltr";
  const style = document.querySelector<HTMLLinkElement>("link[data-style]");
  if (style) style.href = (next === "ar" ? style.dataset["rtl"] : style.dataset["ltr"]) ?? style.href;
  for (const choice of document.querySelectorAll<HTMLButtonElement>("[data-language]")) {
    choice.setAttribute("aria-pressed", String(choice.dataset["language"] === next));
  }
  const brand = document.querySelector("[data-forms-brand]");
  if (brand) brand.textContent = say("forms");
  open?.turnLanguage();
  if (!open && !app?.querySelector("[data-done]")) person ? listPage() : closedPage();
  count();
}

/** The languages of the page that fills a form: switching keeps every answer. */
function languageButtons(place: HTMLElement): void {
  for (const code of LANGUAGES) {
    const choice = button(LANGUAGE_NAMES[code], "btn-sm form-language", () => turn(code), { lang: code, "data-language": code, "aria-pressed": String(code === language()) });
    place.append(choice);
  }
}

/** The browser's own offer to install, shown where it has one. */
function offerInstall(place: HTMLElement): void {
  window.addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    const offer = event as Event & { prompt(): Promise<unknown> };
    const accept = button(say("install"), "btn-outline-primary btn-sm", () => void offer.prompt().then(() => (place.hidden = true)));
    place.replaceChildren(el("p", {}, say("installHint")), accept);
    place.hidden = false;
  });
}

speak(asLanguage(document.documentElement.lang));
const languages = document.querySelector<HTMLElement>("[data-forms-languages]");
if (languages) languageButtons(languages);
const install = document.querySelector<HTMLElement>("[data-forms-install]");
if (install) offerInstall(install);
onChange(() => {
  redraw();
  count();
});
void registerWorkers();
whileStored(start());
