"""Between the answers of a form and the dataflows of the store: structures, pseudonyms, and the places of a form."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import pyarrow as pa

from marsad.collection.instruments.definition import Definition
from marsad.collection.instruments.questions import Question
from marsad.collection.instruments.records import every_answer, findings
from marsad.collection.instruments.submission_xml import Entry, Places
from marsad.collection.keys import keys_for
from marsad.collection.models import CollectedDataflow
from marsad.collection.pseudonyms import PSEUDONYM, Pseudonymiser
from marsad.collection.queries_dataflows import dataflows_of, demand_authorised
from migstat.model.structure import DataStructure, Role

Dataflows = Mapping[str, CollectedDataflow]
_MOST_FINDINGS = 100


@lru_cache(maxsize=64)
def _places(questions: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]) -> Places:
    repeats = frozenset(repeat for _, _, around in questions for repeat in around)
    groups = frozenset(group for _, inside, _ in questions for group in inside)
    return Places(groups - repeats, repeats, frozenset(name for name, _, _ in questions))


def places(questions: Sequence[Question], elements: frozenset[str] = frozenset()) -> Places:
    """Where the answers of a form may stand; ``elements`` are all that its XForm has (``elements_of_form``)."""
    found = _places(tuple((one.name, one.groups, one.repeats) for one in questions))
    return replace(found, made=elements - found.groups - found.repeats - found.questions)


@lru_cache(maxsize=256)
def _structure(plain: str) -> DataStructure:
    return DataStructure.from_mapping(json.loads(plain))


def structures(dataflows: Dataflows) -> dict[str, DataStructure]:
    """The structure of each of some dataflows; the same text is read once."""
    return {code: _structure(json.dumps(flow.structure)) for code, flow in dataflows.items()}


def filled(definition: Definition) -> Dataflows:
    """The dataflows that an instrument fills, by code. Raises ``Refused("collection.dataflow")``."""
    return dataflows_of(definition.dataflows)


def authorised(definition: Definition) -> Dataflows:
    """The dataflows that an instrument fills.

    Raises ``Refused("collection.authorisation")`` while one of them has no number.
    """
    return {code: demand_authorised(flow) for code, flow in filled(definition).items()}


def pseudonymised(entry: Entry, definition: Definition, dataflows: Dataflows) -> Entry:
    """The same answers with every direct identifier replaced by what the store keeps of it; nothing else changes."""
    columns = structures(dataflows)
    for records in definition.records:
        structure = columns[records.dataflow]
        sources = {
            column.name: records.columns[column.name]
            for column in structure.with_role(Role.DIRECT_IDENTIFIER)
            if column.name in records.columns
        }
        if sources and {name for name, _ in every_answer(entry)} & set(sources.values()):
            purpose = dataflows[records.dataflow].purpose
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


@dataclass(frozen=True)
class Noted:
    """What stands beside the sealed answers: what is wrong with them, and the codes by which the board counts."""

    findings: tuple[str, ...]
    area: str
    outcome: str


def noted(entry: Entry, definition: Definition, questions: Sequence[Question], dataflows: Dataflows) -> Noted:
    """What is noted of answers whose direct identifiers are pseudonyms already."""
    found = findings(entry, definition, questions, structures(dataflows))
    said, board = entry.values, definition.board
    return Noted(
        tuple(str(one) for one in found[:_MOST_FINDINGS]),
        _counted(said.get(board.area, ""), board.area, questions),
        _counted(said.get(board.outcome, ""), board.outcome, questions),
    )


def _counted(said: str, name: str, questions: Sequence[Question]) -> str:
    """The code by which the board counts an answer: a choice that the form has; empty for any other text."""
    question = next((one for one in questions if one.name == name), None)
    if question is None:
        return ""
    return said if said in {choice.name for choice in question.choices} else ""
