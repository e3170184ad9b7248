"""What readers come for, done as they do it, in French and Arabic."""

from __future__ import annotations

import csv
import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def page(desk, request):
    page = desk.new_page()
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    yield page
    assert not faults, faults


def test_souissis_basic_dwellings_from_the_first_page(served, page):
    page.goto(f"{served.base}/")
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    page.get_by_role("navigation").get_by_role("link", name="Recherche").first.click()
    page.locator("#q").fill("habitat sommaire")
    page.locator("#q").press("Enter")
    page.get_by_role("link", name="Ménages en habitat sommaire ou bidonville").first.click()
    card = page.locator("#change")
    card.locator("[data-table] > summary").click()
    row = card.locator("tbody tr").filter(has_text="Souissi")
    expect(row).to_contain_text("19,5")
    expect(row).to_contain_text("4,6")


def test_the_same_in_arabic(served, page):
    page.goto(f"{served.base}/ar/indicators/HOU-02/")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    card = page.locator("#change")
    card.locator("[data-table] > summary").click()
    row = card.locator("tbody tr").filter(has_text="السويسي")
    expect(row).to_contain_text("19,5")
    expect(row).to_contain_text("4,6")


@pytest.mark.parametrize(("language", "words"), [("fr", "rupture de série"), ("ar", "انقطاع"), ("en", "break")])
def test_the_break_in_touargas_tenants_is_seen_and_no_change_is_claimed(served, page, language, words):
    page.goto(f"{served.base}/{language}/areas/04.421.01.07/")
    row = page.locator("tr").filter(has=page.locator("a[href*='/indicators/HOU-04/']")).first
    expect(row).to_contain_text("74")
    expect(row).to_contain_text(words)
    expect(row.locator(".change-up, .change-down, .change-same")).to_have_count(0)


@pytest.mark.parametrize(("language", "recommended"), [("fr", "recommandé"), ("ar", "موصى به"), ("en", "recommended")])
def test_the_case_of_the_foreign_residents_of_2014(served, page, language, recommended):
    page.goto(f"{served.base}/{language}/figures/")
    page.locator("a[href$='/cases/']").first.click()
    page.locator("a[href$='/cases/morocco-2014-foreign-residents/']").click()
    expect(page.locator("[data-case-state]")).to_have_attribute("data-case-state", "settled")
    for figure in ("84", "86"):
        expect(page.locator("main")).to_contain_text(re.compile(rf"{figure}[\u202f,\s]?\d{{3}}"))
    expect(page.locator(".is-recommended")).to_contain_text(recommended)


def test_the_values_of_an_indicator_come_as_csv(served, page):
    page.goto(f"{served.base}/fr/indicators/HOU-02/")
    card = page.locator("#change")
    card.locator("[data-downloads] > summary").click()
    with page.expect_download() as download:
        card.locator("a[href$='data.csv']").click()
    with open(download.value.path(), encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    souissi = {row["period"]: row["value"] for row in rows if row["area"] == "04.421.01.06" and not row["breakdown"]}
    assert souissi == {"2014": "19.5", "2024": "4.6"}
    commune = next(row for row in rows if row["area"] == "04.421.01.0" and row["period"] == "2014")
    assert (commune["state"], commune["value"]) == ("missing", "")


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_a_chart_comes_as_a_picture(served, page, kind):
    answer = page.request.get(f"{served.base}/ar/indicators/HOU-02/map.{kind}")
    assert answer.status == 200
    assert answer.body().startswith(b"<svg" if kind == "svg" else b"\x89PNG")
    assert len(answer.body()) > 5000


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_two_arrondissements_are_compared_on_a_phone(served, phone, language):
    page = phone.new_page()
    page.goto(f"{served.base}/{language}/indicators/HOU-02/")
    page.locator("a[href*='/compare/HOU-02/']").first.tap()
    for box in page.locator("input[name=areas]").all():
        box.set_checked(box.get_attribute("value") in {"04.421.01.05", "04.421.01.06"})
    page.locator("main form button").first.tap()
    page.wait_for_load_state("networkidle")
    table = page.locator("#comparison table").last
    expect(table).to_contain_text("19,5")
    expect(table).to_contain_text("1,5")
    assert page.evaluate("document.documentElement.scrollWidth") <= 375


def test_a_citation_leads_back_to_the_edition(served, page):
    page.goto(f"{served.base}/fr/indicators/HOU-02/")
    card = page.locator("#change")
    card.locator("[data-cite] > summary").click()
    citation = card.locator("[id^=cite-]").inner_text()
    address = re.search(r"http\S+/e/\d{4}-\d+/indicators/HOU-02/", citation)
    assert address
    answer = page.request.get(address[0])
    assert answer.status == 200
    assert "immutable" in answer.headers["cache-control"]


def test_the_language_switch_keeps_the_page(served, page):
    page.goto(f"{served.base}/fr/indicators/HOU-04/")
    page.locator("[data-languages] summary").click()
    page.locator("[data-languages] a[lang=ar]").click()
    expect(page).to_have_url(re.compile(r"/ar/indicators/HOU-04/$"))


def test_an_indicator_nobody_measures_says_who_could(served, page):
    page.goto(f"{served.base}/fr/indicators/HOU-09/")
    expect(page.locator("main")).to_contain_text("non mesuré")
    assert page.locator("main svg").count() == 0


def test_the_first_administrator_is_made_by_the_printed_link(served, desk):
    link = re.search(r"http\S+/account/invitation/\S+", served.printed.read_text("utf-8"))
    assert link, "the first start prints a one-time link"
    page = desk.new_page()
    page.goto(link[0])
    page.locator("input[type=email]").fill("first@example.org")
    page.locator("input[name=name]").fill("First Person")
    for box in page.locator("input[type=password]").all():
        box.fill("a long sentence that nobody guesses")
    page.locator("main form button").first.click()
    page.wait_for_load_state("networkidle")
    assert "/account/" in page.url
    desk.clear_cookies()
    assert page.goto(link[0]).status == 410, "the link works once"
    assert page.locator("input[type=password]").count() == 0


def test_the_picture_of_the_readme(served, chromium):
    """The README opens with the first page as it is; set MARSAD_PICTURE=1 to renew the kept one."""
    context = chromium.new_context(viewport={"width": 1280, "height": 860})
    page = context.new_page()
    page.goto(f"{served.base}/fr/")
    page.wait_for_load_state("networkidle")
    picture = page.screenshot()
    context.close()
    kept = REPOSITORY / "docs" / "images" / "home.png"
    if os.environ.get("MARSAD_PICTURE") == "1":
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(picture)
    assert kept.read_bytes().startswith(b"\x89PNG")
    assert len(picture) > 40_000
