"""Receiving submissions: one transaction, acknowledged only once it is committed, each instance stored once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from marsad.audit.events import record, writes
from marsad.audit.rules import Actor
from marsad.collection.instruments import attachments as files
from marsad.collection.instruments import flows, queries
from marsad.collection.instruments.definition import Definition
from marsad.collection.instruments.models import (
    Attachment,
    Conflict,
    Device,
    Pseudonym,
    Revision,
    Step,
    Submission,
    Version,
)
from marsad.collection.instruments.questions import Question
from marsad.collection.instruments.queueing import one_after_another
from marsad.collection.instruments.records import findings, without_metres
from marsad.collection.instruments.rules import Channel, Move, Outcome, Receipt, SubmissionState, reached
from marsad.collection.instruments.submission_xml import Entry, Header, entry_of, header_of, parse
from marsad.collection.instruments.vault import Vault
from migstat.model.refusals import Refused

_MOST_FINDINGS = 100


@dataclass(frozen=True)
class _Arrival:
    """A submission as it came, read and checked, before it is known whether it is new."""

    header: Header
    version: Version
    questions: tuple[Question, ...]
    definition: Definition
    entry: Entry
    files: tuple[files.Attached, ...]
    named: Mapping[str, str]
    vault: Vault
    fingerprint: str
    by: str
    at: datetime


@one_after_another
@writes("instruments.receive", using="confidential")
def receive_submission(
    *,
    actor: Actor,
    at: datetime,
    xml: bytes,
    attachments: Mapping[str, tuple[str, bytes]],
    channel: Channel,
    device: Device | None = None,
) -> Receipt:
    """Store a filled form, its attachments (name -> type, content) and its history; when this returns it is committed.

    The same instance again adds the attachments that were missing; with other answers it becomes a conflict that is
    kept; with a ``deprecatedID`` it becomes the next revision of that submission.
    Raises ``Refused`` for what cannot be read, for an unknown form or version and for attachments not allowed.
    """
    arrival = _read(actor, at, xml, attachments)
    outcome, submission = _kept(arrival, channel, device)
    added = _attach(arrival, submission) if outcome is not Outcome.CONFLICT else 0
    if outcome is Outcome.DUPLICATE and added:
        outcome = Outcome.ATTACHED
    _count_missing(arrival, submission, outcome)
    record(
        actor=actor,
        action="instruments.receive",
        target=f"submission:{submission.pk}",
        at=at,
        details={"outcome": outcome.value, "attachments": added, "instrument": arrival.version.instrument_id},
    )
    return Receipt(outcome, str(submission.pk), arrival.header.instance_id, submission.missing)


def _read(actor: Actor, at: datetime, xml: bytes, attachments: Mapping[str, tuple[str, bytes]]) -> _Arrival:
    root = parse(xml)
    header = header_of(root)
    version = queries.receiving_version(header.form_id, header.version)
    questions, definition = queries.questions_of(version), queries.definition_of(version)
    entry = entry_of(root, flows.places(questions))
    named = files.named_files(entry, questions)
    checked = files.checked(attachments, named)
    vault = Vault()
    content = [header.form_id, header.version, header.deprecated_id, entry.to_mapping()]
    fingerprint = vault.fingerprint(json.dumps(content, sort_keys=True, ensure_ascii=False).encode())
    flows.demand_authorised(definition)
    structures = flows.structures(definition)
    safe = flows.pseudonymised(without_metres(entry, questions), definition, structures)
    return _Arrival(
        header, version, questions, definition, safe, checked, named, vault, fingerprint, actor.audit_code, at
    )


def _kept(arrival: _Arrival, channel: Channel, device: Device | None) -> tuple[Outcome, Submission]:
    try:
        with transaction.atomic(using="confidential"):
            return _sorted_in(arrival, channel, device)
    except IntegrityError:
        # Another connection stored the same instance a moment ago: now it is seen.
        return _sorted_in(arrival, channel, device)


def _sorted_in(arrival: _Arrival, channel: Channel, device: Device | None) -> tuple[Outcome, Submission]:
    header = arrival.header
    before = Revision.objects.filter(instance_id=header.instance_id).select_related("submission").first()
    if before is not None:
        submission = Submission.objects.select_for_update().get(pk=before.submission_id)
        if before.fingerprint == arrival.fingerprint:
            return Outcome.DUPLICATE, submission
        return _conflict(arrival, submission)
    replaced = _replaced(header)
    if replaced is not None:
        return _edited(arrival, replaced)
    later = Revision.objects.filter(deprecated_id=header.instance_id).order_by("number").first()
    if later is not None:
        submission = Submission.objects.select_for_update().get(pk=later.submission_id)
        _revise(arrival, submission, number=later.number - 1)
        return Outcome.EARLIER, submission
    return Outcome.STORED, _new(arrival, channel, device)


def _replaced(header: Header) -> Revision | None:
    return Revision.objects.filter(instance_id=header.deprecated_id).first() if header.deprecated_id else None


def _conflict(arrival: _Arrival, submission: Submission) -> tuple[Outcome, Submission]:
    known = Conflict.objects.filter(submission=submission, fingerprint=arrival.fingerprint).exists()
    if not known:
        conflict = Conflict(submission=submission, fingerprint=arrival.fingerprint, at=arrival.at, by=arrival.by)
        conflict.sealed_answers = arrival.vault.seal_plain(arrival.entry.to_mapping(), f"conflict:{conflict.pk}")
        conflict.save(force_insert=True)
        submission.conflicts += 1
        submission.save(update_fields=["conflicts"])
    return Outcome.CONFLICT, submission


def _edited(arrival: _Arrival, replaced: Revision) -> tuple[Outcome, Submission]:
    submission = Submission.objects.select_for_update().get(pk=replaced.submission_id)
    last = submission.revisions.order_by("-number").first()
    if last is None or last.pk != replaced.pk or submission.version_id != arrival.version.pk:
        # Somebody corrected the same answers meanwhile: neither may silently win.
        return _conflict(arrival, submission)
    _revise(arrival, submission, number=last.number + 1)
    submission.state = reached(SubmissionState(submission.state), Move.EDIT)
    _note_answers(arrival, submission)
    submission.save()
    Step.objects.create(submission=submission, move=Move.EDIT, state=submission.state, at=arrival.at, by=arrival.by)
    return Outcome.EDITED, submission


def _new(arrival: _Arrival, channel: Channel, device: Device | None) -> Submission:
    submission = Submission(
        version=arrival.version, channel=channel, device=device, agent=arrival.by, received_at=arrival.at
    )
    _note_answers(arrival, submission)
    submission.save(force_insert=True)
    _revise(arrival, submission, number=1)
    return submission


def _note_answers(arrival: _Arrival, submission: Submission) -> None:
    """What the board counts by, and what is wrong with the answers, stand beside the sealed text."""
    values, board = arrival.entry.values, arrival.definition.board
    structures = flows.structures(arrival.definition)
    found = findings(arrival.entry, arrival.definition, arrival.questions, structures)
    submission.findings = [str(one) for one in found[:_MOST_FINDINGS]]
    submission.area = flows.counted(values.get(board.area, ""), board.area, arrival.questions)
    submission.outcome = flows.counted(values.get(board.outcome, ""), board.outcome, arrival.questions)


def _revise(arrival: _Arrival, submission: Submission, *, number: int) -> Revision:
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
    known = set(submission.pseudonyms.values_list("pseudonym", flat=True))
    Pseudonym.objects.bulk_create(
        Pseudonym(submission=submission, pseudonym=one) for one in flows.pseudonyms_in(arrival.entry) - known
    )
    return revision


def _attach(arrival: _Arrival, submission: Submission) -> int:
    known: dict[str, Any] = dict(submission.attachments.values_list("name", "fingerprint"))
    added = 0
    for file in arrival.files:
        fingerprint = arrival.vault.fingerprint(file.content)
        if file.name not in known:
            _store_file(arrival, submission, file, fingerprint)
            added += 1
        elif known[file.name] != fingerprint:
            raise Refused(
                "instruments.attachment_changed",
                found="another file of a known name",
                remedy="send it under a new name",
            )
    return added


def _store_file(arrival: _Arrival, submission: Submission, file: files.Attached, fingerprint: str) -> None:
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


def _count_missing(arrival: _Arrival, submission: Submission, outcome: Outcome) -> None:
    if outcome in (Outcome.CONFLICT, Outcome.EARLIER):
        return
    held = set(submission.attachments.values_list("name", flat=True)) if arrival.named else set()
    missing = len(set(arrival.named) - held)
    if missing != submission.missing:
        submission.missing = missing
        submission.save(update_fields=["missing"])
