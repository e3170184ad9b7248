"""The administrator's page of background work."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from marsad.web.access import AccessRule, access
from marsad.work import operations, queries
from marsad.work.labels import REFUSAL_LABELS
from marsad.work.rules import UNDER_WAY
from migstat.model.refusals import Refused

PER_PAGE = 50
# The permission is asked of the account itself: background work stands below the accounts and does not import them.
may_run = AccessRule("may work.run", lambda user: bool(user.has_perm("work.run")), lambda user: ("accounts.no_role",))


@never_cache
@access(may_run)
def list_work(request: HttpRequest) -> HttpResponse:
    """What runs, waits and has run, page by page; the short rounds of the schedule when they are asked for."""
    rounds = request.GET.get("rounds") == "1"
    page = Paginator(queries.recent_work(with_rounds=rounds), PER_PAGE).get_page(request.GET.get("page"))
    shown = {
        "jobs": queries.jobs_started_by_hand(),
        "page": page,
        "rounds": rounds,
        "keep": "rounds=1&" if rounds else "",
        "beat": queries.last_beat(),
    }
    return render(request, "work/list.html", shown)


@require_POST
@access(may_run)
def start(request: HttpRequest, job: str) -> HttpResponse:
    user: Any = request.user
    try:
        progress = operations.start_job(actor=user, at=timezone.now(), job=job)
    except Refused as refusal:
        messages.error(request, str(REFUSAL_LABELS.get(refusal.rule, refusal)))
        return redirect("work:list")
    return redirect("work:show", progress.pk)


@never_cache
@access(may_run)
def show(request: HttpRequest, progress_id: UUID) -> HttpResponse:
    """The page of one piece of work; asked by htmx, only the part that changes."""
    progress = queries.work(progress_id)
    if progress is None:
        raise Http404
    htmx: Any = getattr(request, "htmx", False)
    page = "work/progress.html" if htmx else "work/show.html"
    return render(request, page, {"progress": progress, "under_way": progress.state in UNDER_WAY})
