"""What is told of a delivery below the line: counts, codes and dates for the agreement, and notices to whoever is next."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.utils import timezone

from marsad.audit.rules import Actor
from marsad.collection.deliveries.models import Delivery
from marsad.collection.deliveries.rules import State
from marsad.coordination.agreements.operations import note_delivery
from marsad.coordination.agreements.rules import DeliveryFact, DeliveryState
from marsad.notices.operations import close_notices, raise_notice
from marsad.notices.rules import To

_STATES: Final = {
    State.ACCEPTED: DeliveryState.ACCEPTED,
    State.ACCEPTED_WITH_RESERVATIONS: DeliveryState.ACCEPTED_WITH_RESERVATIONS,
    State.RETURNED: DeliveryState.RETURNED,
    State.REFUSED: DeliveryState.REFUSED,
    State.WITHDRAWN: DeliveryState.RETURNED,
}
_KINDS: Final = {
    State.READ: "deliveries.to_confirm",
    State.RETURNED: "deliveries.returned",
    State.ACCEPTED: "deliveries.accepted",
    State.ACCEPTED_WITH_RESERVATIONS: "deliveries.accepted",
    State.REFUSED: "deliveries.refused",
}


def note_fact(found: Delivery, *, actor: Actor, at: datetime) -> None:
    """Keep below the line what is known of a delivery now; noting it again brings it up to date."""
    report = found.report or {}
    note_delivery(
        actor=actor,
        at=at,
        fact=DeliveryFact(
            agreement=found.agreement,
            dataflow=found.dataflow,
            organisation=found.organisation,
            delivery=str(found.pk),
            state=_STATES.get(State(found.state), DeliveryState.RECEIVED),
            received_on=timezone.localdate(found.received_at or found.begun_at),
            period=found.period,
            rows=found.rows,
            errors=found.errors,
            breakdowns=tuple(report.get("delivered", ())),
            file_format=found.file_format,
            hours=found.hours,
        ),
    )


def tell(found: Delivery, *, actor: Actor, at: datetime) -> None:
    """Close what waited on a delivery, and tell who has the next step."""
    state = State(found.state)
    close_notices(actor=actor, at=at, subject=found.audit_target)
    to, kind = To(organisation=found.organisation), _KINDS.get(state, "")
    if state is State.CHECKED:
        kind = "deliveries.to_answer" if found.questions else "deliveries.to_review"
        to = to if found.questions else To(role="data_officer")
    if kind:
        raise_notice(
            actor=actor,
            at=at,
            kind=kind,
            to=to,
            path=f"/deliveries/{found.pk}/",
            subject=found.audit_target,
            values={
                "agreement": found.agreement,
                "rows": found.rows,
                "errors": found.errors,
                "questions": found.questions,
            },
        )
