"""A person's own page: what waits, and the rooms that are open."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from marsad.notices import operations, queries
from marsad.notices.desk import rooms_of
from marsad.web.access import access, signed_in

_PER_PAGE = 25


@never_cache
@access(signed_in)
def desk(request: HttpRequest) -> HttpResponse:
    closed = request.GET.get("closed") == "1"
    found = queries.notices_for(request.user, closed=closed)
    page = Paginator(found, _PER_PAGE).get_page(request.GET.get("page"))
    rows = queries.rows(page.object_list, today=timezone.localdate())
    shown = {"page": page, "rows": rows, "closed": closed, "groups": rooms_of(request.user)}
    return render(request, "notices/desk.html", shown)


@require_POST
@access(signed_in)
def dismiss(request: HttpRequest, notice_id: int) -> HttpResponse:
    actor: Any = request.user
    keys = queries.addressees_of(actor)
    if operations.dismiss_notice(actor=actor, at=timezone.now(), notice_id=notice_id, keys=keys):
        messages.success(request, _("The notice was closed."))
    else:
        messages.error(
            request, _("This notice is closed already, is not yours, or closes when what it waits for is done.")
        )
    return redirect("notices:desk")
