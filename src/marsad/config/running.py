"""Whether a server of this installation runs: each holds a shared lock on a file of its home."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from migstat.model.refusals import Refused

_RUNNING = ("installation.running", "a server of this installation that runs", "stop it first")
_UNDER_WAY = ("demonstration.under_way", "a demonstration that is being built or taken off", "wait until it is done")


@contextmanager
def _lock(home: Path, kind: int, *, name: str = "running", words: tuple[str, str, str] = _RUNNING) -> Iterator[None]:
    """A lock ends with the process that holds it, however that ends."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / f"{name}.lock").open("a", encoding="ascii") as file:
        try:
            fcntl.flock(file, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            rule, found, remedy = words
            raise Refused(rule, found=found, remedy=remedy) from None
        yield


def running(home: Path) -> AbstractContextManager[None]:
    """Held by a server as long as it runs."""
    return _lock(home, fcntl.LOCK_SH)


def nothing_runs(home: Path) -> AbstractContextManager[None]:
    """Held by what needs the installation to stand still. Raises ``Refused("installation.running")``."""
    return _lock(home, fcntl.LOCK_EX)


def demonstrating(home: Path) -> AbstractContextManager[None]:
    """Held by what builds the demonstration or takes it off. Raises ``Refused("demonstration.under_way")``."""
    return _lock(home, fcntl.LOCK_EX, name="demonstration", words=_UNDER_WAY)
