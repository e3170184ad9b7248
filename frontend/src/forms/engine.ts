// The one place that speaks to the XForms engine: opening a form, its languages, its files, and telling when anything changed.
import {
  loadForm,
  type AnyNode,
  type FormLanguage,
  type InstanceData,
  type OpaqueReactiveObjectFactory,
  type RankNode as Rank,
  type RootNode,
  type SelectItem as Item,
  type SelectNode as Select,
} from "@getodk/xforms-engine";
import type { Form } from "./person";
import type { Language } from "./words";

export type { AnyNode, Item, Rank, RootNode, Select };

export interface Filling {
  readonly root: RootNode;
  /** The address of a picture, sound or film of the form itself; empty where the form has no such file. */
  media(source: URL | undefined): string;
}

/** How the form's author wants a question to look, by ODK's names. */
export function looks(node: AnyNode | Select, appearance: string): boolean {
  return Boolean((node.appearances as unknown as Record<string, boolean> | null)?.[appearance]);
}

/** The engine writes its state into these objects; any write asks the page to look again, once per turn. */
function watched(changed: () => void): OpaqueReactiveObjectFactory {
  let asked = false;
  const ask = (): void => {
    if (asked) return;
    asked = true;
    queueMicrotask(() => {
      asked = false;
      changed();
    });
  };
  return <Watched extends object>(state: Watched): Watched =>
    new Proxy(state, {
      set(target, name, value) {
        const differs = Reflect.get(target, name) !== value;
        const written = Reflect.set(target, name, value);
        if (differs) ask();
        return written;
      },
    });
}

function fileName(source: URL): string {
  return decodeURIComponent(source.href.split("/").pop() ?? "");
}

/** A new record of the form, or a draft's files put back into it. Raises ``Error`` where the form cannot be read. */
export async function fill(form: Form, changed: () => void, draft?: readonly File[]): Promise<Filling> {
  const media = (source: URL | undefined): string => {
    const name = source ? fileName(source) : "";
    return form.media.includes(name) ? `${form.at}media/${encodeURIComponent(name)}` : "";
  };
  const missing = { status: 404, ok: false, blob: async () => new Blob(), text: async () => "" };
  const loaded = await loadForm(await formText(form), {
    fetchFormAttachment: async (source) => {
      const address = media(source);
      return address ? fetch(address, { credentials: "same-origin" }) : missing;
    },
    missingResourceBehavior: "BLANK",
  });
  if (loaded.status === "failure") throw new Error(String(loaded.error.message));
  const options = { stateFactory: watched(changed) };
  const instance = draft ? await loaded.restoreInstance({ data: [asData(draft)] }, options) : loaded.createInstance(options);
  return { root: instance.root, media };
}

async function formText(form: Form): Promise<string> {
  const answer = await fetch(`${form.at}form.xml`, { credentials: "same-origin" });
  if (!answer.ok || answer.redirected) throw new TypeError("the form is not here");
  return answer.text();
}

function asData(files: readonly File[]): InstanceData {
  const form = new FormData();
  for (const [index, file] of files.entries()) form.set(index === 0 ? "xml_submission_file" : file.name, file);
  return form as unknown as InstanceData;
}

/** The record's XML first, then its attachments. */
export async function filesOf(root: RootNode): Promise<File[]> {
  const { data } = await root.prepareInstancePayload();
  const files = [...data[0].entries()].map(([name, file]) => new File([file], name === "xml_submission_file" ? "record.xml" : name, { type: file.type }));
  return files.sort((one, other) => Number(other.name === "record.xml") - Number(one.name === "record.xml"));
}

function codeOf(language: FormLanguage | { readonly language: string }): string {
  const locale = "locale" in language ? language.locale?.language : undefined;
  const inBrackets = /\(([A-Za-z-]{2,})\)\s*$/.exec(language.language)?.[1];
  return (locale ?? inBrackets ?? language.language).toLowerCase();
}

/** Turn the form to a language; a form that does not have it keeps its own. Says which language it speaks now. */
export function turnTo(root: RootNode, language: Language): string {
  const wanted = root.languages.find((one): one is FormLanguage => !one.isSyntheticDefault && codeOf(one).startsWith(language));
  if (wanted) root.setLanguage(wanted);
  return codeOf(root.currentState.activeLanguage as FormLanguage);
}
