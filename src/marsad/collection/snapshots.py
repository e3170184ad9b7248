"""Freezing accepted records and reading them again: the only way in and the only way out.

``freeze`` writes under a temporary name, reads everything back, renames, and only then makes the snapshot known; a death at
any step leaves either nothing that can be seen or the whole snapshot. The key of what was left behind was never kept.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain
from typing import Any
from uuid import UUID, uuid4

import pyarrow as pa
from django.db import IntegrityError, transaction

from marsad.audit.rules import Actor, is_code
from marsad.collection import store_folder
from marsad.collection.firewall import Matter, demand_of_account
from marsad.collection.keys import key_of, master_in_use
from marsad.collection.models import CollectedDataflow, Snapshot
from marsad.collection.operations_snapshots import enter_snapshot, log_reading
from marsad.collection.pseudonyms import stored_columns
from marsad.collection.queries_dataflows import collecting
from marsad.collection.queries_snapshots import snapshot as snapshot_of
from marsad.collection.rules_store import KeyKind, Lineage, SnapshotState, retention_ends
from marsad.collection.sealed_parquet import (
    RecordDigest,
    even_batches,
    files_of,
    read_records,
    schema_of,
    stored_schema,
    write_records,
)
from marsad.collection.snapshot_rows import Papers, Written
from migstat.model.refusals import Refused
from migstat.model.structure import DataStructure, Role

__all__ = ["Lineage", "Snapshot", "freeze", "read", "read_table"]

# The permissions with which an account's own work reads snapshots; parts of the system read under their own names.
READING = ("production.run", "linkage.review", "release.request", "release.review", "deliveries.review", "rows.look")


def freeze(
    *,
    actor: Actor,
    at: datetime,
    dataflow: str,
    batches: Iterable[Any],
    lineage: Lineage,
    period: str = "",
    retention_days: int | None = None,
    entered: Callable[[Snapshot], object] = lambda snapshot: None,
) -> Snapshot:
    """Freeze pseudonymised records as an immutable, encrypted snapshot.

    ``batches`` are ``pyarrow.RecordBatch`` of the same columns, taken one after the other; ``retention_days`` shortens the
    retention of the dataflow, never lengthens it. ``entered`` is called with the snapshot in the transaction that makes it
    known: what it raises undoes the snapshot. Freezing the same deliveries for the same period again gives the snapshot
    that stands already. Raises ``Refused``: ``collection.dataflow``, ``collection.authorisation``, ``snapshot.lineage``,
    ``snapshot.empty``, ``snapshot.column``, ``snapshot.identifier``, ``snapshot.type``, ``snapshot.schema``, ``keys.*``.
    """
    flow = collecting(dataflow)
    once = _once(dataflow, period, lineage.checked())
    standing = _latest(once)
    if standing:
        entered(standing)
        return standing
    days = min(flow.retention_days, retention_days or flow.retention_days)
    papers = Papers(lineage, period, retention_ends(at.date(), days), flow.is_synthetic, once)
    with store_folder.shared():
        written = write(flow, batches)
        try:
            with transaction.atomic(using="confidential"):
                snapshot = enter_snapshot(actor=actor, at=at, written=written, papers=papers)
                entered(snapshot)
                return snapshot
        except IntegrityError:
            store_folder.remove(store_folder.folder_of(dataflow, written.id))
            standing = _latest(once)
            if standing is None:
                raise
            entered(standing)
            return standing
        except BaseException:
            store_folder.remove(store_folder.folder_of(dataflow, written.id))
            raise


def _once(dataflow: str, period: str, lineage: Lineage) -> str | None:
    """Deliveries are accepted once; submissions go on coming, so each of their snapshots is a new one."""
    if lineage.submissions or not lineage.deliveries:
        return None
    words = json.dumps([dataflow, period, sorted(lineage.deliveries)])
    return hashlib.sha256(words.encode()).hexdigest()


def _latest(once: str | None) -> Snapshot | None:
    found = Snapshot.objects.filter(once=once).first() if once else None
    while found:
        newer = Snapshot.objects.filter(replaces=found).first()
        if newer is None:
            return found
        found = newer
    return None


def _demand_columns(flow: CollectedDataflow, names: Sequence[str]) -> None:
    structure = DataStructure.from_mapping(flow.structure)
    plain = {column.name for column in structure.with_role(Role.DIRECT_IDENTIFIER)}
    if plain & set(names):
        raise Refused(
            "snapshot.identifier",
            found=f"the direct identifier {min(plain & set(names))} as it came",
            remedy="pseudonymise the records first",
        )
    known = {column.name for column in structure.columns}
    strange = [name for name in names if name.split("__")[0] not in known]
    if strange:
        raise Refused(
            "snapshot.column", found="a column that the structure does not have", remedy="map it, or leave it out"
        )
    allowed = set(stored_columns(structure))
    missing = [column.name for column in structure.columns if column.required and column.name in allowed - set(names)]
    if missing:
        raise Refused("snapshot.column", found=f"no column {missing[0]}", remedy="give every required column")


def write(flow: CollectedDataflow, batches: Iterable[Any]) -> Written:
    """Write records into a folder that nobody knows of yet, and read them back. The shared lock is held by the caller."""
    master_in_use()
    coming = iter(batches)
    first = next(coming, None)
    if first is None:
        raise Refused("snapshot.empty", found="no batch of records", remedy="give one batch, which may hold no row")
    _demand_columns(flow, first.schema.names)
    schema, key, salt, number = stored_schema(first.schema), os.urandom(32), os.urandom(16), uuid4()
    unfinished = store_folder.begin(flow.code, number)
    try:
        digest = write_records(unfinished, even_batches(chain([first], coming), schema), schema, key=key, salt=salt)
        files = files_of(unfinished)
        _read_back(unfinished, files, schema, key, salt, digest)
        size = sum((unfinished / name).stat().st_size for name in files)
        store_folder.finish(flow.code, number)
    except BaseException:
        store_folder.remove(unfinished)
        raise
    return Written(number, flow.code, digest.rows, size, tuple(schema.names), digest.hexdigest(), salt, files, key)


def _read_back(folder: Any, files: dict[str, str], schema: Any, key: bytes, salt: bytes, digest: RecordDigest) -> None:
    again = RecordDigest(salt, schema)
    for batch in read_records(folder, files, key=key):
        again.update(batch)
    if again.hexdigest() != digest.hexdigest():
        raise Refused("snapshot.read_back", found="other records than were written", remedy="check the disk; try again")


def standing_snapshot(snapshot_id: UUID | str) -> Snapshot:
    """A snapshot that can be read. Raises ``Refused``: ``snapshot.unknown``, ``snapshot.erased``."""
    found = snapshot_of(snapshot_id)
    if found is None:
        raise Refused("snapshot.unknown", found="no snapshot of that number", remedy="choose one of the list")
    if found.state != SnapshotState.FROZEN:
        raise Refused(
            "snapshot.erased",
            found="a snapshot that was erased",
            remedy="use the one that replaces it, where there is one",
        )
    return found


def _demand_reader(actor: Any, flow: CollectedDataflow, purpose: str) -> None:
    if not is_code(purpose):
        raise Refused("collection.purpose", found="a reading without purpose", remedy="name the purpose by its code")
    if flow.uses and purpose.split(".")[0] not in {*flow.uses, "erasure", "inspection"}:
        raise Refused(
            "collection.purpose",
            found=f"a purpose for which {flow.code} was not collected",
            remedy="read for one of the uses that the city pack names, or have the pack and the authorisation changed",
        )
    asks = getattr(actor, "has_perm", None)
    if asks is not None and not any(asks(permission) for permission in READING):
        raise Refused("access.role", found="an account that reads no rows", remedy="ask the data protection officer")


def records_of(found: Snapshot, columns: Sequence[str] | None = None) -> Iterator[Any]:
    """The records of a snapshot without a line in the log: for this package alone, which logs before it calls.

    The whole reading of all columns is compared with the checksum; one of some columns with the files' alone.
    """
    folder = store_folder.folder_of(found.dataflow_id, found.pk)
    key = key_of(KeyKind.SNAPSHOT, str(found.pk))
    if columns is not None:
        yield from read_records(folder, found.files, key=key, columns=columns)
        return
    digest: RecordDigest | None = None
    for batch in read_records(folder, found.files, key=key):
        digest = digest or RecordDigest(bytes(found.salt), batch.schema)
        digest.update(batch)
        yield batch
    if digest and digest.hexdigest() != found.checksum:
        raise Refused("snapshot.changed", found="other records than were frozen", remedy="bring a sound backup back")


def schema_of_snapshot(found: Snapshot) -> Any:
    """The columns of a snapshot with their types."""
    folder = store_folder.folder_of(found.dataflow_id, found.pk)
    return schema_of(folder, found.files, key=key_of(KeyKind.SNAPSHOT, str(found.pk)))


def read(
    snapshot_id: UUID | str, *, actor: Actor, at: datetime, purpose: str, columns: Sequence[str] | None = None
) -> Iterator[Any]:
    """The records of a snapshot as ``pyarrow.RecordBatch`` of at most 65,536 rows. The log is written before anything is read.

    Raises ``Refused``: ``snapshot.unknown``, ``snapshot.erased``, ``collection.purpose``, ``access.role``,
    ``firewall.enforcement``, ``keys.*`` at the call; ``snapshot.missing``, ``snapshot.changed``, ``snapshot.column`` while
    it is read.
    """
    found = standing_snapshot(snapshot_id)
    _demand_reader(actor, found.dataflow, purpose)
    demand_of_account(actor=actor, at=at, what=Matter.ROW)
    key_of(KeyKind.SNAPSHOT, str(found.pk))
    log_reading(
        actor=actor,
        at=at,
        dataflow=found.dataflow_id,
        subject=f"snapshot:{found.pk}",
        purpose=purpose,
        columns=list(columns or found.columns),
        rows=found.rows,
    )
    return records_of(found, columns)


def read_table(
    snapshot_id: UUID | str, *, actor: Actor, at: datetime, purpose: str, columns: Sequence[str] | None = None
) -> Any:
    """The same as one ``pyarrow.Table``; an empty snapshot gives an empty table with its columns."""
    batches = list(read(snapshot_id, actor=actor, at=at, purpose=purpose, columns=columns))
    if batches:
        return pa.Table.from_batches(batches)
    empty = schema_of_snapshot(standing_snapshot(snapshot_id)).empty_table()
    return empty.select(list(columns)) if columns else empty
