"""The rows of a delivered file as typed columns, batch after batch, with what is found on the way. Bounded memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from marsad.collection.deliveries.layout import Layout, number_format
from marsad.collection.deliveries.mapping import ColumnMapping, Spread
from marsad.collection.deliveries.reading_sources import FileFormat, Source
from migstat.model.periods import Period
from migstat.model.structure import Column, DataStructure, Role
from migstat.quality.cells import CellReading, CellRules, RawCell, read_cell
from migstat.quality.codes import CodeIndex, CodeSystem
from migstat.quality.dates import DateOrder
from migstat.quality.findings import Finding
from migstat.quality.marks import Mark
from migstat.quality.shape import RowKind, RowSorter, is_blank

BATCH_ROWS = 32_768
# A wide table comes in shorter batches, so that a batch has a bounded number of cells.
BATCH_CELLS = 1_000_000
_MOST_REMEMBERED = 20_000
# A column with more unknown spellings is another column than was said; for these the nearest codes are not looked for.
_MOST_PROPOSED = 300
_MASK = "•••"


@dataclass
class Batch:
    """Some rows: their numbers in the file, the values and marks of each column, and which cannot stand.

    ``raw`` are the cells as they came, for repeats and totals; they live as long as the batch.
    """

    numbers: list[int]
    values: dict[str, list[Any]]
    marks: dict[str, list[Mark]]
    raw: list[Sequence[RawCell]]
    findings: list[Finding] = field(default_factory=list)
    unfit: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class SetAside:
    """A row that is no record: a total, a subtotal, a note, a heading once more."""

    kind: RowKind
    number: int
    row: Sequence[RawCell]


@dataclass(frozen=True)
class Reading:
    """All that is needed to read the rows of one delivery."""

    source: Source
    layout: Layout
    mapping: ColumnMapping
    structure: DataStructure
    codes: Mapping[str, CodeIndex]
    today: date
    period: Period | None = None

    def rules(self, column: Column, position: int | None) -> CellRules:
        """How the cells of one column of the structure are read at a position of the file."""
        marks = {text: Mark(mark) for text, mark in self.layout.marks.items()}
        system = CodeSystem(self.mapping.systems.get(column.name, CodeSystem.CODE))
        codes = self.codes.get(column.codelist)
        if position is None:
            return CellRules(column, codes=codes, system=system, marks=marks, today=self.today, period=self.period)
        placed = self.layout.column(position)
        order = DateOrder(placed.order) if placed.order else DateOrder.DAY_FIRST
        return CellRules(column, number_format(placed), order, codes, system, marks, self.today, self.period)

    def sorter(self) -> RowSorter:
        titles = [column.title for column in self.layout.columns]
        parts = [title.split(" | ") for title in titles]
        depth = max((len(part) for part in parts), default=1)
        raw = [[part[level] if level < len(part) else part[-1] for part in parts] for level in range(depth)]
        return RowSorter(titles, raw_titles=raw)


class ColumnReader:
    """Reads the cells of one column; readings of texts that come again are remembered, up to a bound."""

    def __init__(self, rules: CellRules) -> None:
        self.rules = rules
        self.name = rules.column.name
        self._remembered: dict[str, CellReading] = {}
        self._unknown = 0
        self._hidden = rules.column.role is Role.DIRECT_IDENTIFIER

    def read_all(self, cells: Sequence[RawCell]) -> tuple[list[CellReading], bool]:
        """The readings of some cells, and whether any of them is to be noted; each text is read once."""
        texts = [cell for cell in cells if isinstance(cell, str)]
        known = {text: self._text(text) for text in dict.fromkeys(texts)}
        if len(texts) == len(cells):
            return [known[text] for text in texts], any(one.rule or one.note for one in known.values())
        # Only texts are looked up: 1, 1.0 and True are one key, and not one reading.
        readings = [known[cell] if isinstance(cell, str) else read_cell(cell, self.rules) for cell in cells]
        return readings, any(one.rule or one.note for one in readings)

    def _text(self, text: str) -> CellReading:
        found = self._remembered.get(text)
        if found is None:
            found = read_cell(text, self.rules)
            self._unknown += found.rule in ("quality.unknown_code", "quality.ambiguous_code")
            if self._unknown >= _MOST_PROPOSED and self.rules.propose:
                self.rules = replace(self.rules, propose=False)
            if len(self._remembered) < _MOST_REMEMBERED:
                self._remembered[text] = found
        return found

    def finding(self, rule: str, reading: CellReading, cell: RawCell, row: int, position: int | None) -> Finding:
        """A finding of this column; what stands in a direct identifier is never repeated."""
        shown = _MASK if self._hidden else _shown(cell)
        values: list[tuple[str, Any]] = []
        if reading.proposals:
            values.append(("proposals", list(reading.proposals)))
        for bound in ("minimum", "maximum"):
            if rule == "quality.bounds" and getattr(self.rules.column, bound) is not None:
                values.append((bound, getattr(self.rules.column, bound)))
        return Finding(rule, row, position, self.name, shown, tuple(values))


def _shown(cell: RawCell) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell)[:80]


class TypedRows:
    """Walks the file once. ``batches`` gives typed rows; what is set aside on the way is handed to ``aside``."""

    def __init__(self, reading: Reading, *, batch_rows: int = BATCH_ROWS) -> None:
        self._reading = reading
        self.kinds: Counter[RowKind] = Counter()
        self.rows = 0
        self.asides: list[SetAside] = []
        structure, mapping = reading.structure, reading.mapping
        self._readers = {
            name: ColumnReader(reading.rules(structure.column(name), position))
            for name, position in mapping.sources.items()
        }
        self._constants = {
            name: read_cell(value, reading.rules(structure.column(name), None))
            for name, value in mapping.constants.items()
        }
        self._spread = [
            (one, ColumnReader(reading.rules(structure.column(one.measure), one.position))) for one in mapping.spread
        ]
        self.columns = [column for column in structure.columns if column.name in mapping.targets]
        self._width = max((column.position for column in reading.layout.columns), default=0) + 1
        self._batch_rows = min(batch_rows, max(BATCH_CELLS // self._width, 500))

    def batches(self) -> Iterator[Batch]:
        """Typed rows in the order of the file; rows of totals and notes are collected in ``asides`` before their batch."""
        sorter = self._reading.sorter()
        numbers: list[int] = []
        rows: list[Sequence[RawCell]] = []
        first = self._reading.layout.data_from
        for number, row in self._reading.source.rows():
            if number < first:
                continue
            kind = sorter.kind(row)
            if kind is RowKind.DATA:
                numbers.append(number)
                rows.append(row)
                if len(rows) >= self._batch_rows:
                    yield self._typed(numbers, rows)
                    numbers, rows = [], []
                continue
            self.kinds[kind] += 1
            if kind in (RowKind.TOTAL, RowKind.SUBTOTAL):
                if rows:
                    yield self._typed(numbers, rows)
                    numbers, rows = [], []
                self.asides.append(SetAside(kind, number, row))
            elif kind is RowKind.NOTE and len(self.asides) < 1_000:
                self.asides.append(SetAside(kind, number, row))
        if rows:
            yield self._typed(numbers, rows)

    def _typed(self, numbers: list[int], rows: list[Sequence[RawCell]]) -> Batch:
        self.rows += len(rows)
        batch = Batch(numbers, {}, {}, rows)
        ragged = self._ragged(batch)
        for name, reader in self._readers.items():
            self._column(batch, name, reader, self._reading.mapping.sources[name], ragged)
        for name, reading in self._constants.items():
            if reading.rule and self.rows == len(rows):
                batch.findings.append(Finding(reading.rule, column=name, found=self._reading.mapping.constants[name]))
            batch.values[name] = [reading.value] * len(rows)
            batch.marks[name] = [reading.mark] * len(rows)
        return self._crossed(batch) if self._spread else batch

    def _ragged(self, batch: Batch) -> set[int]:
        """Rows of a text table whose cells do not fit its titles: a separator inside a text, or one that is lacking."""
        if self._reading.source.file_format is not FileFormat.CSV:
            return set()
        width, found = self._width, set()
        for place, row in enumerate(batch.raw):
            if len(row) != width and (len(row) < width or any(not is_blank(cell) for cell in row[width:])):
                found.add(place)
                batch.unfit.add(place)
                batch.findings.append(
                    Finding("quality.ragged", batch.numbers[place], found=str(len(row)), values=(("expected", width),))
                )
        return found

    def _column(self, batch: Batch, name: str, reader: ColumnReader, position: int, ragged: set[int]) -> None:
        cells = [row[position] if position < len(row) else None for row in batch.raw]
        readings, noted = reader.read_all(cells)
        batch.values[name] = [reading.value for reading in readings]
        batch.marks[name] = [reading.mark for reading in readings]
        if noted:
            for place, reading in enumerate(readings):
                if (reading.rule or reading.note) and place not in ragged:
                    self._note(batch, place, reader, reading, cells[place], position)

    def _note(
        self, batch: Batch, place: int, reader: ColumnReader, reading: CellReading, cell: RawCell, position: int
    ) -> None:
        for rule in filter(None, (reading.rule, reading.note)):
            batch.findings.append(reader.finding(rule, reading, cell, batch.numbers[place], position))
        if reader.rules.column.required and reading.value is None and reading.mark is Mark.MISSING:
            batch.unfit.add(place)

    def _crossed(self, batch: Batch) -> Batch:
        """One row for each column of a crossed table; cells that are blank stay, marked as missing."""
        whole = Batch(
            [], {column.name: [] for column in self.columns}, {column.name: [] for column in self.columns}, []
        )
        whole.findings = batch.findings
        for dimension, value, ones in self._groups():
            start = len(whole.numbers)
            whole.numbers += batch.numbers
            whole.raw += batch.raw
            whole.unfit |= {start + place for place in batch.unfit}
            for name in batch.values:
                whole.values[name] += batch.values[name]
                whole.marks[name] += batch.marks[name]
            whole.values[dimension] += [value] * len(batch.numbers)
            whole.marks[dimension] += [Mark.VALUE] * len(batch.numbers)
            for one, reader in ones:
                part = Batch(batch.numbers, {}, {}, batch.raw, whole.findings)
                self._column(part, one.measure, reader, one.position, batch.unfit)
                whole.values[one.measure] += part.values[one.measure]
                whole.marks[one.measure] += part.marks[one.measure]
                whole.unfit |= {start + place for place in part.unfit}
            for column in self.columns:
                lacking = len(whole.numbers) - len(whole.values[column.name])
                whole.values[column.name] += [None] * lacking
                whole.marks[column.name] += [Mark.MISSING] * lacking
        return whole

    def _groups(self) -> list[tuple[str, str, list[tuple[Spread, ColumnReader]]]]:
        groups: dict[tuple[str, str], list[tuple[Spread, ColumnReader]]] = {}
        for one, reader in self._spread:
            groups.setdefault((one.dimension, one.value), []).append((one, reader))
        return [(dimension, value, ones) for (dimension, value), ones in groups.items()]
