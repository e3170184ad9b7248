"""Search in three languages: any form of a word, codes, the beginning of the last word; the page, empty and paged."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marsad.observatory.models import SearchEntry
from marsad.observatory.search import LONGEST_TITLE, Document, Found, plain, reindex, search, stems
from marsad.observatory.views_search import shown
from marsad.web.words import LANGUAGES


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("fr", "logements", "logement"),
        ("fr", "réfugiées", "réfugié"),
        ("en", "households", "household"),
        ("en", "migrations", "migration"),
        ("ar", "السكان", "سكان"),
        ("ar", "الأسر", "أسر"),
    ],
)
def test_forms_of_a_word_share_a_stem(language, one, other):
    assert stems(one, language) == stems(other, language)


def test_accents_and_arabic_variants_do_not_matter():
    assert plain("Éducation") == plain("EDUCATION")
    assert plain("إقامة") == plain("اقامه")


@given(st.text(max_size=80), st.sampled_from(["fr", "ar", "en"]))
def test_any_text_can_be_stemmed(text, language):
    assert all(0 < len(stem) <= 60 for stem in stems(text, language) if stem)


@pytest.mark.django_db
class TestIndex:
    def found(self, words, language="en"):
        return [(result.kind, result.code) for result in search(words, language)]

    def test_a_code_finds_its_indicator_first(self, small_city):
        assert self.found("HOU-02")[0] == ("indicator", "HOU-02")

    def test_a_place_is_found_in_arabic(self, small_city):
        assert ("area", "04.421.01.06") in self.found("كلمات Souissi", "ar")

    def test_the_beginning_of_the_last_word_is_enough(self, small_city):
        assert ("area", "04.421.01.06") in self.found("Soui")

    def test_every_word_counts(self, small_city):
        assert set(self.found("Foreign residents 86206")) == {("figure", "F2")}

    def test_what_only_part_of_the_words_fits_is_better_than_nothing(self, small_city):
        assert ("area", "04.421.01.06") in self.found("Souissi zebra")

    def test_nothing_is_found_for_nothing(self, small_city):
        assert self.found("   ") == []
        assert self.found("zebra") == []

    def test_each_language_has_its_own_index(self, small_city):
        assert SearchEntry.objects.filter(language="ar").count() == SearchEntry.objects.filter(language="fr").count()

    def test_loading_again_does_not_double_it(self, small_city, small_root):
        from observatory.test_load_city import reload

        before = SearchEntry.objects.count()
        (small_root / "pages" / "about.fr.md").write_text("# Autre texte\n", "utf-8")
        reload(small_root)
        assert SearchEntry.objects.count() == before

    @pytest.mark.parametrize("language", ["fr", "ar", "en"])
    def test_the_page_leads_to_every_kind_of_result(self, small_city, client, language):
        page = client.get(f"/{language}/search/", {"q": "HOU-02"})
        assert page.status_code == 200
        assert "/indicators/HOU-02/" in page.content.decode()

    def test_the_empty_page_and_the_page_without_results_say_what_to_do(self, small_city, client):
        assert "HOU-02" in client.get("/en/search/").content.decode()
        assert "Nothing found" in client.get("/en/search/", {"q": "zebra"}).content.decode()

    def test_what_was_searched_comes_back_escaped(self, small_city, client):
        page = client.get("/en/search/", {"q": "<script>alert(1)</script>"}).content.decode()
        assert "<script>alert(1)" not in page


def test_every_kind_of_result_leads_to_the_page_of_what_was_found():
    """A list may run over several pages: a place in it is no address of one of its entries."""
    found = [
        shown(Found(kind, code, "", "", 1.0))["url"]
        for kind, code in (("actor", "press"), ("source", "hcp"), ("tag", "SDG-10"))
    ]
    assert [address.partition("/")[2].partition("/")[2] for address in found] == [
        "organisations/press/", "sources/hcp/", "goals/#SDG-10",
    ]  # fmt: skip


@pytest.mark.django_db
def test_a_title_longer_than_the_index_holds_is_cut_and_found_by_its_last_word() -> None:
    title = " ".join(["services"] * 60 + ["microfinance"])
    record = SimpleNamespace(**{f"title_{language}": title for language in LANGUAGES})
    reindex([Document("tag", "SDG-1.4", record, "title")])
    [entry] = SearchEntry.objects.filter(language="en")
    assert len(entry.title) == SearchEntry._meta.get_field("title").max_length == LONGEST_TITLE
    assert [one.code for one in search("microfinance", "en")] == ["SDG-1.4"]
