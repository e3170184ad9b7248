"""Reading deliveries: whose they are, what waits, what stands remembered."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet

from marsad.actors.queries import codes_of
from marsad.audit.rules import is_code
from marsad.collection.deliveries.layout import Layout
from marsad.collection.deliveries.mapping import ColumnMapping
from marsad.collection.deliveries.models import Delivery, KnownLayout, SendingToken
from marsad.collection.deliveries.rules import ACCEPTED, MACHINE, OPEN, State
from marsad.collection.deliveries.spool import Spool
from marsad.collection.keys import key_of
from marsad.collection.rules_store import KeyKind
from marsad.coordination.agreements import queries as agreements
from marsad.coordination.agreements.terms import Terms
from migstat.model.refusals import Refused
from migstat.model.structure import DataStructure
from migstat.quality.earlier import Profile

PAGE = 50


def folder() -> Path:
    """Where files wait, sealed."""
    return Path(settings.ENVIRONMENT.home) / "deliveries"


def spool_of(delivery: Delivery) -> Spool:
    """The waiting file. Raises ``Refused("keys.erased")`` once its key is destroyed."""
    return Spool(folder(), str(delivery.pk), key_of(KeyKind.ORIGINAL, str(delivery.pk)))


def delivery(delivery_id: UUID | str) -> Delivery | None:
    return Delivery.objects.filter(pk=delivery_id).first()


@dataclass(frozen=True)
class Filter:
    """Which deliveries a list shows: every empty word takes all; a period takes those that begin so (``2026``)."""

    agreement: str = ""
    state: str = ""
    period: str = ""

    def of(self, found: QuerySet[Delivery]) -> QuerySet[Delivery]:
        for name in ("agreement", "state"):
            if getattr(self, name):
                found = found.filter(**{name: getattr(self, name)})
        return found.filter(period__startswith=self.period) if self.period else found


# What a check found and what was recognised may be large, and no list shows it.
_LARGE = ("report", "layout", "mapping", "proposals", "profile", "choices")


def _listed() -> QuerySet[Delivery]:
    return (
        Delivery.objects.exclude(state=State.ARRIVING)
        .defer(*_LARGE)
        .annotate(is_checked=ExpressionWrapper(Q(report__isnull=False), output_field=BooleanField()))
    )


def deliveries_of(organisations: Iterable[str]) -> QuerySet[Delivery]:
    return _listed().filter(organisation__in=list(organisations))


def queue(*, closed: bool = False) -> QuerySet[Delivery]:
    """What the data officer sees: open deliveries, those to decide first; or the closed ones, the latest first."""
    if closed:
        return _listed().exclude(state__in=OPEN).order_by("-decided_at", "pk")
    return _listed().filter(state__in=OPEN).order_by("received_at", "pk")


def agreements_among(found: QuerySet[Delivery]) -> list[str]:
    return list(found.order_by("agreement").values_list("agreement", flat=True).distinct())


def may_see(user: Any, found: Delivery) -> bool:
    """Whether an account may open a delivery: it speaks for the organisation, or reviews deliveries."""
    return speaks_for(user, found.organisation) or user.has_perm("deliveries.review")


def speaks_for(user: Any, organisation: str) -> bool:
    return user.has_perm("deliveries.send") and organisation in codes_of(user)


def open_terms(user: Any, *, today: date) -> list[Terms]:
    """The agreements under which an account may deliver today."""
    mine = codes_of(user)
    found = []
    for version in agreements.in_force_now(today=today).filter(agreement__organisation__in=mine):
        terms = agreements.terms_in_force(version.agreement.organisation_id, version.agreement.dataflow, today)
        if terms is not None:
            found.append(terms)
    return found


def demand_terms(agreement: str, organisation: str, *, today: date) -> Terms:
    """The terms under which an organisation may deliver today.

    Raises ``Refused``: ``deliveries.not_party`` for another organisation's agreement, ``deliveries.not_in_force``.
    """
    if not is_code(agreement):
        raise Refused("deliveries.no_agreement", found="no agreement of that code", remedy="use the code of one")
    kept = agreements.agreement_of(agreement)
    if kept is None:
        raise Refused("deliveries.no_agreement", found="no agreement of that code", remedy="use the code of one")
    if kept.organisation_id != organisation:
        raise Refused("deliveries.not_party", found="an agreement of another organisation", remedy="use your own")
    terms = agreements.terms_in_force(organisation, kept.dataflow, today)
    if terms is None or terms.code != agreement:
        raise Refused(
            "deliveries.not_in_force",
            found="an agreement that is not in force today",
            remedy="renew it, or have its suspension lifted",
        )
    return terms


def is_synthetic(agreement: str) -> bool:
    kept = agreements.agreement_of(agreement)
    return bool(kept is not None and kept.is_synthetic)


def waiting_for_machine(*, now: datetime) -> list[UUID]:
    """Deliveries whose next step the machine has and nobody works on: new, or left behind by a process that died."""
    free = Q(claimed_until=None) | Q(claimed_until__lt=now)
    found = Delivery.objects.filter(free, state__in=MACHINE).order_by("received_at")
    return list(found.values_list("pk", flat=True))


def same_file(agreement: str, digest: str) -> QuerySet[Delivery]:
    return Delivery.objects.filter(agreement=agreement, digest=digest).exclude(state=State.WITHDRAWN)


def structure_digest(structure: DataStructure) -> str:
    return hashlib.sha256(json.dumps(structure.to_mapping(), sort_keys=True).encode()).hexdigest()


def known_layout(agreement: str, layout: Layout, structure: DataStructure) -> KnownLayout | None:
    """The memory of this very layout under this very structure."""
    return KnownLayout.objects.filter(
        agreement=agreement, signature=layout.signature, structure=structure_digest(structure)
    ).first()


def latest_layout(agreement: str) -> KnownLayout | None:
    return KnownLayout.objects.filter(agreement=agreement).first()


def layout_of(found: Delivery) -> Layout:
    """Raises ``Refused("deliveries.not_read")`` before the file was read."""
    if found.layout is None:
        raise Refused("deliveries.not_read", found="a file that was not read yet", remedy="wait until it is read")
    return Layout.from_mapping(found.layout)


def mapping_of(found: Delivery) -> ColumnMapping:
    return ColumnMapping.from_mapping(found.mapping or {})


def earlier_profile(found: Delivery) -> Profile | None:
    """The size of the last accepted delivery of the same agreement for another period, or for this one before."""
    last = (
        Delivery.objects.filter(agreement=found.agreement, state__in=ACCEPTED, profile__isnull=False)
        .exclude(pk=found.pk)
        .order_by("-decided_at")
        .first()
    )
    return Profile.from_mapping(last.profile) if last and last.profile else None


def tokens_of(organisations: Iterable[str]) -> QuerySet[SendingToken]:
    return SendingToken.objects.filter(organisation__in=list(organisations))


def token_of(secret: str, *, today: date) -> SendingToken | None:
    """The running token of a secret."""
    digest = hashlib.sha256(secret.encode()).hexdigest()
    return SendingToken.objects.filter(digest=digest, revoked_at=None, expires_on__gte=today).first()


def files_to_destroy(*, now: datetime) -> QuerySet[Delivery]:
    """Deliveries whose file has waited, or was kept, as long as it may."""
    return Delivery.objects.filter(file_destroyed_at=None, file_until__lte=now).defer(*_LARGE)


def cells_to_forget(*, before: datetime) -> QuerySet[Delivery]:
    return Delivery.objects.filter(cells_forgotten_at=None, decided_at__lte=before)


def undecided() -> QuerySet[Delivery]:
    """Deliveries whose file is here and that nobody has decided, the oldest first."""
    found = Delivery.objects.filter(state__in=OPEN - {State.ARRIVING}, received_at__isnull=False)
    return found.defer(*_LARGE).order_by("received_at")


def abandoned(*, before: datetime) -> QuerySet[Delivery]:
    return Delivery.objects.filter(state=State.ARRIVING, begun_at__lt=before)
