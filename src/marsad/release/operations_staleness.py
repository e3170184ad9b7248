"""Staleness travels: what moved in a source reaches every table, request, edition and page that rests on it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from marsad.audit.events import record, writes
from marsad.collection import queries_snapshots as store
from marsad.collection.erasure import marks_affected
from marsad.dissemination import operations as dissemination
from marsad.dissemination import queries as published
from marsad.dissemination.rules import StaleFor
from marsad.release import queries
from marsad.release.models import ReleaseRequest
from marsad.release.rules import UNPUBLISHED, RequestState
from marsad.release.steps import demote, locked, tell


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
        if edition is not None:
            dissemination.mark_stale(actor=actor, at=at, edition=edition, cause=cause, subject=subject)
            tell(request, actor, at, "release.stale")
    elif state in UNPUBLISHED and not request.demoted_for.startswith("stale:"):
        if state is RequestState.DEMOTED:
            request.demoted_for = f"stale:{subject}"[:120]
            request.save(update_fields=["demoted_for"])
        else:
            demote(request, actor, at, f"stale:{subject}")


def moved_snapshots() -> list[tuple[str, StaleFor]]:
    """The snapshots in use that the store has erased rows from, or holds a later one of for the same dataflow and period;
    only those that something resting on them was not told of yet."""
    moved = []
    for code, fact in queries.snapshots_in_use().items():
        known = store.snapshot(code)
        cause = _cause(known, fact) if known is not None else None
        if cause is not None and not queries.told_of(f"snapshot:{code}"):
            moved.append((code, cause))
    return moved


def _cause(known: Any, fact: dict[str, Any]) -> StaleFor | None:
    later = store.frozen_snapshots(known.dataflow_id).filter(created_at__gt=known.created_at)
    if later.filter(replaces=known).exists():
        return StaleFor.ROWS_ERASED
    period = fact["period"] or known.period
    return StaleFor.SOURCE_CORRECTED if period and later.filter(period=period).exists() else None


def follow_sources(*, actor: Any, at: datetime) -> int:
    """Tell everything that rests on a snapshot which has moved; returns how many snapshots had."""
    moved = moved_snapshots()
    for snapshot, cause in moved:
        source_moved(actor=actor, at=at, snapshot=snapshot, cause=cause)
    return len(moved)


@marks_affected("releases")
def _rows_were_erased(*, actor: Any, at: datetime, snapshots: Sequence[str]) -> int:
    """Called by the store when a person's rows were erased from snapshots."""
    return sum(
        source_moved(actor=actor, at=at, snapshot=snapshot, cause=StaleFor.ROWS_ERASED) for snapshot in snapshots
    )


def estimate_revised(*, actor: Any, at: datetime, dataflow: str, run: str) -> bool:
    """A later run gives other values for what the last edition of a dataflow published: mark it. False where there is none."""
    from marsad.release.desk import last_edition

    edition = last_edition(dataflow)
    if edition is None:
        return False
    dissemination.mark_stale(actor=actor, at=at, edition=edition, cause=StaleFor.ESTIMATE_REVISED, subject=f"run:{run}")
    return True
