"""Approved submissions become a snapshot of their dataflow; no other state has a way in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pyarrow as pa
from django.db import transaction

from marsad.audit.rules import Actor
from marsad.collection.instruments import queries, queries_review
from marsad.collection.instruments.definition import Records
from marsad.collection.instruments.models import Submission, Version
from marsad.collection.instruments.operations_review import erase_submissions, mark_frozen, opened
from marsad.collection.instruments.records import consented, rows
from marsad.collection.instruments.telling import weigher
from marsad.collection.instruments.vault import Vault
from marsad.collection.operations_erasure import certify_retention
from marsad.collection.pseudonyms import BLOOM, PSEUDONYM, SOUND
from marsad.collection.queries_dataflows import collected_dataflow, structure_of
from marsad.collection.snapshots import Lineage, Snapshot, freeze
from migstat.model.refusals import Refused
from migstat.model.structure import DataStructure, Kind

_ROWS = 1_000
_TYPES = {
    Kind.TEXT: pa.string(),
    Kind.CODE: pa.string(),
    Kind.INTEGER: pa.int64(),
    Kind.NUMBER: pa.float64(),
    Kind.DATE: pa.date32(),
    Kind.BOOLEAN: pa.bool_(),
}


def _schema(structure: DataStructure, names: list[str]) -> Any:
    def kind(name: str) -> Any:
        if name.endswith(BLOOM):
            return pa.binary()
        return pa.string() if name.endswith((PSEUDONYM, SOUND)) else _TYPES[structure.column(name).kind]

    return pa.schema([(name, kind(name)) for name in names])


def freeze_approved(*, actor: Actor, at: datetime, dataflow: str, period: str = "") -> Snapshot:
    """Freeze the rows of every approved submission that fills a dataflow, as it stands now.

    A person who did not consent gives no row. Raises ``Refused("instruments.nothing_approved")``, and what the store
    raises: ``collection.authorisation``, ``snapshot.*``.
    """
    taken: list[UUID] = []
    counted: Counter[tuple[str, str]] = Counter()
    approved = list(queries_review.approved(dataflow))
    for submission in approved:
        taken.append(submission.pk)
        counted[submission.version.instrument_id, submission.version.code] += 1
    if not taken:
        raise Refused(
            "instruments.nothing_approved", found=f"no approved submission of {dataflow}", remedy="approve some first"
        )
    lineage = Lineage(submissions=tuple((code, version, count) for (code, version), count in sorted(counted.items())))
    snapshot = freeze(
        actor=actor, at=at, dataflow=dataflow, batches=_batches(dataflow, approved), lineage=lineage, period=period
    )
    mark_frozen(actor=actor, at=at, submissions=taken, snapshot=str(snapshot.pk))
    return snapshot


def _batches(dataflow: str, submissions: list[Submission]) -> Iterator[Any]:
    structure, vault = structure_of(dataflow), Vault()
    weighted = weigher(dataflow, structure)
    waiting: list[dict[str, Any]] = []
    schema = None
    for submission in submissions:
        waiting += [weighted(row) for row in rows_of(submission, dataflow, structure, vault)]
        if waiting and schema is None:
            schema = _schema(structure, list(waiting[0]))
        while len(waiting) >= _ROWS:
            yield pa.RecordBatch.from_pylist(waiting[:_ROWS], schema=schema)
            waiting = waiting[_ROWS:]
    if waiting:
        yield pa.RecordBatch.from_pylist(waiting, schema=schema)


def rows_of(submission: Submission, dataflow: str, structure: DataStructure, vault: Vault) -> list[dict[str, Any]]:
    """The rows that one submission gives a dataflow, from its latest revision; none without the person's consent."""
    version: Version = submission.version
    definition, questions = queries.definition_of(version), queries.questions_of(version)
    entry = opened(submission.revisions.order_by("-number")[0], vault)
    if not consented(entry, definition):
        return []
    found: list[Records] = [one for one in definition.records if one.dataflow == dataflow]
    return [row for records in found for row in rows(records, entry, structure, questions)]


def erase_old_submissions(*, actor: Actor, at: datetime) -> int:
    """Erase the submissions that are older than the shortest retention among the dataflows they fill, in whatever state.

    What was erased leaves one certificate.
    """
    old = []
    for version in Version.objects.all():
        flows = queries.definition_of(version).dataflows
        days = min(collected_dataflow(code).retention_days for code in flows)
        found = Submission.objects.filter(version=version, received_at__lt=at - timedelta(days=days))
        old += list(found.values_list("pk", flat=True))
    with transaction.atomic(using="confidential"), transaction.atomic(using="default"):
        erased = erase_submissions(actor=actor, at=at, submissions=old)
        if erased:
            certify_retention(actor=actor, at=at, place="instruments", erased=erased)
    return erased
