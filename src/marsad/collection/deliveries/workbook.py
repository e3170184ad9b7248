"""The report of a check as the partner's own workbook: the cells marked, a comment in each, and a sheet that lists them.

Every text that a spreadsheet would run is written as plain text.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from marsad.collection.deliveries.reading_sources import NumberedRow
from migstat.quality.findings import harmless

MOST_ROWS: Final = 50_000
_FILLS: Final = {
    "error": PatternFill("solid", fgColor="F4C7B0"),
    "question": PatternFill("solid", fgColor="F6E3A8"),
    "warning": PatternFill("solid", fgColor="CFE1EE"),
}
_BOLD = Font(bold=True)
_LONGEST = 32_000


@dataclass(frozen=True)
class ReportLine:
    """One finding in the reader's words; ``row`` is 0 and ``position`` None where it concerns no cell."""

    severity: str
    severity_said: str
    row: int
    position: int | None
    column: str
    problem: str
    found: str
    remedy: str


@dataclass(frozen=True)
class ReportWords:
    """The words around a report in the reader's language."""

    sheet: str
    headings: Sequence[str]
    only_marked: str
    right_to_left: bool


def safe_cell(value: Any) -> Any:
    """A value as a spreadsheet may hold it: text without control characters and never a formula."""
    if not isinstance(value, str):
        return value if value is None or isinstance(value, int | float | bool | date) else str(value)
    return harmless(ILLEGAL_CHARACTERS_RE.sub("", value)[:_LONGEST])


def marked_workbook(
    sheet_name: str, rows: Iterable[NumberedRow], lines: Sequence[ReportLine], words: ReportWords, *, whole: bool
) -> bytes:
    """The rows with their marks, and the list of findings; of a long file (``whole`` False) only the marked rows."""
    book = Workbook(write_only=True)
    report = book.create_sheet(_sheet_title(words.sheet, set()))
    report.sheet_view.rightToLeft = words.right_to_left
    _write_report(report, lines, words)
    sheet = book.create_sheet(_sheet_title(sheet_name or "CSV", {words.sheet}))
    _write_rows(sheet, rows, _by_row(lines), words, whole=whole)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def report_workbook(lines: Sequence[ReportLine], words: ReportWords) -> bytes:
    """The list of findings alone, for who may not see the rows."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_sheet_title(words.sheet, set()))
    sheet.sheet_view.rightToLeft = words.right_to_left
    _write_report(sheet, lines, words)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _sheet_title(name: str, taken: set[str]) -> str:
    cleaned = "".join(letter for letter in ILLEGAL_CHARACTERS_RE.sub("", name) if letter not in "[]:*?/\\")[:28].strip(
        "' "
    )
    return f"{cleaned} 2" if cleaned in taken else cleaned or "1"


def _by_row(lines: Sequence[ReportLine]) -> Mapping[int, list[ReportLine]]:
    found: dict[int, list[ReportLine]] = {}
    for line in lines:
        if line.row:
            found.setdefault(line.row, []).append(line)
    return found


def _write_report(sheet: Any, lines: Sequence[ReportLine], words: ReportWords) -> None:
    for letter, width in zip("ABCDEFG", (14, 8, 8, 24, 44, 28, 60), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
    sheet.append([_cell(sheet, heading, font=_BOLD) for heading in words.headings])
    for line in lines:
        place = get_column_letter(line.position + 1) if line.position is not None else ""
        values = (line.severity_said, line.row or "", place, line.column, line.problem, line.found, line.remedy)
        sheet.append(
            [
                _cell(sheet, value, fill=_FILLS[line.severity] if not number else None)
                for number, value in enumerate(values)
            ]
        )


def _write_rows(
    sheet: Any, rows: Iterable[NumberedRow], marked: Mapping[int, list[ReportLine]], words: ReportWords, *, whole: bool
) -> None:
    if not whole:
        sheet.append([_cell(sheet, words.only_marked, font=_BOLD)])
    last = 0
    for number, row in rows:
        if whole:
            while last + 1 < number:
                sheet.append([])
                last += 1
            sheet.append(_marked_row(sheet, row, marked.get(number, [])))
            last = number
        elif number in marked:
            sheet.append([_cell(sheet, number, font=_BOLD), *_marked_row(sheet, row, marked[number])])


def _marked_row(sheet: Any, row: Sequence[Any], lines: Sequence[ReportLine]) -> list[Any]:
    by_place: dict[int, list[ReportLine]] = {}
    for line in lines:
        by_place.setdefault(line.position or 0, []).append(line)
    width = max([len(row), *(place + 1 for place in by_place)])
    cells = []
    for place in range(width):
        value = row[place] if place < len(row) else None
        if place not in by_place:
            cells.append(safe_cell(value))
            continue
        here = by_place[place]
        comment = Comment(
            "\n".join(f"{line.problem}. {line.remedy}" for line in here)[:2_000], "Marsad", width=320, height=120
        )
        cells.append(_cell(sheet, value, fill=_FILLS[here[0].severity], comment=comment))
    return cells


def _cell(sheet: Any, value: Any, *, fill: Any = None, font: Any = None, comment: Any = None) -> Any:
    cell = WriteOnlyCell(sheet, value=safe_cell(value))
    cell.alignment = Alignment(vertical="top", wrap_text=True)
    if fill is not None:
        cell.fill = fill
    if font is not None:
        cell.font = font
    if comment is not None:
        cell.comment = comment
    return cell
