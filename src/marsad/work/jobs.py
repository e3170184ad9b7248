"""The jobs that can run in the background: named, each with the permission that starts it and how often it runs by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol


class Report(Protocol):
    """What a job is given to say how far it is: ``report(done, total, step)``; an unknown total is None."""

    def __call__(self, done: int, total: int | None = None, step: str = "") -> None: ...


@dataclass(frozen=True)
class Job:
    """``run(report)`` returns the outcome in a few words or counts. ``every`` is None for work that only people start.

    Of work that goes on where it was cut off (``resumes``), what a gone worker left is started again by itself.
    """

    name: str
    run: Callable[[Report], str]
    every: timedelta | None = None
    by_hand: bool = False
    resumes: bool = False


JOBS: dict[str, Job] = {}


def job(
    name: str, *, every: timedelta | None = None, by_hand: bool = False, resumes: bool = False
) -> Callable[[Callable[[Report], str]], Callable[[Report], str]]:
    """Register a function as a job. A name is given once."""

    def register(run: Callable[[Report], str]) -> Callable[[Report], str]:
        if name in JOBS:
            raise ValueError(f"the job {name!r} is registered twice")
        JOBS[name] = Job(name, run, every, by_hand, resumes)
        return run

    return register
