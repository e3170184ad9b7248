"""Accounts of who answered, and weights that make up for those who did not.

AAPOR (2023), *Standard Definitions: Final Dispositions of Case Codes and Outcome Rates for Surveys*, 10th edition.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from migstat.estimation.survey_design import SurveyDesign
from migstat.estimation.survey_outcome_rates import OutcomeCounts, outcome_rates
from migstat.model import Refused


class Disposition(StrEnum):
    """What became of a sampled case."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    REFUSAL = "refusal"
    NON_CONTACT = "non_contact"
    OTHER = "other"
    UNKNOWN_ELIGIBILITY = "unknown_eligibility"
    NOT_ELIGIBLE = "not_eligible"


@dataclass(frozen=True, slots=True)
class ResponseAccount:
    """Counts of cases by disposition, and AAPOR's rates, each between 0 and 1.

    ``eligibility`` is the share taken as eligible of the cases whose eligibility is not known.
    """

    counts: Mapping[Disposition, int]
    eligibility: float
    response_rate_1: float
    response_rate_2: float
    response_rate_3: float
    response_rate_5: float
    cooperation_rate_1: float
    refusal_rate_1: float
    contact_rate_1: float

    def __getitem__(self, disposition: Disposition) -> int:
        return self.counts[disposition]


def response_account(dispositions: Sequence[Disposition | str], *, eligibility: float | None = None) -> ResponseAccount:
    """The account of a survey. ``eligibility`` is AAPOR's e; without it the share among the resolved cases is used.

    Raises Refused for an unknown disposition, no eligible case, or an eligibility outside [0, 1].

    >>> account = response_account(["complete"] * 6 + ["refusal"] * 2 + ["non_contact", "unknown_eligibility"])
    >>> account.response_rate_1, account.cooperation_rate_1
    (0.6, 0.75)
    """
    counts = dict.fromkeys(Disposition, 0)
    for disposition in dispositions:
        if disposition not in set(Disposition):
            raise Refused(
                "survey.disposition",
                found="an unknown disposition",
                remedy=f"use one of {', '.join(Disposition)}",
            )
        counts[Disposition(disposition)] += 1
    return _rates(counts, eligibility)


def _rates(counts: Mapping[Disposition, int], eligibility: float | None) -> ResponseAccount:
    held = OutcomeCounts.from_mapping({str(name): count for name, count in counts.items()})
    resolved = held.eligibility
    if not held.contacted or resolved is None:
        raise Refused("survey.no_contact", found="no contacted eligible case", remedy="check the dispositions")
    share = resolved if eligibility is None else eligibility
    rates = outcome_rates(held, eligibility=share)
    return ResponseAccount(
        counts,
        share,
        response_rate_1=_known(rates.response_rate_1),
        response_rate_2=_known(rates.response_rate_2),
        response_rate_3=_known(rates.response_rate_3),
        response_rate_5=_known(rates.response_rate_5),
        cooperation_rate_1=_known(rates.cooperation_rate_1),
        refusal_rate_1=_known(rates.refusal_rate_1),
        contact_rate_1=_known(rates.contact_rate_1),
    )


def _known(rate: float | None) -> float:
    if rate is None:
        raise Refused("survey.no_contact", found="no contacted eligible case", remedy="check the dispositions")
    return rate


def adjust_for_nonresponse(
    design: SurveyDesign, answered: ArrayLike, classes: Sequence[Any] | NDArray[Any]
) -> SurveyDesign:
    """The design in which those who answered carry the weight of those of their class who did not (weight 0).

    Response is taken as chance within classes known for everyone (weighting-class adjustment; Little 1986,
    International Statistical Review 54). Those who did not answer stay as rows, so give their variables any number.

    Raises Refused for wrong lengths, a column that is not boolean, or a class in which nobody answered.

    >>> design = SurveyDesign.of([10.0, 10.0, 10.0, 10.0])
    >>> adjust_for_nonresponse(design, [True, False, True, True], ["a", "a", "b", "b"]).weights.tolist()
    [20.0, 0.0, 10.0, 10.0]
    """
    mask = np.asarray(answered)
    labels = np.asarray(classes)
    if mask.dtype != np.bool_ or mask.shape != (design.rows,) or labels.shape != (design.rows,):
        raise Refused(
            "survey.column",
            found=f"answered {mask.dtype} {mask.shape}, classes {labels.shape}",
            remedy=f"give {design.rows} booleans and as many classes",
        )
    _, group = np.unique(labels, return_inverse=True)
    sampled = np.bincount(group, weights=design.weights)
    reached = np.bincount(group, weights=np.where(mask, design.weights, 0.0))
    if (reached == 0).any():
        raise Refused(
            "survey.empty_class",
            found=f"{int((reached == 0).sum())} classes in which nobody answered",
            remedy="join each to a neighbouring class",
        )
    return design.reweighted(np.where(mask, design.weights * (sampled / reached)[group], 0.0))
