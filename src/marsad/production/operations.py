"""Writes of production: a run is asked for, taken up, goes step by step, ends; its results are kept by their digests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from marsad.audit.events import record, writes
from marsad.audit.rules import Actor
from marsad.production.code_version import code_digests, code_version
from marsad.production.models import Run, RunStep, StepResult
from marsad.production.rules import (
    LEASE,
    MOST_ATTEMPTS,
    Plan,
    RunMove,
    RunState,
    StepKind,
    StepState,
    reached,
    seed_of_plan,
)
from marsad.production.stored_tables import checksum
from migstat.model import Refused


@writes("production.ask", using="confidential")
def ask_run(*, actor: Actor, at: datetime, name: str, plan: Plan, study: str = "", seed: int | None = None) -> Run:
    """Ask for a run: its inputs, code, seed and parameters are frozen from here on.

    Raises Refused ``production.name``, and ``production.mixed`` for real snapshots beside synthetic ones.
    """
    if not name.strip():
        raise Refused("production.name", found="a run without name", remedy="give it a name")
    synthetic = {bool(step.settings["synthetic"]) for step in plan.steps if step.kind is StepKind.READ}
    if len(synthetic) > 1:
        raise Refused("production.mixed", found="real and synthetic snapshots", remedy="choose one of the two")
    run = Run.objects.create(
        name=name.strip()[:120],
        study=study,
        plan=plan.to_json(),
        seed=seed_of_plan(plan) if seed is None else seed,
        code_version=code_version(),
        asked_by=str(getattr(actor, "pk", None) or actor.audit_code),
        asked_at=at,
        is_synthetic=synthetic == {True},
    )
    _lay_out(run)
    _record(actor, "production.ask", run, at, steps=len(plan.steps))
    return run


def _lay_out(run: Run) -> None:
    """The steps of a run, each with the digest of what it depends on."""
    plan = run.graph
    digests = plan.digests(code_digests(), run.seed)
    run.steps.all().delete()
    RunStep.objects.bulk_create(
        RunStep(run=run, sort=sort, name=step.id, kind=step.kind.value, digest=digests[step.id])
        for sort, step in enumerate(plan.steps)
    )


def _held(run_id: UUID | str) -> Run:
    found = Run.objects.select_for_update().filter(pk=run_id).first()
    if found is None:
        raise Refused("production.unknown", found="no such run", remedy="open the list of runs")
    return found


@writes("production.begin", using="confidential")
def begin_run(*, actor: Actor, at: datetime, run_id: UUID, process: str) -> Run | None:
    """Take up a run that waits, or one whose process is gone; None where another process holds it.

    One on which the work broke off each time is given up, so that it does not take every worker down with it.
    """
    run = _held(run_id)
    state = RunState(run.state)
    abandoned = state is RunState.RUNNING and (run.claimed_until is None or run.claimed_until <= at)
    taken = state is RunState.WAITING or abandoned
    if taken and run.attempts >= MOST_ATTEMPTS:
        run.problem = {"rule": "production.crashed", "found": "work that broke off each time", "remedy": ""}
        run.state, run.ended_at, run.claimed_by, run.claimed_until = RunState.FAILED, at, "", None
        run.save()
    elif taken:
        run.state = reached(state, RunMove.RESUME if abandoned else RunMove.BEGIN)
        run.started_at = run.started_at or at
        run.claimed_by, run.claimed_until = process, at + LEASE
        run.attempts += 1
        run.save()
    _record(actor, "production.begin", run, at, taken=taken)
    return run if taken and run.state == RunState.RUNNING else None


@writes("production.step", using="confidential")
def note_step(
    *, actor: Actor, at: datetime, run_id: UUID, name: str, content: Mapping[str, Any] | None, reused: bool = False
) -> RunStep:
    """One step is done: its result is entered under its digest (None: a reading, which gives nothing of its own)."""
    run = _held(run_id)
    step = run.steps.get(name=name)
    if content is not None:
        step.result = _entered(step.digest, dict(content), at, run.is_synthetic)
    elif reused:
        step.result = StepResult.objects.get(pk=step.digest)
    step.state, step.ended_at = (StepState.REUSED if reused else StepState.DONE), at
    step.save()
    run.claimed_until = at + LEASE
    run.save(update_fields=["claimed_until"])
    _record(actor, "production.step", run, at, step=step.sort, reused=reused)
    return step


def _entered(digest: str, content: dict[str, Any], at: datetime, is_synthetic: bool) -> StepResult:
    """The result of a digest. Computing it again has to give the same bytes; anything else is refused."""
    found = checksum(content)
    made, is_new = StepResult.objects.get_or_create(
        digest=digest,
        defaults={"content": content, "checksum": found, "made_at": at, "is_synthetic": is_synthetic},
    )
    if not is_new and made.checksum != found:
        raise Refused("production.not_same", found="another result of the same step", remedy="report it: it is a fault")
    return made


@writes("production.finish", using="confidential")
def finish_run(*, actor: Actor, at: datetime, run_id: UUID) -> Run:
    """Close a run whose steps are all done, with the checksum over what they gave."""
    run = _held(run_id)
    steps = list(run.steps.select_related("result"))
    if any(step.state not in (StepState.DONE, StepState.REUSED) for step in steps):
        raise Refused("production.unfinished", found="a step that is not done", remedy="let the run go on")
    run.state = reached(RunState(run.state), RunMove.FINISH)
    run.checksum = checksum([[step.name, step.result.checksum] for step in steps if step.result])
    run.ended_at, run.claimed_by, run.claimed_until, run.problem = at, "", None, {}
    run.save()
    _record(actor, "production.finish", run, at, checksum=run.checksum[:16])
    return run


@writes("production.fail", using="confidential")
def fail_run(*, actor: Actor, at: datetime, run_id: UUID, step: str, problem: Refused) -> Run:
    """Close a run that was refused, with the rule and what to do. What was computed before stays."""
    run = _held(run_id)
    run.state = reached(RunState(run.state), RunMove.FAIL)
    run.problem = {"rule": problem.rule, "found": problem.found, "remedy": problem.remedy, "step": step}
    run.ended_at, run.claimed_by, run.claimed_until = at, "", None
    run.save()
    run.steps.filter(name=step).update(state=StepState.FAILED, ended_at=at)
    _record(actor, "production.fail", run, at, rule=problem.rule)
    return run


@writes("production.cancel", using="confidential")
def cancel_run(*, actor: Actor, at: datetime, run_id: UUID) -> Run:
    """Take back a run that has not begun."""
    run = _held(run_id)
    run.state = reached(RunState(run.state), RunMove.CANCEL)
    run.ended_at = at
    run.save()
    _record(actor, "production.cancel", run, at)
    return run


@writes("production.retry", using="confidential")
def retry_run(*, actor: Actor, at: datetime, run_id: UUID) -> Run:
    """Let a run that failed or was taken back wait again, with the code of today."""
    run = _held(run_id)
    run.state = reached(RunState(run.state), RunMove.RETRY)
    run.attempts, run.problem, run.started_at, run.ended_at, run.code_version = 0, {}, None, None, code_version()
    run.save()
    _lay_out(run)
    _record(actor, "production.retry", run, at)
    return run


@writes("production.remove_synthetic", using="confidential")
def remove_synthetic_runs(*, actor: Actor, at: datetime, snapshots: Sequence[str]) -> int:
    """Delete the runs of the demonstration that read one of these snapshots, with results nothing else rests on."""
    wanted = set(snapshots)
    runs = [
        run
        for run in Run.objects.filter(is_synthetic=True)
        if any(step.settings.get("snapshot") in wanted for step in run.graph.steps)
    ]
    gone = [run.pk for run in runs]
    RunStep.objects.filter(run__in=gone).delete()
    Run.objects.filter(pk__in=gone).delete()
    StepResult.objects.filter(is_synthetic=True, steps=None).delete()
    record(
        actor=actor,
        action="production.remove_synthetic",
        target="production",
        at=at,
        details={"runs": len(gone)},
    )
    return len(gone)


def _record(actor: Actor, action: str, run: Run, at: datetime, **details: int | bool | str) -> None:
    record(actor=actor, action=action, target=f"run:{run.pk}", at=at, details={"state": str(run.state), **details})
