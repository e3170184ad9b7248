"""The variance of a variable in the population, estimated from a survey, with its own standard error."""

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
    "survey_variance",
    family="survey",
    reference="Sarndal, Swensson and Wretman (1992), Model Assisted Survey Sampling, section 5.9, eq. 5.9.11",
    assumptions=SURVEY_ASSUMPTIONS,
)
def survey_variance(
    design: SurveyDesign,
    values: ArrayLike,
    *,
    domain: ArrayLike | None = None,
    confidence: Confidence = DESIGN_BASED,
    estimand: str = "population variance",
) -> Estimate:
    """Weighted mean of squared distances to the mean, times n / (n - 1) for the n rows of the domain.

    Raises Refused for fewer than two rows of positive weight, and as ``survey_mean`` does.

    >>> survey_variance(SurveyDesign.of([2.0] * 3), [1, 2, 3]).value
    1.0
    """
    column = design.column(values, "values")
    mask = design.domain(domain)
    weights = np.where(mask, design.weights, 0.0)
    cases = int((weights > 0).sum())
    if cases < 2:
        raise Refused("survey.variance_cases", found=f"{cases} row in the domain", remedy="widen the domain")
    mean = weights @ column / weights.sum()
    squares = (column - mean) ** 2 * cases / (cases - 1)
    value = float(weights @ squares / weights.sum())
    influence = np.where(mask, squares - value, 0.0) / weights.sum()
    variance = float(covariance_of_totals(design, influence[:, None])[0, 0])
    return survey_estimate(
        estimand,
        "survey_variance",
        value,
        variance,
        freedom=design.freedom_in(mask),
        confidence=confidence,
        cases=cases,
    )
