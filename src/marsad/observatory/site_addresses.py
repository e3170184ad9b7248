"""Which public addresses become files, under which names, and where a link leads when its address is none of them.

An address is kept in one spelling: its path, and of its query what the public pages read, in one order. Pages end as
``.../index.html``, so that an address stays the same on the living observatory and on any web server.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Iterable
from enum import IntEnum
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit

from django.conf import settings
from django.urls import Resolver404, resolve
from django.utils.translation import override

from marsad.observatory.page_cache import READ
from marsad.web.words import LANGUAGES

# Where the pages believe to stand while they are read; no such host can exist (RFC 6761).
HOST: Final = "site.invalid"
ORIGIN: Final = f"http://{HOST}"


class Depth(IntEnum):
    """How many of the choices that a reader has become files of their own."""

    PAGES = 1
    CHOICES = 2
    NUMBERS = 3


_PAGED: Final = frozenset({"page"})
# Route: from which depth on, and which parameters may stand together in one address. ``page`` may always come along.
_QUERIES: Final[dict[str, tuple[tuple[Depth, frozenset[str]], ...]]] = {
    "observatory:figures": (
        (Depth.PAGES, _PAGED),
        *((Depth.CHOICES, frozenset({name})) for name in ("theme", "area", "reliability")),
    ),
    "observatory:cases": ((Depth.PAGES, frozenset({"state"})),),
    "observatory:organisations": ((Depth.PAGES, _PAGED), (Depth.CHOICES, frozenset({"kind"}))),
    **{
        f"observatory:{name}": tuple((Depth.CHOICES, frozenset({one})) for one in ("kind", "area"))
        for name in ("services", "services_csv", "services_geojson")
    },
    "observatory:gaps": (
        (Depth.PAGES, frozenset({"year"})),
        *((Depth.CHOICES, frozenset({"year", name})) for name in ("theme", "area")),
    ),
    "observatory:gaps_csv": ((Depth.PAGES, frozenset({"year"})),),
    "observatory:asked": (
        (Depth.PAGES, _PAGED),
        (Depth.PAGES, frozenset({"part"})),
        *((Depth.CHOICES, frozenset({name})) for name in ("state", "kind")),
    ),
    "observatory:dialogue": ((Depth.PAGES, frozenset({"part"})),),
    "observatory:dialogue_challenges": ((Depth.PAGES, _PAGED),),
    "observatory:data_use": ((Depth.PAGES, _PAGED),),
    "observatory:discussions": ((Depth.PAGES, _PAGED),),
    "observatory:discussion": ((Depth.PAGES, _PAGED),),
    "observatory:changes": ((Depth.PAGES, _PAGED),),
    "observatory:indicator": tuple((Depth.CHOICES, frozenset({name})) for name in ("area", "part")),
    "observatory:chart_svg": tuple((Depth.CHOICES, frozenset({name})) for name in ("area", "part")),
    "observatory:chart_png": tuple((Depth.NUMBERS, frozenset({name})) for name in ("area", "part")),
    "observatory:embed": tuple((Depth.CHOICES, frozenset({name})) for name in ("area", "part")),
    "observatory:why_indicator": ((Depth.CHOICES, frozenset({"area"})),),
    "observatory:why": ((Depth.PAGES, frozenset({"period"})), (Depth.NUMBERS, frozenset({"period", "part"}))),
    "observatory:why_json": ((Depth.PAGES, frozenset({"period"})), (Depth.NUMBERS, frozenset({"period", "part"}))),
    "open:geojson": ((Depth.PAGES, frozenset({"breakdown"})),),
    "open:json_stat": ((Depth.PAGES, frozenset({"lang"})),),
    "open:file": ((Depth.PAGES, frozenset({"lang"})),),
    "open:sdmx_structure_resource": ((Depth.PAGES, frozenset({"references"})),),
}
# Without their query these pages are still what a link to them promises; pictures and chains of numbers are not.
_PLAIN_INSTEAD: Final = frozenset(
    f"observatory:{name}"
    for name in (
        "indicator", "compare", "figures", "cases", "organisations", "services", "gaps", "gaps_csv", "asked", "fitness",
        "search", "why_indicator", "changes",
    )
)  # fmt: skip
# What answers questions, and is no file: the reason stands in docs/static-site.md.
ANSWERS: Final = re.compile(r"open:(?:sdmx_(?!structure_resource$).*|api_.*|.*_unknown|catalogue)|root")
_SUFFIXES: Final = {
    "text/html": ".html", "application/json": ".json", "text/csv": ".csv", "application/xml": ".xml", "text/xml": ".xml",
    "image/svg+xml": ".svg", "image/png": ".png", "text/plain": ".txt", "application/geo+json": ".geojson",
    "application/vnd.sdmx.structure+xml": ".xml",
}  # fmt: skip
_LANGUAGE: Final = re.compile(rf"^/(?:{'|'.join(LANGUAGES)})/")
_LONGEST_NAME: Final = 120


def canonical(address: str, here: str = "/") -> str | None:
    """The one spelling of an address of this site, as a page at ``here`` writes it; None for addresses elsewhere.

    >>> canonical("?page=2&nonsense=1", "/fr/figures/"), canonical("../areas/#map", "/fr/figures/")
    ('/fr/figures/?page=2', '/fr/areas/')
    >>> canonical("https://example.org/"), canonical("mailto:a@example.org")
    (None, None)
    """
    try:
        parts = urlsplit(urljoin(ORIGIN + here, address.strip()))
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or parts.netloc != HOST:
        return None
    return _spelt(parts.path or "/", parts.query)


def _spelt(path: str, query: str) -> str:
    pairs = [(name, value) for name, value in parse_qsl(query) if value]
    if route_of(path).startswith("observatory:"):
        pairs = [pair for pair in pairs if pair[0] in READ]
    kept = urlencode(sorted(pairs))
    plain = quote(unquote(path), safe="/~:@!$&'()*+,;=")
    return f"{plain}?{kept}" if kept else plain


@lru_cache(maxsize=65_536)
def _resolved(path: str) -> tuple[str, bool]:
    path = unquote(path)
    # Pages in a language are known to the resolver only while that language is spoken.
    with override(path[1:3] if path[1:3] in LANGUAGES else None):
        try:
            found = resolve(path)
        except Resolver404:
            return "", False
    return found.view_name, "publication" in found.kwargs


def route_of(address: str) -> str:
    """The name of the route that answers an address; nothing where there is none."""
    return _resolved(address.partition("?")[0])[0]


def is_static(address: str) -> bool:
    return address.startswith(settings.STATIC_URL)


def of_a_publication(address: str) -> bool:
    """Whether an address names the publication that it shows."""
    return _resolved(address.partition("?")[0])[1]


def becomes_file(address: str, depth: Depth) -> bool:
    """Whether an address of this site is written as a file."""
    route, query = route_of(address), address.partition("?")[2]
    if not route or ANSWERS.fullmatch(route):
        return False
    if of_a_publication(address) and route == "observatory:chart_png" and depth < Depth.CHOICES:
        return False
    if not query:
        return route != "open:sdmx_structure_resource"
    names = frozenset(name for name, _ in parse_qsl(query))
    if of_a_publication(address) and route != "observatory:embed":
        return False
    allowed = [kept for least, kept in _QUERIES.get(route, ()) if depth >= least]
    return any(names - _PAGED <= kept for kept in allowed)


def in_reading_order(addresses: Iterable[str]) -> list[str]:
    """Each page beside itself in the other languages and forms, which rest on the same cells.

    >>> in_reading_order(["/fr/indicators/A/", "/ar/indicators/A.csv", "/ar/indicators/B/", "/ar/indicators/A/"])
    ['/ar/indicators/A.csv', '/ar/indicators/A/', '/fr/indicators/A/', '/ar/indicators/B/']
    """
    return sorted(addresses, key=lambda address: (_LANGUAGE.sub("/", address), address))


def instead_of(address: str) -> str | None:
    """What a link leads to where its own address is no file: the same page without a choice, or nothing."""
    plain, _, query = address.partition("?")
    return plain if query and route_of(address) in _PLAIN_INSTEAD else None


def file_of(address: str, content_type: str) -> str:
    """The file of an address, relative to the folder of the site.

    >>> file_of("/fr/", "text/html"), file_of("/fr/figures/?page=2", "text/html")
    ('fr/index.html', 'fr/figures/page=2/index.html')
    >>> file_of("/fr/indicators/HOU-02/map.svg?area=04.421", "image/svg+xml")
    'fr/indicators/HOU-02/map.area=04.421.svg'
    >>> file_of("/sdmx/structure/dataflow/A/B?references=all", "application/xml")
    'sdmx/structure/dataflow/A/B.references=all.xml'
    """
    path, _, query = address.partition("?")
    path = unquote(path).lstrip("/")
    asked = _name_of(query) if query else ""
    if path.endswith("/") or not path:
        return posixpath.join(path, asked, "index.html")
    suffix = PurePosixPath(path).suffix
    ending = _SUFFIXES.get(content_type.partition(";")[0].strip(), "")
    if not re.fullmatch(r"\.[a-z]+", suffix):
        suffix = ""
    stem = path.removesuffix(suffix) if suffix else path
    return f"{stem}{'.' if asked else ''}{asked}{suffix or ending}"


def _name_of(query: str) -> str:
    """A query as a piece of a file's name; two queries never have the same."""
    written = ",".join(
        "=".join(quote(word.replace("~", "%7E"), safe="").replace("%", "~") for word in pair)
        for pair in parse_qsl(query)
    )
    if len(written) <= _LONGEST_NAME:
        return written
    return f"asked-{hashlib.sha256(query.encode()).hexdigest()[:24]}"


def public_path(file: str) -> str:
    """How a file is asked for: a page by its folder."""
    return quote(file.removesuffix("index.html"), safe="/~:@!$&'()*+,;=")


def relative(here: str, there: str) -> str:
    """A link from one file to another.

    >>> relative("fr/areas/index.html", "fr/indicators/HOU-02/index.html"), relative("fr/index.html", "fr/index.html")
    ('../indicators/HOU-02/', './')
    """
    link = posixpath.relpath(there, posixpath.dirname(here) or ".")
    link = f"{link.removesuffix('index.html')}" if posixpath.basename(there) == "index.html" else link
    return quote(link, safe="/~@!$&'()*+,;=") or "./"
