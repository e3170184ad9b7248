"""A person who is erased is gone from what was stored of deliveries and from the files that wait; others stay."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.utils import timezone

from collection.store_cases import ACTOR, granted_request
from deliveries.delivery_cases import GOOD_ROWS, csv_bytes, sent, stage
from house.people import client_of, person
from marsad.accounts.rules import Role
from marsad.audit.models import Event
from marsad.collection.deliveries import jobs, queries
from marsad.collection.deliveries import operations_decisions as decisions
from marsad.collection.deliveries.erasing import find_in_files
from marsad.collection.deliveries.models import Delivery
from marsad.collection.deliveries.operations_retention import refuse_forgotten, sweep_files
from marsad.collection.deliveries.rules import Move, State
from marsad.collection.deliveries.steps import advance
from marsad.collection.erasure import erase_pseudonym
from marsad.collection.keys import keys_for
from marsad.collection.pseudonyms import pseudonym_of
from marsad.collection.queries_snapshots import frozen_snapshots
from marsad.collection.snapshots import read_table
from migstat.model.refusals import Refused
from migstat.model.structure import Kind

pytestmark = pytest.mark.django_db(databases=["default", "confidential"])
AMINATA = (("Diallo", Kind.TEXT), ("Aminata", Kind.TEXT), ("1990-05-04", Kind.DATE))


def checked(people, rows: list[list[str]], period: str) -> Delivery:
    found = sent(people, csv_bytes(rows), period=period)
    advance(found.pk)
    found.refresh_from_db()
    if found.state == State.READ:
        decisions.confirm_mapping(
            actor=people.partner, at=timezone.now(), delivery_id=found.pk, mapping=queries.mapping_of(found)
        )
        advance(found.pk)
    return Delivery.objects.get(pk=found.pk)


def told_on_the_page(user) -> list[str]:
    """What the partner who knows the person is told, written otherwise than in the file; nothing of it is kept."""
    said = {"family_name": "DIALLO", "given_name": " aminata", "birth_date": "1990-05-04"}
    page = client_of(user).post("/en/store/dataflows/visits/pseudonyms/", said)
    assert "no-store" in page["Cache-Control"] and b"iallo" not in page.content and b"DIALLO" not in page.content
    event = Event.objects.get(action="collection.tell_pseudonyms")
    assert (event.target, event.details) == ("dataflow:visits", {"columns": 3})
    return re.findall(r"^(?:.*data-told>)?([a-z2-7]{32})$", page.content.decode(), re.MULTILINE)


def test_pseudonyms_are_told_to_who_delivers_the_dataflow_and_to_the_officer(home: Path) -> None:
    people = stage()
    page = "/en/store/dataflows/visits/pseudonyms/"
    stranger = person(Role.PARTNER, email="stranger@example.org")
    allowed = {people.partner: 200, people.protection: 200, people.officer: 404, people.coordinator: 403, stranger: 404}
    assert {user: client_of(user).get(page).status_code for user in allowed} == allowed
    partner = client_of(people.partner)
    assert partner.get(page.replace("visits", "none")).status_code == 404
    empty = partner.post(page, {"family_name": " ", "birth_date": "yesterday"})
    assert empty.status_code == 200 and b"data-told" not in empty.content
    assert not Event.objects.filter(action="collection.tell_pseudonyms").exists()


def dated(rows: list[list[str]], month: str) -> list[list[str]]:
    return [GOOD_ROWS[0], *([*row[:6], f"2026-{month}-03"] for row in rows)]


def test_a_person_is_erased_from_snapshots_and_waiting_files_of_deliveries(home: Path) -> None:
    people = stage()
    first = checked(people, GOOD_ROWS, "2026-01")
    decisions.decide(
        actor=people.officer, at=timezone.now(), delivery_id=first.pk, decision=decisions.Decision(Move.ACCEPT)
    )
    advance(first.pk)
    first.refresh_from_db()
    waiting = checked(people, dated(GOOD_ROWS[1:3], "02"), "2026-02")
    lacking = checked(people, [GOOD_ROWS[0], [*GOOD_ROWS[1][:6], ""], [*GOOD_ROWS[2][:6], "2026-03-01"]], "2026-03")
    without = checked(people, dated(GOOD_ROWS[2:], "04"), "2026-04")
    unreadable = checked(people, dated(GOOD_ROWS[2:], "05"), "2026-05")
    Delivery.objects.filter(pk=unreadable.pk).update(choices={"reading": {"encoding": "utf-16"}})
    assert {one.state for one in (waiting, lacking, without)} == {State.CHECKED}

    keys = keys_for("services")
    hers = [found for value, kind in AMINATA if (found := pseudonym_of(value, kind, keys))]
    assert told_on_the_page(people.partner) == hers
    certificate = erase_pseudonym(actor=ACTOR, at=timezone.now(), request=granted_request(), pseudonyms=hers)

    assert (certificate.counts["snapshots"], certificate.counts["deliveries"]) == (1, 2)
    [snapshot] = frozen_snapshots()
    assert str(snapshot.replaces_id) == str(first.snapshot)
    table = read_table(snapshot.pk, actor=people.officer, at=timezone.now(), purpose="services")
    assert table.num_rows == 2
    assert not set(hers) & {one for column in table.columns for one in column.to_pylist() if isinstance(one, str)}
    for gone in (waiting, lacking):
        gone.refresh_from_db()
        assert (gone.state, gone.problem["rule"]) == (State.REFUSED, "deliveries.erased")
        assert gone.file_destroyed_at is not None
        with pytest.raises(Refused, match=r"keys\.erased"):
            queries.spool_of(gone)
    unreadable.refresh_from_db()
    assert (unreadable.state, unreadable.problem["rule"]) == (State.REFUSED, "deliveries.encoding")
    assert unreadable.file_destroyed_at is not None
    without.refresh_from_db()
    assert (without.state, without.file_destroyed_at) == (State.CHECKED, None)
    sweep_files(now=timezone.now())
    assert [path.stem for path in (home / "deliveries").glob("*.spool")] == [str(without.pk)]

    # What nobody decides ends with the retention of its dataflow, four hundred days.
    assert refuse_forgotten(actor=ACTOR, at=timezone.now() + timedelta(days=399)) == 0
    assert refuse_forgotten(actor=ACTOR, at=timezone.now() + timedelta(days=401)) == 1
    without.refresh_from_db()
    assert (without.state, without.problem["rule"]) == (State.REFUSED, "deliveries.retention")


def test_files_are_read_before_the_database_is_locked_and_one_that_comes_meanwhile_is_read_too(home: Path) -> None:
    people = stage()
    checked(people, dated(GOOD_ROWS[1:], "01"), "2026-01")
    pseudonyms = [pseudonym_of(said, kind, keys_for("services")) for said, kind in AMINATA]
    eraser = find_in_files(pseudonyms)
    checked(people, dated(GOOD_ROWS[1:], "02"), "2026-02")
    other = checked(people, dated([GOOD_ROWS[2]], "03"), "2026-03")
    assert eraser(pseudonyms) == 2
    standing = Delivery.objects.filter(file_destroyed_at=None).values_list("pk", flat=True)
    assert list(standing) == [other.pk]


def test_a_delivery_that_cannot_be_taken_on_keeps_no_other_back(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    people = stage()
    first = sent(people, csv_bytes(dated(GOOD_ROWS[1:], "01")), period="2026-01")
    second = sent(people, csv_bytes(dated(GOOD_ROWS[1:], "02")), period="2026-02")

    def breaks_on_the_first(delivery_id: UUID) -> None:
        if delivery_id == first.pk:
            raise MemoryError
        advance(delivery_id)

    monkeypatch.setattr(jobs, "advance", breaks_on_the_first)
    with pytest.raises(MemoryError):
        jobs.advance_deliveries(lambda done, total=None, step="": None)
    second.refresh_from_db()
    assert second.state != State.RECEIVED
