"""Writes of the register of requests: in the confidential database, with one event each in the log below the line."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from marsad.audit.events import record, writes
from marsad.audit.rules import Actor
from marsad.collection.models import PersonRequest
from marsad.collection.rules import CLOSED, RETENTION, Answer, Move, RequestState, Right, due_on, reached
from migstat.model.refusals import Refused


@writes("collection.receive", using="confidential")
def receive_request(
    *, actor: Actor, at: datetime, right: Right, received_on: date, person: str, contact: str, subject: str
) -> PersonRequest:
    """Enter a request; its last day to answer follows from the day it came. A day to come is refused."""
    if received_on > at.date():
        raise Refused("collection.received_on", found="a day to come", remedy="give the day the request came")
    request = PersonRequest.objects.create(
        right=right,
        person=person.strip(),
        contact=contact.strip(),
        subject=subject.strip(),
        received_on=received_on,
        due_on=due_on(right, received_on),
        recorded_by=actor.audit_code,
    )
    record(
        actor=actor, action="collection.receive", target=f"request:{request.pk}", at=at, details={"right": right.value}
    )
    return request


@writes("collection.move", using="confidential")
def move_request(*, actor: Actor, at: datetime, request_id: UUID, answer: Answer) -> PersonRequest:
    """Take a request one step on. A decision comes with what is answered to the person."""
    request = PersonRequest.objects.select_for_update().get(pk=request_id)
    if answer.move is Move.ERASE:
        raise Refused("collection.move", found="an erasure by hand", remedy="wait for the end of the retention")
    request.state = reached(RequestState(request.state), answer.checked().move)
    if request.state in CLOSED:
        request.closed_at, request.outcome, request.answer = at, request.state, answer.text.strip()
    request.save()
    record(
        actor=actor,
        action="collection.move",
        target=f"request:{request.pk}",
        at=at,
        details={"move": answer.move.value, "state": str(request.state)},
    )
    return request


@writes("collection.erase_closed", using="confidential")
def erase_closed_requests(*, actor: Actor, at: datetime) -> int:
    """Empty the persons' words of the requests whose retention has ended; dates and outcomes stay for the report."""
    old = PersonRequest.objects.select_for_update().filter(state__in=CLOSED, closed_at__lte=at - RETENTION)
    erased = 0
    for request in old:
        request.state = reached(RequestState(request.state), Move.ERASE)
        request.person = request.contact = request.subject = request.answer = ""
        request.erased_at = at
        request.save()
        erased += 1
    record(actor=actor, action="collection.erase_closed", target="requests", at=at, details={"erased": erased})
    return erased
