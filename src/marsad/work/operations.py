"""Writes of background work: started, ended, given up. Each leaves one audit event."""

from __future__ import annotations

from datetime import datetime

from django_tasks_db.models import DBTaskResult

from marsad.audit.events import record, writes
from marsad.audit.rules import Actor
from marsad.work.jobs import JOBS
from marsad.work.models import Progress, Schedule, WorkerBeat
from marsad.work.queries import without_task
from marsad.work.rules import PROGRESS_KEPT, TRANSITIONS, UNDER_WAY, WORKER_GONE, JobMove, JobState, is_silent
from migstat.model.refusals import Refused


class WorkerGone(Exception):
    """The worker that ran a task gave no sign of life any more."""


def _move(progress: Progress, move: JobMove) -> None:
    reached = TRANSITIONS[JobState(progress.state), move]
    if reached is None:
        raise Refused(
            "work.state", found=f"work that is {progress.state}, asked to {move}", remedy="start the work anew"
        )
    progress.state = reached


@writes("work.start")
def start_job(*, actor: Actor, at: datetime, job: str) -> Progress:
    """Put a job into the queue. A job that is waiting or running is not started twice."""
    from marsad.work.tasks import run_job

    if job not in JOBS:
        raise Refused("work.unknown", found="a job that is not known", remedy=f"one of {', '.join(sorted(JOBS))}")
    if Progress.objects.filter(job=job, state__in=UNDER_WAY).exists():
        raise Refused("work.under_way", found="the same job under way", remedy="wait until it has ended")
    progress = Progress.objects.create(job=job, started_by=actor.audit_code, asked_at=at)
    progress.task_id = run_job.enqueue(str(progress.pk)).id
    progress.save(update_fields=["task_id"])
    record(actor=actor, action="work.start", target=f"work:{progress.pk}", at=at, details={"job": job})
    return progress


@writes("work.end")
def end_job(*, actor: Actor, at: datetime, progress_id: str, move: JobMove, outcome: str) -> None:
    """Close a job as finished or failed, with the outcome that its page shows."""
    progress = Progress.objects.select_for_update().get(pk=progress_id)
    _move(progress, move)
    progress.ended_at, progress.outcome = at, outcome
    if move is JobMove.FINISH and progress.total is not None:
        progress.done = progress.total
    progress.save()
    record(
        actor=actor,
        action="work.end",
        target=f"work:{progress_id}",
        at=at,
        details={"job": progress.job, "state": progress.state},
    )


@writes("work.reap")
def give_up_silent_work(*, actor: Actor, at: datetime) -> int:
    """Fail the tasks left running by workers that are gone, with the work their pages show; returns how many."""
    beats = dict(WorkerBeat.objects.values_list("worker", "beat_at"))
    running = DBTaskResult.objects.filter(status="RUNNING").select_for_update()
    gone = [task for task in running if is_silent(beats.get((task.worker_ids or [""])[-1]), now=at)]
    for task in gone:
        task.set_failed(WorkerGone("the worker that ran this task is gone"))
    lost = list(without_task(at).select_for_update())
    left = Progress.objects.select_for_update().filter(task_id__in=[task.pk for task in gone], state__in=UNDER_WAY)
    for progress in {one.pk: one for one in (*left, *lost)}.values():
        _move(progress, JobMove.FAIL)
        progress.ended_at, progress.outcome = at, WORKER_GONE
        progress.save()
    WorkerBeat.objects.filter(beat_at__lt=at - PROGRESS_KEPT).delete()
    given_up = len({task.pk for task in gone} | {one.task_id for one in lost})
    record(actor=actor, action="work.reap", target="work", at=at, details={"given_up": given_up})
    return given_up


@writes("work.forget")
def forget_old_work(*, actor: Actor, at: datetime) -> int:
    """Delete the rows of work that ended long ago; the audit log keeps that it ran."""
    deleted, _ = Progress.objects.filter(ended_at__lt=at - PROGRESS_KEPT).delete()
    DBTaskResult.objects.filter(finished_at__lt=at - PROGRESS_KEPT).delete()
    Schedule.objects.exclude(name__in=JOBS).delete()
    record(actor=actor, action="work.forget", target="work", at=at, details={"deleted": deleted})
    return deleted
