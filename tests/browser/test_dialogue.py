"""Journeys of the information flow in a real browser, in French and in Arabic, on a clock that the journey sets forward."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from agreements.made import TITLE, step
from browser.conftest import Served
from city_fixtures import small_city, small_root
from deliveries.delivery_cases import VISITS, csv_bytes, dataflow, terms_for
from house.people import client_of, person
from marsad.accounts.rules import Role
from marsad.actors.operations import add_membership
from marsad.audit.rules import System
from marsad.coordination.agreements import operations as agreements
from marsad.coordination.agreements.models import AgreementVersion
from marsad.coordination.agreements.operations_calendar import keep_calendar
from marsad.coordination.agreements.rules import Move
from marsad.coordination.needs.models import DataRequest, Need
from marsad.coordination.needs.operations import state_need
from marsad.coordination.needs.rules import Subject
from marsad.observatory.page_cache import shelf
from migstat.model.structure import DataStructure
from needs.made import NEED, edition

__all__ = ["small_city", "small_root"]
SYSTEM = System("test")
# Visits without anything about a person.
COUNTED = DataStructure(
    "counted-visits", "1", "visit", tuple(one for one in VISITS.columns if one.name in {"area", "age", "visit_date"})
)
ROWS = [["area", "age", "visit_date"], ["04.421.01.05", "35", "12"], ["04.421.01.06", "37", "30"]]
START = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], datetime]:
    """``clock(moment)``: the server's time from then on."""

    def set_to(moment: datetime) -> datetime:
        monkeypatch.setattr(timezone, "now", lambda: moment)
        shelf.clear()
        return moment

    set_to(START)
    return set_to


@pytest.fixture
def page_of(chromium: Browser, live_server: Any) -> Iterator[Callable[..., Page]]:
    """``page_of(user)``: a page of that person, signed in at the time of the clock: a sign-in lasts half a day."""
    contexts = []

    def opened(user: Any = None) -> Page:
        context = chromium.new_context(viewport={"width": 1280, "height": 900})
        context.set_default_timeout(20_000)
        contexts.append(context)
        if user is not None:
            cookie = client_of(user).cookies["sessionid"]
            context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": live_server.url}])
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()


def deliver(page: Page, root: str, period: str) -> None:
    page.goto(f"{root}/deliveries/send/")
    page.locator("#id_period").fill(period)
    rows = [ROWS[0], *([area, age, f"{period}-{day}"] for area, age, day in ROWS[1:])]
    page.locator("#id_file").set_input_files({"name": "visits.csv", "mimeType": "text/csv", "buffer": csv_bytes(rows)})
    page.locator("main form button[type=submit]").click()
    page.locator("[data-form=mapping] button").click()
    expect(page.locator("[data-state=checked]")).to_be_visible()


@pytest.mark.django_db(transaction=True, databases=["default", "confidential"])
def test_an_association_signs_delivers_late_sees_what_changed_and_its_agreement_expires(
    small_city: Any, live_server: Any, page_of: Callable[..., Page], clock: Any
) -> None:
    """The association works in Arabic, the officer in French."""
    root = f"{live_server.url}/ar"
    dataflow(COUNTED)
    officer, protection = person(Role.DATA_OFFICER), person(Role.DATA_PROTECTION_OFFICER)
    coordinator, partner = person(Role.COORDINATOR), person(Role.PARTNER)
    add_membership(actor=SYSTEM, at=START, user_id=partner.pk, organisation="office")
    terms = terms_for(COUNTED, organisation="office", starts_on=date(2026, 1, 1), ends_on=date(2026, 4, 30))
    agreements.draft(actor=officer, at=START, terms=terms, title=TITLE)
    version = AgreementVersion.objects.get()
    step(partner, version, Move.AGREE)
    step(protection, version, Move.REVIEW)
    agreements.sign(
        actor=coordinator, at=START, code=terms.code, number=1, checksum=AgreementVersion.objects.get().checksum
    )

    page = page_of(partner)
    page.goto(f"{root}/agreements/{terms.code}/")
    page.locator("[data-move=sign] a").click()
    page.locator("#id_confirmed").check()
    page.locator("form[enctype] button[type=submit]").click()
    step(coordinator, AgreementVersion.objects.get(), Move.ENFORCE)

    keep_calendar(actor=SYSTEM, at=clock(datetime(2026, 2, 20, 9, 0, tzinfo=UTC)))
    page = page_of(partner)
    page.goto(f"{root}/desk/")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page.locator("[data-notice='agreements.overdue']").first).to_be_visible()
    deliver(page, root, "2026-01")
    desk = page_of(officer)
    desk.goto(page.url.replace("/ar/", "/fr/"))
    desk.locator("[data-form=decision] select").select_option("accept")
    desk.locator("[data-form=decision] button").click()
    expect(desk.locator("[data-state=accepted]")).to_be_visible()
    page.goto(f"{root}/desk/")
    expect(page.locator("[data-notice='agreements.overdue']")).to_have_count(0)
    clock(timezone.now())
    for language in ("ar", "fr"):
        page.goto(f"{live_server.url}/{language}/organisations/office/changed/")
        expect(page.locator("main tbody tr").first).to_contain_text("counted-visits")
        expect(page.locator("main tbody tr").first).to_contain_text("8-30")

    clock(datetime(2026, 5, 1, 9, 0, tzinfo=UTC))
    keep_calendar(actor=SYSTEM, at=timezone.now())
    again = page_of(partner)
    again.goto(f"{root}/agreements/{terms.code}/")
    expect(again.locator("[data-state]").first).to_have_attribute("data-state", "expired")
    again.goto(f"{root}/deliveries/send/")
    expect(again.locator("#id_file")).to_have_count(0)


