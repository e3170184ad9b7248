"""The lists as a linkage sees them: for each record, numbers that stand for values, and the filters those stand for.

A number is the place of a value among the distinct ones of this linkage. Pseudonyms and filters come in here, in memory, and
go no further: what is compared, kept and shown afterwards are numbers, levels and weights.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from marsad.collection.bloom import BYTES
from marsad.collection.pseudonyms import BLOOM, PSEUDONYM, SOUND
from marsad.production.linkage.plan import BANDS, BITS_OF_A_BAND, Field, FieldKind, LinkagePlan
from migstat.model.refusals import Refused

Codes = NDArray[np.int32]
Words = NDArray[np.uint64]
MISSING: Final = -1
_WORDS = BYTES // 8
_YEAR = "birth_year"


@dataclass(frozen=True, eq=False)
class Filters:
    """The distinct filters of a family of values: eight words of 64 bits each, and how many bits are set."""

    words: Words
    ones: NDArray[np.int64]

    def dice(self, left: Codes, right: Codes) -> NDArray[np.float32]:
        """Dice coefficients of pairs of values by their numbers; 0 where one is missing. As ``bloom.similarity``."""
        if not len(self.words):
            return np.zeros(len(left), np.float32)
        shared = np.bitwise_count(self.words[left] & self.words[right]).sum(axis=1, dtype=np.int64)
        total = self.ones[left] + self.ones[right]
        ratio = np.divide(2 * shared, total, out=np.zeros(len(left)), where=total > 0)
        found: NDArray[np.float32] = ratio.astype(np.float32)
        found[(left < 0) | (right < 0)] = 0
        return found


@dataclass(frozen=True, eq=False)
class Records:
    """Distinct records of all lists, one after the other. ``codes[field]`` and ``sounds[field]`` are numbers or MISSING.

    Names share one family of numbers, so that a name can be found in the other column. ``rows`` is how many rows of its
    list a record stands for: rows that agree in every field are one record.
    """

    lists: tuple[str, ...]
    list_of: NDArray[np.int16]
    rows: NDArray[np.int64]
    codes: Mapping[str, Codes]
    sounds: Mapping[str, Codes]
    years: Codes
    names: Filters
    births: Filters

    def __len__(self) -> int:
        return len(self.list_of)

    def filters(self, kind: FieldKind) -> Filters:
        return self.names if kind is FieldKind.NAME else self.births

    def columns(self, plan: LinkagePlan) -> dict[str, NDArray[Any]]:
        """The columns that blocking rules name: codes, sounds, bands of birth years, bands of filters."""
        found: dict[str, NDArray[Any]] = {name: self.codes[name] for name in self.codes}
        found |= {f"{name}.sound": self.sounds[name] for name in self.sounds}
        for shift in (0, 1):
            found[f"years.{shift}"] = np.where(self.years < 0, MISSING, (self.years + shift) // 2)
        wanted = {column for rule in plan.blocking_rules for column in rule}
        for number in range(BANDS):
            if f"band.{number}" in wanted:
                found[f"band.{number}"] = self._band(plan, number)
        return found

    def _band(self, plan: LinkagePlan, number: int) -> NDArray[np.int64]:
        """A few bits of the filters of every field together; the same places in every linkage, chosen by the number."""
        dice = np.random.default_rng([7, number])
        names = (*plan.of_kind(FieldKind.NAME)[:2], *plan.of_kind(FieldKind.BIRTH)[:1])
        each = BITS_OF_A_BAND // len(names)
        band, missing = np.zeros(len(self), np.int64), np.zeros(len(self), np.bool_)
        for name in names:
            filters = self.filters(plan.field(name).kind)
            places = dice.choice(BYTES * 8, each, replace=False)
            bits = (filters.words[:, places // 64] >> (places % 64).astype(np.uint64)) & np.uint64(1)
            hashed = bits.astype(np.int64) @ (np.int64(1) << np.arange(each, dtype=np.int64))
            code = self.codes[name]
            band = (band << each) | (hashed[code] if len(hashed) else 0)
            missing |= code < 0
        band[missing] = MISSING
        return band


def shared_fields(lists: Sequence[tuple[Sequence[str], Mapping[str, FieldKind]]]) -> tuple[Field, ...]:
    """The fields that two lists or more have, in the order of the first list that has them.

    Each list is its stored columns and the kinds of the fields that it could be compared by.
    """
    kinds: dict[str, FieldKind] = {}
    counted: dict[str, int] = {}
    for stored, offered in lists:
        for name, kind in offered.items():
            held = name if kind is FieldKind.CODE else name + PSEUDONYM
            if held in stored and kinds.setdefault(name, kind) is kind:
                counted[name] = counted.get(name, 0) + 1
    kept = [name for name, number in counted.items() if number >= 2]
    names = [name for name in kept if kinds[name] is FieldKind.NAME]
    other = {names[0]: names[1], names[1]: names[0]} if len(names) == 2 else {}
    return tuple(Field(name, kinds[name], other.get(name, "")) for name in kept)


def make_records(tables: Mapping[str, Any], fields: Sequence[Field]) -> Records:
    """The records of lists of pseudonymised rows (``pyarrow.Table`` by the name of the list).

    Rows without any value to be told by are left out: nobody can be recognised in them. Raises
    ``Refused("linkage.empty")`` where a list has no other row.
    """
    names = [one.name for one in fields if one.kind is FieldKind.NAME]
    births = [one.name for one in fields if one.kind is FieldKind.BIRTH]
    codes: dict[str, Codes] = {}
    for one in fields:
        if one.kind in (FieldKind.NUMBER, FieldKind.CODE):
            suffix = "" if one.kind is FieldKind.CODE else PSEUDONYM
            codes[one.name] = _numbered(tables, [one.name + suffix])[0]
    of_names, name_filters = _numbered_filters(tables, names)
    of_births, birth_filters = _numbered_filters(tables, births)
    codes |= dict(zip((*names, *births), (*of_names, *of_births), strict=True))
    sounds = dict(zip(names, _numbered(tables, [name + SOUND for name in names]), strict=True))
    years = _years(tables)
    list_of = np.repeat(np.arange(len(tables), dtype=np.int16), [table.num_rows for table in tables.values()])
    ordered = [one.name for one in fields]
    kept, rows = _distinct(list_of, [codes[name] for name in ordered], [*sounds.values(), years], fields)
    records = Records(
        tuple(tables),
        list_of[kept],
        rows,
        {name: codes[name][kept] for name in ordered},
        {name: sound[kept] for name, sound in sounds.items()},
        years[kept],
        name_filters,
        birth_filters,
    )
    empty = [name for place, name in enumerate(tables) if not (records.list_of == place).any()]
    if empty:
        raise Refused("linkage.empty", found=f"no row to be told by in {empty[0]}", remedy="link lists with records")
    return records


def _distinct(
    list_of: NDArray[np.int16], codes: list[Codes], more: list[Codes], fields: Sequence[Field]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    telling = [code for code, one in zip(codes, fields, strict=True) if one.kind is not FieldKind.CODE]
    told = np.flatnonzero(np.any([code >= 0 for code in telling], axis=0))
    all_columns: list[NDArray[Any]] = [list_of, *codes, *more]
    columns = {f"c{place}": column[told] for place, column in enumerate(all_columns)}
    grouped = pa.table(columns | {"row": told}).group_by(list(columns), use_threads=False)
    found = grouped.aggregate([("row", "min"), ("row", "count")])
    first, counts = (np.asarray(found.column(name), dtype=np.int64) for name in ("row_min", "row_count"))
    order = np.argsort(first, kind="stable")
    return first[order], counts[order]


def _column(table: Any, name: str, kind: Any) -> Any:
    if name not in table.column_names:
        return pa.nulls(table.num_rows, kind)
    return table.column(name).cast(kind)


def _numbered(tables: Mapping[str, Any], columns: Sequence[str]) -> list[Codes]:
    """For each column the numbers of its values; equal values have one number in all columns and lists given."""
    if not columns:
        return []
    arrays = [[_column(table, name, pa.string()) for table in tables.values()] for name in columns]
    chunks = [chunk for each in arrays for array in each for chunk in _chunks(array)]
    coded = pa.chunked_array(chunks, pa.string()).dictionary_encode().unify_dictionaries().combine_chunks()
    numbers = _indices(coded)
    return list(numbers.reshape(len(columns), -1))


def _chunks(array: Any) -> list[Any]:
    return array.chunks if isinstance(array, pa.ChunkedArray) else [array]


def _indices(coded: Any) -> Codes:
    coded = coded.combine_chunks() if isinstance(coded, pa.ChunkedArray) else coded
    found: Codes = np.asarray(pc.fill_null(coded.indices, MISSING), dtype=np.int32)
    return found


def _numbered_filters(tables: Mapping[str, Any], fields: Sequence[str]) -> tuple[list[Codes], Filters]:
    """Numbers of the pseudonyms of fields, and the filter of each number."""
    numbers = _numbered(tables, [name + PSEUDONYM for name in fields])
    size = max((int(each.max(initial=MISSING)) for each in numbers), default=MISSING) + 1
    words = np.zeros((size, _WORDS), np.uint64)
    for name, code in zip(fields, numbers, strict=True):
        start = 0
        for table in tables.values():
            part = code[start : start + table.num_rows]
            start += table.num_rows
            if name + BLOOM in table.column_names:
                places, first = np.unique(part, return_index=True)
                held = table.column(name + BLOOM).take(pa.array(first[places >= 0])).combine_chunks()
                present = np.asarray(held.is_valid())
                blob = b"".join(each for each in held.to_pylist() if each is not None)
                words[places[places >= 0][present]] = np.frombuffer(blob, np.uint64).reshape(-1, _WORDS)
    return numbers, Filters(words, np.bitwise_count(words).sum(axis=1, dtype=np.int64))


def _years(tables: Mapping[str, Any]) -> Codes:
    """Years of birth from an age and the year of the period, where a list has both; else MISSING."""
    found = []
    for table in tables.values():
        years = np.full(table.num_rows, MISSING, np.int32)
        if _YEAR in table.column_names:
            years = np.asarray(pc.fill_null(table.column(_YEAR).cast(pa.int32()), MISSING), dtype=np.int32)
        found.append(years)
    return np.concatenate(found) if found else np.zeros(0, np.int32)
