"""Files: states and numbers stay what they are, editions stream, publications keep their numbers."""

from __future__ import annotations

import csv
import io
import json

import pytest

pytestmark = pytest.mark.django_db


def rows(response):
    content = b"".join(response.streaming_content) if response.streaming else response.content
    text = content.decode("utf-8")
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_the_four_states_are_four_things(small_city, client):
    found = {(row["period"], row["breakdown"]): row for row in rows(client.get("/en/indicators/FLW-02/data.csv"))}
    assert (found["2024", ""]["state"], found["2024", ""]["value"]) == ("value", "4526")
    withheld = found["2024", "citizenship=NER"]
    assert (withheld["state"], withheld["value"], withheld["conf_status"]) == ("withheld", "", "C")
    assert (found["2025", ""]["state"], found["2025", ""]["value"], found["2025", ""]["obs_status"]) == (
        "missing",
        "",
        "O",
    )


def test_zero_is_written_as_zero(small_city, client):
    found = {
        (row["area"], row["period"]): row
        for row in rows(client.get("/en/indicators/HOU-02/data.csv"))
        if not row["breakdown"]
    }
    touarga = found["04.421.01.07", "2014"]
    assert (touarga["state"], touarga["value"]) == ("value", "0")
    commune = found["04.421.01.0", "2014"]
    assert (commune["state"], commune["value"]) == ("missing", "")


def test_every_row_says_where_it_comes_from(small_city, client):
    for row in rows(client.get("/fr/indicators/HOU-04/data.csv")):
        assert row["source"] == "census" and row["edition"] == "2026-1" and row["vintage"] == "2026-09"
        assert row["stock_or_flow"] == "stock" and row["population_base"] == "households" and row["origin"] == "real"


def test_names_are_in_the_language_of_the_address(small_city, client):
    assert rows(client.get("/fr/indicators/HOU-04/data.csv"))[0]["indicator_name"].endswith("(fr)")
    assert rows(client.get("/ar/indicators/HOU-04/data.csv"))[0]["indicator_name"].startswith("كلمات")


def test_json_has_the_same_observations(small_city, client):
    content = json.loads(client.get("/en/indicators/FLW-02/data.json").content)
    assert content["indicator"]["stock_or_flow"] == "flow"
    assert [row["value"] for row in content["observations"]].count(None) == 2
    assert content["publication"] == "2026-1"


def test_a_whole_edition_streams(small_city, client):
    response = client.get("/en/datasets/RGPH-2024/2026-1.csv")
    assert response.streaming
    assert len(rows(response)) == len(small_city.dataflows["RGPH-2024"].rows)


def test_an_area_and_the_ledger_are_files_too(small_city, client):
    assert {row["indicator"] for row in rows(client.get("/en/areas/04.421.01.06/data.csv"))} >= {"HOU-02", "CTX-POP-01"}
    ledger = {row["code"]: row for row in rows(client.get("/en/figures.csv"))}
    assert (ledger["F1"]["value"], ledger["F3"]["quantifier"], ledger["F3"]["excerpt"]) == (
        "84001",
        "about",
        "about 12,412 foreigners",
    )


def test_an_old_publication_keeps_its_numbers(small_city, small_root, client):
    from marsad.observatory.page_cache import shelf
    from observatory.test_load_city import reload

    series, flow = small_root / "series" / "asylum.csv", small_root / "dataflows" / "asylum.toml"
    series.write_text(series.read_text("utf-8").replace("3813", "3900"), "utf-8")
    flow.write_text(flow.read_text("utf-8").replace('edition = "2026-1"', 'edition = "2026-2"'), "utf-8")
    reload(small_root)
    shelf.clear()
    old = {row["period"]: row["value"] for row in rows(client.get("/en/e/2026-1/indicators/FLW-02/data.csv"))}
    new = {row["period"]: row["value"] for row in rows(client.get("/en/indicators/FLW-02/data.csv"))}
    assert (old["2023"], new["2023"]) == ("3813", "3900")


@pytest.mark.parametrize(
    "address",
    ["indicators/NO-1/data.csv", "areas/99/data.csv", "datasets/NO/2026-1.csv", "e/1999-1/indicators/HOU-02/data.csv"],
)
def test_what_does_not_exist_is_not_found(small_city, client, address):
    assert client.get(f"/en/{address}").status_code == 404
