"""A broken city pack: each kind of mistake is found at its place, with its rule, and all of them in one report."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from marsad.observatory.citypack.pack import examine
from marsad.observatory.citypack.problems import REMEDIES
from marsad.observatory.citypack.report import report_lines
from marsad.web.words import LANGUAGES
from small_city import small_pack


def swap(file: str, old: str, new: str, count: int = 1) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        text = (root / file).read_text("utf-8")
        assert old in text, f"{old!r} is not in {file}"
        (root / file).write_text(text.replace(old, new, count), "utf-8")

    return change


def remove(file: str) -> Callable[[Path], None]:
    return lambda root: (root / file).unlink()


def add(file: str, content: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text(content, "utf-8")

    return change


def append(file: str, content: str) -> Callable[[Path], None]:
    return lambda root: (root / file).write_text((root / file).read_text("utf-8") + content, "utf-8")


def encode(file: str) -> Callable[[Path], None]:
    return lambda root: (root / file).write_bytes("é".encode("latin-1"))


def shift(degrees: float) -> Callable[[Path], None]:
    """Move every outline north, as the publisher's own web service does by about 20 km."""

    def change(root: Path) -> None:
        collection = json.loads((root / "boundaries.geojson").read_text("utf-8"))
        for feature in collection["features"]:
            ring = feature["geometry"]["coordinates"][0]
            feature["geometry"]["coordinates"][0] = [[lon, lat + degrees] for lon, lat in ring]
        (root / "boundaries.geojson").write_text(json.dumps(collection), "utf-8")

    return change


def outline(number: int, ring: list[list[float]]) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        collection = json.loads((root / "boundaries.geojson").read_text("utf-8"))
        collection["features"][number]["geometry"]["coordinates"] = [ring]
        (root / "boundaries.geojson").write_text(json.dumps(collection), "utf-8")

    return change


BOW_TIE = [[-6.84, 34.0], [-6.82, 34.02], [-6.82, 34.0], [-6.84, 34.02], [-6.84, 34.0]]
OVER_ITS_NEIGHBOUR = [[-6.84, 34.0], [-6.805, 34.0], [-6.805, 34.02], [-6.84, 34.02], [-6.84, 34.0]]
FIRST_CASE_FIGURE = "84001,exact"

