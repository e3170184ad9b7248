"""A city pack read and checked whole."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from marsad.observatory.citypack.problems import PackHasProblems, Problem
from marsad.observatory.citypack.read_areas import read_areas, read_boundaries, read_codelists
from marsad.observatory.citypack.read_dataflows import DataflowRecord, Known, read_dataflows, read_sources
from marsad.observatory.citypack.read_definitions import Definition, read_definitions
from marsad.observatory.citypack.read_directory import Directory, read_directory
from marsad.observatory.citypack.read_figures import (
    check_city,
    read_actors,
    read_cases,
    read_city,
    read_figures,
    read_tags,
)
from marsad.observatory.citypack.read_indicators import read_breaks, read_indicators, read_themes, read_units
from marsad.observatory.citypack.reader import PackReader, Record
from marsad.web.words import LANGUAGES
from migstat.disclosure.policy import DisclosurePolicy
from migstat.model import Refused

PAGES = ("about", "accessibility", "data-protection", "methods")
# Folders that other parts read and check: agreements, holidays, collected dataflows, definitions, questionnaires, policies.
_READ_ELSEWHERE = ("agreements/", "calendar/", "collected/", "definitions/", "instruments/", "policies/")
_NOT_DATA = {".py", ".sh", ".exe", ".js", ".html", ".ipynb"}


@dataclass(frozen=True)
class CityPack:
    """Everything a pack says, by code."""

    root: Path
    city: Record
    areas: Mapping[str, Record]
    geometries: Mapping[str, dict[str, Any]]
    codelists: Mapping[str, Mapping[str, Record]]
    themes: Mapping[str, Record]
    units: Mapping[str, Record]
    actors: Mapping[str, Record]
    sources: Mapping[str, Record]
    indicators: Mapping[str, Record]
    breaks: list[Record]
    dataflows: Mapping[str, DataflowRecord]
    cases: Mapping[str, Record]
    figures: Mapping[str, Record]
    tags: Mapping[str, Record]
    indicator_tags: list[Record]
    directory: Directory
    definitions: Mapping[str, Definition]


def checksum(root: Path) -> str:
    """SHA-256 over the names and bytes of every file of a pack: it changes when anything in the pack does."""
    digest = hashlib.sha256()
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def read_pack(root: Path) -> CityPack:
    """Read and check the pack in ``root``. Raises PackHasProblems with every problem found."""
    pack, problems = examine(root)
    if pack is None or problems:
        raise PackHasProblems(problems)
    return pack


def examine(root: Path) -> tuple[CityPack | None, list[Problem]]:
    """What could be read of a pack, and every problem in it; no pack at all when there is no readable ``city.toml``."""
    reader = PackReader(root)
    city = read_city(reader)
    areas = read_areas(reader)
    codelists = read_codelists(reader)
    themes, units, actors = read_themes(reader), read_units(reader), read_actors(reader)
    directory = read_directory(reader, actors=actors, areas=areas)
    indicators = read_indicators(reader, themes=themes, units=units, codelists=codelists)
    sources = read_sources(reader, actors=actors)
    definitions = read_definitions(reader, indicators=indicators, codelists=codelists, areas=areas)
    cases = read_cases(reader, indicators=indicators)
    figures = read_figures(reader, cases=cases, indicators=indicators, areas=areas, units=units)
    tags, pairs = read_tags(reader, indicators=indicators)
    breaks = read_breaks(reader, indicators=indicators, areas=areas)
    country = city["country"] if city else ""
    known = Known(areas=areas, indicators=indicators, codelists=codelists, country=country)
    dataflows = read_dataflows(reader, sources=sources, known=known)
    _check_indicators_speak(reader, indicators, dataflows, figures)
    for page in PAGES:
        for language in LANGUAGES:
            reader.text(f"pages/{page}.{language}.md")
    geometries: dict[str, dict[str, Any]] = {}
    if city:
        geometries = read_boundaries(reader, areas=areas, extent=city["extent"], mapped=city["map_areas"])
        check_city(reader, city, areas=areas, indicators=indicators, figures=figures)
        if city["boundaries"].get("source") not in sources:
            reader.problem("code.unknown", "city.toml", 0, f"boundaries.source {city['boundaries'].get('source')!r}")
    _check_policies(reader)
    _check_no_strangers(reader)
    problems = sorted(set(reader.problems))
    if city is None:
        return None, problems
    pack = CityPack(
        root, city, areas, geometries, codelists, themes, units, actors, sources, indicators, breaks, dataflows, cases,
        figures, tags, pairs, directory, definitions,
    )  # fmt: skip
    return pack, problems


def _check_indicators_speak(
    reader: PackReader,
    indicators: Mapping[str, Record],
    dataflows: Mapping[str, DataflowRecord],
    figures: Mapping[str, Record],
) -> None:
    speaking = {row.indicator for dataflow in dataflows.values() for row in dataflow.rows}
    speaking |= {figure["indicator"] for figure in figures.values()}
    for code, indicator in indicators.items():
        if code not in speaking and not indicator["not_measured_who_fr"]:
            reader.problem("indicator.silent", indicator.file, indicator.line, code)


def _check_policies(reader: PackReader) -> None:
    """What the release desk demands: a policy that says every rule with all of its parameters, or a problem."""
    for path in sorted((reader.root / "policies").glob("*.toml")):
        file = path.relative_to(reader.root).as_posix()
        read = reader.toml(file)
        try:
            if read is not None:
                DisclosurePolicy.from_mapping(read[0])
        except Refused as refusal:
            reader.problem("policy.wrong", file, 0, f"{refusal.rule}: {refusal.found}")


def _check_no_strangers(reader: PackReader) -> None:
    for path in sorted(reader.root.rglob("*")):
        file = path.relative_to(reader.root).as_posix()
        known = file in reader.read_files or file.startswith(_READ_ELSEWHERE)
        if path.is_file() and (not known or path.suffix in _NOT_DATA):
            reader.problem("file.unknown", file, 0, file)
