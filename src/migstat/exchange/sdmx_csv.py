"""Data messages of SDMX-CSV 2.0, written and read: one line per observation."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from typing import Final

from migstat.exchange.sdmx_artefacts import TIME
from migstat.exchange.sdmx_message import Columns, DataSet, named_codes, text_of
from migstat.model import Refused

_ACTIONS: Final = {"Information": "I", "Append": "A", "Replace": "R", "Delete": "D"}
LABELS: Final = ("id", "name", "both")
KEYS: Final = ("none", "obs", "series", "both")


class _Line:
    """A file-like object that hands each written line back."""

    def write(self, line: str) -> str:
        return line


def sdmx_csv(
    columns: Columns, data_sets: Iterable[DataSet], *, labels: str = "id", keys: str = "none"
) -> Iterator[str]:
    """The lines of the message. ``labels`` adds the names of codes: ``name`` in columns of their own, ``both`` after the code.

    ``keys`` adds the key of the series, of the observation, or both. Raises Refused for other values of either.
    """
    if labels not in LABELS or keys not in KEYS:
        raise Refused("sdmx.csv", found=f"labels={labels[:20]!r} keys={keys[:20]!r}", remedy="labels=id, keys=none")
    return _lines(columns, data_sets, labels, keys)


def _lines(columns: Columns, data_sets: Iterable[DataSet], labels: str, keys: str) -> Iterator[str]:
    writer = csv.writer(_Line(), lineterminator="\r\n")
    names = named_codes(columns.components) if labels != "id" else {}
    yield writer.writerow(_header(columns, labels, keys))
    flow = columns.dataflow
    begin = ["dataflow", f"{flow.reference}: {flow.names.get('en', '')}" if labels == "both" else flow.reference]
    if labels == "name":
        begin.append(flow.names.get("en", ""))
    for data_set in data_sets:
        action = _ACTIONS[data_set.action]
        for row in data_set.rows:
            cells: list[str] = [*begin, action, *_keys(columns, row, keys)]
            for name, value in zip(columns.every, row, strict=True):
                text = text_of(value)
                label = names.get(name, {}).get(text, "")
                cells.append(f"{text}: {label}" if labels == "both" and label else text)
                if labels == "name":
                    cells.append(label)
            yield writer.writerow(cells)


def _header(columns: Columns, labels: str, keys: str) -> list[str]:
    header = ["STRUCTURE", "STRUCTURE_ID", *(["STRUCTURE_NAME"] if labels == "name" else []), "ACTION"]
    header += [name for name, of in (("SERIES_KEY", "series"), ("OBS_KEY", "obs")) if keys in {of, "both"}]
    for component in columns.components:
        words = component.names.get("en", "")
        header.append(f"{component.id}: {words}" if labels == "both" else component.id)
        if labels == "name":
            header.append(words)
    return header


def _keys(columns: Columns, row: Sequence[str | float | None], keys: str) -> list[str]:
    if keys == "none":
        return []
    places = range(len(columns.dimensions))
    series = ".".join(text_of(row[n]) for n in places if columns.dimensions[n] != TIME)
    whole = ".".join(text_of(row[n]) for n in places)
    return [text for text, of in ((series, "series"), (whole, "obs")) if keys in {of, "both"}]


def read_sdmx_csv(text: str) -> Iterator[dict[str, str]]:
    """The observations of a message in SDMX-CSV 2.0 with plain codes, as texts by component; ACTION included.

    Raises Refused when the first columns are not those of the format.
    """
    reader = csv.DictReader(StringIO(text, newline=""))
    if list(reader.fieldnames or [])[:2] != ["STRUCTURE", "STRUCTURE_ID"]:
        raise Refused("sdmx.csv", found="another first line", remedy="begin with STRUCTURE,STRUCTURE_ID")
    yield from reader
