"""From the rows of an engine's answers to the cells of a table: codes rolled up to their wholes, exactly."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import product
from math import prod

import numpy as np
from numpy.typing import NDArray

from migstat.indicators import Breakdown, Indicator, Selection
from migstat.indicators.vocabulary import PERIOD
from migstat.model.tables import Dimension

Level = dict[str, str]
Integers = NDArray[np.int64]


class Grid:
    """The axes along which one selection was grouped, and the way from their innermost codes to every cell.

    A selection without dates has no axis of periods of its own: what it holds stands in every period alike.
    """

    def __init__(self, indicator: Indicator, selection: Selection) -> None:
        self.indicator = indicator
        self.axes = indicator.axes
        self.own = tuple(axis for axis in self.axes if axis.id != PERIOD or selection.period is not None)
        self._ids = {axis.id for axis in self.own}
        self.names = [f"axis_{at}" for at in range(len(self.own))]
        self.dated = any(axis.id == PERIOD for axis in self.own)
        self._leaf_places = [{leaf: at for at, leaf in enumerate(axis.tree.leaves)} for axis in self.own]

    def place(self, codes: tuple[str | None, ...], period: int | None) -> tuple[int, ...] | None:
        """Where the rows of these codes and this period are counted; None for rows of elsewhere, nowhere in
        particular for rows whose period cannot be told.

        Raises Refused for a code that is not in its list.
        """
        leaves = [axis.leaf(code) for axis, code in zip(self.indicator.by, codes, strict=True)]
        if None in leaves:
            return None
        if period is None:
            return ()
        if self.dated:
            leaves = [self.indicator.periods[period].text, *leaves]
        return tuple(places[leaf] for places, leaf in zip(self._leaf_places, leaves, strict=True) if leaf is not None)

    def zeros(self) -> Integers:
        return np.zeros(tuple(len(axis.tree.leaves) for axis in self.own), dtype=np.int64)

    def spread(self, leaves: Integers) -> list[int]:
        """The sums of every cell of the table, in its order, from those of the innermost codes."""
        values = leaves
        for at, axis in enumerate(self.axes):
            if axis.id not in self._ids:
                values = np.repeat(np.expand_dims(values, at), len(axis.tree.codes), axis=at)
                continue
            membership = axis.tree.membership.astype(np.int64)
            values = np.moveaxis(np.tensordot(membership, values, axes=(1, at)), 0, at)
        spread: list[int] = values.ravel().tolist()
        return spread

    @cached_property
    def _covering(self) -> list[list[tuple[int, ...]]]:
        """For each axis and innermost code, the places of the codes that cover it."""
        covering = []
        for axis in self.axes:
            places: dict[str, list[int]] = {leaf: [] for leaf in axis.tree.leaves}
            for at, code in enumerate(axis.tree.codes):
                for leaf in axis.tree.leaf_set(code):
                    places[leaf].append(at)
            covering.append([tuple(places[leaf]) for leaf in axis.tree.leaves])
        return covering

    @cached_property
    def _strides(self) -> list[int]:
        """By how many cells the table goes on when the code of an axis does."""
        sizes = [len(axis.tree.codes) for axis in self.axes]
        return [prod(sizes[at + 1 :]) for at in range(len(sizes))]

    def cells_over(self, place: tuple[int, ...]) -> Iterator[int]:
        """The cells, by their number in the table, that hold the rows of one place."""
        at = iter(place)
        ways = [
            covering[next(at)] if axis.id in self._ids else range(len(axis.tree.codes))
            for axis, covering in zip(self.axes, self._covering, strict=True)
        ]
        for way in product(*ways):
            yield sum(code * stride for code, stride in zip(way, self._strides, strict=True))

    def cells_at(self, codes: Sequence[str]) -> list[int]:
        """The cells with these codes, one per own axis; in every period where the selection has none."""
        given = iter(codes)
        ways = [
            [axis.tree.position[next(given)]] if axis.id in self._ids else range(len(axis.tree.codes))
            for axis in self.axes
        ]
        return [sum(at * stride for at, stride in zip(way, self._strides, strict=True)) for way in product(*ways)]


def levels(axis: Breakdown) -> list[Level]:
    """Each level of an axis, from the whole to the innermost codes: the code that stands for each leaf there."""
    ways = {leaf: _ancestors(axis.tree, leaf) for leaf in axis.tree.leaves}
    deepest = max(len(way) for way in ways.values())
    return [{leaf: way[min(depth, len(way) - 1)] for leaf, way in ways.items()} for depth in range(deepest)]


def _ancestors(tree: Dimension, leaf: str) -> tuple[str, ...]:
    parents = {tree.codes[part]: tree.codes[whole] for whole, parts in tree.relations for part in parts}
    way = [leaf]
    while way[-1] in parents:
        way.append(parents[way[-1]])
    return tuple(reversed(way))
