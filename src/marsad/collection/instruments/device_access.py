"""Who sends: the device behind a request, by its token or by digest, and the person who holds it today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.http import HttpRequest

from marsad.collection.instruments import digest, queries
from marsad.collection.instruments.models import Device
from marsad.collection.instruments.operations_devices import note_device, spend_nonce, token_digest
from marsad.collection.instruments.rules import device_is_open
from marsad.collection.instruments.vault import Vault
from migstat.model.refusals import Refused

_CLOCKS_APART = timedelta(minutes=1)


@dataclass(frozen=True)
class Sender:
    """A device that was recognised, and the person who may fill forms on it."""

    device: Device
    person: Any


class Unknown(Exception):
    """The request does not say who sends, or says it wrongly; ``stale`` where only its nonce was too old."""

    def __init__(self, *, stale: bool = False) -> None:
        super().__init__("unknown sender")
        self.stale = stale


def sender_of(request: HttpRequest, token: str, *, now: datetime) -> Sender:
    """The sender of a request. Raises ``Unknown``, or ``Refused`` for a device or a person that may not any more."""
    device = _by_token(request, token) or _by_digest(request, now)
    if not device_is_open(expires_at=device.expires_at, revoked_at=device.revoked_at, now=now):
        raise Refused(
            "instruments.device_closed", found="a device that is revoked or expired", remedy="issue a new one"
        )
    person = get_user_model().objects.filter(pk=device.person).first()
    if person is None or not person.has_perm("forms.fill"):
        raise Refused(
            "instruments.device_person", found="a person who may not fill forms", remedy="grant the role first"
        )
    if device.last_seen_on != now.date():
        note_device(actor=person, at=now, device_id=device.pk)
    return Sender(device, person)


def _by_token(request: HttpRequest, in_path: str) -> Device | None:
    scheme, _, said = request.headers.get("Authorization", "").partition(" ")
    token = in_path or (said.strip() if scheme.lower() in {"token", "bearer"} else "")
    if not token:
        return None
    device = queries.device_by_token_digest(token_digest(token))
    if device is None:
        raise Unknown
    return device


def _by_digest(request: HttpRequest, now: datetime) -> Device:
    answer = digest.read_answer(request.headers.get("Authorization", ""))
    if answer is None or not answer.is_for(request.get_full_path()):
        raise Unknown
    made_at = digest.nonce_made_at(answer.nonce, settings.SECRET_KEY)
    device = queries.device_by_username(answer.username)
    if made_at is None or device is None or made_at > now + _CLOCKS_APART:
        raise Unknown
    ha1 = Vault().open(device.sealed_ha1, f"device:{device.pk}").decode()
    if not answer.fits(ha1, request.method or ""):
        raise Unknown
    if now - made_at >= digest.NONCE_LIFE or not spend_nonce(answer.nonce, answer.count, made_at=made_at):
        raise Unknown(stale=True)
    return device
