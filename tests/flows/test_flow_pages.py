"""The pages of the flow: what a producer's stop takes away is what the editions say."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client

from agreements.made import cast, in_force, terms
from marsad.audit.rules import System
from marsad.catalogue.models import Indicator
from marsad.coordination.agreements.operations import note_delivery
from marsad.coordination.agreements.rules import DeliveryFact, DeliveryState
from marsad.coordination.flows.graph import FlowGraph, code_of
from marsad.coordination.needs.operations import answer_need, state_need
from marsad.dissemination.models import Edition, Observation
from marsad.dissemination.queries import current_publication
from marsad.observatory import flow_map
from marsad.observatory.flow_book import FlowBook, Shown
from marsad.observatory.flow_drawing import drawing
from marsad.observatory.page_cache import shelf
from needs.made import NEED

AT = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db(databases=["default", "confidential"])


def test_a_producer_alone_takes_its_indicators_with_it(small_city: Any) -> None:
    publication = current_publication()
    assert publication is not None
    book = FlowBook(publication, AT.date())
    for node in book.graph.of_kind("producer"):
        mine = set(
            Observation.objects.filter(edition__dataflow__source__publisher=code_of(node)).values_list(
                "indicator_id", flat=True
            )
        )
        others = set(
            Observation.objects.exclude(edition__dataflow__source__publisher=code_of(node)).values_list(
                "indicator_id", flat=True
            )
        )
        stop = flow_map.stop_of(code_of(node), book)
        assert {one.code for one in stop.indicators} == mine - others
        assert {one.code for one in stop.weakened} == mine & others


def test_the_pages_open_in_three_languages_and_name_what_falls(small_city: Any) -> None:
    client = Client()
    for language in ("fr", "ar", "en"):
        for path in ("flows/", "flows/stop/office/", "organisations/office/changed/"):
            assert client.get(f"/{language}/{path}").status_code == 200, path
    page = client.get("/fr/flows/stop/office/").content.decode()
    publication = current_publication()
    assert publication is not None
    for one in flow_map.stop_of("office", FlowBook(publication, AT.date())).indicators:
        assert f"/fr/indicators/{one.code}/" in page
    assert client.get("/fr/flows/stop/nobody/").status_code == 404
    rows = list(csv.reader(io.StringIO(client.get("/fr/flows.csv").content.decode("utf-8-sig"))))
    assert rows[0][0] == "producer"
    assert len(rows) == 1


def test_a_withheld_cell_says_how_fresh_its_edition_is() -> None:
    book = FlowBook(None, date(2026, 10, 5))  # type: ignore[arg-type]
    cell = Shown("D", "I", "", date(2025, 12, 31), 1, date(2026, 1, 10), "withheld")
    vars(book)["shown"] = [cell, cell._replace(end=date(2026, 12, 31), state="missing")]
    found = flow_map.computed_of("GOV-03", book)
    assert found is not None
    assert found.value == 10


def test_a_breakdown_of_long_ago_covers_nothing_of_today() -> None:
    book = FlowBook(None, date(2026, 10, 5))  # type: ignore[arg-type]
    cell = Shown("D", "I", "citizenship=SEN;sex=F", date(2014, 9, 1), 1, date(2016, 1, 10), "value")
    recent = cell._replace(key="sex=F", end=date(2025, 12, 31))
    vars(book)["indicators"] = {"I": None}
    for shown, covered in (([cell, recent], 0), ([recent, recent._replace(key="citizenship=SEN")], 1)):
        vars(book)["shown"] = shown
        found = flow_map.computed_of("GOV-02", book)
        assert found is not None
        assert found.part == covered


def test_the_indicators_on_governance_count_what_stands(small_city: Any) -> None:
    publication = current_publication()
    assert publication is not None
    found = flow_map.computed_today(FlowBook(publication, date(2026, 10, 5)))
    assert set(found) == {"GOV-02", "GOV-03", "GOV-04", "GOV-05", "GOV-06"}
    assert found["GOV-02"].whole == Indicator.objects.exclude(code__startswith="CTX-").count()
    assert found["GOV-04"].value is None
    assert found["GOV-05"].value is None


def test_the_pages_ask_few_questions_however_many_agreements_there_are(
    small_city: Any, django_assert_max_num_queries: Any
) -> None:
    people = cast()
    for number in range(3):
        in_force(people, terms(code=f"camp-{number}", dataflow=f"visits-{number}"))
        fact = DeliveryFact(
            agreement=f"camp-{number}",
            dataflow=f"visits-{number}",
            organisation="camp",
            delivery=f"{number}",
            state=DeliveryState.ACCEPTED,
            received_on=date(2026, 2, 20),
            period="2026-01",
            rows=2000,
            errors=3,
            breakdowns=("area",),
            file_format="csv",
            hours=None,
        )
        note_delivery(actor=System("test"), at=AT, fact=fact)
    publication = current_publication()
    assert publication is not None
    shelf.clear()
    with django_assert_max_num_queries(12):
        page = Client().get("/fr/flows/").content.decode()
    assert page.count("data-flow=") == 3
    with django_assert_max_num_queries(12):
        page = Client().get("/fr/organisations/camp/changed/").content.decode()
    assert page.count("data-flow=") == page.count("data-over-time=") == 3
    assert "1,5" in page  # faults per 1,000 rows


def test_what_rests_on_a_producers_data_is_told(small_city: Any) -> None:
    publication = current_publication()
    assert publication is not None
    edition = Edition.objects.filter(dataflow__source__publisher="office").first()
    assert edition is not None
    need = state_need(actor=System("test"), at=AT, content=NEED)
    answer_need(actor=System("test"), at=AT, number=need.pk, edition=edition)
    shelf.clear()
    page = Client().get("/en/organisations/office/changed/").content.decode()
    assert (NEED.decision in page) == NEED.is_public


def test_the_picture_joins_producers_datasets_and_whom_they_serve() -> None:
    graph = FlowGraph.of(
        {
            ("producer:a", "dataflow:D"),
            ("dataflow:D", "indicator:I"),
            ("indicator:I", "target:T"),
            ("producer:b", "dataflow:E"),
        }
    )
    drawn = drawing(graph, {"user:cam": "CAM"}, {"I": frozenset({"cam"})})
    assert [(one.dataflow, one.indicators, one.users) for one in drawn.rows] == [("D", 1, ("T", "CAM")), ("E", 0, ())]
    assert len(drawn.lines) == 4
    assert all(one.x < other.x for one, other in drawn.lines)


def test_a_picture_of_a_large_city_draws_what_most_rests_on_and_its_table_says_all() -> None:
    edges = {(f"producer:p{number}", f"dataflow:D{number % 90}") for number in range(300)}
    edges |= {(f"dataflow:D{number}", f"indicator:I{number}") for number in range(90)} | {
        ("dataflow:D7", "indicator:J")
    }
    asked = {f"I{number}": frozenset(f"u{number}-{one}" for one in range(5)) for number in range(90)}
    drawn = drawing(FlowGraph.of(edges), {}, asked)
    assert (drawn.dataflows, drawn.of, len(drawn.rows)) == (40, 90, 300)
    assert "dataflow:D7" in {spot.node for spot in drawn.spots}
    assert len(drawn.spots) <= 40 + 60 + 60


def test_promised_flows_have_pages_and_are_read_once(small_city: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    people = cast()
    for number in range(32):
        in_force(people, terms(code=f"camp-{number}", dataflow=f"visits-{number}"))
    shelf.clear()
    page = Client().get("/fr/flows/?q=visits&page=2").content.decode()
    assert page.count("data-flow=") == 2
    assert "?q=visits&amp;page=1" in page
    read: list[int] = []
    monkeypatch.setattr(flow_map, "rows", lambda *_, **__: read.append(1) or [])
    assert Client().get("/ar/flows/?q=visits-31").content.decode().count("data-flow=") == 1
    assert not read
    state_need(actor=System("test"), at=AT, content=NEED)
    shelf._current = (0.0, shelf._current[1])  # two seconds later
    Client().get("/ar/flows/?q=visits-30")
    assert read


def test_rabat_without_unhcr(rabat: Any) -> None:
    from marsad.observatory.operations import load_city

    load_city(pack=rabat, actor=System("test"), at=AT)
    shelf.clear()
    publication = current_publication()
    assert publication is not None
    stop = flow_map.stop_of("unhcr", FlowBook(publication, AT.date()))
    assert len(stop.dataflows) >= 2
    assert len(stop.indicators) >= 3
    weak = flow_map.bottlenecks(FlowBook(publication, AT.date()))
    assert "hcp" in {one.code for one in weak.joints if one.producer}
    stops = {target.code: cut.stops for cut in weak.cuts for target in cut.targets}
    assert stops and min(stops.values()) == 1  # some target hangs on one thread
    page = Client().get("/ar/flows/").content.decode()
    assert "/ar/flows/stop/unhcr/" in page
    joints, cut = (page.partition(mark)[2].partition("data-")[0] for mark in ("data-joints", "data-cuts"))
    assert all(f"/ar/flows/stop/{one.code}/" in joints for one in weak.joints if one.producer)
    assert all(f">{code}</bdi>" in cut for code in stops)
    page = Client().get("/fr/indicators/GOV-06/").content.decode()
    assert "data-computed" in page
    number = publication.number
    assert "data-computed" not in Client().get(f"/fr/e/{number}/indicators/GOV-06/").content.decode()
