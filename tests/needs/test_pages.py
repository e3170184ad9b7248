"""The pages of needs: who opens which, the road of a request by the pages alone, what the public sees."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

import pytest
from django.test import Client

from house.people import client_of
from marsad.coordination.needs.models import DataRequest, Need
from marsad.coordination.needs.rules import RequestMove
from marsad.observatory.page_cache import shelf
from needs.made import Cast, cast, data_request, edition, move, need

pytestmark = pytest.mark.django_db(databases=["default", "confidential"])
ROOT = "/fr/needs/"


@pytest.fixture
def people(small_city: Any) -> Cast:
    return cast()


def test_a_gap_becomes_a_request_and_a_request_an_answer(people: Cast) -> None:
    page = Client().get("/fr/gaps/?theme=housing&area=04.421").content.decode()
    start = page.index("/fr/needs/requests/new/?")
    link = page[start : page.index('"', start)].replace("&amp;", "&")
    partner, officer = client_of(people.partner), client_of(people.officer)
    form = partner.get(link)
    assert form.status_code == 200
    assert form.context["form"]["area"].value() == "04.421"
    sent = {name: form.context["form"][name].value() or "" for name in form.context["form"].fields}
    sent |= {"title": "Logement par sexe", "text": "Pour le plan", "is_public": "on"}
    made = partner.post("/fr/needs/requests/new/", sent)
    assert made.status_code == 302, form.context["form"].errors
    request = DataRequest.objects.get()
    assert (request.organisation_id, request.area) == ("camp", "04.421")
    path = f"{ROOT}requests/{request.pk}/"
    assert officer.post(f"{path}move/", {"move": "assess"}).status_code == 302
    assert officer.post(f"{path}move/", {"move": "plan"}).status_code == 409
    assert officer.post(f"{path}move/", {"move": "plan", "planned_for": "2099-01-01"}).status_code == 302
    late = edition(date(2099, 1, 1))
    assert officer.post(f"{path}move/", {"move": "finish", "edition": late.pk}).status_code == 302
    shelf.clear()
    public = Client().get(f"/ar/data-requests/{request.pk}/").content.decode()
    assert "SLUMS" in public
    assert 'data-state="done"' in public
    assert "camp@example.org" not in public
    assert "Test" not in public


def test_who_may_and_who_may_not(people: Cast) -> None:
    hidden = data_request(people.partner, "camp", is_public=False)
    stated = need(people.partner, "camp", is_public=False)
    planner, other, officer = (client_of(one) for one in (people.planner, people.other, people.officer))
    for path in (f"{ROOT}requests/{hidden.pk}/", f"{ROOT}{stated.pk}/"):
        assert planner.get(path).status_code == 404
        assert other.get(path).status_code == 404
        assert officer.get(path).status_code == 200
        assert client_of(people.partner).get(path).status_code == 200
        assert Client().get(path).status_code in {302, 403}
    assert other.post(f"{ROOT}requests/{hidden.pk}/follow/").status_code == 404
    assert other.post(f"{ROOT}{stated.pk}/step/", {"move": "withdraw"}).status_code == 404
    assert Client().get(f"/fr/data-requests/{hidden.pk}/").status_code == 404
    assert hidden.title not in Client().get("/fr/data-requests/").content.decode()
    shown = data_request(people.partner, "camp")
    assert other.post(f"{ROOT}requests/{shown.pk}/move/", {"move": "withdraw"}).status_code == 409
    for path in (f"{ROOT}requests/{shown.pk}/edit/", f"{ROOT}{need(people.partner, 'camp').pk}/edit/"):
        assert officer.get(path).status_code == 404
        assert other.get(path).status_code == 404
        assert client_of(people.partner).get(path).status_code == 200
    assert DataRequest.objects.get(pk=shown.pk).state == "received"


def test_a_need_stated_changed_withdrawn_and_taken_up_again(people: Cast) -> None:
    client = client_of(people.planner)
    sent = {"question": "Combien ?", "decision": "Ouvrir un guichet", "indicator": "HOU-02", "area": "04.421",
            "threshold": "20", "period": "2024", "organisation": ""}  # fmt: skip
    assert client.post(f"{ROOT}new/", sent | {"period": "soon"}).status_code == 200
    assert client.post(f"{ROOT}new/", sent).status_code == 302
    stated = Need.objects.get()
    assert not stated.is_public
    path = f"{ROOT}{stated.pk}/"
    assert "/fr/fitness/?indicator=HOU-02" in client.get(path).content.decode()
    assert client.post(f"{path}edit/", sent | {"question": "Combien de femmes ?"}).status_code == 302
    client.post(f"{path}step/", {"move": "withdraw"})
    assert Need.objects.get().state == "withdrawn"
    client.post(f"{path}step/", {"move": "reopen"})
    assert (Need.objects.get().state, Need.objects.get().question) == ("open", "Combien de femmes ?")
    client.post(f"{path}step/", {"move": "answer", "edition": edition().pk})
    assert Need.objects.get().state == "answered"
    assert client.get(f"{ROOT}?state=answered").content.decode().count("data-need=") == 1


def test_following_by_the_page(people: Cast) -> None:
    request = data_request(people.partner, "camp")
    client = client_of(people.other)
    path = f"{ROOT}requests/{request.pk}/"
    client.post(f"{path}follow/")
    assert request.followers.filter(user=people.other).exists()
    move(people.officer, request, RequestMove.ASSESS)
    assert path in client.get("/fr/desk/").content.decode()
    client.post(f"{path}follow/", {"end": "1"})
    assert not request.followers.filter(user=people.other).exists()


def test_the_public_pages_in_three_languages(people: Cast) -> None:
    data_request(people.partner, "camp")
    need(people.partner, "camp")
    for language in ("fr", "ar", "en"):
        for path in (
            "gaps/",
            "gaps/?area=all",
            "data-requests/",
            "data-requests/?state=received&kind=detail",
            "fitness/",
        ):
            assert Client().get(f"/{language}/{path}").status_code == 200, path
    for path in ("gaps/?theme=none", "gaps/?area=none", "data-requests/?state=none", "data-requests/999/"):
        assert Client().get(f"/fr/{path}").status_code == 404, path
    rows = list(csv.DictReader(io.StringIO(Client().get("/fr/gaps.csv?year=2024").content.decode("utf-8-sig"))))
    assert {row["strength"] for row in rows} >= {"empty", "withheld", "strong"}
    assert all(row["score"] == "" for row in rows if row["strength"] == "empty")
    rows = list(csv.DictReader(io.StringIO(Client().get("/fr/data-requests.csv").content.decode("utf-8-sig"))))
    assert [row["organisation"] for row in rows] == ["camp"]


def test_fitness_refuses_a_verdict_on_a_full_count_and_sizes_a_sample(people: Cast) -> None:
    query = "question=threshold&indicator=HOU-02&area=04.421.01.05&threshold=20&population=20000&response=80&deff=1.5"
    page = Client().get(f"/fr/fitness/?{query}").content.decode()
    assert 'data-rule="fitness.full_count"' in page
    assert "data-sample=" in page
    assert "/fr/organisations/office/" in page
    assert Client().get("/fr/fitness/?question=threshold&indicator=HOU-02&area=04.421").context["form"].errors
    for question in ("threshold", "precision", "places", "change"):
        foolish = f"question={question}&indicator=HOU-02&area=04.421&other=04.421&threshold=1e300&margin=1e300&population={'9' * 30}"
        assert Client().get(f"/ar/fitness/?{foolish}").context["form"].errors
    nothing = Client().get("/fr/fitness/?question=precision&indicator=HOU-09&area=04.421&margin=5").content.decode()
    assert 'data-rule="fitness.nothing"' in nothing
    assert 'data-sample="385"' in nothing
