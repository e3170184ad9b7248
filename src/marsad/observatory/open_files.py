"""Files of an edition at addresses that never change: ``/data/{dataflow}/{edition}/``; ``latest`` leads to the one in force."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control

from marsad.dissemination import queries as dissemination
from marsad.dissemination import queries_open as editions
from marsad.dissemination.queries import Point
from marsad.dissemination.rules import with_mark
from marsad.observatory.open_answers import Gone, NotFound, answered, etag, open_data
from marsad.observatory.open_rows import Selection, conf_status, obs_status
from marsad.observatory.open_structure import (
    ATTRIBUTES,
    FlowStructure,
    catalogue_now,
    catalogue_version,
    flow_structure,
)
from marsad.observatory.open_words import CODELISTS, COMPONENTS, names, names_of
from marsad.observatory.sdmx_data import beginning, message
from marsad.observatory.sdmx_negotiation import CSV, JSON, XML
from marsad.observatory.views_downloads import csv_lines
from marsad.web.words import LANGUAGES, said
from migstat.exchange.json_stat import GEO, TIME, Axis, CubeCell, collection, json_stat
from migstat.exchange.sdmx_message import Columns, DataSet
from migstat.exchange.sdmx_query import moment
from migstat.exchange.tabular import Field, Published, csvw, data_package
from migstat.model import Origin, Refused

LATEST: Final = "latest"
_SDMX: Final = {"sdmx.csv": CSV, "sdmx.json": JSON, "sdmx.xml": XML}
_STATES: Final = ("value", "withheld", "missing", "not_applicable")
_WORDS: Final = ("heading", "note_fr", "note_ar", "note_en")
_TOTAL: Final = "_T"


def asked_edition(code: str, number: str) -> tuple[FlowStructure, Any]:
    """The dataflow and its edition. Raises NotFound for what never was, Gone for what was withdrawn."""
    structure = flow_structure(code)
    if structure is None:
        raise NotFound("dataflow.unknown", found=repr(code[:60]), remedy="see /api/v1/dataflows")
    found = next((each for each in structure.editions if each.number == number), None)
    if found is not None:
        return structure, found
    withdrawn = dissemination.edition(code, number)
    stone = dissemination.tombstone_of(withdrawn) if withdrawn else None
    if stone is not None:
        raise Gone("edition.withdrawn", found=f"{code} {number}", remedy=stone.reason_en)
    raise NotFound(
        "edition.unknown", found=f"{code} {number}"[:80], remedy=f"see /api/v1/dataflows/{code[:60]}/editions"
    )


@open_data
def edition_file(request: HttpRequest, code: str, number: str, name: str) -> HttpResponseBase:
    """One file of an edition."""
    if number == LATEST:
        return _to_latest(request, code, name)
    structure, edition = asked_edition(code, number)
    language = asked_language(request)
    tag = etag(edition.checksum, catalogue_version(), name, language, request.get_host())
    file = f"{code}-{number}-{name}"
    if name in _SDMX:
        format = _SDMX[name]
        columns = Columns(structure.artefact, ("OBS_VALUE",), ATTRIBUTES)

        def write() -> Iterable[str]:
            sets = [DataSet(Selection(structure).rows(edition, columns))]
            return message(format, columns, sets, prepared=beginning(edition))

        return answered(request, tag, write, format.content_type, name=file)
    if name == "data.csv":
        return answered(request, tag, lambda: csv_of(structure, edition), "text/csv; charset=utf-8", name=file)
    documents: dict[str, tuple[str, Callable[[], Any]]] = {
        "data.csv-metadata.json": ("application/csvm+json", lambda: _csvw(request, structure, edition)),
        "datapackage.json": ("application/json", lambda: _package(request, structure, edition)),
        "jsonstat.json": ("application/json", lambda: _collection(request, structure, edition, language)),
    }
    if name in documents:
        content_type, describe = documents[name]
        return answered(request, tag, lambda: _json(describe()), content_type)
    raise NotFound("file.unknown", found=repr(name[:40]), remedy="use data.csv, " + ", ".join([*documents, *_SDMX]))


def _json(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False, indent=1).encode()


def _to_latest(request: HttpRequest, code: str, name: str) -> HttpResponseBase:
    """On to the edition in force, now or at ``asOf``: the address that is kept is the one with the number."""
    edition = edition_in_force(request, code)
    rest = request.GET.copy()
    rest.pop("asOf", None)
    query = f"?{rest.urlencode()}" if rest else ""
    answer = HttpResponseRedirect(f"/data/{code}/{edition.number}/{name}{query}")
    patch_cache_control(answer, no_cache=True)
    return answer


def edition_in_force(request: HttpRequest, code: str) -> Any:
    """The edition of a dataflow in force at ``asOf`` (now). Raises NotFound before the first."""
    as_of = request.GET.get("asOf", "")
    known = editions.editions_of(code)
    found = editions.latest_of(known, moment(as_of, "asOf").date() if as_of else None)
    if found is None:
        raise NotFound("edition.none", found=f"no edition of {code[:60]}", remedy="see /api/v1/dataflows")
    return found


def asked_language(request: HttpRequest) -> str:
    """``?lang=``, French where nothing is said. Raises Refused for another language."""
    return spoken(request.GET.get("lang", "fr"))


def spoken(language: str) -> str:
    """The language, where it is one of ours. Raises Refused for another."""
    if language not in LANGUAGES:
        raise Refused("language.unknown", found=repr(language[:10]), remedy="use fr, ar or en")
    return language


def fields_of(structure: FlowStructure) -> list[Field]:
    """The columns of the CSV file of a dataflow."""
    own = ["indicator", "area", "period"]
    known = catalogue_now()
    titles = {
        "indicator": "INDICATOR",
        "area": "REF_AREA",
        "period": "TIME_PERIOD",
        "value": "OBS_VALUE",
        "unit": "UNIT_MEASURE",
        "stock_or_flow": "STOCK_FLOW",
        "population_base": "POPULATION_BASE",
        "low": "LOWER_BOUND",
        "high": "UPPER_BOUND",
        "obs_status": "OBS_STATUS",
        "conf_status": "CONF_STATUS",
        **{name: name.upper() for name in (*_WORDS, "edition", "vintage", "source", "origin")},
    }

    def field(name: str, type: str = "string", values: tuple[str, ...] = (), required: bool = False) -> Field:
        component = COMPONENTS.get(titles.get(name, ""))
        return Field(name, names(component) if component else {"en": name}, type, values, required)

    def listed(name: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys((_TOTAL, *known.codes.get(name, {}))))

    return [
        *(field(name, required=True) for name in own),
        field("period_start", "date", required=True),
        field("period_end", "date", required=True),
        *(
            Field(name, {"en": name}, "string", tuple(dict.fromkeys((_TOTAL, *known.codes.get(name, {})))), True)
            for name in structure.lists
        ),
        field("state", values=_STATES, required=True),
        field("value", "number"),
        field("unit", required=True),
        field("stock_or_flow", values=tuple(CODELISTS["STOCK_FLOW"]), required=True),
        field("population_base", values=tuple(CODELISTS["POPULATION_BASE"]), required=True),
        field("low", "number"),
        field("high", "number"),
        field("obs_status", values=tuple(CODELISTS["OBS_STATUS"])),
        field("conf_status", values=tuple(CODELISTS["CONF_STATUS"]), required=True),
        *(field(name) for name in _WORDS),
        field("dataflow", required=True),
        field("edition", required=True),
        field("vintage"),
        field("source", required=True),
        field("origin", values=tuple(CODELISTS["ORIGIN"]), required=True),
    ]


def key_of(structure: FlowStructure) -> list[str]:
    """The columns that tell one observation from another."""
    return ["indicator", "area", "period", *structure.lists, "population_base"]


def csv_of(structure: FlowStructure, edition: Any) -> Iterator[str]:
    """The lines of the CSV file of an edition: plain codes, one column for each code list it breaks down by."""
    names_of_columns = [field.name for field in fields_of(structure)]
    rows = (_row(structure, point) for point in dissemination.edition_points(edition))
    return unmarked(csv_lines(names_of_columns, rows))


def unmarked(lines: Iterator[str]) -> Iterator[str]:
    """The lines without the byte order mark that spreadsheets like and programs stumble over."""
    yield next(lines).lstrip("\ufeff")
    yield from lines


def _row(structure: FlowStructure, point: Point) -> Mapping[str, Any]:
    return observation(point) | {name: point.breakdown.get(name, _TOTAL) for name in structure.lists}


def observation(point: Point) -> dict[str, Any]:
    """A point by the names of the open columns; a breakdown by its code lists. A cell without a number has None."""
    indicator = catalogue_now().indicators[point.indicator]
    return {
        "indicator": point.indicator,
        "area": point.area,
        "period": point.period,
        "period_start": point.period_start,
        "period_end": point.period_end,
        "state": point.state,
        "value": plain(point.value),
        "unit": indicator.unit_id,
        "stock_or_flow": str(indicator.kind),
        "population_base": point.base,
        "low": plain(point.low),
        "high": plain(point.high),
        "obs_status": obs_status(point),
        "conf_status": conf_status(point),
        "heading": point.heading,
        "note_fr": point.note_fr,
        "note_ar": point.note_ar,
        "note_en": point.note_en,
        "dataflow": point.dataflow,
        "edition": point.edition,
        "vintage": point.vintage,
        "source": point.source,
        "origin": point.origin,
    }


def plain(value: float | None) -> float | int | None:
    """A whole number without its decimal point: 515619, not 515619.0."""
    return int(value) if value is not None and value.is_integer() else value


def published(request: HttpRequest, edition: Any) -> Published:
    """What is said of an edition wherever it is described."""
    dataflow, source = edition.dataflow, edition.dataflow.source
    home = request.build_absolute_uri
    return Published(
        name=f"{dataflow.code}-{edition.number}".lower(),
        titles=names_of(dataflow, "title"),
        descriptions=names_of(dataflow, "description"),
        version=edition.number,
        issued=edition.published_on,
        licence=source.licence_en,
        licence_url=source.licence_url or home(f"/en/sources/{source.code}/"),
        publisher=said(source.publisher, "name", "en"),
        homepage=home(f"/en/datasets/{dataflow.code}/{edition.number}/"),
        source_title=said(source, "title", "en"),
        source_url=source.url,
    )


def _csvw(request: HttpRequest, structure: FlowStructure, edition: Any) -> dict[str, Any]:
    return csvw("data.csv", published(request, edition), fields_of(structure), key_of(structure))


def _package(request: HttpRequest, structure: FlowStructure, edition: Any) -> dict[str, Any]:
    return data_package("data.csv", published(request, edition), fields_of(structure), key_of(structure))


def _collection(request: HttpRequest, structure: FlowStructure, edition: Any, language: str) -> dict[str, Any]:
    known, root = catalogue_now(), f"/data/{structure.dataflow.code}/{edition.number}/jsonstat"
    items = [
        (
            _cube_title(known.indicators[code], edition, language),
            request.build_absolute_uri(f"{root}/{code}.json?lang={language}"),
        )
        for code in editions.indicators_of(edition)
    ]
    return collection(said(structure.dataflow, "title", language), items, updated=edition.published_on.isoformat())


def _cube_title(indicator: Any, edition: Any, language: str) -> str:
    """A cube has no field that says what is made up: its title does."""
    title = said(indicator, "name", language)
    return with_mark(title, language) if edition.origin == Origin.SYNTHETIC else title


@open_data
def indicator_cube(request: HttpRequest, code: str, number: str, indicator: str) -> HttpResponseBase:
    """One indicator of an edition as a JSON-stat cube: its places, periods, breakdowns and bases."""
    if number == LATEST:
        return _to_latest(request, code, f"jsonstat/{indicator}.json")
    _, edition = asked_edition(code, number)
    language = asked_language(request)
    tag = etag(edition.checksum, catalogue_version(), "jsonstat", indicator, language)

    def write() -> bytes:
        points = list(editions.in_series(editions.selected(edition, [{"indicator": frozenset({indicator})}])))
        if not points:
            raise NotFound(
                "indicator.not_in_edition", found=repr(indicator[:24]), remedy="see jsonstat.json of the edition"
            )
        return _json(_cube(points, edition, language))

    return answered(request, tag, write, "application/json")


def _cube(points: Sequence[Point], edition: Any, language: str) -> dict[str, Any]:
    known = catalogue_now()
    indicator = known.indicators[points[0].indicator]
    lists = sorted({name for point in points for name in point.breakdown})
    bases = CODELISTS["POPULATION_BASE"]

    def met(values: Iterable[str]) -> list[str]:
        return list(dict.fromkeys(values))

    axes = [
        Axis("area", getattr(COMPONENTS["REF_AREA"], language),
             {code: said(known.areas[code], "name", language) for code in met(p.area for p in points)}, GEO),
        Axis("period", getattr(COMPONENTS["TIME_PERIOD"], language),
             {text: text for text in met(p.period for p in sorted(points, key=lambda p: p.period_start))}, TIME),
        *(Axis(name, name, {code: _code_name(name, code, language)
                            for code in met(p.breakdown.get(name, _TOTAL) for p in points)}) for name in lists),
        Axis("population_base", getattr(COMPONENTS["POPULATION_BASE"], language),
             {code: getattr(bases[code], language) for code in met(p.base for p in points)}),
    ]  # fmt: skip
    cells = (
        CubeCell(
            (p.area, p.period, *(p.breakdown.get(name, _TOTAL) for name in lists), p.base),
            p.value,
            p.withheld_for or (obs_status(p) if obs_status(p) != "A" else ""),
        )
        for p in points
    )
    return json_stat(
        _cube_title(indicator, edition, language),
        axes,
        cells,
        source=said(edition.dataflow.source, "title", language),
        updated=edition.published_on.isoformat(),
        note=[said(indicator, "definition", language)],
        extension={"edition": edition.number, "unit": indicator.unit_id, "status": _statuses(language)},
    )


def _code_name(codelist: str, code: str, language: str) -> str:
    found = catalogue_now().codes.get(codelist, {}).get(code)
    return said(found, "name", language) if found else code


def _statuses(language: str) -> dict[str, str]:
    """What the statuses of cells mean."""
    listed = {**CODELISTS["OBS_STATUS"], **CODELISTS["CONF_STATUS"]}
    return {code: getattr(text, language) for code, text in listed.items()}
