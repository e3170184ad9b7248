"""Text tables: their encoding and separator recognised from a sample, their rows read in a stream of bounded memory."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from typing import IO, Final

from charset_normalizer import from_bytes

from marsad.collection.deliveries.reading_sources import (
    MOST_COLUMNS,
    ByteCount,
    FileFormat,
    NumberedRow,
    Opener,
    ReadingChoices,
    Recognition,
)
from migstat.model.refusals import Refused

ENCODINGS: Final = (
    "utf-8-sig",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "cp1252",
    "cp1256",
    "iso8859_6",
    "cp850",
    "mac_roman",
)
SEPARATORS: Final = (";", ",", "\t", "|")
_SAMPLE = 512 * 1024
_LONGEST_CELL = 200_000
_WESTERN = ("cp1252", "cp850", "mac_roman")
_LETTERS = frozenset("éèêëàâäçîïôöùûüœæñáíóúÉÈÊËÀÂÄÇÎÏÔÖÙÛÜŒÆÑÁÍÓÚ’‘“”«»–—…°²€\u00a0")
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def recognise_encoding(sample: bytes, *, whole: bool) -> Recognition:
    """The encoding of a text. Windows' Arabic and Western tables are told apart by runs of letters beyond ASCII.

    Raises ``Refused("deliveries.binary")`` for what is no text.
    """
    for mark, name in _BOMS:
        if sample.startswith(mark):
            return Recognition("encoding", name, "byte_order_mark")
    if wide := _wide(sample):
        return Recognition("encoding", wide, "zero_bytes", certain=False)
    if b"\x00" in sample or _control_share(sample) > 0.02:
        raise Refused("deliveries.binary", found="a file that is no text", remedy="save it as .xlsx or .csv")
    try:
        codecs.getincrementaldecoder("utf-8")("strict").decode(sample, final=whole)
    except UnicodeError:
        return _legacy(sample)
    return Recognition("encoding", "utf-8-sig", "valid_utf8" if _HIGH_RUN.search(sample) else "ascii")


def _control_share(sample: bytes) -> float:
    controls = sum(sample.count(bytes([code])) for code in (*range(1, 9), *range(14, 32)))
    return controls / max(len(sample), 1)


def _wide(sample: bytes) -> str:
    """UTF-16 without its mark: nearly every second byte of Western text is zero, of Arabic text 06."""
    pairs = sample[: len(sample) // 2 * 2]
    if len(pairs) < 8:
        return ""
    even, odd = Counter(pairs[::2]), Counter(pairs[1::2])
    if odd[0] + odd[6] > 0.85 * len(pairs) / 2 and odd[0] and even[0] < 0.1 * len(pairs) / 2:
        return "utf-16-le"
    if even[0] + even[6] > 0.85 * len(pairs) / 2 and even[0] and odd[0] < 0.1 * len(pairs) / 2:
        return "utf-16-be"
    return ""


def _legacy(sample: bytes) -> Recognition:
    runs = [len(run) for run in _HIGH_RUN.findall(sample)]
    if sum(length for length in runs if length >= 3) > 0.6 * sum(runs):
        return Recognition("encoding", "cp1256", "arabic_runs", certain=False)
    found = max(_WESTERN, key=lambda name: _french_share(sample, name))
    best = from_bytes(sample[:100_000], cp_isolation=[*_WESTERN, "cp1256"]).best()
    agrees = best is not None and best.encoding in (found, "cp1256")
    return Recognition("encoding", found, "western_letters", certain=found == "cp1252" and agrees)


def _french_share(sample: bytes, encoding: str) -> float:
    """Which part of the letters beyond ASCII are those of French and Spanish; below 0 where a byte is no letter at all."""
    try:
        beyond = [letter for letter in sample.decode(encoding) if not letter.isascii()]
    except UnicodeError:
        return -1.0
    return sum(letter in _LETTERS for letter in beyond) / max(len(beyond), 1)


def recognise_separator(text: str) -> Recognition:
    """The separator that cuts most lines into the same number of cells, more than one.

    Raises ``Refused("deliveries.one_column")`` where none does.
    """
    lines = [line for line in text.splitlines()[:200] if line.strip()]
    best = ("", 0.0, 0)
    for separator in SEPARATORS:
        widths = Counter(len(row) for row in _rows_of(lines, separator) if len(row) > 1)
        if not widths:
            continue
        width, count = max(widths.items(), key=lambda one: (one[1], one[0]))
        score = count / len(lines) + 0.02 * min(width, 20)
        if score > best[1]:
            best = (separator, score, width)
    if not best[0]:
        raise Refused("deliveries.one_column", found="text without a separator", remedy="save it as .xlsx or .csv")
    return Recognition("separator", best[0], "same_width", certain=best[1] > 0.5)


def _rows_of(lines: list[str], separator: str) -> list[list[str]]:
    try:
        return list(csv.reader(lines, delimiter=separator))
    except csv.Error:
        return []


def _as_text(sample: bytes, encoding: str) -> str:
    """The sample with a sign in place of each byte that is none. Raises ``Refused("deliveries.encoding")`` for a text that
    cannot be in the encoding at all, such as UTF-16 without its first mark.
    """
    try:
        return codecs.getincrementaldecoder(encoding)("replace").decode(sample, final=False)
    except UnicodeError:
        raise Refused(
            "deliveries.encoding", found=f"a text that is not {encoding}", remedy="choose another encoding"
        ) from None


class CsvSource:
    """A text table; ``rows`` can be walked any number of times, each from the beginning of the file."""

    file_format = FileFormat.CSV
    sheets: tuple[str, ...] = ("",)
    sheet = ""
    merged = False

    def __init__(self, opener: Opener, choices: ReadingChoices, *, size: int, count: ByteCount) -> None:
        self._opener, self._count, self.size = opener, count, size
        with opener() as stream:
            sample = stream.read(_SAMPLE)
        if not sample.strip(b" \t\r\n\x00,;|"):
            raise Refused("deliveries.empty", found="a file of nothing", remedy="send the file that holds the table")
        encoding = self._encoding(sample, choices, whole=len(sample) >= size)
        text = _as_text(sample, encoding.value)
        separator = (
            Recognition("separator", choices.separator, "chosen")
            if choices.separator in SEPARATORS
            else recognise_separator(text.removeprefix("\ufeff"))
        )
        self.recognitions: tuple[Recognition, ...] = (encoding, separator)
        self._encoding_name, self._separator = encoding.value, separator.value

    @staticmethod
    def _encoding(sample: bytes, choices: ReadingChoices, *, whole: bool) -> Recognition:
        if choices.encoding in ENCODINGS:
            return Recognition("encoding", choices.encoding, "chosen")
        return recognise_encoding(sample, whole=whole)

    def rows(self) -> Iterator[NumberedRow]:
        """Rows with the number of the line on which each begins. Raises ``Refused`` for bytes that are not in the
        encoding, an endless cell or a row of too many cells.
        """
        csv.field_size_limit(_LONGEST_CELL)
        with self._opener() as stream, _Counted(stream, self._count) as counted:
            text = io.TextIOWrapper(
                io.BufferedReader(counted), encoding=self._encoding_name, errors="strict", newline=""
            )
            # Strict: a mark that stays open, or is closed in the midst of a cell, would swallow the rows up to the next one.
            reader = csv.reader(_bounded_lines(text), delimiter=self._separator, strict=True)
            number = 1
            try:
                for row in reader:
                    if len(row) > MOST_COLUMNS:
                        raise Refused(
                            "deliveries.too_wide",
                            found=f"more than {MOST_COLUMNS} cells in row {number}",
                            remedy="check the separator",
                        )
                    yield number, row  # type: ignore[misc]
                    number = reader.line_num + 1
            except UnicodeError:
                raise Refused(
                    "deliveries.encoding",
                    found=f"letters that are not {self._encoding_name} after row {number}",
                    remedy="choose another encoding, or save the file as UTF-8",
                ) from None
            except csv.Error:
                raise Refused(
                    "deliveries.quotes",
                    found=f"a quotation mark out of its place in the record of row {number}",
                    remedy="close the quotation mark",
                ) from None


def _bounded_lines(text: IO[str]) -> Iterator[str]:
    """Lines of a text, the first without its mark of order; a line that does not end is refused before it fills the memory."""
    first = True
    while line := text.readline(_LONGEST_CELL):
        if len(line) >= _LONGEST_CELL:
            raise Refused("deliveries.too_wide", found="a line without an end", remedy="check the file")
        yield (line.removeprefix("\ufeff") if first else line).replace("\x00", "")
        first = False


class _Counted(io.RawIOBase):
    """A stream that notes how many bytes were read from it."""

    def __init__(self, stream: object, count: ByteCount) -> None:
        self._stream, self._count = stream, count
        count.read = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object, /) -> int:
        read: int = self._stream.readinto(buffer)  # type: ignore[attr-defined]
        self._count.read += read
        return read
