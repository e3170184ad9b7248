"""SDMX REST, availability: ``/sdmx/availability/{context}/{agency}/{id}/{version}/{key}/{component}``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from marsad.dissemination import queries_open as editions
from marsad.dissemination.queries import Point
from marsad.dissemination.rules import parse_breakdown
from marsad.observatory import open_words as words
from marsad.observatory.open_answers import NotFound, NotOffered, answered, etag, open_data
from marsad.observatory.open_rows import Selection
from marsad.observatory.open_structure import FlowStructure, agency, catalogue_version
from marsad.observatory.sdmx_data import flow_asked, moment_after, refuse_not_offered
from marsad.observatory.sdmx_negotiation import STRUCTURES, asked
from marsad.observatory.sdmx_structures import KINDS, choices, written
from migstat.exchange import sdmx_query as question
from migstat.exchange.sdmx_artefacts import (
    TIME,
    TOTAL,
    Artefact,
    Codelist,
    DataConstraint,
    DataStructure,
    code_id,
    descendants,
    unique,
)
from migstat.model import Refused


@open_data
def availability(
    request: HttpRequest,
    context: str,
    agency_id: str = "*",
    resource: str = "*",
    version: str = "*",
    key: str = "*",
    component: str = "*",
) -> HttpResponseBase:
    """Which codes and times a question would find, as a constraint on the dataflow, with the number of observations."""
    structure = flow_asked(context, agency_id, resource, version)
    dsd = structure.artefact.structure
    assert dsd is not None
    refuse_not_offered(request)
    filters = question.parse_filters({name: request.GET.getlist(name) for name in request.GET}, dsd)
    selection = Selection.read(structure, key, filters)
    references, _ = choices(request)
    mode = request.GET.get("mode", "exact")
    if mode not in {"exact", "available"}:
        raise Refused("sdmx.mode", found=repr(mode[:20]), remedy="use exact or available")
    shown, since = _shown_components(component, dsd), moment_after(request)
    format = asked(request, STRUCTURES)
    latest = editions.latest_of(structure.editions)
    tag = etag(latest.checksum if latest else "", catalogue_version(), request.path, request.GET.urlencode(), format)

    def write() -> Iterable[str] | bytes:
        if latest is None:
            raise NotFound("sdmx.no_edition", found="no edition", remedy="ask for another dataflow")
        before = editions.latest_of(structure.editions, since.date()) if since else None
        constraint = _constraint(_Found(selection, latest, before), shown, available=mode == "available")
        return written(format, [constraint], _beside(structure, constraint, references), "full", request)

    return answered(request, tag, write, format.content_type, negotiated=True)


def _shown_components(component: str, dsd: DataStructure) -> frozenset[str]:
    names = {each.id for each in dsd.dimensions}
    if component in {"*", "all"}:
        return frozenset(names)
    chosen = frozenset(component.split(","))
    for name in chosen - names:
        dsd.component(name)
        raise NotOffered("sdmx.availability", found=name, remedy="ask for dimensions: " + " ".join(sorted(names)))
    return chosen


def _beside(structure: FlowStructure, constraint: DataConstraint, references: Sequence[str]) -> list[Artefact]:
    """What the constraint refers to, as ``references`` names it; code lists and concepts with what is used of them alone."""
    below = [structure.artefact, *descendants(structure.artefact)]
    kinds = {KINDS.get(each, "") for each in references} if "all" not in references else {"*"}
    general = set(references) - {"none", *KINDS}
    found = [each for each in below if {"*", each.kind} & kinds or (general and each is structure.artefact)]
    return [_used(each, structure, constraint) for each in unique(found)]


def _used(artefact: Artefact, structure: FlowStructure, constraint: DataConstraint) -> Artefact:
    """A code list with the codes that there are and those that they are parts of; any other artefact as it is."""
    dsd = structure.artefact.structure
    if not isinstance(artefact, Codelist) or dsd is None:
        return artefact
    of = [each.id for each in dsd.dimensions if each.codelist and each.codelist.urn == artefact.urn]
    told = [code for name in of for code in constraint.values.get(name, ())]
    return artefact.of(artefact.with_parents(told)) if of and set(of) <= set(constraint.values) else artefact


@dataclass(frozen=True)
class _Found:
    """What a selection finds in an edition; or, of that, what is not as it was in the edition ``before``."""

    selection: Selection
    edition: Any
    before: Any = None

    @cached_property
    def _points(self) -> list[Point] | None:
        """The observations one by one; None where the database can tell of them without."""
        if self.before is not None:
            changed = (each.point for each in editions.revisions(self.before, self.edition))
            return [point for point in changed if self.selection.agrees(point)]
        return list(self.selection.points(self.edition)) if self.selection.reads_rows else None

    def extent(self) -> tuple[int, Any, Any]:
        """How many observations, and the first and last day they speak of."""
        if self._points is None:
            return editions.extent(self.selection.observations(self.edition))
        starts, ends = ([getattr(each, name) for each in self._points] for name in ("period_start", "period_end"))
        return len(self._points), min(starts, default=None), max(ends, default=None)

    def series(self) -> list[dict[str, str]]:
        """The codes of every series by dimension."""
        if self._points is None:
            keys = editions.series_keys(self.selection.observations(self.edition))
        else:
            keys = sorted({(each.indicator, each.area, each.breakdown_key, each.base) for each in self._points})
        return [_codes(self.selection.structure, key) for key in keys]


def _constraint(found: _Found, shown: frozenset[str], *, available: bool) -> DataConstraint:
    structure = found.selection.structure
    count, first, last = found.extent()
    series = found.series()
    values = {name: sorted({codes[name] for codes in series}) for name in structure.columns}
    if available:
        every = replace(found, selection=replace(found.selection, boxes=({},))).series()
        values = {name: _without(name, found.selection.boxes, every) for name in structure.columns}
    dsd = structure.artefact.structure
    order = dsd.key if dsd else ()
    return DataConstraint(
        agency(),
        f"AVAILABLE_{structure.artefact.id}",
        words.names(words.AVAILABILITY),
        flow=structure.artefact.urn,
        values={name: values[name] for name in order if name in shown},
        time=(first, last) if first and last and TIME in shown else None,
        observations=count,
        series=len(series),
    )


def _codes(structure: FlowStructure, key: tuple[str, str, str, str]) -> dict[str, str]:
    """The codes of a series by dimension."""
    indicator, area, breakdown_key, base = key
    fixed = {"indicator": indicator, "area": area, "base": base}
    breakdown = parse_breakdown(breakdown_key)
    return {
        name: code_id(fixed[column] if column in fixed else breakdown.get(column, TOTAL))
        for name, column in structure.columns.items()
    }


def _without(name: str, boxes: Sequence[question.Box], series: Sequence[Mapping[str, str]]) -> list[str]:
    """The codes of a dimension that would be found if the question asked nothing of that dimension."""
    return sorted(
        {
            codes[name]
            for codes in series
            if any(all(codes[other] in allowed for other, allowed in box.items() if other != name) for box in boxes)
        }
    )
