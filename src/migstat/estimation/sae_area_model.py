"""The area-level linear mixed model with one variance: fitted in O(D p^2) per step, every matrix of the areas
diagonal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from migstat.estimation.arrays import Floats, finite, same_length
from migstat.model import Refused

GRID = 400


class VarianceMethod(StrEnum):
    """How the variance of the area effects is estimated: restricted likelihood, likelihood, or Fay-Herriot
    moments."""

    REML = "REML"
    ML = "ML"
    MOMENTS = "FH"


@dataclass(frozen=True, slots=True)
class AreaSurvey:
    """Direct estimates of D areas, their sampling variances, and the design matrix (D, p), intercept included."""

    direct: Floats
    variance: Floats
    design: Floats

    @classmethod
    def checked(cls, direct: ArrayLike, variance: ArrayLike, design: ArrayLike) -> AreaSurvey:
        """Raises Refused for zero or negative variances, too few areas, or covariates that repeat each other."""
        y, psi, X = (
            finite(direct, "direct"),
            finite(variance, "sampling_variance"),
            finite(design, "covariates", ndim=2),
        )
        areas = same_length(direct=y, sampling_variance=psi, covariates=X)
        if areas < 2:
            raise Refused(
                "sae.one_area", found="one area", remedy="a model needs several areas; publish the direct estimate"
            )
        if (psi <= 0).any():
            raise Refused(
                "sae.sampling_variance",
                found=f"{int((psi <= 0).sum())} of {areas} sampling variances are zero or negative",
                remedy="give each area a positive variance, from a generalised variance function where the sample is "
                "tiny; "
                "leave out areas without sample and predict them afterwards",
            )
        if areas <= X.shape[1] + 1:
            raise Refused(
                "sae.too_few_areas",
                found=f"{areas} areas for {X.shape[1]} covariates and a variance",
                remedy="use fewer covariates or more areas",
            )
        return cls(y, psi, X)


@dataclass(frozen=True, slots=True)
class AreaFit:
    """A fitted model. ``basis`` is the orthonormal basis of the design, ``core`` = (basis' V^-1 basis)^-1."""

    method: VarianceMethod
    sigma2: float
    coefficients: Floats
    covariance: Floats
    predicted: Floats
    synthetic: Floats
    shrinkage: Floats
    basis: Floats
    core: Floats
    triangle: Floats
    log_likelihood: float
    iterations: int


@dataclass(frozen=True, slots=True)
class _Moments:
    """What every step needs at one value A of the variance."""

    weights: Floats
    core: Floats
    residual: Floats
    log_determinant: float


def _moments(y: Floats, psi: Floats, basis: Floats, A: float) -> _Moments:
    weights = 1.0 / (A + psi)
    weighted = basis.T * weights
    information = weighted @ basis
    core: Floats = np.asarray(np.linalg.inv(information), dtype=np.float64)
    residual = y - basis @ (core @ (weighted @ y))
    return _Moments(weights, core, residual, float(np.linalg.slogdet(information)[1]))


Score = Callable[[Floats, Floats, Floats, float], tuple[float, float]]


def _score_reml(y: Floats, psi: Floats, basis: Floats, A: float) -> tuple[float, float]:
    """Score and Fisher information of the restricted likelihood (Rao and Molina 2015, section 6.1.2)."""
    at = _moments(y, psi, basis, A)
    w2 = at.weights**2
    second = at.core @ ((basis.T * w2) @ basis)
    third = at.core @ ((basis.T * (w2 * at.weights)) @ basis)
    trace = float(at.weights.sum() - np.trace(second))
    trace_square = float(w2.sum() - 2 * np.trace(third) + np.sum(second * second.T))
    return 0.5 * (float(w2 @ at.residual**2) - trace), 0.5 * trace_square


def _score_ml(y: Floats, psi: Floats, basis: Floats, A: float) -> tuple[float, float]:
    at = _moments(y, psi, basis, A)
    w2 = at.weights**2
    return 0.5 * (float(w2 @ at.residual**2) - float(at.weights.sum())), 0.5 * float(w2.sum())


def _score_moments(y: Floats, psi: Floats, basis: Floats, A: float) -> tuple[float, float]:
    """Fay and Herriot (1979): the weighted residual sum of squares set to its expectation D - p."""
    at = _moments(y, psi, basis, A)
    return float(at.weights @ at.residual**2) - (y.size - basis.shape[1]), float(at.weights.sum())


_SCORES: dict[VarianceMethod, Score] = {
    VarianceMethod.REML: _score_reml,
    VarianceMethod.ML: _score_ml,
    VarianceMethod.MOMENTS: _score_moments,
}


def _criterion(method: VarianceMethod, y: Floats, psi: Floats, basis: Floats, A: float) -> float:
    """The log-likelihood to maximise, up to a constant; restricted for REML."""
    at = _moments(y, psi, basis, A)
    value = 0.5 * float(np.log(at.weights).sum()) - 0.5 * float(at.weights @ at.residual**2)
    return value - 0.5 * at.log_determinant if method is VarianceMethod.REML else value


def _root(score: Score, y: Floats, psi: Floats, basis: Floats, start: float) -> tuple[float, int, bool]:
    """Fisher scoring from ``start``, kept at A >= 0; A = 0 is a solution where the score points below it."""
    A, scale = start, float(np.median(psi))
    for step in range(1, 201):
        slope, information = score(y, psi, basis, A)
        new = max(A + slope / information, 0.0)
        if abs(new - A) <= 1e-14 * (new + 1e-2 * scale):
            return new, step, True
        A = new
    return A, 200, False


def _variance(method: VarianceMethod, y: Floats, psi: Floats, basis: Floats) -> tuple[float, int]:
    """The variance of the area effects: scoring from the median sampling variance, checked against a coarse grid."""
    score, start = _SCORES[method], float(np.median(psi))
    A, steps, settled = _root(score, y, psi, basis, start)
    if method is VarianceMethod.MOMENTS:
        return (A, steps) if settled else (_bisect(score, y, psi, basis), steps)
    top = max(float(np.var(y)), start)
    # with thousands of areas the likelihood is as good as quadratic: fewer looks for another top
    grid = [0.0, *np.geomspace(1e-3 * start, 4 * top, 7 if y.size <= 5000 else 2)]
    best = max(grid, key=lambda one: _criterion(method, y, psi, basis, one))
    level = _criterion(method, y, psi, basis, A)
    if settled and _criterion(method, y, psi, basis, best) <= level + 1e-9 * (1 + abs(level)):
        return A, steps
    again, more, _ = _root(score, y, psi, basis, best)
    better = _criterion(method, y, psi, basis, again) > level
    return (again if better else A), steps + more


def expected_variance(survey: AreaSurvey) -> float:
    """The variance of the area effects averaged over its restricted likelihood with a flat prior, on a grid that ends
    where the most likely variance is looked for."""
    y, psi = survey.direct, survey.variance
    basis, _ = orthonormal(survey.design)
    top = 4 * max(float(np.var(y)), float(np.median(psi)))
    grid = np.linspace(0.0, top, GRID)
    log = np.array([_criterion(VarianceMethod.REML, y, psi, basis, one) for one in grid])
    weights = np.exp(log - log.max())
    return float(grid @ weights / weights.sum())


def _bisect(score: Score, y: Floats, psi: Floats, basis: Floats) -> float:
    from scipy.optimize import brentq

    if score(y, psi, basis, 0.0)[0] <= 0:
        return 0.0
    top = float(np.var(y)) + float(np.median(psi))
    while score(y, psi, basis, top)[0] > 0:
        top *= 4
    return float(brentq(lambda A: score(y, psi, basis, A)[0], 0.0, top, xtol=1e-300, rtol=1e-14))


def orthonormal(design: Floats) -> tuple[Floats, Floats]:
    """Orthonormal basis and triangle of the design. Raises Refused (``sae.collinear``) when columns repeat each
    other."""
    lengths = np.linalg.norm(design, axis=0)
    if (lengths == 0).any():
        raise Refused("sae.collinear", found="a covariate that is 0 everywhere", remedy="leave it out")
    basis, triangle = np.linalg.qr(design / lengths)
    if np.abs(np.diag(triangle)).min() < 1e-10:
        raise Refused(
            "sae.collinear",
            found="covariates that are sums of each other",
            remedy="leave one of them out; with an intercept, leave out one class of each classification",
        )
    return basis, triangle * lengths


def fit_area_model(survey: AreaSurvey, method: VarianceMethod) -> AreaFit:
    """Fit y = X b + u + e with var(u) = sigma2 and var(e_d) known; cost O(D p^2) per step, memory O(D p).

    Fay and Herriot (1979); REML and ML scoring as in Rao and Molina (2015), section 6.1.2.
    """
    y, psi = survey.direct, survey.variance
    basis, triangle = orthonormal(survey.design)
    A, steps = _variance(method, y, psi, basis)
    at = _moments(y, psi, basis, A)
    inverse = np.linalg.inv(triangle)
    shrinkage = A * at.weights
    residual = at.residual
    likelihood = -0.5 * float(np.sum(np.log(2 * np.pi / at.weights)) + at.weights @ residual**2)
    return AreaFit(
        method=method,
        sigma2=A,
        coefficients=inverse @ (basis.T @ (y - residual)),
        covariance=inverse @ at.core @ inverse.T,
        predicted=y - (1 - shrinkage) * residual,
        synthetic=y - residual,
        shrinkage=shrinkage,
        basis=basis,
        core=at.core,
        triangle=triangle,
        log_likelihood=likelihood,
        iterations=steps,
    )


@dataclass(frozen=True, slots=True)
class AreaError:
    """The mean squared error in its parts; ``total`` is what to publish. All of shape (D,)."""

    effects: Floats
    coefficients: Floats
    variance: Floats
    bias: Floats

    @property
    def total(self) -> Floats:
        return self.effects + self.coefficients + 2 * self.variance - self.bias


def leverage(fit: AreaFit) -> Floats:
    """x_d' (X' V^-1 X)^-1 x_d for each area."""
    quadratic: Floats = np.einsum("dp,pq,dq->d", fit.basis, fit.core, fit.basis, optimize=True)
    return quadratic


def area_error(fit: AreaFit, psi: Floats) -> AreaError:
    """Mean squared error of the EBLUP, right to o(1/D).

    Prasad and Rao (1990) for REML, Datta and Lahiri (2000) for ML, Datta, Rao and Smith (2005) for the moments.
    """
    v = 1.0 / (fit.sigma2 + psi)
    B = psi * v
    sum1, sum2 = float(v.sum()), float((v**2).sum())
    if fit.method is VarianceMethod.MOMENTS:
        spread, lean = 2 * psi.size / sum1**2, 2 * (psi.size * sum2 - sum1**2) / sum1**3
    else:
        spread, lean = 2 / sum2, 0.0
    if fit.method is VarianceMethod.ML:
        lean = -float(np.sum(fit.core * ((fit.basis.T * v**2) @ fit.basis).T)) / sum2
    return AreaError(psi * (1 - B), B**2 * leverage(fit), B**2 * spread * v, lean * B**2)
