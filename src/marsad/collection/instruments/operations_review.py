"""The review of submissions: moves with their reasons, corrections that keep the original, conflicts settled."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from marsad.audit.events import record, writes
from marsad.audit.rules import Actor
from marsad.collection.instruments import attachments, flows, queries
from marsad.collection.instruments.models import Conflict, Pseudonym, Revision, Step, Submission
from marsad.collection.instruments.records import without_metres
from marsad.collection.instruments.returning import tell_agent, untell_agent
from marsad.collection.instruments.rules import Move, SubmissionState, reached, review_refusals
from marsad.collection.instruments.submission_xml import Entry
from marsad.collection.instruments.telling import tell_of_review
from marsad.collection.instruments.vault import Vault
from migstat.model.refusals import Refused
from migstat.model.structure import Role


@dataclass(frozen=True)
class Place:
    """Where an answer stands: its question, and the turn of each repeat around it, counted from 0."""

    question: str
    turns: tuple[int, ...] = ()


@writes("instruments.review", using="confidential")
def review(*, actor: Actor, at: datetime, submission_id: UUID, move: Move, reason: str = "") -> Submission:
    """Take a submission one step on. Raises ``Refused`` with the first of ``rules.review_refusals``."""
    submission = Submission.objects.select_for_update().get(pk=submission_id)
    why_not = review_refusals(
        SubmissionState(submission.state),
        move,
        reason=reason,
        findings=len(submission.findings),
        incomplete=submission.missing > 0,
        conflicts=submission.conflicts,
    )
    if why_not or move is Move.EDIT:
        raise Refused(
            min(why_not, default="instruments.move"), found=f"{move} of {submission.state}", remedy="see the page"
        )
    _move(submission, move, actor, at)
    submission.save(update_fields=["state"])
    _step(submission, move, reason, actor, at)
    if move is Move.RETURN:
        tell_agent(actor=actor, at=at, submission=submission)
    tell_of_review(actor=actor, at=at, submission_id=submission.pk, move=move)
    record(
        actor=actor,
        action="instruments.review",
        target=f"submission:{submission.pk}",
        at=at,
        details={"move": move.value, "state": str(submission.state)},
    )
    return submission


def _move(submission: Submission, move: Move, actor: Actor, at: datetime) -> None:
    """The next state; whoever was asked for an answer is asked no more."""
    before = SubmissionState(submission.state)
    submission.state = reached(before, move)
    if before is SubmissionState.HAS_ISSUES:
        untell_agent(actor=actor, at=at, submission=submission)


@writes("instruments.answer_return", using="confidential")
def answer_return(*, actor: Actor, at: datetime, submission_id: UUID, words: str) -> Submission:
    """The agent answers a return: the submission waits for a reviewer again, with the answer beside the reason.

    Raises ``Refused``: ``instruments.not_yours`` for a form that somebody else filled, ``instruments.move`` for one that is
    not returned (any more), ``instruments.reason`` for no answer.
    """
    submission = Submission.objects.select_for_update().get(pk=submission_id)
    if submission.agent != actor.audit_code:
        raise Refused("instruments.not_yours", found="a form that somebody else filled", remedy="see your own")
    if SubmissionState(submission.state) is not SubmissionState.HAS_ISSUES:
        raise Refused("instruments.move", found=f"an answer to what is {submission.state}", remedy="see the page")
    if not words.strip():
        raise Refused("instruments.reason", found="an answer without words", remedy="say what is so")
    _move(submission, Move.REOPEN, actor, at)
    submission.save(update_fields=["state"])
    _step(submission, Move.REOPEN, words, actor, at)
    record(actor=actor, action="instruments.answer_return", target=f"submission:{submission.pk}", at=at)
    return submission


def _step(submission: Submission, move: Move, reason: str, actor: Actor, at: datetime) -> None:
    Step.objects.create(
        submission=submission, move=move, state=submission.state, reason=reason.strip(), at=at, by=actor.audit_code
    )


@writes("instruments.correct", using="confidential")
def correct_answer(
    *, actor: Actor, at: datetime, submission_id: UUID, place: Place, value: str, reason: str
) -> Submission:
    """Write another answer to one question as a new revision; the answers as they came stay.

    Raises ``Refused``: ``instruments.reason``, ``instruments.unknown_question`` for a place that the form does not have or
    a direct identifier, which nobody writes here.
    """
    submission = locked(submission_id)
    if not reason.strip():
        raise Refused("instruments.reason", found="a correction without its reason", remedy="say why")
    vault, last = Vault(), _latest(submission)
    entry = opened(last, vault)
    _write(entry, place, value.strip(), submission)
    entry = without_metres(entry, queries.questions_of(submission.version))
    _move(submission, Move.EDIT, actor, at)
    _revise(submission, last, entry, vault, actor, at)
    _step(submission, Move.EDIT, reason, actor, at)
    record(
        actor=actor,
        action="instruments.correct",
        target=f"submission:{submission.pk}",
        at=at,
        details={"question": place.question, "findings": len(submission.findings)},
    )
    return submission


def locked(submission_id: UUID) -> Submission:
    """A submission held until the operation ends, with its version but not the whole form."""
    found = Submission.objects.select_for_update().select_related("version").defer(*queries.CONTENT_OF_VERSION)
    return found.get(pk=submission_id)


def _latest(submission: Submission) -> Revision:
    return submission.revisions.order_by("-number")[0]


def opened(revision: Revision, vault: Vault) -> Entry:
    """The answers of a revision."""
    return Entry.from_mapping(vault.open_plain(revision.sealed_answers, f"revision:{revision.pk}"))


def _write(entry: Entry, place: Place, value: str, submission: Submission) -> None:
    questions = {one.name: one for one in queries.questions_of(submission.version) if one.holds_answer}
    question = questions.get(place.question)
    if question is None or place.question in identifiers(submission) or len(place.turns) != len(question.repeats):
        raise _no_place()
    for repeat, turn in zip(question.repeats, place.turns, strict=True):
        inner = entry.repeats.get(repeat, [])
        if not 0 <= turn < len(inner):
            raise _no_place()
        entry = inner[turn]
    entry.values.pop(place.question, None)
    if value:
        entry.values[place.question] = value


def _no_place() -> Refused:
    return Refused(
        "instruments.unknown_question",
        found="a place that the form does not have",
        remedy="choose an answer of the page",
    )


def identifiers(submission: Submission) -> set[str]:
    """The questions whose answers are direct identifiers, of which only pseudonyms are kept."""
    definition = queries.definition_of(submission.version)
    structures = flows.structures(flows.filled(definition))
    return {
        records.columns[column.name]
        for records in definition.records
        for column in structures[records.dataflow].with_role(Role.DIRECT_IDENTIFIER)
        if column.name in records.columns
    }


@dataclass(frozen=True)
class _Sent:
    """The instance under which other answers came, and their fingerprint: a device that sends them again is known."""

    instance_id: str = ""
    fingerprint: str = ""


def _revise(
    submission: Submission,
    last: Revision,
    entry: Entry,
    vault: Vault,
    actor: Actor,
    at: datetime,
    sent: _Sent = _Sent(),
) -> None:
    plain = entry.to_mapping()
    known = Revision.objects.filter(instance_id=sent.instance_id).exists()
    written = vault.fingerprint(json.dumps(plain, sort_keys=True, ensure_ascii=False).encode())
    revision = Revision(
        submission=submission,
        number=last.number + 1,
        instance_id=None if known else sent.instance_id or None,
        fingerprint=sent.fingerprint or written,
        at=at,
        by=actor.audit_code,
    )
    revision.sealed_answers = vault.seal_plain(plain, f"revision:{revision.pk}")
    revision.save(force_insert=True)
    fresh = flows.pseudonyms_in(entry) - set(submission.pseudonyms.values_list("pseudonym", flat=True))
    Pseudonym.objects.bulk_create(Pseudonym(submission=submission, pseudonym=one) for one in fresh)
    note_answers(submission, entry)
    submission.save()


def note_answers(submission: Submission, entry: Entry) -> None:
    """What the board counts by, what is wrong with the answers and what they lack follow the latest revision."""
    questions, definition = queries.questions_of(submission.version), queries.definition_of(submission.version)
    noted = flows.noted(entry, definition, questions, flows.filled(definition))
    submission.findings, submission.area, submission.outcome = list(noted.findings), noted.area, noted.outcome
    submission.missing = missing_files(submission, entry)


def missing_files(submission: Submission, entry: Entry) -> int:
    """How many files the answers name that have not come."""
    held = set(submission.attachments.values_list("name", flat=True))
    return len(set(attachments.named_files(entry, queries.questions_of(submission.version))) - held)


@writes("instruments.settle_conflict", using="confidential")
def settle_conflict(*, actor: Actor, at: datetime, conflict_id: UUID, take: bool, reason: str) -> Submission:
    """Keep the answers that stand, or take the other ones as a new revision; both stay readable, with the reason."""
    conflict = Conflict.objects.select_for_update().get(pk=conflict_id)
    submission = locked(conflict.submission_id)
    if conflict.settled_at is not None:
        raise Refused("instruments.conflict_settled", found="a conflict that is settled", remedy="look again")
    if not reason.strip():
        raise Refused("instruments.reason", found="a decision without its reason", remedy="say why")
    conflict.settled_at, conflict.taken = at, take
    conflict.save(update_fields=["settled_at", "taken"])
    submission.conflicts = Conflict.objects.filter(submission=submission, settled_at__isnull=True).count()
    if take:
        vault = Vault()
        plain = vault.open_plain(conflict.sealed_answers, f"conflict:{conflict.pk}")
        sent = _Sent(plain.get("instance_id", ""), conflict.fingerprint)
        _move(submission, Move.EDIT, actor, at)
        _revise(submission, _latest(submission), Entry.from_mapping(plain), vault, actor, at, sent)
    submission.save()
    _step(submission, Move.EDIT, reason, actor, at)
    record(
        actor=actor,
        action="instruments.settle_conflict",
        target=f"submission:{submission.pk}",
        at=at,
        details={"taken": take, "open": submission.conflicts},
    )
    return submission


@writes("instruments.mark_frozen", using="confidential")
def mark_frozen(*, actor: Actor, at: datetime, submissions: list[UUID], snapshot: str) -> int:
    """Note in which snapshot approved submissions entered last."""
    marked = 0
    for first in range(0, len(submissions), 500):
        part = submissions[first : first + 500]
        marked += Submission.objects.filter(pk__in=part).update(frozen_in=snapshot)
    record(
        actor=actor, action="instruments.mark_frozen", target=f"snapshot:{snapshot}", at=at, details={"marked": marked}
    )
    return marked


@writes("instruments.erase", using="confidential")
def erase_submissions(*, actor: Actor, at: datetime, submissions: list[UUID]) -> int:
    """Delete submissions whole: answers, history, conflicts, attachments, steps."""
    erased = 0
    for first in range(0, len(submissions), 500):
        found = Submission.objects.filter(pk__in=submissions[first : first + 500])
        for returned in found.filter(state=SubmissionState.HAS_ISSUES):
            untell_agent(actor=actor, at=at, submission=returned)
        erased += found.count()
        found.delete()
    record(actor=actor, action="instruments.erase", target="submissions", at=at, details={"erased": erased})
    return erased
