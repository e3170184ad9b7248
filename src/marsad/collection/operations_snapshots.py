"""Writes about snapshots: each in the confidential database, with its event in the log below the line."""

from __future__ import annotations

from datetime import datetime

from marsad.audit.events import record, writes
from marsad.audit.rules import Actor, Details
from marsad.collection.models import AccessEntry, Snapshot
from marsad.collection.snapshot_rows import Papers, Written, enter


@writes("collection.freeze", using="confidential")
def enter_snapshot(*, actor: Actor, at: datetime, written: Written, papers: Papers) -> Snapshot:
    """Make a snapshot known. From here on it can be read."""
    snapshot = enter(written, papers, at)
    record(
        actor=actor,
        action="collection.freeze",
        target=f"snapshot:{snapshot.pk}",
        at=at,
        details={"dataflow": written.dataflow, "rows": written.rows, "checksum": written.checksum[:16]},
    )
    return snapshot


@writes("collection.read", using="confidential")
def log_reading(
    *, actor: Actor, at: datetime, dataflow: str, subject: str, purpose: str, columns: list[str], rows: int
) -> AccessEntry:
    """Leave in the access log that rows were read by the system's own work, before they are."""
    entry = AccessEntry.objects.create(
        at=at,
        actor=actor.audit_code,
        kind="read",
        dataflow=dataflow,
        subject=subject,
        purpose=purpose,
        columns=columns,
        rows=rows,
    )
    details: Details = {"dataflow": dataflow, "purpose": purpose, "rows": rows}
    record(actor=actor, action="collection.read", target=subject, at=at, details=details)
    return entry
