"""Submissions in groups on SQLite: what waits while the disk is being reached is written by one commit, and then answered.

SQLite has one writer at a time, and each commit waits for the disk. A lock of the system lets the processes take turns and
wakes who waits at once, where SQLite would sleep and try again; within a process the first of those who wait writes for all
of them. Nobody is answered before the commit that holds their own submission. PostgreSQL writes side by side by itself.
"""

from __future__ import annotations

import fcntl
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from threading import Lock
from typing import Generic, ParamSpec, TypeVar

from django.conf import settings
from django.db import connections, transaction

P = ParamSpec("P")
R = TypeVar("R")
# Bounds what one commit holds in memory and how long the first of a group waits for the others.
LARGEST_GROUP = 16


@dataclass
class Waiting(Generic[R]):
    """One call that waits for its turn: afterwards its result, or what it raised."""

    call: Callable[[], R]
    results: list[R] = field(default_factory=list)
    error: BaseException | None = None

    @property
    def is_done(self) -> bool:
        return bool(self.results) or self.error is not None

    def run(self) -> None:
        try:
            self.results.append(self.call())
        except Exception as error:  # each keeps its own failure; the others of the group go on
            self.error = error

    def fail(self, error: BaseException) -> None:
        self.results.clear()
        self.error = error

    def result(self) -> R:
        if self.error is not None:
            raise self.error
        return self.results[0]


def write_group(group: list[Waiting[R]]) -> None:
    """Write all of a group in one transaction of each database, the events committed first; all of it, or each says why.

    A call that fails is undone alone (each is an operation with its own savepoint). Where the commit itself fails nothing
    of the group was stored, and every one of them is told so.
    """
    try:
        if len(group) == 1:
            group[0].run()
            return
        with transaction.atomic(using="confidential"), transaction.atomic(using="default"):
            for one in group:
                one.run()
    except BaseException as error:
        for one in group:
            one.fail(error)
        if not isinstance(error, Exception):
            raise


@contextmanager
def _turn_of_the_process() -> Iterator[None]:
    home = Path(settings.ENVIRONMENT.home)
    home.mkdir(parents=True, exist_ok=True)
    with (home / "submissions.lock").open("a", encoding="ascii") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield


def written_in_groups(function: Callable[P, R]) -> Callable[P, R]:
    """Let an operation that many call at once be written in groups on SQLite; when it returns it is committed."""
    queue: deque[Waiting[R]] = deque()
    first = Lock()

    @wraps(function)
    def grouped(*args: P.args, **kwargs: P.kwargs) -> R:
        connection = connections["confidential"]
        if connection.vendor != "sqlite" or connection.in_atomic_block:
            return function(*args, **kwargs)
        mine: Waiting[R] = Waiting(lambda: function(*args, **kwargs))
        queue.append(mine)
        with first:
            # Whoever held the lock before may have written mine with theirs.
            if not mine.is_done:
                with _turn_of_the_process():
                    while not mine.is_done:
                        write_group([queue.popleft() for _ in range(min(len(queue), LARGEST_GROUP))])
        return mine.result()

    return grouped
