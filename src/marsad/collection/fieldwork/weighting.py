"""From design weights to the weights of the interviews: unknown eligibility, non-response, calibration. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from marsad.collection.fieldwork.dispositions import ANSWERED, category
from migstat.estimation.survey_design import SurveyDesign
from migstat.estimation.survey_nonresponse import Disposition, adjust_for_nonresponse
from migstat.estimation.survey_raking import Margin, rake
from migstat.model.refusals import Refused

Floats = NDArray[np.float64]


class Classes(StrEnum):
    """Within what response is taken as chance."""

    STRATUM = "stratum"
    AREA = "area"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class WorkedCase:
    """A released case: its area, its stratum, its design weight, its final disposition by AAPOR's code."""

    area: str
    stratum: str
    design_weight: float
    disposition: str


@dataclass(frozen=True, slots=True)
class Weights:
    """One number a case, 0 where there is no interview; ``calibrated`` is None without known totals."""

    adjusted: Floats
    calibrated: Floats | None


def weigh(
    cases: Sequence[WorkedCase], classes: Classes = Classes.STRATUM, totals: Mapping[str, float] | None = None
) -> Weights:
    """The weights of the interviews.

    In each class the weight of cases of unknown eligibility goes to all others, so in proportion to what was found there;
    then that of eligible cases without interview goes to the interviews (``adjust_for_nonresponse``). What is not eligible
    keeps its own. With ``totals`` (of households or dwellings lived in, by area) interviews are raked to them.

    Raises ``Refused``: ``fieldwork.no_interview``, ``survey.empty_class`` for a class without interview,
    ``fieldwork.totals`` where areas with interviews and areas with totals are not the same, ``survey.*``.
    """
    found = [category(one.disposition) for one in cases]
    answered = np.array([one in ANSWERED for one in found], dtype=np.bool_)
    if not answered.any():
        raise Refused("fieldwork.no_interview", found="no interview yet", remedy="work out weights after fieldwork")
    unknown = np.array([one is Disposition.UNKNOWN_ELIGIBILITY for one in found])
    outside = np.array([one is Disposition.NOT_ELIGIBLE for one in found])
    names = np.array(["all" if classes is Classes.ALL else getattr(one, classes.value) for one in cases])
    design = SurveyDesign.of([one.design_weight for one in cases])
    resolved = adjust_for_nonresponse(design, ~unknown, names)
    apart = np.array([f"{name}\t{int(out)}" for name, out in zip(names, outside, strict=True)])
    interviewed = adjust_for_nonresponse(resolved, answered | outside, apart)
    adjusted = np.where(answered, interviewed.weights, 0.0)
    return Weights(adjusted, None if totals is None else _calibrated(cases, adjusted, answered, totals))


def _calibrated(
    cases: Sequence[WorkedCase], adjusted: Floats, answered: NDArray[np.bool_], totals: Mapping[str, float]
) -> Floats:
    areas = [one.area for one, yes in zip(cases, answered, strict=True) if yes]
    if set(areas) != set(totals) or not all(0 < total < math.inf for total in totals.values()):
        raise Refused(
            "fieldwork.totals",
            found="totals of other areas than those with interviews",
            remedy="give one number above 0 for each area with an interview, and no other",
        )
    raked = rake(SurveyDesign.of(adjusted[answered]), [Margin(areas, totals)])
    weights = np.zeros(len(cases))
    weights[answered] = raked.weights
    return weights


def design_effect(weights: Floats) -> float | None:
    """What unequal weights cost: n times the sum of squares over the square of the sum (Kish 1965); None without weight.

    >>> design_effect(np.array([1.0, 1.0, 2.0]))
    1.125
    """
    total = float(weights.sum())
    return float((weights > 0).sum() * (weights**2).sum() / total**2) if total else None
