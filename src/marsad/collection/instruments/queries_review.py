"""Reading submissions: the board with its counts, and one submission with its history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, IntegerField, OuterRef, Prefetch, Q, QuerySet, Subquery, When
from django.db.models.functions import TruncDate
from django.utils import timezone

from marsad.collection.instruments import queries
from marsad.collection.instruments.models import Attachment, Conflict, Revision, Step, Submission, Version
from marsad.collection.instruments.rules import WAITING, Move, SubmissionState

_MOST_ROWS = 200


@dataclass(frozen=True)
class Filter:
    """What a reviewer looks at: every empty word takes all."""

    instrument: str = ""
    state: str = ""
    area: str = ""
    agent: str = ""
    conflicts: bool = False


def _of_instrument(code: str) -> QuerySet[Submission]:
    """By the numbers of its versions: their rows hold whole forms, and joining them reads a form for each submission."""
    if not code:
        return Submission.objects.all()
    return Submission.objects.filter(version__in=list(queries.described_versions(code).values_list("pk", flat=True)))


def _waiting(instrument: str) -> QuerySet[Submission]:
    """What waits for a reviewer, the longest waiting first."""
    states = [state.value for state in WAITING]
    return _of_instrument(instrument).filter(state__in=states).order_by("received_at", "id")


def submissions(chosen: Filter) -> QuerySet[Submission]:
    """The submissions of a filter: those that wait for a reviewer, the longest waiting first, then the others by day."""
    found = _of_instrument(chosen.instrument)
    for name in ("state", "area", "agent"):
        if getattr(chosen, name):
            found = found.filter(**{name: getattr(chosen, name)})
    waits = Case(When(state__in=[state.value for state in WAITING], then=0), default=1, output_field=IntegerField())
    return (found.filter(conflicts__gt=0) if chosen.conflicts else found).order_by(waits, "received_at", "id")


def counts_by_state(instrument: str = "") -> dict[str, int]:
    """How many submissions stand in each state; a state without any has 0, because all were counted."""
    found = _of_instrument(instrument).order_by().values_list("state").annotate(count=Count("pk"))
    counted = dict(found)
    return {state.value: counted.get(state.value, 0) for state in SubmissionState}


def open_conflicts(instrument: str = "") -> int:
    return submissions(Filter(instrument, conflicts=True)).count()


@dataclass(frozen=True)
class Rate:
    """A line of the board: visits, completed ones, and those that wait for a reviewer. ``rate`` is None without a visit."""

    name: Any
    visits: int
    completed: int
    waiting: int
    rejected: int

    @property
    def rate(self) -> float | None:
        return self.completed / self.visits if self.visits else None


def _latest(instrument: str) -> Version | None:
    return queries.described_versions(instrument).order_by("-loaded_at", "-id").first() if instrument else None


def _completed(instrument: str) -> tuple[str, ...]:
    version = _latest(instrument)
    return queries.definition_of(version).board.completed if version else ()


def rates(instrument: str, by: str) -> list[Rate]:
    """Response rates by ``area``, ``agent`` or ``day``: completed visits of all visits that were sent in."""
    found = _of_instrument(instrument)
    if by == "day":
        found = found.annotate(day=TruncDate("received_at", tzinfo=timezone.get_current_timezone()))
    lines = (
        found.order_by()
        .values(by)
        .annotate(
            visits=Count("pk"),
            completed=Count("pk", filter=Q(outcome__in=_completed(instrument))),
            waiting=Count("pk", filter=Q(state__in=[state.value for state in WAITING])),
            rejected=Count("pk", filter=Q(state=SubmissionState.REJECTED)),
        )
        .order_by(f"-{by}" if by == "day" else by)
    )
    return [
        Rate(one[by], one["visits"], one["completed"], one["waiting"], one["rejected"]) for one in lines[:_MOST_ROWS]
    ]


def board_fields(instrument: str) -> Mapping[str, bool]:
    """Whether an instrument says where a visit was, and how it ended."""
    version = _latest(instrument)
    board = queries.definition_of(version).board if version else None
    return {"area": bool(board and board.area), "outcome": bool(board and board.outcome)}


def _with_version(found: QuerySet[Submission]) -> QuerySet[Submission]:
    return found.select_related("version__instrument", "device").defer(*queries.CONTENT_OF_VERSION)


def submission_of(submission_id: UUID) -> Submission | None:
    return _with_version(Submission.objects.filter(pk=submission_id)).first()


def with_answers(submissions: Sequence[UUID]) -> QuerySet[Submission]:
    """Some submissions with all that was ever answered in them, in three questions to the database."""
    return _with_version(Submission.objects.filter(pk__in=submissions)).prefetch_related("revisions", "other_answers")


def conflicts_of(submission: Submission) -> QuerySet[Conflict]:
    return Conflict.objects.filter(submission=submission)


def returned_to(agent: str) -> QuerySet[Submission]:
    """The forms of one agent that a reviewer returned, the longest waiting first."""
    found = Submission.objects.filter(agent=agent, state=SubmissionState.HAS_ISSUES)
    returns = Prefetch("steps", queryset=Step.objects.filter(move=Move.RETURN).order_by("at", "id"), to_attr="returns")
    return _with_version(found).prefetch_related(returns).order_by("received_at", "id")


def reason_of_return(submission: Any) -> Step | None:
    """The last return of a submission that ``returned_to`` gave."""
    return submission.returns[-1] if submission.returns else None


def next_waiting(submission: Submission) -> UUID | None:
    """The submission of the same questionnaire that has waited longest for a reviewer, beside this one."""
    waiting = _waiting(submission.version.instrument_id).exclude(pk=submission.pk)
    return waiting.values_list("pk", flat=True).first()


def attachment_of(attachment_id: UUID) -> Attachment | None:
    content = [f"submission__{name}" for name in queries.CONTENT_OF_VERSION]
    return Attachment.objects.filter(pk=attachment_id).select_related("submission__version").defer(*content).first()


@dataclass(frozen=True)
class Approved:
    """An approved submission and the revision that was its last when it was listed: what a reviewer has agreed to."""

    submission: UUID
    version: int
    revision: UUID


def approved(dataflow: str) -> list[Approved]:
    """Every approved submission of the versions that fill a dataflow, in the order of their receipt."""
    versions = [one.pk for one in queries.described_versions() if dataflow in queries.definition_of(one).dataflows]
    found = Submission.objects.filter(version__in=versions, state=SubmissionState.APPROVED)
    last = Revision.objects.filter(submission=OuterRef("pk")).order_by("-number").values("pk")[:1]
    listed = found.order_by("received_at", "id").values_list("pk", "version", Subquery(last))
    return [Approved(*one) for one in listed.iterator(chunk_size=2_000)]


def ready_to_freeze() -> dict[str, int]:
    """How many approved submissions each dataflow has."""
    counted = Submission.objects.filter(state=SubmissionState.APPROVED).order_by().values_list("version")
    ready: dict[int, int] = dict(counted.annotate(count=Count("pk")))
    found: dict[str, int] = {}
    for version in queries.described_versions().filter(pk__in=list(ready)):
        for code in queries.definition_of(version).dataflows:
            found[code] = found.get(code, 0) + ready[version.pk]
    return dict(sorted(found.items()))


def oldest_waiting(instrument: str = "") -> datetime | None:
    return _waiting(instrument).values_list("received_at", flat=True).first()


def conflict_of(conflict_id: UUID) -> Conflict | None:
    return Conflict.objects.filter(pk=conflict_id).first()


def choices_of_area(instrument: str) -> dict[str, Mapping[str, str]]:
    """The words of the areas that an instrument's board counts by."""
    version = _latest(instrument)
    if version is None:
        return {}
    name = queries.definition_of(version).board.area
    asked = next((one for one in queries.questions_of(version) if one.name == name), None)
    return {choice.name: choice.label for choice in asked.choices} if asked else {}
