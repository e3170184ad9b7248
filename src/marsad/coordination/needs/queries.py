"""Reading needs and requests: who sees which, how long answers take, what is still open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from typing import Any

from django.db.models import Q, QuerySet

from marsad.actors.queries import codes_of
from marsad.coordination.needs.calendar import holidays
from marsad.coordination.needs.models import DataRequest, Follower, Need, NeedStep, RequestStep
from marsad.coordination.needs.rules import (
    ANSWERED_STATES,
    OPEN_STATES,
    Hat,
    NeedState,
    RequestKind,
    RequestState,
)
from marsad.coordination.needs.working_days import Holidays, working_days_between

ASSESS = "requests.assess"


def _own(user: Any) -> Q:
    """What an account asked itself, or an organisation that it speaks for."""
    codes = codes_of(user)
    return Q(asked_by=user.pk, organisation=None) | Q(organisation__in=codes)


def _seen_by(user: Any) -> Q:
    if not user.is_authenticated:
        return Q(is_public=True)
    return Q() if user.has_perm(ASSESS) else Q(is_public=True) | _own(user)


def needs_for(user: Any) -> QuerySet[Need]:
    """The needs that this account may read: public ones, its organisations' and its own; all for assessors."""
    return Need.objects.filter(_seen_by(user)).select_related("organisation", "edition")


def need_for(user: Any, number: int) -> Need | None:
    return needs_for(user).filter(pk=number).first()


def public_needs() -> QuerySet[Need]:
    """The needs that everybody may read, the withdrawn ones left out."""
    return (
        Need.objects.filter(is_public=True).exclude(state=NeedState.WITHDRAWN).select_related("organisation", "edition")
    )


def open_needs() -> QuerySet[Need]:
    """Every need still open, public or internal, the most pressing first: for agendas, not for pages that all may read."""
    return Need.objects.filter(state=NeedState.OPEN).select_related("organisation").order_by("needed_by", "stated_at")


def needs_answered_by(editions: Iterable[Any]) -> QuerySet[Need]:
    """The public needs that some editions answer, each with the decision that it serves."""
    found = Need.objects.filter(is_public=True, state=NeedState.ANSWERED, edition__in=[one.pk for one in editions])
    return found.select_related("organisation", "edition").order_by("-changed_at", "-pk")


def may_change(user: Any, record: Need | DataRequest) -> bool:
    """Whether an account asked this itself, or speaks for the organisation that did."""
    if not user.is_authenticated:
        return False
    if record.organisation_id is None:
        return bool(record.asked_by_id == user.pk)
    return record.organisation_id in codes_of(user)


def hats_of(user: Any, request: DataRequest) -> frozenset[Hat]:
    """In what qualities an account acts on a request."""
    assessor = {Hat.ASSESSOR} if user.has_perm(ASSESS) else set()
    return frozenset(assessor | ({Hat.REQUESTER} if may_change(user, request) else set()))


def steps_of_need(need: Need) -> QuerySet[NeedStep]:
    return need.steps.order_by("at", "id")


def requests_for(user: Any) -> QuerySet[DataRequest]:
    """The requests that this account may read: as ``needs_for``."""
    return DataRequest.objects.filter(_seen_by(user)).select_related("organisation", "edition", "need")


def request_for(user: Any, number: int) -> DataRequest | None:
    return requests_for(user).filter(pk=number).first()


def public_requests(*, state: str = "", kind: str = "") -> QuerySet[DataRequest]:
    """The requests that everybody may read, of a state and a kind where they are named."""
    found = DataRequest.objects.filter(is_public=True).select_related("organisation", "edition", "edition__dataflow")
    if state:
        found = found.filter(state=state)
    return found.filter(kind=kind) if kind else found


def public_request(number: int) -> DataRequest | None:
    return public_requests().filter(pk=number).first()


def open_requests() -> QuerySet[DataRequest]:
    """Every request still open, the one whose assessment is due first before the others."""
    return DataRequest.objects.filter(state__in=OPEN_STATES).select_related("organisation").order_by("assess_by", "id")


def steps_of(request: DataRequest) -> QuerySet[RequestStep]:
    return request.steps.order_by("at", "id")


def follows(user: Any, request: DataRequest) -> bool:
    return bool(user.is_authenticated) and Follower.objects.filter(request=request, user=user.pk).exists()


def follower_count(request: DataRequest) -> int:
    return request.followers.count()


def followed_by(user: Any) -> frozenset[int]:
    """Numbers of the requests that an account follows."""
    return frozenset(Follower.objects.filter(user=user.pk).values_list("request_id", flat=True))


@dataclass(frozen=True)
class AnswerTimes:
    """How the clock was kept for requests of a kind (all where ``kind`` is empty). Times are medians of working days;
    None where nothing was assessed or answered yet. ``in_time`` counts the assessed that were so within the term."""

    kind: str
    received: int
    open: int
    late: int
    assessed: int
    in_time: int
    to_assessment: float | None
    done: int
    refused: int
    to_answer: float | None


def answer_times(today: Any) -> list[AnswerTimes]:
    """Over every request, also internal ones, which are counted without being shown: all together, then by kind."""
    every = [one for one in DataRequest.objects.all() if one.state != RequestState.WITHDRAWN]
    listed = holidays()
    whole = [_times("", every, today, listed)]
    return whole + [_times(kind, [one for one in every if one.kind == kind], today, listed) for kind in RequestKind]


def _times(kind: str, requests: list[DataRequest], today: Any, listed: Holidays) -> AnswerTimes:
    assessed = [(one.assessed_on, one) for one in requests if one.assessed_on is not None]
    closed = [(one.closed_on, one) for one in requests if one.closed_on is not None and one.state in ANSWERED_STATES]
    to_assessment = [working_days_between(one.received_on, on, listed) for on, one in assessed]
    to_answer = [working_days_between(one.received_on, on, listed) for on, one in closed]
    waiting = [one for one in requests if one.state == RequestState.RECEIVED and one.assess_by < today]
    return AnswerTimes(
        kind=kind,
        received=len(requests),
        open=sum(one.state in OPEN_STATES for one in requests),
        late=len(waiting),
        assessed=len(assessed),
        in_time=sum(on <= one.assess_by for on, one in assessed),
        to_assessment=median(to_assessment) if to_assessment else None,
        done=sum(one.state == RequestState.DONE for one in requests),
        refused=sum(one.state == RequestState.REFUSED for one in requests),
        to_answer=median(to_answer) if to_answer else None,
    )
