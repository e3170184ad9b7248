"""Parts of the promised period of which a delivery holds no row: at its ends, and in its midst, where nobody looks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from enum import IntEnum
from typing import Final

from migstat.model.periods import Period

_LONGEST_YEARS: Final = 200


class Part(IntEnum):
    """The parts that are looked for, by their length in months. Days are counted by months."""

    MONTH = 1
    QUARTER = 3
    YEAR = 12


def parts_of(period: Period, part: Part) -> Iterator[Period]:
    """The parts that a period touches, in order.

    >>> [str(one) for one in parts_of(Period.parse("2025-11/2026-02"), Part.QUARTER)]
    ['2025-Q4', '2026-Q1']
    """
    number = (period.start.year * 12 + period.start.month - 1) // part
    last = (period.end.year * 12 + period.end.month - 1) // part
    for one in range(number, min(last, number + _LONGEST_YEARS * 12) + 1):
        year, place = divmod(one * part, 12)
        yield Period.parse(
            {Part.MONTH: f"{year}-{place + 1:02d}", Part.QUARTER: f"{year}-Q{place // 3 + 1}", Part.YEAR: f"{year}"}[
                part
            ]
        )


def part_for(seen: Iterable[Period]) -> Part:
    """The finest part in which some of the periods are given: a month for days and months, else a quarter, else a year."""
    shortest = min((one.end - one.start for one in seen), default=timedelta(0))
    if shortest < timedelta(days=31):
        return Part.MONTH
    return Part.QUARTER if shortest < timedelta(days=92) else Part.YEAR


def missing_parts(promised: Period, seen: Iterable[Period], *, today: date) -> tuple[Period, ...]:
    """The parts of the promised period that no period of the rows touches; what has not begun today is not awaited.

    Empty where no row has a period, which other rules tell, and where the promised period is one part.

    >>> rows = [Period.parse(text) for text in ("2026-01-03", "2026-01-09", "2026-04-30")]
    >>> [str(one) for one in missing_parts(Period.parse("2026"), rows, today=date(2026, 5, 10))]
    ['2026-02', '2026-03', '2026-05']
    """
    held = sorted({one for one in seen if one.start <= promised.end and promised.start <= one.end})
    if not held:
        return ()
    awaited = [one for one in parts_of(promised, part_for(held)) if one.start <= today]
    if len(awaited) < 2:
        return ()
    return tuple(one for one in awaited if not any(row.start <= one.end and one.start <= row.end for row in held))
