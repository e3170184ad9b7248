"""The data structure of each dataflow, made from what the catalogue and the editions say: one dimension for each code list by
which any of its editions breaks down. A structure that gains a dimension gets the next version."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Final

from marsad.catalogue import queries as catalogue
from marsad.dissemination import queries as dissemination
from marsad.dissemination import queries_open as editions
from marsad.observatory import open_words as words
from marsad.observatory.city import city
from marsad.observatory.page_cache import shelf
from migstat.exchange.sdmx_artefacts import (
    TIME,
    TOTAL,
    AgencyScheme,
    Artefact,
    Code,
    Codelist,
    Component,
    ConceptScheme,
    Dataflow,
    DataStructure,
    code_id,
    component_id,
)

ATTRIBUTES: Final = (
    "OBS_STATUS",
    "CONF_STATUS",
    "LOWER_BOUND",
    "UPPER_BOUND",
    "UNIT_MEASURE",
    "STOCK_FLOW",
    "METHOD",
    "SOURCE",
    "VINTAGE",
    "EDITION",
    "ORIGIN",
    "HEADING",
    "NOTE_FR",
    "NOTE_AR",
    "NOTE_EN",
)
_NUMBERS: Final = frozenset({"OBS_VALUE", "LOWER_BOUND", "UPPER_BOUND"})
_FIXED: Final = {"INDICATOR": "indicator", "REF_AREA": "area", "POPULATION_BASE": "base"}


@dataclass(frozen=True)
class FlowStructure:
    """A dataflow with its structure, its editions, and the way back from SDMX identifiers to the catalogue's codes."""

    dataflow: Any
    editions: Sequence[Any]
    artefact: Dataflow
    lists: tuple[str, ...]

    @cached_property
    def columns(self) -> dict[str, str]:
        """Column of the observation, or code list of its breakdown, by dimension."""
        return {**_FIXED, **{component_id(name): name for name in self.lists}}

    @cached_property
    def areas(self) -> dict[str, str]:
        """Area by its SDMX code: dots are lost in it, so the way back is a table."""
        return {code_id(area): area for area in catalogue_now().areas}

    def code(self, dimension: str, written: str) -> str:
        return self.areas.get(written, written) if dimension == "REF_AREA" else written


@dataclass(frozen=True)
class Catalogue:
    """Everything that names a code, read once per load of the city pack."""

    indicators: Mapping[str, Any]
    areas: Mapping[str, Any]
    units: Mapping[str, Any]
    codes: Mapping[str, Mapping[str, Any]]
    concepts: ConceptScheme
    codelists: Mapping[str, Codelist]


def agency() -> str:
    """The agency of every artefact: the city's code in capitals."""
    return code_id(str(city()["code"]).upper())


def catalogue_now() -> Catalogue:
    """The catalogue as the latest publication shows it."""
    return _catalogue(shelf.current())


def catalogue_version() -> str:
    """Changes with every load of the catalogue, whose names and codes a message carries; the same in every process."""
    return "/".join(shelf.current() or ("none",))


@lru_cache(maxsize=2)
def _catalogue(version: tuple[str, str] | None) -> Catalogue:
    codes = catalogue.every_code()
    indicators = {each.code: each for each in catalogue.indicators()}
    areas = {each.code: each for each in catalogue.areas()}
    units = {each.code: each for each in catalogue.units()}
    own = agency()
    lists = {
        "INDICATOR": _codelist(
            own, "INDICATOR", [Code(code_id(i.code), words.names_of(i)) for i in indicators.values()]
        ),
        "REF_AREA": _codelist(own, "REF_AREA", [_area(each) for each in areas.values()]),
        "UNIT_MEASURE": _codelist(
            own, "UNIT_MEASURE", [Code(code_id(u.code), words.names_of(u)) for u in units.values()]
        ),
    }
    for name, coded in words.CODELISTS.items():
        lists[name] = _codelist(own, name, [Code(code, words.names(text)) for code, text in coded.items()])
    for name, rows in codes.items():
        lists[component_id(name)] = _codelist(own, component_id(name), _with_total(rows.values()))
    concepts = [Code(name, words.names(text)) for name, text in words.COMPONENTS.items()]
    concepts += [Code(component_id(name), _list_names(name)) for name in codes]
    scheme = ConceptScheme(own, "CS_MARSAD", words.names(words.CONCEPTS), items=concepts)
    return Catalogue(indicators, areas, units, codes, scheme, lists)


