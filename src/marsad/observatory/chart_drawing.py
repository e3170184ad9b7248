"""Every kind of chart in Altair: from a drawing to a Vega-Lite specification."""

from __future__ import annotations

import json
import math
from functools import singledispatch
from typing import Any, Literal

import altair as alt
from altair.utils import schemapi

from marsad.observatory import chart_style as style
from marsad.observatory.charts import Axis, Bars, Drawing, Dumbbell, Line, Lines, MapDrawing, Pyramid, Reading

ROW = 34


def specification(drawing: Drawing) -> dict[str, Any]:
    """The Vega-Lite specification of a drawing, with our type, colours and words.

    Altair holds every part of a chart to its schema, again and again. Tests ask for that with each kind of ``chart``;
    readers do not wait for it.
    """
    with schemapi.debug_mode(False):
        found: dict[str, Any] = chart(drawing).to_dict(validate=False)
    # Altair gathers the rows of all layers under names.
    found["datasets"] = {name: json.loads(rows) for name, rows in found["datasets"].items()}
    found["config"] = style.config(drawing.axis.language)
    return found


def _inline(rows: list[Any]) -> alt.InlineData:
    """Rows as one text, since Altair copies all that it is given with every layer; ``specification`` unpacks it."""
    return alt.InlineData(values=json.dumps(rows))


@singledispatch
def chart(drawing: Any) -> Any:
    raise TypeError(f"no chart draws a {type(drawing).__name__}")


# --- maps ---------------------------------------------------------------------------------------------------------------


@chart.register
def _map(drawing: MapDrawing) -> Any:
    shapes = json.loads(drawing.shapes)
    squeeze = math.cos(math.radians(sum(area.lat for area in drawing.areas) / len(drawing.areas)))
    areas = {area.code: area for area in drawing.areas}
    features = []
    for shape in shapes["features"]:
        area = areas[shape["properties"]["code"]]
        fill = style.RAMP[area.step] if area.step is not None else style.PATTERNS[area.reading.state]
        features.append(
            {
                "type": "Feature",
                "properties": {"fill": fill, "words": area.reading.words},
                "geometry": {
                    "type": shape["geometry"]["type"],
                    "coordinates": _squeezed(shape["geometry"]["coordinates"], squeeze),
                },
            }
        )
    labels = [row for area in drawing.areas for row in _map_label(area, squeeze, drawing.axis)]
    base = alt.Chart(_inline(features)).mark_geoshape(stroke="white", strokeWidth=1.6)
    drawn = base.encode(
        fill=alt.Fill("properties.fill:N", scale=None), description=alt.Description("properties.words:N")
    )
    return alt.layer(
        drawn,
        *_map_texts(labels),
        width=style.WIDTH,
        height=style.WIDTH,
        projection=alt.Projection(type="identity", reflectY=True),
    )


def _squeezed(coordinates: Any, factor: float) -> Any:
    """Plain degrees, with the narrowing of a degree of longitude at this latitude: a city is small enough for it."""
    if isinstance(coordinates[0], int | float):
        return [round(coordinates[0] * factor, 6), coordinates[1]]
    return [_squeezed(part, factor) for part in coordinates]


def _map_label(area: Any, squeeze: float, axis: Axis) -> list[dict[str, Any]]:
    dark = area.step is not None and area.step >= 4
    halo = style.RAMP[area.step] if area.step is not None else "#f7f5ee"
    common = {
        "x": area.lon * squeeze,
        "y": area.lat,
        "halo": halo,
        "ink": "#ffffff" if dark else style.INK,
    }
    written = area.reading.written if area.reading.state == "value" else style.text(area.reading.written, axis)
    return [
        common | {"text": style.text(area.reading.name, axis), "weight": 600, "line": 0},
        common | {"text": written, "weight": 400, "line": 1},
    ]


def _map_texts(labels: list[dict[str, Any]]) -> list[Any]:
    layers = []
    lines: tuple[tuple[Literal[600, 400], int], ...] = ((600, -7), (400, 8))
    for line, (weight, offset) in enumerate(lines):
        rows = _inline([row for row in labels if row["line"] == line])
        place = {"longitude": alt.Longitude("x:Q"), "latitude": alt.Latitude("y:Q"), "text": alt.Text("text:N")}
        halo = alt.Chart(rows).mark_text(
            fontSize=13, fontWeight=weight, dy=offset, strokeWidth=4, strokeJoin="round", aria=False
        )
        layers.append(
            halo.encode(**place, stroke=alt.Stroke("halo:N", scale=None), fill=alt.Fill("halo:N", scale=None))
        )
        words = alt.Chart(rows).mark_text(fontSize=13, fontWeight=weight, dy=offset, aria=False)
        layers.append(words.encode(**place, fill=alt.Fill("ink:N", scale=None)))
    return layers


