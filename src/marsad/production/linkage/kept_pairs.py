"""Pairs as bytes and back: compressed columns of numbers, no pickles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class KeptPairs:
    """The list of each record, and for each pair its two records and the natural logarithm of its odds."""

    list_of: NDArray[np.int64]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    log_odds: NDArray[np.float64]

    def to_bytes(self) -> bytes:
        """Two Arrow streams, compressed, the first one's length before them."""
        records = _stream({"list_of": self.list_of.astype(np.int16)})
        pairs = _stream(
            {"left": self.left.astype(np.int32), "right": self.right.astype(np.int32), "log_odds": self.log_odds}
        )
        return len(records).to_bytes(8, "big") + records + pairs

    @classmethod
    def from_bytes(cls, content: bytes) -> KeptPairs:
        length = int.from_bytes(content[:8], "big")
        records, pairs = (_table(part) for part in (content[8 : 8 + length], content[8 + length :]))
        list_of, left, right = (
            np.asarray(column, dtype=np.int64)
            for column in (records.column("list_of"), pairs.column("left"), pairs.column("right"))
        )
        return cls(list_of, left, right, np.asarray(pairs.column("log_odds"), dtype=np.float64))


def _stream(columns: dict[str, Any]) -> bytes:
    table, sink = pa.table(columns), pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue().to_pybytes())


def _table(content: bytes) -> Any:
    return pa.ipc.open_stream(pa.py_buffer(content)).read_all()
