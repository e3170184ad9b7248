"""Adding figures and settling cases: one person proposes, another decides."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from marsad.audit.events import record, writes
from marsad.figures.models import Case, Figure, Proposal
from marsad.figures.rules import (
    TRANSITIONS,
    CaseState,
    ProposalKind,
    ProposalMove,
    ProposalState,
    Role,
    StepRefused,
    refusals,
)
from marsad.web.words import LANGUAGES
from migstat.model import Period, Text

UNNAMED = Text(fr="une personne habilitée", ar="شخص مخول", en="an authorised person")


@writes("figures.propose_figure")
def propose_figure(*, content: Mapping[str, Any], why: str, actor: Any, at: datetime) -> Proposal:
    """Put forward a figure for the ledger. ``content`` holds the columns of ``Figure`` as plain values."""
    return _propose(ProposalKind.ADD, None, content, why=why, actor=actor, at=at, action="figures.propose_figure")


@writes("figures.propose_settlement")
def propose_settlement(*, case: Case, content: Mapping[str, Any], why: str, actor: Any, at: datetime) -> Proposal:
    """Put forward which figure of a case to recommend, and why the others differ."""
    return _propose(
        ProposalKind.SETTLE, case, content, why=why, actor=actor, at=at, action="figures.propose_settlement"
    )


def _propose(
    kind: ProposalKind,
    case: Case | None,
    content: Mapping[str, Any],
    *,
    why: str,
    actor: Any,
    at: datetime,
    action: str,
) -> Proposal:
    plain = {name: value.isoformat() if isinstance(value, date) else value for name, value in content.items()}
    proposal = Proposal.objects.create(kind=kind, case=case, content=plain, why=why, proposer=actor, proposed_at=at)
    record(actor=actor, action=action, target=f"figures.proposal:{proposal.pk}", at=at, details={"kind": kind.value})
    return proposal


@writes("figures.decide")
def decide(*, proposal: Proposal, move: ProposalMove, answer: str, actor: Any, at: datetime) -> Proposal:
    """Accept, refuse or withdraw a proposal; an accepted one changes the ledger in the same transaction.

    Raises StepRefused with every reason when the rules forbid the step.
    """
    proposal = Proposal.objects.select_for_update().get(pk=proposal.pk)
    state = ProposalState(proposal.state)
    forbidden = refusals(state=state, move=move, proposer=proposal.proposer_id, person=actor.pk, answer=answer)
    new = TRANSITIONS[state, move]
    if forbidden or new is None:
        raise StepRefused(forbidden)
    proposal.state, proposal.answer = new, answer
    proposal.settler, proposal.settled_at = actor, at
    proposal.save()
    if new is ProposalState.ACCEPTED:
        _carry_out(proposal, at=at)
    record(
        actor=actor,
        action="figures.decide",
        target=f"figures.proposal:{proposal.pk}",
        at=at,
        details={"move": move.value, "kind": proposal.kind},
    )
    return proposal


def _carry_out(proposal: Proposal, *, at: datetime) -> None:
    if proposal.kind == ProposalKind.ADD:
        _add(proposal)
    else:
        _settle(proposal, at=at)


def _add(proposal: Proposal) -> None:
    content = dict(proposal.content)
    if content.get("read_on"):
        content["read_on"] = date.fromisoformat(content["read_on"])
    Figure.objects.create(
        code=f"P{proposal.pk}",
        sort=Figure.objects.count(),
        period_end=Period.parse(content["period"]).end,
        role=Role.COMPARISON if content.get("case_id") else Role.ALONE,
        **content,
    )


def _published_name(person: Any, language: str) -> str:
    """The name under which an act is published: never an address, even where the account has no name."""
    return str(person.name) or UNNAMED.in_language(language)


def _settle(proposal: Proposal, *, at: datetime) -> None:
    case = Case.objects.select_for_update().get(pk=proposal.case_id)
    for name, value in proposal.content.items():
        setattr(case, name, value)
    for language in LANGUAGES:
        setattr(case, f"proposed_by_{language}", _published_name(proposal.proposer, language))
        setattr(case, f"decided_by_{language}", _published_name(proposal.settler, language))
    case.state, case.decided_on, case.from_pack = CaseState.SETTLED, at.date(), False
    case.save()
    case.figures.exclude(pk=case.recommended_id).update(role=Role.COMPARISON, from_pack=False)
    case.figures.filter(pk=case.recommended_id).update(role=Role.RECOMMENDED, from_pack=False)
