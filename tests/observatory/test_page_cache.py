"""Pages from the shelf: one rendering per publication, an ETag, compressed, for good under a publication's own address."""

from __future__ import annotations

import gzip

import pytest

from house.people import AT, person
from marsad.accounts.rules import Role
from marsad.figures.models import Case
from marsad.figures.operations import decide, propose_settlement
from marsad.figures.rules import ProposalMove
from marsad.observatory.page_cache import CHECKED, FOR_GOOD, shelf

pytestmark = pytest.mark.django_db
PAGE = "/fr/sources/"


def test_a_warm_page_asks_the_database_nothing(small_city, client, django_assert_num_queries):
    client.get(PAGE)
    with django_assert_num_queries(0):
        response = client.get(PAGE)
    assert response.status_code == 200


def test_the_etag_answers_with_nothing_new(small_city, client):
    first = client.get(PAGE)
    again = client.get(PAGE, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert first["Cache-Control"] == CHECKED


def test_a_publications_own_address_is_kept_for_good(small_city, client):
    assert client.get("/fr/e/2026-1/indicators/HOU-02/data.csv")["Cache-Control"] == FOR_GOOD
    assert client.get("/fr/indicators/HOU-02/data.csv")["Cache-Control"] == CHECKED


def test_a_page_is_kept_compressed(small_city, client):
    packed = client.get(PAGE, headers={"Accept-Encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == client.get(PAGE).content
    for asked in ("identity", "gzip;q=0", "br, gzip ; q=0.000"):
        assert "Content-Encoding" not in client.get(PAGE, headers={"Accept-Encoding": asked})
    assert client.get(PAGE, headers={"Accept-Encoding": "br;q=0, gzip;q=0.5"})["Content-Encoding"] == "gzip"


def test_languages_and_questions_are_different_pages(small_city, client):
    bodies = {
        client.get(address).content for address in (PAGE, "/ar/sources/", "/fr/cases/", "/fr/cases/?state=settled")
    }
    assert len(bodies) == 4


def test_what_is_not_found_is_not_kept(small_city, client):
    assert client.get("/fr/cases/nothing/").status_code == 404
    assert shelf.bytes_kept() == {"plain": 0, "asked": 0}


def test_a_decision_on_the_ledger_makes_new_pages(small_city, client):
    before = client.get("/fr/cases/share-region/").content
    content = {"recommended_id": "F4", "why_fr": "Le recensement compte tout le monde", "reasons": ["scope"]}
    case = Case.objects.get(code="share-region")
    proposal = propose_settlement(case=case, content=content, why="", actor=person(Role.DATA_OFFICER), at=AT)
    decide(proposal=proposal, move=ProposalMove.ACCEPT, answer="Lu", actor=person(Role.REVIEWER), at=AT)
    shelf._current = (0.0, None)
    after = client.get("/fr/cases/share-region/").content
    assert before != after
    assert "Le recensement compte tout le monde" in after.decode()


def test_a_page_for_everybody_sets_no_cookie(small_city, client):
    assert not client.get(PAGE).cookies
