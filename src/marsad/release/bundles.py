"""What production hands to the desk: tables with their definition, run, lineage and doubt. Plain values, no Django."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from marsad.production.lineage import DeliveryFact, SnapshotFact, snapshot_to_json, vars_of
from marsad.production.stored_tables import (
    checksum,
    intervals_from_json,
    intervals_to_json,
    table_from_json,
    table_to_json,
    text_from_json,
    text_to_json,
)
from migstat.model import Text
from migstat.model.tables import Table

__all__ = [
    "BundledTable",
    "DeliveryFact",
    "Dossier",
    "SnapshotFact",
    "checksum",
    "intervals_from_json",
    "intervals_to_json",
    "policy_from_json",
    "policy_to_json",
    "populated",
    "snapshot_to_json",
    "table_from_json",
    "table_to_json",
    "text_from_json",
    "text_to_json",
    "vars_of",
]

Json = dict[str, Any]


@dataclass(frozen=True)
class BundledTable:
    """One table of a request. ``intervals`` are those of estimates, by the codes of their cells; ``status`` is ``A``
    (observed), ``E`` (estimated: interval and ``method`` come with it) or ``P`` (provisional). ``marked`` are cells that
    must be withheld whatever the rules say, by their codes: those of a share whose parts are not safe."""

    table: Table
    definition: Mapping[str, Any]
    run: str
    snapshots: Sequence[SnapshotFact]
    base: str
    status: str = "A"
    method: Text | None = None
    intervals: Mapping[tuple[str, ...], tuple[float, float]] = field(default_factory=dict)
    marked: Sequence[tuple[str, ...]] = ()


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
