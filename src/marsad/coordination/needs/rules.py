"""Needs and requests for data: the life of each as a complete table, who makes which move, and what forbids it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import inf, isfinite

from migstat.model.refusals import Refused

# Working days within which a request is assessed.
ASSESS_WITHIN = 20
# A number above it, in any unit of the catalogue, is a slip of the hand.
LARGEST = 1e12


class NeedState(StrEnum):
    OPEN = "open"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"


class NeedMove(StrEnum):
    EDIT = "edit"
    ANSWER = "answer"
    WITHDRAW = "withdraw"
    REOPEN = "reopen"


NEED_TRANSITIONS: Mapping[tuple[NeedState, NeedMove], NeedState | None] = {
    (state, move): None for state in NeedState for move in NeedMove
} | {
    (NeedState.OPEN, NeedMove.EDIT): NeedState.OPEN,
    (NeedState.OPEN, NeedMove.ANSWER): NeedState.ANSWERED,
    (NeedState.OPEN, NeedMove.WITHDRAW): NeedState.WITHDRAWN,
    (NeedState.ANSWERED, NeedMove.REOPEN): NeedState.OPEN,
    (NeedState.WITHDRAWN, NeedMove.REOPEN): NeedState.OPEN,
}


class RequestKind(StrEnum):
    NEW_DATA = "new_data"
    DETAIL = "detail"
    CORRECTION = "correction"
    ACCESS = "access"


class RequestState(StrEnum):
    RECEIVED = "received"
    ASSESSED = "assessed"
    PLANNED = "planned"
    DONE = "done"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class RequestMove(StrEnum):
    EDIT = "edit"
    TAKE = "take"
    ASSESS = "assess"
    PLAN = "plan"
    FINISH = "finish"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    REOPEN = "reopen"
    RENEW = "renew"


_S, _M = RequestState, RequestMove

TRANSITIONS: Mapping[tuple[RequestState, RequestMove], RequestState | None] = {
    (state, move): None for state in RequestState for move in RequestMove
} | {
    (_S.RECEIVED, _M.EDIT): _S.RECEIVED,
    (_S.RECEIVED, _M.TAKE): _S.RECEIVED,
    (_S.RECEIVED, _M.ASSESS): _S.ASSESSED,
    (_S.RECEIVED, _M.REFUSE): _S.REFUSED,
    (_S.RECEIVED, _M.WITHDRAW): _S.WITHDRAWN,
    (_S.ASSESSED, _M.TAKE): _S.ASSESSED,
    (_S.ASSESSED, _M.PLAN): _S.PLANNED,
    (_S.ASSESSED, _M.FINISH): _S.DONE,
    (_S.ASSESSED, _M.REFUSE): _S.REFUSED,
    (_S.ASSESSED, _M.WITHDRAW): _S.WITHDRAWN,
    (_S.PLANNED, _M.TAKE): _S.PLANNED,
    (_S.PLANNED, _M.PLAN): _S.PLANNED,
    (_S.PLANNED, _M.FINISH): _S.DONE,
    (_S.PLANNED, _M.REFUSE): _S.REFUSED,
    (_S.PLANNED, _M.WITHDRAW): _S.WITHDRAWN,
    (_S.DONE, _M.REOPEN): _S.ASSESSED,
    (_S.REFUSED, _M.REOPEN): _S.ASSESSED,
    (_S.WITHDRAWN, _M.RENEW): _S.RECEIVED,
}
OPEN_STATES = frozenset({_S.RECEIVED, _S.ASSESSED, _S.PLANNED})
ANSWERED_STATES = frozenset({_S.DONE, _S.REFUSED})


class Hat(StrEnum):
    """In what quality somebody acts: as the one who asks (or for the organisation that does), or as an assessor."""

    REQUESTER = "requester"
    ASSESSOR = "assessor"


WHO: Mapping[RequestMove, Hat] = {
    _M.EDIT: Hat.REQUESTER,
    _M.TAKE: Hat.ASSESSOR,
    _M.ASSESS: Hat.ASSESSOR,
    _M.PLAN: Hat.ASSESSOR,
    _M.FINISH: Hat.ASSESSOR,
    _M.REFUSE: Hat.ASSESSOR,
    _M.WITHDRAW: Hat.REQUESTER,
    _M.REOPEN: Hat.ASSESSOR,
    _M.RENEW: Hat.REQUESTER,
}
NEEDS_REASON = frozenset({_M.REFUSE, _M.REOPEN})


class Refusal(StrEnum):
    """Why a move is not open to this person now. All that apply are given at once."""

    NOT_OPEN = "not_open"
    NOT_YOURS = "not_yours"
    NO_REASON = "no_reason"
    NO_DATE = "no_date"
    DATE_PASSED = "date_passed"
    NO_EDITION = "no_edition"
    EDITION_BEFORE = "edition_before"


@dataclass(frozen=True)
class Given:
    """What comes with a move. ``edition_on`` is the day on which the named edition was published."""

    reason: str = ""
    planned_for: date | None = None
    edition_on: date | None = None


def refusals(
    move: RequestMove,
    state: RequestState,
    *,
    hats: Iterable[Hat],
    given: Given,
    received_on: date,
    today: date,
    kind: RequestKind = RequestKind.NEW_DATA,
) -> frozenset[Refusal]:
    """The reasons that forbid a move today to somebody with these hats; none when it is open.

    A request for access may be answered by an edition that stood before it; every other one only by one published since.

    >>> sorted(refusals(RequestMove.PLAN, RequestState.RECEIVED, hats=[], given=Given(), received_on=date(2026, 1, 5),
    ...        today=date(2026, 1, 6)))
    [<Refusal.NO_DATE: 'no_date'>, <Refusal.NOT_OPEN: 'not_open'>, <Refusal.NOT_YOURS: 'not_yours'>]
    """
    dated, published = given.planned_for, given.edition_on
    clauses = {
        Refusal.NOT_OPEN: TRANSITIONS[state, move] is None,
        Refusal.NOT_YOURS: WHO[move] not in set(hats),
        Refusal.NO_REASON: move in NEEDS_REASON and not given.reason.strip(),
        Refusal.NO_DATE: move is _M.PLAN and dated is None,
        Refusal.DATE_PASSED: move is _M.PLAN and dated is not None and dated <= today,
        Refusal.NO_EDITION: move is _M.FINISH and published is None,
        Refusal.EDITION_BEFORE: move is _M.FINISH
        and kind is not RequestKind.ACCESS
        and published is not None
        and published < received_on,
    }
    return frozenset(refusal for refusal, applies in clauses.items() if applies)


class MoveRefused(Refused):
    """A move on a need or a request that the rules forbid; every reason is in ``refusals``."""

    def __init__(self, refusals: frozenset[Refusal]) -> None:
        super().__init__("needs.move", found=", ".join(sorted(refusals)), remedy="see the reasons beside the button")
        self.refusals = refusals


@dataclass(frozen=True)
class Subject:
    """What data are asked about. ``group`` is a breakdown as observations write it (``citizenship=SEN;sex=F``), or the
    names of its dimensions (``citizenship``); empty is everybody, as an empty area or period leaves them open."""

    indicator: str = ""
    area: str = ""
    group: str = ""
    period: str = ""


@dataclass(frozen=True)
class NeedContent:
    """What a need says. Precision is a half-width, a threshold to decide against, or not said (both None)."""

    question: str
    decision: str
    subject: Subject
    half_width: float | None
    threshold: float | None
    needed_by: date | None
    is_public: bool

    def __post_init__(self) -> None:
        if not self.question.strip() or not self.decision.strip():
            raise Refused("needs.words", found="a need without its question or its decision", remedy="write both")
        if self.half_width is not None and not 0 < self.half_width < inf:
            raise Refused("needs.half_width", found="a half-width that is not above 0", remedy="give one above 0")
        if self.threshold is not None and not isfinite(self.threshold):
            raise Refused(
                "needs.threshold", found="a threshold that is no number", remedy="give the value to decide by"
            )


@dataclass(frozen=True)
class RequestContent:
    """What a request asks for."""

    kind: RequestKind
    title: str
    text: str
    subject: Subject
    is_public: bool
    need: int | None = None

    def __post_init__(self) -> None:
        if not self.title.strip() or not self.text.strip():
            raise Refused("needs.words", found="a request without words", remedy="say what is asked and what for")
