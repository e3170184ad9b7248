"""The whole road of a delivery: received, read, confirmed, checked, accepted, frozen; and remembered for the next one."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from collection.store_cases import ACTOR
from deliveries.delivery_cases import GOOD_ROWS, PUPILS, VISITS, csv_bytes, sent, stage
from marsad.audit.models import Event
from marsad.collection.certificates import is_sound
from marsad.collection.deliveries import operations_decisions as decisions
from marsad.collection.deliveries import operations_steps, queries, steps
from marsad.collection.deliveries.models import Delivery
from marsad.collection.deliveries.operations_decisions import Decision
from marsad.collection.deliveries.operations_intake import AlreadyThere
from marsad.collection.deliveries.operations_retention import destroy_ended, forget_cells
from marsad.collection.deliveries.report_pages import report_lines
from marsad.collection.deliveries.rules import Move, State
from marsad.collection.deliveries.steps import advance
from marsad.collection.models import Certificate, Snapshot
from marsad.collection.snapshots import read_table
from marsad.coordination.agreements.models import DeliveryReceipt
from migstat.model.refusals import Refused

pytestmark = pytest.mark.django_db(databases=["default", "confidential"], transaction=True)


def confirmed(people, found: Delivery) -> Delivery:
    decisions.confirm_mapping(
        actor=people.partner, at=timezone.now(), delivery_id=found.pk, mapping=queries.mapping_of(found)
    )
    advance(found.pk)
    return Delivery.objects.get(pk=found.pk)


def accepted(people, found: Delivery) -> Delivery:
    decisions.decide(actor=people.officer, at=timezone.now(), delivery_id=found.pk, decision=Decision(Move.ACCEPT))
    advance(found.pk)
    return Delivery.objects.get(pk=found.pk)


def test_a_good_file_is_frozen_without_names_and_its_layout_is_remembered(home: Path) -> None:
    people = stage()
    found = sent(people, csv_bytes(GOOD_ROWS))
    advance(found.pk)
    found.refresh_from_db()
    assert (found.state, found.problem) == (State.READ, None)
    assert queries.mapping_of(found).sources == {
        "family_name": 0, "given_name": 1, "birth_date": 2, "citizenship": 3, "area": 4, "age": 5, "visit_date": 6,
    }  # fmt: skip
    found = confirmed(people, found)
    assert (found.state, found.rows, found.errors, found.questions) == (State.CHECKED, 3, 0, 0), found.report
    found = accepted(people, found)
    assert found.state == State.ACCEPTED
    assert found.stored_rows == 3
    table = read_table(found.snapshot, actor=people.officer, at=timezone.now(), purpose="services")
    assert table.column("citizenship").to_pylist() == ["GIN", "MLI", "SYR"]
    assert "family_name" not in table.schema.names
    assert len(set(table.column("family_name__pseudonym").to_pylist())) == 3
    assert not list((home / "deliveries").glob("*"))
    with pytest.raises(Refused, match=r"keys\.erased"):
        queries.spool_of(found)
    assert DeliveryReceipt.objects.get(delivery=str(found.pk)).state == "accepted"
    written = b"".join(path.read_bytes() for path in home.parent.rglob("*") if path.is_file())
    assert b"Diallo" not in written and b"Aminata" not in written
    assert not [event for event in Event.objects.all() if "diallo" in str(event.details).lower()]

    rows = [GOOD_ROWS[0], ["Sow", "Ibrahima", "1995-01-01", "SEN", "04.421.01.05", "31", "2026-02-02"]]
    following = sent(people, csv_bytes(rows), period="2026-02")
    advance(following.pk)
    following.refresh_from_db()
    assert (following.state, following.remembered) == (State.CHECKED, True)


def test_the_same_file_is_told_and_never_stored_twice(home: Path) -> None:
    people = stage()
    first = sent(people, csv_bytes(GOOD_ROWS))
    with pytest.raises(AlreadyThere) as told:
        sent(people, csv_bytes(GOOD_ROWS))
    assert told.value.delivery == first.pk
    with pytest.raises(Refused, match=r"deliveries\.same_file"):
        sent(people, csv_bytes(GOOD_ROWS), period="2026-02")
    assert sent(people, csv_bytes(GOOD_ROWS), period="2026-02", again=True).state == State.RECEIVED
    assert Delivery.objects.count() == 2


def test_a_changed_layout_is_asked_again_with_what_was_known(home: Path) -> None:
    people = stage()
    accepted(people, confirmed(people, _read(people, GOOD_ROWS, "2026-01")))
    changed = [[row[3], row[0], *row[1:3], *row[4:]] for row in GOOD_ROWS]
    changed[0][0] = "Nationalité"
    found = _read(people, changed, "2026-02")
    assert found.state == State.READ
    assert not found.remembered
    assert queries.mapping_of(found).sources["citizenship"] == 0


def _read(people, rows, period: str) -> Delivery:
    found = sent(people, csv_bytes(rows), period=period)
    advance(found.pk)
    return Delivery.objects.get(pk=found.pk)


def test_what_is_returned_is_not_used_and_says_why(home: Path) -> None:
    people = stage()
    rows = [*GOOD_ROWS, ["", "X", "1990-01-01", "Niger", "44210105", "135", "2026-01-14"]]
    found = confirmed(people, _read(people, rows, "2026-01"))
    counts = found.report["counts"]
    assert counts["quality.required"] == 1
    assert counts["quality.bounds"] == 1
    assert counts["quality.ambiguous_code"] == 1
    assert counts["quality.short_code"] == 1
    asked = found.report["questions"][0]
    assert (asked["found"], asked["proposals"][:2]) == ("Niger", ["NER", "NGA"])
    assert any("Niger (NER)" in line.remedy for line in report_lines(found, VISITS))
    with pytest.raises(Refused, match=r"deliveries\.questions"):
        decisions.decide(
            actor=people.officer, at=timezone.now(), delivery_id=found.pk, decision=Decision(Move.RESERVE, "x")
        )
    with pytest.raises(Refused, match=r"deliveries\.reason"):
        decisions.decide(
            actor=people.officer, at=timezone.now(), delivery_id=found.pk, decision=Decision(Move.RETURN, " ")
        )
    decisions.decide(
        actor=people.officer, at=timezone.now(), delivery_id=found.pk, decision=Decision(Move.RETURN, "An age of 135.")
    )
    found.refresh_from_db()
    assert (found.state, found.snapshot) == (State.RETURNED, None)
    assert found.file_until is not None
    assert DeliveryReceipt.objects.get(delivery=str(found.pk)).state == "returned"

    until, machine = found.file_until, ACTOR
    assert destroy_ended(actor=machine, at=until - timedelta(hours=1)) == 0
    assert destroy_ended(actor=machine, at=until) == 1
    certificate = Certificate.objects.get()
    assert (certificate.counts, is_sound(certificate)) == ({"deliveries": 1}, True)
    found.refresh_from_db()
    with pytest.raises(Refused, match=r"keys\.erased"):
        queries.spool_of(found)
    assert forget_cells(actor=machine, at=until + timedelta(days=90)) == 1
    found.refresh_from_db()
    assert (found.file_name, found.reason, found.report["findings"]) == ("", "", [])


def test_answers_settle_a_spelling_and_reservations_leave_out_what_cannot_stand(home: Path) -> None:
    people = stage()
    rows = [*GOOD_ROWS, ["", "X", "1990-01-01", "Niger", "04.421.01.05", "13", "2026-01-14"]]
    found = confirmed(people, _read(people, rows, "2026-01"))
    decisions.answer_codes(
        actor=people.partner, at=timezone.now(), delivery_id=found.pk, answers={"citizenship": {"Niger": "NER"}}
    )
    advance(found.pk)
    found.refresh_from_db()
    assert (found.questions, found.errors) == (0, 1)
    decisions.decide(
        actor=people.officer,
        at=timezone.now(),
        delivery_id=found.pk,
        decision=Decision(Move.RESERVE, "One row without a name."),
    )
    advance(found.pk)
    found.refresh_from_db()
    assert (found.state, found.rows, found.stored_rows) == (State.ACCEPTED_WITH_RESERVATIONS, 4, 3)


def test_nobody_delivers_under_another_organisation_or_an_ended_agreement(home: Path) -> None:
    from datetime import date

    people = stage(ends_on=date(2026, 2, 1))
    with pytest.raises(Refused, match=r"deliveries\.not_in_force"):
        sent(people, csv_bytes(GOOD_ROWS))
    with pytest.raises(Refused, match=r"deliveries\.not_party"):
        queries.demand_terms("camp-visits", "other", today=date(2026, 1, 10))
    assert VISITS.code == "visits"


def test_a_remembered_layout_takes_the_period_of_its_own_delivery(home: Path) -> None:
    """What every row of January said is not what the rows of February say."""
    people = stage(PUPILS)
    rows = [["Arrondissement", "Élèves"], ["Hassan", "120"], ["Souissi", "80"]]
    first = sent(people, csv_bytes(rows), structure=PUPILS, period="2026-01")
    advance(first.pk)
    accepted(people, confirmed(people, Delivery.objects.get(pk=first.pk)))
    following = sent(people, csv_bytes([*rows, ["Agdal-Riyad", "9"]]), structure=PUPILS, period="2026-02")
    advance(following.pk)
    following.refresh_from_db()
    assert (following.state, queries.mapping_of(following).constants) == (State.CHECKED, {"year": "2026-02"})
    unsaid = sent(people, csv_bytes([*rows, ["Agdal-Riyad", "10"]]), structure=PUPILS, period="")
    advance(unsaid.pk)
    unsaid.refresh_from_db()
    assert (unsaid.state, queries.mapping_of(unsaid).constants) == (State.READ, {})


def test_a_remembered_layout_is_asked_again_where_something_new_is_in_doubt(home: Path) -> None:
    people = stage()
    plain = [["Nom", "Date de visite", "Nationalite"], ["Diallo", "2026-01-12", "GIN"]]
    accepted(people, confirmed(people, _read(people, plain, "2026-01")))
    garbled = csv_bytes([plain[0], ["Traoré", "2026-02-12", "MLI"]], encoding="mac_roman")
    found = sent(people, garbled, period="2026-02")
    advance(found.pk)
    found.refresh_from_db()
    assert (found.state, found.remembered) == (State.READ, False)
    found = confirmed(people, found)
    again = sent(people, garbled.replace(b"12", b"13"), period="2026-02")
    advance(again.pk)
    again.refresh_from_db()
    assert (found.state, again.state, again.remembered) == (State.CHECKED, State.CHECKED, True)


def test_what_is_stopped_while_the_machine_works_on_it_is_stored_nowhere(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Withdrawn while its rows are checked, and refused (by an erasure) between freezing and acceptance."""
    people = stage()
    checked = steps.check
    found = _read(people, GOOD_ROWS, "2026-01")

    def withdrawn(*args: Any, **kwargs: Any) -> Any:
        result = checked(*args, **kwargs)
        decisions.decide(
            actor=people.partner, at=timezone.now(), delivery_id=found.pk, decision=Decision(Move.WITHDRAW)
        )
        return result

    monkeypatch.setattr(steps, "check", withdrawn)
    assert confirmed(people, found).state == State.WITHDRAWN
    monkeypatch.setattr(steps, "check", checked)

    second = confirmed(
        people, _read(people, [*GOOD_ROWS, ["Ba", "Awa", "1990-01-01", "MLI", "Hassan", "36", "2026-01-31"]], "2026-01")
    )
    decisions.decide(actor=people.officer, at=timezone.now(), delivery_id=second.pk, decision=Decision(Move.ACCEPT))
    with pytest.raises(Refused, match=r"deliveries\.move"):
        decisions.decide(
            actor=people.officer, at=timezone.now(), delivery_id=second.pk, decision=Decision(Move.REFUSE, "too late")
        )
    storing = steps.stored_batches

    def refused(*args: Any, **kwargs: Any) -> Any:
        yield from storing(*args, **kwargs)
        erased = Refused("deliveries.erased", found="a row about an erased person", remedy="send it without the row")
        operations_steps.refuse(actor=ACTOR, at=timezone.now(), delivery_id=second.pk, problem=erased)

    monkeypatch.setattr(steps, "stored_batches", refused)
    advance(second.pk)
    second.refresh_from_db()
    assert (second.state, second.snapshot, Snapshot.objects.count()) == (State.REFUSED, None, 0)
    assert not list((home / "snapshots").glob("*/*"))
