"""Summaries of indicators: one line each, with what changed and what does not compare, for areas, themes and lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from marsad.catalogue import queries as catalogue
from marsad.dissemination import queries as dissemination
from marsad.dissemination.queries import Point
from marsad.observatory import tables
from marsad.observatory.city import city
from marsad.observatory.series import by_area, change, comparable_ends, ends, latest_vintages
from marsad.web.words import said


@dataclass(frozen=True)
class Summary:
    """An indicator in one place: first and last value, the change, and the same of the place it is compared with.

    ``is_stale`` where the ground of one of these numbers has moved since it was published.
    """

    indicator: Any
    before: Point | None
    after: Point | None
    change: str
    beside: Point | None
    reason: str
    is_stale: bool = False


@dataclass(frozen=True)
class Group:
    theme: Any
    summaries: list[Summary]
    divided: list[Any]
    elsewhere: list[Any]
    unmeasured: list[Any]


def groups(publication: Any, area: str, beside: str = "", theme: str | None = None) -> list[Group]:
    """The indicators of every theme (or one) in an area: with a total, in parts only, measured elsewhere only, not measured."""
    indicators = list(catalogue.indicators(theme))
    codes = [indicator.code for indicator in indicators]
    areas = [code for code in (area, beside) if code]
    totals: dict[str, list[Point]] = {}
    for point in latest_vintages(dissemination.points(publication, indicators=codes, areas=areas)):
        totals.setdefault(point.indicator, []).append(point)
    here = dissemination.measured_indicators(publication, area)
    measured = dissemination.measured_indicators(publication)
    breaks = list(catalogue.breaks_of(codes))
    by_theme: dict[str, list[Any]] = {}
    for indicator in indicators:
        by_theme.setdefault(indicator.theme_id, []).append(indicator)
    themes = {indicator.theme_id: indicator.theme for indicator in indicators}
    marked = dissemination.marked_editions(publication)
    return [
        _marked(_group(themes[code], found, totals, (here, measured), breaks, (area, beside)), marked)
        for code, found in by_theme.items()
    ]


def _marked(group: Group, marked: frozenset[tuple[str, str]]) -> Group:
    """The group with a mark on each line that shows a number whose ground has moved."""

    def moved(one: Summary) -> bool:
        return any((point.dataflow, point.edition) in marked for point in (one.before, one.after, one.beside) if point)

    return replace(group, summaries=[replace(one, is_stale=moved(one)) for one in group.summaries])


def _group(
    theme: Any,
    indicators: Iterable[Any],
    totals: Mapping[str, list[Point]],
    measured: tuple[frozenset[str], frozenset[str]],
    breaks: Sequence[Any],
    places: tuple[str, str],
) -> Group:
    here, anywhere = measured
    group = Group(theme, [], [], [], [])
    for indicator in indicators:
        if any(point.area == places[0] for point in totals.get(indicator.code, [])):
            mine = [found for found in breaks if found.indicator_id == indicator.code]
            group.summaries.append(summary(indicator, totals[indicator.code], mine, places))
        elif indicator.code in here:
            group.divided.append(indicator)
        elif indicator.code in anywhere:
            group.elsewhere.append(indicator)
        else:
            group.unmeasured.append(indicator)
    return group


def summary(indicator: Any, points: Iterable[Point], breaks: Sequence[Any], places: tuple[str, str]) -> Summary:
    """One indicator in ``places[0]``, beside ``places[1]``."""
    found = by_area(points)
    here = found.get(places[0], [])
    before, after = comparable_ends(here, breaks, flow=indicator.kind == "flow")
    moved = change(before, after, breaks, indicator.decimals)
    shown = after or (here[-1] if here else None)
    reason = said(moved.crossed, "text") if moved.crossed is not None else ""
    _first, beside = ends(found.get(places[1], []))
    absent = next((point for point in here if after is not None and point.period_start < after.period_start), None)
    return Summary(indicator, before or absent, shown, tables.change_cell(moved, indicator), beside, reason)


def map_content(publication: Any, language: str) -> dict[str, Any]:
    """What the exploring map draws: for each indicator and period the class and the words of every mapped area."""
    from marsad.observatory.map_layers import layers

    areas = {area.code: area for area in catalogue.areas_with_geometry()}
    mapped = [code for code in city()["map_areas"] if code in areas and areas[code].geometry]
    indicators = {found.code: found for found in catalogue.indicators()}
    points = dissemination.points(publication, areas=mapped)
    return layers(points, indicators, [areas[code] for code in mapped], language)
