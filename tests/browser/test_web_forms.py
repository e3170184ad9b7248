"""A field agent's day: a form in Arabic on a small phone without a network, sent when it returns; nobody else sees a word."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

REPOSITORY = Path(__file__).resolve().parents[2]
PASSWORD = "a long sentence nobody guesses"
# Every value that the device keeps, as text; bytes that are no text are shown as they decode.
EVERYTHING = """async () => {
  const known = (await indexedDB.databases()).map(({ name }) => name);
  if (!known.includes("marsad-forms")) return [];
  const asked = (request) => new Promise((yes, no) => { request.onsuccess = () => yes(request.result); request.onerror = no; });
  const database = await asked(indexedDB.open("marsad-forms"));
  const found = [];
  for (const store of database.objectStoreNames) {
    for (const row of await asked(database.transaction(store).objectStore(store).getAll())) {
      for (const [name, value] of Object.entries(row)) {
        found.push([store, name, value instanceof Uint8Array ? new TextDecoder().decode(value) : String(value)]);
      }
    }
  }
  database.close();
  return found;
}"""
STRANGER = """async () => {
  const asked = (request) => new Promise((yes, no) => { request.onsuccess = () => yes(request.result); request.onerror = no; });
  const database = await asked(indexedDB.open("marsad-forms"));
  const store = database.transaction("records", "readwrite").objectStore("records");
  const bytes = new Uint8Array([1, 2, 3]);
  await asked(store.put({ id: "stranger", owner: "f".repeat(32), state: "waiting", body: bytes, about: bytes }));
  database.close();
}"""


@pytest.fixture(scope="module")
def forms(served):
    """The trial questionnaire and two agents, in the home of the served observatory."""
    home = served.printed.parent
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("MARSAD_", "DJANGO_"))}
    subprocess.run(
        [sys.executable, "-m", "tests.webforms.seed"],
        cwd=REPOSITORY, env={**variables, "MARSAD_HOME": str(home)}, check=True, timeout=120, capture_output=True,
    )  # fmt: skip
    return served


@pytest.fixture
def page(phone):
    page = phone.new_page()
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    yield page
    faults = [fault for fault in faults if "ERR_INTERNET_DISCONNECTED" not in fault]
    assert not faults, faults


def stored(forms) -> int:
    database = sqlite3.connect(f"file:{forms.printed.parent / 'confidential.sqlite3'}?mode=ro", uri=True)
    try:
        (count,) = database.execute("select count(*) from instruments_submission").fetchone()
    finally:
        database.close()
    return int(count)


def sign_in(forms, page, name: str, language: str = "ar") -> None:
    page.goto(f"{forms.base}/{language}/account/login/?next=/{language}/forms/")
    page.locator("input[name=login]").fill(f"{name}@example.org")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("form button[type=submit]").first.click()
    page.wait_for_url("**/forms/")
    expect(page.locator("[data-forms-queue] h2")).to_be_visible()


def has_left(page) -> None:
    page.wait_for_url(lambda url: "/forms/" not in url)
    expect(page.locator("h1").first).to_be_visible()


def ready_for_the_road(page) -> None:
    page.evaluate("() => navigator.serviceWorker.ready.then(() => undefined)")
    page.evaluate(
        """async () => {
          for (let tries = 0; tries < 100; tries += 1) {
            if (await caches.match("/fr/forms/trial/1/form.xml")) return;
            await new Promise((later) => setTimeout(later, 100));
          }
          throw new Error("the form was not kept");
        }"""
    )


def fill_to_the_end(page) -> None:
    page.get_by_label("نعم").check()
    onward = page.get_by_role("button", name="التالي")
    onward.click()
    page.get_by_label("العمر بالسنوات").fill("400")
    onward.click()
    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("العمر بين 0 و120.")
    summary.get_by_role("link").click()
    expect(page.get_by_label("العمر بالسنوات")).to_be_focused()
    page.get_by_label("العمر بالسنوات").fill("٣٤")
    page.get_by_label("الاسم المستعمل").fill("سعاد المكتومة")
    onward.click()
    page.get_by_label("المقاطعة").select_option("hassan")
    expect(page.get_by_label("حي الرياض")).to_have_count(0)
    page.get_by_label("المحيط").check()
    page.get_by_label("الرطوبة").check()
    page.locator("[data-question$='/problems']").get_by_label("أفضّل عدم الإجابة").check()
    expect(page.get_by_label("الرطوبة")).not_to_be_checked()
    onward.click()
    page.get_by_role("button", name="إضافة: فرد من الأسرة").click()
    expect(page.locator("[data-question$='/member_age']")).to_have_count(2)
    onward.click()
    expect(page.locator(".form-note")).to_contain_text("3")


def test_a_form_in_arabic_is_filled_without_a_network_and_sent_once_it_returns(forms, phone, page):
    before = stored(forms)
    sign_in(forms, page, "amina")
    ready_for_the_road(page)
    phone.set_offline(True)
    page.goto(f"{forms.base}/ar/forms/trial/")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    fill_to_the_end(page)
    page.get_by_role("button", name="إنهاء وإرسال").click()
    expect(page.locator("[data-done]")).to_be_visible()
    expect(page.locator("[data-forms-waiting]")).to_contain_text("1")
    kept = json.dumps(page.evaluate(EVERYTHING), ensure_ascii=False)
    assert "MSF1" in kept
    for word in ("سعاد", "المكتومة", "trial", "استطلاع", "ocean"):
        assert word not in kept
    page.goto(f"{forms.base}/ar/forms/")
    expect(page.locator("[data-record]")).to_have_count(1)
    expect(page.locator("[data-waiting='1']")).to_be_visible()
    assert stored(forms) == before
    phone.set_offline(False)
    expect(page.locator("[data-record]")).to_have_count(0, timeout=20_000)
    assert stored(forms) == before + 1
    assert not [row for row in page.evaluate(EVERYTHING) if row[0] == "records"]


def test_a_draft_is_its_authors_alone_and_signing_out_asks_and_clears(forms, phone, page):
    sign_in(forms, page, "amina", "fr")
    page.goto(f"{forms.base}/fr/forms/trial/")
    page.get_by_label("Oui").check()
    page.get_by_role("button", name="Suivant").click()
    page.get_by_label("Prénom").fill("Rachida Discrète")
    page.get_by_role("button", name="Garder comme brouillon").click()
    expect(page.locator("[data-state=draft]")).to_have_count(1)
    assert "Rachida" not in json.dumps(page.evaluate(EVERYTHING), ensure_ascii=False)

    # her session ends; somebody else takes the telephone
    phone.clear_cookies()
    sign_in(forms, page, "brahim", "fr")
    expect(page.locator("[data-record]")).to_have_count(0)
    assert [row for row in page.evaluate(EVERYTHING) if row[1] == "state"] == [["records", "state", "draft"]]
    page.get_by_role("button", name="Se déconnecter").click()
    has_left(page)

    # her draft is as she left it, also in another language
    sign_in(forms, page, "amina", "fr")
    page.get_by_role("button", name="Ouvrir").click()
    expect(page.get_by_label("Prénom")).to_have_value("Rachida Discrète")
    page.get_by_role("button", name="العربية").click()
    expect(page.get_by_label("الاسم المستعمل")).to_have_value("Rachida Discrète")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")

    page.goto(f"{forms.base}/fr/forms/")
    page.evaluate(STRANGER)
    leave = page.get_by_role("button", name="Se déconnecter")
    leave.click()
    expect(page.get_by_role("dialog")).to_contain_text("1")
    page.get_by_role("button", name="Rester connecté").click()
    expect(page.locator("[data-record]")).to_have_count(1)
    leave.click()
    page.get_by_role("button", name="Effacer et se déconnecter").click()
    has_left(page)
    left = page.evaluate(EVERYTHING)
    assert [row[2] for row in left if row[1] == "id"] == ["stranger"]


def test_nothing_stays_after_signing_out(forms, page):
    sign_in(forms, page, "amina", "fr")
    ready_for_the_road(page)
    page.get_by_role("button", name="Se déconnecter").click()
    has_left(page)
    assert page.evaluate(EVERYTHING) == []
    assert page.evaluate("() => caches.keys()") == []
    assert page.evaluate("() => navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0


def test_a_page_is_quiet_when_the_browser_takes_its_stores_away(forms, phone, page):
    """As signing out does while the list of records is drawn again."""
    sign_in(forms, page, "amina", "fr")
    browser = phone.new_cdp_session(page)
    for _ in range(5):
        page.evaluate(
            "() => { for (let times = 0; times < 200; times += 1) dispatchEvent(new Event('marsad-forms')); }"
        )
        browser.send("Storage.clearDataForOrigin", {"origin": forms.base, "storageTypes": "indexeddb"})
    expect(page.locator("[data-forms-queue] h2")).to_be_visible()


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_a_form_fits_a_small_phone_and_reads_with_a_screen_reader(forms, page, language):
    page.set_viewport_size({"width": 320, "height": 640})
    sign_in(forms, page, "amina", language)
    page.goto(f"{forms.base}/{language}/forms/trial/")
    page.locator("input[value=yes]").check()
    for _ in range(4):
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert_no_axe_fault(page)
        if page.locator("[data-question$='/age']").count():
            page.locator("[data-question$='/age'] input").fill("30")
        page.locator("button[type=submit]").click()


def assert_no_axe_fault(page) -> None:
    axe = (REPOSITORY / "frontend" / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")
    page.evaluate(axe)
    found = page.evaluate("axe.run().then(({ violations }) => violations.map((one) => [one.id, one.nodes[0].html]))")
    assert found == [], found
