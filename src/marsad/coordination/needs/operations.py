"""Writes of needs: stating, changing, withdrawing, answering, taking up again."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from marsad.audit.events import record, writes
from marsad.audit.rules import Actor, System
from marsad.coordination.needs.models import Need
from marsad.coordination.needs.queries import ASSESS, may_change
from marsad.coordination.needs.rules import MoveRefused, NeedContent, NeedMove, NeedState, Refusal
from marsad.coordination.needs.steps import demand_speaker, person_of, settle_with, take
from marsad.dissemination.models import Edition
from migstat.model.refusals import Refused


def _columns(content: NeedContent) -> dict[str, Any]:
    columns = {name: value for name, value in asdict(content).items() if name != "subject"}
    return columns | asdict(content.subject)


def _plain(content: NeedContent) -> dict[str, Any]:
    columns = _columns(content)
    return columns | {"needed_by": content.needed_by.isoformat() if content.needed_by else None}


def _held(number: int) -> Need:
    found = Need.objects.select_for_update().filter(pk=number).first()
    if found is None:
        raise Refused("needs.unknown", found="a need that is not kept", remedy="use the number of one")
    return found


def _demand_own(need: Need, actor: Any) -> None:
    if not isinstance(actor, System) and not may_change(actor, need):
        raise MoveRefused(frozenset({Refusal.NOT_YOURS}))


@writes("needs.state")
def state_need(*, actor: Actor, at: datetime, content: NeedContent, organisation: str = "") -> Need:
    """State a need, for oneself or for an organisation that one speaks for."""
    demand_speaker(actor, organisation)
    need = Need.objects.create(
        **_columns(content),
        organisation_id=organisation or None,
        asked_by=person_of(actor),
        state=NeedState.OPEN,
        stated_at=at,
        changed_at=at,
    )
    take(need, NeedMove.EDIT, actor=actor, at=at, content=_plain(content))
    record(actor=actor, action="needs.state", target=f"need:{need.pk}", at=at, details={"public": content.is_public})
    return need


@writes("needs.edit")
def edit_need(*, actor: Actor, at: datetime, number: int, content: NeedContent) -> Need:
    """Write a need anew; what it said before stays in its history. Raises ``MoveRefused``."""
    need = _held(number)
    _demand_own(need, actor)
    for name, value in _columns(content).items():
        setattr(need, name, value)
    take(need, NeedMove.EDIT, actor=actor, at=at, content=_plain(content))
    record(actor=actor, action="needs.edit", target=f"need:{number}", at=at)
    return need


@writes("needs.withdraw")
def withdraw_need(*, actor: Actor, at: datetime, number: int, reason: str = "") -> Need:
    need = _held(number)
    _demand_own(need, actor)
    take(need, NeedMove.WITHDRAW, actor=actor, at=at, reason=reason)
    record(actor=actor, action="needs.withdraw", target=f"need:{number}", at=at)
    return need


@writes("needs.reopen")
def reopen_need(*, actor: Actor, at: datetime, number: int, reason: str = "") -> Need:
    """Take up again a need that was withdrawn, or whose answer does not answer it."""
    need = _held(number)
    _demand_own(need, actor)
    need.edition = None
    take(need, NeedMove.REOPEN, actor=actor, at=at, reason=reason)
    record(actor=actor, action="needs.reopen", target=f"need:{number}", at=at)
    return need


@writes("needs.answer")
def answer_need(*, actor: Actor, at: datetime, number: int, edition: Edition) -> Need:
    """Close a need with an edition: the one who asked, or an assessor, says that it answers."""
    need = _held(number)
    person: Any = actor
    if not isinstance(actor, System) and not person.has_perm(ASSESS):
        _demand_own(need, actor)
    settle_with(need, edition, actor=actor, at=at)
    record(actor=actor, action="needs.answer", target=f"need:{number}", at=at, details={"edition": edition.pk})
    return need
