"""Files: every number with its state, status, base, source and edition. Withheld, missing and zero stay three things."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotModified,
    StreamingHttpResponse,
)
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from marsad.catalogue import queries as catalogue
from marsad.dissemination import queries as dissemination
from marsad.dissemination.queries import Point
from marsad.figures.queries import figures as ledger_figures
from marsad.observatory.page_cache import FOR_GOOD, public_page
from marsad.observatory.publications import publication_of
from marsad.web.access import access, anyone
from marsad.web.words import current_language, said

COLUMNS: Final = (
    "indicator",
    "indicator_name",
    "area",
    "area_name",
    "period",
    "breakdown",
    "state",
    "value",
    "unit",
    "stock_or_flow",
    "population_base",
    "low",
    "high",
    "obs_status",
    "conf_status",
    "heading",
    "note",
    "dataflow",
    "edition",
    "vintage",
    "source",
    "origin",
)
FIGURE_COLUMNS: Final = (
    "code",
    "indicator",
    "concept",
    "area",
    "area_text",
    "period",
    "group",
    "quantifier",
    "value",
    "unit",
    "stock_or_flow",
    "population_base",
    "publisher",
    "document",
    "url",
    "excerpt",
    "read_on",
    "vintage",
    "reliability",
    "role",
    "case",
    "note",
)


_CELLS: Final = json.JSONEncoder(ensure_ascii=False, separators=(",\n   ", ": "))
_BETWEEN_ROWS: Final = ",\n  "
_FORMULA_BEGINS: Final = tuple("=+-@\t\r\n")
_NUMBER: Final = re.compile(r"[+-]?\d+(?:\.\d+)?")


class _Line:
    """A file-like object that hands each written line back."""

    def write(self, line: str) -> str:
        return line


def csv_lines(columns: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The lines of a CSV file: a header, then a line per row; None is empty."""
    columns = list(columns)
    writer = csv.writer(_Line(), lineterminator="\r\n")
    yield "\ufeff" + writer.writerow(columns)
    for row in rows:
        yield writer.writerow([as_words(row[name]) for name in columns])


def as_words(cell: Any) -> Any:
    """A cell that a spreadsheet shows and does not run: words that would begin a formula get an apostrophe; numbers do not.

    The ledger holds words that were typed into a form (CWE-1236).

    >>> as_words("=1+1"), as_words("-5.2"), as_words("- about 5"), as_words(-5)
    ("'=1+1", '-5.2', "'- about 5", -5)
    """
    begins = isinstance(cell, str) and cell[:1] in _FORMULA_BEGINS and not _NUMBER.fullmatch(cell)
    return f"'{cell}" if begins else cell