# --- rows: dumbbells and bars ---------------------------------------------------------------------------------------------


def _rows_axis(order: list[str]) -> alt.Y:
    labels = alt.Axis(labelExpr="split(datum.label, '|')", labelLimit=220, labelFontSize=13, labelLineHeight=15)
    return alt.Y("row:N", sort=order, axis=labels, scale=alt.Scale(paddingInner=0.35, paddingOuter=0.2))


def _value_axis(axis: Axis, top: float, **more: Any) -> alt.X:
    ticks = alt.Axis(labelExpr=style.tick(axis), tickCount=4, labelFontSize=12, **more)
    return alt.X("value:Q", scale=alt.Scale(domain=[0, top], nice=True), axis=ticks)


def _wrapped(words: str, axis: Axis, width: int = 20) -> str:
    """A name of a row on at most three lines, parted where the axis splits it."""
    lines = [""]
    for word in words.split():
        longer = f"{lines[-1]} {word}".strip()
        if len(longer) <= width or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return "|".join(style.text(line, axis) for line in lines)


def _top(readings: list[Reading]) -> float:
    numbers = [number for r in readings for number in (r.value, r.high) if number is not None]
    return max(numbers, default=1.0) * 1.18 or 1.0


def _unvalued(readings: list[tuple[str, Reading]], axis: Axis, y: alt.Y) -> list[Any]:
    """The marks of cells that hold no number: a patterned square at the foot of the axis, and the words."""
    rows = [
        {"row": row, "value": 0, "fill": style.PATTERNS[r.state], "words": r.words, "text": style.text(r.written, axis)}
        for row, r in readings
        if r.state != "value"
    ]
    if not rows:
        return []
    base = alt.Chart(_inline(rows))
    square = base.mark_point(shape="square", size=150, stroke=style.INK_3, strokeWidth=1, xOffset=8, opacity=1).encode(
        x=alt.X("value:Q"), y=y, fill=alt.Fill("fill:N", scale=None), description=alt.Description("words:N")
    )
    words = base.mark_text(align="left", dx=22, color=style.INK_2, aria=False).encode(
        x=alt.X("value:Q"), y=y, text=alt.Text("text:N")
    )
    return [square, words]


@chart.register
def _dumbbell(drawing: Dumbbell) -> Any:
    axis = drawing.axis
    order = [_wrapped(pair.after.name, axis) for pair in drawing.rows]
    readings = [reading for pair in drawing.rows for reading in (pair.before, pair.after)]
    y, x = _rows_axis(order), _value_axis(axis, _top(readings))
    pairs = list(zip(order, drawing.rows, strict=True))
    joined = [
        {"row": row, "value": pair.before.value, "end": pair.after.value}
        for row, pair in pairs
        if pair.joined and pair.before.value is not None and pair.after.value is not None
    ]
    layers: list[Any] = [
        alt.Chart(_inline(joined))
        .mark_rule(color=style.LINK, strokeWidth=4, aria=False)
        .encode(x=x, x2=alt.X2("end:Q"), y=y)
    ]
    for filled, which in ((False, "before"), (True, "after")):
        rows = [
            {
                "row": row,
                "value": reading.value,
                "words": reading.words,
                "fill": style.GREEN if filled and reading.value else "#ffffff",
            }
            for row, pair in pairs
            if (reading := getattr(pair, which)).value is not None
        ]
        stroke = style.GREEN if filled else style.INK_3
        point = alt.Chart(_inline(rows)).mark_point(size=95, opacity=1, strokeWidth=2, stroke=stroke)
        layers.append(
            point.encode(x=x, y=y, fill=alt.Fill("fill:N", scale=None), description=alt.Description("words:N"))
        )
    unknown = [(row, pair.after) for row, pair in pairs if pair.before.value is None and pair.after.value is None]
    layers += [*_end_labels(pairs, axis, x, y), *_unvalued(unknown, axis, y)]
    return alt.layer(*layers, width=style.WIDTH - 140, height=ROW * len(order))


