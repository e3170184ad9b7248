"""A write of the directory together with the notices that follow from it, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from marsad.actors import operations, queries
from marsad.actors.models import EntryChange
from marsad.actors.rules import DAYS_TO_VALIDATE, ChangeMove, Subject
from marsad.audit.rules import Actor
from marsad.notices.operations import close_notices, raise_notice
from marsad.notices.rules import To

_COORDINATOR = "coordinator"


def propose(
    *, actor: Any, at: datetime, organisation: str, subject: Subject, content: Mapping[str, Any], target: str
) -> EntryChange:
    """Put a change forward; the data officers have seven days, then it goes to the coordinator."""
    with transaction.atomic():
        change = operations.propose_change(
            actor=actor, at=at, organisation=organisation, subject=subject, content=content, target=target
        )
        raise_notice(
            actor=actor,
            at=at,
            kind="actors.change",
            to=To(role="data_officer"),
            path=f"/directory/changes/{change.pk}/",
            subject=f"actors.change:{change.pk}",
            due_on=at.date() + timedelta(days=DAYS_TO_VALIDATE),
            escalate_to=_COORDINATOR,
            values={"organisation": organisation},
        )
    return change


def decide(*, actor: Any, at: datetime, change_id: int, move: ChangeMove, answer: str) -> EntryChange:
    """Decide on a change, close what waited for it and tell the person who proposed it."""
    with transaction.atomic():
        change = operations.decide_change(actor=actor, at=at, change_id=change_id, move=move, answer=answer)
        close_notices(actor=actor, at=at, subject=f"actors.change:{change.pk}")
        if move is ChangeMove.ACCEPT:
            # An entry that was changed and validated has been looked at.
            close_notices(actor=actor, at=at, subject=f"actors.entry:{change.organisation_id}", kind="actors.aged")
        if move is not ChangeMove.WITHDRAW:
            raise_notice(
                actor=actor,
                at=at,
                kind="actors.decided",
                to=To(user=str(change.proposer_id)),
                path=f"/directory/changes/{change.pk}/",
                subject=f"actors.decided:{change.pk}",
                values={"organisation": change.organisation_id},
            )
    return change


def confirm(*, actor: Actor, at: datetime, organisation: str) -> None:
    """Say that an entry still holds, and close the reminder of it."""
    with transaction.atomic():
        operations.confirm_entry(actor=actor, at=at, organisation=organisation)
        close_notices(actor=actor, at=at, subject=f"actors.entry:{organisation}", kind="actors.aged")


def remind_of_aged_entries(*, actor: Actor, at: datetime) -> int:
    """Ask who speaks for an old entry whether it still holds; returns how many are old.

    Of those for which nobody speaks, the coordinator has one notice that leads to the list: sixty of them would bury
    everything else.
    """
    aged = queries.aged_entries(today=at.date())
    for entry in aged:
        code = entry.organisation.code
        if not entry.has_member:
            continue
        raise_notice(
            actor=actor,
            at=at,
            kind="actors.aged",
            to=To(organisation=code),
            path=f"/directory/{code}/",
            subject=f"actors.entry:{code}",
            due_on=at.date() + timedelta(days=DAYS_TO_VALIDATE),
            escalate_to=_COORDINATOR,
            values={"organisation": code},
        )
    _tell_of_unspoken(any(not entry.has_member for entry in aged), actor=actor, at=at)
    return len(aged)


def _tell_of_unspoken(are_there: bool, *, actor: Actor, at: datetime) -> None:
    subject = "actors.entries"
    if are_there:
        raise_notice(
            actor=actor, at=at, kind="actors.unspoken", to=To(role=_COORDINATOR), path="/directory/", subject=subject
        )
    else:
        close_notices(actor=actor, at=at, subject=subject)
