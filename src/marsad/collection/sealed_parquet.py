"""Encrypted Parquet files of a snapshot and the digest of the records in them. Knows files and keys, no database.

Parquet modular encryption (AES-GCM, footers encrypted, one data key for each file) with a key store of its own: the data
keys are wrapped by the key of the snapshot, which is wrapped by the master key in the confidential database. One wrapping is
enough, since the key store answers within the process; the second one of the library is there to spare calls to a far one.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe

from marsad.collection.master_key import MasterKey
from migstat.model.refusals import Refused

GROUP = 65_536
PART = 16 * GROUP
_LABEL = "snapshot"


class _KeyStore(pe.KmsClient):  # type: ignore[misc]
    """Wraps the data keys of files by the key of one snapshot, whatever name is asked for."""

    def __init__(self, key: bytes) -> None:
        super().__init__()
        self._wrapper = MasterKey(key)

    def wrap_key(self, key_bytes: bytes, master_key_identifier: str) -> bytes:
        return self._wrapper.wrap(key_bytes, master_key_identifier).hex().encode("ascii")

    def unwrap_key(self, wrapped_key: bytes, master_key_identifier: str) -> bytes:
        words = wrapped_key.decode("ascii") if isinstance(wrapped_key, bytes) else wrapped_key
        return self._wrapper.unwrap(bytes.fromhex(words), master_key_identifier)


def _factory(key: bytes) -> tuple[Any, Any]:
    return pe.CryptoFactory(lambda config: _KeyStore(key)), pe.KmsConnectionConfig()


def _sealing(key: bytes) -> Any:
    factory, connection = _factory(key)
    configuration = pe.EncryptionConfiguration(
        footer_key=_LABEL,
        uniform_encryption=True,
        plaintext_footer=False,
        double_wrapping=False,
        data_key_length_bits=256,
        internal_key_material=True,
    )
    return factory.file_encryption_properties(connection, configuration)


def _opening(key: bytes) -> Any:
    factory, connection = _factory(key)
    return factory.file_decryption_properties(connection, pe.DecryptionConfiguration())


def _stored_type(name: str, kind: Any) -> Any:
    """The type under which a column is stored; several of Arrow's own come to one."""
    if pa.types.is_dictionary(kind):
        return _stored_type(name, kind.value_type)
    if pa.types.is_null(kind) or pa.types.is_string(kind) or pa.types.is_large_string(kind) or kind == pa.string_view():
        return pa.string()
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return pa.binary()
    if pa.types.is_date(kind):
        return pa.date32()
    if pa.types.is_timestamp(kind):
        return pa.timestamp("us", tz=kind.tz)
    if pa.types.is_boolean(kind) or pa.types.is_integer(kind) or pa.types.is_float32(kind) or pa.types.is_float64(kind):
        return kind
    raise Refused(
        "snapshot.type",
        found=f"a column {name} of a type that is not kept",
        remedy="use text, numbers, days or yes and no",
    )


def stored_schema(schema: Any) -> Any:
    """The schema under which records are kept. Raises ``Refused("snapshot.type")``."""
    return pa.schema([pa.field(field.name, _stored_type(field.name, field.type)) for field in schema])


def even_batches(batches: Iterable[Any], schema: Any) -> Iterator[Any]:
    """The same records in batches of ``GROUP`` rows, the last one smaller; no more than two groups are held at once."""
    waiting: list[Any] = []
    count = 0
    for batch in batches:
        if batch.schema.names != schema.names:
            raise Refused(
                "snapshot.schema", found="batches with different columns", remedy="give every batch the same columns"
            )
        try:
            waiting.append(pa.Table.from_batches([batch]).cast(schema))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            raise Refused(
                "snapshot.schema", found="batches with different types", remedy="give every batch the same types"
            ) from None
        count += batch.num_rows
        while count >= GROUP:
            table = pa.concat_tables(waiting).combine_chunks()
            yield from table.slice(0, GROUP).to_batches()
            waiting, count = [table.slice(GROUP)], count - GROUP
    if count:
        yield from pa.concat_tables(waiting).combine_chunks().to_batches()


