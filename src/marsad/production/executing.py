"""Computing a run, step by step. What a process leaves behind that is killed is a run that the next one takes up."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import pyarrow as pa

from marsad.audit.rules import System
from marsad.collection.snapshots import read_table, standing_snapshot
from marsad.production import operations, queries
from marsad.production.evaluating import definition_of, evaluated
from marsad.production.rules import Plan, Step, StepKind, StepState
from marsad.production.studies.catalogue import estimated, study
from marsad.work.jobs import Report
from migstat.model import Refused

MACHINE = System("production")
PURPOSE = "production"
Clock = Callable[[], datetime]


def compute_waiting(report: Report, now: Clock) -> int:
    """Compute every run that waits, or that a dead process left; returns how many were taken up."""
    done = 0
    while waiting := queries.waiting(now()):
        if not compute_run(waiting[0], report, now):
            return done
        done += 1
    return done


def compute_run(run_id: UUID, report: Report, now: Clock) -> bool:
    """Compute one run as far as it goes: to its end, or to the step that is refused. False where it was not taken up."""
    process = f"{os.uname().nodename[:40]}:{os.getpid()}"
    run = operations.begin_run(actor=MACHINE, at=now(), run_id=run_id, process=process)
    if run is None:
        return False
    plan, total = run.graph, len(run.plan)
    done = {step.name for step in run.steps.all() if step.state in (StepState.DONE, StepState.REUSED)}
    for number, step in enumerate(plan.steps):
        report(number, total, f"production.{step.kind.value}")
        if step.id in done:
            continue
        try:
            _take(run, plan, step, now)
        except Refused as problem:
            operations.fail_run(actor=MACHINE, at=now(), run_id=run.pk, step=step.id, problem=problem)
            return True
    operations.finish_run(actor=MACHINE, at=now(), run_id=run.pk)
    report(total, total, "production.done")
    return True


def _take(run: Any, plan: Plan, step: Step, now: Clock) -> None:
    """Compute one step, or find the result that stands for it already."""
    content: Mapping[str, Any] | None = None
    reused = False
    if step.kind is StepKind.READ:
        _demand_same(step)
    else:
        reused = queries.result_stands(run, step.id)
        content = None if reused else computed(plan, step, run.seed, now)
    operations.note_step(actor=MACHINE, at=now(), run_id=run.pk, name=step.id, content=content, reused=reused)


def _demand_same(step: Step) -> None:
    """What is read is what the run was asked for. Raises ``Refused``: ``snapshot.*``, ``production.changed``."""
    if standing_snapshot(step.settings["snapshot"]).checksum != step.settings["checksum"]:
        raise Refused("production.changed", found="another snapshot under the number", remedy="ask for a new run")


def computed(plan: Plan, step: Step, seed: int, now: Clock) -> dict[str, Any]:
    """The result of a step from its snapshots, as it is stored."""
    if step.kind is StepKind.EVALUATE:
        return evaluated(step.settings, _by_dataflow(plan, step, now)).to_json()
    return estimated(step.settings, _by_step(plan, step, now), seed).to_json()


def _by_dataflow(plan: Plan, step: Step, now: Clock) -> dict[str, Any]:
    """The rows of each dataflow that a definition reads; several snapshots of one are one after the other."""
    needed = definition_of(step.settings)[0].needed_columns()
    parts: dict[str, list[Any]] = {}
    for name in step.after:
        said = plan.step(name).settings
        stored = standing_snapshot(said["snapshot"]).columns
        wanted = [column for column in stored if column in needed[said["dataflow"]]]
        parts.setdefault(said["dataflow"], []).append(_rows(said["snapshot"], wanted or None, now))
    return {dataflow: pa.concat_tables(each, promote_options="default") for dataflow, each in parts.items()}


def _by_step(plan: Plan, step: Step, now: Clock) -> dict[str, Any]:
    wanted = study(step.settings["study"]).columns
    found = {}
    for name in step.after:
        snapshot = standing_snapshot(plan.step(name).settings["snapshot"])
        found[name] = _rows(str(snapshot.pk), wanted(step.settings, snapshot.columns), now)
    return found


def _rows(snapshot: str, columns: list[str] | None, now: Clock) -> Any:
    return read_table(snapshot, actor=MACHINE, at=now(), purpose=PURPOSE, columns=columns)
