"""What an instrument is for, and where its answers go: read from its ``instrument.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from marsad.collection.instruments.questions import FILE_TYPES, Question
from marsad.web.privacy import PrivacyClass
from migstat.model.refusals import Refused
from migstat.model.structure import DataStructure, Role

LANGUAGES = ("fr", "ar", "en")
_PARTS = {"geopoint": ("latitude", "longitude")}


@dataclass(frozen=True)
class Records:
    """Rows of one dataflow: one a submission, or one each turn of ``repeat``. ``columns``: column -> source.

    A source is a question's name, or ``question/choice`` for one choice of a select_multiple (yes or no), or
    ``question/latitude`` and ``question/longitude`` for a place.
    """

    dataflow: str
    columns: Mapping[str, str]
    repeat: str = ""


@dataclass(frozen=True)
class Board:
    """What the board of fieldwork counts by: the question of the area, and the one of the outcome of the visit."""

    area: str = ""
    outcome: str = ""
    completed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Consent:
    question: str = ""
    given: str = ""


@dataclass(frozen=True)
class Definition:
    code: str
    title: Mapping[str, str]
    purpose: Mapping[str, str]
    records: tuple[Records, ...]
    privacy: Mapping[str, str]
    board: Board = field(default_factory=Board)
    consent: Consent = field(default_factory=Consent)

    @classmethod
    def from_mapping(cls, plain: Mapping[str, Any]) -> Definition:
        """Raises ``Refused("instruments.definition")`` for a field that is missing or has another shape."""
        try:
            classes = {str(name): str(PrivacyClass(kind)) for kind, names in plain["privacy"].items() for name in names}
            return cls(
                code=str(plain["code"]),
                title={language: str(plain[f"title_{language}"]) for language in LANGUAGES},
                purpose={language: str(plain[f"purpose_{language}"]) for language in LANGUAGES},
                records=tuple(
                    Records(str(one["dataflow"]), dict(one["columns"]), str(one.get("repeat", "")))
                    for one in plain["records"]
                ),
                privacy=classes,
                board=Board(
                    **{**plain.get("board", {}), "completed": tuple(plain.get("board", {}).get("completed", ()))}
                ),
                consent=Consent(**plain.get("consent", {})),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise Refused(
                "instruments.definition",
                found=f"{type(error).__name__}: {error}"[:200],
                remedy="see docs/questionnaires.md",
            ) from None

    def to_mapping(self) -> dict[str, Any]:
        kinds = sorted(set(self.privacy.values()))
        return {
            "code": self.code,
            **{f"title_{language}": self.title[language] for language in LANGUAGES},
            **{f"purpose_{language}": self.purpose[language] for language in LANGUAGES},
            "records": [
                {"dataflow": one.dataflow, "columns": dict(one.columns), "repeat": one.repeat} for one in self.records
            ],
            "privacy": {kind: [name for name, said in self.privacy.items() if said == kind] for kind in kinds},
            "board": {"area": self.board.area, "outcome": self.board.outcome, "completed": list(self.board.completed)},
            "consent": {"question": self.consent.question, "given": self.consent.given},
        }

    @property
    def dataflows(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.dataflow for one in self.records))


def read_definition(path: Path) -> Definition:
    return Definition.from_mapping(tomllib.loads(path.read_text(encoding="utf-8")))


def class_problems(definition: Definition, questions: Sequence[Question]) -> tuple[str, ...]:
    """Questions without a privacy class, classes without a question, and sources that no question gives."""
    names = {one.name: one for one in questions if one.holds_answer}
    found = [f"{name}: no privacy class" for name in names if name not in definition.privacy]
    found += [f"{name}: no such question" for name in definition.privacy if name not in names]
    if not definition.records:
        # Without a dataflow there is no purpose, no legal basis, no authorisation and no retention.
        found.append("records: no dataflow is filled")
    for records in definition.records:
        found += [
            f"{column}: {why}" for column, source in records.columns.items() if (why := _no_source(source, names))
        ]
    for name in (definition.board.area, definition.board.outcome, definition.consent.question):
        if name and name not in names:
            found.append(f"{name}: no such question")
    repeats = {question.repeat for question in questions}
    found += [f"{one.repeat}: no such repeat" for one in definition.records if one.repeat and one.repeat not in repeats]
    return tuple(found)


def _no_source(source: str, names: Mapping[str, Question]) -> str:
    name, _, part = source.partition("/")
    question = names.get(name)
    if question is None:
        return f"no question {name}"
    if question.type in FILE_TYPES:
        return f"{name} is a file, which no column holds"
    parts = _PARTS.get(question.type, tuple(choice.name for choice in question.choices))
    return f"{name} has no part {part}" if part and part not in parts else ""


def structure_problems(definition: Definition, structures: Mapping[str, DataStructure]) -> tuple[str, ...]:
    """Columns that the dataflow does not have, and columns it demands that no question fills."""
    found: list[str] = []
    for records in definition.records:
        structure = structures[records.dataflow]
        known = {column.name for column in structure.columns}
        found += [f"{records.dataflow}.{name}: no such column" for name in records.columns if name not in known]
        found += [
            f"{records.dataflow}.{column.name}: no question fills it"
            for column in structure.columns
            if column.required and column.name not in records.columns and column.role is not Role.WEIGHT
        ]
    return tuple(found)


def demand_none(rule: str, problems: Iterable[str]) -> None:
    found = list(problems)
    if found:
        raise Refused(rule, found="; ".join(found[:8]), remedy="correct instrument.toml")
