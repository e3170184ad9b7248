"""What the build of the front end must keep: weight, direction, and nothing that the content security policy refuses."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

BUILD = Path(__file__).resolve().parents[2] / "src" / "marsad" / "web" / "static" / "build"
pytestmark = pytest.mark.skipif(not (BUILD / "style.css").is_file(), reason="the front end is not built here")


def packed(name: str) -> int:
    return len(gzip.compress((BUILD / name).read_bytes(), 9))


@pytest.mark.parametrize(("style", "fonts"), [
    ("style.css", ["plex-400", "plex-600"]),
    ("style.rtl.css", ["plex-400", "plex-600", "plex-arabic-400", "plex-arabic-600"]),
])  # fmt: skip
def test_style_scripts_and_fonts_leave_room_for_the_page(style, fonts):
    weight = (
        packed(style) + packed("main.js") + sum((BUILD / "fonts" / f"{name}.woff2").stat().st_size for name in fonts)
    )
    assert weight < 125_000


@pytest.mark.parametrize("style", ["style.css", "style.rtl.css"])
def test_style_sheets_load_from_their_own_host_alone(style):
    addresses = re.findall(r"url\(([^)]*)\)", (BUILD / style).read_text())
    assert addresses
    for address in addresses:
        assert address.strip("\"'").startswith("./"), address
        assert (BUILD / address.strip("\"'")).is_file()


def test_the_map_is_no_part_of_the_first_page():
    assert "./map.js" in (BUILD / "main.js").read_text()
    assert (BUILD / "main.js").stat().st_size < 20_000


def test_no_rule_turns_a_chart_round():
    assert not re.search(r"\.chart[^{}]*\{[^}]*direction:", (BUILD / "style.rtl.css").read_text())


def test_charts_have_full_fonts_of_both_scripts():
    assert len(list((BUILD / "fonts-ttf").glob("*.ttf"))) == 4
