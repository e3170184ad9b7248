"""Themes, units, indicators with their method notes and worked examples, and the breaks of their series."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from marsad.catalogue.rules import BreakKind, Concerns, Direction
from marsad.observatory.citypack import fields
from marsad.observatory.citypack.read_areas import by_code
from marsad.observatory.citypack.reader import PackReader, Record, line_of
from marsad.web.words import LANGUAGES
from migstat.model import MeasureKind, PopulationBase

THEME_FIELDS = [*fields.code("code"), *fields.whole("sort"), *fields.words("name"), *fields.words("summary")]
UNIT_FORMS = ("one_fr", "many_fr", "one_en", "many_en", "one_ar", "two_ar", "few_ar", "many_ar", "other_ar")
UNIT_FIELDS = [
    *fields.code("code"),
    *fields.words("name"),
    *fields.words("symbol", required=False),
    *[field for name in UNIT_FORMS for field in fields.text(name)],
]
INDICATOR_FIELDS = [
    *fields.code("code"),
    *fields.code("theme"),
    *fields.whole("sort"),
    *fields.words("name"),
    *fields.choice("name_ar_status", ("official", "draft")),
    *fields.words("definition"),
    *fields.code("unit"),
    *fields.choice("kind", MeasureKind),
    *fields.choice("base", PopulationBase),
    *fields.flag("additive"),
    *fields.whole("decimals"),
    *fields.choice("direction", Direction),
    *fields.choice("concerns", Concerns),
    *fields.listing("breakdowns", required=False),
    *fields.words("numerator", required=False),
    *fields.words("denominator", required=False),
    *fields.text("standard", required=False),
    *fields.text("sensitivity", required=False),
    *fields.words("frequency", required=False),
    *fields.words("producer", required=False),
    *fields.words("not_measured_who", required=False),
    *fields.words("not_measured_how", required=False),
]
EXAMPLE_FIELDS = [
    *fields.words("statement"),
    *fields.choice(
        "expression",
        (
            "share(part, whole)",
            "rate_per_1000(part, whole)",
            "change_percent(before, after)",
            "sum",
            "mean",
            "count",
            "median",
        ),
    ),
    *fields.table("inputs"),
    *fields.number("result"),
]
BREAK_FIELDS = [
    *fields.code("indicator"),
    *fields.code("area", required=False),
    *fields.period("period"),
    *fields.choice("kind", BreakKind),
    *fields.words("text"),
]

_ARITHMETIC: Mapping[str, Callable[[Mapping[str, Decimal]], Decimal]] = {
    "share(part, whole)": lambda inputs: 100 * inputs["part"] / inputs["whole"],
    "rate_per_1000(part, whole)": lambda inputs: 1000 * inputs["part"] / inputs["whole"],
    "change_percent(before, after)": lambda inputs: 100 * (inputs["after"] - inputs["before"]) / inputs["before"],
    "sum": lambda inputs: sum(inputs.values(), Decimal()),
    "mean": lambda inputs: statistics.mean(inputs.values()),
    "count": lambda inputs: Decimal(len(inputs)),
    "median": lambda inputs: statistics.median(inputs.values()),
}


def read_themes(reader: PackReader) -> dict[str, Record]:
    return by_code(reader, reader.table("themes.csv", THEME_FIELDS))


def read_units(reader: PackReader) -> dict[str, Record]:
    return by_code(reader, reader.table("units.csv", UNIT_FIELDS))


def read_indicators(
    reader: PackReader,
    *,
    themes: Mapping[str, Record],
    units: Mapping[str, Record],
    codelists: Mapping[str, Mapping[str, Record]],
) -> dict[str, Record]:
    records = []
    folders = sorted(path for path in (reader.root / "indicators").glob("*") if path.is_dir())
    if not folders:
        reader.problem("file.missing", "indicators", 0, "indicators/*/indicator.toml")
    for folder in folders:
        record = _indicator(reader, folder.name)
        records += [record] if record else []
    found = by_code(reader, records)
    for record in found.values():
        known: Sequence[tuple[str, str, Mapping[str, Any]]] = [
            ("theme", record["theme"], themes),
            ("unit", record["unit"], units),
            *[("breakdowns", name, codelists) for name in record["breakdowns"]],
        ]
        for field, code, collection in known:
            if code not in collection:
                reader.problem("code.unknown", record.file, record.line, f"{field} {code!r}")
    return found


def _indicator(reader: PackReader, folder: str) -> Record | None:
    file = f"indicators/{folder}/indicator.toml"
    toml = reader.toml(file)
    example = _example(reader, f"indicators/{folder}/example.toml")
    methods = {
        f"method_{language}": reader.text(f"indicators/{folder}/method.{language}.md") or "" for language in LANGUAGES
    }
    if toml is None:
        return None
    tables, content = toml
    unmeasured = tables.pop("not_measured", {})
    written = tables | {f"not_measured_{name}": value for name, value in dict(unmeasured).items()}
    line = line_of(content, "code") or 1
    record = reader.convert(file, line, written, INDICATOR_FIELDS)
    for name, method in methods.items():
        if not method.strip():
            reader.problem("language.missing", file, line, name)
    if record and record["code"] != folder:
        reader.problem("indicator.folder", file, line, f"{record['code']!r} in folder {folder!r}")
        return None
    return record and Record(record.file, record.line, {**record.values, **methods, "example": example})


def _example(reader: PackReader, file: str) -> dict[str, Any]:
    toml = reader.toml(file)
    if toml is None:
        return {}
    tables, content = toml
    line = line_of(content, "result") or 1
    record = reader.convert(file, line, tables, EXAMPLE_FIELDS)
    if record is None:
        return {}
    try:
        inputs = {name: Decimal(str(value)) for name, value in record["inputs"].items()}
        result = _ARITHMETIC[record["expression"]](inputs)
    except (ArithmeticError, KeyError, statistics.StatisticsError) as error:
        reader.problem(
            "example.arithmetic", file, line, f"{record['expression']} of its inputs: {type(error).__name__}"
        )
        return {}
    decimals = -int(record["result"].as_tuple().exponent)
    if round(result, decimals) != record["result"]:
        reader.problem(
            "example.arithmetic", file, line, f"{record['expression']} = {result:.6g}, written {record['result']}"
        )
    shown = {name: str(value) for name, value in record["inputs"].items()}
    return {**record.values, "inputs": shown, "result": str(record["result"])}


def read_breaks(reader: PackReader, *, indicators: Mapping[str, Record], areas: Mapping[str, Record]) -> list[Record]:
    records = reader.table("breaks.csv", BREAK_FIELDS)
    for record in records:
        for field, collection in (("indicator", indicators), ("area", areas)):
            if record[field] and record[field] not in collection:
                reader.problem("code.unknown", record.file, record.line, f"{field} {record[field]!r}")
    return records
