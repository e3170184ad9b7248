"""Reading the register of requests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from marsad.collection.models import PersonRequest
from marsad.collection.rules import CLOSED, OPEN, RETENTION, Move, RequestState, is_overdue, moves_from


@dataclass(frozen=True)
class Row:
    """A request as its list shows it."""

    request: PersonRequest
    overdue: bool
    moves: tuple[Move, ...]


def _row(request: PersonRequest, today: date) -> Row:
    state = RequestState(request.state)
    return Row(request, is_overdue(state, request.due_on, today=today), moves_from(state))


def requests(*, today: date, closed: bool = False) -> list[Row]:
    """The open requests, the most urgent first; or the closed and erased ones, the latest first."""
    found = PersonRequest.objects.filter(state__in=OPEN)
    if closed:
        found = PersonRequest.objects.exclude(state__in=OPEN).order_by("-received_on")
    return [_row(one, today) for one in found[:500]]


def request_of(request_id: UUID, *, today: date) -> Row | None:
    found = PersonRequest.objects.filter(pk=request_id).first()
    return _row(found, today) if found else None


def past_retention(now: datetime) -> int:
    """How many closed requests have passed their retention and still hold a person's words."""
    return PersonRequest.objects.filter(state__in=CLOSED, closed_at__lte=now - RETENTION).count()
