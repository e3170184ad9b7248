"""Writes of requests for data: making, changing, moving, following."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from marsad.audit.events import record, writes
from marsad.audit.rules import Actor, System
from marsad.coordination.needs import tell
from marsad.coordination.needs.calendar import holidays
from marsad.coordination.needs.models import DataRequest, Follower, Need, RequestStep
from marsad.coordination.needs.queries import hats_of, need_for, request_for
from marsad.coordination.needs.rules import (
    ANSWERED_STATES,
    ASSESS_WITHIN,
    TRANSITIONS,
    Given,
    Hat,
    MoveRefused,
    NeedState,
    Refusal,
    RequestContent,
    RequestKind,
    RequestMove,
    RequestState,
    refusals,
)
from marsad.coordination.needs.steps import demand_speaker, person_of, settle_with
from marsad.coordination.needs.working_days import after_working_days
from marsad.dissemination.models import Edition
from migstat.model.refusals import Refused


def _held(number: int) -> DataRequest:
    found = DataRequest.objects.select_for_update().filter(pk=number).first()
    if found is None:
        raise Refused("needs.unknown", found="a request that is not kept", remedy="use the number of one")
    return found


def _assess_by(received_on: date) -> date:
    return after_working_days(received_on, ASSESS_WITHIN, holidays())


def _columns(content: RequestContent) -> dict[str, Any]:
    columns = {name: value for name, value in asdict(content).items() if name not in {"subject", "need"}}
    return columns | asdict(content.subject) | {"need_id": content.need}


def _demand_need(actor: Any, number: int | None) -> None:
    if number is None or isinstance(actor, System):
        return
    if need_for(actor, number) is None:
        raise MoveRefused(frozenset({Refusal.NOT_YOURS}))


def _note(
    request: DataRequest,
    move: RequestMove,
    *,
    actor: Any,
    at: datetime,
    reason: str = "",
    planned_for: date | None = None,
) -> None:
    RequestStep.objects.create(
        request=request,
        move=move,
        state=request.state,
        reason=reason.strip(),
        planned_for=planned_for,
        at=at,
        by=person_of(actor),
    )
    tell.keep_clock(request, at=at)


@writes("needs.request")
def make_request(*, actor: Actor, at: datetime, content: RequestContent, organisation: str = "") -> DataRequest:
    """Ask for data. The clock starts: so many working days to the assessment. Whoever asks follows the request."""
    demand_speaker(actor, organisation)
    _demand_need(actor, content.need)
    today = timezone.localdate(at)
    request = DataRequest.objects.create(
        **_columns(content),
        organisation_id=organisation or None,
        asked_by=person_of(actor),
        state=RequestState.RECEIVED,
        received_on=today,
        assess_by=_assess_by(today),
        changed_at=at,
    )
    if person_of(actor) is not None:
        Follower.objects.create(request=request, user=person_of(actor), since=at)
    _note(request, RequestMove.EDIT, actor=actor, at=at)
    record(
        actor=actor,
        action="needs.request",
        target=f"data-request:{request.pk}",
        at=at,
        details={"kind": content.kind.value, "public": content.is_public},
    )
    return request


def _demand(request: DataRequest, move: RequestMove, given: Given, *, actor: Any, at: datetime) -> None:
    hats = frozenset(Hat) if isinstance(actor, System) else hats_of(actor, request)
    against = refusals(
        move,
        RequestState(request.state),
        hats=hats,
        given=given,
        received_on=request.received_on,
        today=timezone.localdate(at),
        kind=RequestKind(request.kind),
    )
    if against:
        raise MoveRefused(against)


@writes("needs.edit_request")
def edit_request(*, actor: Actor, at: datetime, number: int, content: RequestContent) -> DataRequest:
    """Change what a request says before it is assessed; its clock goes on."""
    request = _held(number)
    _demand(request, RequestMove.EDIT, Given(), actor=actor, at=at)
    _demand_need(actor, content.need)
    for name, value in _columns(content).items():
        setattr(request, name, value)
    request.changed_at = at
    request.save()
    _note(request, RequestMove.EDIT, actor=actor, at=at)
    record(actor=actor, action="needs.edit_request", target=f"data-request:{number}", at=at)
    return request


@writes("needs.move_request")
def move_request(
    *,
    actor: Actor,
    at: datetime,
    number: int,
    move: RequestMove,
    reason: str = "",
    planned_for: date | None = None,
    edition: Edition | None = None,
) -> DataRequest:
    """Make a move on a request. Raises ``MoveRefused`` with every reason against it.

    ``planned_for`` comes with ``plan``, ``edition`` with ``finish``, which also closes the need behind the request.
    """
    request = _held(number)
    given = Given(reason, planned_for, edition.published_on if edition else None)
    _demand(request, move, given, actor=actor, at=at)
    before = request.state
    _apply(request, move, given, actor=actor, at=at, edition=edition)
    request.save()
    _note(request, move, actor=actor, at=at, reason=reason, planned_for=given.planned_for)
    if request.state != before or move is RequestMove.PLAN:
        tell.tell_followers(request, but=person_of(actor), at=at)
    if move is RequestMove.FINISH and edition is not None and request.need_id is not None:
        need = Need.objects.select_for_update().get(pk=request.need_id)
        if need.state == NeedState.OPEN:
            settle_with(need, edition, actor=actor, at=at)
    record(
        actor=actor,
        action="needs.move_request",
        target=f"data-request:{number}",
        at=at,
        details={"move": move.value, "state": str(request.state)},
    )
    return request


def _apply(
    request: DataRequest, move: RequestMove, given: Given, *, actor: Any, at: datetime, edition: Edition | None
) -> None:
    after = TRANSITIONS[RequestState(request.state), move]
    if after is None:
        raise MoveRefused(frozenset({Refusal.NOT_OPEN}))
    today = timezone.localdate(at)
    request.state, request.changed_at = after, at
    if move is RequestMove.TAKE:
        request.owner = person_of(actor)
    if move is RequestMove.PLAN:
        request.planned_for = given.planned_for
    if move is RequestMove.RENEW:
        # It is asked anew: the clock starts again.
        request.received_on, request.assess_by = today, _assess_by(today)
        request.assessed_on = request.planned_for = None
    if move in {RequestMove.ASSESS, RequestMove.REFUSE} and request.assessed_on is None:
        # A refusal is an assessment too: the answer came.
        request.assessed_on = today
    request.reason = given.reason.strip() if move is RequestMove.REFUSE else ""
    request.edition = edition if after is RequestState.DONE else None
    request.closed_on = today if after in ANSWERED_STATES or after is RequestState.WITHDRAWN else None


@writes("needs.follow")
def follow(*, actor: Any, at: datetime, number: int) -> bool:
    """Be told of each move on a request that one may read; False where one already is."""
    if request_for(actor, number) is None:
        raise MoveRefused(frozenset({Refusal.NOT_YOURS}))
    is_new = Follower.objects.get_or_create(request=_held(number), user=actor, defaults={"since": at})[1]
    record(actor=actor, action="needs.follow", target=f"data-request:{number}", at=at, details={"new": is_new})
    return is_new


@writes("needs.unfollow")
def unfollow(*, actor: Any, at: datetime, number: int) -> bool:
    """Be told no more; False where one was not."""
    gone = Follower.objects.filter(request=_held(number), user=actor).delete()[0]
    record(actor=actor, action="needs.unfollow", target=f"data-request:{number}", at=at, details={"ended": bool(gone)})
    return bool(gone)
