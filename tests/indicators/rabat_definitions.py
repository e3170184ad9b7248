"""The definitions of Rabat with their worked examples, as rows for every engine."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from marsad.observatory.citypack.read_areas import read_areas, read_codelists
from marsad.observatory.citypack.read_definitions import Definition, completed_rows, read_definitions
from marsad.observatory.citypack.read_indicators import read_indicators, read_themes, read_units
from marsad.observatory.citypack.reader import PackReader

RABAT = Path(__file__).resolve().parents[2] / "cities" / "rabat"
_TYPES = {bool: pa.bool_(), int: pa.int64(), float: pa.float64(), str: pa.string(), date: pa.date32()}


def definitions_of(root: Path) -> tuple[dict[str, Definition], PackReader]:
    reader = PackReader(root)
    areas, codelists = read_areas(reader), read_codelists(reader)
    themes, units = read_themes(reader), read_units(reader)
    indicators = read_indicators(reader, themes=themes, units=units, codelists=codelists)
    return read_definitions(reader, indicators=indicators, codelists=codelists, areas=areas), reader


@cache
def rabat() -> dict[str, Definition]:
    definitions, reader = definitions_of(RABAT)
    assert [problem for problem in reader.problems if problem.file.startswith("definitions/")] == []
    return definitions


def example_tables(definition: Definition) -> dict[str, pa.Table]:
    return {name: pa.Table.from_pylist(rows, schema=_schema(rows)) for name, rows in completed_rows(definition).items()}


def _schema(rows: list[dict[str, Any]]) -> pa.Schema:
    def kind(column: str) -> pa.DataType:
        return next((_TYPES[type(row[column])] for row in rows if row.get(column) is not None), pa.null())

    return pa.schema([(column, kind(column)) for column in rows[0]])
