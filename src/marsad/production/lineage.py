"""What a table rests on, as facts: snapshots and the deliveries behind them. Plain values, no Django."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

Json = dict[str, Any]


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


def snapshot_to_json(fact: SnapshotFact) -> Json:
    deliveries = [{**vars_of(each), "received_on": each.received_on.isoformat()} for each in fact.deliveries]
    return {**vars_of(fact), "frozen_on": fact.frozen_on.isoformat(), "deliveries": deliveries}


def vars_of(record: Any) -> Json:
    """The fields of a dataclass, one level deep."""
    return {name: getattr(record, name) for name in record.__dataclass_fields__}
