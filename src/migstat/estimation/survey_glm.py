"""Linear, logistic and Poisson regression on a survey, with design-based standard errors.

Binder (1983), *On the variances of asymptotically normal estimators from complex surveys*, International Statistical
Review 51, 279-292: the weighted score equations are solved by iteratively reweighted least squares and the
sandwich uses the covariance of their totals.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from migstat.estimation.registry import estimator
from migstat.estimation.survey_design import Floats, SurveyDesign
from migstat.estimation.survey_reporting import DESIGN_BASED, Confidence, survey_estimate, two_sided_p
from migstat.estimation.survey_taylor import covariance_of_totals
from migstat.estimation.survey_texts import MODEL_IS_SUMMARY, P_VALUE, SURVEY_ASSUMPTIONS
from migstat.model import Diagnostic, Estimate, Refused

Response = Literal["gaussian", "binomial", "poisson"]
_ROUNDS = 100


@estimator(
    "survey_glm",
    family="survey",
    reference="Binder (1983), International Statistical Review 51, 279-292, eq. 3.4",
    assumptions=(*SURVEY_ASSUMPTIONS, MODEL_IS_SUMMARY),
)
def survey_glm(
    design: SurveyDesign,
    response: ArrayLike,
    predictors: Mapping[str, ArrayLike],
    *,
    family: Response = "gaussian",
    confidence: Confidence = DESIGN_BASED,
) -> dict[str, Estimate]:
    """Coefficients by name, "(intercept)" first, with the canonical link of ``family``.

    Intervals and tests use design degrees of freedom less the number of predictors.

    Raises Refused for missing values, predictors that are linear combinations of each other, a response outside
    the family's range, separation (no finite coefficients) and too few degrees of freedom.

    >>> design = SurveyDesign.of([1.0] * 5)
    >>> model = survey_glm(design, [1, 3, 2, 5, 4], {"x": [1, 2, 3, 4, 5]})
    >>> {name: round(coefficient.value, 9) for name, coefficient in model.items()}
    {'(intercept)': 0.6, 'x': 0.8}
    """
    target = design.column(response, "response")
    _refuse_range(target, family)
    matrix = np.column_stack(
        [np.ones(design.rows), *(design.column(values, name) for name, values in predictors.items())]
    )
    # Predictors are solved for in units of their own size, so that dirhams and milliards give the same errors.
    scale = np.sqrt((matrix**2).mean(axis=0))
    matrix /= np.where(scale > 0, scale, 1.0)
    coefficients = _solve(design.weights, matrix, target, family)
    fitted, slope = _mean(matrix @ coefficients, family)
    bread = np.linalg.inv(matrix.T @ (matrix * (design.weights * slope)[:, None]))
    covariance = covariance_of_totals(design, matrix * (target - fitted)[:, None] @ bread) / np.outer(scale, scale)
    coefficients /= scale
    freedom = design.degrees_of_freedom + 1 - coefficients.size
    names = ("(intercept)", *predictors)
    return {
        name: _coefficient(name, float(coefficients[place]), float(covariance[place, place]), freedom, confidence)
        for place, name in enumerate(names)
    }


def _coefficient(name: str, value: float, variance: float, freedom: int, confidence: Confidence) -> Estimate:
    used = confidence.freedom(freedom)
    p_value = two_sided_p(value / math.sqrt(variance), used) if variance > 0 else math.nan
    return survey_estimate(
        f"coefficient of {name}",
        "survey_glm",
        value,
        variance,
        freedom=freedom,
        confidence=confidence,
        assumptions=(*SURVEY_ASSUMPTIONS, MODEL_IS_SUMMARY),
        diagnostics=(Diagnostic("survey.p_value", P_VALUE, p_value),),
    )


def _mean(linear: Floats, family: Response) -> tuple[Floats, Floats]:
    """Fitted means and the derivative of the mean in the linear predictor."""
    if family == "gaussian":
        return linear, np.ones_like(linear)
    if family == "binomial":
        fitted: Floats = special.expit(linear)
        return fitted, fitted * (1 - fitted)
    grown: Floats = np.exp(np.minimum(linear, 700.0))
    return grown, grown


def _solve(weights: Floats, matrix: Floats, target: Floats, family: Response) -> Floats:
    """Coefficients of columns that have a mean square of 1."""
    if np.linalg.matrix_rank(matrix, tol=1e-9 * math.sqrt(target.size)) < matrix.shape[1]:
        raise Refused(
            "survey.glm_collinear",
            found="predictors that are linear combinations of each other",
            remedy="drop one of them (one category of a factor is the reference)",
        )
    coefficients: Floats = np.zeros(matrix.shape[1])
    if family == "poisson":
        coefficients[0] = math.log(weights @ target / weights.sum())
    for _ in range(_ROUNDS):
        fitted, slope = _mean(matrix @ coefficients, family)
        root = np.sqrt(weights * np.maximum(slope, 1e-300))
        step = np.linalg.lstsq(matrix * root[:, None], np.where(root > 0, weights * (target - fitted) / root, 0.0))[0]
        coefficients = coefficients + step
        if not np.isfinite(coefficients).all() or np.abs(coefficients).max() > 1e8 * (1 + np.abs(target).max()):
            break
        if np.abs(step).max() <= 1e-12 * (np.abs(coefficients).max() + 1e-12):
            if family == "binomial" and (np.abs(matrix @ coefficients) > 30).any():
                break
            return coefficients
    raise Refused(
        "survey.glm_separation",
        found="coefficients that grow without end",
        remedy="join categories: a predictor splits the answers without a single exception",
    )


def _refuse_range(target: Floats, family: Response) -> None:
    if family not in ("gaussian", "binomial", "poisson"):
        raise Refused("survey.glm_family", found=repr(family), remedy="use gaussian, binomial or poisson")
    outside = {"gaussian": False, "binomial": ((target < 0) | (target > 1)).any(), "poisson": (target < 0).any()}
    if outside[family] or (family == "poisson" and not target.any()):
        raise Refused(
            "survey.glm_response",
            found=f"a response outside the range of the {family} family",
            remedy="code a binary response as 0 and 1, a count as 0 or more with some above 0",
        )
