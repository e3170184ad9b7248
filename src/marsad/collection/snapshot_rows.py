"""The rows of snapshots: entered with their key, retired without it. For use inside operations."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from marsad.collection.keys import make_key, shred_key
from marsad.collection.models import Snapshot
from marsad.collection.rules_store import KeyKind, Lineage, SnapshotMove, SnapshotState, snapshot_reached


@dataclass(frozen=True)
class Written:
    """What was written and read back of a snapshot, before anybody knows of it."""

    id: UUID
    dataflow: str
    rows: int
    size: int
    columns: tuple[str, ...]
    checksum: str
    salt: bytes
    files: dict[str, str]
    key: bytes = field(repr=False)


@dataclass(frozen=True)
class Papers:
    """What a snapshot is made of and how long it may be kept."""

    lineage: Lineage
    period: str
    retention_until: date
    is_synthetic: bool
    once: str | None = None


def enter(written: Written, papers: Papers, at: datetime) -> Snapshot:
    """The row and the key of a snapshot whose folder stands."""
    make_key(KeyKind.SNAPSHOT, str(written.id), at=at, secret=written.key)
    return Snapshot.objects.create(
        id=written.id,
        dataflow_id=written.dataflow,
        period=papers.period,
        created_at=at,
        rows=written.rows,
        size=written.size,
        columns=list(written.columns),
        checksum=written.checksum,
        salt=written.salt,
        files=written.files,
        lineage=papers.lineage.to_mapping(),
        once=papers.once,
        replaces_id=UUID(papers.lineage.replaces) if papers.lineage.replaces else None,
        retention_until=papers.retention_until,
        is_synthetic=papers.is_synthetic,
    )


def retire(snapshot: Snapshot, move: SnapshotMove, at: datetime) -> None:
    """Erase a snapshot's key and say so in its row; what is left of its files opens for nobody."""
    snapshot.state = snapshot_reached(SnapshotState(snapshot.state), move)
    snapshot.erased_at, snapshot.salt = at, b""
    snapshot.save(update_fields=["state", "erased_at", "salt"])
    shred_key(KeyKind.SNAPSHOT, str(snapshot.pk))
