"""Public pages of needs: the gap map, the requests made and how long answers took, the needs that are public."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from marsad.catalogue import queries as catalogue
from marsad.coordination.dialogue.rules import SubjectKind
from marsad.coordination.needs import labels
from marsad.coordination.needs import queries as needs
from marsad.coordination.needs.calendar import holidays
from marsad.coordination.needs.rules import ASSESS_WITHIN, RequestKind, RequestState
from marsad.observatory.city import city
from marsad.observatory.gap_map import GapCell, GapMap, gap_map, map_areas
from marsad.observatory.page_cache import public_page
from marsad.observatory.parts import page_of
from marsad.observatory.publications import publication_of
from marsad.observatory.views_dialogue import talk_about
from marsad.observatory.views_downloads import csv_file
from marsad.web.words import said

PER_PAGE: Final = 24
ALL_PLACES: Final = "all"
ONLY_GAPS: Final = "gaps"
COLUMNS: Final = (
    "indicator", "indicator_name", "group", "area", "area_name", "year", "strength", "score", "coverage", "precision", "age",
    "comparability", "access", "period", "shown", "withheld", "missing", "expected",
)  # fmt: skip
REQUEST_COLUMNS: Final = (
    "number", "kind", "title", "indicator", "area", "group", "period", "organisation", "state", "received_on", "assess_by",
    "assessed_on", "planned_for", "closed_on", "edition",
)  # fmt: skip


def _year(request: HttpRequest) -> int:
    text = request.GET.get("year", "")
    return int(text) if text.isdecimal() and len(text) == 4 else timezone.localdate().year


def _places(whole: GapMap, asked: str) -> list[Any]:
    every = map_areas(whole.areas)
    return every if asked == ALL_PLACES else [one for one in every if one.code == asked]


@public_page
def gaps(request: HttpRequest) -> HttpResponse:
    """The gap map of a theme: one place with the parts of each score, or the scores of all places side by side."""
    publication, year = publication_of(request), _year(request)
    themes = list(catalogue.themes())
    theme = request.GET.get("theme", "") or (themes[0].code if themes else "")
    if theme not in {one.code for one in themes}:
        raise Http404(_("No such theme."))
    whole = gap_map(publication, theme=theme)
    area = request.GET.get("area", "") or city()["home_area"]
    places = _places(whole, area)
    if not places:
        raise Http404(_("No such place."))
    this_year = timezone.localdate().year
    only_gaps = request.GET.get("state") == ONLY_GAPS
    pairs = [(code, group) for code in whole.indicators for group in whole.groups(code)]
    if only_gaps:
        pairs = [pair for pair in pairs if any(one.is_gap for one in whole.row(*pair, places, year).cells)]
    page = Paginator(pairs, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "publication": publication,
        "themes": themes,
        "theme": theme,
        "places": places,
        "every_place": map_areas(whole.areas),
        "area": area,
        "one_place": area != ALL_PLACES,
        "year": year,
        "years": sorted({this_year, year, *whole.years}, reverse=True),
        "page": page,
        "rows": [whole.row(code, group, places, year) for code, group in page],
        "only_gaps": only_gaps,
        "keep": f"theme={theme}&area={area}&year={year}&{f'state={ONLY_GAPS}&' if only_gaps else ''}",
    }
    return render(request, "observatory/gaps.html", context)


@public_page
def gaps_csv(request: HttpRequest) -> HttpResponse:
    """Every cell of the map for a year: all themes and places, or those asked for."""
    publication, year = publication_of(request), _year(request)
    whole = gap_map(publication, theme=request.GET.get("theme", ""))
    places = _places(whole, request.GET.get("area", "") or ALL_PLACES)
    return csv_file("marsad-gaps", COLUMNS, _cells(whole, places, year))


def _cells(whole: GapMap, places: list[Any], year: int) -> Iterator[dict[str, Any]]:
    for code in whole.indicators:
        for group in whole.groups(code):
            for cell in whole.row(code, group, places, year).cells:
                yield _cell(whole, cell)


def _cell(whole: GapMap, cell: GapCell) -> dict[str, Any]:
    parts = ("coverage", "precision", "age", "comparability", "access")
    plain = ("indicator", "group", "area", "year", "score", "period", "shown", "withheld", "missing", "expected")
    return {
        **{name: getattr(cell, name) for name in plain},
        **{name: _rounded(getattr(cell.evidence, name)) for name in parts},
        "strength": cell.strength.value,
        "indicator_name": said(whole.indicators[cell.indicator], "name"),
        "area_name": said(whole.areas[cell.area], "name"),
    }


def _rounded(part: float | None) -> float | None:
    return None if part is None else round(part, 3)


@public_page
def asked(request: HttpRequest) -> HttpResponse:
    """The public requests, and how long answers took over all of them."""
    state, kind = request.GET.get("state", ""), request.GET.get("kind", "")
    if (state and state not in set(RequestState)) or (kind and kind not in set(RequestKind)):
        raise Http404(_("No such choice."))
    today = timezone.localdate()
    keep = "".join(f"{name}={value}&" for name, value in (("state", state), ("kind", kind)) if value)
    context = {
        "page": page_of(request, needs.public_requests(state=state, kind=kind), PER_PAGE),
        "state": state,
        "kind": kind,
        "states": [(str(one), labels.STATES[one]) for one in RequestState],
        "kinds": [(str(one), labels.KINDS[one]) for one in RequestKind],
        "times": needs.answer_times(today),
        "term": ASSESS_WITHIN,
        "today": today,
        "feasts_known": today.year in holidays().years,
        "keep": keep,
        "keep_needs": f"{keep}part=needs&",
        "needs": page_of(request, needs.public_needs(), PER_PAGE, part="needs"),
    }
    return render(request, "observatory/asked.html", context)


@public_page
def asked_csv(request: HttpRequest) -> HttpResponse:
    rows = (
        {
            **{
                name: getattr(one, name)
                for name in REQUEST_COLUMNS
                if name not in {"number", "organisation", "edition"}
            },
            "number": one.pk,
            "organisation": one.organisation_id,
            "edition": str(one.edition) if one.edition else None,
        }
        for one in needs.public_requests()
    )
    return csv_file("marsad-requests", REQUEST_COLUMNS, rows)


@public_page
def asked_request(request: HttpRequest, number: int) -> HttpResponse:
    """One public request with its history; persons are not named."""
    found = needs.public_request(number)
    if found is None:
        raise Http404(_("No such request."))
    today = timezone.localdate()
    context = {
        "asked": found,
        "talk": talk_about(SubjectKind.REQUEST, str(number)),
        "steps": needs.steps_of(found),
        "about": catalogue.indicator(found.indicator) if found.indicator else None,
        "place": catalogue.area(found.area) if found.area else None,
        "late": found.state == RequestState.RECEIVED and today > found.assess_by,
        "plan_late": found.state == RequestState.PLANNED
        and found.planned_for is not None
        and today > found.planned_for,
    }
    return render(request, "observatory/asked_request.html", context)
