"""From what was counted in each cell to the table: the last step, the same for every engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from migstat.indicators.amounts import UNIT
from migstat.indicators.indicator import Indicator
from migstat.indicators.vocabulary import PERIOD, Selection, Statistic
from migstat.model import Measure
from migstat.model.tables import MISSING, NOT_APPLICABLE, VALUE, Table

LARGEST_LISTED: Final = 5
"""How many of the largest contributions a table lists: enough for (n, k) and p % rules with a coalition of four."""


class Tally(NamedTuple):
    """What one cell holds of one selection. ``amount`` is exact (thousand-millionths); ``units`` are contributors,
    unweighted; ``unknown`` are rows of which it is not known whether, or with how much, they belong to the cell;
    ``largest`` the largest contributions as (exact amount, weight)."""

    amount: int = 0
    units: int = 0
    unknown: int = 0
    largest: tuple[tuple[int, float], ...] = ()


class Counted(NamedTuple):
    """One cell: above the line, below it, beside the part of a share (``rest``), and the median where one is asked."""

    above: Tally
    below: Tally = Tally()
    rest: Tally = Tally()
    median: float | None = None


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The table, and what stands behind it, cell by cell: ``unknown`` (n,) rows that were left out because an answer
    is not known; ``parts``, the additive tables above and below the line of a fraction, which disclosure control
    must hold back together with it; ``undated`` rows that no period could be found for."""

    table: Table
    unknown: NDArray[np.int64]
    parts: tuple[Table, ...] = ()
    undated: int = 0


def assemble(indicator: Indicator, cells: Sequence[Counted], undated: int = 0) -> Evaluation:
    """The evaluation from the cells in the order of ``indicator.cells()``. Raises Refused as ``Table`` does."""
    known = [_cell(indicator, cell) for cell in cells]
    values = np.array([value for value, _ in known], dtype=float)
    states = np.array([state for _, state in known], dtype=np.int8)
    contributions, weights = _contributions(indicator, cells, states)
    table = Table(
        indicator.code,
        indicator.measure,
        indicator.dimensions,
        _keys(indicator),
        values,
        states,
        np.array([_contributors(indicator, cell) for cell in cells], dtype=np.int64),
        contributions,
        None,
        indicator.coordinates,
        weights,
    )
    unknown = np.array([cell.above.unknown + cell.below.unknown for cell in cells], dtype=np.int64)
    return Evaluation(table, unknown, _parts(indicator, cells), undated)


def _cell(indicator: Indicator, cell: Counted) -> tuple[float, int]:
    above, below, statistic = cell.above, cell.below, indicator.statistic
    if statistic is Statistic.COUNT:
        return (np.nan, MISSING) if above.unknown and not above.units else (above.amount / UNIT, VALUE)
    if statistic is Statistic.MEDIAN:
        return (cell.median, VALUE) if cell.median is not None else (np.nan, _nothing(above.unknown))
    if not below.amount:
        return np.nan, _nothing(above.unknown + below.unknown)
    if indicator.denominator is not None and above.unknown and not above.units:
        return np.nan, MISSING
    return indicator.per * above.amount / below.amount, VALUE


def _nothing(unknown: int) -> int:
    """Nobody to speak of is not the same as nobody of whom it is known."""
    return MISSING if unknown else NOT_APPLICABLE


def _contributors(indicator: Indicator, cell: Counted) -> int:
    """How few people the number speaks of: of a fraction, those on the smaller side of it that is not empty."""
    if indicator.statistic in (Statistic.COUNT, Statistic.MEAN, Statistic.MEDIAN):
        return cell.above.units
    other = cell.rest if indicator.statistic is Statistic.SHARE else cell.below
    return min((side.units for side in (cell.above, other) if side.units), default=0)


def _keys(indicator: Indicator) -> NDArray[np.int64]:
    shape = tuple(len(axis.tree.codes) for axis in indicator.axes)
    if not shape:
        return np.zeros((1, 0), dtype=np.int64)
    return np.indices(shape).reshape(len(shape), -1).T.astype(np.int64)


def lists_contributions(indicator: Indicator) -> bool:
    """Whether cells may be dominated by one contributor: amounts, and counts of what one person may have several of."""
    if indicator.statistic in (Statistic.MEAN, Statistic.RATIO) and indicator.rows.value:
        return True
    counts = indicator.statistic in (Statistic.COUNT, Statistic.RATE, Statistic.RATIO)
    return counts and bool(indicator.rows.contributor)


def _contributions(
    indicator: Indicator, cells: Sequence[Counted], states: NDArray[np.int8]
) -> tuple[NDArray[np.float64] | None, NDArray[np.float64] | None]:
    """Contributions on the scale of the value. Those of a weighted mean are given unweighted, with their weights."""
    if not lists_contributions(indicator):
        return None, None
    apart = indicator.statistic is Statistic.MEAN and bool(indicator.rows.weight) and not indicator.rows.contributor
    listed, weights = np.zeros((len(cells), LARGEST_LISTED)), np.zeros((len(cells), LARGEST_LISTED))
    for row, cell in enumerate(cells):
        scale = UNIT if indicator.additive else cell.below.amount
        if states[row] != VALUE:
            continue
        each = [
            (indicator.per * amount / scale / (weight if apart else 1), weight) for amount, weight in cell.above.largest
        ]
        for column, (contribution, weight) in enumerate(sorted(each, reverse=True)):
            listed[row, column], weights[row, column] = contribution, weight
    return listed, weights if apart else None


def _parts(indicator: Indicator, cells: Sequence[Counted]) -> tuple[Table, ...]:
    if indicator.statistic in (Statistic.COUNT, Statistic.MEDIAN):
        return ()
    return (
        _part(indicator, "above", [cell.above for cell in cells], indicator.rows),
        _part(indicator, "below", [cell.below for cell in cells], indicator.denominator or indicator.rows),
    )


def _part(indicator: Indicator, name: str, tallies: Sequence[Tally], selection: Selection) -> Table:
    unknown = np.array([tally.unknown > 0 and not tally.units for tally in tallies], dtype=bool)
    return Table(
        f"{indicator.code}/{name}",
        Measure(f"{indicator.indicator}/{name}", "amount", indicator.kind, True),
        tuple(
            # what has no date stands in every period: its periods are no parts of anything
            axis.without_wholes if axis.id == PERIOD and selection.period is None else axis.tree
            for axis in indicator.axes
        ),
        _keys(indicator),
        np.where(unknown, np.nan, np.array([tally.amount / UNIT for tally in tallies], dtype=float)),
        np.where(unknown, MISSING, VALUE).astype(np.int8),
        np.array([tally.units for tally in tallies], dtype=np.int64),
        coordinates=indicator.coordinates,
    )
