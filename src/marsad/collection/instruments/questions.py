"""The questions of a questionnaire as its reviewers and its answers see them, read from the rows of an XLSForm."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from migstat.model.refusals import Refused

Row = Mapping[str, Any]
Sheets = Mapping[str, Sequence[Row]]
LANGUAGES = ("fr", "ar", "en")
_LANGUAGE = re.compile(r"^(?P<name>[a-z_ ]+)::\s*(?:.*\((?P<code>[a-z]{2})\)|(?P<bare>[a-z]{2}))\s*$", re.IGNORECASE)

CHOICE_TYPES = frozenset({"select_one", "select_multiple", "rank"})
FILE_TYPES = frozenset({"image", "audio", "video", "file"})
# The choices stand in a table that comes with the form.
_FROM_FILE = {"select_one_from_file": "select_one", "select_multiple_from_file": "select_multiple"}
# Rows that bring a table in and ask nothing.
_TABLES = frozenset({"csv-external", "xml-external"})
SILENT_TYPES = frozenset({"note", "acknowledge"})
COMPUTED_TYPES = frozenset({"calculate", "hidden", "start", "end", "today"})
ASKED_TYPES = frozenset(
    {"text", "integer", "decimal", "date", "time", "dateTime", "range", "geopoint", "geotrace", "geoshape", "barcode"}
    | CHOICE_TYPES | FILE_TYPES
)  # fmt: skip
# What would tell who fills the form, or on which telephone.
TRACKING_TYPES = frozenset(
    {"deviceid", "subscriberid", "simserial", "phonenumber", "email", "username", "audit", "device_id", "phone_number"}
    | {"start-geopoint", "background-geopoint", "background-audio"}
)
# pyxform would add a question without a name, a language or a privacy class of its own.
_OR_OTHER = re.compile(r"\bor[ _](specify[ _])?other\b", re.IGNORECASE)
_YES = frozenset({"yes", "true", "true()"})
# The words of a questionnaire beside the label and the hint that every reader needs, where one language has them.
_MORE_WORDS = ("guidance_hint", "required_message")
_SAME = {"select all that apply": "select_multiple", "select1": "select_one", "trigger": "acknowledge",
         "photo": "image", "select one": "select_one", "select multiple": "select_multiple", "int": "integer",
         "string": "text", "location": "geopoint", "gps": "geopoint", "begin_group": "begin group",
         "begin_repeat": "begin repeat", "end_group": "end group", "end_repeat": "end repeat",
         "datetime": "dateTime"}  # fmt: skip


@dataclass(frozen=True)
class Choice:
    name: str
    label: Mapping[str, str]


@dataclass(frozen=True)
class Question:
    """One row that asks, says or computes something. ``label``, ``hint`` and ``message`` are words by language.

    ``file`` is the table that holds the choices, with the columns of their names and labels; empty for a list of the form.
    """

    name: str
    type: str
    groups: tuple[str, ...] = ()
    repeats: tuple[str, ...] = ()
    label: Mapping[str, str] = field(default_factory=dict)
    hint: Mapping[str, str] = field(default_factory=dict)
    message: Mapping[str, str] = field(default_factory=dict)
    required: str = ""
    relevant: str = ""
    constraint: str = ""
    calculation: str = ""
    choices: tuple[Choice, ...] = ()
    file: str = ""
    value_column: str = ""
    label_column: str = ""

    @property
    def repeat(self) -> str:
        """The innermost repeat that the question stands in; empty outside any."""
        return self.repeats[-1] if self.repeats else ""

    @property
    def holds_answer(self) -> bool:
        return self.type != "note"

    @classmethod
    def from_mapping(cls, plain: Mapping[str, Any]) -> Question:
        choices = tuple(Choice(one["name"], one["label"]) for one in plain["choices"])
        return cls(
            **{**plain, "groups": tuple(plain["groups"]), "repeats": tuple(plain["repeats"]), "choices": choices}
        )

    def to_mapping(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Group:
    """A group or a repeat, with the groups around it."""

    name: str
    repeated: bool
    groups: tuple[str, ...]
    label: Mapping[str, str]


def words(row: Row, name: str) -> dict[str, str]:
    """The texts of a column in every language that the row has it in."""
    found = {}
    for column, value in row.items():
        match = _LANGUAGE.match(column)
        if match and match["name"].strip() == name and str(value or "").strip():
            found[(match["code"] or match["bare"]).lower()] = str(value).strip()
    return found


def _type(row: Row) -> tuple[str, str]:
    said = " ".join(str(row.get("type") or "").split())
    for old, new in _SAME.items():
        if said == old or said.startswith(f"{old} "):
            said = new + said[len(old) :]
            break
    if said.startswith(("begin ", "end ")):
        return said, ""
    kind, _, rest = said.partition(" ")
    return kind, rest.removeprefix("from ").split(" ")[0]


def _choices(sheets: Sheets) -> dict[str, tuple[Choice, ...]]:
    lists: dict[str, list[Choice]] = {}
    for row in sheets.get("choices", ()):
        name = str(row.get("list_name") or row.get("list name") or "").strip()
        if name:
            lists.setdefault(name, []).append(
                Choice(str(row.get("name") or row.get("value") or "").strip(), words(row, "label"))
            )
    return {name: tuple(choices) for name, choices in lists.items()}


def walk(sheets: Sheets) -> Iterator[Question | Group]:
    """The rows in their order. Raises ``Refused`` for a row of a type that no questionnaire of the city may have."""
    lists = _choices(sheets)
    around: list[Group] = []
    for number, row in enumerate(sheets.get("survey", ()), start=2):
        kind, list_name = _type(row)
        if not kind or kind in _TABLES or str(row.get("disabled") or "").strip().lower() in _YES:
            continue
        name = str(row.get("name") or "").strip()
        inside = tuple(group.name for group in around)
        if kind in ("begin group", "begin repeat"):
            around.append(Group(name, kind == "begin repeat", inside, words(row, "label")))
            yield around[-1]
        elif kind in ("end group", "end repeat"):
            if not around:
                raise Refused(
                    "instruments.groups", found=f"an end without its beginning, row {number}", remedy="pair them"
                )
            around.pop()
        else:
            _demand_known(kind, number)
            _demand_own_other(row, number)
            repeats = tuple(group.name for group in around if group.repeated)
            yield _question(row, kind, lists.get(list_name, ()), groups=inside, repeats=repeats)


def _demand_known(kind: str, number: int) -> None:
    if kind in TRACKING_TYPES:
        raise Refused(
            "instruments.tracking",
            found=f"a question of type {kind}, row {number}",
            remedy="leave it out: it would tell who fills the form or on which device",
        )
    if kind not in ASKED_TYPES | COMPUTED_TYPES | SILENT_TYPES | _FROM_FILE.keys():
        raise Refused(
            "instruments.type", found=f"the type {kind[:30]!r}, row {number}", remedy="use a type of the list"
        )


def _demand_own_other(row: Row, number: int) -> None:
    if _OR_OTHER.search(str(row.get("type") or "")):
        raise Refused(
            "instruments.type",
            found=f"a list that ends with or_other, row {number}",
            remedy="give the list a choice of that kind and ask for its words in a question of their own",
        )


def _question(
    row: Row, kind: str, choices: tuple[Choice, ...], *, groups: tuple[str, ...], repeats: tuple[str, ...]
) -> Question:
    def text(*names: str) -> str:
        return next((str(row[name]).strip() for name in names if str(row.get(name) or "").strip()), "")

    return Question(
        name=text("name"),
        type=_FROM_FILE.get(kind, kind),
        groups=groups,
        repeats=repeats,
        label=words(row, "label"),
        hint=words(row, "hint"),
        message=words(row, "constraint_message"),
        required=text("required"),
        relevant=text("relevant", "relevance"),
        constraint=text("constraint"),
        calculation=text("calculation"),
        choices=choices,
        **(_table(row, text("parameters")) if kind in _FROM_FILE else {}),
    )


def _table(row: Row, parameters: str) -> dict[str, str]:
    """The table of a question whose choices stand in a file: XLSForm names its columns ``name`` and ``label`` unless told."""
    said = dict(re.findall(r"(\w+)\s*=\s*([^\s,;]+)", parameters))
    return {
        "file": _type(row)[1],
        "value_column": said.get("value", "name"),
        "label_column": said.get("label", "label"),
    }


def read_questions(sheets: Sheets) -> tuple[Question, ...]:
    """Every question in its order; names stand once in the whole form, so that an answer is found by its name."""
    found = list(walk(sheets))
    names = [one.name for one in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise Refused(
            "instruments.name_twice", found=f"the name {twice[0]}", remedy="give each question a name of its own"
        )
    return tuple(one for one in found if isinstance(one, Question))


def missing_words(sheets: Sheets) -> tuple[str, ...]:
    """Where a language is missing, as ``"question age: label, ar"``; empty for a form that everybody can read."""
    found = []
    for one in walk(sheets):
        kind = "group" if isinstance(one, Group) else "question"
        silent = isinstance(one, Question) and one.type in COMPUTED_TYPES
        if not silent:
            found += _missing(f"{kind} {one.name}: label", one.label, needed=isinstance(one, Question))
        if isinstance(one, Question):
            found += _missing(f"question {one.name}: hint", one.hint, needed=False)
            found += _missing(f"question {one.name}: message", one.message, needed=bool(one.constraint))
    for row in sheets.get("survey", ()):
        for kind in _MORE_WORDS:
            found += _missing(f"question {row.get('name', '')}: {kind}", words(row, kind), needed=False)
    for name, choices in _choices(sheets).items():
        for choice in choices:
            found += _missing(f"choice {name}/{choice.name}: label", choice.label, needed=True)
    return tuple(found)


def _missing(where: str, said: Mapping[str, str], *, needed: bool) -> list[str]:
    if not said and not needed:
        return []
    return [f"{where}, {language}" for language in LANGUAGES if not said.get(language)]
