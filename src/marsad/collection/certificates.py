"""Certificates of erasure: numbered in their year, with a digest that the audit log repeats."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from marsad.audit.models import Event
from marsad.collection.models import Certificate
from marsad.collection.rules_store import ErasureRule


def _digest(number: str, rule: str, request: str, issued_at: datetime, counts: Any, snapshots: Any) -> str:
    issued = issued_at.astimezone(UTC).isoformat(timespec="microseconds")
    words = json.dumps([number, rule, request, issued, counts, snapshots], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(words.encode()).hexdigest()


def issue(
    *,
    rule: ErasureRule,
    request: str,
    at: datetime,
    counts: dict[str, int],
    snapshots: list[dict[str, Any]],
    erasure: UUID | None = None,
) -> Certificate:
    """A new certificate; for use inside an operation, whose event carries its number and digest."""
    last = Certificate.objects.filter(number__startswith=f"E-{at:%Y}-").order_by("-number").first()
    number = f"E-{at:%Y}-{int(last.number.rsplit('-', 1)[1]) + 1 if last else 1:05d}"
    return Certificate.objects.create(
        number=number,
        rule=rule,
        request=request,
        erasure=erasure,
        issued_at=at,
        counts=counts,
        snapshots=snapshots,
        digest=_digest(number, rule.value, request, at, counts, snapshots),
    )


_CERTIFYING = ("collection.retire", "collection.certify", "collection.certify_retention")


def is_sound(certificate: Certificate) -> bool:
    """Whether a certificate says what was said when it was issued: its digest holds, and the audit log repeats it."""
    said = _digest(
        certificate.number,
        certificate.rule,
        certificate.request,
        certificate.issued_at,
        certificate.counts,
        certificate.snapshots,
    )
    events = Event.objects.filter(action__in=_CERTIFYING)
    return said == certificate.digest and any(
        event.details.get("certificate") == certificate.number and event.details.get("digest") == certificate.digest
        for event in events.filter(at=certificate.issued_at)
    )
