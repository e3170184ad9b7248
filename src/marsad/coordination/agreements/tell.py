"""Whom a step on an agreement concerns next: notices raised and closed as an agreement goes its way."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from marsad.accounts.rules import Role
from marsad.audit.rules import System
from marsad.coordination.agreements import notice_words as kinds
from marsad.coordination.agreements.rules import SILENCE_ALLOWED, AgreementState, Move, Side
from marsad.notices.kinds import NoticeKind
from marsad.notices.operations import close_notices, raise_notice
from marsad.notices.rules import To

_CALENDAR: Final = System("agreements")
_ANSWERED: Final[Mapping[Move, tuple[NoticeKind, ...]]] = {
    Move.AGREE: (kinds.TO_AGREE,),
    Move.REVIEW: (kinds.TO_REVIEW,),
    Move.SIGN: (kinds.TO_SIGN,),
    Move.ENFORCE: (kinds.TO_ENFORCE,),
    Move.REOPEN: (kinds.TO_REVIEW, kinds.TO_SIGN),
    Move.WITHDRAW: (kinds.TO_AGREE, kinds.TO_REVIEW, kinds.TO_SIGN, kinds.TO_ENFORCE),
}


def after_move(move: Move, version: Any, *, at: datetime) -> None:
    """Close what a move answers, and tell whoever acts next."""
    code, organisation = version.agreement_id, version.agreement.organisation_id
    for kind in _ANSWERED.get(move, ()):
        close_notices(actor=_CALENDAR, at=at, subject=subject_of(code), kind=kind.code)
    partner, coordinator = To(organisation=organisation), To(role=Role.COORDINATOR)
    following: dict[Move, tuple[NoticeKind, tuple[To, ...]]] = {
        Move.REOPEN: (kinds.TO_AGREE, (partner,)),
        Move.AGREE: (kinds.TO_REVIEW, (To(role=Role.DATA_PROTECTION_OFFICER),)),
        Move.REVIEW: (kinds.TO_SIGN, (partner, coordinator)),
        Move.SIGN: (kinds.TO_ENFORCE, (coordinator,)),
        Move.EXPIRE: (kinds.EXPIRED, (partner, coordinator)),
    }
    if move in following:
        kind, addressees = following[move]
        for to in addressees:
            _raise(kind, to, code, at=at)


def signed(side: Side, version: Any, *, at: datetime) -> None:
    """The side that signed is waited for no more."""
    to = To(organisation=version.agreement.organisation_id) if side is Side.PARTNER else To(role=Role.COORDINATOR)
    close_notices(actor=_CALENDAR, at=at, subject=subject_of(version.agreement_id), kind=kinds.TO_SIGN.code, to=to)


def of_draft(version: Any, *, at: datetime) -> None:
    """A draft of the city's waits for the partner."""
    if version.state == AgreementState.DRAFT:
        _raise(kinds.TO_AGREE, To(organisation=version.agreement.organisation_id), version.agreement_id, at=at)


def end_is_near(version: Any, days: int, *, at: datetime) -> None:
    """Remind both sides that an agreement ends within so many days."""
    subject = end_subject(version.agreement_id, version.number, days)
    values = {"agreement": version.agreement_id, "days": days, "ends_on": version.ends_on.isoformat()}
    for to in (To(organisation=version.agreement.organisation_id), To(role=Role.COORDINATOR)):
        raise_notice(
            actor=_CALENDAR,
            at=at,
            kind=kinds.ENDS_SOON.code,
            to=to,
            path=path_of(version.agreement_id),
            subject=subject,
            due_on=version.ends_on,
            values=values,
        )


def delivery_due(kind: NoticeKind, version: Any, period: str, due_on: date, *, at: datetime) -> None:
    """Tell the partner that a delivery is due or late; a late one that nobody answers for a week escalates."""
    late = kind is kinds.OVERDUE
    raise_notice(
        actor=_CALENDAR,
        at=at,
        kind=kind.code,
        to=To(organisation=version.agreement.organisation_id),
        path=path_of(version.agreement_id),
        subject=due_subject(version.agreement_id, due_on),
        due_on=due_on + SILENCE_ALLOWED if late else due_on,
        escalate_to=Role.COORDINATOR if late else "",
        values={"agreement": version.agreement_id, "period": period, "due_on": due_on.isoformat()},
    )


def delivery_came(code: str, due_on: date, *, at: datetime) -> None:
    close_notices(actor=_CALENDAR, at=at, subject=due_subject(code, due_on))


def path_of(code: str) -> str:
    return f"/agreements/{code}/"


def subject_of(code: str) -> str:
    return f"agreement:{code}"


def due_subject(code: str, due_on: date) -> str:
    return f"due:{code}:{due_on}"


def end_subject(code: str, number: int, days: int) -> str:
    return f"ends:{code}:{number}-{days}"


def _raise(kind: NoticeKind, to: To, code: str, *, at: datetime) -> None:
    raise_notice(
        actor=_CALENDAR,
        at=at,
        kind=kind.code,
        to=to,
        path=path_of(code),
        subject=subject_of(code),
        due_on=at.date() + timedelta(days=14),
        # That an agreement has expired is news to both sides; nothing is waited for.
        escalate_to="" if to.role or kind is kinds.EXPIRED else Role.COORDINATOR,
        values={"agreement": code},
    )
