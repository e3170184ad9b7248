"""The release desk: the list, a request with everything there is to judge it by, its steps, and who may review."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from marsad.accounts.rules import may
from marsad.collection.firewall import demand_cells
from marsad.release import operations, operations_publish, queries
from marsad.release.forms import CompetenceForm, EmbargoForm, SignatureForm, WithdrawalForm
from marsad.release.labels import MISSING, REFUSALS, RULES, words_of
from marsad.release.reading import drawn, proposed, revised
from marsad.release.rules import RequestState, StepRefused
from marsad.web.access import AccessRule, access
from migstat.model import Refused

PER_PAGE = 25
CELLS_PER_PAGE = 50


def _either(user: Any) -> bool:
    return bool(user.has_perm("release.request") or user.has_perm("release.review"))


desk = AccessRule("may release.request or release.review", _either, may("release.review").reasons)


@never_cache
@access(desk)
def list_requests(request: HttpRequest) -> HttpResponse:
    """What waits for this reviewer, then every request."""
    state = request.GET.get("state", "")
    found = queries.requests(state=state if state in set(RequestState) else "")
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    waiting = queries.waiting_for(request.user)[:PER_PAGE] if request.user.has_perm("release.review") else []
    names = queries.names_of({each.author for each in page})
    rows = [(each, names.get(each.author, "")) for each in page]
    context = {"page": page, "rows": rows, "waiting": waiting, "states": list(RequestState), "state": state}
    return render(request, "release/list.html", context)


@never_cache
@access(desk)
def show_request(request: HttpRequest, request_id: UUID) -> HttpResponse:
    return _page(request, request_id)


def _page(
    request: HttpRequest, request_id: UUID, *, refusals: Any = (), status: int = 200, **forms: Any
) -> HttpResponse:
    found = queries.request_of(request_id)
    if found is None:
        raise Http404
    demand_cells(request)
    user: Any = request.user
    signatures = queries.signatures_for(user, found)
    steps = queries.steps_for(user, found, now=timezone.now())
    history = list(queries.history(found))
    names = queries.names_of({found.author, *(one.reviewer for one in signatures), *(one.actor for one in history)})
    context = {
        "release": found,
        "tables": [(one, proposed(one.content, one.intervals, one.examination)) for one in queries.tables(found)],
        "missing": [(words_of(MISSING, one["what"]), one["where"]) for one in found.missing],
        "revised": revised(found.differences)[:30],
        "signatures": [(one, names.get(one.reviewer, "")) for one in signatures],
        "history": [(one, names.get(one.actor, "")) for one in history],
        "author": names.get(found.author, ""),
        "is_author": found.author == str(user.pk),
        "reviews": user.has_perm("release.review"),
        "may_publish": _either(user),
        "against_signing": _worded(steps.sign),
        "against_submitting": _worded(steps.submit),
        "against_publishing": _worded(steps.publish),
        "refusals": refusals,
        "sign_form": forms.get("sign_form") or SignatureForm(),
        "embargo_form": forms.get("embargo_form") or EmbargoForm(initial={"until": found.embargo_until}),
        "withdrawal_form": forms.get("withdrawal_form") or WithdrawalForm(),
    }
    return render(request, "release/request.html", context, status=status)


def _worded(refusals: Any) -> list[str]:
    return [words_of(REFUSALS, one) for one in sorted(refusals)]


@never_cache
@access(desk)
def show_table(request: HttpRequest, request_id: UUID, sort: int) -> HttpResponse:
    """One table of a request: every withheld cell with the interval in which an attacker can place it."""
    demand_cells(request)
    found = queries.request_of(request_id)
    table = queries.tables(found).filter(sort=sort).first() if found else None
    if table is None:
        raise Http404
    page = Paginator(table.examination.get("withheld", []), CELLS_PER_PAGE).get_page(request.GET.get("page"))
    context = {"release": found, "table": table, "report": table.examination, "page": page, "cells": drawn(list(page))}
    return render(request, "release/table.html", context)


def _step(request: HttpRequest, request_id: UUID, work: Callable[[], Any], done: Any, **forms: Any) -> HttpResponse:
    """Do one step; what forbids it is shown on the page, all reasons at once."""
    try:
        result = work()
    except StepRefused as refused:
        return _page(request, request_id, refusals=_worded(refused.refusals), status=409, **forms)
    except Refused as refused:
        return _page(request, request_id, refusals=[words_of(RULES, refused.rule)], status=409, **forms)
    demoted = queries.request_of(request_id)
    if demoted is not None and demoted.state == RequestState.DEMOTED:
        messages.warning(request, _("The ground of this request has moved: it was sent back to its author."))
    else:
        messages.success(request, done(result) if callable(done) else done)
    return redirect("release:request", request_id)


@access(may("release.request"))
@require_POST
def submit(request: HttpRequest, request_id: UUID) -> HttpResponse:
    def work() -> Any:
        return operations.submit_request(actor=request.user, at=timezone.now(), request_id=request_id)

    return _step(request, request_id, work, _("The request waits for two reviewers."))


@access(may("release.review"))
@require_POST
def sign(request: HttpRequest, request_id: UUID) -> HttpResponse:
    form = SignatureForm(request.POST)
    if not form.is_valid():
        return _page(request, request_id, status=422, sign_form=form)
    given = form.cleaned_data

    def work() -> Any:
        return operations.sign_request(actor=request.user, at=timezone.now(), request_id=request_id, **given)

    return _step(request, request_id, work, _("Your signature is recorded."), sign_form=form)


@access(may("release.request"))
@require_POST
def embargo(request: HttpRequest, request_id: UUID) -> HttpResponse:
    form = EmbargoForm(request.POST)
    if form.is_valid() and form.cleaned_data["until"] and form.cleaned_data["until"] <= timezone.now():
        form.add_error("until", _("Choose a time to come, or none."))
    if not form.is_valid():
        return _page(request, request_id, status=422, embargo_form=form)
    until = form.cleaned_data["until"]

    def work() -> Any:
        return operations.set_embargo(actor=request.user, at=timezone.now(), request_id=request_id, until=until)

    return _step(request, request_id, work, _("The embargo was recorded."))


@access(desk)
@require_POST
def publish(request: HttpRequest, request_id: UUID) -> HttpResponse:
    def work() -> Any:
        return operations_publish.publish_request(actor=request.user, at=timezone.now(), request_id=request_id)

    return _step(request, request_id, work, _("The edition is public."))


@access(may("release.review"))
@require_POST
def withdraw(request: HttpRequest, request_id: UUID) -> HttpResponse:
    form = WithdrawalForm(request.POST)
    if not form.is_valid():
        return _page(request, request_id, status=422, withdrawal_form=form)

    def work() -> Any:
        return operations_publish.withdraw_edition(
            actor=request.user, at=timezone.now(), request_id=request_id, reason=form.reason
        )

    return _step(request, request_id, work, _("The edition was withdrawn; its tombstone says why."))


@access(may("release.request"))
@require_POST
def cancel(request: HttpRequest, request_id: UUID) -> HttpResponse:
    def work() -> Any:
        return operations.cancel_request(actor=request.user, at=timezone.now(), request_id=request_id)

    return _step(request, request_id, work, _("The request was taken back."))


@never_cache
@access(may("competence.grant"))
def competence(request: HttpRequest) -> HttpResponse:
    """Who may review releases, until when and why; confirm or end it."""
    people = {str(user.pk): str(user) for user in queries.reviewers()}
    form = CompetenceForm(request.POST or None, people=people)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            operations.grant_competence(actor=request.user, at=timezone.now(), **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, words_of(RULES, refused.rule))
            status = 409
        else:
            messages.success(request, _("The competence was recorded."))
            return redirect("release:competence")
    held = queries.competences()
    names = queries.names_of({one.person for one in held} | {one.granted_by for one in held})
    rows = [(one, names.get(one.person, ""), names.get(one.granted_by, "")) for one in held]
    context = {"form": form, "rows": rows, "people": people, "today": timezone.localdate()}
    return render(request, "release/competence.html", context, status=status)


@access(may("competence.grant"))
@require_POST
def revoke(request: HttpRequest, person: UUID) -> HttpResponse:
    operations.revoke_competence(actor=request.user, at=timezone.now(), person=str(person))
    messages.success(request, _("The competence was ended."))
    return redirect("release:competence")
