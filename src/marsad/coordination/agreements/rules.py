"""The life of a data-sharing agreement: its states, who may make which move, and why a move may be refused."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from marsad.coordination.agreements.terms import Frequency as Frequency
from marsad.coordination.agreements.terms import LegalBasis as LegalBasis
from marsad.coordination.agreements.terms import PartyRole as PartyRole
from marsad.coordination.agreements.terms import Purpose as Purpose
from marsad.coordination.agreements.terms import RecipientClass as RecipientClass
from marsad.coordination.agreements.terms import Terms as Terms
from migstat.model.refusals import Refused


class AgreementState(StrEnum):
    DRAFT = "draft"
    NEGOTIATED = "negotiated"
    SIGNED = "signed"
    IN_FORCE = "in_force"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"


class Move(StrEnum):
    EDIT = "edit"
    AGREE = "agree"
    REOPEN = "reopen"
    REVIEW = "review"
    SIGN = "sign"
    ENFORCE = "enforce"
    SUSPEND = "suspend"
    RESUME = "resume"
    EXPIRE = "expire"
    END = "end"
    REPLACE = "replace"
    WITHDRAW = "withdraw"


_S, _M = AgreementState, Move

# ``sign`` leads to signed when the last of the two sides signs; a first signature leaves the version negotiated.
TRANSITIONS: Mapping[tuple[AgreementState, Move], AgreementState | None] = {
    (state, move): None for state in AgreementState for move in Move
} | {
    (_S.DRAFT, _M.EDIT): _S.DRAFT,
    (_S.DRAFT, _M.AGREE): _S.NEGOTIATED,
    (_S.DRAFT, _M.WITHDRAW): _S.WITHDRAWN,
    (_S.NEGOTIATED, _M.REOPEN): _S.DRAFT,
    (_S.NEGOTIATED, _M.REVIEW): _S.NEGOTIATED,
    (_S.NEGOTIATED, _M.SIGN): _S.SIGNED,
    (_S.NEGOTIATED, _M.WITHDRAW): _S.WITHDRAWN,
    (_S.SIGNED, _M.ENFORCE): _S.IN_FORCE,
    (_S.SIGNED, _M.EXPIRE): _S.EXPIRED,
    (_S.SIGNED, _M.WITHDRAW): _S.WITHDRAWN,
    (_S.IN_FORCE, _M.SUSPEND): _S.SUSPENDED,
    (_S.IN_FORCE, _M.EXPIRE): _S.EXPIRED,
    (_S.IN_FORCE, _M.END): _S.ENDED,
    (_S.IN_FORCE, _M.REPLACE): _S.ENDED,
    (_S.SUSPENDED, _M.RESUME): _S.IN_FORCE,
    (_S.SUSPENDED, _M.EXPIRE): _S.EXPIRED,
    (_S.SUSPENDED, _M.END): _S.ENDED,
    (_S.SUSPENDED, _M.REPLACE): _S.ENDED,
}
OPEN = frozenset({_S.DRAFT, _S.NEGOTIATED, _S.SIGNED})
STANDING = frozenset({_S.IN_FORCE, _S.SUSPENDED})
CLOSED = frozenset({_S.EXPIRED, _S.ENDED, _S.WITHDRAWN})


class Hat(StrEnum):
    """In what quality somebody acts on an agreement."""

    DRAFTER = "drafter"
    COORDINATOR = "coordinator"
    PARTNER = "partner"
    PROTECTION = "protection"
    CLOCK = "clock"


HAT_PERMISSIONS: Mapping[Hat, str] = {
    Hat.DRAFTER: "agreements.draft",
    Hat.COORDINATOR: "agreements.manage",
    Hat.PARTNER: "agreements.negotiate",
    Hat.PROTECTION: "agreements.review",
}
WHO: Mapping[Move, tuple[Hat, ...]] = {
    _M.EDIT: (Hat.DRAFTER, Hat.PARTNER),
    _M.AGREE: (Hat.PARTNER,),
    _M.REOPEN: (Hat.DRAFTER, Hat.PARTNER, Hat.PROTECTION),
    _M.REVIEW: (Hat.PROTECTION,),
    _M.SIGN: (Hat.PARTNER, Hat.COORDINATOR),
    _M.ENFORCE: (Hat.COORDINATOR, Hat.CLOCK),
    _M.SUSPEND: (Hat.COORDINATOR, Hat.PARTNER, Hat.PROTECTION),
    _M.RESUME: (Hat.COORDINATOR, Hat.PARTNER, Hat.PROTECTION),
    _M.EXPIRE: (Hat.CLOCK,),
    _M.END: (Hat.COORDINATOR, Hat.PARTNER),
    _M.REPLACE: (Hat.CLOCK,),
    _M.WITHDRAW: (Hat.DRAFTER, Hat.PARTNER),
}
NEEDS_REASON = frozenset({_M.REOPEN, _M.SUSPEND, _M.END, _M.WITHDRAW})
BY_PERSONS = tuple(move for move in Move if WHO[move] != (Hat.CLOCK,))


class Side(StrEnum):
    """Who signs."""

    PARTNER = "partner"
    CITY = "city"


SIDE_OF: Mapping[Hat, Side] = {Hat.PARTNER: Side.PARTNER, Hat.COORDINATOR: Side.CITY}


class Refusal(StrEnum):
    """Why a move is not open to this person now. All that apply are given at once."""

    NOT_OPEN = "not_open"
    NOT_YOURS = "not_yours"
    NO_REASON = "no_reason"
    FAULTY_TERMS = "faulty_terms"
    NOT_REVIEWED = "not_reviewed"
    ALREADY_REVIEWED = "already_reviewed"
    ALREADY_SIGNED = "already_signed"
    SIGNED_FOR_OTHER_SIDE = "signed_for_other_side"
    NOT_STARTED = "not_started"
    PAST_END = "past_end"
    NOT_PAST_END = "not_past_end"
    OTHER_IN_FORCE = "other_in_force"
    SUSPENDED_BY_OTHERS = "suspended_by_others"


@dataclass(frozen=True)
class Standing:
    """What the rules need to know of a version of an agreement to decide on a move.

    ``signed`` maps a side to who signed for it; ``suspended_as`` is the hat of whoever suspended it;
    ``other_in_force`` says that another agreement stands on the same organisation and dataflow.
    """

    state: AgreementState
    starts_on: date
    ends_on: date
    reviewed: bool = False
    faulty: bool = False
    signed: Mapping[Side, Hashable] = field(default_factory=dict)
    suspended_as: Hat | None = None
    other_in_force: bool = False


def acting_hat(move: Move, hats: Iterable[Hat], standing: Standing) -> Hat | None:
    """The quality in which somebody with these hats makes a move: the first that may; None when none may.

    Whoever resumes does so in the quality in which the agreement was suspended, where they have it; whoever signs does
    so for a side that has not signed.
    """
    mine = [hat for hat in WHO[move] if hat in set(hats)]
    if move is Move.RESUME and standing.suspended_as in mine:
        return standing.suspended_as
    if move is Move.SIGN:
        mine = [hat for hat in mine if SIDE_OF[hat] not in standing.signed] or mine
    return mine[0] if mine else None


def refusals(
    move: Move, standing: Standing, *, hats: Iterable[Hat], person: Hashable, today: date, reason: str = ""
) -> frozenset[Refusal]:
    """The reasons that forbid ``person``, wearing ``hats``, to make a move today; none when it is open.

    >>> draft = Standing(AgreementState.DRAFT, date(2026, 1, 1), date(2026, 12, 31))
    >>> sorted(refusals(Move.SUSPEND, draft, hats=[Hat.COORDINATOR], person=1, today=date(2026, 2, 1)))
    [<Refusal.NO_REASON: 'no_reason'>, <Refusal.NOT_OPEN: 'not_open'>]
    """
    hat = acting_hat(move, hats, standing)
    side = SIDE_OF.get(hat) if hat else None
    clauses = {
        Refusal.NOT_OPEN: TRANSITIONS[standing.state, move] is None,
        Refusal.NOT_YOURS: hat is None,
        Refusal.NO_REASON: move in NEEDS_REASON and not reason.strip(),
        Refusal.FAULTY_TERMS: move in {_M.AGREE, _M.SIGN} and standing.faulty,
        Refusal.NOT_REVIEWED: move is _M.SIGN and not standing.reviewed,
        Refusal.ALREADY_REVIEWED: move is _M.REVIEW and standing.reviewed,
        Refusal.ALREADY_SIGNED: move is _M.SIGN and side in standing.signed,
        Refusal.SIGNED_FOR_OTHER_SIDE: move is _M.SIGN
        and any(other is not side and who == person for other, who in standing.signed.items()),
        Refusal.NOT_STARTED: move is _M.ENFORCE and today < standing.starts_on,
        Refusal.PAST_END: move in {_M.AGREE, _M.SIGN, _M.ENFORCE, _M.RESUME} and today > standing.ends_on,
        Refusal.NOT_PAST_END: move is _M.EXPIRE and today <= standing.ends_on,
        Refusal.OTHER_IN_FORCE: move is _M.ENFORCE and standing.other_in_force,
        Refusal.SUSPENDED_BY_OTHERS: move is _M.RESUME and hat is not None and hat is not standing.suspended_as,
    }
    return frozenset(refusal for refusal, applies in clauses.items() if applies)


class MoveRefused(Refused):
    """A move on an agreement that the rules forbid; every reason is in ``refusals``."""

    def __init__(self, refusals: frozenset[Refusal]) -> None:
        named = ", ".join(sorted(refusals))
        super().__init__("agreements.move", found=named, remedy="see the reasons beside the button")
        self.refusals = refusals


@dataclass(frozen=True)
class Step:
    """One line of the history of a version: the state that it left behind, and when."""

    at: datetime
    state: AgreementState


def state_on(steps: Iterable[Step], day: date) -> AgreementState | None:
    """The state of a version at the end of a day (UTC), from its history in order; None before it began."""
    found = None
    for step in steps:
        if step.at.astimezone(UTC).date() > day:
            break
        found = step.state
    return found


def in_force_on(steps: Iterable[Step], terms: Terms, day: date) -> bool:
    """Whether a version gave access on a day: brought into force, not suspended or closed, and within its dates."""
    return terms.covers_day(day) and state_on(steps, day) is AgreementState.IN_FORCE


class DeliveryState(StrEnum):
    RECEIVED = "received"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    ACCEPTED_WITH_RESERVATIONS = "accepted_with_reservations"
    REFUSED = "refused"


TAKEN = frozenset({DeliveryState.ACCEPTED, DeliveryState.ACCEPTED_WITH_RESERVATIONS})
ARRIVED = TAKEN | {DeliveryState.RECEIVED}


@dataclass(frozen=True)
class DeliveryFact:
    """What is known below the line of one delivery: counts, codes and dates, no rows.

    ``delivery`` is the number (uuid) of the delivery; ``errors`` counts what its report found; ``breakdowns`` are the
    columns that it really brought; ``hours`` is the work it took the partner, when told. Raises
    ``Refused("agreements.delivery")`` for a state that is none or a negative count.
    """

    agreement: str
    dataflow: str
    organisation: str
    delivery: str
    state: str
    received_on: date
    period: str = ""
    rows: int = 0
    errors: int = 0
    breakdowns: tuple[str, ...] = ()
    file_format: str = ""
    hours: float | None = None

    def __post_init__(self) -> None:
        if self.state not in set(DeliveryState):
            raise Refused(
                "agreements.delivery", found="an unknown state", remedy=f"use one of {', '.join(DeliveryState)}"
            )
        if min(self.rows, self.errors, self.hours or 0) < 0:
            raise Refused("agreements.delivery", found="a negative count", remedy="count from zero")


# Days before the end on which the parties are reminded, and around a due day.
REMIND_BEFORE_END = (60, 30, 7)
REMIND_BEFORE_DUE = 7
SILENCE_ALLOWED = timedelta(days=7)
DOCUMENTS_KEPT = timedelta(days=5 * 365)


def reminder_before_end(ends_on: date, *, today: date) -> int | None:
    """The reminder that stands now: the smallest of 60, 30 and 7 days that is not yet passed; None too early or too late.

    >>> reminder_before_end(date(2026, 12, 31), today=date(2026, 12, 20))
    30
    """
    left = (ends_on - today).days
    standing = [days for days in REMIND_BEFORE_END if 0 <= left <= days]
    return min(standing) if standing else None
