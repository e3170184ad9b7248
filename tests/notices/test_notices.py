"""A notice waits once for its addressee, is closed or dismissed, and escalates when it is overdue."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from house.people import AT, person
from marsad.accounts.rules import Role
from marsad.actors.models import Organisation
from marsad.actors.operations import add_membership, end_membership
from marsad.actors.queries import is_member, members_of
from marsad.audit.rules import System
from marsad.notices import kinds, operations
from marsad.notices.queries import notices_for
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
