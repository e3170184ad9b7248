"""Quantiles and medians of a survey, with Woodruff's intervals."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from migstat.estimation.registry import estimator
from migstat.estimation.survey_design import SurveyDesign
from migstat.estimation.survey_mean import survey_mean
from migstat.estimation.survey_reporting import DESIGN_BASED, Confidence, survey_estimate
from migstat.estimation.survey_texts import SURVEY_ASSUMPTIONS
from migstat.model import Estimate, Interval, Refused


@estimator(
    "survey_quantile",
    family="survey",
    reference="Woodruff (1952), Confidence intervals for medians and other position measures, JASA 47, 635-646",
    assumptions=SURVEY_ASSUMPTIONS,
)
def survey_quantile(
    design: SurveyDesign,
    values: ArrayLike,
    probability: float = 0.5,
    *,
    domain: ArrayLike | None = None,
    confidence: Confidence = DESIGN_BASED,
    estimand: str = "quantile",
) -> Estimate:
    """The smallest value at or below which at least ``probability`` of the population stands.

    The interval inverts the one of the share at or below the quantile; the standard error is its width divided by
    twice the t quantile. Where an end falls off the data the interval is refused rather than cut.

    Raises Refused for a probability outside (0, 1), an interval that leaves the data, and as ``survey_mean`` does.

    >>> design = SurveyDesign.of([1.0] * 99)
    >>> median = survey_quantile(design, range(1, 100))
    >>> median.interval.low, median.value, median.interval.high
    (41.0, 50.0, 60.0)
    """
    if not 0 < probability < 1:
        raise Refused("survey.probability", found=repr(probability), remedy="give a probability between 0 and 1")
    column = design.column(values, "values")
    mask = design.domain(domain)
    inverse = _inverse_distribution(column[mask], design.weights[mask])
    value = inverse(probability)
    below = survey_mean(design, column <= value, domain=mask, confidence=confidence)
    low, high = _ends(below, inverse)
    error = (high - low) / (2 * confidence.quantile(design.freedom_in(mask)))
    return survey_estimate(
        estimand,
        "survey_quantile",
        value,
        error**2,
        freedom=design.freedom_in(mask),
        confidence=confidence,
        interval=Interval(low, high, confidence.level, "Woodruff"),
        cases=int(mask.sum()),
    )


def _inverse_distribution(values: np.ndarray, weights: np.ndarray) -> Callable[[float], float]:
    order = np.argsort(values, kind="stable")
    ranked, cumulated = values[order], np.cumsum(weights[order])
    total = cumulated[-1]
    tolerance = 16 * np.finfo(np.float64).eps * total

    def inverse(probability: float) -> float:
        place = int(np.searchsorted(cumulated, probability * total - tolerance))
        return float(ranked[min(place, ranked.size - 1)])

    return inverse


def _ends(below: Estimate, inverse: Callable[[float], float]) -> tuple[float, float]:
    interval = below.interval
    if interval is None or not (interval.low > 0 and interval.high < 1) or math.isnan(interval.low):
        raise Refused(
            "survey.quantile_interval",
            found="an interval that leaves the observed values",
            remedy="ask for a quantile nearer the middle, lower the level, or widen the domain",
        )
    return inverse(interval.low), inverse(interval.high)
