"""Addresses, their files and the links between them; pages rewritten byte for byte but for their links."""

from __future__ import annotations

import posixpath
from urllib.parse import unquote, urljoin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marsad.observatory.site_addresses import ORIGIN, Depth, becomes_file, canonical, file_of, instead_of, relative
from marsad.observatory.site_html import addresses_in, choices_of, rewritten
from marsad.observatory.site_links import Links
from marsad.observatory.site_text import calendar_with_addresses, json_with_addresses, with_addresses

NAMES = st.text("abzé-_.ر", min_size=1, max_size=8).filter(lambda name: name.strip(".") and name != "index.html")
QUERIES = st.lists(st.tuples(st.sampled_from(["area", "part", "page"]), st.text("a~=,%é&/ ", min_size=1)), max_size=2)


@settings(max_examples=60, deadline=None)
@given(st.lists(NAMES, min_size=1, max_size=4), st.lists(NAMES, min_size=1, max_size=4))
def test_a_relative_link_leads_to_its_file(here: list[str], there: list[str]) -> None:
    page, target = posixpath.join(*here, "index.html"), posixpath.join(*there, "index.html")
    found = unquote(urljoin(f"https://example.org/{page}", relative(page, target)))
    assert found == f"https://example.org/{target.removesuffix('index.html')}"


@settings(max_examples=60, deadline=None)
@given(QUERIES, QUERIES)
def test_two_questions_never_share_a_file(one: list[tuple[str, str]], other: list[tuple[str, str]]) -> None:
    from urllib.parse import parse_qsl, urlencode

    first, second = (urlencode(sorted(each)) for each in (one, other))
    files = [file_of(f"/fr/areas/?{query}" if query else "/fr/areas/", "text/html") for query in (first, second)]
    assert (files[0] == files[1]) == (parse_qsl(first) == parse_qsl(second))
    assert all(".." not in file.split("/") and "?" not in file and "%" not in file for file in files)


@pytest.mark.parametrize(
    ("address", "depth", "written"),
    [
        ("/fr/indicators/HOU-02/", Depth.PAGES, True),
        ("/fr/figures/?page=2", Depth.PAGES, True),
        ("/fr/indicators/HOU-02/?area=04.421", Depth.PAGES, False),
        ("/fr/indicators/HOU-02/?area=04.421", Depth.CHOICES, True),
        ("/fr/indicators/HOU-02/?area=04.421&part=a", Depth.NUMBERS, False),
        ("/ar/why/HOU-02/04.421/?part=sex%3DF&period=2024", Depth.CHOICES, False),
        ("/ar/why/HOU-02/04.421/?part=sex%3DF&period=2024", Depth.NUMBERS, True),
        ("/fr/search/?q=logement", Depth.NUMBERS, False),
        ("/fr/fitness/?question=level", Depth.NUMBERS, False),
        ("/sdmx/data/ASYLUM", Depth.NUMBERS, False),
        ("/sdmx/structure/dataflow/RABAT/ASYLUM?references=all", Depth.PAGES, True),
        ("/api/v1/observations", Depth.NUMBERS, False),
        ("/data/ASYLUM/2026-1/sdmx.xml", Depth.PAGES, True),
        ("/fr/e/2026-1/indicators/HOU-02/map.png", Depth.PAGES, False),
        ("/fr/e/2026-1/indicators/HOU-02/map.svg", Depth.PAGES, True),
        ("/nowhere/", Depth.NUMBERS, False),
    ],
)
def test_what_becomes_a_file(address: str, depth: Depth, written: bool) -> None:
    assert becomes_file(address, depth) is written


def test_a_choice_falls_back_to_its_page_and_a_picture_does_not() -> None:
    assert instead_of("/fr/indicators/HOU-02/?area=04.421") == "/fr/indicators/HOU-02/"
    assert instead_of("/fr/indicators/HOU-02/map.svg?area=04.421") is None
    assert instead_of("/fr/why/HOU-02/04.421/?period=2014") is None


