"""The structure of a dataflow is refused when it is built wrong."""

from __future__ import annotations

from typing import Any

import pytest

from migstat.model import Column, DataStructure, Kind, Refused, Role, Text

VISITS: dict[str, Any] = {
    "code": "visits",
    "version": "1",
    "unit": "visit",
    "columns": [
        {"name": "family_name", "role": "direct_identifier", "kind": "text"},
        {
            "name": "citizenship",
            "role": "quasi_identifier",
            "kind": "code",
            "codelist": "citizenship",
            "required": True,
        },
        {"name": "age", "role": "quasi_identifier", "kind": "integer", "minimum": 0, "maximum": 120},
        {"name": "weight", "role": "weight", "kind": "number", "label": {"fr": "poids", "ar": "ترجيح", "en": "weight"}},
    ],
}


def test_a_structure_is_read_and_written_without_loss() -> None:
    structure = DataStructure.from_mapping(VISITS)
    assert DataStructure.from_mapping(structure.to_mapping()) == structure
    assert structure.column("citizenship").required
    assert structure.column("weight").label == Text(fr="poids", ar="ترجيح", en="weight")
    assert [column.name for column in structure.with_role(Role.QUASI_IDENTIFIER)] == ["citizenship", "age"]


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"name": "Family name"}, "structure.name"),
        ({"name": "a__b"}, "structure.name"),
        ({"kind": "code"}, "structure.codelist"),
        ({"codelist": "areas"}, "structure.codelist"),
        ({"minimum": 1}, "structure.bounds"),
        ({"kind": "integer", "minimum": 3, "maximum": 1}, "structure.bounds"),
        ({"role": "measure"}, "structure.numeric"),
        ({"role": "dimension"}, "structure.vocabulary"),
        ({"colour": "red"}, "structure.fields"),
        ({"name": "age"}, "structure.columns"),
    ],
)
def test_a_column_built_wrong_is_refused_by_its_rule(change: dict[str, Any], rule: str) -> None:
    columns = [dict(VISITS["columns"][0]) | change, *VISITS["columns"][1:]]
    with pytest.raises(Refused) as refusal:
        DataStructure.from_mapping({**VISITS, "columns": columns})
    assert refusal.value.rule == rule


def test_a_structure_with_two_weights_or_a_missing_field_is_refused() -> None:
    weight = VISITS["columns"][3]
    for mapping, rule in (
        ({**VISITS, "columns": [weight, weight | {"name": "other"}]}, "structure.weight"),
        ({name: value for name, value in VISITS.items() if name != "unit"}, "structure.fields"),
        ({**VISITS, "columns": []}, "structure.columns"),
    ):
        with pytest.raises(Refused) as refusal:
            DataStructure.from_mapping(mapping)
        assert refusal.value.rule == rule


def test_a_column_that_is_not_there_is_refused() -> None:
    structure = DataStructure("s", "1", "person", (Column("age", Role.ATTRIBUTE, Kind.INTEGER),))
    with pytest.raises(Refused, match="no column 'sex'"):
        structure.column("sex")
