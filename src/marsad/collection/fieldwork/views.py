"""The desk of fieldwork: frames, agents, samples, the draw."""

from __future__ import annotations

import secrets
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
from marsad.catalogue.queries import areas
from marsad.collection.fieldwork import queries, queries_networks
from marsad.collection.fieldwork.forms import AgentForm, DrawForm, FrameForm
from marsad.collection.fieldwork.frame_files import FrameRefused, read_frame
from marsad.collection.fieldwork.labels import COLUMN_LABELS, FINDING_LABELS, refusal_words
from marsad.collection.fieldwork.operations_frames import FrameDetails, end_agent, enter_agent, load_frame
from marsad.collection.fieldwork.operations_samples import SampleDetails, draw_sample
from marsad.collection.queries_dataflows import collected_dataflows
from marsad.web.access import access
from marsad.web.words import said
from migstat.model.refusals import Refused

manages = may("fieldwork.manage")
PER_PAGE = 50


def area_names() -> dict[str, str]:
    """The names of areas in the reader's language, by code."""
    return {one.code: said(one, "name") for one in areas()}


@never_cache
@access(manages)
def desk(request: HttpRequest) -> HttpResponse:
    context = {
        "samples": queries.samples(),
        "frames": queries.frames(),
        "networks": queries_networks.networks(),
        "agents": queries.agents(on=timezone.localdate()).count(),
    }
    return render(request, "fieldwork/desk.html", context)


def dataflow_choices(*, coupons: bool) -> list[tuple[str, str]]:
    """The dataflows whose rows are told apart by one code: of a coupon, or of a dwelling."""
    found = [one for one in collected_dataflows() if len(one.identified_by) == 1]
    return [
        (one.code, f"{said(one, 'title')} ({one.code})")
        for one in found
        if (one.identified_by[0] == "coupon") is coupons
    ]


@never_cache
@access(manages)
def new_frame(request: HttpRequest) -> HttpResponse:
    form = FrameForm(request.POST or None, request.FILES or None)
    findings: list[tuple[int, Any, Any]] = []
    if request.method == "POST" and form.is_valid():
        try:
            frame = _loaded(request, form.cleaned_data)
        except FrameRefused as refused:
            form.add_error("file", refusal_words(refused))
            findings = [(one.line, COLUMN_LABELS[one.column], FINDING_LABELS[one.rule]) for one in refused.findings]
        except Refused as refusal:
            form.add_error(None, refusal_words(refusal))
        else:
            messages.success(request, _("The frame was kept. It never changes; a new list is a new version."))
            return redirect("fieldwork:frame", frame.code, frame.version)
    status = 422 if form.errors else 200
    return render(request, "fieldwork/new_frame.html", {"form": form, "findings": findings}, status=status)


def _loaded(request: HttpRequest, given: dict[str, Any]) -> Any:
    actor: Any = request.user
    known = set(areas().values_list("code", flat=True))
    rows = read_frame(given["file"].read(), given["kind"], known)
    details = FrameDetails(given["code"], given["title"], given["kind"], given["is_synthetic"])
    return load_frame(actor=actor, at=timezone.now(), details=details, rows=rows)


def _frame(code: str, version: int) -> Any:
    found = queries.frame(code, version)
    if found is None:
        raise Http404
    return found


@never_cache
@access(manages)
def show_frame(request: HttpRequest, code: str, version: int) -> HttpResponse:
    frame = _frame(code, version)
    context = {
        "frame": frame,
        "page": Paginator(queries.strata_of(frame), PER_PAGE).get_page(request.GET.get("page")),
        "locators": queries.has_locators(frame),
        "samples": frame.samples.all(),
        "areas": area_names(),
    }
    return render(request, "fieldwork/frame.html", context)


@never_cache
@access(manages)
def new_sample(request: HttpRequest, code: str, version: int) -> HttpResponse:
    frame = _frame(code, version)
    actor: Any = request.user
    flows = dataflow_choices(coupons=False)
    form = DrawForm(request.POST or None, kind=frame.kind, dataflows=flows, initial={"seed": secrets.token_hex(8)})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        details = SampleDetails(
            given["code"],
            given["title"],
            frame.pk,
            given["seed"],
            given.get("dataflow", ""),
            given["most_visits"],
        )
        try:
            sample = draw_sample(actor=actor, at=timezone.now(), details=details, plan=form.plan())
        except Refused as refusal:
            form.add_error(None, refusal_words(refusal))
        else:
            messages.success(request, _("The sample was drawn."))
            return redirect("fieldwork:sample", sample.code)
    status = 422 if form.errors else 200
    return render(request, "fieldwork/new_sample.html", {"form": form, "frame": frame}, status=status)


@never_cache
@access(manages)
def agents(request: HttpRequest) -> HttpResponse:
    actor: Any = request.user
    people = {str(one.pk): one.name or str(one.pk) for one in queries.people_who_fill()}
    form = AgentForm(request.POST or None, people=list(people.items()))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        person = UUID(given["person"]) if given["person"] else None
        try:
            enter_agent(actor=actor, at=timezone.now(), code=given["code"], person=person, since=timezone.localdate())
        except Refused as refusal:
            form.add_error(None, refusal_words(refusal))
        else:
            messages.success(request, _("The agent was entered."))
            return redirect("fieldwork:agents")
    page = Paginator(queries.agents(), PER_PAGE).get_page(request.GET.get("page"))
    rows = [(one, people.get(str(one.person), "")) for one in page]
    context = {"form": form, "page": page, "rows": rows, "today": timezone.localdate()}
    return render(request, "fieldwork/agents.html", context, status=422 if form.errors else 200)


@require_POST
@access(manages)
def end(request: HttpRequest, code: str) -> HttpResponse:
    actor: Any = request.user
    try:
        end_agent(actor=actor, at=timezone.now(), code=code, until=timezone.localdate())
    except Refused as refusal:
        messages.error(request, refusal_words(refusal))
    else:
        messages.success(request, _("The agent’s work ends today. Give the dwellings to somebody else."))
    return redirect("fieldwork:agents")
