"""Rabat's definitions: each example is what every engine finds, and a faulty definition is a problem of the pack."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from indicators.comparing import assert_same
from indicators.rabat_definitions import RABAT, definitions_of, example_tables, rabat
from marsad.observatory.citypack.read_definitions import completed_rows
from marsad.production.engines import Engine
from marsad.production.ibis_engine import evaluation
from migstat.indicators import reference_engine


def test_the_city_computes_indicators_of_its_catalogue() -> None:
    assert len(rabat()) >= 8
    assert {definition.indicator.kind.value for definition in rabat().values()} == {"stock", "flow"}
    assert {flow for definition in rabat().values() for flow in definition.indicator.dataflows} >= {
        "civil-status-births",
        "household-survey",
        "unhcr-registration",
    }


@pytest.mark.parametrize("code", sorted(path.stem for path in (RABAT / "definitions").glob("*.toml")))
def test_a_worked_example_is_what_duckdb_and_the_reference_engine_find(code: str) -> None:
    definition = rabat()[code]
    indicator = definition.indicator.over(*definition.example.periods)
    found = evaluation(indicator, example_tables(definition), Engine())
    assert list(definition.example.differences(found.table)) == []
    assert_same(reference_engine.evaluation(indicator, completed_rows(definition)), found)


FAULTS = {
    "another result": ("value = 50.0", "value = 51.0", "example.cells"),
    "other contributors": ("contributors = 2", "contributors = 3", "example.cells"),
    "no example": ("[example]", "[examples]", "definition.refused"),
    "a word outside the vocabulary": ('statistic = "share"', 'statistic = "portion"', "definition.refused"),
    "a unit that is not the catalogue's": ('unit = "percent"', 'unit = "persons"', "definition.refused"),
    "an indicator that is not in the catalogue": ('indicator = "LEG-05"', 'indicator = "LEG-99"', "definition.refused"),
    "another file": ('code = "LEG-05"', 'code = "LEG-06"', "definition.refused"),
    "a column that is not collected": ('column = "declared_days"', 'column = "delay"', "column.unknown"),
    "a direct identifier": ('dataflow = "civil', 'contributor = "act_number"\ndataflow = "civil', "column.unknown"),
    "a dataflow that is not collected": ('"civil-status-births"', '"births"', "code.unknown"),
    "a code list that the city has not": ('codelist = "area"', 'codelist = "zone"', "definition.refused"),
    "no TOML": ("per = 100", "per = ", "toml.syntax"),
}


@pytest.mark.parametrize(("old", "new", "rule"), FAULTS.values(), ids=FAULTS.keys())
def test_a_faulty_definition_is_a_problem_of_the_pack(tmp_path: Path, old: str, new: str, rule: str) -> None:
    root = tmp_path / "city"
    for folder in ("codelists", "indicators", "collected"):
        shutil.copytree(RABAT / folder, root / folder)
    for file in ("areas.csv", "themes.csv", "units.csv"):
        shutil.copy(RABAT / file, root / file)
    (root / "definitions").mkdir()
    text = (RABAT / "definitions" / "LEG-05.toml").read_text(encoding="utf-8")
    assert old in text
    changed = text.replace(old, new) if rule == "code.unknown" else text.replace(old, new, 1)
    (root / "definitions" / "LEG-05.toml").write_text(changed, encoding="utf-8")
    _, reader = definitions_of(root)
    assert rule in {problem.rule for problem in reader.problems}
    assert all(problem.file.startswith("definitions/") for problem in reader.problems)