PAGE = f"""<html lang="fr"><body><main>
<a class='x' href="/fr/areas/#map">A</a> <a href="?page=2&amp;odd=1">B</a> <a href="/api/v1/areas" download>C</a>
<a href="https://example.org/">D</a> <img src="/static/build/mark.svg?v=1" alt="">
<pre>&lt;iframe src=&quot;{ORIGIN}/fr/embed/HOU-02/map/&quot; title=&quot;a &amp;gt; b&quot;&gt;</pre>
<form method="get"><label for="area">Lieu</label><select id="area" name="area"><option value="">Tous</option>
<option value="1" selected>Un</option></select><input type="hidden" name="part" value="x"></form></main></body></html>"""
FILES = {
    "/fr/areas/": "fr/areas/index.html",
    "/fr/figures/": "fr/figures/index.html",
    "/fr/figures/?page=2": "fr/figures/page=2/index.html",
    "/fr/embed/HOU-02/map/": "fr/embed/HOU-02/map/index.html",
}


def links(living: str = "") -> Links:
    return Links(FILES, "https://data.example.org/", living, lambda there: there.startswith("/fr/"))


def test_a_page_keeps_every_byte_but_its_links() -> None:
    known = links()
    page = rewritten(
        PAGE,
        link=lambda given: known.from_page(given, "/fr/figures/", "fr/figures/index.html"),
        whole=known.from_words,
        form=lambda form: "[lists]",
    )
    assert 'href="../areas/#map"' in page
    assert 'href="page=2/"' in page or 'href="page%3D2/"' in page
    assert '<a role="link" aria-disabled="true" data-left-out>C</a>' in page
    assert 'src="../../static/build/mark.svg?v=1"' in page
    assert "src=&quot;https://data.example.org/fr/embed/HOU-02/map/&quot; title=&quot;a &amp;gt; b&quot;" in page
    assert '<a href="https://example.org/">D</a>' in page
    assert "[lists]" in page
    assert (known.left_out, known.lost) == (1, set())
    assert "site.invalid" not in page


def test_what_only_the_living_observatory_answers_leads_there() -> None:
    known = links("https://observatory.example.org/")
    assert known.from_page("/api/v1/areas", "/fr/", "fr/index.html") == "https://observatory.example.org/api/v1/areas"
    assert known.from_words(f"{ORIGIN}/sdmx/data/A") == "https://observatory.example.org/sdmx/data/A"


def test_a_link_to_a_page_that_should_be_there_is_lost() -> None:
    known = links()
    known.from_page("/fr/areas/NOPE/", "/fr/", "fr/index.html")
    assert known.lost == {"/fr/areas/NOPE/"}


def test_a_page_names_its_links_its_words_and_the_choices_of_its_forms() -> None:
    found = {canonical(address, "/fr/figures/") for address in addresses_in(PAGE)} - {None}
    assert found >= {"/fr/areas/", "/fr/figures/?page=2", "/fr/embed/HOU-02/map/", "/fr/figures/?area=1"}
    (lists,) = choices_of(PAGE[PAGE.index("<form") :])
    assert lists.label == "Lieu"
    assert [(option.label, option.query, option.chosen) for option in lists.options] == [
        ("Tous", "", False),
        ("Un", "area=1", True),
    ]


def test_files_for_programs_say_where_they_stand() -> None:
    known = links()
    text = f"@misc{{a, url = {{{ORIGIN}/fr/areas/}}}}. See {ORIGIN}/fr/areas/."
    assert with_addresses(text, known.from_words) == text.replace(f"{ORIGIN}/", "https://data.example.org/")
    assert json_with_addresses('{"url": "/fr/areas/", "unit": "/km"}', known.from_words, lambda given: "../areas/" if given == "/fr/areas/" else None) == '{"url": "../areas/", "unit": "/km"}'  # fmt: skip
    calendar = f"BEGIN:VEVENT\r\nURL:{ORIGIN}/fr/are\r\n as/\r\nEND:VEVENT\r\n"
    assert "URL:https://data.example.org/fr/areas/\r\n" in calendar_with_addresses(calendar, known.from_words)
    long = calendar_with_addresses(f"DESCRIPTION:{'é' * 90}\r\n", known.from_words)
    assert all(len(line.encode()) <= 75 for line in long.split("\r\n"))
