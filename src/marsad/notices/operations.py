"""Writes of notices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from marsad.audit.events import record, writes
from marsad.audit.rules import Actor, is_code
from marsad.notices.kinds import KINDS
from marsad.notices.models import Notice
from marsad.notices.queries import dismissible
from marsad.notices.rules import To
from migstat.model.refusals import Refused

_KEPT = timedelta(days=365)
# How many rows one statement writes: a database takes only so many values in one.
_BATCH = 500


@writes("notices.raise")
def raise_notice(
    *,
    actor: Actor,
    at: datetime,
    kind: str,
    to: To,
    path: str,
    subject: str,
    due_on: date | None = None,
    escalate_to: str = "",
    values: Mapping[str, int | str] | None = None,
) -> Notice:
    """Raise a notice, or find the open one of this kind, addressee and subject.

    ``path`` is a page without its language. Raises ``Refused`` for a kind that nobody registered, or a subject that
    is no code.
    """
    _check(kind, subject)
    notice, is_new = Notice.objects.get_or_create(
        kind=kind,
        to=to.key,
        subject=subject,
        closed_at=None,
        defaults={
            "path": path,
            "values": dict(values or {}),
            "raised_at": at,
            "due_on": due_on,
            "escalate_to": escalate_to,
        },
    )
    record(
        actor=actor, action="notices.raise", target=f"notice:{notice.pk}", at=at, details={"kind": kind, "new": is_new}
    )
    return notice


def _check(kind: str, subject: str) -> None:
    if kind not in KINDS:
        raise Refused("notices.kind", found=f"the kind of notice {kind!r}", remedy="register it with notice_kind")
    if not is_code(subject):
        raise Refused("notices.subject", found="a subject that is not a code", remedy="name the subject by its code")


@writes("notices.raise_for_all")
def raise_for_all(
    *,
    actor: Actor,
    at: datetime,
    kind: str,
    to: Iterable[To],
    path: str,
    subject: str,
    values: Mapping[str, int | str] | None = None,
) -> int:
    """Raise the same news for many addressees at once, where it is not open already; returns how many were raised.

    Raises ``Refused`` as ``raise_notice`` does.
    """
    _check(kind, subject)
    standing = Notice.objects.filter(kind=kind, subject=subject, closed_at=None)
    keys = sorted({one.key for one in to} - set(standing.values_list("to", flat=True)))
    news: dict[str, Any] = {"kind": kind, "path": path, "subject": subject, "raised_at": at}
    made = [Notice(to=key, values=dict(values or {}), **news) for key in keys]
    Notice.objects.bulk_create(made, batch_size=_BATCH, ignore_conflicts=True)
    record(
        actor=actor,
        action="notices.raise_for_all",
        target=f"subject:{subject}"[:80],
        at=at,
        details={"kind": kind, "raised": len(keys)},
    )
    return len(keys)


@writes("notices.close")
def close_notices(*, actor: Actor, at: datetime, subject: str, kind: str = "", to: To | None = None) -> int:
    """Close what is open on a subject, of one kind or of all, of one addressee or of all; returns how many were."""
    found = Notice.objects.filter(subject=subject, closed_at=None)
    if kind:
        found = found.filter(kind=kind)
    if to is not None:
        found = found.filter(to=to.key)
    closed = found.update(closed_at=at)
    record(actor=actor, action="notices.close", target=f"subject:{subject}"[:80], at=at, details={"closed": closed})
    return closed


@writes("notices.dismiss")
def dismiss_notice(*, actor: Actor, at: datetime, notice_id: int, keys: frozenset[str]) -> bool:
    """Close one notice that waits for one of the addressees ``keys``; False where there is none.

    One that escalates closes when what it waits for is done; put away by hand, its silence would reach nobody.
    """
    notice = Notice.objects.select_for_update().filter(pk=notice_id, to__in=keys, closed_at=None).first()
    closed = notice is not None and dismissible(notice)
    if notice is not None and closed:
        notice.closed_at = at
        notice.save(update_fields=["closed_at"])
    record(actor=actor, action="notices.dismiss", target=f"notice:{notice_id}", at=at, details={"closed": closed})
    return closed


@writes("notices.escalate")
def escalate_overdue(*, actor: Actor, at: datetime) -> int:
    """Raise every overdue notice once more, for the role it escalates to; returns how many were."""
    waiting = Notice.objects.filter(closed_at=None, escalated_at=None, due_on__lt=at.date()).exclude(escalate_to="")
    overdue = list(waiting.select_for_update().order_by("pk"))
    roles = {To(role=one.escalate_to).key for one in overdue}
    standing = set(Notice.objects.filter(to__in=roles, closed_at=None).values_list("kind", "to", "subject"))
    risen: dict[tuple[str, str, str], Notice] = {}
    for notice in overdue:
        key = (notice.kind, To(role=notice.escalate_to).key, notice.subject)
        if key not in standing:
            told = {"path": notice.path, "values": notice.values, "raised_at": at, "due_on": notice.due_on}
            risen.setdefault(key, Notice(kind=key[0], to=key[1], subject=key[2], **told))
        notice.escalated_at = at
    Notice.objects.bulk_create(risen.values(), batch_size=_BATCH, ignore_conflicts=True)
    Notice.objects.bulk_update(overdue, ["escalated_at"], batch_size=_BATCH)
    raised = len(overdue)
    record(actor=actor, action="notices.escalate", target="notices", at=at, details={"escalated": raised})
    return raised


@writes("notices.told")
def mark_told(*, actor: Actor, at: datetime, notices: Sequence[int]) -> int:
    """Note that a message has told these notices."""
    told = sum(
        Notice.objects.filter(pk__in=notices[start : start + _BATCH]).update(told_at=at)
        for start in range(0, len(notices), _BATCH)
    )
    record(actor=actor, action="notices.told", target="notices", at=at, details={"told": told})
    return told


@writes("notices.forget")
def forget_closed(*, actor: Actor, at: datetime) -> int:
    """Delete the notices closed long ago: the audit log keeps that they stood."""
    deleted, _ = Notice.objects.filter(closed_at__lt=at - _KEPT).delete()
    record(actor=actor, action="notices.forget", target="notices", at=at, details={"deleted": deleted})
    return deleted
