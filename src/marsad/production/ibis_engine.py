"""Definitions computed by Ibis on DuckDB or on Apache Spark. Nothing else in the project knows Ibis.

What the reference engine says row by row is said here once for all rows; the sums are sums of whole numbers
(``migstat.indicators.amounts``), so that they come out the same on any engine and in any order.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from itertools import product
from typing import Any

import ibis
import ibis.expr.datatypes as dt
from ibis.common.exceptions import OperationNotDefinedError, UnsupportedOperationError

from marsad.production.engines import Engine, EngineName
from marsad.production.ibis_connections import (
    Laid,
    Source,
    duckdb_connection,
    laid_in_spark,
    lay_in_duckdb,
    spark_session,
)
from marsad.production.ibis_grids import Grid, Level, levels
from marsad.production.ibis_sides import Answer, Question, Side, cells_of
from migstat.indicators import Condition, Evaluation, Indicator, Selection, Test
from migstat.indicators.amounts import LARGEST, UNIT
from migstat.indicators.breakdowns import Breakdown, texts_around, texts_within
from migstat.indicators.cells import LARGEST_LISTED, assemble
from migstat.indicators.row_rules import refused_kind
from migstat.indicators.vocabulary import PERIOD, UNKNOWN, Scale
from migstat.model import MeasureKind, Period, Refused
from migstat.model.tables import Table

__all__ = ["Engine", "Source", "evaluate", "evaluation", "statements"]

Expression = Any
Fetch = Callable[[str, Expression], Answer]


def evaluate(indicator: Indicator, sources: Mapping[str, Source], engine: Engine) -> Table:
    """The indicator's table from the rows of each dataflow, the same as the reference engine's.

    Raises Refused as ``migstat.indicators.reference_engine.evaluation`` does, and ``engine.lacks`` by name for what
    the engine cannot compute.
    """
    return evaluation(indicator, sources, engine).table


def evaluation(indicator: Indicator, sources: Mapping[str, Source], engine: Engine) -> Evaluation:
    """The table with what stands behind it; see ``evaluate``."""
    with _opened(indicator, sources, engine) as (tables, laid, execute):

        def fetch(name: str, expression: Expression) -> Answer:
            try:
                return execute(expression)
            except (OperationNotDefinedError, UnsupportedOperationError) as error:
                raise lacks(engine, error) from error

        return _evaluation(indicator, tables, laid, fetch)


def statements(indicator: Indicator, sources: Mapping[str, Source], engine: Engine) -> dict[str, str]:
    """The SQL that the engine runs for an indicator, by the question that each statement answers."""
    said: dict[str, str] = {}
    dialect = "duckdb" if engine.name is EngineName.DUCKDB else "pyspark"
    with _opened(indicator, sources, engine) as (tables, laid, execute):

        def fetch(name: str, expression: Expression) -> Answer:
            said[name] = str(ibis.to_sql(expression, dialect=dialect))
            return execute(expression)

        _evaluation(indicator, tables, laid, fetch)
    return said


def lacks(engine: Engine, error: Exception) -> Refused:
    """The refusal of an engine that has no such operation, by both their names."""
    return Refused(
        "engine.lacks",
        found=f"{engine.name} has no operation for this definition ({type(error).__name__})",
        remedy="compute it on another engine, or change the definition",
    )


@contextmanager
def _opened(
    indicator: Indicator, sources: Mapping[str, Source], engine: Engine
) -> Iterator[tuple[dict[str, Expression], dict[str, Laid], Callable[[Expression], Answer]]]:
    needed = indicator.needed_columns()
    wanted = {dataflow: source for dataflow, source in sources.items() if dataflow in needed}
    if engine.name is EngineName.DUCKDB:
        with duckdb_connection() as connection:
            laid = lay_in_duckdb(connection, wanted, needed)
            backend = ibis.duckdb.from_connection(connection)
            tables = {dataflow: backend.table(one.view) for dataflow, one in laid.items()}
            yield tables, laid, _executed(backend)
    else:
        with spark_session(engine) as session, laid_in_spark(session, wanted, needed, engine.scratch) as laid:
            backend = ibis.pyspark.connect(session)
            tables = {dataflow: backend.table(one.view) for dataflow, one in laid.items()}
            yield tables, laid, lambda expression: _collected(session, expression)


def _executed(backend: Any) -> Callable[[Expression], Answer]:
    return lambda expression: dict(backend.to_pyarrow(expression).to_pydict())


def _collected(session: Any, expression: Expression) -> Answer:
    rows = session.sql(str(ibis.to_sql(expression, dialect="pyspark"))).collect()
    return {name: [row[at] for row in rows] for at, name in enumerate(expression.columns)}


def _evaluation(
    indicator: Indicator, tables: Mapping[str, Expression], laid: Mapping[str, Laid], fetch: Fetch
) -> Evaluation:
    indicator.refuse_to_evaluate({dataflow: one.columns for dataflow, one in laid.items()})
    sides = []
    for name, selection in zip(("above", "below"), indicator.selections, strict=False):
        rows = _Rows(indicator, selection, tables[selection.dataflow], laid[selection.dataflow].blank)
        sides.append(Side(indicator, selection, functools.partial(_asked, rows, name, fetch)))
    return assemble(indicator, list(cells_of(sides)), sum(side.undated for side in sides))


def _asked(rows: _Rows, side: str, fetch: Fetch, question: Question) -> Answer:
    return fetch(f"{side}: {question}", _QUESTIONS[question](rows))


class _Rows:
    """One selection as expressions: which rows, under which codes, with which numbers."""

    def __init__(self, indicator: Indicator, selection: Selection, table: Expression, blank: frozenset[str]) -> None:
        self.indicator, self.selection, self.table, self.blank = indicator, selection, table, blank
        self.grid = Grid(indicator, selection)
        self.codes = [f"code_{at}" for at in range(len(indicator.by))]
        self.answers_part = selection is indicator.rows and bool(indicator.part)
        self.numbers = {
            name: column
            for name, column in (
                ("value", selection.value),
                ("weight", selection.weight),
                ("frequency", selection.frequency),
            )
            if column
        }

    @functools.cached_property
    def expression(self) -> Expression:
        """One row for each row that belongs, or may belong, to the selection; once per period that it runs through."""
        columns: dict[str, Expression] = {}
        for name, axis in zip(self.codes, self.indicator.by, strict=True):
            columns[name] = self._code(self.indicator.columns_of(self.selection)[axis.id])
        for name, column in self.numbers.items():
            columns[name] = self._column(column, Scale.NUMBER)
        columns["inside"] = self._inside(columns)
        if self.answers_part:
            columns["part"] = _all(self._holds(condition) for condition in self.indicator.part)
        if self.selection.contributor:
            columns["contributor"] = self._column(self.selection.contributor)
        dated = [self.table.select(**columns, **when) for when in self._periods()]
        rows = ibis.union(*dated) if len(dated) > 1 else dated[0]
        kept = rows.filter(*self._kept(rows))
        return kept.select(*columns, "period", *(["dated"] if self.is_dated_stock else []))

    def _kept(self, rows: Expression) -> Iterator[Expression]:
        yield rows.inside.fill_null(True)
        yield rows.belongs
        for name, axis in zip(self.codes, self.indicator.by, strict=True):
            if axis.outside:
                yield ~rows[name].fill_null(UNKNOWN).isin(sorted(axis.outside))
        for name in ("weight", "frequency"):
            if name in self.numbers:
                yield rows[name].fill_null(1) != 0

    def _inside(self, columns: Mapping[str, Expression]) -> Expression:
        answers = [self._holds(condition) for condition in self.selection.where]
        for name in self.numbers:
            answers.append(columns[name].isnull().ifelse(ibis.null("boolean"), ibis.literal(True)))
        return _all(answers)

    @property
    def is_dated_stock(self) -> bool:
        dated = self.selection.period
        return bool(dated and dated.column) and self.selection.kind is MeasureKind.STOCK

    def _column(self, name: str, scale: Scale | None = None) -> Expression:
        """A column in which what is not known is NULL and a moment is its day. Raises Refused for another kind."""
        if name in self.blank:
            return ibis.null(_TYPES[scale or Scale.TEXT])
        column = self.table[name]
        if column.type().is_floating():
            column = column.isnan().ifelse(ibis.null("float64"), column.cast("float64"))
        elif column.type().is_decimal():
            column = column.cast("float64")
        elif column.type().is_timestamp():
            column = column.date()
        if scale is not None and _scale(column.type()) is not scale:
            raise refused_kind(name)
        return column

    def _code(self, name: str) -> Expression:
        column = self._column(name)
        if not (column.type().is_string() or column.type().is_integer() or column.type().is_boolean()):
            raise refused_kind(name)
        return column if column.type().is_string() else column.cast("string")

    def _holds(self, condition: Condition) -> Expression:
        if condition.test is Test.MISSING:
            answer = self._column(condition.column).isnull()
        else:
            answer = _TESTS[condition.test](self._column(condition.column, condition.scale), condition.values)
        return ~answer if condition.negated else answer

    def _periods(self) -> Iterator[dict[str, Expression]]:
        """``period`` numbers the period of a row (NULL when it cannot be told); ``belongs`` leaves other times out."""
        periods, dated = self.indicator.periods, self.selection.period
        if dated is None or not periods:
            yield {"period": ibis.literal(0), "belongs": ibis.literal(True)}
        elif dated.since:
            yield from self._running(dated.since, dated.until, periods)
        else:
            when = self._column(dated.column)
            within, around = (self._by_day if when.type().is_date() else self._by_text)(dated.column, when, periods)
            period = ibis.cases(*((one, at) for at, one in enumerate(within)), else_=ibis.null("int8"))
            belongs = functools.reduce(operator.or_, within) | when.isnull() | around
            yield {"period": period, "belongs": belongs.fill_null(True), "dated": when.cast("string")}

    def _by_day(
        self, column: str, when: Expression, periods: tuple[Period, ...]
    ) -> tuple[list[Expression], Expression]:
        return [when.between(_day(one.start), _day(one.end)) for one in periods], ibis.literal(False)

    def _by_text(
        self, column: str, when: Expression, periods: tuple[Period, ...]
    ) -> tuple[list[Expression], Expression]:
        if not (when.type().is_string() or when.type().is_integer()):
            raise refused_kind(column)
        text = when.cast("string")
        around = sorted(frozenset[str]().union(*(texts_around(one) for one in periods)))
        coarse = text.isin(around) if around else ibis.literal(False)
        return [text.isin(sorted(texts_within(one))) for one in periods], coarse

    def _running(self, since: str, until: str, periods: tuple[Period, ...]) -> Iterator[dict[str, Expression]]:
        start, end = self._column(since, Scale.DAY), self._column(until, Scale.DAY)
        for at, period in enumerate(periods):
            last = _day(period.end)
            yield {
                "period": ibis.literal(at, "int8"),
                "belongs": ((start <= last) & (end.isnull() | (end >= last))).fill_null(False),
            }
        yield {"period": ibis.null("int8"), "belongs": start.isnull()}

    def keys(self, rows: Expression, number: int, way: tuple[Level, ...]) -> dict[str, Expression]:
        """The codes of the table under which the rows stand at these levels of its axes, and the number of the way."""
        keys = {"way": ibis.literal(number, "int16")}
        for name, axis, level in zip(self.grid.names, self.grid.own, way, strict=True):
            if len(set(level.values())) == 1:
                keys[name] = ibis.literal(next(iter(level.values())))
            elif axis.id == PERIOD:
                keys[name] = ibis.cases(
                    *((rows.period == at, level[period.text]) for at, period in enumerate(self.indicator.periods)),
                    else_=ibis.null("string"),
                )
            else:
                keys[name] = _rolled_up(rows[self.codes[self.indicator.by.index(axis)]], axis, level)
        return keys

    def ways(self) -> Iterator[tuple[Level, ...]]:
        """Every combination of levels: together they reach every cell of the table."""
        return product(*(levels(axis) for axis in self.grid.own))


def _rolled_up(code: Expression, axis: Breakdown, level: Level) -> Expression:
    of: dict[str, list[str]] = {}
    for raw, leaf in axis.leaf_of.items():
        of.setdefault(level[leaf], []).append(raw)
    moved = {whole: raws for whole, raws in of.items() if raws != [whole]}
    if set(moved) <= {UNKNOWN}:
        return code.isin(sorted(of[UNKNOWN])).ifelse(ibis.null("string"), code).fill_null(UNKNOWN)
    answer = ibis.cases(*((code.isin(sorted(raws)), whole) for whole, raws in of.items()), else_=ibis.null("string"))
    return answer.fill_null(UNKNOWN)


def _counts(rows: _Rows) -> Expression:
    """Rows, units and exact sums under each code as it stands in the rows; wholes are added up afterwards."""
    given = rows.expression
    keys = [*rows.codes, "inside"]
    keys += ["period"] if rows.selection.period and rows.indicator.periods else []
    keys += ["part"] if rows.answers_part else []
    sums = {"n": given.count()}
    factors = [given[name] for name in rows.numbers]
    if factors:
        sums |= _sums("", functools.reduce(operator.mul, factors))
    if "weight" in rows.numbers:
        sums |= _sums("weight_", given.weight)
    if "frequency" in rows.numbers:
        units = given.frequency
        sums["units"] = units.clip(0, LARGEST).floor().cast("int64").sum()
        sums["broken"] = (units != units.floor()).any() if units.type().is_floating() else ibis.literal(False)
    for name in rows.numbers:
        sums |= {f"least_{name}": given[name].min(), f"most_{name}": given[name].max()}
    if len(factors) > 1:
        amount = _product(given, rows)
        sums |= {"least_amount": amount.min(), "most_amount": amount.max()}
    if rows.is_dated_stock:
        sums |= {"first_date": given.dated.min(), "last_date": given.dated.max()}
    return given.group_by(*keys).aggregate(**sums)


def _product(given: Expression, rows: _Rows) -> Expression:
    return functools.reduce(operator.mul, [given[name].cast("float64") for name in rows.numbers])


def _sums(prefix: str, amount: Expression) -> dict[str, Expression]:
    """The exact sum of amounts in two whole numbers: units, and thousand-millionths of what is left."""
    high, low = _limbs(amount)
    sums = {f"{prefix}hi": high.sum()}
    return sums if low is None else sums | {f"{prefix}lo": low.sum()}


def _limbs(amount: Expression) -> tuple[Expression, Expression | None]:
    if amount.type().is_integer():
        return amount.cast("int64"), None
    within = amount.cast("float64").clip(0, LARGEST)
    whole = within.floor()
    return whole.cast("int64"), ((within - whole) * float(UNIT) + 0.5).floor().cast("int64")


def _known(rows: _Rows) -> Expression:
    """The rows that are known to belong, each with its codes, its exact amount and its weight."""
    given = rows.expression.filter(lambda each: each.inside & each.period.notnull())
    high, low = _limbs(_product(given, rows)) if rows.numbers else (ibis.literal(1, "int64"), None)
    return given.mutate(
        hi=high,
        lo=ibis.literal(0, "int64") if low is None else low,
        part=given.part if rows.answers_part else ibis.literal(True),
    )


def _by_level(rows: _Rows, given: Expression, ask: Callable[[Expression, list[str]], Expression]) -> Expression:
    """One question asked at every level of the axes, in one statement."""
    answers = []
    for number, way in enumerate(rows.ways()):
        keys = rows.keys(given, number, way)
        answers.append(ask(given.mutate(**keys), list(keys)))
    return ibis.union(*answers) if len(answers) > 1 else answers[0]


def _contributors(rows: _Rows) -> Expression:
    def ask(given: Expression, axes: list[str]) -> Expression:
        different = given.filter(given.part.notnull()).select(*axes, "part", "contributor").distinct()
        return different.group_by(*axes, "part").aggregate(units=different.count())

    return _by_level(rows, _by_contributor(rows), ask)


def _by_contributor(rows: _Rows) -> Expression:
    """What each contributor brings under each code: the rows are gone through once, whatever levels are asked for."""
    given = _known(rows)
    own = given.group_by(*rows.codes, "period", "part", "contributor")
    return own.aggregate(hi=given.hi.sum(), lo=given.lo.sum())


def _largest_rows(rows: _Rows) -> Expression:
    """The largest rows under each code as it stands; those of a whole are among them."""
    given = _known(rows)
    codes = {
        name: _rolled_up(given[name], axis, levels(axis)[-1])
        for name, axis in zip(rows.codes, rows.indicator.by, strict=True)
    }
    ones = given.mutate(
        **codes,
        value=given["value"].cast("float64") if "value" in rows.numbers else ibis.literal(1.0),
        weight=given.weight.cast("float64") if "weight" in rows.numbers else ibis.literal(1.0),
    )
    keys = [*rows.codes, *(["period"] if rows.grid.dated else [])]
    ones = ones.mutate(everything=ibis.literal(0, "int8"))
    return _first(ones, ["everything", *keys], ["value", "weight"]).select(*keys, "value", "weight", "hi", "lo")


def _largest_contributors(rows: _Rows) -> Expression:
    def ask(given: Expression, axes: list[str]) -> Expression:
        each = given.group_by(*axes, "contributor").aggregate(hi=given.hi.sum(), lo=given.lo.sum())
        carried = (each.lo / float(UNIT)).floor().cast("int64")
        sums = each.mutate(hi=each.hi + carried, lo=each.lo - carried * UNIT)
        return _first(sums, axes, ["hi", "lo"]).select(*axes, "hi", "lo")

    return _by_level(rows, _by_contributor(rows), ask)


def _first(ones: Expression, keys: list[str], order: list[str]) -> Expression:
    falling = [ones[name].desc() for name in order]
    place = ibis.row_number().over(ibis.window(group_by=keys, order_by=falling))
    ranked = ones.mutate(place=place)
    return ranked.filter(ranked.place < LARGEST_LISTED)


def _medians(rows: _Rows) -> Expression:
    def ask(given: Expression, axes: list[str]) -> Expression:
        heaps = given.group_by(*axes, "value").aggregate(weight=given.weight.sum())
        whole = ibis.window(group_by=axes)
        passed = ibis.window(group_by=axes, order_by=heaps["value"], preceding=None, following=0)
        ordered = heaps.mutate(whole=heaps.weight.sum().over(whole), passed=heaps.weight.sum().over(passed))
        # whole numbers are halved nowhere: the middle is reached where twice the weight passed is the whole
        low = ordered["value"].min(where=ordered.passed * 2 >= ordered.whole)
        high = ordered["value"].min(where=ordered.passed * 2 > ordered.whole)
        return ordered.group_by(*axes).aggregate(low=low, high=high).select(*axes, "low", "high")

    return _by_level(rows, _heaps(rows), ask)


def _heaps(rows: _Rows) -> Expression:
    """How much weight lies on each value under each code: the rows are gone through once."""
    given = _known(rows)
    heap = given.group_by(*rows.codes, "period", value=given["value"].cast("float64"))
    if "weight" not in rows.numbers:
        return heap.aggregate(weight=given.count())
    high, low = _limbs(given.weight)
    return heap.aggregate(weight=(high * UNIT if low is None else high * UNIT + low).sum())


_QUESTIONS: dict[Question, Callable[[_Rows], Expression]] = {
    Question.COUNTS: _counts,
    Question.CONTRIBUTORS: _contributors,
    Question.LARGEST_ROWS: _largest_rows,
    Question.LARGEST_CONTRIBUTORS: _largest_contributors,
    Question.MEDIANS: _medians,
}
_TESTS: dict[Test, Callable[[Expression, Any], Expression]] = {
    Test.EQUALS: lambda column, given: column == given[0],
    Test.IN: lambda column, given: column.isin(list(given)),
    Test.ABOVE: lambda column, given: column > given[0],
    Test.BELOW: lambda column, given: column < given[0],
    Test.BETWEEN: lambda column, given: column.between(given[0], given[1]),
}
_TYPES = {Scale.TEXT: "string", Scale.NUMBER: "float64", Scale.DAY: "date", Scale.BOOLEAN: "boolean"}


def _scale(kind: dt.DataType) -> Scale | None:
    if kind.is_boolean():
        return Scale.BOOLEAN
    if kind.is_numeric():
        return Scale.NUMBER
    if kind.is_date():
        return Scale.DAY
    return Scale.TEXT if kind.is_string() else None


def _day(day: date) -> Expression:
    return ibis.literal(day, "date")


def _all(answers: Iterable[Expression]) -> Expression:
    return functools.reduce(operator.and_, answers, ibis.literal(True))
