"""Fitness for decision: whether an interval answers a question, and which sample would.

References:

* W. G. Cochran, Sampling Techniques, 3rd edition, Wiley 1977, sections 4.3 and 4.4: one proportion, finite population.
* J. L. Fleiss, B. Levin, M. C. Paik, Statistical Methods for Rates and Proportions, 3rd edition, Wiley 2003, chapter 4:
  two proportions, with the continuity correction of Casagrande, Pike and Smith (1978).
* L. Kish, Survey Sampling, Wiley 1965: design effect, effective sample size; Kish 1992 for unequal weights.
* R. V. Krejcie, D. W. Morgan, Determining Sample Size for Research Activities, 1970: the table the tests compare with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil, inf, sqrt

from scipy.special import ndtr, ndtri

from migstat.model.refusals import Refused


class Design(StrEnum):
    """How evidence came to be: only a probability sample has an error that its own design gives."""

    FULL_COUNT = "full_count"
    PROBABILITY_SAMPLE = "probability_sample"
    QUOTA_SAMPLE = "quota_sample"
    MODEL = "model"


class Verdict(StrEnum):
    YES = "yes"
    NO = "no"
    CANNOT_TELL = "cannot_tell"


def normal_quantile(confidence: float) -> float:
    """The two-sided quantile of the normal distribution.

    >>> round(normal_quantile(0.95), 4)
    1.96
    """
    return float(ndtri(0.5 + _share(confidence, "confidence") / 2))


def _share(value: float, name: str) -> float:
    if not 0 < value < 1:
        raise Refused(
            f"fitness.{name}", found="a value that is not between 0 and 1", remedy="give a share, such as 0.95"
        )
    return value


def _positive(value: float, name: str) -> float:
    if not 0 < value < inf:
        raise Refused(f"fitness.{name}", found="a value that is not above 0", remedy="give one above 0")
    return value


@dataclass(frozen=True)
class Measured:
    """A value with its interval at a confidence and the design behind it. Shares run from 0 to 1.

    Raises ``Refused`` for an interval that does not hold the value.
    """

    value: float
    low: float | None = None
    high: float | None = None
    design: Design = Design.PROBABILITY_SAMPLE
    confidence: float = 0.95

    def __post_init__(self) -> None:
        _share(self.confidence, "confidence")
        if (self.low is None) != (self.high is None):
            raise Refused("fitness.interval", found="half of an interval", remedy="give both ends, or none")
        if self.low is not None and self.high is not None and not self.low <= self.value <= self.high:
            raise Refused(
                "fitness.interval", found="an interval without its value", remedy="give low, value, high in order"
            )

    @property
    def interval(self) -> tuple[float, float]:
        """The interval on which a decision may rest.

        Raises ``Refused``: ``fitness.full_count`` (a census has no sampling error, and nobody measured its others),
        ``fitness.quota`` (a quota sample has no interval that its design gives), ``fitness.no_interval``.
        """
        if self.design is Design.FULL_COUNT and self.low is None:
            raise Refused(
                "fitness.full_count",
                found="a full count without a measured error",
                remedy="compare the counts themselves, or ask for a coverage survey",
            )
        if self.design is Design.QUOTA_SAMPLE:
            raise Refused(
                "fitness.quota",
                found="a quota sample",
                remedy="ask for a probability sample, or a model with its assumptions",
            )
        if self.low is None or self.high is None:
            raise Refused("fitness.no_interval", found="a value without its interval", remedy="ask its producer for it")
        return self.low, self.high

    @property
    def variance(self) -> float:
        """The variance that the width of the interval says, read as a normal one. Raises as ``interval``."""
        low, high = self.interval
        return ((high - low) / 2 / normal_quantile(self.confidence)) ** 2


def above(measured: Measured, threshold: float) -> Verdict:
    """Whether a value is above a threshold: only where its whole interval lies on one side. Raises as ``interval``.

    >>> above(Measured(0.24, 0.21, 0.27), 0.20), above(Measured(0.22, 0.18, 0.26), 0.20)
    (<Verdict.YES: 'yes'>, <Verdict.CANNOT_TELL: 'cannot_tell'>)
    """
    low, high = measured.interval
    return Verdict.YES if low > threshold else Verdict.NO if high < threshold else Verdict.CANNOT_TELL


def precise_enough(measured: Measured, half_width: float) -> Verdict:
    """Whether the half-width is at most the one wanted. Raises as ``interval``."""
    low, high = measured.interval
    return Verdict.YES if (high - low) / 2 <= _positive(half_width, "half_width") else Verdict.NO


def difference(one: Measured, other: Measured, *, confidence: float = 0.95) -> Measured:
    """The second less the first, of two independent estimates: variances add. Raises as ``interval``."""
    half = normal_quantile(confidence) * sqrt(one.variance + other.variance)
    value = other.value - one.value
    design = Design.MODEL if Design.MODEL in {one.design, other.design} else Design.PROBABILITY_SAMPLE
    return Measured(value, value - half, value + half, design, confidence)


def differs(one: Measured, other: Measured, *, at_least: float = 0.0, confidence: float = 0.95) -> Verdict:
    """Whether two values differ by more than ``at_least``, in either direction. Raises as ``interval``.

    YES where the interval of the difference lies wholly beyond it, NO where wholly within.
    """
    low, high = difference(one, other, confidence=confidence).interval
    if low > at_least or high < -at_least:
        return Verdict.YES
    return Verdict.NO if -at_least < low and high < at_least else Verdict.CANNOT_TELL


@dataclass(frozen=True)
class SampleSize:
    """How many to ask. ``simple`` is the number under simple random sampling from a population without end, ``of_finite``
    after the correction for a finite one, ``completed`` the interviews after the design effect, ``invited`` the people
    to invite given the response expected. Numbers are rounded up only at the end, ``invited`` from ``completed``."""

    simple: float
    of_finite: float
    completed: int
    invited: int


def sized(
    simple: float, *, population: int | None = None, design_effect: float = 1.0, response: float = 1.0
) -> SampleSize:
    """From the size under simple random sampling to the people to invite.

    Finite population correction n0/(1 + (n0 - 1)/N) (Cochran, formula 4.2), design effect as a factor (Kish), response as
    a divisor; never more than the population. Raises ``Refused("fitness.population_small")`` where even everybody who
    would answer is not enough.
    """
    if not 0 < response <= 1:
        raise Refused("fitness.response", found="a response that is not a share", remedy="give a share up to 1")
    _positive(design_effect, "design_effect")
    if population is not None:
        _positive(population, "population")
    finite = simple if population is None else simple / (1 + (simple - 1) / population)
    wanted = finite * design_effect
    completed = _up(wanted)
    if population is not None:
        completed = min(completed, population)
    invited = _up(completed / response)
    if population is not None and invited > population:
        raise Refused(
            "fitness.population_small",
            found=f"{invited} people to invite in a population of {population}",
            remedy="count everybody, bear a larger error, or raise the response",
        )
    return SampleSize(simple, finite, completed, invited)


def _up(number: float) -> int:
    """Rounded up; what is whole up to the last digits of a float stays."""
    return ceil(number - 1e-9)


def simple_size_for_proportion(share: float, half_width: float, *, z: float) -> float:
    """n0 = z²p(1 - p)/d² (Cochran, section 4.4).

    >>> round(simple_size_for_proportion(0.5, 0.05, z=2.0))
    400
    """
    _share(share, "share")
    return z * z * share * (1 - share) / _share(half_width, "half_width") ** 2


def simple_size_against_threshold(share: float, threshold: float, *, confidence: float, power: float) -> float:
    """The size at which a true ``share`` is told from ``threshold`` in a two-sided test with ``power`` (Fleiss, chapter 2).

    n0 = ((z_a sqrt(t(1 - t)) + z_b sqrt(p(1 - p))) / (p - t))². Raises ``Refused("fitness.equal")`` where they are equal.
    """
    p, t = _share(share, "share"), _share(threshold, "threshold")
    if p == t:
        raise Refused(
            "fitness.equal", found="a share equal to the threshold", remedy="no sample tells equal things apart"
        )
    z_a, z_b = normal_quantile(confidence), float(ndtri(_share(power, "power")))
    return ((z_a * sqrt(t * (1 - t)) + z_b * sqrt(p * (1 - p))) / (p - t)) ** 2


def simple_size_for_difference(
    one: float, other: float, *, confidence: float, power: float, corrected: bool = False
) -> float:
    """The size of each of two groups at which their shares are told apart (Fleiss, Levin and Paik, formula 4.14).

    n' = (z_a sqrt(2 m(1 - m)) + z_b sqrt(p1(1 - p1) + p2(1 - p2)))² / (p1 - p2)², m the mean of both; ``corrected`` for
    continuity: n = n'/4 (1 + sqrt(1 + 4/(n'|p1 - p2|)))². Raises ``Refused("fitness.equal")``.

    >>> round(simple_size_for_difference(0.25, 0.40, confidence=0.99, power=0.95, corrected=True))
    357
    """
    p, q = _share(one, "share"), _share(other, "share")
    if p == q:
        raise Refused("fitness.equal", found="two equal shares", remedy="no sample tells equal things apart")
    z_a, z_b = normal_quantile(confidence), float(ndtri(_share(power, "power")))
    mean = (p + q) / 2
    plain = ((z_a * sqrt(2 * mean * (1 - mean)) + z_b * sqrt(p * (1 - p) + q * (1 - q))) / (p - q)) ** 2
    return plain / 4 * (1 + sqrt(1 + 4 / (plain * abs(p - q)))) ** 2 if corrected else plain


def power_against_threshold(share: float, threshold: float, size: float, *, confidence: float) -> float:
    """The power of the two-sided test with a size: the inverse of ``simple_size_against_threshold``."""
    z_a = normal_quantile(confidence)
    p, t = _share(share, "share"), _share(threshold, "threshold")
    return float(ndtr((abs(p - t) * sqrt(_positive(size, "size")) - z_a * sqrt(t * (1 - t))) / sqrt(p * (1 - p))))


def half_width_of_proportion(
    share: float, size: float, *, confidence: float = 0.95, population: int | None = None, design_effect: float = 1.0
) -> float:
    """z sqrt(deff p(1 - p)/n (N - n)/(N - 1)): what a sample of ``size`` gives. Raises as ``sized``."""
    _share(share, "share")
    finite = 1.0
    if population is not None:
        if size > population:
            raise Refused(
                "fitness.population_small", found="a sample above its population", remedy="give a smaller one"
            )
        finite = (population - size) / (population - 1) if population > 1 else 0.0
    variance = _positive(design_effect, "design_effect") * share * (1 - share) / _positive(size, "size") * finite
    return normal_quantile(confidence) * sqrt(variance)


def design_effect_of_weights(weights: Sequence[float]) -> float:
    """Kish's n Σw²/(Σw)²: what unequal weights cost.

    >>> design_effect_of_weights([1, 1, 1, 1]), design_effect_of_weights([1, 3])
    (1.0, 1.25)
    """
    if not weights or min(weights) < 0 or sum(weights) == 0:
        raise Refused(
            "fitness.weights", found="no positive weights", remedy="give the weights of the people interviewed"
        )
    return len(weights) * sum(weight * weight for weight in weights) / sum(weights) ** 2


def design_effect_of_clusters(size: float, correlation: float) -> float:
    """Kish's 1 + (m - 1)rho: what asking m people in each place costs.

    >>> design_effect_of_clusters(11, 0.05)
    1.5
    """
    if size < 1 or not 0 <= correlation <= 1:
        raise Refused(
            "fitness.clusters", found="no such clusters", remedy="give a size from 1 and a correlation in 0 to 1"
        )
    return 1 + (size - 1) * correlation
