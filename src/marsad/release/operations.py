"""Writes of the desk: a request is made, examined, submitted, signed by two people, demoted when its ground moves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from marsad.audit.events import record, writes
from marsad.audit.rules import Actor
from marsad.notices.operations import close_notices, raise_notice
from marsad.notices.rules import To
from marsad.release import queries
from marsad.release.bundles import (
    BundledTable,
    Dossier,
    checksum,
    intervals_to_json,
    policy_to_json,
    snapshot_to_json,
    table_to_json,
    text_to_json,
)
from marsad.release.desk import Examined, differences, examine, inputs_digest, policy_for
from marsad.release.metadata import missing_metadata
from marsad.release.models import Competence, ReleaseRequest, RequestTable, Signature
from marsad.release.rules import (
    IN_REVIEW,
    OPEN_TO_AUTHOR,
    UNPUBLISHED,
    Move,
    Refusal,
    RequestState,
    StepRefused,
    Verdict,
    decided,
    sign_refusals,
    submit_refusals,
)
from marsad.release.steps import demote, has_moved, locked, move, note_step, path_of, person_code, subject_of, tell
from migstat.model import Refused


@writes("release.request", using="confidential")
def request_release(
    *,
    actor: Actor,
    at: datetime,
    tables: Sequence[BundledTable],
    dossier: Dossier,
    embargo_until: datetime | None = None,
) -> ReleaseRequest:
    """Ask to release tables together as one edition of ``dossier.dataflow``; they are stored whole and examined at once.

    Returns the request as a draft, with what the desk found in it. Raises ``Refused`` for a bundle without tables or a
    policy that is none.
    """
    if not tables:
        raise Refused("release.tables", found="a request without tables", remedy="bundle at least one table")
    request = ReleaseRequest.objects.create(author=person_code(actor), requested_at=at, moved_at=at, **_words(dossier))
    request.embargo_until = embargo_until
    _store_tables(request, tables)
    _examine(request, at)
    note_step(request, "request", actor, at)
    _record(actor, "release.request", request, at, tables=len(tables), synthetic=request.is_synthetic)
    return request


@writes("release.revise", using="confidential")
def revise_request(
    *, actor: Actor, at: datetime, request_id: UUID, tables: Sequence[BundledTable], dossier: Dossier
) -> ReleaseRequest:
    """Put other tables and words in the place of a request's own. One under review is demoted: its signatures are void."""
    request = locked(request_id)
    if request.author != person_code(actor):
        raise StepRefused({Refusal.NOT_AUTHOR})
    if RequestState(request.state) not in UNPUBLISHED:
        raise StepRefused({Refusal.NOT_OPEN})
    if RequestState(request.state) not in OPEN_TO_AUTHOR:
        demote(request, actor, at, "inputs")
    for name, value in _words(dossier).items():
        setattr(request, name, value)
    request.demoted_for = ""
    request.tables.all().delete()
    _store_tables(request, tables)
    _examine(request, at)
    note_step(request, "revise", actor, at)
    _record(actor, "release.revise", request, at, tables=len(tables))
    return request


def _words(dossier: Dossier) -> dict[str, Any]:
    return {
        "dataflow": dossier.dataflow,
        "title": text_to_json(dossier.title),
        "description": text_to_json(dossier.description),
        "source": dossier.source,
        "reason": text_to_json(dossier.reason),
        "quality": [text_to_json(note) for note in dossier.quality],
        "figures": sorted(dossier.figures),
        "policy": policy_to_json(policy_for(dossier.policy)),
        "vintage": dossier.vintage,
        "is_synthetic": dossier.is_synthetic,
    }


def _store_tables(request: ReleaseRequest, tables: Sequence[BundledTable]) -> None:
    names = [each.table.id for each in tables]
    if len(set(names)) != len(names):
        raise Refused("release.tables", found="two tables of one name", remedy="name each table once")
    for sort, each in enumerate(tables):
        content = table_to_json(each.table)
        RequestTable.objects.create(
            request=request,
            sort=sort,
            indicator=each.table.measure.indicator,
            run=each.run,
            base=each.base,
            status=each.status,
            definition=dict(each.definition),
            snapshots=[snapshot_to_json(fact) for fact in each.snapshots],
            method=text_to_json(each.method) if each.method else {},
            content=content,
            checksum=checksum(content),
            intervals=intervals_to_json(each.intervals),
            marked=sorted(list(codes) for codes in each.marked),
        )


def _examine(request: ReleaseRequest, at: datetime) -> Examined:
    """Examine and keep what was found."""
    _refuse_altered(request)
    examined = examine(request)
    for table, report in zip(request.tables.all(), examined.reports, strict=True):
        table.examination = report
        table.save(update_fields=["examination"])
    request.pattern = examined.pattern
    request.ledger_length = examined.length
    request.examined_at = at
    request.missing = missing_metadata(request)
    fits = examined.passed and not any(one["what"] == "place" for one in request.missing)
    request.differences = differences(request, examined) if fits else {}
    request.save()
    return examined


def _refuse_altered(request: ReleaseRequest) -> None:
    """What is stored is what was handed in, or nothing is done with it."""
    if any(checksum(table.content) != table.checksum for table in request.tables.all()):
        raise Refused("release.checksum", found="a table that was altered in the store", remedy="hand it in again")


