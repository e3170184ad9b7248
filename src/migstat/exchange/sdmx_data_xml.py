"""Data messages of SDMX-ML 3.0 (structure-specific), written series by series as the rows come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from migstat.exchange.sdmx_header import ROOT, Header, attributes, header_xml, instant, xml
from migstat.exchange.sdmx_message import Columns, DataSet, Row, text_of


def sdmx_xml(header: Header, columns: Columns, data_sets: Iterable[DataSet]) -> Iterator[str]:
    """The parts of the message. A cell without a number has no OBS_VALUE; its status attributes say why."""
    space = namespace(columns)
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<mes:StructureSpecificData xmlns:mes="{ROOT}/message" xmlns:ss="{ROOT}/data/structurespecific" '
        f'xmlns:com="{ROOT}/common" xmlns:ns1="{xml(space)}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
    )
    yield header_xml(
        header,
        f'<mes:Structure structureID="{xml(columns.dataflow.id)}" namespace="{xml(space)}" '
        f'dimensionAtObservation="{columns.at_observation}">'
        f"<com:StructureUsage>{xml(columns.dataflow.urn)}</com:StructureUsage></mes:Structure>",
    )
    for data_set in data_sets:
        told = [
            ("ss:structureRef", columns.dataflow.id),
            ("xsi:type", "ns1:DataSetType"),
            ("ss:action", data_set.action),
            ("ss:validFromDate", instant(data_set.valid_from) if data_set.valid_from else None),
            ("ss:validToDate", instant(data_set.valid_to) if data_set.valid_to else None),
        ]
        yield f"<mes:DataSet{attributes(told)}>"
        yield from _series(columns, data_set.rows) if columns.in_series else _flat(columns, data_set.rows)
        yield "</mes:DataSet>"
    yield "</mes:StructureSpecificData>"


def namespace(columns: Columns) -> str:
    """The namespace of the schema made for this dataflow and this dimension at the observation."""
    return f"{columns.dataflow.urn}:ObsLevelDim:{columns.at_observation}"


def _flat(columns: Columns, rows: Iterable[Row]) -> Iterator[str]:
    for row in rows:
        yield f"<Obs{attributes(zip(columns.every, map(text_of, row), strict=True))}/>"


def _series(columns: Columns, rows: Iterable[Row]) -> Iterator[str]:
    names = [columns.every[n] for n in columns.series_places]
    inside = [(columns.every[n], n) for n in columns.observation_places]
    for key, group in columns.series(rows):
        yield f"<Series{attributes(zip(names, map(text_of, key), strict=True))}>"
        for row in group:
            yield f"<Obs{attributes((name, text_of(row[n])) for name, n in inside)}/>"
        yield "</Series>"
