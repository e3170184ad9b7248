"""Backup and restore: what comes back is what was there; a changed archive, a wrong passphrase, a house in use are refused."""

from __future__ import annotations

import io
import json
import os
import sqlite3
import stat
import tarfile
from pathlib import Path

import pytest
from django.db import connection

from house.installation import marsad, prepared, python
from house.people import AT
from marsad.audit.models import Event
from marsad.audit.queries import verify_chain
from marsad.audit.rules import System
from marsad.collection.models import PersonRequest
from marsad.collection.operations import receive_request
from marsad.collection.rules import Right
from marsad.config.archive import MANIFEST, bring_back, make_archive, opened_archive
from marsad.config.sealing import is_sealed, seal, unseal
from migstat.model.refusals import Refused

FILL = """
from datetime import datetime, UTC
from marsad.accounts.operations import invite
from marsad.accounts.rules import Role
from marsad.audit.rules import System
from marsad.collection.operations import receive_request
from marsad.collection.rules import Right
at = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
for number in range(3):
    invite(actor=System("test"), at=at, email=f"p{number}@example.org", roles=[Role.MEMBER], language="fr")
    receive_request(actor=System("test"), at=at, right=Right.ACCESS, received_on=at.date(), person=f"Person {number}",
                    contact="by post", subject="all")
"""


def rows(database: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table of a SQLite file."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as read:
        tables = [name for (name,) in read.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: sorted(read.execute(f'SELECT * FROM "{name}"').fetchall(), key=repr) for name in tables}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = prepared(tmp_path_factory.mktemp("backup") / "home")
    done = python(home, FILL)
    assert done.returncode == 0, done.stderr
    return home


def repacked(archive: Path, target: Path, part: str, content: bytes) -> Path:
    with tarfile.open(archive) as read, tarfile.open(target, "w:gz") as written:
        for member in read.getmembers():
            body = read.extractfile(member)
            assert body
            words = content if member.name == part else body.read()
            member.size = len(words)
            written.addfile(member, io.BytesIO(words))
    return target


def test_an_archive_brings_the_same_rows_back_into_a_fresh_folder(home: Path, tmp_path: Path) -> None:
    before = {name: rows(home / f"{name}.sqlite3") for name in ("default", "confidential")}
    archive, fresh = tmp_path / "house.marsad", tmp_path / "fresh"
    made = marsad(home, "backup", str(archive), MARSAD_BACKUP_PASSPHRASE="")
    assert made.returncode == 0, made.stderr
    assert "not sealed" in made.stderr
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["house.marsad"]
    back = marsad(fresh, "restore", str(archive))
    assert back.returncode == 0, back.stderr
    after = {name: rows(fresh / f"{name}.sqlite3") for name in ("default", "confidential")}
    assert after["confidential"] == before["confidential"]
    changed = {name for name, kept in before["default"].items() if after["default"][name] != kept}
    assert changed == {"audit_event", "audit_chainhead"}
    assert len(after["default"]["audit_event"]) == len(before["default"]["audit_event"]) + 1
    assert (fresh / "secret_key").read_text() == (home / "secret_key").read_text()
    assert "installation.restore" in repr(after["default"]["audit_event"])

    again = marsad(fresh, "restore", str(archive))
    assert again.returncode != 0
    assert "restore.not_empty" in again.stderr
    forced = marsad(fresh, "restore", str(archive), "--force")
    assert forced.returncode == 0, forced.stderr
    assert (fresh / "default.sqlite3.before-restore").exists()


def test_a_sealed_archive_opens_with_its_passphrase_alone(home: Path, tmp_path: Path) -> None:
    archive = tmp_path / "sealed.marsad"
    assert marsad(home, "backup", str(archive), MARSAD_BACKUP_PASSPHRASE="olive tree").returncode == 0
    assert b"p1@example.org" not in archive.read_bytes()
    for passphrase, rule in (("olive", r"backup\.seal"), ("", r"backup\.passphrase")):
        with pytest.raises(Refused, match=rule), opened_archive(archive, passphrase):
            raise AssertionError("it was opened")
    right = marsad(tmp_path / "b", "restore", str(archive), MARSAD_BACKUP_PASSPHRASE="olive tree")
    assert right.returncode == 0, right.stderr


def test_a_changed_part_or_another_file_is_refused_before_anything_is_touched(home: Path, tmp_path: Path) -> None:
    archive = tmp_path / "house.marsad"
    assert marsad(home, "backup", str(archive)).returncode == 0
    with tarfile.open(archive) as read:
        names = set(read.getnames())
        manifest = json.load(read.extractfile(MANIFEST))  # type: ignore[arg-type]
    assert names == {MANIFEST, *manifest["checksums"]}
    assert {"default.sqlite3", "confidential.sqlite3", "settings.json", "secret_key"} <= names
    changed = repacked(archive, tmp_path / "changed.marsad", "settings.json", b"{}")
    with pytest.raises(Refused, match=r"backup\.checksum"), opened_archive(changed, ""):
        raise AssertionError("it was opened")
    cut = tmp_path / "cut"
    cut.write_bytes(archive.read_bytes()[: archive.stat().st_size // 2])
    with pytest.raises(Refused, match=r"backup\.format"), opened_archive(cut, ""):
        raise AssertionError("it was opened")


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3 << 20])
def test_sealing_gives_back_what_was_sealed_and_sees_every_change(size: int) -> None:
    words, sealed, opened = os.urandom(size), io.BytesIO(), io.BytesIO()
    seal(io.BytesIO(words), sealed, "olive tree")
    sealed.seek(0)
    assert is_sealed(sealed)
    unseal(sealed, opened, "olive tree")
    assert opened.getvalue() == words
    whole = sealed.getvalue()
    changed = [whole[:-1], whole[:45] + bytes([whole[45] ^ 1]) + whole[46:]]
    if size > 1 << 20:
        changed.append(whole[: 39 + (1 << 20) + 16])
    for wrong in changed:
        with pytest.raises(Refused, match=r"backup\.seal"):
            unseal(io.BytesIO(wrong), io.BytesIO(), "olive tree")


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True, databases=["default", "confidential"])
def test_postgresql_comes_back_from_its_archive(tmp_path: Path) -> None:
    def enter(person: str) -> None:
        words = {"person": person, "contact": "by post", "subject": "all"}
        receive_request(actor=System("test"), at=AT, right=Right.ACCESS, received_on=AT.date(), **words)

    enter("Person 1")
    archive = tmp_path / "house.marsad"
    make_archive(archive, at=AT, passphrase="olive tree", report=lambda what, done, total: None)
    enter("Person 2")
    quiet = {"passphrase": "olive tree", "report": lambda what, done, total: None}
    with pytest.raises(Refused, match=r"restore\.not_empty"):
        bring_back(archive, force=False, **quiet)  # type: ignore[arg-type]
    bring_back(archive, force=True, **quiet)  # type: ignore[arg-type]
    assert [one.person for one in PersonRequest.objects.all()] == ["Person 1"]
    assert Event.objects.count() == 1
    assert verify_chain().sound
    assert connection.vendor == "postgresql"
