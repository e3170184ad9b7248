"""Released tables, one after another, attacked with everything published so far."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attacker.obvious import bounds_of
from migstat.disclosure.examples import small_policy
from migstat.disclosure.ledger import Ledger
from migstat.disclosure.protect import Approval, ProtectedTable, append, protect, release
from migstat.disclosure.secondary import Effort
from migstat.model import Refused
from migstat.model.tables import Dimension, Table, counted

DAY = datetime(2026, 1, 5, tzinfo=UTC)
QUICK = Effort(rounds=5)
AREA = Dimension.from_parents(
    "AREA",
    {"RABAT": None, "NORTH": "RABAT", "SOUTH": "RABAT", "a1": "NORTH", "a2": "NORTH", "a3": "SOUTH", "a4": "SOUTH"},
    {"RABAT": None, "COAST": "RABAT", "INLAND": "RABAT", "a1": "COAST", "a3": "COAST", "a2": "INLAND", "a4": "INLAND"},
)
SEX = Dimension.flat("SEX", ["F", "M"], total="_T")
AGE = Dimension.from_parents(
    "AGE",
    {"_T": None, "Y0T17": "_T", "Y_GE18": "_T", "Y18T19": "Y_GE18", "Y_GE20": "Y_GE18"},
    {"_T": None, "Y0T19": "_T", "Y_GE20": "_T", "Y0T17": "Y0T19", "Y18T19": "Y0T19"},
)


def publish(ledger: Ledger, table: Table) -> ProtectedTable:
    protected = protect(table, small_policy(), ledger, effort=QUICK)
    released = release(protected, Approval("one", DAY, "audit passed"), Approval("two", DAY, "audit passed"))
    append(ledger, protected, released)
    return protected


def facts(*tables: ProtectedTable) -> list[tuple[dict[str, str], float]]:
    return [
        (dict(zip((d.id for d in each.table.dimensions), codes, strict=True)), cell.number)
        for each in tables
        for codes, cell in each.cells()
        if cell.is_value
    ]


def assert_none_worked_out(dimensions: dict[str, Dimension], *tables: ProtectedTable) -> None:
    public = facts(*tables)
    for each in tables:
        for row in np.flatnonzero(each.primary).tolist():
            cell = dict(zip((d.id for d in each.table.dimensions), each.table.codes_at(row), strict=True))
            low, high = bounds_of(dimensions, public, cell)
            value = each.table.values[row]
            assert low <= value - 1 + 1e-6, (cell, low, value)
            assert high >= value + 1 - 1e-6, (cell, high, value)


counts = st.integers(min_value=0, max_value=12)


@given(inner=st.lists(counts, min_size=16, max_size=16))
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_two_hierarchies_and_two_linked_tables(inner: list[int]) -> None:
    """A table by area (cut two ways) and sex, then one by area and age: the obvious attacker wins against neither."""
    people = np.array(inner, dtype=float).reshape(4, 2, 2)
    adults = Dimension.flat("AGE", ["young", "old"], total="_T")
    first = Table.from_inner_array("sex", counted("residents"), [AREA, SEX], people.sum(axis=2))
    second = Table.from_inner_array("age", counted("residents"), [AREA, adults], people.sum(axis=1))
    ledger = Ledger()
    done = []
    for table in (first, second):
        try:
            done.append(publish(ledger, table))
        except Refused:
            continue  # nothing helps, and nothing is released
    assert_none_worked_out({"AREA": AREA, "SEX": SEX, "AGE": adults}, *done)


def by_age(counts: dict[tuple[str, str], int], ages: list[str], name: str) -> Table:
    """A table by area and the given ages only, so that what lies between two of them is in no table."""
    whole = Table.from_leaves(name, counted("residents"), [AREA, AGE], counts)
    keep = np.array([whole.codes_at(row)[1] in ages for row in range(len(whole))])
    return Table(name, whole.measure, whole.dimensions, whole.keys[keep], whole.values[keep], whole.states[keep])


PEOPLE = {
    (area, age): count
    for area, row in {"a1": (40, 1, 60), "a2": (30, 25, 70), "a3": (50, 22, 80), "a4": (35, 27, 90)}.items()
    for age, count in zip(("Y0T17", "Y18T19", "Y_GE20"), row, strict=True)
}


def test_the_difference_of_two_age_bands_is_attacked_like_a_cell() -> None:
    """Under 18 by area is safe, under 20 by area is safe; together they show the one young adult of a1."""
    ledger = Ledger()
    first = publish(ledger, by_age(PEOPLE, ["_T", "Y0T17"], "under-18"))
    assert not first.withheld.any()
    second = publish(ledger, by_age(PEOPLE, ["_T", "Y0T19"], "under-20"))
    assert second.secondary.any()
    low, high = bounds_of({"AREA": AREA, "AGE": AGE}, facts(first, second), {"AREA": "a1", "AGE": "Y18T19"})
    assert low <= 0 + 1e-6
    assert high >= 2 - 1e-6


def test_without_the_ledger_the_same_two_tables_give_the_person_away() -> None:
    first = publish(Ledger(), by_age(PEOPLE, ["_T", "Y0T17"], "under-18"))
    second = publish(Ledger(), by_age(PEOPLE, ["_T", "Y0T19"], "under-20"))
    assert bounds_of({"AREA": AREA, "AGE": AGE}, facts(first, second), {"AREA": "a1", "AGE": "Y18T19"}) == (1.0, 1.0)


def test_a_month_that_is_the_difference_of_two_periods() -> None:
    """The year, and eleven of its months: the twelfth is their difference."""
    months = [f"2024-{month:02d}" for month in range(1, 13)]
    period = Dimension.from_parents(
        "PERIOD",
        {"2024": None, **dict.fromkeys(months, "2024")},
        {"2024": None, "2024-01/2024-11": "2024", "2024-12": "2024", **dict.fromkeys(months[:11], "2024-01/2024-11")},
    )

    def of(code: str, counts: tuple[int, int]) -> Table:
        leaves = {("F",): counts[0], ("M",): counts[1]}
        return Table.from_leaves(f"arrivals-{code}", counted("arrivals"), [SEX], leaves, coordinates={"PERIOD": code})

    ledger = Ledger(declared={"PERIOD": period})
    publish(ledger, of("2024-01/2024-11", (60, 44)))
    year = publish(ledger, of("2024", (62, 70)))
    assert {codes[0] for codes, cell in year.cells() if not cell.is_value} == {"F", "M"}


def test_a_cell_published_before_cannot_be_protected_any_more() -> None:
    ledger = Ledger()
    lax = small_policy()
    table = Table.from_leaves("sex", counted("residents"), [SEX], {("F",): 7, ("M",): 9})
    protected = protect(table, lax, ledger)
    append(ledger, protected, release(protected, Approval("a", DAY, "ok"), Approval("b", DAY, "ok")))
    from migstat.disclosure.policy import DisclosurePolicy, MinimumFrequency

    strict = DisclosurePolicy(
        (MinimumFrequency(threshold=8, zeros_disclosive=False),), lax.protection_interval, lax.attackers, lax.costs
    )
    with pytest.raises(Refused, match="already_disclosed"):
        protect(table, strict, ledger)


def test_what_one_edition_withheld_the_next_one_withholds() -> None:
    ledger = Ledger()
    people = np.array([[20.0, 15], [2, 9], [8, 30], [11, 17]])
    first = publish(ledger, Table.from_inner_array("edition-1", counted("residents"), [AREA, SEX], people))
    second = publish(ledger, Table.from_inner_array("edition-2", counted("residents"), [AREA, SEX], people))
    assert first.withheld.tolist() == second.withheld.tolist()


def test_another_value_for_a_released_cell_is_refused() -> None:
    ledger = Ledger()
    people = np.array([[20.0, 15], [12, 9], [8, 30], [11, 17]])
    publish(ledger, Table.from_inner_array("edition-1", counted("residents"), [AREA, SEX], people))
    with pytest.raises(Refused, match="contradiction"):
        publish(ledger, Table.from_inner_array("edition-2", counted("residents"), [AREA, SEX], people + 1))


def test_a_rounded_release_narrows_what_a_later_table_may_show() -> None:
    """Rounded counts tell everybody bounds; a later table of exact margins is attacked with them."""
    from migstat.disclosure.protect import append_bounds
    from migstat.disclosure.rounding import deterministic_rounding
    from migstat.disclosure.system import system_of

    people = np.array([[20.0, 15], [2, 9], [8, 30], [11, 17]])
    table = Table.from_inner_array("rounded", counted("residents"), [AREA, SEX], people)
    rounded = deterministic_rounding(system_of(table), 5)
    ledger = Ledger()
    append_bounds(ledger, table, rounded.low, rounded.high)
    entry = next(entry for entry in ledger.entries.values() if entry.value == 2)
    assert (entry.low, entry.high) == (0.0, 2.0)
    with pytest.raises(Refused, match="bounds"):
        append_bounds(Ledger(), table, rounded.low + 5, rounded.high + 5)
    # a later table may not show a count that the rounded release still hides
    later = Table.from_inner_array("later", counted("residents"), [AREA, SEX], people)
    with pytest.raises(Refused):
        publish(ledger, later)


def test_planted_differences_are_all_found_among_many_tables() -> None:
    """Overlapping breakdowns, an earlier edition with one cell more, a difference of populations: each works, and none
    with the ledger."""
    import sys
    from pathlib import Path

    sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))
    from planted_differences import KINDS, ledger_of

    figures = ledger_of(120, 20, groups=30)
    assert figures["found"] == figures["planted"] == figures["open without the ledger"] == 20
    assert [figures[f"found, {kind}"] for kind in KINDS] == [7, 7, 6]
