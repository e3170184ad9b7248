"""Public pages on the flow of information: promised and observed, what rests on whom, what a producer's data changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from marsad.actors import queries as actors
from marsad.coordination.dialogue.queries_sessions import kept_with
from marsad.coordination.needs.queries import needs_answered_by, open_needs
from marsad.observatory import flow_map
from marsad.observatory.flow_book import FlowBook
from marsad.observatory.flow_drawing import USER, drawing
from marsad.observatory.flow_kept import book_of
from marsad.observatory.page_cache import Worked, public_page, shelf
from marsad.observatory.parts import page_of
from marsad.observatory.publications import publication_of
from marsad.observatory.views_downloads import csv_file
from marsad.web.words import said

PER_PAGE: Final = 30
# A list of which the page shows the first ones, and the rest when it is asked for.
_LONG: Final = 100
COLUMNS: Final = (
    "producer", "producer_name", "agreement", "dataflow", "due", "came", "completeness", "on_time", "median_delay",
    "longest_delay", "returned", "errors_per_thousand", "formats", "lost", "hours", "used",
)  # fmt: skip


def _worked_out(book: FlowBook, work: Callable[[FlowBook], Worked]) -> Worked:
    return shelf.worked_out((work.__name__, book.publication.pk), lambda: work(book))


def _promised(book: FlowBook) -> list[flow_map.FlowRow]:
    return flow_map.rows(book, synthetic=False)


def _made_up(book: FlowBook) -> list[flow_map.FlowRow]:
    return flow_map.rows(book, synthetic=True)


def _unmet(book: FlowBook) -> tuple[list[Any], flow_map.Unmet]:
    """The open needs, and those of them that nothing published answers."""
    every = list(open_needs())
    return every, flow_map.unmet_needs(book.publication, every)


@public_page
def flows(request: HttpRequest) -> HttpResponse:
    """The flows as a table and a picture, and what they show to be weak."""
    book = book_of(publication_of(request))
    weak, (open_ones, unmet) = _worked_out(book, flow_map.bottlenecks), _worked_out(book, _unmet)
    drawn = drawing(book.graph, *_named(book, [one for one in open_ones if one.is_public]))
    promised, text = _worked_out(book, _promised), request.GET.get("q", "").strip()[:80]
    lists = {name: getattr(weak, name) for name in ("sole", "joints", "silent", "unused", "twice")}
    shown = {
        "publication": book.publication,
        "any_promised": bool(promised),
        "rows": page_of(request, flow_map.named(promised, text), PER_PAGE),
        "q": text,
        "keep": f"{urlencode({'q': text})}&" if text else "",
        "made_up": _worked_out(book, _made_up),
        "weak": {
            name: page_of(request, found, _LONG if name == "joints" else PER_PAGE, part=name)
            for name, found in lists.items()
        },
        "cuts": weak.cuts,
        "unmet": page_of(request, unmet.named, _LONG, part="unmet"),
        "unmet_internal": unmet.internal,
        "drawing": drawn,
        "fed": page_of(request, drawn.rows, _LONG, part="fed"),
        "computed": _worked_out(book, flow_map.computed_today),
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
    promised = _worked_out(book_of(publication_of(request)), _promised)
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
    book = book_of(publication_of(request))
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
    book = book_of(publication_of(request))
    node = f"producer:{code}"
    reached = book.graph.reached_from(node) if node in book.graph.nodes else frozenset()
    made_up = [one for one in _worked_out(book, _made_up) if one.producer.code == code]
    collected = {one.flow.dataflow for one in made_up}
    of_made_up = {made for one, made in book.released(synthetic=True) if one in collected}
    editions = [one for one in book.editions if f"dataflow:{one.dataflow_id}" in reached]
    shown = {
        "producer": producer,
        "rows": [one for one in _worked_out(book, _promised) if one.producer.code == code],
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
