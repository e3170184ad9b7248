"""The needs that a person may read, and the steps on one."""

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
from marsad.catalogue import queries as catalogue
from marsad.coordination.needs import labels, operations, queries
from marsad.coordination.needs.forms import AnswerForm, NeedForm
from marsad.coordination.needs.rules import NEED_TRANSITIONS, MoveRefused, NeedMove, NeedState
from marsad.coordination.needs.views_access import concerned, need_or_404
from marsad.web.access import access

PER_PAGE = 25
SUBJECT = ("indicator", "area", "group", "period")


def names_of(record: Any) -> dict[str, Any]:
    """The indicator and place that a need or request is about, where it names them."""
    return {
        "about": catalogue.indicator(record.indicator) if record.indicator else None,
        "place": catalogue.area(record.area) if record.area else None,
    }


def tell_refusal(request: HttpRequest, refused: MoveRefused) -> None:
    for refusal in sorted(refused.refusals):
        messages.error(request, str(labels.REFUSALS[refusal]))


@never_cache
@access(concerned)
def needs(request: HttpRequest) -> HttpResponse:
    """The needs that this person may read, by state."""
    state = request.GET.get("state", "")
    found = queries.needs_for(request.user)
    if state in set(NeedState):
        found = found.filter(state=state)
    context = {
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "state": state,
        "states": [(str(one), labels.NEED_STATES[one]) for one in NeedState],
        "may_state": request.user.has_perm("needs.state"),
    }
    return render(request, "needs/list.html", context)


@never_cache
@access(may("needs.state"))
@require_http_methods(["GET", "POST"])
def new_need(request: HttpRequest) -> HttpResponse:
    initial = {name: request.GET[name] for name in SUBJECT if name in request.GET}
    form = NeedForm(request.POST or None, initial=initial, user=request.user)
    actor: Any = request.user
    if request.method == "POST" and form.is_valid():
        organisation = form.cleaned_data["organisation"]
        need = operations.state_need(actor=actor, at=timezone.now(), content=form.content, organisation=organisation)
        messages.success(request, _("The need is written down."))
        return redirect("needs:need", need.pk)
    return render(request, "needs/form.html", {"form": form, "title": _("State a need")})


@never_cache
@access(concerned)
def need(request: HttpRequest, number: int) -> HttpResponse:
    """One need with its history, its requests and what this person may do with it."""
    found = need_or_404(request, number)
    mine = queries.may_change(request.user, found)
    state = NeedState(found.state)
    context = {
        "need": found,
        "steps": queries.steps_of_need(found),
        "requests": queries.requests_for(request.user).filter(need=found),
        "may_edit": mine and NEED_TRANSITIONS[state, NeedMove.EDIT] is not None,
        "may_reopen": mine and NEED_TRANSITIONS[state, NeedMove.REOPEN] is not None,
        "may_answer": (mine or request.user.has_perm(queries.ASSESS)) and state is NeedState.OPEN,
        "may_request": request.user.has_perm("requests.make") and state is NeedState.OPEN,
        "answer": AnswerForm(),
        **names_of(found),
    }
    return render(request, "needs/need.html", context)


@never_cache
@access(may("needs.state"))
@require_http_methods(["GET", "POST"])
def edit_need(request: HttpRequest, number: int) -> HttpResponse:
    found = need_or_404(request, number, mine=True)
    names = (*SUBJECT, "question", "decision", "half_width", "threshold", "needed_by", "is_public")
    form = NeedForm(request.POST or None, initial={name: getattr(found, name) for name in names}, user=request.user)
    form.fixed_organisation()
    actor: Any = request.user
    if request.method == "POST" and form.is_valid():
        try:
            operations.edit_need(actor=actor, at=timezone.now(), number=number, content=form.content)
        except MoveRefused as refused:
            tell_refusal(request, refused)
        else:
            messages.success(request, _("The need is written anew; what it said before stays in its history."))
        return redirect("needs:need", number)
    return render(request, "needs/form.html", {"form": form, "title": _("Change the need"), "need": found})


@access(concerned)
@require_POST
def need_step(request: HttpRequest, number: int) -> HttpResponse:
    """Withdraw a need, take it up again, or close it with an edition."""
    need_or_404(request, number)
    actor: Any = request.user
    asked, at = request.POST.get("move"), timezone.now()
    try:
        if asked == NeedMove.WITHDRAW:
            operations.withdraw_need(actor=actor, at=at, number=number)
        elif asked == NeedMove.REOPEN:
            operations.reopen_need(actor=actor, at=at, number=number)
        elif asked == NeedMove.ANSWER:
            form = AnswerForm(request.POST)
            if not form.is_valid():
                messages.error(request, _("Name the edition that answers it."))
                return redirect("needs:need", number)
            operations.answer_need(actor=actor, at=at, number=number, edition=form.cleaned_data["edition"])
    except MoveRefused as refused:
        tell_refusal(request, refused)
    return redirect("needs:need", number)
