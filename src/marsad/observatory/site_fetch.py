"""A page as the public process answers it, asked inside this process: no port, no session, no reader."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final
from urllib.parse import unquote

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.utils import translation

from marsad.observatory.publications import EXPORTED
from marsad.observatory.site_addresses import HOST, canonical
from marsad.web.read_once import reading_once

_MOST_REDIRECTS: Final = 3


@dataclass(frozen=True)
class Answer:
    """``missing`` is an address that leads nowhere; a page that says why something was withdrawn is a page."""

    status: int
    content_type: str
    body: bytes

    @property
    def stands(self) -> bool:
        return self.status in {200, 410}

    @property
    def is_page(self) -> bool:
        return self.content_type.startswith("text/html")


class Asker:
    """Asks the application itself. ``publication`` is the one that pages without a number show; empty for the latest."""

    def __init__(self, publication: str = "") -> None:
        self._publication = publication
        self._application = WSGIHandler()

    def ask(self, address: str) -> Answer:
        """The answer at an address, after any redirection within the site."""
        for _ in range(_MOST_REDIRECTS):
            status, headers, body = self._once(address)
            there = canonical(headers.get("location", ""), address) if 300 <= status < 400 else None
            if there is None:
                return Answer(status, headers.get("content-type", ""), body)
            address = there
        return Answer(508, "", b"")

    def _once(self, address: str) -> tuple[int, dict[str, str], bytes]:
        path, _, query = address.partition("?")
        found: dict[str, Any] = {}
        parts_written: list[bytes] = []

        def start(status: str, headers: list[tuple[str, str]], *problem: Any) -> Callable[[bytes], object]:
            found.update(status=int(status[:3]), headers={name.lower(): value for name, value in headers})
            return parts_written.append

        parts = self._application(_environ(path, query, self._publication), start)
        try:
            body = b"".join([*parts_written, *parts])
        finally:
            parts.close()
        return found["status"], found["headers"], body


def _environ(path: str, query: str, publication: str) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": unquote(path).encode().decode("latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": HOST,
        "SERVER_PORT": "443" if settings.ENVIRONMENT.https else "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": HOST,
        "HTTP_X_FORWARDED_PROTO": "https" if settings.ENVIRONMENT.https else "http",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        EXPORTED: publication,
    }


@contextmanager
def reading_site() -> Iterator[None]:
    """While this holds, the site's own placeholder host is answered, missing pages are counted instead of logged, and what
    every page reads again (places, editions) is read once.
    """
    hosts, log = settings.ALLOWED_HOSTS, logging.getLogger("django.request")
    level, language = log.level, translation.get_language()
    settings.ALLOWED_HOSTS = [*hosts, HOST]
    log.setLevel(logging.ERROR)
    try:
        with reading_once():
            yield
    finally:
        settings.ALLOWED_HOSTS = hosts
        log.setLevel(level)
        translation.activate(language or settings.LANGUAGE_CODE)
