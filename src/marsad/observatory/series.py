"""What may be said of two values of a series: a change, no change, or that they do not compare, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
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


def by_area(points: Iterable[Point]) -> dict[str, list[Point]]:
    found: dict[str, list[Point]] = {}
    for point in points:
        found.setdefault(point.area, []).append(point)
    return found


def periods(points: Iterable[Point]) -> list[str]:
    """The periods of some points, earliest first."""
    found = {point.period: point.period_start for point in points}
    return sorted(found, key=lambda period: (found[period], period))


def natural_classes(values: Iterable[float], most: int = 4) -> list[tuple[float, float]]:
    """Classes of a map: the partition of the sorted values above zero that leaves the least spread inside its classes.

    Fisher 1958, "On grouping for maximum homogeneity"; the classes that cartographers know as natural breaks.

    >>> natural_classes([0.1, 0.1, 1.4, 1.5, 4.6])
    [(0.1, 0.1), (1.4, 1.4), (1.5, 1.5), (4.6, 4.6)]
    >>> natural_classes([0, 1, 1.1, 9, 9.2, 30], most=3)
    [(1, 1.1), (9, 9.2), (30, 30)]
    """
    ordered = sorted(value for value in values if value > 0)
    distinct = sorted(set(ordered))
    if len(distinct) <= most:
        return [(value, value) for value in distinct]
    return _best_partition(ordered, distinct, most)


def _best_partition(ordered: list[float], distinct: list[float], classes: int) -> list[tuple[float, float]]:
    """Least squares within classes, by dynamic programming over the distinct values."""
    count = len(distinct)
    weights = [ordered.count(value) for value in distinct]

    def spread(first: int, last: int) -> float:
        total = sum(weights[first : last + 1])
        mean = sum(w * v for w, v in zip(weights[first : last + 1], distinct[first : last + 1], strict=True)) / total
        return sum(
            w * (v - mean) ** 2 for w, v in zip(weights[first : last + 1], distinct[first : last + 1], strict=True)
        )

    best = [(spread(0, last), [(0, last)]) for last in range(count)]
    for _ in range(classes - 1):
        best = [
            min(
                (
                    (best[cut - 1][0] + spread(cut, last), [*best[cut - 1][1], (cut, last)])
                    for cut in range(1, last + 1)
                ),
                default=best[last],
            )
            for last in range(count)
        ]
    return [(distinct[first], distinct[last]) for first, last in best[-1][1]]
