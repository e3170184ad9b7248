"""What a pack says of the organisations beyond their entry: services, mandates, relations, other names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from marsad.actors.rules import RelationKind, ServiceKind
from marsad.observatory.citypack import fields
from marsad.observatory.citypack.read_areas import by_code
from marsad.observatory.citypack.reader import PackReader, Record
from marsad.web.words import LANGUAGES

_SERVICE = [
    *fields.code("code"),
    *fields.code("organisation"),
    *fields.choice("kind", ServiceKind),
    *fields.code("area"),
    *fields.words("title"),
    *fields.words("audience"),
    *fields.words("access", required=False),
    *fields.number("lon", required=False),
    *fields.number("lat", required=False),
    *fields.day("since", required=False),
    *fields.day("until", required=False),
    *fields.address("source_url", required=False),
    *fields.flag("confirmed"),
]
_MANDATE = [
    *fields.code("code"),
    *fields.code("organisation"),
    *fields.words("title"),
    *fields.words("basis"),
    *fields.day("since", required=False),
    *fields.day("until", required=False),
    *fields.address("source_url", required=False),
    *fields.flag("confirmed"),
]
_RELATION = [
    *fields.code("organisation"),
    *fields.choice("kind", RelationKind),
    *fields.code("other"),
    *fields.address("source_url", required=False),
    *fields.flag("confirmed"),
]
_ALIAS = [*fields.code("organisation"), *fields.text("name"), *fields.choice("language", LANGUAGES, required=False)]


@dataclass(frozen=True)
class Directory:
    """The tables of ``actors/``; each may be absent."""

    services: Mapping[str, Record]
    mandates: Mapping[str, Record]
    relations: list[Record]
    aliases: list[Record]


def read_directory(reader: PackReader, *, actors: Mapping[str, Record], areas: Mapping[str, Record]) -> Directory:
    """Read the four tables. Every organisation and area that they name exists; a point has both coordinates."""
    directory = Directory(
        by_code(reader, reader.table("actors/services.csv", _SERVICE, required=False)),
        by_code(reader, reader.table("actors/mandates.csv", _MANDATE, required=False)),
        reader.table("actors/relations.csv", _RELATION, required=False),
        reader.table("actors/aliases.csv", _ALIAS, required=False),
    )
    named = [*directory.services.values(), *directory.mandates.values(), *directory.relations, *directory.aliases]
    for record in named:
        for field in ("organisation", "other"):
            if record.values.get(field) and record[field] not in actors:
                reader.problem("code.unknown", record.file, record.line, f"{field} {record[field]!r}")
    for service in directory.services.values():
        if service["area"] not in areas:
            reader.problem("code.unknown", service.file, service.line, f"area {service['area']!r}")
        if (service["lon"] is None) != (service["lat"] is None):
            reader.problem("number.form", service.file, service.line, "a point with one coordinate")
    return directory
