"""A delivered file as sheets of rows, whatever it came as; and what was recognised on the way, each with its reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import BinaryIO, Protocol

from migstat.model.refusals import Refused
from migstat.quality.cells import RawCell

Opener = Callable[[], BinaryIO]
NumberedRow = tuple[int, list[RawCell]]
MOST_COLUMNS = 1_000


class FileFormat(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    XLS = "xls"


@dataclass(frozen=True)
class Recognition:
    """One thing that was recognised: ``what`` and ``why`` are codes with words, ``value`` is shown as it is."""

    what: str
    value: str
    why: str
    certain: bool = True


@dataclass(frozen=True)
class ReadingChoices:
    """What a person said about how the file is to be read; empty where the file speaks for itself."""

    encoding: str = ""
    separator: str = ""
    sheet: str = ""


class Source(Protocol):
    """An opened file. ``merged`` says that the file itself knows its merged cells, so that titles are not carried on."""

    file_format: FileFormat
    recognitions: tuple[Recognition, ...]
    sheets: tuple[str, ...]
    sheet: str
    merged: bool
    size: int

    def rows(self) -> Iterator[NumberedRow]:
        """The rows of the chosen sheet, numbered from 1 as a spreadsheet shows them."""


@dataclass
class ByteCount:
    """How far a stream has been read, for the progress of long files."""

    read: int = field(default=0)


_ZIP, _OLE, _PDF, _GZIP = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"%PDF", b"\x1f\x8b"
_OTHERS = (
    _PDF,
    _GZIP,
    b"BZh",
    b"\xfd7zXZ",
    b"Rar!",
    b"7z\xbc\xaf",
    b"\x7fELF",
    b"MZ",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"SQLite format",
    b"PAR1",
    b"{\\rtf",
)


def open_source(opener: Opener, choices: ReadingChoices, *, size: int, count: ByteCount | None = None) -> Source:
    """Open a file by what it is, not by what it is called. Raises ``Refused`` with a rule ``deliveries.*`` for one that
    cannot be read, is no table, or would grow beyond bounds.
    """
    from marsad.collection.deliveries.reading_csv import CsvSource
    from marsad.collection.deliveries.reading_excel import open_workbook

    if size == 0:
        raise Refused("deliveries.empty", found="an empty file", remedy="send the file that holds the table")
    with opener() as stream:
        head = stream.read(8192)
    if head.startswith(_ZIP):
        return open_workbook(opener, choices, FileFormat.XLSX, size=size)
    if head.startswith(_OLE):
        return open_workbook(opener, choices, FileFormat.XLS, size=size)
    if head.startswith((b"PK\x05\x06", b"PK\x07\x08", *_OTHERS)):
        raise Refused("deliveries.format", found="a file that is no table", remedy="save it as .xlsx or .csv")
    if head.lstrip()[:1] == b"<" or head.lstrip(b"\xef\xbb\xbf \r\n\t")[:5].lower() in (b"<?xml", b"<html"):
        raise Refused("deliveries.format", found="a page or an XML file", remedy="save it as .xlsx or .csv")
    return CsvSource(opener, choices, size=size, count=count or ByteCount())
