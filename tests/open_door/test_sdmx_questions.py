"""What may be asked in SDMX REST, and what is refused with which rule."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client

from marsad.audit.rules import System
from marsad.dissemination import queries_open
from marsad.dissemination.models import Edition
from marsad.dissemination.operations import withdraw
from migstat.model import Text
from open_door.conftest import SECOND, body

FLOW = "/sdmx/data/dataflow/SMALL/ASYLUM/2.0"


def rows(reader: Client, address: str) -> list[dict[str, str]]:
    answer = reader.get(address, headers={"accept": "text/csv"})
    assert answer.status_code == 200, answer.content
    return list(csv.DictReader(io.StringIO(body(answer).decode())))


def times(reader: Client, address: str) -> list[str]:
    return [row["TIME_PERIOD"] for row in rows(reader, address)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("question", "count"),
    [
        ("*", 7),
        ("*.*.*.*.*", 7),
        ("....", 7),
        ("FLW-02.MAR._T._T.*", 3),
        ("FLW-02.MAR.NER+NGA._T.*", 2),
        ("STK-01.*.*.*.*,FLW-02.MAR.NER.*.*", 2),
        ("*?c[REF_AREA]=04_421", 1),
        ("*?c[CITIZENSHIP]=ne:_T", 3),
        ("*?c[CITIZENSHIP]=sw:N&c[SEX]=F", 1),
        ("*?c[INDICATOR]=STK-01,FLW-02", 7),
        ("*?c[TIME_PERIOD]=2024", 5),
        ("*?c[TIME_PERIOD]=ge:2023%2Ble:2023", 1),
        ("*?c[TIME_PERIOD]=lt:2024,gt:2025-12", 2),
        ("*?c[TIME_PERIOD]=ge:2026%2Ble:2026,ge:2023%2Ble:2023", 2),
        ("*?c[CITIZENSHIP]=_T,NGA%2BNER", 4),
        ("*?c[CITIZENSHIP]=ne:NER%2Bne:_T", 2),
        ("*?c[OBS_VALUE]=ge:3900%2Ble:3900,12.5", 2),
        ("*?limit=3", 3),
        ("*?offset=5&limit=9", 2),
        ("*?startPeriod=2024&endPeriod=2024-12", 5),
        ("*?c[CONF_STATUS]=C,D", 2),
        ("*?c[OBS_STATUS]=ne:A", 5),
        ("*?c[OBS_VALUE]=ge:3900", 2),
        ("*?c[OBS_VALUE]=0", 1),
        ("FLW-02.MAR._T._T.*?lastNObservations=1", 1),
        ("FLW-02.MAR._T._T.*?firstNObservations=1&lastNObservations=1", 2),
        ("*?firstNObservations=1", 5),
    ],
)
def test_a_question_finds_its_observations(second: Edition, reader: Client, question: str, count: int) -> None:
    assert len(rows(reader, f"{FLOW}/{question}")) == count


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    [
        "/sdmx/data/ASYLUM",
        "/sdmx/data/ASYLUM/all",
        "/sdmx/data/SMALL,ASYLUM,2.0/all/all",
        "/sdmx/data/SMALL,ASYLUM/..../SMALL",
        "/sdmx/data/dataflow/SMALL/ASYLUM/2.0/*.MAR,*.04_421",
        "/sdmx/data/dataflow/*/ASYLUM",
        "/sdmx/data/dataflow/all/ASYLUM/latest/all",
        "/sdmx/data/dataflow/SMALL/ASYLUM/~/*",
        "/sdmx/data/dataflow/SMALL/ASYLUM/2.0+/*",
        "/sdmx/data/datastructure/SMALL/DSD_ASYLUM/2.0/*",
        "/sdmx/data/*/SMALL/ASYLUM/*/*",
        "/sdmx/data/dataflow/SMALL/ASYLUM/",
        "/sdmx/data/dataflow/SMALL/ASYLUM/1+.0/*",
        "/sdmx/data/dataflow/SMALL/ASYLUM/9.0,2.*/*",
    ],
)
def test_the_paths_of_both_generations_lead_to_the_same(second: Edition, reader: Client, address: str) -> None:
    assert len(rows(reader, address)) == 7


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "status", "rule"),
    [
        (f"{FLOW}/FLW-02.MAR._T._T.*.*", 400, "sdmx.key_length"),
        (f"{FLOW}/{','.join(['....'] * 41)}", 400, "sdmx.keys"),
        (f"{FLOW}/*?c[NOTHING]=1", 400, "sdmx.component_unknown"),
        (f"{FLOW}/*?c[SEX]=gt:F", 400, "sdmx.order"),
        (f"{FLOW}/*?c[SEX]=between:F", 400, "sdmx.operator"),
        (f"{FLOW}/*?c[TIME_PERIOD]=yesterday", 400, "period.form"),
        (f"{FLOW}/*?c[TIME_PERIOD]=co:2024", 400, "sdmx.time_operator"),
        (f"{FLOW}/*?c[OBS_VALUE]=ge:many", 400, "sdmx.number"),
        (f"{FLOW}/*?asOf=soon", 400, "sdmx.asOf"),
        (f"{FLOW}/*?asOf=2020-01-01", 404, "sdmx.no_edition"),
        (f"{FLOW}/*?updatedAfter=9999", 400, "sdmx.updatedAfter"),
        (f"{FLOW}/*?updatedAfter=2026-11-02&asOf=2026-10-15", 400, "sdmx.updatedAfter"),
        (f"{FLOW}/*?sort=TIME_PERIOD:desc", 501, "sdmx.sort"),
        (f"{FLOW}/*?limit=2&includeHistory=true", 501, "sdmx.limit"),
        (f"{FLOW}/*?limit=0", 400, "sdmx.limit"),
        (f"{FLOW}/*?offset=7", 404, "sdmx.no_results"),
        (f"{FLOW}/*?includeHistory=perhaps", 400, "sdmx.includeHistory"),
        (f"{FLOW}/*?firstNObservations=0", 400, "sdmx.firstNObservations"),
        (f"{FLOW}/*?lastNObservations=-1", 400, "sdmx.lastNObservations"),
        (f"{FLOW}/*?dimensionAtObservation=X", 400, "sdmx.dimension_at_observation"),
        (f"{FLOW}/*?attributes=X", 400, "sdmx.attributes"),
        (f"{FLOW}/*?measures=X", 400, "sdmx.measures"),
        (f"{FLOW}/*?detail=nodata", 501, "sdmx.detail"),
        (f"{FLOW}/*?format=parquet", 406, "sdmx.format"),
        (f"{FLOW}/*?format=csv&labels=some", 400, "sdmx.csv"),
        (f"{FLOW}/XX.*.*.*.*", 404, "sdmx.no_results"),
        ("/sdmx/data/dataflow/SMALL/ASYLUM/1.0/*", 404, "sdmx.flow_unknown"),
        ("/sdmx/data/dataflow/SMALL/ASYLUM/one/*", 400, "sdmx.version"),
        ("/sdmx/data/dataflow/ELSE/ASYLUM", 404, "sdmx.flow_unknown"),
        ("/sdmx/data/dataflow/*/*", 501, "sdmx.several_flows"),
        ("/sdmx/data", 501, "sdmx.several_flows"),
        ("/sdmx/data/dataflow/SMALL", 501, "sdmx.several_flows"),
        ("/sdmx/availability/dataflow", 501, "sdmx.several_flows"),
        ("/sdmx/schema/dataflow/SMALL/ASYLUM", 501, "sdmx.schema"),
        ("/sdmx/nothing/", 404, "address.unknown"),
        ("/sdmx/data/dataflow/SMALL/ASYLUM/2.1+/*", 404, "sdmx.flow_unknown"),
        ("/sdmx/data/dataflow/SMALL/ASYLUM/1+.0+/*", 400, "sdmx.version"),
        ("/sdmx/data/provisionagreement/SMALL/ASYLUM", 404, "sdmx.no_results"),
        ("/sdmx/data/ASYLUM/all/ELSE", 404, "sdmx.no_results"),
        ("/sdmx/data/A,B,1.0,D", 400, "sdmx.flow"),
        ("/sdmx/structure/nonsense", 400, "sdmx.kind"),
        ("/sdmx/structure/hierarchy", 404, "sdmx.no_results"),
        ("/sdmx/structure/codelist/SMALL/CL_NONE", 404, "sdmx.no_results"),
        ("/sdmx/structure/codelist/SMALL/CL_SEX/1.0/X", 404, "sdmx.no_results"),
        ("/sdmx/structure/dataflow?references=cousins", 400, "sdmx.references"),
        ("/sdmx/structure/dataflow?detail=some", 400, "sdmx.structure_detail"),
        ("/sdmx/availability/dataflow/SMALL/ASYLUM/2.0/*/OBS_VALUE", 501, "sdmx.availability"),
        ("/sdmx/availability/dataflow/SMALL/ASYLUM/2.0/*?mode=some", 400, "sdmx.mode"),
    ],
)
def test_a_malformed_question_is_told_its_rule(
    second: Edition, reader: Client, address: str, status: int, rule: str
) -> None:
    answer = reader.get(address)
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["Access-Control-Allow-Origin"] == "*"
    told = json.loads(answer.content)
    assert (told["rule"], told["status"]) == (rule, status)
    assert told["found"]
    assert told["remedy"]


@pytest.mark.django_db
@pytest.mark.parametrize("form", ["csv", "json", "xml"])
def test_no_format_gives_a_withheld_or_missing_cell_a_number(second: Edition, reader: Client, form: str) -> None:
    text = body(reader.get(f"{FLOW}/FLW-02.MAR.NER._T.*?format={form}&attributes=CONF_STATUS")).decode()
    if form == "csv":
        assert text.splitlines()[1].endswith("registered,2024,,C")
    elif form == "json":
        (held,) = [s["observations"] for s in json.loads(text)["data"]["dataSets"][0]["series"].values()]
        assert held == {"0": [None, 0]}
    else:
        assert '<Obs TIME_PERIOD="2024" CONF_STATUS="C"/>' in text


@pytest.mark.django_db
def test_the_value_zero_is_said_and_an_interval_travels(second: Edition, reader: Client) -> None:
    zero = rows(reader, f"{FLOW}/FLW-02.MAR.NGA.F.*")[0]
    assert (zero["OBS_VALUE"], zero["OBS_STATUS"], zero["CONF_STATUS"]) == ("0", "A", "F")
    estimate = rows(reader, f"{FLOW}/FLW-02.MAR._T._T.*?c[TIME_PERIOD]=2023")[0]
    assert (estimate["LOWER_BOUND"], estimate["UPPER_BOUND"], estimate["OBS_STATUS"]) == ("3800.5", "4000", "E")
    assert (estimate["SOURCE"], estimate["POPULATION_BASE"]) == ("census", "registered")
    assert estimate["METHOD"] == "/en/indicators/FLW-02/#method"


@pytest.mark.django_db
def test_as_of_gives_the_edition_of_that_day(second: Edition, reader: Client) -> None:
    for moment, edition in [("2026-10-01", "2026-1"), ("2026-11-01T23:59:59Z", "2026-1"), ("2026-11-02", "2026-2")]:
        found = rows(reader, f"{FLOW}/*?asOf={moment}")
        assert {row["EDITION"] for row in found} == {edition}


@pytest.mark.django_db
def test_history_gives_every_edition_the_latest_first(second: Edition, reader: Client) -> None:
    found = rows(reader, f"{FLOW}/FLW-02.MAR._T._T.*?includeHistory=true")
    assert [row["EDITION"] for row in found] == ["2026-2"] * 3 + ["2026-1"] * 3
    text = body(reader.get(f"{FLOW}/*?includeHistory=true&format=json")).decode()
    lives = [(each.get("validFrom"), each.get("validTo")) for each in json.loads(text)["data"]["dataSets"]]
    assert lives == [("2026-11-02T00:00:00Z", None), ("2026-10-01T00:00:00Z", "2026-11-02T00:00:00Z")]


@pytest.mark.django_db
def test_updated_after_gives_what_was_revised_and_what_was_removed(second: Edition, reader: Client) -> None:
    found = rows(reader, f"{FLOW}/*?updatedAfter=2026-10-15")
    assert sorted((row["ACTION"], row["CITIZENSHIP"], row["TIME_PERIOD"]) for row in found) == [
        ("D", "_T", "2025"),
        ("R", "NGA", "2024"),
        ("R", "NGA", "2024"),
        ("R", "_T", "2023"),
        ("R", "_T", "2024"),
        ("R", "_T", "2026-01-01/P5M"),
    ]
    assert reader.get(f"{FLOW}/*?updatedAfter=2026-11-02").status_code == 404
    assert len(rows(reader, f"{FLOW}/*?updatedAfter=2020-01-01")) == 7
    assert len(rows(reader, f"{FLOW}/*?updatedAfter=2026-10-15&c[CONF_STATUS]=D")) == 1


@pytest.mark.django_db
def test_who_read_an_edition_since_withdrawn_is_told_what_to_forget(second: Edition, reader: Client) -> None:
    reason = Text("Erreur", "خطأ", "Mistake")
    withdraw(actor=System("release"), at=datetime(2026, 11, 3, 10, tzinfo=UTC), edition=second, reason=reason)
    flow = "/sdmx/data/dataflow/SMALL/ASYLUM/*/*"
    in_force = rows(reader, flow)
    told = rows(reader, f"{flow}?updatedAfter=2026-11-03T09:00:00Z")
    assert {row["EDITION"] for row in in_force} == {"2026-1"}
    assert [row | {"ACTION": "I"} for row in told if row["ACTION"] == "R"] == in_force
    deleted = [row for row in told if row["ACTION"] == "D"]
    assert {row["INDICATOR"] for row in deleted} == {"STK-01", "FLW-02"}
    assert not {tuple(row.values())[3:8] for row in deleted} & {tuple(row.values())[3:8] for row in in_force}
    assert {row["OBS_VALUE"] + row["LOWER_BOUND"] + row["NOTE_EN"] for row in deleted} == {""}
    valued = rows(reader, f"{flow}?updatedAfter=2026-11-03T09:00:00Z&c[OBS_VALUE]=ge:0")
    assert "D" not in {row["ACTION"] for row in valued}
    assert reader.get(f"{flow}?updatedAfter=2026-11-03T11:00:00Z").status_code == 404


@pytest.mark.django_db
def test_a_reader_who_has_it_is_told_so_before_anything_is_read(
    second: Edition, reader: Client, django_assert_max_num_queries: Any, publish: Callable[..., Edition]
) -> None:
    address = f"{FLOW}/*?format=csv"
    first = reader.get(address)
    body(first)
    with django_assert_max_num_queries(6):
        again = reader.get(address, headers={"if-none-match": f"W/{first['ETag']}"})
    assert (again.status_code, again.content) == (304, b"")
    publish("2026-3", date(2026, 11, 20), SECOND[:2])
    assert reader.get(address, headers={"if-none-match": first["ETag"]}).status_code == 200


@pytest.mark.django_db
def test_the_number_of_queries_does_not_grow_with_the_observations(
    second: Edition, reader: Client, django_assert_max_num_queries: Any, publish: Callable[..., Edition]
) -> None:
    many = [
        ("FLW-02", "MAR", f"{year}-{month:02}", {}, "value", float(year), "", None, None, "A")
        for year in range(1950, 2020)
        for month in range(1, 13)
    ]
    publish("2026-3", date(2026, 11, 20), many)
    for form in ("csv", "xml", "json"):
        with django_assert_max_num_queries(12):
            assert len(body(reader.get(f"{FLOW}/*?format={form}"))) > 40_000


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("*/*", "application/vnd.sdmx.data+xml;version=3.0.0"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "application/vnd.sdmx.data+xml;version=3.0.0"),
        ("application/vnd.sdmx.data+csv;version=2.0.0", "application/vnd.sdmx.data+csv;version=2.0.0"),
        ("application/vnd.sdmx.data+json", "application/vnd.sdmx.data+json;version=2.0.0"),
        ("application/json;q=0.5, text/csv;q=0.9", "application/vnd.sdmx.data+csv;version=2.0.0"),
        ("application/vnd.sdmx.data+json;version=1.0.0, text/csv;q=0.2", "application/vnd.sdmx.data+csv;version=2.0.0"),
        ('application/vnd.sdmx.data+json; version="2.0.0"', "application/vnd.sdmx.data+json;version=2.0.0"),
        ("application/vnd.sdmx.data+json;version=1+.0.0", "application/vnd.sdmx.data+json;version=2.0.0"),
        ("application/vnd.sdmx.data+xml;q=0, application/*", "application/vnd.sdmx.data+json;version=2.0.0"),
        ("*/*;q=0.9, application/xml;q=0.1, text/csv;q=0.5", "application/vnd.sdmx.data+json;version=2.0.0"),
        ("text/*, */*;q=0.1", "application/vnd.sdmx.data+csv;version=2.0.0"),
    ],
)
def test_the_reader_chooses_the_format(second: Edition, reader: Client, accept: str, content_type: str) -> None:
    answer = reader.get(f"{FLOW}/*", headers={"accept": accept})
    body(answer)  # read to its end: what is left open would close in another test's transaction
    assert answer["Content-Type"] == content_type
    assert "Accept" in answer["Vary"]
    assert reader.get(f"{FLOW}/*", headers={"accept": "image/png"}).status_code == 406
    assert reader.get(f"{FLOW}/*", headers={"accept": "text/csv;q=0"}).status_code == 406


@pytest.mark.django_db
def test_labels_and_keys_of_csv(second: Edition, reader: Client) -> None:
    both = body(reader.get(f"{FLOW}/*?format=csv&labels=both")).decode().splitlines()
    assert both[0].startswith("STRUCTURE,STRUCTURE_ID,ACTION,INDICATOR: Indicator,")
    assert "REF_AREA" not in both[1]
    assert ",MAR: Morocco," in "\n".join(both)
    named = next(csv.reader([body(reader.get(f"{FLOW}/*?format=csv&labels=name")).decode().splitlines()[0]]))
    assert named[:5] == ["STRUCTURE", "STRUCTURE_ID", "STRUCTURE_NAME", "ACTION", "INDICATOR"]
    keyed = rows(reader, f"{FLOW}/STK-01.*.*.*.*?keys=both")[0]
    assert (keyed["SERIES_KEY"], keyed["OBS_KEY"]) == (
        "STK-01.04_421._T._T.registered",
        "STK-01.04_421._T._T.registered.2024",
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "kinds"),
    [
        ("dataflow/SMALL/ASYLUM", {"dataflows": 1}),
        ("dataflow/SMALL/ASYLUM?references=children", {"dataflows": 1, "dataStructures": 1}),
        ("codelist/SMALL/CL_SEX", {"codelists": 1}),
        ("codelist/SMALL/CL_SEX?references=parents", {"codelists": 1, "dataStructures": 3}),
        ("codelist/SMALL/CL_SEX?references=dataflow", {"codelists": 1, "dataflows": 3}),
        ("codelist/SMALL/CL_SEX?references=dataflow,parents", {"codelists": 1, "dataflows": 3, "dataStructures": 3}),
        ("*/*/*/~/F", {"codelists": 2}),
        ("codelist/SMALL/CL_SEX,CL_MILIEU/1.0", {"codelists": 2}),
        ("agencyscheme/SDMX/AGENCIES", {"agencySchemes": 1}),
        ("conceptscheme", {"conceptSchemes": 1}),
        ("datastructure/*/*/*", {"dataStructures": 3}),
    ],
)
def test_structures_come_with_what_is_asked_for(
    second: Edition, reader: Client, address: str, kinds: dict[str, int]
) -> None:
    content = json.loads(body(reader.get(f"/sdmx/structure/{address}", headers={"accept": "application/json"})))
    assert {kind: len(found) for kind, found in content["data"].items()} == kinds


@pytest.mark.django_db
def test_an_item_of_a_scheme_is_asked_for_alone(second: Edition, reader: Client) -> None:
    content = json.loads(body(reader.get("/sdmx/structure/codelist/SMALL/CL_SEX/1.0/F?format=json")))
    (codelist,) = content["data"]["codelists"]
    assert ([each["id"] for each in codelist["codes"]], codelist["isPartial"]) == (["F"], True)
    older = reader.get("/sdmx/codelist/SMALL/CL_SEX", headers={"accept": "application/json"})
    assert older.status_code == 200


@pytest.mark.django_db
def test_references_come_as_stubs_or_in_the_part_that_is_used(second: Edition, reader: Client) -> None:
    address = "/sdmx/structure/dataflow/SMALL/ASYLUM?format=json&references=descendants&detail="
    told = {detail: json.loads(body(reader.get(address + detail)))["data"] for detail in ("referencestubs", "full")}
    assert told["referencestubs"]["dataflows"] == told["full"]["dataflows"]
    assert all(each["isExternalReference"] for each in told["referencestubs"]["codelists"])
    (partial,) = json.loads(body(reader.get(address + "referencepartial")))["data"]["conceptSchemes"]
    (whole,) = told["full"]["conceptSchemes"]
    assert partial["isPartial"] is True
    assert 0 < len(partial["concepts"]) < len(whole["concepts"])


def available(reader: Client, question: str) -> tuple[dict[str, list[str]], dict[str, str], Any]:
    """The codes by dimension, the counts, and the whole content of an answer on availability."""
    address = f"/sdmx/availability/dataflow/SMALL/ASYLUM/2.0/{question}"
    content = json.loads(body(reader.get(address, headers={"accept": "application/json"})))["data"]
    (constraint,) = content["dataConstraints"]
    values = constraint["cubeRegions"][0].get("keyValues", [])
    codes = {each["id"]: [value["value"] for value in each.get("values", [])] for each in values}
    return codes, {each["id"]: each["title"] for each in constraint["annotations"]}, content


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("question", "observations", "citizenships"),
    [
        ("*", "7", ["NER", "NGA", "_T"]),
        ("*?c[OBS_VALUE]=ge:3900", "2", ["_T"]),
        ("*?c[CONF_STATUS]=C", "1", ["NER"]),
        ("*?c[CONF_STATUS]=C&mode=available", "1", ["NER"]),
        ("*?updatedAfter=2026-10-15", "6", ["NGA", "_T"]),
        ("*?updatedAfter=2026-11-02", "0", []),
        ("*?updatedAfter=2020-01-01", "7", ["NER", "NGA", "_T"]),
    ],
)
def test_what_is_available_is_what_the_question_would_find(
    second: Edition, reader: Client, question: str, observations: str, citizenships: list[str]
) -> None:
    codes, counts, _ = available(reader, question)
    assert counts["obs_count"] == observations
    assert codes.get("CITIZENSHIP", []) == citizenships


@pytest.mark.django_db
def test_availability_brings_the_codes_that_there_are_alone(second: Edition, reader: Client) -> None:
    _, _, content = available(reader, "*?c[CITIZENSHIP]=NER&references=codelist,dataflow")
    lists = {each["id"]: [code["id"] for code in each["codes"]] for each in content["codelists"]}
    assert lists["CL_CITIZENSHIP"] == ["_T", "NER"]  # with what it is a part of
    assert len(content["dataflows"]) == 1


@pytest.mark.django_db
def test_only_reading_is_offered_and_from_any_origin(second: Edition, reader: Client) -> None:
    assert reader.post(f"{FLOW}/*").status_code == 405
    before = reader.options(f"{FLOW}/*")
    assert (before.status_code, before["Access-Control-Allow-Origin"]) == (204, "*")
    answer = reader.get(f"{FLOW}/*")
    body(answer)
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert not answer.cookies
    assert "Access-Control-Allow-Origin" not in reader.get("/en/")


@pytest.mark.django_db
def test_the_structures_of_many_editions_are_asked_for_together(
    second: Edition, reader: Client, django_assert_max_num_queries: Any, publish: Callable[..., Edition]
) -> None:
    for year in range(2027, 2034):
        publish(f"{year}-1", date(year, 1, 20), SECOND[:2])
    queries_open._LISTS.clear()
    with django_assert_max_num_queries(12):
        answer = reader.get("/sdmx/structure/dataflow?references=all&format=json")
        assert answer.status_code == 200
        body(answer)
    assert len(queries_open._LISTS) >= 8
