"""Tables beside the charts: the same cells, with the marks of zero, missing, not applicable and withheld."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from marsad.dissemination.queries import Point
from marsad.observatory.series import Change, Direction
from marsad.observatory.shown import Shown
from marsad.web import numbers
from marsad.web.dates import period
from marsad.web.templatetags.marsad import cell, signed
from marsad.web.words import current_language


@dataclass(frozen=True)
class Row:
    head: str
    cells: Sequence[str]
    url: str = ""


@dataclass(frozen=True)
class Table:
    caption: str
    columns: Sequence[str]
    rows: Sequence[Row]


def areas_by_period(shown: Shown, key: str, areas: Sequence[str], caption: str) -> Table:
    """One row for each area, one column for each period, and the change where the ends compare."""
    found = shown.series(key, areas)
    columns = shown.periods(key, areas)
    rows = []
    for code, points in found.items():
        cells = [_cell(_at(points, column), shown) for column in columns]
        if len(columns) == 2:
            cells.append(change_cell(shown.change(code, key, *columns), shown.indicator))
        rows.append(Row(shown.name_of(code), cells, reverse("observatory:area", args=[code])))
        for vintage, old in sorted(shown.earlier_vintages(key, code).items()):
            head = f"{shown.name_of(code)} ({vintage_words(vintage, shown.language)})"
            rows.append(Row(head, [_cell(_at(old, column), shown) if _at(old, column) else "" for column in columns]))
    heads = [_("Place"), *(period(column, shown.language) for column in columns)]
    return Table(caption, [*heads, _("Change")] if len(columns) == 2 else heads, rows)


def parts_by_period(shown: Shown, parts: Sequence[tuple[str, str]], area: str, caption: str) -> Table:
    """One row for each part of a distribution (or group) in one area."""
    columns = sorted({p for key, _name in parts for p in shown.periods(key, [area])})
    rows = []
    for key, name in parts:
        points = shown.series(key, [area]).get(area, [])
        rows.append(Row(name, [_cell(_at(points, column), shown) for column in columns]))
    return Table(caption, [_("Group"), *(period(column, shown.language) for column in columns)], rows)


def sides(
    bands: Sequence[tuple[str, Point | None, Point | None]], heads: tuple[str, str], shown: Shown, caption: str
) -> Table:
    """The rows of a pyramid."""
    rows = [Row(name, [_cell(left, shown), _cell(right, shown)]) for name, left, right in bands]
    return Table(caption, [_("Age"), *heads], rows)


def vintage_words(vintage: str, language: str) -> str:
    """The vintage of a series as its name: ``Vintage: October 2020``."""
    dated = vintage.replace("-", "").isdigit()
    colon = "\u00a0: " if language == "fr" else ": "
    return f"{_('Vintage')}{colon}{period(vintage, language) if dated else vintage}"


def change_cell(found: Change, indicator: Any) -> str:
    """The change in a cell of its own: in points for shares, in per cent for numbers; or why there is none."""
    if found.direction is Direction.UNKNOWN:
        return SafeString("")
    if not found.comparable:
        words = _("break in series") if found.direction is Direction.BREAK else _("another population base")
        return format_html('<span class="tag tag-attention">{}</span>', words)
    mark = {Direction.UP: "up", Direction.DOWN: "down"}.get(found.direction, "same")
    return format_html('<span class="change-{}">{}</span>', mark, _amount(found, indicator))


def _amount(found: Change, indicator: Any) -> str:
    if indicator.unit_id == "percent":
        return format_html("{} {}", signed(found.difference, indicator.decimals), _("pt"))
    if indicator.decimals == 0 and found.relative is not None:
        return format_html("{}{}%", signed(found.relative, 1), numbers.BEFORE_UNIT[current_language()])
    return signed(found.difference, indicator.decimals)


def _cell(point: Point | None, shown: Shown) -> str:
    return cell(point, shown.indicator.decimals, shown.indicator.unit)


def _at(points: Sequence[Point], column: str) -> Point | None:
    return next((point for point in points if point.period == column), None)
