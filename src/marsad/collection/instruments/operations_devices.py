"""Issuing, revoking and forgetting devices."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from marsad.audit.events import record, writes
from marsad.audit.rules import Actor
from marsad.collection.instruments.digest import NONCE_LIFE, Counted, secret_half
from marsad.collection.instruments.models import Device, NonceCount
from marsad.collection.instruments.rules import DEVICE_LIFE, LONGEST_DEVICE_LIFE
from marsad.collection.instruments.vault import Vault
from migstat.model.refusals import Refused

_KEPT = timedelta(days=365)


@dataclass(frozen=True)
class Issued:
    """A device with its secrets, which are shown once and kept nowhere as they are."""

    device: Device
    token: str = field(repr=False)
    password: str = field(repr=False)


def token_digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@writes("instruments.issue_device", using="confidential")
def issue_device(*, actor: Actor, at: datetime, person: Any, label: str, life: timedelta = DEVICE_LIFE) -> Issued:
    """Give a person's device its own credentials.

    Raises ``Refused``: ``instruments.device_person`` for who may not fill forms, ``instruments.device_life``.
    """
    if not person.has_perm("forms.fill"):
        raise Refused(
            "instruments.device_person", found="a person who may not fill forms", remedy="grant the role first"
        )
    if not timedelta(days=1) <= life <= LONGEST_DEVICE_LIFE:
        raise Refused("instruments.device_life", found=f"{life.days} days", remedy="choose from one day to one year")
    token, password = secrets.token_urlsafe(32), secrets.token_urlsafe(18)
    username = f"device-{secrets.token_hex(5)}"
    device = Device(
        person=person.pk,
        label=label.strip(),
        username=username,
        token_digest=token_digest(token),
        issued_at=at,
        issued_by=actor.audit_code,
        expires_at=at + life,
    )
    device.sealed_ha1 = Vault().seal(secret_half(username, password).encode(), f"device:{device.pk}")
    device.save(force_insert=True)
    record(
        actor=actor,
        action="instruments.issue_device",
        target=f"device:{device.pk}",
        at=at,
        details={"days": life.days, "person": str(person.pk)},
    )
    return Issued(device, token, password)


@writes("instruments.revoke_device", using="confidential")
def revoke_device(*, actor: Actor, at: datetime, device_id: UUID) -> Device:
    """Close a device: its next request is refused. Doing it again changes nothing."""
    device = Device.objects.select_for_update().get(pk=device_id)
    device.revoked_at = device.revoked_at or at
    device.save(update_fields=["revoked_at"])
    record(actor=actor, action="instruments.revoke_device", target=f"device:{device.pk}", at=at)
    return device


@writes("instruments.device_seen", using="confidential")
def note_device(*, actor: Actor, at: datetime, device_id: UUID) -> None:
    """Note the day on which a device last came; called once a day for each."""
    Device.objects.filter(pk=device_id).update(last_seen_on=at.date())
    record(actor=actor, action="instruments.device_seen", target=f"device:{device_id}", at=at)


@writes("instruments.forget_devices", using="confidential")
def forget_devices(*, actor: Actor, at: datetime) -> int:
    """Delete devices a year after they were revoked or ended, and the used nonces that nobody can send again."""
    old = Device.objects.filter(expires_at__lte=at - _KEPT) | Device.objects.filter(revoked_at__lte=at - _KEPT)
    deleted, _ = old.filter(submissions__isnull=True).delete()
    deleted += old.exclude(label="").update(label="")
    NonceCount.objects.filter(expires_at__lte=at).delete()
    record(actor=actor, action="instruments.forget_devices", target="devices", at=at, details={"devices": deleted})
    return deleted


def spend_nonce(nonce: str, count: int, *, made_at: datetime) -> bool:
    """Count one use of a nonce; false where this count was used before. Like a session, it leaves no event."""
    key = hashlib.sha256(nonce.encode()).hexdigest()
    with transaction.atomic(using="confidential"):
        row, _ = NonceCount.objects.select_for_update().get_or_create(
            nonce=key, defaults={"expires_at": made_at + NONCE_LIFE}
        )
        after = Counted(row.highest, row.window).after(count)
        if after is None:
            return False
        row.highest, row.window = after.highest, after.window
        row.save(update_fields=["highest", "window"])
    return True
