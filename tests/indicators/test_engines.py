"""The specification on the reference engine and on DuckDB, and what only memory, batches and files can show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from indicators.comparing import assert_same
from indicators.specification import BASE, CASES, CODELISTS, ROWS, SCHEMAS, SEX, Case
from marsad.production.engines import Engine
from marsad.production.ibis_engine import evaluate, evaluation
from migstat.indicators import Evaluation, Indicator, reference_engine
from migstat.model import Refused
from migstat.model.tables import MISSING


def tables() -> dict[str, pa.Table]:
    return {name: pa.Table.from_pylist(rows, schema=SCHEMAS[name]) for name, rows in ROWS.items()}


def by_reference(indicator: Indicator) -> Evaluation:
    return reference_engine.evaluation(indicator, ROWS)


def by_duckdb(indicator: Indicator) -> Evaluation:
    return evaluation(indicator, tables(), Engine())


def assert_worked_out(case: Case, found: Evaluation) -> None:
    """The cells that the specification gives are the cells that the engine found."""
    for codes, expected in case.cells.items():
        cell = found.table.cell(*codes)
        if isinstance(expected, str):
            assert cell.state.value == expected, codes
        else:
            assert cell.number == pytest.approx(expected, rel=1e-9), codes
    contributors = found.table.contributors
    assert contributors is not None
    for codes, count in case.contributors.items():
        assert contributors[found.table.row(*codes)] == count, codes
    if case.unknown is not None:
        assert found.unknown[0] == case.unknown
    assert found.undated == case.undated


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_reference_engine_finds_what_was_worked_out_by_hand(case: Case) -> None:
    assert_worked_out(case, by_reference(case.indicator))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_duckdb_finds_the_same_table(case: Case) -> None:
    assert_same(by_reference(case.indicator), by_duckdb(case.indicator))


def test_rows_come_from_memory_batches_files_and_folders_alike(tmp_path: Path) -> None:
    case = next(case for case in CASES if case.name.startswith("rate over another dataflow"))
    given = tables()
    folder = tmp_path / "people's snapshot"
    folder.mkdir()
    pq.write_table(given["people"].slice(0, 4), folder / "part-0.parquet")
    pq.write_table(given["people"].slice(4), folder / "part-1.parquet")
    pq.write_table(given["population"], tmp_path / "population.parquet")
    batches = {name: table.to_reader(max_chunksize=3) for name, table in given.items()}
    files: dict[str, Any] = {"people": folder, "population": str(tmp_path / "population.parquet")}
    expected = by_reference(case.indicator)
    assert_same(expected, evaluation(case.indicator, batches, Engine()))
    assert_same(expected, evaluation(case.indicator, files, Engine()))


def test_texts_kept_in_a_dictionary_and_columns_without_any_value() -> None:
    columns = {
        "sex": pa.array(["F", None, "M", "F"]).dictionary_encode(),
        "age": pa.nulls(4),
        "employed": pa.array([True, None, False, True]),
    }
    rows = pa.table(columns)
    indicator = Indicator.from_mapping({**BASE, "where": [{"column": "age", "above": 17}], "by": [SEX]}, CODELISTS)
    found = evaluation(indicator, {"people": rows}, Engine())
    assert_same(reference_engine.evaluation(indicator, {"people": rows.to_pylist()}), found)
    assert (found.table.states[[0, 1, 2]] == MISSING).all()


def test_dataflows_whose_names_differ_by_a_sign_are_kept_apart() -> None:
    one, other = pa.table({"n": [1, 2, 3]}), pa.table({"n": [1]})
    definition = {
        **BASE,
        "dataflow": "desk-visits",
        "statistic": "ratio",
        "denominator": {"dataflow": "desk.visits", "kind": "flow"},
    }
    found = evaluate(Indicator.from_mapping(definition), {"desk-visits": one, "desk.visits": other}, Engine())
    assert found.cell().number == 3


def test_the_same_rows_in_any_order_and_number_of_batches_give_the_same_bytes() -> None:
    dice = np.random.default_rng(5)
    size = 40_000
    rows = pa.table(
        {
            "sex": pa.array(dice.choice(["F", "M"], size)),
            "weight": pa.array(dice.lognormal(0, 2, size)),
            "income": pa.array(dice.lognormal(7, 1, size)),
        }
    )
    definition = {**BASE, "statistic": "mean", "value": "income", "weight": "weight", "by": [SEX]}
    indicator = Indicator.from_mapping(definition, CODELISTS)
    first = evaluation(indicator, {"people": rows}, Engine())
    for _ in range(3):
        mixed = rows.take(pa.array(dice.permutation(size)))
        assert_same(first, evaluation(indicator, {"people": mixed.to_reader(max_chunksize=997)}, Engine()))


def test_no_rows_are_nobody_and_say_nothing_of_a_mean() -> None:
    empty = {name: SCHEMAS[name].empty_table() for name in SCHEMAS}
    count = Indicator.from_mapping({**BASE, "by": [SEX]}, CODELISTS)
    mean = Indicator.from_mapping({**BASE, "statistic": "mean", "value": "income"}, CODELISTS)
    median = Indicator.from_mapping({**BASE, "statistic": "median", "value": "income"}, CODELISTS)
    for indicator in (count, mean, median):
        found = evaluation(indicator, empty, Engine())
        assert_same(reference_engine.evaluation(indicator, {"people": [], "population": []}), found)
    assert evaluate(count, empty, Engine()).cell("F").number == 0
    assert evaluate(mean, empty, Engine()).cell().state.value == "not_applicable"


def test_an_engine_refuses_by_name_what_it_has_no_operation_for(monkeypatch: pytest.MonkeyPatch) -> None:
    from ibis.common.exceptions import OperationNotDefinedError

    from marsad.production import ibis_engine

    def without(*_: object) -> None:
        raise OperationNotDefinedError("no such window")

    indicator = Indicator.from_mapping({**BASE, "statistic": "median", "value": "income"}, CODELISTS)
    monkeypatch.setattr(ibis_engine, "_executed", lambda backend: without)
    with pytest.raises(Refused, match=r"engine\.lacks: found duckdb") as refused:
        ibis_engine.evaluate(indicator, tables(), Engine())
    assert "another engine" in refused.value.remedy
