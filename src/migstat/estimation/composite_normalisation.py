"""A common scale for all indicators (step 5 of the handbook): min-max, z-score, ranks, distances, goalposts.

OECD/JRC (2008), *Handbook on Constructing Composite Indicators*, pages 83 to 88. A direction of -1 turns an indicator
round first, so that more always means more of what the index measures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np

from migstat.estimation.composite_kernel import normalise_column
from migstat.estimation.composite_structure import Floats, IndexStructure, complete
from migstat.model import Refused

NormalisationMethod = Literal[
    "minmax",
    "zscore",
    "rank",
    "borda",
    "percentile_rank",
    "distance_to_maximum",
    "fraction_of_maximum",
    "scaled",
    "goalposts",
]
# In the order of the kernel's codes.
NORMALISATIONS: Final[tuple[str, ...]] = get_args(NormalisationMethod)
_USUAL = {"minmax": (0.0, 100.0), "goalposts": (0.0, 100.0), "zscore": (0.0, 1.0), "scaled": (0.0, 1.0)}


@dataclass(frozen=True)
class Normalisation:
    """A method and its two parameters: low and high end (minmax, goalposts), mean and spread (zscore), offset and factor
    (scaled); the usual ones where not given. ``goalposts`` are the fixed ends of each indicator by code, in its own unit:
    with them a score keeps its meaning from one year to the next."""

    method: NormalisationMethod = "minmax"
    parameters: tuple[float, float] | None = None
    goalposts: Mapping[str, tuple[float, float]] | None = None

    def __post_init__(self) -> None:
        if self.method not in NORMALISATIONS:
            raise Refused(
                "composite.normalisation", found=repr(self.method), remedy=f"use one of {', '.join(NORMALISATIONS)}"
            )
        if self.parameters is not None and not self.parameters[1] > (
            self.parameters[0] if self.method in ("minmax", "goalposts") else 0
        ):
            raise Refused(
                "composite.normalisation", found=repr(self.parameters), remedy="give a high end above the low end"
            )
        if (self.method == "goalposts") != (self.goalposts is not None):
            raise Refused(
                "composite.goalposts", found="a method and goalposts that do not match", remedy="give both or neither"
            )

    def row(self) -> list[float]:
        """Code of the method and its parameters, as the kernel takes them."""
        first, second = self.parameters or _USUAL.get(self.method, (0.0, 1.0))
        return [float(NORMALISATIONS.index(self.method)), first, second]

    def posts(self, structure: IndexStructure) -> Floats:
        """Goalposts (indicators x 2), 0 and 1 where there are none.

        Raises Refused for an indicator without goalposts or with ends out of order.
        """
        if self.goalposts is None:
            return np.tile([0.0, 1.0], (len(structure.indicators), 1))
        lacking = [code for code in structure.codes if code not in self.goalposts]
        if lacking:
            raise Refused("composite.goalposts", found=f"none for {', '.join(lacking[:5])}", remedy="give them")
        posts = np.array([self.goalposts[code] for code in structure.codes], dtype=np.float64)
        if not (posts[:, 1] > posts[:, 0]).all():
            raise Refused("composite.goalposts", found="ends out of order", remedy="give low, then high")
        return posts


def normalise(structure: IndexStructure, table: Floats, normalisation: Normalisation) -> Floats:
    """A complete table (units x indicators) on a common scale.

    Raises Refused for missing values, an indicator that is the same everywhere (where the method divides by its spread)
    and, for fraction_of_maximum, one that is negative or turned round: the share of a negative maximum is nothing.

    >>> from migstat.estimation.composite_structure import Node
    >>> structure = IndexStructure((Node("rent", "i"), Node("rooms", "i", direction=-1)), (Node("i", None),))
    >>> normalise(structure, np.array([[1.0, 1.0], [2.0, 3.0], [5.0, 5.0]]), Normalisation()).tolist()
    [[0.0, 100.0], [25.0, 50.0], [100.0, 0.0]]
    """
    complete(table, structure.codes)
    method, first, second = normalisation.row()
    columns = [
        normalise_column(np.ascontiguousarray(column), int(method), first, second, direction, low, high)
        for column, direction, (low, high) in zip(
            table.T, structure.directions, normalisation.posts(structure), strict=True
        )
    ]
    scaled = np.column_stack(columns)
    undefined = [code for code, column in zip(structure.codes, columns, strict=True) if not np.isfinite(column).all()]
    if undefined:
        raise Refused(
            "composite.normalisation_undefined",
            found=f"{normalisation.method} of {', '.join(undefined[:5])}",
            remedy="leave out an indicator that does not vary; take minmax or goalposts for one with negative values",
        )
    return scaled