def _end_labels(pairs: list[tuple[str, Any]], axis: Axis, x: alt.X, y: alt.Y) -> list[Any]:
    """The number of the right-hand end, and of the left-hand one where there is room, and a remark on a break."""
    rows = []
    top = _top([reading for _, pair in pairs for reading in (pair.before, pair.after)])
    for row, pair in pairs:
        known = sorted((r for r in (pair.before, pair.after) if r.value is not None), key=style.drawn_value)
        if not known:
            continue
        first, last = style.drawn_value(known[0]), style.drawn_value(known[-1])
        rows.append({"row": row, "value": last, "text": known[-1].written, "side": "right", "colour": style.INK_2})
        if pair.remark:
            # no line joins the two marks, so the remark finds its room to the left of the farther one
            room = ("left", last) if last > 0.5 * top else ("remark", last)
            remark = style.text(pair.remark, axis)
            rows.append({"row": row, "value": room[1], "text": remark, "side": room[0], "colour": style.OCHRE})
        elif len(known) == 2 and first > 0.16 * top and last - first > 0.05 * top:
            rows.append({"row": row, "value": first, "text": known[0].written, "side": "left", "colour": style.INK_2})
    layers = []
    sides: tuple[tuple[str, Literal["left", "right"], int], ...] = (
        ("right", "left", 11),
        ("left", "right", -11),
        ("remark", "left", 48),
    )
    for side, align, shift in sides:
        part = [row for row in rows if row["side"] == side]
        if part:
            base = alt.Chart(_inline(part)).mark_text(align=align, dx=shift, fontSize=12, aria=False)
            layers.append(base.encode(x=x, y=y, text=alt.Text("text:N"), color=alt.Color("colour:N", scale=None)))
    return layers


def _zeros(rows: list[dict[str, Any]], y: alt.Y) -> list[Any]:
    """A bar of no length would look like a missing one: a counted zero is a hollow circle."""
    zeros = [row for row in rows if row["value"] == 0]
    if not zeros:
        return []
    circle = alt.Chart(_inline(zeros)).mark_point(
        size=95, opacity=1, strokeWidth=2, stroke=style.GREEN, fill="#ffffff", aria=False
    )
    return [circle.encode(x=alt.X("value:Q"), y=y)]


@chart.register
def _bars(drawing: Bars) -> Any:
    axis = drawing.axis
    order = [_wrapped(reading.name, axis) for reading in drawing.rows]
    pairs = list(zip(order, drawing.rows, strict=True))
    y, x = _rows_axis(order), _value_axis(axis, _top(list(drawing.rows)))
    rows = [
        {
            "row": row,
            "value": r.value,
            "low": r.low,
            "high": r.high,
            "words": r.words,
            "text": r.written,
            "end": r.high or r.value,
        }
        for row, r in pairs
        if r.value is not None
    ]
    base = alt.Chart(_inline(rows))
    layers: list[Any] = [
        base.mark_bar(color=style.GREEN, height=16).encode(x=x, y=y, description=alt.Description("words:N"))
    ]
    if any(row["low"] is not None for row in rows):
        whisker = base.mark_rule(color=style.INK, strokeWidth=1.6, aria=False).encode(
            x=alt.X("low:Q"), x2=alt.X2("high:Q"), y=y
        )
        layers.append(whisker.transform_filter("isValid(datum.low)"))
    layers.append(
        base.mark_text(align="left", dx=9, fontSize=12, color=style.INK_2, aria=False).encode(
            x=alt.X("end:Q"), y=y, text=alt.Text("text:N")
        )
    )
    layers += [*_unvalued(pairs, axis, y), *_zeros(rows, y)]
    return alt.layer(*layers, width=style.WIDTH - 170, height=max(ROW, 36) * len(order))


# --- lines ----------------------------------------------------------------------------------------------------------------


