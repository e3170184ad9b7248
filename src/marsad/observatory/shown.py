"""Everything that the pages of one indicator show, read once: a handful of queries, whatever is drawn from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from marsad.catalogue import queries as catalogue
from marsad.dissemination import queries as dissemination
from marsad.dissemination.queries import Point
from marsad.observatory.city import city
from marsad.observatory.series import (
    Break,
    Change,
    by_area,
    change,
    comparable_ends,
    ends,
    latest_vintages,
    periods,
    whole_periods,
)
from marsad.web.words import said

# Breakdowns that split people or places, and do not divide a whole into parts to be compared.
SPLITS = frozenset({"sex", "milieu"})


@dataclass(frozen=True)
class Shown:
    """An indicator with the cells that one publication shows of it. ``areas`` are in the order of the pack."""

    publication: Any
    indicator: Any
    points: Sequence[Point]
    areas: Mapping[str, Any]
    breaks: Sequence[Break]
    codes: Mapping[str, Mapping[str, Any]]
    every_edition: Sequence[Any]
    language: str

    @cached_property
    def by_key(self) -> dict[str, list[Point]]:
        """The points of every breakdown, in their latest vintage; the total stands under the empty key."""
        found: dict[str, list[Point]] = {}
        for point in latest_vintages(self.points):
            found.setdefault(point.breakdown_key, []).append(point)
        return found

    def earlier_vintages(self, key: str, area: str) -> dict[str, list[Point]]:
        """The points that a later vintage has replaced, by vintage: kept beside the series, never inside it."""
        kept = {id(point) for point in self.by_key.get(key, [])}
        found: dict[str, list[Point]] = {}
        for point in self.points:
            if point.breakdown_key == key and point.area == area and id(point) not in kept:
                found.setdefault(point.vintage, []).append(point)
        return found

    @property
    def flow(self) -> bool:
        return str(self.indicator.kind) == "flow"

    def sampled(self, points: Iterable[Point]) -> str:
        """What the city pack says of values that were asked of a sample; empty where none of the points was."""
        survey = city().get("sampled")
        if survey is None or self.indicator.code not in survey["indicators"]:
            return ""
        asked = any(point.dataflow in survey["dataflows"] and point.state == "value" for point in points)
        return said(survey, "text", self.language) if asked else ""

    @cached_property
    def part_list(self) -> str | None:
        """The code list that divides this indicator into parts (types of dwelling, ages); None where it has a total only."""
        lists = [name for name in self.indicator.breakdowns if name not in SPLITS]
        return next((name for name in lists if any(key.startswith(f"{name}=") for key in self.by_key)), None)

    @cached_property
    def has_total(self) -> bool:
        return "" in self.by_key

    @cached_property
    def parts(self) -> list[tuple[str, str]]:
        """Key and name of each part, in the order of its code list."""
        if self.part_list is None:
            return []
        listed = self.codes.get(self.part_list, {})
        keys = [(code, f"{self.part_list}={code}") for code in listed]
        return [(key, said(listed[code], "name", self.language)) for code, key in keys if key in self.by_key]

    @cached_property
    def home(self) -> str:
        """The area the city speaks for, or the nearest that has data: the first in the pack's order."""
        with_data = {point.area for point in self.points}
        wanted = city()["home_area"]
        if wanted in with_data or not with_data:
            return str(wanted)
        return next((code for code in self.areas if code in with_data), str(wanted))

    @property
    def mapped(self) -> list[str]:
        return [code for code in city()["map_areas"] if code in self.areas]

    def name_of(self, area: str) -> str:
        return said(self.areas[area], "name", self.language)

    def key_or_default(self, asked: str) -> str:
        """The breakdown to draw: the one asked for, else the total, else the largest part at home."""
        if asked in self.by_key:
            return asked
        if self.has_total or not self.parts:
            return ""
        at_home = [(self.last(self.home, key), key) for key, _ in self.parts]
        valued = [(point.value, key) for point, key in at_home if point is not None and point.value is not None]
        return max(valued, default=(0.0, self.parts[0][0]))[1]

    def part_name(self, key: str) -> str:
        return dict(self.parts).get(key, "")

    def series(self, key: str, areas: Iterable[str] | None = None) -> dict[str, list[Point]]:
        """The points of a breakdown by area, in the order of ``areas``."""
        found = by_area(self.by_key.get(key, []))
        return {code: found[code] for code in (areas if areas is not None else self.areas) if code in found}

    def last(self, area: str, key: str) -> Point | None:
        return ends(self.series(key, [area]).get(area, []))[1]

    def change(self, area: str, key: str = "", first: str = "", last: str = "") -> Change:
        """From the first to the last value of an area, or between two periods asked for."""
        points = self.series(key, [area]).get(area, [])
        before, after = comparable_ends(points, self.breaks, flow=self.flow)
        if first:
            before = next((point for point in points if point.period == first), None)
        if last:
            after = next((point for point in points if point.period == last), None)
        return change(before, after, self.breaks, self.indicator.decimals)

    def periods(self, key: str, areas: Iterable[str] | None = None) -> list[str]:
        return periods(point for points in self.series(key, areas).values() for point in points)

    def whole_periods(self, key: str, area: str) -> list[str]:
        """The periods of one area that compare with one another: of a flow, without a year under way."""
        points = self.series(key, [area]).get(area, [])
        return periods(whole_periods(points) if self.flow else points)

    @cached_property
    def sources(self) -> list[Any]:
        """The sources of the points, the most recent vintage last."""
        found = {edition.dataflow.source_id: edition.dataflow.source for edition in self.editions}
        return sorted(found.values(), key=lambda source: source.vintage)

    @cached_property
    def editions(self) -> list[Any]:
        """Every edition of the dataflows that these points come from: the revision history, latest first."""
        used = {point.dataflow for point in self.points}
        found = [edition for edition in self.every_edition if edition.dataflow_id in used]
        return sorted(found, key=lambda edition: (edition.published_on, edition.pk), reverse=True)


def shown(publication: Any, indicator: Any, language: str) -> Shown:
    """Read what a page of this indicator shows; five queries."""
    lists = [*indicator.breakdowns]
    return Shown(
        publication=publication,
        indicator=indicator,
        points=dissemination.points(publication, indicators=[indicator.code], breakdown_key=None),
        areas={area.code: area for area in catalogue.areas_with_geometry()},
        breaks=list(catalogue.breaks(indicator.code)),
        codes=catalogue.codes(lists) if lists else {},
        every_edition=list(dissemination.every_edition()),
        language=language,
    )
