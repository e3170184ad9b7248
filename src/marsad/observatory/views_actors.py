"""Public pages of the directory: organisations, what they do and where, how they stand to each other."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import Any, Final
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Case, Q, Value, When
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from marsad.actors import queries as actors
from marsad.actors.rules import ServiceKind, is_aged, runs
from marsad.catalogue import queries as catalogue
from marsad.coordination.directory.words import ORGANISATION_KINDS, SERVICE_KINDS
from marsad.observatory import directory
from marsad.observatory.city import city
from marsad.observatory.outlines import outlines
from marsad.observatory.page_cache import public_page
from marsad.observatory.views_downloads import csv_file
from marsad.web.words import said

PER_PAGE = 30
_KIND_ORDER: Final = Case(*(When(kind=kind, then=Value(place)) for place, kind in enumerate(SERVICE_KINDS)))
SERVICE_COLUMNS: Final = (
    "code", "kind", "title", "organisation", "organisation_name", "area", "area_name", "audience", "access", "lon", "lat",
    "since", "until", "confirmed", "source_url",
)  # fmt: skip
ORGANISATION_COLUMNS: Final = (
    "code", "kind", "acronym", "name", "other_names", "identifiers", "produces", "rhythm", "basis", "needs", "confirmed",
    "checked_on", "source_url",
)  # fmt: skip


@public_page
def organisations(request: HttpRequest) -> HttpResponse:
    """The directory, of a kind, with a text in a name."""
    kind, text = request.GET.get("kind", ""), request.GET.get("q", "").strip()[:80]
    page = Paginator(actors.organisations(kind=kind, text=text), PER_PAGE).get_page(request.GET.get("page"))
    today = timezone.localdate()
    shown = {
        "page": page,
        "kinds": ORGANISATION_KINDS.items(),
        "chosen": {"kind": kind, "q": text},
        "aged": {one.code for one in page if one.checked_on and is_aged(one.checked_on, today=today)},
        "keep": f"{urlencode({'kind': kind, 'q': text})}&" if kind or text else "",
    }
    return render(request, "observatory/organisations.html", shown)


@public_page
def organisation(request: HttpRequest, code: str) -> HttpResponse:
    found = actors.organisation(code)
    if found is None:
        raise Http404(_("No such organisation."))
    if found.merged_into is not None:
        return redirect("observatory:organisation", found.merged_into.code)
    today = timezone.localdate()
    shown = {
        "organisation": found,
        "aged": is_aged(found.checked_on, today=today),
        "services": [one for one in actors.services_of(code) if runs(one.until, today=today)],
        "mandates": actors.mandates_of(code),
        "relations": [one for one in actors.relations() if code in (one.organisation_id, one.other_id)],
        "sources": catalogue.sources().filter(Q(publisher=code) | Q(publisher__merged_into=code)),
        "areas": _area_names(),
    }
    return render(request, "observatory/organisation.html", shown)


def _area_names() -> dict[str, str]:
    return {area.code: said(area, "name") for area in catalogue.areas()}


def _asked_services(request: HttpRequest) -> tuple[Any, dict[str, str]]:
    """The services that a resident asked for: of a kind, within reach of an area."""
    kind, area = request.GET.get("kind", ""), request.GET.get("area", "")
    parents = {one.code: one.parent_id for one in catalogue.areas()}
    areas = directory.reaching(area, parents) if area in parents else frozenset()
    chosen = {"kind": kind if kind in set(ServiceKind) else "", "area": area if area in parents else ""}
    return actors.services(on=timezone.localdate(), kind=chosen["kind"], areas=areas), chosen


@public_page
def services(request: HttpRequest) -> HttpResponse:
    """Where can I go for ...: a list, and a map of how many services each part of the city has of its own."""
    found, chosen = _asked_services(request)
    names = _area_names()
    mapped = list(catalogue.mapped_areas(list(city()["map_areas"])))
    counts: Counter[str] = Counter(found.order_by().values_list("area", flat=True))
    own = {area.code: counts[area.code] for area in mapped}
    page = Paginator(found.order_by(_KIND_ORDER, "organisation__sort", "code"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    asked = urlencode({name: value for name, value in chosen.items() if value})
    shown = {
        "page": page,
        "keep": f"{asked}&" if asked else "",
        "groups": [(kind, list(rows)) for kind, rows in groupby(page, key=lambda one: one.kind)],
        "names": names,
        "kinds": SERVICE_KINDS.items(),
        "places": [(code, names[code]) for code in city()["map_areas"] if code in names],
        "chosen": chosen,
        "asked": f"?{asked}" if asked else "",
        "drawn": [(names[code], count) for code, count in own.items()],
        "wide": counts.total() - sum(own.values()),
        "map": outlines([(one.code, names[one.code], one.geometry, own[one.code]) for one in mapped if one.geometry]),
    }
    return render(request, "observatory/services.html", shown)


@public_page
def who_does_what_where(request: HttpRequest) -> HttpResponse:
    """The matrix of services by place; empty cells stand out, since a gap is a finding."""
    names = _area_names()
    rows = list(actors.services(on=timezone.localdate()))
    # Every part of the city has its column, with or without services of its own.
    shown_anyway = set(city()["map_areas"])
    order = [code for code in names if code in shown_anyway or any(one.area == code for one in rows)]
    shown = {"areas": [names[code] for code in order], "rows": directory.matrix(rows, order)}
    return render(request, "observatory/matrix.html", shown)


@public_page
def network(request: HttpRequest) -> HttpResponse:
    """How the organisations stand to each other, as a picture and as a table."""
    relations = list(actors.relations())
    names = {one.code: one.acronym or said(one, "name") for one in actors.organisations()}
    text = request.GET.get("q", "").strip()[:80]
    rows = relations
    if text:
        named = set(actors.organisations(text=text).order_by().values_list("code", flat=True))
        rows = [one for one in relations if one.organisation_id in named or one.other_id in named]
    shown = {
        "network": directory.network(relations, names),
        "relations": len(relations),
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "q": text,
        "keep": f"{urlencode({'q': text})}&" if text else "",
    }
    return render(request, "observatory/network.html", shown)


@public_page
def services_csv(request: HttpRequest) -> HttpResponse:
    found, _chosen = _asked_services(request)
    names = _area_names()
    return csv_file("marsad-services", SERVICE_COLUMNS, (_service(one, names) for one in found))


def _service(one: Any, names: dict[str, str]) -> dict[str, Any]:
    plain = ("code", "kind", "area", "lon", "lat", "since", "until", "confirmed", "source_url")
    return {
        **{name: getattr(one, name) for name in plain},
        **{name: said(one, name) for name in ("title", "audience", "access")},
        "organisation": one.organisation_id,
        "organisation_name": said(one.organisation, "name"),
        "area_name": names.get(one.area, one.area),
    }


@public_page
def services_geojson(request: HttpRequest) -> HttpResponse:
    """Services as features: a point where a public place is given, no geometry where only the area is known."""
    found, _chosen = _asked_services(request)
    names = _area_names()
    features = [
        {
            "type": "Feature",
            "id": one.code,
            "geometry": {"type": "Point", "coordinates": [one.lon, one.lat]} if one.lon is not None else None,
            "properties": {
                name: value.isoformat() if hasattr(value, "isoformat") else value
                for name, value in _service(one, names).items()
                if name not in {"lon", "lat"}
            },
        }
        for one in found
    ]
    content = {"type": "FeatureCollection", "features": features}
    response = JsonResponse(content, content_type="application/geo+json", json_dumps_params={"ensure_ascii": False})
    response["Content-Disposition"] = 'attachment; filename="marsad-services.geojson"'
    return response


@public_page
def organisations_csv(request: HttpRequest) -> HttpResponse:
    found = actors.organisations().prefetch_related("aliases", "identifiers")
    return csv_file("marsad-organisations", ORGANISATION_COLUMNS, (_organisation(one) for one in found))


def _organisation(one: Any) -> dict[str, Any]:
    plain = ("code", "kind", "acronym", "confirmed", "checked_on", "source_url")
    return {
        **{name: getattr(one, name) for name in plain},
        **{name: said(one, name) for name in ("name", "produces", "rhythm", "basis", "needs")},
        "other_names": "; ".join(alias.name for alias in one.aliases.all()),
        "identifiers": "; ".join(map(str, one.identifiers.all())),
    }
