"""The area-level model with any covariance of the area effects: restricted or full likelihood, EBLUP and its error.

Dense algebra, O(M^3) per step for M rows: meant for hundreds of areas. The model with independent areas has its own
diagonal algebra in ``sae_area_model``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from migstat.estimation.arrays import Floats
from migstat.estimation.sae_area_model import AreaSurvey, VarianceMethod, orthonormal
from migstat.model import Refused


@dataclass(frozen=True, slots=True)
class Structure:
    """Covariance of the area effects: ``covariance(theta)`` (M, M) and its ``derivatives``, bounds and starting
    points.

    ``variances`` maps the position of a variance to the positions of the correlations that mean nothing when it is 0.
    """

    names: tuple[str, ...]
    covariance: Callable[[Floats], Floats]
    derivatives: Callable[[Floats], list[Floats]]
    bounds: tuple[tuple[float, float], ...]
    starts: Sequence[Floats]
    variances: dict[int, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class StructuredFit:
    """A fitted model: ``theta`` in the order of ``structure.names``; matrices at the solution."""

    structure: Structure
    method: VarianceMethod
    theta: Floats
    free: tuple[int, ...]
    coefficients: Floats
    covariance: Floats
    predicted: Floats
    synthetic: Floats
    log_likelihood: float
    precision: Floats
    projection: Floats
    effects: Floats
    information: Floats
    iterations: int

    @property
    def theta_covariance(self) -> Floats:
        """Asymptotic covariance of theta (0 for what lies on its bound), shape (k, k)."""
        whole = np.zeros((self.theta.size, self.theta.size))
        if self.free:
            whole[np.ix_(self.free, self.free)] = np.linalg.inv(self.information[np.ix_(self.free, self.free)])
        return whole


@dataclass(frozen=True, slots=True)
class _At:
    precision: Floats
    projection: Floats
    projected: Floats
    criterion: float


def _evaluate(structure: Structure, method: VarianceMethod, survey: AreaSurvey, basis: Floats, theta: Floats) -> _At:
    V = structure.covariance(theta) + np.diag(survey.variance)
    try:
        lower = np.linalg.cholesky(V)
    except np.linalg.LinAlgError as fault:
        raise Refused(
            "sae.covariance", found="a covariance that is not positive", remedy="check the proximity matrix"
        ) from fault
    root = np.linalg.inv(lower)
    precision = root.T @ root
    weighted = precision @ basis
    information = basis.T @ weighted
    projection = precision - weighted @ np.linalg.solve(information, weighted.T)
    projected = projection @ survey.direct
    value = -float(np.log(np.diag(lower)).sum()) - 0.5 * float(survey.direct @ projected)
    if method is VarianceMethod.REML:
        value -= 0.5 * float(np.linalg.slogdet(information)[1])
    return _At(precision, projection, projected, value)


def _slope(structure: Structure, method: VarianceMethod, at: _At, theta: Floats) -> tuple[Floats, Floats, list[Floats]]:
    """Score, Fisher information and derivatives of V. ML uses V^-1 where REML uses the projection P."""
    derivatives = structure.derivatives(theta)
    middle = at.projection if method is VarianceMethod.REML else at.precision
    products = [middle @ one for one in derivatives]
    score = np.array(
        [
            0.5 * float(at.projected @ one @ at.projected) - 0.5 * float(np.trace(product))
            for one, product in zip(derivatives, products, strict=True)
        ]
    )
    information = np.array([[0.5 * float(np.sum(a * b.T)) for b in products] for a in products])
    return score, information, derivatives


def _free(structure: Structure, theta: Floats, score: Floats) -> tuple[int, ...]:
    """The parameters not held by a bound that the likelihood pushes against, nor idle for want of variance."""
    held = set()
    for k, (low, high) in enumerate(structure.bounds):
        if (theta[k] <= low and score[k] <= 0) or (theta[k] >= high and score[k] >= 0):
            held.add(k)
    for variance, idle in structure.variances.items():
        if theta[variance] <= 0:
            held.update(idle)
    return tuple(k for k in range(theta.size) if k not in held)


def _curvature(
    structure: Structure, method: VarianceMethod, survey: AreaSurvey, basis: Floats, theta: Floats
) -> Floats:
    """Minus the second derivatives of the criterion, by forward differences of the exact score, shape (k, k)."""

    def score(where: Floats) -> Floats:
        at = _evaluate(structure, method, survey, basis, where)
        return _slope(structure, method, at, where)[0]

    here, columns = score(theta), []
    for k, (_, high) in enumerate(structure.bounds):
        width = 1e-6 * max(abs(float(theta[k])), 1e-2)
        shifted = theta.copy()
        shifted[k] += width if theta[k] + width < high else -width
        columns.append((here - score(shifted)) / (shifted[k] - theta[k]))
    matrix = np.array(columns)
    symmetric: Floats = 0.5 * (matrix + matrix.T)
    return symmetric


def _climb(
    structure: Structure,
    method: VarianceMethod,
    survey: AreaSurvey,
    basis: Floats,
    start: Floats,
    *,
    steps: int = 300,
    newton: bool = False,
) -> tuple[Floats, _At, int]:
    """Projected scoring with halving, so that each step raises the likelihood; ``newton`` once it is near."""
    lows, highs = (np.array(side) for side in zip(*structure.bounds, strict=True))
    theta, at = start, _evaluate(structure, method, survey, basis, start)
    scale = np.maximum(np.abs(start), 1e-2)
    for step in range(1, steps + 1):
        score, information, _ = _slope(structure, method, at, theta)
        free = _free(structure, theta, score)
        if not free:
            return theta, at, step
        if newton:
            second = _curvature(structure, method, survey, basis, theta)
            if np.linalg.eigvalsh(second[np.ix_(free, free)])[0] > 0:
                information = second
        move = np.zeros_like(theta)
        move[list(free)] = np.linalg.lstsq(information[np.ix_(free, free)], score[list(free)], rcond=1e-12)[0]
        share = 1.0
        while True:
            new = np.clip(theta + share * move, lows, highs)
            there = _evaluate(structure, method, survey, basis, new)
            if there.criterion >= at.criterion - 1e-13 * abs(at.criterion) or share < 1e-8:
                break
            share *= 0.5
        moved = float(np.max(np.abs(new - theta) / scale))
        theta, at = new, there
        if moved < 1e-13:
            return theta, at, step
    return theta, at, steps


def _best(structure: Structure, method: VarianceMethod, survey: AreaSurvey, basis: Floats) -> tuple[Floats, _At, int]:
    """A few scoring steps from every start, then the best of them to the end."""
    first = [_climb(structure, method, survey, basis, start, steps=8) for start in structure.starts]
    theta, _, _ = max(first, key=lambda one: one[1].criterion)
    theta, at, taken = _climb(structure, method, survey, basis, theta, steps=60, newton=True)
    if taken == 60:
        theta, at, more = _climb(structure, method, survey, basis, theta)
        taken += more
    return theta, at, taken + sum(one[2] for one in first)


def fit_structured(structure: Structure, method: VarianceMethod, survey: AreaSurvey) -> StructuredFit:
    """Fit y = X b + v + e, cov(v) = structure(theta), from every starting point; the best likelihood stays.

    Raises Refused (``sae.method``) for the method of moments, which this model has not.
    """
    if method is VarianceMethod.MOMENTS:
        raise Refused("sae.method", found="moments for correlated areas", remedy="use REML or ML")
    basis, triangle = orthonormal(survey.design)
    theta, at, taken = _best(structure, method, survey, basis)
    score, _, _ = _slope(structure, method, at, theta)
    _, information, _ = _slope(structure, VarianceMethod.REML, at, theta)
    residual = survey.variance * at.projected
    inverse = np.linalg.inv(triangle)
    core = np.linalg.inv(basis.T @ at.precision @ basis)
    beta = core @ (basis.T @ at.precision @ survey.direct)
    synthetic = basis @ beta
    M = survey.direct.size
    log_det = -float(np.linalg.slogdet(at.precision)[1])
    likelihood = -0.5 * (M * np.log(2 * np.pi) + log_det + float((survey.direct - synthetic) @ at.projected))
    return StructuredFit(
        structure=structure,
        method=method,
        theta=theta,
        free=_free(structure, theta, score),
        coefficients=inverse @ beta,
        covariance=inverse @ core @ inverse.T,
        # y - predicted = Psi V^-1 (y - X b), so nothing large is subtracted from anything large
        predicted=survey.direct - residual,
        synthetic=synthetic,
        log_likelihood=float(likelihood),
        precision=at.precision,
        projection=at.projection,
        effects=structure.covariance(theta),
        information=information,
        iterations=taken,
    )


@dataclass(frozen=True, slots=True)
class StructuredError:
    """Mean squared error in parts, each (M,); ``total`` adds 2 times the part of theta and takes the bias away."""

    effects: Floats
    coefficients: Floats
    theta: Floats
    bias: Floats

    @property
    def total(self) -> Floats:
        return self.effects + self.coefficients + 2 * self.theta - self.bias


def structured_error(fit: StructuredFit, survey: AreaSurvey) -> StructuredError:
    """Mean squared error of the EBLUP under a structured covariance (Singh, Shukla and Kundu 2005, g1 to
    g3).

    For ML the bias of theta enters through the gradient of g1 (Molina, Salvati and Pratesi 2009).
    """
    G, Vi = fit.effects, fit.precision
    kept = np.eye(G.shape[0]) - G @ Vi
    g1 = np.diag(kept @ G).copy()
    X = survey.design
    rest = X - G @ Vi @ X
    g2 = np.einsum("dp,pq,dq->d", rest, fit.covariance, rest)
    derivatives, spread = fit.structure.derivatives(fit.theta), fit.theta_covariance
    V = G + np.diag(survey.variance)
    slopes = [kept @ one @ Vi for one in derivatives]
    g3 = np.zeros(G.shape[0])
    for a, first in enumerate(slopes):
        for b, second in enumerate(slopes):
            if spread[a, b]:
                g3 += spread[a, b] * np.einsum("ij,jk,ik->i", first, V, second, optimize=True)
    bias = np.zeros(G.shape[0])
    if fit.method is VarianceMethod.ML:
        ViX = Vi @ X
        pull = np.array([-float(np.sum(fit.covariance * (ViX.T @ one @ ViX).T)) for one in derivatives])
        lean = 0.5 * spread @ pull
        for a, one in enumerate(derivatives):
            bias += lean[a] * np.einsum("ij,jk,ik->i", kept, one, kept, optimize=True)
    return StructuredError(g1, g2, g3, bias)


def bootstrap_structured(fit: StructuredFit, survey: AreaSurvey, rng: np.random.Generator, replicates: int) -> Floats:
    """Mean squared error by parametric bootstrap: draw effects and errors, fit again, compare with what was drawn."""
    values, vectors = np.linalg.eigh(fit.effects)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    start = replace(fit.structure, starts=(fit.theta,))
    noise, squared = np.sqrt(survey.variance), np.zeros(survey.direct.size)
    for _ in range(replicates):
        truth = fit.synthetic + root @ rng.standard_normal(root.shape[1])
        drawn = AreaSurvey(truth + noise * rng.standard_normal(noise.size), survey.variance, survey.design)
        squared += (fit_structured(start, fit.method, drawn).predicted - truth) ** 2
    error: Floats = squared / replicates
    return error
