"""Areas, their outlines and the code lists of a pack."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from shapely import Point, make_valid
from shapely.errors import GEOSException
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from marsad.catalogue.rules import Level
from marsad.observatory.citypack import fields
from marsad.observatory.citypack.reader import PackReader, Record

_HCP = re.compile(r"^(\d{2}|\d{5}|\d{7,9})$")
_KM_PER_DEGREE = 111.32
_LARGEST_SHARED_SHARE = 0.002

AREA_FIELDS = [
    *fields.code("code"),
    *fields.choice("level", Level),
    *fields.code("parent", required=False),
    *fields.words("name"),
    *fields.text("hcp_2014", required=False),
    *fields.text("hcp_2024", required=False),
    *fields.day("valid_from", required=False),
    *fields.day("valid_to", required=False),
    *fields.number("label_lon", required=False),
    *fields.number("label_lat", required=False),
    *fields.words("note", required=False),
]
CODE_FIELDS = [
    *fields.code("code"),
    *fields.code("parent", required=False),
    *fields.words("name"),
    *fields.words("note", required=False),
]
CITIZENSHIP_FIELDS = [
    *CODE_FIELDS,
    *fields.text("iso2", required=False),
    *fields.text("unhcr", required=False),
    *fields.text("confused_with", required=False),
]


def read_areas(reader: PackReader) -> dict[str, Record]:
    records = by_code(reader, reader.table("areas.csv", AREA_FIELDS))
    check_ancestry(reader, records)
    for record in records.values():
        for year in ("hcp_2014", "hcp_2024"):
            if record[year] and not _HCP.match(record[year]):
                reader.problem("area.hcp_code", record.file, record.line, f"{year} = {record[year]!r}")
        if record["valid_from"] and record["valid_to"] and record["valid_to"] < record["valid_from"]:
            reader.problem("area.validity", record.file, record.line, f"{record['valid_from']} to {record['valid_to']}")
    return records


def read_codelists(reader: PackReader) -> dict[str, dict[str, Record]]:
    lists = {}
    for path in sorted((reader.root / "codelists").glob("*.csv")):
        wanted = CITIZENSHIP_FIELDS if path.stem == "citizenship" else CODE_FIELDS
        records = by_code(reader, reader.table(f"codelists/{path.name}", wanted))
        check_ancestry(reader, records)
        lists[path.stem] = records
    if not lists:
        reader.problem("file.missing", "codelists", 0, "codelists/*.csv")
    _check_homonyms(reader, lists.get("citizenship", {}))
    return lists


def by_code(reader: PackReader, records: Iterable[Record]) -> dict[str, Record]:
    """Records by their code; a second one with the same code is a problem and left out."""
    found: dict[str, Record] = {}
    for record in records:
        if record["code"] in found:
            reader.problem("code.twice", record.file, record.line, record["code"])
        else:
            found[record["code"]] = record
    return found


def check_ancestry(reader: PackReader, records: Mapping[str, Record]) -> None:
    for record in records.values():
        seen = [record["code"]]
        parent = record["parent"]
        while parent:
            if parent not in records:
                if len(seen) == 1:
                    reader.problem("code.unknown", record.file, record.line, f"parent {parent!r}")
                break
            if parent in seen:
                reader.problem("code.circle", record.file, record.line, " > ".join([*seen, parent]))
                break
            seen.append(parent)
            parent = records[parent]["parent"]


def _check_homonyms(reader: PackReader, citizenships: Mapping[str, Record]) -> None:
    for record in citizenships.values():
        for other in filter(None, record["confused_with"].split(";")):
            if other not in citizenships:
                reader.problem("code.unknown", record.file, record.line, f"confused_with {other!r}")
            elif record["code"] not in citizenships[other]["confused_with"].split(";"):
                reader.problem("code.homonym", record.file, record.line, f"{other} does not name {record['code']}")


def read_boundaries(
    reader: PackReader, *, areas: Mapping[str, Record], extent: Mapping[str, float], mapped: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """The geometry of every mapped area by code; nothing that does not lie where the city is."""
    file = "boundaries.geojson"
    shapes: dict[str, BaseGeometry] = {}
    geometries: dict[str, dict[str, Any]] = {}
    for number, feature in enumerate(reader.geojson(file), start=1):
        code = str((feature.get("properties") or {}).get("code", ""))
        if code not in areas:
            reader.problem("code.unknown", file, 0, f"feature {number}: {code!r}")
            continue
        try:
            outline = shape(feature["geometry"])
        except (GEOSException, ValueError, KeyError, TypeError, AttributeError) as error:
            reader.problem("geojson.syntax", file, 0, f"{code}: {error}")
            continue
        if not outline.is_valid or outline.is_empty:
            reader.problem("geometry.invalid", file, 0, code)
            outline = make_valid(outline)
        _check_place(reader, file, code, outline, extent)
        _check_label(reader, areas[code], outline)
        shapes[code], geometries[code] = outline, feature["geometry"]
    for code in mapped:
        if code not in shapes:
            reader.problem("geometry.missing", file, 0, code)
    _check_overlaps(reader, file, shapes)
    return geometries


def _check_place(reader: PackReader, file: str, code: str, outline: BaseGeometry, extent: Mapping[str, float]) -> None:
    west, south, east, north = outline.bounds
    off_lon = max(extent["west"] - west, east - extent["east"], 0.0)
    off_lat = max(extent["south"] - south, north - extent["north"], 0.0)
    if off_lon or off_lat:
        middle = math.radians((extent["south"] + extent["north"]) / 2)
        km = math.hypot(off_lon * _KM_PER_DEGREE * math.cos(middle), off_lat * _KM_PER_DEGREE)
        reader.problem("geometry.outside", file, 0, f"{code} reaches {km:.1f} km beyond the city's extent")


def _check_label(reader: PackReader, area: Record, outline: BaseGeometry) -> None:
    if area["label_lon"] is None or area["label_lat"] is None:
        reader.problem("field.required", area.file, area.line, "label_lon, label_lat of a mapped area")
    elif not outline.contains(Point(float(area["label_lon"]), float(area["label_lat"]))):
        reader.problem(
            "geometry.label", area.file, area.line, f"{area['code']} at {area['label_lon']}, {area['label_lat']}"
        )


def _check_overlaps(reader: PackReader, file: str, shapes: Mapping[str, BaseGeometry]) -> None:
    codes = sorted(code for code, outline in shapes.items() if outline.is_valid)
    for position, code in enumerate(codes):
        for other in codes[position + 1 :]:
            shared = shapes[code].intersection(shapes[other]).area
            if shared > _LARGEST_SHARED_SHARE * min(shapes[code].area, shapes[other].area):
                reader.problem("geometry.overlap", file, 0, f"{code} and {other}")
