"""The folder of the written site: made beside and put in place whole, so that an interrupted export leaves the old one.

``manifest.json`` lists every file with its size and SHA-256; it also tells a folder of an export from any other.
"""

from __future__ import annotations

import ctypes
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from migstat.model import Refused

MANIFEST: Final = "manifest.json"
_EXCHANGE: Final = 2  # RENAME_EXCHANGE of renameat2(2)
_HERE: Final = -100  # AT_FDCWD


@dataclass(frozen=True)
class Written:
    """One file of the site. ``is_new`` where the old folder had other bytes, or none, at its place."""

    path: str
    sha256: str
    size: int
    is_new: bool


@dataclass(frozen=True)
class Staging:
    """Where the next site is made: ``read`` holds pages as they were answered, ``site`` the files as they will stand."""

    root: Path
    target: Path

    @property
    def read(self) -> Path:
        return self.root / "read"

    @property
    def site(self) -> Path:
        return self.root / "site"

    @property
    def before(self) -> Path:
        return self.root / "before"


@contextmanager
def staging(target: Path) -> Iterator[Staging]:
    """A folder to write into, beside ``target``; emptied afterwards, whether or not the site was put in place.

    Raises ``Refused("export.folder")`` where ``target`` holds anything but an export, ``Refused("export.running")``
    where another export writes to it.
    """
    made = Staging(target.parent / f".{target.name}.writing", target)
    made.root.mkdir(parents=True, exist_ok=True)
    held = os.open(made.root, os.O_RDONLY)
    try:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused("export.running", found="another export to this folder", remedy="let it end first") from None
        _bring_back(made)
        _demand_export(target)
        for part in (made.read, made.site, made.before):
            shutil.rmtree(part, ignore_errors=True)
        made.site.mkdir()
        yield made
    finally:
        if target.exists() or not (made.before / MANIFEST).exists():
            shutil.rmtree(made.root, ignore_errors=True)
        os.close(held)


def _bring_back(made: Staging) -> None:
    """Where no exchange in one step exists, an export may have ended between its two: the old site returns."""
    if not made.target.exists() and (made.before / MANIFEST).exists():
        made.before.rename(made.target)


def _demand_export(target: Path) -> None:
    if not target.exists() or (target / MANIFEST).is_file():
        return
    if not target.is_dir() or any(target.iterdir()):
        raise Refused(
            "export.folder", found="something that is no export of the site", remedy="name a new or an empty folder"
        )


def put_in_place(made: Staging) -> None:
    """Exchange the old site and the new one. A reader finds the one or the other, whole."""
    if not made.target.exists():
        made.site.rename(made.target)
        return
    if not _exchanged(made.site, made.target):
        made.target.rename(made.before)
        made.site.rename(made.target)


def _exchanged(one: Path, other: Path) -> bool:
    """Whether the system exchanged two folders in one step (Linux; other systems take two)."""
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    done: int = rename(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE)
    return done == 0


def write(made: Staging, path: str, content: bytes) -> Written:
    """Write one file; where the site in place has the same bytes, its file is shared, with its date."""
    there, old = made.site / path, made.target / path
    there.parent.mkdir(parents=True, exist_ok=True)
    same = old.is_file() and not old.is_symlink() and old.stat().st_size == len(content) and old.read_bytes() == content
    if same:
        try:
            os.link(old, there)
        except OSError:  # a file system without links
            shutil.copy2(old, there)
    else:
        there.write_bytes(content)
    return Written(path, hashlib.sha256(content).hexdigest(), len(content), not same)


def write_manifest(made: Staging, about: Mapping[str, Any], files: list[Written]) -> Written:
    """List what was written. No day and no duration: the same site has the same manifest."""
    listed = {one.path: {"sha256": one.sha256, "bytes": one.size} for one in sorted(files, key=lambda one: one.path)}
    content = json.dumps({**about, "files": listed}, ensure_ascii=False, indent=1, sort_keys=True)
    return write(made, MANIFEST, f"{content}\n".encode())


def files_before(target: Path) -> frozenset[str]:
    """What the manifest of the site in place lists; nothing where there is none, or none that can be read."""
    try:
        return frozenset(json.loads((target / MANIFEST).read_text(encoding="utf-8"))["files"])
    except (OSError, ValueError, KeyError):
        return frozenset()
