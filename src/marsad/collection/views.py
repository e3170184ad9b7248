"""The data protection officer's register of requests."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from marsad.accounts.rules import may
from marsad.collection import operations, queries
from marsad.collection.forms import MoveForm, RequestForm
from marsad.collection.labels import REFUSAL_LABELS
from marsad.collection.rules import Answer, Right
from marsad.web.access import access
from migstat.model.refusals import Refused

_PER_PAGE = 50


def _words_of(refusal: Refused) -> str:
    return str(REFUSAL_LABELS.get(refusal.rule, refusal))


@never_cache
@access(may("privacy.manage"))
def list_requests(request: HttpRequest) -> HttpResponse:
    closed = request.GET.get("closed") == "1"
    right = request.GET.get("right", "") if request.GET.get("right") in set(Right) else ""
    page = Paginator(queries.requests(closed=closed, right=right), _PER_PAGE).get_page(request.GET.get("page"))
    keep = urlencode({"closed": "1"} if closed else {}) + (f"&{urlencode({'right': right})}" if right else "")
    shown = {
        "page": page, "rows": queries.rows_of(page, today=timezone.localdate()), "closed": closed, "right": right,
        "rights": list(Right), "keep": f"{keep.lstrip('&')}&" if keep else "",
    }  # fmt: skip
    return render(request, "collection/list.html", shown)


@never_cache
@access(may("privacy.manage"))
def new_request(request: HttpRequest) -> HttpResponse:
    actor: Any = request.user
    form = RequestForm(request.POST or None, initial={"received_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            made = operations.receive_request(actor=actor, at=timezone.now(), **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, _words_of(refusal))
        else:
            messages.success(request, _("The request was entered."))
            return redirect("collection:request", made.pk)
    return render(request, "collection/new.html", {"form": form})


@never_cache
@access(may("privacy.manage"))
def show_request(request: HttpRequest, request_id: UUID) -> HttpResponse:
    actor: Any = request.user
    row = queries.request_of(request_id, today=timezone.localdate())
    if row is None:
        raise Http404
    form = MoveForm(request.POST or None, moves=row.moves)
    if request.method == "POST" and form.is_valid():
        answer = Answer(form.cleaned_data["move"], form.cleaned_data["answer"])
        try:
            operations.move_request(actor=actor, at=timezone.now(), request_id=request_id, answer=answer)
        except Refused as refusal:
            form.add_error(None, _words_of(refusal))
        else:
            messages.success(request, _("The step was recorded."))
            return redirect("collection:request", request_id)
    return render(request, "collection/show.html", {"row": row, "form": form})
