"""Primary rules on cells small enough to judge by eye."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from migstat.disclosure.examples import small_policy, small_table
from migstat.disclosure.policy import (
    DisclosurePolicy,
    Dominance,
    FewContributors,
    MarkedCells,
    MinimumFrequency,
    PPercent,
    ProtectionInterval,
    Rule,
    ShareOfOneGroup,
)
from migstat.disclosure.primary import primary_suppression
from migstat.model import Refused
from migstat.model.tables import Dimension, Table, counted


def policy(*rules: Rule, interval: ProtectionInterval | None = None) -> DisclosurePolicy:
    small = small_policy()
    return DisclosurePolicy(rules, interval or small.protection_interval, small.attackers, small.costs)


def flagged(table: Table, *rules: Rule) -> list[tuple[str, ...]]:
    return [table.codes_at(row) for row in np.flatnonzero(primary_suppression(table, policy(*rules)).primary)]


def amounts() -> Table:
    """Two cells and their total, with their three largest contributions."""
    sector = Dimension.flat("SECTOR", ["A", "B"], total="_T")
    table = Table.from_leaves("amounts", counted("pay", unit="dirhams"), [sector], {("A",): 100, ("B",): 100})
    return replace(
        table,
        contributors=np.array([9, 3, 6]),
        contributions=np.array([[80.0, 30, 25], [80, 15, 5], [30, 25, 20]]),
    )


def test_counts_of_one_to_the_threshold_are_primary_and_zeros_only_where_said() -> None:
    sex = Dimension.flat("SEX", ["F", "M", "X"], total="_T")
    table = Table.from_leaves("sex", counted("residents"), [sex], {("F",): 0, ("M",): 3, ("X",): 4})
    assert flagged(table, MinimumFrequency(3, zeros_disclosive=False)) == [("M",)]
    assert flagged(table, MinimumFrequency(3, zeros_disclosive=True)) == [("F",), ("M",)]


def test_dominance_and_p_percent_with_the_largest_coalition() -> None:
    table = amounts()
    assert flagged(table, Dominance(1, 75)) == [("A",)]
    assert flagged(table, Dominance(1, 80)) == []
    assert flagged(table, Dominance(2, 85)) == [("A",)]
    # A: without the largest (80) and one colluder (15) 5 remain, below 10 % of 80
    assert flagged(table, PPercent(10, coalition=1)) == [("A",)]
    assert flagged(table, PPercent(6, coalition=1)) == []
    assert flagged(table, PPercent(6, coalition=2)) == [("A",)]


def test_few_contributors() -> None:
    assert flagged(amounts(), FewContributors(4)) == [("A",)]


def test_all_of_a_group_in_one_class() -> None:
    table = Table.from_leaves(
        "permits",
        counted("residents"),
        [Dimension.flat("GROUP", ["g", "h"], total="_T"), Dimension.flat("PERMIT", ["yes", "no"], total="all")],
        {("g", "yes"): 0, ("g", "no"): 12, ("h", "yes"): 7, ("h", "no"): 5},
    )
    assert flagged(table, ShareOfOneGroup("PERMIT", 1.0)) == [("g", "no")]
    with pytest.raises(Refused, match="dimension"):
        flagged(table, ShareOfOneGroup("SEX", 1.0))


def test_marked_cells_and_reasons() -> None:
    table = small_table()
    both = policy(MinimumFrequency(3, zeros_disclosive=False), MarkedCells((("HASSAN", "F"), ("AGDAL", "M"))))
    protection = primary_suppression(table, both)
    assert protection.reasons[table.row("HASSAN", "F")] == ("MinimumFrequency", "MarkedCells")
    with pytest.raises(Refused, match="codes"):
        flagged(table, MarkedCells((("HASSAN",),)))


def test_a_rule_without_what_it_needs_is_refused() -> None:
    for rule in (FewContributors(3), Dominance(1, 75), PPercent(10, 1)):
        with pytest.raises(Refused):
            flagged(small_table(), rule)


def test_the_protection_follows_from_the_p_percent_rule() -> None:
    interval = ProtectionInterval(absolute=0, percent=0, width=0, from_p_percent=True)
    table = amounts()
    protection = primary_suppression(table, policy(PPercent(10, coalition=1), interval=interval))
    # 10 % of 80 is 8; the rest is 5: the upper bound must lie at least 3 above
    assert protection.above[table.row("A")] == pytest.approx(3)
