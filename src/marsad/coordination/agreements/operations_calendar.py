"""What the calendar does to agreements each day: it brings into force, marks as expired, and reminds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from marsad.audit.rules import Actor
from marsad.coordination.agreements import notice_words as kinds
from marsad.coordination.agreements import operations, queries, tell
from marsad.coordination.agreements.due import DueDelivery
from marsad.coordination.agreements.models import AgreementVersion
from marsad.coordination.agreements.rules import REMIND_BEFORE_DUE, Move, MoveRefused, reminder_before_end

# Kind and subject of a notice that was raised once.
Told = tuple[str, str]
# How far back a delivery that never came is still asked for.
_OLDEST_ASKED = timedelta(days=120)


@dataclass(frozen=True)
class Round:
    """What one round of the calendar did, in counts."""

    entered: int
    expired: int
    reminded: int


def keep_calendar(*, actor: Actor, at: datetime) -> Round:
    """One daily round; a second one on the same day does nothing more. ``actor`` is the system."""
    today = timezone.localdate(at)
    expired = _move_all(queries.to_expire(today=today), Move.EXPIRE, actor=actor, at=at)
    entered = _move_all(queries.to_enforce(today=today), Move.ENFORCE, actor=actor, at=at)
    standing = list(queries.in_force_now(today=today))
    ahead = today + timedelta(days=REMIND_BEFORE_DUE)
    due = queries.due_of_each([version.agreement_id for version in standing], ahead)
    told = queries.told_of(kinds.ENDS_SOON.code, kinds.DUE_SOON.code, kinds.OVERDUE.code)
    reminded = sum(_remind(version, due.get(version.agreement_id, []), told, today, at=at) for version in standing)
    return Round(entered, expired, reminded)


def _move_all(versions: Iterable[AgreementVersion], move: Move, *, actor: Actor, at: datetime) -> int:
    done = 0
    for version in list(versions):
        try:
            operations.move(actor=actor, at=at, code=version.agreement_id, number=version.number, move=move)
        except MoveRefused:  # another agreement stands on the dataflow: a person decides
            continue
        done += 1
    return done


def _remind(
    version: AgreementVersion, due: Iterable[DueDelivery], told: frozenset[Told], today: date, *, at: datetime
) -> int:
    return _remind_of_end(version, told, today, at=at) + _remind_of_deliveries(version, due, told, today, at=at)


def _remind_of_end(version: AgreementVersion, told: frozenset[Told], today: date, *, at: datetime) -> int:
    days = reminder_before_end(version.ends_on, today=today)
    if days is None:
        return 0
    if (kinds.ENDS_SOON.code, tell.end_subject(version.agreement_id, version.number, days)) in told:
        return 0
    tell.end_is_near(version, days, at=at)
    return 1


def _remind_of_deliveries(
    version: AgreementVersion, due: Iterable[DueDelivery], told: frozenset[Told], today: date, *, at: datetime
) -> int:
    reminded = 0
    for one in due:
        if one.received_on is not None or one.due_on < today - _OLDEST_ASKED:
            continue
        kind = kinds.OVERDUE if one.is_overdue(today=today) else kinds.DUE_SOON
        if (kind.code, tell.due_subject(version.agreement_id, one.due_on)) not in told:
            tell.delivery_due(kind, version, one.period, one.due_on, at=at)
            reminded += 1
    return reminded
