"""Search without a server: the index of stems in small parts of JSON, one per first letter and language.

A browser has no Snowball stemmer, so each part also holds the forms of words that occur on the pages, each with its stem.
The script of the search page weighs as ``marsad.observatory.search`` does.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any, Final

from django.utils.translation import override

from marsad.observatory.models import SearchEntry, SearchStem
from marsad.observatory.search import Found
from marsad.observatory.views_search import shown
from marsad.web import stemming

_MAIN: Final = re.compile(r"<main\b.*?</main>", re.DOTALL)
_PICTURE: Final = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
_MARKUP: Final = re.compile(r"<[^>]*>")
_WORD: Final = re.compile(r"[^\W_]+")
_LONGEST_SUMMARY: Final = 220


@dataclass(frozen=True)
class Entry:
    """One page that can be found; ``address`` as on the living observatory."""

    key: int
    title: str
    summary: str
    kind: str
    address: str


def words_on(page: str) -> frozenset[str]:
    """The words of what a page says, as they stand there, in lower case."""
    main = _MAIN.search(page)
    text = unescape(_MARKUP.sub(" ", _PICTURE.sub(" ", main[0]))) if main else ""
    return frozenset(word for word in _WORD.findall(text.lower().replace("ـ", "")) if len(word) >= stemming.SHORTEST)


def entries(language: str) -> list[Entry]:
    """Every page that the search of a language knows, in the order of its index."""
    found = []
    with override(language):
        for entry in SearchEntry.objects.filter(language=language).order_by("kind", "code"):
            told = shown(Found(entry.kind, entry.code, entry.title, entry.summary, 0.0))
            summary = entry.summary[:_LONGEST_SUMMARY]
            found.append(Entry(entry.pk, entry.title, summary, str(told["label"]), str(told["url"])))
    return found


def by_kind(known: Iterable[Entry]) -> list[tuple[str, list[Entry]]]:
    """The same for a reader without scripts: kind by kind, by title."""
    groups: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in sorted(known, key=lambda entry: (stemming.plain(entry.title), entry.address)):
        groups[entry.kind].append(entry)
    return sorted(groups.items())


def index_parts(
    language: str, known: list[Entry], addresses: Mapping[int, str], words: Iterable[str]
) -> dict[str, str]:
    """The files of the index of a language, by name: ``entries.json``, and one part for each first letter that it names.

    ``addresses`` gives the link to each entry from the search page; ``words`` are those that occur on the pages.
    """
    place = {entry.key: number for number, entry in enumerate(known)}
    stems: defaultdict[str, list[list[int]]] = defaultdict(list)
    kept = SearchStem.objects.filter(entry__language=language).order_by("stem", "entry__kind", "entry__code")
    for stem, entry, weight in kept.values_list("stem", "entry_id", "weight").iterator():
        stems[stem].append([place[entry], weight])
    parts: defaultdict[str, dict[str, dict[str, Any]]] = defaultdict(lambda: {"forms": {}, "stems": {}})
    for stem in sorted(stems):
        parts[stem[:1]]["stems"][stem] = stems[stem]
    for form, found in sorted(_forms(words, language, frozenset(stems)).items()):
        parts[form[:1]]["forms"][form] = found
    listed = [[entry.title, entry.summary, entry.kind, addresses[entry.key]] for entry in known]
    return {
        "entries.json": _written({"letters": "".join(sorted(parts)), "entries": listed}),
        **{f"{_code_point(letter)}.json": _written(part) for letter, part in parts.items()},
    }


def _forms(words: Iterable[str], language: str, stems: frozenset[str]) -> dict[str, list[str]]:
    """Of each form its stems, where the index has them and they differ from the form."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for word in words:
        bare = stemming.without_article(word, language)
        for stem in stemming.stems(word, language):
            if stem in stems:
                found[stemming.plain(bare)].add(stem)
    return {form: sorted(of_form) for form, of_form in found.items() if of_form != {form}}


def _code_point(letter: str) -> str:
    return f"{ord(letter):04x}"


def _written(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
