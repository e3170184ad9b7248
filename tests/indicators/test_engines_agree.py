"""Any definition over any rows: DuckDB and the reference engine agree, in their tables and in their refusals."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indicators.comparing import assert_same
from indicators.specification import BASE, CODELISTS
from marsad.production.engines import Engine
from marsad.production.ibis_engine import evaluation
from migstat.indicators import Indicator, reference_engine
from migstat.model import Refused

SCHEMA = pa.schema(
    [
        ("sex", pa.string()),
        ("area", pa.string()),
        ("age", pa.int32()),
        ("income", pa.float64()),
        ("weight", pa.float64()),
        ("units", pa.int64()),
        ("yes", pa.bool_()),
        ("on", pa.date32()),
        ("until", pa.date32()),
        ("when", pa.string()),
        ("who", pa.string()),
    ]
)
DAYS = st.dates(date(2023, 11, 1), date(2025, 2, 1))
AMOUNTS = st.one_of(
    st.sampled_from([0.0, 0.1, 0.3, 1.0, 2.5, 1e-9, 999_999_999.999]),
    st.floats(0, 1e6, allow_subnormal=False),
    st.just(float("nan")),
)


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), values, values, values)


ROW = st.fixed_dictionaries(
    {
        "sex": maybe(st.sampled_from(["F", "M", "F", "M", "_T"])),
        "area": maybe(st.sampled_from(["R1A1", "R1A2", "R1B", "R2A", "MAR"])),
        "age": maybe(st.integers(0, 99)),
        "income": maybe(AMOUNTS),
        "weight": maybe(AMOUNTS),
        "units": maybe(st.integers(0, 5)),
        "yes": maybe(st.booleans()),
        "on": maybe(DAYS),
        "until": maybe(DAYS),
        "when": maybe(st.sampled_from(["2024", "2024-Q1", "2024-02", "2024-05-17", "2023-12", "never"])),
        "who": maybe(st.sampled_from("abcd")),
    }
)
CONDITIONS = st.one_of(
    st.builds(lambda code, no: {"column": "sex", "equals": code, "not": no}, st.sampled_from("FM"), st.booleans()),
    st.builds(lambda codes: {"column": "area", "in": codes}, st.lists(st.sampled_from(["R1A1", "R1B"]), min_size=1)),
    st.builds(
        lambda low, more, no: {"column": "age", "between": [low, low + more], "not": no},
        st.integers(0, 60),
        st.integers(0, 30),
        st.booleans(),
    ),
    st.builds(lambda bound: {"column": "income", "above": bound}, st.sampled_from([0, 0.1, 2.5, 1000])),
    st.builds(lambda bound: {"column": "age", "below": bound}, st.integers(0, 99)),
    st.builds(
        lambda column, no: {"column": column, "missing": True, "not": no},
        st.sampled_from(["income", "on", "who"]),
        st.booleans(),
    ),
    st.builds(lambda yes: {"column": "yes", "equals": yes}, st.booleans()),
    st.builds(lambda day: {"column": "on", "above": day}, DAYS),
)
BY = st.sampled_from(
    [
        [],
        [{"column": "sex", "codelist": "sex"}],
        [{"column": "area", "codelist": "area"}],
        [{"column": "area", "codelist": "area", "level": 1}],
        [{"column": "area", "codelist": "area", "under": "R1"}],
        [{"column": "sex", "codelist": "sex"}, {"column": "area", "codelist": "area", "level": 2}],
        [{"column": "yes", "codes": ["true", "false"]}],
    ]
)
PERIODS = st.sampled_from(
    [
        ({}, ()),
        ({"period": {"column": "on"}}, ("2024",)),
        ({"period": {"column": "on"}}, ("2024-Q1", "2024-Q2")),
        ({"period": {"column": "when"}}, ("2024-Q1",)),
        ({"period": {"column": "when"}}, ("2023", "2024")),
        ({"period": {"column": "on"}, "kind": "stock"}, ("2024-02-29", "2024-12-31")),
        ({"period": {"since": "on", "until": "until"}, "kind": "stock"}, ("2023", "2024-Q1", "2024-12-31")),
    ]
)


@st.composite
def definitions(draw: st.DrawFn) -> Indicator:
    dated, periods = draw(PERIODS)
    statistic = draw(st.sampled_from(["count", "share", "mean", "median", "rate", "ratio"]))
    definition: dict[str, Any] = {
        **BASE,
        "dataflow": "rows",
        "statistic": statistic,
        "where": draw(st.lists(CONDITIONS, max_size=2)),
        "by": draw(BY),
        **dated,
    }
    if draw(st.booleans()):
        definition["weight"] = "weight"
    if statistic in ("mean", "median") or (statistic == "ratio" and draw(st.booleans())):
        definition["value"] = draw(st.sampled_from(["income", "age"]))
    other = draw(st.sampled_from(["", "contributor", "frequency"]))
    if other == "contributor" or (other == "frequency" and "value" not in definition):
        definition[other] = "who" if other == "contributor" else "units"
    if statistic == "share":
        definition["part"] = draw(st.lists(CONDITIONS, min_size=1, max_size=2))
    if statistic in ("rate", "ratio"):
        definition["denominator"] = {
            "dataflow": "others",
            "kind": draw(st.sampled_from(["stock", "flow"])),
            "where": draw(st.lists(CONDITIONS, max_size=1)),
            **draw(
                st.sampled_from(
                    [{}, {"frequency": "units"}, {"value": "income", "weight": "weight"}, {"contributor": "who"}]
                )
            ),
            **draw(st.sampled_from([{}, {"period": {"column": "when"}}])),
        }
        definition["per"] = draw(st.sampled_from([1, 1000]))
    # a table of one day never holds the days of a whole period
    if definition["kind"] == "stock" and "denominator" in definition:
        definition["denominator"].pop("period", None)
    return Indicator.from_mapping(definition, CODELISTS).over(
        *(periods or ("2024",) if _dated(definition) else periods)
    )


def _dated(definition: dict[str, Any]) -> bool:
    return "period" in definition or "period" in definition.get("denominator", {})


def assert_agree(
    indicator: Indicator, rows: dict[str, list[dict[str, Any]]], tables: dict[str, pa.Table], engine: Engine
) -> None:
    """The engine finds what the reference engine finds, or refuses for the same reason."""
    try:
        expected = reference_engine.evaluation(indicator, rows)
    except Refused as refused:
        with pytest.raises(Refused, match=f"^{re.escape(refused.rule)}:"):
            evaluation(indicator, tables, engine)
    else:
        assert_same(expected, evaluation(indicator, tables, engine))


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(definitions(), st.lists(ROW, max_size=14), st.lists(ROW, max_size=8))
def test_duckdb_and_the_reference_engine_agree(
    indicator: Indicator, rows: list[dict[str, Any]], others: list[dict[str, Any]]
) -> None:
    given_rows = {"rows": rows, "others": others}
    tables = {name: pa.Table.from_pylist(each, schema=SCHEMA) for name, each in given_rows.items()}
    assert_agree(indicator, given_rows, tables, Engine())


def test_a_contributor_is_listed_once_where_an_axis_ends_early() -> None:
    """An area that is not known has no areas below it: every deeper level of the axis reaches the same cell."""
    definition = {**BASE, "dataflow": "rows", "statistic": "mean", "value": "income", "contributor": "who"}
    indicator = Indicator.from_mapping({**definition, "by": [{"column": "area", "codelist": "area"}]}, CODELISTS)
    rows = [{**dict.fromkeys(SCHEMA.names), "income": income, "who": who} for income, who in ((20.0, "a"), (3.0, None))]
    assert_agree(indicator, {"rows": rows}, {"rows": pa.Table.from_pylist(rows, schema=SCHEMA)}, Engine())
    table = reference_engine.evaluate(indicator, {"rows": rows})
    listed = dict(zip(table.keys[:, 0].tolist(), table.contributions.tolist(), strict=True))
    assert listed[table.dimensions[0].codes.index("_U")][:3] == [10.0, 1.5, 0.0]  # of the mean of 11.5


@settings(max_examples=60, deadline=None)
@given(st.lists(ROW, min_size=1, max_size=12), st.integers(1, 1000))
def test_the_scale_of_weights_changes_no_share_mean_or_median(rows: list[dict[str, Any]], scale: int) -> None:
    whole = [
        {**row, "weight": float(round(min(row["weight"] or 0.0, 1e6)) if row["weight"] == row["weight"] else 1)}
        for row in rows
    ]
    scaled = [{**row, "weight": row["weight"] * scale} for row in whole]
    for statistic in ("share", "mean", "median"):
        own = {"part": [{"column": "yes", "equals": True}]} if statistic == "share" else {"value": "age"}
        by = [{"column": "sex", "codelist": "sex"}]
        definition = {**BASE, "dataflow": "rows", "statistic": statistic, "weight": "weight", "by": by, **own}
        indicator = Indicator.from_mapping(definition, CODELISTS)
        before, after = (reference_engine.evaluate(indicator, {"rows": each}) for each in (whole, scaled))
        assert before.states.tolist() == after.states.tolist()
        for one, other in zip(before.values.tolist(), after.values.tolist(), strict=True):
            assert one == other or abs(one - other) <= 1e-12 * one or (one != one and other != other)


@settings(max_examples=60, deadline=None)
@given(st.lists(ROW, max_size=14), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(rows: list[dict[str, Any]], dice: Any) -> None:
    definition = {**BASE, "dataflow": "rows", "statistic": "mean", "value": "income", "contributor": "who"}
    indicator = Indicator.from_mapping({**definition, "by": [{"column": "area", "codelist": "area"}]}, CODELISTS)
    mixed = dice.sample(rows, len(rows))
    assert_same(
        reference_engine.evaluation(indicator, {"rows": rows}), reference_engine.evaluation(indicator, {"rows": mixed})
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(ROW, max_size=14), st.lists(ROW, max_size=14))
def test_counts_of_two_groups_add_up_to_the_count_of_both(
    one: list[dict[str, Any]], other: list[dict[str, Any]]
) -> None:
    definition = {**BASE, "dataflow": "rows", "by": [{"column": "sex", "codelist": "sex"}], "frequency": "units"}
    indicator = Indicator.from_mapping(definition, CODELISTS)
    parts = [reference_engine.evaluate(indicator, {"rows": rows}) for rows in (one, other)]
    both = reference_engine.evaluate(indicator, {"rows": one + other})
    for row in range(len(both)):
        cells = [table.cell_at(row) for table in parts]
        if all(cell.is_value for cell in cells):
            assert both.cell_at(row).number == sum(cell.number for cell in cells)


@settings(max_examples=15, deadline=None)
@given(st.lists(ROW, max_size=20))
def test_a_level_is_the_sum_of_its_parts_and_the_same_at_every_depth(rows: list[dict[str, Any]]) -> None:
    tables = {"rows": pa.Table.from_pylist(rows, schema=SCHEMA)}

    def count(**level: int) -> Any:
        by = [{"column": "area", "codelist": "area", **level}]
        return evaluation(
            Indicator.from_mapping({**BASE, "dataflow": "rows", "by": by}, CODELISTS), tables, Engine()
        ).table

    deep, shallow = count(), count(level=1)
    for code in ("MAR", "R1", "R2", "_U"):
        assert deep.cell(code) == shallow.cell(code)
    assert deep.cell("R1").number == sum(deep.cell(code).number for code in ("R1A1", "R1A2", "R1B"))
    assert deep.cell("MAR").number == len(rows)


def test_days_far_from_each_other_are_dated_alike() -> None:
    days = [date(1899, 12, 31), date(2024, 2, 29), date(2100, 1, 1), None]
    rows = [{"on": day + timedelta(0) if day else None} for day in days]
    definition = {**BASE, "dataflow": "rows", "period": {"column": "on"}}
    indicator = Indicator.from_mapping(definition).over("1899", "2024-02", "2100")
    table = pa.Table.from_pylist(rows, schema=pa.schema([("on", pa.date32())]))
    found = evaluation(indicator, {"rows": table}, Engine())
    assert_same(reference_engine.evaluation(indicator, {"rows": rows}), found)
    assert found.table.values.tolist() == [3, 1, 1, 1]
    assert found.undated == 1


def test_an_amount_too_large_to_add_is_refused_even_where_its_row_is_not_known_to_count() -> None:
    """Engines see the largest amount of all rows that may count, not only of those that surely do."""
    definition = {**BASE, "dataflow": "rows", "statistic": "mean", "value": "income", "weight": "weight"}
    indicator = Indicator.from_mapping({**definition, "where": [{"column": "who", "equals": "a"}]}, CODELISTS)
    rows = [{**dict.fromkeys(SCHEMA.names), "income": 1e10, "weight": 1e10}]
    with pytest.raises(Refused, match=r"indicator\.amount"):
        reference_engine.evaluation(indicator, {"rows": rows})
    assert_agree(indicator, {"rows": rows}, {"rows": pa.Table.from_pylist(rows, schema=SCHEMA)}, Engine())
