"""Small runs: visits to a desk of three places, counted by a definition of the small city."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from collection.store_cases import dataflow
from marsad.audit.rules import System
from marsad.collection.models import Snapshot
from marsad.collection.snapshots import Lineage, freeze
from marsad.production import inputs
from marsad.production.executing import compute_waiting
from marsad.production.models import Run
from marsad.production.operations import ask_run
from migstat.model.structure import DataStructure

AT = datetime(2026, 10, 6, 9, 0, tzinfo=UTC)
ACTOR = System("test")
VISITS = DataStructure.from_mapping({
    "code": "visits", "version": "1", "unit": "person", "columns": [
        {"name": "area", "role": "area", "kind": "code", "codelist": "area"},
        {"name": "sex", "role": "quasi_identifier", "kind": "code", "codelist": "sex"},
        {"name": "period", "role": "period", "kind": "text"},
        {"name": "schooled", "role": "attribute", "kind": "boolean"},
    ],
})  # fmt: skip
COUNT = """
code = "STK-01"
version = "1"
indicator = "STK-01"
statistic = "count"
kind = "stock"
unit = "persons"
base = "municipal"
dataflow = "visits"

[period]
column = "period"

[[by]]
column = "area"
codelist = "area"
under = "04.421"

[[by]]
column = "sex"
codelist = "sex"
"""
SHARE = """
code = "EDU"
version = "1"
indicator = "CTX-EDU-01"
statistic = "share"
kind = "stock"
unit = "percent"
base = "municipal"
per = 100
dataflow = "visits"

[[part]]
column = "schooled"
equals = true

[period]
column = "period"

[[by]]
column = "sex"
codelist = "sex"
"""
PEOPLE = {
    ("04.421.01.05", "F"): 20,
    ("04.421.01.05", "M"): 15,
    ("04.421.01.06", "F"): 2,
    ("04.421.01.06", "M"): 9,
    ("04.421.01.07", "F"): 8,
    ("04.421.01.07", "M"): 30,
}


def write_definitions(root: Path) -> None:
    folder = root / "definitions"
    folder.mkdir(exist_ok=True)
    (folder / "STK-01.toml").write_text(COUNT, "utf-8")
    (folder / "EDU.toml").write_text(SHARE, "utf-8")


def visits(people: dict[tuple[str, str], int] = PEOPLE) -> pa.Table:
    rows = [
        {"area": area, "sex": sex, "period": "2026", "schooled": number % 3 > 0}
        for (area, sex), count in people.items()
        for number in range(count)
    ]
    return pa.Table.from_pylist(rows)


def store(**more: Any) -> None:
    dataflow("visits", structure=VISITS.to_mapping(), identified_by=[], retention_days=900, **more)


def frozen(rows: pa.Table | None = None, delivery: str = "d-1", at: datetime = AT) -> Snapshot:
    batches = (visits() if rows is None else rows).to_batches()
    return freeze(actor=ACTOR, at=at, dataflow="visits", batches=batches, lineage=Lineage((delivery,)), period="2026")


def asked(actor: Any, snapshot: Snapshot, *codes: str, at: datetime = AT, name: str = "Visits of 2026") -> Run:
    plan = inputs.plan_of_definitions(codes or ("STK-01",), ["2026"], [str(snapshot.pk)])
    return ask_run(actor=actor, at=at, name=name, plan=plan)


def computed(actor: Any, snapshot: Snapshot, *codes: str, at: datetime = AT) -> Run:
    run = asked(actor, snapshot, *codes, at=at)
    compute_waiting(unheard, lambda: at + timedelta(minutes=1))
    return Run.objects.get(pk=run.pk)


def unheard(done: int, total: int | None = None, step: str = "") -> None:
    """A report that nobody reads."""
