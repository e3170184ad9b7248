"""From a value and its standard error to an ``Estimate`` with interval, design effect and the words that go with them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from migstat.estimation import survey_texts as texts
from migstat.estimation.survey_design import Floats, Mask, SurveyDesign
from migstat.model import Assumption, Diagnostic, Estimate, Interval, Refused, Text

FEW_CASES = 30


@dataclass(frozen=True, slots=True)
class Confidence:
    """Level of the intervals and the degrees of freedom of their quantile (None: those of the design; inf: normal)."""

    level: float = 0.95
    degrees_of_freedom: float | None = None

    def __post_init__(self) -> None:
        if not 0 < self.level < 1:
            raise Refused("survey.level", found=repr(self.level), remedy="give a level between 0 and 1, such as 0.95")
        if self.degrees_of_freedom is not None and not self.degrees_of_freedom > 0:
            raise Refused(
                "survey.degrees_of_freedom",
                found=repr(self.degrees_of_freedom),
                remedy="give a number above 0, or math.inf for the normal quantile",
            )

    def freedom(self, design_freedom: float) -> float:
        freedom = design_freedom if self.degrees_of_freedom is None else self.degrees_of_freedom
        if freedom <= 0:
            raise Refused(
                "survey.degrees_of_freedom",
                found="as many strata as primary sampling units",
                remedy="join strata, or give the degrees of freedom yourself",
            )
        return freedom

    def quantile(self, design_freedom: float) -> float:
        """How many standard errors each side of the value reaches out."""
        return student_quantile(0.5 + self.level / 2, self.freedom(design_freedom))


DESIGN_BASED = Confidence()


def student_quantile(probability: float, freedom: float) -> float:
    """Quantile of Student's t; of the normal law where ``freedom`` is infinite.

    >>> round(student_quantile(0.975, 14), 4), round(student_quantile(0.975, math.inf), 4)
    (2.1448, 1.96)
    """
    if math.isinf(freedom):
        return float(special.ndtri(probability))
    return float(special.stdtrit(freedom, probability))


def two_sided_p(statistic: float, freedom: float) -> float:
    """Probability of a Student (or normal) value at least as far from 0."""
    if math.isinf(freedom):
        return float(2 * special.ndtr(-abs(statistic)))
    return float(2 * special.stdtr(freedom, -abs(statistic)))


def survey_estimate(
    estimand: str,
    estimator: str,
    value: float,
    variance: float,
    *,
    freedom: float,
    confidence: Confidence = DESIGN_BASED,
    interval: Interval | None = None,
    design_effect: float | None = None,
    cases: int | None = None,
    meaning: Text = texts.MEANING_OF_INTERVAL,
    assumptions: Sequence[Assumption] = texts.SURVEY_ASSUMPTIONS,
    diagnostics: Sequence[Diagnostic] = (),
    seed: int | None = None,
    extra: Mapping[str, Any] | None = None,
) -> Estimate:
    """An ``Estimate`` with a symmetric t interval (unless ``interval`` is given) and the usual diagnostics."""
    error = math.sqrt(max(variance, 0.0))
    if interval is None:
        reach = confidence.quantile(freedom) * error
        interval = Interval(value - reach, value + reach, confidence.level, "Taylor linearisation, t")
    checks = [Diagnostic("survey.degrees_of_freedom", texts.DEGREES_OF_FREEDOM, freedom, freedom < FEW_CASES)]
    if cases is not None:
        checks.append(Diagnostic("survey.cases", texts.CASES_IN_DOMAIN, cases, cases < FEW_CASES))
    if design_effect is not None:
        checks.append(Diagnostic("survey.design_effect", texts.DESIGN_EFFECT, design_effect))
    effective = None if cases is None or not design_effect else cases / design_effect
    return Estimate(
        estimand,
        estimator,
        value,
        error,
        interval,
        meaning,
        assumptions,
        (*checks, *diagnostics),
        effective,
        seed,
        extra or {},
    )


def weighted_variance(weights: Floats, values: Floats) -> float:
    """Weighted variance of the population, with n / (n - 1) for n rows of positive weight; NaN for fewer than two.

    >>> weighted_variance(np.array([1.0, 1.0, 2.0]), np.array([1.0, 2.0, 3.0]))
    1.03125
    """
    cases = int((weights > 0).sum())
    if cases < 2:
        return math.nan
    mean = weights @ values / weights.sum()
    return float(weights @ (values - mean) ** 2 / weights.sum() * cases / (cases - 1))


def mean_design_effect(design: SurveyDesign, values: Floats, mask: Mask, variance: float) -> float | None:
    """Variance of a mean relative to a simple draw of as many rows without replacement; None where that is 0."""
    weights = np.where(mask, design.weights, 0.0)
    cases, population = int((weights > 0).sum()), float(weights.sum())
    simple = weighted_variance(weights, values) / cases * max(population - cases, 0.0) / population
    return variance / simple if simple > 0 else None
