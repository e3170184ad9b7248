"""What may be said of two values of a series: a change, no change, or that they do not compare, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from math import inf
from typing import Protocol

from marsad.dissemination.queries import Point
from marsad.web.numbers import rounded
from migstat.model import Period, Refused


class Break(Protocol):
    """A break in a series as the catalogue keeps it; ``area_id`` None means everywhere."""

    indicator_id: str
    area_id: str | None
    period: str
    kind: str


class Direction(StrEnum):
    UP = "up"
    DOWN = "down"
    SAME = "same"
    WITHIN_DOUBT = "within_doubt"
    BREAK = "break"
    BASE = "base"
    UNKNOWN = "unknown"


COMPARABLE = frozenset({Direction.UP, Direction.DOWN, Direction.SAME, Direction.WITHIN_DOUBT})


@dataclass(frozen=True)
class Change:
    """From one value to a later one. ``crossed`` is the break that lies between them, where one does."""

    before: Point | None
    after: Point | None
    direction: Direction
    crossed: Break | None = None

    @property
    def comparable(self) -> bool:
        return self.direction in COMPARABLE

    @property
    def difference(self) -> float:
        """After less before. Raises Refused where the two do not compare."""
        before, after = self._numbers()
        return after - before

    @property
    def relative(self) -> float | None:
        """The difference in per cent of the earlier value; None where that is zero. Raises Refused as ``difference``."""
        before, after = self._numbers()
        return None if before == 0 else 100 * (after - before) / before

    def _numbers(self) -> tuple[float, float]:
        before = None if self.before is None else self.before.value
        after = None if self.after is None else self.after.value
        if not self.comparable or before is None or after is None:
            raise Refused("change.comparable", found=self.direction.value, remedy="say that the values do not compare")
        return before, after


def change(before: Point | None, after: Point | None, breaks: Iterable[Break], decimals: int) -> Change:
    """What happened between two observations of one indicator and area, never across a break or two population bases.

    Values that print alike are the same; intervals that overlap leave the change within doubt.
    """
    if before is None or after is None or before.value is None or after.value is None:
        return Change(before, after, Direction.UNKNOWN)
    crossed = crossing(before, after, breaks)
    if crossed is not None:
        return Change(before, after, Direction.BREAK, crossed)
    if before.base != after.base or before.origin != after.origin:
        return Change(before, after, Direction.BASE)
    return Change(before, after, _direction(before, after, decimals))


def _direction(before: Point, after: Point, decimals: int) -> Direction:
    first, last = rounded(before.value or 0.0, decimals), rounded(after.value or 0.0, decimals)
    if first == last:
        return Direction.SAME
    if None not in (before.low, before.high, after.low, after.high) and _overlap(before, after):
        return Direction.WITHIN_DOUBT
    return Direction.UP if last > first else Direction.DOWN


def _overlap(one: Point, other: Point) -> bool:
    return (one.low or 0.0) <= (other.high or 0.0) and (other.low or 0.0) <= (one.high or 0.0)


def crossing(before: Point, after: Point, breaks: Iterable[Break]) -> Break | None:
    """The first break after the period of ``before`` and not after that of ``after``, in the same indicator and area."""
    for found in breaks:
        mine = found.indicator_id == after.indicator and found.area_id in (None, after.area)
        if mine and before.period_start < Period.parse(found.period).start <= after.period_start:
            return found
    return None


def ends(points: Sequence[Point]) -> tuple[Point | None, Point | None]:
    """The earliest and the latest value of one series; (None, only) where there is one."""
    valued = sorted((point for point in points if point.state == "value"), key=lambda point: point.period_start)
    if not valued:
        return None, None
    return (valued[0] if len(valued) > 1 else None), valued[-1]


def whole_periods(points: Sequence[Point]) -> list[Point]:
    """Without the periods that are shorter than most: what flowed in a year under way does not compare with whole years."""
    lengths = sorted((point.period_end - point.period_start).days for point in points)
    usual = lengths[len(lengths) // 2] if lengths else 0
    return [point for point in points if (point.period_end - point.period_start).days >= 0.9 * usual]


def latest_vintages(points: Iterable[Point]) -> list[Point]:
    """Of the values that several vintages give for one cell, the one of the latest: two vintages are never one series."""
    found: dict[tuple[str, str, str, str], Point] = {}
    for point in points:
        cell = (point.indicator, point.area, point.period, point.breakdown_key)
        if cell not in found or point.vintage > found[cell].vintage:
            found[cell] = point
    return list(found.values())


def comparable_ends(
    points: Sequence[Point], breaks: Sequence[Break], *, flow: bool = False
) -> tuple[Point | None, Point | None]:
    """The latest value, and the earliest one that compares with it; where none does, the earliest there is.

    A long series with a break in it so tells what happened since the break; of a flow, only whole periods compare.
    """
    points = whole_periods(points) if flow else points
    first, last = ends(points)
    if first is None or last is None:
        return first, last
    valued = sorted((point for point in points if point.state == "value"), key=lambda point: point.period_start)
    comparing = [p for p in valued[:-1] if p.base == last.base and crossing(p, last, breaks) is None]
    return (comparing[0] if comparing else first), last


def by_area(points: Iterable[Point]) -> dict[str, list[Point]]:
    found: dict[str, list[Point]] = {}
    for point in points:
        found.setdefault(point.area, []).append(point)
    return found


def periods(points: Iterable[Point]) -> list[str]:
    """The periods of some points, earliest first."""
    found = {point.period: point.period_start for point in points}
    return sorted(found, key=lambda period: (found[period], period))


GOOD_FIT: float = 0.98


def natural_classes(values: Iterable[float], most: int = 4) -> list[tuple[float, float]]:
    """Classes of a map, lowest and highest value of each: the fewest whose spread inside is 2 % or less of the whole spread.

    Fisher 1958, "On grouping for maximum homogeneity"; the classes that cartographers know as natural breaks. Zero is no
    part of any class: it is shown as itself.

    >>> natural_classes([0.1, 0.1, 1.4, 1.5, 4.6])
    [(0.1, 0.1), (1.4, 1.5), (4.6, 4.6)]
    >>> natural_classes([0, 7, 7])
    [(7, 7)]
    """
    ordered = sorted(value for value in values if value > 0)
    if not ordered:
        return []
    whole = _spread(ordered)
    count = 1
    found = [ordered]
    while count < min(most, len(set(ordered))) and whole > 0 and sum(map(_spread, found)) > (1 - GOOD_FIT) * whole:
        count += 1
        found = _partition(ordered, count)
    return [(group[0], group[-1]) for group in found]


def _spread(group: Sequence[float]) -> float:
    mean = sum(group) / len(group)
    return sum((value - mean) ** 2 for value in group)


def _partition(ordered: list[float], count: int) -> list[list[float]]:
    """The cut of sorted values into ``count`` groups with the least squares inside them, by dynamic programming."""
    size = len(ordered)
    best: list[tuple[float, tuple[int, ...]]] = [(_spread(ordered[:end]), ()) for end in range(1, size + 1)]
    for groups in range(2, count + 1):
        best = [
            min(
                (
                    (best[cut - 1][0] + _spread(ordered[cut:end]), (*best[cut - 1][1], cut))
                    for cut in range(groups - 1, end)
                    if ordered[cut] > ordered[cut - 1]
                ),
                default=(inf, ()),
            )
            for end in range(1, size + 1)
        ]
    ends = [0, *best[-1][1], size]
    return [ordered[first:last] for first, last in pairwise(ends)]
