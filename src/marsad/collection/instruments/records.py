"""From answers to rows of dataflows, and what is wrong with an answer before anybody uses it."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from marsad.collection.instruments.definition import Definition, Records
from marsad.collection.instruments.questions import COMPUTED_TYPES, FILE_TYPES, Question
from marsad.collection.instruments.submission_xml import Entry
from marsad.collection.pseudonyms import BLOOM, PSEUDONYM, SOUND, stored_columns
from migstat.model.structure import Column, DataStructure, Kind

# About a hundred metres: enough for a neighbourhood, too coarse for a door.
PLACE_DECIMALS = 3
# The code by which a person declines one question; it is an answer, and no choice of a list of several.
DECLINED = "prefer_not_to_say"
_WHOLE = re.compile(r"-?[0-9]{1,15}")
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?([eE]-?[0-9]{1,2})?")
_YES_NO = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
Structures = Mapping[str, DataStructure]


@dataclass(frozen=True, order=True)
class Finding:
    """What is wrong with the answer to a question; never the answer itself."""

    question: str
    rule: str

    def __str__(self) -> str:
        return f"{self.question}:{self.rule}"


def coarse_place(text: str) -> str:
    """A geopoint without its metres: latitude and longitude to three decimals, no height, no precision.

    >>> coarse_place("34.020882 -6.841650 75.0 4.0")
    '34.021 -6.842'
    """
    parts = text.split()
    if len(parts) < 2 or not all(_NUMBER.fullmatch(part) for part in parts[:2]):
        return text
    return " ".join(f"{float(part):.{PLACE_DECIMALS}f}" for part in parts[:2])


def without_metres(entry: Entry, questions: Sequence[Question]) -> Entry:
    """The same answers with every place made coarse, before anything is written."""
    places = {question.name for question in questions if question.type in {"geopoint", "geotrace", "geoshape"}}

    def read(one: Entry) -> Entry:
        values = {
            name: ";".join(coarse_place(point) for point in value.split(";")) if name in places else value
            for name, value in one.values.items()
        }
        return Entry(values, {name: [read(turn) for turn in turns] for name, turns in one.repeats.items()})

    return read(entry)


def turns(entry: Entry, repeat: str) -> Iterator[dict[str, str]]:
    """The answers of each turn of a repeat with those around it; of the form itself where ``repeat`` is empty."""
    if not repeat:
        yield dict(entry.values)
        return
    yield from _within(entry, repeat, {})


def _within(entry: Entry, repeat: str, around: Mapping[str, str]) -> Iterator[dict[str, str]]:
    values = {**around, **entry.values}
    for name, inner in entry.repeats.items():
        for turn in inner:
            if name == repeat:
                yield {**values, **turn.values}
            else:
                yield from _within(turn, repeat, values)


def told(records: Records, entry: Entry) -> list[dict[str, str]]:
    """What the answers tell of the persons of a dataflow: each turn of its repeat, or the form where it has none."""
    return list(turns(entry, records.repeat)) or [dict(entry.values)]


def every_answer(entry: Entry) -> Iterator[tuple[str, str]]:
    """Each question that was answered, with its answer, through all repeats."""
    yield from entry.values.items()
    for inner in entry.repeats.values():
        for turn in inner:
            yield from every_answer(turn)


def cell(source: str, column: Column, values: Mapping[str, str], questions: Mapping[str, Question]) -> Any:
    """The value of a column: of its kind, or None where nothing was answered. Raises ``ValueError`` for another kind."""
    name, _, part = source.partition("/")
    said = values.get(name, "")
    if not said:
        return None
    if part and questions[name].type == "geopoint":
        return float(said.split()[("latitude", "longitude").index(part)])
    if part:
        chosen = said.split()
        return None if DECLINED in chosen and part != DECLINED else part in chosen
    return _of_kind(said, column.kind)


def _of_kind(said: str, kind: Kind) -> Any:
    if kind is Kind.INTEGER:
        if not _WHOLE.fullmatch(said):
            raise ValueError(kind)
        return int(said)
    if kind is Kind.NUMBER:
        if not _NUMBER.fullmatch(said):
            raise ValueError(kind)
        return float(said)
    if kind is Kind.DATE:
        return date.fromisoformat(said[:10])
    if kind is Kind.BOOLEAN:
        return None if said == DECLINED else _yes_or_no(said)
    return said


def _yes_or_no(said: str) -> bool:
    if said not in _YES_NO:
        raise ValueError(Kind.BOOLEAN)
    return _YES_NO[said]


def rows(
    records: Records, entry: Entry, structure: DataStructure, questions: Sequence[Question]
) -> list[dict[str, Any]]:
    """One row for each turn, with the columns that the store keeps, in their order; what no question fills is None."""
    by_name = {question.name: question for question in questions}
    return [
        {name: _stored(name, records, structure, values, by_name) for name in stored_columns(structure)}
        for values in turns(entry, records.repeat)
    ]


def _stored(
    name: str, records: Records, structure: DataStructure, values: Mapping[str, str], questions: Mapping[str, Question]
) -> Any:
    if name.endswith(BLOOM):
        return base64.b64decode(values[name]) if name in values else None
    if name.endswith((PSEUDONYM, SOUND)):
        return values.get(name)
    source = records.columns.get(name, "")
    return cell(source, structure.column(name), values, questions) if source else None


def findings(
    entry: Entry, definition: Definition, questions: Sequence[Question], structures: Structures
) -> list[Finding]:
    """Everything wrong with the answers, each once: types, choices, consent, and what the dataflow demands."""
    by_name = {question.name: question for question in questions}
    found = {
        Finding(name, rule)
        for name, said in every_answer(entry)
        if name in by_name and (rule := _fault(said, by_name[name]))
    }
    refused = _without_consent(entry, definition, by_name)
    found |= refused
    if not refused and consented(entry, definition):
        for records in definition.records:
            found |= _demanded(records, entry, structures[records.dataflow])
    return sorted(found)


def consented(entry: Entry, definition: Definition) -> bool:
    """Whether the answers may become rows: an instrument that asks for consent has it."""
    consent = definition.consent
    return not consent.question or entry.values.get(consent.question) == consent.given


def _fault(said: str, question: Question) -> str:
    names = {choice.name for choice in question.choices}
    if question.type in {"select_one", "select_multiple", "rank"} and names:
        chosen = said.split() if question.type != "select_one" else [said]
        if not set(chosen) <= names:
            return "unknown_choice"
        return "declined_and_chosen" if DECLINED in chosen and len(chosen) > 1 else ""
    return _not_of_type(said, question.type)


def _not_of_type(said: str, kind: str) -> str:
    if kind == "integer":
        return "" if _WHOLE.fullmatch(said) else "not_whole"
    if kind in {"decimal", "range"}:
        return "" if _NUMBER.fullmatch(said) else "not_a_number"
    if kind in {"date", "today"}:
        return "" if _is_date(said) else "not_a_date"
    if kind == "geopoint":
        return "" if _is_place(said) else "not_a_place"
    return ""


def _is_date(said: str) -> bool:
    try:
        datetime.fromisoformat(said)
    except ValueError:
        return False
    return True


def _is_place(said: str) -> bool:
    parts = said.split()
    if not 2 <= len(parts) <= 4 or not all(_NUMBER.fullmatch(part) for part in parts):
        return False
    return abs(float(parts[0])) <= 90 and abs(float(parts[1])) <= 180


def _without_consent(entry: Entry, definition: Definition, questions: Mapping[str, Question]) -> set[Finding]:
    if consented(entry, definition):
        return set()
    allowed = {definition.consent.question, definition.board.area, definition.board.outcome}
    kept = {
        name
        for name, _ in every_answer(entry)
        if name not in allowed
        and name in questions
        and questions[name].type not in COMPUTED_TYPES | FILE_TYPES
        and definition.privacy.get(name) != "internal"
    }
    return {Finding(definition.consent.question, "answers_without_consent")} if kept else set()


def _demanded(records: Records, entry: Entry, structure: DataStructure) -> set[Finding]:
    found = set()
    for values in turns(entry, records.repeat):
        for column in structure.columns:
            source = records.columns.get(column.name, "").partition("/")[0]
            said = values.get(source, "") or values.get(column.name + PSEUDONYM, "")
            if column.required and source and not said:
                found.add(Finding(source, "needed"))
            elif said and _NUMBER.fullmatch(said) and _out_of_bounds(float(said), column):
                found.add(Finding(source, "out_of_bounds"))
    return found


def _out_of_bounds(value: float, column: Column) -> bool:
    if column.kind not in (Kind.INTEGER, Kind.NUMBER):
        return False
    low = column.minimum is not None and value < column.minimum
    return low or (column.maximum is not None and value > column.maximum)
