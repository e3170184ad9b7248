"""SDMX REST, structure: ``/sdmx/structure/{kind}/{agency}/{id}/{version}/{item}``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from marsad.dissemination.queries import current_publication
from marsad.observatory.open_answers import NotFound, NotOffered, answered, etag, open_data
from marsad.observatory.open_structure import agency, catalogue_version, every_artefact
from marsad.observatory.sdmx_negotiation import STRUCTURE_JSON, STRUCTURES, Format, asked
from migstat.exchange import sdmx_query as question
from migstat.exchange.sdmx_artefacts import (
    Artefact,
    ConceptScheme,
    DataStructure,
    Scheme,
    children,
    descendants,
    unique,
)
from migstat.exchange.sdmx_header import Header
from migstat.exchange.sdmx_structure_json import structure_json
from migstat.exchange.sdmx_structure_xml import structure_xml
from migstat.model import Refused

KINDS: Final[Mapping[str, str]] = {
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
_DETAILS: Final = (
    *("full", "raw", "referencestubs", "referencecompletestubs", "referencepartial", "allstubs", "allcompletestubs"),
)


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
    references, detail = choices(request)
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
        found = _with_items(found, item) if item else found
        return written(format, found, _referring(found, every, references), detail, request)

    return answered(request, tag, write, format.content_type, negotiated=True)


def _kind(kind: str) -> str:
    if kind in KINDS:
        return KINDS[kind]
    if kind in _OTHER_KINDS:
        raise NotFound("sdmx.no_results", found=f"no {kind}", remedy="ask for dataflow, datastructure, codelist, ...")
    raise Refused("sdmx.kind", found=repr(kind[:40]), remedy="use one of " + " ".join(KINDS))


def choices(request: HttpRequest) -> tuple[tuple[str, ...], str]:
    """``references`` (several are parted by commas) and ``detail``. Raises Refused for what the standard does not have."""
    references = tuple(request.GET.get("references", "none").lower().split(","))
    detail = request.GET.get("detail", "full").lower()
    for each in references:
        if each not in {*_REFERENCES, *KINDS, *_OTHER_KINDS}:
            raise Refused("sdmx.references", found=repr(each[:40]), remedy="use one of " + " ".join(_REFERENCES))
    if detail not in _DETAILS:
        raise Refused("sdmx.structure_detail", found=repr(detail[:40]), remedy="use one of " + " ".join(_DETAILS))
    return references, detail


def _with_items(artefacts: Sequence[Artefact], items: str) -> list[Artefact]:
    """The schemes that have one of the items asked for, with these alone."""
    schemes = [each for each in artefacts if isinstance(each, Scheme)]
    if not schemes:
        raise NotFound("sdmx.no_results", found=f"a {artefacts[0].kind} has no items", remedy="leave the last part out")
    wanted = items.split(",")
    chosen = [each if "*" in wanted else each.of(wanted) for each in schemes]
    found: list[Artefact] = [each for each in chosen if each.items]
    if not found:
        raise NotFound("sdmx.no_results", found=f"no such item in {schemes[0].id}", remedy="ask for the whole scheme")
    return found


def _referring(found: Sequence[Artefact], every: Sequence[Artefact], references: Iterable[str]) -> list[Artefact]:
    """What refers to the artefacts found and what they refer to, as ``references`` names them; without those found."""
    asked_for = [artefact for each in references for artefact in _beside(found, every, each)]
    urns = {each.urn for each in found}
    return [each for each in unique(asked_for) if each.urn not in urns]


def _beside(found: Sequence[Artefact], every: Sequence[Artefact], references: str) -> list[Artefact]:
    named = {one.urn for one in found}
    parents = [each for each in every if any(child.urn in named for child in children(each))]
    ancestors = [each for each in every if any(child.urn in named for child in descendants(each))]
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
        return beside[references]
    kind = KINDS.get(references)
    return [each for each in [*ancestors, *below] if kind in {"*", each.kind}]


def written(
    format: Format, found: Sequence[Artefact], beside: Sequence[Artefact], detail: str, request: HttpRequest
) -> Iterable[str] | bytes:
    """The artefacts found and, after them, what stands beside them, in as much detail as is asked for."""
    if detail == "referencepartial":
        beside = _used_concepts([*found, *beside])[len(found) :]
    artefacts = [*found, *beside]
    if detail in {"allstubs", "referencestubs"}:
        artefacts = [replace(each, descriptions={}) for each in artefacts]
    if detail == "referencestubs":
        artefacts = [*found, *artefacts[len(found) :]]
    stubs = request.build_absolute_uri("/sdmx/structure/") if detail.endswith("stubs") else ""
    whole = frozenset(each.urn for each in found) if detail.startswith("reference") else frozenset()
    header = Header("STRUCTURE", agency(), prepared())
    if format is STRUCTURE_JSON:
        return structure_json(header, artefacts, stub_address=stubs, whole=whole).encode()
    return structure_xml(header, artefacts, stub_address=stubs, whole=whole)


def _used_concepts(artefacts: Sequence[Artefact]) -> list[Artefact]:
    """The same artefacts, with those concepts alone from which a structure among them takes its components."""
    structures = [each for each in artefacts if isinstance(each, DataStructure)]
    used = {part.id for each in structures for part in (*each.dimensions, *each.attributes, *each.measures)}
    return [each.of(used) if isinstance(each, ConceptScheme) and structures else each for each in artefacts]


def prepared() -> datetime:
    """The moment of the latest publication."""
    publication = current_publication()
    return publication.published_at.replace(microsecond=0) if publication else datetime(1970, 1, 1, tzinfo=UTC)


@open_data
def not_offered(request: HttpRequest, query: str, rest: str = "") -> HttpResponseBase:
    """The queries of the standard that this service has no answer to, told apart from addresses that are none."""
    raise NotOffered(f"sdmx.{query}", found=f"a {query} query", remedy="use data, structure or availability")
