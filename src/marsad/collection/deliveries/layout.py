"""How a delivered file is laid out, as recognised and then corrected: plain values that are kept and compared.

A layout holds titles, positions and conventions, never a cell of the table.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import islice
from typing import Any, Final

from marsad.collection.deliveries.reading_sources import NumberedRow, Recognition, Source
from migstat.model.refusals import Refused
from migstat.quality.cells import RawCell
from migstat.quality.dates import DateOrder, parse_date, recognise_order
from migstat.quality.marks import Mark, is_disputed, proposed_mark
from migstat.quality.matching import USUAL_TITLES
from migstat.quality.numbers import NumberFormat, is_number_like, recognise_numbers
from migstat.quality.plain_words import cleaned, plain
from migstat.quality.shape import Heading, RowKind, RowSorter, is_blank, recognise_heading, titles_of

SAMPLE_ROWS: Final = 400
_NUMERIC_SHARE = 0.6


@dataclass(frozen=True)
class FileColumn:
    """One column of the file; ``order`` is empty where it holds no dates, ``number_certain`` False where both marks fit,
    ``again`` True where another filled column has the same title.
    """

    position: int
    title: str
    decimal: str = "."
    number_certain: bool = True
    order: str = ""
    numeric: bool = False
    hijri: bool = False
    again: bool = False


@dataclass(frozen=True)
class Layout:
    """Rows count from 1 as a spreadsheet shows them. ``units_row`` is 0 where there is none; ``merged`` as of a Source."""

    file_format: str
    encoding: str
    separator: str
    sheet: str
    sheets: tuple[str, ...]
    heading_first: int
    heading_last: int
    units_row: int
    columns: tuple[FileColumn, ...]
    marks: Mapping[str, str] = field(default_factory=dict)
    recognitions: tuple[Recognition, ...] = ()

    @property
    def data_from(self) -> int:
        return max(self.heading_last, self.units_row) + 1

    @property
    def signature(self) -> str:
        """The same for two files of one layout: their titles, in their order."""
        words = "\x1f".join(plain(column.title) for column in self.columns)
        return hashlib.sha256(words.encode()).hexdigest()

    @property
    def doubtful(self) -> tuple[Recognition, ...]:
        return tuple(one for one in self.recognitions if not one.certain)

    @property
    def doubts(self) -> list[str]:
        """What a person confirms beside the columns: each uncertain recognition with its value."""
        return [f"{one.what}: {one.value}" for one in self.doubtful]

    def column(self, position: int) -> FileColumn:
        for column in self.columns:
            if column.position == position:
                return column
        raise Refused("deliveries.position", found="a column that the file does not have", remedy="choose one it has")

    def to_mapping(self) -> dict[str, Any]:
        plain_values = dict(self.__dict__)
        plain_values["columns"] = [dict(column.__dict__) for column in self.columns]
        plain_values["recognitions"] = [dict(one.__dict__) for one in self.recognitions]
        return plain_values | {"marks": dict(self.marks), "sheets": list(self.sheets)}

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> Layout:
        columns = tuple(FileColumn(**column) for column in mapping["columns"])
        recognitions = tuple(Recognition(**one) for one in mapping["recognitions"])
        rest = {"columns": columns, "recognitions": recognitions, "sheets": tuple(mapping["sheets"])}
        return cls(**{**mapping, **rest})


@dataclass(frozen=True)
class LayoutChoices:
    """What a person corrected: rows of the heading from 1 (0: as recognised), conventions by position, marks by text."""

    heading_first: int = 0
    heading_last: int = 0
    decimals: Mapping[int, str] = field(default_factory=dict)
    orders: Mapping[int, str] = field(default_factory=dict)
    marks: Mapping[str, str] = field(default_factory=dict)


def recognise_layout(source: Source, choices: LayoutChoices) -> tuple[Layout, list[NumberedRow]]:
    """The layout of the chosen sheet, and its first rows. Raises ``Refused("deliveries.no_heading")``."""
    head = list(islice(source.rows(), SAMPLE_ROWS))
    grid = [row for _, row in head]
    heading, why = _heading(head, grid, choices)
    width = max((len(row) for row in grid), default=0)
    titles = titles_of(grid, heading, width, carry=not source.merged)
    sorter = RowSorter(titles, raw_titles=_raw_titles(grid, heading))
    below = [row for row in grid[heading.data_from :] if sorter.kind(row) is RowKind.DATA]
    filled = {position for position in range(width) if any(not is_blank(_cell(row, position)) for row in below)}
    shared = Counter(plain(titles[position]) for position in filled)
    columns = tuple(
        replace(
            _column(position, title, [_cell(row, position) for row in below], choices),
            again=position in filled and bool(titles[position]) and shared[plain(titles[position])] > 1,
        )
        for position, title in enumerate(_unique(titles))
        if title or position in filled
    )
    layout = Layout(
        source.file_format.value, _value(source, "encoding"), _value(source, "separator"), source.sheet, source.sheets,
        head[heading.first][0], head[heading.last][0], head[heading.units][0] if heading.units is not None else 0,
        columns, _marks(below, choices),
    )  # fmt: skip
    found = (
        *source.recognitions,
        Recognition("heading", _rows_said(layout), why, heading.certain),
        *_said(layout, grid, heading, sorter),
    )
    return replace(layout, recognitions=found), head


def _cell(row: Sequence[RawCell], position: int) -> RawCell:
    return row[position] if position < len(row) else None


def _value(source: Source, what: str) -> str:
    return next((one.value for one in source.recognitions if one.what == what), "")


def _heading(head: Sequence[NumberedRow], grid: Sequence[list[RawCell]], choices: LayoutChoices) -> tuple[Heading, str]:
    numbers = [number for number, _ in head]
    if (
        choices.heading_first in numbers
        and choices.heading_last in numbers
        and choices.heading_first <= choices.heading_last
    ):
        first, last = numbers.index(choices.heading_first), numbers.index(choices.heading_last)
        return Heading(first, last, None, first), "chosen"
    heading = recognise_heading(grid, USUAL_TITLES)
    if heading is None:
        raise Refused("deliveries.no_heading", found="no row of titles", remedy="put one title above each column")
    return heading, "texts_above_values"


def _raw_titles(grid: Sequence[list[RawCell]], heading: Heading) -> list[list[str]]:
    return [
        ["" if cell is None else str(cell) for cell in grid[place]] for place in range(heading.first, heading.last + 1)
    ]


def _rows_said(layout: Layout) -> str:
    rows = f"{layout.heading_first}–{layout.heading_last}"
    return str(layout.heading_first) if layout.heading_first == layout.heading_last else rows


def _unique(titles: Sequence[str]) -> list[str]:
    """The titles, a repeated one with its number behind it."""
    seen: Counter[str] = Counter()
    found = []
    for title in titles:
        seen[plain(title)] += 1
        found.append(f"{title} ({seen[plain(title)]})" if title and seen[plain(title)] > 1 else title)
    return found


def _column(position: int, title: str, cells: Sequence[RawCell], choices: LayoutChoices) -> FileColumn:
    texts = [cell for cell in cells if isinstance(cell, str) and not is_blank(cell) and proposed_mark(cell) is None]
    filled = sum(not is_blank(cell) and not (isinstance(cell, str) and proposed_mark(cell)) for cell in cells)
    numbers = [text for text in texts if is_number_like(text)]
    native = sum(isinstance(cell, int | float) and not isinstance(cell, bool) for cell in cells)
    written = recognise_numbers(numbers)
    chosen = choices.decimals.get(position, "")
    dated = _order(texts, any(isinstance(cell, date) for cell in cells))
    return FileColumn(
        position,
        title or f"({position + 1})",
        chosen or written.decimal,
        bool(chosen) or written.certain,
        choices.orders.get(position, dated) if dated else "",
        numeric=bool(filled) and len(numbers) + native >= _NUMERIC_SHARE * filled,
        hijri=any(
            (found := parse_date(text, DateOrder.DAY_FIRST)) is not None and found.approximate for text in texts[:100]
        ),
    )


def _order(texts: Sequence[str], native: bool) -> str:
    dates = [
        text for text in texts if not cleaned(text).isdigit() and parse_date(text, DateOrder.DAY_FIRST) is not None
    ]
    if dates and len(dates) >= 0.5 * len(texts):
        return recognise_order(dates).value
    return DateOrder.DAY_FIRST.value if native else ""


def _marks(rows: Sequence[Sequence[RawCell]], choices: LayoutChoices) -> dict[str, str]:
    """The marks in the first rows with the meaning proposed, or decided, for each; a blank needs none."""
    found: dict[str, str] = {}
    for row in rows:
        for cell in row:
            if isinstance(cell, str) and len(cell) <= 20 and not is_blank(cell) and (mark := proposed_mark(cell)):
                found.setdefault(cleaned(cell), mark.value)
    allowed = {mark.value for mark in Mark} - {Mark.VALUE.value}
    return found | {text: mark for text, mark in choices.marks.items() if mark in allowed}


def _said(layout: Layout, grid: Sequence[list[RawCell]], heading: Heading, sorter: RowSorter) -> list[Recognition]:
    """What else was recognised, for the page that shows it before anything is accepted."""
    found = []
    if heading.above and any(not is_blank(cell) for row in grid[: heading.first] for cell in row):
        found.append(Recognition("lines_above", str(heading.above), "before_heading"))
    if layout.units_row:
        found.append(Recognition("units_row", str(layout.units_row), "only_units"))
    kinds = Counter(sorter.kind(row) for row in grid[heading.data_from :])
    for kind in (RowKind.TOTAL, RowKind.SUBTOTAL, RowKind.NOTE, RowKind.REPEATED_HEADING):
        if kinds[kind]:
            found.append(Recognition(f"rows_{kind.value}", str(kinds[kind]), "set_aside"))
    found += [
        Recognition("mark", text, f"mark_{mark}", certain=not is_disputed(text)) for text, mark in layout.marks.items()
    ]
    return found + [one for column in layout.columns for one in _conventions(column)]


def _conventions(column: FileColumn) -> list[Recognition]:
    found = []
    if column.again:
        found.append(Recognition("repeated_title", column.title, "stands_again", certain=False))
    if not column.number_certain and not column.order:
        found.append(Recognition("decimal", column.title, "both_marks_fit", certain=False))
    elif column.decimal == ",":
        found.append(Recognition("decimal", column.title, "decimal_comma"))
    if column.order == DateOrder.ASK.value:
        found.append(Recognition("date_order", column.title, "both_orders_fit", certain=False))
    if column.hijri:
        found.append(Recognition("hijri", column.title, "converted", certain=False))
    return found


def number_format(column: FileColumn) -> NumberFormat:
    return NumberFormat(column.decimal, column.number_certain)
