"""Tables, texts and intervals as JSON columns hold them: whole, without loss, with a checksum. Plain values, no Django."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from migstat.model import Code, Codelist, Measure, MeasureKind, Refused, Text
from migstat.model.tables import Dimension, Table

Json = dict[str, Any]
Intervals = Mapping[tuple[str, ...], tuple[float, float]]

_COLUMNS: Final = (
    ("contributors", np.int64),
    ("contributions", np.float64),
    ("structural_zeros", np.bool_),
    ("weights", np.float64),
)


def table_to_json(table: Table) -> Json:
    """A table as plain values, without loss: ``table_from_json`` gives the same numbers bit by bit."""
    measure = table.measure
    return {
        "id": table.id,
        "measure": [measure.indicator, measure.unit, measure.kind.value, measure.additive],
        "dimensions": [_dimension_to_json(dimension) for dimension in table.dimensions],
        "coordinates": dict(sorted(table.coordinates.items())),
        "keys": table.keys.tolist(),
        "values": [None if math.isnan(value) else value for value in table.values.tolist()],
        "states": table.states.tolist(),
        **{name: None if (column := getattr(table, name)) is None else column.tolist() for name, _ in _COLUMNS},
    }


def table_from_json(stored: Mapping[str, Any]) -> Table:
    """The table of ``table_to_json``.

    >>> from migstat.disclosure.examples import small_table
    >>> table_from_json(table_to_json(small_table())).cell("RABAT", "_T").number
    84.0
    """
    indicator, unit, kind, additive = stored["measure"]
    dimensions = tuple(_dimension_from_json(one) for one in stored["dimensions"])
    values = np.array([math.nan if value is None else value for value in stored["values"]], dtype=np.float64)
    columns: dict[str, Any] = {
        name: None if stored[name] is None else np.array(stored[name], dtype=kind_of) for name, kind_of in _COLUMNS
    }
    return Table(
        stored["id"],
        Measure(indicator, unit, MeasureKind(kind), additive),
        dimensions,
        np.array(stored["keys"], dtype=np.int64).reshape(-1, len(dimensions)),
        values,
        np.array(stored["states"], dtype=np.int8),
        coordinates=dict(stored["coordinates"]),
        **columns,
    )


def _dimension_to_json(dimension: Dimension) -> Json:
    return {
        "id": dimension.id,
        "hierarchies": [
            {"id": each.id, "codes": [[c.id, c.name.fr, c.name.ar, c.name.en, c.parent] for c in each.codes]}
            for each in dimension.hierarchies
        ],
    }


def _dimension_from_json(stored: Mapping[str, Any]) -> Dimension:
    return Dimension(
        stored["id"],
        tuple(
            Codelist(each["id"], tuple(Code(id, Text(fr, ar, en), parent) for id, fr, ar, en, parent in each["codes"]))
            for each in stored["hierarchies"]
        ),
    )


def checksum(stored: object) -> str:
    """SHA-256 over plain values in their canonical spelling.

    >>> checksum({"b": 1, "a": 2}) == checksum({"a": 2, "b": 1})
    True
    """
    plain = json.dumps(stored, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(plain.encode()).hexdigest()


def text_to_json(text: Text) -> dict[str, str]:
    return {"fr": text.fr, "ar": text.ar, "en": text.en}


def text_from_json(stored: Mapping[str, str]) -> Text:
    return Text(stored["fr"], stored["ar"], stored["en"])


def intervals_to_json(intervals: Mapping[tuple[str, ...], tuple[float, float]]) -> list[list[Any]]:
    for low, high in intervals.values():
        if not (math.isfinite(low) and math.isfinite(high) and low <= high):
            raise Refused("release.interval", found="an interval without two ends in order", remedy="give low and high")
    return [[list(codes), low, high] for codes, (low, high) in sorted(intervals.items())]


def intervals_from_json(stored: Sequence[Any]) -> dict[tuple[str, ...], tuple[float, float]]:
    return {tuple(codes): (low, high) for codes, low, high in stored}
