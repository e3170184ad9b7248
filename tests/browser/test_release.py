"""The release desk in a browser: two people approve, the audit refuses, a corrected source travels, an old citation holds."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

REPOSITORY = Path(__file__).resolve().parents[2]
_CAST = """
import json
from datetime import UTC, date, datetime, timedelta
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from house.people import person
from marsad.accounts.rules import Role
from marsad.audit.rules import System
from marsad.catalogue.models import Source
from marsad.release.operations import grant_competence
from marsad.release.steps import person_code
from release import bundles

at = datetime.now(UTC)
people = {
    "author": person(Role.STATISTICIAN, email="release-author@example.org"),
    "one": person(Role.REVIEWER, email="release-one@example.org"),
    "two": person(Role.REVIEWER, email="release-two@example.org"),
}
for name in ("one", "two"):
    grant_competence(actor=System("test"), at=at, person=person_code(people[name]), expires_on=at.date() + timedelta(days=90), reason="course")
told = dict(sessions={}, requests={})
for name, user in people.items():
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    told["sessions"][name] = session.session_key
told["cookie"] = settings.SESSION_COOKIE_NAME
source = "derived-published"


def request(table, at=at, **more):
    made = bundles.requested(people["author"], [table], at=at, source=source, **more)
    return str(made.pk)


def counted(counts=bundles.COUNTS, **more):
    return bundles.bundled(bundles.residents(counts, indicator="{indicator}"), **more)


told["requests"]["plain"] = request(counted(), reason=bundles.words("Première édition"))
told["requests"]["contradicting"] = request(
    counted({{**bundles.COUNTS, ("04.421.01.07", "M"): 42.0}}), dataflow="other"
)
print("told", json.dumps(told))
"""
_LATER = """
from datetime import UTC, datetime
from marsad.accounts.models import User
from marsad.audit.rules import System
from marsad.dissemination.rules import StaleFor
from marsad.release.operations_staleness import source_moved
from release import bundles

