"""States of samples, cases, networks and coupons, and what may be drawn and issued: plain values, complete tables."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, TypeVar

from migstat.model.refusals import Refused


class UnitKind(StrEnum):
    """What a frame lists."""

    DWELLING = "dwelling"
    AREA = "area"


class SampleState(StrEnum):
    DRAWN = "drawn"
    OPEN = "open"
    CLOSED = "closed"
    FINISHED = "finished"
    DISCARDED = "discarded"


class SampleMove(StrEnum):
    OPEN = "open"
    CLOSE = "close"
    REOPEN = "reopen"
    FINISH = "finish"
    DISCARD = "discard"


SAMPLE_TRANSITIONS: Mapping[tuple[SampleState, SampleMove], SampleState | None] = {
    (state, move): None for state in SampleState for move in SampleMove
} | {
    (SampleState.DRAWN, SampleMove.OPEN): SampleState.OPEN,
    (SampleState.DRAWN, SampleMove.DISCARD): SampleState.DISCARDED,
    (SampleState.OPEN, SampleMove.CLOSE): SampleState.CLOSED,
    (SampleState.CLOSED, SampleMove.REOPEN): SampleState.OPEN,
    (SampleState.CLOSED, SampleMove.FINISH): SampleState.FINISHED,
}
# Nothing comes after these, so the ways to the dwellings are erased with them.
ENDED: Final = frozenset({SampleState.FINISHED, SampleState.DISCARDED})


class CaseState(StrEnum):
    RESERVE = "reserve"
    WAITING = "waiting"
    ASSIGNED = "assigned"
    WORKED = "worked"
    CLOSED = "closed"


class CaseMove(StrEnum):
    RELEASE = "release"
    ASSIGN = "assign"
    TAKE_BACK = "take_back"
    ATTEMPT = "attempt"
    CLOSE = "close"
    REOPEN = "reopen"


_C, _M = CaseState, CaseMove
CASE_TRANSITIONS: Mapping[tuple[CaseState, CaseMove], CaseState | None] = {
    (state, move): None for state in CaseState for move in CaseMove
} | {
    (_C.RESERVE, _M.RELEASE): _C.WAITING,
    (_C.WAITING, _M.ASSIGN): _C.ASSIGNED,
    # A submission may come from whom nobody assigned the dwelling to: what happened there counts all the same.
    (_C.WAITING, _M.ATTEMPT): _C.WORKED,
    (_C.WAITING, _M.CLOSE): _C.CLOSED,
    (_C.ASSIGNED, _M.ASSIGN): _C.ASSIGNED,
    (_C.ASSIGNED, _M.TAKE_BACK): _C.WAITING,
    (_C.ASSIGNED, _M.ATTEMPT): _C.WORKED,
    (_C.ASSIGNED, _M.CLOSE): _C.CLOSED,
    (_C.WORKED, _M.ASSIGN): _C.WORKED,
    (_C.WORKED, _M.ATTEMPT): _C.WORKED,
    (_C.WORKED, _M.CLOSE): _C.CLOSED,
    (_C.CLOSED, _M.ATTEMPT): _C.CLOSED,
    (_C.CLOSED, _M.REOPEN): _C.WORKED,
}


class NetworkState(StrEnum):
    PREPARED = "prepared"
    OPEN = "open"
    CLOSED = "closed"


class NetworkMove(StrEnum):
    OPEN = "open"
    CLOSE = "close"
    REOPEN = "reopen"


NETWORK_TRANSITIONS: Mapping[tuple[NetworkState, NetworkMove], NetworkState | None] = {
    (state, move): None for state in NetworkState for move in NetworkMove
} | {
    (NetworkState.PREPARED, NetworkMove.OPEN): NetworkState.OPEN,
    (NetworkState.OPEN, NetworkMove.CLOSE): NetworkState.CLOSED,
    (NetworkState.CLOSED, NetworkMove.REOPEN): NetworkState.OPEN,
}


class CouponState(StrEnum):
    PRINTED = "printed"
    ISSUED = "issued"
    REDEEMED = "redeemed"
    EXPIRED = "expired"
    VOID = "void"


class CouponMove(StrEnum):
    ISSUE = "issue"
    REDEEM = "redeem"
    EXPIRE = "expire"
    EXTEND = "extend"
    VOID = "void"


_K, _V = CouponState, CouponMove
COUPON_TRANSITIONS: Mapping[tuple[CouponState, CouponMove], CouponState | None] = {
    (state, move): None for state in CouponState for move in CouponMove
} | {
    (_K.PRINTED, _V.ISSUE): _K.ISSUED,
    (_K.PRINTED, _V.VOID): _K.VOID,
    (_K.ISSUED, _V.REDEEM): _K.REDEEMED,
    (_K.ISSUED, _V.EXPIRE): _K.EXPIRED,
    (_K.ISSUED, _V.EXTEND): _K.ISSUED,
    (_K.ISSUED, _V.VOID): _K.VOID,
    (_K.EXPIRED, _V.EXTEND): _K.ISSUED,
    (_K.EXPIRED, _V.VOID): _K.VOID,
}

State = TypeVar("State", bound=StrEnum)
Move = TypeVar("Move", bound=StrEnum)
MOST_UNITS: Final = 300_000
MOST_BYTES: Final = 40 * 1024 * 1024
MOST_COUPONS: Final = 500
FEWEST_CASES: Final = 30


def reached(table: Mapping[tuple[State, Move], State | None], state: State, move: Move) -> State:
    """The state after a move. Raises ``Refused("fieldwork.move")`` where the table has none."""
    after = table[state, move]
    if after is None:
        raise Refused("fieldwork.move", found=f"{move} of what is {state}", remedy="look at its page again")
    return after


def moves_from(table: Mapping[tuple[State, Move], State | None], state: State) -> tuple[Move, ...]:
    """The moves that a state has, in the order of the table."""
    return tuple(move for (at, move), after in table.items() if at == state and after is not None)
