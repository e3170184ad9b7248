"""Search over the public pages, stemmed in French, Arabic and English; an inverted index in the relational database.

The corpus is a few hundred pages in three languages, and both databases must answer alike: neither SQLite's nor PostgreSQL's
own full-text search stems Arabic in the same way (docs/adr).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from marsad.observatory.models import SearchEntry, SearchStem
from marsad.web.stemming import plain, stems
from marsad.web.words import LANGUAGES, said

__all__ = ["Document", "Found", "indexed_kinds", "plain", "reindex", "search", "stems"]

_TITLE_WEIGHT, _TEXT_WEIGHT = 10, 1
LONGEST_TITLE = 300
MOST_WORDS = 12  # each asks the database once
_BATCH = 5000


@dataclass(frozen=True)
class Document:
    """What is indexed of one page: its trilingual record, and the fields that make title and text."""

    kind: str
    code: str
    record: Any
    title: str
    text: Sequence[str] = ()
    keywords: str = ""


@dataclass(frozen=True)
class Found:
    kind: str
    code: str
    title: str
    summary: str
    score: float


def reindex(documents: Iterable[Document]) -> int:
    """Write the whole index anew, inside the caller's transaction; returns the number of entries."""
    SearchEntry.objects.all().delete()
    entries, weights = [], []
    for document in documents:
        for language in LANGUAGES:
            title = said(document.record, document.title, language)
            texts = [said(document.record, field, language) for field in document.text]
            entries.append(
                SearchEntry(
                    kind=document.kind,
                    code=document.code,
                    language=language,
                    title=_fitting(title),
                    summary=next((text for text in texts if text), ""),
                )
            )
            weights.append(_weights(title, [*texts, document.keywords], document.code, language))
    stored = SearchEntry.objects.bulk_create(entries, batch_size=_BATCH)
    SearchStem.objects.bulk_create(
        (
            SearchStem(entry=entry, stem=stem, weight=weight)
            for entry, stems_of_entry in zip(stored, weights, strict=True)
            for stem, weight in stems_of_entry.items()
        ),
        batch_size=_BATCH,
    )
    return len(stored)


def _fitting(title: str) -> str:
    """A title as the index holds it: the official words of some targets are longer than its column. All of them count."""
    return title if len(title) <= LONGEST_TITLE else f"{title[: LONGEST_TITLE - 1]}…"


def _weights(title: str, texts: Sequence[str], code: str, language: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for stem in stems(f"{title} {code}", language):
        found[stem] = max(found[stem], _TITLE_WEIGHT)
    for text in texts:
        for stem in set(stems(text, language)):
            found[stem] += _TEXT_WEIGHT
    return found


def search(words: str, language: str, *, limit: int = 200) -> list[Found]:
    """Pages that hold every word searched for, the best first; where none does, those that hold most of them.

    A word counts the more, the rarer it is in the pages of the language (inverse document frequency); the last
    word may be the beginning of one.
    """
    wanted = list(dict.fromkeys(stems(words, language)))[:MOST_WORDS]
    if not wanted:
        return []
    total = SearchEntry.objects.filter(language=language).count()
    scores: Counter[int] = Counter()
    matched: Counter[int] = Counter()
    for position, stem in enumerate(wanted):
        hits = SearchStem.objects.filter(entry__language=language)
        hits = hits.filter(stem__startswith=stem) if position == len(wanted) - 1 else hits.filter(stem=stem)
        best: dict[int, int] = {}
        for entry, weight in hits.values_list("entry_id", "weight"):
            best[entry] = max(best.get(entry, 0), weight)
        rarity = math.log(1 + total / max(1, len(best)))
        for entry, weight in best.items():
            scores[entry] += weight * rarity  # type: ignore[assignment]
            matched[entry] += 1
    if not matched:
        return []
    most = max(matched.values())
    ranked = sorted((entry for entry in matched if matched[entry] == most), key=lambda entry: (-scores[entry], entry))
    entries = SearchEntry.objects.in_bulk(ranked[:limit])
    return [
        Found(entry.kind, entry.code, entry.title, entry.summary, scores[entry.pk])
        for entry in (entries[pk] for pk in ranked[:limit])
    ]


def indexed_kinds(language: str) -> dict[str, int]:
    """How many pages of each kind the index holds."""
    kinds = SearchEntry.objects.filter(language=language).values_list("kind").annotate(Count("id"))
    return dict(kinds.order_by("kind"))
