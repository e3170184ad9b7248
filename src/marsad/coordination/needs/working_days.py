"""Working days: Monday to Friday without public holidays, which the city pack lists. No clock."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from migstat.model.refusals import Refused

_SATURDAY = 5
_ONE = timedelta(days=1)


@dataclass(frozen=True)
class Holidays:
    """``fixed`` are (month, day, first year) that return every year, ``dated`` the days of single years.

    Feasts of the lunar calendar are announced year by year: ``years`` are those for which the list has them.
    """

    fixed: frozenset[tuple[int, int, int]] = frozenset()
    dated: frozenset[date] = frozenset()

    @property
    def years(self) -> frozenset[int]:
        return frozenset(day.year for day in self.dated)

    def __contains__(self, day: date) -> bool:
        returning = any((day.month, day.day) == (month, at) and day.year >= since for month, at, since in self.fixed)
        return returning or day in self.dated

    @classmethod
    def from_csv(cls, text: str) -> Holidays:
        """Read ``holidays.csv``: the column ``day`` is ``MM-DD`` with ``since`` (a year), or ``YYYY-MM-DD``.

        Raises ``Refused("needs.holidays")`` for a line that is neither.
        """
        fixed, dated = set(), set()
        for line, row in enumerate(csv.DictReader(io.StringIO(text)), start=2):
            day, since = row.get("day") or "", row.get("since") or "1"
            try:
                if len(day) == len("MM-DD"):
                    whole = date.fromisoformat(f"2000-{day}")
                    fixed.add((whole.month, whole.day, int(since)))
                else:
                    dated.add(date.fromisoformat(day))
            except ValueError as error:
                raise Refused(
                    "needs.holidays", found=f"no day of a year in line {line}", remedy="write MM-DD or YYYY-MM-DD"
                ) from error
        return cls(frozenset(fixed), frozenset(dated))


def is_working_day(day: date, holidays: Holidays) -> bool:
    return day.weekday() < _SATURDAY and day not in holidays


def _following(day: date, holidays: Holidays) -> Iterator[date]:
    while True:
        day += _ONE
        if is_working_day(day, holidays):
            yield day


def after_working_days(start: date, days: int, holidays: Holidays) -> date:
    """The last day of a term of so many working days; the day on which it begins is not counted.

    >>> after_working_days(date(2026, 1, 5), 5, Holidays())
    datetime.date(2026, 1, 12)
    """
    if days < 1:
        raise Refused("needs.term", found="a term of no working day", remedy="give at least one")
    following = _following(start, holidays)
    for _ in range(days - 1):
        next(following)
    return next(following)


def working_days_between(start: date, end: date, holidays: Holidays) -> int:
    """Working days after ``start`` up to and with ``end``; 0 where it is not after.

    >>> working_days_between(date(2026, 1, 5), date(2026, 1, 12), Holidays())
    5
    """
    span = range(1, (end - start).days + 1)
    return sum(is_working_day(start + timedelta(days=n), holidays) for n in span)
