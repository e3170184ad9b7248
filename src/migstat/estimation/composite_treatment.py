"""Outliers (step 4 of the handbook): winsorised a few at a time until skewness and kurtosis pass, else put on a log scale.

The test is JRC's: an indicator fails when its absolute skewness is above 2 and its kurtosis above 3.5 (Groeneveld and Meeden
1984, The Statistician 33; OECD/JRC handbook, page 84). A logarithm shifted by 1 % of the range follows where that is not
enough; it is reflected for a tail on the left.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from migstat.estimation.composite_kernel import skewness_and_kurtosis, treat_column
from migstat.estimation.composite_structure import Floats, IndexStructure, Ints, Mask, complete
from migstat.model import Refused


@dataclass(frozen=True, slots=True)
class Treatment:
    """At most so many values winsorised an indicator, the limits of the test, and whether a logarithm may follow."""

    most_winsorised: int = 5
    skewness: float = 2.0
    kurtosis: float = 3.5
    transform: bool = True

    def __post_init__(self) -> None:
        if self.most_winsorised < 0 or not (self.skewness > 0 and self.kurtosis > 0):
            raise Refused("composite.treatment", found=repr(self), remedy="give 0 or more values and limits above 0")

    def row(self) -> list[float]:
        return [float(self.most_winsorised), self.skewness, self.kurtosis, float(self.transform)]


UNTREATED = Treatment(0, float("inf"), float("inf"), transform=False)


@dataclass(frozen=True, eq=False)
class TreatedTable:
    """The table after treatment and, for each indicator, what was done and the moments before and after."""

    values: Floats
    winsorised: Ints
    transformed: Mask
    before: Floats
    after: Floats

    def passes(self, treatment: Treatment) -> Mask:
        """Whether each indicator now passes the test; one that does not is to be looked at by a person."""
        passed: Mask = (np.abs(self.after[:, 0]) <= treatment.skewness) | (self.after[:, 1] <= treatment.kurtosis)
        return passed


def treat(structure: IndexStructure, table: Floats, treatment: Treatment) -> TreatedTable:
    """Treat every indicator of a complete table (units x indicators). ``before`` and ``after`` hold skewness and kurtosis.

    Raises Refused for missing values. Tables of fewer than four units are left as they are: their moments say nothing.

    >>> from migstat.estimation.composite_structure import Node
    >>> structure = IndexStructure((Node("rent", "index"),), (Node("index", None),))
    >>> treated = treat(structure, np.array([[1.0], [2], [3], [4], [5], [6], [7], [90]]), Treatment())
    >>> treated.values.ravel().tolist(), treated.winsorised.tolist()
    ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 7.0], [1])
    """
    complete(table, structure.codes)
    done = [treat_column(np.ascontiguousarray(column), *treatment.row()) for column in table.T]
    values = np.column_stack([column for column, _, _ in done])
    return TreatedTable(
        values,
        np.array([count for _, count, _ in done]),
        np.array([logged for _, _, logged in done]),
        _moments(table),
        _moments(values),
    )


def _moments(table: Floats) -> Floats:
    if table.shape[0] < 4:
        return np.zeros((table.shape[1], 2))
    return np.array([skewness_and_kurtosis(np.ascontiguousarray(column)) for column in table.T])
