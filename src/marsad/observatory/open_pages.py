"""Pages of the open door: what is offered and how to ask for it, one edition for good, and what changed between two."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from marsad.catalogue import queries as catalogue
from marsad.dissemination import queries as dissemination
from marsad.dissemination import queries_open as editions
from marsad.dissemination.queries_open import Revision
from marsad.observatory.open_citations import cited_edition, written
from marsad.observatory.open_structure import agency, catalogue_now, flow_structure
from marsad.observatory.page_cache import public_page
from marsad.web.words import current_language, said
from migstat.exchange.sdmx_artefacts import code_id
from migstat.model import Origin

PER_PAGE: Final = 50


@dataclass(frozen=True)
class Example:
    """A question that a reader may try: what it gives, and its address."""

    words: str
    url: str


@public_page
def open_door(request: HttpRequest) -> HttpResponse:
    """Everything that programs may ask for, each with an example that works on this installation."""
    absolute = request.build_absolute_uri
    context = {
        "files": files_examples(absolute),
        "sdmx": sdmx_examples(absolute),
        "api": api_examples(absolute),
        "themes": catalogue.themes(),
        "agency": agency(),
    }
    return render(request, "observatory/open_door.html", context)


def _example_edition() -> Any:
    """The edition of the examples: the shortest of those in force, a real one where there is one."""
    latest = list(editions.in_force().values())
    return min(
        latest,
        key=lambda edition: (edition.origin == Origin.SYNTHETIC, edition.observation_count, edition.dataflow_id),
        default=None,
    )


def files_examples(absolute: Callable[[str], str]) -> list[Example]:
    """Files of one edition, of the latest, and of the edition in force on a day."""
    edition = _example_edition()
    if edition is None:
        return []
    root = f"/data/{edition.dataflow_id}"
    return [
        Example(_("One edition, for good, as CSV"), absolute(f"{root}/{edition.number}/data.csv")),
        Example(
            _("What its columns mean (CSV on the Web)"), absolute(f"{root}/{edition.number}/data.csv-metadata.json")
        ),
        Example(_("The same as a data package"), absolute(f"{root}/{edition.number}/datapackage.json")),
        Example(_("Its indicators as JSON-stat cubes"), absolute(f"{root}/{edition.number}/jsonstat.json")),
        Example(_("The latest edition"), absolute(f"{root}/latest/data.csv")),
        Example(_("The edition in force on a day"), absolute(f"{root}/latest/data.csv?asOf={edition.published_on}")),
        Example(
            _("How to cite an edition (BibTeX)"),
            absolute(f"/cite/{current_language()}/datasets/{edition.dataflow_id}/{edition.number}.bib"),
        ),
        Example(_("Every dataset, for data portals (DCAT-AP)"), absolute("/catalogue.ttl")),
    ]


def sdmx_examples(absolute: Callable[[str], str]) -> list[Example]:
    """Questions in SDMX REST."""
    edition = _example_edition()
    if edition is None:
        return []
    flow = f"/sdmx/data/dataflow/{agency()}/{code_id(edition.dataflow_id)}/~/*"
    return [
        Example(_("The dataflows there are"), absolute("/sdmx/structure/dataflow")),
        Example(
            _("One dataflow with its structure and code lists"),
            absolute(f"/sdmx/structure/dataflow/{agency()}/{code_id(edition.dataflow_id)}?references=all"),
        ),
        Example(_("Its observations, as SDMX-CSV"), absolute(f"{flow}?format=csv")),
        Example(
            _("The last observation of each series, as SDMX-JSON"), absolute(f"{flow}?format=json&lastNObservations=1")
        ),
        Example(_("Every edition of it"), absolute(f"{flow}?includeHistory=true")),
        Example(
            _("What it holds, and how much"),
            absolute(f"/sdmx/availability/dataflow/{agency()}/{code_id(edition.dataflow_id)}/~/*"),
        ),
    ]


def api_examples(absolute: Callable[[str], str]) -> list[Example]:
    """Questions to the API."""
    edition = _example_edition()
    asked = f"?dataflow={edition.dataflow_id}&limit=10" if edition else "?limit=10"
    return [
        Example(_("The description of the API (OpenAPI 3.1)"), absolute("/api/v1/openapi.json")),
        Example(_("Indicators"), absolute("/api/v1/indicators")),
        Example(_("Places"), absolute("/api/v1/areas")),
        Example(_("Dataflows and their editions"), absolute("/api/v1/dataflows")),
        Example(_("Observations, ten on a page"), absolute(f"/api/v1/observations{asked}")),
        Example(_("Figures found in print"), absolute("/api/v1/figures?limit=10")),
    ]


@public_page
def edition(request: HttpRequest, code: str, number: str) -> HttpResponse:
    """One edition at its permanent address: why it was published, its files, what it changed, how to cite it."""
    dataflow = editions.dataflow(code)
    found = editions.standing(code, number)
    if dataflow is None or found is None:
        return _withdrawn(request, dataflow, code, number)
    history = editions.editions_of(code)
    place = next(n for n, each in enumerate(history) if each.pk == found.pk)
    structure = flow_structure(code)
    language = current_language()
    cited = cited_edition(found, language, request.build_absolute_uri)
    context = {
        "dataflow": dataflow,
        "edition": found,
        "before": history[place - 1] if place else None,
        "latest": history[-1],
        "method": editions.method_of(found, language),
        "indicators": [catalogue_now().indicators[each] for each in editions.indicators_of(found)],
        "stale": list(dissemination.staleness_of(found)),
        "root": f"/data/{code}/{number}/",
        "sdmx": f"/sdmx/data/dataflow/{agency()}/{code_id(code)}/{structure.artefact.version if structure else '~'}/*",
        "citation": written(cited, "txt").strip().removesuffix(cited.url),
        "address": cited.url,
    }
    return render(request, "observatory/edition.html", context)


def _withdrawn(request: HttpRequest, dataflow: Any, code: str, number: str) -> HttpResponse:
    gone = dissemination.edition(code, number)
    stone = dissemination.tombstone_of(gone) if gone else None
    if stone is None:
        raise Http404(_("No such edition."))
    context = {"dataflow": dataflow, "edition": gone, "stone": stone}
    return render(request, "observatory/edition_withdrawn.html", context, status=410)


@public_page
def changes(request: HttpRequest, code: str, before: str, now: str) -> HttpResponse:
    """The cells that differ between two editions, fifty on a page."""
    old, new = editions.standing(code, before), editions.standing(code, now)
    if old is None or new is None:
        raise Http404(_("No such edition."))
    rows = [_row(each) for each in editions.revisions(old, new)]
    context = {
        "dataflow": new.dataflow,
        "old": old,
        "new": new,
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "keep": "",
        "counts": Counter(row["kind"] for row in rows),
        "file": f"/data/{code}/{before}/changes/{now}",
    }
    return render(request, "observatory/changes.html", context)


def _row(found: Revision) -> dict[str, Any]:
    known, point = catalogue_now(), found.point
    parts = [known.codes[name][code] for name, code in point.breakdown.items() if code in known.codes.get(name, {})]
    comma = "، " if current_language() == "ar" else ", "
    return {
        "kind": found.kind,
        "old": found.old,
        "new": found.new,
        "indicator": known.indicators[point.indicator],
        "area": known.areas[point.area],
        "period": point.period,
        "part": comma.join(said(part, "name") for part in parts),
        "url": reverse("observatory:indicator", args=[point.indicator]),
    }
