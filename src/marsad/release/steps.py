"""What the operations of the desk share: taking a request along its states, noting it, and telling its author."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from marsad.audit.rules import Actor
from marsad.notices.operations import close_notices, raise_notice
from marsad.notices.rules import To
from marsad.release import queries
from marsad.release.desk import examine, inputs_digest
from marsad.release.models import ReleaseRequest, Step
from marsad.release.rules import Move, RequestState, reached
from migstat.model import Refused


def person_code(actor: Any) -> str:
    """The number of an account, or the code of a part of the system."""
    return str(getattr(actor, "pk", None) or actor.audit_code)


def locked(request_id: UUID) -> ReleaseRequest:
    """The request, held until the operation ends."""
    found = ReleaseRequest.objects.select_for_update().filter(pk=request_id).first()
    if found is None:
        raise Refused("release.unknown", found="no such request", remedy="open the list of requests")
    return found


def has_moved(request: ReleaseRequest) -> bool:
    """Whether the inputs differ from those submitted, or other releases since have changed what must be withheld."""
    if inputs_digest(request) != request.digest:
        return True
    if queries.ledger_length() == request.ledger_length:
        return False
    examined = examine(request)
    return not examined.passed or examined.pattern != request.pattern


def demote(request: ReleaseRequest, actor: Any, at: datetime, why: str) -> None:
    """Send a request back to its author; its signatures are void. ``why`` is a code."""
    request.signatures.filter(void_at=None).update(void_at=at)
    request.demoted_for = why[:120]
    move(request, Move.DEMOTE, None, at, why)
    close_notices(actor=actor, at=at, subject=subject_of(request), kind="release.review")
    tell(request, actor, at, "release.demoted")


def move(request: ReleaseRequest, step: Move, actor: Any, at: datetime, note: str = "") -> None:
    """Take a request along the table of transitions; ``actor`` is None where the history must not name one."""
    request.state = reached(RequestState(request.state), step)
    request.moved_at = at
    request.save()
    note_step(request, step, actor, at, note)


def note_step(request: ReleaseRequest, step: str, actor: Any, at: datetime, note: str = "") -> None:
    Step.objects.create(
        request=request,
        move=str(step),
        state=request.state,
        at=at,
        actor=person_code(actor) if actor is not None else "",
        note=note[:120],
    )


def tell(request: ReleaseRequest, actor: Actor, at: datetime, kind: str) -> None:
    """A task for the author; for the statisticians together where the author is a part of the system."""
    author = To(role="statistician") if ":" in request.author else To(user=request.author)
    raise_notice(
        actor=actor,
        at=at,
        kind=kind,
        to=author,
        path=path_of(request),
        subject=subject_of(request),
        values={"dataflow": request.dataflow},
    )


def path_of(request: ReleaseRequest) -> str:
    return f"/release/{request.pk}/"


def subject_of(request: ReleaseRequest) -> str:
    return f"release:{request.pk}"
