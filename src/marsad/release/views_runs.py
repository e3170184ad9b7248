"""From a run to a request: the words of the edition to be, and the tables as production hands them over."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from marsad.accounts.rules import may
from marsad.production.labels import RULES as PRODUCTION_RULES
from marsad.production.queries import run_of
from marsad.release.bundles import Dossier
from marsad.release.forms import DossierForm
from marsad.release.from_runs import proposed_words, quality_notes, request_from_run
from marsad.release.labels import RULES, words_of
from marsad.web.access import access
from migstat.model import Refused


@never_cache
@access(may("release.request"))
def from_run(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Ask to release the tables of a run; the words are proposed from the catalogue and corrected here."""
    run = run_of(run_id)
    if run is None:
        raise Http404
    try:
        form = DossierForm(request.POST or None, initial=proposed_words(run))
        status = 200
        if request.method == "POST":
            status = 422
            if form.is_valid():
                made = request_from_run(
                    actor=request.user, at=timezone.now(), run_id=run_id, dossier=_dossier(run, form)
                )
                messages.success(request, _("The request is a draft. See what the audit found, then submit it."))
                return redirect("release:request", made.pk)
    except Refused as refused:
        words = words_of(RULES | PRODUCTION_RULES, refused.rule)
        context: dict[str, Any] = {"run": run, "form": form, "refusal": words}
        return render(request, "release/from_run.html", context, status=409)
    return render(request, "release/from_run.html", {"run": run, "form": form}, status=status)


def _dossier(run: Any, form: DossierForm) -> Dossier:
    return Dossier(
        dataflow=form.cleaned_data["dataflow"],
        title=form.text("title"),
        description=form.text("description"),
        source=form.cleaned_data["source"],
        reason=form.text("reason"),
        is_synthetic=run.is_synthetic,
        vintage=form.cleaned_data["vintage"],
        quality=quality_notes(run),
    )