# What is broken, which rule finds it, in which file, and what the report says of it.
MISTAKES: list[tuple[Callable[[Path], None], str, str, str]] = [
    (remove("themes.csv"), "file.missing", "themes.csv", "themes.csv"),
    (add("indicators/run.py", "print()"), "file.unknown", "indicators/run.py", "run.py"),
    (encode("pages/about.fr.md"), "file.encoding", "pages/about.fr.md", "0xe9"),
    (swap("city.toml", 'code = "small"', "code = small"), "toml.syntax", "city.toml", "line 1"),
    (add("boundaries.geojson", "{"), "geojson.syntax", "boundaries.geojson", ""),
    (swap("areas.csv", "code,level", "code,niveau"), "csv.columns", "areas.csv", "niveau"),
    (append("areas.csv", "a,b\n"), "csv.width", "areas.csv", "2 values for 15 columns"),
    (swap("sources/maps.toml", "vintage =", "millesime ="), "field.unknown", "sources/maps.toml", "millesime"),
    (swap("sources/maps.toml", "vintage =", "#"), "field.required", "sources/maps.toml", "vintage"),
    (swap("indicators/HOU-02/indicator.toml", 'name_fr = "', 'name_fr = 4 #"'), "field.type", "indicators/HOU-02/indicator.toml", "4"),
    (swap("indicators/HOU-02/indicator.toml", "definition_ar", "#"), "language.missing", "indicators/HOU-02/indicator.toml", "definition_ar"),
    (add("indicators/HOU-02/method.ar.md", " "), "language.missing", "indicators/HOU-02/indicator.toml", "method_ar"),
    (swap("areas.csv", "arrondissement", "quartier"), "choice.unknown", "areas.csv", "quartier"),
    (swap("dataflows/asylum.toml", "2026-10-01", '"October"'), "date.form", "dataflows/asylum.toml", "October"),
    (swap("series/asylum.csv", "2023", "in 2023"), "period.form", "series/asylum.csv", "in 2023"),
    (swap("series/asylum.csv", "3813", "3 813"), "number.form", "series/asylum.csv", "3 813"),
    (swap("areas.csv", "04.421.01.05,", '"04 421 01 05",'), "code.form", "areas.csv", "04 421 01 05"),
    (swap("areas.csv", "04.421.01.06,arr", "04.421.01.05,arr"), "code.twice", "areas.csv", "04.421.01.05"),
    (swap("areas.csv", "commune,04.421", "commune,04.999"), "code.unknown", "areas.csv", "04.999"),
    (swap("dataflows/rgph-2014.toml", 'occupancy = "tenant"', 'occupancy = "squatter"'), "code.unknown", "dataflows/rgph-2014.toml", "squatter"),
    (swap("areas.csv", "region,MAR", "region,04.421"), "code.circle", "areas.csv", "04 > 04.421 > 04"),
    (swap("codelists/citizenship.csv", ",NGA\n", ",\n"), "code.homonym", "codelists/citizenship.csv", "NER does not name NGA"),
    (swap("areas.csv", "044210105", "44.2101"), "area.hcp_code", "areas.csv", "44.2101"),
    (swap("areas.csv", "044210105,,", "044210105,2024-01-01,2014-01-01"), "area.validity", "areas.csv", "2014-01-01"),
    (shift(0.18), "geometry.outside", "boundaries.geojson", "15.6 km"),
    (outline(0, BOW_TIE), "geometry.invalid", "boundaries.geojson", "04.421.01.05"),
    (swap("boundaries.geojson", '"04.421.01.07"', '"04.421.01.0"'), "geometry.missing", "boundaries.geojson", "04.421.01.07"),
    (swap("areas.csv", "-6.83,34.01", "-6.83,34.05"), "geometry.label", "areas.csv", "34.05"),
    (outline(0, OVER_ITS_NEIGHBOUR), "geometry.overlap", "boundaries.geojson", "04.421.01.05 and 04.421.01.06"),
    (swap("indicators/HOU-04/indicator.toml", '"HOU-04"', '"HOU-05"'), "indicator.folder", "indicators/HOU-04/indicator.toml", "HOU-05"),
    (swap("indicators/HOU-09/indicator.toml", "[not_measured]", "[unmeasured]"), "field.unknown", "indicators/HOU-09/indicator.toml", "unmeasured"),
    (swap("indicators/HOU-02/example.toml", "result = 25", "result = 26"), "example.arithmetic", "indicators/HOU-02/example.toml", "= 25, written 26"),
    (swap("figures/figures.csv", "https://example.org/note", "", 1), "figure.source", "figures/figures.csv", "F1"),
    (swap("figures/figures.csv", "84001,exact,persons,stock", "84001,exact,persons,flow"), "figure.kind", "figures/figures.csv", "flow on STK-01"),
    (swap("figures/figures.csv", "comparison,foreign-2014", "comparison,"), "case.figures", "figures/cases.toml", "foreign-2014: 1 figures"),
    (swap("figures/cases.toml", 'recommended = "F1"', 'recommended = "F3"'), "case.recommended", "figures/cases.toml", "F3"),
    (swap("figures/cases.toml", "decided_on", "#"), "case.settled", "figures/cases.toml", "4 of 5 parts"),
    (swap("figures/cases.toml", "Committee (fr)", "Editor (fr)"), "case.settled", "figures/cases.toml", "by the same"),
    (swap("dataflows/rgph-2014.toml", "population_legal", "population_total"), "column.unknown", "dataflows/rgph-2014.toml", "population_total"),
    (swap("dataflows/rgph-2014.toml", "HOU-04", "HOU-02"), "column.twice", "dataflows/rgph-2014.toml", ""),
    (swap("series/asylum.csv", "3813,value", "3813,missing"), "cell.shape", "series/asylum.csv", "missing with value 3813"),
    (swap("series/asylum.csv", "citizenship=NER", "NER"), "breakdown.form", "series/asylum.csv", "NER"),
    (swap("city.toml", '[[home.findings]]\nkind = "change_by_area"\nindicator = "HOU-02"\n', ""), "city.findings", "city.toml", "2 findings"),
    (swap("sources/maps.toml", "https://", "data://"), "address.form", "sources/maps.toml", "data://"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("breaking", "rule", "file", "found"), MISTAKES, ids=[f"{n}-{m[1]}" for n, m in enumerate(MISTAKES)]
)
def test_a_mistake_is_found_at_its_place(tmp_path, breaking, rule, file, found):
    root = small_pack(tmp_path)
    if rule == "column.twice":
        swap("dataflows/rgph-2014.toml", '\nbreakdown = { occupancy = "tenant" }', "")(root)
    breaking(root)
    _, problems = examine(root)
    assert any(p.rule == rule and p.file == file and found in p.found for p in problems), problems


def test_a_silent_indicator_must_say_who_could_measure_it(tmp_path):
    root = small_pack(tmp_path)
    text = (root / "indicators/HOU-09/indicator.toml").read_text("utf-8")
    (root / "indicators/HOU-09/indicator.toml").write_text(text.split("[not_measured]")[0], "utf-8")
    _, problems = examine(root)
    assert [(p.rule, p.found) for p in problems] == [("indicator.silent", "HOU-09")]


def test_every_mistake_comes_in_one_report(tmp_path):
    root = small_pack(tmp_path)
    for number in (8, 15, 31, 33):
        MISTAKES[number][0](root)
    _, problems = examine(root)
    assert {"field.required", "number.form", "example.arithmetic", "figure.kind"} <= {
        problem.rule for problem in problems
    }


def test_a_sound_pack_has_no_problem(tmp_path):
    pack, problems = examine(small_pack(tmp_path))
    assert problems == []
    assert pack is not None and set(pack.dataflows) == {"ASYLUM", "RGPH-2014", "RGPH-2024"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_is_in_the_readers_language(tmp_path, language):
    root = small_pack(tmp_path)
    swap("series/asylum.csv", "3813", "3 813")(root)
    _, problems = examine(root)
    lines = "\n".join(report_lines(problems, language=language))
    assert "series/asylum.csv:2  [number.form]" in lines
    assert REMEDIES["number.form"].in_language(language) in lines


def test_the_publishers_shifted_geometry_is_refused_with_its_distance(tmp_path, shared_folder):
    root = small_pack(tmp_path)
    delivered = json.loads(
        (shared_folder / "data/geo/rabat_arrondissements_hcp_raw_lat_shifted.geojson").read_text("utf-8")
    )
    for feature, code in zip(delivered["features"], ("04.421.01.05", "04.421.01.06", "04.421.01.07"), strict=False):
        feature["properties"]["code"] = code
    delivered["features"] = delivered["features"][:3]
    (root / "boundaries.geojson").write_text(json.dumps(delivered), "utf-8")
    _, problems = examine(root)
    outside = [problem for problem in problems if problem.rule == "geometry.outside"]
    assert len(outside) == 3
    assert all("km beyond" in problem.found for problem in outside)
