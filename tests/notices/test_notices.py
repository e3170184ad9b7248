"""A notice waits once for its addressee, is closed or dismissed, and escalates when it is overdue."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from house.people import AT, client_of, person
from marsad.accounts.rules import Role
from marsad.actors.models import Organisation
from marsad.actors.operations import add_membership, end_membership
from marsad.actors.queries import is_member, members_of
from marsad.audit.rules import System
from marsad.notices import kinds, operations
from marsad.notices.desk import rooms_of
from marsad.notices.messages import MOST_NAMED, send_digests
from marsad.notices.models import Notice
from marsad.notices.queries import notices_for, rows, untold
from marsad.notices.rules import To, is_overdue
from migstat.model.refusals import Refused

pytestmark = pytest.mark.django_db(databases=["default", "confidential"])
SYSTEM = System("test")


@pytest.fixture(autouse=True)
def kind() -> Iterator[None]:
    kinds.notice_kind("test.waits", "Waiting for %(thing)s")
    yield
    del kinds.KINDS["test.waits"]


def waits(to: To, **more: object) -> object:
    given = {"kind": "test.waits", "path": "/x/", "subject": "thing:1", "values": {"thing": "one"}} | more
    return operations.raise_notice(actor=SYSTEM, at=AT, to=to, **given)  # type: ignore[arg-type]


def test_a_notice_is_raised_once_and_closed() -> None:
    user = person(Role.COORDINATOR)
    first = waits(To(role="coordinator"))
    assert waits(To(role="coordinator")) == first
    assert [one.kind for one in notices_for(user)] == ["test.waits"]
    assert operations.close_notices(actor=SYSTEM, at=AT, subject="thing:1") == 1
    assert not notices_for(user).exists()
    assert notices_for(user, closed=True).count() == 1


def test_members_of_an_organisation_see_its_notices_and_others_do_not() -> None:
    Organisation.objects.create(code="cam", kind="association", name_fr="C", name_ar="ك", name_en="C")
    user, other = person(Role.PARTNER), person(Role.PLANNER)
    membership = add_membership(actor=SYSTEM, at=AT, user_id=user.pk, organisation="cam")
    waits(To(organisation="cam"))
    assert is_member(user, "cam")
    assert members_of("cam") == [user]
    assert notices_for(user).count() == 1
    assert notices_for(other).count() == 0
    end_membership(actor=SYSTEM, at=AT, membership_id=membership.pk)
    assert notices_for(user).count() == 0


def test_an_overdue_notice_escalates_once() -> None:
    waits(To(role="partner"), due_on=AT.date(), escalate_to="coordinator")
    later = AT + timedelta(days=1)
    assert operations.escalate_overdue(actor=SYSTEM, at=AT) == 0
    assert operations.escalate_overdue(actor=SYSTEM, at=later) == 1
    assert operations.escalate_overdue(actor=SYSTEM, at=later) == 0
    assert notices_for(person(Role.COORDINATOR)).count() == 1


def test_only_the_addressee_dismisses() -> None:
    user = person(Role.COORDINATOR)
    notice = waits(To(user=str(user.pk)))
    dismiss = {"actor": user, "at": AT, "notice_id": notice.pk}  # type: ignore[attr-defined]
    assert not operations.dismiss_notice(**dismiss, keys=frozenset({"role:partner"}))
    assert operations.dismiss_notice(**dismiss, keys=frozenset({f"user:{user.pk}"}))


def test_nobody_silences_by_hand_what_escalates() -> None:
    user, coordinator = person(Role.PARTNER), person(Role.COORDINATOR)
    waits(To(role="partner"), subject="thing:2")
    notice = waits(To(role="partner"), due_on=AT.date(), escalate_to="coordinator")
    dismiss = {"actor": user, "at": AT, "notice_id": notice.pk, "keys": frozenset({"role:partner"})}  # type: ignore[attr-defined]
    assert [one.subject for one in notices_for(user)] == ["thing:1", "thing:2"]  # what is due stands first
    assert [row.may_dismiss for row in rows(notices_for(user), today=AT.date())] == [False, True]
    assert not operations.dismiss_notice(**dismiss)
    assert operations.escalate_overdue(actor=SYSTEM, at=AT + timedelta(days=1)) == 1
    assert notices_for(coordinator).count() == 1
    assert operations.dismiss_notice(**dismiss)  # whom it escalates to knows by now


def test_what_is_built_wrong_is_refused() -> None:
    for wrong in (To, lambda: To(user="1", role="partner"), lambda: waits(To(role="partner"), kind="test.unknown")):
        with pytest.raises(Refused):
            wrong()
    with pytest.raises(Refused):
        waits(To(role="partner"), subject="Somebody Somewhere")
    with pytest.raises(ValueError, match="twice"):
        kinds.notice_kind("test.waits", "again")
    with pytest.raises(Refused):
        add_membership(actor=SYSTEM, at=AT, user_id=person(Role.PARTNER).pk, organisation="nowhere")


def test_a_day_late_is_late() -> None:
    assert is_overdue(date(2026, 1, 1), today=date(2026, 1, 2))
    assert not is_overdue(date(2026, 1, 1), today=date(2026, 1, 1))
    assert not is_overdue(None, today=date(2026, 1, 1))
    assert kinds.NoticeKind("k", "%(a)s", "%(b)s").said({"a": 1, "b": 2}) == ("1", "2")


def test_the_desk_shows_what_waits_and_closes_it() -> None:
    user = person(Role.COORDINATOR)
    client = client_of(user)
    assert "Rien ne vous attend." in client.get("/fr/desk/").content.decode()
    notice = waits(To(user=str(user.pk)), due_on=AT.date())
    page = client.get("/fr/desk/").content.decode()
    assert "Waiting for one" in page
    assert "En retard" in page
    assert 'href="/fr/x/"' in page
    assert client_of(person(Role.PLANNER)).post(f"/fr/desk/{notice.pk}/close/").status_code == 302  # type: ignore[attr-defined]
    assert notices_for(user).count() == 1
    client.post(f"/fr/desk/{notice.pk}/close/")  # type: ignore[attr-defined]
    assert "Waiting for one" in client.get("/fr/desk/?closed=1").content.decode()


def test_the_second_page_of_the_desk_holds_the_rest() -> None:
    user = person(Role.COORDINATOR)
    for number in range(30):
        waits(To(user=str(user.pk)), subject=f"thing:{number}")
    assert client_of(user).get("/ar/desk/?page=2").content.decode().count("data-notice") == 5


def test_each_role_sees_its_own_rooms_and_nobody_signed_out_sees_any() -> None:
    assert Client().get("/fr/desk/").status_code == 302
    seen = {role: rooms_of(person(role)) for role in (Role.ADMINISTRATOR, Role.LEARNER)}
    assert "/fr/work/" in {room.url for group in seen[Role.ADMINISTRATOR] for room in group.rooms}
    assert seen[Role.LEARNER] == []


def test_what_waits_is_told_once_by_mail_in_the_language_of_the_person() -> None:
    user = person(Role.COORDINATOR)
    waits(To(role="coordinator"))
    assert send_digests(actor=SYSTEM, at=AT) == 1
    assert send_digests(actor=SYSTEM, at=AT) == 0
    [message] = [one for one in mail.outbox if user.email in one.to and "attend" in one.subject]
    assert "Waiting for one" in message.body
    assert "/fr/desk/" in message.body


def test_a_message_that_cannot_be_sent_keeps_nobody_elses_back(monkeypatch: pytest.MonkeyPatch) -> None:
    people = [person(Role.COORDINATOR), person(Role.PLANNER)]
    for one in people:
        waits(To(user=str(one.pk)), subject=f"thing:{one.pk}")

    def send(*, email: str, **_: object) -> None:
        if email == people[0].email:
            raise SMTPRecipientsRefused({})

    monkeypatch.setattr("marsad.notices.messages.send_digest", send)
    assert send_digests(actor=SYSTEM, at=AT) == 1
    assert {to.pk for to, _ in untold()} == {people[0].pk}


def test_closed_notices_are_forgotten_after_a_year() -> None:
    waits(To(role="coordinator"))
    operations.close_notices(actor=SYSTEM, at=AT, subject="thing:1")
    assert operations.forget_closed(actor=SYSTEM, at=AT + timedelta(days=300)) == 0
    assert operations.forget_closed(actor=SYSTEM, at=AT + timedelta(days=400)) == 1


def test_three_thousand_notices_are_one_message_that_names_the_first() -> None:
    someone = person(Role.COORDINATOR)
    Notice.objects.bulk_create(
        Notice(
            kind="test.waits",
            to=To(role="coordinator").key,
            subject=f"x:{number}",
            path="/x/",
            raised_at=AT,
            values={"thing": "one"},
        )
        for number in range(3000)
    )
    assert send_digests(actor=SYSTEM, at=AT) == 1
    [message] = [one for one in mail.outbox if someone.email in one.to and "attend" in one.subject]
    assert message.body.count("\n- ") == MOST_NAMED + 1
    assert "et 2975 autres avis" in message.body.replace("\u202f", "").replace("\xa0", "")
    assert send_digests(actor=SYSTEM, at=AT) == 0


def test_what_was_told_is_noted_even_where_the_round_is_cut_short(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("one", "two"):
        someone = person(Role.MEMBER, email=f"{name}@example.org")
        waits(To(user=str(someone.pk)), subject=f"x:{name}")
    sent: list[str] = []

    def once(*, email: str, **_: Any) -> None:
        if sent:
            raise KeyboardInterrupt
        sent.append(email)

    monkeypatch.setattr("marsad.notices.messages.send_digest", once)
    with pytest.raises(KeyboardInterrupt):
        send_digests(actor=SYSTEM, at=AT)
    assert Notice.objects.exclude(told_at=None).count() == 1


def test_many_overdue_notices_escalate_in_few_questions(django_assert_max_num_queries: Any) -> None:
    for number in range(40):
        subject = f"x:{number % 20}"
        waits(To(user=str(number)), subject=subject, due_on=AT.date(), escalate_to="coordinator")
    later = AT + timedelta(days=2)
    with django_assert_max_num_queries(12):
        assert operations.escalate_overdue(actor=SYSTEM, at=later) == 40
    assert Notice.objects.filter(to="role:coordinator").count() == 20
    assert operations.escalate_overdue(actor=SYSTEM, at=later) == 0


def test_news_for_many_are_raised_at_once_and_not_twice(django_assert_max_num_queries: Any) -> None:
    news: dict[str, Any] = {"kind": "test.waits", "path": "/x/", "subject": "x:1"}
    with django_assert_max_num_queries(12):
        made = operations.raise_for_all(actor=SYSTEM, at=AT, to=[To(user=str(one)) for one in range(30)], **news)
    assert made == 30
    assert operations.raise_for_all(actor=SYSTEM, at=AT, to=[To(user=str(one)) for one in range(31)], **news) == 1
    with pytest.raises(Refused):
        operations.raise_for_all(actor=SYSTEM, at=AT, to=[], **(news | {"kind": "nobody.knows"}))
