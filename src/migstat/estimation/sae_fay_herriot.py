"""Fay-Herriot: direct estimates of areas blended with a linear model, with their mean squared error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from migstat.estimation.arrays import (
    EstimateArray,
    Floats,
    choice,
    finite,
    label_axis,
    normal_quantile,
    refuse_without_generator,
    seed_of,
)
from migstat.estimation.registry import estimator
from migstat.estimation.sae_area_model import (
    AreaFit,
    AreaSurvey,
    VarianceMethod,
    area_error,
    expected_variance,
    fit_area_model,
)
from migstat.estimation.sae_assumptions import (
    AREA_MEANING,
    INDEPENDENT_AREAS,
    KNOWN_VARIANCES,
    LINEAR_LINK,
    NORMAL_EFFECTS,
)
from migstat.model import Diagnostic, Refused, Text

ASSUMPTIONS = (KNOWN_VARIANCES, LINEAR_LINK, NORMAL_EFFECTS, INDEPENDENT_AREAS)


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """A parametric bootstrap: the dice and how often they are thrown."""

    rng: np.random.Generator
    replicates: int = 200

    def __post_init__(self) -> None:
        refuse_without_generator(self.rng)
        if self.replicates < 20:
            raise Refused("bootstrap.replicates", found=str(self.replicates), remedy="use at least 20, better 200")


@estimator(
    "fay_herriot",
    family="sae",
    reference="Fay and Herriot (1979), JASA 74; MSE of Prasad and Rao (1990), JASA 85, Datta and "
    "Lahiri "
    "(2000), Statistica Sinica 10, and Datta, Rao and Smith (2005), Biometrika 92",
    assumptions=ASSUMPTIONS,
)
def fay_herriot(
    direct: ArrayLike,
    sampling_variance: ArrayLike,
    covariates: ArrayLike,
    *,
    method: VarianceMethod | str = VarianceMethod.REML,
    areas: Sequence[str] | None = None,
    level: float = 0.95,
    bootstrap: Bootstrap | None = None,
) -> EstimateArray:
    """Empirical best linear unbiased predictions of the values of D areas.

    ``direct`` (D,) in any unit, ``sampling_variance`` (D,) in its square, ``covariates`` (D, p) the whole design
    matrix (give the column of ones yourself). ``bootstrap`` replaces the analytic mean squared error by a parametric
    bootstrap. Raises Refused: ``sae.one_area``, ``sae.sampling_variance``, ``sae.too_few_areas``, ``sae.collinear``,
    ``input.*``.

    >>> blend = fay_herriot([1.0, 2.0, 3.5, 3.0], [0.5, 0.5, 0.5, 0.1], [[1.0]] * 4, areas=["a", "b", "c", "d"])
    >>> blend.values.round(3)
    array([1.588, 2.18 , 3.069, 2.933])
    """
    survey = AreaSurvey.checked(direct, sampling_variance, covariates)
    fit = fit_area_model(survey, choice(VarianceMethod, method))
    parts = area_error(fit, survey.variance)
    mse, extra = parts.total, describe_fit(fit, survey)
    if bootstrap is not None:
        simulated = bootstrap_error(fit, survey, bootstrap)
        extra |= {"mse_analytic": mse, "mse_bootstrap": simulated[0], "mse_bootstrap_corrected": simulated[1]}
        mse = simulated[0]
    # what lets totals over areas have an error: MSE matrix = diag(mse_diagonal) + mse_factor @ mse_factor.T
    extra |= {"mse": mse, "mse_parts": parts, "mse_diagonal": mse - parts.coefficients, "mse_factor": _factor(fit)}
    error, z = np.sqrt(np.maximum(mse, 0.0)), normal_quantile(level)
    return EstimateArray(
        estimand="area value",
        estimator="fay_herriot",
        values=fit.predicted,
        standard_errors=error,
        low=fit.predicted - z * error,
        high=fit.predicted + z * error,
        level=level,
        interval_method="normal, root of the mean squared error",
        meaning=AREA_MEANING,
        labels=_labels(areas, survey.direct.size),
        assumptions=ASSUMPTIONS,
        diagnostics=area_diagnostics(fit, survey),
        seed=None if bootstrap is None else seed_of(bootstrap.rng),
        extra=extra,
    )


def _labels(areas: Sequence[str] | None, count: int) -> tuple[tuple[str, ...]] | None:
    names = label_axis(areas, count)
    return None if names is None else (names,)


def _factor(fit: AreaFit) -> Floats:
    factor: Floats = ((1 - fit.shrinkage)[:, None] * fit.basis) @ np.linalg.cholesky(fit.core)
    return factor


def describe_fit(fit: AreaFit, survey: AreaSurvey) -> dict[str, Any]:
    """What the model says beside its predictions: variance, coefficients, shrinkage, likelihood, AIC and BIC."""
    parameters = fit.coefficients.size + 1
    return {
        "sigma2": fit.sigma2,
        "coefficients": fit.coefficients,
        "coefficient_standard_errors": np.sqrt(np.diag(fit.covariance)),
        "shrinkage": fit.shrinkage,
        "log_likelihood": fit.log_likelihood,
        "aic": -2 * fit.log_likelihood + 2 * parameters,
        "bic": -2 * fit.log_likelihood + parameters * float(np.log(survey.direct.size)),
        "iterations": fit.iterations,
        "model": fit,
        "survey": survey,
    }


def bootstrap_error(fit: AreaFit, survey: AreaSurvey, bootstrap: Bootstrap) -> tuple[Floats, Floats]:
    """Mean squared error by parametric bootstrap: plain, and corrected for bias (Butar and Lahiri 2003)."""
    plain, drawn, shifted = (np.zeros(survey.direct.size) for _ in range(3))
    parts = area_error(fit, survey.variance)
    known = parts.effects + parts.coefficients
    spread = np.sqrt(survey.variance)
    for _ in range(bootstrap.replicates):
        truth = fit.synthetic + np.sqrt(fit.sigma2) * bootstrap.rng.standard_normal(spread.size)
        replica = AreaSurvey(
            truth + spread * bootstrap.rng.standard_normal(spread.size), survey.variance, survey.design
        )
        again = fit_area_model(replica, fit.method)
        part = area_error(again, survey.variance)
        drawn += part.effects + part.coefficients
        plain += (again.predicted - truth) ** 2
        shifted += (again.predicted - _predict_known(fit, replica)) ** 2
    B = bootstrap.replicates
    return plain / B, np.maximum(2 * known - drawn / B + shifted / B, 0.0)


def _predict_known(fit: AreaFit, replica: AreaSurvey) -> Floats:
    """The BLUP of a replicate with the variance held at its original value."""
    weights = 1.0 / (fit.sigma2 + replica.variance)
    coefficients = fit.core @ ((fit.basis.T * weights) @ replica.direct)
    synthetic = fit.basis @ coefficients
    predicted: Floats = synthetic + fit.shrinkage * (replica.direct - synthetic)
    return predicted


def area_diagnostics(fit: AreaFit, survey: AreaSurvey) -> tuple[Diagnostic, ...]:
    """Whether the model tells areas apart at all, and whether its standardised residuals look normal."""
    standardised = (survey.direct - fit.synthetic) / np.sqrt(fit.sigma2 + survey.variance)
    worst = float(np.abs(standardised).max())
    return (
        Diagnostic(
            "area_variance",
            Text(
                fr="Variance des effets de territoire ; nulle, tous les territoires ont la valeur du modèle.",
                ar="تباين آثار المناطق؛ إذا كان منعدماً أخذت كل المناطق قيمة النموذج.",
                en="Variance of the area effects; when it is 0 every area gets the value of the model.",
            ),
            fit.sigma2,
            concern=fit.sigma2 == 0,
        ),
        Diagnostic(
            "largest_residual",
            Text(
                fr="Plus grand écart standardisé au modèle ; au-delà de 4, un territoire ne lui obéit pas.",
                ar="أكبر انحراف معياري عن النموذج؛ إذا تجاوز 4 فهناك منطقة لا تنطبق عليها فرضياته.",
                en="Largest standardised residual; above 4, an area does not follow the model.",
            ),
            worst,
            concern=worst > 4,
        ),
    )


def fay_herriot_unsampled(
    result: EstimateArray, covariates: ArrayLike, *, areas: Sequence[str] | None = None
) -> EstimateArray:
    """Predictions of areas without any sample: the model alone, with error E(sigma2) + x' cov(b) x.

    Such an area's error is the variance between areas and little else, so the doubt about that variance is averaged over
    (its restricted likelihood with a flat prior, Morris 1983, JASA 78, 47-55): the most likely value is often 0, and would
    make the areas that nobody was asked in the surest of all.

    ``result`` is what ``fay_herriot`` gave; ``covariates`` (K, p) in the same columns.
    """
    fit: AreaFit = result.extra["model"]
    X = finite(covariates, "covariates", ndim=2)
    if X.shape[1] != fit.coefficients.size:
        raise Refused(
            "sae.columns",
            found=f"{X.shape[1]} covariates for a model of {fit.coefficients.size}",
            remedy="give the same columns as for the sampled areas",
        )
    values = X @ fit.coefficients
    between = max(fit.sigma2, expected_variance(result.extra["survey"]))
    error = np.sqrt(between + np.einsum("kp,pq,kq->k", X, fit.covariance, X))
    z = normal_quantile(result.level)
    return EstimateArray(
        estimand=result.estimand,
        estimator="fay_herriot",
        values=values,
        standard_errors=error,
        low=values - z * error,
        high=values + z * error,
        level=result.level,
        interval_method="normal, model prediction",
        meaning=_UNSAMPLED,
        labels=_labels(areas, values.size),
        assumptions=result.assumptions,
        diagnostics=result.diagnostics,
    )


_UNSAMPLED = Text(
    fr="Aucun enquêté dans ces territoires : la valeur vient du modèle seul, ajusté ailleurs. L'intervalle suppose "
    "que ces "
    "territoires ressemblent aux autres ; s'ils ont été laissés hors de l'enquête pour une raison, il ne tient plus.",
    ar="لا مستجوبين في هذه المناطق: تأتي القيمة من النموذج وحده كما قُدّر في مناطق أخرى. يفترض المجال أن هذه المناطق "
    "تشبه غيرها؛ "
    "فإذا تُركت خارج المسح لسبب ما لم يعد صالحاً.",
    en="Nobody was interviewed in these areas: the value comes from the model alone, fitted elsewhere. The interval "
    "takes "
    "these areas to be like the others; if they were left out of the survey for a reason, it does not hold.",
)
