"""Reading the catalogue."""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet

from marsad.catalogue.models import Area, Code, Indicator, SeriesBreak, Source, Theme, Unit
from marsad.web.read_once import read_once


def themes() -> QuerySet[Theme]:
    """Every theme with ``indicator_count``, the number of its indicators."""
    return Theme.objects.annotate(indicator_count=Count("indicators")).order_by("sort")


def theme(code: str) -> Theme | None:
    return Theme.objects.filter(code=code).first()


@read_once()
def indicators(theme: str | None = None) -> QuerySet[Indicator]:
    chosen = Indicator.objects.select_related("unit", "theme")
    return chosen if theme is None else chosen.filter(theme=theme)


@read_once()
def indicator(code: str) -> Indicator | None:
    return Indicator.objects.select_related("unit", "theme").filter(code=code).first()


@read_once()
def areas() -> QuerySet[Area]:
    return Area.objects.defer("geometry")


@read_once()
def areas_with_geometry() -> QuerySet[Area]:
    """Every area with its shape: for pages that draw a map."""
    return Area.objects.all()


@read_once()
def area(code: str) -> Area | None:
    return Area.objects.filter(code=code).first()


def mapped_areas(codes: list[str]) -> QuerySet[Area]:
    """The areas drawn on the map, with their geometry."""
    return Area.objects.filter(code__in=codes, geometry__isnull=False)


@read_once()
def breaks(indicator: str, area: str | None = None) -> QuerySet[SeriesBreak]:
    """Breaks in the series of an indicator: everywhere, and in one area where one is named (all areas otherwise)."""
    chosen = SeriesBreak.objects.filter(indicator=indicator)
    return chosen if area is None else chosen.filter(Q(area=None) | Q(area=area))


def breaks_of(indicators: list[str]) -> QuerySet[SeriesBreak]:
    """Breaks in the series of several indicators, in every area."""
    return SeriesBreak.objects.filter(indicator__in=indicators)


@read_once()
def codes(codelists: list[str]) -> dict[str, dict[str, Code]]:
    """The codes of several lists: list, then code."""
    found: dict[str, dict[str, Code]] = {name: {} for name in codelists}
    for code in Code.objects.filter(codelist__in=codelists):
        found[code.codelist_id][code.code] = code
    return found


def every_code() -> dict[str, dict[str, Code]]:
    """The codes of every list: list, then code, in the order of the pack; one query."""
    found: dict[str, dict[str, Code]] = {}
    for code in Code.objects.order_by("codelist", "sort"):
        found.setdefault(code.codelist_id, {})[code.code] = code
    return found


def sources() -> QuerySet[Source]:
    return Source.objects.select_related("publisher")


def source(code: str) -> Source | None:
    return Source.objects.select_related("publisher").filter(code=code).first()


def units() -> QuerySet[Unit]:
    return Unit.objects.all()
