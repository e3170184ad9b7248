"""Structure messages of SDMX-JSON 2.0."""

from __future__ import annotations

import json
from collections.abc import Container, Mapping, Sequence
from typing import Any, Final

from migstat.exchange.sdmx_artefacts import (
    TIME,
    AgencyScheme,
    Artefact,
    Codelist,
    Component,
    ConceptScheme,
    DataConstraint,
    Dataflow,
    DataStructure,
    Scheme,
)
from migstat.exchange.sdmx_header import Header, header_json, named

_SCHEMA: Final = (
    "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/structure-message/tools/schemas/2.0.0/"
    "sdmx-json-structure-schema.json"
)
_CONTAINERS: Final[Mapping[type[Artefact], str]] = {
    AgencyScheme: "agencySchemes",
    Codelist: "codelists",
    ConceptScheme: "conceptSchemes",
    DataConstraint: "dataConstraints",
    Dataflow: "dataflows",
    DataStructure: "dataStructures",
}
_ITEMS: Final = {AgencyScheme: "agencies", Codelist: "codes", ConceptScheme: "concepts"}


def structure_json(
    header: Header, artefacts: Sequence[Artefact], *, stub_address: str = "", whole: Container[str] = ()
) -> str:
    """The message. With ``stub_address`` artefacts are stubs, each whole at ``stub_address`` and its URN's parts, but for
    those whose URN is in ``whole``."""
    content: dict[str, list[dict[str, Any]]] = {}
    for artefact in artefacts:
        content.setdefault(_CONTAINERS[type(artefact)], []).append(
            _artefact(artefact, "" if artefact.urn in whole else stub_address)
        )
    return json.dumps({"meta": header_json(header, _SCHEMA), "data": content}, ensure_ascii=False)


def _artefact(artefact: Artefact, stub_address: str) -> dict[str, Any]:
    written: dict[str, Any] = {
        "id": artefact.id,
        "agencyID": artefact.agency,
        "version": artefact.version,
        **named(artefact.names, artefact.descriptions),
        "links": [{"rel": "self", "urn": artefact.urn}],
    }
    if isinstance(artefact, DataConstraint):
        written["role"] = "Actual"
    if stub_address:
        path = f"{artefact.kind.lower()}/{artefact.agency}/{artefact.id}/{artefact.version}"
        link = {"rel": "external", "href": f"{stub_address}{path}", "urn": artefact.urn}
        return {**written, "isExternalReference": True, "links": [*written["links"], link]}
    if isinstance(artefact, Scheme) and artefact.partial:
        written["isPartial"] = True
    return written | _content(artefact)


def _content(artefact: Artefact) -> dict[str, Any]:
    if isinstance(artefact, Scheme):
        items = [
            {"id": item.id, **named(item.names), **({"parent": item.parent} if item.parent else {})}
            for item in artefact.items
        ]
        return {_ITEMS[type(artefact)]: items}
    if isinstance(artefact, Dataflow) and artefact.structure:
        return {"structure": artefact.structure.urn}
    if isinstance(artefact, DataStructure):
        return {"dataStructureComponents": _components(artefact)}
    if isinstance(artefact, DataConstraint):
        return _constraint(artefact)
    return {}


def _components(structure: DataStructure) -> dict[str, Any]:
    key = [each for each in structure.dimensions if each.id != TIME]
    dimensions: dict[str, Any] = {
        "id": "DimensionDescriptor",
        "dimensions": [_component(structure, each) | {"position": n} for n, each in enumerate(key)],
    }
    for each in structure.dimensions:
        if each.id == TIME:
            dimensions["timeDimension"] = _component(structure, each)
    written: dict[str, Any] = {"dimensionList": dimensions}
    if structure.attributes:
        beside = {"usage": "optional", "attributeRelationship": {"observation": {}}}
        written["attributeList"] = {
            "id": "AttributeDescriptor",
            "attributes": [_component(structure, each) | beside for each in structure.attributes],
        }
    written["measureList"] = {
        "id": "MeasureDescriptor",
        "measures": [_component(structure, each) | {"usage": "optional"} for each in structure.measures],
    }
    return written


def _component(structure: DataStructure, component: Component) -> dict[str, Any]:
    representation = (
        {"enumeration": component.codelist.urn} if component.codelist else {"format": {"dataType": component.text_type}}
    )
    concept = {"conceptIdentity": structure.concepts.urn_of(component.id)} if structure.concepts else {}
    return {"id": component.id, **concept, "localRepresentation": representation}


def _constraint(constraint: DataConstraint) -> dict[str, Any]:
    values: list[dict[str, Any]] = [
        {"id": name, "include": True, "values": [{"value": code} for code in codes]}
        for name, codes in constraint.values.items()
        if codes
    ]
    if constraint.time:
        start, end = constraint.time
        between = {
            "startPeriod": {"period": str(start), "isInclusive": True},
            "endPeriod": {"period": str(end), "isInclusive": True},
        }
        values.append({"id": TIME, "include": True, "timeRange": between})
    counts = (("obs_count", constraint.observations), ("series_count", constraint.series))
    return {
        "annotations": [{"id": name, "title": str(number), "type": "sdmx_metrics"} for name, number in counts],
        "constraintAttachment": {"dataflows": [constraint.flow]},
        "cubeRegions": [{"include": True, **({"keyValues": values} if values else {})}],
    }
