"""Reading background work: what ran, what runs, what is due."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django_tasks_db.models import DBTaskResult

from marsad.work.jobs import JOBS, Job
from marsad.work.models import Progress, Schedule, WorkerBeat
from marsad.work.rules import is_due, is_silent


def recent_work() -> QuerySet[Progress]:
    return Progress.objects.all()[:50]


def work(progress_id: UUID) -> Progress | None:
    return Progress.objects.filter(pk=progress_id).first()


def jobs_started_by_hand() -> list[Job]:
    return [job for job in JOBS.values() if job.by_hand]


def due_jobs(now: datetime) -> list[Job]:
    """The scheduled jobs whose time has come."""
    ran = dict(Schedule.objects.values_list("name", "last_run_at"))
    return [job for job in JOBS.values() if job.every and is_due(ran.get(job.name), job.every, now=now)]


def silent_tasks(now: datetime) -> int:
    """How many tasks stand as running by workers that give no sign of life."""
    beats = dict(WorkerBeat.objects.values_list("worker", "beat_at"))
    running = DBTaskResult.objects.filter(status="RUNNING")
    return sum(is_silent(beats.get((task.worker_ids or [""])[-1]), now=now) for task in running)


def unsent_tasks(now: datetime) -> int:
    """How many tasks wait although their time has come."""
    return DBTaskResult.objects.ready().filter(enqueued_at__lt=now).count()


def last_beat() -> datetime | None:
    return WorkerBeat.objects.order_by("-beat_at").values_list("beat_at", flat=True).first()
