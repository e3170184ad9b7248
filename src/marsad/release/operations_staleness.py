"""Staleness travels: what moved in a source reaches every table, request, edition and page that rests on it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from marsad.audit.events import record, writes
from marsad.dissemination import operations as dissemination
from marsad.dissemination import queries as published
from marsad.dissemination.rules import StaleFor
from marsad.release import queries
from marsad.release.models import ReleaseRequest
from marsad.release.operations import demote, locked, tell
from marsad.release.rules import UNPUBLISHED, RequestState


@writes("release.source_moved", using="confidential")
def source_moved(*, actor: Any, at: datetime, snapshot: str, cause: StaleFor) -> int:
    """A snapshot was corrected, replaced, or rows were erased from it: demote the requests that rest on it and mark the
    editions, with a task for each owner. Told twice, it is done once. Returns how many requests rest on it.
    """
    touched = queries.resting_on(snapshot)
    for each in touched:
        _reach(locked(each.pk), actor, at, snapshot, cause)
    record(
        actor=actor,
        action="release.source_moved",
        target=f"snapshot:{snapshot}"[:80],
        at=at,
        details={"cause": str(cause), "requests": len(touched)},
    )
    return len(touched)


def _reach(request: ReleaseRequest, actor: Any, at: datetime, snapshot: str, cause: StaleFor) -> None:
    subject = f"snapshot:{snapshot}"
    state = RequestState(request.state)
    if state in {RequestState.PUBLISHED, RequestState.PUBLISHING}:
        edition = published.released_as(str(request.pk))
        if edition is not None and not published.staleness_of(edition).filter(subject=subject, cause=cause).exists():
            dissemination.mark_stale(actor=actor, at=at, edition=edition, cause=cause, subject=subject)
            tell(request, actor, at, "release.stale")
    elif state in UNPUBLISHED and not request.demoted_for.startswith("stale:"):
        if state is RequestState.DEMOTED:
            request.demoted_for = f"stale:{subject}"[:120]
            request.save(update_fields=["demoted_for"])
        else:
            demote(request, actor, at, f"stale:{subject}")


def estimate_revised(*, actor: Any, at: datetime, dataflow: str, run: str) -> bool:
    """A later run gives other values for what the last edition of a dataflow published: mark it. False where there is none."""
    from marsad.release.desk import last_edition

    edition = last_edition(dataflow)
    if edition is None:
        return False
    dissemination.mark_stale(actor=actor, at=at, edition=edition, cause=StaleFor.ESTIMATE_REVISED, subject=f"run:{run}")
    return True
