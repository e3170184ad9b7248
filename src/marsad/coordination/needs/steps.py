"""What the operations of needs and requests share: who acts, for whom, and the line that a move on a need leaves."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from marsad.actors.queries import is_member
from marsad.audit.rules import System
from marsad.coordination.needs import tell
from marsad.coordination.needs.models import Need, NeedStep
from marsad.coordination.needs.rules import NEED_TRANSITIONS, MoveRefused, NeedMove, NeedState, Refusal
from marsad.dissemination.models import Edition


def person_of(actor: Any) -> Any:
    return None if isinstance(actor, System) else actor


def demand_speaker(actor: Any, organisation: str) -> None:
    """Raises ``MoveRefused`` for a person who does not speak for the organisation they ask for."""
    if organisation and not isinstance(actor, System) and not is_member(actor, organisation):
        raise MoveRefused(frozenset({Refusal.NOT_YOURS}))


def take(need: Need, move: NeedMove, *, actor: Any, at: datetime, content: Any = None, reason: str = "") -> None:
    """Bring a need to the state that a move leads to, and add the line to its history. Raises ``MoveRefused``."""
    after = NEED_TRANSITIONS[NeedState(need.state), move]
    if after is None:
        raise MoveRefused(frozenset({Refusal.NOT_OPEN}))
    need.state, need.changed_at = after, at
    need.save()
    NeedStep.objects.create(
        need=need, move=move, state=after, content=content or {}, reason=reason.strip(), at=at, by=person_of(actor)
    )


def settle_with(need: Need, edition: Edition, *, actor: Any, at: datetime) -> None:
    """Close an open need with the edition that answers it, inside the operation under way."""
    need.edition = edition
    take(need, NeedMove.ANSWER, actor=actor, at=at, content={"edition": str(edition)})
    tell.need_answered(need, at=at)
