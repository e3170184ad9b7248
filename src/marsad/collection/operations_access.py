"""Writes about looking at rows: every look leaves its line; a broken glass is asked, granted by a second person, and ends."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from marsad.audit.events import record, writes
from marsad.audit.rules import Actor
from marsad.collection.models import AccessEntry, BrokenGlass, Snapshot
from marsad.collection.rules_store import (
    GLASS_ASKED_LIFE,
    GLASS_LIFE,
    LOG_KEPT,
    GlassMove,
    GlassState,
    SnapshotState,
    checked_reason,
    glass_reached,
)
from marsad.notices.operations import close_notices, raise_notice
from marsad.notices.rules import To
from migstat.model.refusals import Refused


@writes("collection.look", using="confidential")
def log_look(
    *, actor: Actor, at: datetime, dataflow: str, subject: str, reason: str, columns: list[str], rows: int
) -> AccessEntry:
    """Leave in the access log that a person looked at rows, and why; written before the page shows anything."""
    entry = AccessEntry.objects.create(
        at=at,
        actor=actor.audit_code,
        kind="look",
        dataflow=dataflow,
        subject=subject,
        purpose="inspection",
        reason=reason,
        columns=columns,
        rows=rows,
    )
    record(actor=actor, action="collection.look", target=subject, at=at, details={"dataflow": dataflow, "rows": rows})
    return entry


@writes("collection.ask_look", using="confidential")
def ask_look(*, actor: Actor, at: datetime, snapshot_id: UUID, reason: str) -> BrokenGlass:
    """Ask to see rows of a snapshot. Raises ``Refused``: ``access.reason``, ``snapshot.erased``."""
    snapshot = Snapshot.objects.filter(pk=snapshot_id, state=SnapshotState.FROZEN).first()
    if snapshot is None:
        raise Refused("snapshot.erased", found="no snapshot that stands", remedy="choose one of the list")
    glass = BrokenGlass.objects.create(
        snapshot=snapshot,
        reason=checked_reason(reason),
        asked_by=actor.audit_code,
        asked_at=at,
        expires_at=at + GLASS_ASKED_LIFE,
    )
    raise_notice(
        actor=actor, at=at, kind="collection.look_asked", to=To(role="data_protection_officer"),
        path=f"/store/looks/{glass.pk}/", subject=f"look:{glass.pk}", values={"dataflow": snapshot.dataflow_id},
    )  # fmt: skip
    _record(actor, "collection.ask_look", glass, at)
    return glass


@writes("collection.decide_look", using="confidential")
def decide_look(*, actor: Actor, at: datetime, glass_id: UUID, move: GlassMove) -> BrokenGlass:
    """Grant, refuse or close a request to look. Who asked cannot grant: a second person does.

    Raises ``Refused``: ``glass.second``, ``glass.expired``, ``glass.move``.
    """
    glass = BrokenGlass.objects.select_for_update().get(pk=glass_id)
    if move is GlassMove.EXPIRE:
        raise Refused("glass.move", found="an expiry by hand", remedy="close the request instead")
    if at >= glass.expires_at:
        raise Refused("glass.expired", found="a request past its time", remedy="ask again")
    if move in (GlassMove.GRANT, GlassMove.REFUSE) and actor.audit_code == glass.asked_by:
        raise Refused("glass.second", found="the person who asked", remedy="let a second person decide")
    glass.state = glass_reached(GlassState(glass.state), move)
    if move in (GlassMove.GRANT, GlassMove.REFUSE):
        glass.decided_by, glass.decided_at = actor.audit_code, at
    if move is GlassMove.GRANT:
        glass.expires_at = at + GLASS_LIFE
    glass.save()
    close_notices(actor=actor, at=at, subject=f"look:{glass.pk}")
    _record(actor, "collection.decide_look", glass, at, move=move.value)
    return glass


@writes("collection.expire_looks", using="confidential")
def expire_looks(*, actor: Actor, at: datetime) -> int:
    """End the requests whose time has passed; one that nobody ended by hand does not open anyway."""
    open_states = (GlassState.ASKED, GlassState.GRANTED)
    old = BrokenGlass.objects.select_for_update().filter(state__in=open_states, expires_at__lte=at)
    expired = 0
    for glass in old:
        glass.state = glass_reached(GlassState(glass.state), GlassMove.EXPIRE)
        glass.save(update_fields=["state"])
        close_notices(actor=actor, at=at, subject=f"look:{glass.pk}")
        expired += 1
    record(actor=actor, action="collection.expire_looks", target="looks", at=at, details={"expired": expired})
    return expired


@writes("collection.forget_looks", using="confidential")
def forget_old_looks(*, actor: Actor, at: datetime) -> int:
    """Delete the lines and the requests of looks that are five years old; the audit log keeps that they were."""
    lines, _ = AccessEntry.objects.filter(at__lt=at - LOG_KEPT).delete()
    requests, _ = BrokenGlass.objects.filter(asked_at__lt=at - LOG_KEPT).delete()
    record(
        actor=actor,
        action="collection.forget_looks",
        target="looks",
        at=at,
        details={"lines": lines, "requests": requests},
    )
    return lines + requests


def _record(actor: Actor, action: str, glass: BrokenGlass, at: datetime, **details: str) -> None:
    record(
        actor=actor,
        action=action,
        target=f"look:{glass.pk}",
        at=at,
        details={"snapshot": str(glass.snapshot_id), "state": str(glass.state), **details},
    )
