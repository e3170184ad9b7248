"""Calibration of weights to known totals: linear (GREG), raking (exponential) and logit distances, with bounds.

Deville and Sarndal (1992), *Calibration estimators in survey sampling*, JASA 87, 376-382: the new weight is
``d F(x' lambda)`` with ``sum d F(x' lambda) x = T``; F is case 1 (linear), 2 (raking), 6 (logit) and 7 (truncated
linear) of their table 1.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from migstat.estimation.survey_design import CalibrationStep, Floats, SurveyDesign
from migstat.model import Refused

Distance = Literal["linear", "raking", "logit"]
Bounds = tuple[float, float]
UNBOUNDED: Bounds = (-math.inf, math.inf)
_STEPS = 200
_CLOSE = 1e-11

_Link = Callable[[Floats], tuple[Floats, Floats]]


def calibrate(
    design: SurveyDesign,
    auxiliary: ArrayLike,
    totals: ArrayLike,
    *,
    distance: Distance = "linear",
    bounds: Bounds = UNBOUNDED,
) -> SurveyDesign:
    """The design with weights whose totals of ``auxiliary`` (n x p) are ``totals`` (p), as near the old as can be.

    ``bounds`` limit the ratio of new to old weight; ``logit`` needs both. Variances of the result use residuals.

    Raises Refused for missing values, wrong shapes, bounds that do not hold 1, totals that contradict each other or
    that no weights within the bounds can reach.

    >>> design = SurveyDesign.of([10.0, 10.0, 10.0])
    >>> calibrated = calibrate(design, [[1, 1], [1, 2], [1, 3]], [30, 66])
    >>> calibrated.weights.round(10).tolist()
    [7.0, 10.0, 13.0]
    """
    matrix, target = _auxiliary(design, auxiliary, totals)
    ratios = solve_calibration(design.weights, matrix, target, distance=distance, bounds=bounds)
    after = design.weights * ratios
    return design.reweighted(after, CalibrationStep.of(matrix, design.weights, after))


def solve_calibration(
    weights: Floats, matrix: Floats, target: Floats, *, distance: Distance, bounds: Bounds = UNBOUNDED
) -> Floats:
    """Ratios (n) of new to old weights; the numerical core of ``calibrate``, for one set of weights."""
    link = _link(distance, bounds)
    scale = np.maximum(np.abs(target), (np.abs(matrix) * weights[:, None]).sum(axis=0))
    scale[scale == 0] = 1.0
    columns = matrix / scale
    goal = target / scale
    multipliers = np.zeros(goal.size)
    ratios, slopes = link(columns @ multipliers)
    miss = goal - weights * ratios @ columns
    for _ in range(_STEPS):
        if np.abs(miss).max() < _CLOSE:
            # One more full step costs little and brings the last digits.
            return _polished(weights, columns, goal, multipliers, link, miss)
        hessian = columns.T @ (columns * (weights * slopes)[:, None])
        direction = np.linalg.lstsq(hessian, miss, rcond=1e-13)[0]
        better = _line_search(weights, columns, goal, multipliers, direction, link, np.linalg.norm(miss))
        if better is None:
            break
        multipliers, ratios, slopes, miss = better
    raise Refused(
        "survey.calibration_unreachable",
        found=f"totals missed by {100 * np.abs(miss).max():.3g} % at best",
        remedy="check the totals against each other and the sample, widen the bounds, or use fewer auxiliary variables",
    )


def _polished(weights: Floats, columns: Floats, goal: Floats, multipliers: Floats, link: _Link, miss: Floats) -> Floats:
    ratios, slopes = link(columns @ multipliers)
    hessian = columns.T @ (columns * (weights * slopes)[:, None])
    final, _ = link(columns @ (multipliers + np.linalg.lstsq(hessian, miss, rcond=1e-13)[0]))
    return final if np.abs(goal - weights * final @ columns).max() <= np.abs(miss).max() else ratios


def _line_search(
    weights: Floats,
    columns: Floats,
    goal: Floats,
    start: Floats,
    direction: Floats,
    link: _Link,
    distance: np.floating,
) -> tuple[Floats, Floats, Floats, Floats] | None:
    length = 1.0
    while length > 1e-8:
        candidate = start + length * direction
        ratios, slopes = link(columns @ candidate)
        if np.isfinite(ratios).all():
            miss = goal - weights * ratios @ columns
            if np.linalg.norm(miss) < distance * (1 - 1e-4 * length):
                return candidate, ratios, slopes, miss
        length /= 2
    return None


def _link(distance: Distance, bounds: Bounds) -> _Link:
    low, high = bounds
    if not low < 1 < high:
        raise Refused("survey.calibration_bounds", found=repr(bounds), remedy="give bounds either side of 1")
    if distance == "linear":
        return lambda u: (np.clip(1 + u, low, high), ((1 + u > low) & (1 + u < high)).astype(np.float64))
    if distance == "raking":
        return lambda u: _bounded_exponential(u, low, high)
    if distance == "logit":
        if not (math.isfinite(low) and math.isfinite(high)):
            raise Refused(
                "survey.calibration_bounds", found="logit without bounds", remedy="give both, such as (0.3, 3)"
            )
        return lambda u: _logit(u, low, high)
    raise Refused("survey.calibration_distance", found=repr(distance), remedy="use linear, raking or logit")


def _bounded_exponential(u: Floats, low: float, high: float) -> tuple[Floats, Floats]:
    grown = np.exp(np.minimum(u, 700.0))
    return np.clip(grown, low, high), np.where((grown > low) & (grown < high), grown, 0.0)


def _logit(u: Floats, low: float, high: float) -> tuple[Floats, Floats]:
    rate = (high - low) / ((1 - low) * (high - 1))
    grown = np.exp(np.clip(rate * u, -300.0, 300.0))
    below = (high - 1) + (1 - low) * grown
    ratios = (low * (high - 1) + high * (1 - low) * grown) / below
    return ratios, rate * (high - low) * (high - 1) * (1 - low) * grown / below**2


def _auxiliary(design: SurveyDesign, auxiliary: ArrayLike, totals: ArrayLike) -> tuple[Floats, Floats]:
    matrix = np.asarray(auxiliary, dtype=np.float64)
    matrix = matrix[:, None] if matrix.ndim == 1 else matrix
    target = np.atleast_1d(np.asarray(totals, dtype=np.float64))
    if matrix.ndim != 2 or matrix.shape != (design.rows, target.size):
        raise Refused(
            "survey.calibration_shape",
            found=f"auxiliary variables of shape {matrix.shape} and {target.size} totals",
            remedy=f"give {design.rows} rows and one total for each column",
        )
    if not (np.isfinite(matrix).all() and np.isfinite(target).all()):
        raise Refused(
            "survey.missing", found="missing auxiliary values or totals", remedy="impute them or drop the variable"
        )
    return matrix, target