@chart.register
def _lines(drawing: Lines) -> Any:
    axis = drawing.axis
    readings = [point.reading for line in drawing.lines for point in line.points]
    years = sorted({math.floor(point.at) for line in drawing.lines for point in line.points})
    colours = _colours(drawing.lines)
    rows = [row for line in drawing.lines for row in _line_rows(line, colours[line.name])]
    x = alt.X(
        "at:Q",
        scale=alt.Scale(domain=_year_domain(years), nice=False),
        axis=_year_axis(years, 7 if len(drawing.lines) == 1 else 5),
    )
    y = alt.Y(
        "value:Q",
        scale=alt.Scale(domain=[0, _top(readings)], nice=True),
        axis=alt.Axis(labelExpr=style.tick(axis), tickCount=5),
    )
    colour = alt.Color("colour:N", scale=None)
    base = alt.Chart(_inline(rows))
    valued = base.transform_filter("datum.state == 'value'")
    layers: list[Any] = []
    if any(reading.low is not None for reading in readings):
        band = valued.transform_filter("isValid(datum.low)")
        layers.append(
            band.mark_area(opacity=0.18, aria=False).encode(
                x=x, y=alt.Y("low:Q"), y2=alt.Y2("high:Q"), detail=alt.Detail("part:N"), fill=colour
            )
        )
        layers.append(
            band.mark_rule(opacity=0.7, strokeWidth=1.4, aria=False).encode(
                x=x, y=alt.Y("low:Q"), y2=alt.Y2("high:Q"), color=colour
            )
        )
    width = alt.StrokeWidth("width:Q", scale=None)
    layers.append(
        valued.mark_line(aria=False).encode(x=x, y=y, detail=alt.Detail("part:N"), color=colour, strokeWidth=width)
    )
    layers.append(
        valued.mark_point(filled=True, opacity=1).encode(
            x=x,
            y=y,
            fill=colour,
            description=alt.Description("words:N"),
            shape=alt.Shape("shape:N", scale=None),
            size=alt.Size("size:Q", scale=None),
        )
    )
    layers += _unknown_points(rows, x, y)
    layers += _break_rules(drawing, x)
    layers += _line_names(drawing, colours, x, y)
    labels = 112 if len(drawing.lines) > 1 else 20
    return alt.layer(*layers, width=style.WIDTH - 60 - labels, height=280)


def _colours(lines: tuple[Line, ...]) -> dict[str, str]:
    others = iter(style.SERIES * 3)
    return {line.name: style.INK if line.emphasised else next(others) for line in lines}


def _line_rows(line: Line, colour: str) -> list[dict[str, Any]]:
    rows = []
    gaps = 0
    for point in line.points:
        gaps += point.reading.state != "value"
        started = point.segment > 0 and point is next(p for p in line.points if p.segment == point.segment)
        r = point.reading
        rows.append(
            {
                "at": point.at,
                "value": r.value,
                "low": r.low,
                "high": r.high,
                "state": r.state,
                "words": r.words,
                "colour": colour,
                "part": f"{line.name}/{point.segment}/{gaps}",
                "width": 3 if line.emphasised else 2,
                "shape": "diamond" if started else "circle",
                "size": 110 if started else 55,
            }
        )
    return rows


def _year_domain(years: list[int]) -> list[float]:
    margin = max(0.4, (years[-1] - years[0]) * 0.04)
    return [years[0] - margin, years[-1] + margin]


def _year_axis(years: list[int], most: int = 7) -> alt.Axis:
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100) if (years[-1] - years[0]) / step <= most)
    shown = years if len(years) <= 4 else [year for year in range(years[0], years[-1] + 1) if year % step == 0]
    return alt.Axis(
        values=shown,
        labelExpr="format(datum.value, 'd')",
        grid=False,
        labelFontSize=13,
        domain=True,
        domainColor=style.INK_3,
    )


def _unknown_points(rows: list[dict[str, Any]], x: alt.X, y: alt.Y) -> list[Any]:
    unknown = [row | {"value": 0, "fill": style.PATTERNS[row["state"]]} for row in rows if row["state"] != "value"]
    if not unknown:
        return []
    base = alt.Chart(_inline(unknown)).mark_point(
        shape="square", size=150, stroke=style.INK_3, strokeWidth=1, opacity=1
    )
    return [base.encode(x=x, y=y, fill=alt.Fill("fill:N", scale=None), description=alt.Description("words:N"))]


