"""Sentences and titles, word for word, in three languages."""

from __future__ import annotations

import pytest

from marsad.observatory import findings
from marsad.observatory.series import change
from observatory.points import AREAS, count, point, series_break, share

LTR, END = "\u2066", "\u2069"


def told(before, after, breaks=(), indicator=None, place="rabat"):
    indicator = indicator or share()
    found = change(before, after, breaks, indicator.decimals)
    return [findings.change_sentence(found, indicator, AREAS[place], language) for language in ("fr", "ar", "en")]


def test_a_share_that_fell():
    assert told(point(4.7, "2014"), point(0.8)) == [
        "Habitat sommaire\u00a0: la part est passée de 4,7\u202f% à 0,8\u202f% entre 2014 et 2024 dans la préfecture de Rabat.",
        f"السكن البدائي: انخفضت النسبة من {LTR}4,7\u202f%{END} إلى {LTR}0,8\u202f%{END} بين 2014 و2024 في عمالة الرباط.",
        "Basic housing: the share fell from 4.7% to 0.8% between 2014 and 2024 in the prefecture of Rabat.",
    ]


def test_a_rate_is_masculine_and_stays():
    rate = share(name_fr="Taux de chômage", name_ar="معدل البطالة", name_en="Unemployment rate")
    french, arabic, english = told(point(20.6, "2014"), point(20.6), indicator=rate, place="souissi")
    assert french == "Taux de chômage\u00a0: le taux est resté à 20,6\u202f% entre 2014 et 2024 à Souissi."
    assert "استقر المعدل عند" in arabic
    assert "the rate stayed at 20.6%" in english


def test_a_number_with_its_relative_change():
    before, after = point(577827, "2014", indicator="POP"), point(515619, indicator="POP")
    assert told(before, after, indicator=count()) == [
        "Population légale\u00a0: 515\u202f619\u00a0personnes dans la préfecture de Rabat en 2024, contre 577\u202f827 en 2014, soit −10,8\u202f%.",
        f"السكان القانونيون: 515\u202f619 شخصا في عمالة الرباط سنة 2024، مقابل 577\u202f827 سنة 2014، أي {LTR}−10,8\u202f%{END}.",
        "Legal population: 515,619 people in the prefecture of Rabat in 2024, against 577,827 in 2014, or −10.8%.",
    ]


@pytest.mark.parametrize("breaks", [[series_break("2024")], [series_break("2020", "touarga")]])
def test_across_a_break_two_values_are_said_and_no_change(breaks):
    french, arabic, english = told(point(74.7, "2014", "touarga"), point(0.4, area="touarga"), breaks, place="touarga")
    assert "74,7\u202f% en 2014 et 0,4\u202f% en 2024, deux valeurs qui ne se comparent pas à Touarga" in french
    assert "لا تقبلان المقارنة" in arabic
    assert "two values that do not compare" in english
    for sentence in (french, english):
        assert "passée" not in sentence
        assert "fell" not in sentence
        assert "−" not in sentence


def test_numbers_across_a_break_have_no_relative_change():
    found = [series_break("2024")]
    found[0].indicator_id = "POP"
    sentences = told(point(100, "2014", indicator="POP"), point(200, indicator="POP"), found, indicator=count())
    assert not any("100\u202f%" in sentence or "100%" in sentence for sentence in sentences)


def test_one_value_alone_and_none_at_all():
    assert told(None, point(4.6), place="souissi")[0] == "Habitat sommaire\u00a0: 4,6\u202f% en 2024 à Souissi."
    assert told(None, None)[2] == "Basic housing: no published value in the prefecture of Rabat."


