"""Whom a move on a request concerns: the assessors and their clock, and those who follow it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from marsad.accounts.rules import Role
from marsad.audit.rules import System
from marsad.coordination.needs import notice_words as kinds
from marsad.coordination.needs.rules import RequestState
from marsad.notices.operations import close_notices, raise_for_all, raise_notice
from marsad.notices.rules import To

_CLOCK: Final = System("needs")
_DUE: Final = (kinds.TO_ASSESS.code, kinds.PLANNED.code)


def subject_of(request: Any) -> str:
    return f"data-request:{request.pk}"


def path_of(request: Any) -> str:
    return f"/needs/requests/{request.pk}/"


def keep_clock(request: Any, *, at: datetime) -> None:
    """What the state of a request waits for: the owner's work, or a data officer's while nobody took it.

    Silence past the day escalates to the coordinator.
    """
    for code in _DUE:
        close_notices(actor=_CLOCK, at=at, subject=subject_of(request), kind=code)
    waits = {RequestState.RECEIVED: (kinds.TO_ASSESS, request.assess_by)}
    if request.planned_for is not None:
        waits[RequestState.PLANNED] = (kinds.PLANNED, request.planned_for)
    if request.state not in waits:
        return
    kind, due_on = waits[RequestState(request.state)]
    values = {"number": request.pk, "assess_by": request.assess_by.isoformat()}
    if request.planned_for is not None:
        values["planned_for"] = request.planned_for.isoformat()
    raise_notice(
        actor=_CLOCK,
        at=at,
        kind=kind.code,
        to=To(user=str(request.owner_id)) if request.owner_id else To(role=Role.DATA_OFFICER),
        path=path_of(request),
        subject=subject_of(request),
        due_on=due_on,
        escalate_to=Role.COORDINATOR,
        values=values,
    )


def tell_followers(request: Any, *, but: Any, at: datetime) -> None:
    """One open notice for each follower with the latest state; whoever made the move knows of it."""
    for kind in kinds.MOVED.values():
        close_notices(actor=_CLOCK, at=at, subject=subject_of(request), kind=kind.code)
    values: dict[str, int | str] = {"number": request.pk}
    if request.planned_for is not None:
        values["planned_for"] = request.planned_for.isoformat()
    followers = request.followers.exclude(user=getattr(but, "pk", None)).values_list("user_id", flat=True)
    raise_for_all(
        actor=_CLOCK,
        at=at,
        kind=kinds.MOVED[request.state].code,
        to=[To(user=str(one)) for one in followers],
        path=path_of(request),
        subject=subject_of(request),
        values=values,
    )


def need_answered(need: Any, *, at: datetime) -> None:
    """Tell whoever stated a need: their organisation, or themselves."""
    if need.organisation_id is None and need.asked_by_id is None:
        return
    raise_notice(
        actor=_CLOCK,
        at=at,
        kind=kinds.ANSWERED.code,
        to=To(organisation=need.organisation_id) if need.organisation_id else To(user=str(need.asked_by_id)),
        path=f"/needs/{need.pk}/",
        subject=f"need:{need.pk}",
        values={"number": need.pk},
    )