def _break_rules(drawing: Lines, x: alt.X) -> list[Any]:
    if not drawing.breaks:
        return []
    rows = [{"at": at, "text": style.text(words, drawing.axis)} for at, words in drawing.breaks]
    rule = alt.Chart(_inline(rows)).mark_rule(color=style.OCHRE, strokeDash=[5, 4], strokeWidth=1.6, aria=False)
    years = [point.at for line in drawing.lines for point in line.points]
    early = drawing.breaks[-1][0] < (min(years) + max(years)) / 2
    last = alt.Chart(_inline(rows[-1:]))
    words = last.mark_text(
        align="left" if early else "right",
        dx=6 if early else -6,
        y=4,
        baseline="top",
        color=style.OCHRE,
        fontSize=12,
        aria=False,
    )
    return [rule.encode(x=x), words.encode(x=x, text=alt.Text("text:N"))]


def _line_names(drawing: Lines, colours: dict[str, str], x: alt.X, y: alt.Y) -> list[Any]:
    """The name of each line at its end, moved apart where two would touch."""
    if len(drawing.lines) < 2:
        return []
    ends: list[tuple[float, float, str]] = []
    for line in drawing.lines:
        known = [point for point in line.points if point.reading.value is not None]
        if known:
            ends.append((style.drawn_value(known[-1].reading), known[-1].at, line.name))
    ends.sort()
    top = _top([point.reading for line in drawing.lines for point in line.points])
    spaced = _apart([end[0] for end in ends], gap=top * 16 / 280)
    last = max(end[1] for end in ends)
    rows = [
        {"at": last, "value": at, "text": style.text(end[2], drawing.axis), "colour": colours[end[2]]}
        for at, end in zip(spaced, ends, strict=True)
    ]
    base = alt.Chart(_inline(rows)).mark_text(align="left", dx=10, fontSize=12.5, fontWeight=600, aria=False)
    return [base.encode(x=x, y=y, text=alt.Text("text:N"), color=alt.Color("colour:N", scale=None))]


def _apart(positions: list[float], gap: float) -> list[float]:
    """Ascending positions with at least ``gap`` between neighbours, each group kept around where it was.

    >>> _apart([1.0, 1.0, 5.0], gap=1.0)
    [0.5, 1.5, 5.0]
    """
    groups: list[list[float]] = []
    for position in positions:
        groups.append([position])
        while len(groups) > 1 and _low(groups[-1], gap) < _low(groups[-2], gap) + gap * len(groups[-2]):
            last = groups.pop()
            groups[-1] += last
    return [_low(group, gap) + index * gap for group in groups for index in range(len(group))]


def _low(group: list[float], gap: float) -> float:
    return max(0.0, sum(group) / len(group) - gap * (len(group) - 1) / 2)


# --- pyramids -------------------------------------------------------------------------------------------------------------


@chart.register
def _pyramid(drawing: Pyramid) -> Any:
    axis = drawing.axis
    names = [style.text(name, axis) for name, _, _ in drawing.bands][::-1]
    top = _top([reading for _, left, right in drawing.bands for reading in (left, right)])
    y = alt.Y("row:N", sort=names, axis=alt.Axis(labelFontSize=12, labelLimit=140), scale=alt.Scale(paddingInner=0.18))
    x = alt.X(
        "value:Q",
        scale=alt.Scale(domain=[-top, top]),
        axis=alt.Axis(labelExpr=style.tick(axis), tickCount=5, labelFontSize=12),
    )
    layers: list[Any] = []
    for sign, colour, index in ((-1, style.BLUE, 1), (1, style.OCHRE, 2)):
        rows = [
            {"row": style.text(band[0], axis), "value": sign * reading.value, "words": reading.words}
            for band in drawing.bands
            if isinstance(reading := band[index], Reading) and reading.value is not None
        ]
        layers.append(
            alt.Chart(_inline(rows)).mark_bar(color=colour).encode(x=x, y=y, description=alt.Description("words:N"))
        )
    heads = [
        {"value": -top / 2, "text": style.text(drawing.left, axis), "colour": style.BLUE},
        {"value": top / 2, "text": style.text(drawing.right, axis), "colour": style.OCHRE},
    ]
    head = alt.Chart(_inline(heads)).mark_text(y=-10, fontWeight=600, aria=False)
    layers.append(head.encode(x=alt.X("value:Q"), text=alt.Text("text:N"), color=alt.Color("colour:N", scale=None)))
    return alt.layer(*layers, width=style.WIDTH - 110, height=20 * len(names))
