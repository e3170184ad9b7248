"""Sampling variances of direct estimates, smoothed over areas before a model takes them for known.

The variance that a handful of clusters gives for one area is as unsure as the estimate itself, and goes up and down with
it: where few happened to say yes a share looks sure, and where nobody did it looks certain. A model that weighs areas by
such variances leans to the areas that erred downwards. A generalised variance function keeps what is common to all
areas, the effect of the design, and takes the rest from sizes (Wolter 2007, Introduction to Variance Estimation, chapter
7; for shares Liu, Lahiri and Kalton 2014, Survey Methodology 40, 1-13).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from migstat.estimation.arrays import Floats, finite, same_length
from migstat.model import Refused

LEAST_PART = 0.25
"""No area's variance is taken for less than this part of what the share of all areas would give."""
STEPS = 60


def smoothed_share_variance(
    shares: ArrayLike, variances: ArrayLike, sizes: ArrayLike, freedom: ArrayLike, covariates: ArrayLike
) -> tuple[Floats, float]:
    """Sampling variances (D,) of shares: design effect times p (1 - p) / size, with p what the covariates foretell.

    ``shares`` (D,) in [0, 1], ``variances`` (D,) as estimated area by area (NaN where that was impossible), ``sizes`` (D,)
    answers after unequal weights (Kish), ``freedom`` (D,) degrees of freedom behind each variance, ``covariates``
    (D, p) with the column of ones. Also gives the design effect, pooled over areas by freedom and never below 1.

    Raises Refused ``sae.one_answer`` when all areas answer alike, ``sae.sampling_variance`` when no area has answers
    that differ, ``input.*``.

    >>> psi, effect = smoothed_share_variance([0.0, 0.2, 0.4], [0.0, 0.016, 0.024], [10, 10, 10], [9, 9, 9], [[1.0]] * 3)
    >>> psi.round(3), effect
    (array([0.016, 0.016, 0.016]), 1.0)
    """
    p, n = finite(shares, "shares"), finite(sizes, "sizes")
    df, X = finite(freedom, "freedom"), finite(covariates, "covariates", ndim=2)
    same_length(shares=p, sizes=n, freedom=df, covariates=X)
    whole = float(np.average(p, weights=n))
    if not 0 < whole < 1:
        raise Refused(
            "sae.one_answer", found="the same answer everywhere", remedy="publish the share of the whole sample"
        )
    effect = design_effect(p, np.asarray(variances, dtype=np.float64), n, df)
    foretold = _foretold(p, n, X, whole)
    spread = np.maximum(foretold * (1 - foretold), LEAST_PART * whole * (1 - whole))
    return effect * spread / n, effect


def smoothed_mean_variance(variances: ArrayLike, sizes: ArrayLike, freedom: ArrayLike) -> Floats:
    """Sampling variances (D,) of means: what one answer's variance is, pooled over areas by freedom, over each size.

    Raises Refused ``sae.sampling_variance`` when no area has a variance above 0, ``input.*``.

    >>> smoothed_mean_variance([4.0, 2.0], [10, 20], [9, 9])
    array([4., 2.])
    """
    v, n, df = np.asarray(variances, dtype=np.float64), finite(sizes, "sizes"), finite(freedom, "freedom")
    known = np.isfinite(v) & (df > 0)
    pooled = float((df * n * np.where(known, v, 0.0))[known].sum() / df[known].sum()) if known.any() else 0.0
    _refuse_without(pooled)
    return pooled / n


def design_effect(shares: Floats, variances: Floats, sizes: Floats, freedom: Floats) -> float:
    """Variance of shares over that of as many answers drawn one by one, pooled over areas by freedom; 1 at least.

    p (1 - p) of a sample is too small by its own variance, which the last line takes back. Raises Refused
    ``sae.sampling_variance`` where no area tells of it: an effect that nobody knows is not 1.
    """
    known = np.isfinite(variances) & (freedom > 0)
    weights = freedom[known]
    alone = float((weights * shares[known] * (1 - shares[known])).sum())
    _refuse_without(alone)
    ratio = float((weights * sizes[known] * variances[known]).sum()) / alone
    return max(1.0, ratio / (1 + ratio / float(np.average(sizes[known], weights=weights))))


def _refuse_without(differences: float) -> None:
    if not differences > 0:
        raise Refused(
            "sae.sampling_variance",
            found="no area whose answers differ",
            remedy="publish the value of the whole sample, or ask more people in every area",
        )


def _foretold(shares: Floats, sizes: Floats, covariates: Floats, whole: float) -> Floats:
    """Shares by a logistic regression on the covariates, weighted by size; steps are held back where areas part."""
    coefficients = np.linalg.lstsq(covariates, np.full(shares.size, np.log(whole / (1 - whole))), rcond=None)[0]
    for _ in range(STEPS):
        p = expit(covariates @ coefficients)
        information = (covariates.T * (sizes * p * (1 - p))) @ covariates
        information += 1e-6 * np.trace(information) / len(coefficients) * np.eye(len(coefficients))
        step = np.linalg.solve(information, covariates.T @ (sizes * (shares - p)))
        coefficients = coefficients + step / max(1.0, float(np.abs(step).max()))
        if np.abs(step).max() < 1e-10:
            break
    foretold: Floats = expit(covariates @ coefficients)
    return foretold
