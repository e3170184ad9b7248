"""Linkages go with what they rest on: where rows of a list are erased, pairs and verdicts are erased too."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from marsad.audit.rules import Actor
from marsad.collection.erasure import marks_affected
from marsad.production.linkage import queries
from marsad.production.linkage.operations import erase_linkage


@marks_affected("linkages")
def erase_affected(*, actor: Actor, at: datetime, snapshots: Sequence[str]) -> int:
    """Erase the linkages that rest on snapshots out of which rows were erased."""
    found = queries.resting_on(snapshots)
    for one in found:
        erase_linkage(actor=actor, at=at, linkage_id=one.pk)
    return len(found)
