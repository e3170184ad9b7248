"""Rows per second of the store: pseudonymise, freeze, read; the memory it takes, and what the files weigh.

Run: ``.venv/bin/python benchmarks/bench_store.py [ROWS]``. Beside each other in one run: one keyed hash (HMAC-SHA-256) for each
identifier, the least that pseudonyms can cost, and the same rows as plain Parquet. Nothing of an installation is touched.
"""

from __future__ import annotations

import hmac
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

os.environ["MARSAD_HOME"] = tempfile.mkdtemp(prefix="marsad-bench-")
os.environ["DJANGO_SETTINGS_MODULE"] = "marsad.config.settings_test"

import django

django.setup()

import numpy as np  # noqa: E402
import pyarrow as pa  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402

from marsad.collection.keys import Keys  # noqa: E402
from marsad.collection.pseudonyms import Pseudonymiser  # noqa: E402
from marsad.collection.sealed_parquet import (  # noqa: E402
    RecordDigest,
    even_batches,
    files_of,
    read_records,
    stored_schema,
    write_records,
)
from migstat.model.structure import DataStructure  # noqa: E402

ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
PIECE = 50_000
STRUCTURE = DataStructure.from_mapping(
    {
        "code": "bench",
        "version": "1",
        "unit": "person",
        "columns": [
            {"name": "card", "role": "direct_identifier", "kind": "integer"},
            {"name": "name", "role": "direct_identifier", "kind": "text"},
            {"name": "born", "role": "direct_identifier", "kind": "date"},
            {"name": "age", "role": "quasi_identifier", "kind": "integer"},
        ],
    }
)


def pieces(rows: int) -> Iterator[pa.RecordBatch]:
    """Records with a card of their own, 20,000 names, 25,000 days of birth: a city's variety."""
    dice = np.random.default_rng(7)
    for start in range(0, rows, PIECE):
        count = min(PIECE, rows - start)
        days = dice.integers(0, 25_000, count)
        yield pa.record_batch(
            {
                "card": np.arange(start, start + count),
                "name": [f"Nom Prénom {number}" for number in dice.integers(0, 20_000, count)],
                "born": [date(1950, 1, 1) + timedelta(days=int(day)) for day in days],
                "age": dice.integers(0, 90, count),
            }
        )


def timed(what: str, rows: int, began: float) -> float:
    took = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{what:<46} {rows / took:>12,.0f} rows/s   peak {peak:6.0f} MiB")
    return took


def main() -> None:
    keys = Keys.of("bench", os.urandom(32))
    pseudonymiser = Pseudonymiser(STRUCTURE, "bench", keys)
    began = time.perf_counter()
    for number in range(3 * ROWS // 10):
        hmac.digest(keys.pseudonym, b"%d" % number, "sha256")
    least = timed("one HMAC for each of three identifiers", ROWS // 10, began) * 10
    folder, key, salt = Path(tempfile.mkdtemp(prefix="marsad-bench-")), os.urandom(32), os.urandom(16)
    began = time.perf_counter()
    spent = [0.0]

    def encoded() -> Iterator[pa.RecordBatch]:
        for piece in pieces(ROWS):
            start = time.perf_counter()
            batch = pseudonymiser.apply_batch(piece)
            spent[0] += time.perf_counter() - start
            yield batch

    coming = encoded()
    first = next(coming)
    schema = stored_schema(first.schema)

    def all_of_it() -> Iterator[pa.RecordBatch]:
        yield first
        yield from coming

    digest = write_records(folder, even_batches(all_of_it(), schema), schema, key=key, salt=salt)
    whole = timed("make, pseudonymise, encrypt, write", ROWS, began)
    print(
        f"{'  of which pseudonymise':<46} {ROWS / spent[0]:>12,.0f} rows/s   {spent[0] / least:.1f} times the hashes alone"
    )
    files = files_of(folder)
    began = time.perf_counter()
    again = RecordDigest(salt, schema)
    for batch in read_records(folder, files, key=key):
        again.update(batch)
    timed("read, decrypt, compare with the digest", ROWS, began)
    assert again.hexdigest() == digest.hexdigest()
    sealed = sum((folder / name).stat().st_size for name in files)
    plain = folder / "plain.parquet"
    with pq.ParquetWriter(plain, schema, compression="zstd") as writer:
        for batch in read_records(folder, files, key=key):
            writer.write_batch(batch)
    print(
        f"{'files: encrypted beside plain':<46} {sealed / 2**20:>8.1f} MiB, {sealed / plain.stat().st_size:.3f} times plain"
    )
    print(f"{'whole':<46} {whole:>10.1f} s for {ROWS:,} rows")


if __name__ == "__main__":
    main()
