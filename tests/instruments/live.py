"""A real server of the installation with a published form and a device, and clients that speak HTTP to it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests
from requests.auth import HTTPDigestAuth

from house.installation import REPOSITORY, environment, free_port, python

PATHS = f"{REPOSITORY / 'src'}{os.pathsep}{REPOSITORY / 'tests'}"
_SETUP = """
import json
from datetime import UTC, datetime
from house.people import person
from instruments.small_form import published
from marsad.accounts.rules import Role
from marsad.audit.rules import System
from marsad.collection.instruments.operations_devices import issue_device
published()
issued = issue_device(actor=System("test"), at=datetime.now(UTC), person=person(Role.FIELD_AGENT), label="T")
print(json.dumps({"username": issued.device.username, "password": issued.password, "token": issued.token}))
"""
_COUNT = """
import json
from marsad.audit.queries import verify_chain
from marsad.collection.instruments.models import Revision, Submission
ids = list(Revision.objects.values_list("instance_id", flat=True))
print(json.dumps({"ids": ids, "submissions": Submission.objects.count(), "sound": verify_chain().sound}))
"""


def said(home: Path, code: str, **more: str) -> dict[str, object]:
    """What code in a process of the installation prints last, as JSON."""
    done = python(home, code, PYTHONPATH=PATHS, **more)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


@dataclass(frozen=True)
class Phone:
    """A device and the address of its server."""

    base: str
    username: str
    password: str
    token: str

    def digest(self) -> requests.Session:
        session = requests.Session()
        session.auth = HTTPDigestAuth(self.username, self.password)
        session.headers["X-OpenRosa-Version"] = "1.0"
        return session

    def send(self, session: requests.Session, xml: bytes, *, token: bool = True) -> int:
        path = f"/openrosa/{self.token}/submission" if token else "/openrosa/submission"
        parts = {"xml_submission_file": ("submission.xml", xml, "text/xml")}
        return session.post(f"{self.base}{path}", files=parts, timeout=30).status_code


def setup(home: Path, **more: str) -> dict[str, str]:
    return {name: str(value) for name, value in said(home, _SETUP, **more).items()}


def stored(home: Path, **more: str) -> dict[str, object]:
    return said(home, _COUNT, **more)


def start(home: Path, port: int, *, workers: int = 1, **more: str) -> subprocess.Popen[bytes]:
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
        "--workers", str(workers), "--blocking-threads", "4", "--no-access-log", "marsad.config.wsgi:application",
    ]  # fmt: skip
    variables = environment(home, DJANGO_SETTINGS_MODULE="marsad.config.settings", **more)
    with (home / "server.log").open("ab") as log:
        process = subprocess.Popen(command, env=variables, stdout=log, stderr=log, start_new_session=True)
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        try:
            requests.get(f"http://127.0.0.1:{port}/openrosa/formList", timeout=60)
        except requests.RequestException:
            assert process.poll() is None, (home / "server.log").read_text()
            time.sleep(0.1)
        else:
            return process
    kill(process)
    raise AssertionError((home / "server.log").read_text())


def kill(process: subprocess.Popen[bytes]) -> None:
    """End a server as a loss of power would."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(20)


@contextmanager
def serving(home: Path, **more: str) -> Iterator[Phone]:
    secrets, port = setup(home, **more), free_port()
    process = start(home, port, **more)
    try:
        yield Phone(f"http://127.0.0.1:{port}", **secrets)
    finally:
        kill(process)
