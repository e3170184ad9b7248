"""The check of a delivery: every rule of quality over all its rows, in one walk and bounded memory."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from marsad.collection.deliveries.mapping import CELL_UNIT
from marsad.collection.deliveries.typed_rows import Batch, Reading, SetAside, TypedRows
from migstat.model.structure import Column, DataStructure, Kind, Role
from migstat.quality.cells import RawCell, period_of
from migstat.quality.earlier import Profile, changes, coverage
from migstat.quality.findings import RULES, Finding, Severity, Tally
from migstat.quality.gaps import missing_parts
from migstat.quality.numbers import NumberFormat, is_percentage, parse_number
from migstat.quality.plain_words import plain
from migstat.quality.repeats import Repeats, digest_of
from migstat.quality.shape import RowKind
from migstat.quality.totals import ColumnTotal, RowTotals, check_column_totals, recognise_column_totals

# How many spellings are counted, and how many of them, the most frequent, are asked at once.
_MOST_SPELLINGS = 20_000
_MOST_QUESTIONS = 100
# Titles of shares and changes: what stands below them is not the sum of its rows.
_PARTS = re.compile(
    r"%|٪|\b(?:taux|part|évolution|variation|moyenne|rate|share|change|average|mean)\b|نسبة|معدل|متوسط", re.I
)
_MOST_PERIODS = 10_000
Progress = Callable[[int], None]


@dataclass(frozen=True)
class Promised:
    """What the agreement and earlier deliveries let expect: columns, areas, and the size of the last accepted one."""

    breakdowns: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    before: Profile | None = None


@dataclass
class CheckResult:
    """What a check found: counts of all, the first findings of each rule, the questions, and the size of the delivery.

    ``asked_later`` is how many spellings are asked once the questions are answered.
    """

    tally: Tally
    rows: int
    rows_unfit: int
    profile: Profile
    set_aside: Mapping[str, int]
    questions: list[dict[str, Any]] = field(default_factory=list)
    delivered: tuple[str, ...] = ()
    asked_later: int = 0

    @property
    def errors(self) -> int:
        return self.tally.count_of(Severity.ERROR)

    def to_mapping(self) -> dict[str, Any]:
        findings = [
            {
                "rule": one.rule, "row": one.row, "position": one.position, "column": one.column, "found": one.found,
                "values": dict(one.values),
            }
            for one in self.tally.in_order()
        ]  # fmt: skip
        return {
            "counts": {rule: self.tally.counts[rule] for rule in RULES if self.tally.counts[rule]},
            "findings": findings,
            "rows": self.rows,
            "rows_unfit": self.rows_unfit,
            "profile": self.profile.to_mapping(),
            "set_aside": dict(self.set_aside),
            "questions": self.questions,
            "asked_later": self.asked_later,
            "delivered": list(self.delivered),
        }


def check(reading: Reading, promised: Promised, progress: Progress = lambda rows: None) -> CheckResult:
    """Walk the file once and hold every rule against it. Raises ``Refused`` where the file cannot be read to its end."""
    checker = _Checker(reading)
    rows = TypedRows(reading)
    for batch in rows.batches():
        checker.asides(rows.asides)
        checker.batch(batch)
        progress(rows.rows)
    checker.asides(rows.asides)
    return checker.finished(rows, promised)


class _Checker:
    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._structure: DataStructure = reading.structure
        self.tally = Tally()
        self.unfit = 0
        self._rows_again, self._cells_again, self._persons_again = Repeats(), Repeats(), Repeats()
        self._areas: Counter[str] = Counter()
        self._sums: Counter[str] = Counter()
        self._filled: set[str] = set()
        self._periods: dict[str, set[Any]] = {one.name: set() for one in reading.structure.with_role(Role.PERIOD)}
        self._questions: dict[tuple[str, str], dict[str, Any]] = {}
        self._is_table = reading.structure.unit == CELL_UNIT
        self._numeric = self._numeric_columns()
        self._totals = RowTotals(self._numeric)
        self._column_totals: tuple[ColumnTotal, ...] | None = None
        self._asides_seen = 0

    def _numeric_columns(self) -> dict[int, str]:
        """The positions whose totals are held against their parts: measures, and totals of them beside them."""
        mapped = {
            place
            for name, place in self._reading.mapping.sources.items()
            if self._structure.column(name).role is Role.MEASURE
        }
        mapped |= {one.position for one in self._reading.mapping.spread}
        taken = set(self._reading.mapping.sources.values())
        return {
            column.position: column.title
            for column in self._reading.layout.columns
            if column.position in mapped
            or (mapped and column.numeric and column.position not in taken and not _PARTS.search(column.title))
        }

    def batch(self, batch: Batch) -> None:
        self.tally.extend(batch.findings)
        self._ask(batch.findings)
        self.unfit += len(batch.unfit)
        self._note_repeats(batch)
        self._note_sizes(batch)
        if self._numeric:
            self._check_totals(batch)

    def _ask(self, findings: Iterable[Finding]) -> None:
        """The distinct spellings whose code is not certain: each is one question, however often it stands there."""
        for one in findings:
            if one.rule not in ("quality.unknown_code", "quality.ambiguous_code"):
                continue
            key = (one.column, plain(one.found))
            if key not in self._questions and len(self._questions) < _MOST_SPELLINGS:
                proposals = dict(one.values).get("proposals", [])
                self._questions[key] = {
                    "column": one.column, "found": one.found, "proposals": proposals, "rows": 0,
                    "asked": one.rule == "quality.ambiguous_code",
                }  # fmt: skip
            if key in self._questions:
                self._questions[key]["rows"] += 1

    def _note_repeats(self, batch: Batch) -> None:
        if self._is_table:
            keys = [
                name for name in batch.values if self._structure.column(name).role not in (Role.MEASURE, Role.WEIGHT)
            ]
            columns = [batch.values[name] for name in keys]
            if columns:
                self._cells_again.note((digest_of(row) for row in zip(*columns, strict=True)), batch.numbers)
            return
        self._rows_again.note((digest_of(row) for row in batch.raw), batch.numbers)
        identity = [one.name for one in self._structure.with_role(Role.DIRECT_IDENTIFIER) if one.name in batch.values]
        if identity:
            columns = [batch.values[name] for name in identity]
            told = [
                (digest_of([str(cell).casefold() for cell in row]), number)
                for row, number in zip(zip(*columns, strict=True), batch.numbers, strict=True)
                if any(cell is not None for cell in row)
            ]
            self._persons_again.note((digest for digest, _ in told), (number for _, number in told))

    def _note_sizes(self, batch: Batch) -> None:
        for column in self._structure.columns:
            values = batch.values.get(column.name)
            if values is None:
                continue
            if column.name not in self._filled and any(value is not None for value in values):
                self._filled.add(column.name)
            if column.role is Role.PERIOD:
                self._note_periods(column.name, values)
            if column.role is Role.AREA:
                self._areas.update(value for value in values if value is not None)
            elif column.role is Role.MEASURE:
                self._sums[column.name] += sum(value for value in values if value is not None)

    def _note_periods(self, name: str, values: Iterable[Any]) -> None:
        """What stands in a column of periods: its months for days, so that a long file stays small."""
        seen = self._periods[name]
        if len(seen) < _MOST_PERIODS:
            seen.update(
                f"{value:%Y-%m}" if isinstance(value, date) else str(value)
                for value in set(values)
                if value is not None
            )

    def _gaps(self) -> Iterable[Finding]:
        """Parts of the delivery's period of which a column of periods says nothing."""
        promised = self._reading.period
        for name, seen in self._periods.items():
            # A bound that was reached leaves periods uncounted, and nothing is said to be missing.
            if promised is None or len(seen) >= _MOST_PERIODS:
                continue
            held = [found for text in seen if (found := period_of(text)) is not None]
            for part in missing_parts(promised, held, today=self._reading.today):
                yield Finding("quality.period_missing", column=name, found=str(part))

    def _check_totals(self, batch: Batch) -> None:
        seen: set[int] = set()
        numbered = []
        for number, row in zip(batch.numbers, batch.raw, strict=True):
            if number not in seen:
                seen.add(number)
                numbered.append((number, self._numbers(row)))
        if self._column_totals is None:
            self._column_totals = recognise_column_totals(self._numeric, [values for _, values in numbered[:400]])
        for number, values in numbered:
            self._totals.data(values)
            if self._column_totals:
                self.tally.extend(check_column_totals(self._column_totals, self._numeric, number, values))

    def _numbers(self, row: Any) -> dict[int, float | None]:
        return {place: _number(row, place, self._reading.layout.column(place).decimal) for place in self._numeric}

    def asides(self, asides: list[SetAside]) -> None:
        for aside in asides[self._asides_seen :]:
            if aside.kind in (RowKind.TOTAL, RowKind.SUBTOTAL) and self._numeric:
                self.tally.extend(self._totals.total(aside.kind, aside.number, self._numbers(aside.row)))
            self.tally.add(Finding("quality.set_aside", aside.number, found=aside.kind.value))
        self._asides_seen = len(asides)

    def finished(self, rows: TypedRows, promised: Promised) -> CheckResult:
        for rule, repeats in (
            ("quality.duplicate_row", self._rows_again),
            ("quality.same_cell", self._cells_again),
            ("quality.same_person", self._persons_again),
        ):
            for row, first in repeats.found():
                self.tally.add(Finding(rule, row, found=str(first), values=(("first", first),)))
        if not rows.rows:
            self.tally.add(Finding("quality.no_rows"))
        profile = Profile(rows.rows, dict(self._areas), {name: float(total) for name, total in self._sums.items()})
        area_given = any(column.role is Role.AREA and column.name in self._filled for column in self._structure.columns)
        if promised.before is not None:
            # Where no area was told, how many rows each has is not known, which is not 0.
            before = promised.before if area_given else replace(promised.before, areas={})
            self.tally.extend(changes(before, profile))
        self.tally.extend(
            coverage(
                promised=promised.breakdowns,
                delivered=self._filled,
                areas=promised.areas if area_given else (),
                seen=self._areas,
            )
        )
        self.tally.extend(self._gaps())
        questions = sorted(self._questions.values(), key=lambda one: (not one["asked"], -one["rows"]))
        later = max(0, len(questions) - _MOST_QUESTIONS)
        asides = {kind.value: count for kind, count in rows.kinds.items()}
        return CheckResult(
            self.tally, rows.rows, self.unfit, profile, asides, questions[:_MOST_QUESTIONS],
            tuple(sorted(self._filled)), later,
        )  # fmt: skip


def _number(row: Any, place: int, decimal: str) -> float | None:
    cell: RawCell = row[place] if place < len(row) else None
    if isinstance(cell, bool) or cell is None or (isinstance(cell, str) and is_percentage(cell)):
        return None
    return float(cell) if isinstance(cell, int | float) else parse_number(str(cell), NumberFormat(decimal))


def measures_with_marks(structure: DataStructure) -> tuple[Column, ...]:
    """The columns that keep the producer's own marks beside their values: the measures of a table of cells."""
    if structure.unit != CELL_UNIT:
        return ()
    return tuple(
        column
        for column in structure.columns
        if column.kind in (Kind.INTEGER, Kind.NUMBER) and column.role is Role.MEASURE
    )
