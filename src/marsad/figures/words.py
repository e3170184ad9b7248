"""The words of the ledger's closed vocabularies."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from marsad.figures.rules import (
    CaseState,
    ProposalKind,
    ProposalMove,
    ProposalState,
    Quantifier,
    Reason,
    Refusal,
    Reliability,
    Role,
)
from migstat.model import MeasureKind, PopulationBase

QUANTIFIERS = {
    Quantifier.EXACT: _("exactly"),
    Quantifier.ABOUT: _("about"),
    Quantifier.MORE_THAN: _("more than"),
    Quantifier.LESS_THAN: _("less than"),
}
RELIABILITIES = {
    Reliability.OFFICIAL: _("read at the producer"),
    Reliability.OFFICIAL_VIA_PRESS: _("official figure, read in the press"),
    Reliability.STUDY: _("study"),
    Reliability.NGO: _("association"),
    Reliability.PRESS: _("press"),
}
ROLES = {
    Role.RECOMMENDED: _("recommended"),
    Role.COMPARISON: _("kept for comparison"),
    Role.ALONE: _("only figure found"),
}
REASONS = {
    Reason.BASE: _("population base"),
    Reason.DEFINITION: _("definition"),
    Reason.DATE: _("date"),
    Reason.ROUNDING: _("rounding"),
    Reason.MISPRINT: _("misprint"),
    Reason.DENOMINATOR: _("denominator"),
    Reason.SCOPE: _("scope"),
    Reason.UNKNOWN: _("reason not known"),
}
PROPOSAL_KINDS = {ProposalKind.ADD: _("add a figure"), ProposalKind.SETTLE: _("settle a case")}
PROPOSAL_STATES = {
    ProposalState.PROPOSED: _("waiting for a second person"),
    ProposalState.ACCEPTED: _("accepted"),
    ProposalState.REFUSED: _("refused"),
    ProposalState.WITHDRAWN: _("withdrawn"),
}
PROPOSAL_MOVES = {
    ProposalMove.ACCEPT: _("Accept"),
    ProposalMove.REFUSE: _("Refuse"),
    ProposalMove.WITHDRAW: _("Withdraw"),
}
REFUSALS = {
    Refusal.NOT_OPEN: _("This proposal has already been decided."),
    Refusal.OWN_PROPOSAL: _("You made this proposal: somebody else decides."),
    Refusal.NOT_PROPOSER: _("Only the person who made a proposal can withdraw it."),
    Refusal.NO_REASON: _("Give the reason of your decision."),
}
CASE_STATES = {CaseState.UNSETTLED: _("unsettled"), CaseState.SETTLED: _("settled")}
KINDS = {
    MeasureKind.STOCK: _("stock: counted at a moment"),
    MeasureKind.FLOW: _("flow: counted over a period"),
}
BASES = {
    PopulationBase.LEGAL: _("legal population"),
    PopulationBase.MUNICIPAL: _("municipal population"),
    PopulationBase.HOUSEHOLDS: _("households"),
    PopulationBase.DWELLINGS: _("dwellings"),
    PopulationBase.REGISTERED: _("registered persons"),
    PopulationBase.OTHER: _("another base"),
}
