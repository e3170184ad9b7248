"""Freezing and reading: what comes out is what went in, nobody else reads it, and what was changed or lost is said."""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from collection.store_cases import ACTOR, AT, BOTH, dataflow, frozen, people, pseudonymised
from house.people import person
from marsad.accounts.rules import Role
from marsad.audit.models import Event
from marsad.collection.keys import key_of
from marsad.collection.models import AccessEntry, Snapshot
from marsad.collection.rules_store import (
    SNAPSHOT_TRANSITIONS,
    KeyKind,
    Lineage,
    SnapshotMove,
    SnapshotState,
    snapshot_reached,
)
from marsad.collection.sealed_parquet import GROUP, RecordDigest, even_batches, stored_schema
from marsad.collection.snapshots import freeze, read, read_table
from migstat.model.refusals import Refused

pytestmark = pytest.mark.django_db(databases=BOTH)


def folder_of(home: Path, snapshot: Snapshot) -> Path:
    return home / "snapshots" / snapshot.dataflow_id / str(snapshot.pk)


def test_what_is_read_is_what_was_frozen(home: Path) -> None:
    dataflow()
    records = pseudonymised(people(count=7))
    snapshot = freeze(actor=ACTOR, at=AT, dataflow="visits", batches=records.to_batches(), lineage=Lineage(("d-1",)))
    again = read_table(snapshot.pk, actor=ACTOR, at=AT, purpose="indicators")
    assert again.to_pylist() == records.to_pylist()
    assert (snapshot.rows, snapshot.state, str(snapshot.retention_until)) == (7, "frozen", "2026-02-04")
    assert read_table(snapshot.pk, actor=ACTOR, at=AT, purpose="indicators", columns=["visits"]).column_names == [
        "visits"
    ]
    read_entry = AccessEntry.objects.first()
    assert read_entry is not None
    assert (read_entry.kind, read_entry.columns, read_entry.rows) == ("read", ["visits"], 7)
    assert Event.objects.filter(action="collection.read").count() == 2


def test_the_files_tell_nothing_without_the_key(home: Path) -> None:
    dataflow()
    snapshot = frozen()
    [file] = folder_of(home, snapshot).iterdir()
    raw = file.read_bytes()
    assert raw[:4] == raw[-4:] == b"PARE"  # an encrypted footer
    for word in (b"visits", b"card__pseudonym", b"Fatima"):
        assert word not in raw
    with pytest.raises(OSError, match="encrypted"):
        pq.read_table(file)
    assert file.stat().st_mode & 0o077 == 0


def test_an_empty_snapshot_keeps_its_columns(home: Path) -> None:
    dataflow()
    snapshot = frozen(people(count=0))
    again = read_table(snapshot.pk, actor=ACTOR, at=AT, purpose="indicators")
    assert (again.num_rows, again.column_names) == (0, snapshot.columns)
    with pytest.raises(Refused, match=r"snapshot\.empty"):
        freeze(actor=ACTOR, at=AT, dataflow="visits", batches=[], lineage=Lineage(("d-2",)))


def test_the_same_deliveries_are_frozen_once(home: Path) -> None:
    dataflow()
    first, second, third = frozen(), frozen(), frozen(delivery="d-2")
    assert first.pk == second.pk != third.pk
    assert len(list((home / "snapshots" / "visits").iterdir())) == 2


@pytest.mark.parametrize(
    ("table", "rule"),
    [
        (people(), r"snapshot\.identifier"),
        (pa.table({"strange": [1]}), r"snapshot\.column"),
        (pa.table({"visits": [[1]]}), r"snapshot\.type"),
    ],
)
def test_what_may_not_be_kept_is_refused_and_leaves_nothing(home: Path, table: pa.Table, rule: str) -> None:
    dataflow()
    with pytest.raises(Refused, match=rule) as refused:
        freeze(actor=ACTOR, at=AT, dataflow="visits", batches=table.to_batches(), lineage=Lineage(("d-1",)))
    assert "Fatima" not in str(refused.value)
    assert not Snapshot.objects.exists()
    assert not list((home / "snapshots").rglob("*.parquet"))


def test_batches_of_other_columns_or_types_are_refused(home: Path) -> None:
    dataflow()
    for other in (pa.table({"sex": ["F"]}), pa.table({"visits": ["many"]})):
        batches = [*pa.table({"visits": [1]}).to_batches(), *other.to_batches()]
        with pytest.raises(Refused, match=r"snapshot\.schema"):
            freeze(actor=ACTOR, at=AT, dataflow="visits", batches=batches, lineage=Lineage(("d-1",)))
    assert not list((home / "snapshots").rglob("*.parquet"))


def test_a_snapshot_comes_from_somewhere(home: Path) -> None:
    dataflow()
    with pytest.raises(Refused, match=r"snapshot\.lineage"):
        freeze(actor=ACTOR, at=AT, dataflow="visits", batches=[], lineage=Lineage())
    lineage = Lineage(("d-1",), (("survey", "3", 12),), "x", 2, ("cam-2026",))
    assert Lineage.from_mapping(lineage.to_mapping()) == lineage


