"""A whole installation in a folder of its own, run the way its owner runs it: by the console command."""

from __future__ import annotations

import atexit
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
_FOREIGN = ("MARSAD_", "DJANGO_SETTINGS_MODULE", "PYTEST_")


def environment(home: Path, **more: str) -> dict[str, str]:
    """The environment of the machine, without what the test run itself set."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    return kept | {"MARSAD_HOME": str(home), "PYTHONPATH": str(REPOSITORY / "src"), "COLUMNS": "400"} | more


def marsad(home: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "marsad.config.console", *arguments]
    return subprocess.run(command, env=environment(home, **more), capture_output=True, text=True, timeout=180)


def python(home: Path, code: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Code run in a process of the installation, with Django set up."""
    before = (
        "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'marsad.config.settings'\nimport django; django.setup()\n"
    )
    command = [sys.executable, "-c", before + code]
    return subprocess.run(command, env=environment(home, **more), capture_output=True, text=True, timeout=180)


@cache
def _template() -> Path:
    home = Path(tempfile.mkdtemp(prefix="marsad-template-")) / "home"
    atexit.register(shutil.rmtree, home.parent, ignore_errors=True)
    done = python(home, "from marsad.config.preparation import migrate_databases; migrate_databases()")
    assert done.returncode == 0, done.stderr
    return home


def prepared(home: Path) -> Path:
    """An installation whose databases stand: a copy of one that was prepared once."""
    return Path(shutil.copytree(_template(), home))


def read(home: Path, database: str, query: str) -> list[tuple[object, ...]]:
    """Rows of a database of an installation, without starting it."""
    with closing(sqlite3.connect(f"file:{home / database}.sqlite3?mode=ro", uri=True)) as connection:
        return connection.execute(query).fetchall()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(home: Path, *arguments: str, **more: str) -> Iterator[tuple[str, Path, subprocess.Popen[bytes]]]:
    """A running server: its address, what it prints, and its process; stopped at the end."""
    port, log = free_port(), home / "printed.log"
    home.mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable,
        "-m",
        "marsad.config.console",
        "serve",
        "--port",
        str(port),
        "--workers",
        "1",
        *arguments,
    ]
    with log.open("wb") as printed:
        process = subprocess.Popen(command, env=environment(home, **more), stdout=printed, stderr=printed)
    address = f"http://localhost:{port}"
    try:
        _wait(address, process, log)
        yield address, log, process
    finally:
        process.terminate()
        process.wait(40)


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise AssertionError(log.read_text())
        try:
            status(f"{address}/")
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
        else:
            return
    raise AssertionError(f"never answered: {log.read_text()}")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: object, **kwargs: object) -> None:
        return None


def status(address: str) -> int:
    """The status that an address answers with, not following it elsewhere."""
    try:
        with urllib.request.build_opener(_NoRedirect).open(address, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as answer:
        return answer.code


def printed_link(log: Path) -> str:
    found = re.search(r"http://localhost:\d+(/fr/account/invitation/[\w-]+/)", log.read_text())
    assert found, log.read_text()
    return found[1]
