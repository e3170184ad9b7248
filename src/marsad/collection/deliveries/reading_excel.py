"""Workbooks: held against bombs before anything is unpacked into memory, then read sheet by sheet with their merged cells."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from marsad.collection.deliveries.reading_sources import (
    MOST_COLUMNS,
    FileFormat,
    NumberedRow,
    Opener,
    ReadingChoices,
    Recognition,
)
from marsad.collection.deliveries.rules import MOST_WORKBOOK_BYTES
from marsad.collection.deliveries.workbook_formulas import FormulaTraces, formula_traces
from migstat.model.refusals import Refused
from migstat.quality.cells import RawCell

MOST_UNPACKED: Final = 400 * 1024 * 1024
MOST_CELLS: Final = 4_000_000
_MOST_PLACES = 10_000_000
_MOST_PARTS = 2_000
_LONG_STRING = 2_000
_MOST_REPEATED = 64 * 1024 * 1024
_DOCTYPE = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_PLACE = re.compile(rb"\sr\s*=\s*[\"']([A-Za-z]{0,8})(\d{1,12})[\"']")
_SHARED = re.compile(rb"<(?:\w+:)?v>\s*(\d{1,9})\s*</")
_ITEM_END = re.compile(rb"</(?:\w+:)?si>")


def open_workbook(opener: Opener, choices: ReadingChoices, file_format: FileFormat, *, size: int) -> WorkbookSource:
    """Read a workbook into memory. Raises ``Refused`` for one that is too large, locked, broken or built to harm."""
    if size > MOST_WORKBOOK_BYTES:
        found = f"a workbook of more than {MOST_WORKBOOK_BYTES // 2**20} MiB"
        raise Refused("deliveries.too_large", found=found, remedy="save the sheet as .csv and send that")
    with opener() as stream:
        content = stream.read()
    if file_format is FileFormat.XLSX:
        _check_package(content)
    return WorkbookSource(content, choices, file_format, size=size)


def _harmful(found: str) -> Refused:
    return Refused("deliveries.harmful", found=found, remedy="save the sheet again as .xlsx or .csv")


def _broken() -> Refused:
    return Refused(
        "deliveries.broken", found="a workbook that cannot be read", remedy="open it, save it again, send that"
    )


def _check_package(content: bytes) -> None:
    """Unpack every part once without keeping it, and count what reading it would need."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = package.infolist()
            names = {part.filename for part in parts}
            if len(parts) > _MOST_PARTS or len(names) < len(parts):
                raise _harmful("a package of too many parts, or of parts of one name")
            if any(part.flag_bits & 1 for part in parts):
                raise Refused("deliveries.locked", found="a locked workbook", remedy="send it without a password")
            if "[Content_Types].xml" not in names or not any(name.startswith("xl/") for name in names):
                raise Refused(
                    "deliveries.format", found="a package that is no .xlsx", remedy="save it as .xlsx or .csv"
                )
            if sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise _harmful("a package that unpacks to too much")
            _walk_parts(package, parts)
    except Refused:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError, RuntimeError):
        raise _broken() from None


def _walk_parts(package: zipfile.ZipFile, parts: list[zipfile.ZipInfo]) -> None:
    unpacked, cells = 0, 0
    long_strings = _long_strings(package, parts)
    for part in parts:
        if not part.filename.lower().endswith((".xml", ".rels", ".vml")):
            continue
        sheet = "worksheets/" in part.filename
        furthest_row = furthest_column = repeated = 0
        tail = b""
        with package.open(part) as stream:
            while piece := stream.read(1 << 20):
                unpacked += len(piece)
                if unpacked > MOST_UNPACKED:
                    raise _harmful("a package that unpacks to too much")
                text = tail + piece
                if _DOCTYPE.search(text) or _wide_doctype(text):
                    raise _harmful("an XML part that defines entities")
                if sheet:
                    for column, row in _PLACE.findall(text):
                        furthest_row = max(furthest_row, int(row))
                        furthest_column = max(furthest_column, _column_number(column))
                    cells += piece.count(b"<c ") + piece.count(b":c ") + piece.count(b"<c>") + piece.count(b"<c/")
                    if long_strings:
                        repeated += sum(long_strings.get(int(index), 0) for index in _SHARED.findall(text))
                tail = text[-64:]
        _refuse_beyond_bounds(furthest_row, furthest_column, cells, repeated)


def _wide_doctype(text: bytes) -> bool:
    """Entities hidden from a plain search by UTF-16."""
    return b"\x00" in text[:200] and _DOCTYPE.search(text.replace(b"\x00", b"")) is not None


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _refuse_beyond_bounds(rows: int, columns: int, cells: int, repeated: int) -> None:
    if rows > 1_048_576 or columns > 16_384 or cells > MOST_CELLS or rows * max(columns, 1) > _MOST_PLACES:
        raise Refused(
            "deliveries.too_large",
            found=f"a sheet of {rows} rows and {columns} columns",
            remedy="delete what stands far from the table, or save the sheet as .csv",
        )
    if repeated > _MOST_REPEATED:
        raise _harmful("a long text repeated in many cells")


