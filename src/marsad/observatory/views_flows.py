"""Public pages on the flow of information: promised and observed, what rests on whom, what a producer's data changed."""

from __future__ import annotations

from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from marsad.actors import queries as actors
from marsad.catalogue import queries as catalogue
from marsad.dissemination import queries as dissemination
from marsad.observatory import flow_map
from marsad.observatory.flow_drawing import drawing
from marsad.observatory.page_cache import public_page
from marsad.observatory.publications import publication_of
from marsad.observatory.views_downloads import csv_file
from marsad.planning import queries as planning
from marsad.web.words import said

COLUMNS: Final = (
    "producer", "producer_name", "agreement", "dataflow", "due", "came", "completeness", "on_time", "median_delay",
    "longest_delay", "returned", "errors_per_thousand", "formats", "lost", "hours", "used",
)  # fmt: skip


@public_page
def flows(request: HttpRequest) -> HttpResponse:
    """The flows as a table and a picture, and what they show to be weak."""
    publication, today = publication_of(request), timezone.localdate()
    promised = flow_map.rows(publication, today=today, synthetic=False)
    whole = flow_map.graph(publication)
    names = _names()
    shown = {
        "publication": publication,
        "rows": promised,
        "made_up": flow_map.rows(publication, today=today, synthetic=True),
        "weak": flow_map.bottlenecks(whole, promised),
        "unmet": flow_map.unmet_needs(publication),
        "names": names,
        "drawing": drawing(whole, names),
        "computed": flow_map.computed_today(publication, today=today),
        "indicators": {one.code: one for one in catalogue.indicators() if one.code.startswith("GOV-")},
    }
    return render(request, "observatory/flows.html", shown)


def _names() -> dict[str, str]:
    """The words of every node of the graph."""
    found = {f"producer:{one.code}": one.acronym or said(one, "name") for one in actors.organisations()}
    found |= {f"dataflow:{one.code}": said(one, "title") for one in dissemination.dataflows()}
    found |= {f"indicator:{one.code}": said(one, "name") for one in catalogue.indicators()}
    return found | {f"target:{one.code}": f"{one.code} {said(one, 'title')}" for one in planning.tags()}


@public_page
def flows_csv(request: HttpRequest) -> HttpResponse:
    """The promised flows with their measures; an empty cell is unknown, not zero."""
    promised = flow_map.rows(publication_of(request), today=timezone.localdate(), synthetic=False)
    return csv_file("marsad-flows", COLUMNS, (_row(one) for one in promised))


def _row(one: flow_map.FlowRow) -> dict[str, Any]:
    plain = ("due", "came", "completeness", "on_time", "median_delay", "longest_delay", "returned")
    return {
        **{name: getattr(one.measures, name) for name in (*plain, "errors_per_thousand", "formats", "hours")},
        "producer": one.producer.code,
        "producer_name": said(one.producer, "name"),
        "agreement": one.flow.agreement,
        "dataflow": one.flow.dataflow,
        "lost": None if one.measures.lost is None else " ".join(one.measures.lost),
        "used": one.is_used,
    }


@public_page
def stop(request: HttpRequest, code: str) -> HttpResponse:
    """What falls when a producer stops."""
    producer = actors.organisation(code)
    if producer is None:
        raise Http404(_("No such organisation."))
    publication = publication_of(request)
    shown = {
        "producer": producer,
        "stop": flow_map.stop_of(code, publication),
        "dataflows": {one.code: one for one in dissemination.dataflows()},
        "targets": {one.code: one for one in planning.tags()},
    }
    return render(request, "observatory/stop.html", shown)


@public_page
def changed(request: HttpRequest, code: str) -> HttpResponse:
    """What a producer's data changed: deliveries and their quality, editions, indicators, what rests on them."""
    producer = actors.organisation(code)
    if producer is None:
        raise Http404(_("No such organisation."))
    publication, today = publication_of(request), timezone.localdate()
    whole = flow_map.graph(publication)
    reached = whole.reached_from(f"producer:{code}") if f"producer:{code}" in whole.nodes else frozenset()
    records = {one.code: one for one in catalogue.indicators()}
    flows_of = {node.partition(":")[2] for node in reached if node.startswith("dataflow:")}
    shown = {
        "producer": producer,
        "rows": [one for one in flow_map.rows(publication, today=today, synthetic=False) if one.producer.code == code],
        "made_up": [
            one for one in flow_map.rows(publication, today=today, synthetic=True) if one.producer.code == code
        ],
        "editions": [one for one in dissemination.every_edition() if one.dataflow_id in flows_of],
        "indicators": [records[node.partition(":")[2]] for node in sorted(reached) if node.startswith("indicator:")],
        "targets": [one for one in planning.tags() if f"target:{one.code}" in reached],
    }
    return render(request, "observatory/changed.html", shown)
