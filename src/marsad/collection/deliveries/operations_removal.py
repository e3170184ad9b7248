"""Taking the demonstration's deliveries off, with their files and what was remembered of their layout."""

from __future__ import annotations

from datetime import datetime

from marsad.audit.events import record, writes
from marsad.audit.rules import Actor
from marsad.collection.deliveries import queries
from marsad.collection.deliveries.models import Delivery, KnownLayout
from marsad.collection.keys import shred_key
from marsad.collection.rules_store import KeyKind
from marsad.notices.operations import close_notices
from migstat.model.refusals import Refused


@writes("deliveries.remove_synthetic", using="confidential")
def remove_synthetic_deliveries(*, actor: Actor, at: datetime, agreement: str) -> int:
    """Delete the deliveries under a synthetic agreement; returns how many. Raises ``Refused("deliveries.real")``."""
    if not queries.is_synthetic(agreement):
        raise Refused("deliveries.real", found="an agreement that is not a demonstration's", remedy="leave it as it is")
    found = list(Delivery.objects.filter(agreement=agreement, is_synthetic=True))
    for one in found:
        close_notices(actor=actor, at=at, subject=one.audit_target)
        shred_key(KeyKind.ORIGINAL, str(one.pk))
        (queries.folder() / f"{one.pk}.spool").unlink(missing_ok=True)
    Delivery.objects.filter(pk__in=[one.pk for one in found]).delete()
    KnownLayout.objects.filter(agreement=agreement).delete()
    record(
        actor=actor, action="deliveries.remove_synthetic", target=f"agreement:{agreement}", at=at,
        details={"deliveries": len(found)},
    )  # fmt: skip
    return len(found)
