"""The shape of a sheet: where its heading stands, over how many rows, and what each row below it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from migstat.quality.cells import RawCell
from migstat.quality.dates import DateOrder, parse_date
from migstat.quality.marks import proposed_mark
from migstat.quality.numbers import is_number_like
from migstat.quality.plain_words import cleaned, plain

Row = Sequence[RawCell]


class RowKind(StrEnum):
    DATA = "data"
    EMPTY = "empty"
    TOTAL = "total"
    SUBTOTAL = "subtotal"
    NOTE = "note"
    REPEATED_HEADING = "repeated_heading"


@dataclass(frozen=True)
class Heading:
    """Rows count from 0. ``first`` to ``last`` hold the titles, ``units`` the row of units below them if there is one.

    ``above`` is how many rows of titles, dates or logos stand before; ``certain`` is False where another row could be
    the heading as well.
    """

    first: int
    last: int
    units: int | None
    above: int
    certain: bool = True

    @property
    def data_from(self) -> int:
        return (self.last if self.units is None else self.units) + 1


_MOST_HEADING_ROWS = 60
_MOST_MEASURED = 0.25
_UNIT = re.compile(
    r"^[(\[]?\s*(?:%|٪|mad|dh|dhs|درهم|km2?|nombre|number|nb|effectifs?|عدد|en milliers?|milliers|بالآلاف|ans|années|سنة"
    r"|personnes?|أشخاص|unit[eé]s?|jj/mm/aaaa|dd/mm/yyyy|yyyy-mm-dd)\s*[)\]]?$",
    re.IGNORECASE,
)
_TOTALS = (
    "total",
    "totaux",
    "ensemble",
    "grand total",
    "total general",
    "somme",
    "sum",
    "المجموع",
    "المجموع العام",
    "مجموع",
    "الاجمالي",
    "المجموع الكلي",
    "all",
)
_SUBTOTALS = (
    "sous total",
    "sous totaux",
    "sub total",
    "subtotal",
    "s total",
    "s/total",
    "المجموع الفرعي",
    "المجموع الجزئي",
    "مجموع جزئي",
)
_ALONE = frozenset({"sum", "all", "somme"})
_FOLLOWED = "|".join(plain(word) for word in _TOTALS if word not in _ALONE)
_TOTAL = re.compile(rf"^(?:{'|'.join(sorted(_ALONE))}|(?:{_FOLLOWED})(?: .{{0,60}})?)$")
_SUBTOTAL = re.compile("^(?:" + "|".join(plain(word) for word in _SUBTOTALS) + r")(?: .{0,60})?$")
# The first signs of everything above: a text that begins with another letter or a digit is no total, which is seen at once.
_BEGINNINGS = frozenset(plain(word)[0] for word in (*_TOTALS, *_SUBTOTALS))
_NOTE = re.compile(
    r"^\s*(?:source|sources|note|notes|n\.?b\.?|remarque|champ|lecture|المصدر|مصدر|ملاحظة|ملاحظات|\*+\s*[:=]?\s*\w|\(\d\)|\d\)|¹|²)",
    re.IGNORECASE,
)


def is_blank(cell: RawCell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell[:1].isalnum() and not cleaned(cell))


def is_value_like(cell: RawCell) -> bool:
    """Whether a cell looks like what stands below a heading: a number, a day, a mark; a bare year may be a title.

    >>> [is_value_like(cell) for cell in ("1 234", "31/12/2025", "n.d.", "2025", "0-4 ans", "Hassan")]
    [True, True, True, False, False, False]
    """
    if isinstance(cell, bool | int | float | date):
        return not (isinstance(cell, int | float) and 1900 <= cell <= 2100 and cell == int(cell))
    if is_blank(cell):
        return False
    text = str(cell)
    lone_year = re.fullmatch(r"(?:19|20)\d\d", cleaned(text)) is not None
    return not lone_year and (
        is_number_like(text) or proposed_mark(text) is not None or parse_date(text, DateOrder.DAY_FIRST) is not None
    )


def recognise_heading(rows: Sequence[Row], known: frozenset[str] = frozenset()) -> Heading | None:
    """Where the heading of a sheet stands; None for a sheet without one, or without two columns of text: a row of which
    a quarter are numbers and days is a record, whose cells must not be taken for titles.

    The heading's last row is the fullest row of texts without values, directly above rows that are as wide; rows above
    it that are as dense, or whose merged titles span it, belong to it. ``known`` are usual titles in their plain form, which
    no record holds.
    """
    sample = rows[:_MOST_HEADING_ROWS]
    filled = [sum(not is_blank(cell) for cell in row) for row in sample]
    width = max(filled, default=0)
    if width < 2:
        return None
    best: tuple[float, int] | None = None
    for place, row in enumerate(sample):
        if filled[place] < 2 or filled[place] < 0.5 * width:
            continue
        below = [other for other in sample[place + 1 : place + 8] if not _is_units(other)]
        score = _title_score(row, below, filled[place] / width) + 0.5 * _known_share(row, known)
        if best is None or score > best[0] + 1e-9:
            best = (score, place)
        if place > 2 and best is not None and place - best[1] > 8:
            break
    if best is None or _measured_share(sample[best[1]]) >= _MOST_MEASURED:
        return None
    last = next(place for place, row in enumerate(sample) if _said(row) == _said(sample[best[1]]))
    units = last + 1 if last + 1 < len(sample) and _is_units(sample[last + 1]) else None
    if units is None and _is_units(sample[last]) and last > 0 and filled[last - 1] >= 2:
        units, last = last, last - 1
    first = _first_heading_row(sample, filled, last)
    passed_over = any(filled[place] >= 0.5 * width for place in range(first))
    return Heading(first, last, units, above=first, certain=best[0] > 0.6 and not passed_over)


def _said(row: Row) -> list[str]:
    return [plain(str(cell)) for cell in row if not is_blank(cell)]


def _title_score(row: Row, below: Sequence[Row], density: float) -> float:
    cells = [cell for cell in row if not is_blank(cell)]
    values = _value_share(cells)
    texts = [plain(str(cell)) for cell in cells]
    repeated = 1 - len(set(texts)) / len(texts)
    wide = [other for other in below if sum(not is_blank(cell) for cell in other) >= 0.4 * len(cells)]
    valued = sum(any(is_value_like(cell) for cell in other) for other in wide) / len(wide) if wide else 0.0
    return 0.5 * density + 0.3 * valued - 0.8 * values - 0.4 * repeated + (0.0 if wide else -0.3)


def _value_share(row: Row) -> float:
    cells = [cell for cell in row if not is_blank(cell)]
    return sum(is_value_like(cell) for cell in cells) / len(cells) if cells else 0.0


def _measured_share(row: Row) -> float:
    """Which part of a row are numbers and days; a mark such as x may be a title as well."""
    cells = [cell for cell in row if not is_blank(cell)]
    measured = [is_value_like(cell) and not (isinstance(cell, str) and proposed_mark(cell)) for cell in cells]
    return sum(measured) / len(cells) if cells else 0.0


def _known_share(row: Row, known: frozenset[str]) -> float:
    said = _said(row)
    return sum(title in known for title in said) / len(said) if said else 0.0


def _is_units(row: Row) -> bool:
    cells = [str(cell) for cell in row if not is_blank(cell)]
    return bool(cells) and all(_UNIT.match(cleaned(cell)) for cell in cells)


def _first_heading_row(rows: Sequence[Row], filled: Sequence[int], last: int) -> int:
    """Merged titles above: a row of at least two texts, none a value, that repeats them or whose gaps the row below fills."""
    first = last
    while first > 0 and last - first < 2:
        above, below = rows[first - 1], rows[first]
        texts = {place: plain(str(cell)) for place, cell in enumerate(above) if not is_blank(cell)}
        if len(set(texts.values())) < 2 or any(is_value_like(above[place]) for place in texts):
            break
        repeats = len(set(texts.values())) < len(texts)
        gaps = any(place not in texts and not is_blank(cell) for place, cell in enumerate(below))
        if not (repeats or gaps):
            break
        first -= 1
    return first


def titles_of(rows: Sequence[Row], heading: Heading, width: int, *, carry: bool = True) -> tuple[str, ...]:
    """The title of each column; titles over several rows are joined, a merged title counts for the columns it spans.

    ``carry`` is for files that do not say what is merged: a title then counts for the untitled columns after it.

    >>> titles_of([["Ville", "Élèves", None], [None, "Garçons", "Filles"]], Heading(0, 1, None, 0), 3)
    ('Ville', 'Élèves | Garçons', 'Élèves | Filles')
    """
    parts: list[list[str]] = [[] for _ in range(width)]
    for place in range(heading.first, heading.last + 1):
        row = rows[place]
        carried = ""
        for position in range(width):
            cell = row[position] if position < len(row) else None
            if not is_blank(cell):
                carried = _title(cell)
            elif not carry or place == heading.last or is_blank(_below(rows, place, heading.last, position)):
                carried = ""
            if carried and carried not in parts[position]:
                parts[position].append(carried)
    return tuple(" | ".join(part) for part in parts)


def _below(rows: Sequence[Row], place: int, last: int, position: int) -> RawCell:
    for lower in range(place + 1, last + 1):
        if position < len(rows[lower]) and not is_blank(rows[lower][position]):
            return rows[lower][position]
    return None


def _title(cell: RawCell) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cleaned(cell.isoformat() if isinstance(cell, date) else str(cell))


class RowSorter:
    """Says of each row below a heading what it is.

    >>> sorter = RowSorter(("Arrondissement", "Élèves"), raw_titles=(("Arrondissement", "Élèves"),))
    >>> [sorter.kind(row).value for row in (["Hassan", 4], ["TOTAL", 9], [None, ""], ["Source : AREF", None])]
    ['data', 'total', 'empty', 'note']
    """

    def __init__(self, titles: Sequence[str], *, raw_titles: Sequence[Sequence[str]]) -> None:
        self._headings = {tuple(plain(title) for title in row if title) for row in (titles, *raw_titles)}
        self._first_titles = {next((plain(title) for title in row if title), "\x00") for row in (titles, *raw_titles)}
        self._beginnings = _BEGINNINGS | {title[0] for title in self._first_titles if title}
        self._width = sum(bool(title) for title in titles)

    def _is_plainly_data(self, text: str) -> bool:
        """Whether the first sign alone tells that a text is no total and no heading; False where the words have to be read."""
        sign = text[0]
        return sign.isascii() and sign.isalnum() and sign.lower() not in self._beginnings

    def kind(self, row: Row) -> RowKind:
        filled = row if None not in row and "" not in row else [cell for cell in row if cell is not None and cell != ""]
        if not filled:
            return RowKind.EMPTY
        first = filled[0]
        if not isinstance(first, str):
            return RowKind.DATA
        if len(filled) == 1 or (len(filled) > 2 and filled.count(first) == len(filled)):
            return self._lone(row, first)
        if self._is_plainly_data(first):
            return self._later(row, filled)
        said = plain(first)
        if _SUBTOTAL.match(said):
            return RowKind.SUBTOTAL
        if _TOTAL.match(said):
            return RowKind.TOTAL
        if said in self._first_titles and self._is_heading(filled):
            return RowKind.REPEATED_HEADING
        return self._later(row, filled)

    def _later(self, row: Row, filled: Row) -> RowKind:
        """A total named in the second or third column, below a merged cell of the first."""
        for cell in filled[1:3]:
            if isinstance(cell, str) and len(cell) <= 60 and not self._is_plainly_data(cell):
                said = plain(cell)
                if _SUBTOTAL.match(said) or (_TOTAL.match(said) and len(filled) > 2):
                    return RowKind.SUBTOTAL
        return RowKind.DATA if any(not is_blank(cell) for cell in filled) else RowKind.EMPTY

    def _is_heading(self, filled: Row) -> bool:
        return tuple(plain(str(cell)) for cell in filled if not is_blank(cell)) in self._headings

    def _lone(self, row: Row, only: str) -> RowKind:
        if is_blank(only):
            return RowKind.EMPTY
        if self._width <= 2 and not _NOTE.match(only) and len(only) <= 60:
            return RowKind.DATA
        return RowKind.NOTE
