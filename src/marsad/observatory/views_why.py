"""Where a number comes from, link by link, and what else rests on the same ground. For everybody; no row, no name."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from marsad.catalogue import queries as catalogue
from marsad.dissemination import queries as dissemination
from marsad.observatory.page_cache import public_page
from marsad.observatory.publications import publication_of
from marsad.observatory.why import KINDS, Chain, as_plain, chain_of
from marsad.web.words import current_language, said
from migstat.model import Origin

MOST_SHOWN = 500


@public_page
def why_indicator(request: HttpRequest, code: str) -> HttpResponse:
    """The numbers of an indicator in one place, each with the way to its chain."""
    publication = publication_of(request)
    about = catalogue.indicator(code)
    if about is None:
        raise Http404(_("No such indicator."))
    points = dissemination.points(publication, indicators=[code], breakdown_key=None)
    places = {each.code: each for each in catalogue.areas() if each.code in {point.area for point in points}}
    asked = request.GET.get("area", "")
    chosen = asked if asked in places else next(iter(places), "")
    here = [point for point in points if point.area == chosen]
    codes = catalogue.codes(sorted({name for point in here for name in point.breakdown}))
    rows = [(point, _parts(point, codes), address_of(point)) for point in here]
    context = {
        "indicator": about,
        "publication": publication,
        "places": list(places.values()),
        "chosen": places.get(chosen),
        "synthetic": any(point.origin == Origin.SYNTHETIC for point in points),
        "marks": dissemination.stale_marks(publication, code),
        "rows": sorted(rows, key=lambda row: (row[0].period_start, row[0].breakdown_key))[-MOST_SHOWN:],
    }
    return render(request, "observatory/why_indicator.html", context)


@public_page
def why(request: HttpRequest, code: str, area: str) -> HttpResponse:
    """The chain of one number."""
    chain = _chain(request, code, area)
    context = {
        "chain": chain,
        "publication": publication_of(request),
        "parts": _parts(chain.point),
        "machine": f"{reverse('observatory:why_json', args=[code, area])}?{_query(chain.point)}",
    }
    return render(request, "observatory/why.html", context)


@public_page
def why_json(request: HttpRequest, code: str, area: str) -> HttpResponse:
    """The same for machines."""
    return JsonResponse(as_plain(_chain(request, code, area)), json_dumps_params={"ensure_ascii": False, "indent": 1})


@public_page
def rests_on(request: HttpRequest, kind: str, subject: str) -> HttpResponse:
    """What rests on a snapshot, a delivery, an agreement or a run: the way back, from the ground to the numbers."""
    if kind not in KINDS:
        raise Http404(_("No such kind."))
    found = dissemination.editions_resting_on(kind, subject)
    if not found:
        raise Http404(_("Nothing published rests on it."))
    rows = [(edition, dissemination.provenance_of(edition), dissemination.tombstone_of(edition)) for edition in found]
    return render(request, "observatory/rests_on.html", {"kind": kind, "subject": subject, "rows": rows})


def _chain(request: HttpRequest, code: str, area: str) -> Chain:
    part = request.GET.get("part", "")
    publication = publication_of(request)
    period = request.GET.get("period", "") or _last_period(publication, code, area, part)
    try:
        chain = chain_of(publication, code, area, period, part)
    except ValueError:  # a breakdown that nobody could have written here
        chain = None
    if chain is None:
        raise Http404(_("This publication shows no such number."))
    return chain


def _last_period(publication: Any, code: str, area: str, part: str) -> str:
    found = dissemination.points(publication, indicators=[code], areas=[area], breakdown_key=part)
    return found[-1].period if found else ""


def _query(point: Any) -> str:
    asked = {"period": point.period} | ({"part": point.breakdown_key} if point.breakdown_key else {})
    return urlencode(asked)


def address_of(point: Any) -> str:
    """The page of a number's chain."""
    return f"{reverse('observatory:why', args=[point.indicator, point.area])}?{_query(point)}"


def _parts(point: Any, known: dict[str, dict[str, Any]] | None = None) -> str:
    """The breakdown of a cell in the names of its code lists; ``known`` where many cells are named at once."""
    codes = known if known is not None else catalogue.codes(list(point.breakdown)) if point.breakdown else {}
    names = [
        said(codes[name][code], "name", current_language()) if code in codes.get(name, {}) else code
        for name, code in point.breakdown.items()
    ]
    return ("، " if current_language() == "ar" else ", ").join(names)
