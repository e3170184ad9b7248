"""A small store for the tests: a dataflow of visits, some records, a home of its own."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from marsad.audit.rules import System
from marsad.collection.keys import keys_for
from marsad.collection.models import CollectedDataflow, PersonRequest, Snapshot
from marsad.collection.operations import move_request, receive_request
from marsad.collection.pseudonyms import Pseudonymiser
from marsad.collection.rules import Answer, Move, Right
from marsad.collection.snapshots import Lineage, freeze
from migstat.model.structure import DataStructure

AT = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
ACTOR = System("test")
BOTH = ["default", "confidential"]
WORDS = {
    f"{name}_{language}": f"{name} {language}"
    for name in ("title", "purpose", "legal_basis")
    for language in ("fr", "ar", "en")
}
STRUCTURE = DataStructure.from_mapping(
    {
        "code": "visits",
        "version": "1",
        "unit": "visit",
        "columns": [
            {"name": "card", "role": "direct_identifier", "kind": "text"},
            {"name": "name", "role": "direct_identifier", "kind": "text"},
            {"name": "born", "role": "direct_identifier", "kind": "date"},
            {"name": "sex", "role": "quasi_identifier", "kind": "text"},
            {"name": "visits", "role": "measure", "kind": "integer"},
        ],
    }
)


def dataflow(code: str = "visits", **more: Any) -> CollectedDataflow:
    values = WORDS | {
        "purpose": "services",
        "authorisation_number": "A-000/2026",
        "authorised_on": date(2026, 1, 2),
        "retention_days": 30,
        "sensitivity": "personal",
        "identified_by": ["card"],
        "structure": STRUCTURE.to_mapping(),
        "loaded_at": AT,
    }
    return CollectedDataflow.objects.create(code=code, **(values | more))


def people(first: int = 0, count: int = 5) -> pa.Table:
    numbers = range(first, first + count)
    return pa.table(
        {
            "card": [f"R {number:06d}" for number in numbers],
            "name": [f"Fatima Zahra {number}" for number in numbers],
            "born": [date(1990, 1, 1) + timedelta(days=number) for number in numbers],
            "sex": ["F" if number % 2 else None for number in numbers],
            "visits": list(numbers),
        }
    )


def pseudonymised(table: pa.Table, purpose: str = "services") -> pa.Table:
    return Pseudonymiser(STRUCTURE, purpose, keys_for(purpose)).apply(table)


def frozen(table: pa.Table | None = None, code: str = "visits", delivery: str = "d-1", at: datetime = AT) -> Snapshot:
    records = pseudonymised(people() if table is None else table)
    batches = records.to_batches() or [pa.RecordBatch.from_pylist([], schema=records.schema)]
    return freeze(actor=ACTOR, at=at, dataflow=code, batches=batches, lineage=Lineage((delivery,)))


def granted_request(right: Right = Right.ERASURE) -> PersonRequest:
    words = {"person": "Aïcha B.", "contact": "by post", "subject": "Please erase what you hold."}
    made = receive_request(actor=ACTOR, at=AT, right=right, received_on=AT.date(), **words)
    move_request(actor=ACTOR, at=AT, request_id=made.pk, answer=Answer(Move.IDENTIFY, ""))
    return move_request(actor=ACTOR, at=AT, request_id=made.pk, answer=Answer(Move.GRANT, "It will be erased."))


@contextmanager
def home_of(settings: Any, folder: Path, **more: Any) -> Iterator[Path]:
    """The installation's home in a folder of the test, with its master key beside it."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    given = {"home": home, "master_key": "", "master_key_file": folder / "home.master_key"} | more
    settings.ENVIRONMENT = dataclasses.replace(settings.ENVIRONMENT, **given)
    yield home
