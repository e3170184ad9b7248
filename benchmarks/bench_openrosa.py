"""ODK's own measure: fifty submissions a second for thirty seconds, all stored, none twice, against a real server.

Run alone, it starts a server on SQLite and one on PostgreSQL (where its tools are), sends from clients of their own, each
tenth submission twice, and counts afterwards what the database holds. ``--seconds`` and ``--rate`` make it shorter.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import django
import psycopg
import requests

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / folder) for folder in ("src", "tests")]

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marsad.config.settings_test")
django.setup()

from house.installation import free_port, prepared, python  # noqa: E402
from instruments.live import Phone, kill, setup, start, stored  # noqa: E402
from instruments.small_form import filled, new_instance  # noqa: E402

_CLIENTS = 16


def soak(home: Path, *, rate: int, seconds: int, workers: int, **more: str) -> str:
    """One line of figures: rate reached, times of an answer, and what the database holds."""
    secrets, port = setup(home, **more), free_port()
    process = start(home, port, workers=workers, **more)
    phone = Phone(f"http://127.0.0.1:{port}", **secrets)
    own = threading.local()
    forms = [filled(new_instance()) for _ in range(rate * seconds)]
    began = time.monotonic() + 0.5

    def send(number: int) -> tuple[int, float]:
        time.sleep(max(0.0, began + number / rate - time.monotonic()))
        if not hasattr(own, "session"):
            own.session = requests.Session()
        at = time.monotonic()
        status = phone.send(own.session, forms[number])
        if number % 10 == 0:
            phone.send(own.session, forms[number])
        return status, time.monotonic() - at

    try:
        with ThreadPoolExecutor(_CLIENTS) as pool:
            answers = list(pool.map(send, range(len(forms))))
        took = time.monotonic() - began
    finally:
        kill(process)
    found = stored(home, **more)
    times = sorted(seconds for _, seconds in answers)
    acknowledged = sum(status == 201 for status, _ in answers)
    ids = found["ids"]
    assert isinstance(ids, list)
    return (
        f"{len(forms)} sent in {took:.1f} s ({len(forms) / took:.0f}/s), {acknowledged} acknowledged, "
        f"{found['submissions']} stored, {len(ids) - len(set(ids))} twice, chain sound: {found['sound']}; "
        f"answer: median {times[len(times) // 2] * 1000:.0f} ms, 95 % {times[int(len(times) * 0.95)] * 1000:.0f} ms"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--workers", type=int, default=2)
    said = parser.parse_args()
    numbers = {"rate": said.rate, "seconds": said.seconds, "workers": said.workers}
    with tempfile.TemporaryDirectory() as folder:
        print("SQLite:     ", soak(prepared(Path(folder) / "sqlite"), **numbers))
        from django.core.exceptions import ImproperlyConfigured

        from marsad.config.private_postgresql import start_private_cluster

        try:
            address = start_private_cluster()
        except ImproperlyConfigured as missing:
            print("PostgreSQL:  not here:", missing)
            return
        with psycopg.connect(address.format(name="postgres"), autocommit=True) as server:
            server.execute("CREATE DATABASE marsad")
            server.execute("CREATE DATABASE marsad_confidential")
        home = Path(folder) / "postgresql"
        home.mkdir()
        databases = {
            "MARSAD_DATABASE_URL": address.format(name="marsad"),
            "MARSAD_CONFIDENTIAL_DATABASE_URL": address.format(name="marsad_confidential"),
        }
        migrate = "from marsad.config.preparation import migrate_databases; migrate_databases()"
        done = python(home, migrate, **databases)
        assert done.returncode == 0, done.stderr
        print("PostgreSQL (its fsync off):", soak(home, **numbers, **databases))


if __name__ == "__main__":
    main()
