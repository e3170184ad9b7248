"""One cell read as its column of the structure says: a typed value or a mark, or the rule that it breaks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from migstat.model.periods import Period
from migstat.model.refusals import Refused
from migstat.model.structure import Column, Kind, Role
from migstat.quality.codes import CodeIndex, CodeSystem
from migstat.quality.dates import MONTHS, DateOrder, parse_date
from migstat.quality.findings import is_formula
from migstat.quality.marks import Mark, is_disputed, mark_of
from migstat.quality.numbers import NumberFormat, is_percentage, parse_number
from migstat.quality.plain_words import cleaned, plain, western_digits

RawCell = str | int | float | bool | date | datetime | None
LONGEST_TEXT = 4_000
# What a spreadsheet shows where a formula failed; #N/A alone is also a way to say that a value is not known.
CELL_ERRORS = frozenset({"#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"})


@dataclass(frozen=True, slots=True)
class CellReading:
    """``value`` is None with a mark, or with the ``rule`` that the cell breaks; ``note`` is a rule that only warns."""

    value: Any = None
    mark: Mark = Mark.VALUE
    rule: str = ""
    note: str = ""
    proposals: tuple[str, ...] = ()


@dataclass(frozen=True)
class CellRules:
    """How the cells of one column are read: its structure, how they are written, and what is known around them.

    ``propose`` says whether the nearest codes are looked for where one is not known.
    """

    column: Column
    numbers: NumberFormat = field(default_factory=NumberFormat)
    order: DateOrder = DateOrder.ASK
    codes: CodeIndex | None = None
    system: CodeSystem = CodeSystem.CODE
    marks: Mapping[str, Mark] = field(default_factory=dict)
    today: date = date.max
    period: Period | None = None
    propose: bool = True


_TRUE = {plain(word) for word in ("1", "oui", "yes", "true", "vrai", "o", "y", "نعم", "صحيح")}
_FALSE = {plain(word) for word in ("0", "non", "no", "false", "faux", "n", "لا", "خطأ")}
_QUARTERS = {
    plain(f"{word} {quarter}"): quarter for word in ("t", "q", "trimestre", "quarter") for quarter in range(1, 5)
} | {f"{word}{quarter}": quarter for word in ("t", "q") for quarter in range(1, 5)}


def read_cell(cell: RawCell, rules: CellRules) -> CellReading:
    """Read one cell. A blank or a mark is never a number; a required cell without a value breaks ``quality.required``."""
    if isinstance(cell, str):
        if len(cell) > LONGEST_TEXT:
            return CellReading(mark=Mark.MISSING, rule="quality.too_long")
        mark = None if _says_itself(cell, rules) else mark_of(cell, rules.marks)
    else:
        mark = Mark.MISSING if cell is None else None
    if mark is not None:
        needed = rules.column.required and mark is Mark.MISSING
        disputed = isinstance(cell, str) and is_disputed(cell) and cleaned(cell) not in rules.marks
        return CellReading(
            mark=mark, rule="quality.required" if needed else "", note="quality.disputed_mark" if disputed else ""
        )
    if isinstance(cell, str) and cell in CELL_ERRORS:
        return CellReading(mark=Mark.MISSING, rule="quality.cell_error")
    reading = _READERS[rules.column.kind](cell, rules)
    if isinstance(cell, str) and is_formula(cell) and not reading.note:
        return CellReading(reading.value, reading.mark, reading.rule, "quality.formula", reading.proposals)
    return reading


def _says_itself(cell: str, rules: CellRules) -> bool:
    """Whether a text that looks like a mark is a code of its list."""
    return rules.codes is not None and rules.codes.match(cell, rules.system, propose=False).code is not None


def _number(cell: RawCell, rules: CellRules) -> CellReading:
    column = rules.column
    if isinstance(cell, bool | date):
        return CellReading(mark=Mark.MISSING, rule="quality.number")
    value = float(cell) if isinstance(cell, int | float) else parse_number(str(cell), rules.numbers)
    if value is None or value != value:
        return CellReading(mark=Mark.MISSING, rule="quality.number")
    if column.kind is Kind.INTEGER and isinstance(cell, str) and is_percentage(cell):
        return CellReading(mark=Mark.MISSING, rule="quality.integer")
    if column.kind is Kind.INTEGER and (value != int(value) or abs(value) >= 2**53):
        return CellReading(mark=Mark.MISSING, rule="quality.integer")
    if (column.minimum is not None and value < column.minimum) or (
        column.maximum is not None and value > column.maximum
    ):
        return CellReading(mark=Mark.MISSING, rule="quality.bounds")
    return CellReading(int(value) if column.kind is Kind.INTEGER else value)


def _date(cell: RawCell, rules: CellRules) -> CellReading:
    if isinstance(cell, date):
        day, approximate = (cell.date() if isinstance(cell, datetime) else cell), False
    else:
        text = _text_of(cell)
        found = parse_date(text, rules.order, this_year=min(rules.today, date(2099, 1, 1)).year)
        if found is None:
            asked = rules.order is DateOrder.ASK and parse_date(text, DateOrder.DAY_FIRST) is not None
            return CellReading(mark=Mark.MISSING, rule="quality.date_order" if asked else "quality.date")
        day, approximate = found.day, found.approximate
    if day > rules.today:
        return CellReading(mark=Mark.MISSING, rule="quality.future")
    if rules.column.role is Role.PERIOD and rules.period and not rules.period.contains(day):
        return CellReading(day, rule="quality.outside_period", note="quality.hijri" if approximate else "")
    return CellReading(day, note="quality.hijri" if approximate else "")


def _code(cell: RawCell, rules: CellRules) -> CellReading:
    assert rules.codes is not None
    match = rules.codes.match(_text_of(cell), rules.system, propose=rules.propose)
    if match.code is not None:
        return CellReading(match.code, note="quality.short_code" if match.shortened else "")
    rule = "quality.ambiguous_code" if match.ambiguous else "quality.unknown_code"
    return CellReading(mark=Mark.MISSING, rule=rule, proposals=match.proposals)


def _boolean(cell: RawCell, rules: CellRules) -> CellReading:
    said = plain(_text_of(cell))
    if cell is True or said in _TRUE:
        return CellReading(True)
    return (
        CellReading(False)
        if cell is False or said in _FALSE
        else CellReading(mark=Mark.MISSING, rule="quality.boolean")
    )


def _plain_text(cell: RawCell, rules: CellRules) -> CellReading:
    if rules.column.role is not Role.PERIOD:
        return CellReading(cleaned(_text_of(cell)))
    period = period_of(cell, rules.order)
    if period is None:
        return CellReading(mark=Mark.MISSING, rule="quality.period")
    outside = rules.period is not None and (period.end < rules.period.start or period.start > rules.period.end)
    return CellReading(str(period), rule="quality.outside_period" if outside else "")


def _text_of(cell: RawCell) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def period_of(cell: RawCell, order: DateOrder = DateOrder.ASK) -> Period | None:
    """The period that a cell writes: a year, a quarter, a month by name or number, a day; None where it writes none.

    >>> str(period_of("T2 2024")), str(period_of("غشت 2023")), str(period_of(2024.0)), period_of("abc")
    ('2024-Q2', '2023-08', '2024', None)
    """
    text = cleaned(western_digits(_text_of(cell)))
    said = plain(text)
    words = said.split()
    for name, year in ((" ".join(words[:-1]), words[-1:]), (" ".join(words[1:]), words[:1])):
        if year and len(year[0]) == 4 and year[0].isdigit():
            if name in _QUARTERS:
                return Period.parse(f"{year[0]}-Q{_QUARTERS[name]}")
            if name in MONTHS:
                return Period.parse(f"{year[0]}-{MONTHS[name]:02d}")
            if len(words) == 2 and name.isdigit() and 1 <= int(name) <= 12:
                return Period.parse(f"{year[0]}-{int(name):02d}")
    try:
        return Period.parse(text)
    except Refused:
        found = parse_date(text, order) if not text.isdigit() else None
        return Period.parse(found.day.isoformat()) if found else None


_READERS = {
    Kind.TEXT: _plain_text,
    Kind.CODE: _code,
    Kind.INTEGER: _number,
    Kind.NUMBER: _number,
    Kind.DATE: _date,
    Kind.BOOLEAN: _boolean,
}
