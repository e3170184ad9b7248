"""Variance by linearisation: influence values, summed within primary sampling units, spread within strata.

Woodruff (1971), *A simple method for approximating the variance of a complicated estimate*, JASA 66; Lumley (2010),
*Complex Surveys*, appendix C. Calibrated designs use residuals (Deville and Särndal 1992, eq. 3.4).
"""

from __future__ import annotations

import numpy as np

from migstat.estimation.survey_design import Floats, SurveyDesign


def calibrated_totals(design: SurveyDesign, influence: Floats) -> Floats:
    """Totals (units x k) of weighted influence values (n x k), less what the design's calibrations explain."""
    weighted = influence * design.weights[:, None]
    for step in design.steps:
        weighted = step.residuals(weighted)
    return design.unit_totals(weighted)


def covariance_of_totals(design: SurveyDesign, influence: Floats) -> Floats:
    """Covariance matrix (k x k) of the totals of influence values (n rows, k columns)."""
    return covariance_of_unit_totals(design, calibrated_totals(design, influence))


def covariance_of_unit_totals(design: SurveyDesign, totals: Floats) -> Floats:
    """Covariance matrix (k x k) of column sums of unit totals (units x k), stratum by stratum with its correction.

    A stratum of one unit adds nothing (certainty), its squared distance to the mean of all units (adjust), or the
    average of the other strata (average).

    >>> design = SurveyDesign.of([5.0, 5.0, 5.0, 5.0])
    >>> covariance_of_unit_totals(design, np.array([[1.0], [2.0], [3.0], [6.0]])).tolist()
    [[18.666666666666664]]
    """
    stratum, drawn = design.stratum_of_unit, design.units_per_stratum
    sums = np.stack([np.bincount(stratum, weights=column, minlength=drawn.size) for column in totals.T], axis=1)
    centred = totals - (sums / drawn[:, None])[stratum]
    factor = (1 - design.sampling_fraction) * drawn / np.maximum(drawn - 1, 1)
    lonely = (drawn == 1) & (design.sampling_fraction < 1)
    if lonely.any() and design.lonely_unit == "adjust":
        alone = lonely[stratum]
        centred[alone] = totals[alone] - totals.mean(axis=0)
    scaled = centred * np.sqrt(factor)[stratum][:, None]
    covariance: Floats = scaled.T @ scaled
    if lonely.any() and design.lonely_unit == "average":
        covariance *= drawn.size / (drawn.size - lonely.sum())
    return covariance
