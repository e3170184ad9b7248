"""Reading runs: their steps and results, what they rest on, and what waits. No rows of persons."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from marsad.accounts.models import User
from marsad.collection.models import Snapshot
from marsad.coordination.agreements.queries import receipts
from marsad.production.lineage import DeliveryFact, SnapshotFact
from marsad.production.models import Run, RunStep, StepResult
from marsad.production.results import Result
from marsad.production.rules import RunState, Step, StepKind
from marsad.production.stored_tables import checksum
from migstat.model import Refused


def runs(*, state: str = "", study: str = "") -> QuerySet[Run]:
    """The runs, the latest first."""
    found = Run.objects.order_by("-asked_at", "pk")
    if state:
        found = found.filter(state=state)
    return found.filter(study=study) if study else found


def run_of(run_id: UUID | str) -> Run | None:
    return Run.objects.filter(pk=run_id).first()


def steps_of(run: Run) -> list[RunStep]:
    return list(run.steps.select_related("result").order_by("sort"))


def waiting(now: datetime) -> list[UUID]:
    """The runs that nobody computes: those that wait, and those whose process gives no sign any more."""
    left = Q(state=RunState.RUNNING) & (Q(claimed_until=None) | Q(claimed_until__lte=now))
    found = Run.objects.filter(Q(state=RunState.WAITING) | left)
    return list(found.order_by("asked_at", "pk").values_list("pk", flat=True))


def result_stands(run: Run, step: str) -> bool:
    """Whether the result of a step was computed before, and is what was written down."""
    digest = run.steps.get(name=step).digest
    found = StepResult.objects.filter(pk=digest).first()
    return found is not None and checksum(found.content) == found.checksum


def results(run: Run) -> dict[str, Result]:
    """What each step of a run gave. Raises ``Refused("production.checksum")`` for a result altered in the store."""
    found = {}
    for step in steps_of(run):
        if step.result is None:
            continue
        if checksum(step.result.content) != step.result.checksum:
            raise Refused("production.checksum", found="a result altered in the store", remedy="compute it again")
        found[step.name] = Result.from_json(step.result.content)
    return found


def reads_of(run: Run, step: str = "") -> list[Step]:
    """The snapshots that a run, or one of its steps, was computed from."""
    plan = run.graph
    wanted = set(plan.step(step).after) if step else {one.id for one in plan.steps}
    return [one for one in plan.steps if one.kind is StepKind.READ and one.id in wanted]


def lineage_of(run: Run, step: str = "") -> tuple[SnapshotFact, ...]:
    """The snapshots behind a step with their deliveries, as facts for the desk: counts and dates, no rows."""
    ids = [one.settings["snapshot"] for one in reads_of(run, step)]
    found = {str(one.pk): one for one in Snapshot.objects.filter(pk__in=ids)}
    return tuple(_fact(found[id]) for id in dict.fromkeys(ids) if id in found)


def _fact(snapshot: Snapshot) -> SnapshotFact:
    wanted = set(snapshot.lineage.get("deliveries", ()))
    known = {one.delivery: one for one in receipts().filter(delivery__in=wanted)}
    deliveries = tuple(
        DeliveryFact(id, one.organisation_id, one.agreement_id, one.received_on, one.rows)
        for id, one in sorted(known.items())
    )
    return SnapshotFact(
        str(snapshot.pk),
        snapshot.dataflow_id,
        snapshot.period,
        snapshot.created_at.date(),
        snapshot.rows,
        snapshot.checksum,
        deliveries,
    )


def name_of(person: str) -> str:
    """The name of an account by its number; what is no account has none."""
    if ":" in person or not person:
        return ""
    found = User.objects.filter(pk=person, erased_at=None).first()
    return str(found) if found else ""
