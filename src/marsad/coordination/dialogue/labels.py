"""The words of discussions, sessions, challenges and commitments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy as pgettext

from marsad.coordination.dialogue.rules import Refusal, ReportReason, SubjectKind
from marsad.coordination.dialogue.rules_sessions import (
    ChallengeKind,
    ChallengeMove,
    ChallengeState,
    CommitmentMove,
    CommitmentState,
    ConclusionKind,
    EvidenceKind,
    ItemKind,
    Reply,
    SessionMove,
    SessionState,
)

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

Words = Mapping[str, "str | _StrPromise"]

SUBJECTS: Words = {
    SubjectKind.INDICATOR: _("Indicator"),
    SubjectKind.DATAFLOW: _("Dataset"),
    SubjectKind.CASE: _("Figures in conflict"),
    SubjectKind.AGREEMENT: _("Agreement"),
    SubjectKind.REQUEST: _("Request for data"),
    SubjectKind.NEED: _("Need"),
}
REPORT_REASONS: Words = {
    ReportReason.PERSONAL: _("It speaks of a person"),
    ReportReason.HURTFUL: _("It hurts or insults"),
    ReportReason.WRONG: _("It misleads"),
    ReportReason.OFF_SUBJECT: _("It is off the subject"),
}
SESSION_STATES: Words = {
    SessionState.DRAFT: pgettext("session", "Draft"),
    SessionState.CONVENED: pgettext("session", "Convened"),
    SessionState.HELD: pgettext("session", "Held"),
    SessionState.PUBLISHED: pgettext("session", "Report published"),
    SessionState.CANCELLED: pgettext("session", "Cancelled"),
}
SESSION_MOVES: Words = {
    SessionMove.CONVENE: _("Convene and send the invitations"),
    SessionMove.HOLD: _("Mark as held"),
    SessionMove.PUBLISH: _("Publish the report"),
    SessionMove.REOPEN: _("Correct the report"),
    SessionMove.CANCEL: _("Cancel the session"),
    SessionMove.RESTORE: _("Take up again as a draft"),
}
ITEMS: Words = {
    ItemKind.NEED: _("Need"),
    ItemKind.REQUEST: _("Request for data"),
    ItemKind.LATE_DELIVERY: _("Late deliveries"),
    ItemKind.CASE: _("Figures in conflict"),
    ItemKind.CHALLENGE: _("Challenge"),
    ItemKind.COMMITMENT: _("Late commitment"),
    ItemKind.FREE: _("Other point"),
}
REPLIES: Words = {
    Reply.NONE: pgettext("invitation", "no reply yet"),
    Reply.COMES: pgettext("invitation", "comes"),
    Reply.EXCUSED: pgettext("invitation", "excused"),
}
CHALLENGES: Words = {
    ChallengeKind.LEGAL: pgettext("challenge", "Legal"),
    ChallengeKind.TECHNICAL: pgettext("challenge", "Technical"),
    ChallengeKind.DEFINITION: pgettext("challenge", "Definition"),
    ChallengeKind.CAPACITY: pgettext("challenge", "Capacity"),
    ChallengeKind.TRUST: pgettext("challenge", "Trust"),
}
CHALLENGE_STATES: Words = {
    ChallengeState.RAISED: pgettext("challenge", "Raised"),
    ChallengeState.IN_HAND: pgettext("challenge", "In hand"),
    ChallengeState.RESOLVED: pgettext("challenge", "Resolved"),
    ChallengeState.SET_ASIDE: pgettext("challenge", "Set aside"),
}
CHALLENGE_MOVES: Words = {
    ChallengeMove.TAKE_UP: pgettext("challenge", "Take up"),
    ChallengeMove.RESOLVE: pgettext("challenge", "Mark as resolved"),
    ChallengeMove.SET_ASIDE: pgettext("challenge", "Set aside for now"),
    ChallengeMove.RETURN: pgettext("challenge", "Return to it"),
}
# The lines of what became of a challenge: its moves, conclusions and commitments.
MOMENTS: Words = {
    ChallengeMove.TAKE_UP: pgettext("challenge step", "Taken up"),
    ChallengeMove.RESOLVE: pgettext("challenge step", "Resolved"),
    ChallengeMove.SET_ASIDE: pgettext("challenge step", "Set aside"),
    ChallengeMove.RETURN: pgettext("challenge step", "Taken up again"),
    ConclusionKind.STRATEGY: _("Strategy"),
    ConclusionKind.DECISION: _("Decision"),
    "committed": _("Commitment made"),
    CommitmentState.KEPT: _("Commitment kept"),
    CommitmentState.RELEASED: _("Commitment released"),
}
CONCLUSIONS: Words = {ConclusionKind.STRATEGY: _("Strategy"), ConclusionKind.DECISION: _("Decision")}
COMMITMENT_STATES: Words = {
    CommitmentState.OPEN: pgettext("commitment", "Open"),
    CommitmentState.KEPT: pgettext("commitment", "Kept"),
    CommitmentState.RELEASED: pgettext("commitment", "Released"),
}
COMMITMENT_MOVES: Words = {
    CommitmentMove.KEEP: _("Close with this evidence"),
    CommitmentMove.POSTPONE: _("Give another day"),
    CommitmentMove.RELEASE: _("Release the owner"),
    CommitmentMove.REOPEN: _("Open again"),
}
COMMITMENT_STEPS: Words = {
    CommitmentMove.KEEP: pgettext("commitment step", "Kept"),
    CommitmentMove.POSTPONE: pgettext("commitment step", "Postponed"),
    CommitmentMove.RELEASE: pgettext("commitment step", "Released"),
    CommitmentMove.REOPEN: pgettext("commitment step", "Opened again"),
}
EVIDENCE: Words = {
    EvidenceKind.EDITION: _("Edition"),
    EvidenceKind.DELIVERY: _("Accepted delivery"),
    EvidenceKind.DOCUMENT: _("Address of a document"),
}
REFUSALS: Words = {
    Refusal.NOT_OPEN: _("This step is not open in the present state."),
    Refusal.NOT_YOURS: _("This step belongs to somebody else."),
    Refusal.NO_REASON: _("Give the reason."),
    Refusal.NO_WORDS: _("Write something, in one language at least."),
    Refusal.TOO_LATE: _("It is too late for this: the time has passed."),
    Refusal.NO_ANSWER: _("A question is not an answer: accept one of the answers."),
    Refusal.TOO_EARLY: _("The session has not begun yet."),
    Refusal.NO_AGENDA: _("Put something on the agenda first."),
    Refusal.NOBODY_INVITED: _("Invite somebody first."),
    Refusal.NO_ATTENDANCE: _("Note first who came."),
    Refusal.NOT_TRANSLATED: _("Some texts of the public report lack a language: they are listed on the page."),
    Refusal.NO_EVIDENCE: _("Name what shows that it was done."),
    Refusal.EVIDENCE_UNKNOWN: _("There is no such edition, accepted delivery or secure address."),
    Refusal.EVIDENCE_BEFORE: _("This is older than the commitment: it cannot show that it was kept."),
    Refusal.NO_DATE: _("Give a day, after the beginning."),
    Refusal.DATE_PASSED: _("Give a day after today."),
    Refusal.COMMITMENTS_OPEN: _("A commitment to it is still open."),
}
