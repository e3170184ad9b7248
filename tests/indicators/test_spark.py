"""The specification on Apache Spark: a cluster on loopback, started once for this file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from indicators.cluster import JAVA, spark_cluster
from indicators.comparing import assert_same
from indicators.rabat_definitions import RABAT, example_tables, rabat
from indicators.specification import CASES, ROWS, SCHEMAS, Case
from indicators.test_engines import assert_worked_out
from indicators.test_engines_agree import ROW, SCHEMA, assert_agree, definitions
from marsad.production.engines import Engine, engine_of
from marsad.production.ibis_connections import close_spark
from marsad.production.ibis_engine import evaluation, statements
from migstat.indicators import Indicator, reference_engine
from migstat.model import Refused

pytestmark = [
    pytest.mark.spark,
    pytest.mark.skipif(JAVA is None, reason="no Java on this machine (Debian: openjdk-17-jre-headless)"),
]
# features that the cases left here have too, in another dress
ELSEWHERE = {
    "median, odd",
    "median by area",
    "mean",
    "weighted mean",
    "equals a day",
    "not equals",
    "equals number",
    "not in numbers",
    "equals a fraction",
    "below a day",
    "between days",
    "not missing",
    "numbers as codes",
    "a list without whole gets one",
    "rolled up to a level",
    "a year of days",
    "a quarter of days",
    "rate over periods, over a stock without dates",
    "nobody is 0",
    "a share of nobody does not apply, of the unknown is missing",
}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with spark_cluster(tmp_path_factory.mktemp("spark")) as address:
        yield engine_of(address)
        close_spark()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("rows")
    for name, rows in ROWS.items():
        pq.write_table(pa.Table.from_pylist(rows, schema=SCHEMAS[name]), folder / f"{name}.parquet")
    return {name: folder / f"{name}.parquet" for name in ROWS}


@pytest.mark.parametrize("case", [case for case in CASES if case.name not in ELSEWHERE], ids=lambda case: case.name)
def test_spark_finds_the_same_table(case: Case, engine: Engine, files: dict[str, Path]) -> None:
    found = evaluation(case.indicator, files, engine)
    assert_worked_out(case, found)
    assert_same(reference_engine.evaluation(case.indicator, ROWS), found)


def test_rows_in_memory_reach_the_workers_with_what_is_not_known(engine: Engine, tmp_path: Path) -> None:
    case = next(case for case in CASES if case.name == "weighted mean")
    tables = {name: pa.Table.from_pylist(rows, schema=SCHEMAS[name]) for name, rows in ROWS.items()}
    texts = tables["people"].schema.get_field_index("sex")
    tables["people"] = tables["people"].set_column(texts, "sex", tables["people"]["sex"].dictionary_encode())
    scratched = Engine(engine.name, engine.address, str(tmp_path))
    expected = reference_engine.evaluation(case.indicator, ROWS)
    assert_same(expected, evaluation(case.indicator, {**tables, "people": tables["people"].to_reader()}, scratched))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("code", sorted(path.stem for path in (RABAT / "definitions").glob("*.toml")))
def test_a_worked_example_of_rabat_is_what_spark_finds(code: str, engine: Engine) -> None:
    definition = rabat()[code]
    indicator = definition.indicator.over(*definition.example.periods)
    found = evaluation(indicator, example_tables(definition), engine)
    assert list(definition.example.differences(found.table)) == []


def test_the_sql_for_spark_can_be_read(engine: Engine, files: dict[str, Path]) -> None:
    case = next(case for case in CASES if case.name == "weighted")
    said = statements(case.indicator, files, engine)
    assert list(said) == ["above: counts"]
    assert "`people`" in said["above: counts"]


def test_spark_refuses_what_the_others_refuse(engine: Engine, files: dict[str, Path]) -> None:
    wrong = Indicator.from_mapping({**CASES[0].mapping, "where": [{"column": "income", "equals": "much"}]})
    with pytest.raises(Refused, match=r"indicator\.type"):
        evaluation(wrong, files, engine)


@settings(
    max_examples=2,
    deadline=None,
    phases=[Phase.generate],
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(
    indicator=definitions(), rows=st.lists(ROW, min_size=3, max_size=12), others=st.lists(ROW, min_size=1, max_size=6)
)
def test_spark_and_the_reference_engine_agree(
    engine: Engine, indicator: Indicator, rows: list[dict[str, Any]], others: list[dict[str, Any]]
) -> None:
    given_rows = {"rows": rows, "others": others}
    tables = {name: pa.Table.from_pylist(each, schema=SCHEMA) for name, each in given_rows.items()}
    assert_agree(indicator, given_rows, tables, engine)
