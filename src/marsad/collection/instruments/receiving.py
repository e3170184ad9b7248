"""Receiving a filled form: read and checked before the database is locked, stored by one operation, then acknowledged."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from marsad.audit.rules import Actor
from marsad.collection.instruments.arrival import read_arrival
from marsad.collection.instruments.models import Device
from marsad.collection.instruments.operations import keep_submission
from marsad.collection.instruments.rules import Channel, Receipt


def receive_submission(
    *,
    actor: Actor,
    at: datetime,
    xml: bytes,
    attachments: Mapping[str, tuple[str, bytes]],
    channel: Channel,
    device: Device | None = None,
) -> Receipt:
    """Store a filled form with its attachments (name -> type, content); when this returns it is committed.

    Raises ``Refused`` for what cannot be read, for an unknown form or version and for attachments not allowed.
    """
    arrival = read_arrival(actor=actor, at=at, xml=xml, attachments=attachments)
    return keep_submission(actor=actor, at=at, arrival=arrival, channel=channel, device=device)
