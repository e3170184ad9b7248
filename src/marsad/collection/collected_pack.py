"""The folder ``collected/`` of a city pack: one TOML file for each dataflow of rows on persons, read and checked."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from marsad.collection.rules_store import Sensitivity
from marsad.observatory.citypack import fields
from marsad.observatory.citypack.problems import PackHasProblems, Problem
from marsad.observatory.citypack.reader import PackReader, Record, line_of
from migstat.model.refusals import Refused
from migstat.model.structure import DataStructure, Role

FOLDER = "collected"
FIELDS = [
    *fields.code("code"),
    *fields.words("title"),
    *fields.code("purpose"),
    *fields.words("purpose"),
    *fields.words("legal_basis"),
    *fields.text("authorisation_number", required=False),
    *fields.day("authorised_on", required=False),
    *fields.whole("retention_days"),
    *fields.choice("sensitivity", Sensitivity),
    *fields.flag("keeps_original", required=False),
    *fields.whole("original_days", required=False),
    *fields.code("partner", required=False),
    *fields.listing("identified_by", required=False),
    *fields.listing("uses", required=False),
    *fields.flag("is_synthetic", required=False),
]
# Lists that are no file of codelists/: areas of the pack, and countries as in the list of citizenships.
_OTHER_LISTS = frozenset({"area"})


@dataclass(frozen=True)
class Collected:
    """One dataflow of the folder: its governance and its columns."""

    record: Record
    structure: DataStructure


def _codes(root: Path, file: str) -> frozenset[str]:
    path = root / file
    if not path.is_file():
        return frozenset()
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return frozenset(row.get("code", "") for row in csv.DictReader(lines))


def examine_collected(root: Path) -> tuple[list[Collected], list[Problem]]:
    """The dataflows that could be read, and every problem of the folder with its file and line. No folder, no dataflow."""
    reader = PackReader(root)
    known_lists = {path.stem for path in (root / "codelists").glob("*.csv")} | _OTHER_LISTS
    actors = _codes(root, "actors.csv")
    found = []
    for path in sorted((root / FOLDER).glob("*")):
        file = path.relative_to(root).as_posix()
        if path.suffix != ".toml":
            reader.problem("file.unknown", file, 0, file)
            continue
        collected = _read(reader, file)
        if collected:
            _check(reader, file, collected, known_lists, actors)
            found.append(collected)
    return found, sorted(set(reader.problems))


def read_collected(root: Path) -> list[Collected]:
    """The dataflows of a sound folder. Raises ``PackHasProblems`` with every problem found."""
    found, problems = examine_collected(root)
    if problems:
        raise PackHasProblems(problems)
    return found


def _read(reader: PackReader, file: str) -> Collected | None:
    read = reader.toml(file)
    if read is None:
        return None
    tables, content = read
    written = {name: value for name, value in tables.items() if name != "structure"}
    record = reader.convert(file, line_of(content, "code"), written, FIELDS)
    structure = _structure(reader, file, content, tables.get("structure"), str(tables.get("code", "")))
    return Collected(record, structure) if record and structure else None


def _structure(reader: PackReader, file: str, content: str, table: Any, code: str) -> DataStructure | None:
    if not isinstance(table, Mapping):
        reader.problem("field.required", file, 0, "structure")
        return None
    try:
        return DataStructure.from_mapping({"code": code, **table})
    except (Refused, TypeError) as error:
        found = (
            f"{error.rule}: {error.found}"
            if isinstance(error, Refused)
            else "structure.fields: a table of no known form"
        )
        reader.problem("structure.wrong", file, _line_of_column(content, found), found)
        return None


def _line_of_column(content: str, found: str) -> int:
    """The line of the first column that a refusal names, else that of the structure."""
    for number, line in enumerate(content.splitlines(), start=1):
        if line.strip().startswith("name") and any(f" {word}" in f" {found}" for word in line.split('"')[1:2]):
            return number
    return next((number for number, line in enumerate(content.splitlines(), 1) if line.startswith("[structure]")), 0)


def _check(reader: PackReader, file: str, collected: Collected, lists: set[str], actors: frozenset[str]) -> None:
    record, structure = collected.record, collected.structure
    content = reader.text(file) or ""

    def problem(rule: str, key: str, found: str, value: str = "") -> None:
        reader.problem(rule, file, line_of(content, key, value), found)

    if record["code"] != Path(file).stem:
        problem("code.unknown", "code", f"code {record['code']!r} in a file of another name")
    if record["partner"] and record["partner"] not in actors:
        problem("code.unknown", "partner", f"partner {record['partner']!r}")
    if bool(record["authorisation_number"]) != bool(record["authorised_on"]):
        problem("authorisation.half", "authorisation_number", "a number without its day, or a day without its number")
    if record["retention_days"] < 1:
        problem("number.form", "retention_days", f"retention_days {record['retention_days']}")
    if record["keeps_original"] and not record["original_days"]:
        problem("field.required", "keeps_original", "original_days")
    for column in structure.columns:
        if column.codelist and column.codelist not in lists:
            problem("code.unknown", "codelist", f"code list {column.codelist!r} of {column.name}", column.codelist)
    identifiers = {column.name for column in structure.with_role(Role.DIRECT_IDENTIFIER)}
    for name in record["identified_by"]:
        if name not in identifiers:
            problem("code.unknown", "identified_by", f"{name!r} in identified_by is no direct identifier")
