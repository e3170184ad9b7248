"""Reading submissions: the board with its counts, and one submission with its history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, IntegerField, Q, QuerySet, When
from django.db.models.functions import TruncDate
from django.utils import timezone

from marsad.collection.instruments import queries
from marsad.collection.instruments.models import Attachment, Conflict, Step, Submission, Version
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


def submissions(chosen: Filter) -> QuerySet[Submission]:
    """The submissions of a filter: those that wait for a reviewer, the longest waiting first, then the others by day."""
    found = Submission.objects.select_related("version", "device")
    if chosen.instrument:
        found = found.filter(version__instrument_id=chosen.instrument)
    for name in ("state", "area", "agent"):
        if getattr(chosen, name):
            found = found.filter(**{name: getattr(chosen, name)})
    waits = Case(When(state__in=[state.value for state in WAITING], then=0), default=1, output_field=IntegerField())
    return (found.filter(conflicts__gt=0) if chosen.conflicts else found).order_by(waits, "received_at", "id")


def counts_by_state(instrument: str = "") -> dict[str, int]:
    """How many submissions stand in each state; a state without any has 0, because all were counted."""
    found = submissions(Filter(instrument)).order_by().values_list("state").annotate(count=Count("pk"))
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


def _completed(instrument: str) -> tuple[str, ...]:
    version = Version.objects.filter(instrument_id=instrument).order_by("-loaded_at", "-id").first()
    return queries.definition_of(version).board.completed if version else ()


def rates(instrument: str, by: str) -> list[Rate]:
    """Response rates by ``area``, ``agent`` or ``day``: completed visits of all visits that were sent in."""
    found = Submission.objects.filter(version__instrument_id=instrument)
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
    version = Version.objects.filter(instrument_id=instrument).order_by("-loaded_at", "-id").first()
    board = queries.definition_of(version).board if version else None
    return {"area": bool(board and board.area), "outcome": bool(board and board.outcome)}


def submission_of(submission_id: UUID) -> Submission | None:
    return Submission.objects.filter(pk=submission_id).select_related("version__instrument", "device").first()


def conflicts_of(submission: Submission) -> QuerySet[Conflict]:
    return Conflict.objects.filter(submission=submission)


def returned_to(agent: str) -> QuerySet[Submission]:
    """The forms of one agent that a reviewer returned, the longest waiting first."""
    found = Submission.objects.filter(agent=agent, state=SubmissionState.HAS_ISSUES)
    return found.select_related("version__instrument", "device").order_by("received_at", "id")


def reason_of_return(submission: Submission) -> Step | None:
    return submission.steps.filter(move=Move.RETURN).order_by("-at", "-id").first()


def next_waiting(submission: Submission) -> UUID | None:
    """The submission of the same questionnaire that has waited longest for a reviewer, beside this one."""
    waiting = submissions(Filter(submission.version.instrument_id)).filter(state__in=[state.value for state in WAITING])
    return waiting.exclude(pk=submission.pk).values_list("pk", flat=True).first()


def attachment_of(attachment_id: UUID) -> Attachment | None:
    return Attachment.objects.filter(pk=attachment_id).select_related("submission__version").first()


def approved(dataflow: str) -> Iterator[Submission]:
    """Every approved submission of the versions that fill a dataflow, in the order of their receipt."""
    versions = [one.pk for one in Version.objects.all() if dataflow in queries.definition_of(one).dataflows]
    found = Submission.objects.filter(version__in=versions, state=SubmissionState.APPROVED).select_related("version")
    return found.order_by("received_at", "id").iterator(chunk_size=500)


def ready_to_freeze() -> dict[str, int]:
    """How many approved submissions each dataflow has."""
    found: dict[str, int] = {}
    for version in Version.objects.annotate(
        ready=Count("submissions", filter=Q(submissions__state=SubmissionState.APPROVED))
    ):
        for code in queries.definition_of(version).dataflows:
            found[code] = found.get(code, 0) + version.ready
    return {code: count for code, count in sorted(found.items()) if count}


def oldest_waiting(instrument: str = "") -> datetime | None:
    found = submissions(Filter(instrument)).filter(state__in=[state.value for state in WAITING])
    return found.values_list("received_at", flat=True).first()


def conflict_of(conflict_id: UUID) -> Conflict | None:
    return Conflict.objects.filter(pk=conflict_id).first()


def choices_of_area(instrument: str) -> dict[str, Mapping[str, str]]:
    """The words of the areas that an instrument's board counts by."""
    version = Version.objects.filter(instrument_id=instrument).order_by("-loaded_at", "-id").first()
    if version is None:
        return {}
    name = queries.definition_of(version).board.area
    asked = next((one for one in queries.questions_of(version) if one.name == name), None)
    return {choice.name: choice.label for choice in asked.choices} if asked else {}
