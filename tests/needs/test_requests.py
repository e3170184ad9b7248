"""Needs and requests written: their clock, their followers, what escalates, what an edition closes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from marsad.audit.models import Event
from marsad.audit.rules import System
from marsad.coordination.needs import operations, operations_requests, queries
from marsad.coordination.needs.models import DataRequest
from marsad.coordination.needs.rules import MoveRefused, NeedState, Refusal, RequestMove, RequestState
from marsad.notices.models import Notice
from marsad.notices.operations import escalate_overdue
from migstat.model.refusals import Refused
from needs.made import AT, NEED, REQUEST, Cast, cast, data_request, edition, move, need

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(days=60)


@pytest.fixture
def people() -> Cast:
    return cast()


def waiting(kind: str) -> list[str]:
    return list(Notice.objects.filter(kind=kind, closed_at=None).order_by("to").values_list("to", flat=True))


def test_a_request_from_its_arrival_to_the_edition_that_answers_it(people: Cast) -> None:
    stated = need(people.partner, "camp")
    request = data_request(people.partner, "camp", need=stated.pk)
    assert request.assess_by == date(2026, 2, 3)
    assert waiting("needs.to_assess") == ["role:data_officer"]
    move(people.officer, request, RequestMove.TAKE)
    assert waiting("needs.to_assess") == [f"user:{people.officer.pk}"]
    move(people.officer, request, RequestMove.ASSESS)
    assert waiting("needs.to_assess") == []
    assert waiting("needs.moved_assessed") == [f"user:{people.partner.pk}"]
    move(people.officer, request, RequestMove.PLAN, planned_for=date(2026, 3, 1))
    assert waiting("needs.planned") == [f"user:{people.officer.pk}"]
    assert waiting("needs.moved_assessed") == []
    answer = edition()
    done = move(people.officer, request, RequestMove.FINISH, at=LATER, edition=answer)
    assert (done.state, done.edition, done.closed_on) == (RequestState.DONE, answer, LATER.date())
    stated.refresh_from_db()
    assert (stated.state, stated.edition) == (NeedState.ANSWERED, answer)
    assert waiting("needs.planned") == []
    assert waiting("needs.answered") == ["organisation:camp"]
    moves = [step.move for step in queries.steps_of(request)]
    assert moves == ["edit", "take", "assess", "plan", "finish"]
    assert Event.objects.filter(action="needs.move_request").count() == 4


def test_silence_escalates_to_the_coordinator(people: Cast) -> None:
    request = data_request(people.planner)
    assert escalate_overdue(actor=System("test"), at=AT + timedelta(days=28)) == 0
    assert escalate_overdue(actor=System("test"), at=AT + timedelta(days=31)) == 1
    assert waiting("needs.to_assess") == ["role:coordinator", "role:data_officer"]
    move(people.officer, request, RequestMove.ASSESS, at=LATER)
    assert waiting("needs.to_assess") == []


def test_followers_are_told_of_moves_until_they_unfollow(people: Cast) -> None:
    request = data_request(people.planner)
    assert operations_requests.follow(actor=people.other, at=AT, number=request.pk)
    assert not operations_requests.follow(actor=people.other, at=AT, number=request.pk)
    move(people.officer, request, RequestMove.REFUSE, reason="the law forbids it")
    assert set(waiting("needs.moved_refused")) == {f"user:{people.other.pk}", f"user:{people.planner.pk}"}
    assert operations_requests.unfollow(actor=people.other, at=AT, number=request.pk)
    move(people.officer, request, RequestMove.REOPEN, reason="the law changed")
    assert waiting("needs.moved_assessed") == [f"user:{people.planner.pk}"]


def test_a_refused_move_writes_nothing(people: Cast) -> None:
    request = data_request(people.partner, "camp")
    before = Event.objects.count()
    for who, name, why in (
        (people.partner, RequestMove.ASSESS, Refusal.NOT_YOURS),
        (people.other, RequestMove.WITHDRAW, Refusal.NOT_YOURS),
        (people.officer, RequestMove.REFUSE, Refusal.NO_REASON),
        (people.officer, RequestMove.FINISH, Refusal.NO_EDITION),
    ):
        with pytest.raises(MoveRefused) as refused:
            move(who, request, name)
        assert why in refused.value.refusals
    assert Event.objects.count() == before
    assert DataRequest.objects.get(pk=request.pk).state == RequestState.RECEIVED


def test_withdrawn_and_asked_anew_the_clock_starts_again(people: Cast) -> None:
    request = data_request(people.planner)
    move(people.planner, request, RequestMove.WITHDRAW)
    assert waiting("needs.to_assess") == []
    renewed = move(people.planner, request, RequestMove.RENEW, at=LATER)
    assert renewed.received_on == LATER.date()
    assert renewed.assess_by > LATER.date() + timedelta(days=27)
    assert waiting("needs.to_assess") == ["role:data_officer"]


def test_only_what_is_not_yet_assessed_is_edited(people: Cast) -> None:
    request = data_request(people.planner)
    changed = replace(REQUEST, title="Slums by sex and age")
    operations_requests.edit_request(actor=people.planner, at=AT, number=request.pk, content=changed)
    assert DataRequest.objects.get(pk=request.pk).title == "Slums by sex and age"
    move(people.officer, request, RequestMove.ASSESS)
    with pytest.raises(MoveRefused):
        operations_requests.edit_request(actor=people.planner, at=AT, number=request.pk, content=REQUEST)


def test_nobody_asks_for_an_organisation_they_do_not_speak_for(people: Cast) -> None:
    with pytest.raises(MoveRefused):
        data_request(people.partner, "fond")
    with pytest.raises(MoveRefused):
        need(people.planner, "camp")
    hidden = need(people.other, "fond", is_public=False)
    with pytest.raises(MoveRefused):
        data_request(people.partner, "camp", need=hidden.pk)


def test_a_need_keeps_what_it_said(people: Cast) -> None:
    stated = need(people.partner, "camp")
    content = replace(NEED, question="How many by sex?")
    operations.edit_need(actor=people.partner, at=AT, number=stated.pk, content=content)
    operations.withdraw_need(actor=people.partner, at=AT, number=stated.pk, reason="decided otherwise")
    with pytest.raises(MoveRefused):
        operations.edit_need(actor=people.partner, at=AT, number=stated.pk, content=NEED)
    operations.reopen_need(actor=people.partner, at=AT, number=stated.pk)
    steps = list(queries.steps_of_need(stated))
    assert [step.move for step in steps] == ["edit", "edit", "withdraw", "reopen"]
    assert [steps[0].content["question"], steps[1].content["question"]] == [NEED.question, "How many by sex?"]
    with pytest.raises(MoveRefused):
        operations.answer_need(actor=people.other, at=AT, number=stated.pk, edition=edition())


@pytest.mark.parametrize(
    "changes",
    [
        {"question": " "},
        {"decision": ""},
        {"half_width": 0.0},
        {"half_width": float("inf")},
        {"threshold": float("nan")},
    ],
)
def test_a_need_without_its_words_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(Refused):
        replace(NEED, **changes)  # type: ignore[arg-type]


def test_answer_times_are_medians_of_working_days(people: Cast) -> None:
    assert queries.answer_times(AT.date())[0].to_assessment is None
    first, second = data_request(people.planner), data_request(people.planner, is_public=False)
    third = data_request(people.planner)
    withdrawn = data_request(people.planner)
    move(people.planner, withdrawn, RequestMove.WITHDRAW)
    move(people.officer, first, RequestMove.ASSESS, at=AT + timedelta(days=2))
    move(people.officer, second, RequestMove.REFUSE, at=AT + timedelta(days=45), reason="not measurable")
    found = queries.answer_times(date(2026, 3, 1))[0]
    assert (found.received, found.open, found.late, found.assessed, found.in_time) == (3, 2, 1, 2, 1)
    # 2 working days, and 32 from 5 January to 19 February without 14 January.
    assert found.to_assessment == (2 + 32) / 2
    assert (found.to_answer, found.refused, found.done) == (32, 1, 0)
    assert third.state == RequestState.RECEIVED
