"""Reading background work: what ran, what runs, what is due."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Case, QuerySet, When
from django_tasks_db.models import DBTaskResult

from marsad.work.jobs import JOBS, Job
from marsad.work.models import Progress, Schedule, WorkerBeat
from marsad.work.rules import MOST_LEFT_IN_A_DAY, SILENT_AFTER, UNDER_WAY, WORKER_GONE, JobState, is_due, is_silent

_DAY = timedelta(days=1)


def recent_work(*, with_rounds: bool = False) -> QuerySet[Progress]:
    """What is under way, then what was asked last. Rounds of less than a day that ended well are shown when asked for."""
    rounds = [one.name for one in JOBS.values() if one.every is not None and one.every < _DAY]
    found = Progress.objects.annotate(
        place=Case(When(state=JobState.RUNNING, then=0), When(state=JobState.WAITING, then=1), default=2)
    ).order_by("place", "-asked_at", "pk")
    return found if with_rounds else found.exclude(job__in=rounds, state=JobState.DONE)


def work(progress_id: UUID) -> Progress | None:
    return Progress.objects.filter(pk=progress_id).first()


def jobs_started_by_hand() -> list[Job]:
    return [job for job in JOBS.values() if job.by_hand]


def due_jobs(now: datetime) -> list[Job]:
    """The scheduled jobs whose time has come."""
    ran = dict(Schedule.objects.values_list("name", "last_run_at"))
    return [job for job in JOBS.values() if job.every and is_due(ran.get(job.name), job.every, now=now)]


def silent_tasks(now: datetime) -> int:
    """How many tasks stand as running by workers that give no sign of life, and how much work has lost its task."""
    beats = dict(WorkerBeat.objects.values_list("worker", "beat_at"))
    running = DBTaskResult.objects.filter(status="RUNNING")
    silent = sum(is_silent(beats.get((task.worker_ids or [""])[-1]), now=now) for task in running)
    return silent + without_task(now).count()


def without_task(now: datetime) -> QuerySet[Progress]:
    """Work that stands as under way although its task has ended: the worker was stopped in the middle of it."""
    alive = DBTaskResult.objects.filter(status__in=("READY", "RUNNING")).values("pk")
    return Progress.objects.filter(state__in=UNDER_WAY, asked_at__lt=now - SILENT_AFTER).exclude(task_id__in=alive)


def left_to_resume(at: datetime) -> list[str]:
    """The jobs given up at this moment that are to be started again by themselves."""
    resuming = [one.name for one in JOBS.values() if one.resumes]
    left = Progress.objects.filter(outcome=WORKER_GONE, job__in=resuming)
    names = set(left.filter(ended_at=at).values_list("job", flat=True))
    lately = left.filter(ended_at__gt=at - _DAY)
    return sorted(name for name in names if lately.filter(job=name).count() < MOST_LEFT_IN_A_DAY)


def unsent_tasks(now: datetime) -> int:
    """How many tasks wait although their time has come."""
    return DBTaskResult.objects.ready().filter(enqueued_at__lt=now).count()


def last_beat() -> datetime | None:
    return WorkerBeat.objects.order_by("-beat_at").values_list("beat_at", flat=True).first()
