"""Published figures, the cases they form, actors, the plan's tags and the city's own record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from marsad.figures.rules import Fault, Quantifier, Reason, Reliability, Role, faults
from marsad.observatory.citypack import fields
from marsad.observatory.citypack.read_areas import by_code, check_ancestry
from marsad.observatory.citypack.reader import PackReader, Record, line_of
from migstat.model import MeasureKind, PopulationBase

ACTOR_KINDS = ("state", "territorial", "international", "association", "university", "migrants_association", "press")
FIGURE_FIELDS = [
    *fields.code("code"),
    *fields.code("indicator", required=False),
    *fields.words("concept"),
    *fields.code("area", required=False),
    *fields.text("area_text", required=False),
    *fields.period("period"),
    *fields.words("group", required=False),
    *fields.number("value"),
    *fields.choice("quantifier", Quantifier),
    *fields.code("unit"),
    *fields.choice("kind", MeasureKind),
    *fields.choice("base", PopulationBase, required=False),
    *fields.text("publisher"),
    *fields.text("document", required=False),
    *fields.address("url", required=False),
    *fields.text("excerpt", required=False),
    *fields.day("read_on", required=False),
    *fields.text("vintage", required=False),
    *fields.choice("reliability", Reliability),
    *fields.choice("role", Role),
    *fields.code("case", required=False),
    *fields.words("note", required=False),
]
CASE_FIELDS = [
    *fields.code("code"),
    *fields.words("title"),
    *fields.code("indicator", required=False),
    *fields.listing("reasons"),
    *fields.words("explanation"),
    *fields.code("recommended", required=False),
    *fields.words("proposed_by", required=False),
    *fields.words("decided_by", required=False),
    *fields.day("decided_on", required=False),
    *fields.words("why", required=False),
]
ACTOR_FIELDS = [
    *fields.code("code"),
    *fields.choice("kind", ACTOR_KINDS),
    *fields.text("acronym", required=False),
    *fields.words("name"),
    *fields.words("produces", required=False),
    *fields.words("rhythm", required=False),
    *fields.words("basis", required=False),
    *fields.words("needs", required=False),
    *fields.address("source_url", required=False),
    *fields.flag("confirmed"),
]
TAG_FIELDS = [
    *fields.code("code"),
    *fields.choice("kind", ("mc2cm", "sdg")),
    *fields.code("parent", required=False),
    *fields.words("title"),
    *fields.words("note", required=False),
    *fields.flag("official"),
]
INDICATOR_TAG_FIELDS = [*fields.code("tag"), *fields.code("indicator")]
CITY_FIELDS = [
    *fields.code("code"),
    *fields.words("name"),
    *fields.words("observatory"),
    *fields.words("tagline"),
    *fields.code("country"),
    *fields.listing("languages"),
    *fields.text("time_zone"),
    *fields.code("home_area"),
    *fields.listing("map_areas"),
    *fields.table("extent"),
    *fields.table("boundaries"),
    *fields.table("contact"),
    *fields.table("home"),
    *fields.table("sampled", required=False),
]


def read_city(reader: PackReader) -> Record | None:
    toml = reader.toml("city.toml")
    if toml is None:
        return None
    tables, content = toml
    city = reader.convert("city.toml", 1, tables, CITY_FIELDS)
    if city is None:
        return None
    for side in ("west", "south", "east", "north"):
        if not isinstance(city["extent"].get(side), int | float):
            reader.problem("field.required", "city.toml", line_of(content, side), f"extent.{side}")
            return None
    if len(city["home"].get("findings", [])) != 3:
        found = len(city["home"].get("findings", []))
        reader.problem("city.findings", "city.toml", line_of(content, "kind"), f"{found} findings")
    return city


def check_city(
    reader: PackReader,
    city: Record,
    *,
    areas: Mapping[str, Any],
    indicators: Mapping[str, Any],
    figures: Mapping[str, Any],
) -> None:
    """Every code that ``city.toml`` names exists."""
    named: list[tuple[str, Mapping[str, Any]]] = [(city["home_area"], areas), (city["country"], areas)]
    named += [(code, areas) for code in city["map_areas"]]
    for entry in [*city["home"].get("findings", []), *city["home"].get("unknown", [])]:
        named += [
            (entry[name], known) for name, known in (("indicator", indicators), ("figure", figures)) if name in entry
        ]
    named += [(code, indicators) for code in city["sampled"].get("indicators", [])]
    for code, known in named:
        if code not in known:
            reader.problem("code.unknown", "city.toml", 0, repr(code))


def read_actors(reader: PackReader) -> dict[str, Record]:
    return by_code(reader, reader.table("actors.csv", ACTOR_FIELDS))


def read_tags(reader: PackReader, *, indicators: Mapping[str, Record]) -> tuple[dict[str, Record], list[Record]]:
    tags = by_code(reader, reader.table("plan/tags.csv", TAG_FIELDS))
    check_ancestry(reader, tags)
    pairs = reader.table("plan/indicator_tags.csv", INDICATOR_TAG_FIELDS)
    _check_codes(reader, pairs, tag=tags, indicator=indicators)
    return tags, pairs


def _check_codes(reader: PackReader, records: Iterable[Record], **known: Mapping[str, Record]) -> None:
    for record in records:
        for field, collection in known.items():
            if record[field] and record[field] not in collection:
                reader.problem("code.unknown", record.file, record.line, f"{field} {record[field]!r}")


def read_cases(reader: PackReader, *, indicators: Mapping[str, Record]) -> dict[str, Record]:
    file = "figures/cases.toml"
    toml = reader.toml(file)
    if toml is None:
        return {}
    tables, content = toml
    records = []
    for written in tables.get("case", []):
        record = reader.convert(file, line_of(content, "code", str(written.get("code", ""))), written, CASE_FIELDS)
        if record is None:
            continue
        records.append(record)
        for reason in record["reasons"]:
            if reason not in set(Reason):
                reader.problem("choice.unknown", file, record.line, f"reason {reason!r}; known: {', '.join(Reason)}")
        _check_settlement(reader, record)
    _check_codes(reader, records, indicator=indicators)
    return by_code(reader, records)


def _check_settlement(reader: PackReader, case: Record) -> None:
    said = [bool(case[name]) for name in ("recommended", "proposed_by_fr", "decided_by_fr", "decided_on", "why_fr")]
    if any(said) and not all(said):
        reader.problem("case.settled", case.file, case.line, f"{case['code']}: {sum(said)} of 5 parts")
    elif all(said) and case["proposed_by_fr"] == case["decided_by_fr"]:
        reader.problem("case.settled", case.file, case.line, f"{case['code']}: proposed and decided by the same")


def read_figures(
    reader: PackReader,
    *,
    cases: Mapping[str, Record],
    indicators: Mapping[str, Record],
    areas: Mapping[str, Record],
    units: Mapping[str, Record],
) -> dict[str, Record]:
    figures = by_code(reader, reader.table("figures/figures.csv", FIGURE_FIELDS))
    _check_codes(reader, figures.values(), indicator=indicators, area=areas, unit=units, case=cases)
    for figure in figures.values():
        indicator = indicators.get(figure["indicator"])
        found = faults(
            url=figure["url"],
            document=figure["document"],
            kind=figure["kind"],
            indicator_kind=indicator["kind"] if indicator else None,
        )
        if Fault.STOCK_FOR_FLOW in found:
            reader.problem("figure.kind", figure.file, figure.line, f"{figure['kind']} on {figure['indicator']}")
        if Fault.NO_SOURCE in found:
            reader.problem("figure.source", figure.file, figure.line, figure["code"])
    _check_cases(reader, cases, figures)
    return figures


def _check_cases(reader: PackReader, cases: Mapping[str, Record], figures: Mapping[str, Record]) -> None:
    for case in cases.values():
        members = [figure for figure in figures.values() if figure["case"] == case["code"]]
        if len(members) < 2:
            reader.problem("case.figures", case.file, case.line, f"{case['code']}: {len(members)} figures")
        recommended = {figure["code"] for figure in members if figure["role"] == Role.RECOMMENDED}
        if recommended != ({case["recommended"]} - {""}):
            named = ", ".join(sorted(recommended)) or "none"
            reader.problem(
                "case.recommended", case.file, case.line, f"{case['recommended'] or 'none'}; in figures: {named}"
            )
