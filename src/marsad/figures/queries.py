"""Reading the ledger of published figures."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from django.db.models import Count, Q, QuerySet

from marsad.catalogue.models import Area
from marsad.figures.models import Case, Figure, Proposal
from marsad.figures.rules import CaseState, ProposalState


def figures() -> QuerySet[Figure]:
    return Figure.objects.select_related("unit", "area", "case", "indicator")


def figures_of_indicator(indicator: str) -> QuerySet[Figure]:
    return figures().filter(indicator=indicator)


def figures_of_area(area: str) -> QuerySet[Figure]:
    return figures().filter(area=area)


def figure(code: str) -> Figure | None:
    return figures().filter(code=code).first()


def frozen_figure(columns: Mapping[str, object]) -> Figure:
    """A figure as it stood when an edition froze it: an unsaved record of its columns."""
    known = {field.attname for field in Figure._meta.fields}
    kept = {name: value for name, value in columns.items() if name in known}
    return Figure(**{**kept, "value": Decimal(str(columns["value"]))})


def cases() -> QuerySet[Case]:
    """Every case with ``figure_count``, the unsettled ones first."""
    return Case.objects.annotate(figure_count=Count("figures")).order_by("-state", "sort")


def case(code: str) -> Case | None:
    return Case.objects.select_related("recommended", "recommended__unit", "indicator").filter(code=code).first()


def case_figures(case: Case) -> QuerySet[Figure]:
    return figures().filter(case=case)


def cases_of_indicator(indicator: str) -> QuerySet[Case]:
    return cases().filter(Q(indicator=indicator) | Q(figures__indicator=indicator)).distinct()


def unsettled_count() -> int:
    return Case.objects.filter(state=CaseState.UNSETTLED).count()


def case_counts() -> tuple[int, int]:
    """How many cases are unsettled, and how many there are; one query."""
    found = Case.objects.aggregate(unsettled=Count("pk", filter=Q(state=CaseState.UNSETTLED)), every=Count("pk"))
    return found["unsettled"], found["every"]


def open_proposals() -> QuerySet[Proposal]:
    return Proposal.objects.select_related("case").filter(state=ProposalState.PROPOSED)


def proposals() -> QuerySet[Proposal]:
    return Proposal.objects.select_related("case")


def proposal(number: int) -> Proposal | None:
    return Proposal.objects.select_related("case").filter(pk=number).first()


def areas_with_figures() -> QuerySet[Area]:
    """The areas that at least one figure speaks of."""
    return Area.objects.defer("geometry").filter(figures__isnull=False).distinct()


def shown_content(proposal: Proposal) -> list[tuple[str, str]]:
    """What a proposal would write, field by field, in the order it was filled in; empty fields left out."""
    return [(name, str(value)) for name, value in proposal.content.items() if value not in (None, "", [])]
