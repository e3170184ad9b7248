"""How good the evidence is in one place of the gap map: five parts between 0 and 1, and one score made of them.

The five parts follow the dimensions of the European Statistical System's quality framework (Eurostat, Quality Assurance
Framework of the ESS, version 2.0, 2019: relevance and completeness, accuracy, timeliness, comparability, accessibility),
each measured on what is published. What cannot be measured is None: it is left out of the score, never counted as 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from migstat.model.refusals import Refused

# Years after which evidence is worth nothing, and half-widths at which it decides nothing.
OLDEST_YEARS = 10
WIDEST_POINTS = 20.0
WIDEST_RELATIVE = 0.5
STRONG, FAIR = 75, 50


class Strength(StrEnum):
    STRONG = "strong"
    FAIR = "fair"
    WEAK = "weak"
    WITHHELD = "withheld"
    EMPTY = "empty"


@dataclass(frozen=True)
class Evidence:
    """The five parts, each from 0 to 1. ``coverage`` counts what was measured, shown or withheld; ``access`` what of it
    one may use; None is unknown. Raises ``Refused("evidence.part")`` for a part outside 0 and 1."""

    coverage: float
    precision: float | None
    age: float | None
    comparability: float | None
    access: float

    def __post_init__(self) -> None:
        for part in (self.coverage, self.precision, self.age, self.comparability, self.access):
            if part is not None and not 0 <= part <= 1:
                raise Refused("evidence.part", found="a part outside 0 and 1", remedy="give shares")

    @property
    def score(self) -> int | None:
        """Coverage times the mean of the known other parts, from 0 to 100; None where nothing was measured.

        >>> Evidence(1, None, 0.8, 1, 1).score
        93
        >>> Evidence(0, None, None, None, 0).score is None
        True
        """
        if self.coverage == 0:
            return None
        known = [part for part in (self.precision, self.age, self.comparability, self.access) if part is not None]
        return round(100 * self.coverage * sum(known) / len(known))

    @property
    def strength(self) -> Strength:
        """Empty where nothing was measured, withheld where nothing of it is shown, else by the score.

        Evidence whose error nobody knows is never strong, however new and open it is.
        """
        if self.score is None:
            return Strength.EMPTY
        if self.precision is None and self.age is None:
            return Strength.WITHHELD
        if self.score >= STRONG and self.precision is not None:
            return Strength.STRONG
        return Strength.FAIR if self.score >= FAIR else Strength.WEAK


def coverage_part(measured: int, expected: int) -> float:
    """The share of the expected cells that were measured; 0 where none is expected, since none is known."""
    if measured < 0 or measured > expected:
        raise Refused("evidence.coverage", found="more measured than expected", remedy="count each cell once")
    return measured / expected if expected else 0.0


def age_part(years: int) -> float:
    """1 in the year itself, less by a tenth for each year gone, 0 after ten.

    >>> age_part(0), age_part(2), age_part(12)
    (1.0, 0.8, 0.0)
    """
    return max(0.0, 1 - max(0, years) / OLDEST_YEARS)


def precision_part(
    value: float, low: float | None, high: float | None, *, in_points: bool, counted: bool
) -> float | None:
    """1 for a full count; for an interval, less as its half-width grows; None where the error is not known.

    ``in_points`` (percentages): 0 at a half-width of 20 points; otherwise at half of the value.

    >>> precision_part(40.0, 35.0, 45.0, in_points=True, counted=False)
    0.75
    """
    if low is None or high is None:
        return 1.0 if counted else None
    half = (high - low) / 2
    if in_points:
        return max(0.0, 1 - half / WIDEST_POINTS)
    if value == 0:
        return 1.0 if half == 0 else 0.0
    return max(0.0, 1 - half / abs(value) / WIDEST_RELATIVE)


def comparability_part(*, earlier: bool, broken: bool) -> float | None:
    """1 where an earlier period compares, a half where a break lies between, None where there is no earlier one."""
    if not earlier:
        return None
    return 0.5 if broken else 1.0


def access_part(shown: int, withheld: int, *, agreed: bool) -> float:
    """1 for what is shown, a half for what is withheld but reached under an agreement in force, 0 otherwise: the mean."""
    measured = shown + withheld
    return (shown + (0.5 * withheld if agreed else 0.0)) / measured if measured else 0.0
