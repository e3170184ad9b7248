"""Agreements enforce themselves: no terms without one in force, on every day of its life."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from agreements.made import AT, TERMS, Cast, after, cast, drafted, in_force, signed, signed_by, step, terms
from marsad.audit.rules import System
from marsad.coordination.agreements import operations, queries
from marsad.coordination.agreements.models import AgreementVersion, DeliveryReceipt
from marsad.coordination.agreements.rules import DeliveryFact, Move, MoveRefused, Refusal
from migstat.model.refusals import Refused

pytestmark = pytest.mark.django_db
TODAY = AT.date()


@pytest.fixture
def people() -> Cast:
    return cast()


def stands(on: date) -> bool:
    return queries.terms_in_force("camp", "visits", on) is not None


def test_terms_stand_from_force_to_the_last_day_and_not_before(people: Cast) -> None:
    version = drafted(people)
    assert not stands(TODAY)
    signed(people, version)
    assert not stands(TODAY)
    step(people.coordinator, version, Move.ENFORCE)
    assert queries.terms_in_force("camp", "visits", TODAY) == TERMS
    assert not stands(TODAY - timedelta(days=1))
    assert stands(TERMS.ends_on)
    assert not stands(TERMS.ends_on + timedelta(days=1))
    assert queries.terms_in_force("camp", "other", TODAY) is None
    assert queries.terms_in_force("other", "visits", TODAY) is None


def test_a_suspension_gives_nothing_and_leaves_the_days_before(people: Cast) -> None:
    version = in_force(people)
    step(people.coordinator, version, Move.SUSPEND, at=after(10), reason="late")
    assert stands((after(9)).date())
    assert not stands(after(10).date())
    assert not stands(after(40).date())
    step(people.coordinator, version, Move.RESUME, at=after(20))
    assert not stands(after(15).date())
    assert stands(after(20).date())


def test_only_who_suspended_resumes(people: Cast) -> None:
    version = in_force(people)
    step(people.partner, version, Move.SUSPEND, reason="we check a doubt")
    with pytest.raises(MoveRefused) as refused:
        step(people.coordinator, version, Move.RESUME)
    assert refused.value.refusals == {Refusal.SUSPENDED_BY_OTHERS}
    step(people.partner, version, Move.RESUME)
    assert stands(TODAY)


def test_an_end_revokes_on_the_day(people: Cast) -> None:
    version = in_force(people)
    step(people.partner, version, Move.END, at=after(3), reason="the project is over")
    assert stands(after(2).date())
    assert not stands(after(3).date())


def test_expiry_revokes_by_date_even_before_the_clock_marks_it(people: Cast) -> None:
    version = in_force(people)
    assert not stands(date(2027, 1, 1))
    with pytest.raises(MoveRefused) as refused:
        operations.move(actor=System("clock"), at=AT, code="camp-visits", number=1, move=Move.EXPIRE)
    assert refused.value.refusals == {Refusal.NOT_PAST_END}
    operations.move(actor=System("clock"), at=after(365), code="camp-visits", number=1, move=Move.EXPIRE)
    version.refresh_from_db()
    assert version.state == "expired"
    assert stands(date(2026, 6, 1))


def test_an_amendment_replaces_and_the_version_before_never_changes(people: Cast) -> None:
    first = in_force(people)
    second = operations.amend(actor=people.officer, at=after(30), code="camp-visits")
    changed = terms(minimum_cell=10, version=2)
    operations.edit(actor=people.partner, at=after(30), code="camp-visits", number=2, terms=changed)
    assert queries.terms_in_force("camp", "visits", after(30).date()) == TERMS
    signed(people, second, at=after(31))
    step(people.coordinator, second, Move.ENFORCE, at=after(32))
    now = queries.terms_in_force("camp", "visits", after(32).date())
    assert now is not None
    assert (now.version, now.minimum_cell) == (2, 10)
    before = queries.terms_in_force("camp", "visits", after(31).date())
    assert before == TERMS
    first.refresh_from_db()
    assert first.state == "ended"
    first.content = changed.to_mapping()
    with pytest.raises(Refused, match=r"agreements\.immutable"):
        first.save()


def test_terms_changed_behind_the_system_are_refused(people: Cast) -> None:
    version = in_force(people)
    AgreementVersion.objects.filter(pk=version.pk).update(content=terms(minimum_cell=3).to_mapping())
    with pytest.raises(Refused, match=r"agreements\.altered"):
        queries.terms_in_force("camp", "visits", TODAY)


def test_two_agreements_never_stand_on_the_same_dataflow(people: Cast) -> None:
    in_force(people)
    other = signed(people, drafted(people, terms(code="camp-visits-bis")))
    with pytest.raises(MoveRefused) as refused:
        step(people.coordinator, other, Move.ENFORCE)
    assert refused.value.refusals == {Refusal.OTHER_IN_FORCE}


def test_a_signature_is_of_the_text_that_was_read(people: Cast) -> None:
    version = drafted(people)
    step(people.partner, version, Move.AGREE)
    step(people.protection, version, Move.REVIEW)
    with pytest.raises(Refused, match=r"agreements\.checksum"):
        operations.sign(actor=people.partner, at=AT, code="camp-visits", number=1, checksum="0" * 64)
    with pytest.raises(Refused, match=r"agreements\.document"):
        signed_by(people.partner, version, document=b"GIF89a")
    version = signed_by(people.partner, version, document=b"%PDF-1.7 scanned")
    assert version.state == "negotiated"
    assert len(version.signatures.get().document_sha256) == 64
    with pytest.raises(MoveRefused) as refused:
        signed_by(people.partner, version)
    assert refused.value.refusals == {Refusal.ALREADY_SIGNED}


def fact(**changes: object) -> DeliveryFact:
    values: dict[str, object] = {
        "agreement": "camp-visits",
        "dataflow": "visits",
        "organisation": "camp",
        "delivery": "0b7c",
        "state": "received",
        "received_on": date(2026, 2, 8),
        "period": "2026-01",
        "rows": 120,
    }
    return DeliveryFact(**values | changes)  # type: ignore[arg-type]


def test_a_delivery_noted_again_brings_its_receipt_up_to_date(people: Cast) -> None:
    in_force(people)
    for state in ("received", "accepted"):
        operations.note_delivery(actor=System("test"), at=AT, fact=fact(state=state))
    assert DeliveryReceipt.objects.get().state == "accepted"
    assert queries.receipts("camp-visits").count() == 1
    with pytest.raises(Refused, match=r"agreements\.delivery"):
        operations.note_delivery(actor=System("test"), at=AT, fact=fact(dataflow="other"))
    with pytest.raises(Refused, match=r"agreements\.unknown"):
        operations.note_delivery(actor=System("test"), at=AT, fact=fact(agreement="none"))
    with pytest.raises(Refused, match=r"agreements\.delivery"):
        fact(state="lost")


def test_refusals_are_counted_by_month(people: Cast) -> None:
    for days in (0, 1, 40):
        operations.note_refusal(actor=System("test"), at=after(days), agreement="camp-visits", kind="expired")
    operations.note_refusal(actor=System("test"), at=AT, kind="firewall")
    counted = [(one.agreement, one.month.isoformat(), one.count) for one in queries.refusal_counts()]
    assert sorted(counted) == [
        ("", "2026-01-01", 1),
        ("camp-visits", "2026-01-01", 2),
        ("camp-visits", "2026-02-01", 1),
    ]


def test_due_deliveries_know_what_came_and_when(people: Cast) -> None:
    version = in_force(people)
    operations.note_delivery(actor=System("test"), at=AT, fact=fact(delivery="a", state="returned"))
    operations.note_delivery(
        actor=System("test"), at=AT, fact=fact(delivery="b", state="accepted", received_on=date(2026, 2, 13))
    )
    due = queries.due_deliveries("camp-visits", date(2026, 3, 10))
    assert [(one.period, one.due_on.isoformat()) for one in due] == [
        ("2026-01", "2026-02-10"),
        ("2026-02", "2026-03-10"),
    ]
    first, second = due
    assert (first.late_days(today=date(2026, 4, 1)), first.is_overdue(today=date(2026, 4, 1))) == (3, False)
    assert (second.late_days(today=date(2026, 3, 14)), second.is_overdue(today=date(2026, 3, 14))) == (4, True)
    assert queries.due_of_each(["camp-visits", "nothing"], date(2026, 3, 10)) == {"camp-visits": due}
    step(people.coordinator, version, Move.SUSPEND, at=after(45), reason="wait")
    assert [one.period for one in queries.due_deliveries("camp-visits", date(2026, 6, 1))] == ["2026-01"]
