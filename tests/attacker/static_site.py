"""The site as files, as a stranger downloads it: every page, picture and file about what was released."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.urls import clear_url_caches, set_urlconf

from attacker.channels import numbers_in
from marsad.observatory import rendering, site_export, site_work
from marsad.observatory.site_addresses import Depth, _resolved, becomes_file
from marsad.observatory.site_work import Options

_NUMBER = re.compile(r"(?<![\w.#])\d+(?!\w)")
_ENDINGS = {
    ".html", ".csv", ".json", ".svg", ".xml", ".geojson", ".ttl", ".rdf", ".jsonld", ".rss", ".atom", ".ics", ".bib", ".txt",
}  # fmt: skip


def written_about(folder: Path, pattern: str, settings: object, patch: pytest.MonkeyPatch) -> Path:
    """The site with the pages whose addresses hold a pattern."""

    def about(address: str, depth: Depth) -> bool:
        return becomes_file(address, depth) and re.search(pattern, address) is not None

    settings.ROOT_URLCONF = "marsad.config.public_urls"  # type: ignore[attr-defined]
    clear_url_caches()
    set_urlconf(None)
    _resolved.cache_clear()
    for module in (site_export, site_work):
        patch.setattr(module, "becomes_file", about)
    # Pixels hold no text: the same picture is looked at as SVG.
    patch.setattr(rendering, "framed_png", lambda *_, **__: b"\x89PNG")
    # What stands outside this part of the site leads elsewhere.
    asked = Options(base="https://data.example.org/", living="https://observatory.example.org/", depth=Depth.CHOICES)
    site_export.export(folder, asked)
    _resolved.cache_clear()
    return folder


def texts(folder: Path) -> Iterator[tuple[str, str]]:
    """Each file that a person or a program reads, with its path; checksums of files are no text."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.suffix in _ENDINGS and not name.startswith("static/") and name != "manifest.json":
            yield name, path.read_text(encoding="utf-8")


def whole_numbers(text: str) -> set[int]:
    """Every whole number that a text says, however it is grouped; a comma may also stand between two numbers."""
    return {int(found) for spelt in {text, numbers_in(text)} for found in _NUMBER.findall(spelt) if len(found) < 12}


def leaks_in(folder: Path, canaries: set[int]) -> dict[str, set[int]]:
    """The canaries that files of the site say, by file."""
    found = {name: whole_numbers(text) & canaries for name, text in texts(folder)}
    return {name: numbers for name, numbers in found.items() if numbers}


def shown_in(path: Path, value: str) -> list[float]:
    """The values of a file of rows, in order; cells without one say nothing."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return sorted(float(row[value]) for row in csv.DictReader(file) if row[value] not in {"", "NaN"})
