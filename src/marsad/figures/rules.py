"""Published figures: their closed vocabularies, the life of a proposal, and why a settlement may be refused."""

from __future__ import annotations

from collections.abc import Hashable
from enum import StrEnum

from migstat.model import Refused


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


class ProposalMove(StrEnum):
    ACCEPT = "accept"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


TRANSITIONS: dict[tuple[ProposalState, ProposalMove], ProposalState | None] = {
    (state, move): None for state in ProposalState for move in ProposalMove
} | {
    (ProposalState.PROPOSED, ProposalMove.ACCEPT): ProposalState.ACCEPTED,
    (ProposalState.PROPOSED, ProposalMove.REFUSE): ProposalState.REFUSED,
    (ProposalState.PROPOSED, ProposalMove.WITHDRAW): ProposalState.WITHDRAWN,
}


class Refusal(StrEnum):
    """Why a step of a proposal is not open to this person now. All that apply are given at once."""

    NOT_OPEN = "not_open"
    OWN_PROPOSAL = "own_proposal"
    NOT_PROPOSER = "not_proposer"
    NO_REASON = "no_reason"


def refusals(
    *, state: ProposalState, move: ProposalMove, proposer: Hashable, person: Hashable, answer: str
) -> frozenset[Refusal]:
    """The reasons that forbid ``person`` to make this move on a proposal in ``state``; none when it may.

    >>> sorted(refusals(state=ProposalState.PROPOSED, move=ProposalMove.ACCEPT, proposer=1, person=1, answer="right"))
    [<Refusal.OWN_PROPOSAL: 'own_proposal'>]
    """
    found = set()
    if TRANSITIONS[state, move] is None:
        found.add(Refusal.NOT_OPEN)
    if move is ProposalMove.WITHDRAW:
        if person != proposer:
            found.add(Refusal.NOT_PROPOSER)
        return frozenset(found)
    if person == proposer:
        found.add(Refusal.OWN_PROPOSAL)
    if not answer.strip():
        found.add(Refusal.NO_REASON)
    return frozenset(found)


class Fault(StrEnum):
    """What makes a figure unfit for the ledger."""

    NO_SOURCE = "no_source"
    STOCK_FOR_FLOW = "stock_for_flow"


def faults(*, url: str, document: str, kind: str, indicator_kind: str | None) -> frozenset[Fault]:
    """What is wrong with a figure: it was read nowhere, or a stock stands for a flow indicator (or the reverse).

    >>> sorted(faults(url="", document="", kind="stock", indicator_kind="flow"))
    [<Fault.NO_SOURCE: 'no_source'>, <Fault.STOCK_FOR_FLOW: 'stock_for_flow'>]
    """
    found = set()
    if not (url.strip() or document.strip()):
        found.add(Fault.NO_SOURCE)
    if indicator_kind is not None and indicator_kind != kind:
        found.add(Fault.STOCK_FOR_FLOW)
    return frozenset(found)


class StepRefused(Refused):
    """A step on a proposal that the rules forbid; every reason is in ``refusals``."""

    def __init__(self, refusals: frozenset[Refusal]) -> None:
        named = ", ".join(sorted(refusals))
        super().__init__("proposal.step", found=named, remedy="see the reasons beside the button")
        self.refusals = refusals
