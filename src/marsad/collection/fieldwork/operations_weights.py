"""The weights of a closed sample: worked out once fieldwork has ended, and kept beside each case."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import numpy as np

from marsad.audit.events import record, writes
from marsad.audit.rules import Actor
from marsad.collection.fieldwork.models import Case, Sample
from marsad.collection.fieldwork.operations_samples import locked
from marsad.collection.fieldwork.rules import CaseState, SampleState, UnitKind
from marsad.collection.fieldwork.weighting import Classes, Weights, WorkedCase, design_effect, weigh
from migstat.model.refusals import Refused

_AT_ONCE = 1_000


@writes("fieldwork.weigh", using="confidential")
def work_out_weights(
    *, actor: Actor, at: datetime, sample_code: str, classes: Classes, totals: Mapping[str, float] | None = None
) -> Sample:
    """Work out the weights of a closed sample of dwellings; again with other classes or totals as long as it is closed.

    Raises ``Refused``: ``fieldwork.not_closed``, ``fieldwork.not_dwellings``, and what ``weighting.weigh`` raises.
    """
    sample = locked(sample_code)
    if sample.state != SampleState.CLOSED:
        raise Refused("fieldwork.not_closed", found=f"a sample that is {sample.state}", remedy="close fieldwork first")
    if sample.frame.kind != UnitKind.DWELLING:
        raise Refused("fieldwork.not_dwellings", found="a sample of areas", remedy="weigh the dwellings drawn in them")
    held = list(Case.objects.filter(sample=sample).exclude(state=CaseState.RESERVE).order_by("pk"))
    weights = weigh([_worked(one) for one in held], classes, totals)
    for place, case in enumerate(held):
        case.nonresponse_weight = float(weights.adjusted[place])
        case.calibrated_weight = None if weights.calibrated is None else float(weights.calibrated[place])
    Case.objects.bulk_update(held, ["nonresponse_weight", "calibrated_weight"], batch_size=_AT_ONCE)
    sample.weighted_at = at
    sample.weighting = {"classes": classes.value, "totals": dict(totals or {}), **_summary(held, weights)}
    sample.save(update_fields=["weighted_at", "weighting"])
    record(
        actor=actor,
        action="fieldwork.weigh",
        target=f"sample:{sample.pk}",
        at=at,
        details={"classes": classes.value, "calibrated": totals is not None, "cases": len(held)},
    )
    return sample


def _worked(case: Case) -> WorkedCase:
    return WorkedCase(case.area, case.stratum, case.design_weight, case.disposition)


def _summary(cases: list[Case], weights: Weights) -> dict[str, float | int | None]:
    last = weights.adjusted if weights.calibrated is None else weights.calibrated
    given = last[last > 0]
    return {
        "interviews": len(given),
        "sum_design": float(np.sum([one.design_weight for one in cases])),
        "sum_adjusted": float(weights.adjusted.sum()),
        "sum_calibrated": None if weights.calibrated is None else float(weights.calibrated.sum()),
        "smallest": float(given.min()),
        "largest": float(given.max()),
        "design_effect": design_effect(last),
    }
