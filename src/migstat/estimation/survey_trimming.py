"""Trimming of extreme weights: what is cut off is spread evenly over the weights that were within the limits.

Potter (1990), *A study of procedures to identify and trim extreme sampling weights*, ASA Survey Research Methods, 225-230.
"""

from __future__ import annotations

import math

import numpy as np

from migstat.estimation.survey_design import SurveyDesign
from migstat.model import Refused


def trim_weights(
    design: SurveyDesign, *, lower: float = 0.0, upper: float = math.inf, repeat: bool = True
) -> SurveyDesign:
    """The design with weights between ``lower`` and ``upper`` and the same sum. Trimming trades variance for bias.

    Spreading what was cut may push a weight over a limit: ``repeat`` trims again until none is. Calibrations of the
    design no longer hold exactly after trimming; their residuals stay in the variance.

    Raises Refused when the limits are out of order or no weights of the same sum fit between them.

    >>> trim_weights(SurveyDesign.of([1.0, 2.0, 9.0]), upper=6).weights.tolist()
    [2.5, 3.5, 6.0]
    """
    weights = design.weights
    count, total = weights.size, design.population_size
    if not 0 <= lower < upper or lower * count > total or upper * count < total:
        raise Refused(
            "survey.trim_limits",
            found=f"limits {lower:g} and {upper:g} for a mean weight of {total / count:g}",
            remedy="give limits in order, either side of the mean weight",
        )
    while ((weights < lower) | (weights > upper)).any():
        inside = (weights >= lower) & (weights <= upper)
        if not inside.any():
            raise Refused("survey.trim_limits", found="no weight within the limits", remedy="widen the limits")
        clipped = np.clip(weights, lower, upper)
        weights = clipped + np.where(inside, (weights - clipped).sum() / inside.sum(), 0.0)
        if not repeat:
            break
        # Rounding may leave a weight a hair outside a limit for ever.
        weights = np.where(np.abs(weights - upper) <= 1e-12 * total / count, upper, weights)
    return design.reweighted(weights)
