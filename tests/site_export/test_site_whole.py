"""Nothing is forgotten: every public route is written or stands in a list of those left out; search knows forms of words."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.urls import URLPattern

from marsad.observatory import urls, urls_open
from marsad.observatory.site_addresses import ANSWERS, route_of
from marsad.web.stemming import plain, stems, without_article

pytestmark = pytest.mark.django_db
# The same citation stands under the number of its publication, and is written there.
CITED_BY_PUBLICATION = {f"open:cite_indicator_{form}" for form in ("bib", "json", "txt")}
# Pages about one thing of a kind of which the small city has none.
NONE_IN_THE_CITY = {
    f"observatory:{name}"
    for name in ("asked_request", "dialogue_challenge", "dialogue_report", "dialogue_session", "discussion", "rests_on")
}


def address_of(file: str) -> str:
    """Where a file stands on the living observatory, without the choice that its name may hold."""
    return "/" + re.sub(r"(?<=/)[^/]*=[^/]*/|\.[^/.]*=[^/.]*(?=\.)", "", file).removesuffix("index.html")


def test_every_public_route_is_written_or_left_out_for_a_reason(written: Path) -> None:
    names = json.loads((written / "manifest.json").read_text(encoding="utf-8"))["files"]
    found = {route_of(address_of(name)) for name in names}
    routes = {
        f"{space}:{pattern.name}"
        for space, patterns in (("observatory", urls.urlpatterns), ("open", urls_open.urlpatterns))
        for pattern in patterns
        if isinstance(pattern, URLPattern)
    }
    assert len(routes) > 120
    answers = {route for route in routes if ANSWERS.fullmatch(route)}
    assert not found & (answers | NONE_IN_THE_CITY | CITED_BY_PUBLICATION), "what is written is not said to be left out"
    assert routes - found == answers | NONE_IN_THE_CITY | CITED_BY_PUBLICATION


class StaticIndex:
    """The index of a language as the script of the search page reads it."""

    def __init__(self, root: Path) -> None:
        known = json.loads((root / "entries.json").read_text(encoding="utf-8"))
        self.titles = [title for title, *_ in known["entries"]]
        parts = [json.loads((root / f"{ord(letter):04x}.json").read_text("utf-8")) for letter in known["letters"]]
        assert len(parts) == len(list(root.glob("*.json"))) - 1, "each part is named, and no other"
        self.forms = {form: found for part in parts for form, found in part["forms"].items()}
        self.stems = {stem: found for part in parts for stem, found in part["stems"].items()}

    def found(self, word: str, language: str) -> set[int]:
        """The entries that hold a word, in any form that the pages have of it."""
        asked = plain(without_article(word.lower(), language))
        return {entry for stem in {asked, *self.forms.get(asked, ())} for entry, _ in self.stems.get(stem, ())}


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [("fr", "residence", "residents"), ("fr", "source", "sources"), ("en", "populations", "population"),
     ("en", "indicators", "indicator"), ("ar", "كلمات", "الكلمات")],
)  # fmt: skip
def test_search_finds_other_forms_of_a_word(written: Path, language: str, one: str, other: str) -> None:
    index = StaticIndex(written / "search" / language)
    assert stems(one, language) == stems(other, language)
    assert index.found(one, language) == index.found(other, language) != set()


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_search_finds_every_page_by_each_word_of_its_title_as_the_server_does(written: Path, language: str) -> None:
    index = StaticIndex(written / "search" / language)
    assert len(index.titles) > 20
    for entry, title in enumerate(index.titles):
        for word in re.findall(r"[^\W_]{2,}", title):
            (stem,) = stems(word, language)
            there = {found for found, _ in index.stems[stem]}
            assert entry in there
            assert there <= index.found(word, language), (title, word)