at = datetime.now(UTC)
author, one, two = (User.objects.get(email=f"release-{{name}}@example.org") for name in ("author", "one", "two"))
waiting = bundles.approved(
    author, (one, two), [bundles.bundled(bundles.residents(indicator="{indicator}", id="second"))], at=at, dataflow="second",
    source="derived-published",
)
source_moved(actor=System("test"), at=at, snapshot="snap-1", cause=StaleFor.SOURCE_CORRECTED)
revised = bundles.residents({{**bundles.COUNTS, ("04.421.01.07", "M"): 42.0}}, indicator="{indicator}")
table = bundles.bundled(revised, snapshots=(bundles.snapshot("snap-2"),))
edition, _ = bundles.published(
    author, (one, two), [table], at=at, source="derived-published", vintage="2026-12", reason=bundles.words("Corrigée")
)
print("told", str(waiting.pk))
"""


def in_the_installation(home: Path, code: str) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MARSAD_", "DJANGO_", "PYTEST_"))}
    paths = os.pathsep.join(str(REPOSITORY / one) for one in ("src", "tests"))
    before = (
        "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'marsad.config.settings'\nimport django; django.setup()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", before + code.replace("{indicator}", INDICATOR).replace("{{", "{").replace("}}", "}")],
        env={**kept, "MARSAD_HOME": str(home), "PYTHONPATH": paths},
        capture_output=True, text=True, check=False, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return next(line for line in done.stdout.splitlines() if line.startswith("told ")).removeprefix("told ")


INDICATOR = "STK-01"


@pytest.fixture(scope="module")
def told(served):
    return json.loads(in_the_installation(served.printed.parent, _CAST))


@pytest.fixture
def page_of(served, chromium: Browser, told):
    contexts = []

    def open_page(name: str = "") -> Page:
        context = chromium.new_context(viewport={"width": 1280, "height": 900})
        contexts.append(context)
        if name:
            context.add_cookies([{"name": told["cookie"], "value": told["sessions"][name], "url": served.base}])
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()


def sign(page: Page, address: str, words: str) -> None:
    page.goto(address)
    page.locator("input[name=verdict][value=approve]").check()
    page.locator("#id_reason").fill(words)
    page.locator("form[action$='/sign/'] button").click()


def test_two_people_approve_and_readers_see_it_with_its_chain(served, page_of, told):
    address = f"{served.base}/fr/release/{told['requests']['plain']}/"
    author = page_of("author")
    author.goto(address)
    author.locator("form[action$='/submit/'] button").click()
    expect(author.locator("[data-state]").first).to_have_attribute("data-state", "submitted")
    one, two = page_of("one"), page_of("two")
    one.goto(f"{served.base}/fr/release/")
    expect(one.locator("[data-waiting] a")).to_have_count(1)
    sign(one, address, "les mots du premier réviseur")
    expect(one.locator("[data-signatures]")).to_contain_text("les mots du premier")
    two.goto(address.replace("/fr/", "/ar/"))
    expect(two.locator("html")).to_have_attribute("dir", "rtl")
    expect(two.locator("main")).not_to_contain_text("les mots du premier")
    two.locator("a[href*='/tables/0/']").click()
    expect(two.locator("[data-intervals] tbody tr")).to_have_count(4)
    sign(two, address, "rien à redire")
    author.goto(address)
    expect(author.locator("[data-signatures]")).to_contain_text("les mots du premier")
    author.locator("form[action$='/publish/'] button").click()
    expect(author.locator("[data-state]").first).to_have_attribute("data-state", "published")
    reader = page_of()
    reader.goto(f"{served.base}/fr/indicators/{INDICATOR}/")
    expect(reader.locator("main")).to_contain_text(re.compile(r"84"))
    reader.locator("a[href*='/why/']").first.click()
    reader.locator("tr", has_text="84").locator("a[href*='/why/']").first.click()
    expect(reader.locator("[data-value]")).to_contain_text("84")
    reader.locator("[data-snapshots] a").click()
    expect(reader.locator("[data-rests]")).to_contain_text("2026-1")


def test_refused_by_the_audit(served, page_of, told):
    """The same people with other numbers: the ledger knows what was released, and the request cannot be submitted."""
    author = page_of("author")
    author.goto(f"{served.base}/fr/release/{told['requests']['contradicting']}/")
    author.locator("form[action$='/submit/'] button").click()
    expect(author.locator("[data-refusals]")).to_be_visible()
    author.goto(f"{served.base}/fr/release/{told['requests']['contradicting']}/")
    expect(author.locator("[data-state]").first).to_have_attribute("data-state", "draft")


def test_a_corrected_source_travels_and_an_old_citation_keeps_its_number(served, page_of, told):
    reader = page_of()
    reader.goto(f"{served.base}/fr/indicators/{INDICATOR}/")
    cited = re.search(
        r"http\S+/e/\d{4}-\d+/indicators/[\w-]+/", reader.locator("[id^=cite-]").first.text_content() or ""
    )
    assert cited is not None
    waiting = in_the_installation(served.printed.parent, _LATER)
    author = page_of("author")
    author.goto(f"{served.base}/fr/release/{waiting}/")
    expect(author.locator("[data-state]").first).to_have_attribute("data-state", "demoted")
    author.goto(f"{served.base}/fr/desk/")
    expect(author.locator("main")).to_contain_text("source corrigée")
    reader.wait_for_timeout(2500)
    reader.goto(cited[0])
    expect(reader.locator("[data-stale]").first).to_contain_text("source a été corrigée")
    old = reader.request.get(f"{cited[0]}data.csv").text()
    assert re.search(r"04\.421,[^,]*,2024,,value,84,", old)
    new = reader.request.get(f"{served.base}/fr/indicators/{INDICATOR}/data.csv").text()
    assert re.search(r"04\.421,[^,]*,2024,,value,96,", new)
