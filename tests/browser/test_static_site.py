"""The site as files, served by Python's plainest server and read in Chromium: French and Arabic, search, map, downloads."""

from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from browser.test_for_everybody import AXE
from site_export.written import written

__all__ = ["written"]

pytestmark = pytest.mark.django_db


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nothing: the tests print what they find."""


@pytest.fixture
def files(written: Path) -> Iterator[str]:
    """Where the folder is served: below a path, as the site was told that it would stand."""
    root = written.parent / "served-site"
    root.mkdir(exist_ok=True)
    if not (root / "observatory").exists():
        (root / "observatory").symlink_to(written, target_is_directory=True)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(root)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/observatory/"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(("language", "word"), [("fr", "logements HOU-02"), ("ar", "HOU-02")])
def test_a_reader_walks_the_files(files, desk, language, word):
    page = desk.new_page()
    asked, wrong = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("response", lambda answer: wrong.append(answer.url) if answer.status >= 400 else None)
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.goto(files)
    page.locator(f"a[hreflang={language}]").click()
    expect(page.locator("html")).to_have_attribute("dir", "rtl" if language == "ar" else "ltr")
    page.locator('.site-nav a[href$="indicators/"]').click()
    page.locator('main a[href$="HOU-02/"]').first.click()
    assert page.locator("[data-chart] svg").first.bounding_box()["width"] > 100
    page.locator("[data-downloads] summary").first.click()
    with page.expect_download() as download:
        page.locator('[data-downloads] a[href$="data.csv"]').first.click()
    assert download.value.path().read_bytes().count(b"\n") > 3
    page.locator('.site-nav a[href$="search/"]').click()
    page.locator("#q").fill(word)
    page.locator("[data-site-search] button").click()
    expect(page.locator("[data-site-results] li a").first).to_have_attribute("href", "../indicators/HOU-02/")
    page.locator("[data-site-results] li a").first.click()
    expect(page.locator("h1")).to_be_visible()
    page.goto(f"{files}{language}/areas/")
    expect(page.locator("[data-map-ready]")).to_have_count(1)
    assert wrong == []
    assert {url.split("/")[2] for url in asked if not url.startswith(("data:", "blob:"))} == {files.split("/")[2]}


def test_pages_of_its_own_are_for_everybody(files, chromium):
    context = chromium.new_context(viewport={"width": 320, "height": 640}, bypass_csp=True)
    page = context.new_page()
    found = []
    for path in ("", "404.html", "ar/search/", "fr/indicators/HOU-02/", "fr/figures/"):
        page.goto(files + path)
        page.evaluate(AXE.read_text("utf-8"))
        result = page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})")
        found += [(path, one["id"]) for one in result["violations"] if one["impact"] in {"serious", "critical"}]
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
    context.close()
    assert found == []
