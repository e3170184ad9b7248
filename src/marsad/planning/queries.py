"""Reading the plan's tags."""

from __future__ import annotations

from django.db.models import QuerySet

from marsad.planning.models import IndicatorTag, PlanTag


def tags(kind: str | None = None) -> QuerySet[PlanTag]:
    chosen = PlanTag.objects.select_related("parent")
    return chosen if kind is None else chosen.filter(kind=kind)


def tag(code: str) -> PlanTag | None:
    return PlanTag.objects.select_related("parent").filter(code=code).first()


def tags_of_indicator(indicator: str) -> QuerySet[PlanTag]:
    return tags().filter(indicator_tags__indicator=indicator)


def indicators_by_tag() -> dict[str, list[str]]:
    """The codes of the indicators of every tag."""
    found: dict[str, list[str]] = {}
    pairs = PlanTag.objects.exclude(indicator_tags=None).values_list("code", "indicator_tags__indicator_id")
    for tag, indicator in pairs.order_by("sort", "indicator_tags__indicator__sort"):
        found.setdefault(tag, []).append(indicator)
    return found


def tagged() -> list[tuple[PlanTag, str]]:
    """Every tag that some indicator speaks to, with the code of the indicator; one query."""
    pairs = IndicatorTag.objects.select_related("tag").order_by("tag__sort", "indicator__sort")
    return [(one.tag, one.indicator_id) for one in pairs]
