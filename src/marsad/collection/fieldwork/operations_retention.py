"""What fieldwork forgets: persons who are erased, ways to dwellings, ended samples and networks past their retention."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from marsad.audit.events import record, writes
from marsad.audit.rules import Actor
from marsad.collection.fieldwork.models import Case, Coupon, FrameUnit, Network, Participant, Sample, Visit
from marsad.collection.fieldwork.rules import ENDED, NetworkState
from marsad.collection.models import CollectedDataflow

_LOCATORS_KEPT = timedelta(days=365)
_KEPT_DAYS = 730


@writes("fieldwork.forget_pseudonyms", using="confidential")
def forget_pseudonyms(*, actor: Actor, at: datetime, pseudonyms: Sequence[str], replacements: Sequence[str]) -> int:
    """Cut the links of pseudonyms to cases, interviews and chains. ``replacements`` stand for nothing, one a pseudonym."""
    cut = 0
    for pseudonym, replacement in zip(pseudonyms, replacements, strict=True):
        cases = Case.objects.filter(pseudonym=pseudonym)
        Visit.objects.filter(case__in=cases).update(submission=None)
        FrameUnit.objects.filter(cases__in=cases).update(sealed_locator=None)
        cut += cases.update(pseudonym="")
        coupons = Coupon.objects.filter(pseudonym=pseudonym)
        Participant.objects.filter(coupon__in=coupons).update(submission=None, degree=None)
        cut += coupons.update(pseudonym=replacement)
    record(actor=actor, action="fieldwork.forget_pseudonyms", target="fieldwork", at=at, details={"links": cut})
    return cut


@writes("fieldwork.forget", using="confidential")
def forget_old_fieldwork(*, actor: Actor, at: datetime) -> int:
    """Delete the cases of samples and the networks that ended longer ago than their dataflow is kept; empty locators after
    a year. Returns how many samples and networks were deleted.
    """
    FrameUnit.objects.filter(frame__loaded_at__lt=at - _LOCATORS_KEPT, sealed_locator__isnull=False).update(
        sealed_locator=None
    )
    kept = dict(CollectedDataflow.objects.values_list("code", "retention_days"))
    forgotten = 0
    for sample in Sample.objects.filter(state__in=ENDED, moved_at__isnull=False):
        if sample.moved_at is not None and sample.moved_at < at - timedelta(days=kept.get(sample.dataflow, _KEPT_DAYS)):
            sample.delete()
            forgotten += 1
    for network in Network.objects.filter(state=NetworkState.CLOSED):
        last = network.participants.order_by("-joined_at").values_list("joined_at", flat=True).first()
        if (last or network.made_at) < at - timedelta(days=kept.get(network.dataflow, _KEPT_DAYS)):
            forgotten += _forget_network(network)
    record(actor=actor, action="fieldwork.forget", target="fieldwork", at=at, details={"forgotten": forgotten})
    return forgotten


def _forget_network(network: Network) -> int:
    """Coupons first, then people from the last wave back: each protects whom it came from."""
    network.coupons.all().delete()
    for wave in list(network.participants.order_by("-wave").values_list("wave", flat=True).distinct()):
        network.participants.filter(wave=wave).delete()
    network.delete()
    return 1
