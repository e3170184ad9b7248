"""Totals of a survey, of the whole or of a domain (Horvitz and Thompson)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from migstat.estimation.registry import estimator
from migstat.estimation.survey_design import SurveyDesign
from migstat.estimation.survey_reporting import DESIGN_BASED, Confidence, survey_estimate, weighted_variance
from migstat.estimation.survey_taylor import covariance_of_totals
from migstat.estimation.survey_texts import SURVEY_ASSUMPTIONS
from migstat.model import Estimate


@estimator(
    "survey_total",
    family="survey",
    reference="Horvitz and Thompson (1952), JASA 47, eq. 4; calibrated: Deville and Sarndal (1992), JASA 87, eq. 3.4",
    assumptions=SURVEY_ASSUMPTIONS,
)
def survey_total(
    design: SurveyDesign,
    values: ArrayLike,
    *,
    domain: ArrayLike | None = None,
    confidence: Confidence = DESIGN_BASED,
    estimand: str = "total",
) -> Estimate:
    """Weighted total of ``values`` (one a row) over the rows of ``domain``; pass ones to count a population.

    Raises Refused for missing values, wrong lengths, an empty domain, no degrees of freedom.

    >>> design = SurveyDesign.of([50.0] * 4)
    >>> survey_total(design, [1, 2, 3, 6]).value
    600.0
    """
    column = design.column(values, "values")
    mask = design.domain(domain)
    inside = np.where(mask, column, 0.0)
    variance = float(covariance_of_totals(design, inside[:, None])[0, 0])
    return survey_estimate(
        estimand,
        "survey_total",
        float(design.weights @ inside),
        variance,
        freedom=design.freedom_in(mask),
        confidence=confidence,
        design_effect=_total_design_effect(design, inside, variance),
        cases=int(mask.sum()),
    )


def _total_design_effect(design: SurveyDesign, inside: np.ndarray, variance: float) -> float | None:
    cases, population = int((design.weights > 0).sum()), design.population_size
    simple = weighted_variance(design.weights, inside) * population * max(population - cases, 0.0) / cases
    return variance / simple if simple > 0 else None
