"""Records laid down in the store as its own doors would: pseudonymised in memory, then frozen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import pyarrow as pa

from marsad.audit.rules import Actor
from marsad.collection.keys import keys_for
from marsad.collection.models import Snapshot
from marsad.collection.pseudonyms import Pseudonymiser
from marsad.collection.queries_dataflows import collecting, structure_of
from marsad.collection.snapshots import Lineage, freeze
from migstat.model import Refused
from migstat.model.structure import DataStructure, Kind

_TYPES: Final = {
    Kind.TEXT: pa.string(),
    Kind.CODE: pa.string(),
    Kind.INTEGER: pa.int64(),
    Kind.NUMBER: pa.float64(),
    Kind.DATE: pa.date32(),
    Kind.BOOLEAN: pa.bool_(),
}


def frozen_records(
    *, actor: Actor, at: datetime, dataflow: str, rows: Sequence[Mapping[str, Any]], period: str, lineage: Lineage
) -> Snapshot:
    """A snapshot of made-up records. Raises ``Refused("demonstration.real")`` for a dataflow that is not synthetic."""
    flow = collecting(dataflow)
    if not flow.is_synthetic:
        raise Refused(
            "demonstration.real", found=f"{dataflow}, which is authorised", remedy="keep made-up records out of it"
        )
    structure = structure_of(dataflow)
    pseudonymiser = Pseudonymiser(structure, flow.purpose, keys_for(flow.purpose))
    batch = pseudonymiser.apply_batch(_batch(structure, rows))
    return freeze(actor=actor, at=at, dataflow=dataflow, batches=[batch], lineage=lineage, period=period)


def _batch(structure: DataStructure, rows: Sequence[Mapping[str, Any]]) -> pa.RecordBatch:
    """The rows in every column of the structure: what they do not say is not known."""
    columns = {
        column.name: pa.array([row.get(column.name) for row in rows], _TYPES[column.kind])
        for column in structure.columns
    }
    return pa.RecordBatch.from_pydict(columns)
