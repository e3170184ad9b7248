"""What an engine's answers say of one selection, cell by cell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any

from marsad.production.ibis_grids import Grid
from migstat.indicators import Indicator, Selection, Statistic
from migstat.indicators.amounts import UNIT
from migstat.indicators.cells import LARGEST_LISTED, Counted, Tally, lists_contributions
from migstat.indicators.row_rules import refuse_outside_range, refuse_several_dates, refused_frequency

Answer = dict[str, list[Any]]
Largest = dict[int, tuple[tuple[int, float], ...]]


class Question(StrEnum):
    """What an engine is asked of a selection."""

    COUNTS = "counts"
    CONTRIBUTORS = "contributors"
    LARGEST_ROWS = "largest"
    LARGEST_CONTRIBUTORS = "largest contributors"
    MEDIANS = "medians"


_SUMS = ("part_n", "part_hi", "part_lo", "rest_n", "rest_hi", "rest_lo", "unknown", "weight_hi", "weight_lo")


class Side:
    """One selection: what stands above the line of a fraction, or below it. ``undated`` rows found no period."""

    def __init__(self, indicator: Indicator, selection: Selection, ask: Callable[[Question], Answer]) -> None:
        self.indicator, self.selection, self.ask = indicator, selection, ask
        self.grid = Grid(indicator, selection)
        self.codes = [f"code_{at}" for at in range(len(indicator.by))]
        self.undated = 0
        self._sums = {name: self.grid.zeros() for name in _SUMS}
        self._read(ask(Question.COUNTS))
        spread = {name: self.grid.spread(sums) for name, sums in self._sums.items()}
        units = self._contributors(spread) if selection.contributor else (spread["part_n"], spread["rest_n"])
        largest = self._largest() if selection is indicator.rows and lists_contributions(indicator) else {}
        self.inside = [
            Tally(UNIT * hi + lo, n, unknown, largest.get(at, ()))
            for at, (hi, lo, n, unknown) in enumerate(
                zip(spread["part_hi"], spread["part_lo"], units[0], spread["unknown"], strict=True)
            )
        ]
        self.rest = [
            Tally(UNIT * hi + lo, n) for hi, lo, n in zip(spread["rest_hi"], spread["rest_lo"], units[1], strict=True)
        ]
        self.weights = [UNIT * hi + lo for hi, lo in zip(spread["weight_hi"], spread["weight_lo"], strict=True)]

    def _read(self, answer: Answer) -> None:
        dates: dict[int, set[str]] = {}
        for values in zip(*answer.values(), strict=True):
            row = dict(zip(answer, values, strict=True))
            place = self.grid.place(tuple(row[name] for name in self.codes), row.get("period", 0))
            if place is None:
                continue
            _refuse_faulty(row)
            if row.get("period", 0) is None:
                self.undated += row["n"]
                continue
            if "first_date" in row:
                dates.setdefault(row.get("period", 0), set()).update((row["first_date"], row["last_date"]))
            self._add(place, row)
        refuse_several_dates(max((len(found) for found in dates.values()), default=0))

    def _add(self, place: tuple[int, ...], row: Mapping[str, Any]) -> None:
        part = row.get("part", True)
        if row["inside"] is None or part is None:
            self._sums["unknown"][place] += row["n"]
            return
        side, units = "part" if part else "rest", row.get("units", row["n"])
        self._sums[f"{side}_n"][place] += units
        self._sums[f"{side}_hi"][place] += row.get("hi", row["n"])
        self._sums[f"{side}_lo"][place] += row.get("lo", 0)
        self._sums["weight_hi"][place] += row.get("weight_hi", row["n"])
        self._sums["weight_lo"][place] += row.get("weight_lo", 0)

    def _cells(self, answer: Answer) -> Iterator[list[int]]:
        """The cells that each row of an answer by levels is about."""
        for at in range(len(next(iter(answer.values())))):
            yield self.grid.cells_at([answer[name][at] for name in self.grid.names])

    def _cells_once(self, answer: Answer) -> Iterator[list[int]]:
        """As ``_cells``, each cell in one way alone: where an axis ends early, several levels reach the same cell."""
        ways: dict[int, int] = {}
        for cells, way in zip(self._cells(answer), answer["way"], strict=True):
            yield [cell for cell in cells if ways.setdefault(cell, way) == way]

    def _contributors(self, spread: Mapping[str, list[int]]) -> tuple[list[int], list[int]]:
        """Different contributors do not add up over cells: they are counted at every level."""
        part, rest = [0] * len(spread["part_n"]), [0] * len(spread["part_n"])
        answer = self.ask(Question.CONTRIBUTORS)
        for cells, within, units in zip(self._cells(answer), answer["part"], answer["units"], strict=True):
            for cell in cells:
                (part if within else rest)[cell] = units
        return part, rest

    def _largest(self) -> Largest:
        if self.selection.contributor:
            answer = self.ask(Question.LARGEST_CONTRIBUTORS)
            amounts = [UNIT * hi + lo for hi, lo in zip(answer["hi"], answer["lo"], strict=True)]
            return _first(self._cells_once(answer), ((amount, 1.0, amount) for amount in amounts))
        answer = self.ask(Question.LARGEST_ROWS)
        periods = answer.get("period", [0] * len(answer["hi"]))
        codes = zip(*(answer[name] for name in self.codes), strict=True) if self.codes else ((),) * len(periods)
        places = [self.grid.place(own, period) for own, period in zip(codes, periods, strict=True)]
        amounts = [UNIT * hi + lo for hi, lo in zip(answer["hi"], answer["lo"], strict=True)]
        cells = (list(self.grid.cells_over(place)) if place is not None else [] for place in places)
        return _first(cells, zip(answer["value"], answer["weight"], amounts, strict=True))

    def medians(self) -> dict[int, float]:
        """The median of every cell that has one."""
        answer = self.ask(Question.MEDIANS)
        middles = zip(self._cells(answer), answer["low"], answer["high"], strict=True)
        return {cell: (low + high) / 2 for cells, low, high in middles for cell in cells}


def _refuse_faulty(row: Mapping[str, Any]) -> None:
    for number in ("value", "weight", "frequency", "amount"):
        refuse_outside_range(row.get(f"least_{number}") or 0, row.get(f"most_{number}") or 0)
    if row.get("broken"):
        raise refused_frequency()


def _first(cells: Iterator[list[int]], ones: Iterator[tuple[float, float, int]]) -> Largest:
    found: dict[int, list[tuple[float, float, int]]] = {}
    for places, one in zip(cells, ones, strict=True):
        for cell in places:
            found.setdefault(cell, []).append(one)
    return {
        cell: tuple((amount, weight) for _, weight, amount in sorted(listed, reverse=True)[:LARGEST_LISTED])
        for cell, listed in found.items()
    }


def cells_of(sides: Sequence[Side]) -> Iterator[Counted]:
    """Every cell of the table, in its order, from the side above the line and the one below, if there is one."""
    above, indicator = sides[0], sides[0].indicator
    medians = above.medians() if indicator.statistic is Statistic.MEDIAN else {}
    for at, (inside, rest, weight) in enumerate(zip(above.inside, above.rest, above.weights, strict=True)):
        below = Tally()
        if indicator.denominator is not None:
            below = sides[1].inside[at]
        elif indicator.statistic is Statistic.SHARE:
            below = Tally(inside.amount + rest.amount, inside.units + rest.units)
        elif indicator.statistic is Statistic.MEAN:
            below = Tally(weight, inside.units)
        yield Counted(inside, below, rest, medians.get(at))
