"""The states of background work, and when scheduled work is due."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum


class JobState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class JobMove(StrEnum):
    START = "start"
    FINISH = "finish"
    FAIL = "fail"


TRANSITIONS: dict[tuple[JobState, JobMove], JobState | None] = {
    (state, move): None for state in JobState for move in JobMove
} | {
    (JobState.WAITING, JobMove.START): JobState.RUNNING,
    (JobState.WAITING, JobMove.FAIL): JobState.FAILED,
    (JobState.RUNNING, JobMove.FINISH): JobState.DONE,
    (JobState.RUNNING, JobMove.FAIL): JobState.FAILED,
}

UNDER_WAY = (JobState.WAITING, JobState.RUNNING)


def is_due(last_run_at: datetime | None, every: timedelta, *, now: datetime) -> bool:
    """Whether scheduled work is to run; work that never ran is due at once."""
    return last_run_at is None or now - last_run_at >= every


BEAT_EVERY = timedelta(seconds=10)
SILENT_AFTER = timedelta(seconds=120)
PROGRESS_KEPT = timedelta(days=30)
WORKER_GONE = "work.worker_gone"
# Work that takes its worker down with it is not begun for ever: so often in a day, then a person looks at it.
MOST_LEFT_IN_A_DAY = 3


def is_silent(beat_at: datetime | None, *, now: datetime) -> bool:
    """Whether a worker counts as gone: it never gave a sign of life, or gave the last one too long ago."""
    return beat_at is None or now - beat_at > SILENT_AFTER
