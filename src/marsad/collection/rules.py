"""The register of persons' requests under law 09-08: what they ask, by when they are answered, when they are erased."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from migstat.model.refusals import Refused


class Right(StrEnum):
    ACCESS = "access"
    RECTIFICATION = "rectification"
    ERASURE = "erasure"
    OPPOSITION = "opposition"


class RequestState(StrEnum):
    RECEIVED = "received"
    IDENTIFIED = "identified"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    ERASED = "erased"


class Move(StrEnum):
    IDENTIFY = "identify"
    GRANT = "grant"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    ERASE = "erase"


TRANSITIONS: Mapping[tuple[RequestState, Move], RequestState | None] = {
    (state, move): None for state in RequestState for move in Move
} | {
    (RequestState.RECEIVED, Move.IDENTIFY): RequestState.IDENTIFIED,
    (RequestState.RECEIVED, Move.REFUSE): RequestState.REFUSED,
    (RequestState.RECEIVED, Move.WITHDRAW): RequestState.WITHDRAWN,
    (RequestState.IDENTIFIED, Move.GRANT): RequestState.GRANTED,
    (RequestState.IDENTIFIED, Move.REFUSE): RequestState.REFUSED,
    (RequestState.IDENTIFIED, Move.WITHDRAW): RequestState.WITHDRAWN,
    (RequestState.GRANTED, Move.ERASE): RequestState.ERASED,
    (RequestState.REFUSED, Move.ERASE): RequestState.ERASED,
    (RequestState.WITHDRAWN, Move.ERASE): RequestState.ERASED,
}
OPEN = frozenset({RequestState.RECEIVED, RequestState.IDENTIFIED})
CLOSED = frozenset({RequestState.GRANTED, RequestState.REFUSED, RequestState.WITHDRAWN})
NEEDS_ANSWER = frozenset({Move.GRANT, Move.REFUSE})

# Law 09-08, article 8: a rectification, erasure or blocking is made within ten clear days of the request. Article 7
# gives access without delay; the register holds it to the same ten days, and opposition (article 9) too.
DAYS_TO_ANSWER: Mapping[Right, int] = dict.fromkeys(Right, 10)
RETENTION = timedelta(days=3 * 365)


def due_on(right: Right, received_on: date) -> date:
    """The last day to answer: so many clear days, the day of receipt not counted.

    >>> due_on(Right.ERASURE, date(2026, 3, 1))
    datetime.date(2026, 3, 11)
    """
    return received_on + timedelta(days=DAYS_TO_ANSWER[right])


def is_overdue(state: RequestState, due: date, *, today: date) -> bool:
    """Whether a request is still open after its last day."""
    return state in OPEN and today > due


def reached(state: RequestState, move: Move) -> RequestState:
    """The state after a move. Raises ``Refused("collection.move")`` where the table has none."""
    after = TRANSITIONS[state, move]
    if after is None:
        raise Refused("collection.move", found=f"{move} of a request that is {state}", remedy="choose an open move")
    return after


def moves_from(state: RequestState) -> tuple[Move, ...]:
    """The moves that a person can make; erasure comes by itself when the retention has ended."""
    return tuple(move for move in Move if move is not Move.ERASE and TRANSITIONS[state, move] is not None)


def may_be_erased(state: RequestState, closed_at: datetime | None, *, now: datetime) -> bool:
    return state in CLOSED and closed_at is not None and now - closed_at >= RETENTION


@dataclass(frozen=True)
class Answer:
    """What is said to the person when a request is granted or refused."""

    move: Move
    text: str

    def checked(self) -> Answer:
        """Raises ``Refused("collection.answer")`` where a decision comes without its reason."""
        if self.move in NEEDS_ANSWER and not self.text.strip():
            raise Refused("collection.answer", found="a decision without its answer", remedy="write what is answered")
        return self
