"""A planner finds a gap and asks; the officer assesses, plans and closes it with an edition: in French, then in Arabic."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from browser.conftest import Served
from browser.test_agreements import in_the_installation

_PEOPLE = """
from datetime import UTC, datetime
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from house.people import person
from marsad.accounts.rules import Role

for name, role in (("planner", Role.PLANNER), ("assessor", Role.DATA_OFFICER)):
    user = person(role, email=f"needs-{name}@example.org")
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    print("session", name, session.session_key, settings.SESSION_COOKIE_NAME)
"""


@pytest.fixture(scope="module")
def sessions(served: Served) -> dict[str, dict[str, str]]:
    """A cookie for each of the two."""
    printed = in_the_installation(served.printed.parent, _PEOPLE)
    lines = [line.split() for line in printed.splitlines() if line.startswith("session ")]
    return {name: {"name": cookie, "value": key, "url": served.base} for _, name, key, cookie in lines}


def test_from_a_gap_to_an_answer(chromium: Browser, served: Served, sessions: dict[str, dict[str, str]]) -> None:
    asking, answering = chromium.new_context(), chromium.new_context(viewport={"width": 375, "height": 800})
    asking.add_cookies([sessions["planner"]])  # type: ignore[list-item]
    answering.add_cookies([sessions["assessor"]])  # type: ignore[list-item]
    page = asking.new_page()
    page.goto(f"{served.base}/fr/gaps/?theme=housing")
    page.locator("tr:has([data-strength=empty]) a[href*='requests/new']").first.click()
    expect(page.locator("#id_area")).not_to_have_value("")
    page.locator("#id_title").fill("Logement des personnes étrangères")
    page.locator("#id_text").fill("Par sexe, pour le plan d’action")
    page.locator("main form[method=post] button[type=submit]").click()
    expect(page.locator("[data-state=received]")).to_be_visible()
    path = page.url.removeprefix(served.base).replace("/fr/", "/ar/")

    other = answering.new_page()
    other.goto(f"{served.base}{path}")
    expect(other.locator("html")).to_have_attribute("dir", "rtl")
    other.locator("button[value=assess]").click()
    other.locator("#id_planned_for").fill("2099-01-31")
    other.locator("button[value=plan]").click()
    expect(other.locator("[data-state=planned]")).to_be_visible()
    other.locator("button[value=refuse]").click()
    expect(other.get_by_role("alert").first).to_be_visible()
    other.locator("#id_reason").fill("لا يسمح القانون بذلك")
    other.locator("button[value=refuse]").click()
    expect(other.locator("[data-state=refused]")).to_be_visible()

    page.goto(f"{served.base}/fr/desk/")
    expect(page.locator("[data-notice='needs.moved_refused']")).to_be_visible()
    asking.close()
    answering.close()
