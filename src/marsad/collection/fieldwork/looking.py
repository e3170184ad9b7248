"""How an agent's dwellings are found: opened for the one who goes there, and entered in the access log before it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from marsad.audit.rules import Actor
from marsad.collection.fieldwork.models import Case
from marsad.collection.fieldwork.sealing import LocatorSeal
from marsad.collection.operations_snapshots import log_reading


def ways_to(*, actor: Actor, at: datetime, cases: Sequence[Case]) -> dict[int, str]:
    """The words that lead to the dwellings of cases, by case; one line in the log for each sample.

    Raises ``Refused("fieldwork.seal")``.
    """
    sealed = [case for case in cases if case.unit.sealed_locator is not None]
    for (code, dataflow), rows in sorted(Counter((case.sample_id, case.sample.dataflow) for case in sealed).items()):
        log_reading(
            actor=actor,
            at=at,
            dataflow=dataflow or "fieldwork",
            subject=f"sample:{code}",
            purpose="fieldwork",
            columns=["locator"],
            rows=rows,
        )
    seal = LocatorSeal() if sealed else None
    return {
        case.pk: seal.open(case.unit.sealed_locator, f"frame:{case.unit.frame_id}:{case.code}")
        for case in sealed
        if seal is not None and case.unit.sealed_locator is not None
    }
