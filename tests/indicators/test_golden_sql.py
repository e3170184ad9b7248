"""The SQL that DuckDB is given, kept beside the tests: a new version of Ibis that says it otherwise is seen.

``MARSAD_WRITE_GOLDEN=1`` writes the statements anew; read the difference before you commit it.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pyarrow as pa
import pytest

from indicators.specification import CASES, ROWS, SCHEMAS, Case
from marsad.production.engines import Engine
from marsad.production.ibis_engine import statements

GOLDEN = Path(__file__).parent / "golden"
KEPT = [
    "several conditions at once: no wins over not known",
    "weighted",
    "contributors are people, not rows",
    "under one code, elsewhere left out",
    "several periods of a flow add up",
    "too coarse to tell",
    "a stock of what runs on the last day of a period",
    "weighted share by area",
    "weighted mean",
    "mean of what people have several of",
    "weighted median",
    "rate over another dataflow, whose rows are counts",
]


@pytest.mark.parametrize("case", [case for case in CASES if case.name in KEPT], ids=lambda case: case.name)
def test_the_statements_are_those_that_were_read(case: Case) -> None:
    tables = {name: pa.Table.from_pylist(rows, schema=SCHEMAS[name]) for name, rows in ROWS.items()}
    said = statements(case.indicator, tables, Engine())
    text = "\n".join(f"-- {question}\n{sql};\n" for question, sql in said.items())
    path = GOLDEN / f"{re.sub(r'[^a-z]+', '-', case.name.lower())}.sql"
    if os.environ.get("MARSAD_WRITE_GOLDEN") == "1":
        GOLDEN.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_every_kept_name_is_a_case_with_a_file_and_no_file_is_left_over() -> None:
    names = {re.sub(r"[^a-z]+", "-", name.lower()) for name in KEPT}
    assert {path.stem for path in GOLDEN.glob("*.sql")} == names
    assert set(KEPT) <= {case.name for case in CASES}
