"""Structure messages of SDMX-ML 3.0: agencies, code lists, concepts, data structures, dataflows and constraints, in three
languages."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Final

from migstat.exchange.sdmx_artefacts import (
    TIME,
    AgencyScheme,
    Artefact,
    Code,
    Codelist,
    Component,
    ConceptScheme,
    DataConstraint,
    Dataflow,
    DataStructure,
    Scheme,
)
from migstat.exchange.sdmx_header import ROOT, Header, attributes, header_xml, words_xml, xml

_PARENT: Final = re.compile(r"^[A-Za-z][A-Za-z0-9_-]*$")
_ITEMS: Final = {AgencyScheme: "Agency", Codelist: "Code", ConceptScheme: "Concept"}
_CONTAINERS: Final[Mapping[type[Artefact], str]] = {
    AgencyScheme: "AgencySchemes",
    Codelist: "Codelists",
    ConceptScheme: "ConceptSchemes",
    DataConstraint: "DataConstraints",
    Dataflow: "Dataflows",
    DataStructure: "DataStructures",
}


def structure_xml(
    header: Header, artefacts: Sequence[Artefact], *, stub_address: str = "", whole: Container[str] = ()
) -> Iterator[str]:
    """The message, in parts. With ``stub_address`` artefacts are stubs, each whole at ``stub_address`` and its URN's parts,
    but for those whose URN is in ``whole``."""
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<mes:Structure xmlns:mes="{ROOT}/message" xmlns:str="{ROOT}/structure" xmlns:com="{ROOT}/common">'
    )
    yield header_xml(header)
    yield "<mes:Structures>"
    for kind, container in _CONTAINERS.items():
        chosen = [each for each in artefacts if type(each) is kind]
        if chosen:
            yield f"<str:{container}>"
            for artefact in chosen:
                yield from _artefact(artefact, "" if artefact.urn in whole else stub_address)
            yield f"</str:{container}>"
    yield "</mes:Structures></mes:Structure>"


def _artefact(artefact: Artefact, stub_address: str) -> Iterator[str]:
    element = f"str:{artefact.kind}"
    named = [
        ("id", artefact.id),
        ("agencyID", artefact.agency),
        # The scheme of the agencies has no version of its own in 3.0.
        ("version", None if isinstance(artefact, AgencyScheme) else artefact.version),
        ("urn", artefact.urn),
    ]
    if stub_address:
        path = f"{artefact.kind.lower()}/{artefact.agency}/{artefact.id}/{artefact.version}"
        named += [("isExternalReference", "true"), ("structureURL", f"{stub_address}{path}")]
    if isinstance(artefact, DataConstraint):
        named.append(("role", "Actual"))
    if isinstance(artefact, Scheme) and artefact.partial and not stub_address:
        named.append(("isPartial", "true"))
    yield f"<{element}{attributes(named)}>"
    if isinstance(artefact, DataConstraint) and not stub_address:
        yield _counts(artefact)
    yield from words_xml("com:Name", artefact.names)
    yield from words_xml("com:Description", artefact.descriptions)
    if not stub_address:
        yield from _content(artefact)
    yield f"</{element}>"


def _content(artefact: Artefact) -> Iterator[str]:
    if isinstance(artefact, Scheme):
        for item in artefact.items:
            yield from _item(artefact, item)
    elif isinstance(artefact, Dataflow) and artefact.structure:
        yield f"<str:Structure>{xml(artefact.structure.urn)}</str:Structure>"
    elif isinstance(artefact, DataStructure):
        yield from _components(artefact)
    elif isinstance(artefact, DataConstraint):
        yield from _constraint(artefact)


def _item(scheme: Scheme, item: Code) -> Iterator[str]:
    element = f"str:{_ITEMS[type(scheme)]}"
    yield f'<{element} id="{xml(item.id)}">'
    # The schema of 3.0 takes a code that begins with a digit, and refuses it as a parent: such a parent is annotated.
    nested = bool(_PARENT.match(item.parent))
    if item.parent and not nested:
        told = f"<com:AnnotationTitle>{xml(item.parent)}</com:AnnotationTitle>"
        kind = "<com:AnnotationType>PARENT</com:AnnotationType>"
        yield f'<com:Annotations><com:Annotation id="PARENT">{told}{kind}</com:Annotation></com:Annotations>'
    yield from words_xml("com:Name", item.names)
    if nested:
        yield f"<str:Parent>{xml(item.parent)}</str:Parent>"
    yield f"</{element}>"


def _components(structure: DataStructure) -> Iterator[str]:
    yield '<str:DataStructureComponents><str:DimensionList id="DimensionDescriptor">'
    for position, dimension in enumerate((each for each in structure.dimensions if each.id != TIME), 1):
        yield from _component(structure, dimension, "Dimension", [("position", position)])
    for dimension in structure.dimensions:
        if dimension.id == TIME:
            yield from _component(structure, dimension, "TimeDimension", [])
    yield "</str:DimensionList>"
    if structure.attributes:
        yield '<str:AttributeList id="AttributeDescriptor">'
        beside = "<str:AttributeRelationship><str:Observation/></str:AttributeRelationship>"
        for attribute in structure.attributes:
            yield from _component(structure, attribute, "Attribute", [("usage", "optional")], beside)
        yield "</str:AttributeList>"
    yield '<str:MeasureList id="MeasureDescriptor">'
    for measure in structure.measures:
        yield from _component(structure, measure, "Measure", [("usage", "optional")])
    yield "</str:MeasureList></str:DataStructureComponents>"


def _component(
    structure: DataStructure,
    component: Component,
    element: str,
    more: Iterable[tuple[str, object]],
    beside: str = "",
) -> Iterator[str]:
    yield f"<str:{element}{attributes([('id', component.id), *more])}>"
    if structure.concepts:
        yield f"<str:ConceptIdentity>{xml(structure.concepts.urn_of(component.id))}</str:ConceptIdentity>"
    if component.codelist:
        inside = f"<str:Enumeration>{xml(component.codelist.urn)}</str:Enumeration>"
    else:
        inside = f'<str:TextFormat textType="{component.text_type}"/>'
    yield f"<str:LocalRepresentation>{inside}</str:LocalRepresentation>{beside}</str:{element}>"


def _counts(constraint: DataConstraint) -> str:
    counted = (("obs_count", constraint.observations), ("series_count", constraint.series))
    notes = "".join(
        f'<com:Annotation id="{name}"><com:AnnotationTitle>{number}</com:AnnotationTitle>'
        "<com:AnnotationType>sdmx_metrics</com:AnnotationType></com:Annotation>"
        for name, number in counted
    )
    return f"<com:Annotations>{notes}</com:Annotations>"


def _constraint(constraint: DataConstraint) -> Iterator[str]:
    yield f"<str:ConstraintAttachment><str:Dataflow>{xml(constraint.flow)}</str:Dataflow></str:ConstraintAttachment>"
    yield '<str:CubeRegion include="true">'
    for dimension, codes in constraint.values.items():
        values = "".join(f"<str:Value>{xml(code)}</str:Value>" for code in codes)
        if values:
            yield f'<str:KeyValue id="{xml(dimension)}">{values}</str:KeyValue>'
    if constraint.time:
        start, end = constraint.time
        yield (
            f'<str:KeyValue id="{TIME}"><str:TimeRange><str:StartPeriod>{start}</str:StartPeriod>'
            f"<str:EndPeriod>{end}</str:EndPeriod></str:TimeRange></str:KeyValue>"
        )
    yield "</str:CubeRegion>"
