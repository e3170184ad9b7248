"""How often two persons agree by chance: u, among random pairs and among the strangers that a blocking brings together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from marsad.production.linkage.frozen_model import frequencies, levels_of
from marsad.production.linkage.plan import FieldKind, LinkagePlan
from marsad.production.linkage.records import Records

Shares = Mapping[str, tuple[float, ...]]
LEAST_U: Final = 1e-7
_SAMPLED_PAIRS: Final = 1_000_000
_DRAWN_PAIRS: Final = 200_000
# How many pairs the u of random pairs counts for beside the strangers that a blocking brings.
_PAIRS_OF_U: Final = 100


def chance_agreements(plan: LinkagePlan, records: Records, *, seed: int) -> Shares:
    """u of every level: its share among random pairs of records, nearly all of two persons; ``same`` exactly.

    A number is shared by few strangers: its ``same`` is the share of pairs that have it and whose other fields all differ.
    """
    dice = np.random.default_rng(seed)
    left, right = dice.integers(0, len(records), (2, _SAMPLED_PAIRS))
    left, right = left[left != right], right[left != right]
    found = {}
    for field, levels in zip(plan.fields, levels_of(plan, records, left, right).values(), strict=True):
        shares = np.bincount(levels[levels >= 0], minlength=len(field.levels)) / max((levels >= 0).sum(), 1)
        if field.kind is not FieldKind.BIRTH:
            shares[-1] = (frequencies(records, field.name) ** 2).sum()
        found[field.name] = floored(shares, LEAST_U)
    for name in plan.of_kind(FieldKind.NUMBER):
        same = found[name][-1] * _strangers_of_a_number(plan, records, found, name, dice)
        found[name] = floored([1 - same, same], LEAST_U)
    return found


def _strangers_of_a_number(
    plan: LinkagePlan, records: Records, u: Shares, number: str, dice: np.random.Generator
) -> float:
    """Of the pairs that share a number, the part that are two persons: nearly all who share one are one person.

    That is the share whose other fields all differ, over the chance that those of strangers do.
    """
    column = records.codes[number]
    left, right = _drawn_pairs([column], dice)
    if not len(left):
        return 1.0
    differ, chance, told = np.ones(len(left), np.bool_), np.ones(len(left)), np.zeros(len(left), np.bool_)
    for name, shown in levels_of(plan, records, left, right).items():
        if name != number:
            differ &= shown <= 0
            chance[shown >= 0] *= u[name][0]
            told |= shown >= 0
    pairs = pairs_of([column])
    return min(1.0, float((pairs * (differ & told).mean() + 0.5) / (pairs * chance.mean() + 1)))


def among_strangers(plan: LinkagePlan, records: Records, u: Shares, rule: tuple[str, ...], *, seed: int) -> Shares:
    """u of the codes among the pairs of a blocking that are of two persons for certain: names, births and numbers all differ.

    Who has one given name has one sex, and a family name goes with a citizenship: with u of random pairs EM would take
    strangers of one name for one person, the more of them the larger the lists. A few pairs of u stand beside what is seen,
    for where few are.
    """
    codes = [one for one in plan.fields if one.kind is FieldKind.CODE]
    telling = [one.name for one in plan.fields if one.kind is not FieldKind.CODE and one.name not in rule]
    columns = [records.codes[name] for name in rule]
    left, right = _drawn_pairs(columns, np.random.default_rng([seed, 1]))
    if not len(left):
        return {}
    levels = levels_of(plan, records, left, right)
    strangers = np.all([levels[name] == 0 for name in telling], axis=0) & bool(telling)
    drawn_from = min(1.0, pairs_of(columns) / len(left))
    found = {}
    for field in codes:
        shown = levels[field.name][strangers]
        seen = np.bincount(shown[shown >= 0], minlength=len(field.levels)) * drawn_from
        found[field.name] = floored(seen + _PAIRS_OF_U * np.asarray(u[field.name]), LEAST_U)
    return found


def pairs_of(columns: Sequence[NDArray[Any]]) -> int:
    """How many pairs of records agree in all columns; a missing value agrees with none."""
    present = np.all([column >= 0 for column in columns], axis=0)
    named = {f"c{place}": column[present] for place, column in enumerate(columns)}
    sizes = np.asarray(pa.table(named).group_by(list(named)).aggregate([([], "count_all")]).column("count_all"))
    return int((sizes * (sizes - 1) // 2).sum())


def _drawn_pairs(columns: Sequence[NDArray[Any]], dice: np.random.Generator) -> tuple[Any, Any]:
    """Pairs of records that agree in all columns, drawn one by one with the same chance each."""
    present = np.flatnonzero(np.all([column >= 0 for column in columns], axis=0))
    _, label = np.unique(np.column_stack([column[present] for column in columns]), axis=0, return_inverse=True)
    order, sizes = present[np.argsort(label, kind="stable")], np.bincount(label)
    pairs = sizes * (sizes - 1) / 2
    if not pairs.sum():
        return order[:0], order[:0]
    group = dice.choice(len(sizes), _DRAWN_PAIRS, p=pairs / pairs.sum())
    one = dice.integers(sizes[group])
    other = dice.integers(sizes[group] - 1)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])[group]
    return order[starts + one], order[starts + other + (other >= one)]


def floored(shares: Any, least: float) -> tuple[float, ...]:
    """Shares that sum to one, none of them under ``least`` before that."""
    floored = np.maximum(np.asarray(shares, dtype=np.float64), least)
    return tuple(float(each) for each in floored / floored.sum())
