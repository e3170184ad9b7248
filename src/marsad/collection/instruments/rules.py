"""States of a version and of a submission, what may be received and how much of it: plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from migstat.model.refusals import Refused


class VersionState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"
    CLOSED = "closed"


class VersionMove(StrEnum):
    PUBLISH = "publish"
    SUPERSEDE = "supersede"
    CLOSE = "close"


VERSION_TRANSITIONS: Mapping[tuple[VersionState, VersionMove], VersionState | None] = {
    (state, move): None for state in VersionState for move in VersionMove
} | {
    (VersionState.DRAFT, VersionMove.PUBLISH): VersionState.PUBLISHED,
    (VersionState.PUBLISHED, VersionMove.SUPERSEDE): VersionState.SUPERSEDED,
    (VersionState.PUBLISHED, VersionMove.CLOSE): VersionState.CLOSED,
    (VersionState.SUPERSEDED, VersionMove.CLOSE): VersionState.CLOSED,
}
# A device that was out of reach may still send what it filled with the version before.
RECEIVING = frozenset({VersionState.PUBLISHED, VersionState.SUPERSEDED})


class SubmissionState(StrEnum):
    RECEIVED = "received"
    HAS_ISSUES = "has_issues"
    EDITED = "edited"
    APPROVED = "approved"
    REJECTED = "rejected"


class Move(StrEnum):
    RETURN = "return"
    EDIT = "edit"
    APPROVE = "approve"
    REJECT = "reject"
    REOPEN = "reopen"


_S, _M = SubmissionState, Move
TRANSITIONS: Mapping[tuple[SubmissionState, Move], SubmissionState | None] = {
    (state, move): None for state in SubmissionState for move in Move
} | {
    (_S.RECEIVED, _M.RETURN): _S.HAS_ISSUES,
    (_S.RECEIVED, _M.EDIT): _S.EDITED,
    (_S.RECEIVED, _M.APPROVE): _S.APPROVED,
    (_S.RECEIVED, _M.REJECT): _S.REJECTED,
    (_S.HAS_ISSUES, _M.EDIT): _S.EDITED,
    (_S.HAS_ISSUES, _M.REJECT): _S.REJECTED,
    (_S.HAS_ISSUES, _M.REOPEN): _S.RECEIVED,
    (_S.EDITED, _M.RETURN): _S.HAS_ISSUES,
    (_S.EDITED, _M.EDIT): _S.EDITED,
    (_S.EDITED, _M.APPROVE): _S.APPROVED,
    (_S.EDITED, _M.REJECT): _S.REJECTED,
    (_S.APPROVED, _M.EDIT): _S.EDITED,
    (_S.APPROVED, _M.REOPEN): _S.RECEIVED,
    (_S.REJECTED, _M.EDIT): _S.EDITED,
    (_S.REJECTED, _M.REOPEN): _S.RECEIVED,
}
NEEDS_REASON = frozenset({Move.RETURN, Move.REJECT, Move.REOPEN, Move.EDIT})
# What a reviewer chooses on the page; an edit is made on the answer itself or on the device.
CHOSEN = (Move.APPROVE, Move.RETURN, Move.REJECT, Move.REOPEN)
WAITING = frozenset({SubmissionState.RECEIVED, SubmissionState.EDITED})


class Channel(StrEnum):
    OPENROSA = "openrosa"
    WEB = "web"


class Outcome(StrEnum):
    """What became of one submission that arrived."""

    STORED = "stored"
    DUPLICATE = "duplicate"
    ATTACHED = "attached"
    EDITED = "edited"
    EARLIER = "earlier"
    CONFLICT = "conflict"


@dataclass(frozen=True)
class Receipt:
    """What the sender is told once everything stands on the disk.

    ``complete`` is false while attachments that the answers name have not come; ``missing`` counts them.
    """

    outcome: Outcome
    submission: str
    instance_id: str
    missing: int = 0

    @property
    def complete(self) -> bool:
        return self.missing == 0

    @property
    def kept(self) -> bool:
        """Whether the answers stand as they were sent: everything but a conflict, which waits for a reviewer."""
        return self.outcome is not Outcome.CONFLICT


@dataclass(frozen=True)
class Limits:
    """The most that one request may bring; what is larger comes in parts with the same instanceID."""

    request: int = 20_000_000
    answers: int = 2_000_000
    attachment: int = 16_000_000
    attachments: int = 40
    depth: int = 24
    elements: int = 20_000
    value: int = 20_000


LIMITS = Limits()
DEVICE_LIFE = timedelta(days=180)
LONGEST_DEVICE_LIFE = timedelta(days=365)


def version_reached(state: VersionState, move: VersionMove) -> VersionState:
    """The state of a version after a move. Raises ``Refused("instruments.version_move")``."""
    after = VERSION_TRANSITIONS[state, move]
    if after is None:
        raise Refused(
            "instruments.version_move", found=f"{move} of a version that is {state}", remedy="look at its state"
        )
    return after


def reached(state: SubmissionState, move: Move) -> SubmissionState:
    """The state of a submission after a move. Raises ``Refused("instruments.move")`` where the table has none."""
    after = TRANSITIONS[state, move]
    if after is None:
        raise Refused("instruments.move", found=f"{move} of a submission that is {state}", remedy="choose an open move")
    return after


def moves_from(state: SubmissionState) -> tuple[Move, ...]:
    """What a reviewer may choose, in the order of the page."""
    return tuple(move for move in CHOSEN if TRANSITIONS[state, move] is not None)


def review_refusals(
    state: SubmissionState, move: Move, *, reason: str, findings: int, incomplete: bool, conflicts: int = 0
) -> frozenset[str]:
    """Every reason why a move cannot be made now; empty when it can."""
    found = set()
    if TRANSITIONS[state, move] is None:
        found.add("instruments.move")
    if move in NEEDS_REASON and not reason.strip():
        found.add("instruments.reason")
    if move is Move.APPROVE and findings:
        found.add("instruments.findings")
    if move is Move.APPROVE and incomplete:
        found.add("instruments.incomplete")
    if move is Move.APPROVE and conflicts:
        found.add("instruments.conflict_open")
    return frozenset(found)


def device_is_open(*, expires_at: datetime, revoked_at: datetime | None, now: datetime) -> bool:
    return revoked_at is None and now < expires_at
