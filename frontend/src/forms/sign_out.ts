// Signing out on a device that keeps forms: the person is asked when something would be lost, then nothing of theirs stays.
import { ask } from "./dom";
import { FORMS_CACHE } from "./keep";
import { tellOthers } from "./records";
import { forgetPerson, hasDatabase, recordsOf, session } from "./store";
import { asLanguage, say, speak } from "./words";

/** Asks where something would be lost, deletes what this person has here, and only then lets the sign-out form go. */
export async function leave(form: HTMLFormElement): Promise<void> {
  speak(asLanguage(document.documentElement.lang));
  if (await hasDatabase()) {
    const here = await session();
    const count = here ? (await recordsOf(here.owner)).length : 0;
    if (count && !(await ask(say("signOutAsk", { count }), say("signOutAnyway"), say("stay")))) return;
    const others = await forgetPerson(here?.owner ?? "");
    await globalThis.caches?.delete(FORMS_CACHE);
    tellOthers();
    // Clearing the whole site would take the sealed records of somebody else with it
    if (others) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "keep-records", value: "1" }));
  }
  form.submit();
}
