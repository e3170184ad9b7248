"""The life of a delivery: its states, who may move it and how, what is needed for each step. Plain values."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Final

from migstat.model.refusals import Refused


class State(StrEnum):
    ARRIVING = "arriving"
    RECEIVED = "received"
    READ = "read"
    MAPPED = "mapped"
    CHECKED = "checked"
    STORING = "storing"
    STORING_WITH_RESERVATIONS = "storing_reserved"
    ACCEPTED = "accepted"
    ACCEPTED_WITH_RESERVATIONS = "accepted_reserved"
    RETURNED = "returned"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Move(StrEnum):
    ARRIVE = "arrive"
    READ = "read"
    CORRECT = "correct"
    MAP = "map"
    CHECK = "check"
    ACCEPT = "accept"
    RESERVE = "reserve"
    STORE = "store"
    RETURN = "return"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


_S, _M = State, Move
TRANSITIONS: Mapping[tuple[State, Move], State | None] = {(state, move): None for state in State for move in Move} | {
    (_S.ARRIVING, _M.ARRIVE): _S.RECEIVED,
    (_S.ARRIVING, _M.REFUSE): _S.REFUSED,
    (_S.ARRIVING, _M.WITHDRAW): _S.WITHDRAWN,
    (_S.RECEIVED, _M.READ): _S.READ,
    (_S.RECEIVED, _M.REFUSE): _S.REFUSED,
    (_S.RECEIVED, _M.WITHDRAW): _S.WITHDRAWN,
    (_S.READ, _M.CORRECT): _S.RECEIVED,
    (_S.READ, _M.MAP): _S.MAPPED,
    (_S.READ, _M.REFUSE): _S.REFUSED,
    (_S.READ, _M.RETURN): _S.RETURNED,
    (_S.READ, _M.WITHDRAW): _S.WITHDRAWN,
    (_S.MAPPED, _M.READ): _S.READ,
    (_S.MAPPED, _M.CHECK): _S.CHECKED,
    (_S.MAPPED, _M.REFUSE): _S.REFUSED,
    (_S.MAPPED, _M.WITHDRAW): _S.WITHDRAWN,
    (_S.CHECKED, _M.CORRECT): _S.RECEIVED,
    (_S.CHECKED, _M.MAP): _S.MAPPED,
    (_S.CHECKED, _M.ACCEPT): _S.STORING,
    (_S.CHECKED, _M.RESERVE): _S.STORING_WITH_RESERVATIONS,
    (_S.CHECKED, _M.RETURN): _S.RETURNED,
    (_S.CHECKED, _M.REFUSE): _S.REFUSED,
    (_S.CHECKED, _M.WITHDRAW): _S.WITHDRAWN,
    (_S.STORING, _M.STORE): _S.ACCEPTED,
    (_S.STORING, _M.REFUSE): _S.REFUSED,
    (_S.STORING_WITH_RESERVATIONS, _M.STORE): _S.ACCEPTED_WITH_RESERVATIONS,
    (_S.STORING_WITH_RESERVATIONS, _M.REFUSE): _S.REFUSED,
}
ACCEPTED: Final = frozenset({_S.ACCEPTED, _S.ACCEPTED_WITH_RESERVATIONS})
CLOSED: Final = ACCEPTED | {_S.RETURNED, _S.REFUSED, _S.WITHDRAWN}
OPEN: Final = frozenset(State) - CLOSED
# The states in which the machine has the next step; in the others a person has it, or nobody.
MACHINE: Final = frozenset({_S.RECEIVED, _S.MAPPED, _S.STORING, _S.STORING_WITH_RESERVATIONS})
NEEDS_REASON: Final = frozenset({_M.RESERVE, _M.RETURN, _M.REFUSE})


class Channel(StrEnum):
    PAGE = "page"
    API = "api"


MOST_BYTES: Final = 512 * 1024 * 1024
MOST_WORKBOOK_BYTES: Final = 40 * 1024 * 1024
PIECE_BYTES: Final = 16 * 1024 * 1024
ARRIVING_KEPT = timedelta(days=2)
RETURNED_KEPT = timedelta(days=14)
LEASE = timedelta(seconds=60)
_UNSAFE = re.compile(r"[^\w.\- ]+")


def reached(state: State, move: Move) -> State:
    """The state after a move. Raises ``Refused("deliveries.move")`` where the table has none."""
    after = TRANSITIONS[state, move]
    if after is None:
        raise Refused("deliveries.move", found=f"{move} of a delivery that is {state}", remedy="look at its page again")
    return after


def demand_undecided(state: State, move: Move) -> None:
    """Raises ``Refused("deliveries.move")`` for a person's move that the table lacks, and once a delivery is accepted:
    what is being stored is stopped by the machine alone, where it cannot go on.
    """
    reached(state, move)
    if state in (State.STORING, State.STORING_WITH_RESERVATIONS):
        raise Refused("deliveries.move", found=f"{move} of an accepted delivery", remedy="look at its page again")


def with_reason(move: Move, reason: str) -> str:
    """The reason without spaces around it. Raises ``Refused("deliveries.reason")`` where a move needs one and has none."""
    if move in NEEDS_REASON and not reason.strip():
        raise Refused("deliveries.reason", found="a decision without its reason", remedy="say what has to change")
    return reason.strip()


def acceptable(move: Move, *, errors: int, questions: int) -> None:
    """Raises ``Refused`` where open questions, or errors without reservations, stand against an acceptance."""
    if questions:
        raise Refused(
            "deliveries.questions", found=f"{questions} cells whose meaning is asked", remedy="have them answered first"
        )
    if errors and move is Move.ACCEPT:
        raise Refused("deliveries.errors", found=f"{errors} errors", remedy="return it, or accept with reservations")


def safe_name(name: str) -> str:
    """A file name as it may be kept and shown: no folder, no direction mark, no control character, at most 120 long.

    >>> safe_name("../../etc/passwd"), safe_name("C:\\\\data\\\\liste élèves.xlsx"), safe_name("\\u202excod.exe")
    ('passwd', 'liste élèves.xlsx', 'xcod.exe')
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    kept = "".join(letter for letter in last if unicodedata.category(letter)[0] != "C")
    return _UNSAFE.sub("_", kept).strip(" .")[-120:] or "file"
