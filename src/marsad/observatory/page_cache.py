"""Public pages are the same for everybody: rendered once per publication and kept, compressed, in the process.

A page under a publication's own address (``/fr/e/2026-1/...``) never changes, and browsers are told so; the same page without
the number is checked by its ETag, and made anew when a city pack is loaded or the ledger of figures changes.
"""

from __future__ import annotations

import gzip
import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from threading import Lock
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.cache import patch_vary_headers

from marsad.dissemination.queries import current_publication
from marsad.figures.queries import ledger_version
from marsad.web.access import access, anyone

FOR_GOOD = "public, max-age=31536000, immutable"
CHECKED = "public, max-age=0, must-revalidate"
_MOST_PAGES = 1500
_LOOK_AGAIN_AFTER = 2.0
_LARGEST_QUERY = 300


@dataclass(frozen=True)
class KeptPage:
    body: bytes
    packed: bytes
    content_type: str
    etag: str
    headers: tuple[tuple[str, str], ...]


class _Shelf:
    """The least recently used pages go first; one shelf per process, safe between its threads."""

    def __init__(self) -> None:
        self._pages: OrderedDict[tuple[str, ...], KeptPage] = OrderedDict()
        self._lock = Lock()
        self._current: tuple[float, tuple[str, str] | None] = (0.0, None)

    def get(self, key: tuple[str, ...]) -> KeptPage | None:
        with self._lock:
            page = self._pages.get(key)
            if page is not None:
                self._pages.move_to_end(key)
            return page

    def put(self, key: tuple[str, ...], page: KeptPage) -> None:
        with self._lock:
            self._pages[key] = page
            while len(self._pages) > _MOST_PAGES:
                self._pages.popitem(last=False)

    def current(self) -> tuple[str, str] | None:
        """Number of the latest publication and what its pages rest on, looked up at most every two seconds."""
        looked, found = self._current
        if found is None or time.monotonic() - looked > _LOOK_AGAIN_AFTER:
            latest = current_publication()
            found = (latest.number, f"{latest.checksum}/{ledger_version()}") if latest else None
            self._current = (time.monotonic(), found)
        return found

    def clear(self) -> None:
        with self._lock:
            self._pages.clear()
            self._current = (0.0, None)


shelf = _Shelf()


def public_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Serve a public view through the shelf. The view is called without the ``publication`` part of its address."""

    @wraps(view)
    def serve(request: HttpRequest, *args: Any, publication: str | None = None, **kwargs: Any) -> HttpResponse:
        current = shelf.current()
        query = request.META.get("QUERY_STRING", "")
        keep = current is not None and len(query) <= _LARGEST_QUERY and request.method in {"GET", "HEAD"}
        key = (publication or (current or ("", ""))[0], (current or ("", ""))[1], request.path, query)
        page = shelf.get(key) if keep else None
        if page is None:
            response = view(request, *args, **kwargs)
            if not keep or response.status_code != 200 or response.streaming:
                return response
            page = _kept(response)
            shelf.put(key, page)
        return _respond(request, page, for_good=publication is not None)

    return access(anyone)(serve)


def _kept(response: HttpResponse) -> KeptPage:
    body = response.content
    digest = hashlib.sha256(body).hexdigest()[:32]
    headers = tuple((name, value) for name, value in response.items() if name not in {"Content-Type", "Vary"})
    if not getattr(response, "xframe_options_exempt", False):
        return KeptPage(body, gzip.compress(body, 9, mtime=0), response["Content-Type"], f'"{digest}"', headers)
    return KeptPage(
        body,
        gzip.compress(body, 9, mtime=0),
        response["Content-Type"],
        f'"{digest}"',
        (*headers, ("X-Embeddable", "yes")),
    )


def _respond(request: HttpRequest, page: KeptPage, *, for_good: bool) -> HttpResponse:
    if page.etag in request.headers.get("If-None-Match", ""):
        response: HttpResponse = HttpResponseNotModified()
    elif "gzip" in request.headers.get("Accept-Encoding", "") and not settings.DEBUG:
        response = HttpResponse(page.packed, content_type=page.content_type)
        response["Content-Encoding"] = "gzip"
    else:
        response = HttpResponse(page.body, content_type=page.content_type)
    for name, value in page.headers:
        if name == "X-Embeddable":
            response.xframe_options_exempt = True
        else:
            response[name] = value
    response["ETag"] = page.etag
    response["Cache-Control"] = FOR_GOOD if for_good else CHECKED
    patch_vary_headers(response, ["Accept-Encoding"])
    return response
