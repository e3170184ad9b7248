"""A structure as the text that people edit: TOML, or JSON."""

from __future__ import annotations

import json
import tomllib
from typing import Any

from migstat.model.refusals import Refused
from migstat.model.structure import DataStructure

EXAMPLE = """code = "visits"
version = "1"
unit = "visit"

[[columns]]
name = "area"
role = "area"
kind = "code"
codelist = "AREA"
"""


def read_structure(text: str) -> DataStructure:
    """A structure from TOML, or from JSON where the text begins with a brace.

    Raises ``Refused("agreements.structure_text")`` with the place where the text cannot be read, or the refusal of
    the structure itself.
    """
    try:
        plain: Any = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
    except (json.JSONDecodeError, tomllib.TOMLDecodeError) as error:
        raise Refused(
            "agreements.structure_text", found=str(error)[:120], remedy="write TOML or JSON as in the example"
        ) from None
    if not isinstance(plain.get("columns"), list) or not all(isinstance(one, dict) for one in plain["columns"]):
        raise Refused("structure.columns", found="no list of columns", remedy="write one [[columns]] for each column")
    return DataStructure.from_mapping(plain)


def write_structure(structure: DataStructure) -> str:
    """The TOML that ``read_structure`` reads back as the same structure."""
    plain = structure.to_mapping()
    lines = [f"{name} = {json.dumps(plain[name], ensure_ascii=False)}" for name in ("code", "version", "unit")]
    for column in plain["columns"]:
        lines += ["", "[[columns]]", *(f"{name} = {_written(value)}" for name, value in column.items())]
    return "\n".join(lines) + "\n"


def _written(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {_written(one)}" for name, one in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)
