"""Approved submissions become a snapshot of their dataflow; no other state has a way in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pyarrow as pa
from django.db import transaction

from marsad.audit.rules import Actor
from marsad.collection.instruments import queries, queries_review
from marsad.collection.instruments.definition import Records
from marsad.collection.instruments.models import Revision, Submission, Version
from marsad.collection.instruments.operations_review import erase_submissions, mark_frozen, opened
from marsad.collection.instruments.queries_review import Approved
from marsad.collection.instruments.records import consented, rows
from marsad.collection.instruments.submission_xml import Entry
from marsad.collection.instruments.telling import weigher
from marsad.collection.instruments.vault import Vault
from marsad.collection.operations_erasure import certify_retention
from marsad.collection.pseudonyms import BLOOM, PSEUDONYM, SOUND
from marsad.collection.queries_dataflows import collected_dataflow, structure_of
from marsad.collection.snapshots import Lineage, Snapshot, freeze
from migstat.model.refusals import Refused
from migstat.model.structure import DataStructure, Kind

_ROWS = 1_000
_AT_ONCE = 500
_MOST_ERASED = 2_000
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
    approved = queries_review.approved(dataflow)
    if not approved:
        raise Refused(
            "instruments.nothing_approved", found=f"no approved submission of {dataflow}", remedy="approve some first"
        )
    versions = queries.described_versions().in_bulk({one.version for one in approved})
    counted = Counter((versions[one.version].instrument_id, versions[one.version].code) for one in approved)
    lineage = Lineage(submissions=tuple((code, version, count) for (code, version), count in sorted(counted.items())))

    def note(snapshot: Snapshot) -> None:
        """In the transaction that makes the snapshot known: of what was erased meanwhile nothing is frozen."""
        taken = [one.submission for one in approved]
        if mark_frozen(actor=actor, at=at, submissions=taken, snapshot=str(snapshot.pk)) < len(taken):
            raise _erased_meanwhile()

    batches = _batches(dataflow, approved, versions)
    return freeze(actor=actor, at=at, dataflow=dataflow, batches=batches, lineage=lineage, period=period, entered=note)


def _erased_meanwhile() -> Refused:
    return Refused(
        "instruments.erased_meanwhile", found="a submission that was erased meanwhile", remedy="freeze once more"
    )


def _batches(dataflow: str, approved: Sequence[Approved], versions: Mapping[int, Version]) -> Iterator[Any]:
    structure = structure_of(dataflow)
    weighted = weigher(dataflow, structure)
    waiting: list[dict[str, Any]] = []
    schema = None
    for version, revision in _revisions(approved, versions):
        waiting += [weighted(row) for row in rows_of(version, revision, dataflow, structure)]
        if waiting and schema is None:
            schema = _schema(structure, list(waiting[0]))
        while len(waiting) >= _ROWS:
            yield pa.RecordBatch.from_pylist(waiting[:_ROWS], schema=schema)
            waiting = waiting[_ROWS:]
    if waiting:
        yield pa.RecordBatch.from_pylist(waiting, schema=schema)


def _revisions(approved: Sequence[Approved], versions: Mapping[int, Version]) -> Iterator[tuple[Version, Entry]]:
    """The answers that were approved, a few hundred at a time: a correction that comes meanwhile is another revision."""
    vault = Vault()
    for first in range(0, len(approved), _AT_ONCE):
        part = approved[first : first + _AT_ONCE]
        held = Revision.objects.in_bulk([one.revision for one in part])
        for one in part:
            if one.revision not in held:
                raise _erased_meanwhile()
            yield versions[one.version], opened(held[one.revision], vault)


def rows_of(version: Version, entry: Entry, dataflow: str, structure: DataStructure) -> list[dict[str, Any]]:
    """The rows that one submission gives a dataflow; none without the person's consent."""
    definition, questions = queries.definition_of(version), queries.questions_of(version)
    if not consented(entry, definition):
        return []
    found: list[Records] = [one for one in definition.records if one.dataflow == dataflow]
    return [row for records in found for row in rows(records, entry, structure, questions)]


def erase_old_submissions(*, actor: Actor, at: datetime) -> int:
    """Erase the submissions that are older than the shortest retention among the dataflows they fill, in whatever state.

    What was erased leaves one certificate; a great backlog one for each part, so that devices go on sending meanwhile.
    """
    old: list[UUID] = []
    for version in queries.described_versions():
        flows = queries.definition_of(version).dataflows
        days = min(collected_dataflow(code).retention_days for code in flows)
        found = Submission.objects.filter(version=version, received_at__lt=at - timedelta(days=days))
        old += list(found.values_list("pk", flat=True))
    return sum(_erased(old[first : first + _MOST_ERASED], actor, at) for first in range(0, len(old), _MOST_ERASED))


def _erased(old: list[UUID], actor: Actor, at: datetime) -> int:
    with transaction.atomic(using="confidential"), transaction.atomic(using="default"):
        erased = erase_submissions(actor=actor, at=at, submissions=old)
        if erased:
            certify_retention(actor=actor, at=at, place="instruments", erased=erased)
    return erased
