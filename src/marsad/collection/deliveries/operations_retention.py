"""What is destroyed when its time has come: waiting files, kept originals, the cells that reports repeat."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from marsad.audit.events import record, writes
from marsad.audit.rules import Actor
from marsad.collection.deliveries import queries
from marsad.collection.deliveries.models import Delivery
from marsad.collection.deliveries.operations_steps import refuse
from marsad.collection.deliveries.rules import OPEN, State
from marsad.collection.keys import shred_key
from marsad.collection.operations_erasure import certify_retention
from marsad.collection.queries_dataflows import collected_dataflows
from marsad.collection.rules_store import KeyKind
from migstat.model.refusals import Refused

CELLS_KEPT = timedelta(days=90)
_AT_ONCE = 20
_LONGEST_UPLOAD = timedelta(days=1)


@writes("deliveries.destroy_files", using="confidential")
def destroy_files(*, actor: Actor, at: datetime) -> int:
    """Destroy the keys of files that have waited, or were kept, as long as they may; returns how many."""
    ended = [one for one in queries.files_to_destroy(now=at).select_for_update() if State(one.state) not in OPEN]
    for one in ended:
        _destroy(one, at=at)
    record(
        actor=actor, action="deliveries.destroy_files", target="deliveries", at=at, details={"destroyed": len(ended)}
    )
    return len(ended)


@writes("deliveries.destroy_file", using="confidential")
def destroy_file(*, actor: Actor, at: datetime, delivery_id: UUID) -> bool:
    """Destroy the file of one closed delivery before its time; False where it is gone already or still needed."""
    found = Delivery.objects.select_for_update().get(pk=delivery_id)
    needed = State(found.state) in OPEN or found.file_destroyed_at is not None
    if not needed:
        _destroy(found, at=at)
    record(
        actor=actor,
        action="deliveries.destroy_file",
        target=found.audit_target,
        at=at,
        details={"destroyed": not needed},
    )
    return not needed


def _destroy(found: Delivery, *, at: datetime) -> None:
    shred_key(KeyKind.ORIGINAL, str(found.pk))
    found.file_destroyed_at = at
    found.save(update_fields=["file_destroyed_at"])


@writes("deliveries.forget_cells", using="confidential")
def forget_cells(*, actor: Actor, at: datetime) -> int:
    """Empty the cells that reports repeat, file names and reasons, ninety days after the decision; counts stay.

    A few at once, so that nobody waits long for the database: called again until it returns 0 (``forget_all_cells``).
    """
    old = list(queries.cells_to_forget(before=at - CELLS_KEPT).select_for_update()[:_AT_ONCE])
    for one in old:
        one.file_name, one.reason, one.cells_forgotten_at = "", "", at
        if one.report:
            one.report = one.report | {"findings": [], "questions": [], "asked_later": 0}
        one.save(update_fields=["file_name", "reason", "report", "cells_forgotten_at"])
    record(actor=actor, action="deliveries.forget_cells", target="deliveries", at=at, details={"forgotten": len(old)})
    return len(old)


def forget_all_cells(*, actor: Actor, at: datetime) -> int:
    """Empty all whose time has come; returns how many."""
    forgotten = 0
    while part := forget_cells(actor=actor, at=at):
        forgotten += part
    return forgotten


def refuse_forgotten(*, actor: Actor, at: datetime) -> int:
    """Refuse what nobody decided for as long as its rows may be kept, so that its file goes too; returns how many."""
    kept = {flow.code: timedelta(days=flow.retention_days) for flow in collected_dataflows()}
    old = [one for one in queries.undecided() if one.received_at and one.received_at + kept[one.dataflow] <= at]
    for one in old:
        problem = Refused("deliveries.retention", found="a file that nobody decided", remedy="send it again")
        refuse(actor=actor, at=at, delivery_id=one.pk, problem=problem)
    return len(old)


def destroy_ended(*, actor: Actor, at: datetime) -> int:
    """``destroy_files`` with its certificate: both stand, or neither."""
    with transaction.atomic(using="confidential"), transaction.atomic(using="default"):
        destroyed = destroy_files(actor=actor, at=at)
        if destroyed:
            certify_retention(actor=actor, at=at, place="deliveries", erased=destroyed)
    return destroyed


def sweep_files(*, now: datetime) -> int:
    """Remove from the folder what no delivery needs: sealed files whose key is destroyed, uploads that died. Returns how many.

    Without their key the files are noise already; this only gives the room back.
    """
    folder = queries.folder()
    if not folder.is_dir():
        return 0
    alive = {str(pk) for pk in Delivery.objects.filter(file_destroyed_at=None).values_list("pk", flat=True)}
    removed = 0
    for path in folder.glob("*.spool"):
        young = now.timestamp() - path.stat().st_mtime < _LONGEST_UPLOAD.total_seconds()
        known = Delivery.objects.filter(pk=path.stem).exists() if _is_number(path.stem) else False
        if path.stem not in alive and (known or not young):
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def _is_number(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
