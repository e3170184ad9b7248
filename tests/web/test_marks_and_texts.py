"""Marks of cells, small Markdown, and the tags of the templates."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.core.paginator import Paginator
from django.template import Context, Template
from django.utils.translation import override

from marsad.web.markdown import rendered
from marsad.web.templatetags import marsad as tags


def point(state: str, value: float | None = None, withheld_for: str = "") -> SimpleNamespace:
    return SimpleNamespace(state=state, value=value, withheld_for=withheld_for)


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_the_four_states_look_and_read_different(language):
    with override(language):
        cells = [
            tags.cell(point("value", 0.0)), tags.cell(point("missing")), tags.cell(point("not_applicable")),
            tags.cell(point("withheld", withheld_for="C")), tags.cell(point("withheld", withheld_for="D")),
        ]  # fmt: skip
    assert len(set(cells)) == 5
    for name, cell in zip(("zero", "missing", "not_applicable", "withheld"), cells[:4], strict=True):
        assert f"state-{name}" in cell
    assert "0" in cells[0]
    assert not any(digit in cell for cell in cells[1:] for digit in "0123456789")


def test_a_cell_that_is_not_there_is_missing_and_never_zero():
    with override("en"):
        assert tags.cell(None) == tags.cell(point("missing"))


@pytest.mark.parametrize("how", ["number", "number:1", "signed", "percent", "percent:0", "day"])
def test_what_is_not_there_leaves_its_place_empty(how):
    """Work that waits holds no counts yet: its row stands in the list, and nothing of it is 0."""
    page = Template("{% load marsad %}[{{ work.counts.persons|" + how + " }}]")
    for counts in ({}, {"persons": None}):
        assert page.render(Context({"work": {"counts": counts}})) == "[]"


def test_a_negative_number_keeps_its_order_in_an_arabic_page():
    with override("ar"):
        assert tags.signed(-10.8, 1) == '<bdi class="number" dir="ltr">−10,8</bdi>'


def test_words_are_those_of_the_page():
    area = {"name_fr": "Maroc", "name_ar": "المغرب", "name_en": "Morocco"}
    page = Template("{% load marsad %}{{ area|words:'name' }}")
    for language, name in (("fr", "Maroc"), ("ar", "المغرب"), ("en", "Morocco")):
        with override(language):
            assert page.render(Context({"area": area})) == name


def test_a_link_to_a_page_that_does_not_exist_is_nothing():
    assert tags.url_or_nothing("observatory:no_such_page") == ""


def test_markdown_makes_what_packs_use():
    text = "# Title\n\nA **strong** `a_b*c` [link](https://example.org/a_b).\n\n- one\n- two\n\n|a|b|\n|-|-|\n|1|2|"
    html = rendered(text)
    wanted = ("<h2>Title</h2>", "<strong>strong</strong>", "<code>a_b*c</code>", "<li>two</li>", "<td>2</td>")
    assert [part for part in wanted if part not in html] == []
    assert '<a href="https://example.org/a_b">link</a>' in html


@pytest.mark.parametrize(
    "text", ["<script>x</script>", "[x](javascript:alert(1))", "a <img src=x onerror=y>", '`"><b>`']
)
def test_markdown_lets_no_html_through(text):
    html = rendered(text)
    assert "<script" not in html
    assert "<img" not in html
    assert "<b>" not in html
    assert 'href="javascript' not in html


@pytest.mark.parametrize(
    ("pages", "number", "shown"),
    [(3, 2, [1, 2, 3]), (300, 150, [1, 2, None, 147, 148, 149, 150, 151, 152, 153, None, 299, 300])],
)
def test_a_long_list_links_to_some_of_its_pages(pages: int, number: int, shown: list[int | None]) -> None:
    assert tags.page_numbers(Paginator(range(pages), 1).page(number)) == shown
