"""A data message as plain values: which components its rows have, and the data sets that hold the rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import groupby
from typing import Final

from migstat.exchange.sdmx_artefacts import TIME, Component, Dataflow, DataStructure
from migstat.model import Refused

ALL_DIMENSIONS: Final = "AllDimensions"

# Values in the order of ``Columns.every``: codes and texts, the number of the measure, None for what there is not.
Row = tuple[str | float | None, ...]


@dataclass(frozen=True)
class DataSet:
    """Rows under one action: Information, Append, Replace or Delete. ``valid_*`` are the life of an edition."""

    rows: Iterable[Row]
    action: str = "Information"
    valid_from: datetime | None = None
    valid_to: datetime | None = None


@dataclass(frozen=True)
class Columns:
    """What each row holds: the dimensions, then the measures, then the attributes that were asked for.

    ``at_observation`` is the dimension that varies inside a series, or ``AllDimensions`` for rows without series.
    """

    dataflow: Dataflow
    measures: tuple[str, ...]
    attributes: tuple[str, ...]
    at_observation: str = TIME

    def __post_init__(self) -> None:
        if self.at_observation not in {ALL_DIMENSIONS, *self.dimensions}:
            raise Refused(
                "sdmx.dimension_at_observation",
                found=repr(self.at_observation[:60]),
                remedy=f"use {ALL_DIMENSIONS} or one of " + " ".join(self.dimensions),
            )

    @property
    def structure(self) -> DataStructure:
        if self.dataflow.structure is None:
            raise Refused("sdmx.stub", found=self.dataflow.id, remedy="give the dataflow its data structure")
        return self.dataflow.structure

    @cached_property
    def dimensions(self) -> tuple[str, ...]:
        return tuple(each.id for each in self.structure.dimensions)

    @cached_property
    def every(self) -> tuple[str, ...]:
        return (*self.dimensions, *self.measures, *self.attributes)

    @cached_property
    def components(self) -> tuple[Component, ...]:
        return tuple(self.structure.component(name) for name in self.every)

    @property
    def in_series(self) -> bool:
        return self.at_observation != ALL_DIMENSIONS

    @cached_property
    def series_places(self) -> tuple[int, ...]:
        """Places in a row of the dimensions of a series key."""
        return tuple(n for n, name in enumerate(self.dimensions) if name != self.at_observation)

    @cached_property
    def observation_places(self) -> tuple[int, ...]:
        """Places in a row of what stands with an observation."""
        return tuple(n for n in range(len(self.every)) if n not in self.series_places)

    def series(self, rows: Iterable[Row]) -> Iterator[tuple[Row, Iterator[Row]]]:
        """Rows that follow one another in one series, with its key. Rows come ordered by series."""
        places = self.series_places
        return groupby(rows, key=lambda row: tuple(row[n] for n in places))


def number_text(value: float) -> str:
    """A number without a needless decimal point, in plain digits: 515619, 12.5, never 5e+16.

    >>> number_text(515619.0), number_text(12.5), number_text(1e16), number_text(0.00001)
    ('515619', '12.5', '10000000000000000', '0.00001')
    """
    if value == int(value):
        return str(int(value))
    written = repr(float(value))
    return f"{value:.12f}".rstrip("0") if "e" in written else written


def text_of(value: str | float | None) -> str:
    """A value as text; nothing for what there is not."""
    if value is None:
        return ""
    return value if isinstance(value, str) else number_text(value)


def limited(columns: Columns, rows: Iterable[Row], first: int | None, last: int | None) -> Iterator[Row]:
    """The first and last observations of each series, as many as are asked for; every one where neither is.

    An observation without a value (withheld, missing) counts as one: nobody learns from the count which it was.
    """
    if first is None and last is None:
        yield from rows
        return
    if not columns.in_series:
        columns = Columns(columns.dataflow, columns.measures, columns.attributes, TIME)
    for _, group in columns.series(rows):
        kept: list[Row] = list(group)
        head, tail = first or 0, len(kept) - (last or 0)
        yield from (row for place, row in enumerate(kept) if place < head or place >= tail)


def named_codes(components: Sequence[Component]) -> dict[str, dict[str, str]]:
    """The English names of the codes of coded components, by component and code."""
    return {
        each.id: {code.id: code.names.get("en", "") for code in each.codelist.items}
        for each in components
        if each.codelist
    }
