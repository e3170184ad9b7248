// Taking forms on the road: the service worker, and the published forms in its cache before they are needed.
import type { Form } from "./person";
import { LANGUAGES } from "./words";

/** Forms and their media; a version never changes, so what is here is never asked for again. */
export const FORMS_CACHE = "marsad-forms-published";

/** One worker for the forms of each language, and for no other page. */
export async function registerWorkers(): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  await Promise.all(
    LANGUAGES.map((language) => navigator.serviceWorker.register(`/${language}/forms/worker.js`, { scope: `/${language}/forms/` })),
  ).catch(() => undefined);
}

/** Fetch what is not here yet, and let go of versions that are no longer published. */
export async function keepForms(forms: readonly Form[], drafts: readonly Form[]): Promise<void> {
  if (!("caches" in globalThis)) return;
  const cache = await caches.open(FORMS_CACHE);
  const wanted = new Set([...forms, ...drafts].flatMap(addresses));
  for (const { url } of await cache.keys()) {
    if (!wanted.has(new URL(url).pathname)) await cache.delete(url);
  }
  for (const address of wanted) {
    if (await cache.match(address)) continue;
    const answer = await fetch(address, { credentials: "same-origin" }).catch(() => undefined);
    if (answer?.ok && !answer.redirected) await cache.put(address, answer);
  }
}

function addresses({ at, media }: Form): string[] {
  return [`${at}form.xml`, ...media.map((name) => `${at}media/${encodeURIComponent(name)}`)];
}
