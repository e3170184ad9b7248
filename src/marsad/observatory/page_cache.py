"""Public pages are the same for everybody: rendered once per publication and kept, compressed, in the process.

A page under a publication's own address (``/fr/e/2026-1/...``) never changes, and browsers are told so; the same page without
the number is checked by its ETag, and made anew when a city pack is loaded or the ledger of figures changes.

Since one reader's page is given to the next, a view is shown a request without a person (``impersonal``) and without any
parameter that no public page reads; pages stand under the host they name in their citations, and in a bounded space.
"""

from __future__ import annotations

import gzip
import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from copy import copy
from dataclasses import dataclass
from functools import wraps
from threading import Lock
from typing import Any, Final, TypeVar
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseNotModified
from django.utils import timezone
from django.utils.cache import patch_vary_headers

from marsad.dissemination.models import Publication
from marsad.dissemination.queries import current_publication_after
from marsad.observatory.publications import EXPORTED, LATEST
from marsad.web.access import access, anyone

FOR_GOOD = "public, max-age=31536000, immutable"
CHECKED = "public, max-age=0, must-revalidate"
# What the public pages read of their query. Any other parameter is dropped, or each of its values would be a page of its own.
READ: Final = (
    "area",
    "areas",
    "deff",
    "first",
    "indicator",
    "kind",
    "last",
    "margin",
    "other",
    "page",
    "part",
    "period",
    "population",
    "q",
    "question",
    "reliability",
    "response",
    "state",
    "theme",
    "threshold",
    "year",
)
# The apps whose writes the public pages show without a new publication.
SHOWN: Final = ("actors", "agreements", "dialogue", "dissemination", "figures", "flows", "needs")
_MOST_VALUES = 12
# Two spaces, so that made-up queries cannot push out the pages that everybody reads.
_ROOM = {"plain": 48 * 2**20, "asked": 16 * 2**20}
_LOOK_AGAIN_AFTER = 2.0
_LARGEST_QUERY = 300

Key = tuple[str, ...]
Worked = TypeVar("Worked")


@dataclass(frozen=True)
class KeptPage:
    """``packed`` is the only copy of the page, compressed."""

    packed: bytes
    content_type: str
    etag: str
    headers: tuple[tuple[str, str], ...]


class _Shelf:
    """The least recently used pages go first; one shelf per process, safe between its threads. A key ends with the query."""

    def __init__(self) -> None:
        self._pages: dict[str, OrderedDict[Key, KeptPage]] = {space: OrderedDict() for space in _ROOM}
        self._bytes = dict.fromkeys(_ROOM, 0)
        self._lock = Lock()
        self._current: tuple[float, tuple[str, str] | None] = (0.0, None)
        self._worked_out: tuple[tuple[str, str] | None, dict[Hashable, Any]] = (None, {})
        self.publication: Publication | None = None

    def get(self, key: Key) -> KeptPage | None:
        with self._lock:
            pages = self._pages[_space(key)]
            page = pages.get(key)
            if page is not None:
                pages.move_to_end(key)
            return page

    def put(self, key: Key, page: KeptPage) -> None:
        space = _space(key)
        with self._lock:
            pages = self._pages[space]
            before = pages.pop(key, None)
            pages[key] = page
            self._bytes[space] += len(page.packed) - (len(before.packed) if before else 0)
            while self._bytes[space] > _ROOM[space]:
                self._bytes[space] -= len(pages.popitem(last=False)[1].packed)

    def bytes_kept(self) -> dict[str, int]:
        """How much the pages with and without a query take."""
        return dict(self._bytes)

    def current(self) -> tuple[str, str] | None:
        """Number of the latest publication and what its pages rest on, looked up at most every two seconds."""
        looked, found = self._current
        if found is None or time.monotonic() - looked > _LOOK_AGAIN_AFTER:
            latest = current_publication_after(SHOWN)
            self.publication, newest = latest or (None, 0)
            found = None
            if self.publication is not None:
                rests_on = f"{self.publication.checksum}/{newest}/{timezone.localdate()}"
                found = (self.publication.number, rests_on)
            self._current = (time.monotonic(), found)
        return found

    def worked_out(self, name: Hashable, work: Callable[[], Worked]) -> Worked:
        """What several pages are made of and takes long to work out: done once as long as what it rests on stands.

        That is what the page that asks was looked up with: what was read since is not older.
        """
        current = self._current[1]
        stands, kept = self._worked_out
        if current is None or stands != current:
            kept = {}
            self._worked_out = (current, kept)
        if name not in kept:
            kept[name] = work()
        found: Worked = kept[name]
        return found

    def clear(self) -> None:
        self._worked_out = (None, {})
        with self._lock:
            for pages in self._pages.values():
                pages.clear()
            self._bytes = dict.fromkeys(_ROOM, 0)
            self._current = (0.0, None)


