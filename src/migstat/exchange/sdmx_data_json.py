"""Data messages of SDMX-JSON 2.0. The data sets come first and the structure that explains their indices after them, so that
the message is written while the rows come, with no more in memory than the codes that were met."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

from migstat.exchange.sdmx_artefacts import TIME, Component
from migstat.exchange.sdmx_header import Header, header_json, instant, named
from migstat.exchange.sdmx_message import Columns, DataSet, Row

_SCHEMA: Final = (
    "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/data-message/tools/schemas/2.0.0/"
    "sdmx-json-data-schema.json"
)


class _Codes:
    """The values of a coded component met so far, each with its index."""

    def __init__(self, component: Component) -> None:
        self.component = component
        self.met: dict[str, int] = {}

    def index(self, code: str) -> int:
        return self.met.setdefault(code, len(self.met))

    def values(self) -> list[dict[str, Any]]:
        if self.component.codelist is None:
            return [{"value": code} for code in self.met]
        known = {code.id: code.names for code in self.component.codelist.items}
        return [{"id": code, **named(known.get(code) or {"en": code})} for code in self.met]


def sdmx_json(header: Header, columns: Columns, data_sets: Iterable[DataSet]) -> Iterator[str]:
    """The parts of the message. A cell without a number has ``null`` for its value; its attributes say why."""
    coded = {each.id: _Codes(each) for each in columns.components if each.codelist or each.id == TIME}
    yield f'{{"meta":{_json(header_json(header, _SCHEMA))},"data":{{"dataSets":['
    for number, data_set in enumerate(data_sets):
        told: dict[str, Any] = {"structure": 0, "action": data_set.action, "links": [_link(columns)]}
        for name, moment in (("validFrom", data_set.valid_from), ("validTo", data_set.valid_to)):
            if moment:
                told[name] = instant(moment)
        yield f"{',' if number else ''}{_json(told)[:-1]},"
        rows = data_set.rows
        yield from _series(columns, rows, coded) if columns.in_series else _flat(columns, rows, coded)
        yield "}"
    yield f'],"structures":[{_json(_structure(columns, coded))}]}}}}'


def _json(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _link(columns: Columns) -> dict[str, str]:
    return {"rel": "dataflow", "urn": columns.dataflow.urn}


def _flat(columns: Columns, rows: Iterable[Row], coded: dict[str, _Codes]) -> Iterator[str]:
    yield '"observations":{'
    for number, row in enumerate(rows):
        yield f"{',' if number else ''}{_observation(columns, row, range(len(columns.dimensions)), coded)}"
    yield "}"


def _series(columns: Columns, rows: Iterable[Row], coded: dict[str, _Codes]) -> Iterator[str]:
    yield '"series":{'
    inside = [columns.dimensions.index(columns.at_observation)]
    for number, (key, group) in enumerate(columns.series(rows)):
        names = (columns.every[n] for n in columns.series_places)
        at = ":".join(str(coded[name].index(str(code))) for name, code in zip(names, key, strict=True))
        observations = ",".join(_observation(columns, row, inside, coded) for row in group)
        yield f'{"," if number else ""}"{at}":{{"observations":{{{observations}}}}}'
    yield "}"


def _observation(columns: Columns, row: Row, places: Iterable[int], coded: dict[str, _Codes]) -> str:
    at = ":".join(str(coded[columns.every[n]].index(str(row[n]))) for n in places)
    values: list[Any] = []
    for name, value in zip(columns.every[len(columns.dimensions) :], row[len(columns.dimensions) :], strict=True):
        if value is None or value == "":
            values.append(None)
        elif name in coded:
            values.append(coded[name].index(str(value)))
        else:
            values.append(int(value) if isinstance(value, float) and value.is_integer() else value)
    while values and values[-1] is None and len(values) > len(columns.measures):
        values.pop()
    return f'"{at}":{_json(values)}'


def _structure(columns: Columns, coded: dict[str, _Codes]) -> dict[str, Any]:
    met = {name for name, codes in coded.items() if codes.met}
    dimensions: dict[str, list[dict[str, Any]]] = {"dataSet": [], "series": [], "observation": []}
    for position, component in enumerate(columns.structure.dimensions):
        level = "series" if columns.in_series and component.id != columns.at_observation else "observation"
        if component.id in met:
            told = {"id": component.id, **named(component.names), "keyPosition": position}
            dimensions[level].append({**told, "values": coded[component.id].values()})
    attributes = [
        {
            "id": each.id,
            **named(each.names),
            "relationship": {"observation": {}},
            **({"values": coded[each.id].values()} if each.id in met else {}),
        }
        for each in map(columns.structure.component, columns.attributes)
    ]
    measures = [{"id": each.id, **named(each.names)} for each in map(columns.structure.component, columns.measures)]
    return {
        **named(columns.dataflow.names),
        "links": [_link(columns)],
        "dimensions": dimensions,
        "measures": {"observation": measures},
        "attributes": {"dataSet": [], "dimensionGroup": [], "series": [], "observation": attributes},
    }
