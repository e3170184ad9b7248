"""The catalogue for portals, the feeds, the calendar, citations and pages of the open door."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from pathlib import Path
from xml.etree import ElementTree

import icalendar
import pyshacl
import pytest
from django.test import Client
from rdflib import DCAT, RDF, Graph, URIRef

from marsad.catalogue.models import Source
from marsad.dissemination.models import Edition
from marsad.observatory.open_releases import expected_between
from marsad.observatory.page_cache import shelf
from open_door.conftest import body

SHAPES = Path(__file__).parent / "dcat_ap_shapes.ttl"
FORMS = {"ttl": "turtle", "rdf": "xml", "jsonld": "json-ld"}


def graph_of(reader: Client, form: str) -> Graph:
    return Graph().parse(data=body(reader.get(f"/catalogue.{form}")), format=FORMS[form])


@pytest.mark.django_db
def test_the_catalogue_passes_the_shapes_of_dcat_ap(second: Edition, reader: Client) -> None:
    found = graph_of(reader, "ttl")
    shapes = Graph().parse(SHAPES)
    conforms, _, words = pyshacl.validate(found, shacl_graph=shapes)
    assert conforms, words
    broken = Graph() + found
    broken.remove((None, DCAT.accessURL, None))
    assert not pyshacl.validate(broken, shacl_graph=shapes)[0]


@pytest.mark.django_db
def test_the_three_forms_of_the_catalogue_say_the_same(second: Edition, reader: Client) -> None:
    turtle = graph_of(reader, "ttl")
    for form in ("rdf", "jsonld"):
        assert set(graph_of(reader, form)) == set(turtle)
    assert len(set(turtle.subjects(RDF.type, DCAT.Catalog))) == 1
    dataset = URIRef("http://testserver/catalogue#ASYLUM")
    assert len(set(turtle.objects(dataset, URIRef(f"{DCAT}hasVersion")))) == 2
    for address in turtle.objects(None, DCAT.downloadURL):
        assert body(reader.get(str(address)))


@pytest.mark.django_db
@pytest.mark.parametrize("accept", ["text/turtle", "application/rdf+xml", "application/ld+json", "*/*"])
def test_the_catalogue_is_given_in_the_form_asked_for(second: Edition, reader: Client, accept: str) -> None:
    answer = reader.get("/catalogue", headers={"accept": accept})
    assert answer["Content-Type"].startswith("text/turtle" if accept == "*/*" else accept)
    assert reader.get("/catalogue", headers={"accept": "image/png"}).status_code == 406


@pytest.mark.django_db
def test_the_feeds_tell_each_edition_with_its_reason(second: Edition, reader: Client) -> None:
    items = ElementTree.fromstring(body(reader.get("/feeds/fr/releases.rss"))).findall("channel/item")
    assert len(items) == 4
    assert items[0].findtext("title") == "Dataflow ASYLUM (fr) – 2026-2"
    assert items[0].findtext("description") == "Raison 2026-2"
    assert items[0].findtext("link") == "http://testserver/fr/datasets/ASYLUM/2026-2/"
    for item in items:
        assert reader.get(item.findtext("link")).status_code == 200
    space = {"a": "http://www.w3.org/2005/Atom"}
    entries = ElementTree.fromstring(body(reader.get("/feeds/ar/themes/flows/releases.atom"))).findall("a:entry", space)
    assert [entry.findtext("a:summary", namespaces=space) for entry in entries] == ["سبب 2026-2", "كلمات First edition"]
    assert reader.get("/feeds/fr/themes/none/releases.rss").status_code == 404
    assert reader.get("/feeds/de/releases.rss").status_code == 400


@pytest.mark.django_db
def test_the_calendar_holds_releases_and_expected_updates(second: Edition, reader: Client) -> None:
    Source.objects.filter(code="census").update(next_update="2027-02")
    Source.objects.filter(code="maps").update(next_update="when the maps are drawn")
    shelf.clear()
    calendar = icalendar.Calendar.from_ical(body(reader.get("/calendar/en.ics")))
    events = {str(event["uid"]).partition("@")[0]: event for event in calendar.walk("VEVENT")}
    released = events["ASYLUM-2026-2"]
    assert released["dtstart"].dt == date(2026, 11, 2)
    assert released["dtend"].dt - released["dtstart"].dt == timedelta(days=1)
    expected = events["next-census"]
    assert (expected["dtstart"].dt, expected["dtend"].dt) == (date(2027, 2, 1), date(2027, 3, 1))
    assert "next-maps" not in events


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("2026-12-15", (date(2026, 12, 15), date(2026, 12, 15))),
        ("2028-02", (date(2028, 2, 1), date(2028, 2, 29))),
        ("2026-13", None),
        ("2026", None),
        ("", None),
    ],
)
def test_only_a_month_or_a_day_can_be_expected(text: str, days: tuple[date, date] | None) -> None:
    assert expected_between(text) == days


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    [
        "/cite/en/indicators/FLW-02",
        "/cite/ar/e/2026-1/indicators/FLW-02",
        "/cite/fr/datasets/ASYLUM/2026-1",
        "/cite/fr/figures/F1",
    ],
)
def test_a_citation_leads_to_an_address_that_stays(second: Edition, reader: Client, address: str) -> None:
    (item,) = json.loads(body(reader.get(f"{address}.json")))
    assert reader.get(item["URL"]).status_code == 200
    text = body(reader.get(f"{address}.txt")).decode()
    assert item["URL"] in text
    assert str(item["issued"]["date-parts"][0][0]) in text
    entry = body(reader.get(f"{address}.bib")).decode()
    assert re.match(r"@(dataset|misc)\{[A-Za-z0-9:.-]+,\n", entry)
    assert entry.count("{") - entry.count(r"\{") == entry.count("}") - entry.count(r"\}")
    assert reader.get(f"{address}x.bib").status_code == 404


@pytest.mark.django_db
def test_the_citation_of_an_old_edition_still_gives_the_old_number(second: Edition, reader: Client) -> None:
    (old,) = json.loads(body(reader.get("/cite/en/datasets/ASYLUM/2026-1.json")))
    assert old["version"] == "2026-1"
    assert "First edition" in reader.get(old["URL"]).content.decode()
    assert "3813" in body(reader.get("/data/ASYLUM/2026-1/data.csv")).decode()
    assert "3900" not in body(reader.get("/data/ASYLUM/2026-1/data.csv")).decode()


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_every_example_of_the_page_works(second: Edition, reader: Client, language: str) -> None:
    page = reader.get(f"/{language}/open/").content.decode()
    examples = re.findall(r'<a href="(http://testserver/[^"]+)"><code', page)
    assert len(examples) == 20
    news = re.findall(r'href="(/(?:feeds|calendar)/[^"]+)"', page)
    assert len(news) >= 5
    for address in [*examples, *news]:
        assert reader.get(address.replace("&amp;", "&"), follow=True).status_code == 200, address


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_the_page_of_an_edition_leads_to_its_files_and_to_what_changed(
    second: Edition, reader: Client, language: str
) -> None:
    page = reader.get(f"/{language}/datasets/ASYLUM/2026-2/").content.decode()
    assert second.checksum in page
    links = set(re.findall(r'href="(/(?:data|cite|sdmx)/[^"]+)"', page))
    assert len(links) == 11
    for address in links:
        assert reader.get(address).status_code == 200, address
    assert f"/{language}/datasets/ASYLUM/2026-1/changes/2026-2/" in page
    older = reader.get(f"/{language}/datasets/ASYLUM/2026-1/").content.decode()
    assert f'href="/{language}/datasets/ASYLUM/2026-2/"' in older
    assert reader.get(f"/{language}/datasets/ASYLUM/2099-1/").status_code == 404


@pytest.mark.django_db
def test_a_figure_can_be_embedded_live_or_as_it_is_today(second: Edition, reader: Client) -> None:
    page = reader.get("/en/indicators/HOU-02/").content.decode()
    addresses = re.findall(r"iframe src=&quot;http://testserver([^&]+)&quot;", page)
    live, kept = addresses[:2]
    assert live.startswith("/en/embed/HOU-02/")
    assert kept.startswith("/en/e/p-2026-2/embed/HOU-02/")
    assert "immutable" in reader.get(kept)["Cache-Control"]
    assert "immutable" not in reader.get(live)["Cache-Control"]
    for address in re.findall(r'href="(/(?:cite|geojson)/[^"]+)"', page):
        assert reader.get(address).status_code == 200, address
