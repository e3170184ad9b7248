"""Public pages under attack: what one reader asks never shows in another reader's page, and costs stay bounded."""

from __future__ import annotations

import ast
import csv
import io
import random
import re
from dataclasses import replace
from pathlib import Path

import pytest
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.contrib.messages.storage.cookie import CookieStorage
from django.test import Client, RequestFactory

from house.people import client_of, person
from marsad.accounts.rules import Role
from marsad.dissemination.models import Edition
from marsad.figures.models import Figure
from marsad.observatory import page_cache, rendering, views_ledger
from marsad.observatory.citypack.fields import Broken
from marsad.observatory.citypack.read_dataflows import SOURCE_FIELDS
from marsad.observatory.citypack.read_figures import ACTOR_FIELDS, FIGURE_FIELDS
from marsad.observatory.page_cache import READ, KeptPage, shelf
from marsad.observatory.search import MOST_WORDS

pytestmark = pytest.mark.django_db
PAGE = "/fr/sources/"
OBSERVATORY = Path(page_cache.__file__).parent


def with_message(client: Client, words: str) -> Client:
    """A client that carries a message to its reader, as after signing in."""
    storage = CookieStorage(RequestFactory().get("/"))
    client.cookies["messages"] = storage._encode([Message(constants.SUCCESS, words)])
    return client


def test_a_message_to_one_reader_is_not_kept_for_the_next(small_city):
    reader = with_message(client_of(person(Role.PLANNER)), "Signed in as somebody@example.org")
    assert "somebody@example.org" not in reader.get(PAGE).content.decode()
    assert "somebody@example.org" not in Client().get(PAGE).content.decode()
    assert "somebody@example.org" in reader.get("/fr/account/").content.decode(), "the message waits for its reader"


def test_a_signed_in_reader_gets_the_page_of_everybody(small_city):
    one = client_of(person(Role.ADMINISTRATOR)).get(PAGE).content
    shelf.clear()
    assert one == Client().get(PAGE).content


def test_a_page_names_the_host_that_was_asked(small_city, client):
    address = "/fr/indicators/HOU-02/"
    foreign = client.get(address, headers={"host": "localhost:6666"}).content.decode()
    own = client.get(address, headers={"host": "localhost:8000"}).content.decode()
    assert "localhost:6666" in foreign
    assert "localhost:8000" in own
    assert "localhost:6666" not in own


def test_a_parameter_that_no_page_reads_makes_no_new_page(small_city, client, django_assert_num_queries):
    plain = client.get(PAGE).content
    kept = shelf.bytes_kept()
    with django_assert_num_queries(0):
        asked = client.get(PAGE + "?marker=1234567&page=").content
    assert asked == plain
    assert shelf.bytes_kept() == kept


def test_one_spelling_of_a_query_is_one_page(small_city, client, django_assert_num_queries):
    first = client.get("/fr/figures/?area=RBA&page=1").content
    with django_assert_num_queries(0):
        assert client.get("/fr/figures/?page=1&marker=2&area=RBA").content == first


def test_every_parameter_that_a_public_view_reads_is_declared():
    """A view that read another one would be given nothing."""
    read = set()
    for path in OBSERVATORY.glob("views*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            if (
                is_call
                and node.func.attr in {"get", "getlist"}
                and ast.unparse(node.func.value) in {"given", "request.GET"}
            ):
                read |= {leaf.value for leaf in ast.walk(node.args[0]) if isinstance(leaf, ast.Constant)}
    assert {"q", "areas"} <= read
    assert read <= set(READ)


def test_kept_pages_have_a_bounded_space(monkeypatch):
    monkeypatch.setattr(page_cache, "_ROOM", {"plain": 10_000, "asked": 5_000})
    row = page_cache._Shelf()
    row.put(("/fr/", ""), KeptPage(b"x" * 3000, "text/html", '"a"', ()))
    for number in range(200):
        row.put(("/fr/", f"q={number}"), KeptPage(b"x" * 700, "text/html", '"b"', ()))
    assert row.bytes_kept() == {"plain": 3000, "asked": 4900}
    assert row.get(("/fr/", "")) is not None, "made-up queries push out no page that everybody reads"
    assert row.get(("/fr/", "q=0")) is None
    assert row.get(("/fr/", "q=199")) is not None


def test_a_page_put_twice_is_counted_once():
    row = page_cache._Shelf()
    for size in random.Random(1).choices(range(100, 900), k=20):
        row.put(("/fr/", ""), KeptPage(b"x" * size, "text/html", '"a"', ()))
    assert row.bytes_kept()["plain"] == size


