"""Discussions: what may be talked about, the life of a post and of a discussion, who may do what, and what forbids it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from migstat.model.refusals import Refused

# After so long, what others may have answered to stays as it was written.
EDIT_WITHIN = timedelta(minutes=30)
# Days within which the producer is to answer; then the coordinator is told.
ANSWER_WITHIN = timedelta(days=14)


class SubjectKind(StrEnum):
    """What a discussion, a challenge or a commitment is about."""

    INDICATOR = "indicator"
    DATAFLOW = "dataflow"
    CASE = "case"
    AGREEMENT = "agreement"
    REQUEST = "request"
    NEED = "need"


# A need has requests, and these are discussed.
DISCUSSED = (
    SubjectKind.INDICATOR,
    SubjectKind.DATAFLOW,
    SubjectKind.CASE,
    SubjectKind.AGREEMENT,
    SubjectKind.REQUEST,
)
# Everybody reads what is said on these.
ALWAYS_PUBLIC = (SubjectKind.INDICATOR, SubjectKind.DATAFLOW, SubjectKind.CASE)


class ShownAs(StrEnum):
    """Under what an author's posts stand, as the author chooses for each."""

    ROLE = "role"
    ORGANISATION = "organisation"
    NAME = "name"


class PostKind(StrEnum):
    QUESTION = "question"
    ANSWER = "answer"


class PostState(StrEnum):
    SHOWN = "shown"
    HIDDEN = "hidden"
    WITHDRAWN = "withdrawn"


class PostMove(StrEnum):
    EDIT = "edit"
    ACCEPT = "accept"
    REPORT = "report"
    HIDE = "hide"
    RESTORE = "restore"
    WITHDRAW = "withdraw"


class DiscussionState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class DiscussionMove(StrEnum):
    ANSWER = "answer"
    CLOSE = "close"
    REOPEN = "reopen"


_S, _M = PostState, PostMove
TRANSITIONS: Mapping[tuple[PostState, PostMove], PostState | None] = {
    (state, move): None for state in PostState for move in PostMove
} | {
    (_S.SHOWN, _M.EDIT): _S.SHOWN,
    (_S.SHOWN, _M.ACCEPT): _S.SHOWN,
    (_S.SHOWN, _M.REPORT): _S.SHOWN,
    (_S.SHOWN, _M.HIDE): _S.HIDDEN,
    (_S.SHOWN, _M.WITHDRAW): _S.WITHDRAWN,
    (_S.HIDDEN, _M.RESTORE): _S.SHOWN,
    (_S.HIDDEN, _M.WITHDRAW): _S.WITHDRAWN,
}
DISCUSSION_TRANSITIONS: Mapping[tuple[DiscussionState, DiscussionMove], DiscussionState | None] = {
    (state, move): None for state in DiscussionState for move in DiscussionMove
} | {
    (DiscussionState.OPEN, DiscussionMove.ANSWER): DiscussionState.OPEN,
    (DiscussionState.OPEN, DiscussionMove.CLOSE): DiscussionState.CLOSED,
    (DiscussionState.CLOSED, DiscussionMove.REOPEN): DiscussionState.OPEN,
}


class Hat(StrEnum):
    """In what quality somebody acts on a post."""

    READER = "reader"
    AUTHOR = "author"
    ASKER = "asker"
    MODERATOR = "moderator"


WHO: Mapping[PostMove, frozenset[Hat]] = {
    _M.EDIT: frozenset({Hat.AUTHOR}),
    _M.ACCEPT: frozenset({Hat.ASKER, Hat.MODERATOR}),
    _M.REPORT: frozenset({Hat.READER}),
    _M.HIDE: frozenset({Hat.MODERATOR}),
    _M.RESTORE: frozenset({Hat.MODERATOR}),
    _M.WITHDRAW: frozenset({Hat.AUTHOR}),
}


class ReportReason(StrEnum):
    """Why a post is reported."""

    PERSONAL = "personal"
    HURTFUL = "hurtful"
    WRONG = "wrong"
    OFF_SUBJECT = "off_subject"


class Refusal(StrEnum):
    """Why something is not open to a person now. All that apply are given at once."""

    NOT_OPEN = "not_open"
    NOT_YOURS = "not_yours"
    NO_REASON = "no_reason"
    NO_WORDS = "no_words"
    TOO_LATE = "too_late"
    NO_ANSWER = "no_answer"
    TOO_EARLY = "too_early"
    NO_AGENDA = "no_agenda"
    NOBODY_INVITED = "nobody_invited"
    NO_ATTENDANCE = "no_attendance"
    NOT_TRANSLATED = "not_translated"
    NO_EVIDENCE = "no_evidence"
    EVIDENCE_UNKNOWN = "evidence_unknown"
    EVIDENCE_BEFORE = "evidence_before"
    NO_DATE = "no_date"
    DATE_PASSED = "date_passed"
    COMMITMENTS_OPEN = "commitments_open"


class MoveRefused(Refused):
    """A move that the rules of the dialogue forbid; every reason is in ``refusals``."""

    def __init__(self, refusals: frozenset[Refusal]) -> None:
        super().__init__("dialogue.move", found=", ".join(sorted(refusals)), remedy="see the reasons beside the button")
        self.refusals = refusals


def demand(refusals: Iterable[Refusal]) -> None:
    """Raises ``MoveRefused`` where there is a reason against."""
    found = frozenset(refusals)
    if found:
        raise MoveRefused(found)


@dataclass(frozen=True)
class PostFacts:
    """What the rules need to know of a post."""

    kind: PostKind
    state: PostState
    written_at: datetime


def post_refusals(
    move: PostMove, post: PostFacts, *, hats: Iterable[Hat], at: datetime, reason: str = ""
) -> frozenset[Refusal]:
    """The reasons that forbid a move on a post to somebody with these hats; none when it is open.

    >>> from datetime import UTC
    >>> written = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
    >>> question = PostFacts(PostKind.QUESTION, PostState.SHOWN, written)
    >>> sorted(post_refusals(PostMove.EDIT, question, hats=[Hat.READER], at=written + timedelta(hours=1)))
    [<Refusal.NOT_YOURS: 'not_yours'>, <Refusal.TOO_LATE: 'too_late'>]
    """
    clauses = {
        Refusal.NOT_OPEN: TRANSITIONS[post.state, move] is None,
        Refusal.NOT_YOURS: not WHO[move] & set(hats),
        Refusal.TOO_LATE: move is _M.EDIT and at - post.written_at > EDIT_WITHIN,
        Refusal.NO_REASON: move is _M.HIDE and not reason.strip(),
        Refusal.NO_ANSWER: move is _M.ACCEPT and post.kind is PostKind.QUESTION,
    }
    return frozenset(refusal for refusal, applies in clauses.items() if applies)


@dataclass(frozen=True)
class PostContent:
    """What somebody writes, in which language, and under what it stands. ``title`` belongs to a question."""

    text: str
    language: str
    shown_as: ShownAs
    organisation: str = ""
    title: str = ""

    def __post_init__(self) -> None:
        if not self.text.strip():
            raise MoveRefused(frozenset({Refusal.NO_WORDS}))
