"""The tree of a composite index: indicators, themes above them, one index on top (steps 1 and 2 of the OECD/JRC handbook)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from migstat.model import Refused

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Node:
    """An indicator or an aggregate: its code, the aggregate it belongs to (None for the index), its weight there.

    ``direction`` is 1 where more means more of what the index measures, -1 where more means less of it.
    """

    code: str
    parent: str | None
    weight: float = 1.0
    direction: int = 1


@dataclass(frozen=True)
class IndexStructure:
    """Indicators (columns of the table of values, in order) and aggregates; checked whole when built.

    Raises Refused for codes used twice, unknown parents, circles, no or several indices on top, aggregates without
    parts, weights that are negative or add up to 0, and directions other than 1 and -1.

    >>> structure = IndexStructure(
    ...     (Node("rent", "housing"), Node("rooms", "housing", direction=-1), Node("school", "education")),
    ...     (Node("housing", "index", 2), Node("education", "index"), Node("index", None)))
    >>> structure.order, structure.effective_weights().round(3).tolist()
    (('housing', 'education', 'index'), [0.333, 0.333, 0.333])
    """

    indicators: tuple[Node, ...]
    aggregates: tuple[Node, ...]

    def __post_init__(self) -> None:
        nodes = (*self.indicators, *self.aggregates)
        codes = [node.code for node in nodes]
        if len(set(codes)) < len(codes):
            raise Refused("composite.codes", found="a code used twice", remedy="give every node its own code")
        aggregates = {node.code for node in self.aggregates}
        tops = [node for node in nodes if node.parent is None]
        if len(tops) != 1 or tops[0].code not in aggregates:
            raise Refused("composite.top", found=f"{len(tops)} nodes without parent", remedy="put one index on top")
        if any(node.parent not in aggregates for node in nodes if node.parent is not None):
            raise Refused("composite.parent", found="an unknown parent", remedy="name an aggregate of this structure")
        if any(node.direction not in (1, -1) for node in nodes):
            raise Refused("composite.direction", found="a direction that is not 1 or -1", remedy="give 1 or -1")
        self._refuse_weights()
        self._refuse_circles()

    def _refuse_weights(self) -> None:
        sums = dict.fromkeys((node.code for node in self.aggregates), 0.0)
        for node in (*self.indicators, *self.aggregates):
            if not (node.weight >= 0 and np.isfinite(node.weight)):
                raise Refused("composite.weight", found=f"weight {node.weight} of {node.code}", remedy="give 0 or more")
            if node.parent is not None:
                sums[node.parent] += node.weight
        empty = [code for code, weight in sums.items() if weight == 0]
        if empty:
            raise Refused("composite.weight", found=f"no weight under {', '.join(empty)}", remedy="give it parts")

    def _refuse_circles(self) -> None:
        if len(self.order) < len(self.aggregates):
            raise Refused("composite.circle", found="an aggregate that is part of itself", remedy="break the circle")

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Aggregates from the bottom up: each after its parts."""
        waiting = {
            node.code: {part.code for part in self.aggregates if part.parent == node.code} for node in self.aggregates
        }
        found: list[str] = []
        while ready := [code for code, parts in waiting.items() if parts <= set(found)]:
            found.extend(ready)
            for code in ready:
                del waiting[code]
        return tuple(found)

    @property
    def top(self) -> str:
        return self.order[-1]

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(node.code for node in self.indicators)

    @cached_property
    def edges(self) -> tuple[Ints, Ints, Floats]:
        """Parts of all aggregates in ``order``: where each aggregate's parts start, the slot of each part (indicators
        first, then aggregates in order) and the weight of each."""
        slots = {code: place for place, code in enumerate((*self.codes, *self.order))}
        nodes = (*self.indicators, *self.aggregates)
        starts, parts, weights = [0], [], []
        for code in self.order:
            own = sorted((node for node in nodes if node.parent == code), key=lambda node: slots[node.code])
            parts += [slots[node.code] for node in own]
            weights += [node.weight for node in own]
            starts.append(len(parts))
        return np.array(starts), np.array(parts), np.array(weights)

    @cached_property
    def directions(self) -> Floats:
        return np.array([node.direction for node in self.indicators], dtype=np.float64)

    def effective_weights(self) -> Floats:
        """Share of each indicator in the index when every level is an arithmetic mean; they add up to 1."""
        starts, parts, weights = self.edges
        shares = np.zeros(len(self.indicators) + len(self.order))
        shares[-1] = 1.0
        for place in range(len(self.order) - 1, -1, -1):
            own = slice(starts[place], starts[place + 1])
            shares[parts[own]] = shares[len(self.indicators) + place] * weights[own] / weights[own].sum()
        return shares[: len(self.indicators)]

    def with_weights(self, weights: Mapping[str, float]) -> IndexStructure:
        """The same tree with the weights of some nodes replaced.

        Raises Refused for a code that the tree does not have.
        """
        known = {node.code for node in (*self.indicators, *self.aggregates)}
        if not set(weights) <= known:
            raise Refused("composite.codes", found="a weight for an unknown code", remedy="name nodes of the structure")
        return IndexStructure(_reweighted(self.indicators, weights), _reweighted(self.aggregates, weights))

    def table(self, values: ArrayLike) -> Floats:
        """``values`` as numbers (units x indicators), NaN where missing; refused when of another shape or infinite."""
        table = np.asarray(values, dtype=np.float64)
        if table.ndim != 2 or table.shape[0] < 2 or table.shape[1] != len(self.indicators):
            raise Refused(
                "composite.shape",
                found=f"a table of shape {table.shape}",
                remedy=f"give two or more units in rows and the {len(self.indicators)} indicators in columns",
            )
        if np.isinf(table).any():
            raise Refused("composite.finite", found="infinite values", remedy="correct them or mark them missing (NaN)")
        return table


def _reweighted(nodes: Sequence[Node], weights: Mapping[str, float]) -> tuple[Node, ...]:
    return tuple(replace(node, weight=weights.get(node.code, node.weight)) for node in nodes)


def complete(table: Floats, codes: Sequence[str]) -> Floats:
    """The table itself, refused when a value is missing: no unit and no indicator is ever skipped in silence."""
    missing = np.isnan(table)
    if missing.any():
        columns = [codes[place] for place in np.flatnonzero(missing.any(axis=0))[:5]]
        raise Refused(
            "composite.missing",
            found=f"{int(missing.sum())} missing values, in {', '.join(columns)}",
            remedy="choose an imputation, or leave out the units or indicators yourself and say so",
        )
    return table
