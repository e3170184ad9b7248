"""The chain behind one number: edition, table, definition, run, snapshots, deliveries, agreements; and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from marsad.catalogue import queries as catalogue
from marsad.dissemination import queries as dissemination
from marsad.dissemination.queries import Point
from marsad.dissemination.rules import parse_breakdown

KINDS = ("snapshot", "delivery", "agreement", "run")


@dataclass(frozen=True)
class Chain:
    """What the page and the file say of one number. ``provenance`` is None for an open table that others publish."""

    point: Point
    publication: str
    indicator: Any
    area: Any
    edition: Any
    source: Any
    provenance: Any
    parts: Sequence[tuple[str, str]]
    stale: Sequence[Any] = ()
    beside: Sequence[Any] = field(default=())

    @property
    def is_synthetic(self) -> bool:
        return self.point.origin == "synthetic"


def chain_of(publication: Any, indicator: str, area: str, period: str, part: str) -> Chain | None:
    """The chain of one number that a publication shows; None where it shows no such cell."""
    about, place = catalogue.indicator(indicator), catalogue.area(area)
    point = dissemination.point(publication, indicator=indicator, area=area, period=period, key=part)
    edition = dissemination.edition(point.dataflow, point.edition) if point else None
    if about is None or place is None or point is None or edition is None:
        return None
    provenance = dissemination.provenance_of(edition)
    return Chain(
        point=point,
        publication=publication.number,
        indicator=about,
        area=place,
        edition=edition,
        source=catalogue.source(point.source),
        provenance=provenance,
        parts=tuple(parse_breakdown(part).items()),
        stale=list(dissemination.staleness_of(edition)),
        beside=_beside(provenance, edition),
    )


def _beside(provenance: Any, edition: Any) -> list[Any]:
    """The other editions that rest on one of the same snapshots."""
    found: dict[int, Any] = {}
    for snapshot in provenance.snapshots if provenance else ():
        for other in dissemination.editions_resting_on("snapshot", snapshot["id"]):
            found[other.pk] = other
    found.pop(edition.pk, None)
    return list(found.values())


def as_plain(chain: Chain) -> dict[str, Any]:
    """The chain for machines: codes, dates and classes of size."""
    point = chain.point
    return {
        "publication": chain.publication,
        "number": {
            "indicator": point.indicator,
            "area": point.area,
            "period": point.period,
            "breakdown": dict(point.breakdown),
            "state": point.state,
            "value": point.value,
            "low": point.low,
            "high": point.high,
            "obs_status": point.status,
            "conf_status": point.withheld_for or "F",
            "population_base": point.base,
            "origin": point.origin,
        },
        "edition": {
            "dataflow": point.dataflow,
            "number": point.edition,
            "published_on": chain.edition.published_on.isoformat(),
            "vintage": point.vintage,
            "checksum": chain.edition.checksum,
            "observations": chain.edition.observation_count,
        },
        "source": _source(chain.source),
        "release": _release(chain.provenance),
        "stale": [_mark(mark) for mark in chain.stale],
        "rests_on_the_same": [str(edition) for edition in chain.beside],
    }


def _source(source: Any) -> dict[str, Any] | None:
    if source is None:
        return None
    return {
        "code": source.code,
        "url": source.url,
        "vintage": source.vintage,
        "licence": source.licence_en,
        "licence_url": source.licence_url,
        "sha256": source.sha256,
    }


def _release(provenance: Any) -> dict[str, Any] | None:
    if provenance is None:
        return None
    names = ("runs", "definitions", "snapshots", "deliveries", "agreements", "fingerprints", "approved_on", "quality")
    return {name: getattr(provenance, name) for name in names}


def _mark(mark: Any) -> Mapping[str, Any]:
    return {
        "cause": mark.cause,
        "subject": mark.subject,
        "since": mark.since.isoformat(),
        "replaced_by": str(mark.replaced_by) if mark.replaced_by else None,
        "changes": mark.changes,
        "finding_changes": mark.finding_changes,
    }
