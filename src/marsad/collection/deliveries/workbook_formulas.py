"""What formulas left in a workbook: errors that they show, and values that nobody calculated. Both look empty to its reader."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

_RELATION: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_MOST_INDEX: Final = 8 * 1024 * 1024
_PIECE: Final = 1 << 20
# A cell, a row, or a row without cells: what has ended is looked at and let go, so that a sheet of empty cells takes no room.
_END: Final = re.compile(rb"</(?:\w+:)?(?:c|row)>|<(?:\w+:)?row\b[^<>]*/>")
_CELL: Final = re.compile(rb"<(?:\w+:)?c\s([^>]*[^>/])>(.*?)</(?:\w+:)?c>", re.DOTALL)
_FORMULA: Final = re.compile(rb"<(?:\w+:)?f[\s>/]")
_VALUE: Final = re.compile(rb"<(?:\w+:)?v(?:\s[^>]*)?>([^<]*)</")
_PLACE: Final = re.compile(rb"\br\s*=\s*[\"']([A-Za-z]{1,3})(\d{1,7})[\"']")
_KIND: Final = re.compile(rb"\bt\s*=\s*[\"'](\w+)[\"']")
_WHOLE: Final = re.compile(rb"fullCalcOnLoad\s*=\s*[\"'](?:1|true)[\"']")


@dataclass(frozen=True)
class FormulaTraces:
    """``errors``: row and column from 0 of cells that show an error, and its text; ``uncalculated``: values are missing."""

    errors: tuple[tuple[int, int, str], ...] = ()
    uncalculated: bool = False


def formula_traces(content: bytes, sheet: str) -> FormulaTraces:
    """The traces in one sheet of an ``.xlsx`` package that was found harmless; none where its parts are not found.

    A program that writes formulas without calculating asks the spreadsheet to do so when the workbook is opened; until
    then a cell has no value, or 0, which is none either.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        part, on_opening = _part_of(package, sheet)
        if part is None:
            return FormulaTraces()
        errors, uncalculated = [], False
        for attributes, inside in _cells(package, part):
            kind, value = _KIND.search(attributes), _VALUE.search(inside)
            if _FORMULA.search(inside):
                uncalculated |= on_opening or ((value is None or not value[1]) and (kind is None or kind[1] != b"str"))
            place = _PLACE.search(attributes)
            if kind is not None and kind[1] == b"e" and value is not None and place is not None:
                errors.append((int(place[2]) - 1, _column(place[1]), value[1].decode("ascii", "replace")[:20]))
    return FormulaTraces(tuple(errors), uncalculated)


def _part_of(package: zipfile.ZipFile, sheet: str) -> tuple[str | None, bool]:
    """The part that holds a sheet, and whether the workbook waits to be calculated when it is opened."""
    names = {one.filename: one for one in package.infolist()}
    book, relations = names.get("xl/workbook.xml"), names.get("xl/_rels/workbook.xml.rels")
    if book is None or relations is None or max(book.file_size, relations.file_size) > _MOST_INDEX:
        return None, False
    said = package.read(book)
    try:
        wanted = [
            one.get(_RELATION) for one in fromstring(said).iter() if one.get("name") == sheet and one.get(_RELATION)
        ]
        targets = {one.get("Id"): one.get("Target", "") for one in fromstring(package.read(relations)).iter()}
    except (ParseError, DefusedXmlException):
        return None, False
    target = targets.get(wanted[0], "") if wanted else ""
    part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return (part if part in names else None), _WHOLE.search(said) is not None


def _cells(package: zipfile.ZipFile, part: str) -> Iterator[tuple[bytes, bytes]]:
    """The cells of a sheet that hold a formula or an error: their attributes and what stands inside."""
    rest = b""
    with package.open(part) as stream:
        while piece := stream.read(_PIECE):
            text = rest + piece
            ends = [match.end() for match in _END.finditer(text, max(len(rest) - 16, 0))]
            whole = ends[-1] if ends else 0
            if _FORMULA.search(text, 0, whole) or re.search(rb"\bt\s*=\s*[\"']e[\"']", text[:whole]):
                yield from (match.groups() for match in _CELL.finditer(text, 0, whole))  # type: ignore[misc]
            rest = text[whole:]


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number - 1
