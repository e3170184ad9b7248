"""An officer loads a frame, draws, opens fieldwork and notes a visit; on a phone, in Arabic, coupons are printed."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from browser.conftest import Served
from browser.test_agreements import in_the_installation

_OFFICER = """
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from house.people import person
from marsad.accounts.rules import Role

user = person(Role.DATA_OFFICER, email="fieldwork-officer@example.org")
session = SessionStore()
session[SESSION_KEY] = str(user.pk)
session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session.save()
print("session", session.session_key, settings.SESSION_COOKIE_NAME)
"""
_AREAS = ("04.421.01.01", "04.421.01.05")


@pytest.fixture(scope="module")
def cookie(served: Served) -> dict[str, str]:
    printed = in_the_installation(served.printed.parent, _OFFICER)
    _, key, name = next(line for line in printed.splitlines() if line.startswith("session ")).split()
    return {"name": name, "value": key, "url": served.base}


def submitted(page: Page, form: str) -> None:
    page.locator(f"[data-form={form}] button[type=submit]").first.click()


def test_from_a_frame_to_a_visit(chromium: Browser, served: Served, cookie: dict[str, str]) -> None:
    context = chromium.new_context()
    context.add_cookies([cookie])  # type: ignore[list-item]
    page = context.new_page()
    lines = ["code,area", *(f"R-{number:04d},{_AREAS[number % 2]}" for number in range(80))]
    page.goto(f"{served.base}/fr/fieldwork/frames/new/")
    page.locator("#id_code").fill("logements")
    page.locator("#id_title").fill("Logements")
    page.locator("#id_file").set_input_files(
        {"name": "base.csv", "mimeType": "text/csv", "buffer": "\n".join(lines).encode()}
    )
    submitted(page, "frame")
    page.locator("a[href$='/draw/']").click()
    page.locator("#id_code").fill("vague-1")
    page.locator("#id_title").fill("Vague 1")
    page.locator("#id_size").fill("40")
    submitted(page, "draw")
    page.locator("form:has(input[value=open]) button").click()
    expect(page.locator("[data-state=open]")).to_be_visible()
    expect(page.locator("[data-total] td").first).to_have_text("40")
    page.locator("a[href$='/vague-1/cases/']").click()
    page.locator("[data-case] a").first.click()
    page.locator("#id_disposition").select_option("1.1")
    submitted(page, "visit")
    expect(page.locator("[data-state=closed]")).to_be_visible()
    context.close()


def test_coupons_are_printed_on_a_phone_in_arabic(chromium: Browser, served: Served, cookie: dict[str, str]) -> None:
    context = chromium.new_context(viewport={"width": 320, "height": 720}, accept_downloads=True)
    context.add_cookies([cookie])  # type: ignore[list-item]
    page = context.new_page()
    page.goto(f"{served.base}/ar/fieldwork/networks/new/")
    for name, words in (("code", "rabii"), ("title", "شبكة الربيع"), ("place_fr", "Maison"), ("place_ar", "دار الحي")):
        page.locator(f"#id_{name}").fill(words)
    submitted(page, "network")
    page.locator("form:has(input[value=open]) button").click()
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    page.locator("#id_number").fill("3")
    with page.expect_download() as download:
        submitted(page, "print")
    assert download.value.suggested_filename == "coupons-rabii-1.pdf"
    page.reload()
    expect(page.locator("[data-count=printed]")).to_have_text("3")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    context.close()
