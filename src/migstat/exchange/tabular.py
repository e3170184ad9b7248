"""What describes a CSV file to programs: CSV on the Web metadata, and a Data Package descriptor (Frictionless, version 1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from migstat.exchange.sdmx_artefacts import Names

_CSVW_TYPES: Final = {"string": "string", "number": "double", "date": "date"}


@dataclass(frozen=True)
class Field:
    """A column of a CSV file. ``type`` is string, number or date; an empty cell of a number is no number, never 0."""

    name: str
    titles: Names
    type: str = "string"
    values: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True)
class Published:
    """What is said of a published file, whatever describes it."""

    name: str
    titles: Names
    descriptions: Names
    version: str
    issued: date
    licence: str
    licence_url: str
    publisher: str
    homepage: str
    source_title: str
    source_url: str


def csvw(url: str, published: Published, fields: Sequence[Field], key: Sequence[str]) -> dict[str, Any]:
    """The metadata document of one table; names are the columns' own, titles in each language."""
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "url": url,
        "dc:title": [_in_language(language, words) for language, words in published.titles.items() if words],
        "dc:description": [
            _in_language(language, words) for language, words in published.descriptions.items() if words
        ],
        "dc:publisher": published.publisher,
        "dc:issued": {"@value": published.issued.isoformat(), "@type": "xsd:date"},
        "dc:license": _linked(published.licence_url, published.licence),
        "dc:source": _linked(published.source_url, published.source_title),
        "dc:hasVersion": published.version,
        "dialect": {"header": True, "encoding": "utf-8", "lineTerminators": ["\r\n", "\n"]},
        "tableSchema": {
            "columns": [_csvw_column(field) for field in fields],
            "primaryKey": list(key),
        },
    }


def _in_language(language: str, words: str) -> dict[str, str]:
    return {"@value": words, "@language": language}


def _linked(url: str, words: str) -> dict[str, str]:
    return {"@id": url} if url else {"@value": words}


def _csvw_column(field: Field) -> dict[str, Any]:
    datatype: Any = _CSVW_TYPES[field.type]
    if field.values:
        datatype = {"base": "string", "format": "|".join(field.values)}
    written = {
        "name": field.name,
        "titles": {"und": field.name, **{language: words for language, words in field.titles.items() if words}},
        "datatype": datatype,
        "null": "",
    }
    return {**written, "required": True} if field.required else written


def data_package(path: str, published: Published, fields: Sequence[Field], key: Sequence[str]) -> dict[str, Any]:
    """The descriptor of a package with one tabular resource at ``path``."""
    licence = {"title": published.licence, **({"path": published.licence_url} if published.licence_url else {})}
    return {
        "profile": "tabular-data-package",
        "name": published.name,
        "title": published.titles.get("en", ""),
        "description": published.descriptions.get("en", ""),
        "homepage": published.homepage,
        "version": published.version,
        "created": f"{published.issued.isoformat()}T00:00:00Z",
        "licenses": [licence],
        "sources": [
            {"title": published.source_title, **({"path": published.source_url} if published.source_url else {})}
        ],
        "contributors": [{"title": published.publisher, "role": "publisher"}],
        "resources": [
            {
                "profile": "tabular-data-resource",
                "name": "data",
                "path": path,
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "header": True},
                "schema": {
                    "fields": [_package_field(field) for field in fields],
                    "primaryKey": list(key),
                    "missingValues": [""],
                },
            }
        ],
    }


def _package_field(field: Field) -> dict[str, Any]:
    constraints: Mapping[str, Any] = {
        **({"required": True} if field.required else {}),
        **({"enum": list(field.values)} if field.values else {}),
    }
    written = {"name": field.name, "title": field.titles.get("en", field.name), "type": field.type}
    return {**written, "constraints": constraints} if constraints else written
