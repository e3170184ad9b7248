"""Charts: what they refuse, what they show of cells without a value, and that their pictures may stand in a page."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import pytest

from marsad.observatory import rendering
from marsad.observatory.chart_drawing import chart, specification
from marsad.observatory.charts import (
    Axis,
    Bars,
    Dumbbell,
    Line,
    LinePoint,
    Lines,
    MapDrawing,
    MappedArea,
    Pair,
    Pyramid,
    Reading,
    one_axis,
)
from migstat.model import Refused
from observatory.points import count, point, share


@pytest.fixture(autouse=True)
def pictures_of_this_test(settings, tmp_path):
    from dataclasses import replace

    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, home=tmp_path)


def reading(name: str, value: float | None, state: str = "missing", **more: float) -> Reading:
    words = f"{value} %" if value is not None else state
    return Reading(name, "value" if value is not None else state, value, f"{name}: {words}", words, **more)


def square(code: str, west: float) -> dict:
    ring = [[west, 34.0], [west, 34.02], [west + 0.02, 34.02], [west + 0.02, 34.0], [west, 34.0]]
    return {"type": "Feature", "properties": {"code": code}, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def a_map(language: str = "fr") -> MapDrawing:
    names = {
        "a": ("Souissi", "السويسي"),
        "b": ("Hassan", "حسان"),
        "c": ("Touarga", "التواركة"),
        "d": ("Agdal", "أكدال"),
    }
    values = {
        "a": (4.6, "value", 5),
        "b": (None, "missing", None),
        "c": (0.0, "value", 0),
        "d": (None, "withheld", None),
    }
    areas = tuple(
        MappedArea(code, reading(names[code][language == "ar"], value, state), step, -6.83 + 0.02 * n, 34.01)
        for n, (code, (value, state, step)) in enumerate(values.items())
    )
    shapes = {
        "type": "FeatureCollection",
        "features": [square(code, -6.84 + 0.02 * n) for n, code in enumerate(values)],
    }
    return MapDrawing(Axis(language, "%", 1), areas, json.dumps(shapes))


def every_kind(language: str) -> list:
    axis = Axis(language, "%", 1)
    name = "السويسي" if language == "ar" else "Souissi"
    return [
        a_map(language),
        Dumbbell(axis, "2014", "2024", (
            Pair(reading(name, 19.5), reading(name, 4.6), True),
            Pair(reading("x", 74.7), reading("x", 0.4), False, "break"),
            Pair(reading("y", None), reading("y", None, "withheld"), False),
            Pair(reading("z", 0.0), reading("z", 0.0), True),
        )),
        Lines(axis, (
            Line(name, (LinePoint(2014, 0, reading(name, 3, low=2, high=4)), LinePoint(2024, 1, reading(name, 5)))),
            Line("x", (LinePoint(2014, 0, reading("x", 2)), LinePoint(2019, 0, reading("x", None)), LinePoint(2024, 0, reading("x", 1))), True),
        ), ((2020, "break"),)),
        Bars(axis, (reading(name, 4.6, low=3, high=6), reading("x", 0.0), reading("y", None, "not_applicable"))),
        Pyramid(axis, "M", "F", (("0-4", reading("M", 8), reading("F", 7.5)), ("5-9", reading("M", 8), reading("F", None)))),
    ]  # fmt: skip


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
@pytest.mark.parametrize("kind", range(5))
def test_every_kind_is_drawn_in_every_language_and_may_stand_in_a_page(language, kind):
    picture = rendering.svg(every_kind(language)[kind], "A <title>")
    root = ElementTree.fromstring(picture)
    assert root.get("role") == "img"
    assert root.get("direction") == "ltr"
    assert root.get("aria-label") == "A <title>"
    assert not re.search(r"\sstyle=|<script|\son[a-z]+=|href=", picture)
    labels = [
        each.get("aria-label") for each in root.iter() if each.get("aria-roledescription") and each.get("aria-label")
    ]
    assert any("4.6" in label or "5 %" in label or "7.5" in label for label in labels)


def test_stocks_and_flows_never_share_an_axis():
    indicators = {"HOU-02": share(), "FLW": share(kind="flow")}
    with pytest.raises(Refused, match=r"chart\.stock_flow"):
        one_axis([point(1), point(2, indicator="FLW")], indicators)


def test_two_units_never_share_an_axis():
    with pytest.raises(Refused, match=r"chart\.units"):
        one_axis([point(1), point(2, indicator="POP")], {"HOU-02": share(), "POP": count()})


def test_real_and_synthetic_never_share_a_chart():
    with pytest.raises(Refused, match=r"chart\.origins"):
        one_axis([point(1), point(2, origin="synthetic")], {"HOU-02": share()})


def test_the_states_of_a_map_have_patterns_of_their_own_and_zero_has_a_colour():
    picture = rendering.svg(a_map(), "t")
    assert set(re.findall(r'<pattern id="(\w+)-', picture)) == {"missing", "withheld"}
    fills = {re.search(r'fill="([^"]+)"', mark)[1] for mark in re.findall(r"<path aria-label=[^>]+>", picture)}
    assert len(fills) == 4
    assert "#eef1ec" in fills


def test_patterns_of_two_pictures_in_one_page_do_not_mix():
    one, other = rendering.svg(a_map(), "one"), rendering.svg(a_map(), "other")
    ids = [set(re.findall(r'id="([^"]+)"', picture)) for picture in (one, other)]
    assert not ids[0] & ids[1]


@pytest.mark.parametrize("kind", range(5))
def test_every_kind_of_chart_is_held_to_the_schema_here_and_drawn_without_it(kind: int):
    drawing = every_kind("ar")[kind]
    # Altair validates each part as it is put together, unless it is told not to.
    assert chart(drawing).to_dict()["layer"] == specification(drawing)["layer"]


def rows_of(spec: dict, layer: int) -> list[dict]:
    return spec["datasets"][spec["layer"][layer]["data"]["name"]]


def test_a_line_is_not_drawn_across_a_break_nor_over_a_gap():
    spec = specification(every_kind("fr")[2])
    line = next(index for index, layer in enumerate(spec["layer"]) if layer["mark"].get("type") == "line")
    rows = rows_of(spec, line)
    assert {row["part"] for row in rows if row["colour"] != "#14231f"} == {"Souissi/0/0", "Souissi/1/0"}
    assert spec["layer"][line]["encoding"]["detail"]["field"] == "part"
    known = {row["at"]: row["part"] for row in rows if row["colour"] == "#14231f" and row["state"] == "value"}
    assert known == {2014: "x/0/0", 2024: "x/0/1"}
    assert spec["layer"][line]["transform"] == [{"filter": "datum.state == 'value'"}]


def test_two_values_that_do_not_compare_are_not_joined():
    spec = specification(every_kind("fr")[1])
    assert spec["layer"][0]["mark"]["type"] == "rule"
    assert [row["row"] for row in rows_of(spec, 0)] == ["Souissi", "z"]


def test_arabic_words_are_isolated_and_numbers_stay_left_to_right():
    from marsad.observatory.chart_style import text

    axis = Axis("ar")
    assert text("السويسي", axis) == "\u2067السويسي\u2069"
    assert text("75–79", axis) == "\u206675–79\u2069"
    assert text("Souissi", Axis("fr")) == "Souissi"


def test_equal_drawings_are_made_once(tmp_path):
    first = rendering.svg(a_map(), "t")
    kept = list(tmp_path.rglob("*.svg"))
    assert len(kept) == 1
    kept[0].write_text("kept")
    assert rendering.svg(a_map(), "t") == "kept"
    assert rendering.svg(a_map(), "another title") != first


@pytest.mark.parametrize("picture", ['<svg><script>x</script></svg>', '<svg><image href="x"/></svg>', '<svg style="fill:red"></svg>',
                                     '<svg onload="x"></svg>'])  # fmt: skip
def test_a_picture_with_anything_but_shapes_and_words_is_refused(picture):
    with pytest.raises(Refused, match=r"chart\.svg"):
        rendering._clean(picture)


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_a_file_stands_alone_with_title_and_source(language):
    words = {"title": "عنوان" if language == "ar" else "Titre", "subtitle": "s " * 60, "source": "HCP"}
    picture = rendering.framed_svg(every_kind(language)[3], **words)
    root = ElementTree.fromstring(picture)
    texts = ["".join(each.itertext()) for each in root.iter("{http://www.w3.org/2000/svg}text")]
    assert any(words["title"] in each for each in texts)
    assert any("HCP" in each for each in texts)
    assert rendering.framed_png(every_kind(language)[3], **words).startswith(b"\x89PNG")


def test_pixels_are_drawn_once_and_kept_beside_their_drawing(monkeypatch):
    drawn = []
    monkeypatch.setattr(rendering, "_pixels", lambda words, scale: drawn.append(scale) or b"\x89PNG")
    asked = {"title": "t", "subtitle": "s", "source": "x"}
    for scale in (2, 2, 3):
        assert rendering.framed_png(a_map(), **asked, scale=scale) == b"\x89PNG"
    assert drawn == [2, 3]
