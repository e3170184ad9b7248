"""The charts of the observatory as plain values: what is drawn, in which words. One definition serves page, file and print.

A drawing holds everything that its picture shows, so equal drawings have equal pictures and a picture is made once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from marsad.dissemination.queries import Point
from migstat.model import Refused


@dataclass(frozen=True, slots=True)
class Reading:
    """One mark: its name on the chart, the state of its cell, its number and interval, and the words that are read aloud."""

    name: str
    state: str
    value: float | None
    words: str
    written: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Axis:
    """How numbers are written along the axis: ``suffix`` is a per cent or per mille sign, or nothing."""

    language: str
    suffix: str = ""
    decimals: int = 0


@dataclass(frozen=True, slots=True)
class MappedArea:
    """An area of the map: its reading, the step of the ramp (0 for zero, None for no value), and where its name stands."""

    code: str
    reading: Reading
    step: int | None
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class MapDrawing:
    """``shapes`` is the text of a GeoJSON feature collection with property ``code``."""

    axis: Axis
    areas: tuple[MappedArea, ...]
    shapes: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A row of a dumbbell; ``joined`` only where the two values compare."""

    before: Reading
    after: Reading
    joined: bool
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Dumbbell:
    axis: Axis
    first: str
    last: str
    rows: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class LinePoint:
    """``at`` is the year and its fraction; ``segment`` changes where the series breaks, and no line joins two segments."""

    at: float
    segment: int
    reading: Reading


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    points: tuple[LinePoint, ...]
    emphasised: bool = False


@dataclass(frozen=True, slots=True)
class Lines:
    """``breaks`` are the years at which every series breaks, each with a word to write beside it."""

    axis: Axis
    lines: tuple[Line, ...]
    breaks: tuple[tuple[float, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Bars:
    axis: Axis
    rows: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class Pyramid:
    """Two sides, one for each sex, band by band from the youngest."""

    axis: Axis
    left: str
    right: str
    bands: tuple[tuple[str, Reading, Reading], ...]


Drawing = MapDrawing | Dumbbell | Lines | Bars | Pyramid


def one_axis(points: Iterable[Point], indicators: dict[str, Any]) -> None:
    """Refuse points that must not share an axis: a stock and a flow, two units, or real and synthetic figures.

    ``indicators`` gives for each code a record with ``kind`` and ``unit_id``.
    """
    shown = list(points)
    _one(
        ("chart.stock_flow", "a stock and a flow on one axis", "draw two charts"),
        {indicators[p.indicator].kind for p in shown},
    )
    _one(("chart.units", "two units on one axis", "draw two charts"), {indicators[p.indicator].unit_id for p in shown})
    _one(("chart.origins", "real and synthetic figures in one chart", "keep them apart"), {p.origin for p in shown})


def _one(refusal: tuple[str, str, str], found: set[str]) -> None:
    if len(found) > 1:
        rule, what, remedy = refusal
        raise Refused(rule, found=f"{what}: {', '.join(sorted(found))}", remedy=remedy)
