"""Taking the demonstration's agreements off, with their versions, signatures and receipts."""

from __future__ import annotations

from datetime import datetime

from marsad.audit.events import record, writes
from marsad.audit.rules import Actor
from marsad.coordination.agreements.models import Agreement, AgreementStep, DeliveryReceipt, RefusalCount, Signature
from marsad.notices.operations import close_notices
from migstat.model.refusals import Refused


@writes("agreements.remove_synthetic")
def remove_synthetic_agreement(*, actor: Actor, at: datetime, code: str) -> None:
    """Delete a synthetic agreement with all that hangs on it. Raises ``Refused("agreements.real")`` for another."""
    found = Agreement.objects.filter(pk=code, is_synthetic=True).first()
    if found is None:
        raise Refused("agreements.real", found="no synthetic agreement of that code", remedy="end it by its own moves")
    close_notices(actor=actor, at=at, subject=f"agreement:{code}")
    DeliveryReceipt.objects.filter(agreement=found).delete()
    RefusalCount.objects.filter(agreement=code).delete()
    Signature.objects.filter(version__agreement=found).delete()
    AgreementStep.objects.filter(version__agreement=found).delete()
    found.versions.all().delete()
    found.delete()
    record(actor=actor, action="agreements.remove_synthetic", target=f"agreement:{code}", at=at)
