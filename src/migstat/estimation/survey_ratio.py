"""Ratios of two totals of a survey (pupils per class, persons per room), of the whole or of a domain."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from migstat.estimation.registry import estimator
from migstat.estimation.survey_design import SurveyDesign
from migstat.estimation.survey_reporting import DESIGN_BASED, Confidence, survey_estimate
from migstat.estimation.survey_taylor import covariance_of_totals
from migstat.estimation.survey_texts import SURVEY_ASSUMPTIONS
from migstat.model import Estimate, Refused


@estimator(
    "survey_ratio",
    family="survey",
    reference="Sarndal, Swensson and Wretman (1992), Model Assisted Survey Sampling, section 5.6, eq. 5.6.10",
    assumptions=SURVEY_ASSUMPTIONS,
)
def survey_ratio(
    design: SurveyDesign,
    numerator: ArrayLike,
    denominator: ArrayLike,
    *,
    domain: ArrayLike | None = None,
    confidence: Confidence = DESIGN_BASED,
    estimand: str = "ratio",
) -> Estimate:
    """Ratio of the weighted totals of two columns over the rows of ``domain``.

    Raises Refused for a denominator whose total is 0, missing values, wrong lengths, an empty domain.

    >>> design = SurveyDesign.of([2.0, 2.0, 3.0])
    >>> survey_ratio(design, [1, 2, 3], [2, 4, 6]).value
    0.5
    """
    above = design.column(numerator, "numerator")
    below = design.column(denominator, "denominator")
    mask = design.domain(domain)
    base = float(design.weights[mask] @ below[mask])
    if base == 0:
        raise Refused("survey.ratio_base", found="a denominator that adds up to 0", remedy="choose another base")
    value = float(design.weights[mask] @ above[mask]) / base
    influence = np.where(mask, above - value * below, 0.0) / base
    return survey_estimate(
        estimand,
        "survey_ratio",
        value,
        float(covariance_of_totals(design, influence[:, None])[0, 0]),
        freedom=design.freedom_in(mask),
        confidence=confidence,
        cases=int(mask.sum()),
    )
