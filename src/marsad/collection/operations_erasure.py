"""Writes of erasure. Each step is one transaction that says what it did, so that an erasure goes on where it was cut short."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from marsad.audit.events import record, writes
from marsad.audit.rules import Actor
from marsad.collection.certificates import issue
from marsad.collection.models import Certificate, Erasure, Snapshot
from marsad.collection.rules_store import ErasureRule, ErasureState, SnapshotMove, SnapshotState
from marsad.collection.snapshot_rows import Papers, Written, enter, retire
from migstat.model.refusals import Refused

Eraser = Callable[[Sequence[str]], int]


def _said(snapshot: Snapshot, rows: int) -> dict[str, Any]:
    return {
        "snapshot": str(snapshot.pk),
        "dataflow": snapshot.dataflow_id,
        "checksum": snapshot.checksum,
        "rows_erased": rows,
    }


@writes("collection.begin_erasure", using="confidential")
def begin_erasure(*, actor: Actor, at: datetime, rule: ErasureRule, request: str, pseudonyms: Sequence[str]) -> Erasure:
    """Note what is to be erased. The same request with the same pseudonyms is the same erasure."""
    wanted = sorted(set(pseudonyms))
    digest = hashlib.sha256("\n".join([rule.value, *wanted]).encode()).hexdigest()
    standing = Erasure.objects.filter(rule=rule, request=request, digest=digest).order_by("-begun_at").first()
    # A copy that is brought back twice is purged twice.
    if standing and rule is ErasureRule.RESTORE and standing.state == ErasureState.CERTIFIED:
        standing = None
    erasure = standing
    if erasure is None:
        erasure = Erasure.objects.create(rule=rule, request=request, digest=digest, pseudonyms=wanted, begun_at=at)
    record(
        actor=actor,
        action="collection.begin_erasure",
        target=f"erasure:{erasure.pk}",
        at=at,
        details={"rule": rule.value, "again": standing is not None, "pseudonyms": len(wanted)},
    )
    return erasure


@writes("collection.replace", using="confidential")
def replace_snapshot(
    *, actor: Actor, at: datetime, erasure_id: UUID, old_id: UUID, written: Written, papers: Papers
) -> Snapshot:
    """Put a snapshot without the erased rows in the place of the old one, whose key is erased in the same moment."""
    erasure = Erasure.objects.select_for_update().get(pk=erasure_id)
    old = Snapshot.objects.select_for_update().get(pk=old_id)
    snapshot = enter(written, papers, at)
    retire(old, SnapshotMove.REPLACE, at)
    erasure.snapshots = [*erasure.snapshots, _said(old, papers.lineage.rows_erased)]
    erasure.counts = erasure.counts | {"snapshots": erasure.counts.get("snapshots", 0) + papers.lineage.rows_erased}
    erasure.save(update_fields=["snapshots", "counts"])
    record(
        actor=actor,
        action="collection.replace",
        target=f"snapshot:{snapshot.pk}",
        at=at,
        details={"replaces": str(old.pk), "rows_erased": papers.lineage.rows_erased},
    )
    return snapshot


@writes("collection.erase_rows", using="confidential")
def erase_in_place(*, actor: Actor, at: datetime, erasure_id: UUID, place: str, eraser: Eraser) -> int:
    """Have one part of the system erase in its own tables, once; what it erased is counted with it."""
    erasure = Erasure.objects.select_for_update().get(pk=erasure_id)
    erased = int(erasure.counts.get(place, -1))
    if erased < 0:
        erased = eraser(tuple(erasure.pseudonyms))
        erasure.counts = erasure.counts | {place: erased}
        erasure.save(update_fields=["counts"])
    record(
        actor=actor,
        action="collection.erase_rows",
        target=f"erasure:{erasure.pk}",
        at=at,
        details={"place": place, "erased": erased},
    )
    return erased


@writes("collection.certify", using="confidential")
def certify_erasure(*, actor: Actor, at: datetime, erasure_id: UUID) -> Certificate:
    """Close an erasure that is done everywhere: its certificate is issued, its pseudonyms are emptied."""
    erasure = Erasure.objects.select_for_update().get(pk=erasure_id)
    certificate = Certificate.objects.filter(erasure=erasure.pk).first()
    if certificate is None:
        certificate = issue(
            rule=ErasureRule(erasure.rule),
            request=erasure.request,
            at=at,
            counts=erasure.counts,
            snapshots=erasure.snapshots,
            erasure=erasure.pk,
        )
        erasure.state, erasure.pseudonyms = ErasureState.CERTIFIED, []
        erasure.save(update_fields=["state", "pseudonyms"])
    record(
        actor=actor,
        action="collection.certify",
        target=f"certificate:{certificate.number}",
        at=at,
        details={"certificate": certificate.number, "digest": certificate.digest, "rule": certificate.rule},
    )
    return certificate


@writes("collection.certify_retention", using="confidential")
def certify_retention(*, actor: Actor, at: datetime, place: str, erased: int) -> Certificate:
    """Certify what one part of the system erased in its own tables because its time had ended.

    Call it in the transaction that erased: what is erased and its certificate stand together or not at all.
    """
    certificate = issue(rule=ErasureRule.RETENTION, request="", at=at, counts={place: erased}, snapshots=[])
    record(
        actor=actor,
        action="collection.certify_retention",
        target=f"certificate:{certificate.number}",
        at=at,
        details={"certificate": certificate.number, "digest": certificate.digest, "place": place, "erased": erased},
    )
    return certificate


@writes("collection.retire", using="confidential")
def retire_snapshot(*, actor: Actor, at: datetime, snapshot_id: UUID) -> Certificate:
    """Erase a snapshot whose retention has ended: its key goes, its certificate comes, in one transaction."""
    snapshot = Snapshot.objects.select_for_update().get(pk=snapshot_id)
    if snapshot.state == SnapshotState.FROZEN and snapshot.retention_until >= at.date():
        raise Refused("erasure.too_early", found="a retention that has not ended", remedy="wait for its last day")
    said = [_said(snapshot, snapshot.rows)]
    retire(snapshot, SnapshotMove.RETIRE, at)
    certificate = issue(
        rule=ErasureRule.RETENTION, request="", at=at, counts={"snapshots": snapshot.rows}, snapshots=said
    )
    record(
        actor=actor,
        action="collection.retire",
        target=f"snapshot:{snapshot.pk}",
        at=at,
        details={"certificate": certificate.number, "digest": certificate.digest, "rows": snapshot.rows},
    )
    return certificate
