"""The gap map: its parts and score, against cells worked out by hand, and the queries it takes."""

from __future__ import annotations

import re
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from marsad.catalogue.queries import themes
from marsad.dissemination.queries import current_publication
from marsad.observatory.gap_map import GapMap, Seen, gap_map, group_of, map_areas
from migstat.model.refusals import Refused
from migstat.quality.evidence import (
    Evidence,
    Strength,
    access_part,
    age_part,
    comparability_part,
    coverage_part,
    precision_part,
)

PARTS = st.none() | st.floats(0, 1)


@given(st.floats(0.01, 1), PARTS, PARTS, PARTS, st.floats(0, 1))
def test_the_score_rises_with_each_part_and_leaves_out_the_unknown(
    coverage: float, precision: float | None, age: float | None, comparability: float | None, access: float
) -> None:
    found = Evidence(coverage, precision, age, comparability, access).score
    assert found is not None
    assert 0 <= found <= 100
    fuller = Evidence(1.0, precision, age, comparability, access).score
    assert fuller is not None
    assert fuller >= found
    known = [part for part in (precision, age, comparability, access) if part is not None]
    assert found == round(100 * coverage * sum(known) / len(known))


def test_the_parts() -> None:
    assert [age_part(years) for years in (0, 5, 10, 40)] == [1, 0.5, 0, 0]
    assert precision_part(40, 38, 42, in_points=True, counted=False) == pytest.approx(0.9)
    assert precision_part(400, 300, 500, in_points=False, counted=False) == pytest.approx(0.5)
    assert precision_part(400, None, None, in_points=False, counted=True) == 1
    assert precision_part(400, None, None, in_points=False, counted=False) is None
    assert precision_part(0, 0, 3, in_points=False, counted=False) == 0
    assert comparability_part(earlier=False, broken=True) is None
    assert access_part(3, 1, agreed=False) == 0.75
    assert access_part(0, 4, agreed=True) == 0.5
    assert coverage_part(0, 0) == 0
    with pytest.raises(Refused):
        coverage_part(3, 2)
    with pytest.raises(Refused):
        Evidence(1.2, None, None, None, 0)


def seen(period: str, key: str = "", state: str = "value", value: float | None = 10.0, **more: Any) -> Seen:
    rest = {"low": None, "high": None, "status": "", "dataflow": "D"} | more
    return Seen("I", "A", period, date(int(period), 12, 31), key, state, value if state == "value" else None, **rest)


def made(*rows: Seen, breaks: tuple[Any, ...] = (), agreed: frozenset[str] = frozenset()) -> GapMap:
    indicator = SimpleNamespace(code="I", unit_id="percent", breakdowns=["sex"])
    return GapMap({"I": indicator}, {}, rows, breaks, agreed, (frozenset(), frozenset()))


def test_withheld_missing_and_nothing_are_three_things() -> None:
    withheld = made(seen("2024", "sex=F", "withheld"), seen("2024", "sex=M", "withheld")).cell("I", "sex", "A", 2026)
    missing = made(seen("2024", "sex=F", "missing")).cell("I", "sex", "A", 2026)
    nothing = made().cell("I", "sex", "A", 2026)
    assert (withheld.strength, withheld.withheld, withheld.score) == (Strength.WITHHELD, 2, 0)
    assert (missing.strength, missing.missing, missing.score) == (Strength.EMPTY, 1, None)
    assert (nothing.strength, nothing.missing, nothing.score) == (Strength.EMPTY, 0, None)
    reached = made(seen("2024", "sex=F", "withheld"), agreed=frozenset({"I"})).cell("I", "sex", "A", 2026)
    assert reached.evidence.access == 0.5


def test_one_cell_by_hand() -> None:
    rows = (
        seen("2014"),
        seen("2024", low=8.0, high=12.0),
        seen("2014", "sex=F"),
        seen("2014", "sex=M"),
        seen("2024", "sex=F"),
        seen("2024", "sex=M", "withheld"),
    )
    broken = SimpleNamespace(indicator_id="I", area_id=None, period="2024")
    total = made(*rows, breaks=(broken,)).cell("I", "", "A", 2026)
    assert total.evidence == Evidence(1.0, 0.9, 0.8, 0.5, 1.0)
    assert total.score == 80
    sex = made(*rows).cell("I", "sex", "A", 2026)
    assert sex.evidence == Evidence(1.0, 1.0, 0.8, 1.0, 0.5)
    assert made(*rows, breaks=(broken,)).cell("I", "", "A", 2020).evidence == Evidence(1.0, 1.0, 0.4, None, 1.0)
    assert made(*rows).cell("I", "", "A", 2010).strength is Strength.EMPTY


def test_coverage_counts_against_the_fullest_period() -> None:
    found = made(seen("2014", "sex=F"), seen("2014", "sex=M"), seen("2024", "sex=F")).cell("I", "sex", "A", 2024)
    assert (found.evidence.coverage, found.expected) == (0.5, 2)


def test_a_sample_without_its_interval_has_no_known_precision() -> None:
    rows = (seen("2024"),)
    indicator = SimpleNamespace(code="I", unit_id="percent", breakdowns=[])
    sampled = GapMap({"I": indicator}, {}, rows, (), frozenset(), (frozenset({"I"}), frozenset({"D"})))
    assert sampled.cell("I", "", "A", 2024).evidence.precision is None
    estimated = made(seen("2024", status="E")).cell("I", "", "A", 2024)
    assert estimated.evidence.precision is None
    assert (estimated.score, estimated.strength) == (100, Strength.FAIR), "never strong while its error is unknown"


def test_groups() -> None:
    assert group_of("sex=F;citizenship=SEN") == "citizenship;sex"
    assert made(seen("2024", "age=0;sex=F")).groups("I") == ["", "sex", "age;sex"]


@pytest.mark.django_db(databases=["default", "confidential"])
def test_a_bounded_number_of_queries(small_city: Any) -> None:
    publication = current_publication()
    assert publication is not None
    with CaptureQueriesContext(connection) as queries:
        whole = gap_map(publication)
        places = map_areas(whole.areas)
        pairs = [(code, group) for code in whole.indicators for group in whole.groups(code)]
        rows = [whole.row(code, group, places, 2026) for code, group in pairs]
    assert len(queries) <= 8
    assert len(rows) >= len(whole.indicators)
    found = {(row.indicator.code, row.group): row for row in rows}
    withheld = next(cell for cell in found["FLW-02", "citizenship"].cells if cell.area == "MAR")
    assert withheld.strength is Strength.WITHHELD
    unknown = found["HOU-09", ""]
    assert {cell.strength for cell in unknown.cells} == {Strength.EMPTY}


def test_the_map_can_show_its_gaps_only(small_city: Any) -> None:
    def rows(query: str) -> list[set[str]]:
        page = Client().get(f"/fr/gaps/?{query}").content.decode()
        return [set(re.findall(r'data-strength="(\w+)"', row)) for row in page.split("data-row=")[1:]]

    shown = 0
    for theme in themes():
        every, gaps = (rows(f"theme={theme.code}&area=MAR&state={state}") for state in ("", "gaps"))
        assert gaps == [row for row in every if row & {"empty", "weak", "withheld"}]
        shown += len(gaps)
    assert shown
