"""``make new WHAT=indicator NAME=HOU-11``: the files of a new thing, to fill in, and what will say that one is forgotten.

What is written is a draft in the city pack: ``marsad check-city`` lists every field that still wants its words.
"""

from __future__ import annotations

import sys
from pathlib import Path

CITY = Path(__file__).resolve().parents[1] / "cities" / "rabat"
LANGUAGES = ("fr", "ar", "en")
TRILINGUAL = {
    "indicator": ("name", "definition"),
    "source": ("title", "licence"),
    "dataflow": ("title", "description", "reason"),
}
PLAIN = {
    "indicator": (
        "theme",
        "sort",
        "name_ar_status",
        "unit",
        "kind",
        "base",
        "additive",
        "decimals",
        "direction",
        "concerns",
    ),
    "source": ("publisher", "url", "vintage"),
    "dataflow": ("source", "adapter", "edition", "published_on"),
}


def record(what: str, name: str) -> str:
    lines = [f'code = "{name}"'] + [f'{field} = ""' for field in PLAIN[what]]
    lines += [f'{field}_{language} = ""' for field in TRILINGUAL[what] for language in LANGUAGES]
    return "\n".join(lines) + "\n"


def files(what: str, name: str) -> dict[Path, str]:
    if what == "indicator":
        folder = CITY / "indicators" / name
        example = "".join(f'statement_{language} = ""\n' for language in LANGUAGES)
        return {
            folder / "indicator.toml": record(what, name),
            folder / "example.toml": example + 'expression = "share(part, whole)"\ninputs = {}\nresult = ""\n',
            **{folder / f"method.{language}.md": "" for language in LANGUAGES},
        }
    return {CITY / f"{what}s" / f"{name.lower()}.toml": record(what, name)}


def main(what: str, name: str) -> int:
    if what not in PLAIN or not name:
        print(f"usage: make new WHAT={'|'.join(PLAIN)} NAME=<code>")
        return 2
    made = files(what, name)
    existing = [path for path in made if path.exists()]
    if existing:
        print(f"{existing[0].relative_to(CITY.parent)} is there already; nothing was written.")
        return 1
    for path, content in made.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")
        print(path.relative_to(CITY.parent.parent))
    print("Fill them in as docs/city-pack.md says; `marsad check-city` lists what is still missing.")
    return 0


if __name__ == "__main__":
    sys.exit(main(*[*sys.argv[1:], "", ""][:2]))
