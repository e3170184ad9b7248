"""Erasing persons and expired snapshots, everywhere, and saying so.

An erasure is noted first (in the database and on the list that outlives it), then done step by step, each step in a
transaction of its own that counts what it erased, then certified. A death at any step leaves an erasure under way, which
``resume_erasures`` ends; no step counts twice.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.compute as pc

from marsad.audit.rules import Actor
from marsad.collection import store_folder
from marsad.collection.erasure_list import erased_persons, note_erased
from marsad.collection.keys import scrub_freed_keys
from marsad.collection.models import Certificate, CollectedDataflow, Erasure, PersonRequest, Snapshot
from marsad.collection.operations_erasure import (
    Eraser,
    begin_erasure,
    certify_erasure,
    erase_in_place,
    replace_snapshot,
    retire_snapshot,
)
from marsad.collection.operations_snapshots import log_reading
from marsad.collection.pseudonyms import PSEUDONYM, is_pseudonym
from marsad.collection.queries_dataflows import identifying_columns
from marsad.collection.queries_snapshots import erasures_under_way, frozen_snapshots, past_their_retention
from marsad.collection.rules import RequestState, Right
from marsad.collection.rules_store import ErasureRule, ErasureState, Lineage, SnapshotState
from marsad.collection.snapshot_rows import Papers
from marsad.collection.snapshots import records_of, schema_of_snapshot, write
from marsad.dissemination.models import Provenance
from marsad.dissemination.operations import mark_stale
from marsad.dissemination.rules import StaleFor
from migstat.model.refusals import Refused

ERASERS: dict[str, Eraser] = {}
Finder = Callable[[Sequence[str]], Eraser]
FINDERS: dict[str, Finder] = {}
Marker = Callable[..., int]
MARKERS: dict[str, Marker] = {}
_ORPHAN_AFTER = timedelta(hours=1)
_FEWEST = 2


def erases(name: str) -> Callable[[Eraser], Eraser]:
    """Register a function that erases the rows of pseudonyms in the tables of its own app and returns how many.

    It is called with the pseudonyms of one person, inside a transaction of the confidential database; it finds the rows by
    ``is_about`` where several columns tell a person. A name is registered once.
    """

    def register(function: Eraser) -> Eraser:
        ERASERS[name] = function
        return function

    return register


def finds_before(name: str) -> Callable[[Finder], Finder]:
    """Register how an app looks for the rows that ``erases`` will erase, where that takes long.

    It is called with the pseudonyms outside any transaction, so that nobody waits for the database meanwhile, and returns
    the eraser that then makes use of what was found.
    """

    def register(function: Finder) -> Finder:
        FINDERS[name] = function
        return function

    return register


def marks_affected(name: str) -> Callable[[Marker], Marker]:
    """Register a function that marks what was computed from snapshots: ``function(actor=, at=, snapshots=) -> count``."""

    def register(function: Marker) -> Marker:
        MARKERS[name] = function
        return function

    return register


@marks_affected("editions")
def mark_editions(*, actor: Actor, at: datetime, snapshots: Sequence[str]) -> int:
    """Mark the published editions that were computed from snapshots out of which rows were erased."""
    marked = 0
    for provenance in Provenance.objects.select_related("edition"):
        used = {str(one.get("id", "")) if isinstance(one, dict) else str(one) for one in provenance.snapshots}
        for snapshot in sorted(used & set(snapshots)):
            subject = f"snapshot:{snapshot}"
            mark_stale(actor=actor, at=at, edition=provenance.edition, cause=StaleFor.ROWS_ERASED, subject=subject)
            marked += 1
    return marked


def is_about(dataflow: CollectedDataflow, row: dict[str, Any], pseudonyms: Collection[str]) -> bool:
    """Whether a stored row of a dataflow is about the person of these pseudonyms.

    It is where everything that it holds of the columns that tell a person is among them, and where that is two of them at
    least (or the only one there is): a family name alone tells nobody from a namesake.
    """
    columns = [column + PSEUDONYM for column in identifying_columns(dataflow)]
    held = [row.get(column) for column in columns if row.get(column)]
    return len(held) >= min(_FEWEST, len(columns)) > 0 and all(one in set(pseudonyms) for one in held)


def _about(batch: Any, columns: Sequence[str], pseudonyms: Any) -> Any:
    """For each row of a batch whether it is about the person, as ``is_about`` says."""
    agrees, held = pa.scalar(True), pa.scalar(0)
    for column in columns:
        array = batch.column(column)
        agrees = pc.and_(agrees, pc.or_(array.is_null(), pc.is_in(array, value_set=pseudonyms)))
        held = pc.add(held, array.is_valid().cast(pa.int64()))
    return pc.and_(agrees, pc.greater_equal(held, min(_FEWEST, len(columns))))


def _telling_columns(snapshot: Snapshot) -> list[str]:
    named = [column + PSEUDONYM for column in identifying_columns(snapshot.dataflow)]
    return [column for column in named if column in snapshot.columns]


def _rows_about(snapshot: Snapshot, columns: Sequence[str], pseudonyms: Any) -> int:
    found = 0
    for batch in records_of(snapshot, columns):
        found += pc.sum(_about(batch, columns, pseudonyms).cast(pa.int64())).as_py() or 0
    return found


def _kept(snapshot: Snapshot, columns: Sequence[str], pseudonyms: Any) -> Iterator[Any]:
    yield pa.RecordBatch.from_pylist([], schema=schema_of_snapshot(snapshot))
    for batch in records_of(snapshot):
        yield batch.filter(pc.invert(_about(batch, columns, pseudonyms)))


def _purge(snapshot: Snapshot, erasure: Erasure, actor: Actor, at: datetime) -> None:
    """Replace one snapshot where it holds rows of the person."""
    columns, pseudonyms = _telling_columns(snapshot), pa.array(erasure.pseudonyms, pa.string())
    if not columns:
        return
    subject = f"snapshot:{snapshot.pk}"
    log_reading(
        actor=actor,
        at=at,
        dataflow=snapshot.dataflow_id,
        subject=subject,
        purpose="erasure",
        columns=columns,
        rows=snapshot.rows,
    )
    rows = _rows_about(snapshot, columns, pseudonyms)
    if not rows:
        return
    before = Lineage.from_mapping(snapshot.lineage)
    lineage = Lineage(before.deliveries, before.submissions, str(snapshot.pk), rows, before.agreements)
    papers = Papers(lineage, snapshot.period, snapshot.retention_until, snapshot.is_synthetic)
    with store_folder.shared():
        written = write(snapshot.dataflow, _kept(snapshot, columns, pseudonyms))
        try:
            replace_snapshot(
                actor=actor, at=at, erasure_id=erasure.pk, old_id=snapshot.pk, written=written, papers=papers
            )
        except BaseException:
            store_folder.remove(store_folder.folder_of(snapshot.dataflow_id, written.id))
            raise
    _remove_files(snapshot)


def _remove_files(snapshot: Snapshot) -> None:
    """Remove what the erased key locked; where a backup copies at this moment, the reaper does it later."""
    with store_folder.alone() as mine:
        if mine:
            store_folder.remove(store_folder.folder_of(snapshot.dataflow_id, snapshot.pk))


def _purge_all(seen: set[UUID], erasure: Erasure, actor: Actor, at: datetime) -> None:
    """Purge every snapshot that was not seen yet, and note it; what takes the place of a purged one is clean."""
    for snapshot in list(frozen_snapshots().exclude(replaces__in=seen) if seen else frozen_snapshots()):
        if snapshot.pk not in seen:
            _purge(snapshot, erasure, actor, at)
            seen.add(snapshot.pk)


def _carry_out(erasure: Erasure, actor: Actor, at: datetime) -> Certificate:
    seen: set[UUID] = set()
    _purge_all(seen, erasure, actor, at)
    for place, eraser in sorted(ERASERS.items()):
        found = (
            FINDERS[place](tuple(erasure.pseudonyms)) if place in FINDERS and place not in erasure.counts else eraser
        )
        erase_in_place(actor=actor, at=at, erasure_id=erasure.pk, place=place, eraser=found)
    # What was being frozen when the erasure began became a snapshot before its rows were gone from their place.
    _purge_all(seen, erasure, actor, at)
    erasure.refresh_from_db()
    touched = [one["snapshot"] for one in erasure.snapshots]
    for _name, mark in sorted(MARKERS.items()):
        mark(actor=actor, at=at, snapshots=touched)
    certificate = certify_erasure(actor=actor, at=at, erasure_id=erasure.pk)
    scrub_freed_keys()
    return certificate


def _granted(request: PersonRequest | UUID | str) -> str:
    """The number of a request that lets rows be erased. Raises ``Refused("erasure.request")``."""
    number = request.pk if isinstance(request, PersonRequest) else request
    try:
        found = PersonRequest.objects.filter(pk=UUID(str(number))).first()
    except ValueError:
        found = None
    asked = found is not None and found.right in (Right.ERASURE, Right.OPPOSITION)
    if found is None or not asked or found.state != RequestState.GRANTED:
        raise Refused(
            "erasure.request",
            found="no granted request for erasure",
            remedy="enter the person's request in the register and grant it first",
        )
    return f"request:{found.pk}"


def erase_pseudonym(
    *, actor: Actor, at: datetime, request: PersonRequest | UUID | str, pseudonyms: Sequence[str]
) -> Certificate:
    """Erase one person from every snapshot and every table that registered, and certify it.

    ``pseudonyms`` are those that the partner who knows the person gives: a row is the person's where all its telling
    columns (``identified_by`` of the dataflow) are among them. Asking again gives the certificate that stands. Raises
    ``Refused``: ``erasure.request``, ``erasure.pseudonym``, and what reading and freezing raise.
    """
    wanted = tuple(sorted({one.strip().lower() for one in pseudonyms if one.strip()}))
    # A name that is typed here by mistake would be kept with the erasure, and would find nothing.
    if not wanted or not all(is_pseudonym(one) for one in wanted):
        raise Refused("erasure.pseudonym", found="no pseudonym", remedy="ask the partner who knows the person for it")
    erasure = begin_erasure(actor=actor, at=at, rule=ErasureRule.REQUEST, request=_granted(request), pseudonyms=wanted)
    if erasure.state == ErasureState.CERTIFIED:
        return Certificate.objects.get(erasure=erasure.pk)
    note_erased(erasure=str(erasure.pk), request=erasure.request, pseudonyms=wanted)
    return _carry_out(erasure, actor, at)


def resume_erasures(*, actor: Actor, at: datetime) -> list[Certificate]:
    """End the erasures that were cut short."""
    ended = []
    for erasure in list(erasures_under_way()):
        if erasure.rule == ErasureRule.REQUEST:
            note_erased(erasure=str(erasure.pk), request=erasure.request, pseudonyms=erasure.pseudonyms)
        ended.append(_carry_out(erasure, actor, at))
    return ended


def erase_again(*, actor: Actor, at: datetime) -> list[Certificate]:
    """Erase in what was brought back from an older copy whoever stands on the list of erased persons."""
    known = set(Certificate.objects.values_list("erasure", flat=True))
    done = []
    for one in erased_persons():
        if UUID(one.erasure) not in known:
            erasure = begin_erasure(
                actor=actor, at=at, rule=ErasureRule.RESTORE, request=one.request, pseudonyms=one.pseudonyms
            )
            done.append(_carry_out(erasure, actor, at))
    return done


def erase_past_retention(*, actor: Actor, at: datetime) -> list[Certificate]:
    """Erase the snapshots whose last day has passed; each leaves its certificate."""
    issued = []
    for snapshot in list(past_their_retention(at.date())):
        issued.append(retire_snapshot(actor=actor, at=at, snapshot_id=snapshot.pk))
        _remove_files(snapshot)
    if issued:
        scrub_freed_keys()
    return issued


def reap_folders(*, at: datetime) -> int:
    """Remove the folders that no snapshot stands for: unfinished, left behind, or of erased ones. Returns how many.

    A whole folder without a row may belong to a transaction that is still open, so it is left alone for an hour.
    """
    removed = 0
    with store_folder.alone() as mine:
        if not mine:
            return 0
        states = {str(one.pk): one.state for one in Snapshot.objects.only("id", "state")}
        for folder, named in list(store_folder.standing()):
            state = states.get(folder.name)
            young = at - datetime.fromtimestamp(folder.stat().st_mtime, tz=at.tzinfo) < _ORPHAN_AFTER
            if state == SnapshotState.FROZEN or (named and state is None and young):
                continue
            store_folder.remove(folder)
            removed += 1
    return removed


def snapshots_without_files() -> list[Snapshot]:
    """The frozen snapshots whose files are not all there."""
    missing = []
    for snapshot in frozen_snapshots():
        folder = store_folder.folder_of(snapshot.dataflow_id, snapshot.pk)
        if not all((folder / name).is_file() for name in snapshot.files):
            missing.append(snapshot)
    return missing
