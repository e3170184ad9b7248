"""Reading what is published: observations as plain values, by publication."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from marsad.dissemination.models import Dataflow, Edition, Observation, Publication


@dataclass(frozen=True, slots=True)
class Point:
    """One observation as pages, charts and files use it. ``value`` is None unless ``state`` is ``value``."""

    indicator: str
    area: str
    period: str
    period_start: date
    period_end: date
    breakdown: Mapping[str, str]
    breakdown_key: str
    state: str
    value: float | None
    withheld_for: str
    low: float | None
    high: float | None
    status: str
    base: str
    heading: str
    note_fr: str
    note_ar: str
    note_en: str
    dataflow: str
    edition: str
    vintage: str
    source: str
    origin: str


_COLUMNS = (
    "indicator_id",
    "area_id",
    "period",
    "period_start",
    "period_end",
    "breakdown",
    "breakdown_key",
    "state",
    "value",
    "withheld_for",
    "low",
    "high",
    "status",
    "base",
    "heading",
    "note_fr",
    "note_ar",
    "note_en",
    "edition__dataflow_id",
    "edition__number",
    "edition__vintage",
    "edition__dataflow__source_id",
    "edition__origin",
)


def current_publication() -> Publication | None:
    """The latest publication; None before the first load of a city."""
    return Publication.objects.order_by("-published_at", "-id").first()


def publication(number: str) -> Publication | None:
    return Publication.objects.filter(number=number).first()


def publications() -> QuerySet[Publication]:
    return Publication.objects.order_by("-published_at", "-id")


def points(
    publication: Publication,
    *,
    indicators: Sequence[str] | None = None,
    areas: Sequence[str] | None = None,
    breakdown_key: str | None = "",
) -> list[Point]:
    """The observations a publication shows, by indicator, area, start of the period and breakdown; one query.

    ``breakdown_key`` empty gives totals only, None every breakdown.
    """
    chosen = Observation.objects.filter(edition__publications=publication)
    if indicators is not None:
        chosen = chosen.filter(indicator__in=indicators)
    if areas is not None:
        chosen = chosen.filter(area__in=areas)
    if breakdown_key is not None:
        chosen = chosen.filter(breakdown_key=breakdown_key)
    rows = chosen.order_by("indicator", "area__sort", "period_start", "breakdown_key", "id").values_list(*_COLUMNS)
    return [Point(*row) for row in rows]


def measured_indicators(publication: Publication, area: str | None = None) -> frozenset[str]:
    """Codes of the indicators with at least one value in a publication (in ``area``, where one is named)."""
    observations = Observation.objects.filter(edition__publications=publication, state="value")
    if area is not None:
        observations = observations.filter(area=area)
    return frozenset(observations.order_by().values_list("indicator_id", flat=True).distinct())


def dataflows() -> QuerySet[Dataflow]:
    return Dataflow.objects.select_related("source", "source__publisher").prefetch_related("editions")


def editions(publication: Publication) -> QuerySet[Edition]:
    return publication.editions.select_related("dataflow", "dataflow__source", "dataflow__source__publisher")


def edition(dataflow: str, number: str) -> Edition | None:
    return Edition.objects.filter(dataflow=dataflow, number=number).first()


def edition_points(edition: Edition) -> Iterator[Point]:
    """Every observation of an edition, streamed: for downloads of a whole dataset."""
    rows = edition.observations.order_by("indicator", "area__sort", "period_start", "breakdown_key", "id")
    return (Point(*row) for row in rows.values_list(*_COLUMNS).iterator(chunk_size=2000))


def every_edition() -> QuerySet[Edition]:
    """The editions of every dataflow with their sources, earliest first: the revision history; one query."""
    return Edition.objects.select_related("dataflow", "dataflow__source", "dataflow__source__publisher")
