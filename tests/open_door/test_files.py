"""The files of an edition: permanent, described for programs, read back by other implementations, equal cell by cell."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from frictionless import Package

from marsad.audit.rules import System
from marsad.dissemination.models import Edition, Observation
from marsad.dissemination.operations import withdraw
from migstat.exchange.json_stat import read_json_stat
from migstat.model import Text
from open_door.conftest import SECOND, body

pytestmark = pytest.mark.django_db
ROOT = "/data/ASYLUM/2026-2"


def rows(reader: Client, address: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body(reader.get(address)).decode())))


def test_the_csv_file_has_every_cell_and_no_number_where_there_is_none(second: Edition, reader: Client) -> None:
    found = {(r["indicator"], r["period"], r["citizenship"], r["sex"]): r for r in rows(reader, f"{ROOT}/data.csv")}
    assert len(found) == len(SECOND)
    for indicator, _, period, breakdown, state, value, withheld_for, low, _high, _status in SECOND:
        row = found[(indicator, period, breakdown.get("citizenship", "_T"), breakdown.get("sex", "_T"))]
        assert (row["state"], row["value"]) == (state, "" if value is None else f"{value:g}")
        assert row["conf_status"] == (withheld_for or "F")
        assert row["low"] == ("" if low is None else f"{low:g}")


def test_frictionless_finds_the_package_valid(second: Edition, reader: Client, tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_bytes(body(reader.get(f"{ROOT}/data.csv")))
    (tmp_path / "datapackage.json").write_bytes(body(reader.get(f"{ROOT}/datapackage.json")))
    package = Package(str(tmp_path / "datapackage.json"))
    report = package.validate()
    assert report.valid, report.flatten(["type", "note"])
    read = package.get_resource("data").read_rows()
    assert [row["value"] for row in read if row["state"] == "withheld"] == [None, None]
    assert {str(row["value"]) for row in read if row["value"] is not None} == {"3900", "4526", "0", "12.5"}


def test_csvw_names_every_column_of_the_file(second: Edition, reader: Client) -> None:
    described = json.loads(body(reader.get(f"{ROOT}/data.csv-metadata.json")))
    assert described["@context"][0] == "http://www.w3.org/ns/csvw"
    columns = described["tableSchema"]["columns"]
    header = body(reader.get(f"{ROOT}/{described['url']}")).decode().splitlines()[0]
    assert [column["name"] for column in columns] == header.split(",")
    assert set(described["tableSchema"]["primaryKey"]) <= set(header.split(","))
    assert {column["name"] for column in columns if column["datatype"] == "double"} == {"value", "low", "high"}
    assert next(c for c in columns if c["name"] == "value")["titles"]["ar"] == "القيمة الملاحظة"


def test_json_stat_gives_the_same_cells(second: Edition, reader: Client) -> None:
    index = json.loads(body(reader.get(f"{ROOT}/jsonstat.json?lang=en")))
    assert (index["version"], index["class"]) == ("2.0", "collection")
    found: dict[tuple[str, ...], tuple[float | None, str]] = {}
    for item in index["link"]["item"]:
        cube = json.loads(body(reader.get(item["href"])))
        assert cube["role"] == {"time": ["period"], "geo": ["area"]}
        assert len(cube["value"]) + sum(1 for at in cube["status"] if at not in cube["value"]) == len(
            read_json_stat(cube)
        )
        found |= read_json_stat(cube)
    expected = {}
    for row in Observation.objects.filter(edition=second):
        lists = (
            [row.breakdown.get(name, "_T") for name in ("citizenship", "sex")] if row.indicator_id == "FLW-02" else []
        )
        status = row.withheld_for or ("" if row.status == "A" else row.status)
        expected[(row.area_id, row.period, *lists, row.base)] = (row.value, status)
    assert found == expected


def test_latest_leads_to_the_edition_in_force(second: Edition, reader: Client) -> None:
    assert reader.get("/data/ASYLUM/latest/data.csv")["Location"] == "/data/ASYLUM/2026-2/data.csv"
    assert reader.get("/data/ASYLUM/latest/data.csv?asOf=2026-10-31")["Location"] == "/data/ASYLUM/2026-1/data.csv"
    assert reader.get("/data/ASYLUM/latest/jsonstat/FLW-02.json?lang=ar")["Location"].endswith("FLW-02.json?lang=ar")
    assert reader.get("/data/ASYLUM/latest/data.csv?asOf=2001-01-01").status_code == 404
    assert reader.get("/data/NONE/latest/data.csv").status_code == 404


def test_an_edition_keeps_its_file_when_a_later_one_comes(second: Edition, reader: Client) -> None:
    first = reader.get("/data/ASYLUM/2026-1/data.csv")
    assert "2026-1" in body(first).decode()
    assert first["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert reader.get("/data/ASYLUM/2026-1/data.csv", headers={"if-none-match": first["ETag"]}).status_code == 304


def test_changes_tell_old_and_new(second: Edition, reader: Client) -> None:
    found = rows(reader, "/data/ASYLUM/2026-1/changes/2026-2.csv")
    changes = {
        (r["change"], r["period"], r["breakdown"]): (r["old_value"], r["new_value"], r["new_state"]) for r in found
    }
    revised = {key[1]: value for key, value in changes.items() if key[0] == "revised"}
    assert revised["2023"] == ("3813", "3900", "value")
    assert ("removed", "2025", "") in {(k[0], k[1], k[2]) for k in changes}
    told = json.loads(body(reader.get("/data/ASYLUM/2026-1/changes/2026-2.json")))
    assert len(told["changes"]) == len(found) == 6
    assert next(c for c in told["changes"] if c["breakdown"] == "citizenship=NGA")["new_value"] is None
    page = reader.get("/en/datasets/ASYLUM/2026-1/changes/2026-2/").content.decode()
    assert "3,813" in page
    assert "3,900" in page
    same = json.loads(body(reader.get("/data/ASYLUM/2026-2/changes/2026-2.json")))
    assert same["changes"] == []


def test_a_withdrawn_edition_is_nowhere_and_its_address_says_why(second: Edition, reader: Client) -> None:
    reason = Text(fr="Erreur de saisie", ar="خطأ في الإدخال", en="An error of entry")
    withdraw(actor=System("release"), at=datetime(2026, 11, 3, tzinfo=UTC), edition=second, reason=reason)
    gone = reader.get(f"{ROOT}/data.csv")
    assert gone.status_code == 410
    assert json.loads(gone.content)["remedy"] == "An error of entry"
    page = reader.get("/fr/datasets/ASYLUM/2026-2/")
    assert page.status_code == 410
    assert "Erreur de saisie" in page.content.decode()
    for address in (
        "/sdmx/data/ASYLUM/all?format=csv&includeHistory=true",
        "/sdmx/data/ASYLUM/all?format=csv&asOf=2026-11-02",
        "/api/v1/observations?limit=1000",
        "/api/v1/dataflows/ASYLUM",
        "/catalogue.ttl",
        "/feeds/en/releases.atom",
        "/calendar/en.ics",
        "/geojson/HOU-02.geojson",
    ):
        answer = reader.get(address)
        text = body(answer).decode()
        assert answer.status_code == 200, address
        assert "2026-2" not in text
        assert "3900" not in text
    assert reader.get("/data/ASYLUM/2026-1/changes/2026-2.json").status_code == 410
    assert reader.get("/en/datasets/ASYLUM/2026-1/changes/2026-2/").status_code == 404
    assert reader.get("/data/ASYLUM/latest/data.csv")["Location"] == "/data/ASYLUM/2026-1/data.csv"


def test_the_map_carries_values_and_marks(small_city: Any, reader: Client, publish: Callable[..., Edition]) -> None:
    cells = [
        ("STK-01", "04.421.01.05", "2024", {}, "value", 0.0, "", None, None, "A"),
        ("STK-01", "04.421.01.06", "2024", {}, "withheld", None, "C", None, None, "A"),
        ("STK-01", "04.421.01.07", "2024", {}, "value", 31.0, "", 20.0, 44.0, "E"),
        ("STK-01", "MAR", "2024", {}, "value", 900.0, "", None, None, "A"),
    ]
    publish("2026-9", date(2026, 10, 9), cells)
    found = json.loads(body(reader.get("/geojson/STK-01.geojson")))
    told = {each["id"]: each["properties"] for each in found["features"]}
    assert {code: (p["state"], p["value"], p["conf_status"]) for code, p in told.items()} == {
        "04.421.01.05": ("value", 0, "F"),
        "04.421.01.06": ("withheld", None, "C"),
        "04.421.01.07": ("value", 31, "F"),
    }
    assert (told["04.421.01.07"]["low"], told["04.421.01.07"]["high"]) == (20, 44)
    assert all(each["geometry"]["type"] == "Polygon" for each in found["features"])
    assert reader.get("/geojson/STK-01.geojson?period=1999").status_code == 404
    assert reader.get("/geojson/NONE.geojson").status_code == 404


@pytest.mark.parametrize("address", ["/data/ASYLUM/2026-2/data.parquet", "/data/ASYLUM/2026-9/data.csv", "/data/A/B"])
def test_an_unknown_file_is_told_as_a_problem(second: Edition, reader: Client, address: str) -> None:
    answer = reader.get(address)
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"
