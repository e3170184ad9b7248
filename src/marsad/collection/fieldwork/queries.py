"""Reading frames, samples, cases and agents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from marsad.accounts.queries import people_who_may
from marsad.collection.fieldwork.drawing import ListedUnit
from marsad.collection.fieldwork.models import Agent, Case, Frame, FrameUnit, Sample, Visit
from marsad.collection.fieldwork.rules import CaseState, SampleState


def frames() -> QuerySet[Frame]:
    return Frame.objects.all()


def frame(code: str, version: int) -> Frame | None:
    return Frame.objects.filter(code=code, version=version).first()


def frame_of(frame_id: int) -> Frame | None:
    return Frame.objects.filter(pk=frame_id).first()


def listed_units(found: Frame) -> list[ListedUnit]:
    """The units of a frame in their order, as the draw takes them."""
    rows = FrameUnit.objects.filter(frame=found).order_by("position")
    return [ListedUnit(*row) for row in rows.values_list("code", "area", "stratum", "block", "size")]


@dataclass(frozen=True)
class StratumLine:
    stratum: str
    units: int
    blocks: int
    size: int


def strata_of(found: Frame) -> list[StratumLine]:
    """What each stratum of a frame holds. ``blocks`` is 0 in a frame without any."""
    lines = FrameUnit.objects.filter(frame=found).order_by("stratum").values_list("stratum")
    counted = lines.annotate(
        units=Count("pk"), blocks=Count("block", distinct=True, filter=~Q(block="")), held=Sum("size")
    )
    return [StratumLine(*line) for line in counted]


def has_locators(found: Frame) -> bool:
    return FrameUnit.objects.filter(frame=found, sealed_locator__isnull=False).exists()


def samples() -> QuerySet[Sample]:
    return Sample.objects.select_related("frame")


def sample(code: str) -> Sample | None:
    return samples().filter(pk=code).first()


def agents(*, on: date | None = None) -> QuerySet[Agent]:
    """The agents, or those who work on a day."""
    counted = Agent.objects.annotate(open_cases=Count("cases", filter=Q(cases__state__in=OPEN_CASES)))
    found = counted.order_by("code")
    return found.filter(Q(until=None) | Q(until__gte=on), since__lte=on) if on else found


OPEN_CASES = (CaseState.ASSIGNED.value, CaseState.WORKED.value)


def agent_of_person(person: UUID, on: date) -> Agent | None:
    """The agent as whom an account works on a day."""
    return agents(on=on).filter(person=person).first()


def dwellings_told_of(submissions: Sequence[UUID]) -> dict[UUID, str]:
    """The code of the dwelling that each of some submissions told of; what met no case of a sample is left out."""
    found = Visit.objects.filter(submission__in=submissions).order_by("number").values_list("submission", "case__code")
    return {submission: code for submission, code in found if submission is not None}


def agent_code_of(person: UUID | None) -> str:
    """The code that an account works under or worked under; empty for one that is no agent."""
    if person is None:
        return ""
    return Agent.objects.filter(person=person).values_list("code", flat=True).first() or ""


@dataclass(frozen=True)
class CaseFilter:
    """Which cases of a sample a page shows: every empty word takes all."""

    state: str = ""
    agent: str = ""
    stratum: str = ""
    cluster: str = ""
    disposition: str = ""


def cases(sample_code: str, chosen: CaseFilter) -> QuerySet[Case]:
    found = Case.objects.filter(sample_id=sample_code).select_related("agent")
    if chosen.agent == "-":
        found = found.filter(agent=None)
    elif chosen.agent:
        found = found.filter(agent_id=chosen.agent)
    for name in ("state", "stratum", "cluster", "disposition"):
        if getattr(chosen, name):
            found = found.filter(**{name: getattr(chosen, name)})
    return found.order_by("stratum", "cluster", "rank", "id")


def case(sample_code: str, case_id: int) -> Case | None:
    return Case.objects.filter(sample_id=sample_code, pk=case_id).select_related("sample", "unit", "agent").first()


def visits_of(found: Case) -> QuerySet[Visit]:
    return Visit.objects.filter(case=found).order_by("number")


def groups_of(sample_code: str) -> dict[str, list[str]]:
    """The strata of a sample with their clusters, for choosing."""
    found: dict[str, list[str]] = {}
    pairs = Case.objects.filter(sample_id=sample_code).order_by("stratum", "cluster")
    for stratum, cluster in pairs.values_list("stratum", "cluster").distinct():
        found.setdefault(stratum, []).extend([cluster] if cluster else [])
    return found


def states_of(sample_code: str) -> dict[str, int]:
    """How many cases stand in each state; one without any has 0, because all were counted."""
    counted: dict[str, Any] = dict(
        Case.objects.filter(sample_id=sample_code).order_by().values_list("state").annotate(count=Count("pk"))
    )
    return {state.value: counted.get(state.value, 0) for state in CaseState}


def reserve_of(sample_code: str) -> dict[str, int]:
    """How many units of each stratum still wait in reserve."""
    held = Case.objects.filter(sample_id=sample_code, state=CaseState.RESERVE)
    return dict(held.order_by("stratum").values_list("stratum").annotate(count=Count("pk")))


def cases_of_agent(agent: Agent) -> QuerySet[Case]:
    """What an agent still has to visit, in the open samples, block after block."""
    found = Case.objects.filter(agent=agent, state__in=OPEN_CASES, sample__state=SampleState.OPEN)
    return found.select_related("sample", "unit__frame").order_by("sample_id", "area", "cluster", "code")


def weighted_samples(dataflow: str) -> QuerySet[Sample]:
    """The samples of a dataflow whose weights were worked out after fieldwork closed."""
    return Sample.objects.filter(
        dataflow=dataflow, weighted_at__isnull=False, state__in=[SampleState.CLOSED, SampleState.FINISHED]
    )


@dataclass(frozen=True)
class CaseWeight:
    """What a row of a snapshot is given: the last weight that was worked out, and where the case stands in the design."""

    weight: float
    stratum: str
    cluster: str


def weights_by_pseudonym(dataflow: str) -> dict[str, CaseWeight]:
    """The weights of the interviews of a dataflow by the pseudonym of the dwelling; empty before any was worked out.

    A cluster that was certain to be drawn is a stratum of its own, whose units are its dwellings: so the variance of the
    library is right (``docs/fieldwork.md``).
    """
    return {pseudonym: line for sample_of in weighted_samples(dataflow) for pseudonym, line in _weights(sample_of)}


def _weights(found: Sample) -> Iterator[tuple[str, CaseWeight]]:
    numbers = {name: f"c{place}" for place, name in enumerate(_clusters(found), 1)}
    rows = Case.objects.filter(sample=found, nonresponse_weight__gt=0).exclude(pseudonym="").order_by("pk")
    for one in rows.iterator():
        weight = one.nonresponse_weight if one.calibrated_weight is None else one.calibrated_weight
        cluster = numbers.get(one.cluster, "")
        stratum = f"{one.stratum}/{cluster}" if one.certain else one.stratum
        yield one.pseudonym, CaseWeight(float(weight or 0), stratum, "" if one.certain else cluster)


def _clusters(found: Sample) -> list[str]:
    names = Case.objects.filter(sample=found).exclude(cluster="").order_by("cluster")
    return list(names.values_list("cluster", flat=True).distinct())


def no_cases() -> QuerySet[Case]:
    return Case.objects.none()


def people_who_fill() -> list[Any]:
    """The accounts that may fill forms now: an agent works under one of them, or on paper."""
    return people_who_may("forms.fill")
