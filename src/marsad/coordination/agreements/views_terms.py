"""Drafting: a new agreement, the terms of a draft, an amendment."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from marsad.coordination.agreements import labels, operations, queries
from marsad.coordination.agreements.forms import NewAgreementForm, TermsForm, initial_of
from marsad.coordination.agreements.rules import MoveRefused
from marsad.coordination.agreements.views_access import agreement_or_404, concerned, version_or_404
from marsad.web.access import access
from migstat.model.refusals import Refused


def _words_of(refused: Refused) -> list[str]:
    if isinstance(refused, MoveRefused):
        return [str(labels.REFUSALS[refusal]) for refusal in sorted(refused.refusals)]
    return [str(labels.RULES.get(refused.rule, labels.RULES["agreements.terms"]))]


@never_cache
@access(concerned)
@require_http_methods(["GET", "POST"])
def new_agreement(request: HttpRequest) -> HttpResponse:
    organisations = queries.organisations_to_draft_for(request.user)
    form = NewAgreementForm(request.POST or None, request.FILES or None, organisations=organisations)
    actor: Any = request.user
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        code = given["code"]
        terms = form.terms(code=code, organisation=given["organisation"].code, dataflow=given["dataflow"])
        try:
            operations.draft(actor=actor, at=timezone.now(), terms=terms, title=form.title)
        except Refused as refused:
            for words in _words_of(refused):
                form.add_error(None, words)
        else:
            messages.success(request, _("The draft is open to both sides."))
            return redirect("agreements:agreement", code)
    return render(request, "agreements/terms.html", {"form": form, "title": _("New agreement")})


@never_cache
@access(concerned)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """The terms of a draft, for both sides."""
    version = version_or_404(request, code, number)
    form = TermsForm(request.POST or None, request.FILES or None, initial=initial_of(version.terms))
    actor: Any = request.user
    if request.method == "POST" and form.is_valid():
        fixed = {"code": code, "organisation": version.agreement.organisation_id}
        terms = form.terms(**fixed, dataflow=version.agreement.dataflow, version=number)
        try:
            operations.edit(actor=actor, at=timezone.now(), code=code, number=number, terms=terms)
        except Refused as refused:
            for words in _words_of(refused):
                form.add_error(None, words)
        else:
            messages.success(request, _("The terms are written."))
            return redirect(f"{reverse('agreements:agreement', args=[code])}?version={number}")
    context = {"form": form, "title": _("Terms of the draft"), "version": version, "agreement": version.agreement}
    return render(request, "agreements/terms.html", context)


@access(concerned)
@require_POST
def amend(request: HttpRequest, code: str) -> HttpResponse:
    """Open the next version as a draft with the terms of the latest."""
    agreement_or_404(request, code)
    actor: Any = request.user
    try:
        version = operations.amend(actor=actor, at=timezone.now(), code=code)
    except Refused as refused:
        for words in _words_of(refused):
            messages.error(request, words)
        return redirect("agreements:agreement", code)
    messages.success(request, _("A new version is open as a draft."))
    return redirect("agreements:edit", code, version.number)
