"""Public pages of the ledger: figures, and the cases in which several speak of the same fact."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from marsad.catalogue.queries import themes
from marsad.coordination.dialogue.rules import SubjectKind
from marsad.figures import queries as ledger
from marsad.figures.rules import CaseState, Reason, Reliability
from marsad.figures.words import REASONS
from marsad.observatory.page_cache import public_page
from marsad.observatory.views_dialogue import talk_about
from marsad.web.words import said

PER_PAGE = 40


@public_page
def figures(request: HttpRequest) -> HttpResponse:
    """Every figure, by theme, place and reliability; forty on a page."""
    chosen = {name: request.GET.get(name, "") for name in ("theme", "reliability", "area")}
    found = ledger.figures()
    if chosen["theme"]:
        found = found.filter(indicator__theme=chosen["theme"])
    if chosen["reliability"] in set(Reliability):
        found = found.filter(reliability=chosen["reliability"])
    if chosen["area"]:
        found = found.filter(area=chosen["area"])
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    keep = "".join(f"{urlencode({name: value})}&" for name, value in chosen.items() if value)
    context = {
        "page": page,
        "keep": keep,
        "chosen": chosen,
        "themes": themes(),
        "reliabilities": list(Reliability),
        "areas": ledger.areas_with_figures(),
        "unsettled": ledger.unsettled_count(),
    }
    return render(request, "observatory/figures.html", context)


@public_page
def figure(request: HttpRequest, code: str) -> HttpResponse:
    found = ledger.figure(code)
    if found is None:
        raise Http404(_("No such figure."))
    beside = ledger.case_figures(found.case).exclude(pk=code) if found.case else []
    return render(request, "observatory/figure.html", {"figure": found, "beside": beside})


@public_page
def cases(request: HttpRequest) -> HttpResponse:
    state = request.GET.get("state", "")
    found = ledger.cases()
    if state in set(CaseState):
        found = found.filter(state=state)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "state": state,
        "keep": f"{urlencode({'state': state})}&" if state else "",
        "states": list(CaseState),
    }
    return render(request, "observatory/cases.html", context)


@public_page
def case(request: HttpRequest, code: str) -> HttpResponse:
    """The figures side by side, why they differ, which is recommended and who decided."""
    found = ledger.case(code)
    if found is None:
        raise Http404(_("No such case."))
    figures = list(ledger.case_figures(found))
    context: dict[str, Any] = {
        "case": found,
        "figures": sorted(figures, key=lambda figure: (figure.pk != found.recommended_id, figure.sort)),
        "reasons": [REASONS[Reason(reason)] for reason in found.reasons],
        "spread": _spread(figures),
        "decided_by": said(found, "decided_by"),
        "proposed_by": said(found, "proposed_by"),
        "talk": talk_about(SubjectKind.CASE, code),
    }
    return render(request, "observatory/case.html", context)


def _spread(figures: list[Any]) -> dict[str, Any] | None:
    """The gap between the lowest and the highest figure of a case in one unit; None when the units differ."""
    if len(figures) < 2 or len({figure.unit_id for figure in figures}) > 1:
        return None
    values = sorted(figure.value for figure in figures)
    low, high = values[0], values[-1]
    return {"low": low, "high": high, "gap": high - low, "unit": figures[0].unit}
