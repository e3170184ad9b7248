"""Keeping submissions: one transaction, acknowledged only once it is committed, each instance stored once."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4, uuid5

from django.db import IntegrityError, transaction
from django.db.models import Q

from marsad.audit.events import record, writes
from marsad.audit.rules import Actor
from marsad.collection.instruments import attachments as files
from marsad.collection.instruments import flows
from marsad.collection.instruments.arrival import Arrival
from marsad.collection.instruments.joining import join, may_join
from marsad.collection.instruments.models import (
    Attachment,
    Conflict,
    Device,
    Pseudonym,
    Revision,
    Step,
    Submission,
)
from marsad.collection.instruments.queueing import written_in_groups
from marsad.collection.instruments.returning import untell_agent
from marsad.collection.instruments.rules import Channel, Move, Outcome, Receipt, SubmissionState, reached
from marsad.collection.instruments.submission_xml import Header
from marsad.collection.instruments.telling import tell_fieldwork
from migstat.model.refusals import Refused

# Other answers stand under the number that their own instance gives them, so that an edit of them finds where they belong.
_OTHER_ANSWERS = UUID("0a7d2f5c-6b0f-5d0e-9c55-4f1de2a6b3c8")


@written_in_groups
@writes("instruments.receive", using="confidential")
def keep_submission(
    *, actor: Actor, at: datetime, arrival: Arrival, channel: Channel, device: Device | None = None
) -> Receipt:
    """Store a filled form that was read (``receiving.receive_submission`` reads it first), its attachments and its history.

    The same instance again adds the attachments that were missing; with other answers it becomes a conflict that is
    kept; with a ``deprecatedID`` it becomes the next revision of that submission.
    Raises ``Refused("instruments.attachment_changed")`` for another file under a name that came before.
    """
    outcome, submission = _kept(actor, arrival, channel, device)
    added = _attach(arrival, submission, outcome)
    if outcome is Outcome.DUPLICATE and added:
        outcome = Outcome.ATTACHED
    _count_missing(arrival, submission, outcome)
    if outcome in (Outcome.STORED, Outcome.EDITED):
        tell_fieldwork(actor=actor, at=at, arrival=arrival, submission=submission)
    record(
        actor=actor,
        action="instruments.receive",
        target=f"submission:{submission.pk}",
        at=at,
        details={"outcome": outcome.value, "attachments": added, "instrument": arrival.version.instrument_id},
    )
    return Receipt(outcome, str(submission.pk), arrival.header.instance_id, submission.missing)


def _kept(actor: Actor, arrival: Arrival, channel: Channel, device: Device | None) -> tuple[Outcome, Submission]:
    try:
        with transaction.atomic(using="confidential"):
            return _sorted_in(actor, arrival, channel, device)
    except IntegrityError:
        # Another connection stored the same instance a moment ago: now it is seen.
        return _sorted_in(actor, arrival, channel, device)


def _sorted_in(actor: Actor, arrival: Arrival, channel: Channel, device: Device | None) -> tuple[Outcome, Submission]:
    header = arrival.header
    before, later = _met_before(header.instance_id)
    if before is not None:
        submission = Submission.objects.select_for_update().get(pk=before.submission_id)
        if before.fingerprint == arrival.fingerprint:
            return Outcome.DUPLICATE, submission
        return _conflict(arrival, submission)
    replaced = _replaced(header)
    if replaced is not None and later is not None and replaced.submission_id != later.submission_id:
        return _joined(actor, arrival, replaced, later)
    if replaced is not None:
        return _edited(actor, arrival, replaced)
    waiting = _replaced_in_conflict(header)
    if waiting is not None:
        return _conflict(arrival, Submission.objects.select_for_update().get(pk=waiting.submission_id))
    if later is not None:
        submission = Submission.objects.select_for_update().get(pk=later.submission_id)
        _revise(arrival, submission, number=later.number - 1)
        _flag_siblings(arrival, submission)
        return Outcome.EARLIER, submission
    return Outcome.STORED, _new(arrival, channel, device)


def _met_before(instance_id: str) -> tuple[Revision | None, Revision | None]:
    """The revision that is this instance, and the first one that replaces it."""
    same = Q(instance_id=instance_id) | Q(deprecated_id=instance_id)
    found = list(Revision.objects.filter(same).defer("sealed_answers").order_by("number"))
    before = next((one for one in found if one.instance_id == instance_id), None)
    return before, next((one for one in found if one.deprecated_id == instance_id), None)


def _replaced(header: Header) -> Revision | None:
    return Revision.objects.filter(instance_id=header.deprecated_id).first() if header.deprecated_id else None


def _flag_siblings(arrival: Arrival, submission: Submission) -> None:
    """Two edits that came before their original stand as two submissions: a reviewer says which of them counts."""
    edits = Revision.objects.filter(deprecated_id=arrival.header.instance_id).exclude(submission=submission)
    for other in Submission.objects.select_for_update().filter(pk__in=edits.values("submission")):
        _conflict(arrival, other)


def _replaced_in_conflict(header: Header) -> Conflict | None:
    """The other answers that an edit replaces, where its original stands only beside those of a submission."""
    if not header.deprecated_id:
        return None
    return Conflict.objects.filter(pk=uuid5(_OTHER_ANSWERS, header.deprecated_id)).first()


def _conflict(arrival: Arrival, submission: Submission) -> tuple[Outcome, Submission]:
    known = Conflict.objects.filter(submission=submission, fingerprint=arrival.fingerprint).exists()
    if not known:
        number = uuid5(_OTHER_ANSWERS, arrival.header.instance_id)
        conflict = Conflict(submission=submission, fingerprint=arrival.fingerprint, at=arrival.at, by=arrival.by)
        conflict.pk = uuid4() if Conflict.objects.filter(pk=number).exists() else number
        plain = arrival.entry.to_mapping() | {"instance_id": arrival.header.instance_id}
        conflict.sealed_answers = arrival.vault.seal_plain(plain, f"conflict:{conflict.pk}")
        conflict.save(force_insert=True)
        _note_pseudonyms(arrival, submission)
        submission.conflicts += 1
        submission.save(update_fields=["conflicts"])
    return Outcome.CONFLICT, submission


def _edited(actor: Actor, arrival: Arrival, replaced: Revision) -> tuple[Outcome, Submission]:
    submission = Submission.objects.select_for_update().get(pk=replaced.submission_id)
    last = submission.revisions.order_by("-number").first()
    if last is None or last.pk != replaced.pk or submission.version_id != arrival.version.pk:
        # Somebody corrected the same answers meanwhile: neither may silently win.
        return _conflict(arrival, submission)
    _revise(arrival, submission, number=last.number + 1)
    if SubmissionState(submission.state) is SubmissionState.HAS_ISSUES:
        untell_agent(actor=actor, at=arrival.at, submission=submission)
    submission.state = reached(SubmissionState(submission.state), Move.EDIT)
    _note_answers(arrival, submission)
    submission.save()
    Step.objects.create(submission=submission, move=Move.EDIT, state=submission.state, at=arrival.at, by=arrival.by)
    return Outcome.EDITED, submission


def _joined(actor: Actor, arrival: Arrival, replaced: Revision, later: Revision) -> tuple[Outcome, Submission]:
    """The edit that both its original and its own correction waited for; the correction stays the latest word."""
    whole = Submission.objects.select_for_update().get(pk=replaced.submission_id)
    part = Submission.objects.select_for_update().get(pk=later.submission_id)
    if not may_join(whole, part, replaced):
        # The later edits stay a submission of their own, which nobody approves without having looked at both.
        _conflict(arrival, part)
        return _conflict(arrival, whole)
    _revise(arrival, whole, number=replaced.number + 1)
    Step.objects.create(submission=whole, move=Move.EDIT, state=whole.state, at=arrival.at, by=arrival.by)
    join(actor=actor, arrival=arrival, whole=whole, part=part)
    return Outcome.EARLIER, whole


def _new(arrival: Arrival, channel: Channel, device: Device | None) -> Submission:
    submission = Submission(
        version=arrival.version, channel=channel, device=device, agent=arrival.by, received_at=arrival.at
    )
    _note_answers(arrival, submission)
    submission.save(force_insert=True)
    _revise(arrival, submission, number=1)
    return submission


def _note_answers(arrival: Arrival, submission: Submission) -> None:
    """What the board counts by, and what is wrong with the answers, stand beside the sealed text."""
    noted = arrival.noted
    submission.findings, submission.area, submission.outcome = list(noted.findings), noted.area, noted.outcome


def _revise(arrival: Arrival, submission: Submission, *, number: int) -> Revision:
    revision = Revision(
        submission=submission,
        number=number,
        instance_id=arrival.header.instance_id,
        deprecated_id=arrival.header.deprecated_id,
        fingerprint=arrival.fingerprint,
        at=arrival.at,
        by=arrival.by,
    )
    revision.sealed_answers = arrival.vault.seal_plain(arrival.entry.to_mapping(), f"revision:{revision.pk}")
    revision.save(force_insert=True)
    _note_pseudonyms(arrival, submission)
    return revision


def _note_pseudonyms(arrival: Arrival, submission: Submission) -> None:
    """A person whom any of the answers names is found, also in those that wait beside them or were replaced."""
    named = flows.pseudonyms_in(arrival.entry)
    if named:
        known = set(submission.pseudonyms.values_list("pseudonym", flat=True))
        Pseudonym.objects.bulk_create(Pseudonym(submission=submission, pseudonym=one) for one in sorted(named - known))


def _attach(arrival: Arrival, submission: Submission, outcome: Outcome) -> int:
    """Keep the files that came; those of answers in conflict too, since a reviewer may take them."""
    if not arrival.files:
        return 0
    known: dict[str, Any] = dict(submission.attachments.values_list("name", "fingerprint"))
    added = 0
    for file in arrival.files:
        fingerprint = arrival.vault.fingerprint(file.content)
        if file.name not in known:
            _store_file(arrival, submission, file, fingerprint)
            added += 1
        elif known[file.name] != fingerprint and outcome is not Outcome.CONFLICT:
            raise Refused(
                "instruments.attachment_changed",
                found="another file of a known name",
                remedy="send it under a new name",
            )
    return added


def _store_file(arrival: Arrival, submission: Submission, file: files.Attached, fingerprint: str) -> None:
    attachment = Attachment(
        submission=submission,
        name=file.name,
        content_type=file.content_type,
        fingerprint=fingerprint,
        size=len(file.content),
        at=arrival.at,
    )
    attachment.sealed_content = arrival.vault.seal(file.content, f"attachment:{attachment.pk}")
    attachment.save(force_insert=True)


def _count_missing(arrival: Arrival, submission: Submission, outcome: Outcome) -> None:
    if outcome in (Outcome.CONFLICT, Outcome.EARLIER):
        return
    held = set(submission.attachments.values_list("name", flat=True)) if arrival.named else set()
    missing = len(set(arrival.named) - held)
    if missing != submission.missing:
        submission.missing = missing
        submission.save(update_fields=["missing"])
