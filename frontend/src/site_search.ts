// Search on pages that stand as files: the index of stems comes in parts, one per first letter; weighing as on the server.

type Entry = [title: string, summary: string, kind: string, address: string];
type Posting = [entry: number, weight: number];
// Which parts there are by their first letters, so that none is asked for that does not exist.
interface Known { letters: string; entries: Entry[] }
interface Part { forms: Record<string, string[]>; stems: Record<string, Posting[]> }

const MOST_WORDS = 12;
const SHORTEST = 2;
const PER_PAGE = 50;
const ARABIC_FORMS: Record<string, string> = { "أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ة": "ه", "ـ": "" };
const ARTICLE = /^(?:[وبكف]?ال|لل)(?=[\p{L}\p{N}]{3})/u;

/** Lower case, without accents, vowel signs and Arabic letter variants. */
function plain(word: string): string {
  return word.replace(/[أإآىةـ]/g, (letter) => ARABIC_FORMS[letter] ?? letter).normalize("NFKD").replace(/\p{M}/gu, "");
}

function asked(text: string, language: string): string[] {
  const words = text.toLowerCase().replaceAll("ـ", "").match(/[\p{L}\p{N}]+/gu) ?? [];
  const bare = words.filter((word) => word.length >= SHORTEST).map((word) => (language === "ar" ? word.replace(ARTICLE, "") : word));
  return [...new Set(bare.map(plain))].slice(0, MOST_WORDS);
}

class Index {
  private readonly parts = new Map<string, Promise<Part>>();
  private known: Promise<Known> | undefined;

  constructor(private readonly root: string) {}

  private all(): Promise<Known> {
    return (this.known ??= fetch(`${this.root}entries.json`).then((answer) => answer.json() as Promise<Known>));
  }

  async list(): Promise<Entry[]> {
    return (await this.all()).entries;
  }

  private async part(letter: string): Promise<Part> {
    if (![...(await this.all()).letters].includes(letter)) return { forms: {}, stems: {} };
    const found = this.parts.get(letter);
    if (found) return found;
    const name = (letter.codePointAt(0) ?? 0).toString(16).padStart(4, "0");
    const asking = fetch(`${this.root}${name}.json`).then((answer) => answer.json() as Promise<Part>);
    this.parts.set(letter, asking);
    return asking;
  }

  /** The best weight of each entry that holds a word in any of its forms; the last word may be the beginning of one. */
  async holding(word: string, last: boolean): Promise<Map<number, number>> {
    const best = new Map<number, number>();
    const here = await this.part([...word][0] ?? "");
    const stems = new Set([word, ...(here.forms[word] ?? [])]);
    if (last) {
      for (const stem of Object.keys(here.stems)) if (stem.startsWith(word)) stems.add(stem);
    }
    if (![...stems].some((stem) => stem in here.stems) && !here.forms[word]) {
      // a form that no page holds: the longest stem that begins it
      const begun = Object.keys(here.stems).filter((stem) => word.startsWith(stem) && stem.length >= Math.max(4, word.length - 4));
      for (const stem of begun.sort((a, b) => b.length - a.length).slice(0, 1)) stems.add(stem);
    }
    for (const stem of stems) {
      const part = await this.part([...stem][0] ?? "");
      for (const [entry, weight] of part.stems[stem] ?? []) best.set(entry, Math.max(best.get(entry) ?? 0, weight));
    }
    return best;
  }
}

async function ranked(index: Index, words: string[]): Promise<number[]> {
  const total = (await index.list()).length;
  const scores = new Map<number, number>();
  const matched = new Map<number, number>();
  for (const [position, word] of words.entries()) {
    const best = await index.holding(word, position === words.length - 1);
    const rarity = Math.log(1 + total / Math.max(1, best.size));
    for (const [entry, weight] of best) {
      scores.set(entry, (scores.get(entry) ?? 0) + weight * rarity);
      matched.set(entry, (matched.get(entry) ?? 0) + 1);
    }
  }
  const most = Math.max(0, ...matched.values());
  return [...scores.keys()].filter((entry) => matched.get(entry) === most)
    .sort((a, b) => (scores.get(b) ?? 0) - (scores.get(a) ?? 0) || a - b);
}

function row(entry: Entry): HTMLLIElement {
  const [title, summary, kind, address] = entry;
  const item = document.createElement("li");
  const link = document.createElement("a");
  link.href = address;
  link.textContent = title;
  const tag = document.createElement("span");
  tag.className = "tag tag-plain";
  tag.textContent = kind;
  const words = document.createElement("p");
  words.className = "quiet mb-0";
  words.textContent = summary;
  item.append(link, " ", tag, words);
  return item;
}

/** Brings the form of the search page to life; what is searched stands in the address, so that it can be kept and sent. */
export function siteSearch(form: HTMLFormElement): void {
  const field = form.querySelector<HTMLInputElement>("input[type=search]");
  const results = document.querySelector<HTMLElement>("[data-site-results]");
  const status = results?.querySelector<HTMLElement>("[role=status]");
  const list = results?.querySelector<HTMLOListElement>("ol");
  if (!field || !results || !status || !list) return;
  const index = new Index(new URL(form.dataset["siteSearch"] ?? "", document.baseURI).href);
  let latest = 0;

  const show = async (): Promise<void> => {
    const turn = ++latest;
    const words = asked(field.value, document.documentElement.lang);
    const found = words.length > 0 ? await ranked(index, words) : [];
    const entries = await index.list();
    if (turn !== latest) return;
    results.hidden = words.length === 0;
    status.textContent = found.length > 0 ? `${form.dataset["found"] ?? ""}${found.length}` : (form.dataset["none"] ?? "");
    list.replaceChildren(...found.slice(0, PER_PAGE).flatMap((place) => {
      const entry = entries[place];
      return entry ? [row(entry)] : [];
    }));
  };

  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    history.replaceState(null, "", field.value ? `?${new URLSearchParams({ q: field.value }).toString()}` : location.pathname);
    void show();
  });
  field.value = new URLSearchParams(location.search).get("q") ?? "";
  if (field.value) void show();
}
