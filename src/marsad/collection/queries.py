"""Reading the register of requests."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet

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


def requests(*, closed: bool = False, right: str = "") -> QuerySet[PersonRequest]:
    """The open requests, the most urgent first; or the closed and erased ones, the latest first; of one right or of all."""
    found = PersonRequest.objects.filter(state__in=OPEN).order_by("due_on", "received_on", "pk")
    if closed:
        found = PersonRequest.objects.exclude(state__in=OPEN).order_by("-received_on", "pk")
    return found.filter(right=right) if right else found


def rows_of(found: Iterable[PersonRequest], *, today: date) -> list[Row]:
    return [_row(one, today) for one in found]


def request_of(request_id: UUID, *, today: date) -> Row | None:
    found = PersonRequest.objects.filter(pk=request_id).first()
    return _row(found, today) if found else None


def past_retention(now: datetime) -> int:
    """How many closed requests have passed their retention and still hold a person's words."""
    return PersonRequest.objects.filter(state__in=CLOSED, closed_at__lte=now - RETENTION).count()
