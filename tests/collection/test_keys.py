"""The master key: where it stands, its rotation, its loss."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from collection.store_cases import ACTOR, AT, BOTH, dataflow, frozen, home_of
from marsad.collection import master_key
from marsad.collection.erasure_list import erased_persons, note_erased, unreadable_lines
from marsad.collection.keys import key_of, keys_for, keys_without_master, make_key, master_in_use, shred_key
from marsad.collection.models import WrappedKey
from marsad.collection.queries_snapshots import register_of_processing, snapshots
from marsad.collection.rotation import rotate_master
from marsad.collection.rules_store import KeyKind
from marsad.collection.snapshots import read_table
from marsad.config.doctor import Level, confidential_store
from migstat.model.refusals import Refused

pytestmark = pytest.mark.django_db(databases=BOTH)


def test_the_file_stands_outside_the_home_and_opens_for_its_owner_alone(home: Path) -> None:
    keys_for("services")
    path = master_key.key_file()
    assert path.parent == home.parent
    assert path.stat().st_mode & 0o777 == 0o600
    assert not list(home.rglob("*master*"))
    assert len(master_key.read_words(path.read_text(), where="the file").secret) == master_key.LENGTH


def test_a_master_key_inside_the_home_is_refused(settings: Any, tmp_path: Path) -> None:
    with (
        home_of(settings, tmp_path, master_key_file=tmp_path / "home" / "key"),
        pytest.raises(Refused, match="master_place"),
    ):
        keys_for("services")


def test_a_key_from_the_environment_leaves_no_file(settings: Any, tmp_path: Path) -> None:
    with home_of(settings, tmp_path, master_key=master_key.written(master_key.new_master())):
        keys_for("services")
        assert not master_key.key_file().exists()
    for bad in ("short", "é" * 40, "A" * 10):
        settings.ENVIRONMENT = dataclasses.replace(settings.ENVIRONMENT, master_key=bad)
        with pytest.raises(Refused, match="master_form") as refused:
            keys_for("services")
        assert bad not in str(refused.value)


def test_a_wrapped_key_opens_under_its_own_name_alone(home: Path) -> None:
    make_key(KeyKind.ORIGINAL, "a", at=AT)
    make_key(KeyKind.ORIGINAL, "b", at=AT)
    WrappedKey.objects.filter(name="a").update(wrapped=bytes(WrappedKey.objects.get(name="b").wrapped))
    with pytest.raises(Refused, match=r"keys\.changed"):
        key_of(KeyKind.ORIGINAL, "a")
    shred_key(KeyKind.ORIGINAL, "b")
    with pytest.raises(Refused, match=r"keys\.erased"):
        key_of(KeyKind.ORIGINAL, "b")


def test_rotation_wraps_anew_and_writes_no_file_again(home: Path) -> None:
    dataflow()
    snapshot = frozen()
    note_erased(erasure="e-1", request="request:1", pseudonyms=["abc"])
    before = {path: path.read_bytes() for path in (home / "snapshots").rglob("*.parquet")}
    pseudonyms, old = keys_for("services"), master_in_use().fingerprint
    assert rotate_master(actor=ACTOR, at=AT) == 2
    assert master_in_use().fingerprint != old
    assert keys_for("services") == pseudonyms
    assert {path: path.read_bytes() for path in (home / "snapshots").rglob("*.parquet")} == before
    assert read_table(snapshot.pk, actor=ACTOR, at=AT, purpose="indicators").num_rows == 5
    assert [one.pseudonyms for one in erased_persons()] == [("abc",)]
    assert not master_key.next_file().exists()


@pytest.mark.parametrize("cut", ["rewrap_keys", "reseal_list"])
def test_a_rotation_cut_short_loses_nothing_and_is_ended(home: Path, monkeypatch: pytest.MonkeyPatch, cut: str) -> None:
    dataflow()
    snapshot = frozen()

    def death(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(f"marsad.collection.rotation.{cut}", death)
        with pytest.raises(KeyboardInterrupt):
            rotate_master(actor=ACTOR, at=AT)
    assert read_table(snapshot.pk, actor=ACTOR, at=AT, purpose="indicators").num_rows == 5
    frozen(delivery="d-2")
    rotate_master(actor=ACTOR, at=AT)
    assert not master_key.next_file().exists()
    assert keys_without_master() == 0
    assert read_table(snapshot.pk, actor=ACTOR, at=AT, purpose="indicators").num_rows == 5


def test_a_key_of_the_environment_rotates_to_the_one_that_is_given(settings: Any, tmp_path: Path) -> None:
    new = master_key.new_master()
    with home_of(settings, tmp_path, master_key=master_key.written(master_key.new_master())):
        keys = keys_for("services")
        with pytest.raises(Refused, match=r"keys\.rotation"):
            rotate_master(actor=ACTOR, at=AT)
        rotate_master(actor=ACTOR, at=AT, coming=new)
    with home_of(settings, tmp_path, master_key=master_key.written(new)):
        assert keys_for("services") == keys


def test_without_the_master_key_snapshots_are_refused_and_nothing_else_breaks(home: Path) -> None:
    dataflow()
    snapshot = frozen()
    note_erased(erasure="e-1", request="request:1", pseudonyms=["abc"])
    kept = master_key.key_file().read_bytes()
    master_key.key_file().unlink()
    for attempt in (
        lambda: read_table(snapshot.pk, actor=ACTOR, at=AT, purpose="indicators"),
        lambda: frozen(delivery="d-9"),
        lambda: keys_for("services"),
        lambda: keys_for("a-new-one"),
    ):
        with pytest.raises(Refused, match=r"keys\.master_lost"):
            attempt()
    assert not master_key.key_file().exists()  # none is made in the place of the lost one
    assert snapshots().count() == 1
    assert register_of_processing()[0].rows == 5
    assert unreadable_lines() == 1
    [finding] = [one for one in confidential_store(AT) if one.level is Level.FAULT]
    assert "master key" in finding.found
    master_key.key_file().write_bytes(kept)
    assert read_table(snapshot.pk, actor=ACTOR, at=AT, purpose="indicators").num_rows == 5