def _plain_bytes(array: Any) -> Iterator[bytes]:
    """The values of an array as bytes that do not depend on how Arrow laid them out."""
    yield np.packbits(array.is_valid().to_numpy(zero_copy_only=False)).tobytes()
    kind = array.type
    if pa.types.is_string(kind) or pa.types.is_binary(kind):
        filled = pc.fill_null(array, "" if pa.types.is_string(kind) else b"")
        yield pc.binary_length(filled).to_numpy(zero_copy_only=False).astype("<i4").tobytes()
        offsets = np.frombuffer(filled.buffers()[1], dtype="<i4")[filled.offset : filled.offset + len(filled) + 1]
        values = filled.buffers()[2]
        yield bytes(memoryview(values)[offsets[0] : offsets[-1]]) if values is not None else b""
        return
    if pa.types.is_boolean(kind):
        array = array.cast(pa.uint8())
    elif pa.types.is_date(kind):
        array = array.cast(pa.int32())
    elif pa.types.is_timestamp(kind):
        array = array.cast(pa.int64())
    yield pc.fill_null(array, 0).to_numpy(zero_copy_only=False).tobytes()


class RecordDigest:
    """SHA-256 of records in their order, salted so that a small snapshot's digest confirms no guess of its content."""

    def __init__(self, salt: bytes, schema: Any) -> None:
        self._digest = hashlib.sha256(salt)
        self._digest.update(repr([(field.name, str(field.type)) for field in schema]).encode())
        self.rows = 0

    def update(self, batch: Any) -> None:
        """Take in one batch of ``even_batches``; the size of batches enters the digest, so give no others."""
        self._digest.update(f"rows:{batch.num_rows}".encode())
        for array in batch.columns:
            for piece in _plain_bytes(array):
                self._digest.update(len(piece).to_bytes(8, "big"))
                self._digest.update(piece)
        self.rows += batch.num_rows

    def hexdigest(self) -> str:
        return self._digest.hexdigest()


def sync_folder(folder: Path) -> None:
    """Have the names in a folder reach the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def digest_of_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_part(path: Path, schema: Any, key: bytes, batches: Sequence[Any] | Iterator[Any]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        with pq.ParquetWriter(file, schema, compression="zstd", encryption_properties=_sealing(key)) as writer:
            for batch in batches:
                writer.write_batch(batch)
        file.flush()
        os.fsync(file.fileno())


def _until_full(first: Any, rest: Iterator[Any], note: Callable[[Any], None]) -> Iterator[Any]:
    count = 0
    batch: Any = first
    while batch is not None:
        note(batch)
        yield batch
        count += batch.num_rows
        batch = next(rest, None) if count < PART else None


def write_records(folder: Path, batches: Iterator[Any], schema: Any, *, key: bytes, salt: bytes) -> RecordDigest:
    """Write records as encrypted parts into a folder and bring them to the disk; returns their digest."""
    digest = RecordDigest(salt, schema)
    number = 0
    first = next(batches, None)
    while first is not None or number == 0:
        parts = _until_full(first, batches, digest.update)
        _write_part(folder / f"part-{number:05d}.parquet", schema, key, parts)
        number += 1
        first = next(batches, None)
    sync_folder(folder)
    return digest


def files_of(folder: Path) -> dict[str, str]:
    """The SHA-256 of each part by its name."""
    return {path.name: digest_of_file(path) for path in sorted(folder.glob("part-*.parquet"))}


def read_records(
    folder: Path, files: Mapping[str, str], *, key: bytes, columns: Sequence[str] | None = None
) -> Iterator[Any]:
    """The records of a folder in batches of ``GROUP``, each part compared with its SHA-256 before it is opened.

    Raises ``Refused``: ``snapshot.missing``, ``snapshot.changed``, ``snapshot.column``.
    """
    for name, expected in sorted(files.items()):
        path = folder / name
        if not path.is_file():
            raise Refused("snapshot.missing", found=f"no file {name}", remedy="bring the last sound backup back")
        if digest_of_file(path) != expected:
            raise Refused("snapshot.changed", found=f"a changed file {name}", remedy="bring the last sound backup back")
        try:
            with pq.ParquetFile(path, decryption_properties=_opening(key)) as file:
                unknown = set(columns or ()) - set(file.schema_arrow.names)
                if unknown:
                    raise Refused(
                        "snapshot.column", found=f"no column {min(unknown)}", remedy="ask for columns that it holds"
                    )
                yield from file.iter_batches(batch_size=GROUP, columns=list(columns) if columns else None)
        except OSError:
            raise Refused(
                "snapshot.changed",
                found=f"a file {name} that its key does not open",
                remedy="bring a sound backup back",
            ) from None


def schema_of(folder: Path, files: Mapping[str, str], *, key: bytes) -> Any:
    """The schema of the records of a folder."""
    with pq.ParquetFile(folder / min(files), decryption_properties=_opening(key)) as file:
        return file.schema_arrow
