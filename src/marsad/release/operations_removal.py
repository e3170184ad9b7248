"""Taking the demonstration's requests off: withdrawn where they are published, then deleted with their ledger."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from marsad.audit.events import record, writes
from marsad.audit.rules import Actor
from marsad.dissemination import queries as published
from marsad.dissemination.operations_removal import remove_synthetic
from marsad.notices.operations import close_notices
from marsad.release import queries
from marsad.release.models import ReleaseRequest
from marsad.release.operations_publish import withdraw_edition
from marsad.release.rules import RequestState
from marsad.release.steps import locked, subject_of
from migstat.model import Refused, Text


def remove_resting_on(*, actor: Any, at: datetime, snapshots: list[str], reason: Text) -> int:
    """Remove every synthetic request that rests on one of these snapshots, with its edition; returns how many."""
    found = {request.pk: request for snapshot in snapshots for request in queries.resting_on(snapshot)}
    for request in found.values():
        if request.state == RequestState.PUBLISHED:
            withdraw_edition(actor=actor, at=at, request_id=request.pk, reason=reason)
        edition = published.released_as(str(request.pk))
        if edition is not None:
            remove_synthetic(actor=actor, at=at, edition=edition)
        remove_request(actor=actor, at=at, request_id=request.pk)
    return len(found)


@writes("release.remove_synthetic", using="confidential")
def remove_request(*, actor: Actor, at: datetime, request_id: UUID) -> None:
    """Delete a synthetic request with its tables, signatures and ledger. Raises ``Refused("release.real")`` for another."""
    request: ReleaseRequest = locked(request_id)
    if not request.is_synthetic or published.released_as(str(request.pk)) is not None:
        raise Refused("release.real", found="a request that is not a demonstration's", remedy="withdraw it instead")
    close_notices(actor=actor, at=at, subject=subject_of(request))
    queries.records_of(request).delete()
    target = subject_of(request)
    request.delete()
    record(actor=actor, action="release.remove_synthetic", target=target, at=at)
