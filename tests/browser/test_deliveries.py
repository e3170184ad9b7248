"""A partner's ugly workbook in a real browser: shown, confirmed, returned in French; corrected and accepted in Arabic."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from browser.conftest import Served
from deliveries.ugly_workbook import ugly_workbook

TESTS = Path(__file__).resolve().parents[1]
_PEOPLE = """
import json, os
os.environ["DJANGO_SETTINGS_MODULE"] = "marsad.config.settings"
import django; django.setup()
from django.conf import settings
from agreements.made import cast, in_force
from deliveries.delivery_cases import VISITS, dataflow, terms_for
from house.people import client_of
dataflow(VISITS)
people = cast()
in_force(people, terms_for(VISITS))
cookies = {name: client_of(getattr(people, name)).cookies[settings.SESSION_COOKIE_NAME].value for name in ("partner", "officer")}
print(json.dumps(cookies))
"""


@pytest.fixture(scope="module")
def sessions(served: Served) -> dict[str, str]:
    """A partner and a data officer of the served observatory, signed in."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MARSAD_", "DJANGO_", "PYTEST_"))}
    given = kept | {"MARSAD_HOME": str(served.printed.parent), "PYTHONPATH": f"{TESTS.parent / 'src'}:{TESTS}"}
    done = subprocess.run([sys.executable, "-c", _PEOPLE], env=given, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr[-2000:]
    return dict(json.loads(done.stdout.splitlines()[-1]))


def signed_in(chromium: Browser, served: Served, secret: str, *, phone: bool = False) -> BrowserContext:
    context = chromium.new_context(viewport={"width": 375, "height": 740} if phone else {"width": 1280, "height": 900})
    context.add_cookies([{"name": "sessionid", "value": secret, "url": served.base}])
    context.set_default_timeout(30_000)
    return context


def send(page: Page, base: str, language: str, content: bytes) -> None:
    """Choose the agreement, the period and the file, and send; on the page that is open or on a fresh one."""
    if "/send/" not in page.url:
        page.goto(f"{base}/{language}/deliveries/send/")
    page.locator("#id_period").fill("2026-01")
    page.locator("#id_file").set_input_files(
        {"name": "visites janvier.xlsx", "mimeType": "application/octet-stream", "buffer": content}
    )
    page.locator("main form button[type=submit]").click()


def decide(page: Page, address: str, move: str, reason: str) -> None:
    page.goto(address)
    page.locator("[data-form=decision] select").select_option(move)
    page.locator("[data-form=decision] textarea").fill(reason)
    page.locator("[data-form=decision] button").click()


def test_an_ugly_workbook_is_returned_corrected_and_accepted(
    chromium: Browser, served: Served, sessions: dict[str, str], tmp_path: Path
) -> None:
    partner = signed_in(chromium, served, sessions["partner"])
    officer = signed_in(chromium, served, sessions["officer"])
    page, desk = partner.new_page(), officer.new_page()
    send(page, served.base, "fr", ugly_workbook())
    address = page.url
    expect(page.locator("[data-state=read]")).to_be_visible()
    expect(page.locator("[data-recognised]")).to_contain_text("4–5")
    expect(page.locator("[data-preview]")).to_contain_text("Diallo")
    page.locator("[data-form=mapping] button").click()
    expect(page.locator("[data-state=checked]")).to_be_visible()
    expect(page.locator("[data-report]")).to_contain_text("136")
    page.locator("[data-form=answers] select").first.select_option("NER")
    page.locator("[data-form=answers] button").click()
    expect(page.locator("[data-form=answers]")).to_have_count(0)
    desk.goto(address)
    assert "Diallo" not in desk.content()
    decide(desk, address, "return", "Un âge de 136 ans, une ligne en double.")
    page.goto(address)
    expect(page.locator("[data-reason]")).to_contain_text("136")
    with page.expect_download() as coming:
        page.locator("main a.btn-primary").click()
    coming.value.save_as(tmp_path / "report.xlsx")
    assert (tmp_path / "report.xlsx").read_bytes()[:2] == b"PK"

    small = signed_in(chromium, served, sessions["partner"], phone=True)
    phone = small.new_page()
    phone.goto(address.replace("/fr/", "/ar/"))
    expect(phone.locator("html")).to_have_attribute("dir", "rtl")
    phone.locator("a[href*='corrects=']").click()
    send(phone, served.base, "ar", ugly_workbook(mended=True))
    expect(phone.locator("[data-state=checked]")).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1")
    decide(desk, phone.url.replace("/ar/", "/fr/"), "accept", "")
    phone.reload()
    expect(phone.locator("[data-state=accepted]")).to_be_visible()
    for context in (partner, officer, small):
        context.close()
