"""The accepted rows of a delivery as pseudonymised batches, ready to be frozen. Nothing plain leaves this walk."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pyarrow as pa

from marsad.collection.deliveries.checking import Progress, measures_with_marks
from marsad.collection.deliveries.typed_rows import Batch, Reading, TypedRows
from marsad.collection.pseudonyms import Pseudonymiser
from migstat.model.structure import DataStructure, Kind, Role

MARK = "__mark"
_TYPES: Final = {
    Kind.TEXT: pa.string(),
    Kind.CODE: pa.string(),
    Kind.INTEGER: pa.int64(),
    Kind.NUMBER: pa.float64(),
    Kind.DATE: pa.date32(),
    Kind.BOOLEAN: pa.bool_(),
}


def stored_batches(
    reading: Reading, pseudonymiser: Pseudonymiser, progress: Progress = lambda rows: None
) -> Iterator[pa.RecordBatch]:
    """Typed, pseudonymised batches of the rows that can stand; a table's measures keep their marks in ``x__mark``.

    A file without such a row gives one empty batch.
    """
    return _batches(reading, pseudonymiser, progress, fit_alone=True)


def every_row(reading: Reading, pseudonymiser: Pseudonymiser) -> Iterator[pa.RecordBatch]:
    """The same of all rows, those too that lack a value and will not be stored: for finding a person in a file."""
    return _batches(reading, pseudonymiser, lambda rows: None, fit_alone=False)


def _batches(
    reading: Reading, pseudonymiser: Pseudonymiser, progress: Progress, *, fit_alone: bool
) -> Iterator[pa.RecordBatch]:
    rows = TypedRows(reading)
    given = False
    for batch in rows.batches():
        if not fit_alone:
            batch.unfit.clear()
        yield pseudonymiser.apply_batch(_arrow(batch, reading.structure))
        given = True
        progress(rows.rows)
    if not given:
        empty = Batch(
            [], {column.name: [] for column in rows.columns}, {column.name: [] for column in rows.columns}, []
        )
        yield pseudonymiser.apply_batch(_arrow(empty, reading.structure))


def _arrow(batch: Batch, structure: DataStructure) -> pa.RecordBatch:
    kept = [place for place in range(len(batch.numbers)) if place not in batch.unfit] if batch.unfit else None
    marked = {column.name for column in measures_with_marks(structure)}
    columns: dict[str, Any] = {}
    for column in structure.columns:
        if column.name not in batch.values:
            continue
        values = _chosen(batch.values[column.name], kept)
        kind = Kind.TEXT if column.role is Role.PERIOD and column.kind is Kind.TEXT else column.kind
        columns[column.name] = pa.array(values, _TYPES[kind])
        if column.name in marked:
            columns[column.name + MARK] = pa.array(
                [mark.value for mark in _chosen(batch.marks[column.name], kept)], pa.string()
            )
    return pa.RecordBatch.from_pydict(columns)


def _chosen(values: list[Any], kept: list[int] | None) -> list[Any]:
    return values if kept is None else [values[place] for place in kept]
