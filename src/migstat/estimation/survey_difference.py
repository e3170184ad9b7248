"""Differences between groups of one survey, and changes between two surveys that share sampling units."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from migstat.estimation.registry import estimator
from migstat.estimation.survey_design import Floats, Mask, SurveyDesign
from migstat.estimation.survey_reporting import DESIGN_BASED, Confidence, survey_estimate, two_sided_p
from migstat.estimation.survey_taylor import calibrated_totals, covariance_of_totals, covariance_of_unit_totals
from migstat.estimation.survey_texts import (
    DIFFERENCE_OVERLAP,
    MEANING_OF_DIFFERENCE,
    P_VALUE,
    SURVEY_ASSUMPTIONS,
)
from migstat.model import Diagnostic, Estimate, Refused


@estimator(
    "survey_domain_difference",
    family="survey",
    reference="Woodruff (1971), JASA 66, 411-414; Kish (1965), Survey Sampling, section 12.4",
    assumptions=SURVEY_ASSUMPTIONS,
)
def survey_domain_difference(
    design: SurveyDesign,
    values: ArrayLike,
    first: ArrayLike,
    second: ArrayLike,
    *,
    confidence: Confidence = DESIGN_BASED,
    estimand: str = "difference of means",
) -> Estimate:
    """Mean of ``values`` in the domain ``second`` less that in ``first``. The domains may overlap or share clusters.

    Raises Refused as ``survey_mean`` does.

    >>> design = SurveyDesign.of([1.0] * 6, strata=[0, 0, 0, 1, 1, 1])
    >>> first = np.array([True] * 3 + [False] * 3)
    >>> difference = survey_domain_difference(design, [1, 2, 3, 5, 6, 7], first, ~first)
    >>> difference.value, round(difference.standard_error, 4), round(difference.extra["p_value"], 4)
    (4.0, 0.8165, 0.008)
    """
    column = design.column(values, "values")
    means, influences = zip(
        *(_linearised(design, column, design.domain(mask)) for mask in (first, second)), strict=True
    )
    covariance = covariance_of_totals(design, np.stack(influences, axis=1))
    variance = float(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
    return _difference(
        "survey_domain_difference",
        estimand,
        _Pair(means[0], means[1], float(covariance[0, 0]), float(covariance[1, 1]), float(covariance[0, 1])),
        variance,
        design.degrees_of_freedom,
        confidence,
    )


@dataclass(frozen=True, eq=False)
class Wave:
    """One of two surveys: its design, the variable, and the domain it is asked of. Unit labels link the waves."""

    design: SurveyDesign
    values: ArrayLike
    domain: ArrayLike | None = None


@estimator(
    "survey_change",
    family="survey",
    reference="Tam (1984), On covariances from overlapping samples, American Statistician 38, 288-289, eq. 4",
    assumptions=(*SURVEY_ASSUMPTIONS, DIFFERENCE_OVERLAP),
)
def survey_change(
    earlier: Wave, later: Wave, *, confidence: Confidence = DESIGN_BASED, estimand: str = "change of the mean"
) -> Estimate:
    """Mean of the later survey less that of the earlier, with the covariance that comes from shared sampling units.

    Units are shared when stratum and unit labels are the same in both designs. Within each stratum the covariance of
    unit totals is measured on the shared units and taken for their number; strata with fewer than two shared units
    add none. ``extra`` holds the correlation, the shared units, and the standard error that ignoring the overlap
    would have given. Degrees of freedom are the smaller of the two.

    Raises Refused as ``survey_mean`` does.

    >>> units, before, after = [1, 2, 3, 4], [1.0, 2.0, 3.0, 6.0], [2.0, 3.0, 5.0, 7.0]
    >>> design = SurveyDesign.of([1.0] * 4, units=units)
    >>> change = survey_change(Wave(design, before), Wave(design, after))
    >>> change.value, round(change.standard_error, 4), round(change.extra["standard_error_ignoring_overlap"], 4)
    (1.25, 0.25, 1.5478)
    """
    means, totals, variances = [], [], []
    for wave in (earlier, later):
        column = wave.design.column(wave.values, "values")
        mean, influence = _linearised(wave.design, column, wave.design.domain(wave.domain))
        means.append(mean)
        totals.append(calibrated_totals(wave.design, influence[:, None]))
        variances.append(float(covariance_of_unit_totals(wave.design, totals[-1])[0, 0]))
    shared, covariance = _shared_covariance(earlier.design, later.design, totals[0][:, 0], totals[1][:, 0])
    limit = math.sqrt(variances[0] * variances[1])
    covariance = min(max(covariance, -limit), limit)
    return _difference(
        "survey_change",
        estimand,
        _Pair(means[0], means[1], variances[0], variances[1], covariance),
        variances[0] + variances[1] - 2 * covariance,
        min(earlier.design.degrees_of_freedom, later.design.degrees_of_freedom),
        confidence,
        shared,
    )


@dataclass(frozen=True, slots=True)
class _Pair:
    first: float
    second: float
    first_variance: float
    second_variance: float
    covariance: float


def _linearised(design: SurveyDesign, column: Floats, mask: Mask) -> tuple[float, Floats]:
    size = design.weights[mask].sum()
    mean = float(design.weights[mask] @ column[mask] / size)
    return mean, np.where(mask, column - mean, 0.0) / size


def _shared_covariance(earlier: SurveyDesign, later: SurveyDesign, first: Floats, second: Floats) -> tuple[int, float]:
    places = {_label(later, place): place for place in range(second.size)}
    pairs = [(place, places[label]) for place in range(first.size) if (label := _label(earlier, place)) in places]
    if not pairs:
        return 0, 0.0
    here, there = np.array(pairs).T
    stratum = earlier.stratum_of_unit[here]
    common = np.bincount(stratum, minlength=len(earlier.strata))
    inside = common[stratum] >= 2
    centred = []
    for totals in (first[here], second[there]):
        centred.append(totals - (np.bincount(stratum, totals, common.size) / np.maximum(common, 1))[stratum])
    factor = common / np.maximum(common - 1.0, 1.0) * _finite_correction(earlier, later, common, stratum, there)
    return len(pairs), float((centred[0] * centred[1] * factor[stratum])[inside].sum())


def _finite_correction(
    earlier: SurveyDesign, later: SurveyDesign, common: np.ndarray, stratum: np.ndarray, there: np.ndarray
) -> Floats:
    """Tam's factor 1 - n1 n2 / (n12 N) for each stratum of the earlier design."""
    second_drawn = np.zeros(common.size)
    second_drawn[stratum] = later.units_per_stratum[later.stratum_of_unit[there]]
    correction: Floats = 1 - earlier.sampling_fraction * second_drawn / np.maximum(common, 1)
    return np.where(earlier.sampling_fraction > 0, correction, 1.0)


