"""The ledger, sources, datasets, goals and texts: each page in each language says what it must."""

from __future__ import annotations

import pytest

from marsad.dissemination.models import Dataflow
from marsad.observatory.page_cache import shelf

pytestmark = pytest.mark.django_db

PAGES = [
    "figures/", "figures/F1/", "figures/F3/", "cases/", "cases/?state=unsettled", "cases/foreign-2014/", "cases/share-region/",
    "sources/", "sources/census/", "sources/maps/", "datasets/", "datasets/RGPH-2014/", "datasets/ASYLUM/", "organisations/",
    "goals/", "recommendations/", "methods/", "search/", "pages/about/", "pages/data-protection/", "pages/accessibility/",
]  # fmt: skip


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
@pytest.mark.parametrize("page", PAGES)
def test_the_page_is_there_in_every_language(small_city, client, language, page):
    response = client.get(f"/{language}/{page}")
    assert response.status_code == 200
    text = response.content.decode()
    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in text
    assert "<h1" in text


@pytest.mark.parametrize("page", PAGES)
def test_a_cold_page_needs_at_most_twelve_queries(small_city, client, page, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        client.get(f"/fr/{page}")


def text(client, address):
    return client.get(f"/en/{address}").content.decode()


def test_a_settled_case_says_which_why_who_and_when(small_city, client):
    page = text(client, "cases/foreign-2014/")
    assert 'data-case-state="settled"' in page
    for words in ("84,001", "86,206", "Same base as the rates", "Editor", "Committee", "population base"):
        assert words in page, words


def test_an_unsettled_case_says_so_and_recommends_nothing(small_city, client):
    page = text(client, "cases/share-region/")
    assert 'data-case-state="unsettled"' in page
    assert "Nobody has yet decided" in page
    assert "recommended figure" not in page


def test_a_figure_without_excerpt_says_what_that_means(small_city, client):
    assert "No words of the document were kept" in text(client, "figures/F1/")
    assert "<q>about 12,412 foreigners</q>" in text(client, "figures/F3/")


def test_a_figure_keeps_its_quantifier(small_city, client):
    assert "about <bdi" in text(client, "figures/F3/")


@pytest.mark.parametrize(("query", "there", "gone"), [
    ("area=04.421", "F3", "F1"), ("theme=housing", "No figure fits", "F1"), ("reliability=official_via_press", "F1", "No figure fits"),
])  # fmt: skip
def test_figures_are_chosen(small_city, client, query, there, gone):
    page = text(client, f"figures/?{query}")
    assert there in page
    assert f"/figures/{gone}/" not in page if gone.startswith("F") else gone not in page


def test_a_goal_carries_its_note(small_city, client):
    assert "Printed as 17.8" in text(client, "goals/")


@pytest.mark.parametrize(
    "address", ["figures/F99/", "cases/none/", "sources/none/", "datasets/none/", "pages/secret/", "no/such/page/"]
)
@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_what_is_not_there_is_a_404_page(small_city, client, address, language):
    assert client.get(f"/{language}/{address}").status_code == 404


def test_a_second_page_of_figures(small_city, small_root, client):
    from decimal import Decimal

    from marsad.figures.models import Figure

    first = Figure.objects.get(code="F3")
    columns = {field.attname: getattr(first, field.attname) for field in Figure._meta.fields}
    Figure.objects.bulk_create(
        Figure(**columns | {"code": f"X{n}", "sort": 100 + n, "value": Decimal(n)}) for n in range(60)
    )
    assert "/figures/X59/" not in text(client, "figures/")
    assert "/figures/X59/" in text(client, "figures/?page=2")
    assert "/figures/X59/" in text(client, "figures/?page=999")


def test_many_datasets_have_pages_and_are_found_by_a_word(small_city, client, django_assert_max_num_queries):
    first = Dataflow.objects.first()
    words = {f"{name}_{language}": "Écoles" for name in ("title", "description") for language in ("fr", "ar", "en")}
    Dataflow.objects.bulk_create(
        Dataflow(code=f"many-{number}", sort=900, source=first.source, **words) for number in range(45)
    )
    shelf.clear()
    with django_assert_max_num_queries(7):
        page = client.get("/fr/datasets/?q=ECOLES&page=2").content.decode()
    assert page.count('class="link-card"') == 5
    assert "?q=ECOLES&amp;page=1" in page