def _space(key: Key) -> str:
    return "asked" if key[-1] else "plain"


shelf = _Shelf()


def query_read(request: HttpRequest) -> str:
    """The query in one spelling: what the public pages read, in order, once, without values that no text can have."""
    pairs: list[tuple[str, str]] = []
    for name in READ:
        given = [value for value in request.GET.getlist(name) if value and "\x00" not in value]
        chosen = list(dict.fromkeys(given))[:_MOST_VALUES] if name == "areas" else given[-1:]
        pairs += [(name, value) for value in chosen]
    return urlencode(pairs)


def impersonal(request: HttpRequest, query: str) -> HttpRequest:
    """The request as a stranger would make it: without account, session, cookies, messages and unread parameters."""
    plain = copy(request)
    plain.META = {name: value for name, value in request.META.items() if name not in {"HTTP_COOKIE", "CSRF_COOKIE"}}
    plain.META["QUERY_STRING"] = query
    setattr(plain, "environ", plain.META)  # noqa: B010 -- where a WSGI request reads its query and its cookies
    for name in ("GET", "COOKIES", "headers", "session", "_messages", "_cached_user"):
        plain.__dict__.pop(name, None)
    plain.resolver_match = request.resolver_match
    plain.user = AnonymousUser()
    return plain


def public_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Serve a public view through the shelf. The view is called without the ``publication`` part of its address."""

    @wraps(view)
    def serve(request: HttpRequest, *args: Any, publication: str | None = None, **kwargs: Any) -> HttpResponse:
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        # A malformed cookie would have a new one sent along, with a page that caches may give to others.
        request.META.pop("CSRF_COOKIE_NEEDS_UPDATE", None)
        current = shelf.current()
        query = query_read(request)
        keep = current is not None and len(query) <= _LARGEST_QUERY and EXPORTED not in request.META
        number, version = current or ("", "")
        key = (request.scheme or "", request.get_host(), publication or number, version, request.path, query)
        page = shelf.get(key) if keep else None
        if page is None:
            plain = impersonal(request, query)
            if current is not None:
                # The page shows the publication under which it is kept, and asks for it no second time.
                setattr(plain, LATEST, shelf.publication)
            response = view(plain, *args, **kwargs)
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
    if getattr(response, "xframe_options_exempt", False):
        headers = (*headers, ("X-Embeddable", "yes"))
    return KeptPage(gzip.compress(body, 9, mtime=0), response["Content-Type"], f'"{digest}"', headers)


def _respond(request: HttpRequest, page: KeptPage, *, for_good: bool) -> HttpResponse:
    if page.etag in request.headers.get("If-None-Match", ""):
        response: HttpResponse = HttpResponseNotModified()
    elif "gzip" in request.headers.get("Accept-Encoding", "") and not settings.DEBUG:
        response = HttpResponse(page.packed, content_type=page.content_type)
        response["Content-Encoding"] = "gzip"
    else:
        response = HttpResponse(gzip.decompress(page.packed), content_type=page.content_type)
    for name, value in page.headers:
        if name == "X-Embeddable":
            response.xframe_options_exempt = True
        else:
            response[name] = value
    response["ETag"] = page.etag
    response["Cache-Control"] = FOR_GOOD if for_good else CHECKED
    patch_vary_headers(response, ["Accept-Encoding"])
    return response
