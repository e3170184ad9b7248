"""The data officer's pages: what waits for a decision, and the decision."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from marsad.accounts.rules import may
from marsad.collection.deliveries import operations_decisions as decisions
from marsad.collection.deliveries import pages, queries
from marsad.collection.deliveries.forms import DecisionForm
from marsad.collection.deliveries.labels import words_of
from marsad.collection.deliveries.operations_decisions import Decision
from marsad.collection.deliveries.rules import Move
from marsad.collection.deliveries.views import go_on, seen
from marsad.web.access import access
from migstat.model.refusals import Refused

_MOVES = (Move.ACCEPT, Move.RESERVE, Move.RETURN, Move.REFUSE)


@never_cache
@access(may("deliveries.review"))
def queue(request: HttpRequest) -> HttpResponse:
    closed = request.GET.get("closed") == "1"
    shown = pages.listed(queries.queue(closed=closed), request.GET)
    return render(request, "deliveries/queue.html", shown | {"closed": closed})


@require_POST
@access(may("deliveries.review"))
def decide(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    found = seen(request, delivery_id)
    user: Any = request.user
    form = DecisionForm(request.POST, moves=_MOVES)
    if form.is_valid():
        decision = Decision(form.cleaned_data["move"], form.cleaned_data["reason"])
        try:
            decisions.decide(actor=user, at=timezone.now(), delivery_id=found.pk, decision=decision)
        except Refused as refusal:
            form.add_error(None, words_of(refusal))
        else:
            go_on(found.pk, found.bytes)
            messages.success(request, _("The decision is noted; the partner is told."))
            return redirect("deliveries:show", found.pk)
    return render(request, "deliveries/show.html", pages.shown(found, user, decision=form), status=422)
