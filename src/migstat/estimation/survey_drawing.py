"""Drawing a sample that anybody can draw again, with chances known exactly.

Each unit's random number is the SHA-256 of the seed and its code: the same on every machine and in every version, whatever
the order of the frame (permanent random numbers; Ohlsson 1995, in *Business Survey Methods*, ch. 9). Areas are drawn with
probability proportional to size, systematically in the frame's order, in whole numbers (Madow 1949, Annals of Mathematical
Statistics 20). Probabilities are fractions, not floating-point numbers: they add up without remainder.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from migstat.model import Refused

_LONGEST_SEED = 80


@dataclass(frozen=True, slots=True)
class DrawnUnit:
    """A unit of the sample: its ``row`` in the frame, and all that its chance is made of.

    Its group (the stratum, or in two stages the ``cluster``: the area of the first stage) holds ``held`` units, of which
    ``drawn`` were drawn; ``first`` is the chance of that area to be drawn, 1 in one stage, and ``certain`` says that it was
    sure. ``rank`` is the place in the order of the draw. Units of the ``reserve`` follow those of the sample in that order:
    once k more of a group are released, ``drawn`` is k larger for all of the group, and nothing else changes.
    """

    row: int
    stratum: str
    rank: int
    drawn: int
    held: int
    first: Fraction = Fraction(1)
    cluster: str | None = None
    certain: bool = False
    reserve: bool = False

    @property
    def probability(self) -> Fraction:
        return self.first * Fraction(self.drawn, self.held)

    @property
    def weight(self) -> float:
        return float(1 / self.probability)


def random_number(seed: str, code: str) -> bytes:
    """The number by which units are put in order, of 256 bits. Raises Refused ``survey.seed``."""
    if not seed or len(seed) > _LONGEST_SEED or "\n" in seed:
        raise Refused(
            "survey.seed", found="an empty or long seed", remedy=f"give one line of 1 to {_LONGEST_SEED} signs"
        )
    return hashlib.sha256(f"{seed}\n{code}".encode()).digest()


def in_drawing_order(codes: Sequence[str], rows: Sequence[int], seed: str) -> list[int]:
    """``rows`` in the order in which they are drawn: the first n are a simple random sample of n."""
    return sorted(rows, key=lambda row: (random_number(seed, codes[row]), codes[row]))


def draw_stratified(
    codes: Sequence[str],
    strata: Sequence[str],
    allocation: Mapping[str, int],
    seed: str,
    *,
    reserve: Mapping[str, int] | None = None,
) -> list[DrawnUnit]:
    """A simple random sample without replacement in every stratum, and so many more units in reserve.

    Raises Refused: ``survey.seed``, ``survey.codes`` for a code that stands twice, ``survey.strata`` for a stratum without
    allocation, ``survey.sample_large``.
    """
    _demand_codes(codes, strata)
    drawn: list[DrawnUnit] = []
    for stratum, rows in _grouped(range(len(codes)), strata).items():
        if stratum not in allocation:
            raise Refused("survey.strata", found="a stratum without a number to draw", remedy="give each stratum one")
        more = (reserve or {}).get(stratum, 0)
        drawn += _simple(codes, rows, _Group(stratum, allocation[stratum], more), seed)
    return drawn


@dataclass(frozen=True, slots=True)
class TwoStages:
    """How many areas a stratum gives, how many units each of them, how many more in reserve, and how areas are drawn."""

    areas: Mapping[str, int]
    take: int
    reserve: int = 0
    proportional: bool = True


def draw_two_stage(
    codes: Sequence[str], strata: Sequence[str], areas: Sequence[str], plan: TwoStages, seed: str
) -> list[DrawnUnit]:
    """Areas within strata by the number of their units (or with equal chances), then units within each area.

    An area of fewer than ``plan.take`` units is taken whole. Raises what ``draw_stratified`` and ``draw_areas`` raise, and
    Refused ``survey.take`` for fewer than one unit an area, ``survey.nested`` for an area in two strata.
    """
    _demand_codes(codes, strata, areas)
    if plan.take < 1:
        raise Refused("survey.take", found=f"{plan.take} units an area", remedy="take one or more")
    members = _grouped(range(len(codes)), areas)
    stratum_of = {area: strata[rows[0]] for area, rows in members.items()}
    if any(strata[row] != stratum_of[area] for area, rows in members.items() for row in rows):
        raise Refused("survey.nested", found="an area in two strata", remedy="give each area one stratum")
    names = list(members)
    sizes = [len(rows) for rows in members.values()] if plan.proportional else [1] * len(names)
    first = draw_areas(names, [stratum_of[name] for name in members], sizes, plan.areas, seed)
    drawn: list[DrawnUnit] = []
    for area in first:
        name = names[area.row]
        rows = members[name]
        group = _Group(area.stratum, min(plan.take, len(rows)), plan.reserve, area.probability, name, area.certain)
        drawn += _simple(codes, rows, group, seed)
    return drawn


def draw_areas(
    codes: Sequence[str],
    strata: Sequence[str],
    sizes: Sequence[int],
    allocation: Mapping[str, int],
    seed: str,
) -> list[DrawnUnit]:
    """Areas drawn within strata with probability proportional to ``sizes``, those that are large enough with certainty.

    With equal sizes everybody's chance is the same. Raises Refused: ``survey.seed``, ``survey.codes``, ``survey.strata``,
    ``survey.size`` for a size that is no whole number above 0, ``survey.sample_large``.
    """
    _demand_codes(codes, strata, sizes)
    if any(not isinstance(size, int) or size < 1 for size in sizes):
        raise Refused(
            "survey.size", found="a size that is no whole number above 0", remedy="count what each area holds"
        )
    drawn: list[DrawnUnit] = []
    for stratum, rows in _grouped(range(len(codes)), strata).items():
        if stratum not in allocation:
            raise Refused("survey.strata", found="a stratum without a number to draw", remedy="give each stratum one")
        _demand_room(allocation[stratum], len(rows))
        chances = inclusion_probabilities([sizes[row] for row in rows], allocation[stratum])
        start = int.from_bytes(random_number(seed, f"start of {stratum}"), "big")
        chosen = _systematic([sizes[row] for row in rows], chances, start)
        drawn += [
            DrawnUnit(rows[place], stratum, rank, 1, 1, chances[place], certain=chances[place] == 1)
            for rank, place in enumerate(chosen, 1)
        ]
    return drawn


def inclusion_probabilities(sizes: Sequence[int], number: int) -> list[Fraction]:
    """The chance of each unit when ``number`` are drawn in proportion to size; who would pass 1 is certain.

    >>> [str(one) for one in inclusion_probabilities([6, 2, 1, 1], 2)]
    ['1', '1/2', '1/4', '1/4']
    """
    certain: set[int] = set()
    while True:
        total = sum(size for place, size in enumerate(sizes) if place not in certain)
        left = number - len(certain)
        more = {place for place, size in enumerate(sizes) if place not in certain and left * size >= total}
        if not more or left <= 0:
            break
        certain |= more
    return [Fraction(1) if place in certain else Fraction(left * size, total) for place, size in enumerate(sizes)]


def _systematic(sizes: Sequence[int], chances: Sequence[Fraction], start: int) -> list[int]:
    """Every one that is certain, and of the others those on whom an even step falls: all in whole numbers."""
    chosen = [place for place, chance in enumerate(chances) if chance == 1]
    open_places = [place for place, chance in enumerate(chances) if chance < 1]
    number = int(sum((chances[place] for place in open_places), Fraction(0)))
    total = sum(sizes[place] for place in open_places)
    if not number:
        return chosen
    step, passed = start % total, 0
    for place in open_places:
        passed += number * sizes[place]
        if step < passed:
            chosen.append(place)
            step += total
    return sorted(chosen)


@dataclass(frozen=True, slots=True)
class _Group:
    """The units that one simple random sample is drawn from, and how many."""

    stratum: str
    wanted: int
    more: int
    first: Fraction = Fraction(1)
    cluster: str | None = None
    certain: bool = False


def _simple(codes: Sequence[str], rows: Sequence[int], group: _Group, seed: str) -> list[DrawnUnit]:
    _demand_room(group.wanted, len(rows))
    order = in_drawing_order(codes, rows, seed)[: group.wanted + group.more]
    return [
        DrawnUnit(
            row, group.stratum, rank, group.wanted, len(rows), group.first, group.cluster, group.certain,
            rank > group.wanted,
        )
        for rank, row in enumerate(order, 1)
    ]  # fmt: skip


def _grouped(rows: Sequence[int], labels: Sequence[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        found[labels[row]].append(row)
    return dict(found)


def _demand_codes(codes: Sequence[str], *columns: Sequence[object]) -> None:
    if not codes or len(set(codes)) != len(codes):
        raise Refused(
            "survey.codes", found="no unit, or a code that stands twice", remedy="give each unit its own code"
        )
    if any(len(column) != len(codes) for column in columns):
        raise Refused("survey.column", found="columns of different lengths", remedy="give one entry a unit")


def _demand_room(wanted: int, held: int) -> None:
    if wanted < 1:
        raise Refused("survey.sample_small", found=f"{wanted} units of a stratum", remedy="draw one or more of each")
    if wanted > held:
        raise Refused("survey.sample_large", found=f"{wanted} of {held} units", remedy=f"draw {held} at most")
