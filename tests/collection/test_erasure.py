"""Erasing: by retention, by request, everywhere, once, with a certificate that can be verified, and again after a restore."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from django.db import connections

from collection.store_cases import ACTOR, AT, BOTH, dataflow, frozen, granted_request, people
from marsad.audit.queries import verify_chain
from marsad.collection import erasure
from marsad.collection.certificates import is_sound
from marsad.collection.erasure import (
    erase_again,
    erase_past_retention,
    erase_pseudonym,
    is_about,
    reap_folders,
    resume_erasures,
)
from marsad.collection.erasure_list import erased_persons, list_file
from marsad.collection.keys import keys_for
from marsad.collection.models import AccessEntry, Certificate, Erasure, Snapshot, WrappedKey
from marsad.collection.operations_erasure import Eraser
from marsad.collection.pseudonyms import pseudonym_of
from marsad.collection.queries_snapshots import frozen_snapshots
from marsad.collection.rules import Right
from marsad.collection.snapshots import read, read_table
from marsad.collection.store_folder import alone, shared
from migstat.model.refusals import Refused
from migstat.model.structure import Kind

pytestmark = pytest.mark.django_db(databases=BOTH)


def card(number: int) -> str:
    found = pseudonym_of(f"R {number:06d}", Kind.TEXT, keys_for("services"))
    assert found
    return found


def cards(snapshot: Snapshot) -> list[str]:
    table = read_table(snapshot.pk, actor=ACTOR, at=AT, purpose="indicators", columns=["card__pseudonym"])
    return [str(one) for one in table.column(0).to_pylist()]


@pytest.fixture
def places(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """Another part of the system that erases in its own tables."""
    called: list[tuple[str, ...]] = []

    def eraser(pseudonyms: Sequence[str]) -> int:
        called.append(tuple(pseudonyms))
        return 3

    monkeypatch.setattr(erasure, "ERASERS", {})
    erasure.erases("submissions")(eraser)
    return called


def test_a_person_is_erased_from_every_snapshot_and_every_table(home: Path, places: list[tuple[str, ...]]) -> None:
    dataflow()
    dataflow("visits-b")
    first, second = frozen(), frozen(people(3), delivery="d-2")
    untouched = frozen(people(20), code="visits-b", delivery="d-3")
    marked: list[list[str]] = []

    def mark(*, snapshots: Sequence[str], **given: object) -> int:
        marked.append(sorted(snapshots))
        return len(given)

    erasure.MARKERS["test"] = mark
    try:
        certificate = erase_pseudonym(actor=ACTOR, at=AT, request=granted_request(), pseudonyms=[card(3)])
    finally:
        del erasure.MARKERS["test"]
    assert places == [(card(3),)]
    assert certificate.counts == {"snapshots": 2, "submissions": 3}
    assert marked == [sorted([str(first.pk), str(second.pk)])]
    standing = {one.pk: one for one in frozen_snapshots()}
    assert {first.pk, second.pk} & standing.keys() == set()
    assert untouched.pk in standing
    for old in (first, second):
        [new] = [one for one in standing.values() if one.replaces_id == old.pk]
        assert new.lineage["replaces"] == str(old.pk)
        assert (new.lineage["rows_erased"], new.lineage["deliveries"]) == (1, old.lineage["deliveries"])
        assert (new.rows, new.retention_until) == (4, old.retention_until)
        assert card(3) not in cards(new)
        assert not (home / "snapshots" / "visits" / str(old.pk)).exists()
        assert not WrappedKey.objects.filter(name=str(old.pk)).exists()
        with pytest.raises(Refused, match=r"snapshot\.erased"):
            read(old.pk, actor=ACTOR, at=AT, purpose="indicators")
    assert AccessEntry.objects.filter(purpose="erasure").count() == 3
    assert Erasure.objects.get().pseudonyms == []
    assert frozen().pk in standing  # the delivery that was frozen is the one without the person
    assert verify_chain().sound


def test_asking_again_is_the_same_erasure(home: Path, places: list[tuple[str, ...]]) -> None:
    dataflow()
    frozen()
    request = granted_request()
    first = erase_pseudonym(actor=ACTOR, at=AT, request=request, pseudonyms=[card(3)])
    again = erase_pseudonym(
        actor=ACTOR, at=AT + timedelta(days=1), request=request.pk, pseudonyms=[card(3).upper(), " "]
    )
    assert first.number == again.number == "E-2026-00001"
    assert len(places) == len(erased_persons()) == 1


def test_an_erasure_needs_a_granted_request_and_a_pseudonym(home: Path) -> None:
    dataflow()
    frozen()
    for request in ("nothing", granted_request(Right.ACCESS), "00000000-0000-0000-0000-000000000000"):
        with pytest.raises(Refused, match=r"erasure\.request"):
            erase_pseudonym(actor=ACTOR, at=AT, request=request, pseudonyms=[card(3)])
    with pytest.raises(Refused, match=r"erasure\.pseudonym"):
        erase_pseudonym(actor=ACTOR, at=AT, request=granted_request(), pseudonyms=[" "])
    assert not Certificate.objects.exists()


def test_a_name_alone_does_not_erase_a_namesake(home: Path) -> None:
    flow = dataflow(identified_by=["name", "born"])
    table = pa.table({"name": ["Ali", "Ali", "Ali"], "born": ["1990-01-01", "1991-01-01", None], "visits": [1, 2, 3]})
    snapshot = frozen(table)
    keys = keys_for("services")
    name, born = pseudonym_of("Ali", Kind.TEXT, keys), pseudonym_of("1990-01-01", Kind.DATE, keys)
    assert name
    assert born
    only_name = erase_pseudonym(actor=ACTOR, at=AT, request=granted_request(), pseudonyms=[name])
    assert only_name.counts.get("snapshots", 0) == 0
    assert is_about(flow, {"name__pseudonym": name, "born__pseudonym": born}, [name, born])
    assert not is_about(flow, {"name__pseudonym": name, "born__pseudonym": None}, [name, born])
    erase_pseudonym(actor=ACTOR, at=AT, request=granted_request(), pseudonyms=[name, born])
    left = read_table(frozen_snapshots().get().pk, actor=ACTOR, at=AT, purpose="indicators")
    assert left.column("visits").to_pylist() == [2, 3]
    assert snapshot.pk != frozen_snapshots().get().pk


def test_a_snapshot_may_become_empty(home: Path) -> None:
    dataflow()
    frozen(people(3, 1))
    erase_pseudonym(actor=ACTOR, at=AT, request=granted_request(), pseudonyms=[card(3)])
    assert frozen_snapshots().get().rows == 0


def test_certificates_are_verified_by_the_audit_log(home: Path) -> None:
    dataflow()
    frozen()
    certificate = erase_pseudonym(actor=ACTOR, at=AT, request=granted_request(), pseudonyms=[card(3)])
    assert is_sound(Certificate.objects.get())
    Certificate.objects.update(counts={"snapshots": 9})
    assert not is_sound(Certificate.objects.get())
    Certificate.objects.update(counts=certificate.counts)
    [expired] = erase_past_retention(actor=ACTOR, at=AT + timedelta(days=31))
    assert (expired.number, expired.rule) == ("E-2026-00002", "retention")
    assert is_sound(Certificate.objects.get(pk=expired.number))


def test_retention_ends_on_its_last_day_and_not_before(home: Path) -> None:
    dataflow()
    snapshot = frozen()
    assert erase_past_retention(actor=ACTOR, at=AT + timedelta(days=30)) == []
    [certificate] = erase_past_retention(actor=ACTOR, at=AT + timedelta(days=31))
    assert certificate.snapshots[0]["snapshot"] == str(snapshot.pk)
    assert not list((home / "snapshots").rglob("*.parquet"))
    assert not WrappedKey.objects.filter(kind="snapshot").exists()
    assert erase_past_retention(actor=ACTOR, at=AT + timedelta(days=32)) == []


def test_who_was_erased_is_erased_again_in_an_older_copy(home: Path, places: list[tuple[str, ...]]) -> None:
    dataflow()
    frozen()
    erase_pseudonym(actor=ACTOR, at=AT, request=granted_request(), pseudonyms=[card(3)])
    assert erase_again(actor=ACTOR, at=AT) == []
    assert card(3).encode() not in list_file().read_bytes()
    # An older copy knows nothing of the erasure, and holds the person again.
    Certificate.objects.all().delete()
    Erasure.objects.all().delete()
    older = frozen(people(2, 3), delivery="older")
    [again] = erase_again(actor=ACTOR, at=AT)
    assert (again.rule, again.counts) == ("restore", {"snapshots": 1, "submissions": 3})
    assert older.pk not in {one.pk for one in frozen_snapshots()}


def test_a_backup_at_work_delays_the_files_not_the_erasure(home: Path) -> None:
    dataflow()
    snapshot = frozen()
    with shared():
        erase_past_retention(actor=ACTOR, at=AT + timedelta(days=31))
        assert reap_folders(at=AT) == 0
        assert (home / "snapshots" / "visits" / str(snapshot.pk)).exists()
        with pytest.raises(Refused, match=r"snapshot\.erased"):
            read(snapshot.pk, actor=ACTOR, at=AT, purpose="indicators")
    assert reap_folders(at=AT) == 1
    with alone() as mine:
        assert mine
    assert not (home / "snapshots" / "visits" / str(snapshot.pk)).exists()


def test_an_erasure_under_way_is_ended(
    home: Path, places: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    dataflow()
    frozen()

    def death(**kwargs: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(erasure, "certify_erasure", death)
        with pytest.raises(KeyboardInterrupt):
            erase_pseudonym(actor=ACTOR, at=AT, request=granted_request(), pseudonyms=[card(3)])
    assert not Certificate.objects.exists()
    [certificate] = resume_erasures(actor=ACTOR, at=AT)
    assert certificate.counts == {"snapshots": 1, "submissions": 3}
    assert len(places) == 1
    assert resume_erasures(actor=ACTOR, at=AT) == []


def test_what_was_frozen_while_the_person_was_erased_is_purged_too(
    home: Path, places: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    dataflow()
    frozen()

    def eraser(pseudonyms: Sequence[str]) -> int:
        frozen(people(2), delivery="d-late")
        return 0

    erasure.erases("submissions")(eraser)
    erase_pseudonym(actor=ACTOR, at=AT, request=granted_request(), pseudonyms=[card(3)])
    standing = list(frozen_snapshots())
    assert len(standing) == 2
    assert not [one for one in standing if card(3) in cards(one)]


def test_an_app_looks_for_rows_before_its_transaction_and_once(
    home: Path, places: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    dataflow()
    frozen()
    locked: list[bool] = []
    outside = len(connections["confidential"].savepoint_ids)

    def finder(pseudonyms: Sequence[str]) -> Eraser:
        locked.append(len(connections["confidential"].savepoint_ids) > outside)
        return lambda found: 5

    monkeypatch.setattr(erasure, "FINDERS", {})
    erasure.finds_before("submissions")(finder)
    certificate = erase_pseudonym(actor=ACTOR, at=AT, request=granted_request(), pseudonyms=[card(3)])
    assert (locked, certificate.counts["submissions"], places) == ([False], 5, [])
