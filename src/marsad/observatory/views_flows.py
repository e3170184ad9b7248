"""Public pages on the flow of information: promised and observed, what rests on whom, what a producer's data changed."""

from __future__ import annotations

from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from marsad.actors import queries as actors
from marsad.coordination.dialogue.queries_sessions import kept_with
from marsad.coordination.needs.queries import needs_answered_by, open_needs
from marsad.observatory import flow_map
from marsad.observatory.flow_book import FlowBook
from marsad.observatory.flow_drawing import USER, drawing
from marsad.observatory.page_cache import public_page
from marsad.observatory.publications import publication_of
from marsad.observatory.views_downloads import csv_file
from marsad.web.words import said

COLUMNS: Final = (
    "producer", "producer_name", "agreement", "dataflow", "due", "came", "completeness", "on_time", "median_delay",
    "longest_delay", "returned", "errors_per_thousand", "formats", "lost", "hours", "used",
)  # fmt: skip


def _book(request: HttpRequest) -> FlowBook:
    return FlowBook(publication_of(request), timezone.localdate())


@public_page
def flows(request: HttpRequest) -> HttpResponse:
    """The flows as a table and a picture, and what they show to be weak."""
    book, open_ones = _book(request), list(open_needs())
    shown = {
        "publication": book.publication,
        "rows": flow_map.rows(book, synthetic=False),
        "made_up": flow_map.rows(book, synthetic=True),
        "weak": flow_map.bottlenecks(book),
        "unmet": flow_map.unmet_needs(book.publication, open_ones),
        "drawing": drawing(book.graph, *_named(book, [one for one in open_ones if one.is_public])),
        "computed": flow_map.computed_today(book),
        "indicators": {code: one for code, one in book.indicators.items() if code.startswith("GOV-")},
    }
    return render(request, "observatory/flows.html", shown)


def _named(book: FlowBook, wanted: list[Any]) -> tuple[dict[str, str], dict[str, frozenset[str]]]:
    """The words of every node of the picture, and for each indicator the organisations that need it."""
    asking = {one.organisation.code: one.organisation for one in wanted if one.organisation}
    names = {f"producer:{code}": one.acronym or said(one, "name") for code, one in book.producers.items()}
    names |= {f"dataflow:{code}": said(one, "title") for code, one in book.dataflows.items()}
    names |= {f"target:{code}": f"{code} {said(one, 'title')}" for code, one in book.targets.items()}
    names |= {f"{USER}:{code}": one.acronym or said(one, "name") for code, one in asking.items()}
    by_indicator: dict[str, set[str]] = {}
    for one in wanted:
        if one.organisation and one.indicator:
            by_indicator.setdefault(one.indicator, set()).add(one.organisation.code)
    return names, {code: frozenset(found) for code, found in by_indicator.items()}


@public_page
def flows_csv(request: HttpRequest) -> HttpResponse:
    """The promised flows with their measures; an empty cell is unknown, not zero."""
    promised = flow_map.rows(_book(request), synthetic=False)
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


def _producer(code: str) -> Any:
    found = actors.organisation(code)
    if found is None:
        raise Http404(_("No such organisation."))
    return found


@public_page
def stop(request: HttpRequest, code: str) -> HttpResponse:
    """What falls when a producer stops."""
    producer = _producer(code)
    if producer.merged_into is not None:
        return redirect("observatory:stop", producer.merged_into.code)
    book = _book(request)
    shown = {
        "producer": producer,
        "stop": flow_map.stop_of(code, book),
        "dataflows": book.dataflows,
        "targets": book.targets,
    }
    return render(request, "observatory/stop.html", shown)


@public_page
def changed(request: HttpRequest, code: str) -> HttpResponse:
    """What a producer's data changed: deliveries and their quality over time, editions, indicators, decisions, targets."""
    producer = _producer(code)
    if producer.merged_into is not None:
        return redirect("observatory:changed", producer.merged_into.code)
    book = _book(request)
    node = f"producer:{code}"
    reached = book.graph.reached_from(node) if node in book.graph.nodes else frozenset()
    made_up = [one for one in flow_map.rows(book, synthetic=True) if one.producer.code == code]
    collected = {one.flow.dataflow for one in made_up}
    of_made_up = {made for one, made in book.released(synthetic=True) if one in collected}
    editions = [one for one in book.editions if f"dataflow:{one.dataflow_id}" in reached]
    shown = {
        "producer": producer,
        "rows": [one for one in flow_map.rows(book, synthetic=False) if one.producer.code == code],
        "made_up": made_up,
        "editions": editions,
        "made_up_editions": [one for one in book.editions if one.dataflow_id in of_made_up],
        "indicators": [
            book.indicators[one.partition(":")[2]] for one in sorted(reached) if one.startswith("indicator:")
        ],
        "targets": [one for key, one in book.targets.items() if f"target:{key}" in reached],
        "answered": needs_answered_by(editions),
        "kept": kept_with([f"{one.dataflow_id}/{one.number}" for one in editions]),
    }
    return render(request, "observatory/changed.html", shown)
