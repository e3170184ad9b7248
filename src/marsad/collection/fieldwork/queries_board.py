"""The board of a sample: its account by AAPOR's dispositions, in all and by area, stratum, agent or day."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Sum

from marsad.collection.fieldwork.dispositions import category
from marsad.collection.fieldwork.models import Case, Sample, Visit
from marsad.collection.fieldwork.rules import CaseState
from migstat.estimation.survey_outcome_rates import OutcomeCounts, OutcomeRates, outcome_rates

BY = ("area", "stratum", "agent", "day")


@dataclass(frozen=True)
class Account:
    """A line of the board. ``name`` is a code or a day; ``visits`` are contact attempts."""

    name: str | date
    counts: OutcomeCounts
    visits: int

    @property
    def rates(self) -> OutcomeRates:
        return outcome_rates(self.counts)


def account_of(sample: Sample) -> Account:
    """The account of all released cases: those nobody went to yet are of unknown eligibility."""
    lines = _accounts(_released(sample), "sample_id")
    return lines[0] if lines else Account(sample.code, OutcomeCounts(), 0)


def accounts(sample: Sample, by: str) -> list[Account]:
    """The lines of the board. By day it counts visits and not cases: each day's own outcomes, the last day first."""
    if by == "day":
        visits = Visit.objects.filter(case__sample=sample, struck_at=None)
        return _lines(visits.order_by().values_list("on", "disposition").annotate(n=Count("pk"), v=Count("pk")))[::-1]
    return _accounts(_released(sample), {"agent": "agent_id"}.get(by, by))


def dispositions_of(sample: Sample) -> list[tuple[str, int]]:
    """How many released cases have each disposition, by code."""
    found = _released(sample).order_by("disposition").values_list("disposition")
    return [(code, count) for code, count in found.annotate(count=Count("pk"))]


def _released(sample: Sample) -> Any:
    return Case.objects.filter(sample=sample).exclude(state=CaseState.RESERVE)


def _accounts(cases: Any, field: str) -> list[Account]:
    return _lines(cases.order_by().values_list(field, "disposition").annotate(n=Count("pk"), v=Sum("visits")))


def _lines(rows: Any) -> list[Account]:
    counted: dict[Any, Counter[str]] = defaultdict(Counter)
    visits: Counter[Any] = Counter()
    for name, code, number, tried in rows:
        counted[name or ""][category(code).value] += number
        visits[name or ""] += tried or 0
    return [Account(name, OutcomeCounts.from_mapping(counted[name]), visits[name]) for name in sorted(counted)]
