"""When deliveries fall due: whole calendar periods, so many days after each ends. Plain values, no clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from marsad.coordination.agreements.terms import Frequency, Terms
from migstat.model import Period

_MONTHS = {Frequency.MONTHLY: 1, Frequency.QUARTERLY: 3, Frequency.HALF_YEARLY: 6, Frequency.YEARLY: 12}


@dataclass(frozen=True)
class DuePeriod:
    period: str
    due_on: date


@dataclass(frozen=True)
class DueDelivery:
    """A promised delivery and what came of it. ``received_on`` is None while nothing usable has come."""

    agreement: str
    period: str
    due_on: date
    received_on: date | None = None
    state: str = ""

    def late_days(self, *, today: date) -> int:
        """Days after the due day on which it came, or that it is waited for; 0 when in time or not yet due."""
        return max(0, ((self.received_on or today) - self.due_on).days)

    def is_overdue(self, *, today: date) -> bool:
        return self.received_on is None and today > self.due_on


def due_periods(terms: Terms, *, until: date) -> tuple[DuePeriod, ...]:
    """The periods whose delivery falls due while the terms run, up to ``until`` (included), in order.

    A period counts when it ends on or after the first day of the terms: the last day of what it speaks of, plus
    ``due_days``, is its due day. Data asked for case by case are never due.
    """
    last = min(until, terms.ends_on)
    found = []
    for period, end in _periods(terms, last):
        due_on = end + timedelta(days=terms.due_days)
        if end >= terms.starts_on and due_on <= last:
            found.append(DuePeriod(period, due_on))
    return tuple(found)


def _periods(terms: Terms, last: date) -> Iterator[tuple[str, date]]:
    if terms.frequency == Frequency.ON_REQUEST:
        return
    if terms.frequency == Frequency.ONCE:
        yield terms.covers or f"{terms.starts_on}/{terms.ends_on}", terms.starts_on
    elif terms.frequency == Frequency.WEEKLY:
        yield from _weeks(terms.starts_on, last)
    else:
        yield from _months(terms.starts_on, last, _MONTHS[Frequency(terms.frequency)])


def _weeks(first: date, last: date) -> Iterator[tuple[str, date]]:
    start = first - timedelta(days=first.weekday())
    while start <= last:
        end = start + timedelta(days=6)
        yield f"{start}/{end}", end
        start += timedelta(days=7)


def _months(first: date, last: date, length: int) -> Iterator[tuple[str, date]]:
    year, month = first.year, (first.month - 1) // length * length + 1
    while date(year, month, 1) <= last:
        text = _period_text(year, month, length)
        yield text, Period.parse(text).end
        year, month = (year, month + length) if month + length <= 12 else (year + 1, 1)


def _period_text(year: int, month: int, length: int) -> str:
    if length == 12:
        return str(year)
    if length == 3:
        return f"{year}-Q{(month + 2) // 3}"
    first = f"{year}-{month:02}"
    return first if length == 1 else f"{first}/{year}-{month + length - 1:02}"
