"""The register of persons' requests: states, days, erasure, the log, and the line between the two databases."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connections

from house.people import AT, client_of, person
from marsad.accounts.rules import Role
from marsad.audit.models import Event
from marsad.audit.rules import System
from marsad.collection import labels, operations, queries
from marsad.collection.models import PersonRequest
from marsad.collection.rules import (
    CLOSED,
    NEEDS_ANSWER,
    OPEN,
    RETENTION,
    TRANSITIONS,
    Answer,
    Move,
    RequestState,
    Right,
    due_on,
    is_overdue,
    may_be_erased,
    moves_from,
    reached,
)
from migstat.model.refusals import Refused

ACTOR = System("test")
BOTH = ["default", "confidential"]
DAY = AT.date()


def received(right: Right = Right.ACCESS, on: date = DAY) -> PersonRequest:
    words = {"person": "Aïcha B.", "contact": "aicha@example.org", "subject": "What is held on me?"}
    return operations.receive_request(actor=ACTOR, at=AT, right=right, received_on=on, **words)


def test_every_pair_of_state_and_move_is_decided() -> None:
    assert set(TRANSITIONS) == {(state, move) for state in RequestState for move in Move}
    assert OPEN | CLOSED | {RequestState.ERASED} == set(RequestState)


@pytest.mark.parametrize("state", RequestState)
@pytest.mark.parametrize("move", Move)
def test_a_move_goes_where_the_table_says_or_is_refused(state: RequestState, move: Move) -> None:
    after = TRANSITIONS[state, move]
    if after is None:
        with pytest.raises(Refused, match=r"collection\.move"):
            reached(state, move)
    else:
        assert reached(state, move) is after


def test_days_and_words() -> None:
    assert due_on(Right.RECTIFICATION, date(2026, 2, 25)) == date(2026, 3, 7)
    assert not is_overdue(RequestState.RECEIVED, date(2026, 3, 7), today=date(2026, 3, 7))
    assert is_overdue(RequestState.RECEIVED, date(2026, 3, 7), today=date(2026, 3, 8))
    assert not is_overdue(RequestState.GRANTED, date(2026, 3, 7), today=date(2026, 4, 1))
    assert Move.ERASE not in {move for state in RequestState for move in moves_from(state)}
    assert set(labels.RIGHT_LABELS) == set(Right)
    assert set(labels.STATE_LABELS) == set(RequestState)
    assert set(labels.MOVE_LABELS) == set(Move) - {Move.ERASE}
    assert not may_be_erased(RequestState.RECEIVED, None, now=AT)
    assert may_be_erased(RequestState.GRANTED, AT, now=AT + RETENTION)


@pytest.mark.parametrize("move", sorted(NEEDS_ANSWER))
def test_a_decision_comes_with_its_answer(move: Move) -> None:
    with pytest.raises(Refused, match=r"collection\.answer"):
        Answer(move, "  ").checked()


@pytest.mark.django_db(databases=BOTH)
def test_a_request_lives_in_the_confidential_database_and_its_event_below_the_line() -> None:
    request = received()
    assert "collection_personrequest" in connections["confidential"].introspection.table_names()
    assert "collection_personrequest" not in connections["default"].introspection.table_names()
    assert "audit_event" not in connections["confidential"].introspection.table_names()
    event = Event.objects.get()
    assert event.target == f"request:{request.pk}"
    assert "Aïcha" not in f"{event.details} {event.target}"


@pytest.mark.django_db(databases=BOTH)
def test_a_refused_step_changes_neither_database() -> None:
    request = received()
    with pytest.raises(Refused):
        operations.move_request(actor=ACTOR, at=AT, request_id=request.pk, answer=Answer(Move.GRANT, "here it is"))
    with pytest.raises(Refused, match="day to come"):
        received(on=DAY + timedelta(days=1))
    request.refresh_from_db()
    assert request.state == RequestState.RECEIVED
    assert Event.objects.count() == 1


@pytest.mark.django_db(databases=BOTH)
def test_closed_requests_are_erased_when_their_retention_ends() -> None:
    request, other = received(), received(Right.OPPOSITION)
    for move, words in ((Move.IDENTIFY, ""), (Move.GRANT, "all of it, enclosed")):
        operations.move_request(actor=ACTOR, at=AT, request_id=request.pk, answer=Answer(move, words))
    with pytest.raises(Refused, match="by hand"):
        operations.move_request(actor=ACTOR, at=AT, request_id=request.pk, answer=Answer(Move.ERASE, ""))
    end = AT + RETENTION
    assert queries.past_retention(end - timedelta(seconds=1)) == 0
    assert operations.erase_closed_requests(actor=ACTOR, at=end - timedelta(seconds=1)) == 0
    assert queries.past_retention(end) == 1
    assert operations.erase_closed_requests(actor=ACTOR, at=end) == 1
    erased = PersonRequest.objects.get(pk=request.pk)
    assert (erased.person, erased.contact, erased.subject, erased.answer) == ("", "", "", "")
    assert (erased.state, erased.outcome, erased.received_on) == (RequestState.ERASED, RequestState.GRANTED, DAY)
    assert PersonRequest.objects.get(pk=other.pk).person == "Aïcha B."


@pytest.mark.django_db(databases=BOTH)
def test_the_officer_enters_identifies_and_answers_a_request_on_the_pages() -> None:
    client = client_of(person(Role.DATA_PROTECTION_OFFICER))
    form = {"right": "erasure", "received_on": "2026-01-05", "person": "A. B.", "contact": "by post", "subject": "all"}
    page = client.post("/fr/requests/new/", form)
    assert page.status_code == 302
    address = page["Location"]
    assert client.post(address, {"move": "grant", "answer": "done"}).status_code == 200
    assert client.post(address, {"move": "identify", "answer": ""}).status_code == 302
    without = client.post(address, {"move": "refuse", "answer": ""})
    assert "Écrivez ce qui est répondu" in without.content.decode()
    client.post(address, {"move": "refuse", "answer": "Rien n'est conservé. Vous pouvez saisir la CNDP."})
    assert PersonRequest.objects.get().state == RequestState.REFUSED
    assert "Refusée" in client.get("/fr/requests/?closed=1").content.decode()
    assert "Aucune demande" in client.get("/fr/requests/").content.decode()
    assert client.get("/fr/requests/00000000-0000-4000-8000-000000000000/").status_code == 404


@pytest.mark.django_db(databases=BOTH)
@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_overdue_requests_stand_out(language: str) -> None:
    received()
    client = client_of(person(Role.DATA_PROTECTION_OFFICER))
    words = {"fr": "En retard", "ar": "متأخر", "en": "Overdue"}
    assert words[language] in client.get(f"/{language}/requests/").content.decode()


@pytest.mark.django_db(databases=BOTH)
def test_a_long_register_has_pages_that_keep_the_right() -> None:
    officer = client_of(person(Role.DATA_PROTECTION_OFFICER))
    for number in range(120):
        received(Right.ERASURE if number % 2 else Right.ACCESS)
    first = officer.get("/en/requests/?right=erasure").content.decode()
    assert (first.count("data-request="), "right=erasure&amp;page=2" in first) == (50, True)
    assert officer.get("/en/requests/?right=erasure&page=2").content.decode().count("data-request=") == 10
    assert officer.get("/en/requests/?page=3").content.decode().count("data-request=") == 20
    assert "data-request=" not in officer.get("/en/requests/?closed=1&right=erasure").content.decode()
