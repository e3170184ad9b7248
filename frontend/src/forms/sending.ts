// When to send: at once, when the network returns, when the page is opened, and again and again in between, ever more patiently.
import { whoIsHere, SIGNED_OUT, type Here } from "./person";
import { sendWaiting, type Sent } from "./sender";
import { whileStored } from "./store";

const FIRST_PAUSE = 5_000;
const LONGEST_PAUSE = 300_000;
export const SYNC_TAG = "marsad-forms";

export interface Postman {
  /** Send now what can be sent. */
  send(): void;
}

/** ``arrived`` hears who is here and what was sent, after each try. */
export function postman(base: string, arrived: (here: Here, sent: Sent) => void): Postman {
  let pause = FIRST_PAUSE;
  let timer: number | undefined;
  let running = false;
  async function once(): Promise<void> {
    window.clearTimeout(timer);
    const here = await whoIsHere(base);
    const nothing: Sent = { stored: 0, refused: 0, later: 0 };
    const sent = here === SIGNED_OUT ? nothing : await sendWaiting(here);
    arrived(here, sent);
    if (here === SIGNED_OUT) return;
    const unreached = !here.line || sent.later > 0;
    pause = unreached ? Math.min(pause * 2, LONGEST_PAUSE) : FIRST_PAUSE;
    if (unreached) {
      timer = window.setTimeout(() => send(), pause);
      void askForSync();
    }
  }
  function send(): void {
    if (running) return;
    running = true;
    whileStored(once().finally(() => (running = false)));
  }
  window.addEventListener("online", () => {
    pause = FIRST_PAUSE;
    send();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") send();
  });
  return { send };
}

/** Where the browser can, the service worker sends even after the page is closed. */
async function askForSync(): Promise<void> {
  const registration = (await navigator.serviceWorker?.getRegistration()) as
    | (ServiceWorkerRegistration & { sync?: { register(tag: string): Promise<void> } })
    | undefined;
  await registration?.sync?.register(SYNC_TAG).catch(() => undefined);
}
