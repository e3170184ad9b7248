"""The exploring map as plain data: shapes once, and a layer of classes and words for each indicator and period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from marsad.dissemination.queries import Point
from marsad.observatory import findings
from marsad.observatory.drawings import ramp, step
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
    return {
        "indicator": indicator.code,
        "name": said(indicator, "name", language),
        "period": period,
        "areas": {area.code: _shown(points.get(area.code), indicator, classes, language) for area in areas},
        "legend": _legend(indicator, points, classes, areas, language),
    }


def _shown(point: Point | None, indicator: Any, classes: list[tuple[float, float]], language: str) -> dict[str, Any]:
    if point is None or point.value is None:
        state = point.state if point is not None else "missing"
        return {"state": state, "class": None, "text": state_words(state, point.withheld_for if point else "")}
    return {"state": "value", "class": step(point, classes), "text": findings.written(point.value, indicator, language)}


def _legend(
    indicator: Any, points: Mapping[str, Point], classes: list[tuple[float, float]], areas: Sequence[Any], language: str
) -> list[dict[str, str]]:
    entries = [{"swatch": "zero", "text": _("zero")}] if any(p.value == 0 for p in points.values()) else []
    for index, ends in enumerate(classes):
        low, high = (findings.short(end, indicator, language) for end in ends)
        text = low if low == high else _("%(low)s to %(high)s") % {"low": low, "high": high}
        entries.append({"swatch": str(ramp(len(classes))[index]), "text": text})
    states = {points[area.code].state if area.code in points else "missing" for area in areas}
    return entries + [
        {"swatch": state, "text": state_words(state)}
        for state in ("missing", "not_applicable", "withheld")
        if state in states
    ]


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
