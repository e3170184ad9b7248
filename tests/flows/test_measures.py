"""What was promised beside what came."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marsad.coordination.flows.governance import (
    Held,
    coverage,
    formalities,
    open_conflicts,
    punctuality,
    timeliness,
)
from marsad.coordination.flows.measures import Came, Due, Flow, delay_classes, duplicates, measure

TODAY = date(2026, 6, 30)
FLOW = Flow(
    "cam",
    "visits",
    "cam-2026",
    ("sex", "citizenship"),
    (
        Due("2026-01", date(2026, 2, 10), date(2026, 2, 9), taken=True),
        Due("2026-02", date(2026, 3, 10), date(2026, 3, 20), taken=True),
        Due("2026-05", date(2026, 6, 10), None),
        Due("2026-06", date(2026, 7, 10), None),
    ),
    (
        Came(date(2026, 2, 9), "accepted", 100, 1, ("sex", "citizenship"), "csv", 2.0),
        Came(date(2026, 3, 12), "returned", 100, 9, ("sex",), "xlsx"),
        Came(date(2026, 3, 20), "accepted", 100, 0, ("sex",), "xlsx", 1.5),
    ),
)


def test_a_flow_by_hand() -> None:
    found = measure(FLOW, today=TODAY)
    assert (found.due, found.came) == (3, 3)
    assert found.delays == (0, 10, 20)
    assert (found.median_delay, found.longest_delay) == (10, 20)
    assert found.completeness == pytest.approx(2 / 3)
    assert found.on_time == pytest.approx(1 / 3)
    assert found.returned == pytest.approx(1 / 3)
    assert found.errors_per_thousand == pytest.approx(1000 * 10 / 300)
    assert (found.formats, found.lost, found.hours) == (2, ("citizenship",), 3.5)


def test_nothing_due_and_nothing_come_is_unknown_and_not_zero() -> None:
    found = measure(Flow("a", "b", "c", ("sex",), (), ()), today=TODAY)
    unknown = (found.completeness, found.on_time, found.median_delay, found.returned, found.lost, found.hours)
    assert unknown == (None,) * 6
    assert found.errors_per_thousand is None


@given(st.lists(st.integers(0, 400)))
def test_every_delay_is_in_one_class(delays: list[int]) -> None:
    assert sum(count for _, count in delay_classes(delays)) == len(delays)


@given(st.dates(date(2026, 7, 11), date(2027, 12, 31)))
def test_waiting_longer_never_improves_a_flow(later: date) -> None:
    now, then = measure(FLOW, today=TODAY), measure(FLOW, today=later)
    assert then.completeness is not None
    assert now.completeness is not None
    assert then.completeness <= now.completeness
    assert then.longest_delay >= (now.longest_delay or 0)  # type: ignore[operator]


def test_what_two_producers_collect_twice_is_found_and_ones_own_is_not() -> None:
    columns = frozenset({"sex", "age", "citizenship", "area"})
    collected = [
        ("cam", "cam-list", columns),
        ("foo", "foo-list", columns | {"language"}),
        ("cam", "cam-other", columns),
        ("hcp", "census", frozenset({"sex", "age", "dwelling"})),
    ]
    found = duplicates(collected)
    assert {(pair.one, pair.other, pair.shared, pair.together) for pair in found} == {
        ("cam-list", "foo-list", 4, 5),
        ("foo-list", "cam-other", 4, 5),
    }


def test_the_indicators_on_governance_by_hand() -> None:
    both = frozenset({"sex", "citizenship"})
    held = {"A": Held(date(2025, 1, 1), both), "B": Held(date(2020, 1, 1), both), "C": Held(TODAY, frozenset({"sex"}))}
    assert coverage(["A", "B", "C", "D"], held, today=TODAY).value == 25
    assert coverage([], {}, today=TODAY).value is None
    days = [(date(2025, 12, 31), date(2026, 1, 10)), (date(2025, 12, 31), date(2026, 3, 1)), (TODAY, date(2026, 1, 1))]
    assert timeliness(days).value == 35
    assert timeliness([]).value is None
    assert formalities([True, False, True, True]).value == 75
    assert formalities([]).value is None
    assert punctuality([FLOW], today=TODAY).value == pytest.approx(100 / 3)
    waiting = replace(FLOW, due=(Due("2026-05", date(2026, 6, 10), date(2026, 6, 1)),))
    assert (punctuality([waiting], today=TODAY).part, punctuality([waiting], today=TODAY).whole) == (0, 1)
    assert open_conflicts(8, 12).value == 8
