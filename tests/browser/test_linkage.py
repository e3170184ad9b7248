"""Clerical review in a browser: by key and by button, taken back, in Arabic; where records agree, never who they are."""

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
from linkage.city_lists import city_lists
from linkage.test_review import freeze_list
from marsad.accounts.rules import Role
from marsad.audit.rules import System
from marsad.production.linkage import operations
from marsad.production.linkage.jobs import link_lists

made_up = dict(is_synthetic=True, authorisation_number="", authorised_on=None)
tables = city_lists(700, families=400).plain
snapshots = [freeze_list(f"trial-{name}", table, **made_up) for name, table in tables.items()]
asked = operations.ask_linkage(
    actor=System("test"), at=datetime.now(UTC), snapshots=snapshots, one_record_each=[f"trial-{name}" for name in tables],
    review_size=20,
)
link_lists(lambda *said: None)
user = person(Role.STATISTICIAN, email="linkage-reviewer@example.org")
session = SessionStore()
session[SESSION_KEY] = str(user.pk)
session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session.save()
print("told", json.dumps(dict(linkage=str(asked.pk), cookie=settings.SESSION_COOKIE_NAME, session=session.session_key)))
"""


@pytest.fixture(scope="module")
def told(served):
    return json.loads(in_the_installation(served.printed.parent, _CAST))


@pytest.fixture
def reviewer(served, chromium: Browser, told):
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    context.add_cookies([{"name": told["cookie"], "value": told["session"], "url": served.base}])
    yield context.new_page()
    context.close()


def test_pairs_are_decided_by_key_and_taken_back(served, reviewer: Page, told):
    address = f"{served.base}/fr/linkages/{told['linkage']}/"
    reviewer.goto(address)
    expect(reviewer.locator("[data-state]")).to_have_attribute("data-state", "linked")
    reviewer.locator("a[href$='/review/']").click()
    pair = reviewer.locator("[data-pair]")
    expect(pair).to_have_attribute("data-pair", "0")
    expect(pair).to_be_focused()
    reviewer.keyboard.press("2")
    expect(pair).to_have_attribute("data-pair", "1")
    reviewer.keyboard.press("1")
    expect(pair).to_have_attribute("data-pair", "2")
    reviewer.locator("form[action$='/take-back/'] button").click()
    expect(pair).to_have_attribute("data-pair", "1")
    reviewer.goto(address.replace("/fr/", "/ar/") + "review/")
    expect(reviewer.locator("html")).to_have_attribute("dir", "rtl")
    reviewer.set_viewport_size({"width": 320, "height": 800})
    assert reviewer.evaluate("document.documentElement.scrollWidth") <= 320
    reviewer.locator("button[data-key='3']").click()
    expect(pair).to_have_attribute("data-pair", "2")
