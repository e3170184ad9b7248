"""Published figures: their closed vocabularies, the life of a proposal, and why a settlement may be refused."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Quantifier(StrEnum):
    EXACT = "exact"
    ABOUT = "about"
    MORE_THAN = "more_than"
    LESS_THAN = "less_than"


class Reliability(StrEnum):
    """From the producer's own document down to a figure printed without its origin."""

    OFFICIAL = "official"
    OFFICIAL_VIA_PRESS = "official_via_press"
    STUDY = "study"
    NGO = "ngo"
    PRESS = "press"


class Role(StrEnum):
    RECOMMENDED = "recommended"
    COMPARISON = "comparison"
    ALONE = "alone"


class Reason(StrEnum):
    """Why two figures on one fact differ."""

    BASE = "base"
    DEFINITION = "definition"
    DATE = "date"
    ROUNDING = "rounding"
    MISPRINT = "misprint"
    DENOMINATOR = "denominator"
    SCOPE = "scope"
    UNKNOWN = "unknown"


class CaseState(StrEnum):
    UNSETTLED = "unsettled"
    SETTLED = "settled"


class ProposalKind(StrEnum):
    ADD = "add"
    SETTLE = "settle"


class ProposalState(StrEnum):
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


TRANSITIONS: Mapping[ProposalState, frozenset[ProposalState]] = MappingProxyType(
    {
        ProposalState.PROPOSED: frozenset({ProposalState.ACCEPTED, ProposalState.REFUSED, ProposalState.WITHDRAWN}),
        ProposalState.ACCEPTED: frozenset(),
        ProposalState.REFUSED: frozenset(),
        ProposalState.WITHDRAWN: frozenset(),
    }
)


class Refusal(StrEnum):
    """Why a step of a proposal is not open to this person now. All that apply are given at once."""

    NOT_OPEN = "not_open"
    OWN_PROPOSAL = "own_proposal"
    NOT_PROPOSER = "not_proposer"
    NO_REASON = "no_reason"


def refusals(*, state: ProposalState, to: ProposalState, proposer: int, person: int, answer: str) -> frozenset[Refusal]:
    """The reasons that forbid ``person`` to take a proposal from ``state`` to ``to``; none when it may.

    >>> sorted(refusals(state=ProposalState.PROPOSED, to=ProposalState.ACCEPTED, proposer=1, person=1, answer="right"))
    [<Refusal.OWN_PROPOSAL: 'own_proposal'>]
    """
    found = set()
    if to not in TRANSITIONS[state]:
        found.add(Refusal.NOT_OPEN)
    if to is ProposalState.WITHDRAWN:
        if person != proposer:
            found.add(Refusal.NOT_PROPOSER)
    else:
        if person == proposer:
            found.add(Refusal.OWN_PROPOSAL)
        if not answer.strip():
            found.add(Refusal.NO_REASON)
    return frozenset(found)
