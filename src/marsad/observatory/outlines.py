"""Outlines of areas as paths on a small canvas, for pages that count things by place."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shapely.geometry import shape

_WIDTH = 420


@dataclass(frozen=True)
class Outline:
    """One area: its path, where its number stands, and the step of the ramp from 0 (none) to 4 (most)."""

    code: str
    name: str
    path: str
    x: float
    y: float
    count: int
    step: int


@dataclass(frozen=True)
class OutlineMap:
    width: int
    height: int
    areas: tuple[Outline, ...]


def outlines(areas: Sequence[tuple[str, str, Mapping[str, Any], int]]) -> OutlineMap | None:
    """Draw areas given as code, name, GeoJSON geometry in degrees and count; None where there is nothing to draw."""
    if not areas:
        return None
    shapes = [shape(geometry) for _, _, geometry, _ in areas]
    west, south = min(one.bounds[0] for one in shapes), min(one.bounds[1] for one in shapes)
    east, north = max(one.bounds[2] for one in shapes), max(one.bounds[3] for one in shapes)
    # A degree of longitude is narrower by the cosine of the latitude: a city is small enough for one factor.
    squeeze = math.cos(math.radians((south + north) / 2))
    scale = _WIDTH / ((east - west) * squeeze)

    def point(lon: float, lat: float) -> tuple[float, float]:
        return round((lon - west) * squeeze * scale, 1), round((north - lat) * scale, 1)

    most = max(count for *_, count in areas)
    drawn = []
    for (code, name, _, count), one in zip(areas, shapes, strict=True):
        inside = one.representative_point()
        x, y = point(inside.x, inside.y)
        drawn.append(Outline(code, name, _path(one, point), x, y, count, math.ceil(4 * count / most) if most else 0))
    return OutlineMap(_WIDTH, math.ceil((north - south) * scale), tuple(drawn))


def _path(one: Any, point: Any) -> str:
    parts = one.geoms if one.geom_type == "MultiPolygon" else [one]
    rings = [ring for part in parts for ring in (part.exterior, *part.interiors)]
    return " ".join(
        "M" + " L".join(f"{x} {y}" for x, y in (point(*at[:2]) for at in ring.coords)) + " Z" for ring in rings
    )
