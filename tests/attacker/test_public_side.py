"""The attack on the public side alone: what linked tables and revised editions show on every channel gives no one away.

A made-up city is released through the real desk: three linked tables, a second year, and a revision of the first. The
attacker reads what a stranger can read, and solves the same linear programs as in the tests of the library.
"""

from __future__ import annotations

import numpy as np
import pytest

from attacker.channels import addresses, holds, rows_of, text_of
from attacker.obvious import bounds_of
from attacker.static_site import leaks_in, shown_in, texts, whole_numbers, written_about
from marsad.dissemination.models import Publication
from marsad.dissemination.rules import parse_breakdown
from migstat.model.tables import Dimension, Table, counted
from migstat.synthetic.city import generate_city
from migstat.synthetic.margins import RABAT_2024
from release.bundles import AREA, POLICY, SEX, bundled, published, snapshot, words

pytestmark = pytest.mark.django_db(databases=["default", "confidential"])
CITIZENSHIP = Dimension.flat("CITIZENSHIP", ["NER", "NGA"], total="_T")
DIMENSIONS = {"AREA": AREA, "SEX": SEX, "CITIZENSHIP": CITIZENSHIP}
THRESHOLD = POLICY["rules"]["minimum_frequency"]["threshold"]
SMALL = {(0, 0, 1): 2.0, (2, 1, 0): 3.0, (1, 1, 1): 1.0}


def cube(rng: np.random.Generator, factor: float = 1.0) -> np.ndarray:
    """People of a made-up city by place, sex and citizenship; three cells are small, as they are in real cities."""
    people = generate_city(RABAT_2024, rng).people
    inner = np.zeros((3, 2, 2))
    np.add.at(inner, (people.area % 3, people.woman.astype(int), (people.age % 2)), factor)
    inner = np.floor(inner)
    for place, count in SMALL.items():
        inner[place] = count
    return inner


def linked(inner: np.ndarray, period: str) -> list[Table]:
    def table(name: str, dimensions: list[Dimension], values: np.ndarray) -> Table:
        return Table.from_inner_array(name, counted("STK-01"), dimensions, values, coordinates={"PERIOD": period})

    return [
        table("by-sex", [AREA, SEX], inner.sum(axis=2)),
        table("by-citizenship", [AREA, CITIZENSHIP], inner.sum(axis=1)),
        table("by-all", [AREA, SEX, CITIZENSHIP], inner),
    ]


@pytest.fixture
def released(small_city, author, reviewers):
    """Dataflow, number, tables and decided cells of each edition; the truth stays with the test."""
    rng = np.random.default_rng(20260101)
    first = cube(rng)
    revised = first.copy()
    revised[1, 0, 0] += 911
    revised[0, 0, 1] = 3.0
    found = []
    for dataflow, inner, period, vintage in (
        ("residents", first, "2024", ""),
        ("residents", revised, "2024", "2026-11"),
        ("residents-before", np.floor(first * 0.93), "2023", ""),
    ):
        tables = linked(inner, period)
        bundle = [bundled(each, snapshots=(snapshot(f"s-{dataflow}-{vintage}"),)) for each in tables]
        edition, request = published(
            author, reviewers, bundle, dataflow=dataflow, vintage=vintage, reason=words(f"Edition {vintage}")
        )
        assert edition is not None
        found.append((edition, request, tables, period))
    return found


def facts_of(edition) -> list[tuple[dict[str, str], float]]:
    """What the file of an edition says, as the attacker writes it down."""
    facts = []
    for row in rows_of(edition.dataflow_id, edition.number):
        if row["state"] != "value":
            assert not row["value"] and not row["low"] and not row["high"]
            continue
        cell = {"AREA": row["area"], **{name.upper(): code for name, code in parse_breakdown(row["breakdown"]).items()}}
        facts.append((cell, float(row["value"])))
    return facts


def differences_are_of_shown_cells(released):
    """Old and new values are told of cells that both editions show, and of no other."""
    (first, *_), (second, *_), _ = released
    states = {}
    for edition in (first, second):
        for row in rows_of(edition.dataflow_id, edition.number):
            states.setdefault((row["area"], row["breakdown"]), []).append(row["state"])
    for mark in first.staleness.all():
        assert mark.changes
        for one in mark.changes:
            assert states[one["area"], one["key"]] == ["value", "value"]


def withheld_cells_carry_nothing(released):
    for edition, *_ in released:
        for observation in edition.observations.filter(state="withheld"):
            assert (observation.value, observation.low, observation.high) == (None, None, None)
            assert not observation.note_fr + observation.note_ar + observation.note_en
        assert edition.observations.filter(state="withheld").exists()


