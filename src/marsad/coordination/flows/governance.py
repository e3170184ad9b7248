"""The indicators on governance that the system computes of itself, GOV-02 to GOV-06. Plain values, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from marsad.coordination.flows.measures import Flow, expected_of

_MONTHS = 24


@dataclass(frozen=True)
class Computed:
    """A value with its numerator and denominator, so that a reader can check it; ``value`` None where nothing counts."""

    code: str
    value: float | None
    part: int | None = None
    whole: int | None = None

    @property
    def rounded(self) -> int | None:
        """The value as a whole number, for sentences that count; None where it is not known."""
        return None if self.value is None else round(self.value)


@dataclass(frozen=True)
class Held:
    """What is held of an indicator: end of the newest reference period, and the dimensions that values are broken down by
    which are less than 24 months old."""

    newest: date
    dimensions: frozenset[str]


def _percent(code: str, part: int, whole: int) -> Computed:
    return Computed(code, 100 * part / whole if whole else None, part, whole)


def fresh_after(today: date) -> date:
    """The last day whose values are 24 months old or more."""
    return date(today.year - _MONTHS // 12, today.month, min(today.day, 28))


def coverage(catalogue: Iterable[str], held: Mapping[str, Held], *, today: date) -> Computed:
    """GOV-02: indicators with a value less than 24 months old, broken down by sex and by citizenship.

    >>> coverage(["A", "B"], {"A": Held(date(2026, 1, 1), frozenset({"sex", "citizenship"}))}, today=date(2026, 6, 1)).value
    50.0
    """
    codes = list(catalogue)
    oldest = fresh_after(today)
    covered = [
        code
        for code in codes
        if code in held and held[code].newest > oldest and {"sex", "citizenship"} <= held[code].dimensions
    ]
    return _percent("GOV-02", len(covered), len(codes))


def timeliness(published: Sequence[tuple[date, date]]) -> Computed:
    """GOV-03: median days from the end of the reference period to publication; ``published`` are these two days.

    A period that had not ended when it was published (a year under way) does not count.
    """
    days = [(on - end).days for end, on in published if on >= end]
    return Computed("GOV-03", float(median(days)) if days else None, None, len(days))


def formalities(agreements: Sequence[bool]) -> Computed:
    """GOV-04: agreements in force with the number of their declaration or authorisation."""
    return _percent("GOV-04", sum(agreements), len(agreements))


def punctuality(flows: Iterable[Flow], *, today: date) -> Computed:
    """GOV-05: expected deliveries that came by their day and were accepted; what is still looked at is not yet."""
    expected = [one for flow in flows for one in expected_of(flow, today=today)]
    met = [one for one in expected if one.taken and one.received_on is not None and one.received_on <= one.due_on]
    return _percent("GOV-05", len(met), len(expected))


def open_conflicts(unsettled: int, cases: int) -> Computed:
    """GOV-06: facts with several published figures that nobody has settled; a count."""
    return Computed("GOV-06", float(unsettled), unsettled, cases)
