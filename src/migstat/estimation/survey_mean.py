"""Means of a survey, of the whole or of a domain (Hajek's ratio estimator, linearised)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from migstat.estimation.registry import estimator
from migstat.estimation.survey_design import SurveyDesign
from migstat.estimation.survey_reporting import DESIGN_BASED, Confidence, mean_design_effect, survey_estimate
from migstat.estimation.survey_taylor import covariance_of_totals
from migstat.estimation.survey_texts import SURVEY_ASSUMPTIONS
from migstat.model import Estimate


@estimator(
    "survey_mean",
    family="survey",
    reference="Hajek (1971); Sarndal, Swensson and Wretman (1992), Model Assisted Survey Sampling, eq. 5.7.4",
    assumptions=SURVEY_ASSUMPTIONS,
)
def survey_mean(
    design: SurveyDesign,
    values: ArrayLike,
    *,
    domain: ArrayLike | None = None,
    confidence: Confidence = DESIGN_BASED,
    estimand: str = "mean",
) -> Estimate:
    """Weighted mean of ``values`` (one a row) over the rows of ``domain``, with its linearised standard error.

    Rows outside the domain stay in the design, so that the variance knows that the domain's size is random.

    Raises Refused for missing values, wrong lengths, an empty domain, no degrees of freedom.

    >>> design = SurveyDesign.of([50.0] * 4, population_units=[200] * 4)
    >>> mean = survey_mean(design, [1, 2, 3, 6])
    >>> mean.value, round(mean.standard_error, 4), round(mean.interval.high, 3)
    (3.0, 1.0693, 6.403)
    """
    column = design.column(values, "values")
    mask = design.domain(domain)
    size = design.weights[mask].sum()
    value = float(design.weights[mask] @ column[mask] / size)
    influence = np.where(mask, column - value, 0.0) / size
    variance = float(covariance_of_totals(design, influence[:, None])[0, 0])
    return survey_estimate(
        estimand,
        "survey_mean",
        value,
        variance,
        freedom=design.freedom_in(mask),
        confidence=confidence,
        design_effect=mean_design_effect(design, column, mask, variance),
        cases=int(mask.sum()),
    )
