"""Tables of a weighted survey: rules on weighted contributions, frequencies on people asked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from migstat.disclosure.examples import small_policy
from migstat.disclosure.ledger import Ledger
from migstat.disclosure.policy import DisclosurePolicy, Dominance, FewContributors, MinimumFrequency, PPercent, Rule
from migstat.disclosure.primary import largest_units, primary_suppression
from migstat.disclosure.protect import adopt, protect
from migstat.model import Refused
from migstat.model.tables import Dimension, Table, counted

SECTOR = Dimension.flat("SECTOR", ["A", "B"], total="_T")
FEW = MinimumFrequency(2, zeros_disclosive=False)


def policy(*rules: Rule) -> DisclosurePolicy:
    return replace(small_policy(), rules=rules)


def survey(**changed: Any) -> Table:
    """A: 100 of weight 4 and 10 of weight 7. B: 60, 50 and 40 of weight 1 each."""
    columns: dict[str, Any] = {
        "contributors": np.array([5, 2, 3]),
        "contributions": np.array([[100.0, 60, 50, 40, 10], [100, 10, 0, 0, 0], [60, 50, 40, 0, 0]]),
        "weights": np.array([[4.0, 1, 1, 1, 7], [4, 7, 0, 0, 0], [1, 1, 1, 0, 0]]),
    }
    table = Table.from_leaves("pay", counted("pay", unit="dirhams"), [SECTOR], {("A",): 470, ("B",): 150})
    return replace(table, **{**columns, **changed})


def flagged(table: Table, rule: Rule) -> list[str]:
    return [table.codes_at(row)[0] for row in np.flatnonzero(primary_suppression(table, policy(rule)).primary)]


def test_a_weight_stands_for_units_that_contribute_alike() -> None:
    """Of the 470 in A the largest unit holds 100, not the 91 % that it has of the 110 reported."""
    table = survey()
    assert flagged(table, Dominance(1, 39)) == ["B"]
    assert flagged(table, Dominance(2, 42)) == ["A", "B"]  # 200 of 470, 110 of 150
    assert flagged(table, Dominance(2, 43)) == ["B"]
    # p %: A leaves 270 beside its two largest units, B leaves 40
    assert flagged(table, PPercent(70, coalition=1)) == ["B"]
    assert flagged(table, PPercent(66, coalition=1)) == []
    assert flagged(table, PPercent(271, coalition=1)) == ["A", "B"]


def test_weights_of_one_change_nothing() -> None:
    plain = survey().contributions
    assert plain is not None
    for count in (1, 2, 3):
        same = largest_units(plain, np.where(plain > 0, 1.0, 0.0), np.array([5, 2, 3]), count)
        assert same.tolist() == plain[:, :count].tolist()


def test_a_weight_below_one_still_counts_its_respondent() -> None:
    assert largest_units(np.array([[9.0, 4]]), np.array([[0.5, 1]]), np.array([2]), 2).tolist() == [[9.0, 4.0]]


def test_frequencies_are_of_people_asked() -> None:
    """Weighted counts of 40 behind which two people stand are few."""
    counts = Table.from_leaves("residents", counted("residents"), [SECTOR], {("A",): 40.5, ("B",): 91})
    table = replace(
        counts,
        contributors=np.array([9, 2, 7]),
        contributions=np.ones((3, 1)),
        weights=np.array([[22.0], [22.0], [14]]),
    )
    assert flagged(table, FEW) == ["A"]
    with pytest.raises(Refused, match=r"minimum_frequency\.unknown"):
        flagged(counts, FEW)
    with pytest.raises(Refused, match=r"contributions\.unknown"):
        flagged(replace(table, weights=np.array([[1.5], [22.0], [14]])), Dominance(2, 80))


WRONG = [
    ("alone", {"contributors": None}),
    ("alone", {"contributions": None}),
    ("shape", {"weights": np.ones((3, 2))}),
    ("number", {"weights": np.array([[4.0, 1, 1, 1, 7], [4, -7, 0, 0, 0], [1, 1, 1, 0, 0]])}),
    ("number", {"weights": np.array([[4.0, 1, 1, 1, 7], [4, np.nan, 0, 0, 0], [1, 1, 1, 0, 0]])}),
    ("count", {"weights": np.array([[4.0, 1, 1, 1, 7], [4, 7, 1, 0, 0], [1, 1, 1, 0, 0]])}),
    ("count", {"contributors": np.array([5, 2, 2])}),
    ("order", {"contributions": np.array([[10.0, 60, 50, 40, 100], [100, 10, 0, 0, 0], [60, 50, 40, 0, 0]])}),
    ("order", {"contributions": np.array([[100.0, 60, 50, 40, 10], [100, 10, 5, 0, 0], [60, 50, 40, 0, 0]])}),
    ("sum", {"weights": np.array([[4.0, 1, 1, 1, 7], [4, 6, 0, 0, 0], [1, 1, 1, 0, 0]])}),
    ("sum", {"weights": np.array([[4.0, 1, 1, 1, 7], [4, 8, 0, 0, 0], [1, 1, 1, 0, 0]])}),
]


@pytest.mark.parametrize(("rule", "changed"), WRONG)
def test_weights_that_contradict_the_table_are_refused(rule: str, changed: dict[str, Any]) -> None:
    with pytest.raises(Refused, match=rf"weights\.{rule}"):
        survey(**changed)


def asked(name: str, people: dict[tuple[str, ...], tuple[float, int]], dimension: Dimension) -> Table:
    """A table of weighted counts: weighted value and people asked by code, all of equal weight in a cell."""
    rows = list(people)
    values, units = np.array([v for v, _ in people.values()]), np.array([n for _, n in people.values()])
    keys = np.array([[dimension.position[code] for (code,) in [row]] for row in rows])
    states = np.zeros(len(rows), dtype=np.int8)
    return Table(
        name,
        counted("residents"),
        (dimension,),
        keys,
        values,
        states,
        units,
        np.ones((len(rows), 1)),
        weights=(values / units)[:, None],
    )


@pytest.mark.parametrize("rule", [FEW, FewContributors(3)])
def test_one_person_of_large_weight_in_a_difference_is_protected(rule: Rule) -> None:
    """Under 18 less under 20 leaves one person asked, who stands for 55: a count of 55 alone would look safe."""
    age = Dimension.from_parents(
        "AGE",
        {"_T": None, "Y0T17": "_T", "Y_GE18": "_T", "Y18T19": "Y_GE18", "Y_GE20": "Y_GE18"},
        {"_T": None, "Y0T19": "_T", "Y_GE20": "_T", "Y0T17": "Y0T19", "Y18T19": "Y0T19"},
    )
    ledger = Ledger()
    adopt(ledger, asked("under-18", {("_T",): (900.0, 30), ("Y0T17",): (200.0, 8)}, age))
    later = asked("under-20", {("_T",): (900.0, 30), ("Y0T19",): (255.0, 9)}, age)
    done = protect(later, policy(rule), ledger)
    assert done.withheld[later.row("Y0T19")]
    assert not protect(later, policy(rule), Ledger()).withheld.any()
