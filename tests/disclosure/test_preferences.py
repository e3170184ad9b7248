"""What the producer would rather publish: margins, and what the last edition published."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from migstat.disclosure.editions import published_in_last_edition
from migstat.disclosure.examples import small_policy
from migstat.disclosure.ledger import Ledger
from migstat.disclosure.protect import ProtectedTable, adopt, protect
from migstat.disclosure.secondary import Effort
from migstat.disclosure.system import system_of
from migstat.model.tables import Dimension, Table, counted

AREA = Dimension.flat("AREA", ["a", "b", "c", "d"], total="C")
GROUP = Dimension.flat("GROUP", ["u", "v", "w", "x"], total="_T")
PEOPLE = np.array([[2.0, 9, 30, 41], [8, 11, 26, 35], [50, 10, 33, 20], [12, 40, 28, 60]])


def edition(period: str, people: np.ndarray = PEOPLE) -> Table:
    return Table.from_inner_array(
        f"edition-{period}", counted("residents"), [AREA, GROUP], people, coordinates={"PERIOD": period}
    )


def part(table: Table, codes: set[tuple[str, str]]) -> Table:
    keep = np.array([table.codes_at(row) in codes for row in range(len(table))])
    return Table(
        table.id,
        table.measure,
        table.dimensions,
        table.keys[keep],
        table.values[keep],
        table.states[keep],
        coordinates=table.coordinates,
    )


def hidden(done: ProtectedTable) -> set[tuple[str, ...]]:
    return {codes for codes, cell in done.cells() if not cell.is_value}


def test_cells_of_the_last_edition_stay_published_where_others_can_be_withheld() -> None:
    plain = protect(edition("2024"), small_policy(), Ledger())
    spared = hidden(plain) - {("a", "u")}
    ledger = Ledger()
    adopt(ledger, part(edition("2023", PEOPLE + 5), spared))
    kept = protect(edition("2024"), small_policy(keep_published=1000), ledger)
    assert spared
    assert not hidden(kept) & spared
    assert kept.report.passed
    assert protect(edition("2024"), small_policy(keep_published=1000), ledger).withheld.tolist() == (
        kept.withheld.tolist()
    )
    indifferent = protect(edition("2024"), small_policy(), ledger)
    assert hidden(indifferent) == hidden(plain)
    first_edition = protect(edition("2024"), small_policy(keep_published=1000), Ledger())
    assert hidden(first_edition) == hidden(plain)


def test_the_last_edition_is_the_latest_earlier_period_of_the_same_form() -> None:
    ledger = Ledger()
    for period, codes in (("2022", ("a", "u")), ("2023", ("b", "v")), ("2023-06", ("c", "w")), ("2025", ("d", "x"))):
        adopt(ledger, part(edition(period), {codes}))
    other = replace(edition("2023"), measure=counted("arrivals"))
    adopt(ledger, other)
    table = edition("2024")
    flags = published_in_last_edition(table, ledger)
    assert [table.codes_at(row) for row in np.flatnonzero(flags)] == [("b", "v")]
    assert not published_in_last_edition(replace(table, coordinates={"PLACE": "RABAT"}), ledger).any()


def test_withheld_cells_of_the_last_edition_are_no_dearer() -> None:
    from migstat.disclosure.protect import append_bounds

    ledger, before = Ledger(), edition("2023")
    append_bounds(ledger, before, before.values - 1, before.values + 1)
    assert not published_in_last_edition(edition("2024"), ledger).any()


@pytest.mark.parametrize("factor", [50, float("inf")])
def test_dear_margins_are_published_and_the_pattern_is_still_safe(factor: float) -> None:
    """Two cells of a line are 1 and its other parts large: its margin is the cheap complement until margins are dear."""
    people = np.array([[1.0, 40, 90], [60, 70, 80], [50, 95, 66]])
    area, group = (
        Dimension.flat("AREA", ["a", "b", "c"], total="C"),
        Dimension.flat("GROUP", ["u", "v", "w"], total="T"),
    )
    table = Table.from_inner_array("t", counted("residents"), [area, group], people)
    margins = {codes for codes, _ in table.cells() if "C" in codes or "T" in codes}
    cheap = np.where([codes in margins for codes, _ in table.cells()], 1.0, 40.0)
    plain = protect(table, small_policy(by="own"), Ledger(), own_costs=cheap, effort=Effort(0))
    dear = protect(table, small_policy(by="own", keep_margins=factor), Ledger(), own_costs=cheap, effort=Effort(0))
    assert hidden(plain) & margins
    assert not hidden(dear) & margins
    assert dear.report.passed
    assert len(system_of(table)) == len(table)