def test_a_real_collection_does_not_start_without_its_number(home: Path) -> None:
    dataflow(authorisation_number="", authorised_on=None)
    with pytest.raises(Refused, match=r"collection\.authorisation"):
        frozen()
    with pytest.raises(Refused, match=r"collection\.dataflow"):
        frozen(code="nothing")
    dataflow("demo", authorisation_number="", authorised_on=None, is_synthetic=True)
    assert frozen(code="demo").is_synthetic


def test_a_changed_a_missing_and_an_exchanged_file_are_refused(home: Path) -> None:
    dataflow()
    snapshot, other = frozen(), frozen(people(9), delivery="d-2")
    [file] = folder_of(home, snapshot).iterdir()
    sound = file.read_bytes()
    file.write_bytes(sound[:100] + bytes([sound[100] ^ 1]) + sound[101:])
    with pytest.raises(Refused, match=r"snapshot\.changed"):
        read_table(snapshot.pk, actor=ACTOR, at=AT, purpose="indicators")
    [foreign] = folder_of(home, other).iterdir()
    file.write_bytes(foreign.read_bytes())
    Snapshot.objects.filter(pk=snapshot.pk).update(files=other.files)
    with pytest.raises(Refused, match=r"keys\.changed|snapshot\.changed"):
        read_table(snapshot.pk, actor=ACTOR, at=AT, purpose="indicators")
    file.unlink()
    with pytest.raises(Refused, match=r"snapshot\.missing"):
        read_table(snapshot.pk, actor=ACTOR, at=AT, purpose="indicators")


def test_who_reads_and_for_what(home: Path) -> None:
    dataflow(uses=["indicators"])
    snapshot = frozen()
    with pytest.raises(Refused, match=r"collection\.purpose"):
        read(snapshot.pk, actor=ACTOR, at=AT, purpose="marketing")
    with pytest.raises(Refused, match=r"collection\.purpose"):
        read(snapshot.pk, actor=ACTOR, at=AT, purpose="")
    with pytest.raises(Refused, match=r"access\.role"):
        read(snapshot.pk, actor=person(Role.ADMINISTRATOR), at=AT, purpose="indicators")
    assert not AccessEntry.objects.exists()
    assert (
        sum(batch.num_rows for batch in read(snapshot.pk, actor=person(Role.STATISTICIAN), at=AT, purpose="indicators"))
        == 5
    )
    with pytest.raises(Refused, match=r"snapshot\.column"):
        read_table(snapshot.pk, actor=ACTOR, at=AT, purpose="indicators", columns=["card"])
    for number in ("nothing", "00000000-0000-0000-0000-000000000000"):
        with pytest.raises(Refused, match=r"snapshot\.unknown"):
            read(number, actor=ACTOR, at=AT, purpose="indicators")


def test_a_failed_entry_leaves_no_folder(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataflow()

    def broken(*args: object) -> None:
        raise RuntimeError("the database went away")

    monkeypatch.setattr("marsad.collection.operations_snapshots.enter", broken)
    with pytest.raises(RuntimeError):
        frozen()
    assert not list((home / "snapshots").rglob("*.parquet"))


def test_the_digest_does_not_depend_on_how_records_came(home: Path) -> None:
    records = pseudonymised(people(count=100))
    schema = stored_schema(records.schema)
    sliced = pa.concat_tables([records.slice(0, 33), records.slice(33)])
    coded = records.set_column(0, "card__pseudonym", records.column(0).dictionary_encode())
    digests = set()
    for table in (records, sliced, coded):
        digest = RecordDigest(b"salt", schema)
        for batch in even_batches(table.to_batches(max_chunksize=17), schema):
            digest.update(batch)
        digests.add(digest.hexdigest())
    other = RecordDigest(b"other", schema)
    assert len(digests) == 1
    assert other.hexdigest() not in digests


def test_large_records_are_cut_into_even_groups() -> None:
    schema = pa.schema([("visits", pa.int64())])
    batches = [pa.record_batch({"visits": list(range(start, start + 50_000))}) for start in range(0, 200_000, 50_000)]
    even = list(even_batches(batches, schema))
    assert [batch.num_rows for batch in even] == [GROUP, GROUP, GROUP, 200_000 - 3 * GROUP]
    assert pa.Table.from_batches(even).column(0).to_pylist() == list(range(200_000))


@pytest.mark.parametrize("state", SnapshotState)
@pytest.mark.parametrize("move", SnapshotMove)
def test_every_state_and_move_is_decided(state: SnapshotState, move: SnapshotMove) -> None:
    after = SNAPSHOT_TRANSITIONS[state, move]
    if after is None:
        with pytest.raises(Refused, match=r"snapshot\.move"):
            snapshot_reached(state, move)
    else:
        assert snapshot_reached(state, move) is after


def test_keys_of_snapshots_differ(home: Path) -> None:
    dataflow()
    first, second = frozen(), frozen(delivery="d-2")
    assert key_of(KeyKind.SNAPSHOT, str(first.pk)) != key_of(KeyKind.SNAPSHOT, str(second.pk))
    assert os.path.exists(home.parent / "home.master_key")
