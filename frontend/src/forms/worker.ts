// The service worker of the forms: pages without a person in them, forms and media from the device; nothing else is kept.
import { FORMS_CACHE } from "./keep";
import { SIGNED_OUT, whoIsHere } from "./person";
import { sendWaiting } from "./sender";
import { SYNC_TAG } from "./sending";

/** What the server writes before this script: the release, the built files, and the pages that stand for every address. */
interface Shell {
  readonly release: string;
  readonly files: readonly string[];
  readonly shells: Record<string, string>;
}
interface Waiting extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface Asked extends Waiting {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}
interface WorkerScope {
  readonly MARSAD_FORMS: Shell;
  readonly location: Location;
  readonly clients: { claim(): Promise<void> };
  readonly registration: { readonly scope: string };
  skipWaiting(): Promise<void>;
  addEventListener(name: "install" | "activate", listener: (event: Waiting) => void): void;
  addEventListener(name: "fetch", listener: (event: Asked) => void): void;
  addEventListener(name: "sync", listener: (event: Waiting & { readonly tag: string }) => void): void;
}
const worker = globalThis as unknown as WorkerScope;
const { release, files, shells } = worker.MARSAD_FORMS;
const SHELL_CACHE = `marsad-forms-shell-${release}`;
const PUBLISHED = /^\/[a-z]{2}\/forms\/[^/]+\/[^/]+\/(?:form\.xml|media\/[^/]+)$/;
const PAGE = /^\/([a-z]{2})\/forms\//;

async function keepShell(): Promise<void> {
  const cache = await caches.open(SHELL_CACHE);
  await cache.addAll([...files, ...Object.values(shells)].map((address) => new Request(address, { cache: "no-cache" })));
  await worker.skipWaiting();
}

async function dropOldShells(): Promise<void> {
  const old = (await caches.keys()).filter((name) => name.startsWith("marsad-forms-shell-") && name !== SHELL_CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await worker.clients.claim();
}

async function page(request: Request, language: string): Promise<Response> {
  try {
    return await fetch(request);
  } catch (unreached) {
    const shell = shells[language];
    const kept = shell ? await caches.match(shell) : undefined;
    if (kept) return kept;
    throw unreached;
  }
}

async function fromDevice(request: Request, cacheName: string): Promise<Response> {
  const kept = await (await caches.open(cacheName)).match(request);
  return kept ?? fetch(request);
}

worker.addEventListener("install", (event) => event.waitUntil(keepShell()));
worker.addEventListener("activate", (event) => event.waitUntil(dropOldShells()));
worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== worker.location.origin) return;
  if (request.mode === "navigate") {
    const language = PAGE.exec(url.pathname)?.[1];
    if (language) event.respondWith(page(request, language));
  } else if (PUBLISHED.test(url.pathname)) {
    event.respondWith(fromDevice(request, FORMS_CACHE));
  } else if (files.includes(url.pathname + url.search)) {
    event.respondWith(fromDevice(request, SHELL_CACHE));
  }
});
worker.addEventListener("sync", (event) => {
  if (event.tag === SYNC_TAG) event.waitUntil(sendInBackground());
});

/** Raising tells the browser to try again later. */
async function sendInBackground(): Promise<void> {
  const here = await whoIsHere(new URL(worker.registration.scope).pathname);
  if (here === SIGNED_OUT) return;
  const { later } = await sendWaiting(here);
  if (!here.line || later) throw new Error("some records still wait");
}
