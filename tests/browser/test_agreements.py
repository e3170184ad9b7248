"""An association and the city make an agreement, in French and in Arabic: from a draft to force, then to its last day."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

REPOSITORY = Path(__file__).resolve().parents[2]
_CAST = """
from datetime import UTC, datetime
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from house.people import person
from marsad.accounts.rules import Role
from marsad.actors.operations import add_membership
from marsad.actors.queries import organisation
from marsad.audit.rules import System

at = datetime.now(UTC)
people = {
    "officer": person(Role.DATA_OFFICER, email="agreements-officer@example.org"),
    "coordinator": person(Role.COORDINATOR, email="agreements-coordinator@example.org"),
    "protection": person(Role.DATA_PROTECTION_OFFICER, email="agreements-protection@example.org"),
    "partner": person(Role.PARTNER, email="agreements-partner@example.org"),
}
add_membership(actor=System("test"), at=at, user_id=people["partner"].pk, organisation="caritas")
for name, user in people.items():
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    print("session", name, session.session_key, settings.SESSION_COOKIE_NAME)
"""
_NEXT_YEARS = """
from datetime import UTC, datetime, timedelta
from marsad.audit.rules import System
from marsad.coordination.agreements.operations_calendar import keep_calendar

print(keep_calendar(actor=System("job:keep-agreements"), at=datetime.now(UTC) + timedelta(days={days})))
"""


def in_the_installation(home: Path, code: str) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MARSAD_", "DJANGO_", "PYTEST_"))}
    paths = os.pathsep.join(str(REPOSITORY / one) for one in ("src", "tests"))
    before = (
        "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'marsad.config.settings'\nimport django; django.setup()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", before + code],
        env={**kept, "MARSAD_HOME": str(home), "PYTHONPATH": paths},
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def sessions(served) -> dict[str, tuple[str, str]]:
    """A signed-in session for each of the people."""
    printed = in_the_installation(served.printed.parent, _CAST)
    rows = [line.split()[1:] for line in printed.splitlines() if line.startswith("session ")]
    return {name: (key, cookie) for name, key, cookie in rows}


@pytest.fixture
def page_of(served, chromium: Browser, sessions):
    """``page_of("partner")``: a page of that person's browser."""
    contexts = []

    def open_page(name: str) -> Page:
        context = chromium.new_context(viewport={"width": 1280, "height": 900})
        contexts.append(context)
        key, cookie = sessions[name]
        context.add_cookies([{"name": cookie, "value": key, "url": served.base}])
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()


def write_terms(page: Page, code: str, dataflow: str) -> None:
    start = datetime.now(UTC).date()
    page.locator("#id_organisation").select_option("caritas")
    page.locator("#id_code").fill(code)
    page.locator("#id_dataflow").fill(dataflow)
    for language in ("fr", "ar", "en"):
        page.locator(f"#id_title_{language}").fill("Visites – زيارات – visits")
        page.locator(f"#id_purpose_words_{language}").fill("Compter")
        page.locator(f"#id_basis_words_{language}").fill("Loi organique 113-14")
    page.locator("#id_authorisation_number").fill("D-W-1/2026")
    page.locator("#id_authorised_on").fill(str(start))
    page.locator("input[name=recipient_classes][value=municipality]").check()
    page.locator("input[name=reviewers][value=reviewer]").check()
    page.locator("#id_starts_on").fill(str(start))
    page.locator("#id_ends_on").fill(str(start + timedelta(days=200)))
    page.locator("form[enctype] button[type=submit]").click()


@pytest.mark.parametrize(("language", "direction"), [("fr", "ltr"), ("ar", "rtl")])
def test_an_agreement_is_negotiated_reviewed_signed_and_expires(served, page_of, language, direction):
    code, root = f"visits-{language}", f"{served.base}/{language}/agreements/"
    officer, partner = page_of("officer"), page_of("partner")
    coordinator, protection = page_of("coordinator"), page_of("protection")

    officer.goto(f"{root}new/")
    expect(officer.locator("html")).to_have_attribute("dir", direction)
    write_terms(officer, code, f"flow-{language}")
    expect(officer.locator("[data-state]")).to_have_attribute("data-state", "draft")
    expect(officer.locator("[data-move=agree] button")).to_be_disabled()

    partner.goto(root)
    partner.locator(f"[data-agreement={code}] a").click()
    partner.locator("[data-move=edit] a").click()
    partner.locator("#id_minimum_cell").fill("9")
    partner.locator("form[enctype] button[type=submit]").click()
    partner.locator("[data-move=agree] button").click()
    expect(partner.locator("[data-state]")).to_have_attribute("data-state", "negotiated")
    expect(partner.locator("[data-move=sign] button")).to_be_disabled()

    protection.goto(f"{root}{code}/")
    protection.locator("[data-move=review] button").click()
    for page in (partner, coordinator):
        page.goto(f"{root}{code}/")
        page.locator("[data-move=sign] a").click()
        expect(page.locator("[data-text]")).to_contain_text("D-W-1/2026")
        page.locator("#id_confirmed").check()
        page.locator("form[enctype] button[type=submit]").click()
    coordinator.locator("[data-move=enforce] button").click()
    expect(coordinator.locator("[data-state]")).to_have_attribute("data-state", "in_force")
    with coordinator.expect_download() as paper:
        coordinator.locator(f"a[href$='/{language}.pdf']").click()
    assert Path(paper.value.path()).read_bytes().startswith(b"%PDF-")

    in_the_installation(served.printed.parent, _NEXT_YEARS.format(days=201))
    partner.goto(f"{root}{code}/")
    expect(partner.locator("[data-state]")).to_have_attribute("data-state", "expired")
    public = page_of("partner")
    public.goto(f"{served.base}/{language}/data-use/")
    expect(public.locator(f"[data-agreement={code}]")).to_be_visible()
