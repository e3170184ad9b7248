"""What production hands to the desk: tables with their definition, run, lineage and doubt. Plain values, no Django."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

import numpy as np

from migstat.model import Code, Codelist, Measure, MeasureKind, Refused, Text
from migstat.model.tables import Dimension, Table

Json = dict[str, Any]

_COLUMNS: Final = (
    ("contributors", np.int64),
    ("contributions", np.float64),
    ("structural_zeros", np.bool_),
    ("weights", np.float64),
)


@dataclass(frozen=True)
class DeliveryFact:
    """A delivery behind a snapshot: who, under which agreement, when, how many rows (told to the public as a class)."""

    id: str
    organisation: str
    agreement: str
    received_on: date
    rows: int


@dataclass(frozen=True)
class SnapshotFact:
    """A snapshot that a table was computed from. ``fingerprint`` is its checksum."""

    id: str
    dataflow: str
    period: str
    frozen_on: date
    rows: int
    fingerprint: str
    deliveries: tuple[DeliveryFact, ...] = ()


@dataclass(frozen=True)
class BundledTable:
    """One table of a request. ``intervals`` are those of estimates, by the codes of their cells; ``status`` is ``A``
    (observed), ``E`` (estimated: interval and ``method`` come with it) or ``P`` (provisional)."""

    table: Table
    definition: Mapping[str, Any]
    run: str
    snapshots: Sequence[SnapshotFact]
    base: str
    status: str = "A"
    method: Text | None = None
    intervals: Mapping[tuple[str, ...], tuple[float, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Dossier:
    """What surrounds the tables of a request: the dataflow they belong to, and why this edition is made.

    ``source`` is the code of the catalogue's source that pages name; ``vintage`` tells a revised population apart in the
    ledger. ``policy`` empty takes the city's own. ``figures`` are ledger figures to freeze beside those of the indicators.
    """

    dataflow: str
    title: Text
    description: Text
    source: str
    reason: Text
    is_synthetic: bool = False
    vintage: str = ""
    policy: Mapping[str, Any] = field(default_factory=dict)
    quality: Sequence[Text] = ()
    figures: Sequence[str] = ()


# --- tables as JSON ---------------------------------------------------------------------------------------------------------


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


# --- the rest of a request as JSON ------------------------------------------------------------------------------------------


def text_to_json(text: Text) -> dict[str, str]:
    return {"fr": text.fr, "ar": text.ar, "en": text.en}


def text_from_json(stored: Mapping[str, str]) -> Text:
    return Text(stored["fr"], stored["ar"], stored["en"])


def snapshot_to_json(fact: SnapshotFact) -> Json:
    deliveries = [{**vars_of(each), "received_on": each.received_on.isoformat()} for each in fact.deliveries]
    return {**vars_of(fact), "frozen_on": fact.frozen_on.isoformat(), "deliveries": deliveries}


def vars_of(record: Any) -> Json:
    """The fields of a dataclass, one level deep."""
    return {name: getattr(record, name) for name in record.__dataclass_fields__}


def intervals_to_json(intervals: Mapping[tuple[str, ...], tuple[float, float]]) -> list[list[Any]]:
    for low, high in intervals.values():
        if not (math.isfinite(low) and math.isfinite(high) and low <= high):
            raise Refused("release.interval", found="an interval without two ends in order", remedy="give low and high")
    return [[list(codes), low, high] for codes, (low, high) in sorted(intervals.items())]


def intervals_from_json(stored: Sequence[Any]) -> dict[tuple[str, ...], tuple[float, float]]:
    return {tuple(codes): (low, high) for codes, low, high in stored}


def policy_to_json(policy: Mapping[str, Any]) -> Json:
    """A policy as databases hold it: what has no end is written as a word.

    >>> policy_to_json({"attackers": {"prior_percent": float("inf")}})
    {'attackers': {'prior_percent': 'inf'}}
    """

    def plain(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {str(name): plain(part) for name, part in value.items()}
        if isinstance(value, list | tuple):
            return [plain(part) for part in value]
        return "inf" if isinstance(value, float) and math.isinf(value) else value

    return dict(plain(policy))


def policy_from_json(stored: Mapping[str, Any]) -> Json:
    """The inverse of ``policy_to_json``."""

    def whole(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {name: whole(part) for name, part in value.items()}
        return math.inf if value == "inf" else value

    return dict(whole(stored))


def populated(table: Table, *, base: str, is_synthetic: bool, vintage: str) -> Table:
    """The table with the coordinates that keep its population apart in the ledger: base, origin and vintage."""
    apart = {"BASE": base, "ORIGIN": "synthetic" if is_synthetic else "real"}
    if vintage:
        apart["VINTAGE"] = vintage
    return replace(table, coordinates={**table.coordinates, **apart})
