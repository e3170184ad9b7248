"""Requests for data: the list and its clock, a new one, the moves on one, following."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from marsad.accounts.rules import may
from marsad.coordination.needs import labels, operations_requests, queries
from marsad.coordination.needs.forms import MoveForm, RequestForm
from marsad.coordination.needs.rules import (
    OPEN_STATES,
    TRANSITIONS,
    WHO,
    Hat,
    MoveRefused,
    RequestMove,
    RequestState,
)
from marsad.coordination.needs.views import PER_PAGE, SUBJECT, names_of, tell_refusal
from marsad.coordination.needs.views_access import concerned, request_or_404
from marsad.web.access import access


@never_cache
@access(concerned)
def requests(request: HttpRequest) -> HttpResponse:
    """The requests that this person may read; assessors see what waits first."""
    state = request.GET.get("state", "open" if request.user.has_perm(queries.ASSESS) else "")
    found = queries.requests_for(request.user)
    if state == "open":
        found = found.filter(state__in=OPEN_STATES).order_by("assess_by", "id")
    elif state in set(RequestState):
        found = found.filter(state=state)
    context = {
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "state": state,
        "states": [("open", _("Every open one")), *((str(one), labels.STATES[one]) for one in RequestState)],
        "today": timezone.localdate(),
        "may_make": request.user.has_perm("requests.make"),
        "followed": queries.followed_by(request.user),
    }
    return render(request, "needs/requests.html", context)


@never_cache
@access(may("requests.make"))
@require_http_methods(["GET", "POST"])
def new_request(request: HttpRequest) -> HttpResponse:
    """A new request; the gap map and a need fill in what is asked about."""
    initial = {name: request.GET[name] for name in ("kind", "need", "title", *SUBJECT) if name in request.GET}
    form = RequestForm(request.POST or None, initial=initial, user=request.user)
    actor: Any = request.user
    if request.method == "POST" and form.is_valid():
        try:
            made = operations_requests.make_request(
                actor=actor, at=timezone.now(), content=form.content, organisation=form.cleaned_data["organisation"]
            )
        except MoveRefused as refused:
            tell_refusal(request, refused)
        else:
            messages.success(request, _("The request is received; you follow it."))
            return redirect("needs:request", made.pk)
    return render(request, "needs/form.html", {"form": form, "title": _("Ask for data"), "promise": True})


@never_cache
@access(concerned)
def data_request(request: HttpRequest, number: int) -> HttpResponse:
    found = request_or_404(request, number)
    return _page(request, found, MoveForm(user=request.user))


def _page(request: HttpRequest, found: Any, form: MoveForm, status: int = 200) -> HttpResponse:
    hats = queries.hats_of(request.user, found)
    state = RequestState(found.state)
    moves = [
        (str(move), labels.MOVES[move])
        for move in RequestMove
        if move is not RequestMove.EDIT and TRANSITIONS[state, move] is not None and WHO[move] in hats
    ]
    today = timezone.localdate()
    context = {
        "asked": found,
        "steps": queries.steps_of(found),
        "moves": moves,
        "need_seen": found.need_id is not None and queries.need_for(request.user, found.need_id) is not None,
        "form": form,
        "may_edit": Hat.REQUESTER in hats and TRANSITIONS[state, RequestMove.EDIT] is not None,
        "late": state is RequestState.RECEIVED and today > found.assess_by,
        "plan_late": state is RequestState.PLANNED and today > found.planned_for,
        "follows": queries.follows(request.user, found),
        "followers": queries.follower_count(found),
        **names_of(found),
    }
    return render(request, "needs/request.html", context, status=status)


@never_cache
@access(may("requests.make"))
@require_http_methods(["GET", "POST"])
def edit_request(request: HttpRequest, number: int) -> HttpResponse:
    found = request_or_404(request, number, mine=True)
    initial = {name: getattr(found, name) for name in (*SUBJECT, "kind", "title", "text", "is_public")}
    form = RequestForm(request.POST or None, initial=initial | {"need": found.need_id}, user=request.user)
    form.fixed_organisation()
    actor: Any = request.user
    if request.method == "POST" and form.is_valid():
        try:
            operations_requests.edit_request(actor=actor, at=timezone.now(), number=number, content=form.content)
        except MoveRefused as refused:
            tell_refusal(request, refused)
        return redirect("needs:request", number)
    return render(request, "needs/form.html", {"form": form, "title": _("Change the request"), "asked": found})


@never_cache
@access(concerned)
@require_POST
def move(request: HttpRequest, number: int) -> HttpResponse:
    """One move, with what it demands; what forbids it is said beside the form, and what was written stays there."""
    found = request_or_404(request, number)
    form = MoveForm(request.POST, user=request.user)
    asked = request.POST.get("move", "")
    actor: Any = request.user
    if asked not in set(RequestMove) - {RequestMove.EDIT} or not form.is_valid():
        return _page(request, found, form, status=400)
    try:
        operations_requests.move_request(
            actor=actor, at=timezone.now(), number=number, move=RequestMove(asked), **form.cleaned_data
        )
    except MoveRefused as refused:
        for refusal in sorted(refused.refusals):
            form.add_error(None, str(labels.REFUSALS[refusal]))
        return _page(request, found, form, status=409)
    return redirect("needs:request", number)


@access(concerned)
@require_POST
def follow(request: HttpRequest, number: int) -> HttpResponse:
    """Follow a request, or follow it no more."""
    request_or_404(request, number)
    write = operations_requests.unfollow if request.POST.get("end") else operations_requests.follow
    write(actor=request.user, at=timezone.now(), number=number)
    return redirect("needs:request", number)