def test_no_small_cell_can_be_placed_closer_than_promised(released):
    for edition, _request, tables, _period in released:
        public = facts_of(edition)
        assert public
        attacked = 0
        for table in tables:
            names = [dimension.id for dimension in table.dimensions]
            for row in np.flatnonzero((table.values >= 1) & (table.values <= THRESHOLD)).tolist():
                cell = dict(zip(names, table.codes_at(row), strict=True))
                low, high = bounds_of(DIMENSIONS, public, cell)
                value = table.values[row]
                assert low <= value - 1 + 1e-6, (str(edition), cell, low, high)
                assert high >= value + 1 - 1e-6, (str(edition), cell, low, high)
                attacked += 1
        assert attacked >= 2
    differences_are_of_shown_cells(released)
    withheld_cells_carry_nothing(released)


def test_withheld_values_are_said_nowhere(released, tmp_path, settings, monkeypatch):
    """The value of every cell withheld is a canary; those that nobody else has are looked for on every channel."""
    shown, hidden = set(), set()
    parts = set()
    for edition, _request, tables, _period in released:
        states = {(row["area"], row["breakdown"]): row["state"] for row in rows_of(edition.dataflow_id, edition.number)}
        parts |= {key for _, key in states}
        for table in tables:
            names = [dimension.id for dimension in table.dimensions]
            for row in range(len(table)):
                cell = dict(zip(names, table.codes_at(row), strict=True))
                key = ";".join(f"{n.lower()}={c}" for n, c in sorted(cell.items()) if n != "AREA" and c != "_T")
                (shown if states[cell["AREA"], key] == "value" else hidden).add(int(table.values[row]))
    canaries = {value for value in hidden - shown if value >= 1000}
    assert len(canaries) >= 4, "the city is made so that large cells must be withheld too"
    assert any(value >= 1000 for value in shown)
    editions = [(edition.dataflow_id, edition.number) for edition, *_ in released]
    publications = list(Publication.objects.values_list("number", flat=True))[-3:]
    read = found_a_number = 0
    for address in addresses("STK-01", list(AREA.codes), sorted(parts), ["2024"], editions, publications):
        text = text_of(address)
        if text is None:
            continue
        read += 1
        found_a_number += any(holds(text, value) for value in list(shown)[:40] if value >= 1000)
        leaked = [value for value in canaries if holds(text, value)]
        assert not leaked, (address, leaked)
    assert read >= 60
    assert found_a_number >= 20, "the search would find a number that is shown"
    pages = r"STK-01|residents|/areas/|/feeds/|/catalogue|/geojson/|^/[a-z]{2}/(?:datasets/)?$"
    site = written_about(tmp_path / "site", pages, settings, monkeypatch)
    the_files_of_the_site_say_no_more(site, editions, canaries, {value for value in shown if value >= 1000})
    # The same attack finds what is told by mistake: a canary in the place of a number that is shown.
    told = min(canaries)
    edition = released[1][0]
    edition.observations.filter(pk=edition.observations.filter(state="value").latest("pk").pk).update(value=told)
    again = rf"residents/(?:{edition.number}/(?:\w*[./]|$)|$)|^/[a-z]{{2}}/(?:datasets/)?$"
    site = written_about(tmp_path / "telling", again, settings, monkeypatch)
    leaks = leaks_in(site, canaries)
    assert set().union(*leaks.values()) == {told}
    files = {
        f"data/residents/{edition.number}/{name}"
        for name in ("data.csv", "sdmx.csv", "sdmx.xml", "jsonstat/STK-01.lang=fr.json")
    }
    assert files <= set(leaks), "each format is read"


def the_files_of_the_site_say_no_more(site, editions, canaries, shown):
    """The site as files holds no canary, and its files of rows the cells that the editions show, in each format."""
    assert leaks_in(site, canaries) == {}
    kinds, found = set(), set()
    for name, text in texts(site):
        if numbers := whole_numbers(text) & shown:
            kinds.add(name.rpartition(".")[2])
            found |= numbers
    assert kinds >= {"html", "csv", "json", "xml", "svg"}, "the search would find a number that is shown"
    assert len(found) >= 10
    for dataflow, number in editions:
        rows = rows_of(dataflow, number)
        expected = sorted(float(row["value"]) for row in rows if row["state"] == "value")
        assert len(expected) < len(rows), "some are withheld"
        root = site / "data" / dataflow / number
        assert shown_in(root / "sdmx.csv", "OBS_VALUE") == expected
        assert shown_in(root / "data.csv", "value") == expected
