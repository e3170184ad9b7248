"""Taking the demonstration's snapshots off: rows that are nobody's leave no certificate."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from marsad.audit.events import record, writes
from marsad.audit.rules import Actor
from marsad.collection import store_folder
from marsad.collection.keys import shred_key
from marsad.collection.models import BrokenGlass, Snapshot
from marsad.collection.rules_store import KeyKind
from migstat.model.refusals import Refused


@writes("collection.remove_synthetic", using="confidential")
def remove_synthetic_snapshot(*, actor: Actor, at: datetime, snapshot_id: UUID) -> None:
    """Delete a synthetic snapshot: its key first, then its row and its files.

    Raises ``Refused("snapshot.real")`` for one that is not synthetic: that ends by its retention or by a person's request.
    """
    found = Snapshot.objects.select_for_update().filter(pk=snapshot_id, is_synthetic=True).first()
    if found is None:
        raise Refused("snapshot.real", found="no synthetic snapshot of that number", remedy="let its retention end")
    dataflow = found.dataflow_id
    shred_key(KeyKind.SNAPSHOT, str(found.pk))
    BrokenGlass.objects.filter(snapshot=found).delete()
    found.delete()
    with store_folder.alone() as mine:
        if mine:
            store_folder.remove(store_folder.folder_of(dataflow, snapshot_id))
    record(actor=actor, action="collection.remove_synthetic", target=f"snapshot:{snapshot_id}", at=at)
