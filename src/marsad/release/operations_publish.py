"""From an approved request to an edition, over two databases: an intent, the edition in one transaction, the completion.

The confidential database says first what is going to be public, ledger included; the edition and its publication then
appear in one transaction below the line, under the request's number; the completion says that they did. Whatever is cut
off between two of these is finished, or taken back whole, by ``finish_publication``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from marsad.audit.events import record, writes
from marsad.audit.rules import Actor
from marsad.dissemination import operations as dissemination
from marsad.dissemination import queries as published
from marsad.dissemination.models import Edition
from marsad.dissemination.rules import Chain, Dataset, EditionDetails, TableDetails, publication_number, size_class
from marsad.notices.operations import close_notices, raise_notice
from marsad.notices.rules import To
from marsad.release import queries
from marsad.release.bundles import intervals_from_json, text_from_json
from marsad.release.desk import Examined, examine, inputs_digest
from marsad.release.findings import finding_changes
from marsad.release.frozen_figures import frozen_figures
from marsad.release.metadata import agreements_of, missing_metadata
from marsad.release.models import LedgerRecord, ReleaseRequest, RequestTable, Signature
from marsad.release.past import entries_to_json
from marsad.release.rules import Move, Refusal, RequestState, StepRefused, Verdict, publish_refusals
from marsad.release.steps import demote, has_moved, locked, move, note_step, path_of, subject_of, tell
from migstat.disclosure import Approval, ReleasedTable, release
from migstat.model import Refused, Text

_APPROVALS = 2
_MAY_STILL_RUN = timedelta(minutes=10)


def publish_request(*, actor: Any, at: datetime, request_id: UUID) -> Edition | None:
    """Make an approved request an edition. Raises ``StepRefused`` with every reason against it.

    None where the ground has moved since the signatures: the request is then demoted, and nothing is published.
    Not one transaction: three, each of which leaves a state that ``finish_publication`` knows how to go on from.
    """
    if begin_publication(actor=actor, at=at, request_id=request_id).state != RequestState.PUBLISHING:
        return None
    try:
        return _publish_begun(actor=actor, at=at, request_id=request_id)
    except Refused:
        if published.released_as(str(request_id)) is None:
            clear_publication(actor=actor, at=at, request_id=request_id)
        raise


@writes("release.begin", using="confidential")
def begin_publication(*, actor: Any, at: datetime, request_id: UUID) -> ReleaseRequest:
    """Write down what is going to be public: the number of the edition, and the ledger of its cells."""
    request = locked(request_id)
    if RequestState(request.state) is RequestState.APPROVED and has_moved(request):
        demote(request, actor, at, "inputs")
        _record(actor, "release.begin", request, at)
        return request
    request.missing = missing_metadata(request)
    refusals = publish_refusals(queries.condition_of(request), now=at)
    if request.state == RequestState.PUBLISHING:
        refusals |= {Refusal.NOT_OPEN}
    if refusals:
        raise StepRefused(refusals)
    examined = _as_signed(request)
    request.number = _next_number(request, at)
    _enter_ledger(request, examined, at)
    move(request, Move.BEGIN, actor, at)
    _record(actor, "release.begin", request, at)
    return request


def _as_signed(request: ReleaseRequest) -> Examined:
    """The examination that two reviewers signed, made again; anything else is refused."""
    examined = examine(request)
    signed = list(_approvals(request))
    if not examined.passed or len(signed) != _APPROVALS:
        raise StepRefused({Refusal.AUDIT_FAILED if not examined.passed else Refusal.NOT_OPEN})
    if any(each.pattern != examined.pattern or each.digest != inputs_digest(request) for each in signed):
        raise StepRefused({Refusal.INPUTS_CHANGED})
    return examined


def _approvals(request: ReleaseRequest) -> list[Signature]:
    return list(queries.signatures(request).filter(verdict=Verdict.APPROVE))


def _next_number(request: ReleaseRequest, at: datetime) -> str:
    made = Edition.objects.filter(dataflow=request.dataflow).values_list("number", flat=True)
    begun = ReleaseRequest.objects.filter(dataflow=request.dataflow).exclude(number="").values_list("number", flat=True)
    return publication_number({*made, *begun}, year=timezone.localdate(at).year)


def _enter_ledger(request: ReleaseRequest, examined: Examined, at: datetime) -> None:
    LedgerRecord.objects.bulk_create(
        LedgerRecord(table=table, recorded_at=at, entries=entries_to_json(protected, examined.ledger))
        for table, protected in zip(request.tables.all(), examined.protected, strict=True)
    )


def _publish_begun(*, actor: Any, at: datetime, request_id: UUID) -> Edition:
    request = ReleaseRequest.objects.get(pk=request_id)
    examined = _as_signed(request)
    first, *further = _released(request, examined)
    edition = dissemination.publish(
        actor=actor, at=at, released=first, further=further, edition=_details(request, examined, at)
    )
    complete_publication(actor=actor, at=at, request_id=request_id)
    tell_findings(actor=actor, at=at, edition=edition)
    return edition


def _released(request: ReleaseRequest, examined: Examined) -> list[ReleasedTable]:
    """The tables that two people let go."""
    first, second = (Approval(each.reviewer, each.signed_at, each.reason) for each in _approvals(request))
    return [release(protected, first, second) for protected in examined.protected]


@writes("release.complete", using="confidential")
def complete_publication(*, actor: Any, at: datetime, request_id: UUID) -> ReleaseRequest:
    """Say that the edition is there."""
    request = locked(request_id)
    move(request, Move.COMPLETE, actor, at, request.number)
    close_notices(actor=actor, at=at, subject=subject_of(request))
    _record(actor, "release.complete", request, at)
    return request


@writes("release.clear", using="confidential")
def clear_publication(*, actor: Any, at: datetime, request_id: UUID) -> ReleaseRequest:
    """Take an intent back whose edition never appeared: the ledger forgets its cells, the request is approved as before.

    Raises ``Refused`` where the edition is there: what is public cannot be taken out of the ledger.
    """
    request = locked(request_id)
    if published.released_as(str(request.pk)) is not None:
        raise Refused("release.published", found="an edition that is public", remedy="complete it, or withdraw it")
    queries.records_of(request).delete()
    request.number = ""
    move(request, Move.CLEAR, actor, at)
    _record(actor, "release.clear", request, at)
    return request


def finish_publication(*, actor: Any, at: datetime, request_id: UUID) -> Edition | None:
    """Go on where a publication was cut off: complete it where its edition is there, else publish it, else take it back."""
    edition = published.released_as(str(request_id))
    if edition is not None:
        complete_publication(actor=actor, at=at, request_id=request_id)
        tell_findings(actor=actor, at=at, edition=edition)
        return edition
    try:
        return _publish_begun(actor=actor, at=at, request_id=request_id)
    except Refused:
        clear_publication(actor=actor, at=at, request_id=request_id)
        return None


def finish_interrupted(*, actor: Any, at: datetime, grace: timedelta = timedelta(0)) -> int:
    """Finish every publication and withdrawal that was cut off; returns how many.

    One that began less than ``grace`` ago may still be under way in another process, and is left alone.
    """
    done = 0
    for request in list(queries.interrupted(at - grace)):
        finish_publication(actor=actor, at=at, request_id=request.pk)
        done += 1
    for request in ReleaseRequest.objects.filter(state=RequestState.PUBLISHED):
        edition = published.released_as(str(request.pk))
        tombstone = published.tombstone_of(edition) if edition else None
        if tombstone is not None:
            reason = Text(tombstone.reason_fr, tombstone.reason_ar, tombstone.reason_en)
            withdraw_edition(actor=actor, at=at, request_id=request.pk, reason=reason)
            done += 1
    return done


def publish_due(*, actor: Any, at: datetime) -> int:
    """Publish what was approved and whose embargo has ended; returns how many editions were made."""
    finish_interrupted(actor=actor, at=at, grace=_MAY_STILL_RUN)
    made = 0
    for request in list(queries.due(at)):
        try:
            made += publish_request(actor=actor, at=at, request_id=request.pk) is not None
        except Refused as refusal:
            _tell_failure(actor, at, request, refusal)
    return made


@writes("release.not_published", using="confidential")
def _note_failure(*, actor: Any, at: datetime, request_id: UUID, rule: str) -> ReleaseRequest:
    request = locked(request_id)
    note_step(request, "not_published", actor, at, rule)
    tell(request, actor, at, "release.not_published")
    _record(actor, "release.not_published", request, at)
    return request


def _tell_failure(actor: Any, at: datetime, request: ReleaseRequest, refusal: Refused) -> None:
    _note_failure(actor=actor, at=at, request_id=request.pk, rule=refusal.rule)


@writes("release.withdraw", using="confidential")
def withdraw_edition(*, actor: Any, at: datetime, request_id: UUID, reason: Text) -> ReleaseRequest:
    """Take a published edition off the public side; a tombstone says why. The ledger keeps it: who read it, knows it."""
    request = locked(request_id)
    edition = published.released_as(str(request.pk))
    if edition is None or RequestState(request.state) is not RequestState.PUBLISHED:
        raise StepRefused({Refusal.NOT_OPEN})
    dissemination.withdraw(actor=actor, at=at, edition=edition, reason=reason)
    request.withdrawal = {"fr": reason.fr, "ar": reason.ar, "en": reason.en}
    move(request, Move.WITHDRAW, actor, at)
    raise_notice(
        actor=actor,
        at=at,
        kind="release.withdrawn",
        to=To(role="statistician"),
        path=path_of(request),
        subject=subject_of(request),
        values={"dataflow": request.dataflow},
    )
    _record(actor, "release.withdraw", request, at)
    return request


def withdraw_synthetic(*, actor: Any, at: datetime, reason: Text) -> int:
    """Withdraw every edition of the demonstration; returns how many."""
    found = ReleaseRequest.objects.filter(is_synthetic=True, state=RequestState.PUBLISHED)
    for request in list(found):
        withdraw_edition(actor=actor, at=at, request_id=request.pk, reason=reason)
    return len(found)


def tell_findings(*, actor: Any, at: datetime, edition: Edition) -> None:
    """Say of every edition that this one replaces whether its finding reads differently now."""
    for mark in edition.replaces.filter(finding_changes=None):
        changes = finding_changes(mark.edition, edition)
        if changes is not None:
            dissemination.tell_finding(actor=actor, at=at, mark=mark, changes=changes)


# --- what goes below the line -----------------------------------------------------------------------------------------------


def _details(request: ReleaseRequest, examined: Examined, at: datetime) -> EditionDetails:
    tables = list(request.tables.all())
    reason = text_from_json(request.reason)
    return EditionDetails(
        dataflow=request.dataflow,
        number=request.number,
        published_on=timezone.localdate(at),
        reason_fr=reason.fr,
        reason_ar=reason.ar,
        reason_en=reason.en,
        indicator=tables[0].indicator,
        source=request.source,
        is_synthetic=request.is_synthetic,
        fingerprints=tuple(sorted({one["fingerprint"] for table in tables for one in table.snapshots})),
        vintage=request.vintage,
        dataset=Dataset(text_from_json(request.title), text_from_json(request.description)),
        chain=_chain(request, tables),
        tables={
            table.content["id"]: _table_details(table, decided.withheld)
            for table, decided in zip(tables, examined.protected, strict=True)
        },
    )


def _table_details(table: RequestTable, withheld: Any) -> TableDetails:
    """Base, status and the intervals of the cells that are shown: a withheld estimate takes its interval with it."""
    names = table.content["dimensions"]
    hidden = {
        tuple(_code(names, axis, place) for axis, place in enumerate(key))
        for key, is_withheld in zip(table.content["keys"], withheld, strict=True)
        if is_withheld
    }
    intervals = intervals_from_json(table.intervals)
    return TableDetails(
        table.base, table.status, {codes: ends for codes, ends in intervals.items() if codes not in hidden}
    )


def _code(dimensions: Sequence[Any], axis: int, place: int) -> str:
    codes = dict.fromkeys(code[0] for each in dimensions[axis]["hierarchies"] for code in each["codes"])
    return str(list(codes)[place])


def _chain(request: ReleaseRequest, tables: Sequence[RequestTable]) -> Chain:
    """What everybody may read of where an edition comes from: codes, dates, classes of size; no row, no name."""
    snapshots = {one["id"]: one for table in tables for one in table.snapshots}
    deliveries = {each["id"]: each for one in snapshots.values() for each in one["deliveries"]}
    definitions = {table.indicator: dict(table.definition) for table in tables}
    method = next((text_from_json(table.method) for table in tables if table.method), None)
    return Chain(
        release=str(request.pk),
        runs=tuple(sorted({table.run for table in tables})),
        definitions=[{"indicator": code, "definition": text} for code, text in sorted(definitions.items())],
        snapshots=[_public_snapshot(one) for one in snapshots.values()],
        deliveries=[_public_delivery(each) for each in deliveries.values()],
        agreements=tuple(sorted(agreements_of(list(snapshots.values())))),
        method=method,
        quality=request.quality,
        approved_on=tuple(timezone.localdate(each.signed_at).isoformat() for each in _approvals(request)),
        figures=frozen_figures({table.indicator for table in tables}, request.figures),
    )


def _public_snapshot(fact: dict[str, Any]) -> dict[str, Any]:
    kept = {name: fact[name] for name in ("id", "dataflow", "period", "frozen_on", "fingerprint")}
    return {**kept, "rows": size_class(fact["rows"]), "deliveries": [each["id"] for each in fact["deliveries"]]}


def _public_delivery(fact: dict[str, Any]) -> dict[str, Any]:
    kept = {name: fact[name] for name in ("id", "organisation", "agreement", "received_on")}
    return {**kept, "rows": size_class(fact["rows"])}


def _record(actor: Actor, action: str, request: ReleaseRequest, at: datetime) -> None:
    record(actor=actor, action=action, target=subject_of(request), at=at, details={"state": str(request.state)})
