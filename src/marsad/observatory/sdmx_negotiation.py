"""Which format an SDMX question asks for: ``?format=``, else the Accept header with its weights."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest

from marsad.observatory.open_answers import NotAcceptable
from migstat.exchange.sdmx_query import version_agrees

_BASE: Final = "application/vnd.sdmx"


@dataclass(frozen=True)
class Format:
    """``code`` is what ``?format=`` takes; ``labels`` of an Accept header may be a parameter of the type (SDMX-CSV)."""

    code: str
    content_type: str
    extension: str


@dataclass(frozen=True)
class Range:
    """One part of an Accept header."""

    media: str
    weight: float
    version: str


CSV: Final = Format("csv", f"{_BASE}.data+csv;version=2.0.0", "csv")
JSON: Final = Format("json", f"{_BASE}.data+json;version=2.0.0", "json")
XML: Final = Format("xml", f"{_BASE}.data+xml;version=3.0.0", "xml")
STRUCTURE_XML: Final = Format("xml", f"{_BASE}.structure+xml;version=3.0.0", "xml")
STRUCTURE_JSON: Final = Format("json", f"{_BASE}.structure+json;version=2.0.0", "json")

# What readers write for a format, in ``?format=`` or as a media type without its version.
DATA: Final[Mapping[str, Format]] = {
    f"{_BASE}.data+xml": XML,
    f"{_BASE}.data+json": JSON,
    f"{_BASE}.data+csv": CSV,
    "application/xml": XML,
    "text/xml": XML,
    "application/json": JSON,
    "text/csv": CSV,
}
STRUCTURES: Final[Mapping[str, Format]] = {
    f"{_BASE}.structure+xml": STRUCTURE_XML,
    f"{_BASE}.structure+json": STRUCTURE_JSON,
    "application/xml": STRUCTURE_XML,
    "text/xml": STRUCTURE_XML,
    "application/json": STRUCTURE_JSON,
}
_SHORT: Final = {"csv", "json", "xml"}
_SPELLINGS: Final = {
    "sdmx-csv": "csv",
    "csvfile": "csv",
    "csvdata": "csv",
    "sdmx-json": "json",
    "jsondata": "json",
    "sdmx-ml": "xml",
    "sdmx-3.0": "xml",
    "structurespecificdata": "xml",
    "structure": "xml",
    "sdmx": "xml",
}
_VERSIONS: Final = {"csv": ("2.0.0",), "json": ("2.0.0",), "xml": ("3.0.0",)}


def asked(request: HttpRequest, offered: Mapping[str, Format]) -> Format:
    """The format to answer in; SDMX-ML where the reader takes anything. Raises NotAcceptable for what is not offered."""
    named = request.GET.get("format", "")
    if named:
        return _named(named, offered)
    accepted = request.headers.get("Accept", "") or "*/*"
    ranges = [_range(part) for part in accepted.split(",") if part.strip()]
    wanted = [
        (weight, rank, -place, format)
        for format in dict.fromkeys(offered.values())
        for weight, rank, place in [_wanted(format, ranges, offered)]
        if weight
    ]
    if not wanted:
        raise _not_offered(accepted, offered)
    return max(wanted, key=lambda found: found[:3])[3]


def _wanted(format: Format, ranges: Sequence[Range], offered: Mapping[str, Format]) -> tuple[float, int, int]:
    """How much a reader wants a format, how exactly it is named, and where: the most exact range decides, as HTTP says."""
    names = {name for name, found in offered.items() if found is format}
    found = [
        (rank, each.weight, -place)
        for place, each in enumerate(ranges)
        if (rank := _rank(each, names, format, offered)) is not None
    ]
    rank, weight, place = max(found, default=(0, 0.0, 0))
    return weight, rank, -place


def _rank(asked: Range, names: set[str], format: Format, offered: Mapping[str, Format]) -> int | None:
    """How exactly a range names a format: 3 by name, 2 by its half, 1 as anything; None where it does not."""
    if asked.media in names:
        versions = _VERSIONS[format.code]
        return 3 if not asked.version or any(version_agrees(asked.version, each) for each in versions) else None
    if asked.media == "text/*":
        return 2 if format is (offered.get("text/csv") or offered["text/xml"]) else None
    if asked.media == "application/*":
        return 2
    if asked.media == "*/*":
        return 1
    # A browser that asks for a page is shown what there is.
    return (
        0 if asked.media in {"text/html", "application/xhtml+xml"} and format is next(iter(offered.values())) else None
    )


def _named(named: str, offered: Mapping[str, Format]) -> Format:
    plain = named.strip().lower().replace(" ", "+").partition(";")[0]
    if plain in offered:
        return offered[plain]
    code = _SPELLINGS.get(plain, plain)
    for each in offered.values():
        if code in _SHORT and each.code == code:
            return each
    raise _not_offered(named, offered)


def _not_offered(found: str, offered: Mapping[str, Format]) -> NotAcceptable:
    types = dict.fromkeys(each.content_type for each in offered.values())
    return NotAcceptable("sdmx.format", found=repr(found[:120]), remedy="ask for one of " + ", ".join(types))


def _range(part: str) -> Range:
    media, *parameters = (piece.strip().lower() for piece in part.split(";"))
    told = {name.strip(): value.strip(' "') for name, _, value in (piece.partition("=") for piece in parameters)}
    weight = told.get("q", "1")
    found = min(1.0, float(weight)) if re.fullmatch(r"[01](\.\d{0,3})?", weight) else 0.0
    return Range(media, found, told.get("version", ""))


def accepted_parameter(request: HttpRequest, name: str) -> str:
    """A parameter of the CSV media type in the Accept header (``labels``, ``keys``), or of the address."""
    if request.GET.get(name):
        return request.GET[name]
    found = re.search(rf"\+csv[^,]*;\s*{name}=([a-z]+)", request.headers.get("Accept", ""))
    return found[1] if found else ""
