"""Samples: drawn, opened, their reserve released, closed, finished; and cases given to agents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from marsad.audit.events import record, writes
from marsad.audit.rules import Actor
from marsad.collection.fieldwork import queries
from marsad.collection.fieldwork.drawing import ListedUnit, Plan, checksum_of, draw, weight_of
from marsad.collection.fieldwork.models import Agent, Case, Frame, FrameUnit, Sample
from marsad.collection.fieldwork.rules import (
    CASE_TRANSITIONS,
    ENDED,
    SAMPLE_TRANSITIONS,
    CaseMove,
    CaseState,
    SampleMove,
    SampleState,
    UnitKind,
    reached,
)
from marsad.collection.keys import keys_for
from marsad.collection.pseudonyms import pseudonyms_of
from marsad.collection.queries_dataflows import collecting, identifying_columns, structure_of
from marsad.collection.spelling import one_spelling
from migstat.estimation.survey_drawing import DrawnUnit
from migstat.model.refusals import Refused
from migstat.model.structure import Kind

_AT_ONCE = 2_000


@dataclass(frozen=True)
class SampleDetails:
    """``dataflow`` is the collected dataflow that the interviews go into; empty where none does."""

    code: str
    title: str
    frame: int
    seed: str
    dataflow: str = ""
    most_visits: int = 4


@writes("fieldwork.draw", using="confidential")
def draw_sample(*, actor: Actor, at: datetime, details: SampleDetails, plan: Plan) -> Sample:
    """Draw a sample and keep its plan, its seed and its checksum.

    Raises ``Refused``: ``fieldwork.sample_code``, ``fieldwork.frame``, ``fieldwork.dataflow`` for one that names no dwelling,
    ``fieldwork.synthetic`` where an invented frame would feed a real dataflow or the reverse, ``collection.*``, and what
    ``drawing.draw`` raises.
    """
    frame = queries.frame_of(details.frame)
    if frame is None:
        raise Refused("fieldwork.frame", found="an unknown frame", remedy="choose one of the list")
    if Sample.objects.filter(pk=details.code).exists():
        raise Refused("fieldwork.sample_code", found="a code that stands already", remedy="choose another")
    purpose = _purpose_of(details.dataflow, frame)
    units = queries.listed_units(frame)
    drawn = draw(units, UnitKind(frame.kind), plan, details.seed)
    sample = Sample.objects.create(
        code=details.code,
        title=details.title,
        frame=frame,
        dataflow=details.dataflow,
        design=plan.to_mapping(),
        seed=details.seed,
        checksum=checksum_of(drawn, units),
        most_visits=details.most_visits,
        is_synthetic=frame.is_synthetic,
        drawn_at=at,
        drawn_by=actor.audit_code,
    )
    _keep_cases(sample, drawn, units, purpose)
    record(
        actor=actor,
        action="fieldwork.draw",
        target=f"sample:{sample.code}",
        at=at,
        details={"units": len(drawn), "checksum": sample.checksum[:16], "frame": f"{frame.code}:{frame.version}"},
    )
    return sample


def _purpose_of(dataflow: str, frame: Frame) -> str:
    if not dataflow:
        return ""
    flow = collecting(dataflow)
    named = identifying_columns(flow)
    if frame.kind != UnitKind.DWELLING or len(named) != 1 or structure_of(dataflow).column(named[0]).kind != Kind.TEXT:
        raise Refused(
            "fieldwork.dataflow",
            found="a dataflow whose rows are not told apart by a dwelling's code",
            remedy="choose the dataflow of a survey of dwellings, or none",
        )
    if flow.is_synthetic != frame.is_synthetic:
        raise Refused("fieldwork.synthetic", found="invented units beside real ones", remedy="keep them apart")
    return flow.purpose


def _keep_cases(sample: Sample, drawn: Sequence[DrawnUnit], units: Sequence[ListedUnit], purpose: str) -> None:
    ids = dict(FrameUnit.objects.filter(frame=sample.frame).values_list("code", "pk"))
    codes = [units[one.row].code for one in drawn]
    spelled = [one_spelling(code) for code in codes]
    pseudonyms = pseudonyms_of(spelled, Kind.TEXT, keys_for(purpose)) if purpose else [""] * len(codes)
    cases = [
        Case(
            sample=sample,
            unit_id=ids[code],
            code=code,
            area=units[one.row].area,
            stratum=one.stratum,
            cluster=one.cluster or "",
            certain=one.certain,
            rank=one.rank,
            drawn=one.drawn,
            held=one.held,
            first=str(one.first),
            pseudonym=pseudonym,
            state=CaseState.RESERVE if one.reserve else CaseState.WAITING,
            design_weight=one.weight,
        )
        for one, code, pseudonym in zip(drawn, codes, pseudonyms, strict=True)
    ]
    Case.objects.bulk_create(cases, batch_size=_AT_ONCE)


def drawn_again(sample: Sample) -> bool:
    """Whether the frame, the plan and the seed give the same sample once more."""
    units = queries.listed_units(sample.frame)
    drawn = draw(units, UnitKind(sample.frame.kind), Plan.from_mapping(sample.design), sample.seed)
    return checksum_of(drawn, units) == sample.checksum


def locked(code: str) -> Sample:
    """A sample held until the operation ends. Raises ``Refused("fieldwork.sample")``."""
    found = Sample.objects.select_for_update().filter(pk=code).first()
    if found is None:
        raise Refused("fieldwork.sample", found="an unknown sample", remedy="choose one of the list")
    return found


@writes("fieldwork.move_sample", using="confidential")
def move_sample(*, actor: Actor, at: datetime, sample_code: str, move: SampleMove) -> Sample:
    """Take a sample one step on. With its end the ways to the dwellings are erased, unless another sample needs them.

    Only one open sample feeds a dataflow, so that an interview belongs to one case. Raises ``Refused``:
    ``fieldwork.move``, ``fieldwork.open_already``.
    """
    sample = locked(sample_code)
    after = reached(SAMPLE_TRANSITIONS, SampleState(sample.state), move)
    others = Sample.objects.exclude(pk=sample.pk)
    if after is SampleState.OPEN and sample.dataflow:
        if others.filter(dataflow=sample.dataflow, state=SampleState.OPEN).exists():
            raise Refused(
                "fieldwork.open_already", found="another open sample of the dataflow", remedy="close that one first"
            )
        sample.weighted_at, sample.weighting = None, None
    sample.state, sample.moved_at = after, at
    sample.save(update_fields=["state", "moved_at", "weighted_at", "weighting"])
    erased = 0
    if after in ENDED and not others.filter(frame=sample.frame).exclude(state__in=ENDED).exists():
        erased = erase_locators(sample.frame)
    record(
        actor=actor,
        action="fieldwork.move_sample",
        target=f"sample:{sample.pk}",
        at=at,
        details={"move": move.value, "state": sample.state, "locators": erased},
    )
    return sample


def erase_locators(frame: Frame) -> int:
    """Empty what leads to the dwellings of a frame; for use inside an operation."""
    return FrameUnit.objects.filter(frame=frame, sealed_locator__isnull=False).update(sealed_locator=None)


@writes("fieldwork.release_reserve", using="confidential")
def release_reserve(*, actor: Actor, at: datetime, sample_code: str, stratum: str) -> int:
    """Release the whole reserve of a stratum, and give every case of it the chance that it then had.

    Units are never put in the place of those who refuse: the sample of the stratum grows, for everybody alike. Raises
    ``Refused``: ``fieldwork.not_open``, ``fieldwork.no_reserve``.
    """
    sample = demand_open(locked(sample_code))
    in_stratum = Case.objects.filter(sample=sample, stratum=stratum)
    waiting = in_stratum.filter(state=CaseState.RESERVE)
    more = Counter(waiting.values_list("cluster", flat=True))
    if not more:
        raise Refused("fieldwork.no_reserve", found="no reserve in this stratum", remedy="choose another stratum")
    for cluster, number in more.items():
        in_stratum.filter(cluster=cluster).update(drawn=F("drawn") + number)
    released = waiting.update(state=reached(CASE_TRANSITIONS, CaseState.RESERVE, CaseMove.RELEASE))
    for first, drawn, held in set(in_stratum.values_list("first", "drawn", "held")):
        same = in_stratum.filter(first=first, drawn=drawn, held=held)
        same.update(design_weight=weight_of(first, drawn, held))
    record(
        actor=actor,
        action="fieldwork.release_reserve",
        target=f"sample:{sample.pk}",
        at=at,
        details={"cases": released, "clusters": len(more)},
    )
    return released


def demand_open(sample: Sample) -> Sample:
    """Raises ``Refused("fieldwork.not_open")`` for a sample in which no work goes on."""
    if sample.state != SampleState.OPEN:
        raise Refused("fieldwork.not_open", found=f"a sample that is {sample.state}", remedy="open it first")
    return sample


@writes("fieldwork.assign", using="confidential")
def assign_cases(*, actor: Actor, at: datetime, sample_code: str, case_ids: Collection[int], agent_code: str) -> int:
    """Give cases to an agent, or take them back where the code is empty. Closed cases and the reserve stay as they are.

    Returns how many were given. Raises ``Refused``: ``fieldwork.not_open``, ``fieldwork.agent`` for one who does not work
    on that day, ``fieldwork.no_case``.
    """
    sample = demand_open(locked(sample_code))
    agent: Agent | None = None
    if agent_code:
        agent = queries.agents(on=at.date()).filter(pk=agent_code).first()
        if agent is None:
            raise Refused("fieldwork.agent", found="no agent of that code today", remedy="choose one of the list")
    states = list(Case.objects.filter(sample=sample, pk__in=list(case_ids)).values_list("pk", "state"))
    move = CaseMove.ASSIGN if agent else CaseMove.TAKE_BACK
    moved = 0
    for state in CaseState:
        after = CASE_TRANSITIONS[state, move]
        if after is not None:
            ids = [pk for pk, held in states if held == state]
            moved += Case.objects.filter(pk__in=ids).update(state=after, agent=agent)
    if not moved:
        raise Refused("fieldwork.no_case", found="no case that can be given", remedy="choose cases that are not closed")
    record(
        actor=actor,
        action="fieldwork.assign",
        target=f"sample:{sample.pk}",
        at=at,
        details={"cases": moved, "agent": agent_code or None},
    )
    return moved
