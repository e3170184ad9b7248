"""The step that evaluates a definition on the rows of snapshots."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

from marsad.production.engines import evaluate_installed
from marsad.production.results import Result, placed, plain
from marsad.production.stored_tables import checksum
from migstat.indicators import Indicator
from migstat.model import Code, Codelist, Refused, Text

Rows = Mapping[str, Any]


def definition_of(settings: Mapping[str, Any]) -> tuple[Indicator, dict[str, Any]]:
    """The indicator that a step's settings hold, over its periods, and the definition as the chain will show it."""
    written = {name: value for name, value in tomllib.loads(settings["definition"]).items() if name != "example"}
    lists = {name: _codelist(name, codes) for name, codes in settings.get("codelists", {}).items()}
    indicator = Indicator.from_mapping(written, lists)
    if not settings.get("periods"):
        raise Refused("production.period", found="a definition without period", remedy="say over which periods")
    said = {**plain(written), "digest": checksum(plain(written))}
    return indicator.over(*settings["periods"]), said


def _codelist(name: str, codes: Any) -> Codelist:
    return Codelist(name, tuple(Code(code, Text(fr, ar, en), parent or None) for code, parent, fr, ar, en in codes))


def evaluated(settings: Mapping[str, Any], rows: Rows) -> Result:
    """The table of a definition from the rows of each dataflow it reads. Raises Refused as the engines do."""
    indicator, said = definition_of(settings)
    found = evaluate_installed(indicator, rows)
    home = settings["home"]
    return Result(
        table=placed(found.table, home),
        base=indicator.base.value,
        definition=said,
        parts=tuple(placed(part, home) for part in found.parts),
        unknown=found.unknown.tolist(),
        undated=found.undated,
        report={"unknown": int(found.unknown.max(initial=0)), "undated": found.undated},
    )
