"""The loop beside the worker: a sign of life, the reaper, and the jobs whose time has come."""

from __future__ import annotations

import logging
import threading
from datetime import datetime

from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from marsad.audit.rules import System
from marsad.work.operations import give_up_silent_work, start_job
from marsad.work.progress import beat, claim_due
from marsad.work.queries import due_jobs, left_to_resume, silent_tasks
from marsad.work.rules import BEAT_EVERY
from migstat.model.refusals import Refused

_log = logging.getLogger(__name__)
_SCHEDULE = System("schedule")


def tick(worker: str, *, at: datetime, starts_due: bool = True) -> list[str]:
    """One turn: beat, give up what gone workers left, start what resumes and what is due. Returns the jobs started."""
    beat(worker, at=at)
    wanted = []
    if silent_tasks(at):
        give_up_silent_work(actor=_SCHEDULE, at=at)
        wanted = left_to_resume(at)
    if not starts_due:
        return []
    for job in due_jobs(at):
        assert job.every is not None
        if claim_due(job.name, every_seconds=int(job.every.total_seconds()), at=at):
            wanted.append(job.name)
    return [name for name in wanted if _starts(name, at)]


def _starts(name: str, at: datetime) -> bool:
    try:
        start_job(actor=_SCHEDULE, at=at, job=name)
    except Refused as refusal:
        _log.info("%s is not started: %s", name, refusal)
        return False
    return True


def turn(worker: str, *, starts_due: bool = True) -> None:
    """One turn now. A database that is busy or away is tried again at the next one."""
    try:
        tick(worker, at=timezone.now(), starts_due=starts_due)
    except DatabaseError as error:
        _log.warning("the schedule waits for the database: %s", type(error).__name__)


def run_scheduler(worker: str, stop: threading.Event, *, starts_due: bool = True) -> None:
    """Turn after turn until told to stop, the first one a pause from now."""
    while not stop.wait(BEAT_EVERY.total_seconds()):
        turn(worker, starts_due=starts_due)
        close_old_connections()