def _codelist(own: str, name: str, items: Sequence[Code]) -> Codelist:
    text = words.COMPONENTS.get(name)
    return Codelist(own, f"CL_{name}", words.names(text) if text else _list_names(name), items=items)


def _list_names(name: str) -> dict[str, str]:
    """A code list of the pack has a code and no words of its own."""
    plain = name.replace("_", " ").capitalize()
    return dict.fromkeys(("fr", "ar", "en"), plain)


def _area(area: Any) -> Code:
    return Code(code_id(area.code), words.names_of(area), code_id(area.parent_id) if area.parent_id else "")


def _with_total(rows: Iterable[Any]) -> list[Code]:
    """The codes of a list and, where it has none, the total: what a cell that is not broken down by it is about."""
    items = [Code(code_id(row.code), words.names_of(row), code_id(row.parent) if row.parent else "") for row in rows]
    if not any(item.id == TOTAL for item in items):
        items.insert(0, Code(TOTAL, words.names(words.TOTAL)))
    return items


def flow_structure(code: str) -> FlowStructure | None:
    """The structure of a dataflow over all of its editions; None for a dataflow that does not exist."""
    dataflow = editions.dataflow(code)
    if dataflow is None:
        return None
    return _structure_of(dataflow, editions.editions_of(code))


def _structure_of(dataflow: Any, published: Sequence[Any]) -> FlowStructure:
    """The structure over the editions of a dataflow, earliest first."""
    lists_of = editions.breakdown_lists_of(published)
    seen: list[frozenset[str]] = []
    for edition in published:
        lists = lists_of[edition.pk] | (seen[-1] if seen else frozenset())
        if not seen or lists != seen[-1]:
            seen.append(lists)
    names = tuple(sorted(seen[-1])) if seen else ()
    version = f"{max(1, len(seen))}.0"
    return FlowStructure(dataflow, published, _artefact(dataflow, names, version), names)


def _artefact(dataflow: Any, lists: Sequence[str], version: str) -> Dataflow:
    known = catalogue_now()
    dimensions = ["INDICATOR", "REF_AREA", *map(component_id, lists), "POPULATION_BASE", TIME]
    own, titles = agency(), words.names_of(dataflow, "title")
    structure = DataStructure(
        own,
        f"DSD_{code_id(dataflow.code)}",
        {language: f"{getattr(words.STRUCTURE, language)}{title}" for language, title in titles.items()},
        version,
        dimensions=[_component(known, name) for name in dimensions],
        attributes=[_component(known, name) for name in ATTRIBUTES],
        measures=[_component(known, "OBS_VALUE")],
        concepts=known.concepts,
    )
    descriptions = words.names_of(dataflow, "description")
    return Dataflow(own, code_id(dataflow.code), titles, version, descriptions, structure)


def _component(known: Catalogue, name: str) -> Component:
    named = words.COMPONENTS.get(name)
    names = words.names(named) if named else _list_names(name)
    if name == TIME:
        return Component(name, names, text_type="ObservationalTimePeriod")
    return Component(name, names, known.codelists.get(name), "Double" if name in _NUMBERS else "String")


def agencies() -> AgencyScheme:
    return AgencyScheme(
        "SDMX", "AGENCIES", words.names(words.AGENCIES), items=[Code(agency(), words.names_of(city(), "observatory"))]
    )


def every_artefact() -> list[Artefact]:
    """Every artefact of the service: agencies, concepts, code lists, and each dataflow with its structure."""
    known = catalogue_now()
    published: dict[str, list[Any]] = defaultdict(list)
    for edition in editions.every_standing():
        published[edition.dataflow_id].append(edition)
    editions.breakdown_lists_of(edition for each in published.values() for edition in each)
    named = dissemination.dataflows().prefetch_related(None)
    flows = [_structure_of(each, published[each.code]) for each in named]
    structures = [found.artefact.structure for found in flows if found.artefact.structure]
    return [
        agencies(),
        known.concepts,
        *known.codelists.values(),
        *structures,
        *(found.artefact for found in flows),
    ]
