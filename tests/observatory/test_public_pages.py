"""The pages of observations on a small city: there in every language, quick, well formed, and honest about what is not known."""

from __future__ import annotations

import gzip
import json
import re
from html.parser import HTMLParser

import pytest

from marsad.catalogue.models import SeriesBreak
from marsad.observatory.page_cache import shelf

pytestmark = pytest.mark.django_db

PAGES = [
    "", "indicators/", "indicators/HOU-02/", "indicators/HOU-04/", "indicators/CTX-POP-01/", "indicators/CTX-EDU-01/",
    "indicators/FLW-02/", "indicators/HOU-09/", "areas/", "areas/04.421/", "areas/04.421.01.06/", "areas/MAR/",
    "themes/housing/", "themes/flows/", "compare/HOU-02/", "compare/HOU-02/?areas=04.421.01.05&areas=04.421.01.06",
    "compare/FLW-02/", "embed/HOU-02/map/", "embed/HOU-02/change/",
]  # fmt: skip
VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())  # noqa: SIM905


class Balanced(HTMLParser):
    """Notes every tag that is closed in the wrong place, every id used twice and everything inline."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []
        self.ids: set[str] = set()

    def handle_starttag(self, tag, attributes):
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attributes:
            if name == "style" or name.startswith("on"):
                self.faults.append(f"inline {name} on {tag}")
            if name == "id":
                if value in self.ids:
                    self.faults.append(f"id {value} twice")
                self.ids.add(value)
        if tag == "script" and "src" not in dict(attributes):
            self.faults.append("inline script")

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> out of place")


def faults_of(html: str) -> list[str]:
    parser = Balanced()
    parser.feed(html)
    parser.close()
    return parser.faults + [f"<{tag}> left open" for tag in parser.open]


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_there_quick_and_well_formed(small_city, client, language, page, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        response = client.get(f"/{language}/{page}")
    assert response.status_code == 200
    html = response.content.decode()
    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in html
    assert html.count("<h1") == 1
    assert faults_of(html) == []
    assert "None" not in re.sub(r"<[^>]*>", " ", html)


def text(client, address, language="en") -> str:
    return client.get(f"/{language}/{address}").content.decode()


def test_the_first_page_says_three_things_and_what_is_not_known(small_city, client):
    page = text(client, "")
    assert "Indicator HOU-02: the share" in page
    assert "Indicator CTX-POP-01:" in page
    assert "Foreign residents: 84,001 people" in page
    assert "several published figures, settled" in page
    assert "How many foreign residents" in page
    assert 'data-chart="map"' in page


def test_the_language_switch_keeps_the_page(small_city, client):
    page = text(client, "indicators/HOU-02/")
    assert 'href="/ar/indicators/HOU-02/" lang="ar"' in page
    assert 'href="/fr/indicators/HOU-02/" lang="fr"' in page


def test_navigation_leads_to_pages_that_exist(small_city, client):
    page = text(client, "")
    links = set(re.findall(r'href="(/en/[^"#?]*)"', page))
    assert len(links) > 15
    broken = [link for link in sorted(links) if "account" not in link and client.get(link).status_code != 200]
    assert broken == []


def test_what_nobody_measures_says_who_could_and_how(small_city, client):
    page = text(client, "indicators/HOU-09/")
    assert "state-missing" in page
    assert "A survey" in page
    assert "With pairs of callers" in page
    assert "data-chart" not in page


def test_a_break_is_named_where_nothing_is_measured_yet(small_city, client):
    words = {f"text_{language}": f"New law ({language})" for language in ("fr", "ar", "en")}
    SeriesBreak.objects.create(indicator_id="HOU-09", period="2022", kind="law", **words)
    shelf.clear()
    assert "New law (en)" in text(client, "indicators/HOU-09/")


def test_a_break_is_named_and_no_change_is_stated_across_it(small_city, client):
    page = text(client, "compare/HOU-04/?part=occupancy%3Dtenant&areas=04.421.01.07&areas=04.421.01.06")
    assert "Dwellings provided" in page
    assert "no comparison in Touarga" in page
    row = re.search(r"<tr><th scope=\"row\"><a href=\"/en/areas/04\.421\.01\.07/\">.*?</tr>", page, re.S)[0]
    assert "break in series" in row
    assert "change-" not in row


def test_withheld_missing_and_zero_are_told_apart_in_the_table(small_city, client):
    page = text(client, "indicators/FLW-02/")
    assert "state-missing" in page
    html = text(client, "indicators/HOU-02/")
    assert "state-zero" in html


def test_a_figure_can_be_taken_away_and_cited(small_city, client):
    page = text(client, "indicators/HOU-02/")
    for address in ("/en/indicators/HOU-02/data.csv", "/en/indicators/HOU-02/data.json", "/en/indicators/HOU-02/map.svg",
                    "/en/indicators/HOU-02/map.png"):  # fmt: skip
        assert f'href="{address}"' in page
        assert client.get(address).status_code == 200
    assert re.search(r"http://testserver/en/e/[^/]+/indicators/HOU-02/", page)


def test_an_embedded_figure_may_stand_in_another_site_and_a_page_may_not(small_city, client):
    frames = [
        client.get(f"/en/{page}").headers["Content-Security-Policy"]
        for page in ("embed/HOU-02/map/", "indicators/HOU-02/")
    ]
    assert "frame-ancestors *" in frames[0]
    assert "frame-ancestors 'none'" in frames[1]


def test_pictures_are_files_of_their_kind(small_city, client):
    svg, png = client.get("/ar/indicators/HOU-02/change.svg"), client.get("/ar/indicators/HOU-02/change.png")
    assert svg["Content-Type"] == "image/svg+xml"
    assert svg.content.startswith(b"<svg")
    assert png.content.startswith(b"\x89PNG")
    assert 'filename="HOU-02-change.png"' in png["Content-Disposition"]


@pytest.mark.parametrize("page", ["indicators/NOPE/", "areas/NOPE/", "themes/nope/", "compare/NOPE/", "embed/HOU-02/nope/",
                                  "embed/HOU-09/map/", "indicators/HOU-09/map.svg"])  # fmt: skip
@pytest.mark.parametrize(
    ("language", "words"), [("fr", "Il n’y a pas de page"), ("ar", "لا توجد صفحة"), ("en", "There is no page")]
)
def test_what_does_not_exist_is_said_in_the_readers_language(small_city, client, page, language, words):
    response = client.get(f"/{language}/{page}")
    assert response.status_code == 404
    assert words in response.content.decode()


def test_the_map_gives_every_cell_its_state_and_the_same_classes_to_all_years(small_city, client):
    content = json.loads(client.get("/en/areas/map.json").content)
    layers = [layer for layer in content["layers"] if layer["indicator"] == "HOU-02"]
    assert [layer["period"] for layer in layers] == ["2014", "2024"]
    for layer in layers:
        assert set(layer["areas"]) == {feature["properties"]["code"] for feature in content["shapes"]["features"]}
        for shown in layer["areas"].values():
            assert (shown["class"] is None) == (shown["state"] != "value")
    assert layers[1]["areas"]["04.421.01.07"]["class"] == 0
    assert layers[0]["areas"]["04.421.01.06"]["class"] == 5


@pytest.mark.parametrize(
    "query", ["area=%00", "part=<script>", "areas=" + "9" * 400, "first=2014&last=1900", "part=sex%3DF"]
)
def test_a_strange_choice_is_answered_with_the_usual_page(small_city, client, query):
    for page in ("indicators/HOU-04/", "compare/HOU-04/"):
        response = client.get(f"/fr/{page}?{query}")
        assert response.status_code == 200
        assert "<script>" not in response.content.decode()


def test_the_first_page_is_light(small_city, client):
    assert len(gzip.compress(client.get("/fr/").content, 9)) < 25_000
