"""Shares of a survey: the part of a population in each category, with intervals that stay between 0 and 1."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from migstat.estimation.registry import estimator
from migstat.estimation.survey_design import Mask, SurveyDesign
from migstat.estimation.survey_reporting import DESIGN_BASED, Confidence, mean_design_effect, survey_estimate
from migstat.estimation.survey_taylor import covariance_of_totals
from migstat.estimation.survey_texts import SURVEY_ASSUMPTIONS
from migstat.model import Estimate, Interval, Refused

ShareInterval = Literal["logit", "wald", "beta"]


@estimator(
    "survey_share",
    family="survey",
    reference="Korn and Graubard (1998), Survey Methodology 24, 193-201 (beta); Lumley (2010), section 2.4 (logit)",
    assumptions=SURVEY_ASSUMPTIONS,
)
def survey_share(
    design: SurveyDesign,
    belongs: ArrayLike,
    *,
    domain: ArrayLike | None = None,
    method: ShareInterval = "logit",
    confidence: Confidence = DESIGN_BASED,
    estimand: str = "share",
) -> Estimate:
    """Share of rows where ``belongs`` (booleans, one a row) holds, among those of ``domain``.

    ``logit`` draws the interval on the logit scale, ``beta`` is Korn and Graubard's exact interval on the effective
    sample size, ``wald`` is symmetric and may leave [0, 1]. A share of exactly 0 or 1, or one that is the same in every
    unit, gets a ``beta`` interval from the number of cases, since its linearised variance is 0 and says nothing.

    Raises Refused when ``belongs`` is not boolean, and as ``survey_mean`` does.

    >>> design = SurveyDesign.of([5.0] * 10)
    >>> share = survey_share(design, [True] * 2 + [False] * 8)
    >>> round(share.interval.low, 3), share.value, round(share.interval.high, 3)
    (0.037, 0.2, 0.622)
    """
    inside = _booleans(design, belongs)
    mask = design.domain(domain)
    size = design.weights[mask].sum()
    column = inside.astype(np.float64)
    value = float(design.weights[mask] @ column[mask] / size)
    counted = inside[mask & (design.weights > 0)]
    if counted.all() or not counted.any():
        value = float(counted[0])  # exactly 0 or 1, which sums of weights may miss by a rounding
    variance = float(covariance_of_totals(design, (np.where(mask, column - value, 0.0) / size)[:, None])[0, 0])
    effect = mean_design_effect(design, column, mask, variance)
    cases = int(mask.sum())
    return survey_estimate(
        estimand,
        "survey_share",
        value,
        variance,
        freedom=design.freedom_in(mask),
        confidence=confidence,
        interval=_interval(method, value, variance, cases, confidence, design.freedom_in(mask)),
        design_effect=effect,
        cases=cases,
    )


def survey_shares(
    design: SurveyDesign,
    categories: Sequence[Any] | NDArray[Any],
    *,
    domain: ArrayLike | None = None,
    method: ShareInterval = "logit",
    confidence: Confidence = DESIGN_BASED,
) -> dict[Any, Estimate]:
    """The share of every category that occurs, by category in sorted order.

    >>> shares = survey_shares(SurveyDesign.of([1.0] * 4), ["a", "b", "a", "a"], method="wald")
    >>> {category: share.value for category, share in shares.items()}
    {'a': 0.75, 'b': 0.25}
    """
    column = np.asarray(categories)
    return {
        category: survey_share(
            design,
            column == category,
            domain=domain,
            method=method,
            confidence=confidence,
            estimand=f"share of {category}",
        )
        for category in np.unique(column).tolist()
    }


def _booleans(design: SurveyDesign, belongs: ArrayLike) -> Mask:
    column = np.asarray(belongs)
    if column.dtype != np.bool_ or column.shape != (design.rows,):
        raise Refused(
            "survey.share_column",
            found=f"a column of type {column.dtype} and shape {column.shape}",
            remedy=f"give {design.rows} booleans, such as answers == 'yes'",
        )
    return column


def _interval(
    method: ShareInterval, value: float, variance: float, cases: int, confidence: Confidence, freedom: float
) -> Interval:
    if method not in ("logit", "wald", "beta"):
        raise Refused("survey.share_interval", found=repr(method), remedy="use logit, wald or beta")
    says_nothing = not 0 < value < 1 or variance < 1e-24
    if method == "beta" or says_nothing:
        return _beta(value, variance, cases, confidence, freedom)
    reach = confidence.quantile(freedom) * math.sqrt(variance)
    if method == "wald":
        return Interval(value - reach, value + reach, confidence.level, "wald")
    centre, scale = math.log(value / (1 - value)), reach / (value * (1 - value))
    return Interval(
        float(special.expit(centre - scale)), float(special.expit(centre + scale)), confidence.level, "logit"
    )


def _beta(value: float, variance: float, cases: int, confidence: Confidence, freedom: float) -> Interval:
    """Clopper and Pearson's interval on the effective sample size, adjusted for degrees of freedom."""
    size = float(cases)
    if variance >= 1e-24:
        normal = student_ratio(confidence, cases - 1, freedom)
        size = min(cases, value * (1 - value) / variance * normal)
    tail = (1 - confidence.level) / 2
    hits = value * size
    low = 0.0 if value <= 0 else float(special.betaincinv(hits, size - hits + 1, tail))
    high = 1.0 if value >= 1 else float(special.betaincinv(hits + 1, size - hits, 1 - tail))
    return Interval(low, high, confidence.level, "Korn-Graubard")


def student_ratio(confidence: Confidence, simple_freedom: float, design_freedom: float) -> float:
    """Squared ratio of the t quantile of a simple sample to that of the design (Korn and Graubard 1998, eq. 2)."""
    simple = Confidence(confidence.level, max(simple_freedom, 1)).quantile(1)
    return (simple / confidence.quantile(design_freedom)) ** 2
