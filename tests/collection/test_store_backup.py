"""A backup holds the store and opens it nowhere by itself; it comes back whole, and who was erased stays erased."""

from __future__ import annotations

import json
import stat
import subprocess
import tarfile
from pathlib import Path

import pytest

from house.installation import REPOSITORY, marsad, prepared, python

BEGIN = f"""
import sys; sys.path.insert(0, {str(REPOSITORY / "tests")!r})
from collection.store_cases import *
from marsad.collection.models import *
from marsad.collection.erasure import erase_pseudonym
from marsad.collection.pseudonyms import pseudonym_of
from marsad.collection.queries_snapshots import frozen_snapshots
from marsad.collection.snapshots import read_table
from migstat.model.structure import Kind
import json
def card(number): return pseudonym_of(f"R {{number:06d}}", Kind.TEXT, keys_for("services"))
def held(): return {{str(one.pk): read_table(one.pk, actor=ACTOR, at=AT, purpose="indicators").column("visits").to_pylist()
                    for one in frozen_snapshots()}}
"""
FILL = BEGIN + 'dataflow()\nfrozen(people(0, 4))\nfrozen(people(100, 3), delivery="d-2")\nprint(json.dumps(held()))'
ERASE = BEGIN + "print(erase_pseudonym(actor=ACTOR, at=AT, request=granted_request(), pseudonyms=[card(2)]).number)"
HELD = BEGIN + "print(json.dumps(held()))"
PASSPHRASE = {"MARSAD_BACKUP_PASSPHRASE": "olive tree"}


def said(home: Path, code: str) -> str:
    done = python(home, code)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.strip()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, list[int]]]:
    home = prepared(tmp_path_factory.mktemp("store") / "home")
    return home, json.loads(said(home, FILL))


def test_the_store_comes_back_whole_and_the_erased_stay_erased(
    house: tuple[Path, dict[str, list[int]]], tmp_path: Path
) -> None:
    home, before = house
    open_one, sealed = tmp_path / "open.marsad", tmp_path / "sealed.marsad"
    assert marsad(home, "backup", str(open_one)).returncode == 0
    assert marsad(home, "backup", str(sealed), **PASSPHRASE).returncode == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["open.marsad", "sealed.marsad"]

    # Not sealed: the snapshots are in it, the key that opens them is not.
    with tarfile.open(open_one) as tar:
        names = tar.getnames()
        tar.extractall(tmp_path / "opened", filter="data")
    assert sum(name.endswith(".parquet") for name in names) == 2
    assert not [name for name in names if "master" in name]
    master = (home.parent / "home.master_key").read_text().strip()
    for word in (master, "Fatima"):
        found = subprocess.run(
            ["grep", "-rla", word, str(tmp_path / "opened"), str(home)], capture_output=True, text=True, check=False
        )
        assert found.stdout == ""

    # Brought back without the key, everything but the snapshots is there, and it is said.
    bare = tmp_path / "bare" / "home"
    back = marsad(bare, "restore", str(open_one))
    assert back.returncode == 0, back.stderr
    told = marsad(bare, "master-key")
    assert "keys.master_lost" in told.stderr or told.returncode != 0
    (bare.parent / "home.master_key").write_text(master)
    assert json.loads(said(bare, HELD)) == before

    # Sealed: one command brings everything back, files of the owner alone.
    fresh = tmp_path / "fresh" / "home"
    assert marsad(fresh, "restore", str(sealed), **PASSPHRASE).returncode == 0
    assert json.loads(said(fresh, HELD)) == before
    for path in [fresh.parent / "home.master_key", *(fresh / "snapshots").rglob("*.parquet")]:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    originals = {path.name: path.read_bytes() for path in (home / "snapshots").rglob("*.parquet")}
    assert {path.name: path.read_bytes() for path in (fresh / "snapshots").rglob("*.parquet")} == originals

    # Who was erased after the copy was made is erased again when it is brought back.
    said(fresh, ERASE)
    again = marsad(fresh, "restore", str(sealed), "--force", **PASSPHRASE)
    assert again.returncode == 0, again.stderr
    assert "1 erasures done again" in again.stdout
    assert sorted(json.loads(said(fresh, HELD)).values()) == [[0, 1, 3], [100, 101, 102]]


def test_the_master_key_is_rotated_by_its_command(house: tuple[Path, dict[str, list[int]]]) -> None:
    home, before = house
    old = (home.parent / "home.master_key").read_text()
    assert "keys wrapped anew" in marsad(home, "master-key", "rotate").stdout
    assert (home.parent / "home.master_key").read_text() != old
    assert json.loads(said(home, HELD)) == before
    assert marsad(home, "master-key", "status").returncode == 0
