"""What runs by itself for deliveries: the machine's steps, and the destruction of what has had its time."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone

from marsad.audit.rules import System
from marsad.collection.deliveries import operations_retention as retention
from marsad.collection.deliveries import queries
from marsad.collection.deliveries.operations_intake import give_up_uploads
from marsad.collection.deliveries.steps import advance
from marsad.work.jobs import Report
from marsad.work.operations import start_job
from migstat.model.refusals import Refused

ADVANCE_JOB = "advance-deliveries"


def advance_deliveries(report: Report) -> str:
    """Take every delivery that waits for the machine as far as it can go."""
    done = 0
    failed: dict[UUID, Exception] = {}
    while waiting := [one for one in queries.waiting_for_machine(now=timezone.now()) if one not in failed]:
        report(done, done + len(waiting), "deliveries.delivery")
        try:
            advance(waiting[0])
            done += 1
        except Exception as fault:  # one that cannot be taken on keeps no other back; the job still says so
            failed[waiting[0]] = fault
    if failed:
        raise next(iter(failed.values()))
    return f"{done} deliveries taken on"


def destroy_ended_files(report: Report) -> str:
    """Destroy files and cells whose time has come, and give their room back."""
    actor, now = System("job:destroy-delivery-files"), timezone.now()
    given_up = give_up_uploads(actor=actor, at=now)
    destroyed = retention.destroy_ended(actor=actor, at=now)
    destroyed += retention.refuse_forgotten(actor=actor, at=now)
    forgotten = retention.forget_all_cells(actor=actor, at=now)
    removed = retention.sweep_files(now=now)
    return f"{given_up} uploads given up, {destroyed} files destroyed, {forgotten} reports emptied, {removed} files removed"


def start_advancing() -> None:
    """Wake the worker; where it is at it already, it finds the new work by itself."""
    try:
        start_job(actor=System("deliveries"), at=timezone.now(), job=ADVANCE_JOB)
    except Refused as refusal:
        if refusal.rule != "work.under_way":
            raise
