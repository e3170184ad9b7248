"""Tokens of an organisation: made, shown once, ended."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from marsad.accounts.rules import may
from marsad.actors.queries import codes_of
from marsad.collection.deliveries import operations_tokens as operations
from marsad.collection.deliveries import queries
from marsad.collection.deliveries.forms import TokenForm
from marsad.collection.deliveries.labels import words_of
from marsad.web.access import access
from migstat.model.refusals import Refused


@never_cache
@access(may("deliveries.send"))
def tokens(request: HttpRequest) -> HttpResponse:
    """The tokens of one's organisations; a new one is shown on this page once, and nowhere again."""
    user: Any = request.user
    terms = queries.open_terms(user, today=timezone.localdate())
    form, issued = TokenForm(request.POST or None, terms=terms), None
    if request.method == "POST" and form.is_valid():
        chosen = next(one for one in terms if one.code == form.cleaned_data["agreement"])
        try:
            issued = operations.issue_token(
                actor=user, at=timezone.now(), agreement=chosen.code, organisation=chosen.organisation,
                label=form.cleaned_data["label"],
            )  # fmt: skip
            form = TokenForm(terms=terms)
        except Refused as refusal:
            form.add_error(None, words_of(refusal))
    mine = queries.tokens_of(codes_of(user))
    shown = {"form": form, "issued": issued, "tokens": mine, "terms": terms, "today": timezone.localdate()}
    return render(request, "deliveries/tokens.html", shown)


@require_POST
@access(may("deliveries.send"))
def revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    user: Any = request.user
    try:
        operations.revoke_token(actor=user, at=timezone.now(), token_id=token_id)
    except Refused as refusal:
        messages.error(request, words_of(refusal))
    else:
        messages.success(request, _("The token is ended."))
    return redirect("deliveries:tokens")