@pytest.mark.django_db(transaction=True, databases=["default", "confidential"])
def test_from_a_gap_over_a_session_and_a_commitment_to_an_edition(
    small_city: Any, live_server: Any, page_of: Callable[..., Page], clock: Any
) -> None:
    """The planner works in French, the coordinator in Arabic."""
    root = f"{live_server.url}/ar"
    planner, coordinator = person(Role.PLANNER), person(Role.COORDINATOR)
    content = replace(NEED, subject=Subject("HOU-09"))
    need = state_need(actor=planner, at=START, content=content)
    asking, holding = page_of(planner), page_of(coordinator)
    asking.goto(f"{live_server.url}/fr/gaps/?theme=housing")
    asking.locator("tr:has([data-strength=empty]) a[href*='requests/new']").first.click()
    asking.locator("#id_title").fill("Refus de louer")
    asking.locator("#id_text").fill("Pour le plan d’action")
    asking.locator("#id_need").select_option(str(need.pk))
    asking.locator("main form[method=post] button[type=submit]").click()
    expect(asking.locator("[data-state=received]")).to_be_visible()
    request = DataRequest.objects.get()

    holding.goto(f"{root}/dialogue/sessions/new/")
    for code, words in (("fr", "Données du logement"), ("ar", "معطيات السكن"), ("en", "Housing data")):
        holding.locator(f"#id_words_{code}").fill(words)
    holding.locator("#id_starts_at").fill("2026-01-12T10:00")
    holding.locator("#id_ends_at").fill("2026-01-12T12:00")
    holding.locator("main form[method=post] button[type=submit]").click()
    holding.locator(f"input[name=chosen][value='request:{request.pk}']").check()
    holding.locator("main form button[type=submit]").click()
    holding.locator("[data-invite] #id_organisations").select_option("office")
    holding.locator("[data-invite] button").click()
    holding.locator("[data-move=convene] button").click()
    expect(holding.locator("[data-state=convened]")).to_be_visible()
    address = holding.url
    clock(datetime(2026, 1, 12, 13, 0, tzinfo=UTC))
    holding = page_of(coordinator)
    holding.goto(address)
    holding.locator("[data-move=hold] button").click()
    holding.locator("a[href$='/commitment/new/']").click()
    holding.locator("#id_words_fr").fill("Enquêter et publier")
    holding.locator("#id_organisation").select_option("office")
    holding.locator("#id_due_on").fill("2026-03-31")
    holding.locator("#id_subject").select_option(f"request:{request.pk}")
    holding.locator("main form[method=post] button[type=submit]").click()
    holding.goto(f"{root}/needs/requests/{request.pk}/")
    holding.locator("button[value=assess]").click()

    clock(datetime(2026, 3, 3, 9, 0, tzinfo=UTC))
    published = edition(date(2026, 3, 2))
    late = page_of(coordinator)
    late.goto(address)
    late.locator("[data-commitment] a").first.click()
    late.locator("button[value=keep]").click()
    expect(late.get_by_role("alert").first).to_be_visible()
    late.locator("#id_edition").select_option(str(published.pk))
    late.locator("button[value=keep]").click()
    expect(late.locator("[data-state=kept]")).to_be_visible()
    assert (DataRequest.objects.get().state, Need.objects.get().state) == ("done", "answered")
    done = page_of(planner)
    done.goto(f"{live_server.url}/fr/desk/")
    expect(done.locator("[data-notice='needs.answered']")).to_be_visible()


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_what_falls_if_unhcr_stops(served: Served, desk: Any, language: str) -> None:
    page = desk.new_page()
    page.goto(f"{served.base}/{language}/flows/")
    page.locator("a[href$='/flows/stop/unhcr/']").first.click()
    expect(page.locator("html")).to_have_attribute("dir", "rtl" if language == "ar" else "ltr")
    assert page.locator("main a[href*='/indicators/']").count() >= 3
