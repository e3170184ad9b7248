"""The exploring map as plain data: shapes once, and a layer of classes and words for each indicator and period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from django.urls import reverse

from marsad.dissemination.queries import Point
from marsad.observatory import findings
from marsad.observatory.drawings import map_key, step
from marsad.observatory.series import natural_classes
from marsad.web.templatetags.marsad import state_words
from marsad.web.words import said


def layers(
    points: Sequence[Point], indicators: Mapping[str, Any], areas: Sequence[Any], language: str
) -> dict[str, Any]:
    """JSON of the map. The classes of an indicator are the same for all its periods, so that years can be compared."""
    found: dict[str, dict[str, dict[str, Point]]] = {}
    for point in points:
        found.setdefault(point.indicator, {}).setdefault(point.period, {})[point.area] = point
    drawn = []
    for code in sorted(found, key=lambda code: (indicators[code].theme.sort, indicators[code].sort)):
        values = [p.value for by_area in found[code].values() for p in by_area.values() if p.value is not None]
        classes = natural_classes(values)
        for period in sorted(found[code]):
            drawn.append(_layer(indicators[code], period, found[code][period], classes, areas, language))
    return {"layers": [layer for layer in drawn if layer is not None], "shapes": _shapes(areas, language)}


def _layer(
    indicator: Any,
    period: str,
    points: Mapping[str, Point],
    classes: list[tuple[float, float]],
    areas: Sequence[Any],
    language: str,
) -> dict[str, Any] | None:
    if len(points) < 2 or not any(point.state == "value" for point in points.values()):
        return None
    drawn = [points.get(area.code) for area in areas]
    return {
        "indicator": indicator.code,
        "name": said(indicator, "name", language),
        "period": period,
        "areas": {area.code: _shown(points.get(area.code), indicator, classes, language) for area in areas},
        "legend": [asdict(entry) for entry in map_key(indicator, drawn, classes, language)],
    }


def _shown(point: Point | None, indicator: Any, classes: list[tuple[float, float]], language: str) -> dict[str, Any]:
    if point is None or point.value is None:
        state = point.state if point is not None else "missing"
        return {"state": state, "class": None, "text": state_words(state, point.withheld_for if point else "")}
    return {"state": "value", "class": step(point, classes), "text": findings.written(point.value, indicator, language)}


def _shapes(areas: Sequence[Any], language: str) -> dict[str, Any]:
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {
                    "code": area.code,
                    "name": said(area, "name", language),
                    "url": reverse("observatory:area", args=[area.code]),
                },
                "geometry": area.geometry,
            }
            for area in areas
        ],
    }