@pytest.mark.parametrize(("value", "french", "arabic", "english"), [
    (4.6, "un ménage sur vingt-deux", "أسرة واحدة من كل 22 أسرة", "one household in twenty-two"),
    (50, "un ménage sur deux", "أسرة واحدة من كل أسرتين", "one household in two"),
    (20.2, "un ménage sur cinq", "أسرة واحدة من كل 5 أسر", "one household in five"),
    (0.1, None, None, None), (74.9, None, None, None), (0, None, None, None), (36, None, None, None),
])  # fmt: skip
def test_rounded_fractions(value, french, arabic, english):
    assert [findings.one_in(value, "households", language) for language in ("fr", "ar", "en")] == [
        french,
        arabic,
        english,
    ]


def test_a_share_of_persons_is_not_made_a_fraction_of_the_wrong_people():
    assert findings.one_in(20, "municipal", "fr") is None


def test_the_headline_ends_with_the_place_where_it_is_worst():
    sentence = "Habitat sommaire : la part a baissé."
    highest = point(4.6)
    found = findings.with_exception(sentence, highest, share(), AREAS["souissi"], still=True, language="fr")
    assert found == "Habitat sommaire : la part a baissé, mais à Souissi, c’est encore un ménage sur vingt-deux."
    found = findings.with_exception("النسبة انخفضت.", highest, share(), AREAS["souissi"], still=True, language="ar")
    assert found == "النسبة انخفضت، لكنها ما زالت في السويسي تهم أسرة واحدة من كل 22 أسرة."


def test_the_title_of_a_map_says_where_it_is_lowest_and_highest():
    points = [point(4.6), point(0.0, area="touarga"), point(1.5, area="hassan"), point(None, area="rabat")]
    assert (
        findings.range_title(points, share(), AREAS, "fr")
        == "Habitat sommaire\u00a0: de 0,0\u202f% à Touarga à 4,6\u202f% à Souissi"
    )
    assert (
        findings.range_title([point(None)], share(), AREAS, "en") == "Basic housing: no value published at this scale"
    )
    assert (
        findings.range_title([point(2), point(2, area="hassan")], share(), AREAS, "en")
        == "Basic housing: 2.0% everywhere"
    )


def test_the_title_of_a_comparison_counts_directions_and_names_what_does_not_compare():
    changes = {
        "souissi": change(point(19.5, "2014"), point(4.6), [], 1),
        "hassan": change(point(2.1, "2014", "hassan"), point(1.5, area="hassan"), [], 1),
        "touarga": change(point(74.7, "2014", "touarga"), point(0.4, area="touarga"), [series_break("2024")], 1),
    }
    assert [findings.directions_title(changes, AREAS, language) for language in ("fr", "ar", "en")] == [
        "Baisse dans deux lieux entre 2014 et 2024\u00a0; pas de comparaison à Touarga",
        "انخفاض في مكانين بين 2014 و2024؛ لا مقارنة في التواركة",
        "Down in two places between 2014 and 2024; no comparison in Touarga",
    ]
    alone = {"touarga": changes["touarga"]}
    assert [findings.directions_title(changes, AREAS, language, in_city=True) for language in ("fr", "ar", "en")] == [
        "Baisse dans deux parties de la ville entre 2014 et 2024\u00a0; pas de comparaison à Touarga",
        "انخفاض في جزأين من المدينة بين 2014 و2024؛ لا مقارنة في التواركة",
        "Down in two parts of the city between 2014 and 2024; no comparison in Touarga",
    ]
    assert findings.directions_title(alone, AREAS, "en") == "The two dates compare in none of the places"


def test_titles_of_parts_and_groups():
    parts = [("Villa", point(10)), ("Appartement", point(36.2)), ("Autre", point(None))]
    assert findings.parts_title(parts, share(), AREAS["rabat"], "fr") == (
        "Appartement\u00a0: 36,2\u202f% dans la préfecture de Rabat, puis Villa (10,0\u202f%)"
    )
    assert (
        findings.beside_title(parts[:2], share(), AREAS["souissi"], "en")
        == "Villa: 10.0%, Appartement: 36.2% in Souissi"
    )
