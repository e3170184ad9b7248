"""Production in a browser: a run asked for, computed while one looks, and handed to the desk; a study that asks what one assumes."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Browser, Page, expect

from browser.test_release import in_the_installation

_CAST = """
import json
from datetime import UTC, datetime
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from house.people import person
from marsad.accounts.rules import Role
from marsad.audit.rules import System
from marsad.collection.snapshots import Lineage
from marsad.demonstration.freezing import frozen_records
from marsad.demonstration.records import MadeUpCity

births = MadeUpCity.of(3, 0.1).births()
frozen_records(
    actor=System("test"), at=datetime.now(UTC), dataflow="civil-status-births", rows=births, period="2025",
    lineage=Lineage(submissions=(("register", "1", len(births)),)),
)
user = person(Role.STATISTICIAN, email="production@example.org")
session = SessionStore()
session[SESSION_KEY] = str(user.pk)
session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session.save()
print("told", json.dumps(dict(cookie=settings.SESSION_COOKIE_NAME, session=session.session_key)))
"""


@pytest.fixture(scope="module")
def told(served):
    return json.loads(in_the_installation(served.printed.parent, _CAST))


@pytest.fixture
def page(served, chromium: Browser, told):
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    context.add_cookies([{"name": told["cookie"], "value": told["session"], "url": served.base}])
    yield context.new_page()
    context.close()


def test_a_run_is_asked_for_computed_and_handed_to_the_desk(served, page: Page):
    page.goto(f"{served.base}/fr/production/new/")
    page.locator("#id_name").fill("Naissances de 2025")
    page.locator("input[name=definitions][value='LEG-05']").check()
    page.locator("#id_periods").fill("2025")
    page.locator("input[name=snapshots]").first.check()
    page.locator("form[data-ask] button[type=submit]").click()
    expect(page.locator("[data-run-state]")).to_have_attribute("data-run-state", "done", timeout=90_000)
    page.goto(page.url)
    expect(page.locator("[data-cells] tbody tr")).not_to_have_count(0)
    expect(page.locator("main")).to_contain_text("synthétique")
    page.locator("[data-to-release]").click()
    expect(page.locator("form[data-from-run]")).to_be_visible()
    expect(page.locator("#id_title_fr")).not_to_have_value("")
    for language in ("fr", "ar", "en"):
        page.locator(f"#id_reason_{language}").fill("إصدار أول" if language == "ar" else "Première édition")
    page.locator("#id_source").select_option("demonstration")
    page.locator("form[data-from-run] button[type=submit]").click()
    expect(page.locator("[data-state]").first).to_have_attribute("data-state", "draft")
    expect(page.locator("[data-table-report]")).to_have_attribute("data-passed", "yes")


def test_a_study_asks_what_one_assumes(served, page: Page):
    page.goto(f"{served.base}/ar/production/studies/mse/")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    boxes = page.locator("input[name=confirmed]")
    expect(boxes).not_to_have_count(0)
    page.locator("#id_name").fill("لوائح")
    page.locator("form[data-ask] button[type=submit]").click()
    expect(page.locator("fieldset[aria-invalid] [role=alert]").last).to_be_visible()
    expect(page).to_have_url(f"{served.base}/ar/production/studies/mse/")
