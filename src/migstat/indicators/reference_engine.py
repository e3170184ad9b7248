"""The judge of the other engines: plain rows, one after another. Slow, short, obviously right."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import product
from typing import Any

from migstat.indicators.amounts import exact
from migstat.indicators.breakdowns import Breakdown, texts_around, texts_within
from migstat.indicators.cells import LARGEST_LISTED, Counted, Evaluation, Tally, assemble, lists_contributions
from migstat.indicators.indicator import Indicator
from migstat.indicators.row_rules import refuse_outside_range, refuse_several_dates, refused_frequency, refused_kind
from migstat.indicators.vocabulary import PERIOD, Condition, Scale, Selection, Statistic, Test, scale_of
from migstat.model import MeasureKind, Period
from migstat.model.tables import Table

Row = Mapping[str, Any]
Answer = bool | None


@dataclass(frozen=True, slots=True)
class Placed:
    """One row under one period and its innermost codes. ``number`` is its place among the rows of its dataflow."""

    number: int
    leaves: Mapping[str, str | None]
    inside: Answer
    part: Answer
    value: float
    weight: float
    frequency: float
    contributor: Any

    @property
    def amount(self) -> float:
        return self.value * self.weight * self.frequency


def evaluate(indicator: Indicator, tables: Mapping[str, Sequence[Row]]) -> Table:
    """The indicator's table from the rows of each dataflow. Raises Refused as ``evaluation`` does."""
    return evaluation(indicator, tables).table


def evaluation(indicator: Indicator, tables: Mapping[str, Sequence[Row]]) -> Evaluation:
    """The table with what stands behind it. ``None`` and NaN are what is not known.

    Raises Refused for a dataflow or a column that is not there, values of another kind than the definition compares
    them with, codes that are not in their list, amounts and weights below 0, and a stock at several dates at once.
    """
    needed = indicator.needed_columns()
    columns = {name: frozenset(column for row in rows for column in row) for name, rows in tables.items()}
    # of no row it cannot be said which columns it lacks
    indicator.refuse_to_evaluate({name: found or needed.get(name, found) for name, found in columns.items()})
    sides = [_place(indicator, selection, tables[selection.dataflow]) for selection in indicator.selections]
    found = [by_cell(indicator, rows) for rows, _ in sides]
    cells = [_count(indicator, [each.get(codes, []) for each in found]) for codes in indicator.cells()]
    return assemble(indicator, cells, sum(undated for _, undated in sides))


def placed_rows(indicator: Indicator, rows: Sequence[Row]) -> list[Placed]:
    """The rows of the definition's own dataflow that count, each with its period, codes and answers; ``number`` is its
    place among ``rows``. What estimators of surveys start from. Raises Refused as ``evaluation`` does."""
    return _place(indicator, indicator.rows, rows)[0]


def _place(indicator: Indicator, selection: Selection, rows: Sequence[Row]) -> tuple[list[Placed], int]:
    placed, undated = [], 0
    dates: dict[str, set[Any]] = defaultdict(set)
    for number, row in enumerate(rows):
        inside = _all_hold(selection.where, row)
        part = _all_hold(indicator.part, row) if selection is indicator.rows else True
        periods = _periods_of(indicator.periods, selection, row)
        if inside is False or periods == []:
            continue
        leaves = {id: indicator.leaf(id, _code(row, column)) for id, column in indicator.columns_of(selection).items()}
        if None in leaves.values():
            continue
        value, weight, frequency = (
            _number(row, name) for name in (selection.value, selection.weight, selection.frequency)
        )
        if weight == 0 or frequency == 0:
            continue
        if frequency is not None and frequency != math.floor(frequency):
            raise refused_frequency()
        amount = (value or 0) * (weight or 0) * (frequency or 0)
        refuse_outside_range(amount, amount)
        if periods is None:
            undated += 1
            continue
        if value is None or weight is None or frequency is None:
            inside = None
        for period in periods:
            dates[period].add(_reference_date(selection, row))
            own = {PERIOD: period, **leaves}
            who = _known(row, selection.contributor) if selection.contributor else number
            placed.append(Placed(number, own, inside, part, value or 0, weight or 0, frequency or 0, who))
    refuse_several_dates(max((len(found) for found in dates.values()), default=0))
    return placed, undated


def _all_hold(conditions: Sequence[Condition], row: Row) -> Answer:
    answers = [_holds(condition, row) for condition in conditions]
    if False in answers:
        return False
    return None if None in answers else True


def _holds(condition: Condition, row: Row) -> Answer:
    value = _known(row, condition.column)
    if condition.test is Test.MISSING:
        return (value is None) is not condition.negated
    if value is None:
        return None
    if scale_of(value) is not condition.scale:
        raise refused_kind(condition.column)
    return _TESTS[condition.test](value, condition.values) is not condition.negated


_TESTS: dict[Test, Callable[[Any, Any], bool]] = {
    Test.EQUALS: lambda value, given: value == given[0],
    Test.IN: lambda value, given: value in given,
    Test.ABOVE: lambda value, given: value > given[0],
    Test.BELOW: lambda value, given: value < given[0],
    Test.BETWEEN: lambda value, given: given[0] <= value <= given[1],
}


def _known(row: Row, column: str) -> Any:
    """The value, or None where it is not known; of a moment, its day."""
    value = row.get(column)
    if isinstance(value, float) and math.isnan(value):
        return None
    return value.date() if isinstance(value, datetime) else value


