"""Missing indicators (step 3 of the handbook): counted, screened, and filled in only by a method that was chosen.

OECD/JRC (2008), *Handbook on Constructing Composite Indicators*, pages 55 to 62.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from migstat.estimation.composite_structure import Floats, IndexStructure, Mask, complete
from migstat.model import Refused

ImputationMethod = Literal["none", "mean", "median"]


@dataclass(frozen=True, eq=False)
class Imputation:
    """How missing values are filled in: not at all (they are refused), by the mean or by the median of the indicator,
    within groups of units where ``groups`` (one label a unit) is given."""

    method: ImputationMethod = "none"
    groups: Sequence[Any] | NDArray[Any] | None = None


@dataclass(frozen=True, eq=False)
class ImputedTable:
    """A complete table, which of its values were missing, and the spread to allow for each of those (0 elsewhere)."""

    values: Floats
    was_missing: Mask
    spread: Floats


def availability(table: Floats) -> tuple[Floats, Floats]:
    """Share of values present for each unit and for each indicator, between 0 and 1.

    >>> by_unit, by_indicator = availability(np.array([[1.0, np.nan], [2.0, 3.0]]))
    >>> by_unit.tolist(), by_indicator.tolist()
    ([0.5, 1.0], [1.0, 0.5])
    """
    present = ~np.isnan(table)
    return present.mean(axis=1), present.mean(axis=0)


def impute(structure: IndexStructure, table: Floats, imputation: Imputation) -> ImputedTable:
    """The table (units x indicators) with missing values filled in as ``imputation`` says.

    The spread of an imputed value is the standard deviation of the values it was taken from: filling in a mean does not
    make the value known, and the uncertainty analysis draws it with that spread.

    Raises Refused for missing values under "none", and for an indicator without two values in a group that needs them.

    >>> from migstat.estimation.composite_structure import Node
    >>> structure = IndexStructure((Node("rent", "index"),), (Node("index", None),))
    >>> filled = impute(structure, np.array([[1.0], [np.nan], [3.0]]), Imputation("mean"))
    >>> filled.values.ravel().tolist(), filled.was_missing.ravel().tolist(), filled.spread.ravel().round(3).tolist()
    ([1.0, 2.0, 3.0], [False, True, False], [0.0, 1.414, 0.0])
    """
    if imputation.method not in ("none", "mean", "median"):
        raise Refused("composite.imputation", found=repr(imputation.method), remedy="use none, mean or median")
    missing = np.isnan(table)
    if imputation.method == "none" or not missing.any():
        return ImputedTable(complete(table, structure.codes), missing, np.zeros_like(table))
    values, spread = table.copy(), np.zeros_like(table)
    middle = np.nanmean if imputation.method == "mean" else np.nanmedian
    for rows in _groups(imputation.groups, table.shape[0]):
        for column in np.flatnonzero(missing[rows].any(axis=0)):
            present = table[rows, column][~missing[rows, column]]
            if present.size < 2:
                raise Refused(
                    "composite.imputation_source",
                    found=f"{present.size} values of {structure.codes[column]} in a group to impute from",
                    remedy="use larger groups, or leave the indicator out and say so",
                )
            empty = rows[missing[rows, column]]
            values[empty, column] = middle(present)
            spread[empty, column] = present.std(ddof=1)
    return ImputedTable(values, missing, spread)


def _groups(labels: Sequence[Any] | NDArray[Any] | None, units: int) -> list[NDArray[np.int64]]:
    if labels is None:
        return [np.arange(units)]
    column = np.asarray(labels)
    if column.shape != (units,):
        raise Refused("composite.groups", found=f"groups of shape {column.shape}", remedy=f"give {units} labels")
    return [np.flatnonzero(column == label) for label in np.unique(column)]
