"""Bringing the collected dataflows in step with the city pack."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from marsad.audit.events import record, writes
from marsad.audit.rules import Actor
from marsad.collection.collected_pack import FIELDS, Collected, read_collected
from marsad.collection.models import CollectedDataflow
from migstat.model.refusals import Refused


@writes("collection.load", using="confidential")
def load_collected(*, actor: Actor, at: datetime, root: Path) -> int:
    """Load ``collected/`` of a pack; returns how many dataflows changed. A dataflow with snapshots stays when its file goes.

    Raises ``PackHasProblems``, and ``Refused("collection.structure")`` where the columns of a dataflow that holds snapshots
    change under the same version.
    """
    found = read_collected(root)
    standing = {one.code: one for one in CollectedDataflow.objects.select_for_update()}
    changed = sum(_bring_in(one, standing.get(one.record["code"]), at) for one in found)
    gone = CollectedDataflow.objects.exclude(code__in=[one.record["code"] for one in found])
    removed, _ = gone.filter(snapshots__isnull=True).delete()
    record(
        actor=actor,
        action="collection.load",
        target="collected",
        at=at,
        details={"dataflows": len(found), "changed": changed, "removed": removed},
    )
    return changed + removed


def _bring_in(collected: Collected, standing: CollectedDataflow | None, at: datetime) -> bool:
    """Write one dataflow where it differs from the one that stands; whether it did."""
    values = {field.name: collected.record[field.name] for field in FIELDS}
    values |= {name: list(values[name]) for name in ("identified_by", "uses")}
    values["structure"] = collected.structure.to_mapping()
    if standing and all(getattr(standing, name) == value for name, value in values.items()):
        return False
    if standing and standing.structure != values["structure"]:
        same = standing.structure.get("version") == values["structure"]["version"]
        if same and standing.snapshots.exists():
            raise Refused(
                "collection.structure",
                found=f"other columns of {standing.code} under the same version",
                remedy="give the structure a new version",
            )
    CollectedDataflow.objects.update_or_create(code=values["code"], defaults=values | {"loaded_at": at})
    return True
