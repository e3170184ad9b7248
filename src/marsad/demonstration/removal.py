"""Taking the demonstration off by one command: editions withdrawn and deleted, then all that they rested on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from marsad.collection.deliveries.operations_removal import remove_synthetic_deliveries
from marsad.collection.operations_removal import remove_synthetic_snapshot
from marsad.coordination.agreements.operations_removal import remove_synthetic_agreement
from marsad.coordination.agreements.queries import agreement_of
from marsad.demonstration.partners import agreement_code
from marsad.demonstration.people import dismiss_cast
from marsad.demonstration.standing import ACTOR, LISTS, REASON, snapshots_of_demonstration
from marsad.production.linkage.operations import remove_synthetic_linkages
from marsad.production.operations import remove_synthetic_runs
from marsad.release.operations_removal import remove_resting_on


@dataclass(frozen=True)
class Removed:
    """How much a removal took off."""

    releases: int
    runs: int
    snapshots: int
    accounts: int


def remove_demonstration(*, at: datetime) -> Removed:
    """Remove everything of the demonstration; the audit log and the log of readings keep that it was there.

    It goes from what rests to what it rests on, so one that was cut short goes on where it stopped.
    """
    found = snapshots_of_demonstration()
    numbers = [str(one.pk) for one in found]
    releases = remove_resting_on(actor=ACTOR, at=at, snapshots=numbers, reason=REASON)
    runs = remove_synthetic_runs(actor=ACTOR, at=at, snapshots=numbers)
    remove_synthetic_linkages(actor=ACTOR, at=at, snapshots=numbers)
    for one in found:
        remove_synthetic_snapshot(actor=ACTOR, at=at, snapshot_id=one.pk)
    for code in map(agreement_code, LISTS):
        if agreement_of(code) is not None:
            remove_synthetic_deliveries(actor=ACTOR, at=at, agreement=code)
            remove_synthetic_agreement(actor=ACTOR, at=at, code=code)
    return Removed(releases, runs, len(found), dismiss_cast(actor=ACTOR, at=at))
