"""The confidential store in an archive: snapshots, kept originals, the list of erased persons, and the key that opens them.

Snapshots are encrypted in the archive as they are on the disk. The master key goes into a **sealed** archive alone, and only
where it stands in a file of this installation: an archive in the wrong hands is not to bring its own key.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from django.conf import settings

from marsad.collection import master_key
from marsad.collection.erasure_list import NAME as ERASURES
from marsad.collection.erasure_list import join_list, list_file

MASTER_KEY = "master_key"
SNAPSHOTS, ORIGINALS = "snapshots", "deliveries"


def _home() -> Path:
    return Path(settings.ENVIRONMENT.home)


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """The files of a folder of the home, without those that are being written (their names begin with a dot)."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(_home())
        if path.is_file() and not any(part.startswith(".") for part in name.parts):
            yield name.as_posix(), path


def store_parts(scratch: Path, *, sealed: bool) -> Iterator[tuple[str, Path]]:
    """What the archive takes of the store, by the name it has there. Files that grow are copied first."""
    yield from _files(_home() / SNAPSHOTS)
    for name, path in _files(_home() / ORIGINALS):
        yield name, _copied(path, scratch / name)
    if list_file().exists():
        yield ERASURES, _copied(list_file(), scratch / ERASURES)
    if sealed and not master_key.is_given() and master_key.key_file().is_file():
        yield MASTER_KEY, _copied(master_key.key_file(), scratch / MASTER_KEY)


def _copied(source: Path, target: Path) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(0o600)
    return target


def bring_store_back(parts: Path, checksums: Mapping[str, str]) -> None:
    """Put the store of an archive in the place of this installation's; what stood there is kept beside it.

    The list of erased persons is joined, never replaced: who was erased after the copy was made stays erased.
    """
    for name in (SNAPSHOTS, ORIGINALS):
        _replace_folder(parts / name, _home() / name)
    if MASTER_KEY in checksums and not master_key.is_given():
        _replace_master(parts / MASTER_KEY)
    if ERASURES in checksums:
        join_list((parts / ERASURES).read_text(encoding="ascii"))


def _replace_folder(source: Path, target: Path) -> None:
    incoming, before = (target.with_name(target.name + ending) for ending in (".incoming", ".before-restore"))
    for old in (incoming, before if target.exists() else incoming):
        shutil.rmtree(old, ignore_errors=True)
    if source.is_dir():
        shutil.copytree(source, incoming)
        for path in (incoming, *incoming.rglob("*")):
            path.chmod(0o700 if path.is_dir() else 0o600)
    if target.exists():
        target.rename(before)
    if incoming.exists():
        incoming.rename(target)


def _replace_master(source: Path) -> None:
    path = master_key.key_file()
    if path.exists() and path.read_bytes() != source.read_bytes():
        path.replace(path.with_name(f"{path.name}.before-restore"))
    master = master_key.read_words(source.read_text(encoding="ascii"), where="the archive")
    master_key.write_file(path, master)
