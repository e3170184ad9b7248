"""Rabat's observatory served for real, and Debian's Chromium to read it with."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
_LONGEST_START = 300
# What is expected of a page shows within moments; on a busy machine of two cores a moment is longer than Playwright's five seconds.
expect.set_options(timeout=20_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@dataclass(frozen=True)
class Served:
    """Where the observatory answers, and what it printed when it started."""

    base: str
    printed: Path


def _free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port: int = door.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """``marsad serve`` in a new home, as on a fresh clone."""
    home = tmp_path_factory.mktemp("observatory")
    port = _free_port()
    printed = home / "printed.txt"
    variables = {
        name: value for name, value in os.environ.items() if not name.startswith(("MARSAD_", "DJANGO_", "PYTEST_"))
    }
    with printed.open("w", encoding="utf-8") as out:
        process = subprocess.Popen(
            [Path(sys.executable).with_name("marsad"), "serve", "--port", str(port), "--workers", "1"],
            env={**variables, "MARSAD_HOME": str(home)}, stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        try:
            base = f"http://localhost:{port}"
            _wait_for(base, process, printed)
            yield Served(base, printed)
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait_for(base: str, process: subprocess.Popen[bytes], printed: Path) -> None:
    deadline = time.monotonic() + _LONGEST_START
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise AssertionError(f"the server stopped: {printed.read_text('utf-8')[-3000:]}")
        try:
            with urllib.request.urlopen(f"{base}/fr/", timeout=20) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.5)
    raise AssertionError(f"no answer in {_LONGEST_START} s: {printed.read_text('utf-8')[-3000:]}")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.skip("Chromium is not on this machine (Debian: apt-get install chromium)")
    # While Playwright's loop stands in this process, Django's tests in it are as synchronous as before.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def desk(chromium: Browser) -> Iterator[BrowserContext]:
    """A reader at a desk."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="fr-MA")
    yield context
    context.close()


@pytest.fixture
def phone(chromium: Browser) -> Iterator[BrowserContext]:
    """A reader on a small phone, with a finger."""
    context = chromium.new_context(viewport={"width": 375, "height": 740}, has_touch=True, is_mobile=True)
    yield context
    context.close()
