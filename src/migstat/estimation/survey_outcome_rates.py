"""AAPOR's outcome rates from counts of final dispositions, each of them, while fieldwork is under way and after.

AAPOR (2023), *Standard Definitions: Final Dispositions of Case Codes and Outcome Rates for Surveys*, 10th edition. With I
complete and P partial interviews, R refusals and break-offs, NC non-contacts, O other eligible cases, U cases of unknown
eligibility and e the share of these taken as eligible:

    RR1 = I / (I+P+R+NC+O+U)     RR3 = I / (I+P+R+NC+O+eU)     RR5 = I / (I+P+R+NC+O)      RR2, RR4, RR6: the same of I+P
    COOP1 = I / (I+P+R+O)        COOP3 = I / (I+P+R)           COOP2, COOP4: the same of I+P
    REF1 = R / (I+P+R+NC+O+U)    REF2 = R / (I+P+R+NC+O+eU)    REF3 = R / (I+P+R+NC+O)
    CON1 = (I+P+R+O) / (...+U)   CON2 = (I+P+R+O) / (...+eU)   CON3 = (I+P+R+O) / (I+P+R+NC+O)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from migstat.model import Refused


@dataclass(frozen=True, slots=True)
class OutcomeCounts:
    """Cases by final disposition, as AAPOR letters them."""

    complete: int = 0
    partial: int = 0
    refusal: int = 0
    non_contact: int = 0
    other: int = 0
    unknown_eligibility: int = 0
    not_eligible: int = 0

    @classmethod
    def from_mapping(cls, counts: Mapping[str, int]) -> OutcomeCounts:
        """From counts by disposition. Raises Refused ``survey.disposition`` for an unknown one or a count below 0."""
        if not set(counts) <= set(cls.__slots__) or any(count < 0 for count in counts.values()):
            raise Refused(
                "survey.disposition", found="an unknown disposition", remedy=f"use one of {', '.join(cls.__slots__)}"
            )
        return cls(**{str(name): int(count) for name, count in counts.items()})

    @property
    def interviews(self) -> int:
        return self.complete + self.partial

    @property
    def contacted(self) -> int:
        return self.interviews + self.refusal + self.other

    @property
    def eligible(self) -> int:
        return self.contacted + self.non_contact

    @property
    def cases(self) -> int:
        return self.eligible + self.unknown_eligibility + self.not_eligible

    @property
    def eligibility(self) -> float | None:
        """AAPOR's e as the share of eligible cases among those resolved; None while nothing is resolved."""
        return _share(self.eligible, self.eligible + self.not_eligible)


@dataclass(frozen=True, slots=True)
class OutcomeRates:
    """Each rate between 0 and 1, or None where its denominator is empty: not known, and not 0."""

    response_rate_1: float | None
    response_rate_2: float | None
    response_rate_3: float | None
    response_rate_4: float | None
    response_rate_5: float | None
    response_rate_6: float | None
    cooperation_rate_1: float | None
    cooperation_rate_2: float | None
    cooperation_rate_3: float | None
    cooperation_rate_4: float | None
    refusal_rate_1: float | None
    refusal_rate_2: float | None
    refusal_rate_3: float | None
    contact_rate_1: float | None
    contact_rate_2: float | None
    contact_rate_3: float | None


def outcome_rates(counts: OutcomeCounts, *, eligibility: float | None = None) -> OutcomeRates:
    """All of AAPOR's rates. ``eligibility`` is e; without it the share among the resolved cases is used.

    The rates with e are None where e is not known and some case needs it. Raises Refused ``survey.eligibility`` for an e
    outside [0, 1].

    >>> rates = outcome_rates(OutcomeCounts(complete=6, refusal=2, non_contact=1, unknown_eligibility=1))
    >>> rates.response_rate_1, rates.cooperation_rate_1, outcome_rates(OutcomeCounts(non_contact=3)).cooperation_rate_1
    (0.6, 0.75, None)
    """
    if eligibility is not None and not 0 <= eligibility <= 1:
        raise Refused("survey.eligibility", found=repr(eligibility), remedy="give a share between 0 and 1")
    share = counts.eligibility if eligibility is None else eligibility
    unknown = counts.unknown_eligibility
    everyone = counts.eligible + unknown
    expected = counts.eligible + share * unknown if share is not None else None if unknown else counts.eligible
    asked = counts.interviews + counts.refusal
    return OutcomeRates(
        response_rate_1=_share(counts.complete, everyone),
        response_rate_2=_share(counts.interviews, everyone),
        response_rate_3=_share(counts.complete, expected),
        response_rate_4=_share(counts.interviews, expected),
        response_rate_5=_share(counts.complete, counts.eligible),
        response_rate_6=_share(counts.interviews, counts.eligible),
        cooperation_rate_1=_share(counts.complete, counts.contacted),
        cooperation_rate_2=_share(counts.interviews, counts.contacted),
        cooperation_rate_3=_share(counts.complete, asked),
        cooperation_rate_4=_share(counts.interviews, asked),
        refusal_rate_1=_share(counts.refusal, everyone),
        refusal_rate_2=_share(counts.refusal, expected),
        refusal_rate_3=_share(counts.refusal, counts.eligible),
        contact_rate_1=_share(counts.contacted, everyone),
        contact_rate_2=_share(counts.contacted, expected),
        contact_rate_3=_share(counts.contacted, counts.eligible),
    )


def _share(part: int, whole: float | None) -> float | None:
    return part / whole if whole else None
