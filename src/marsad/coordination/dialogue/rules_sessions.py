"""Sessions between producers and users: their life, challenges, commitments, and what closes each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from marsad.coordination.dialogue.rules import MoveRefused, Refusal

LANGUAGES = ("fr", "ar", "en")
# Days before its day on which the owner of a commitment is reminded.
REMIND_BEFORE = timedelta(days=7)


class SessionState(StrEnum):
    DRAFT = "draft"
    CONVENED = "convened"
    HELD = "held"
    PUBLISHED = "published"
    CANCELLED = "cancelled"


class SessionMove(StrEnum):
    EDIT = "edit"
    CONVENE = "convene"
    HOLD = "hold"
    PUBLISH = "publish"
    REOPEN = "reopen"
    CANCEL = "cancel"
    RESTORE = "restore"


_S, _M = SessionState, SessionMove
SESSION_TRANSITIONS: Mapping[tuple[SessionState, SessionMove], SessionState | None] = {
    (state, move): None for state in SessionState for move in SessionMove
} | {
    (_S.DRAFT, _M.EDIT): _S.DRAFT,
    (_S.DRAFT, _M.CONVENE): _S.CONVENED,
    (_S.DRAFT, _M.CANCEL): _S.CANCELLED,
    (_S.CONVENED, _M.EDIT): _S.CONVENED,
    (_S.CONVENED, _M.HOLD): _S.HELD,
    (_S.CONVENED, _M.CANCEL): _S.CANCELLED,
    (_S.HELD, _M.EDIT): _S.HELD,
    (_S.HELD, _M.PUBLISH): _S.PUBLISHED,
    (_S.PUBLISHED, _M.REOPEN): _S.HELD,
    (_S.CANCELLED, _M.RESTORE): _S.DRAFT,
}
# Whom the calendar messages have reached.
ANNOUNCED = frozenset({_S.CONVENED, _S.HELD, _S.PUBLISHED, _S.CANCELLED})


class ItemKind(StrEnum):
    """Where a point of the agenda comes from."""

    NEED = "need"
    REQUEST = "request"
    LATE_DELIVERY = "late_delivery"
    CASE = "case"
    CHALLENGE = "challenge"
    COMMITMENT = "commitment"
    FREE = "free"


class Reply(StrEnum):
    NONE = "none"
    COMES = "comes"
    EXCUSED = "excused"


class ChallengeKind(StrEnum):
    LEGAL = "legal"
    TECHNICAL = "technical"
    DEFINITION = "definition"
    CAPACITY = "capacity"
    TRUST = "trust"


class ChallengeState(StrEnum):
    RAISED = "raised"
    IN_HAND = "in_hand"
    RESOLVED = "resolved"
    SET_ASIDE = "set_aside"


class ChallengeMove(StrEnum):
    TAKE_UP = "take_up"
    RESOLVE = "resolve"
    SET_ASIDE = "set_aside"
    RETURN = "return"


CHALLENGE_TRANSITIONS: Mapping[tuple[ChallengeState, ChallengeMove], ChallengeState | None] = {
    (state, move): None for state in ChallengeState for move in ChallengeMove
} | {
    (ChallengeState.RAISED, ChallengeMove.TAKE_UP): ChallengeState.IN_HAND,
    (ChallengeState.RAISED, ChallengeMove.SET_ASIDE): ChallengeState.SET_ASIDE,
    (ChallengeState.IN_HAND, ChallengeMove.RESOLVE): ChallengeState.RESOLVED,
    (ChallengeState.IN_HAND, ChallengeMove.SET_ASIDE): ChallengeState.SET_ASIDE,
    (ChallengeState.RESOLVED, ChallengeMove.RETURN): ChallengeState.IN_HAND,
    (ChallengeState.SET_ASIDE, ChallengeMove.RETURN): ChallengeState.IN_HAND,
}


class ConclusionKind(StrEnum):
    STRATEGY = "strategy"
    DECISION = "decision"


class CommitmentState(StrEnum):
    OPEN = "open"
    KEPT = "kept"
    RELEASED = "released"


class CommitmentMove(StrEnum):
    KEEP = "keep"
    POSTPONE = "postpone"
    RELEASE = "release"
    REOPEN = "reopen"


COMMITMENT_TRANSITIONS: Mapping[tuple[CommitmentState, CommitmentMove], CommitmentState | None] = {
    (state, move): None for state in CommitmentState for move in CommitmentMove
} | {
    (CommitmentState.OPEN, CommitmentMove.KEEP): CommitmentState.KEPT,
    (CommitmentState.OPEN, CommitmentMove.POSTPONE): CommitmentState.OPEN,
    (CommitmentState.OPEN, CommitmentMove.RELEASE): CommitmentState.RELEASED,
    (CommitmentState.KEPT, CommitmentMove.REOPEN): CommitmentState.OPEN,
    (CommitmentState.RELEASED, CommitmentMove.REOPEN): CommitmentState.OPEN,
}


class SessionHat(StrEnum):
    """In what quality somebody acts: as who holds sessions, or as the owner of a commitment."""

    HOLDER = "holder"
    OWNER = "owner"


COMMITMENT_WHO: Mapping[CommitmentMove, frozenset[SessionHat]] = {
    CommitmentMove.KEEP: frozenset({SessionHat.HOLDER, SessionHat.OWNER}),
    CommitmentMove.POSTPONE: frozenset({SessionHat.HOLDER}),
    CommitmentMove.RELEASE: frozenset({SessionHat.HOLDER}),
    CommitmentMove.REOPEN: frozenset({SessionHat.HOLDER}),
}


class EvidenceKind(StrEnum):
    """What shows that a commitment was kept."""

    EDITION = "edition"
    DELIVERY = "delivery"
    DOCUMENT = "document"


@dataclass(frozen=True)
class Evidence:
    """``code`` is ``DATAFLOW/number`` of an edition, the identifier of an accepted delivery, or the address of a document.

    ``known`` says whether there is such a thing, ``on`` since which day (None for a document, which has none).
    """

    kind: EvidenceKind
    code: str
    known: bool
    on: date | None = None


@dataclass(frozen=True)
class Words:
    """Words in up to three languages; one at least."""

    fr: str = ""
    ar: str = ""
    en: str = ""

    def __post_init__(self) -> None:
        if not (self.fr.strip() or self.ar.strip() or self.en.strip()):
            raise MoveRefused(frozenset({Refusal.NO_WORDS}))

    def columns(self, field: str) -> dict[str, str]:
        """
        >>> Words(fr="Oui").columns("text")
        {'text_fr': 'Oui', 'text_ar': '', 'text_en': ''}
        """
        return {f"{field}_{language}": getattr(self, language).strip() for language in LANGUAGES}


@dataclass(frozen=True)
class SessionFacts:
    """What the rules need to know of a session. ``untranslated`` counts public texts that lack a language."""

    state: SessionState
    starts_at: datetime
    invited: int
    agenda: int
    attendance_noted: bool
    untranslated: int


def session_refusals(
    move: SessionMove, facts: SessionFacts, *, holds: bool, at: datetime, reason: str = ""
) -> frozenset[Refusal]:
    """The reasons that forbid a move on a session; none when it is open."""
    clauses = {
        Refusal.NOT_OPEN: SESSION_TRANSITIONS[facts.state, move] is None,
        Refusal.NOT_YOURS: not holds,
        Refusal.NO_AGENDA: move is _M.CONVENE and not facts.agenda,
        Refusal.NOBODY_INVITED: move is _M.CONVENE and not facts.invited,
        Refusal.TOO_LATE: move is _M.CONVENE and facts.starts_at <= at,
        Refusal.TOO_EARLY: move is _M.HOLD and facts.starts_at > at,
        Refusal.NO_ATTENDANCE: move is _M.PUBLISH and not facts.attendance_noted,
        Refusal.NOT_TRANSLATED: move is _M.PUBLISH and facts.untranslated > 0,
        Refusal.NO_REASON: move in {_M.CANCEL, _M.REOPEN} and not reason.strip(),
    }
    return frozenset(refusal for refusal, applies in clauses.items() if applies)


def challenge_refusals(
    move: ChallengeMove, state: ChallengeState, *, holds: bool, has_words: bool, open_commitments: int
) -> frozenset[Refusal]:
    """The reasons that forbid a move on a challenge; what is said to it is always in words."""
    clauses = {
        Refusal.NOT_OPEN: CHALLENGE_TRANSITIONS[state, move] is None,
        Refusal.NOT_YOURS: not holds,
        Refusal.NO_WORDS: not has_words,
        Refusal.COMMITMENTS_OPEN: move is ChallengeMove.RESOLVE and open_commitments > 0,
    }
    return frozenset(refusal for refusal, applies in clauses.items() if applies)


@dataclass(frozen=True)
class Given:
    """What comes with a move on a commitment."""

    reason: str = ""
    due_on: date | None = None
    evidence: Evidence | None = None


def commitment_refusals(
    move: CommitmentMove,
    state: CommitmentState,
    *,
    hats: Iterable[SessionHat],
    given: Given,
    made_on: date,
    today: date,
) -> frozenset[Refusal]:
    """The reasons that forbid a move on a commitment. Evidence older than the commitment shows nothing.

    >>> sorted(commitment_refusals(CommitmentMove.KEEP, CommitmentState.OPEN, hats=[SessionHat.OWNER], given=Given(),
    ...        made_on=date(2026, 1, 5), today=date(2026, 2, 1)))
    [<Refusal.NO_EVIDENCE: 'no_evidence'>]
    """
    keeps, dated, shown = move is CommitmentMove.KEEP, given.due_on, given.evidence
    clauses = {
        Refusal.NOT_OPEN: COMMITMENT_TRANSITIONS[state, move] is None,
        Refusal.NOT_YOURS: not COMMITMENT_WHO[move] & set(hats),
        Refusal.NO_EVIDENCE: keeps and shown is None,
        Refusal.EVIDENCE_UNKNOWN: keeps and shown is not None and not shown.known,
        Refusal.EVIDENCE_BEFORE: keeps and shown is not None and shown.on is not None and shown.on < made_on,
        Refusal.NO_DATE: move is CommitmentMove.POSTPONE and dated is None,
        Refusal.DATE_PASSED: move is CommitmentMove.POSTPONE and dated is not None and dated <= today,
        Refusal.NO_REASON: not keeps and not given.reason.strip(),
    }
    return frozenset(refusal for refusal, applies in clauses.items() if applies)


@dataclass(frozen=True)
class SessionContent:
    """What a session is: its title, when and where, whether the public is told."""

    title: Words
    place: str
    starts_at: datetime
    ends_at: datetime
    is_public: bool = True

    def __post_init__(self) -> None:
        if self.ends_at <= self.starts_at:
            raise MoveRefused(frozenset({Refusal.NO_DATE}))


@dataclass(frozen=True)
class PartContent:
    """A challenge, a conclusion, a commitment or a point of the agenda, as it is written; each reads what it has."""

    text: Words
    is_public: bool
    kind: str = ""
    subject_kind: str = ""
    subject_code: str = ""
    challenge: int | None = None
    organisation: str = ""
    owner: str = ""
    due_on: date | None = None


@dataclass(frozen=True)
class Proposed:
    """Something open that a session may talk about."""

    kind: ItemKind
    code: str
    text: Words
    is_public: bool
