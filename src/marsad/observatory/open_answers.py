"""How the open door answers: conditional, streamed, open to any origin, and with a problem body (RFC 9457) where it cannot.

Every answer is the same for everybody and carries no cookie, so ``Access-Control-Allow-Origin: *`` gives nothing away.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from itertools import chain
from typing import Any, Final, TypeVar

from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotModified,
    HttpResponseRedirect,
    JsonResponse,
    StreamingHttpResponse,
)
from django.urls import resolve
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_exempt

from marsad.observatory.page_cache import CHECKED, FOR_GOOD
from marsad.web.access import access, anyone
from migstat.model import Refused

_METHODS: Final = "GET, HEAD, OPTIONS"
_LONGEST_QUERY: Final = 8000
_CHUNK: Final = 32_000
# Grows when the words of an answer change for the same data, so that no cache keeps the old ones.
_WRITTEN: Final = "1"

View = Callable[..., HttpResponseBase]
Answer = TypeVar("Answer", bound=HttpResponseBase)
Item = TypeVar("Item")


class NotFound(Refused):
    """Nothing stands at this address, or nothing answers this question."""


class Gone(Refused):
    """What stood here was withdrawn."""


class NotOffered(Refused):
    """A part of a standard that this service does not offer."""


class NotAcceptable(Refused):
    """A format that this service does not write."""


_STATUS: Final = ((NotFound, 404), (Gone, 410), (NotOffered, 501), (NotAcceptable, 406), (Refused, 400))
_TITLES: Final = {
    400: "The question is malformed",
    404: "Nothing found",
    405: "Method not allowed",
    406: "Format not offered",
    410: "Withdrawn",
    414: "The address is too long",
    422: "A parameter is malformed",
    500: "Fault of the service",
    501: "Not offered",
}


def problem(status: int, rule: str, *, found: str, remedy: str) -> HttpResponse:
    """A problem body: which rule, what was found, what to do."""
    content = {
        "type": f"urn:marsad:problem:{rule}",
        "title": _TITLES.get(status, "Problem"),
        "status": status,
        "detail": f"{found}; {remedy}",
        "rule": rule,
        "found": found,
        "remedy": remedy,
    }
    return opened(JsonResponse(content, status=status, content_type="application/problem+json"))


def problem_of(refused: Refused) -> HttpResponse:
    status = next(status for kind, status in _STATUS if isinstance(refused, kind))
    return problem(status, refused.rule, found=refused.found, remedy=refused.remedy)


def opened(response: Answer) -> Answer:
    """Let a page of any other site read the answer."""
    response["Access-Control-Allow-Origin"] = "*"
    response["Access-Control-Expose-Headers"] = "ETag, Link, Content-Disposition"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def open_data(view: View) -> View:
    """A view of the open door: GET, HEAD and OPTIONS, open to every origin, its refusals told as problems."""

    @wraps(view)
    def serve(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "OPTIONS":
            return _preflight()
        if request.method not in {"GET", "HEAD"}:
            answer = problem(405, "request.method", found=str(request.method), remedy=f"use {_METHODS}")
            answer["Allow"] = _METHODS
            return answer
        if len(request.META.get("QUERY_STRING", "")) > _LONGEST_QUERY:
            return problem(414, "request.long", found="a long query", remedy=f"ask in {_LONGEST_QUERY} characters")
        if "\x00" in request.GET.urlencode().replace("%00", "\x00"):
            return problem(400, "request.character", found="a character that no text holds", remedy="leave it out")
        try:
            return opened(view(request, *args, **kwargs))
        except Refused as refused:
            return problem_of(refused)
        except Http404:
            return problem(404, "address.unknown", found="no such address", remedy="begin at /api/v1/ or /sdmx/")

    # Nothing is written here: a program that posts is told of the method, not of a form's token that it cannot have.
    return csrf_exempt(access(anyone)(serve))


def headed(view: View) -> View:
    """A view of a library that knows no HEAD: asked by GET, and the server sends the head of its answer alone."""

    @wraps(view)
    def serve(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "HEAD":
            request.method = "GET"
            answer = view(request, *args, **kwargs)
            request.method = "HEAD"
            return answer
        return view(request, *args, **kwargs)

    return serve


def _preflight() -> HttpResponse:
    answer = opened(HttpResponse(status=204))
    answer["Allow"] = answer["Access-Control-Allow-Methods"] = _METHODS
    answer["Access-Control-Allow-Headers"] = "Accept, If-None-Match"
    answer["Access-Control-Max-Age"] = "86400"
    return answer


@open_data
def begin(request: HttpRequest, at: str) -> HttpResponseBase:
    """The address of a service as catalogues name it: what the service offers stands one step further."""
    return HttpResponseRedirect(at)


@open_data
def unknown(request: HttpRequest, rest: str = "") -> HttpResponseBase:
    """Any other address below the open roots. One that only has a slash too many is answered as without it, since the
    examples of the standard write it both ways."""
    if rest.endswith("/"):
        meant = resolve(request.path.rstrip("/"))
        answer: HttpResponseBase = meant.func(request, *meant.args, **meant.kwargs)
        return answer
    raise NotFound("address.unknown", found="no such address", remedy="see /en/open/ for those that exist")


def etag(*parts: object) -> str:
    """A tag for what an answer is made of: editions' checksums, the question, the format."""
    return '"' + hashlib.sha256("\x1f".join(map(str, (_WRITTEN, *parts))).encode()).hexdigest()[:32] + '"'


def unchanged(request: HttpRequest, tag: str) -> bool:
    """Whether the reader has it already; compressed answers come back with a weak tag."""
    given = request.headers.get("If-None-Match", "")
    return given.strip() == "*" or tag in given


def answered(
    request: HttpRequest,
    tag: str,
    write: Callable[[], Iterable[str] | bytes],
    content_type: str,
    *,
    for_good: bool = False,
    name: str = "",
    negotiated: bool = False,
) -> HttpResponseBase:
    """The answer, or 304 before anything is read. ``write`` gives its parts, streamed, or its bytes.

    ``write`` is called before the answer begins, so that it may still refuse; its first part is drawn too.
    """
    response: HttpResponseBase
    if unchanged(request, tag):
        response = HttpResponseNotModified()
    else:
        content = write()
        if isinstance(content, bytes):
            response = HttpResponse(content, content_type=content_type)
        else:
            response = StreamingHttpResponse(_chunks(content), content_type=content_type)
        if name:
            response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["ETag"] = tag
    response["Cache-Control"] = FOR_GOOD if for_good else CHECKED
    if negotiated:
        patch_vary_headers(response, ["Accept"])
    return opened(response)


def _chunks(parts: Iterable[str]) -> Iterator[bytes]:
    """The parts in pieces of some size: a small piece per observation would cost more than writing it."""
    held: list[str] = []
    size = 0
    for part in parts:
        held.append(part)
        size += len(part)
        if size >= _CHUNK:
            yield "".join(held).encode()
            held, size = [], 0
    if held:
        yield "".join(held).encode()


def peeked(items: Iterable[Item]) -> Iterator[Item] | None:
    """The same items, or None where there is none: what must be known before an answer begins."""
    rest = iter(items)
    for first in rest:
        return chain([first], rest)
    return None
