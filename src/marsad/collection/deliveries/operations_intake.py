"""Files come in: whole from a page, in parts from a machine. Nothing is acknowledged before it is safely on the disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils import timezone

from marsad.audit.events import record, writes
from marsad.audit.rules import Actor
from marsad.collection.deliveries import queries
from marsad.collection.deliveries.facts import note_fact
from marsad.collection.deliveries.models import Delivery
from marsad.collection.deliveries.rules import ARRIVING_KEPT, Channel, Move, State, reached, safe_name
from marsad.collection.deliveries.spool import Spool
from marsad.collection.keys import make_key, shred_key
from marsad.collection.queries_dataflows import collecting
from marsad.collection.rules_store import KeyKind
from migstat.model.periods import Period
from migstat.model.refusals import Refused


@dataclass(frozen=True)
class Order:
    """What a sender says of a file. ``again`` confirms that a file which came before is meant to come once more."""

    agreement: str
    organisation: str
    period: str
    file_name: str
    channel: Channel
    again: bool = False
    hours: float | None = None
    corrects: UUID | None = None


@dataclass(frozen=True)
class Spooled:
    """A file that waits sealed: its number, its key, its size, its SHA-256."""

    id: UUID
    key: bytes
    size: int
    digest: str


class AlreadyThere(Refused):
    """The same file stands already under the same agreement for the same period; ``delivery`` is its number."""

    def __init__(self, delivery: UUID) -> None:
        super().__init__("deliveries.already", found="the same file for the same period", remedy="see its page")
        self.delivery = delivery


def checked_period(text: str) -> str:
    """The period as it is written everywhere. Raises ``Refused("period.form")``."""
    return str(Period.parse(text.strip())) if text.strip() else ""


def _demand_new(order: Order, period: str, digest: str) -> None:
    for one in queries.same_file(order.agreement, digest):
        if one.period == period and State(one.state) not in (State.RETURNED, State.REFUSED):
            raise AlreadyThere(one.pk)
        if not order.again:
            raise Refused(
                "deliveries.same_file",
                found=f"the same file as a delivery that is {one.state}",
                remedy="send the corrected file, or say that it is meant",
            )


def _columns(order: Order, *, actor: Actor, at: datetime) -> dict[str, Any]:
    terms = queries.demand_terms(order.agreement, order.organisation, today=timezone.localdate(at))
    collecting(terms.dataflow)
    return {
        "agreement": terms.code, "organisation": terms.organisation, "dataflow": terms.dataflow,
        "is_synthetic": queries.is_synthetic(terms.code), "period": checked_period(order.period),
        "channel": order.channel.value, "file_name": safe_name(order.file_name), "sender": actor.audit_code,
        "hours": order.hours, "begun_at": at, "corrects": _corrected(order),
    }  # fmt: skip


def _corrected(order: Order) -> Delivery | None:
    if order.corrects is None:
        return None
    return Delivery.objects.filter(
        pk=order.corrects, agreement=order.agreement, organisation=order.organisation, state=State.RETURNED
    ).first()


def _create(columns: Mapping[str, Any]) -> Delivery:
    try:
        with transaction.atomic(using="confidential"):
            return Delivery.objects.create(**columns)
    except IntegrityError:
        standing = queries.same_file(columns["agreement"], columns["digest"]).filter(period=columns["period"]).first()
        if standing is None:
            raise
        raise AlreadyThere(standing.pk) from None


@writes("deliveries.receive", using="confidential")
def receive(*, actor: Actor, at: datetime, order: Order, spooled: Spooled) -> Delivery:
    """Take in a whole file that waits sealed. Raises ``Refused``: ``deliveries.not_party``, ``deliveries.not_in_force``,
    ``deliveries.same_file``, ``period.form``, ``collection.*``; ``AlreadyThere`` for a file that stands already.
    """
    columns = _columns(order, actor=actor, at=at)
    _demand_new(order, columns["period"], spooled.digest)
    columns |= {
        "id": spooled.id,
        "bytes": spooled.size,
        "digest": spooled.digest,
        "state": State.RECEIVED,
        "received_at": at,
    }
    made = _create(columns)
    make_key(KeyKind.ORIGINAL, str(made.pk), at=at, secret=spooled.key)
    note_fact(made, actor=actor, at=at)
    record(
        actor=actor, action="deliveries.receive", target=made.audit_target, at=at,
        details={"agreement": made.agreement, "bytes": made.bytes, "channel": made.channel},
    )  # fmt: skip
    return made


@writes("deliveries.begin", using="confidential")
def begin_upload(*, actor: Actor, at: datetime, order: Order) -> Delivery:
    """Make a place for a file that comes in parts; it is given up after two days without its end."""
    made = _create(
        _columns(order, actor=actor, at=at) | {"id": uuid4(), "state": State.ARRIVING, "file_until": at + ARRIVING_KEPT}
    )
    make_key(KeyKind.ORIGINAL, str(made.pk), at=at, secret=Spool.new_key())
    record(
        actor=actor, action="deliveries.begin", target=made.audit_target, at=at, details={"agreement": made.agreement}
    )
    return made


@writes("deliveries.complete", using="confidential")
def complete_upload(
    *, actor: Actor, at: datetime, delivery_id: UUID, size: int, digest: str, again: bool = False
) -> Delivery:
    """The last part has come. Completing again what is complete changes nothing. Raises as ``receive`` does."""
    found = Delivery.objects.select_for_update().get(pk=delivery_id)
    if State(found.state) is State.ARRIVING:
        queries.demand_terms(found.agreement, found.organisation, today=timezone.localdate(at))
        order = Order(found.agreement, found.organisation, found.period, found.file_name, Channel(found.channel), again)
        _demand_new(order, found.period, digest)
        found.state = reached(State.ARRIVING, Move.ARRIVE)
        found.bytes, found.digest, found.received_at, found.file_until = size, digest, at, None
        found.save()
        note_fact(found, actor=actor, at=at)
    elif found.digest != digest:
        raise Refused(
            "deliveries.move", found="another file than the one that is complete", remedy="begin a new upload"
        )
    record(actor=actor, action="deliveries.complete", target=found.audit_target, at=at, details={"bytes": found.bytes})
    return found


@writes("deliveries.give_up", using="confidential")
def give_up_uploads(*, actor: Actor, at: datetime) -> int:
    """Withdraw the uploads whose end never came; returns how many."""
    old = list(queries.abandoned(before=at - ARRIVING_KEPT).select_for_update())
    for one in old:
        one.state = reached(State(one.state), Move.WITHDRAW)
        one.decided_at = one.file_destroyed_at = at
        one.save()
        shred_key(KeyKind.ORIGINAL, str(one.pk))
    record(actor=actor, action="deliveries.give_up", target="deliveries", at=at, details={"given_up": len(old)})
    return len(old)
