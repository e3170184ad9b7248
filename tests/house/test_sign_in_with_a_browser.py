"""The first administrator's way in a real browser: link, passkey under the content security policy, a job watched."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from house.installation import prepared, printed_link, served

PASSWORD = "a long sentence nobody guesses"
CHROMIUM = shutil.which("chromium")
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def make_the_account(page: Any, link: str) -> None:
    page.goto(link)
    for name, words in (
        ("email", "first@example.org"),
        ("name", "Première"),
        ("password", PASSWORD),
        ("again", PASSWORD),
    ):
        page.fill(f"#id_{name}", words)
    page.click("main button.btn-primary")
    page.wait_for_url("**/fr/account/factors/")


def add_a_passkey(page: Any, address: str) -> None:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    page.goto(f"{address}/fr/account/factors/webauthn/add/")
    page.fill("main input[type=password]", PASSWORD)
    page.click("main form button.btn-primary")
    page.fill("#id_name", "clef")
    page.check("#id_passwordless")
    page.click("#mfa_webauthn_add")
    page.wait_for_url("**/factors/recovery-codes/")


def sign_in_with_the_passkey(page: Any, address: str) -> None:
    page.goto(f"{address}/fr/account/")
    # Signing out clears the site's data, which takes a moment: a journey that goes on sooner stays signed in.
    with page.expect_navigation():
        page.click("main form[action='/fr/account/logout/'] button")
    page.goto(f"{address}/fr/account/login/")
    page.click("#passkey_login")
    page.wait_for_url("**/fr/desk/")


def watch_a_job(page: Any, address: str) -> None:
    page.goto(f"{address}/ar/work/")
    page.click("[data-job=verify-audit-chain]")
    page.wait_for_selector("[data-progress=done]")
    assert page.evaluate("document.documentElement.dir") == "rtl"


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed")
def test_the_first_administrator_signs_in_with_a_passkey_and_watches_a_job(tmp_path: Path) -> None:
    from playwright.sync_api import sync_playwright

    with served(prepared(tmp_path / "home"), "--no-load") as (address, log, _process), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.set_default_timeout(90_000)
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        make_the_account(page, address + printed_link(log))
        add_a_passkey(page, address)
        sign_in_with_the_passkey(page, address)
        watch_a_job(page, address)
        assert [words for words in complaints if "Content Security Policy" in words] == []
        browser.close()
