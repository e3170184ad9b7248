"""What every reader sees from a moment on: publications renewed, and editions told of those that replace them.

Called inside the transaction of whoever makes, withdraws or loads an edition.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from marsad.dissemination.models import Edition, Observation, Publication, Staleness
from marsad.dissemination.rules import StaleFor, publication_number
from migstat.model import Origin


def renew(*, at: datetime, replaced: Edition | None = None) -> Publication:
    """A publication with what the last one shows, the new edition in the place of the one before it, and nothing withdrawn.

    Called inside the transaction of whoever makes or withdraws an edition.
    """
    latest = Publication.objects.order_by("-published_at", "-id").first()
    shown = list(latest.editions.filter(tombstone=None)) if latest else []
    if replaced is not None:
        shown = [edition for edition in shown if edition.dataflow_id != replaced.dataflow_id] + [replaced]
    pack = latest.pack if latest else ""
    numbers = list(Publication.objects.values_list("number", flat=True))
    digest = hashlib.sha256("\n".join([pack, *sorted(f"{one} {one.checksum}" for one in shown)]).encode()).hexdigest()
    made = Publication.objects.create(
        number=publication_number(numbers, year=at.year), published_at=at, checksum=digest, pack=pack
    )
    made.editions.set(shown)
    return made


def released_to_keep(latest: Publication | None, pack: Iterable[Edition]) -> list[Edition]:
    """The released editions that stay when a city pack is loaded: those shown last, without synthetic ones beside real ones."""
    if latest is None:
        return []
    kept = list(latest.editions.filter(tombstone=None, dataflow__from_pack=False))
    synthetic = [edition for edition in kept if edition.origin == Origin.SYNTHETIC]
    real = Observation.objects.filter(edition__in=list(pack)).order_by().values("indicator")
    beside = set(
        Observation.objects.filter(edition__in=synthetic, indicator__in=real).values_list("edition_id", flat=True)
    )
    return [edition for edition in kept if edition.pk not in beside]


def note_replacement(new: Edition, *, at: datetime) -> list[Staleness]:
    """Tell the edition before of the one that replaces it: values that both publish, old and new, where they differ."""
    before = (
        Edition.objects.filter(dataflow=new.dataflow_id, tombstone=None)
        .exclude(pk=new.pk)
        .order_by("-published_on", "-pk")
        .first()
    )
    if before is None:
        return []
    changes = changed_values(before, new)
    marks = list(before.staleness.filter(replaced_by=None))
    if changes and not marks:
        marks = [
            Staleness.objects.create(
                edition=before, cause=StaleFor.ESTIMATE_REVISED, subject=f"edition:{new.number}", since=at
            )
        ]
    for mark in marks:
        mark.replaced_by, mark.changes = new, changes
        mark.save(update_fields=["replaced_by", "changes"])
    return marks


def changed_values(old: Edition, new: Edition) -> list[dict[str, Any]]:
    """The cells that both editions publish with different values. A cell that either withholds is not compared."""
    columns = ("indicator_id", "area_id", "period", "breakdown_key", "base")
    values = {tuple(row[:5]): row[5] for row in old.observations.filter(state="value").values_list(*columns, "value")}
    changes = []
    for *cell, value in new.observations.filter(state="value").values_list(*columns, "value"):
        before = values.get(tuple(cell))
        if before is not None and before != value:
            indicator, area, period, key, _base = cell
            changes.append(
                {"indicator": indicator, "area": area, "period": period, "key": key, "old": before, "new": value}
            )
    return changes
