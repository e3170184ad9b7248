"""The daily round: into force, expired, reminders to both sides, silence that escalates."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from agreements.made import AT, Cast, cast, drafted, in_force, signed, terms
from marsad.audit.rules import System
from marsad.coordination.agreements import operations, queries
from marsad.coordination.agreements.models import AgreementVersion, Signature
from marsad.coordination.agreements.operations_calendar import keep_calendar
from marsad.coordination.agreements.rules import DeliveryFact, Move
from marsad.notices.models import Notice
from marsad.notices.operations import escalate_overdue

pytestmark = pytest.mark.django_db
CLOCK = System("job:keep-agreements")


def on(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 10, tzinfo=UTC)


def kept(day: date) -> tuple[int, int, int]:
    done = keep_calendar(actor=CLOCK, at=on(day))
    return done.entered, done.expired, done.reminded


def open_notices(kind: str) -> set[str]:
    return set(Notice.objects.filter(kind=kind, closed_at=None).values_list("to", flat=True))


@pytest.fixture
def people() -> Cast:
    return cast()


def test_each_side_is_told_when_its_turn_comes(people: Cast) -> None:
    version = drafted(people)
    assert open_notices("agreements.to_agree") == {"organisation:camp"}
    signed(people, version)
    assert open_notices("agreements.to_agree") == set()
    assert open_notices("agreements.to_sign") == set()
    assert open_notices("agreements.to_enforce") == {"role:coordinator"}


def test_a_signed_version_enters_on_its_day_and_expires_after_its_last(people: Cast) -> None:
    signed(people, drafted(people, terms(starts_on=date(2026, 2, 1), frequency="on_request")))
    assert kept(date(2026, 1, 31))[0] == 0
    assert kept(date(2026, 2, 1))[0] == 1
    assert queries.terms_in_force("camp", "visits", date(2026, 2, 1)) is not None
    assert kept(date(2027, 1, 1))[1] == 1
    assert AgreementVersion.objects.get().state == "expired"
    assert open_notices("agreements.expired") == {"organisation:camp", "role:coordinator"}
    assert kept(date(2027, 1, 2)) == (0, 0, 0)


def test_the_end_is_announced_three_times_and_no_more(people: Cast) -> None:
    in_force(people, terms(frequency="on_request"))
    end = terms().ends_on
    told = [kept(end - timedelta(days=days))[2] for days in (61, 60, 45, 30, 29, 7, 1, 0)]
    assert told == [0, 1, 0, 1, 0, 1, 0, 0]
    assert open_notices("agreements.ends_soon") == {"organisation:camp", "role:coordinator"}


def test_a_late_delivery_is_asked_for_escalates_and_is_closed_when_it_comes(people: Cast) -> None:
    in_force(people)
    assert kept(date(2026, 2, 3))[2] == 1
    assert open_notices("agreements.due_soon") == {"organisation:camp"}
    assert kept(date(2026, 2, 4))[2] == 0
    assert kept(date(2026, 2, 11))[2] == 1
    assert open_notices("agreements.overdue") == {"organisation:camp"}
    escalate_overdue(actor=CLOCK, at=on(date(2026, 2, 18)))
    assert open_notices("agreements.overdue") == {"organisation:camp", "role:coordinator"}
    fact = DeliveryFact(
        "camp-visits", "visits", "camp", "d-1", "received", date(2026, 2, 19), "2026-01-01/2026-01-31", 10
    )
    operations.note_delivery(actor=CLOCK, at=on(date(2026, 2, 19)), fact=fact)
    assert open_notices("agreements.overdue") == set()
    assert open_notices("agreements.due_soon") == set()


def test_signed_papers_are_forgotten_five_years_after_the_end(people: Cast) -> None:
    version = in_force(people)
    Signature.objects.filter(side="city").update(document=b"%PDF-1", document_sha256="a" * 64)
    operations.move(
        actor=people.coordinator, at=AT, code="camp-visits", number=version.number, move=Move.END, reason="over"
    )
    assert operations.forget_documents(actor=CLOCK, at=AT + timedelta(days=4 * 365)) == 0
    assert operations.forget_documents(actor=CLOCK, at=AT + timedelta(days=5 * 365 + 1)) == 1
    paper = Signature.objects.get(side="city")
    assert (bytes(paper.document), paper.document_sha256) == (b"", "a" * 64)