@writes("release.submit", using="confidential")
def submit_request(*, actor: Any, at: datetime, request_id: UUID) -> ReleaseRequest:
    """Hand an examined request to the reviewers. Raises ``StepRefused`` with every reason against it."""
    request = locked(request_id)
    _examine(request, at)
    refusals = submit_refusals(queries.condition_of(request), queries.standing_of(actor, today=timezone.localdate(at)))
    if refusals:
        raise StepRefused(refusals)
    request.digest = inputs_digest(request)
    request.demoted_for = ""
    move(request, Move.SUBMIT, actor, at)
    raise_notice(
        actor=actor,
        at=at,
        kind="release.review",
        to=To(role="reviewer"),
        path=path_of(request),
        subject=subject_of(request),
        values={"dataflow": request.dataflow},
    )
    _record(actor, "release.submit", request, at)
    return request


@writes("release.sign", using="confidential")
def sign_request(*, actor: Any, at: datetime, request_id: UUID, verdict: Verdict, reason: str) -> ReleaseRequest:
    """One reviewer's verdict with its reason; the second one decides. Neither can read the other's before both have signed.

    A request whose inputs, or the releases it was examined against, have changed is demoted instead of signed.
    Raises ``StepRefused`` with every reason against this signature.
    """
    request = locked(request_id)
    if RequestState(request.state) in IN_REVIEW and has_moved(request):
        demote(request, actor, at, "inputs")
        _record(actor, "release.sign", request, at, demoted=True)
        return request
    condition = queries.condition_of(request)
    standing = queries.standing_of(actor, today=timezone.localdate(at))
    refusals = sign_refusals(condition, standing, reason=reason, today=timezone.localdate(at))
    if refusals:
        raise StepRefused(refusals)
    Signature.objects.create(
        request=request,
        reviewer=person_code(actor),
        verdict=verdict,
        reason=reason.strip(),
        signed_at=at,
        digest=request.digest,
        pattern=request.pattern,
    )
    verdicts = [Verdict(each.verdict) for each in queries.signatures(request)]
    outcome = decided(verdicts)
    if outcome is None:
        move(request, Move.SIGN, None, at)
    else:
        move(request, outcome, None, at)
        _tell_author(request, actor, at)
    _record(actor, "release.sign", request, at, signatures=len(verdicts))
    return request


def _tell_author(request: ReleaseRequest, actor: Actor, at: datetime) -> None:
    close_notices(actor=actor, at=at, subject=subject_of(request), kind="release.review")
    tell(request, actor, at, f"release.{request.state}")


@writes("release.embargo", using="confidential")
def set_embargo(*, actor: Any, at: datetime, request_id: UUID, until: datetime | None) -> ReleaseRequest:
    """Publish not before a time, or as soon as approved (None). It changes no number, so signatures stand."""
    request = locked(request_id)
    if RequestState(request.state) not in UNPUBLISHED:
        raise StepRefused({Refusal.NOT_OPEN})
    request.embargo_until = until
    request.save(update_fields=["embargo_until"])
    note_step(request, "embargo", actor, at, until.isoformat(timespec="minutes") if until else "")
    _record(actor, "release.embargo", request, at, set=until is not None)
    return request


@writes("release.cancel", using="confidential")
def cancel_request(*, actor: Any, at: datetime, request_id: UUID) -> ReleaseRequest:
    """The author takes a request back before it is published."""
    request = locked(request_id)
    if request.author != person_code(actor):
        raise StepRefused({Refusal.NOT_AUTHOR})
    move(request, Move.CANCEL, actor, at)
    close_notices(actor=actor, at=at, subject=subject_of(request))
    _record(actor, "release.cancel", request, at)
    return request


# --- competence -------------------------------------------------------------------------------------------------------------


@writes("release.grant_competence", using="confidential")
def grant_competence(*, actor: Any, at: datetime, person: str, expires_on: date, reason: str) -> Competence:
    """Say that an account is able to review releases, until when and why. Nobody says it of themselves."""
    if person == person_code(actor):
        raise Refused("release.own_competence", found="one's own account", remedy="ask somebody else")
    if expires_on <= timezone.localdate(at) or not reason.strip():
        raise Refused(
            "release.competence", found="no reason, or a day that has passed", remedy="give a reason and a later day"
        )
    Competence.objects.filter(person=person, revoked_at=None).update(revoked_at=at)
    made = Competence.objects.create(
        person=person, granted_at=at, granted_by=person_code(actor), expires_on=expires_on, reason=reason.strip()
    )
    record(
        actor=actor,
        action="release.grant_competence",
        target=f"user:{person}",
        at=at,
        details={"expires_on": expires_on.isoformat()},
    )
    return made


@writes("release.revoke_competence", using="confidential")
def revoke_competence(*, actor: Any, at: datetime, person: str) -> int:
    """End the competence of an account now; signatures already given stand."""
    ended = Competence.objects.filter(person=person, revoked_at=None).update(revoked_at=at)
    record(actor=actor, action="release.revoke_competence", target=f"user:{person}", at=at, details={"ended": ended})
    return ended


def _record(actor: Actor, action: str, request: ReleaseRequest, at: datetime, **details: int | bool) -> None:
    record(actor=actor, action=action, target=subject_of(request), at=at, details=details)