@pytest.mark.parametrize("method", ["post", "put", "delete", "options", "patch"])
def test_a_public_page_is_read_and_nothing_else(small_city, client, method):
    assert getattr(client, method)(PAGE).status_code == 405


def test_a_malformed_cookie_puts_no_cookie_on_a_page_that_caches_keep(small_city):
    client = Client()
    client.cookies["csrftoken"] = "x"
    response = client.get(PAGE)
    assert "public" in response["Cache-Control"]
    assert not response.cookies


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r"])
def test_words_typed_into_the_ledger_do_not_run_in_a_spreadsheet(small_city, client, begins):
    harmful = begins + "HYPERLINK(1)"
    Figure.objects.update(excerpt=harmful, publisher=harmful, value="-5.2")
    rows = list(csv.DictReader(io.StringIO(client.get("/fr/figures.csv").content.decode("utf-8-sig"), newline="")))
    assert rows
    assert {row["excerpt"] for row in rows} == {row["publisher"] for row in rows} == {"'" + harmful}
    assert {row["value"] for row in rows} == {"-5.2"}, "a number below zero stays a number"


def test_typed_words_stay_words_on_the_page_of_a_figure(small_city, client):
    code = Figure.objects.values_list("code", flat=True)[0]
    harmful = "<script>alert(1)</script>"
    Figure.objects.update(excerpt=harmful, publisher=harmful, concept_fr=harmful, note_fr=harmful, document=harmful)
    for page in (f"/fr/figures/{code}/", "/fr/figures/"):
        text = client.get(page).content.decode()
        assert "&lt;script&gt;alert" in text
        assert "<script>alert" not in text


def test_a_long_search_asks_the_database_a_bounded_number_of_times(small_city, client, django_assert_max_num_queries):
    with django_assert_max_num_queries(MOST_WORDS + 6):
        client.get("/fr/search/", {"q": " ".join(f"{first}{second}" for first in "abcdefgh" for second in "klmnopqr")})


@pytest.mark.parametrize(("page", "name"), [("/fr/figures/", "reliability"), ("/fr/cases/", "state")])
def test_a_filter_adds_no_parameter_to_the_links_of_a_page(small_city, client, monkeypatch, page, name):
    monkeypatch.setattr(views_ledger, "PER_PAGE", 1)
    text = client.get(page, {name: "x&page=7"}).content.decode()
    assert f"{name}=x%26page%3D7&amp;page=2" in text
    assert f"{name}=x&amp;page=7" not in text


def test_an_edition_that_the_reader_has_is_not_written_again(small_city, client):
    address = re.findall(
        r"/fr/datasets/[^\"]+[.]csv",
        client.get(f"/fr/datasets/{Edition.objects.first().dataflow_id}/").content.decode(),
    )[0]
    whole = client.get(address)
    assert b"".join(whole.streaming_content).startswith(b"\xef\xbb\xbfindicator,")
    again = client.get(address, headers={"If-None-Match": f"W/{whole['ETag']}"})
    assert (again.status_code, again.content) == (304, b"")
    assert client.post(address).status_code == 405


def test_pictures_take_a_bounded_number_of_files(tmp_path, settings, monkeypatch):
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, home=tmp_path)
    monkeypatch.setattr(rendering, "_MOST_IN_FOLDER", 5)
    made = [
        rendering._kept(f"aa{number:030}", "svg", lambda number=number: f"<svg>{number}</svg>") for number in range(20)
    ]
    assert made[0] == "<svg>0</svg>"
    assert len(list((tmp_path / "charts" / "aa").iterdir())) == 5
    assert rendering._kept(f"aa{19:030}", "svg", lambda: "made again") == "<svg>19</svg>"
    assert rendering._kept(f"aa{0:030}", "svg", lambda: "made again") == "made again"


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/fr/indicators/%00/", 400),
        ("/fr/e/%00/", 400),
        ("/fr/datasets/a/%00.csv", 400),
        ("/fr/figures/?area=a%00", 200),
        ("/fr/search/?q=%00", 200),
    ],
)
def test_a_character_that_no_text_holds_is_refused_or_left_out(small_city, client, address, status):
    assert client.get(address).status_code == status


@pytest.mark.parametrize(
    "written", ["javascript:alert(1)", "JavaScript://x/%0aalert(1)", "data:text/html,x", "//x", "https://"]
)
def test_a_link_of_a_pack_leads_to_the_web(written):
    linked = [one for one in (*FIGURE_FIELDS, *ACTOR_FIELDS, *SOURCE_FIELDS) if one.name.endswith("url")]
    assert len(linked) == 4
    for one in linked:
        assert one.read("https://example.org/a b") == "https://example.org/a b"
        with pytest.raises(Broken, match=r"address\.form"):
            one.read(written)
