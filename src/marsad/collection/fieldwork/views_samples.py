"""A sample under way: its board, its dwellings, their visits, its weights; and an agent's own list."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from marsad.accounts.rules import may
from marsad.collection.fieldwork import queries, queries_board
from marsad.collection.fieldwork.forms import VisitForm, WeightsForm
from marsad.collection.fieldwork.labels import refusal_words
from marsad.collection.fieldwork.looking import ways_to
from marsad.collection.fieldwork.operations_samples import (
    assign_cases,
    drawn_again,
    move_sample,
    release_reserve,
)
from marsad.collection.fieldwork.operations_visits import VisitNote, move_case, note_visit, strike_visit
from marsad.collection.fieldwork.operations_weights import work_out_weights
from marsad.collection.fieldwork.queries import CaseFilter
from marsad.collection.fieldwork.rules import (
    CASE_TRANSITIONS,
    SAMPLE_TRANSITIONS,
    CaseMove,
    CaseState,
    SampleMove,
    SampleState,
    moves_from,
)
from marsad.collection.fieldwork.views import PER_PAGE, area_names, manages
from marsad.web.access import access
from migstat.model.refusals import Refused

_FILTERS = ("state", "agent", "stratum", "cluster", "disposition")


def _sample(code: str) -> Any:
    found = queries.sample(code)
    if found is None:
        raise Http404
    return found


@never_cache
@access(manages)
def show_sample(request: HttpRequest, code: str) -> HttpResponse:
    sample = _sample(code)
    by = request.GET.get("by", "")
    by = by if by in queries_board.BY else "area"
    lines = queries_board.accounts(sample, by)
    context = {
        "sample": sample,
        "design": sample.design,
        "account": queries_board.account_of(sample),
        "dispositions": queries_board.dispositions_of(sample),
        "states": queries.states_of(code),
        "moves": moves_from(SAMPLE_TRANSITIONS, SampleState(sample.state)),
        "by": by,
        "ways": queries_board.BY,
        "page": Paginator(lines, PER_PAGE).get_page(request.GET.get("page")),
        "keep": f"by={by}&",
        "areas": area_names(),
        "reserve": queries.reserve_of(code),
        "is_open": sample.state == SampleState.OPEN,
    }
    return render(request, "fieldwork/sample.html", context)


@require_POST
@access(manages)
def move(request: HttpRequest, code: str) -> HttpResponse:
    actor: Any = request.user
    wanted = request.POST.get("move", "")
    try:
        if wanted not in set(SampleMove):
            raise Refused("fieldwork.move", found="another step", remedy="choose one of the page")
        move_sample(actor=actor, at=timezone.now(), sample_code=code, move=SampleMove(wanted))
    except Refused as refusal:
        messages.error(request, refusal_words(refusal))
    else:
        messages.success(request, _("The step was recorded."))
    return redirect("fieldwork:sample", code)


@require_POST
@access(manages)
def release(request: HttpRequest, code: str) -> HttpResponse:
    actor: Any = request.user
    stratum = request.POST.get("stratum", "")
    try:
        number = release_reserve(actor=actor, at=timezone.now(), sample_code=code, stratum=stratum)
    except Refused as refusal:
        messages.error(request, refusal_words(refusal))
    else:
        messages.success(
            request, _("Released from the reserve: %(number)s. All weights of the stratum follow.") % {"number": number}
        )
    return redirect("fieldwork:sample", code)


@require_POST
@access(manages)
def compare(request: HttpRequest, code: str) -> HttpResponse:
    """Draw again with the seed that was kept, and say whether it is the same sample."""
    sample = _sample(code)
    try:
        same = drawn_again(sample)
    except Refused as refusal:
        messages.error(request, refusal_words(refusal))
        return redirect("fieldwork:sample", code)
    if same:
        messages.success(request, _("Drawn again from the frame with the seed: the same sample, unit by unit."))
    else:
        messages.error(request, _("Drawn again from the frame with the seed, the sample is another one."))
    return redirect("fieldwork:sample", code)


def _chosen(request: HttpRequest) -> CaseFilter:
    return CaseFilter(**{name: request.GET.get(name, "") for name in _FILTERS})


@never_cache
@access(manages)
def list_cases(request: HttpRequest, code: str) -> HttpResponse:
    sample = _sample(code)
    chosen = _chosen(request)
    found = queries.cases(code, chosen)
    keep = request.GET.copy()
    keep.pop("page", None)
    context = {
        "sample": sample,
        "chosen": chosen,
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "keep": f"{keep.urlencode()}&" if keep else "",
        "filter": keep.urlencode(),
        "states": list(CaseState),
        "agents": queries.agents(on=timezone.localdate()),
        "groups": queries.groups_of(code),
        "areas": area_names(),
        "is_open": sample.state == SampleState.OPEN,
    }
    return render(request, "fieldwork/cases.html", context)


@require_POST
@access(manages)
def assign(request: HttpRequest, code: str) -> HttpResponse:
    """Give the dwellings that were ticked, or all that the list shows on all its pages, to an agent."""
    actor: Any = request.user
    if request.POST.get("all"):
        ids = list(queries.cases(code, _chosen(request)).values_list("pk", flat=True))
    else:
        ids = [int(one) for one in request.POST.getlist("case") if one.isascii() and one.isdigit()]
    try:
        number = assign_cases(
            actor=actor, at=timezone.now(), sample_code=code, case_ids=ids, agent_code=request.POST.get("agent", "")
        )
    except Refused as refusal:
        messages.error(request, refusal_words(refusal))
    else:
        messages.success(request, _("Dwellings given: %(number)s.") % {"number": number})
    return redirect(f"{reverse('fieldwork:cases', args=[code])}?{request.GET.urlencode()}")


def _case(code: str, case_id: int) -> Any:
    found = queries.case(code, case_id)
    if found is None:
        raise Http404
    return found


def _case_page(request: HttpRequest, case: Any, form: VisitForm, status: int = 200) -> HttpResponse:
    is_open = case.sample.state == SampleState.OPEN
    steps = moves_from(CASE_TRANSITIONS, CaseState(case.state)) if is_open else ()
    context = {
        "case": case,
        "visits": queries.visits_of(case),
        "form": form if CaseMove.ATTEMPT in steps else None,
        "moves": [step for step in steps if step in (CaseMove.CLOSE, CaseMove.REOPEN)],
        "areas": area_names(),
        "is_open": is_open,
    }
    return render(request, "fieldwork/case.html", context, status=status)


@never_cache
@access(manages)
def show_case(request: HttpRequest, code: str, case_id: int) -> HttpResponse:
    case = _case(code, case_id)
    actor: Any = request.user
    form = VisitForm(request.POST or None, initial={"on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        note = VisitNote(form.cleaned_data["on"], form.cleaned_data["disposition"])
        try:
            note_visit(actor=actor, at=timezone.now(), case_id=case.pk, note=note)
        except Refused as refusal:
            form.add_error(None, refusal_words(refusal))
        else:
            messages.success(request, _("The visit was noted."))
            return redirect("fieldwork:case", code, case_id)
    return _case_page(request, case, form, 422 if form.errors else 200)


@require_POST
@access(manages)
def step_case(request: HttpRequest, code: str, case_id: int) -> HttpResponse:
    """End a case or open it again; or strike out one of its visits."""
    case = _case(code, case_id)
    actor: Any = request.user
    wanted, visit = request.POST.get("move", ""), request.POST.get("visit", "")
    try:
        if visit.isascii() and visit.isdigit() and case.history.filter(pk=int(visit)).exists():
            strike_visit(actor=actor, at=timezone.now(), visit_id=int(visit), reason=request.POST.get("reason", ""))
        elif wanted in set(CaseMove):
            move_case(actor=actor, at=timezone.now(), case_id=case.pk, move=CaseMove(wanted))
        else:
            raise Refused("fieldwork.move", found="another step", remedy="choose one of the page")
    except Refused as refusal:
        messages.error(request, refusal_words(refusal))
    else:
        messages.success(request, _("The step was recorded."))
    return redirect("fieldwork:case", code, case_id)


@never_cache
@access(manages)
def weights(request: HttpRequest, code: str) -> HttpResponse:
    sample = _sample(code)
    actor: Any = request.user
    form = WeightsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            work_out_weights(
                actor=actor, at=timezone.now(), sample_code=code, classes=given["classes"], totals=given["totals"]
            )
        except Refused as refusal:
            form.add_error(None, refusal_words(refusal))
        else:
            messages.success(request, _("The weights were worked out. Rows that are frozen from now on carry them."))
            return redirect("fieldwork:weights", code)
    context = {"sample": sample, "form": form, "is_closed": sample.state == SampleState.CLOSED, "areas": area_names()}
    return render(request, "fieldwork/weights.html", context, status=422 if form.errors else 200)


@never_cache
@access(may("forms.fill"))
def mine(request: HttpRequest) -> HttpResponse:
    """What the agent who is signed in still has to visit; how the dwellings are found is shown once it is asked for."""
    user: Any = request.user
    agent = queries.agent_of_person(user.pk, timezone.localdate())
    found = queries.cases_of_agent(agent) if agent else queries.no_cases()
    page = Paginator(found, 25).get_page(request.GET.get("page") or request.POST.get("page"))
    ways: dict[int, str] = {}
    if request.method == "POST" and agent is not None:
        ways = ways_to(actor=user, at=timezone.now(), cases=list(page))
    rows = [(case, ways.get(case.pk, "")) for case in page]
    context = {"agent": agent, "page": page, "rows": rows, "shown": bool(ways), "areas": area_names()}
    return render(request, "fieldwork/mine.html", context)
