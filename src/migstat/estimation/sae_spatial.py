"""Spatial Fay-Herriot: area effects that follow a simultaneous autoregression over a proximity matrix."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from migstat.estimation.arrays import EstimateArray, Floats, choice, finite, label_axis, normal_quantile, seed_of
from migstat.estimation.registry import estimator
from migstat.estimation.sae_area_model import AreaSurvey, VarianceMethod
from migstat.estimation.sae_assumptions import AREA_MEANING, KNOWN_VARIANCES, LINEAR_LINK, NORMAL_EFFECTS
from migstat.estimation.sae_fay_herriot import Bootstrap
from migstat.estimation.sae_structured_model import (
    Structure,
    StructuredFit,
    bootstrap_structured,
    fit_structured,
    structured_error,
)
from migstat.model import Assumption, Diagnostic, Refused, Text

NEIGHBOURS = Assumption(
    "neighbours",
    Text(
        fr="La matrice de proximité dit bien quels territoires se ressemblent, et la ressemblance est la même partout.",
        ar="مصفوفة الجوار تبيّن فعلاً أي المناطق متشابهة، ودرجة التشابه واحدة في كل مكان.",
        en="The proximity matrix says rightly which areas are alike, and the likeness is the same everywhere.",
    ),
    Text(
        fr="Avec un voisinage sans rapport avec le phénomène, l'estimation ne vaut pas mieux que le modèle sans "
        "espace.",
        ar="إذا كان الجوار لا صلة له بالظاهرة فلن يكون التقدير أفضل من النموذج غير المكاني.",
        en="With a neighbourhood that has nothing to do with the matter the estimate is no better than without space.",
    ),
)
ASSUMPTIONS = (KNOWN_VARIANCES, LINEAR_LINK, NORMAL_EFFECTS, NEIGHBOURS)


def proximity(matrix: ArrayLike, areas: int) -> Floats:
    """A proximity matrix, rows scaled to sum 1. Raises Refused (``sae.proximity``) for negative or self
    neighbours."""
    W = finite(matrix, "proximity", ndim=2)
    if W.shape != (areas, areas):
        raise Refused("sae.proximity", found=f"shape {W.shape} for {areas} areas", remedy="give one row for each area")
    if (W < 0).any() or np.diag(W).any():
        raise Refused(
            "sae.proximity",
            found="negative weights, or areas that are their own neighbours",
            remedy="give weights of 0 or more with 0 on the diagonal",
        )
    sums = W.sum(axis=1)
    if (sums == 0).any():
        raise Refused(
            "sae.island",
            found=f"{int((sums == 0).sum())} areas without neighbours",
            remedy="give each area a neighbour, such as the nearest, or use fay_herriot",
        )
    scaled: Floats = W / sums[:, None]
    return scaled


def autoregression(W: Floats, rho: float) -> Floats:
    """[(I - rho W)' (I - rho W)]^-1."""
    inverse = np.linalg.inv(np.eye(W.shape[0]) - rho * W)
    product: Floats = inverse @ inverse.T
    return product


def autoregression_slope(W: Floats, rho: float, C: Floats) -> Floats:
    """Derivative in rho of ``autoregression``: C (W + W' - 2 rho W'W) C."""
    slope: Floats = C @ (W + W.T - 2 * rho * (W.T @ W)) @ C
    return slope


def _structure(W: Floats, psi: Floats) -> Structure:
    def covariance(theta: Floats) -> Floats:
        scaled: Floats = theta[0] * autoregression(W, float(theta[1]))
        return scaled

    def derivatives(theta: Floats) -> list[Floats]:
        C = autoregression(W, float(theta[1]))
        return [C, theta[0] * autoregression_slope(W, float(theta[1]), C)]

    middle = float(np.median(psi))
    return Structure(
        names=("sigma2", "rho"),
        covariance=covariance,
        derivatives=derivatives,
        bounds=((0.0, np.inf), (-0.999, 0.999)),
        starts=(np.array([middle, 0.5]), np.array([middle, 0.0])),
        variances={0: (1,)},
    )


def _curvature(fit: StructuredFit, W: Floats, psi: Floats) -> Floats:
    """g4 of Singh, Shukla and Kundu (2005): the covariance is not linear in rho."""
    A, rho = float(fit.theta[0]), float(fit.theta[1])
    spread = fit.theta_covariance
    C = autoregression(W, rho)
    first = autoregression_slope(W, rho, C)
    inner = 2 * rho * (W.T @ W) - W - W.T
    second = 2 * A * (C @ inner @ C @ inner @ C - C @ W.T @ W @ C)
    bend = 2 * spread[0, 1] * first + spread[1, 1] * second
    g4: Floats = 0.5 * psi**2 * np.diag(fit.precision @ bend @ fit.precision)
    return g4


@estimator(
    "spatial_fay_herriot",
    family="sae",
    reference="Pratesi and Salvati (2008), Statistical Methods and Applications 17; error of Singh, Shukla and Kundu "
    "(2005), "
    "Survey Methodology 31, and Molina, Salvati and Pratesi (2009), Computational Statistics 24",
    assumptions=ASSUMPTIONS,
)
def spatial_fay_herriot(
    direct: ArrayLike,
    sampling_variance: ArrayLike,
    covariates: ArrayLike,
    proximity_matrix: ArrayLike,
    *,
    method: VarianceMethod | str = VarianceMethod.REML,
    areas: Sequence[str] | None = None,
    level: float = 0.95,
    bootstrap: Bootstrap | None = None,
) -> EstimateArray:
    """Fay-Herriot with area effects v = rho W v + u; ``proximity_matrix`` (D, D), rows are scaled to sum 1.

    Other arguments as in ``fay_herriot``. Dense algebra, O(D^3) per step.
    Raises Refused: ``sae.proximity``, ``sae.island``, ``sae.method`` and those of ``fay_herriot``.

    >>> ring = np.roll(np.eye(6), 1, axis=0) + np.roll(np.eye(6), -1, axis=0)
    >>> blend = spatial_fay_herriot([1, 2, 3, 4, 3, 2], [0.2] * 6, np.ones((6, 1)), ring)
    >>> bool(blend.extra["rho"] > 0)
    True
    """
    survey = AreaSurvey.checked(direct, sampling_variance, covariates)
    W = proximity(proximity_matrix, survey.direct.size)
    fit = fit_structured(_structure(W, survey.variance), choice(VarianceMethod, method), survey)
    parts = structured_error(fit, survey)
    mse = parts.total - _curvature(fit, W, survey.variance)
    if bootstrap is not None:
        mse = bootstrap_structured(fit, survey, bootstrap.rng, bootstrap.replicates)
    names = label_axis(areas, survey.direct.size)
    extra = {**describe_structured(fit), "mse": mse, "mse_parts": parts, "survey": survey}
    return structured_estimates(
        "spatial_fay_herriot",
        fit,
        mse,
        level=level,
        labels=None if names is None else (names,),
        assumptions=ASSUMPTIONS,
        seed=None if bootstrap is None else seed_of(bootstrap.rng),
        extra=extra,
    )


def describe_structured(fit: StructuredFit) -> dict[str, object]:
    """Parameters by name with their asymptotic standard errors, coefficients, likelihood, AIC and BIC."""
    count = fit.coefficients.size + fit.theta.size
    errors = np.sqrt(np.maximum(np.diag(fit.theta_covariance), 0.0))
    return {
        **{name: float(value) for name, value in zip(fit.structure.names, fit.theta, strict=True)},
        "theta_standard_errors": errors,
        "coefficients": fit.coefficients,
        "coefficient_standard_errors": np.sqrt(np.diag(fit.covariance)),
        "log_likelihood": fit.log_likelihood,
        "aic": -2 * fit.log_likelihood + 2 * count,
        "bic": -2 * fit.log_likelihood + count * float(np.log(fit.predicted.size)),
        "iterations": fit.iterations,
        "model": fit,
    }


def structured_estimates(
    name: str,
    fit: StructuredFit,
    mse: Floats,
    *,
    level: float,
    labels: tuple[tuple[str, ...], ...] | None,
    assumptions: Sequence[Assumption],
    seed: int | None,
    extra: dict[str, object],
) -> EstimateArray:
    """The estimates of a fitted structured model, with a diagnostic for parameters that stopped at a bound."""
    error, z = np.sqrt(np.maximum(mse, 0.0)), normal_quantile(level)
    held = [fit.structure.names[k] for k in range(fit.theta.size) if k not in fit.free]
    return EstimateArray(
        estimand="area value",
        estimator=name,
        values=fit.predicted,
        standard_errors=error,
        low=fit.predicted - z * error,
        high=fit.predicted + z * error,
        level=level,
        interval_method="normal, root of the mean squared error",
        meaning=AREA_MEANING,
        labels=labels,
        assumptions=assumptions,
        diagnostics=(Diagnostic("parameters_on_a_bound", _ON_A_BOUND, held, concern=bool(held)),),
        seed=seed,
        extra=extra,
    )


_ON_A_BOUND = Text(
    fr="Paramètres arrêtés à leur limite (variance nulle ou corrélation extrême) : l'erreur annoncée les tient pour "
    "connus.",
    ar="معالم توقفت عند حدّها (تباين منعدم أو ارتباط أقصى): الخطأ المعلن يعدّها معلومة.",
    en="Parameters stopped at a bound (no variance, extreme correlation): the stated error takes them as known.",
)
