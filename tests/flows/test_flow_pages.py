"""The pages of the flow: what a producer's stop takes away is what the editions say."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client

from marsad.audit.rules import System
from marsad.catalogue.models import Indicator
from marsad.coordination.flows.graph import code_of
from marsad.dissemination.models import Observation
from marsad.dissemination.queries import current_publication
from marsad.observatory import flow_map
from marsad.observatory.page_cache import shelf

AT = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db(databases=["default", "confidential"])


def test_a_producer_alone_takes_its_indicators_with_it(small_city: Any) -> None:
    publication = current_publication()
    assert publication is not None
    whole = flow_map.graph(publication)
    for node in whole.of_kind("producer"):
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
        stop = flow_map.stop_of(code_of(node), publication)
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
    for one in flow_map.stop_of("office", publication).indicators:
        assert f"/fr/indicators/{one.code}/" in page
    assert client.get("/fr/flows/stop/nobody/").status_code == 404
    rows = list(csv.reader(io.StringIO(client.get("/fr/flows.csv").content.decode("utf-8-sig"))))
    assert rows[0][0] == "producer"
    assert len(rows) == 1


def test_the_indicators_on_governance_count_what_stands(small_city: Any) -> None:
    publication = current_publication()
    assert publication is not None
    found = flow_map.computed_today(publication, today=date(2026, 10, 5))
    assert set(found) == {"GOV-02", "GOV-03", "GOV-04", "GOV-05", "GOV-06"}
    assert found["GOV-02"].whole == Indicator.objects.exclude(code__startswith="CTX-").count()
    assert found["GOV-04"].value is None
    assert found["GOV-05"].value is None


def test_rabat_without_unhcr(rabat: Any) -> None:
    from marsad.observatory.operations import load_city

    load_city(pack=rabat, actor=System("test"), at=AT)
    shelf.clear()
    publication = current_publication()
    assert publication is not None
    stop = flow_map.stop_of("unhcr", publication)
    assert len(stop.dataflows) >= 2
    assert len(stop.indicators) >= 3
    page = Client().get("/ar/flows/").content.decode()
    assert "/ar/flows/stop/unhcr/" in page
    page = Client().get("/fr/indicators/GOV-06/").content.decode()
    assert "data-computed" in page
    number = publication.number
    assert "data-computed" not in Client().get(f"/fr/e/{number}/indicators/GOV-06/").content.decode()
