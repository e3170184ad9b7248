"""A linkage model as frozen data: m and u of every level, frequencies' place in it, priors; and the weights it gives.

Fellegi and Sunter, "A theory for record linkage", JASA 64 (1969): a level that shows on a share m of the pairs of one person
and on a share u of the pairs of two persons weighs log2(m / u). Where two records have the very same value, the share of
chance agreement is that of this value (Winkler's frequency adjustment), so that a rare name says more than a frequent one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from marsad.production.linkage.plan import Field, FieldKind, LinkagePlan, Sign, digest_of
from marsad.production.linkage.records import Codes, Records

Floats = NDArray[np.float64]
Levels = NDArray[np.int8]
_NO_PAIR: Final = 1e-12


@dataclass(frozen=True)
class LinkageModel:
    """``m[field]`` and ``u[field]`` are shares by level, level 0 first; ``priors["a|b"]`` is the share of all pairs of a
    record of list a and one of list b that are one person (a = b: within the list)."""

    plan: LinkagePlan
    m: Mapping[str, tuple[float, ...]]
    u: Mapping[str, tuple[float, ...]]
    priors: Mapping[str, float]

    def to_mapping(self) -> dict[str, Any]:
        return {
            "plan": self.plan.to_mapping(),
            "m": {name: list(each) for name, each in self.m.items()},
            "u": {name: list(each) for name, each in self.u.items()},
            "priors": dict(self.priors),
        }

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> LinkageModel:
        return cls(
            LinkagePlan.from_mapping(mapping["plan"]),
            {name: tuple(each) for name, each in mapping["m"].items()},
            {name: tuple(each) for name, each in mapping["u"].items()},
            dict(mapping["priors"]),
        )

    @property
    def digest(self) -> str:
        return digest_of(self.to_mapping())


def levels_of(
    plan: LinkagePlan, records: Records, left: NDArray[np.int64], right: NDArray[np.int64]
) -> dict[str, Levels]:
    """For each field the level that each pair of records shows; -1 where one of them has no value."""
    return {field.name: _field_levels(plan, field, records, left, right) for field in plan.fields}


def _field_levels(plan: LinkagePlan, field: Field, records: Records, left: Any, right: Any) -> Levels:
    one, other = records.codes[field.name][left], records.codes[field.name][right]
    missing = (one < 0) | (other < 0)
    levels = np.zeros(len(left), np.int8)
    for place, sign in enumerate(reversed(field.levels[:-1]), 1):
        levels[_shows(plan, sign, field, records, left, right)] = place
    if field.kind is FieldKind.BIRTH:
        years = (records.years[left] < 0) | (records.years[right] < 0)
        missing &= years | (levels == 0) & years
    if field.swapped_with:
        # One value in the other's column is one sign, not two: the field that it was not found from says nothing
        told = (records.codes[field.swapped_with][left] == other) & (other >= 0)
        missing |= told & (levels < len(field.levels) - 1 - field.levels.index(Sign.SWAPPED))
    levels[missing] = -1
    return levels


def _shows(plan: LinkagePlan, sign: Sign, field: Field, records: Records, left: Any, right: Any) -> NDArray[np.bool_]:
    """Whether pairs show a sign, whatever stronger ones they show besides."""
    code = records.codes[field.name]
    one, other = code[left], code[right]
    found: NDArray[np.bool_]
    if sign is Sign.SAME:
        found = (one == other) & (one >= 0)
    elif sign is Sign.SWAPPED:
        crossed = records.codes[field.swapped_with]
        found = (one == crossed[right]) & (one >= 0)
    elif sign is Sign.SOUND:
        sound = records.sounds[field.name]
        found = (sound[left] == sound[right]) & (sound[left] >= 0)
    elif sign is Sign.YEAR:
        years = records.years
        found = (np.abs(years[left] - years[right]) <= 1) & (years[left] >= 0) & (years[right] >= 0)
    else:
        found = records.filters(field.kind).dice(one, other) >= threshold(plan, sign, field.kind)
    return found


def threshold(plan: LinkagePlan, sign: Sign, kind: FieldKind) -> float:
    """The Dice coefficient from which two filters are near or close."""
    if kind is FieldKind.BIRTH:
        return plan.near_birth
    return plan.near if sign is Sign.NEAR else plan.close


def frequencies(records: Records, field: str) -> Floats:
    """For each value of a field its share among the records that have one."""
    return _shares(records.codes[field])


def _shares(code: Codes) -> Floats:
    counts = np.bincount(code[code >= 0], minlength=int(code.max(initial=-1)) + 1).astype(np.float64)
    shares: Floats = counts / max(float(counts.sum()), 1.0)
    return shares


def weights_by_field(
    model: LinkageModel, records: Records, levels: Mapping[str, Levels], left: Any, right: Any
) -> dict[str, Floats]:
    """For each field the weight of evidence of each pair, in bits; 0 where a value is missing."""
    found = {}
    for field in model.plan.fields:
        m, u = (np.maximum(np.array(each[field.name]), _NO_PAIR) for each in (model.m, model.u))
        shown = levels[field.name]
        weight = np.where(shown < 0, 0.0, np.log2(m / u)[shown])
        top = len(m) - 1
        if adjusted(field):
            share = frequencies(records, field.name)
            same = shown == top
            value = records.codes[field.name][left[same]]
            weight[same] = np.log2(m[top] / np.maximum(share[value], _NO_PAIR))
        if Sign.SOUND in field.levels:
            alike = shown == top - field.levels.index(Sign.SOUND)
            share = _shares(records.sounds[field.name])
            value = records.sounds[field.name][left[alike]]
            # A frequent sound is shared by chance more often than the mean one, by its share over the mean share.
            weight[alike] -= np.log2(np.maximum(share[value], _NO_PAIR) / max(float((share**2).sum()), _NO_PAIR))
        found[field.name] = weight
    return found


def adjusted(field: Field) -> bool:
    """Whether the very same value weighs by how frequent it is."""
    return field.kind in (FieldKind.NAME, FieldKind.CODE)


def prior_key(one: str, other: str) -> str:
    return "|".join(sorted((one, other)))


def priors_of(
    records: Records, left: Any, right: Any, weight: Floats, start: float, rounds: int = 60
) -> dict[str, float]:
    """The share of one person among all pairs of each two lists, by EM over the compared pairs with m and u fixed.

    Pairs that were not compared, and those whose evidence is not above nothing, count as pairs of two persons. ``weight`` is
    the weight of evidence in bits.
    """
    speaking = weight > 0
    left, right, weight = left[speaking], right[speaking], weight[speaking]
    sizes = np.bincount(records.list_of, minlength=len(records.lists)).astype(np.float64)
    lists = len(records.lists)
    kinds = np.minimum(records.list_of[left], records.list_of[right]).astype(np.int64) * lists
    kinds += np.maximum(records.list_of[left], records.list_of[right])
    factors = np.exp2(np.clip(weight, -200, 200))
    found = {}
    for one in range(lists):
        for other in range(one, lists):
            factor = factors[kinds == one * lists + other]
            pairs = sizes[one] * (sizes[one] - 1) / 2 if one == other else sizes[one] * sizes[other]
            prior = start
            for _ in range(rounds):
                odds = prior / (1 - prior) * factor
                prior = float(np.clip((odds / (1 + odds)).sum() / max(pairs, 1.0), _NO_PAIR, 0.5))
            found[prior_key(records.lists[one], records.lists[other])] = prior
    return found


def log_odds(model: LinkageModel, records: Records, left: Any, right: Any, weight: Floats) -> Floats:
    """The natural logarithm of the odds that each pair is one person: its weight of evidence and the prior of its lists."""
    names = records.lists
    table = np.array([[model.priors.get(prior_key(one, other), _NO_PAIR) for other in names] for one in names])
    prior = np.clip(table[records.list_of[left], records.list_of[right]], _NO_PAIR, 0.5)
    found: Floats = weight * np.log(2) + np.log(prior) - np.log1p(-prior)
    return found
