"""Where snapshots lie, who may touch the folder when, and how what is not whole is told from what is.

Writers and backups hold a shared lock, whoever removes files an exclusive one; the system gives both up when a process
dies. A folder being written bears a dot and is renamed when it is whole.
"""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from marsad.collection.sealed_parquet import sync_folder

LOCK = ".lock"
_UNFINISHED = ".writing"


def store() -> Path:
    """The folder of all snapshots, made when it is not there, readable by its owner alone."""
    folder = Path(settings.ENVIRONMENT.home) / "snapshots"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def folder_of(dataflow: str, snapshot: object) -> Path:
    return store() / dataflow / str(snapshot)


@contextmanager
def shared() -> Iterator[None]:
    """Held while files are written or copied: nothing is removed meanwhile."""
    with (store() / LOCK).open("a", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        yield


@contextmanager
def alone() -> Iterator[bool]:
    """Held while files are removed. False where a writer or a backup is at work: then the reaper comes back later."""
    with (store() / LOCK).open("a", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def begin(dataflow: str, snapshot: object) -> Path:
    """The folder in which a snapshot is written, not yet under its name."""
    folder = folder_of(dataflow, snapshot)
    unfinished = folder.with_name(f".{folder.name}{_UNFINISHED}")
    unfinished.mkdir(mode=0o700, parents=True)
    return unfinished


def finish(dataflow: str, snapshot: object) -> Path:
    """Give a whole folder its name, and have the name reach the disk."""
    folder = folder_of(dataflow, snapshot)
    folder.with_name(f".{folder.name}{_UNFINISHED}").rename(folder)
    sync_folder(folder.parent)
    return folder


def standing() -> Iterator[tuple[Path, bool]]:
    """Every folder of a snapshot, and whether it has its name."""
    for dataflow in sorted(path for path in store().iterdir() if path.is_dir()):
        for folder in sorted(path for path in dataflow.iterdir() if path.is_dir()):
            yield folder, not folder.name.startswith(".")


def remove(folder: Path) -> None:
    """Remove a folder whole; a death in between leaves a folder that the reaper finds again."""
    shutil.rmtree(folder, ignore_errors=True)
