"""The life of a release request: its states and moves, and why a step may be refused. All the reasons come at once."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from migstat.model import Refused


class RequestState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    UNDER_REVIEW = "under_review"
    APPROVED = "approved"
    REFUSED = "refused"
    DEMOTED = "demoted"
    PUBLISHING = "publishing"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"


class Move(StrEnum):
    """``sign`` is a first signature; ``approve`` and ``refuse`` are what two signatures together decide."""

    SUBMIT = "submit"
    SIGN = "sign"
    APPROVE = "approve"
    REFUSE = "refuse"
    DEMOTE = "demote"
    BEGIN = "begin"
    COMPLETE = "complete"
    CLEAR = "clear"
    WITHDRAW = "withdraw"
    CANCEL = "cancel"


_S, _M = RequestState, Move
TRANSITIONS: Mapping[tuple[RequestState, Move], RequestState | None] = {
    (state, move): None for state in RequestState for move in Move
} | {
    (_S.DRAFT, _M.SUBMIT): _S.SUBMITTED,
    (_S.DEMOTED, _M.SUBMIT): _S.SUBMITTED,
    (_S.SUBMITTED, _M.SIGN): _S.UNDER_REVIEW,
    (_S.UNDER_REVIEW, _M.APPROVE): _S.APPROVED,
    (_S.UNDER_REVIEW, _M.REFUSE): _S.REFUSED,
    (_S.SUBMITTED, _M.DEMOTE): _S.DEMOTED,
    (_S.UNDER_REVIEW, _M.DEMOTE): _S.DEMOTED,
    (_S.APPROVED, _M.DEMOTE): _S.DEMOTED,
    (_S.DRAFT, _M.DEMOTE): _S.DEMOTED,
    (_S.APPROVED, _M.BEGIN): _S.PUBLISHING,
    (_S.PUBLISHING, _M.COMPLETE): _S.PUBLISHED,
    (_S.PUBLISHING, _M.CLEAR): _S.APPROVED,
    (_S.PUBLISHED, _M.WITHDRAW): _S.WITHDRAWN,
    (_S.DRAFT, _M.CANCEL): _S.CANCELLED,
    (_S.SUBMITTED, _M.CANCEL): _S.CANCELLED,
    (_S.UNDER_REVIEW, _M.CANCEL): _S.CANCELLED,
    (_S.APPROVED, _M.CANCEL): _S.CANCELLED,
    (_S.REFUSED, _M.CANCEL): _S.CANCELLED,
    (_S.DEMOTED, _M.CANCEL): _S.CANCELLED,
}
IN_REVIEW = frozenset({_S.SUBMITTED, _S.UNDER_REVIEW})
UNPUBLISHED = frozenset({_S.DRAFT, _S.SUBMITTED, _S.UNDER_REVIEW, _S.APPROVED, _S.DEMOTED})
# What the author can still change: the tables and the words of a request that nobody reviews.
OPEN_TO_AUTHOR = frozenset({_S.DRAFT, _S.DEMOTED})


class Verdict(StrEnum):
    APPROVE = "approve"
    REFUSE = "refuse"


class Refusal(StrEnum):
    """Why a step is not open to this person now."""

    NOT_OPEN = "not_open"
    AUTHOR = "author"
    NOT_AUTHOR = "not_author"
    NO_ROLE = "no_role"
    NO_SECOND_FACTOR = "no_second_factor"
    NO_COMPETENCE = "no_competence"
    COMPETENCE_EXPIRED = "competence_expired"
    SIGNED_ALREADY = "signed_already"
    NO_REASON = "no_reason"
    AUDIT_FAILED = "audit_failed"
    METADATA_MISSING = "metadata_missing"
    INPUTS_CHANGED = "inputs_changed"
    EMBARGO = "embargo"
    STALE = "stale"


class Missing(StrEnum):
    """What a request lacks before anybody can review it."""

    TABLES = "tables"
    SOURCE = "source"
    INDICATOR = "indicator"
    UNIT = "unit"
    KIND = "kind"
    AREA = "area"
    PLACE = "place"
    CODE = "code"
    DEFINITION = "definition"
    RUN = "run"
    LINEAGE = "lineage"
    BASE = "base"
    METHOD = "method"
    INTERVALS = "intervals"
    MINIMUM_CELL = "minimum_cell"
    RECIPIENTS = "recipients"
    DATAFLOW = "dataflow"
    ORIGIN = "origin"


class StepRefused(Refused):
    """A step that the rules forbid; every reason is in ``refusals``."""

    def __init__(self, refusals: Collection[Refusal]) -> None:
        super().__init__("release.step", found=", ".join(sorted(refusals)), remedy="see the reasons beside the button")
        self.refusals = frozenset(refusals)


def reached(state: RequestState, move: Move) -> RequestState:
    """The state after a move. Raises ``StepRefused`` where the table has none.

    >>> str(reached(RequestState.DRAFT, Move.SUBMIT))
    'submitted'
    """
    after = TRANSITIONS[state, move]
    if after is None:
        raise StepRefused({Refusal.NOT_OPEN})
    return after


@dataclass(frozen=True)
class Standing:
    """Who acts: role and second factor as the accounts say, and until when the competence to review runs (None: none)."""

    person: Hashable
    has_role: bool
    has_factor: bool
    competent_until: date | None = None


@dataclass(frozen=True)
class Condition:
    """What a request is like now, as far as its steps depend on it."""

    state: RequestState
    author: Hashable
    signed_by: tuple[Hashable, ...] = ()
    audit_passed: bool = True
    missing: Sequence[Missing] = ()
    inputs_changed: bool = False
    stale: bool = False
    embargo_until: datetime | None = None


def submit_refusals(about: Condition, who: Standing) -> frozenset[Refusal]:
    """Why this request cannot be submitted by this person now."""
    found = set()
    if TRANSITIONS[about.state, Move.SUBMIT] is None:
        found.add(Refusal.NOT_OPEN)
    if who.person != about.author:
        found.add(Refusal.NOT_AUTHOR)
    if not about.audit_passed:
        found.add(Refusal.AUDIT_FAILED)
    if about.missing:
        found.add(Refusal.METADATA_MISSING)
    if about.stale:
        found.add(Refusal.STALE)
    return frozenset(found)


def sign_refusals(about: Condition, who: Standing, *, reason: str, today: date) -> frozenset[Refusal]:
    """Why this person cannot sign this request now. The author never can; nobody signs twice.

    >>> someone = Standing(2, has_role=True, has_factor=True, competent_until=date(2026, 12, 31))
    >>> request = Condition(RequestState.SUBMITTED, author=2)
    >>> sorted(sign_refusals(request, someone, reason="", today=date(2027, 1, 1)))
    [<Refusal.AUTHOR: 'author'>, <Refusal.COMPETENCE_EXPIRED: 'competence_expired'>, <Refusal.NO_REASON: 'no_reason'>]
    """
    found = _reviewer_refusals(about, who, today=today)
    if about.state not in IN_REVIEW:
        found.add(Refusal.NOT_OPEN)
    if who.person in about.signed_by:
        found.add(Refusal.SIGNED_ALREADY)
    if not reason.strip():
        found.add(Refusal.NO_REASON)
    if about.inputs_changed:
        found.add(Refusal.INPUTS_CHANGED)
    return frozenset(found)


def _reviewer_refusals(about: Condition, who: Standing, *, today: date) -> set[Refusal]:
    found = set()
    if who.person == about.author:
        found.add(Refusal.AUTHOR)
    if not who.has_role:
        found.add(Refusal.NO_ROLE)
    if not who.has_factor:
        found.add(Refusal.NO_SECOND_FACTOR)
    if who.competent_until is None:
        found.add(Refusal.NO_COMPETENCE)
    elif who.competent_until < today:
        found.add(Refusal.COMPETENCE_EXPIRED)
    return found


def publish_refusals(about: Condition, *, now: datetime) -> frozenset[Refusal]:
    """Why this request cannot become an edition now."""
    found = set()
    if about.state not in {RequestState.APPROVED, RequestState.PUBLISHING}:
        found.add(Refusal.NOT_OPEN)
    if about.embargo_until is not None and now < about.embargo_until:
        found.add(Refusal.EMBARGO)
    if about.inputs_changed:
        found.add(Refusal.INPUTS_CHANGED)
    if about.stale:
        found.add(Refusal.STALE)
    if not about.audit_passed:
        found.add(Refusal.AUDIT_FAILED)
    if about.missing:
        found.add(Refusal.METADATA_MISSING)
    return frozenset(found)


def decided(verdicts: Sequence[Verdict]) -> Move | None:
    """What the signatures decide: nothing before the second; approval only when both approve.

    >>> decided([Verdict.APPROVE]), str(decided([Verdict.APPROVE, Verdict.REFUSE]))
    (None, 'refuse')
    """
    if len(verdicts) < 2:
        return None
    return Move.APPROVE if all(verdict is Verdict.APPROVE for verdict in verdicts) else Move.REFUSE


def may_be_read(own: bool, signatures: int) -> bool:
    """Whether a signature's words are shown: one's own at once, another's when both have signed."""
    return own or signatures >= 2
