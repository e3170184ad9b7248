"""What a linkage compares and where it looks for pairs, as frozen data with a digest. No values of anybody stand here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from migstat.model.refusals import Refused


class FieldKind(StrEnum):
    """How a field can agree: names by spelling and sound, births by day and year, numbers and codes when they are equal."""

    NAME = "name"
    BIRTH = "birth"
    NUMBER = "number"
    CODE = "code"


class Sign(StrEnum):
    """What comparing two records can show in one field: the levels, in words. ``MISSING`` counts neither for nor against."""

    SAME = "same"
    SWAPPED = "swapped"
    NEAR = "near"
    SOUND = "sound"
    CLOSE = "close"
    YEAR = "year"
    OTHER = "other"
    MISSING = "missing"


# The levels of each kind from the strongest sign to none, as Splink numbers them from the top down to 0.
LEVELS: Final[Mapping[FieldKind, tuple[Sign, ...]]] = {
    FieldKind.NAME: (Sign.SAME, Sign.SWAPPED, Sign.NEAR, Sign.SOUND, Sign.CLOSE, Sign.OTHER),
    FieldKind.BIRTH: (Sign.SAME, Sign.NEAR, Sign.YEAR, Sign.OTHER),
    FieldKind.NUMBER: (Sign.SAME, Sign.OTHER),
    FieldKind.CODE: (Sign.SAME, Sign.OTHER),
}
BANDS: Final = 8
BITS_OF_A_BAND: Final = 39


@dataclass(frozen=True)
class Field:
    """A column that at least two of the lists have. ``swapped_with`` is the other name field, where there is one."""

    name: str
    kind: FieldKind
    swapped_with: str = ""

    @property
    def levels(self) -> tuple[Sign, ...]:
        """The levels of this field, strongest first."""
        levels = LEVELS[self.kind]
        return levels if self.swapped_with else tuple(one for one in levels if one is not Sign.SWAPPED)

    def sign(self, level: int) -> Sign:
        """What a level number says: -1 is missing, 0 the last level."""
        return Sign.MISSING if level < 0 else self.levels[len(self.levels) - 1 - level]


@dataclass(frozen=True)
class LinkagePlan:
    """Fields, blocking rules (each a set of columns that two records share to be compared at all) and limits.

    ``near`` and ``close`` are Dice coefficients of two filters; ``near_birth`` the one of two dates' filters;
    ``keep_from`` the match probability under which a pair is forgotten, ``link_from`` the one from which it is a link;
    ``most_pairs`` the largest number of pairs that is compared.
    """

    fields: tuple[Field, ...]
    blocking_rules: tuple[tuple[str, ...], ...]
    near: float = 0.8
    close: float = 0.62
    near_birth: float = 0.7
    keep_from: float = 0.01
    link_from: float = 0.5
    most_pairs: int = 20_000_000

    def field(self, name: str) -> Field:
        return next(one for one in self.fields if one.name == name)

    def of_kind(self, kind: FieldKind) -> tuple[str, ...]:
        return tuple(one.name for one in self.fields if one.kind is kind)

    def to_mapping(self) -> dict[str, Any]:
        """Plain data for JSON; ``LinkagePlan.from_mapping`` reads it back as the same plan."""
        limits = {name: getattr(self, name) for name in _LIMITS}
        return {
            "fields": [[one.name, one.kind.value, one.swapped_with] for one in self.fields],
            "blocking_rules": [list(rule) for rule in self.blocking_rules],
            **limits,
        }

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> LinkagePlan:
        fields = tuple(Field(name, FieldKind(kind), other) for name, kind, other in mapping["fields"])
        rules = tuple(tuple(rule) for rule in mapping["blocking_rules"])
        return cls(fields, rules, **{name: mapping[name] for name in _LIMITS})

    def with_rules(self, rules: Sequence[tuple[str, ...]]) -> LinkagePlan:
        return replace(self, blocking_rules=tuple(rules))

    @property
    def digest(self) -> str:
        return digest_of(self.to_mapping())


_LIMITS = ("near", "close", "near_birth", "keep_from", "link_from", "most_pairs")


def digest_of(value: Any) -> str:
    """SHA-256 of plain data, in hexadecimal; the same for equal data."""
    words = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(words.encode()).hexdigest()


def plan_for(fields: Sequence[Field]) -> LinkagePlan:
    """A plan for the fields that lists share. Raises ``Refused("linkage.fields")`` where they could tell nobody apart.

    Pairs are looked for where a number, the names or the birth is the same, where names sound the same and the years of
    birth and more agree, where sex, citizenship and years agree, and where a band of the filters is the same (a few bits of
    all filters together: locality-sensitive hashing, Karapiperis and Verykios, "An LSH-based blocking approach with a
    homomorphic matching technique", IEEE TKDE 27(4), 2015). Rules are taken in this order while ``most_pairs`` lasts.
    """
    names = [one.name for one in fields if one.kind is FieldKind.NAME]
    births = [one.name for one in fields if one.kind is FieldKind.BIRTH]
    numbers = [one.name for one in fields if one.kind is FieldKind.NUMBER]
    codes = [one.name for one in fields if one.kind is FieldKind.CODE]
    if not numbers and (len(names) < 2 or not births) and (not names or not births or not codes):
        raise Refused(
            "linkage.fields",
            found="lists that share too few columns that tell persons apart",
            remedy="link lists with names and birth, or with a number that they share",
        )
    sounds = [f"{name}.sound" for name in names]
    rules: list[tuple[str, ...]] = [(number,) for number in numbers]
    if len(names) >= 2:
        rules += [tuple(names), *([tuple(sounds)] if not births else [])]
    rules += [(birth,) for birth in births]
    if births:
        shifts = ("years.0", "years.1")
        rules += [(*sounds, shift) for shift in shifts if len(sounds) >= 2]
        rules += [(f"band.{number}",) for number in range(BANDS) if len(names) >= 2]
        rules += [(sound, shift, *codes) for sound in sounds for shift in shifts]
        rules += [(*codes, shift) for shift in shifts if codes]
    return LinkagePlan(tuple(fields), tuple(dict.fromkeys(rules)))
