"""An indicator on the map: GeoJSON of the places that have a boundary, each with its cell at a period."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from marsad.catalogue import queries as catalogue
from marsad.dissemination import queries_open as editions
from marsad.dissemination.queries import Point
from marsad.dissemination.rules import breakdown_key, parse_breakdown
from marsad.observatory.open_answers import NotFound, answered, etag, open_data
from marsad.observatory.open_files import observation
from marsad.observatory.open_structure import catalogue_version
from marsad.observatory.open_words import names_of
from marsad.observatory.series import latest_vintages
from migstat.exchange.sdmx_query import moment


@open_data
def geojson(request: HttpRequest, code: str) -> HttpResponseBase:
    """Features for ``?period=`` (the latest that most places have), ``?breakdown=`` (the total) and ``?asOf=``."""
    if catalogue.indicator(code) is None:
        raise NotFound("indicator.unknown", found=repr(code[:24]), remedy="see /api/v1/indicators")
    as_of = request.GET.get("asOf", "")
    in_force = editions.in_force(moment(as_of, "asOf").date() if as_of else None)
    key = breakdown_key(parse_breakdown(request.GET.get("breakdown", "")))
    period = request.GET.get("period", "")
    tag = etag(catalogue_version(), code, key, period, *(f"{each}" for each in in_force.values()))

    def write() -> Iterator[str]:
        found = list(
            editions.in_series(editions.of_editions(in_force.values(), editions.Wanted(code, breakdown_key=key)))
        )
        shaped = {area.code: area for area in catalogue.mapped_areas([point.area for point in found])}
        chosen = _at(period, [point for point in latest_vintages(found) if point.area in shaped])
        if not chosen:
            raise NotFound("map.nothing", found=f"{code} {period}"[:60], remedy="ask for another period or breakdown")
        return _features(chosen, shaped)

    return answered(request, tag, write, "application/geo+json", name=f"{code}.geojson")


def _at(period: str, points: Sequence[Point]) -> list[Point]:
    """The points of a period; without one, of the latest period among those that the most places have."""
    by_period: dict[str, list[Point]] = {}
    for point in points:
        by_period.setdefault(point.period, []).append(point)
    if period:
        return by_period.get(period, [])
    return max(by_period.values(), key=lambda held: (len({p.area for p in held}), held[0].period_end), default=[])


def _features(points: Sequence[Point], shaped: dict[str, Any]) -> Iterator[str]:
    yield '{"type":"FeatureCollection","features":['
    for number, point in enumerate(points):
        area = shaped[point.area]
        told = observation(point) | {"breakdown": dict(point.breakdown), "level": area.level}
        told |= {f"name_{language}": name for language, name in names_of(area).items()}
        feature = {"type": "Feature", "id": point.area, "geometry": area.geometry, "properties": told}
        yield f"{',' if number else ''}\n{json.dumps(feature, ensure_ascii=False, default=str)}"
    yield "\n]}"
