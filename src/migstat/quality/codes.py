"""Codes as partners write them: in another system, by name, without their leading zeros. What could be two is asked."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from migstat.quality.plain_words import cleaned, plain, western_digits


class CodeSystem(StrEnum):
    """How the values of one column are written."""

    CODE = "code"
    ISO2 = "iso2"
    UNHCR = "unhcr"
    NUMBER = "number"
    NAME = "name"


@dataclass(frozen=True)
class KnownCode:
    """One code with its names and its other spellings; ``number`` is its digits where codes are numbers with zeros."""

    id: str
    names: tuple[str, ...] = ()
    iso2: str = ""
    unhcr: str = ""
    numbers: tuple[str, ...] = ()
    confused_with: tuple[str, ...] = ()


@dataclass(frozen=True)
class CodeMatch:
    """``code`` is None where the value is unknown or could be several; ``proposals`` are then the codes to ask about."""

    code: str | None
    proposals: tuple[str, ...] = ()
    ambiguous: bool = False
    shortened: bool = False


_MOST_PROPOSALS = 5
_SIMILAR = 0.72


@dataclass
class CodeIndex:
    """The spellings of one code list. ``answers`` are the partner's own answers to earlier questions, by spelling."""

    codes: tuple[KnownCode, ...]
    answers: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._known = {code.id: code for code in self.codes}
        self._spellings: dict[CodeSystem, dict[str, tuple[str, ...]]] = {
            system: _collected(self.codes, system) for system in CodeSystem
        }
        self._answers = {plain(said): code for said, code in self.answers.items() if code in self._known}

    def recognise(self, values: Iterable[str]) -> CodeSystem:
        """The system in which most of the distinct values are codes; the list's own where several fit as well."""
        distinct = set(values)
        fits = {
            system: sum(_key(system, value) in known for value in distinct) for system, known in self._spellings.items()
        }
        return max(CodeSystem, key=lambda system: (fits[system], -list(CodeSystem).index(system)))

    def share_known(self, values: Iterable[str]) -> float:
        """The share of distinct values that some system knows, for recognising which column holds this list."""
        distinct = set(values)
        known = sum(any(_key(s, value) in self._spellings[s] for s in CodeSystem) for value in distinct)
        return known / len(distinct) if distinct else 0.0

    def match(self, value: str, system: CodeSystem, *, propose: bool = True) -> CodeMatch:
        """The code that a value means in a system. A name that is easily confused with another is asked, never guessed.

        Without ``propose`` no similar spelling is looked for, which takes longer than all else.

        >>> index = CodeIndex((KnownCode("NER", ("Niger",), confused_with=("NGA",)), KnownCode("NGA", ("Nigeria",))))
        >>> index.match("NER", CodeSystem.CODE).code, index.match("Niger", CodeSystem.NAME)
        ('NER', CodeMatch(code=None, proposals=('NER', 'NGA'), ambiguous=True, shortened=False))
        """
        if plain(value) in self._answers:
            return CodeMatch(self._answers[plain(value)])
        found = self._spellings[system].get(_key(system, value), ())
        if len(found) == 1 and not (system is CodeSystem.NAME and self._known[found[0]].confused_with):
            short = system is CodeSystem.NUMBER and _digits(value) not in self._known[found[0]].numbers
            return CodeMatch(found[0], shortened=short and value != found[0])
        if found:
            return CodeMatch(None, self._with_confused(found), ambiguous=True)
        return self._elsewhere(value, system, propose)

    def _elsewhere(self, value: str, system: CodeSystem, propose: bool) -> CodeMatch:
        """A spelling of another system: taken where it is certain, asked where it could be two."""
        others = [
            code
            for other in CodeSystem
            if other is not system
            for code in self._spellings[other].get(_key(other, value), ())
        ]
        meant = tuple(dict.fromkeys(others))
        # Names are confused with each other, codes are not.
        by_code = self._spellings[CodeSystem.CODE].get(_key(CodeSystem.CODE, value), ())
        if len(meant) == 1 and (by_code or not self._known[meant[0]].confused_with):
            numbers = self._known[meant[0]].numbers
            by_number = meant[0] in self._spellings[CodeSystem.NUMBER].get(_key(CodeSystem.NUMBER, value), ())
            return CodeMatch(meant[0], shortened=by_number and _digits(value) not in numbers)
        if meant:
            return CodeMatch(None, self._with_confused(meant), ambiguous=True)
        near = self._nearest(value) if propose else ()
        return CodeMatch(None, near, ambiguous=any(self._known[code].confused_with for code in near[:1]))

    def _with_confused(self, codes: tuple[str, ...]) -> tuple[str, ...]:
        others = (other for code in codes for other in self._known[code].confused_with if other in self._known)
        return tuple(dict.fromkeys((*codes, *others)))[:_MOST_PROPOSALS]

    def _nearest(self, value: str) -> tuple[str, ...]:
        names = self._spellings[CodeSystem.NAME] | {
            key.casefold(): ids for key, ids in self._spellings[CodeSystem.CODE].items()
        }
        close = difflib.get_close_matches(plain(value), list(names), n=3, cutoff=_SIMILAR)
        found = tuple(code for name in close for code in names[name])
        return self._with_confused(tuple(dict.fromkeys(found)))


def _digits(value: str) -> str:
    return "".join(letter for letter in western_digits(value) if letter.isdigit())


def _key(system: CodeSystem, value: str) -> str:
    said = cleaned(value)
    if system is CodeSystem.NAME:
        return plain(said)
    if system is not CodeSystem.NUMBER:
        return said.upper()
    digits = _digits(said)
    lone = (
        said.replace(".", "").replace(" ", "").removesuffix("0")
        if said.endswith(".0") and said.count(".") == 1
        else said
    )
    return digits.lstrip("0") if digits and not any(letter.isalpha() for letter in lone) else "\x00"


def _collected(codes: tuple[KnownCode, ...], system: CodeSystem) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for code in codes:
        spellings = {
            CodeSystem.CODE: (code.id,),
            CodeSystem.ISO2: (code.iso2,),
            CodeSystem.UNHCR: (code.unhcr,),
            CodeSystem.NUMBER: code.numbers,
            CodeSystem.NAME: code.names,
        }[system]
        for key in {_key(system, spelling) for spelling in spellings if spelling}:
            found.setdefault(key, []).append(code.id)
    return {key: tuple(ids) for key, ids in found.items()}


def asked(values: Counter[str], index: CodeIndex, system: CodeSystem) -> dict[str, CodeMatch]:
    """The values of a column that need an answer, the most frequent first, with the codes to choose from."""
    matches = {value: index.match(value, system) for value, _ in values.most_common()}
    return {value: match for value, match in matches.items() if match.code is None}
