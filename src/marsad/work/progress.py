"""How running work tells its page how far it is. These rows are not facts about the world, so they leave no audit event."""

from __future__ import annotations

import time
from datetime import datetime

from django.db import connection
from django.utils import timezone

from marsad.work.models import Progress, Schedule, WorkerBeat
from marsad.work.rules import JobState

_SECONDS_BETWEEN_REPORTS = 0.5


class ProgressReport:
    """A ``Report`` that writes to the row of one piece of work, at most twice a second.

    Inside a transaction nothing would be seen before its end, so nothing is written there.
    """

    def __init__(self, progress_id: str) -> None:
        self.progress_id = progress_id
        self.reported = float("-inf")

    def __call__(self, done: int, total: int | None = None, step: str = "") -> None:
        now = time.monotonic()
        if connection.in_atomic_block or (now - self.reported < _SECONDS_BETWEEN_REPORTS and done != total):
            return
        self.reported = now
        Progress.objects.filter(pk=self.progress_id).update(
            done=done, total=total, step=step, reported_at=timezone.now()
        )


def mark_started(progress_id: str, *, at: datetime) -> Progress | None:
    """Claim waiting work; None when it is not waiting any more."""
    claimed = Progress.objects.filter(pk=progress_id, state=JobState.WAITING).update(
        state=JobState.RUNNING, started_at=at
    )
    return Progress.objects.get(pk=progress_id) if claimed else None


def beat(worker: str, *, at: datetime) -> None:
    WorkerBeat.objects.update_or_create(
        worker=worker, defaults={"beat_at": at}, create_defaults={"started_at": at, "beat_at": at}
    )


def claim_due(name: str, *, every_seconds: int, at: datetime) -> bool:
    """Note that a scheduled job runs now; of several schedulers exactly one is told True."""
    row, created = Schedule.objects.get_or_create(
        name=name, defaults={"every_seconds": every_seconds, "last_run_at": at}
    )
    if created:
        return True
    seen = row.last_run_at
    return bool(
        Schedule.objects.filter(name=name, last_run_at=seen).update(last_run_at=at, every_seconds=every_seconds)
    )