def _code(row: Row, column: str) -> str | None:
    value = _known(row, column)
    if isinstance(value, float | date):
        raise refused_kind(column)
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def _number(row: Row, column: str) -> float | None:
    """What a row brings: 1 where no column says otherwise."""
    value = _known(row, column) if column else 1
    if value is None:
        return None
    if scale_of(value) is not Scale.NUMBER:
        raise refused_kind(column)
    refuse_outside_range(value, value)
    return float(value)


def _periods_of(periods: Sequence[Period], selection: Selection, row: Row) -> list[str] | None:
    """The periods that a row belongs to; none when it is of another time; None when it cannot be told."""
    dated = selection.period
    if dated is None or not periods:
        return [period.text for period in periods] or [""]
    if dated.since:
        since, until = _dated(row, dated.since), _dated(row, dated.until)
        if since is None:
            return None
        return [each.text for each in periods if since <= each.end and (until is None or until >= each.end)]
    value = _known(row, dated.column)
    if isinstance(value, date):
        return [each.text for each in periods if each.contains(value)]
    if isinstance(value, float | bool):
        raise refused_kind(dated.column)
    if value is None or any(str(value) in texts_around(each) for each in periods):
        return None
    return [each.text for each in periods if str(value) in texts_within(each)]


def _dated(row: Row, column: str) -> date | None:
    value = _known(row, column)
    if value is not None and not isinstance(value, date):
        raise refused_kind(column)
    return value


def _reference_date(selection: Selection, row: Row) -> Any:
    """The date that a stock is of; flows, and what runs over time, have none."""
    if selection.period is None or selection.kind is MeasureKind.FLOW:
        return None
    return _known(row, selection.period.column)


def by_cell(indicator: Indicator, rows: Sequence[Placed]) -> dict[tuple[str, ...], list[Placed]]:
    """The rows of every cell that has any, in their order. Each row is laid into the cells above it, so that the work
    grows with the rows and not with rows times cells."""
    above = [(axis.id, _codes_above(axis)) for axis in indicator.axes]
    cells: dict[tuple[str, ...], list[Placed]] = defaultdict(list)
    for row in rows:
        for codes in product(*(codes_of.get(row.leaves[id], ()) for id, codes_of in above)):
            cells[codes].append(row)
    return cells


def _codes_above(axis: Breakdown) -> dict[str | None, list[str]]:
    """The codes that cover each innermost code, itself among them."""
    found: dict[str | None, list[str]] = defaultdict(list)
    for code in axis.tree.codes:
        for leaf in axis.tree.leaf_set(code):
            found[leaf].append(code)
    return found


def _count(indicator: Indicator, sides: Sequence[list[Placed]]) -> Counted:
    rows, statistic = sides[0], indicator.statistic
    above = _tally(indicator.rows, rows, listed=lists_contributions(indicator))
    if indicator.denominator is not None:
        return Counted(above, _tally(indicator.denominator, _each_once(sides[1])))
    if statistic is Statistic.SHARE:
        silent = sum(1 for row in rows if row.part is None or row.inside is None)
        part, rest = ([row for row in rows if row.part is answer] for answer in (True, False))
        return Counted(
            _tally(indicator.rows, part)._replace(unknown=silent),
            _tally(indicator.rows, part + rest)._replace(unknown=0),
            _tally(indicator.rows, rest),
        )
    inside = [row for row in rows if row.inside]
    if statistic is Statistic.MEAN:
        return Counted(above, Tally(sum(exact(row.weight) for row in inside), above.units))
    return Counted(above, median=_median(inside) if statistic is Statistic.MEDIAN else None)


def _each_once(rows: Sequence[Placed]) -> list[Placed]:
    """A denominator without dates stands in every period, and is counted once over several."""
    return list({row.number: row for row in rows}.values())


def _tally(selection: Selection, rows: Sequence[Placed], *, listed: bool = False) -> Tally:
    inside = [row for row in rows if row.inside]
    amounts: dict[Any, int] = defaultdict(int)
    for row in inside:
        amounts[row.contributor] += exact(row.amount)
    units = int(sum(row.frequency for row in inside)) if selection.frequency else len(amounts)
    unknown = sum(1 for row in rows if row.inside is None)
    return Tally(sum(amounts.values()), units, unknown, _largest(selection, inside, amounts) if listed else ())


def _largest(selection: Selection, rows: Sequence[Placed], amounts: Mapping[Any, int]) -> tuple[tuple[int, float], ...]:
    if selection.contributor:
        return tuple((amount, 1.0) for amount in sorted(amounts.values(), reverse=True)[:LARGEST_LISTED])
    ordered = sorted(rows, key=lambda row: (row.value, row.weight), reverse=True)[:LARGEST_LISTED]
    return tuple((exact(row.amount), row.weight) for row in ordered)


def _median(rows: Sequence[Placed]) -> float | None:
    """The value in the middle of the weights; half-way between two values when the middle falls between them."""
    whole = sum(exact(row.weight) for row in rows)
    passed, low = 0, None
    for row in sorted(rows, key=lambda row: row.value):
        passed += exact(row.weight)
        if low is None and 2 * passed >= whole:
            low = row.value
        if low is not None and 2 * passed > whole:
            return (low + row.value) / 2
    return None
