"""Direct identifiers become pseudonyms, Bloom filters and sounds, in memory, before anything is written.

A pseudonym is the first 160 bits of the HMAC-SHA-256 of the value in one spelling, under the key of a purpose, as base32:
the same value under the same purpose is the same pseudonym in every dataflow, under another purpose it is another one, and
nobody without the key can try names out. The column's name does not enter, so that files that name it otherwise still meet;
its kind does. An empty value has no pseudonym. The **sound** of a text (``marsad.collection.sound``) is kept as a pseudonym
of its own family, so that names written in two scripts can be compared; it is the sign of many names.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from marsad.collection.bloom import BYTES, BloomEncoder
from marsad.collection.keys import Keys
from marsad.collection.sound import sound_of
from marsad.collection.spelling import one_spelling
from migstat.model.refusals import Refused
from migstat.model.structure import Column, DataStructure, Kind, Role

PSEUDONYM, BLOOM, SOUND = "__pseudonym", "__bloom", "__sound"
_LENGTH = 20
_ALPHABET = np.frombuffer(b"abcdefghijklmnopqrstuvwxyz234567", np.uint8)
_WITH_BLOOM = frozenset({Kind.TEXT, Kind.CODE, Kind.DATE})


def _base32(digests: bytes) -> list[str]:
    """Digests of twenty bytes one after the other, each as the text that ``base64.b32encode`` gives, in small letters."""
    bits = np.unpackbits(np.frombuffer(digests, np.uint8)).reshape(-1, 5)
    letters = _ALPHABET[bits @ np.array([16, 8, 4, 2, 1], np.uint8)].tobytes().decode("ascii")
    width = _LENGTH * 8 // 5
    return [letters[start : start + width] for start in range(0, len(letters), width)]


def pseudonyms_of(spelled: Sequence[str], kind: Kind, keys: Keys) -> list[str]:
    """The pseudonyms of values that are brought to one spelling already."""
    return _keyed(spelled, "text" if kind in (Kind.TEXT, Kind.CODE, Kind.INTEGER) else kind.value, keys)


def _keyed(texts: Sequence[str], family: str, keys: Keys) -> list[str]:
    begun = hmac.new(keys.pseudonym, f"{family}:".encode(), "sha256")
    digests = []
    for one in texts:
        hashing = begun.copy()
        hashing.update(one.encode())
        digests.append(hashing.digest()[:_LENGTH])
    return _base32(b"".join(digests))


def pseudonym_of(value: str, kind: Kind, keys: Keys) -> str | None:
    """The pseudonym of one value written as text (a date as 1990-04-30); None for a value without letter and digit."""
    spelled = one_spelling(value)
    return pseudonyms_of([spelled], kind, keys)[0] if spelled else None


def is_pseudonym(text: str) -> bool:
    """Whether a text has the form of a pseudonym: 160 bits as base32.

    >>> is_pseudonym("lhu5ulqzv25rc5me7kwe55stzmcol5h5"), is_pseudonym("Diallo")
    (True, False)
    """
    return re.fullmatch(r"[a-z2-7]{32}", text) is not None


def stored_columns(structure: DataStructure) -> tuple[str, ...]:
    """The columns that the records of a structure have once they are pseudonymised, in order."""
    names: list[str] = []
    for column in structure.columns:
        if column.role is not Role.DIRECT_IDENTIFIER:
            names.append(column.name)
            continue
        names.append(column.name + PSEUDONYM)
        if column.kind in _WITH_BLOOM:
            names.append(column.name + BLOOM)
        if column.kind is Kind.TEXT:
            names.append(column.name + SOUND)
    return tuple(names)


def _text_of(array: Any, column: Column) -> Any:
    """The values as text: dates as ISO days, whole numbers without a decimal point."""
    if pa.types.is_null(array.type):
        return array.cast(pa.string())
    if column.kind is Kind.DATE and not (pa.types.is_string(array.type) or pa.types.is_large_string(array.type)):
        return pc.strftime(array.cast(pa.timestamp("s")), format="%Y-%m-%d")
    if pa.types.is_floating(array.type):
        try:
            array = array.cast(pa.int64())
        except pa.ArrowInvalid:
            raise Refused(
                "pseudonyms.number",
                found=f"decimal numbers in the identifier {column.name}",
                remedy="give an identifier as text or as whole numbers",
            ) from None
    return array.cast(pa.string())


def _distinct(texts: Any) -> tuple[list[str], Any]:
    """The distinct spellings of texts, and for each row which one is its own; null where there is no letter or digit."""
    coded = texts.dictionary_encode()
    spellings = pa.array([one_spelling(text) or None for text in coded.dictionary.to_pylist()], pa.string())
    recoded = spellings.dictionary_encode()
    return recoded.dictionary.to_pylist(), recoded.indices.take(coded.indices)


class Pseudonymiser:
    """Takes the direct identifiers of a structure out of tables, for one purpose."""

    def __init__(self, structure: DataStructure, purpose: str, keys: Keys) -> None:
        if keys.purpose != purpose:
            raise Refused(
                "pseudonyms.purpose",
                found=f"the keys of another purpose than {purpose}",
                remedy="take keys_for(purpose)",
            )
        self.structure, self.purpose, self._keys = structure, purpose, keys
        self._encoder = BloomEncoder(keys.bloom)

    def _replaced(self, array: Any, column: Column) -> Iterable[tuple[str, Any]]:
        spelled, rows = _distinct(_text_of(array, column))
        yield column.name + PSEUDONYM, pa.array(pseudonyms_of(spelled, column.kind, self._keys), pa.string()).take(rows)
        if column.kind in _WITH_BLOOM:
            filters = self._encoder.encode_all(spelled, placed=column.kind is Kind.DATE)
            flat = pa.FixedSizeBinaryArray.from_buffers(
                pa.binary(BYTES), len(spelled), [None, pa.py_buffer(filters.tobytes())]
            )
            yield column.name + BLOOM, flat.take(rows).cast(pa.binary())
        if column.kind is Kind.TEXT:
            yield column.name + SOUND, self._sounds(spelled).take(rows)

    def _sounds(self, spelled: Sequence[str]) -> Any:
        sounds = [sound_of(text) for text in spelled]
        distinct = sorted({sound for sound in sounds if sound})
        keyed = dict(zip(distinct, _keyed(distinct, "sound", self._keys), strict=True))
        return pa.array([keyed.get(sound) for sound in sounds], pa.string())

    def apply_batch(self, batch: Any) -> Any:
        """A record batch without its direct identifiers."""
        identifiers = {column.name: column for column in self.structure.with_role(Role.DIRECT_IDENTIFIER)}
        columns: dict[str, Any] = {}
        for name, array in zip(batch.schema.names, batch.columns, strict=True):
            if name in identifiers:
                columns.update(self._replaced(array, identifiers[name]))
            else:
                columns[name] = array
        return pa.RecordBatch.from_pydict(columns)

    def apply(self, table: Any) -> Any:
        """A ``pyarrow.Table`` whose direct identifier ``x`` is ``x__pseudonym``, and ``x__bloom`` for texts and dates.

        A column that the table lacks is not made up. Raises ``Refused("pseudonyms.number")`` for decimal identifiers.
        """
        batches = [self.apply_batch(batch) for batch in table.combine_chunks().to_batches(max_chunksize=65_536)]
        if not batches:
            empty = [pa.array([], type=field.type) for field in table.schema]
            batches = [self.apply_batch(pa.RecordBatch.from_arrays(empty, names=table.schema.names))]
        return pa.Table.from_batches(batches)
