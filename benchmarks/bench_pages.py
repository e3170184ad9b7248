"""Requests per second of a public page beside a bare Django view and beside a static file, from one server in one run.

    .venv/bin/python benchmarks/bench_pages.py

Each address is asked for in turns, over kept-open connections, so that whatever else the machine does falls on all alike. The
figures to read are the ratios.
"""

from __future__ import annotations

import http.client
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

CONNECTIONS = 4
SECONDS = 1.5
ROUNDS = 4
ADDRESSES = {
    "bare Django view": "/bare/",
    "static file": "/static/build/style.css",
    "home, kept": "/fr/",
    "indicator, kept": "/fr/indicators/HOU-02/",
    "indicator, kept for good": "/fr/e/{publication}/indicators/HOU-02/",
    "nothing new (304)": "/fr/indicators/HOU-02/",
}
BARE = """
from django.http import HttpResponse
from django.urls import path
from marsad.config.urls import urlpatterns as marsad
from marsad.web.access import access, anyone

@access(anyone)
def bare(request):
    return HttpResponse("bare")

urlpatterns = [path("bare/", bare), *marsad]
"""
SETTINGS = """
from marsad.config.settings import *
ROOT_URLCONF = "bench_urls"
"""


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port: int = door.getsockname()[1]
        return port


def ask(port: int, path: str, headers: dict[str, str], until: float, counts: list[int]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    count = 0
    while time.perf_counter() < until:
        connection.request("GET", path, headers={"Host": f"localhost:{port}", **headers})
        answer = connection.getresponse()
        answer.read()
        if answer.status not in {200, 304}:
            raise SystemExit(f"{path} answered {answer.status}")
        count += 1
    counts.append(count)


def rate(port: int, path: str, headers: dict[str, str]) -> float:
    counts: list[int] = []
    until = time.perf_counter() + SECONDS
    readers = [threading.Thread(target=ask, args=(port, path, headers, until, counts)) for _ in range(CONNECTIONS)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    return sum(counts) / SECONDS


def main() -> None:
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "bench_urls.py").write_text(BARE)
        (home / "bench_settings.py").write_text(SETTINGS)
        variables = {
            **os.environ,
            "MARSAD_HOME": str(home),
            "DJANGO_SETTINGS_MODULE": "bench_settings",
            "PYTHONPATH": folder,
        }
        command = [Path(sys.executable).with_name("marsad"), "serve", "--port", str(port), "--workers", "1"]
        server = subprocess.Popen(command, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            measure(port)
        finally:
            server.terminate()
            server.wait(30)


def measure(port: int) -> None:
    for _ in range(600):
        try:
            with urllib.request.urlopen(f"http://localhost:{port}/fr/", timeout=30) as answer:
                if answer.status == 200:
                    break
        except OSError:
            time.sleep(0.5)
    publication = f"{time.strftime('%Y')}-1"
    kept = urllib.request.urlopen(f"http://localhost:{port}/fr/indicators/HOU-02/", timeout=60)
    etag = kept.headers["ETag"]
    asked = {
        name: (
            path.format(publication=publication),
            {"Accept-Encoding": "gzip"} | ({"If-None-Match": etag} if "304" in name else {}),
        )
        for name, path in ADDRESSES.items()
    }
    rates: dict[str, list[float]] = {name: [] for name in asked}
    for _ in range(ROUNDS):
        for name, (path, headers) in asked.items():
            rates[name].append(rate(port, path, headers))
    bare = statistics.median(rates["bare Django view"])
    static = statistics.median(rates["static file"])
    print(f"{'':28}{'per second':>12}{'to bare view':>14}{'to static':>12}")
    for name, found in rates.items():
        middle = statistics.median(found)
        print(f"{name:28}{middle:12.0f}{middle / bare:14.2f}{middle / static:12.2f}")


if __name__ == "__main__":
    main()
