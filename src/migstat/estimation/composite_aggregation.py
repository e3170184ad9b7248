"""From indicators to one score (step 7 of the handbook): means that compensate, and Condorcet's method that does not.

OECD/JRC (2008), *Handbook on Constructing Composite Indicators*, pages 102 to 116; Munda and Nardo (2009), Applied Economics
41, 1513-1523; Young and Levenglick (1978), SIAM Journal on Applied Mathematics 35, 285-300 (Condorcet-Kemeny-Young-Levenglick).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, get_args

import numpy as np

from migstat.estimation.composite_kernel import aggregate_tree
from migstat.estimation.composite_structure import Floats, IndexStructure, Ints
from migstat.model import Refused

AggregationMethod = Literal["arithmetic", "geometric", "harmonic", "copeland"]
Aggregation = AggregationMethod | Mapping[str, AggregationMethod]
# In the order of the kernel's codes.
AGGREGATIONS: Final[tuple[str, ...]] = get_args(AggregationMethod)
MOST_UNITS_FOR_CONDORCET = 16


def methods_of(structure: IndexStructure, aggregation: Aggregation) -> Ints:
    """The method of every aggregate in the tree's order, as the kernel takes them.

    Raises Refused for an unknown method or, where methods are given by aggregate, one that is left out.
    """
    named = aggregation if isinstance(aggregation, Mapping) else dict.fromkeys(structure.order, aggregation)
    if set(named) != set(structure.order):
        raise Refused(
            "composite.aggregation", found="aggregates without a method", remedy="name one for every aggregate"
        )
    unknown = set(named.values()) - set(AGGREGATIONS)
    if unknown:
        raise Refused(
            "composite.aggregation", found=", ".join(sorted(unknown)), remedy=f"use one of {', '.join(AGGREGATIONS)}"
        )
    return np.array([AGGREGATIONS.index(named[code]) for code in structure.order])


def aggregate(structure: IndexStructure, scaled: Floats, aggregation: Aggregation) -> Floats:
    """Scores (units x aggregates, in the tree's order) of normalised indicators (units x indicators).

    Raises Refused where a geometric or harmonic mean meets a score of 0 or less.

    >>> from migstat.estimation.composite_structure import Node
    >>> structure = IndexStructure((Node("a", "i"), Node("b", "i")), (Node("i", None),))
    >>> aggregate(structure, np.array([[1.0, 4.0], [9.0, 1.0]]), "geometric").ravel().round(9).tolist()
    [2.0, 3.0]
    """
    starts, parts, weights = structure.edges
    scores = np.empty((len(structure.indicators) + len(structure.order), scaled.shape[0]))
    scores[: len(structure.indicators)] = scaled.T
    aggregate_tree(scores, starts, parts, weights, methods_of(structure, aggregation))
    result: Floats = scores[len(structure.indicators) :].T
    refuse_undefined(result)
    return result


def refuse_undefined(scores: Floats) -> None:
    """Refuse scores that a mean could not be worked out for."""
    if not np.isfinite(scores).all():
        raise Refused(
            "composite.undefined",
            found="a geometric or harmonic mean of a score that is not above 0, or an indicator that does not vary",
            remedy="normalise to a range above 0, such as 1 to 100, or aggregate arithmetically",
        )


def outranking(scaled: Floats, weights: Floats) -> Floats:
    """Weight (units x units) of the indicators on which the unit of the row is above that of the column; ties count half.

    >>> outranking(np.array([[2.0, 1.0], [1.0, 1.0]]), np.array([0.6, 0.4])).tolist()
    [[0.0, 0.8], [0.2, 0.0]]
    """
    share = weights / weights.sum()
    above = np.zeros((scaled.shape[0], scaled.shape[0]))
    for column, weight in zip(scaled.T, share, strict=True):
        gap = column[:, None] - column[None, :]
        above += weight * ((gap > 0) + 0.5 * (gap == 0))
    np.fill_diagonal(above, 0.0)
    return above


def condorcet_order(scaled: Floats, weights: Floats) -> tuple[int, ...]:
    """Places of the units from first to last in the order that agrees with most weight over all pairs.

    Exact, by dynamic programming over sets of units; of several best orders the first in table order is given.

    Raises Refused above 16 units: the work doubles with every unit, and Copeland's rule serves there.

    >>> condorcet_order(np.array([[1.0, 1.0], [3.0, 2.0], [2.0, 3.0]]), np.array([0.6, 0.4]))
    (1, 2, 0)
    """
    units = scaled.shape[0]
    if units > MOST_UNITS_FOR_CONDORCET:
        raise Refused(
            "composite.condorcet_units",
            found=f"{units} units",
            remedy=f"rank at most {MOST_UNITS_FOR_CONDORCET} units this way, or aggregate with copeland",
        )
    above = outranking(scaled, weights)
    best = np.full(1 << units, -np.inf)
    choice = np.zeros(1 << units, dtype=np.int64)
    best[0] = 0.0
    everyone = np.arange(units)
    for chosen in range(1, 1 << units):
        members = everyone[(chosen >> everyone) & 1 == 1]
        # The first of a set is above all others of it.
        gains = above[np.ix_(members, members)].sum(axis=1) + best[chosen ^ (1 << members)]
        first = int(np.argmax(gains > gains.max() - 1e-12))
        best[chosen], choice[chosen] = gains[first], members[first]
    order, left = [], (1 << units) - 1
    while left:
        order.append(int(choice[left]))
        left ^= 1 << order[-1]
    return tuple(order)