def _label(design: SurveyDesign, place: int) -> tuple[object, object]:
    return design.strata[design.stratum_of_unit[place]], design.label_of_unit[place]


def _difference(
    estimator_name: str,
    estimand: str,
    pair: _Pair,
    variance: float,
    freedom: int,
    confidence: Confidence,
    shared: int | None = None,
) -> Estimate:
    value, error = pair.second - pair.first, math.sqrt(max(variance, 0.0))
    if error == 0:
        raise Refused(
            "survey.difference_variance",
            found="two estimates without sampling variance",
            remedy="compare them as they are: there is nothing to test",
        )
    p_value = two_sided_p(value / error, confidence.freedom(freedom))
    ignoring = math.sqrt(pair.first_variance + pair.second_variance)
    extra = {
        "first": pair.first,
        "second": pair.second,
        "p_value": p_value,
        "standard_error_ignoring_overlap": ignoring,
        "covariance": pair.covariance,
    }
    if shared is not None:
        extra["shared_units"] = shared
    assumptions = SURVEY_ASSUMPTIONS if shared is None else (*SURVEY_ASSUMPTIONS, DIFFERENCE_OVERLAP)
    return survey_estimate(
        estimand,
        estimator_name,
        value,
        variance,
        freedom=freedom,
        confidence=confidence,
        meaning=MEANING_OF_DIFFERENCE,
        assumptions=assumptions,
        diagnostics=(Diagnostic("survey.p_value", P_VALUE, p_value, p_value > 1 - confidence.level),),
        extra=extra,
    )
