"""The whole public side of a small city as files: all there, all linked, all of the observatory's own saying."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from marsad.observatory.site_check import broken_links
from site_export.written import AFTER, AREA, BASE, BEFORE, INDICATOR

# The city is loaded where the databases of the tests stand, and these are made for tests that ask for them.
pytestmark = pytest.mark.django_db
LANGUAGES = ("fr", "ar", "en")


def text(written: Path, path: str) -> str:
    return (written / path).read_text(encoding="utf-8")


def test_every_file_is_listed_with_its_checksum(written: Path) -> None:
    manifest = json.loads(text(written, "manifest.json"))
    files = {path.relative_to(written).as_posix(): path for path in written.rglob("*") if path.is_file()}
    assert set(manifest["files"]) == set(files) - {"manifest.json"}
    assert len(files) > 700
    for name, listed in manifest["files"].items():
        content = files[name].read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (listed["bytes"], listed["sha256"])
    assert manifest["publication"] == "2026-2"


def test_no_file_knows_where_it_was_read(written: Path) -> None:
    for path in written.rglob("*"):
        if path.is_file() and path.suffix != ".png":
            content = path.read_bytes()
            assert b"site.invalid" not in content, path
            assert b"testserver" not in content, path


def test_every_link_leads_to_a_file(written: Path) -> None:
    assert broken_links(written, BASE) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "page",
    [
        "", "indicators/", "indicators/HOU-02/", "areas/", "areas/04.421/", "themes/housing/", "figures/", "figures/F1/",
        "cases/", "sources/", "datasets/", "datasets/ASYLUM/", "datasets/ASYLUM/2026-2/", "organisations/", "services/",
        "data-use/", "gaps/", "data-requests/", "flows/", "goals/", "recommendations/", "methods/", "open/", "search/",
        "why/HOU-02/", "compare/HOU-02/", "embed/HOU-02/map/", "e/2026-1/indicators/HOU-02/", "pages/about/",
        "datasets/ASYLUM/2026-1/changes/2026-2/",
    ],
)  # fmt: skip
def test_every_page_stands_in_every_language(written: Path, language: str, page: str) -> None:
    html = text(written, f"{language}/{page}index.html")
    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in html
    assert "Content-Security-Policy" in html
    assert "<form" not in html or page == "search/"
    assert 'href="/' not in html
    assert 'src="/' not in html


@pytest.mark.parametrize(
    "file",
    [
        "data/ASYLUM/2026-1/data.csv", "data/ASYLUM/2026-1/sdmx.xml", "data/ASYLUM/2026-1/sdmx.json",
        "data/ASYLUM/2026-1/sdmx.csv", "data/ASYLUM/2026-1/jsonstat.json", "data/ASYLUM/2026-1/datapackage.json",
        "data/ASYLUM/2026-1/data.csv-metadata.json", "data/ASYLUM/latest/data.csv", "geojson/HOU-02.geojson",
        "catalogue.ttl", "catalogue.rdf", "catalogue.jsonld", "feeds/fr/releases.rss", "feeds/ar/releases.atom",
        "calendar/fr.ics", "fr/indicators/HOU-02/map.svg", "fr/indicators/HOU-02/map.png",
        "fr/indicators/HOU-02/data.csv", "fr/indicators/HOU-02/data.json", "cite/fr/e/2026-1/indicators/HOU-02.bib",
        "robots.txt", "sitemap.xml", "404.html", "index.html", "static/build/style.rtl.css", "static/build/site_search.js",
        "static/build/map-worker.js", "static/build/fonts/plex-arabic-400.woff2",
    ],
)  # fmt: skip
def test_files_for_programs_are_there(written: Path, file: str) -> None:
    assert (written / file).stat().st_size > 0


def test_the_latest_edition_is_the_same_file_under_its_number(written: Path) -> None:
    latest = (written / "data/ASYLUM/latest/data.csv").read_bytes()
    assert latest == (written / "data/ASYLUM/2026-2/data.csv").read_bytes()


def value_in(written: Path, path: str) -> float:
    rows = csv.DictReader(io.StringIO(text(written, path).lstrip("\ufeff")))
    return next(
        float(row["value"])
        for row in rows
        if (row["area"], row["period"]) == (AREA, "2024") and not row.get("breakdown")
    )


def test_a_citation_of_an_old_edition_still_gives_the_old_number(written: Path) -> None:
    assert value_in(written, f"fr/e/2026-1/indicators/{INDICATOR}/data.csv") == BEFORE
    assert value_in(written, f"fr/e/2026-2/indicators/{INDICATOR}/data.csv") == AFTER
    assert value_in(written, f"fr/indicators/{INDICATOR}/data.csv") == AFTER
    old, new = (
        re.sub(r"\D", "", text(written, f"en/{root}indicators/{INDICATOR}/index.html")) for root in ("e/2026-1/", "")
    )
    assert str(BEFORE) in old
    assert str(AFTER) not in old
    assert str(AFTER) in new
    cited = text(written, f"cite/fr/e/2026-1/indicators/{INDICATOR}.bib")
    (address,) = re.findall(rf"{re.escape(BASE)}[^\s}}]+", cited)
    assert (written / address.removeprefix(BASE) / "index.html").is_file()


def test_embeds_are_copied_with_their_own_address(written: Path) -> None:
    page = text(written, "fr/indicators/HOU-02/index.html")
    for address in (f"{BASE}fr/embed/HOU-02/map/", f"{BASE}fr/e/2026-2/embed/HOU-02/map/"):
        assert f"src=&quot;{address}&quot;" in page
        assert (written / address.removeprefix(BASE) / "index.html").is_file()


def test_the_page_of_a_missing_address_leads_home_from_anywhere(written: Path) -> None:
    page = text(written, "404.html")
    root = urlsplit(BASE).path
    links = re.findall(r'(?:href|src)="([^"]*)"', page)
    assert len(links) >= 6
    assert all(link.startswith(root) and "//" not in link for link in links)
    assert 'lang="ar" dir="rtl"' in page


def test_search_engines_are_told_of_each_page_once(written: Path) -> None:
    found = re.findall(r"<loc>([^<]*)</loc>", text(written, "sitemap.xml"))
    assert len(found) == len(set(found)) > 200
    assert f"{BASE}ar/indicators/HOU-02/" in found
    assert not [address for address in found if "/e/" in address or "/embed/" in address or "page=" in address]
    assert text(written, "robots.txt").endswith(f"Sitemap: {BASE}sitemap.xml\n")


def test_search_reads_without_a_script(written: Path) -> None:
    page = text(written, "ar/search/index.html")
    assert "indicators/HOU-02/" in page
    assert "data-site-search" in page
    assert "hidden" in page


def test_nothing_above_the_line_is_needed() -> None:
    code = (
        "import django, sys; django.setup();"
        "import marsad.observatory.management.commands.export_site, marsad.observatory.site_process;"
        "above = ('marsad.collection', 'marsad.production', 'marsad.release');"
        "assert not [name for name in sys.modules if name.startswith(above)]; print('below')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False,
        env={"PATH": "", "MARSAD_PUBLIC_ONLY": "1", "DJANGO_SETTINGS_MODULE": "marsad.config.settings"},
    )  # fmt: skip
    assert done.stdout == "below\n", done.stderr
