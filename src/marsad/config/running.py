"""Whether a server of this installation runs: each holds a shared lock on a file of its home."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from migstat.model.refusals import Refused


@contextmanager
def _lock(home: Path, kind: int) -> Iterator[None]:
    home.mkdir(parents=True, exist_ok=True)
    with (home / "running.lock").open("a", encoding="ascii") as file:
        try:
            fcntl.flock(file, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused(
                "installation.running", found="a server of this installation that runs", remedy="stop it first"
            ) from None
        yield


def running(home: Path) -> AbstractContextManager[None]:
    """Held by a server as long as it runs."""
    return _lock(home, fcntl.LOCK_SH)


def nothing_runs(home: Path) -> AbstractContextManager[None]:
    """Held by what needs the installation to stand still. Raises ``Refused("installation.running")``."""
    return _lock(home, fcntl.LOCK_EX)
