"""The pages of production: the runs, a run, a new run of definitions, and the studies."""

from __future__ import annotations

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
from marsad.production import operations, queries
from marsad.production.forms import DefinitionsForm, form_of
from marsad.production.jobs import start_computing
from marsad.production.labels import STUDIES, refusal_words, words_of
from marsad.production.rules import UNDER_WAY, RunState
from marsad.production.shown import shown_results, shown_steps
from marsad.production.studies.catalogue import STUDIES as FAMILIES
from marsad.web.access import access
from migstat.model import Refused

PER_PAGE = 25
_ASKED = "production.asked"
_RUNS_REMEMBERED = 5


@never_cache
@access(may("production.run"))
def list_runs(request: HttpRequest) -> HttpResponse:
    state, study = request.GET.get("state", ""), request.GET.get("study", "")
    found = queries.runs(state=state if state in set(RunState) else "", study=study if study in FAMILIES else "")
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "state": state, "study": study, "states": list(RunState), "studies": list(FAMILIES)}
    return render(request, "production/list.html", context)


def _person(request: HttpRequest) -> Any:
    return request.user


def _run(run_id: UUID) -> Any:
    found = queries.run_of(run_id)
    if found is None:
        raise Http404
    return found


@never_cache
@access(may("production.run"))
def show_run(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """One run: what it is made of, how far it is, what came out, and what that changes. Asked by htmx, the progress alone."""
    run = _run(run_id)
    demand_cells(request)
    steps = shown_steps(run)
    done = sum(step.state in ("done", "reused") for step in steps)
    context: dict[str, Any] = {
        "run": run, "steps": steps, "done": done, "under_way": run.state in UNDER_WAY,
        "problem": refusal_words(run.problem["rule"]) if run.problem else "",
        "asked_by": queries.name_of(run.asked_by),
    }  # fmt: skip
    htmx: Any = getattr(request, "htmx", False)
    if htmx and context["under_way"]:
        return render(request, "production/progress.html", context)
    if run.state == RunState.DONE:
        try:
            context["results"] = shown_results(run)
        except Refused as refused:
            context["problem"] = refusal_words(refused.rule)
    context["lineage"] = queries.lineage_of(run)
    response = render(request, "production/run.html", context)
    if htmx:
        response["HX-Refresh"] = "true"
    return response


@never_cache
@access(may("production.run"))
def new_run(request: HttpRequest) -> HttpResponse:
    form = DefinitionsForm(request.POST or None, initial=_asked_like(request))
    return _ask(request, form, "", {"title": _("Compute definitions")})


@never_cache
@access(may("production.run"))
def list_studies(request: HttpRequest) -> HttpResponse:
    return render(request, "production/studies.html", {"studies": list(FAMILIES.values())})


@never_cache
@access(may("production.run"))
def new_study(request: HttpRequest, code: str) -> HttpResponse:
    """The form of one family of studies: what it is made of, the method, each assumption to be confirmed."""
    try:
        kind = form_of(code)
    except Refused:
        raise Http404 from None
    return _ask(
        request,
        kind(request.POST or None, initial=_asked_like(request)),
        code,
        {"title": words_of(STUDIES, code), "study": code},
    )


def _asked_like(request: HttpRequest) -> dict[str, Any]:
    """What this person answered for an earlier run (``?like=``); its assumptions are confirmed anew."""
    answers: dict[str, Any] = request.session.get(_ASKED, {}).get(request.GET.get("like"), {})
    return {name: answer for name, answer in answers.items() if name != "confirmed"}


def _remember(request: HttpRequest, run_id: UUID, form: Any) -> None:
    """A run that is refused later is asked for again from the answers that stood, not from an empty form."""
    asked = {**request.session.get(_ASKED, {}), str(run_id): {one.name: one.data for one in form}}
    request.session[_ASKED] = dict(list(asked.items())[-_RUNS_REMEMBERED:])


def _ask(request: HttpRequest, form: Any, study: str, context: dict[str, Any]) -> HttpResponse:
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                run = operations.ask_run(
                    actor=_person(request),
                    at=timezone.now(),
                    name=form.cleaned_data["name"],
                    plan=form.plan(),
                    study=study,
                )
            except Refused as refused:
                form.add_error(None, refusal_words(refused.rule))
            else:
                _remember(request, run.pk, form)
                start_computing()
                messages.success(request, _("The run waits to be computed."))
                return redirect("production:run", run.pk)
    return render(request, "production/new.html", {"form": form, **context}, status=status)


@access(may("production.run"))
@require_POST
def run_again(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Compute once more: a run that failed waits again; one that is done is asked for anew, with the same inputs."""
    run = _run(run_id)
    try:
        if run.state == RunState.DONE:
            run = operations.ask_run(
                actor=_person(request), at=timezone.now(), name=run.name, plan=run.graph, study=run.study, seed=run.seed
            )
        else:
            operations.retry_run(actor=_person(request), at=timezone.now(), run_id=run.pk)
    except Refused as refused:
        messages.error(request, refusal_words(refused.rule))
    else:
        start_computing()
        messages.success(request, _("The run waits to be computed."))
    return redirect("production:run", run.pk)


@access(may("production.run"))
@require_POST
def cancel(request: HttpRequest, run_id: UUID) -> HttpResponse:
    run = _run(run_id)
    try:
        operations.cancel_run(actor=_person(request), at=timezone.now(), run_id=run.pk)
    except Refused as refused:
        messages.error(request, refusal_words(refused.rule))
    else:
        messages.success(request, _("The run was taken back."))
    return redirect("production:run", run.pk)
