"""What numbers ask of the words after them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest

from marsad.web import dates, grammar

PEOPLE = {
    "fr": {"one": "personne", "many": "personnes"},
    "en": {"one": "person", "many": "people"},
    "ar": {"one": "شخص", "two": "شخصان", "few": "أشخاص", "many": "شخصا", "other": "شخص"},
}


@dataclass
class Place:
    level: str
    name_fr: str
    name_ar: str
    name_en: str


@pytest.mark.parametrize(
    ("count", "arabic"),
    [(0, "0 شخص"), (1, "شخص واحد"), (2, "شخصان"), (3, "3 أشخاص"), (10, "10 أشخاص"), (11, "11 شخصا"), (99, "99 شخصا"),
     (100, "100 شخص"), (102, "102 شخص"), (103, "103 أشخاص"), (111, "111 شخصا"), (515619, "515\u202f619 شخصا")],
)  # fmt: skip
def test_arabic_counts_agree(count, arabic):
    assert grammar.counted(count, PEOPLE, "ar") == arabic


def test_one_in_the_feminine_agrees():
    assert grammar.counted(1, {"ar": {"one": "أسرة"}}, "ar") == "أسرة واحدة"


@pytest.mark.parametrize(("count", "decimals", "french"), [(0, 0, "0\u00a0personne"), (1, 0, "1\u00a0personne"),
                                                           (1.9, 1, "1,9\u00a0personne"), (2, 0, "2\u00a0personnes")])  # fmt: skip
def test_french_is_plural_from_two(count, decimals, french):
    assert grammar.counted(count, PEOPLE, "fr", decimals) == french


def test_english_is_singular_for_one_alone():
    assert [grammar.counted(n, PEOPLE, "en") for n in (0, 1, 2)] == ["0 people", "1 person", "2 people"]
    assert grammar.counted(1, PEOPLE, "en", 1) == "1.0 people"


def test_a_percentage_takes_its_sign_instead_of_a_noun():
    assert grammar.counted(4.6, {"fr": {"one": "%", "many": "%"}}, "fr", 1) == "4,6\u202f%"


@pytest.mark.parametrize(("number", "french", "english"), [
    (0, "zéro", "zero"), (17, "dix-sept", "seventeen"), (20, "vingt", "twenty"), (21, "vingt et un", "twenty-one"),
    (22, "vingt-deux", "twenty-two"), (31, "trente et un", "thirty-one"), (50, "cinquante", "fifty"), (51, "51", "51"),
])  # fmt: skip
def test_numbers_in_words(number, french, english):
    assert [grammar.in_words(number, language) for language in ("fr", "en")] == [french, english]


@pytest.mark.parametrize(("place", "french", "arabic", "english"), [
    (Place("arrondissement", "Souissi", "السويسي", "Souissi"), "à Souissi", "في السويسي", "in Souissi"),
    (Place("province", "Préfecture de Rabat", "عمالة الرباط", "Prefecture of Rabat"), "dans la préfecture de Rabat",
     "في عمالة الرباط", "in the prefecture of Rabat"),
    (Place("country", "Maroc", "المغرب", "Morocco"), "au Maroc", "في المغرب", "in Morocco"),
    (Place("country", "France", "فرنسا", "France"), "en France", "في فرنسا", "in France"),
    (Place("region", "Souss-Massa", "سوس-ماسة", "Souss-Massa"), "dans la région Souss-Massa", "في جهة سوس-ماسة",
     "in the Souss-Massa region"),
])  # fmt: skip
def test_places_in_a_sentence(place, french, arabic, english):
    assert [grammar.place(place, language) for language in ("fr", "ar", "en")] == [french, arabic, english]


def test_lists_are_joined_as_each_language_joins_them():
    assert grammar.listed(["أ", "ب", "ج"], "ar") == "أ وب وج"
    assert grammar.listed(["a", "b", "c"], "en") == "a, b and c"
    assert grammar.listed([], "fr") == ""


def test_days_and_periods():
    assert dates.day(date(2024, 9, 1), "fr") == "1er septembre 2024"
    assert dates.day(date(2023, 7, 31), "ar") == "31 يوليوز 2023"
    assert dates.period("2014-01/2019-09", "fr") == "de janvier 2014 à septembre 2019"
    assert dates.period("2014/2024", "ar") == "\u20662014–2024\u2069"
    assert dates.at_period("2023-03", "ar") == "في مارس 2023"
    assert dates.at_period("2014-Q3", "fr") == "au 3e trimestre 2014"
