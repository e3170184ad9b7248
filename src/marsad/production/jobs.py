"""What runs by itself for production: the runs that wait, and those that a dead process left."""

from __future__ import annotations

from django.utils import timezone

from marsad.audit.rules import System
from marsad.production.executing import compute_waiting
from marsad.work.jobs import Report
from marsad.work.operations import start_job
from migstat.model import Refused

COMPUTE_JOB = "compute-runs"


def compute_runs(report: Report) -> str:
    return f"{compute_waiting(report, timezone.now)} runs computed"


def start_computing() -> None:
    """Wake the worker; where it is at it already, it finds the new run by itself."""
    try:
        start_job(actor=System("production"), at=timezone.now(), job=COMPUTE_JOB)
    except Refused as refusal:
        if refusal.rule not in ("work.under_way", "work.unknown"):
            raise