def _long_strings(package: zipfile.ZipFile, parts: list[zipfile.ZipInfo]) -> dict[int, int]:
    """The shared texts of more than a few thousand letters, by their number: a package may repeat each a million times."""
    names = [part for part in parts if part.filename.lower().endswith("sharedstrings.xml")]
    found: dict[int, int] = {}
    index, length, total = 0, 0, 0
    for part in names:
        with package.open(part) as stream:
            while piece := stream.read(1 << 20):
                total += len(piece)
                if total > MOST_UNPACKED:
                    raise _harmful("a package that unpacks to too much")
                ends = [match.end() for match in _ITEM_END.finditer(piece)]
                start = 0
                for end in ends:
                    length += end - start
                    if length > _LONG_STRING:
                        found[index] = length
                    index, length, start = index + 1, 0, end
                length += len(piece) - start
    return found


class WorkbookSource:
    """A workbook; the sheet with most filled rows is taken where none is chosen."""

    merged = True

    def __init__(self, content: bytes, choices: ReadingChoices, file_format: FileFormat, *, size: int) -> None:
        self.file_format, self.size = file_format, size
        try:
            self._book = CalamineWorkbook.from_filelike(io.BytesIO(content))
            shown = [
                one.name
                for one in self._book.sheets_metadata
                if one.typ == SheetTypeEnum.WorkSheet and one.visible == SheetVisibleEnum.Visible
            ]
            self.sheets = tuple(shown)
            self._grids = {name: self._grid(name) for name in self.sheets}
            if not any(self._grids.values()):
                raise Refused(
                    "deliveries.empty", found="a workbook without a filled sheet", remedy="send the filled one"
                )
            self.sheet, why = self._chosen(choices.sheet)
            if file_format is FileFormat.XLSX:
                self._note_formulas(formula_traces(content, self.sheet))
        except Refused:
            raise
        except BaseException as error:
            raise _said(error) from None
        self.recognitions: tuple[Recognition, ...] = (
            Recognition("sheet", self.sheet, why, certain=why != "most_rows"),
        )

    def _grid(self, name: str) -> list[list[RawCell]]:
        sheet = self._book.get_sheet_by_name(name)
        if sheet.total_height * max(sheet.total_width, 1) > _MOST_PLACES or sheet.total_width > 16_384:
            raise Refused("deliveries.too_large", found="a sheet without bounds", remedy="save the sheet as .csv")
        rows = [[_plain(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
        for first, last in sheet.merged_cell_ranges or []:
            _fill(rows, first, last)
        if rows and len(rows[0]) > MOST_COLUMNS:
            rows = _narrowed(rows)
        return rows if any(cell is not None for row in rows for cell in row) else []

    def _chosen(self, wanted: str) -> tuple[str, str]:
        if wanted in self.sheets and self._grids[wanted]:
            return wanted, "chosen"
        filled = {name: _filled_rows(grid) for name, grid in self._grids.items()}
        best = max(filled, key=lambda name: filled[name])
        alone = sum(count > 0 for count in filled.values()) == 1
        return best, "only_sheet" if alone else "most_rows"

    def _note_formulas(self, traces: FormulaTraces) -> None:
        """Say the errors that formulas show where the reader left the cells empty. Raises ``Refused`` for missing values."""
        if traces.uncalculated:
            raise Refused(
                "deliveries.uncalculated",
                found="formulas without their values",
                remedy="open it in a spreadsheet program, save it there, send that",
            )
        grid = self._grids[self.sheet]
        for row, column, text in traces.errors:
            if row < len(grid) and column < len(grid[row]) and grid[row][column] is None:
                grid[row][column] = text

    def rows(self) -> Iterator[NumberedRow]:
        yield from enumerate(self._grids[self.sheet], start=1)


def _filled_rows(grid: list[list[RawCell]]) -> int:
    return sum(sum(cell is not None for cell in row) >= 2 for row in grid)


def _narrowed(rows: list[list[RawCell]]) -> list[list[RawCell]]:
    width = max((place + 1 for row in rows for place, cell in enumerate(row) if cell is not None), default=0)
    if width > MOST_COLUMNS:
        raise Refused("deliveries.too_wide", found=f"{width} columns", remedy="deliver a table with less columns")
    return [row[:width] for row in rows]


def _said(error: BaseException) -> BaseException:
    """A problem of the reader in our words; what is no problem of the file goes on."""
    if isinstance(error, KeyboardInterrupt | SystemExit | GeneratorExit | MemoryError):
        return error
    if type(error).__name__ == "PasswordError" or "password" in str(error).lower():
        return Refused("deliveries.locked", found="a locked workbook", remedy="send it without a password")
    return _broken()


def _plain(cell: Any) -> RawCell:
    if cell == "" or cell is None:
        return None
    if isinstance(cell, time | timedelta):
        return str(cell)
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date()
    return cell if isinstance(cell, str | int | float | bool | date) else str(cell)


def _fill(rows: list[list[RawCell]], first: tuple[int, int], last: tuple[int, int]) -> None:
    """Every cell of a merged block says what its first one says, one block being at most a thousand cells."""
    (top, left), (bottom, right) = first, last
    if top >= len(rows) or left >= len(rows[top]) or (bottom - top + 1) * (right - left + 1) > 1_000:
        return
    value = rows[top][left]
    for row in rows[top : bottom + 1]:
        for place in range(left, min(right + 1, len(row))):
            row[place] = value
