"""What does not grow with the store: the board, the lists; and what may happen while a long work is under way."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from house.people import client_of, person
from instruments.small_form import AT, filled, published, sheets
from marsad.accounts.rules import Role
from marsad.audit.rules import System
from marsad.collection.instruments import looking, queries_review
from marsad.collection.instruments.freezing import freeze_approved
from marsad.collection.instruments.models import Conflict, Submission
from marsad.collection.instruments.operations_devices import issue_device
from marsad.collection.instruments.operations_review import Place, correct_answer, erase_submissions, review
from marsad.collection.instruments.receiving import receive_submission
from marsad.collection.instruments.rules import Channel, Move
from marsad.collection.instruments.vault import Vault
from marsad.collection.instruments.xlsform import compile_form
from marsad.collection.models import Snapshot
from marsad.collection.snapshots import read_table
from migstat.model.refusals import Refused

TEST = System("test")
BOARD = "/fr/instruments/review/"


def sent(rooms: str = "3") -> Submission:
    receipt = receive_submission(actor=TEST, at=AT, xml=filled(rooms=rooms), attachments={}, channel=Channel.OPENROSA)
    return Submission.objects.get(pk=receipt.submission)


def approved(rooms: str) -> Submission:
    return review(actor=TEST, at=AT, submission_id=sent(rooms).pk, move=Move.APPROVE)


def asked(client: Client, page: str) -> list[str]:
    """What the page asks of both databases."""
    with (
        CaptureQueriesContext(connections["default"]) as one,
        CaptureQueriesContext(connections["confidential"]) as two,
    ):
        assert client.get(page).status_code == 200
    return [query["sql"] for query in (*one.captured_queries, *two.captured_queries)]


def test_a_column_that_is_first_used_below_the_hundredth_row_is_known() -> None:
    book = sheets()
    more = [{**book["survey"][1], "name": f"more_{number}"} for number in range(120)]
    book["survey"] = book["survey"][:4] + more + book["survey"][4:]
    assert len(compile_form(book, validate=False).questions) > 120


@pytest.mark.django_db(databases=["default", "confidential"])
def test_the_board_asks_the_same_of_many_submissions_and_reads_no_form_for_them() -> None:
    published()
    officer = client_of(person(Role.DATA_OFFICER))
    pages = (f"{BOARD}?by=agent", f"{BOARD}{sent().pk}/", "/fr/instruments/", "/fr/instruments/small/")
    for page in pages:
        officer.get(page)
    few = [len(asked(officer, page)) for page in pages]
    for _ in range(8):
        sent()
    many = [asked(officer, page) for page in pages]
    assert [len(one) for one in many] == few
    assert not [sql for one in many for sql in one if "xform" in sql or "questions" in sql]


@pytest.mark.django_db(databases=["default", "confidential"])
def test_devices_are_found_by_their_name_among_many_holders() -> None:
    officer = client_of(person(Role.DATA_OFFICER))
    holder = person(Role.FIELD_AGENT)
    issue_device(actor=TEST, at=AT, person=holder, label="Blue 1")
    officer.get("/fr/instruments/devices/")
    before = len(asked(officer, "/fr/instruments/devices/"))
    for number in range(4):
        more = person(Role.FIELD_AGENT, email=f"agent-{number}@example.org")
        issue_device(actor=TEST, at=AT, person=more, label=f"Green {number}")
    assert len(asked(officer, "/fr/instruments/devices/")) == before
    shown = officer.get("/fr/instruments/devices/?q=blue").content.decode()
    assert ("Blue 1" in shown, "Green 1" in shown) == (True, False)
    assert "data-device" not in officer.get("/fr/instruments/devices/?q=nobody").content.decode()
    shown = officer.get(f"/fr/instruments/devices/?holder={holder.pk}").content.decode()
    assert ("Blue 1" in shown, "Green 1" in shown) == (True, False)
    own = client_of(more).get(f"/fr/instruments/devices/?holder={holder.pk}").content.decode()
    assert ("Blue 1" in own, "Green 3" in own) == (False, True)


@pytest.mark.django_db(databases=["default", "confidential"])
def test_a_correction_while_it_is_frozen_leaves_the_snapshot_with_what_was_approved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    published()
    first, second = approved("3"), approved("4")
    listed = queries_review.approved

    def then(change: Any) -> None:
        def list_and_change(dataflow: str) -> Any:
            found = listed(dataflow)
            change()
            return found

        monkeypatch.setattr(queries_review, "approved", list_and_change)

    then(
        lambda: correct_answer(
            actor=TEST, at=AT, submission_id=first.pk, place=Place("rooms"), value="9", reason="A mistake"
        )
    )
    snapshot = freeze_approved(actor=TEST, at=AT, dataflow="homes")
    rooms = read_table(snapshot.pk, actor=TEST, at=AT, purpose="production").column("rooms").to_pylist()
    assert sorted(rooms) == [3, 4]
    then(lambda: erase_submissions(actor=TEST, at=AT, submissions=[second.pk]))
    with pytest.raises(Refused, match=r"instruments\.erased_meanwhile"):
        freeze_approved(actor=TEST, at=AT, dataflow="homes")
    assert Snapshot.objects.count() == 1


@pytest.mark.django_db(databases=["default", "confidential"])
def test_a_submission_with_more_conflicts_than_a_look_shows_can_be_looked_at_and_settled() -> None:
    published()
    found, officer, vault = sent(), client_of(person(Role.DATA_OFFICER)), Vault()
    for number in range(60):
        other = Conflict(
            submission=found, fingerprint=str(number), at=AT, by="user:1", settled_at=AT if number < 55 else None
        )
        other.sealed_answers = vault.seal_plain(
            {"values": {"rooms": str(number)}, "repeats": {}}, f"conflict:{other.pk}"
        )
        other.save()
    shown = officer.post(f"{BOARD}{found.pk}/", {"reason": "Sixty conflicts of one device"}).content.decode()
    waiting = Conflict.objects.filter(settled_at=None).values_list("pk", flat=True)
    assert len(waiting) == 5 and all(f"conflicts/{one}/" in shown for one in waiting)


@pytest.mark.django_db(databases=["default", "confidential"])
def test_the_turns_of_a_repeat_stand_in_their_order() -> None:
    published()
    member = "".join(f"<member><age>{age}</age></member>" for age in range(30, 42))
    xml = filled(members=member)
    receipt = receive_submission(actor=TEST, at=AT, xml=xml, attachments={}, channel=Channel.OPENROSA)
    officer = person(Role.DATA_OFFICER)
    submission = queries_review.submission_of(receipt.submission)
    assert submission is not None
    lines = looking.answers(actor=officer, at=AT, submission=submission, reason="The order of the turns")["answers"]
    assert [line["answer"] for line in lines if line["name"] == "age"] == [str(age) for age in range(30, 42)]
