"""The door for machines: one file in one request, or in parts that can be resumed; problems as RFC 9457 documents."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any
from uuid import UUID

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from marsad.collection.deliveries import queries
from marsad.collection.deliveries.labels import words_of
from marsad.collection.deliveries.operations_intake import AlreadyThere, Order, begin_upload, complete_upload, receive
from marsad.collection.deliveries.operations_tokens import note_use
from marsad.collection.deliveries.pages import structure
from marsad.collection.deliveries.report_pages import report_lines
from marsad.collection.deliveries.rules import MOST_BYTES, PIECE_BYTES, Channel, State, safe_name
from marsad.collection.deliveries.uploads import SealedUploadHandler, drop
from marsad.collection.deliveries.views import go_on
from marsad.coordination.agreements.operations import note_refusal
from marsad.web.access import access, anyone, takes_large_files
from migstat.model.refusals import Refused

_STATUS = {
    "deliveries.token": 401, "deliveries.not_party": 403, "deliveries.not_in_force": 403, "deliveries.unknown": 404,
    "deliveries.no_agreement": 404, "deliveries.same_file": 409, "deliveries.offset": 409, "deliveries.move": 409,
    "deliveries.too_large": 413, "deliveries.piece": 413, "deliveries.request": 400,
}  # fmt: skip
_COUNTED = frozenset({"deliveries.not_party", "deliveries.not_in_force"})
_BEARER = re.compile(r"Bearer ([A-Za-z0-9_\-]{20,100})")
_READ = 256 * 1024


def problem(refusal: Refused, *, status: int = 0) -> HttpResponse:
    """A problem document (RFC 9457): the rule as its type, the words in the language that the request accepts."""
    code = status or _STATUS.get(refusal.rule, 422)
    body = {
        "type": f"urn:marsad:{refusal.rule}", "title": words_of(refusal), "status": code, "rule": refusal.rule,
        "detail": refusal.found,
    }  # fmt: skip
    answer = JsonResponse(
        body, status=code, content_type="application/problem+json", json_dumps_params={"ensure_ascii": False}
    )
    if code == 401:
        answer["WWW-Authenticate"] = 'Bearer realm="deliveries"'
    return answer


def _refused(rule: str, found: str) -> Refused:
    return Refused(rule, found=found, remedy="see the documentation of deliveries")


Door = Callable[..., HttpResponse]


def door(*methods: str) -> Callable[[Door], Door]:
    """A view for machines: signed by a running token, which stands in ``request.sending_token``; refusals become problems."""

    def wrap(view: Door) -> Door:
        @never_cache
        @csrf_exempt
        @access(anyone)
        @takes_large_files
        @wraps(view)
        def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method not in methods:
                return problem(_refused("deliveries.request", f"the method {request.method}"), status=405)
            match = _BEARER.fullmatch(request.headers.get("Authorization", ""))
            token = queries.token_of(match[1], today=timezone.localdate()) if match else None
            if token is None:
                return problem(_refused("deliveries.token", "no running token"))
            try:
                request.sending_token = token  # type: ignore[attr-defined]
                note_use(token, actor=token, at=timezone.now())
                return view(request, token, *args, **kwargs)
            except AlreadyThere as told:
                return _delivery_answer(request, queries.delivery(told.delivery), already=True)
            except Refused as refusal:
                if refusal.rule in _COUNTED:
                    note_refusal(actor=token, at=timezone.now(), agreement=token.agreement, kind=refusal.rule)
                return problem(refusal)
            except (MultiPartParserError, SuspiciousOperation, RequestDataTooBig, UnicodeDecodeError, ValueError):
                return problem(_refused("deliveries.request", "a request that cannot be understood"))

        return opened

    return wrap


def _delivery_answer(request: HttpRequest, found: Any, *, status: int = 200, already: bool = False) -> HttpResponse:
    where = reverse("deliveries_api:delivery", args=[found.pk])
    # What no check has counted is not known, which is not 0.
    checked = found.report is not None
    body = {
        "id": str(found.pk), "agreement": found.agreement, "period": found.period, "state": found.state, "bytes": found.bytes,
        "sha256": found.digest, "rows": found.rows if checked else None,
        "errors": found.errors if checked else None, "questions": found.questions if checked else None,
        "reason": found.reason, "already": already, "url": where,
        "problem": found.problem["rule"] if found.problem else None,
    }  # fmt: skip
    return JsonResponse(body, status=status, headers={"Location": where}, json_dumps_params={"ensure_ascii": False})


@door("POST")
def send(request: HttpRequest, token: Any, agreement: str) -> HttpResponse:
    """One file as ``multipart/form-data``: ``file``, and ``period``, ``again`` where they apply."""
    if agreement != token.agreement:
        raise _refused("deliveries.not_party", "a token of another agreement")
    if int(request.headers.get("Content-Length") or 0) > MOST_BYTES + _READ:
        raise _refused("deliveries.too_large", f"more than {MOST_BYTES // 2**20} MiB")
    handler = SealedUploadHandler(request)
    request.upload_handlers = [handler]
    upload: Any = request.FILES.get("file")
    if handler.problem is not None:
        raise handler.problem
    if upload is None:
        raise _refused("deliveries.no_file", "no part named file")
    order = Order(
        agreement, token.organisation, request.POST.get("period", ""), upload.name, Channel.API,
        again=request.POST.get("again") in ("1", "true"),
    )  # fmt: skip
    try:
        found = receive(actor=token, at=timezone.now(), order=order, spooled=upload.spooled)
    except Refused:
        drop(upload)
        raise
    go_on(found.pk, found.bytes)
    return _delivery_answer(request, queries.delivery(found.pk), status=201)


@door("POST")
def begin(request: HttpRequest, token: Any, agreement: str) -> HttpResponse:
    """Begin an upload in parts: JSON with ``name`` and ``period``. Answers with its address and the offset 0."""
    if agreement != token.agreement:
        raise _refused("deliveries.not_party", "a token of another agreement")
    said = json.loads(request.read(10_000) or b"{}")
    if not isinstance(said, dict):
        raise _refused("deliveries.request", "no JSON object")
    order = Order(
        agreement,
        token.organisation,
        str(said.get("period", "")),
        safe_name(str(said.get("name", "file"))),
        Channel.API,
    )
    found = begin_upload(actor=token, at=timezone.now(), order=order)
    where = reverse("deliveries_api:upload", args=[found.pk])
    return JsonResponse({"id": str(found.pk), "offset": 0, "url": where}, status=201, headers={"Location": where})


def _arriving(token: Any, upload: UUID) -> Any:
    found = queries.delivery(upload)
    if found is None or found.agreement != token.agreement or found.organisation != token.organisation:
        raise _refused("deliveries.unknown", "no upload of this number")
    return found


@door("PATCH", "GET", "HEAD")
def upload(request: HttpRequest, token: Any, upload_id: UUID) -> HttpResponse:
    """A part, beginning at ``Upload-Offset``; or how far the upload is. What is answered is on the disk."""
    found = _arriving(token, upload_id)
    if State(found.state) is not State.ARRIVING:
        return _delivery_answer(request, found)
    spool = queries.spool_of(found)
    if request.method != "PATCH":
        return HttpResponse(status=204, headers={"Upload-Offset": str(spool.repair()[1])})
    if int(request.headers.get("Content-Length") or 0) > PIECE_BYTES:
        raise _refused("deliveries.piece", "a part of more than 16 MiB")
    offset = spool.repair()[1]
    if request.headers.get("Upload-Offset") != str(offset):
        refusal = problem(_refused("deliveries.offset", f"the offset is {offset}"))
        refusal["Upload-Offset"] = str(offset)
        return refusal
    size = spool.append(_pieces(request), most=MOST_BYTES)
    return HttpResponse(status=204, headers={"Upload-Offset": str(size)})


def _pieces(request: HttpRequest) -> Iterator[bytes]:
    taken = 0
    while piece := request.read(_READ):
        taken += len(piece)
        if taken > PIECE_BYTES:
            raise _refused("deliveries.piece", "a part of more than 16 MiB")
        yield piece


@door("POST")
def complete(request: HttpRequest, token: Any, upload_id: UUID) -> HttpResponse:
    """The end of an upload: JSON with ``sha256`` of the whole file, and ``again`` where it applies."""
    found = _arriving(token, upload_id)
    said = json.loads(request.read(10_000) or b"{}")
    if not isinstance(said, dict):
        raise _refused("deliveries.request", "no JSON object")
    if State(found.state) is State.ARRIVING:
        digest, size = hashlib.sha256(), 0
        for piece in queries.spool_of(found).pieces():
            digest.update(piece)
            size += len(piece)
        whole = digest.hexdigest()
        if said.get("sha256", whole) != whole:
            raise _refused("deliveries.digest", "another SHA-256 than was announced")
    else:
        whole, size = str(said.get("sha256", found.digest)), found.bytes
    done = complete_upload(
        actor=token, at=timezone.now(), delivery_id=found.pk, size=size, digest=whole, again=bool(said.get("again"))
    )
    go_on(done.pk, done.bytes)
    return _delivery_answer(request, queries.delivery(done.pk), status=201)


@door("GET")
def delivery(request: HttpRequest, token: Any, delivery_id: UUID) -> HttpResponse:
    """The state of a delivery of the token's agreement, with its report."""
    found = _arriving(token, delivery_id)
    answer = json.loads(_delivery_answer(request, found).content)
    answer["report"] = [dict(line.__dict__) for line in report_lines(found, structure(found))]
    answer["counts"] = (found.report or {}).get("counts", {})
    return JsonResponse(answer, json_dumps_params={"ensure_ascii": False})
