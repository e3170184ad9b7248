"""Reading what is published: observations as plain values, by publication."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from marsad.audit.queries import newest_write
from marsad.dissemination.models import Dataflow, Edition, Observation, Provenance, Publication, Staleness, Tombstone
from marsad.web.read_once import read_once
from migstat.model import Origin


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
# Of lists of cells: the pages and files of one indicator, in each language, are written one after another.
_MOST_READINGS = 4


@read_once()
def current_publication() -> Publication | None:
    """The latest publication; None before the first load of a city."""
    return Publication.objects.order_by("-published_at", "-id").first()


def current_publication_after(apps: Iterable[str]) -> tuple[Publication, int] | None:
    """The latest publication, and the number of the newest write of some apps (0 before the first); one query."""
    newest = Subquery(newest_write(apps))
    found = Publication.objects.annotate(newest_write=newest).order_by("-published_at", "-id").first()
    return (found, found.newest_write or 0) if found else None


@read_once()
def publication(number: str) -> Publication | None:
    return Publication.objects.filter(number=number).first()


def publications() -> QuerySet[Publication]:
    return Publication.objects.order_by("-published_at", "-id")


@read_once(_MOST_READINGS)
def points(
    publication: Publication,
    *,
    indicators: Sequence[str] | None = None,
    areas: Sequence[str] | None = None,
    breakdown_key: str | None = "",
) -> list[Point]:
    """The observations a publication shows, by indicator, area, start of the period and breakdown; one query.

    ``breakdown_key`` empty gives totals only, None every breakdown. Those of a withdrawn edition are shown nowhere.
    """
    chosen = Observation.objects.filter(edition__publications=publication, edition__tombstone=None)
    if indicators is not None:
        chosen = chosen.filter(indicator__in=indicators)
    if areas is not None:
        chosen = chosen.filter(area__in=areas)
    if breakdown_key is not None:
        chosen = chosen.filter(breakdown_key=breakdown_key)
    rows = chosen.order_by("indicator", "area__sort", "period_start", "breakdown_key", "id").values_list(*_COLUMNS)
    return [Point(*row) for row in rows]


def shows_synthetic(publication: Publication, indicator: str) -> bool:
    """Whether the numbers of an indicator that a publication shows are made up."""
    shown = Observation.objects.filter(edition__publications=publication, edition__tombstone=None, indicator=indicator)
    return shown.filter(edition__origin=Origin.SYNTHETIC).exists()


def measured_indicators(publication: Publication, area: str | None = None) -> frozenset[str]:
    """Codes of the indicators with at least one value in a publication (in ``area``, where one is named)."""
    observations = Observation.objects.filter(edition__publications=publication, edition__tombstone=None, state="value")
    if area is not None:
        observations = observations.filter(area=area)
    return frozenset(observations.order_by().values_list("indicator_id", flat=True).distinct())


def dataflows() -> QuerySet[Dataflow]:
    return Dataflow.objects.select_related("source", "source__publisher").prefetch_related(
        "editions", "editions__tombstone"
    )


def editions(publication: Publication) -> QuerySet[Edition]:
    """The editions that a publication shows, each with ``is_marked``: whether its ground has moved since."""
    found = publication.editions.select_related("dataflow", "dataflow__source", "dataflow__source__publisher")
    return found.annotate(is_marked=Exists(Staleness.objects.filter(edition=OuterRef("pk"))))


def edition(dataflow: str, number: str) -> Edition | None:
    return Edition.objects.filter(dataflow=dataflow, number=number).first()


def edition_points(edition: Edition) -> Iterator[Point]:
    """Every observation of an edition, streamed: for downloads of a whole dataset."""
    return streamed(edition.observations.order_by("indicator", "area__sort", "period_start", "breakdown_key", "id"))


def streamed(observations: QuerySet[Observation]) -> Iterator[Point]:
    """Observations as points, read in chunks: a whole edition is never in memory."""
    return (Point(*row) for row in observations.values_list(*_COLUMNS).iterator(chunk_size=2000))


@read_once()
def every_edition() -> QuerySet[Edition]:
    """The editions of every dataflow with their sources, earliest first: the revision history; one query.

    Each says whether it ``is_withdrawn`` and whether it ``is_marked``, so that a page asks for what was said of them
    only where something was.
    """
    return Edition.objects.select_related("dataflow", "dataflow__source", "dataflow__source__publisher").annotate(
        is_withdrawn=Exists(Tombstone.objects.filter(edition=OuterRef("pk"))),
        is_marked=Exists(Staleness.objects.filter(edition=OuterRef("pk"))),
    )


def provenance_of(edition: Edition) -> Provenance | None:
    """The chain of a released edition; None for one of the city pack, whose source says it all."""
    return Provenance.objects.filter(edition=edition).first()


def released_as(release: str) -> Edition | None:
    """The edition that a release made, if it was published."""
    found = Provenance.objects.select_related("edition").filter(release=release).first()
    return found.edition if found else None


def tombstone_of(edition: Edition) -> Tombstone | None:
    return Tombstone.objects.filter(edition=edition).first()


def tombstones(publication: Publication, indicator: str = "") -> list[Tombstone]:
    """The editions of a publication (with cells of ``indicator``) that were withdrawn since."""
    found = Tombstone.objects.select_related("edition", "edition__dataflow").filter(edition__publications=publication)
    if indicator:
        found = found.filter(edition__in=Observation.objects.filter(indicator=indicator).values("edition"))
    return list(found.order_by("withdrawn_at"))


def withdrawn_last(indicator: str) -> Tombstone | None:
    """The last withdrawal that touched an indicator."""
    editions = Observation.objects.filter(indicator=indicator).values("edition")
    found = Tombstone.objects.select_related("edition", "edition__dataflow").filter(edition__in=editions)
    return found.order_by("-withdrawn_at").first()


def staleness_of(edition: Edition) -> QuerySet[Staleness]:
    """The marks on an edition, the earliest first."""
    return edition.staleness.select_related("edition", "edition__dataflow", "replaced_by")


def stale_marks(publication: Publication, indicator: str) -> list[Staleness]:
    """The marks on the editions that a publication shows of an indicator."""
    editions = Observation.objects.filter(indicator=indicator, edition__publications=publication).values("edition")
    marks = Staleness.objects.select_related("edition", "edition__dataflow", "replaced_by")
    return list(marks.filter(edition__in=editions, edition__tombstone=None))


@read_once()
def marked_editions(publication: Publication) -> frozenset[tuple[str, str]]:
    """Dataflow and number of the editions that a publication shows and whose ground has moved; one query."""
    marks = Staleness.objects.filter(edition__publications=publication, edition__tombstone=None)
    return frozenset(marks.values_list("edition__dataflow", "edition__number"))


def stale_editions() -> QuerySet[Staleness]:
    """Every mark, the latest first: what rests on them (a brief, a decision) asks here."""
    return Staleness.objects.select_related("edition", "edition__dataflow", "replaced_by").order_by("-since", "-id")


def editions_resting_on(kind: str, code: str) -> list[Edition]:
    """The released editions whose chain names a snapshot, delivery, agreement or run, the latest first."""
    columns = {"snapshot": "snapshots", "delivery": "deliveries", "agreement": "agreements", "run": "runs"}
    found = Provenance.objects.select_related("edition", "edition__dataflow").order_by("-edition__published_on")
    return [each.edition for each in found if code in _codes(getattr(each, columns[kind]))]


def _codes(entries: Sequence[Mapping[str, str] | str]) -> set[str]:
    return {entry if isinstance(entry, str) else str(entry["id"]) for entry in entries}


def frozen_figures(publication: Publication, indicator: str) -> list[Mapping[str, object]]:
    """The figures found in print about an indicator, as they stood when its edition was published."""
    chains = Provenance.objects.filter(edition__publications=publication).order_by("-edition__published_on")
    for chain in chains:
        if indicator in chain.indicators:
            return [figure for figure in chain.figures if figure.get("indicator_id") == indicator]
    return []


def point(publication: Publication, *, indicator: str, area: str, period: str, key: str) -> Point | None:
    """One observation of a publication, the latest vintage where there are several; None where it shows none."""
    found = points(publication, indicators=[indicator], areas=[area], breakdown_key=key)
    return max((each for each in found if each.period == period), key=lambda each: each.vintage, default=None)
