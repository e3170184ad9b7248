"""Rabat's own pack: what the issue of its first edition promised is in it, and agrees with where it was read."""

from __future__ import annotations

import csv
from collections import Counter
from decimal import Decimal

import pytest

from marsad.catalogue.rules import Concerns

SETTLED = {
    "morocco-2014-foreign-residents": {"84001", "86206"},
    "morocco-2014-2024-growth": {"76.4", "71.86"},
    "rabat-2014-foreign-residents": {"12412", "12891"},
    "regularisation-2014-rate": {"83.53", "85.53"},
}
HOMONYMS = [("NER", "NGA"), ("COD", "COG"), ("GIN", "GNB"), ("GIN", "GNQ"), ("GNB", "GNQ")]


def values(rabat, case):
    return {format(f["value"].normalize(), "f") for f in rabat.figures.values() if f["case"] == case}


def test_the_catalogue_and_the_ledger_are_whole(rabat):
    own = [code for code in rabat.indicators if not code.startswith("CTX-")]
    assert len(own) == 79
    assert len(rabat.figures) == 200
    assert len(rabat.city["map_areas"]) == 6
    assert sum(i["name_ar_status"] == "official" for i in rabat.indicators.values() if i["code"] in own) == 6


@pytest.mark.parametrize(("case", "printed"), SETTLED.items())
def test_the_named_cases_are_settled_with_reasons(rabat, case, printed):
    record = rabat.cases[case]
    assert printed <= values(rabat, case)
    assert record["recommended"] in rabat.figures
    assert record["decided_by_fr"] != record["proposed_by_fr"]
    assert record["why_ar"] and record["reasons"]


def test_other_conflicts_are_shown_as_open(rabat):
    assert sum(not case["recommended"] for case in rabat.cases.values()) >= 5


@pytest.mark.parametrize(("one", "other"), HOMONYMS)
def test_homonyms_are_kept_apart_and_point_at_each_other(rabat, one, other):
    citizenships = rabat.codelists["citizenship"]
    assert other in citizenships[one]["confused_with"].split(";")
    assert citizenships[one]["unhcr"] != citizenships[other]["unhcr"]


def test_target_17_18_carries_the_note_on_17_8(rabat):
    assert "17.8" in rabat.tags["SDG-17.18"]["note_fr"]
    assert all("17.8" in rabat.tags["SDG-17.18"][f"note_{language}"] for language in ("ar", "en"))


def test_breaks_of_the_censuses_are_declared(rabat):
    breaks = {(found["indicator"], found["area"]) for found in rabat.breaks}
    assert ("HOU-04", "04.421.01.07") in breaks
    enrolment = next(
        i for i in rabat.indicators.values() if i["name_fr"].startswith("Scolarisation des enfants d’âge primaire")
    )
    assert (enrolment["code"], "") in breaks


def test_both_censuses_speak_of_every_part_of_the_city(rabat):
    seen = Counter()
    for code in ("rgph-2014", "rgph-2014-households", "rgph-2024"):
        for row in rabat.dataflows[code].rows:
            seen[(row.area, row.period)] += row.state == "value"
    for area in rabat.city["map_areas"]:
        assert seen[(area, "2014")] > 100, area
        assert seen[(area, "2024")] > 100, area


def test_missing_values_have_no_number(rabat):
    for dataflow in rabat.dataflows.values():
        for row in dataflow.rows:
            assert (row.value is None) == (row.state != "value"), row


def test_what_nobody_measures_says_who_could(rabat):
    for indicator in rabat.indicators.values():
        if indicator["not_measured_who_fr"]:
            assert indicator["not_measured_how_ar"]
    assert any(i["not_measured_who_fr"] for i in rabat.indicators.values() if i["concerns"] == Concerns.MIGRANTS)


def test_every_source_has_licence_and_vintage(rabat):
    for source in rabat.sources.values():
        assert source["licence_fr"] and source["vintage"] and source["url"].startswith("http")


def test_the_figures_are_those_that_were_read(rabat, shared_folder):
    """Value and address of each of the two hundred, one by one."""
    with (shared_folder / "data" / "figures" / "published_figures.csv").open(encoding="utf-8", newline="") as file:
        read = Counter((Decimal(row["value"]).normalize(), row["url"].strip()) for row in csv.DictReader(file))
    kept = Counter((figure["value"].normalize(), figure["url"]) for figure in rabat.figures.values())
    assert kept == read


def test_the_indicators_are_those_of_the_catalogue(rabat, shared_folder):
    with (shared_folder / "data" / "indicator_catalogue.csv").open(encoding="utf-8", newline="") as file:
        listed = {row["code"]: row["ar_status"] for row in csv.DictReader(file)}
    assert {code for code in rabat.indicators if not code.startswith("CTX-")} == set(listed)
    for code, status in listed.items():
        assert (rabat.indicators[code]["name_ar_status"] == "official") == ("official" in status), code


def test_refugees_are_those_of_the_register(rabat, shared_folder):
    totals: Counter[str] = Counter()
    with (shared_folder / "data" / "unhcr" / "unhcr_population_coa_MAR.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            totals[row["year"]] += int(row["refugees"] or 0)
    rows = rabat.dataflows["unhcr-population"].rows
    ours = {row.period: row.value for row in rows if row.key == "residence_status=REF"}
    for year in ("2023", "2024", "2025"):
        assert ours[year] == totals[year]
