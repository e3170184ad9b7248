"""Reading the files of a pack into records, remembering the line of each and collecting every problem on the way."""

from __future__ import annotations

import csv
import io
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from marsad.observatory.citypack.fields import Broken, Field
from marsad.observatory.citypack.problems import Problem

_TOML_LINE = re.compile(r"line (\d+)")


@dataclass(frozen=True)
class Record:
    """One row or one TOML record: converted values, and where they were written."""

    file: str
    line: int
    values: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.values[name]


class PackReader:
    """Reads files of one pack. Nothing is raised for bad content: ``problems`` holds all that was found."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.problems: list[Problem] = []
        self.read_files: set[str] = set()

    def problem(self, rule: str, file: str, line: int, found: str) -> None:
        self.problems.append(Problem(file, line, rule, found))

    def text(self, file: str, *, required: bool = True) -> str | None:
        """The whole file as text; None (and a problem, where it is required) when it is not there or not UTF-8."""
        path = self.root / file
        if not path.is_file():
            if required:
                self.problem("file.missing", file, 0, file)
            return None
        self.read_files.add(file)
        try:
            return path.read_text("utf-8-sig")
        except UnicodeDecodeError as error:
            self.problem("file.encoding", file, 0, f"byte {error.object[error.start]:#04x} at position {error.start}")
            return None

    def table(self, file: str, fields: Iterable[Field], *, required: bool = True) -> list[Record]:
        """The rows of a CSV file that could be read; a row with a problem is reported and left out."""
        content = self.text(file, required=required)
        if content is None:
            return []
        expected = {field.name: field for field in fields}
        reader = csv.reader(io.StringIO(content))
        header = next(reader, [])
        wrong = sorted(set(expected) ^ set(header))
        if wrong or len(set(header)) != len(header):
            self.problem("csv.columns", file, 1, "missing, unknown or repeated: " + ", ".join(wrong or header))
            return []
        records = []
        line = reader.line_num + 1
        for row in reader:
            if len(row) != len(header):
                if row:
                    self.problem("csv.width", file, line, f"{len(row)} values for {len(header)} columns")
            else:
                written = {name: value for name, value in zip(header, row, strict=True) if value.strip()}
                record = self.convert(file, line, written, expected.values())
                records += [record] if record else []
            line = reader.line_num + 1
        return records

    def toml(self, file: str) -> tuple[dict[str, Any], str] | None:
        """The tables of a TOML file and its text (to find lines again)."""
        content = self.text(file)
        if content is None:
            return None
        try:
            return tomllib.loads(content), content
        except tomllib.TOMLDecodeError as error:
            line = _TOML_LINE.search(str(error))
            self.problem("toml.syntax", file, int(line[1]) if line else 0, str(error))
            return None

    def geojson(self, file: str) -> list[dict[str, Any]]:
        """The features of a GeoJSON file."""
        content = self.text(file)
        if content is None:
            return []
        try:
            collection = json.loads(content)
            return list(collection["features"])
        except (ValueError, KeyError, TypeError) as error:
            self.problem("geojson.syntax", file, getattr(error, "lineno", 0), str(error))
            return []

    def convert(self, file: str, line: int, written: Mapping[str, Any], fields: Iterable[Field]) -> Record | None:
        """The record of one row or table, or None when a field of it breaks a rule."""
        values: dict[str, Any] = {}
        before = len(self.problems)
        fields = list(fields)
        for name in written.keys() - {field.name for field in fields}:
            self.problem("field.unknown", file, line, name)
        for field in fields:
            values[field.name] = self._value(file, line, written, field)
        self._languages(file, line, written, fields)
        return Record(file, line, values) if len(self.problems) == before else None

    def _value(self, file: str, line: int, written: Mapping[str, Any], field: Field) -> Any:
        said = written.get(field.name)
        if said is None or (isinstance(said, str) and not said.strip()):
            if field.required and not field.group:
                self.problem("field.required", file, line, field.name)
            return field.empty
        try:
            return field.read(said)
        except Broken as broken:
            self.problem(broken.rule, file, line, broken.found)
            return field.empty

    def _languages(self, file: str, line: int, written: Mapping[str, Any], fields: list[Field]) -> None:
        groups: dict[str, list[Field]] = {}
        for field in fields:
            if field.group:
                groups.setdefault(field.group, []).append(field)
        for group, members in groups.items():
            silent = [field.name for field in members if not str(written.get(field.name) or "").strip()]
            if silent and (members[0].required or len(silent) < len(members)):
                self.problem("language.missing", file, line, f"{group}: {', '.join(silent)}")


def line_of(content: str, key: str, value: str = "") -> int:
    """The line of a TOML text on which ``key`` is set (to ``value``, where given); 0 when it is nowhere."""
    pattern = re.compile(rf"^\s*{re.escape(key)}\s*=\s*[\"']?{re.escape(value)}")
    for number, line in enumerate(content.splitlines(), start=1):
        if pattern.match(line):
            return number
    return 0
