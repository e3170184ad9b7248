"""From the data of an indicator to a chart: which one its data can fill, with its title and table. None where it cannot."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _

from marsad.dissemination.queries import Point
from marsad.observatory import findings, tables
from marsad.observatory.charts import (
    Axis,
    Bars,
    Drawing,
    Dumbbell,
    Line,
    LinePoint,
    Lines,
    MapDrawing,
    MappedArea,
    Pair,
    Pyramid,
    Reading,
    one_axis,
)
from marsad.observatory.series import Direction, natural_classes, whole_periods
from marsad.observatory.shown import Shown
from marsad.web.dates import period
from marsad.web.templatetags.marsad import state_words
from marsad.web.words import said
from migstat.model import Period

if TYPE_CHECKING:
    from marsad.observatory.cards import Choice

MOST_LINES: Final = 8
MOST_ROWS: Final = 16
SEXES: Final = ("F", "M")


@dataclass(frozen=True)
class Key:
    """An entry of the key beside a map."""

    swatch: str
    text: str


@dataclass(frozen=True)
class Picture:
    """A drawing with its words, and the points that it shows."""

    drawing: Drawing
    title: str
    subtitle: str
    table: tables.Table
    points: Sequence[Point]
    width: str = "narrow"
    legend: Sequence[Key] = ()


def picture(shown: Shown, chart: str, choice: Choice) -> Picture | None:
    """The chart of that name. Raises Refused where its points must not share an axis."""
    makers = {"map": _map, "change": _change, "parts": _parts, "sex": _sex, "pyramid": _pyramid}
    made = makers[chart](shown, choice) if chart in makers else None
    if made is not None:
        one_axis(made.points, {shown.indicator.code: shown.indicator})
    return made


def axis(shown: Shown) -> Axis:
    suffix = "%" if shown.indicator.unit_id == "percent" else ""
    return Axis(shown.language, suffix, shown.indicator.decimals)


def reading(shown: Shown, name: str, point: Point | None) -> Reading:
    """A mark and its words; a cell that the table does not have at all is a missing one."""
    colon = findings.COLON[shown.language]
    if point is None or point.value is None:
        state, reason = (point.state, point.withheld_for) if point is not None else ("missing", "")
        words = state_words(state, reason)
        when = f" ({period(point.period, shown.language)})" if point is not None else ""
        return Reading(name, state, None, f"{name}{colon}{words}{when}", words)
    full = findings.written(point.value, shown.indicator, shown.language)
    label = findings.short(point.value, shown.indicator, shown.language)
    words = f"{name}{colon}{full} ({period(point.period, shown.language)})"
    if point.low is not None and point.high is not None:
        low, high = (findings.short(end, shown.indicator, shown.language) for end in (point.low, point.high))
        words += _(", from %(low)s to %(high)s") % {"low": low, "high": high}
    return Reading(name, "value", point.value, words, label, point.low, point.high)


# --- the map ----------------------------------------------------------------------------------------------------------------


def _map(shown: Shown, choice: Choice) -> Picture | None:
    key = shown.key_or_default(choice.part)
    drawn = [code for code in shown.mapped if shown.areas[code].geometry and shown.areas[code].label_lon is not None]
    at = choice.last or next(iter(shown.periods(key, drawn)[::-1]), "")
    points = {code: p for code, series in shown.series(key, drawn).items() for p in series if p.period == at}
    if len(drawn) < 2 or not any(point.state == "value" for point in points.values()):
        return None
    classes = natural_classes(point.value for point in points.values() if point.value is not None)
    areas = tuple(_mapped_area(shown, code, points.get(code), classes) for code in drawn)
    title = findings.range_title(
        list(points.values()), shown.indicator, shown.areas, shown.language, shown.part_name(key)
    )
    shapes = {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": {"code": code}, "geometry": shown.areas[code].geometry} for code in drawn
        ],
    }
    return Picture(
        MapDrawing(axis(shown), areas, json.dumps(shapes, separators=(",", ":"), sort_keys=True)),
        title,
        subtitle(shown, key, _("by part of the city"), [at]),
        tables.areas_by_period(shown, key, [*drawn, *_beyond(shown, drawn)], title),
        list(points.values()),
        "map",
        map_key(shown.indicator, [points.get(code) for code in drawn], classes, shown.language),
    )


def _mapped_area(shown: Shown, code: str, point: Point | None, classes: list[tuple[float, float]]) -> MappedArea:
    area = shown.areas[code]
    return MappedArea(
        code, reading(shown, shown.name_of(code), point), step(point, classes), area.label_lon, area.label_lat
    )


def step(point: Point | None, classes: list[tuple[float, float]]) -> int | None:
    """The step of the ramp for a cell: 0 for zero, up to 5 for the highest class, None where there is no value."""
    if point is None or point.value is None:
        return None
    if point.value <= 0:
        return 0
    rank = next((index for index, (_low, high) in enumerate(classes) if point.value <= high), len(classes) - 1)
    return ramp(len(classes))[rank]


def ramp(classes: int) -> tuple[int, ...]:
    """The steps of the colour ramp for a number of classes, spread over its whole length."""
    return {0: (), 1: (4,), 2: (2, 5), 3: (1, 3, 5)}.get(classes, (1, 2, 4, 5))


def map_key(
    indicator: Any, points: Sequence[Point | None], classes: list[tuple[float, float]], language: str
) -> list[Key]:
    """What each colour and each pattern of a map means, for those that the map uses."""
    found = [Key("zero", _("zero"))] if any(point is not None and point.value == 0 for point in points) else []
    for index, limits in enumerate(classes):
        low, high = (findings.short(limit, indicator, language) for limit in limits)
        text = low if low == high else _("%(low)s to %(high)s") % {"low": low, "high": high}
        found.append(Key(str(ramp(len(classes))[index]), text))
    states = {"missing" if point is None else point.state for point in points}
    return found + [
        Key(state, state_words(state)) for state in ("missing", "not_applicable", "withheld") if state in states
    ]


# --- areas and years --------------------------------------------------------------------------------------------------------


def _beyond(shown: Shown, areas: Sequence[str]) -> list[str]:
    """The areas that a table adds to those of the city: the one the city speaks for, and those above it."""
    chain, code = [], shown.home
    while code in shown.areas:
        chain.append(code)
        code = shown.areas[code].parent_id
    return [code for code in chain if code not in areas]


def compared_areas(shown: Shown, key: str, choice: Choice) -> list[str]:
    """The areas of the chart of change: those chosen, or the parts of the city and, for shares, the whole and the country."""
    if choice.areas:
        return [code for code in choice.areas if shown.series(key, [code])]
    found = list(shown.series(key, shown.mapped))
    if len(found) > 1 and shown.indicator.additive:
        return found
    return [*found, *(code for code in _beyond(shown, found) if shown.series(key, [code]))][:MOST_LINES]


def _change(shown: Shown, choice: Choice) -> Picture | None:
    key = shown.key_or_default(choice.part)
    areas = compared_areas(shown, key, choice)
    periods = shown.periods(key, areas)
    if choice.first and choice.last:
        periods = [p for p in periods if p in (choice.first, choice.last)]
    points = [p for series in shown.series(key, areas).values() for p in series if p.period in periods]
    if not any(point.state == "value" for point in points):
        return None
    title = _change_title(shown, key, areas, periods)
    drawing = _change_drawing(shown, key, areas, periods)
    if isinstance(drawing, Lines):
        points = [*points, *(p for code in areas for old in shown.earlier_vintages(key, code).values() for p in old)]
    return Picture(
        drawing,
        title,
        subtitle(shown, key, _places(shown, areas), periods, circles=isinstance(drawing, Dumbbell)),
        tables.areas_by_period(shown, key, areas, title),
        points,
    )


def _change_title(shown: Shown, key: str, areas: list[str], periods: list[str]) -> str:
    name = shown.part_name(key)
    if len(periods) < 2:
        last = [p for series in shown.series(key, areas).values() for p in series if p.period in periods]
        return findings.range_title(last, shown.indicator, shown.areas, shown.language, name)
    if len(areas) > 1 and len(periods) == 2:
        counted = [code for code in areas if code in shown.mapped]
        changes = {code: shown.change(code, key, *periods) for code in (counted if len(counted) > 1 else areas)}
        in_city = all(code in shown.mapped for code in changes)
        title = findings.directions_title(changes, shown.areas, shown.language, in_city=in_city)
        return f"{name}{findings.COLON[shown.language]}{title[0].lower()}{title[1:]}" if name else title
    focus = shown.home if shown.home in areas else areas[0]
    return findings.change_sentence(
        shown.change(focus, key), shown.indicator, shown.areas[focus], shown.language
    ).removesuffix(".")


def _change_drawing(shown: Shown, key: str, areas: list[str], periods: list[str]) -> Drawing:
    if len(periods) == 2 and len(areas) > 1:
        return _area_dumbbell(shown, key, areas, periods)
    if len(periods) > 1:
        lines = [
            _line(shown, key, code, emphasised=len(areas) > 1 and code == shown.home) for code in areas[:MOST_LINES]
        ]
        if len(lines) == 1:
            lines += _earlier_lines(shown, key, areas[0])
        return Lines(axis(shown), tuple(lines), _breaks_everywhere(shown, periods))
    rows = [(code, _at(shown, key, code, periods[0])) for code in areas]
    rows.sort(key=lambda row: -(row[1].value if row[1] is not None and row[1].value is not None else -1.0))
    return Bars(axis(shown), tuple(reading(shown, shown.name_of(code), point) for code, point in rows))


def _area_dumbbell(shown: Shown, key: str, areas: list[str], periods: list[str]) -> Dumbbell:
    rows = []
    for code in areas:
        found = shown.change(code, key, *periods)
        rows.append(_pair(shown, shown.name_of(code), found.before, found.after, found.direction))
    rows.sort(key=lambda pair: -max(pair.before.value or 0.0, pair.after.value or 0.0))
    return Dumbbell(axis(shown), periods[0], periods[1], tuple(rows))


def _pair(shown: Shown, name: str, before: Point | None, after: Point | None, direction: Direction) -> Pair:
    remark = ""
    if direction is Direction.BREAK:
        remark = _("break in series")
    elif direction is Direction.BASE:
        remark = _("another population base")
    elif (before is None or before.value is None) != (after is None or after.value is None):
        absent = before if before is None or before.value is None else after
        remark = state_words(absent.state if absent is not None else "missing")
    return Pair(reading(shown, name, before), reading(shown, name, after), not remark, remark)


def _earlier_lines(shown: Shown, key: str, code: str) -> list[Line]:
    """A line of its own for each earlier vintage of a series, named by its date."""
    found = []
    for vintage, points in sorted(shown.earlier_vintages(key, code).items()):
        name = tables.vintage_words(vintage, shown.language)
        marks = [LinePoint(_year(p.period), 0, reading(shown, name, p)) for p in points]
        found.append(Line(name, tuple(marks), emphasised=False))
    return found


def _line(shown: Shown, key: str, code: str, *, emphasised: bool) -> Line:
    points = _known_stretch(shown.series(key, [code])[code])
    starts = [found.period for found in shown.breaks if found.area_id in (None, code)]
    whole = whole_periods(points) if shown.flow else points
    marks = []
    for point in points:
        segment = sum(1 for start in starts if _year(start) <= _year(point.period)) + (point not in whole)
        marks.append(LinePoint(_year(point.period), segment, reading(shown, shown.name_of(code), point)))
    first = min((mark.segment for mark in marks), default=0)
    return Line(shown.name_of(code), tuple(LinePoint(m.at, m.segment - first, m.reading) for m in marks), emphasised)


def _known_stretch(points: list[Point]) -> list[Point]:
    """The points from the first value to the last: a line begins where the series does, and the table has the rest."""
    known = [index for index, point in enumerate(points) if point.value is not None]
    return points[known[0] : known[-1] + 1] if known else []


def _breaks_everywhere(shown: Shown, periods: list[str]) -> tuple[tuple[float, str], ...]:
    years = [_year(p) for p in periods]
    inside = {_year(found.period) for found in shown.breaks if found.area_id is None}
    return tuple((year - 0.5, _("break in series")) for year in sorted(inside) if min(years) < year <= max(years))


def _year(text: str) -> float:
    """The period as a place on the axis: the year it starts in, and the share of it that has passed by then."""
    start = Period.parse(text).start
    return round(start.year + (start.timetuple().tm_yday - 1) / 365, 3)


def _at(shown: Shown, key: str, code: str, when: str) -> Point | None:
    return next((p for p in shown.series(key, [code]).get(code, []) if p.period == when), None)


# --- groups of people, parts of a whole ---------------------------------------------------------------------------------------


def _groups(shown: Shown, choice: Choice, keys: list[tuple[str, str]]) -> tuple[str, list[tuple[str, str]], list[str]]:
    """The area to look at, the keys it has, and their periods."""
    area = choice.area if choice.area in shown.areas else shown.home
    present = [(key, name) for key, name in keys if shown.series(key, [area])]
    found = sorted({p for key, _name in present for p in shown.whole_periods(key, area)})
    return area, present, found


def _group_picture(shown: Shown, choice: Choice, keys: list[tuple[str, str]], *, in_order: bool) -> Picture | None:
    area, present, periods = _groups(shown, choice, keys)
    latest = [(name, p) for key, name in present if (p := _at(shown, key, area, periods[-1])) is not None]
    points = [p for key, _name in present for p in shown.series(key, [area])[area]]
    if len(present) < 2 or not any(point.state == "value" for _name, point in latest):
        return None
    make_title = findings.beside_title if in_order else findings.parts_title
    inside = _divides(shown, area, [point for _name, point in latest], periods[-1])
    title = make_title(latest, shown.indicator, shown.areas[area] if inside else None, shown.language)
    order = present if in_order else sorted(present, key=lambda part: -(_value(shown, part[0], area, periods[-1])))
    order = order[:MOST_ROWS]
    drawing: Drawing
    if len(periods) == 2:
        rows = []
        for key, name in order:
            found = shown.change(area, key, *periods)
            rows.append(_pair(shown, name, found.before, found.after, found.direction))
        drawing = Dumbbell(axis(shown), periods[0], periods[1], tuple(rows))
    else:
        drawing = Bars(
            axis(shown), tuple(reading(shown, name, _at(shown, key, area, periods[-1])) for key, name in order)
        )
    where = shown.name_of(area) if inside else ""
    drawn = [p for p in points if p.period in (periods if len(periods) == 2 else periods[-1:])]
    shown_periods = periods if len(periods) == 2 else periods[-1:]
    words = subtitle(shown, "", where, shown_periods, circles=isinstance(drawing, Dumbbell))
    return Picture(drawing, title, words, tables.parts_by_period(shown, present, area, title), drawn)


def _divides(shown: Shown, area: str, parts: Sequence[Point], when: str) -> bool:
    """Whether the parts can lie within the place: counts that add up to more than its total reach beyond it."""
    total = _at(shown, "", area, when)
    if not shown.indicator.additive or total is None or total.value is None:
        return True
    return max((part.value or 0.0 for part in parts), default=0.0) <= total.value


def _value(shown: Shown, key: str, area: str, when: str) -> float:
    point = _at(shown, key, area, when)
    return point.value if point is not None and point.value is not None else -1.0


def _parts(shown: Shown, choice: Choice) -> Picture | None:
    return _group_picture(shown, choice, shown.parts, in_order=False) if shown.part_list != "age" else None


def _sex(shown: Shown, choice: Choice) -> Picture | None:
    key = shown.key_or_default(choice.part)
    named = [
        (_joined(key, f"sex={sex}"), said(shown.codes["sex"][sex], "name", shown.language))
        for sex in SEXES
        if _has_sex(shown, sex)
    ]
    if shown.part_list is not None and not shown.has_total:
        return None
    return _group_picture(shown, choice, named, in_order=True)


def _has_sex(shown: Shown, sex: str) -> bool:
    return sex in shown.codes.get("sex", {})


def _joined(key: str, more: str) -> str:
    return ";".join(sorted(part for part in (key, more) if part))


def _pyramid(shown: Shown, choice: Choice) -> Picture | None:
    if shown.part_list != "age" or not all(_has_sex(shown, sex) for sex in SEXES):
        return None
    area = choice.area if choice.area in shown.areas else shown.home
    found = shown.periods(_joined(shown.parts[0][0], "sex=F"), [area]) if shown.parts else []
    if not found:
        return _group_picture(shown, choice, shown.parts, in_order=False)
    when = choice.last if choice.last in found else found[-1]
    bands = [
        (name, _at(shown, _joined(key, "sex=M"), area, when), _at(shown, _joined(key, "sex=F"), area, when))
        for key, name in shown.parts
    ]
    bands = [band for band in bands if band[1] is not None or band[2] is not None]
    heads = tuple(said(shown.codes["sex"][sex], "name", shown.language) for sex in ("M", "F"))
    totals = [(name, p) for key, name in shown.parts if (p := _at(shown, key, area, when)) is not None]
    title = findings.parts_title(totals, shown.indicator, shown.areas[area], shown.language)
    sides = tuple(
        (name, reading(shown, f"{heads[0]}, {name}", left), reading(shown, f"{heads[1]}, {name}", right))
        for name, left, right in bands
    )
    return Picture(
        Pyramid(axis(shown), heads[0], heads[1], sides),
        title,
        subtitle(shown, "", shown.name_of(area), [when]),
        tables.sides(bands, (heads[0], heads[1]), shown, title),
        [p for _name, left, right in bands for p in (left, right) if p is not None],
    )


# --- words around -------------------------------------------------------------------------------------------------------------


def _places(shown: Shown, areas: Sequence[str]) -> str:
    if len(areas) == 1:
        return shown.name_of(areas[0])
    return _("by part of the city") if set(shown.mapped) & set(areas) else _("by place")


def subtitle(shown: Shown, key: str, where: str, periods: Sequence[str], *, circles: bool = False) -> str:
    """Definition, part, unit, place and period: what is drawn, before any number is read."""
    part = shown.part_name(key)
    spans = [period(p, shown.language) for p in periods]
    when = _from_to(periods, spans, shown.language)
    if circles:
        when = _("%(first)s (hollow circle) and %(last)s (full circle)") % {"first": spans[0], "last": spans[-1]}
    unit = said(shown.indicator.unit, "name", shown.language)
    definition = said(shown.indicator, "definition", shown.language).rstrip(". ")
    joint = "، " if shown.language == "ar" else ", "
    rest = joint.join(word for word in (part, unit, where, when) if word)
    return f"{definition}. {rest[0].upper()}{rest[1:]}."


def _from_to(periods: Sequence[str], spans: Sequence[str], language: str) -> str:
    """From the first period to the last; a last one that is only part of a year is named apart."""
    under_way = len(spans) > 2 and "/" in periods[-1] and "/" not in periods[-2]
    ends = spans[:-1] if under_way else spans
    when = _("%(low)s to %(high)s") % {"low": ends[0], "high": ends[-1]} if len(ends) > 1 else ends[0]
    return f"{when}{'، ' if language == 'ar' else ', '}{spans[-1]}" if under_way else when
