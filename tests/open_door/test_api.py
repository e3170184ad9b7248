"""The open API: paging by key, bounded queries, conditional answers, problems with their rule."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client

from marsad.audit.rules import System
from marsad.dissemination.models import Edition, Observation
from marsad.dissemination.operations import withdraw
from migstat.model import Text
from open_door.conftest import SECOND, body

pytestmark = pytest.mark.django_db
API = "/api/v1"


def get(reader: Client, address: str) -> Any:
    answer = reader.get(address)
    assert answer.status_code == 200, answer.content
    return json.loads(answer.content)


def every(reader: Client, address: str) -> list[dict[str, Any]]:
    """The items of every page."""
    found: list[dict[str, Any]] = []
    following: str | None = address
    while following:
        page = get(reader, following)
        found += page["items"]
        following = page["next"]
    return found


def test_pages_follow_by_key_and_meet_every_observation_once(second: Edition, reader: Client) -> None:
    whole = get(reader, f"{API}/observations?limit=1000")["items"]
    in_pages = every(reader, f"{API}/observations?limit=7")
    assert in_pages == whole
    in_force = Observation.objects.exclude(edition__dataflow="ASYLUM", edition__number="2026-1")
    assert len(whole) == in_force.count()


@pytest.mark.parametrize("asked", ["", "dataflow=ASYLUM&edition=latest&"])
def test_pages_stay_with_their_editions_while_another_is_published(
    second: Edition, reader: Client, publish: Callable[..., Edition], asked: str
) -> None:
    whole = get(reader, f"{API}/observations?{asked}limit=1000")["items"]
    first = get(reader, f"{API}/observations?{asked}limit=5")
    publish("2026-3", date(2026, 11, 20), SECOND[:4])
    publish("2026-9", date(2026, 11, 20), SECOND[:1], flow="RGPH-2024")
    assert first["items"] + every(reader, first["next"]) == whole
    assert len(get(reader, f"{API}/observations?dataflow=ASYLUM&after=0")["items"]) == 4


def test_pages_of_a_withdrawn_edition_end_with_its_withdrawal(second: Edition, reader: Client) -> None:
    first = get(reader, f"{API}/observations?dataflow=ASYLUM&limit=5")
    reason = Text("Erreur", "خطأ", "Mistake")
    withdraw(actor=System("release"), at=datetime(2026, 11, 3, tzinfo=UTC), edition=second, reason=reason)
    answer = reader.get(first["next"])
    assert (answer.status_code, json.loads(answer.content)["rule"]) == (404, "pages.ended")


def test_a_cell_without_a_number_has_null_and_says_why(second: Edition, reader: Client) -> None:
    found = every(reader, f"{API}/observations?dataflow=ASYLUM&limit=3")
    assert [each["value"] for each in found] == [row[5] for row in SECOND]
    assert {(each["state"], each["obs_status"], each["conf_status"]) for each in found if each["value"] is None} == {
        ("withheld", "Q", "C"),
        ("withheld", "Q", "D"),
        ("not_applicable", "M", "F"),
    }
    assert found[0]["low"] == 3800.5
    assert found[4]["breakdown"] == {"citizenship": "NGA", "sex": "F"}


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("dataflow=ASYLUM", 7),
        ("dataflow=ASYLUM&edition=2026-1", 4),
        ("dataflow=ASYLUM&edition=latest", 7),
        ("dataflow=ASYLUM&asOf=2026-10-20", 4),
        ("asOf=2026-09-01", 0),
        ("dataflow=ASYLUM&breakdown=total", 4),
        ("dataflow=ASYLUM&breakdown=sex=F;citizenship=NGA", 1),
        ("dataflow=ASYLUM&state=withheld", 2),
        ("dataflow=ASYLUM&period_from=2024&period_to=2024-12", 5),
        ("indicator=STK-01", 1),
        ("dataflow=ASYLUM&area=MAR", 6),
        ("area=nowhere", 0),
    ],
)
def test_observations_are_chosen(second: Edition, reader: Client, query: str, count: int) -> None:
    assert len(every(reader, f"{API}/observations?{query}&limit=1000")) == count


@pytest.mark.parametrize(
    ("address", "status", "rule"),
    [
        ("observations?limit=0", 422, "parameter.malformed"),
        ("observations?limit=many", 422, "parameter.malformed"),
        ("observations?state=gone", 422, "parameter.malformed"),
        ("observations?after=x", 422, "parameter.malformed"),
        ("observations?edition=2026-1", 404, "edition.of_what"),
        ("observations?dataflow=NONE", 404, "dataflow.unknown"),
        ("observations?dataflow=ASYLUM&edition=2030-1", 404, "edition.unknown"),
        ("observations?breakdown=sex", 422, "parameter.malformed"),
        ("observations?period_from=yesterday", 422, "parameter.malformed"),
        ("observations?asOf=soon", 422, "parameter.malformed"),
        ("indicators/NONE", 404, "indicator.unknown"),
        ("areas/NONE", 404, "area.unknown"),
        ("codelists/NONE", 404, "codelist.unknown"),
        ("dataflows/NONE", 404, "dataflow.unknown"),
        ("dataflows/ASYLUM/editions/NONE", 404, "edition.unknown"),
        ("changes?dataflow=ASYLUM&from=2026-1", 422, "parameter.malformed"),
        ("changes?dataflow=ASYLUM&from=2026-1&to=x", 404, "edition.unknown"),
        ("search", 422, "parameter.malformed"),
        ("search?q=a%00", 400, "request.character"),
        ("nothing", 404, "address.unknown"),
    ],
)
def test_a_refusal_says_its_rule(second: Edition, reader: Client, address: str, status: int, rule: str) -> None:
    answer = reader.get(f"{API}/{address}")
    told = json.loads(answer.content)
    assert (answer.status_code, told["status"], told["rule"]) == (status, status, rule)
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["Access-Control-Allow-Origin"] == "*"


def test_the_catalogue_of_the_api(second: Edition, reader: Client) -> None:
    indicators = every(reader, f"{API}/indicators?limit=2")
    assert [each["code"] for each in indicators] == sorted(each["code"] for each in indicators)
    assert len(indicators) == 7
    assert len(every(reader, f"{API}/indicators?theme=housing")) == 3
    assert set(get(reader, f"{API}/indicators/FLW-02")["definition"]) == {"fr", "ar", "en"}
    assert [each["code"] for each in every(reader, f"{API}/areas?level=arrondissement")] == [
        "04.421.01.05",
        "04.421.01.06",
    ]
    assert get(reader, f"{API}/areas/04.421.01.05")["sdmx_code"] == "04_421_01_05"
    assert "citizenship" in get(reader, f"{API}/codelists")
    assert [each["code"] for each in get(reader, f"{API}/codelists/sex")["codes"]] == ["_T", "F", "M"]
    flows = {each["code"]: each["latest"] for each in get(reader, f"{API}/dataflows")}
    assert flows == {"RGPH-2014": "2026-1", "RGPH-2024": "2026-1", "ASYLUM": "2026-2"}
    editions = get(reader, f"{API}/dataflows/ASYLUM/editions")
    assert [each["number"] for each in editions] == ["2026-2", "2026-1"]
    assert get(reader, f"{API}/dataflows/ASYLUM/editions/latest?asOf=2026-10-02")["number"] == "2026-1"
    for address in editions[0]["files"].values():
        assert body(reader.get(address))
    assert [each["code"] for each in every(reader, f"{API}/figures?limit=2")] == ["F1", "F2", "F3", "F4", "F5"]
    assert get(reader, f"{API}/search?q=asylum&lang=en")[0]["code"] == "ASYLUM"


def test_changes_come_in_pages(second: Edition, reader: Client) -> None:
    whole = every(reader, f"{API}/changes?dataflow=ASYLUM&from=2026-1&to=2026-2&limit=100")
    assert every(reader, f"{API}/changes?dataflow=ASYLUM&from=2026-1&to=2026-2&limit=1") == whole
    assert sorted(each["change"] for each in whole) == ["added"] * 4 + ["removed", "revised"]


def test_what_has_not_changed_is_not_sent_again(second: Edition, reader: Client) -> None:
    first = reader.get(f"{API}/indicators")
    again = reader.get(f"{API}/indicators", headers={"if-none-match": f"W/{first['ETag']}"})
    assert (again.status_code, again.content) == (304, b"")
    assert again["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    "address", ["observations?limit=500", "indicators", "areas", "dataflows", "figures", "dataflows/ASYLUM"]
)
def test_the_number_of_queries_does_not_grow(
    second: Edition,
    reader: Client,
    django_assert_max_num_queries: Any,
    publish: Callable[..., Edition],
    address: str,
) -> None:
    for number in range(3, 9):
        many = [("FLW-02", "MAR", f"{year}", {}, "value", 1.0, "", None, None, "A") for year in range(1950, 2010)]
        publish(f"2026-{number}", date(2026, 11, 10 + number), many)
    with django_assert_max_num_queries(14):
        get(reader, f"{API}/{address}")


def test_the_description_declares_what_is_answered(second: Edition, reader: Client) -> None:
    described = get(reader, f"{API}/openapi.json")
    assert described["openapi"].startswith("3.1")
    for operations in described["paths"].values():
        assert set(operations["get"]["responses"]) == {"200", "400", "404", "410", "422"}


def test_only_open_answers_are_open_to_any_origin(second: Edition, reader: Client) -> None:
    assert reader.post(f"{API}/indicators").status_code == 405
    assert reader.options(f"{API}/indicators")["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    assert reader.head(f"{API}/indicators").status_code == 200
    for page in ("/fr/", "/fr/indicators/", "/fr/search/"):
        assert "Access-Control-Allow-Origin" not in reader.get(page)


def test_a_service_answers_where_catalogues_say_it_stands(second: Edition, reader: Client) -> None:
    for service, offered in (("/api/v1/", f"{API}/openapi.json"), ("/sdmx/", "/sdmx/structure/dataflow")):
        answer = reader.get(service)
        assert (answer.status_code, answer["Location"]) == (302, offered)
        assert reader.get(offered).status_code == 200


def test_a_program_that_posts_is_told_of_the_method(second: Edition) -> None:
    answer = Client(enforce_csrf_checks=True).post(f"/data/{second.dataflow_id}/latest/data.csv")
    assert (answer.status_code, answer["Content-Type"]) == (405, "application/problem+json")
