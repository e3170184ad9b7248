"""Citations that will not change: as a sentence, as BibTeX, and as CSL-JSON for reference managers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

_TEX: Final = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "%": r"\%",
    "&": r"\&",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


@dataclass(frozen=True)
class Cited:
    """What is cited. ``version`` is the edition, ``url`` an address at which it stays as it is."""

    key: str
    title: str
    author: str
    publisher: str
    issued: date
    version: str
    url: str
    language: str
    kind: str = "dataset"


def citation_text(cited: Cited, edition_word: str) -> str:
    """The citation as one line.

    >>> note = Cited("k", "Asylum", "Observatory", "Rabat", date(2026, 10, 1), "2026-1", "https://x.org/e/2026-1/", "en")
    >>> citation_text(note, "edition")
    'Observatory (2026). Asylum [edition 2026-1, 2026-10-01]. Rabat. https://x.org/e/2026-1/'
    """
    number, day, comma = cited.version, str(cited.issued), ", "
    if cited.language == "ar":
        # Numbers with hyphens would be turned about inside Arabic words.
        number, day, comma = f"\u2066{number}\u2069", f"\u2066{day}\u2069", "، "
    edition = f"{edition_word} {number}{comma}{day}" if cited.version else day
    return f"{cited.author} ({cited.issued.year}). {cited.title} [{edition}]. {cited.publisher}. {cited.url}"


def bibtex(cited: Cited) -> str:
    """An entry of a BibTeX or biblatex file."""
    fields = {
        "author": f"{{{_tex(cited.author)}}}",
        "title": f"{{{_tex(cited.title)}}}",
        "year": str(cited.issued.year),
        "month": str(cited.issued.month),
        "version": _tex(cited.version),
        "publisher": f"{{{_tex(cited.publisher)}}}",
        "url": cited.url,
        "language": {"fr": "french", "ar": "arabic", "en": "english"}.get(cited.language, cited.language),
    }
    key = re.sub(r"[^A-Za-z0-9:.-]+", "-", cited.key)
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    return f"@{'dataset' if cited.kind == 'dataset' else 'misc'}{{{key},\n" + ",\n".join(lines) + "\n}\n"


def _tex(text: str) -> str:
    return "".join(_TEX.get(character, character) for character in text)


def csl_json(cited: Cited) -> list[dict[str, Any]]:
    """The citation as CSL-JSON: a list of one item."""
    return [
        {
            "id": cited.key,
            "type": cited.kind,
            "title": cited.title,
            "author": [{"literal": cited.author}],
            "publisher": cited.publisher,
            "issued": {"date-parts": [[cited.issued.year, cited.issued.month, cited.issued.day]]},
            **({"version": cited.version} if cited.version else {}),
            "URL": cited.url,
            "language": cited.language,
        }
    ]
