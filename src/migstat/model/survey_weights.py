"""Survey weights of the largest contributions to a cell, and what makes them contradict the table."""

from __future__ import annotations

from typing import Any

import numpy as np

from migstat.model.refusals import Refused


def refuse_inconsistent_weights(values: Any, contributors: Any, contributions: Any, weights: Any) -> None:
    """Check weights (n, t) of the t largest contributions (n, t) against weighted ``values`` and ``contributors`` (n,).

    Raises Refused when contributors or contributions lack, shapes differ, a weight is not a number above 0, there are
    more or fewer weights than contributors (up to t), contributions do not fall, or they do not sum to the cell.

    >>> refuse_inconsistent_weights(np.array([470.0]), np.array([2]), np.array([[100.0, 10]]), np.array([[4.0, 7]]))
    >>> refuse_inconsistent_weights(np.array([110.0]), np.array([2]), np.array([[100.0, 10]]), np.array([[4.0, 7]]))
    Traceback (most recent call last):
    ...
    migstat.model.refusals.Refused: weights.sum: found weighted contributions that are not the cell; weight the table too
    """
    if contributors is None or contributions is None:
        raise _refused(
            "alone", "weights without contributors or contributions", "count contributors unweighted, per cell"
        )
    if weights.shape != contributions.shape:
        raise _refused("shape", f"weights of shape {weights.shape}", "give one weight for each contribution")
    if not (np.isfinite(weights) & (weights >= 0)).all() or not np.isfinite(contributions).all():
        raise _refused("number", "a weight or contribution that is not a number of 0 or more", "correct it")
    listed = np.minimum(contributors, weights.shape[1])
    if (np.arange(weights.shape[1]) < listed[:, None]).tolist() != (weights > 0).tolist():
        raise _refused("count", "more or fewer weights than contributors", "give 0 only behind the last contributor")
    if (contributions < 0).any() or (np.diff(contributions, axis=1) > 0).any() or contributions[weights == 0].any():
        raise _refused("order", "contributions that do not fall to 0", "give them unweighted, the largest first")
    sums, known = (contributions * weights).sum(axis=1), ~np.isnan(values)
    spare = 1e-9 * np.maximum(1.0, np.abs(np.where(known, values, 0.0)))
    whole = contributors <= weights.shape[1]
    if (known & ((sums > values + spare) | (whole & (sums < values - spare)))).any():
        raise _refused("sum", "weighted contributions that are not the cell", "weight the table too")


def _refused(rule: str, found: str, remedy: str) -> Refused:
    return Refused(f"weights.{rule}", found=found, remedy=remedy)
