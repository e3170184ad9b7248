"""Reading what waits for a person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from marsad.accounts.models import User
from marsad.actors.queries import organisations_of
from marsad.notices.kinds import KINDS
from marsad.notices.models import Notice
from marsad.notices.rules import To, is_overdue


@dataclass(frozen=True)
class Row:
    """A notice with its words in the language in force."""

    notice: Notice
    title: str
    body: str
    overdue: bool


def addressees_of(user: Any) -> frozenset[str]:
    """Every addressee that an account answers for: itself, its roles and its organisations."""
    keys = {To(user=str(user.pk)).key}
    keys |= {To(role=str(role)).key for role in user.role_names}
    keys |= {To(organisation=organisation.code).key for organisation in organisations_of(user)}
    return frozenset(keys)


def notices_for(user: Any, *, closed: bool = False) -> QuerySet[Notice]:
    """The open notices, those due first; or the closed ones, the latest first."""
    found = Notice.objects.filter(to__in=addressees_of(user))
    if closed:
        return found.exclude(closed_at=None).order_by("-closed_at")
    return found.filter(closed_at=None)


def rows(notices: Iterable[Notice], *, today: date) -> list[Row]:
    """Notices with their words. One whose kind no app registers any more shows its code."""
    return [_row(notice, today) for notice in notices]


def _row(notice: Notice, today: date) -> Row:
    kind = KINDS.get(notice.kind)
    title, body = kind.said(notice.values) if kind else (notice.kind, "")
    return Row(notice, title, body, notice.closed_at is None and is_overdue(notice.due_on, today=today))


def untold() -> list[tuple[User, list[Notice]]]:
    """The accounts that have open notices which no message has told yet, with these notices."""
    waiting = list(Notice.objects.filter(closed_at=None, told_at=None))
    people = User.objects.filter(is_active=True, email__isnull=False) if waiting else []
    pairs = ((user, addressees_of(user)) for user in people)
    told = ((user, [one for one in waiting if one.to in keys]) for user, keys in pairs)
    return [(user, notices) for user, notices in told if notices]
