"""The road of a session: agenda of what is open, invitations, results, report; commitments that remind and close."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from icalendar import Calendar

from agreements.made import TERMS, in_force
from agreements.made import cast as agreement_cast
from dialogue.made import EVERY, STARTS, committed, convened, draft, held, move, noted, part
from house.people import AT, client_of, person
from marsad.accounts.models import User
from marsad.accounts.rules import Role
from marsad.actors.models import Contact
from marsad.audit.rules import System
from marsad.coordination.agreements.operations import note_delivery
from marsad.coordination.agreements.rules import DeliveryFact
from marsad.coordination.dialogue import operations_results as results
from marsad.coordination.dialogue import operations_sessions as sessions
from marsad.coordination.dialogue import queries_sessions as queries
from marsad.coordination.dialogue.calendar_round import remind_of_commitments
from marsad.coordination.dialogue.models import Commitment, Participant, Session
from marsad.coordination.dialogue.report import report_of
from marsad.coordination.dialogue.rules import MoveRefused, Refusal
from marsad.coordination.dialogue.rules_sessions import (
    ChallengeMove,
    CommitmentMove,
    Given,
    ItemKind,
    SessionMove,
    Words,
)
from marsad.coordination.dialogue.texts import paragraphs
from marsad.coordination.needs.models import DataRequest, Need
from marsad.coordination.needs.rules import RequestMove
from marsad.notices.operations import close_notices, escalate_overdue
from marsad.notices.queries import notices_for
from needs.made import data_request, edition, need, speaker
from needs.made import move as move_request

pytestmark = pytest.mark.django_db(databases=["default", "confidential"])
TODAY = timezone.localdate(STARTS)


def kinds(user: User) -> list[str]:
    return sorted(notices_for(User.objects.get(pk=user.pk)).values_list("kind", flat=True))


def keep(who: Any, made: Commitment, kind: str, code: str, *, at: datetime = STARTS + timedelta(days=9)) -> Commitment:
    given = Given(evidence=queries.evidence(kind, code))
    return results.move_commitment(actor=who, at=at, number=made.pk, move=CommitmentMove.KEEP, given=given)


def test_the_agenda_is_made_of_what_is_open_and_one_may_read() -> None:
    people = agreement_cast()
    in_force(people, TERMS)
    asker = person(Role.PLANNER)
    hidden = need(asker, is_public=False)
    asked = data_request(asker)
    session = draft(people.coordinator)
    on = date(2026, 4, 20)
    found = queries.proposals(people.coordinator, today=on, session=session)
    assert {(one.kind, one.code) for one in found} == {
        (ItemKind.NEED, str(hidden.pk)),
        (ItemKind.REQUEST, str(asked.pk)),
        (ItemKind.LATE_DELIVERY, "camp-visits"),
    }
    facilitator = queries.proposals(person(Role.FACILITATOR), today=on)
    assert [one.kind for one in facilitator] == [ItemKind.REQUEST]
    sessions.set_agenda(actor=people.coordinator, at=AT, number=session.pk, chosen=found)
    assert queries.proposals(people.coordinator, today=on, session=session) == []
    first, second, third = session.agenda.all()
    sessions.move_item(actor=people.coordinator, at=AT, number=session.pk, item=third.pk, by=-1)
    assert [one.pk for one in session.agenda.all()] == [first.pk, third.pk, second.pk]
    sessions.move_item(actor=people.coordinator, at=AT, number=session.pk, item=first.pk, by=0)
    assert [one.position for one in session.agenda.all()] == [1, 2]


def calendars() -> list[tuple[str, Any, Any]]:
    """Addressee, method and event of each message that went out."""
    found = []
    for message in mail.outbox:
        attached = message.attachments[0]
        assert attached.get_content_type() == "text/calendar"
        calendar = Calendar.from_ical(attached.get_payload(decode=True))
        found.append((message.to[0], str(calendar["method"]), calendar.walk("VEVENT")[0]))
        assert attached.get_param("method") == calendar["method"]
    return found


def test_calendar_messages_go_to_each_alone_and_their_sequence_grows(settings: Any) -> None:
    settings.DEFAULT_FROM_EMAIL = "L’Observatoire <office@example.org>"
    coordinator, guest = person(Role.COORDINATOR), person(Role.PLANNER, email="guest@example.org")
    speaker("camp")
    Contact.objects.create(
        organisation_id="camp", name="Contact", function="Data", email="contact@example.org", scope="partners",
        consented_on=AT.date(), recorded_by="system:test",
    )  # fmt: skip
    session = draft(coordinator, starts_at=timezone.now() + timedelta(days=5))
    client = client_of(coordinator)
    path = f"/fr/dialogue/sessions/{session.pk}/"
    sessions.write_item(actor=coordinator, at=AT, number=session.pk, content=part())
    client.post(f"{path}invite/", {"organisations": ["camp"], "persons": [str(guest.pk)]})
    mail.outbox.clear()
    client.post(f"{path}move/", {"move": "convene"})
    sent = calendars()
    assert {(to, method) for to, method, _ in sent} == {
        (address, "REQUEST") for address in ("camp@example.org", "contact@example.org", "guest@example.org")
    }
    for to, _, event in sent:
        assert (str(event["attendee"]), event["sequence"]) == (f"mailto:{to}", 0)
        assert str(event["organizer"]) == "mailto:office@example.org"
        assert event.start.replace(microsecond=0) == session.starts_at.replace(microsecond=0)
    assert kinds(guest) == ["dialogue.invited"]
    moved = timezone.localtime(session.starts_at + timedelta(days=1))
    form = {
        "words_fr": "Données\r\nBcc: everybody@example.org",
        "words_ar": "معطيات",
        "words_en": "Data",
        "is_public": "on",
    }
    times = {"starts_at": f"{moved:%Y-%m-%dT%H:%M}", "ends_at": f"{moved + timedelta(hours=1):%Y-%m-%dT%H:%M}"}
    mail.outbox.clear()
    client.post(f"{path}edit/", form | times)
    assert {(method, event["sequence"]) for _, method, event in calendars()} == {("REQUEST", 1)}
    assert not any("\n" in message.subject or message.bcc for message in mail.outbox)
    assert kinds(guest) == ["dialogue.moved"]
    mail.outbox.clear()
    client.post(f"{path}move/", {"move": "cancel", "reason": "Too few can come"})
    assert {(method, event["sequence"], str(event["status"])) for _, method, event in calendars()} == {
        ("CANCEL", 2, "CANCELLED")
    }
    assert len({str(event["uid"]) for _, _, event in calendars()}) == 1
    assert kinds(guest) == ["dialogue.cancelled"]


def test_a_feed_follows_the_sessions_of_whoever_has_its_address() -> None:
    coordinator, guest = person(Role.COORDINATOR), person(Role.PLANNER, email="guest@example.org")
    convened(coordinator, persons=[str(guest.pk)])
    convened(coordinator, persons=[str(coordinator.pk)])
    secret = sessions.make_calendar_key(actor=guest, at=AT)
    client = client_of(coordinator)
    client.logout()
    calendar = Calendar.from_ical(client.get(f"/fr/dialogue/feed/{secret}.ics").content)
    assert len(calendar.walk("VEVENT")) == 1
    nobody = sessions.make_calendar_key(actor=person(Role.LEARNER), at=AT)
    empty = client.get(f"/fr/dialogue/feed/{nobody}.ics").content.decode()
    assert empty.count("BEGIN:VTIMEZONE") == 1 and "BEGIN:VEVENT" not in empty  # RFC 5545: never without a component
    other = sessions.make_calendar_key(actor=guest, at=AT)
    assert client.get(f"/fr/dialogue/feed/{secret}.ics").status_code == 404
    sessions.make_calendar_key(actor=guest, at=AT, ends=True)
    assert client.get(f"/fr/dialogue/feed/{other}.ics").status_code == 404


def test_a_report_waits_for_attendance_and_every_language() -> None:
    coordinator = person(Role.COORDINATOR)
    speaker("camp")
    session = held(coordinator, organisations=["camp"])
    results.write_conclusion(
        actor=coordinator, at=STARTS, session=session.pk, content=part(Words(fr="En français"), kind="decision")
    )
    with pytest.raises(MoveRefused) as refused:
        move(coordinator, session, SessionMove.PUBLISH)
    assert refused.value.refusals == {Refusal.NO_ATTENDANCE, Refusal.NOT_TRANSLATED}
    noted(coordinator, session)
    one = session.conclusions.get()
    results.write_conclusion(
        actor=coordinator, at=STARTS, session=session.pk, content=part(kind="decision"), number=one.pk
    )
    assert move(coordinator, session, SessionMove.PUBLISH).state == "published"
    with pytest.raises(MoveRefused):
        sessions.write_item(actor=coordinator, at=AT, number=session.pk, content=part())
    assert move(coordinator, session, SessionMove.REOPEN, reason="A name was wrong").state == "held"


def test_only_whoever_holds_sessions_writes_in_them_and_only_the_invited_reply() -> None:
    coordinator, stranger = person(Role.COORDINATOR), person(Role.PLANNER, email="stranger@example.org")
    partner = speaker("camp")
    session = convened(coordinator, organisations=["camp"])
    place = Participant.objects.get()
    for write in (
        lambda: draft(partner),
        lambda: sessions.write_item(actor=partner, at=AT, number=session.pk, content=part()),
        lambda: move(partner, session, SessionMove.CANCEL, reason="no"),
        lambda: sessions.reply(actor=stranger, at=AT, place=place.pk, coming=True),
        lambda: committed(partner, session, organisation="camp"),
    ):
        with pytest.raises(MoveRefused):
            write()
    replied = sessions.reply(actor=partner, at=AT, place=place.pk, coming=False, may_be_named=True)
    assert (replied.reply, replied.may_be_named) == ("excused", False)


def test_a_commitment_reminds_escalates_is_postponed_and_closes_with_an_accepted_delivery() -> None:
    people = agreement_cast()
    in_force(people, TERMS)
    session = held(people.coordinator, organisations=["camp"])
    made = committed(people.coordinator, session, organisation="camp")
    assert "dialogue.committed" in kinds(people.partner)
    due = datetime.combine(made.due_on, STARTS.time(), STARTS.tzinfo)
    assert remind_of_commitments(at=due - timedelta(days=8)) == 0
    assert [remind_of_commitments(at=due - timedelta(days=7)) for _ in range(2)] == [1, 0]
    later = made.due_on + timedelta(days=20)
    postpone = Given("The list is long", later)
    results.move_commitment(
        actor=people.coordinator, at=due, number=made.pk, move=CommitmentMove.POSTPONE, given=postpone
    )
    assert "dialogue.commitment_soon" not in kinds(people.partner)
    overdue = due + timedelta(days=21)
    assert remind_of_commitments(at=overdue) == 1
    assert "dialogue.commitment_late" not in kinds(people.coordinator)
    escalate_overdue(actor=System("test"), at=overdue)
    assert "dialogue.commitment_late" in kinds(people.coordinator)

    def delivered(state: str) -> None:
        fact = DeliveryFact(
            agreement="camp-visits", dataflow="visits", organisation="camp", delivery="d-1", state=state,
            received_on=later, period="2026-02", rows=10,
        )  # fmt: skip
        note_delivery(actor=System("test"), at=overdue, fact=fact)

    delivered("returned")
    with pytest.raises(MoveRefused) as refused:
        keep(people.partner, made, "delivery", "d-1", at=overdue)
    assert refused.value.refusals == {Refusal.EVIDENCE_UNKNOWN}
    delivered("accepted")
    kept = keep(people.partner, made, "delivery", "d-1", at=overdue)
    assert (kept.state, kept.evidence_code) == ("kept", "d-1")
    for user in (people.partner, people.coordinator):
        assert not [kind for kind in kinds(user) if kind.startswith("dialogue.commit")]
    assert ("d-1", "camp-visits · 2026-02") in queries.accepted_deliveries(people.partner)


def test_evidence_is_looked_up() -> None:
    edition(number="2026-1")
    assert queries.evidence("edition", "SLUMS/2026-1").known  # type: ignore[union-attr]
    for kind, code in (
        ("edition", "SLUMS/2"), ("edition", "SLUMS"), ("document", "http://a.org/x"), ("document", "https://a b.org"),
        ("document", "javascript:alert(1)"), ("delivery", "nothing"),
    ):  # fmt: skip
        found = queries.evidence(kind, code)
        assert found is not None
        assert not found.known, (kind, code)
    assert queries.evidence("edition", " ") is None
    assert queries.evidence("witness", "x") is None


def test_a_commitment_kept_with_an_edition_closes_the_request_and_the_need_behind_it() -> None:
    officer, asker = person(Role.DATA_OFFICER), person(Role.PLANNER)
    stated = need(asker)
    asked = data_request(asker, need=stated.pk)
    session = held(officer, persons=[str(asker.pk)])
    content = {"subject_kind": "request", "subject_code": str(asked.pk), "owner": str(asker.pk)}
    early = committed(officer, session, **content)
    published = edition(TODAY + timedelta(days=5))
    keep(officer, early, "edition", f"SLUMS/{published.number}")
    assert DataRequest.objects.get().state == "received"
    assert "dialogue.to_close" in kinds(officer)
    move_request(officer, asked, RequestMove.ASSESS, at=STARTS)
    made = committed(officer, session, **content)
    with pytest.raises(MoveRefused):
        keep(asker, made, "edition", "SLUMS/none")
    keep(officer, made, "edition", f"SLUMS/{published.number}")
    assert DataRequest.objects.get().state == "done"
    assert Need.objects.get().state == "answered"


def test_a_need_is_closed_by_who_asked_and_else_somebody_is_told() -> None:
    officer, owner, other = person(Role.DATA_OFFICER), speaker("camp"), speaker("two")
    session = held(officer, organisations=["camp", "two"])
    published = edition(TODAY + timedelta(days=5))
    for keeper, state in ((other, "open"), (owner, "answered")):
        stated = need(owner, organisation="camp")
        organisation = "camp" if keeper is owner else "two"
        made = committed(officer, session, subject_kind="need", subject_code=str(stated.pk), organisation=organisation)
        keep(keeper, made, "edition", f"SLUMS/{published.number}")
        stated.refresh_from_db()
        assert stated.state == state
        assert ("dialogue.need_to_close" in kinds(officer)) is (state == "open")
        close_notices(actor=System("test"), at=AT, subject=f"commitment:{made.pk}")


def test_who_came_uninvited_is_noted_as_present() -> None:
    coordinator = person(Role.COORDINATOR)
    speaker("camp")
    speaker("late")
    session = held(coordinator, organisations=["camp"])
    assert "data-invite" in client_of(coordinator).get(f"/fr/dialogue/sessions/{session.pk}/").content.decode()
    sessions.invite(actor=coordinator, at=STARTS, number=session.pk, organisations=["late"])
    noted(coordinator, session, came=[one.pk for one in queries.participants_of(session)])
    report = report_of(Session.objects.get(), "fr", internal=False)
    assert [len(one.lines) for one in report.sections if one.code == "present"] == [2]


def test_minutes_keep_the_direction_of_each_paragraph() -> None:
    read = paragraphs("Les codes (الرموز).\n\nكلمة السيد العمدة عن ISO 3166.", "en")
    assert [(one.language, one.direction) for one in read] == [("en", "ltr"), ("ar", "rtl")]


def test_what_became_of_a_challenge_is_told_in_order() -> None:
    coordinator = person(Role.COORDINATOR)
    speaker("camp")
    session = held(coordinator, organisations=["camp"])
    challenge = results.write_challenge(
        actor=coordinator, at=STARTS, session=session.pk, content=part(kind="legal", organisation="camp")
    )
    made = committed(coordinator, session, organisation="camp", challenge=challenge.pk)
    at = STARTS + timedelta(days=40)
    ask = {"actor": coordinator, "at": at, "number": challenge.pk}
    with pytest.raises(MoveRefused) as refused:
        results.move_challenge(move=ChallengeMove.RESOLVE, words=EVERY, **ask)  # type: ignore[arg-type]
    assert refused.value.refusals == {Refusal.COMMITMENTS_OPEN}
    keep(coordinator, made, "document", "https://example.org/protocol", at=STARTS + timedelta(days=30))
    results.move_challenge(move=ChallengeMove.RESOLVE, words=EVERY, **ask)  # type: ignore[arg-type]
    challenge.refresh_from_db()
    assert challenge.state == "resolved"
    told = [one.kind for one in queries.timeline(challenge, user=coordinator)]
    assert told == ["take_up", "committed", "kept", "resolve"]
    assert [one.kind for one in queries.timeline(challenge)] == ["take_up", "resolve"]
    noted(coordinator, session, came=[one.pk for one in Participant.objects.all()])
    move(coordinator, session, SessionMove.PUBLISH)
    assert [one.kind for one in queries.timeline(challenge)] == told
    assert Session.objects.get().published_at is not None
