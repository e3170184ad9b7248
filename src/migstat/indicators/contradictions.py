"""What makes a definition contradict itself: each rule once, all of them asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from math import inf, prod
from typing import Final

from migstat.indicators.indicator import MOST_CELLS, Indicator, is_divided, needs_value, overlapping
from migstat.indicators.vocabulary import ORDERED, Condition, Selection, Statistic, Test, scale_of
from migstat.model import MeasureKind, Refused

# Up to here every whole number is one of its own, in a column of whole numbers and of others alike.
_MOST: Final = 2**53
_Check = Callable[[Indicator], Iterator[tuple[str, str, str]]]


def contradictions(indicator: Indicator) -> list[Refused]:
    """Every reason to refuse a definition, in the order of the rules."""
    found = [reason for check in _CHECKS for reason in check(indicator)]
    return [Refused(f"indicator.{rule}", found=what, remedy=remedy) for rule, what, remedy in dict.fromkeys(found)]


def _parts_of_the_statistic(one: Indicator) -> Iterator[tuple[str, str, str]]:
    statistic = one.statistic
    if (statistic is Statistic.SHARE) != bool(one.part):
        yield "part", f"a {statistic} {'without' if not one.part else 'with'} part", "a share, and no other, has a part"
    if is_divided(statistic) != (one.denominator is not None):
        yield (
            "denominator",
            f"a {statistic} {'without' if one.denominator is None else 'with'} denominator",
            "a rate or a ratio, and no other, has a denominator",
        )
    if needs_value(statistic) and not one.rows.value:
        yield "value", f"a {statistic} without value", "name the column that is averaged"
    if statistic in (Statistic.COUNT, Statistic.SHARE, Statistic.RATE) and one.rows.value:
        yield "value", f"a {statistic} with value", "counts, shares and rates count rows; a ratio divides amounts"
    if one.per < 1:
        yield "per", f"per {one.per}", "multiply by 1 or more"
    if one.per != 1 and statistic in (Statistic.COUNT, Statistic.MEDIAN, Statistic.MEAN):
        yield "per", f"a {statistic} per {one.per}", "shares, rates and ratios alone are multiplied"


def _kinds(one: Indicator) -> Iterator[tuple[str, str, str]]:
    if one.rows.kind is not one.kind:
        yield "kind", f"a {one.kind} of rows that are a {one.rows.kind}", "a stock is never taken for a flow"
    for selection in one.selections:
        if selection.period and selection.period.since and selection.kind is MeasureKind.FLOW:
            yield "kind", "a flow of what runs from a day to another", "count a flow by the day of its event"


def _rows_of_each_selection(one: Indicator) -> Iterator[tuple[str, str, str]]:
    for selection in one.selections:
        yield from _bringing(selection)
        if unknown := sorted(set(selection.columns) - {axis.id for axis in one.by}):
            yield "columns", f"columns of no dimension: {', '.join(unknown)}", "name dimensions of the definition"


def _bringing(selection: Selection) -> Iterator[tuple[str, str, str]]:
    if selection.frequency and (selection.value or selection.contributor):
        yield (
            "frequency",
            f"a frequency beside a value or a contributor in {selection.dataflow}",
            "rows that are counts already have neither amounts nor people of their own",
        )
    period = selection.period
    if period and (bool(period.column) == bool(period.since) or bool(period.since) != bool(period.until)):
        yield "period", f"the period of {selection.dataflow}", "give a column, or since and until"


def _conditions(one: Indicator) -> Iterator[tuple[str, str, str]]:
    for condition in (*(each for selection in one.selections for each in selection.where), *one.part):
        if reason := _faulty(condition):
            yield "condition", f"{condition.test} of {condition.column} with {reason}", _REMEDIES[condition.test]


def _faulty(condition: Condition) -> str:
    values, test = condition.values, condition.test
    scales = {scale_of(value) for value in values}
    if None in scales or any(value != value for value in values):
        return "a value that is no text, number, day or yes or no"
    if any(isinstance(value, str) and "\0" in value for value in values):
        return "a text with a character that no column holds"
    if any(not isinstance(value, str | date) and _MOST < abs(value) < inf for value in values):
        return "a number of more digits than every engine tells apart"
    if len(scales) > 1:
        return "values of several kinds"
    if not _COUNTS[test](len(values)):
        return f"{len(values)} values"
    if test in (Test.ABOVE, Test.BELOW, Test.BETWEEN) and not scales <= ORDERED:
        return "a bound that has no order"
    if test is Test.BETWEEN and not values[0] <= values[1]:  # type: ignore[operator]
        return "bounds in the wrong order"
    return ""


_COUNTS: dict[Test, Callable[[int], bool]] = {
    Test.EQUALS: lambda count: count == 1,
    Test.IN: lambda count: count > 0,
    Test.ABOVE: lambda count: count == 1,
    Test.BELOW: lambda count: count == 1,
    Test.BETWEEN: lambda count: count == 2,
    Test.MISSING: lambda count: count == 0,
}
_REMEDIES = {
    Test.EQUALS: "give one value",
    Test.IN: "give a list of values of one kind",
    Test.ABOVE: "give one number or day",
    Test.BELOW: "give one number or day",
    Test.BETWEEN: "give two numbers or two days, the smaller first",
    Test.MISSING: "write missing = true",
}


def _axes(one: Indicator) -> Iterator[tuple[str, str, str]]:
    names = [axis.id for axis in one.by]
    if len(names) != len(set(names)) or "PERIOD" in names or "BASE" in names:
        yield "dimension", f"the dimensions {', '.join(names)}", "give each once; periods are a dimension by themselves"
    if len(one.periods) > 1 and one.rows.period is None:
        yield "periods", "several periods and rows without a period", "say which column dates the rows"
    if overlapping(one.periods):
        yield "periods", "periods that overlap", "give each day to one period"
    elif len(set(names)) == len(names) and prod(len(axis.tree.codes) for axis in one.axes) > MOST_CELLS:
        yield "size", "a table too large to be read", "break down by fewer dimensions, or by a higher level"


def _texts(one: Indicator) -> Iterator[tuple[str, str, str]]:
    for name in ("code", "version", "indicator", "unit"):
        if not getattr(one, name).strip():
            yield "field", f"an empty {name}", "fill it in"
    if not all(selection.dataflow for selection in one.selections):
        yield "field", "an empty dataflow", "name the dataflow that the rows come from"
    conditions = (*(each for selection in one.selections for each in selection.where), *one.part)
    if not all([*(condition.column for condition in conditions), *(axis.column for axis in one.by)]):
        yield "field", "an empty column", "name the column"


_CHECKS: tuple[_Check, ...] = (_texts, _parts_of_the_statistic, _kinds, _rows_of_each_selection, _conditions, _axes)
