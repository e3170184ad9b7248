"""Periods of time as SDMX writes them: a year, a quarter, a month, a day, or a range of two of them."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from migstat.model.refusals import Refused

_YEAR = re.compile(r"^(\d{4})$")
_QUARTER = re.compile(r"^(\d{4})-Q([1-4])$")
_MONTH = re.compile(r"^(\d{4})-(0[1-9]|1[0-2])$")
_DAY = re.compile(r"^(\d{4})-(\d{2})-(\d{2})$")


@dataclass(frozen=True, order=True, slots=True)
class Period:
    """Both ends are included. Ordered by start, then end. ``str(Period.parse(text)) == text``.

    >>> Period.parse("2014").end
    datetime.date(2014, 12, 31)
    >>> Period.parse("2014/2024").is_range
    True
    """

    start: date
    end: date
    text: str

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read ``2014``, ``2014-Q3``, ``2014-09``, ``2014-09-01`` or ``START/END`` of any of these.

        Raises Refused when the text is none of them, or when the end is before the start.
        """
        first, slash, last = text.partition("/")
        start, _ = _bounds(first, text)
        _, end = _bounds(last if slash else first, text)
        if end < start:
            raise Refused("period.order", found=repr(text), remedy="give the earlier period first")
        return cls(start, end, text)

    @property
    def is_range(self) -> bool:
        return "/" in self.text

    @property
    def year(self) -> int:
        """The year in which the period ends."""
        return self.end.year

    def contains(self, day: date) -> bool:
        return self.start <= day <= self.end

    def __str__(self) -> str:
        return self.text


@lru_cache(maxsize=4096)
def _bounds(part: str, whole: str) -> tuple[date, date]:
    try:
        if match := _YEAR.match(part):
            year = int(match[1])
            return date(year, 1, 1), date(year, 12, 31)
        if match := _QUARTER.match(part):
            year, last_month = int(match[1]), 3 * int(match[2])
            return date(year, last_month - 2, 1), _last_day(year, last_month)
        if match := _MONTH.match(part):
            year, month = int(match[1]), int(match[2])
            return date(year, month, 1), _last_day(year, month)
        if match := _DAY.match(part):
            day = date(int(match[1]), int(match[2]), int(match[3]))
            return day, day
    except ValueError:
        pass
    raise Refused("period.form", found=repr(whole), remedy="write 2014, 2014-Q3, 2014-09, 2014-09-01 or START/END")


def _last_day(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])
