"""The one task of the queue: run a registered job and say how it ended."""

from __future__ import annotations

from django.utils import timezone
from django_tasks import task

from marsad.audit.rules import System
from marsad.work.jobs import JOBS
from marsad.work.operations import end_job
from marsad.work.progress import ProgressReport, mark_started
from marsad.work.rules import JobMove
from migstat.model.refusals import Refused


@task()
def run_job(progress_id: str) -> str:
    """Run the job of a row of progress. What it raises stands on its page by its kind, never by its words."""
    progress = mark_started(progress_id, at=timezone.now())
    if progress is None:
        return "not waiting"
    actor = System(f"job:{progress.job}")
    try:
        outcome = JOBS[progress.job].run(ProgressReport(progress_id))
    except Exception as error:
        said = str(error) if isinstance(error, Refused) else type(error).__name__
        end_job(actor=actor, at=timezone.now(), progress_id=progress_id, move=JobMove.FAIL, outcome=said)
        raise
    end_job(actor=actor, at=timezone.now(), progress_id=progress_id, move=JobMove.FINISH, outcome=outcome)
    return outcome
