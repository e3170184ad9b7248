"""Whom a step of the dialogue concerns: notices raised and closed as it goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any, Final

from marsad.accounts.rules import Role
from marsad.actors.queries import is_member
from marsad.audit.rules import System
from marsad.coordination.dialogue import notice_words as kinds
from marsad.coordination.dialogue.rules import ANSWER_WITHIN, SubjectKind
from marsad.coordination.dialogue.rules_sessions import REMIND_BEFORE, CommitmentState
from marsad.notices.kinds import NoticeKind
from marsad.notices.operations import close_notices, raise_for_all, raise_notice
from marsad.notices.rules import To

_DIALOGUE: Final = System("dialogue")


def _raise(kind: NoticeKind, to: To, subject: str, path: str, at: datetime, **more: Any) -> None:
    raise_notice(actor=_DIALOGUE, at=at, kind=kind.code, to=to, subject=subject, path=path, **more)


def _close(kind: NoticeKind, subject: str, at: datetime) -> None:
    close_notices(actor=_DIALOGUE, at=at, subject=subject, kind=kind.code)


def _discussion(discussion: Any) -> dict[str, Any]:
    return {"subject": f"discussion:{discussion.pk}", "path": f"/dialogue/discussions/{discussion.pk}/"}


def question(discussion: Any, producers: Iterable[str], *, but: Any, at: datetime) -> None:
    """Ask the producers, except the one that asks itself; silence reaches the coordinator."""
    for code in sorted(producers):
        if not is_member(but, code):
            _raise(
                kinds.QUESTION,
                To(organisation=code),
                at=at,
                due_on=(at + ANSWER_WITHIN).date(),
                escalate_to=Role.COORDINATOR,
                values={"number": discussion.pk},
                **_discussion(discussion),
            )


def answered(discussion: Any, followers: Iterable[str], *, by_producer: bool, at: datetime) -> None:
    """One open notice for each follower, renewed by each answer, so that the daily message tells of it again."""
    place = _discussion(discussion)
    if by_producer:
        _close(kinds.QUESTION, place["subject"], at)
    _close(kinds.ANSWERED, place["subject"], at)
    addressees = [To(user=user) for user in followers]
    values = {"number": discussion.pk}
    raise_for_all(actor=_DIALOGUE, at=at, kind=kinds.ANSWERED.code, to=addressees, values=values, **place)


def settled(discussion: Any, *, at: datetime) -> None:
    if discussion.accepted_id or discussion.accepted:
        _close(kinds.QUESTION, f"discussion:{discussion.pk}", at)


def reported(discussion: Any, *, at: datetime) -> None:
    _raise(
        kinds.REPORTED,
        To(role=Role.COORDINATOR),
        at=at,
        values={"number": discussion.pk},
        **_discussion(discussion),
    )


def reports_closed(discussion: Any, *, at: datetime) -> None:
    _close(kinds.REPORTED, f"discussion:{discussion.pk}", at)


def hidden(discussion: Any, author: str, *, at: datetime) -> None:
    _raise(kinds.HIDDEN, To(user=author), at=at, values={"number": discussion.pk}, **_discussion(discussion))


def _to(record: Any, user: str, organisation: str) -> To:
    number, code = getattr(record, f"{user}_id"), getattr(record, f"{organisation}_id")
    return To(organisation=code) if code else To(user=str(number))


def session(kind: NoticeKind, held: Any, participants: Iterable[Any], *, at: datetime, day: date) -> None:
    """Tell participants of a session; what was said of it before is closed."""
    subject = f"session:{held.pk}"
    participants = list(participants)
    if kind is not kinds.INVITED:
        for earlier in (kinds.INVITED, kinds.MOVED, kinds.CANCELLED, kinds.PUBLISHED):
            _close(earlier, subject, at)
    for one in participants:
        _raise(
            kind,
            _to(one, "user", "organisation"),
            subject,
            f"/dialogue/sessions/{held.pk}/",
            at,
            due_on=day if kind in (kinds.INVITED, kinds.MOVED) else None,
            values={"number": held.pk, "day": day.isoformat()},
        )


def session_over(held: Any, *, at: datetime) -> None:
    """Nobody is waited for any more."""
    for kind in (kinds.INVITED, kinds.MOVED):
        _close(kind, f"session:{held.pk}", at)


def commitment(made: Any, *, at: datetime, earlier: date | None = None) -> None:
    """What a commitment waits for: its owner until the day; nobody once it is closed. ``earlier``: the day it had."""
    _close(kinds.COMMITTED, _commitment_subject(made), at)
    for due_on in {made.due_on, earlier or made.due_on}:
        for kind in (kinds.SOON, kinds.LATE):
            _close(kind, _reminder_subject(made, due_on), at)
    if made.state == CommitmentState.OPEN:
        _commitment(kinds.COMMITTED, made, _commitment_subject(made), at)


def _commitment_subject(made: Any) -> str:
    return f"commitment:{made.pk}"


def _reminder_subject(made: Any, due_on: date) -> str:
    return f"commitment:{made.pk}:{due_on}"


def _commitment(kind: NoticeKind, made: Any, subject: str, at: datetime) -> None:
    _raise(
        kind,
        _to(made, "owner_user", "owner_organisation"),
        subject,
        f"/dialogue/commitments/{made.pk}/",
        at,
        due_on=made.due_on,
        escalate_to=Role.COORDINATOR if kind is kinds.LATE else "",
        values={"number": made.pk, "session": made.session_id, "due_on": made.due_on.isoformat()},
    )


def remind(made: Any, *, today: date, at: datetime, was_told: Callable[[str, str], bool]) -> bool:
    """Remind the owner a week before the day, and on the day after, each once; returns whether somebody was told.

    A commitment that is late reaches the coordinator with the next round of escalations.
    """
    if today > made.due_on:
        kind = kinds.LATE
    elif made.due_on - today <= REMIND_BEFORE:
        kind = kinds.SOON
    else:
        return False
    subject = _reminder_subject(made, made.due_on)
    if was_told(kind.code, subject):
        return False
    _commitment(kind, made, subject, at)
    return True


def to_close(made: Any, number: int, *, at: datetime) -> None:
    """Whoever assesses requests learns that one, or a need, can be closed with the edition of a commitment."""
    is_need = made.subject_kind == SubjectKind.NEED
    _raise(
        kinds.NEED_TO_CLOSE if is_need else kinds.TO_CLOSE,
        To(role=Role.DATA_OFFICER),
        f"commitment:{made.pk}",
        f"/needs/{number}/" if is_need else f"/needs/requests/{number}/",
        at,
        values={"number": made.pk, "need" if is_need else "request": number},
    )
