"""The structural artefacts of SDMX 3.0 as plain values: code lists, concepts, data structures, dataflows, constraints.

Names are texts by language (``{"fr": ..., "ar": ..., "en": ...}``). Identifiers follow the information model: a code may hold
letters, digits and ``_ @ $ -``; a component begins with a letter.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final

from migstat.model import Refused

Names = Mapping[str, str]

_ID: Final = re.compile(r"^[A-Za-z0-9_@$-]+$")
_COMPONENT: Final = re.compile(r"^[A-Za-z][A-Za-z0-9_-]*$")
_PACKAGES: Final = {
    "AgencyScheme": "base",
    "Codelist": "codelist",
    "ConceptScheme": "conceptscheme",
    "DataStructure": "datastructure",
    "Dataflow": "datastructure",
    "DataConstraint": "registry",
}
TOTAL: Final = "_T"


def code_id(text: str) -> str:
    """A code as SDMX writes it: the dots of area codes, which separate the parts of a key, become underscores.

    >>> code_id("04.421.01.05")
    '04_421_01_05'
    """
    written = text.replace(".", "_")
    if not _ID.match(written):
        raise Refused("sdmx.code", found=repr(text), remedy="use letters, digits, dots and _ @ $ - in codes")
    return written


def component_id(text: str) -> str:
    """The identifier of a component: capitals, hyphens as underscores.

    >>> component_id("dwelling_type"), component_id("claim-stage")
    ('DWELLING_TYPE', 'CLAIM_STAGE')
    """
    written = text.replace("-", "_").upper()
    if not _COMPONENT.match(written):
        raise Refused("sdmx.component", found=repr(text), remedy="begin with a letter; use letters, digits and _")
    return written


def time_text(text: str, start: date, end: date) -> str:
    """A period as an SDMX observational time period; a range of two periods becomes a start and a duration.

    >>> time_text("2024", date(2024, 1, 1), date(2024, 12, 31))
    '2024'
    >>> time_text("2026-01/2026-05", date(2026, 1, 1), date(2026, 5, 31))
    '2026-01-01/P5M'
    """
    if "/" not in text:
        return text
    after = end + timedelta(days=1)
    months = (after.year - start.year) * 12 + after.month - start.month
    if start.day == after.day == 1:
        return f"{start}/P{months // 12}Y" if months % 12 == 0 else f"{start}/P{months}M"
    return f"{start}/P{(after - start).days}D"


@dataclass(frozen=True, slots=True)
class Code:
    """A code, a concept or an agency: what stands in a scheme."""

    id: str
    names: Names
    parent: str = ""


@dataclass(frozen=True)
class Artefact:
    """What every maintainable artefact has. ``version`` has two figures: code lists and structures grow with the pack."""

    agency: str
    id: str
    names: Names
    version: str = "1.0"
    descriptions: Names = field(default_factory=dict)

    @property
    def kind(self) -> str:
        return type(self).__name__

    @property
    def reference(self) -> str:
        return f"{self.agency}:{self.id}({self.version})"

    @property
    def urn(self) -> str:
        return f"urn:sdmx:org.sdmx.infomodel.{_PACKAGES[self.kind]}.{self.kind}={self.reference}"


@dataclass(frozen=True)
class Scheme(Artefact):
    """``partial`` where not every item is told."""

    items: Sequence[Code] = ()
    partial: bool = False

    def of(self, wanted: Container[str]) -> Scheme:
        """The same scheme with the wanted items alone, said to be partial where that leaves any out."""
        chosen = [each for each in self.items if each.id in wanted]
        return replace(self, items=chosen, partial=self.partial or len(chosen) < len(self.items))

    def with_parents(self, wanted: Iterable[str]) -> set[str]:
        """The wanted items and whatever they are parts of."""
        parents = {each.id: each.parent for each in self.items}
        found: set[str] = set()
        for item in wanted:
            while item and item not in found:
                found.add(item)
                item = parents.get(item, "")
        return found


class AgencyScheme(Scheme):
    """The agencies; ``agency`` is SDMX for the agencies of the first level."""


class Codelist(Scheme):
    """A closed list of codes."""


class ConceptScheme(Scheme):
    """The concepts that the components of data structures take their meaning from."""

    def urn_of(self, concept: str) -> str:
        return f"urn:sdmx:org.sdmx.infomodel.conceptscheme.Concept={self.reference}.{concept}"


@dataclass(frozen=True)
class Component:
    """A dimension, attribute or measure. Without a code list, ``text_type`` says what its values are."""

    id: str
    names: Names
    codelist: Codelist | None = None
    text_type: str = "String"


@dataclass(frozen=True)
class DataStructure(Artefact):
    """Dimensions in the order of the key, time last; the attributes all belong to the observation."""

    dimensions: Sequence[Component] = ()
    attributes: Sequence[Component] = ()
    measures: Sequence[Component] = ()
    concepts: ConceptScheme | None = None

    @property
    def key(self) -> tuple[str, ...]:
        """The dimensions of a series key: all but time."""
        return tuple(each.id for each in self.dimensions if each.id != TIME)

    def component(self, name: str) -> Component:
        """Raises Refused for a component that the structure does not have."""
        for each in (*self.dimensions, *self.attributes, *self.measures):
            if each.id == name:
                return each
        raise Refused(
            "sdmx.component_unknown",
            found=repr(name[:60]),
            remedy="use one of " + " ".join(each.id for each in (*self.dimensions, *self.measures, *self.attributes)),
        )

    @property
    def codelists(self) -> list[Codelist]:
        found = {each.codelist.id: each.codelist for each in (*self.dimensions, *self.attributes) if each.codelist}
        return list(found.values())


TIME: Final = "TIME_PERIOD"


@dataclass(frozen=True)
class Dataflow(Artefact):
    structure: DataStructure | None = None


@dataclass(frozen=True)
class DataConstraint(Artefact):
    """What a dataflow holds: codes by dimension, the time between two days, and how many observations and series."""

    flow: str = ""
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    time: tuple[date, date] | None = None
    observations: int = 0
    series: int = 0


def children(artefact: Artefact) -> list[Artefact]:
    """What an artefact refers to directly."""
    if isinstance(artefact, Dataflow) and artefact.structure:
        return [artefact.structure]
    if isinstance(artefact, DataStructure):
        concepts: list[Artefact] = [artefact.concepts] if artefact.concepts else []
        return [*concepts, *artefact.codelists]
    return []


def descendants(artefact: Artefact) -> list[Artefact]:
    below = children(artefact)
    return [*below, *(each for child in below for each in descendants(child))]


def unique(artefacts: Iterable[Artefact]) -> list[Artefact]:
    """Each artefact once, in the order in which it was first met."""
    return list({each.urn: each for each in artefacts}.values())
