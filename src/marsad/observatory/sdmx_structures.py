"""SDMX REST, structure and availability: ``/sdmx/structure/{kind}/{agency}/{id}/{version}`` and ``/sdmx/availability/...``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from marsad.dissemination import queries_open as editions
from marsad.dissemination.queries import current_publication
from marsad.dissemination.rules import parse_breakdown
from marsad.observatory import open_words as words
from marsad.observatory.open_answers import NotFound, NotOffered, answered, etag, open_data
from marsad.observatory.open_rows import Selection
from marsad.observatory.open_structure import FlowStructure, agency, catalogue_version, every_artefact
from marsad.observatory.sdmx_data import flow_asked
from marsad.observatory.sdmx_negotiation import STRUCTURE_JSON, STRUCTURES, Format, asked
from migstat.exchange import sdmx_query as question
from migstat.exchange.sdmx_artefacts import (
    TIME,
    TOTAL,
    Artefact,
    DataConstraint,
    Scheme,
    children,
    code_id,
    descendants,
    unique,
)
from migstat.exchange.sdmx_header import Header
from migstat.exchange.sdmx_structure_json import structure_json
from migstat.exchange.sdmx_structure_xml import structure_xml
from migstat.model import Refused

_KINDS: Final[Mapping[str, str]] = {
    "agencyscheme": "AgencyScheme",
    "codelist": "Codelist",
    "conceptscheme": "ConceptScheme",
    "dataconstraint": "DataConstraint",
    "dataflow": "Dataflow",
    "datastructure": "DataStructure",
    "*": "*",
    "structure": "*",
    "all": "*",
}
# Kinds that the standard has and this service has none of: nothing found, rather than malformed.
_OTHER_KINDS: Final = frozenset(
    """
    categorisation categoryscheme categoryschememap conceptschememap contentconstraint customtypescheme
    dataconsumerscheme dataproviderscheme geocodelist geogridcodelist hierarchicalcodelist hierarchy
    hierarchyassociation metadataconstraint metadataflow metadataproviderscheme metadataprovisionagreement
    metadatastructure namepersonalisationscheme organisationscheme organisationschememap
    organisationunitscheme process provisionagreement reportingtaxonomy reportingtaxonomymap
    representationmap rulesetscheme structuremap structureset transformationscheme userdefinedoperatorscheme
    valuelist vtlmappingscheme
    """.split()  # noqa: SIM905 -- forty words read better than forty lines
)
_REFERENCES: Final = ("none", "parents", "parentsandsiblings", "ancestors", "children", "descendants", "all")
_STUBS: Final = ("allstubs", "allcompletestubs")
_DETAILS: Final = ("full", "raw", "referencestubs", "referencecompletestubs", "referencepartial", *_STUBS)


@open_data
def structures(
    request: HttpRequest,
    kind: str = "*",
    agency_id: str = "*",
    resource: str = "*",
    version: str = "~",
    item: str = "",
) -> HttpResponseBase:
    """Structural artefacts, with what they refer to and what refers to them as ``references`` says."""
    wanted = _kind(kind.lower())
    asked_for = question.reference(agency_id, resource, version)
    references, detail = _choices(request)
    format = asked(request, STRUCTURES)
    tag = etag(catalogue_version(), request.path, request.GET.urlencode(), format)

    def write() -> Iterable[str] | bytes:
        every = every_artefact()
        found = [
            each
            for each in every
            if wanted in {"*", each.kind}
            and asked_for.agrees(each.agency, each.id)
            and asked_for.version_agrees(each.version)
        ]
        if not found:
            raise NotFound(
                "sdmx.no_results", found=f"no {wanted}", remedy="see /sdmx/structure/dataflow for a beginning"
            )
        found = [_with_items(each, item) for each in found] if item else found
        return _written(format, _referring(found, every, references), detail, request)

    return answered(request, tag, write, format.content_type, negotiated=True)


def _kind(kind: str) -> str:
    if kind in _KINDS:
        return _KINDS[kind]
    if kind in _OTHER_KINDS:
        raise NotFound("sdmx.no_results", found=f"no {kind}", remedy="ask for dataflow, datastructure, codelist, ...")
    raise Refused("sdmx.kind", found=repr(kind[:40]), remedy="use one of " + " ".join(_KINDS))


def _choices(request: HttpRequest) -> tuple[str, str]:
    references = request.GET.get("references", "none").lower()
    detail = request.GET.get("detail", "full").lower()
    if references not in _REFERENCES and references not in _KINDS:
        raise Refused("sdmx.references", found=repr(references[:40]), remedy="use one of " + " ".join(_REFERENCES))
    if detail not in _DETAILS:
        raise Refused("sdmx.structure_detail", found=repr(detail[:40]), remedy="use one of " + " ".join(_DETAILS))
    return references, detail


def _with_items(artefact: Artefact, items: str) -> Artefact:
    """A scheme with the items asked for alone."""
    if not isinstance(artefact, Scheme):
        raise NotFound("sdmx.no_results", found=f"a {artefact.kind} has no items", remedy="leave the last part out")
    wanted = items.split(",")
    chosen = [each for each in artefact.items if each.id in wanted or "*" in wanted]
    if not chosen:
        raise NotFound("sdmx.no_results", found=f"no such item in {artefact.id}", remedy="ask for the whole scheme")
    kind = type(artefact)
    return kind(artefact.agency, artefact.id, artefact.names, artefact.version, artefact.descriptions, chosen)


def _referring(found: Sequence[Artefact], every: Sequence[Artefact], references: str) -> list[Artefact]:
    """The artefacts with those that ``references`` names."""
    parents = [each for each in every if any(child.urn == one.urn for child in children(each) for one in found)]
    ancestors = [each for each in every if any(child.urn == one.urn for child in descendants(each) for one in found)]
    below = [child for one in found for child in descendants(one)]
    beside = {
        "none": [],
        "parents": parents,
        "parentsandsiblings": [*parents, *(child for each in parents for child in children(each))],
        "ancestors": ancestors,
        "children": [child for one in found for child in children(one)],
        "descendants": below,
        "all": [*parents, *(child for each in parents for child in descendants(each)), *below],
    }
    if references in beside:
        return unique([*found, *beside[references]])
    kind = _KINDS[references]
    return unique([*found, *(each for each in [*ancestors, *below] if kind in {"*", each.kind})])


def _written(format: Format, artefacts: Sequence[Artefact], detail: str, request: HttpRequest) -> Iterable[str] | bytes:
    stubs = request.build_absolute_uri("/sdmx/structure/") if detail in _STUBS else ""
    header = Header("STRUCTURE", agency(), prepared())
    if format is STRUCTURE_JSON:
        return structure_json(header, artefacts, stub_address=stubs).encode()
    return structure_xml(header, artefacts, stub_address=stubs)


def prepared() -> datetime:
    """The moment of the latest publication."""
    publication = current_publication()
    return publication.published_at.replace(microsecond=0) if publication else datetime(1970, 1, 1, tzinfo=UTC)


@open_data
def availability(
    request: HttpRequest,
    context: str,
    agency_id: str,
    resource: str,
    version: str = "*",
    key: str = "*",
    component: str = "*",
) -> HttpResponseBase:
    """Which codes and times a question would find, as a constraint on the dataflow, with the number of observations."""
    structure = flow_asked(context, agency_id, resource, version)
    dsd = structure.artefact.structure
    assert dsd is not None
    filters = question.parse_filters({name: request.GET.getlist(name) for name in request.GET}, dsd)
    selection = Selection.read(structure, key, filters)
    references, _ = _choices(request)
    mode = request.GET.get("mode", "exact")
    if mode not in {"exact", "available"}:
        raise Refused("sdmx.mode", found=repr(mode[:20]), remedy="use exact or available")
    shown = _shown_components(component, dsd)
    format = asked(request, STRUCTURES)
    latest = editions.latest_of(structure.editions)
    tag = etag(latest.checksum if latest else "", catalogue_version(), request.path, request.GET.urlencode(), format)

    def write() -> Iterable[str] | bytes:
        if latest is None:
            raise NotFound("sdmx.no_edition", found="no edition", remedy="ask for another dataflow")
        constraint = _constraint(selection, latest, shown, available=mode == "available")
        below = descendants(structure.artefact)
        beside: list[Artefact] = {"none": [], "all": [structure.artefact, *below]}.get(references, [structure.artefact])
        if references in _KINDS:
            beside = [each for each in [structure.artefact, *below] if _KINDS[references] in {"*", each.kind}]
        return _written(format, unique([constraint, *beside]), "full", request)

    return answered(request, tag, write, format.content_type, negotiated=True)


def _shown_components(component: str, dsd: Any) -> frozenset[str]:
    names = {each.id for each in dsd.dimensions}
    if component in {"*", "all"}:
        return frozenset(names)
    chosen = frozenset(component.split(","))
    for name in chosen - names:
        dsd.component(name)
        raise NotOffered("sdmx.availability", found=name, remedy="ask for dimensions: " + " ".join(sorted(names)))
    return chosen


def _constraint(selection: Selection, edition: Any, shown: frozenset[str], *, available: bool) -> DataConstraint:
    structure = selection.structure
    observations = selection.observations(edition)
    count, first, last = editions.extent(observations)
    keys = [_codes(structure, key) for key in editions.series_keys(observations)]
    values = {name: sorted({codes[name] for codes in keys}) for name in structure.columns}
    if available:
        everything = Selection(structure, ({},), selection.filters).observations(edition)
        series = [_codes(structure, key) for key in editions.series_keys(everything)]
        values = {name: _without(name, selection.boxes, series) for name in structure.columns}
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
        series=len(keys),
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
