"""Every public page for every reader: axe, keyboard, small screens, no JavaScript, less motion, paper."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

AXE = Path(__file__).resolve().parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
PAGES = [
    "", "indicators/", "indicators/HOU-02/", "indicators/HOU-04/", "indicators/HOU-09/", "indicators/FLW-02/",
    "indicators/CTX-POP-03/", "areas/", "areas/04.421/", "areas/04.421.01.07/", "themes/housing/", "compare/HOU-02/", "figures/",
    "figures/F001/", "cases/", "cases/morocco-2014-foreign-residents/", "sources/", "sources/osm/", "datasets/",
    "datasets/rgph-2024/", "organisations/", "goals/", "recommendations/", "methods/", "search/?q=HOU", "pages/about/",
    "pages/data-protection/", "pages/accessibility/",
]  # fmt: skip
LANGUAGES = ["fr", "ar", "en"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_serious(served, chromium, language):
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, bypass_csp=True)
    page = context.new_page()
    found = []
    for path in PAGES:
        answer = page.goto(f"{served.base}/{language}/{path}")
        assert answer.status == 200, path
        page.evaluate(AXE.read_text("utf-8"))
        result = page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})")
        found += [
            (path, violation["id"], violation["nodes"][0]["html"][:160])
            for violation in result["violations"]
            if violation["impact"] in {"serious", "critical"}
        ]
    context.close()
    assert not found, json.dumps(found, indent=1, ensure_ascii=False)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_scrolls_sideways_at_320_pixels(served, chromium, language):
    context = chromium.new_context(viewport={"width": 320, "height": 640})
    page = context.new_page()
    wide = []
    for path in PAGES:
        page.goto(f"{served.base}/{language}/{path}")
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > 320:
            wide.append((path, width))
    context.close()
    assert not wide


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_read_without_javascript(served, chromium, language):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{served.base}/{language}/indicators/HOU-02/")
    card = page.locator("#change")
    card.locator("[data-table] > summary").click()
    expect(card.locator("tbody")).to_contain_text(re.compile(r"19[.,]5"))
    assert card.locator("svg").count() == 1
    page.goto(f"{served.base}/{language}/compare/HOU-02/?areas=04.421.01.06")
    expect(page.locator("#comparison")).to_contain_text(re.compile(r"19[.,]5"))
    context.close()


def test_the_keyboard_reaches_the_content_first_and_then_everything(served, desk):
    page = desk.new_page()
    page.goto(f"{served.base}/fr/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip-link"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate(
                "document.activeElement.tagName + ' ' + (document.activeElement.textContent || '').trim().slice(0, 30)"
            )
        )
    assert any(entry.startswith("SUMMARY") for entry in reached)
    assert sum(entry.startswith("A ") for entry in reached) > 10


def test_the_focus_is_seen(served, desk):
    page = desk.new_page()
    page.goto(f"{served.base}/fr/sources/")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    outline = page.evaluate(
        "getComputedStyle(document.activeElement).outlineStyle + getComputedStyle(document.activeElement).boxShadow"
    )
    assert outline != "nonenone"


def test_marks_of_a_chart_are_labelled_for_screen_readers(served, desk):
    page = desk.new_page()
    page.goto(f"{served.base}/fr/indicators/HOU-02/")
    labels = page.locator("#change svg [aria-label]").evaluate_all(
        "marks => marks.map(m => m.getAttribute('aria-label'))"
    )
    assert any("Souissi" in label and "19,5" in label for label in labels)


def test_the_map_is_worked_with_the_keyboard_and_has_a_list(served, desk):
    page = desk.new_page()
    page.goto(f"{served.base}/fr/areas/")
    expect(page.locator("[data-map-list] li")).to_have_count(6, timeout=20_000)
    page.locator("[data-map-indicator]").select_option("HOU-02")
    expect(page.locator("[data-map-list]")).to_contain_text("4,6")
    expect(page.locator("[data-map-canvas] canvas")).to_be_visible()
    page.locator("[data-map-closer]").focus()
    page.keyboard.press("Enter")
    page.locator("[data-map-list] a").first.click()
    expect(page).to_have_url(re.compile(r"/areas/04\.421"))


def test_less_motion_is_respected(served, chromium):
    context = chromium.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{served.base}/fr/")
    longest = page.evaluate(
        "Math.max(...[...document.querySelectorAll('*')].map(e => parseFloat(getComputedStyle(e).transitionDuration) || 0))"
    )
    context.close()
    assert longest < 0.01


def test_paper_shows_the_content_without_the_navigation(served, desk):
    page = desk.new_page()
    page.goto(f"{served.base}/fr/indicators/HOU-02/")
    page.emulate_media(media="print")
    assert not page.locator(".site-nav").is_visible()
    assert page.locator("h1").is_visible()
    assert page.pdf().startswith(b"%PDF")


def test_no_page_asks_another_host_for_anything(served, desk):
    page = desk.new_page()
    asked = set()
    page.on("request", lambda request: asked.add(request.url))
    for path in ("fr/", "ar/areas/", "en/indicators/HOU-02/"):
        page.goto(f"{served.base}/{path}")
        page.wait_for_load_state("networkidle")
    own = (served.base, "blob:", "data:")
    assert not [url for url in asked if not url.startswith(own)]


def test_the_first_page_is_light(served, chromium):
    """Under 150 kB as sent, with styles, script and fonts, without the map."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    sizes = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(f"{served.base}/fr/")
    page.wait_for_load_state("networkidle")
    context.close()
    assert sum(sizes) < 150_000, sum(sizes)
