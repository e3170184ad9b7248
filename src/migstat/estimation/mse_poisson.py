"""Poisson regression with a logarithmic link on a dense design, for models that are not hierarchical in lists."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from migstat.model import Refused

Floats = NDArray[np.float64]

_MOST_STEPS = 200


@dataclass(frozen=True, slots=True)
class PoissonFit:
    """Coefficients (p,), their covariance (p, p), fitted means (n,), and how well they fit.

    ``converged`` is False where some mean runs off to 0 and the deviance alone has settled, as sparse tables do.
    """

    coefficients: Floats
    covariance: Floats
    fitted: Floats
    deviance: float
    df: int
    aic: float
    loglik: float
    converged: bool


def poisson_fit(counts: Floats, design: Floats, offset: Floats | None = None) -> PoissonFit:
    """Maximum likelihood by iteratively reweighted least squares (McCullagh and Nelder 1989, section 2.5).

    ``counts`` (n,) 0 or more, whole or not; ``design`` (n, p) with its column of ones; ``offset`` (n,) in the log mean.
    Raises Refused ``mse.collinear`` when the columns of the design are not independent.

    >>> fit = poisson_fit(np.array([1.0, 3.0]), np.ones((2, 1)))
    >>> round(float(np.exp(fit.coefficients[0])), 12)
    2.0
    """
    shift = np.zeros(len(counts)) if offset is None else offset
    if np.linalg.matrix_rank(design) < design.shape[1]:
        raise Refused("mse.collinear", found="parameters the table cannot tell apart", remedy="take a smaller model")
    linear = np.log(counts + 0.1) if offset is None else _start(counts, design, shift)
    mean = np.exp(linear)
    deviance = math.inf
    settled = 0
    converged = False
    coefficients = np.zeros(design.shape[1])
    for _ in range(_MOST_STEPS):
        root = np.sqrt(mean)
        working = linear - shift + (counts - mean) / mean
        solved = np.linalg.lstsq(design * root[:, None], working * root, rcond=1e-14)[0]
        proposed = np.asarray(solved, dtype=np.float64)
        change = float(np.abs(design @ (proposed - coefficients)).max())
        proposed, linear, mean, now = _not_worse(counts, design, shift, coefficients, proposed, deviance)
        coefficients = proposed
        if change < 1e-10:
            converged = True
            break
        settled = settled + 1 if abs(deviance - now) <= 1e-13 * (1 + abs(now)) else 0
        deviance = now
        if settled == 3:
            converged = change < 1e-5
            break
    return _summary(counts, design, coefficients, mean, linear, converged)


def _start(counts: Floats, design: Floats, shift: Floats) -> Floats:
    """(n,) logarithms of means, from the rows with people alone: among hundreds of zeros an offset misleads."""
    some = counts > 0
    root = np.sqrt(counts[some])
    logs = np.log(counts[some]) - shift[some]
    solved = np.linalg.lstsq(design[some] * root[:, None], logs * root, rcond=None)[0]
    linear: Floats = np.clip(design @ solved + shift, -30.0, math.log(counts.max()) + 2)
    return linear


def runs_off(counts: Floats, design: Floats, row: Floats) -> bool:
    """Does the likelihood leave ``row @ coefficients`` without a limit, because some direction never makes it worse?

    Such a direction d has x.d = 0 where people were counted and x.d <= 0 where nobody was (Haberman 1974); two linear
    programmes look for one that moves ``row``.

    >>> runs_off(np.array([3.0, 0.0]), np.array([[1.0, 0.0], [1.0, 1.0]]), np.array([1.0, 1.0]))
    True
    """
    from scipy.optimize import linprog

    some = counts > 0
    still, falling = np.unique(design[some], axis=0), np.unique(design[~some], axis=0)
    if len(falling) == 0:
        return False
    for sign in (1.0, -1.0):
        solved = linprog(
            sign * row,
            A_ub=falling,
            b_ub=np.zeros(len(falling)),
            A_eq=still,
            b_eq=np.zeros(len(still)),
            bounds=(-1, 1),
            method="highs",
        )
        if solved.fun is None or solved.fun < -1e-6:
            return True
    return False


def _not_worse(
    counts: Floats, design: Floats, shift: Floats, before: Floats, after: Floats, deviance: float
) -> tuple[Floats, Floats, Floats, float]:  # fmt: skip
    """Halve the step until the deviance does not grow."""
    for _ in range(40):
        linear = design @ after + shift
        if linear.max() < 700:
            mean = np.exp(np.maximum(linear, -700.0))
            now = _deviance(counts, mean)
            if now <= deviance + 1e-9 * (1 + abs(deviance)) or math.isinf(deviance):
                break
        after = (before + after) / 2
    return after, linear, mean, now


def _deviance(counts: Floats, mean: Floats) -> float:
    some = counts > 0
    return float(2 * ((counts[some] * np.log(counts[some] / mean[some])).sum() - counts.sum() + mean.sum()))


def _summary(
    counts: Floats, design: Floats, coefficients: Floats, mean: Floats, linear: Floats, converged: bool
) -> PoissonFit:  # fmt: skip
    from scipy.special import gammaln

    triangle = np.linalg.qr(design * np.sqrt(mean)[:, None], mode="r")
    inverse = np.linalg.pinv(triangle)
    loglik = float((counts * linear - mean - gammaln(counts + 1)).sum())
    n_parameters = design.shape[1]
    return PoissonFit(
        coefficients=coefficients,
        covariance=inverse @ inverse.T,
        fitted=mean,
        deviance=max(_deviance(counts, mean), 0.0),
        df=len(counts) - n_parameters,
        aic=-2 * loglik + 2 * n_parameters,
        loglik=loglik,
        converged=converged,
    )