def csv_file(name: str, columns: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> HttpResponse:
    response = HttpResponse("".join(csv_lines(columns, rows)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def conf_status(withheld_for: str) -> str:
    """SDMX CONF_STATUS of a cell: F where it is free, C or D where it is withheld."""
    return withheld_for or "F"


def _rows(points: Iterable[Point]) -> Iterator[dict[str, Any]]:
    indicators = {indicator.code: indicator for indicator in catalogue.indicators()}
    areas = {area.code: said(area, "name") for area in catalogue.areas()}
    for point in points:
        indicator = indicators[point.indicator]
        yield {
            "indicator": point.indicator,
            "indicator_name": said(indicator, "name"),
            "area": point.area,
            "area_name": areas[point.area],
            "period": point.period,
            "breakdown": point.breakdown_key,
            "state": point.state,
            "value": _plain(point.value),
            "unit": indicator.unit_id,
            "stock_or_flow": indicator.kind,
            "population_base": point.base,
            "low": _plain(point.low),
            "high": _plain(point.high),
            "obs_status": point.status,
            "conf_status": conf_status(point.withheld_for),
            "heading": point.heading,
            "note": said(point, "note"),
            "dataflow": point.dataflow,
            "edition": point.edition,
            "vintage": point.vintage,
            "source": point.source,
            "origin": point.origin,
        }


def _plain(value: float | None) -> float | int | None:
    """A whole number without its decimal point: 515619, not 515619.0."""
    return int(value) if value is not None and value.is_integer() else value


@public_page
def indicator_csv(request: HttpRequest, code: str) -> HttpResponse:
    """Every observation of an indicator, all breakdowns."""
    return csv_file(f"marsad-{code}", COLUMNS, _rows(_points_of_indicator(request, code)))


@public_page
def indicator_json(request: HttpRequest, code: str) -> HttpResponse:
    """The indicator's definition with every observation of it."""
    rows = [_row_as_json(row) for row in _rows(_points_of_indicator(request, code))]
    indicator = catalogue.indicator(code)
    content = {
        "publication": publication_of(request).number,
        "language": current_language(),
        "indicator": {
            "code": code,
            "name": said(indicator, "name"),
            "definition": said(indicator, "definition"),
            "unit": indicator.unit_id if indicator else "",
            "stock_or_flow": indicator.kind if indicator else "",
        },
    }
    head = json.dumps(content, ensure_ascii=False, indent=1).removesuffix("\n}")
    observations = f"[\n  {_BETWEEN_ROWS.join(rows)}\n ]" if rows else "[]"
    response = HttpResponse(f'{head},\n "observations": {observations}\n}}', content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="marsad-{code}.json"'
    return response


def _row_as_json(row: Mapping[str, Any]) -> str:
    """A flat row, one cell a line. The fast encoder of Python knows no indents; its separator between cells does."""
    return f"{{\n   {_CELLS.encode(row)[1:-1]}\n  }}"


def _points_of_indicator(request: HttpRequest, code: str) -> list[Point]:
    if catalogue.indicator(code) is None:
        raise Http404(_("No such indicator."))
    return dissemination.points(publication_of(request), indicators=[code], breakdown_key=None)


@public_page
def area_csv(request: HttpRequest, code: str) -> HttpResponse:
    """Every observation of a place, all indicators and breakdowns."""
    if catalogue.area(code) is None:
        raise Http404(_("No such place."))
    points = dissemination.points(publication_of(request), areas=[code], breakdown_key=None)
    return csv_file(f"marsad-{code}", COLUMNS, _rows(points))


@public_page
def figures_csv(request: HttpRequest) -> HttpResponse:
    """The whole ledger of published figures."""
    rows = (
        {
            **{name: getattr(figure, name) for name in _SAME},
            "indicator": figure.indicator_id,
            "concept": said(figure, "concept"),
            "area": figure.area_id,
            "group": said(figure, "group"),
            "value": figure.value.normalize().__format__("f"),
            "unit": figure.unit_id,
            "stock_or_flow": figure.kind,
            "population_base": figure.base,
            "case": figure.case_id,
            "note": said(figure, "note"),
        }
        for figure in ledger_figures()
    )
    return csv_file("marsad-figures", FIGURE_COLUMNS, rows)


_SAME: Final = (
    "code",
    "area_text",
    "period",
    "quantifier",
    "publisher",
    "document",
    "url",
    "excerpt",
    "read_on",
    "vintage",
    "reliability",
    "role",
)


@access(anyone)
@require_safe
def dataset_csv(request: HttpRequest, code: str, number: str) -> HttpResponseBase:
    """A whole edition, streamed row by row: an edition never changes, so neither does this file."""
    edition = dissemination.edition(code, number)
    if edition is None:
        raise Http404(_("No such edition."))
    stone = dissemination.tombstone_of(edition)
    if stone is not None:
        row = {
            "edition": str(edition),
            "withdrawn_on": timezone.localdate(stone.withdrawn_at).isoformat(),
            "reason": said(stone, "reason"),
        }
        gone = "".join(csv_lines(row, [row]))
        return HttpResponse(gone, content_type="text/csv; charset=utf-8", status=410)
    tag = f'"{edition.checksum[:32]}-{current_language()}"'
    response: HttpResponseBase
    if tag in request.headers.get("If-None-Match", ""):
        response = HttpResponseNotModified()
    else:
        lines = csv_lines(COLUMNS, _rows(dissemination.edition_points(edition)))
        response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="marsad-{code}-{number}.csv"'
    response["Cache-Control"] = FOR_GOOD
    response["ETag"] = tag
    return response
