"""Reading what waits for a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, QuerySet

from marsad.accounts.models import RoleGrant, User
from marsad.actors.models import Membership
from marsad.actors.queries import codes_of, organisations, standing_codes
from marsad.notices.kinds import KINDS
from marsad.notices.models import Notice
from marsad.notices.rules import To, is_overdue, may_be_dismissed
from marsad.web.words import said


@dataclass(frozen=True)
class Row:
    """A notice with its words in the language in force, and whether its addressee may put it away by hand."""

    notice: Notice
    title: str
    body: str
    overdue: bool
    may_dismiss: bool


def addressees_of(user: Any) -> frozenset[str]:
    """Every addressee that an account answers for: itself, its roles and its organisations."""
    keys = {To(user=str(user.pk)).key}
    keys |= {To(role=str(role)).key for role in user.role_names}
    keys |= {To(organisation=code).key for code in codes_of(user)}
    return frozenset(keys)


def notices_for(user: Any, *, closed: bool = False) -> QuerySet[Notice]:
    """The open notices, those due first, those without a day last; or the closed ones, the latest first."""
    found = Notice.objects.filter(to__in=addressees_of(user))
    if closed:
        return found.exclude(closed_at=None).order_by("-closed_at")
    return found.filter(closed_at=None).order_by(F("due_on").asc(nulls_last=True), "raised_at", "pk")


def dismissible(notice: Notice) -> bool:
    return may_be_dismissed(escalates=bool(notice.escalate_to), has_escalated=notice.escalated_at is not None)


def rows(notices: Iterable[Notice], *, today: date) -> list[Row]:
    """Notices with their words, organisations by name. One whose kind no app registers any more shows its code."""
    listed = list(notices)
    names = _names({str(one.values["organisation"]) for one in listed if "organisation" in one.values})
    return [_row(notice, today, names) for notice in listed]


def _names(codes: set[str]) -> dict[str, str]:
    return {one.code: said(one, "name") for one in organisations().filter(code__in=codes)} if codes else {}


def _row(notice: Notice, today: date, names: Mapping[str, str]) -> Row:
    kind = KINDS.get(notice.kind)
    named = {"organisation": names[code]} if (code := notice.values.get("organisation")) in names else {}
    title, body = kind.said(notice.values | named) if kind else (notice.kind, "")
    is_open = notice.closed_at is None
    may_dismiss = is_open and dismissible(notice)
    return Row(notice, title, body, is_open and is_overdue(notice.due_on, today=today), may_dismiss)


def untold() -> list[tuple[User, list[Notice]]]:
    """The accounts that have open notices which no message has told yet, with these notices."""
    waiting: dict[str, list[Notice]] = defaultdict(list)
    for notice in Notice.objects.filter(closed_at=None, told_at=None):
        waiting[notice.to].append(notice)
    told = (
        (user, [one for key in sorted(addressees_of(user)) for one in waiting.get(key, ())])
        for user in _concerned(waiting)
    )
    return [(user, sorted(notices, key=_urgency)) for user, notices in told if notices]


def _concerned(keys: Iterable[str]) -> list[User]:
    """The accounts that any of some addressees may stand for, found without asking each account what it answers for."""
    named: dict[str, set[str]] = defaultdict(set)
    for key in keys:
        kind, _, code = key.partition(":")
        named[kind].add(code)
    numbers = {*named["user"]}
    granted = RoleGrant.objects.filter(role__in=named["role"], revoked_at=None)
    numbers |= {str(user) for user in granted.values_list("user_id", flat=True)}
    speaking = Membership.objects.filter(until=None).values_list("user_id", "organisation_id")
    kept = standing_codes()
    speaks_for = {kept.get(code, code) for code in named["organisation"]} | named["organisation"]
    numbers |= {str(user) for user, code in speaking if code in speaks_for}
    people = User.objects.filter(is_active=True, email__isnull=False) if numbers else User.objects.none()
    return [user for user in people if str(user.pk) in numbers]


def _urgency(notice: Notice) -> tuple[bool, date, int]:
    """Those due first, those without a day last."""
    return notice.due_on is None, notice.due_on or date.max, notice.pk
