"""Between the answers of a form and the dataflows of the store: structures, pseudonyms, and the places of a form."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from functools import lru_cache

import pyarrow as pa

from marsad.collection.instruments.definition import Definition
from marsad.collection.instruments.questions import Question
from marsad.collection.instruments.submission_xml import Entry, Places
from marsad.collection.keys import keys_for
from marsad.collection.pseudonyms import PSEUDONYM, Pseudonymiser
from marsad.collection.queries_dataflows import collected_dataflow, collecting, structure_of
from migstat.model.structure import DataStructure, Role


@lru_cache(maxsize=64)
def _places(questions: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]) -> Places:
    repeats = frozenset(repeat for _, _, around in questions for repeat in around)
    groups = frozenset(group for _, inside, _ in questions for group in inside)
    return Places(groups - repeats, repeats, frozenset(name for name, _, _ in questions))


def places(questions: Sequence[Question]) -> Places:
    """Where the answers of a form may stand."""
    return _places(tuple((one.name, one.groups, one.repeats) for one in questions))


def structures(definition: Definition) -> dict[str, DataStructure]:
    """The structures of the dataflows that an instrument fills. Raises ``Refused("collection.dataflow")``."""
    return {code: structure_of(code) for code in definition.dataflows}


def demand_authorised(definition: Definition) -> None:
    """Raises ``Refused("collection.authorisation")`` while a dataflow that the instrument fills has no number."""
    for code in definition.dataflows:
        collecting(code)


def pseudonymised(entry: Entry, definition: Definition, columns: Mapping[str, DataStructure]) -> Entry:
    """The same answers with every direct identifier replaced by what the store keeps of it; nothing else changes."""
    for records in definition.records:
        structure = columns[records.dataflow]
        sources = {
            column.name: records.columns[column.name]
            for column in structure.with_role(Role.DIRECT_IDENTIFIER)
            if column.name in records.columns
        }
        if sources:
            purpose = collected_dataflow(records.dataflow).purpose
            entry = _replaced(entry, sources, Pseudonymiser(structure, purpose, keys_for(purpose)))
    return entry


def _replaced(entry: Entry, sources: Mapping[str, str], pseudonymiser: Pseudonymiser) -> Entry:
    values = dict(entry.values)
    found = {column: values.pop(name) for column, name in sources.items() if name in values}
    if found:
        table = pseudonymiser.apply(pa.table({column: [value] for column, value in found.items()}))
        values |= {name: _text(cells[0]) for name, cells in table.to_pydict().items() if cells[0] is not None}
    turns = {name: [_replaced(turn, sources, pseudonymiser) for turn in inner] for name, inner in entry.repeats.items()}
    return Entry(values, turns)


def _text(cell: str | bytes) -> str:
    return base64.b64encode(cell).decode("ascii") if isinstance(cell, bytes) else cell


def pseudonyms_in(entry: Entry) -> set[str]:
    """Every pseudonym among the answers, through all repeats."""
    found = {value for name, value in entry.values.items() if name.endswith(PSEUDONYM)}
    return found.union(*(pseudonyms_in(turn) for inner in entry.repeats.values() for turn in inner))


def counted(said: str, name: str, questions: Sequence[Question]) -> str:
    """The code by which the board counts an answer: a choice that the form has; empty for any other text."""
    question = next((one for one in questions if one.name == name), None)
    if question is None:
        return ""
    return said if said in {choice.name for choice in question.choices} else ""
