"""Where rows are computed: a DuckDB of this process alone, or a session of a Spark cluster. No Ibis here."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq

from marsad.production.engines import Engine
from migstat.model import Refused

if TYPE_CHECKING:
    import duckdb

Source: TypeAlias = pa.Table | pa.RecordBatchReader | Path | str
"""Rows in memory, rows that come batch by batch (read once), or a Parquet file or folder."""


@dataclass(frozen=True)
class Laid:
    """What was laid open of one dataflow: the name of its view, its columns, and those without any known value."""

    view: str
    columns: frozenset[str]
    blank: frozenset[str] = field(default=frozenset())


@contextmanager
def duckdb_connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory that fetches no extension and ends with the block."""
    import duckdb

    closed = {"autoload_known_extensions": "false", "autoinstall_known_extensions": "false"}
    with duckdb.connect(":memory:", config=dict(closed)) as connection:
        yield connection


def lay_in_duckdb(
    connection: duckdb.DuckDBPyConnection, sources: Mapping[str, Source], needed: Mapping[str, frozenset[str]]
) -> dict[str, Laid]:
    """Each source as a view of the connection; of what comes in batches, only the needed columns are kept."""
    laid = {}
    for view, (dataflow, source) in _named(sources).items():
        if isinstance(source, pa.RecordBatchReader):
            source = _kept(source, needed.get(dataflow, frozenset()))
        if isinstance(source, pa.Table):
            connection.register(view, source)
        else:
            files = Path(source) / "*.parquet" if Path(source).is_dir() else Path(source)
            connection.read_parquet(str(files)).create_view(view)
        laid[dataflow] = _laid(view, source)
    return laid


def _named(sources: Mapping[str, Source]) -> dict[str, tuple[str, Source]]:
    """Sources by plain names of views; two codes that differ by their punctuation alone get different ones."""
    named: dict[str, tuple[str, Source]] = {}
    for dataflow, source in sources.items():
        plain = re.sub(r"\W+", "_", dataflow, flags=re.ASCII).lower()
        view = plain if plain not in named else f"{plain}_{len(named)}"
        named[view] = (dataflow, source)
    return named


def _kept(reader: pa.RecordBatchReader, needed: frozenset[str]) -> pa.Table:
    names = [name for name in reader.schema.names if name in needed]
    schema = pa.schema([reader.schema.field(name) for name in names])
    return pa.Table.from_batches([batch.select(names) for batch in reader], schema=schema)


def _laid(view: str, source: pa.Table | Path | str) -> Laid:
    schema = source.schema if isinstance(source, pa.Table) else _schema(Path(source))
    blank = frozenset(name for name, kind in zip(schema.names, schema.types, strict=True) if pa.types.is_null(kind))
    return Laid(view, frozenset(schema.names), blank)


def _schema(path: Path) -> pa.Schema:
    first = path
    if path.is_dir():
        parts = sorted(path.glob("*.parquet"))
        if not parts:
            raise Refused("indicator.source", found="a folder without Parquet files", remedy="give a snapshot's folder")
        first = parts[0]
    return pq.read_schema(first)


@contextmanager
def spark_session(engine: Engine) -> Iterator[Any]:
    """A session of its own on the cluster; the connection behind it is kept for the next one.

    Raises Refused when PySpark is not installed.
    """
    try:
        import pyspark  # noqa: F401
    except ImportError:
        raise Refused(
            "engine.missing", found="no PySpark on this machine", remedy="install marsad with its spark group"
        ) from None
    yield _driver(engine.address).newSession()


@cache
def _driver(address: str) -> Any:
    from pyspark.sql import SparkSession

    host = address.removeprefix("spark://").rpartition(":")[0]
    builder = SparkSession.builder.master(address).appName("marsad")
    settings = {
        "spark.ui.enabled": "false",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.ansi.enabled": "true",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.warehouse.dir": tempfile.mkdtemp(prefix="marsad-warehouse-"),
    }
    if host in ("localhost", "127.0.0.1", "[::1]"):
        settings |= {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


def close_spark() -> None:
    """End the connection to the cluster, if there is one, and forget it."""
    from pyspark.sql import SparkSession

    active = SparkSession.getActiveSession()
    if active is not None:
        active.stop()
    _driver.cache_clear()


@contextmanager
def laid_in_spark(
    session: Any, sources: Mapping[str, Source], needed: Mapping[str, frozenset[str]], scratch: str
) -> Iterator[dict[str, Laid]]:
    """Each source as a view of the session. What is in memory goes through Parquet files, of the needed columns, that
    only this user may read and that are gone after the block: NULL handed over in memory would arrive as NaN."""
    with tempfile.TemporaryDirectory(prefix="marsad-rows-", dir=scratch or None) as folder:
        laid = {}
        for view, (dataflow, source) in _named(sources).items():
            if isinstance(source, pa.Table | pa.RecordBatchReader):
                laid[dataflow] = _write(
                    source, needed.get(dataflow, frozenset()), Path(folder) / f"{view}.parquet", view
                )
                path = Path(folder) / f"{view}.parquet"
            else:
                path = Path(source).resolve()
                laid[dataflow] = _laid(view, path)
            session.read.parquet(path.as_uri()).createOrReplaceTempView(view)
        yield laid


def _write(source: pa.Table | pa.RecordBatchReader, needed: frozenset[str], path: Path, view: str) -> Laid:
    reader = source.to_reader() if isinstance(source, pa.Table) else source
    laid = Laid(
        view,
        frozenset(reader.schema.names),
        frozenset(each.name for each in reader.schema if pa.types.is_null(each.type)),
    )
    names = [name for name in reader.schema.names if name in needed - laid.blank] or [
        name for name in reader.schema.names if name not in laid.blank
    ][:1]
    schema = pa.schema([_plain(reader.schema.field(name)) for name in names])
    if not names:
        raise Refused("indicator.source", found=f"no known value in {view}", remedy="give rows that say something")
    with pq.ParquetWriter(path, schema, coerce_timestamps="us") as writer:
        for batch in reader:
            writer.write_table(pa.Table.from_batches([batch.select(names)]).cast(schema))
    return laid


def _plain(each: pa.Field) -> pa.Field:
    """Texts that a dictionary holds are written out: Spark reads them as texts."""
    return each.with_type(each.type.value_type) if pa.types.is_dictionary(each.type) else each
