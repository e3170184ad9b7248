"""The edit between two that came before it: what stood as two submissions becomes one again, in the order of the edits.

A device that was offline may send the second edit of an answer before the first. The original and the second edit then stand
as two submissions, because nothing ties them together; the first edit does.
"""

from __future__ import annotations

from dataclasses import replace

from django.db.models import F

from marsad.audit.rules import Actor
from marsad.collection.fieldwork.arrivals import withdraw_arrival
from marsad.collection.instruments.arrival import Arrival
from marsad.collection.instruments.models import Revision, Submission
from marsad.collection.instruments.operations_review import missing_files, opened
from marsad.collection.instruments.returning import tell_agent, untell_agent
from marsad.collection.instruments.rules import Move, SubmissionState, reached
from marsad.collection.instruments.telling import tell_fieldwork


def may_join(whole: Submission, part: Submission, replaced: Revision) -> bool:
    """Whether nobody changed the original meanwhile; otherwise a reviewer has to look at both."""
    last = whole.revisions.order_by("-number").first()
    return last is not None and last.pk == replaced.pk and whole.version_id == part.version_id


def join(*, actor: Actor, arrival: Arrival, whole: Submission, part: Submission) -> None:
    """Put the later edits (``part``) behind the edit that has just been stored as the last revision of ``whole``.

    ``whole`` takes the state of the later edits where a reviewer has looked at them, and waits for one where not.
    Call it inside the operation that stores the edit.
    """
    for one in (whole, part):
        if SubmissionState(one.state) is SubmissionState.HAS_ISSUES:
            untell_agent(actor=actor, at=arrival.at, submission=one)
    _move_rows(whole, part)
    latest = opened(whole.revisions.order_by("-number")[0], arrival.vault)
    seen = SubmissionState(part.state) is not SubmissionState.RECEIVED
    whole.state = part.state if seen else reached(SubmissionState(whole.state), Move.EDIT)
    whole.findings, whole.area, whole.outcome = part.findings, part.area, part.outcome
    whole.frozen_in = part.frozen_in or whole.frozen_in
    whole.conflicts = whole.other_answers.filter(settled_at__isnull=True).count()
    whole.missing = missing_files(whole, latest)
    whole.save()
    if SubmissionState(whole.state) is SubmissionState.HAS_ISSUES:
        tell_agent(actor=actor, at=arrival.at, submission=whole)
    withdraw_arrival(actor=actor, at=arrival.at, submission=part.pk)
    part.delete()
    if SubmissionState(whole.state) is not SubmissionState.REJECTED:
        tell_fieldwork(actor=actor, at=arrival.at, arrival=replace(arrival, entry=latest), submission=whole)


def _move_rows(whole: Submission, part: Submission) -> None:
    """Every row of the later edits that the original does not have already."""
    first = part.revisions.order_by("number")[0].number
    last = whole.revisions.order_by("-number")[0].number
    part.revisions.update(submission=whole, number=F("number") - first + last + 1)
    for rows, key in (("attachments", "name"), ("other_answers", "fingerprint"), ("pseudonyms", "pseudonym")):
        known = list(getattr(whole, rows).values_list(key, flat=True))
        getattr(part, rows).exclude(**{f"{key}__in": known}).update(submission=whole)
    part.steps.update(submission=whole)
