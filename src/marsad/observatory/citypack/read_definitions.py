"""The definitions of a pack: what computes an indicator from collected rows, each with an example that is computed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from marsad.observatory.citypack.reader import PackReader, Record, line_of
from migstat.indicators import Indicator, reference_engine
from migstat.model import Code, Codelist, Refused, Text
from migstat.model.structure import DataStructure, Role
from migstat.model.tables import Table

PSEUDONYM = "__pseudonym"
_EXAMPLE = {"periods", "rows", "cells"}
_CELL = {"codes", "value", "state", "contributors"}


@dataclass(frozen=True)
class Example:
    """Rows in, cells out: what the definition gives of these rows, worked out by hand."""

    periods: tuple[str, ...]
    rows: Mapping[str, list[Mapping[str, Any]]]
    cells: tuple[Mapping[str, Any], ...]

    def differences(self, table: Table) -> Iterator[str]:
        """What a table says otherwise than the example, cell by cell."""
        for expected in self.cells:
            codes = tuple(expected["codes"])
            row = table.row(*codes)
            cell = table.cell_at(row)
            found = f"{cell.number:.12g}" if cell.is_value else cell.state.value
            wanted = expected.get("state") or f"{expected['value']:.12g}"
            if found != wanted:
                yield f"{'/'.join(codes)} = {found}, written {wanted}"
            if table.contributors is not None and table.contributors[row] != expected.get("contributors", 0):
                yield f"{'/'.join(codes)}: {table.contributors[row]} contributors"


@dataclass(frozen=True)
class Definition:
    """One definition and its worked example."""

    indicator: Indicator
    example: Example


def codelists_of(codelists: Mapping[str, Mapping[str, Record]], areas: Mapping[str, Record]) -> dict[str, Codelist]:
    """The code lists by which a definition may break down: those of the pack, and ``area``."""
    listed = {**codelists, "area": areas}
    return {name: _codelist(name, records) for name, records in listed.items()}


def _codelist(name: str, records: Mapping[str, Record]) -> Codelist:
    return Codelist(
        name,
        tuple(
            Code(code, Text(one["name_fr"], one["name_ar"], one["name_en"]), one["parent"] or None)
            for code, one in records.items()
        ),
    )


def read_definitions(
    reader: PackReader,
    *,
    indicators: Mapping[str, Record],
    codelists: Mapping[str, Mapping[str, Record]],
    areas: Mapping[str, Record],
) -> dict[str, Definition]:
    """Every definition under ``definitions/`` that holds, by its code; what does not hold is a problem of the pack."""
    found: dict[str, Definition] = {}
    paths = sorted((reader.root / "definitions").glob("*.toml"))
    if not paths:
        return found
    try:
        lists = codelists_of(codelists, areas)
    except Refused:
        return found  # the lists themselves are at fault, and said to be
    for path in paths:
        file = f"definitions/{path.name}"
        toml = reader.toml(file)
        if toml is None:
            continue
        try:
            definition = read_definition(toml[0], lists)
            _refuse_stranger(definition.indicator, path.stem, indicators)
            _check_columns(reader, file, definition.indicator)
            _check_example(reader, file, toml[1], definition)
            found[definition.indicator.code] = definition
        except Refused as refused:
            reader.problem(
                "definition.refused", file, line_of(toml[1], "code") or 1, f"{refused.found} ({refused.rule})"
            )
    return found


def read_definition(tables: Mapping[str, Any], codelists: Mapping[str, Codelist]) -> Definition:
    """A definition with its example from the tables of its file. Raises Refused with all that is wrong."""
    said = dict(tables)
    example = said.pop("example", None)
    indicator = Indicator.from_mapping(said, codelists)
    if not isinstance(example, Mapping) or set(example) - _EXAMPLE or not example.get("cells"):
        raise Refused("definition.example", found="no worked example", remedy="give [example] rows and cells")
    cells = example["cells"]
    if any(set(cell) - _CELL or ("value" in cell) == ("state" in cell) or "codes" not in cell for cell in cells):
        raise Refused("definition.example", found="a cell of the example", remedy="give codes, and a value or a state")
    rows = {name: list(each) for name, each in example.get("rows", {}).items()}
    return Definition(indicator, Example(tuple(example.get("periods", ())), rows, tuple(cells)))


def _refuse_stranger(indicator: Indicator, stem: str, indicators: Mapping[str, Record]) -> None:
    if indicator.code != stem:
        raise Refused(
            "definition.file", found=f"{indicator.code} in {stem}.toml", remedy="name the file after the code"
        )
    known = indicators.get(indicator.indicator)
    if known is None:
        raise Refused("definition.indicator", found=indicator.indicator, remedy="name an indicator of the catalogue")
    said = (indicator.unit, indicator.kind.value, indicator.base.value)
    written = (known["unit"], str(known["kind"]), str(known["base"]))
    if said != written:
        raise Refused(
            "definition.catalogue",
            found=f"{', '.join(said)} where the catalogue says {', '.join(written)}",
            remedy="give the unit, kind and base of the catalogue",
        )


def _check_columns(reader: PackReader, file: str, indicator: Indicator) -> None:
    """Rows are read as they are kept: direct identifiers are there as their pseudonyms alone."""
    for dataflow, needed in indicator.needed_columns().items():
        path = reader.root / "collected" / f"{dataflow}.toml"
        if not path.is_file():
            reader.problem("code.unknown", file, 0, f"dataflow {dataflow!r}")
            continue
        toml = reader.toml(f"collected/{dataflow}.toml")
        try:
            structure = DataStructure.from_mapping(
                {"code": dataflow, "version": "1", **toml[0]["structure"]} if toml else {}
            )
        except (Refused, KeyError):
            continue  # the dataflow's own check says what is wrong with it
        direct = {column.name for column in structure.with_role(Role.DIRECT_IDENTIFIER)}
        kept = {column.name for column in structure.columns} - direct | {name + PSEUDONYM for name in direct}
        for name in sorted(needed - kept):
            reader.problem("column.unknown", file, 0, f"{name!r} of {dataflow}")


def _check_example(reader: PackReader, file: str, content: str, definition: Definition) -> None:
    example = definition.example
    table = reference_engine.evaluate(definition.indicator.over(*example.periods), completed_rows(definition))
    for difference in example.differences(table):
        reader.problem("example.cells", file, line_of(content, "cells") or 1, difference)


def completed_rows(definition: Definition) -> dict[str, list[dict[str, Any]]]:
    """The rows of an example with every column there: what TOML leaves out is what is not known."""
    needed = definition.indicator.needed_columns()
    rows = definition.example.rows
    return {
        name: [dict.fromkeys(columns) | dict(row) for row in rows.get(name, [])] for name, columns in needed.items()
    }
