"""A sampling frame read from CSV and checked whole. Units are codes; a frame with names in it does not come in."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from marsad.collection.fieldwork.rules import MOST_UNITS, UnitKind
from marsad.collection.spelling import one_spelling
from migstat.model.refusals import Refused

REQUIRED: Final[Mapping[UnitKind, tuple[str, ...]]] = {
    UnitKind.DWELLING: ("code", "area"),
    UnitKind.AREA: ("code", "area", "size"),
}
OPTIONAL: Final[Mapping[UnitKind, tuple[str, ...]]] = {
    UnitKind.DWELLING: ("stratum", "block", "locator"),
    UnitKind.AREA: ("stratum",),
}
# A dwelling's code as questionnaires take it; at least one digit, so that no name passes for a code.
_CODE: Final[Mapping[UnitKind, re.Pattern[str]]] = {
    UnitKind.DWELLING: re.compile(r"(?=.*[0-9])[A-Z0-9][A-Z0-9-]{1,18}[A-Z0-9]"),
    UnitKind.AREA: re.compile(r"(?=.*[0-9])[A-Z0-9][A-Z0-9.-]{1,18}[A-Z0-9]"),
}
_LABEL = re.compile(r"[\w.-]{1,40}")
_LONGEST_LOCATOR = 200
_MOST_FINDINGS = 50


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One unit of a frame as it came. ``locator`` says how to find it, and is sealed before it is kept."""

    code: str
    area: str
    stratum: str
    block: str = ""
    size: int = 1
    locator: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, and where; never what stood there."""

    line: int
    column: str
    rule: str


class FrameRefused(Refused):
    """A frame with errors, with up to fifty of them."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__(
            "fieldwork.frame_rows", found=f"{len(findings)} errors", remedy="correct the file and send it again"
        )
        self.findings = findings


def read_frame(content: bytes, kind: UnitKind, areas: Collection[str]) -> tuple[UnitRow, ...]:
    """The units of a file, in its order. ``areas`` are the codes of areas that exist.

    Raises ``Refused``: ``fieldwork.frame_text`` for what is no CSV in UTF-8, ``fieldwork.frame_columns`` for a column that is
    missing, not known or stands twice, ``fieldwork.frame_empty``, ``fieldwork.frame_large``; ``FrameRefused`` with the rows.
    """
    lines = _lines(content)
    header = [name.strip().lower() for name in next(lines, [])]
    _demand_columns(header, kind)
    rows: list[UnitRow] = []
    places: list[int] = []
    findings: list[Finding] = []
    seen: set[str] = set()
    for line, cells in enumerate(lines, 2):
        if not any(cell.strip() for cell in cells):
            continue
        row = dict(zip(header, (cell.strip() for cell in cells), strict=False))
        wrong = [] if len(cells) == len(header) else [Finding(line, "", "frame_cells")]
        wrong = wrong or [Finding(line, column, rule) for column, rule in _problems(row, kind, areas, seen)]
        seen.add(one_spelling(row.get("code", "")))
        findings += wrong
        if not wrong:
            rows.append(_unit(row))
            places.append(line)
        if len(rows) > MOST_UNITS:
            raise Refused("fieldwork.frame_large", found="too many units", remedy=f"list {MOST_UNITS} at most")
        if len(findings) >= _MOST_FINDINGS:
            break
    findings += _faults_of_blocks(rows, places)
    if findings:
        raise FrameRefused(tuple(findings[:_MOST_FINDINGS]))
    if not rows:
        raise Refused("fieldwork.frame_empty", found="no unit", remedy="list the units below the header")
    return tuple(rows)


def checksum_of(kind: UnitKind, rows: Iterable[UnitRow]) -> str:
    """The SHA-256 of the units in their order, without how to find them: that is erased when fieldwork has ended."""
    digest = hashlib.sha256(f"{kind}\n".encode())
    for row in rows:
        digest.update("\t".join((row.code, row.area, row.stratum, row.block, str(row.size))).encode() + b"\n")
    return digest.hexdigest()


def _lines(content: bytes) -> Iterator[list[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise Refused("fieldwork.frame_text", found="no text in UTF-8", remedy="save the table as CSV in UTF-8")
    first = text.partition("\n")[0]
    separator = max(";,\t", key=first.count)
    return _checked_lines(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))


def _checked_lines(reader: Iterable[list[str]]) -> Iterator[list[str]]:
    try:
        yield from reader
    except csv.Error:
        raise Refused("fieldwork.frame_text", found="broken quotes", remedy="save the table as CSV in UTF-8") from None


def _demand_columns(header: list[str], kind: UnitKind) -> None:
    known = (*REQUIRED[kind], *OPTIONAL[kind])
    missing = [name for name in REQUIRED[kind] if name not in header]
    strange = sum(name not in known for name in header)
    if missing or strange or len(set(header)) != len(header):
        said = f"no column {missing[0]}" if missing else f"{strange or 1} columns that a frame does not have"
        raise Refused("fieldwork.frame_columns", found=said, remedy=f"give the columns {', '.join(known)} and no other")


def _problems(
    row: Mapping[str, str], kind: UnitKind, areas: Collection[str], seen: Collection[str]
) -> Iterable[tuple[str, str]]:
    if not _CODE[kind].fullmatch(row["code"]):
        yield "code", "frame_code"
    elif one_spelling(row["code"]) in seen:
        yield "code", "frame_twice"
    if row["area"] not in areas:
        yield "area", "frame_area"
    for name in ("stratum", "block"):
        if row.get(name) and not _LABEL.fullmatch(row[name]):
            yield name, "frame_label"
    if len(row.get("locator", "")) > _LONGEST_LOCATOR:
        yield "locator", "frame_locator"
    if kind is UnitKind.AREA and not (row["size"].isascii() and row["size"].isdigit() and int(row["size"][:9]) > 0):
        yield "size", "frame_size"


def _unit(row: Mapping[str, str]) -> UnitRow:
    return UnitRow(
        row["code"],
        row["area"],
        row.get("stratum") or row["area"],
        row.get("block", ""),
        int(row.get("size") or 1),
        row.get("locator", ""),
    )


def _faults_of_blocks(rows: Sequence[UnitRow], places: Sequence[int]) -> list[Finding]:
    """A block stands in one stratum, and where one dwelling has a block all have."""
    stratum_of: dict[str, str] = {}
    blocks = any(row.block for row in rows)
    found = []
    for row, line in zip(rows, places, strict=True):
        if blocks and not row.block:
            found.append(Finding(line, "block", "frame_block"))
        elif row.block and stratum_of.setdefault(row.block, row.stratum) != row.stratum:
            found.append(Finding(line, "block", "frame_nested"))
    return found[:_MOST_FINDINGS]
