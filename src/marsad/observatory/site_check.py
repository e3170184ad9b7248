"""The written site, read back from its files alone: every link and every asset has to lead to a file that is there."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urldefrag, urlsplit

from marsad.observatory.site_html import addresses_in, identifiers

_STYLE_URL: Final = re.compile(r"url\(\s*[\"']?([^\"')]+)[\"']?\s*\)")
# What scripts load beside them: modules, workers and styles, written as "./name.ext".
_SCRIPT_URL: Final = re.compile(r"[\"'`](\./[\w./-]+\.(?:m?js|css|json|svg|woff2))[\"'`]")
_SPOKEN: Final = (".rss", ".atom", ".xml", ".ttl", ".rdf", ".jsonld", ".ics", ".bib", ".txt")
_ENDING: Final = ".,;:"


@dataclass(frozen=True, order=True)
class Broken:
    """A link that leads nowhere: the file it stands in, and what it says."""

    file: str
    link: str

    def __str__(self) -> str:
        return f"{self.file}: {self.link}"


def loads_of(path: str, text: str) -> Iterator[str]:
    """What a style sheet or a script loads, relative to it."""
    if path.endswith(".css"):
        yield from (found for found in _STYLE_URL.findall(text) if not found.startswith(("data:", "#")))
    elif path.endswith(".js"):
        yield from _SCRIPT_URL.findall(text)


def broken_links(folder: Path, base: str, files: Iterable[str] | None = None) -> list[Broken]:
    """Every link that leads nowhere, in order; ``base`` is where the site will stand, so that whole addresses count too.

    ``files`` are those to read; by default all of them.
    """
    names = sorted(files) if files is not None else sorted(_all_files(folder))
    checker = _Checker(folder, base)
    return sorted({found for name in names for found in checker.broken_in(name)})


def _all_files(folder: Path) -> Iterator[str]:
    return (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


class _Checker:
    def __init__(self, folder: Path, base: str) -> None:
        self._folder, self._base = folder, base
        self._root = urlsplit(base).path or "/"
        self._whole = re.compile(rf"{re.escape(base)}[^\s\"'<>\\){{}}&]*")
        self._identifiers = cache(lambda name: identifiers((folder / name).read_text(encoding="utf-8")))
        self._stands = cache(lambda path: (folder / path).is_file())

    def broken_in(self, name: str) -> Iterator[Broken]:
        for link in self._links_in(name):
            if not self._leads(name, link):
                yield Broken(name, link)

    def _links_in(self, name: str) -> Iterator[str]:
        if name.endswith(".html"):
            yield from addresses_in(self._text(name))
        elif name.endswith((".css", ".js")):
            yield from loads_of(name, self._text(name))
        elif name.endswith("map.json"):
            yield from _map_links(self._text(name))
        elif name.endswith(_SPOKEN) and not name.startswith("static/"):
            # Files for programs also name services that only the living observatory has; these are no files.
            found = (link.rstrip(_ENDING) for link in self._whole.findall(self._text(name)))
            yield from (link for link in found if not re.search(r"/(?:sdmx|api)(?:/|$)|/catalogue(?:#|$)", link))

    def _text(self, name: str) -> str:
        return (self._folder / name).read_text(encoding="utf-8")

    def _leads(self, name: str, link: str) -> bool:
        if link.startswith(self._base):
            link = self._root + link[len(self._base) :]
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            return True
        path, fragment = unquote(parts.path), urldefrag(link)[1]
        if path.startswith("/"):
            if not path.startswith(self._root):
                return False
            path = path[len(self._root) :]
        elif path:
            path = posixpath.normpath(posixpath.join(posixpath.dirname(name), path)) + (
                "/" if path.endswith("/") else ""
            )
        else:
            path = name
        there = self._file(path.removeprefix("./"))
        if there is None:
            return False
        return not fragment or not there.endswith(".html") or unquote(fragment) in self._identifiers(there)

    def _file(self, path: str) -> str | None:
        for name in (path, posixpath.join(path, "index.html") if path else "index.html"):
            if name and not name.startswith("../") and self._stands(name):
                return name
        return None


def _map_links(text: str) -> Iterator[str]:
    try:
        shapes = json.loads(text)["shapes"]["features"]
    except (ValueError, KeyError, TypeError):
        return
    yield from (feature["properties"]["url"] for feature in shapes)
