"""People and households of a synthetic city, in columns, meeting the margins exactly where those are counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from migstat.model import Origin
from migstat.synthetic.margins import AreaMargins, CityMargins, exact_counts

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
NOT_A_MIGRANT = -1
HOUSEHOLDS_IN_DISTRICT = 100


@dataclass(frozen=True, slots=True)
class SyntheticPerson:
    """One made-up person. ``id`` starts with SYN so that no list can be mistaken for one of real people."""

    id: str
    area: str
    household: str
    woman: bool
    age: int
    citizenship_group: str | None
    arrival_year: int | None
    reason: str | None
    irregular: bool | None
    unemployed: bool | None
    health_need: bool
    origin: Origin = Origin.SYNTHETIC


@dataclass(frozen=True, eq=False)
class Households:
    """Columns of one entry a household: area and census district (codes), tenancy, dwelling."""

    area: Ints
    district: Ints
    size: Ints
    tenant: Mask
    basic_dwelling: Mask
    origin: Origin = Origin.SYNTHETIC


@dataclass(frozen=True, eq=False)
class People:
    """Columns of one entry a person. Codes of citizenship group, arrival and reason are -1 for those who are no migrants.

    ``unemployed`` is among those aged 15 to 59; ``health_need`` is an outcome with a known share that differs by group.
    """

    household: Ints
    area: Ints
    woman: Mask
    age: Ints
    citizenship_group: Ints
    arrival_year: Ints
    reason: Ints
    irregular: Mask
    unemployed: Mask
    health_need: Mask
    margins: CityMargins
    origin: Origin = Origin.SYNTHETIC

    @property
    def count(self) -> int:
        return self.household.size

    @property
    def migrant(self) -> Mask:
        found: Mask = self.citizenship_group != NOT_A_MIGRANT
        return found

    def records(self) -> Iterator[SyntheticPerson]:
        """Every person as a record of its own, marked synthetic."""
        return (self.record(place) for place in range(self.count))

    def record(self, place: int) -> SyntheticPerson:
        """The person at ``place``."""
        migrant = bool(self.citizenship_group[place] != NOT_A_MIGRANT)
        of_age = 15 <= self.age[place] <= 59
        groups, reasons = list(self.margins.citizenship_groups), list(self.margins.reasons)
        return SyntheticPerson(
            f"SYN-P-{place:07d}",
            self.margins.areas[self.area[place]].code,
            f"SYN-H-{self.household[place]:07d}",
            bool(self.woman[place]),
            int(self.age[place]),
            groups[self.citizenship_group[place]] if migrant else None,
            int(self.arrival_year[place]) if migrant else None,
            reasons[self.reason[place]] if migrant else None,
            bool(self.irregular[place]) if migrant else None,
            bool(self.unemployed[place]) if of_age else None,
            bool(self.health_need[place]),
        )


def make_households(margins: CityMargins, rng: np.random.Generator) -> Households:
    """Households of every area: exact in number, size one or more, adding up to the area's population."""
    parts = [_households_of(area, place, rng) for place, area in enumerate(margins.areas)]
    district, first = [], 0
    for part in parts:
        own = np.arange(part["size"].size) // HOUSEHOLDS_IN_DISTRICT + first
        district.append(own)
        first = int(own[-1]) + 1
    return Households(
        area=np.concatenate([part["area"] for part in parts]),
        district=np.concatenate(district),
        size=np.concatenate([part["size"] for part in parts]),
        tenant=np.concatenate([part["tenant"] for part in parts]),
        basic_dwelling=np.concatenate([part["basic_dwelling"] for part in parts]),
    )


def _households_of(area: AreaMargins, place: int, rng: np.random.Generator) -> dict[str, NDArray[Any]]:
    number = area.households
    extra = rng.multinomial(area.population - number, np.full(number, 1 / number))
    # Tenants stand together in runs, as in quarters: neighbours are alike, which clusters of a survey must reckon with.
    return {
        "area": np.full(number, place),
        "size": 1 + extra,
        "tenant": _in_runs(area.tenants, number, rng),
        "basic_dwelling": _in_runs(area.basic_dwellings, number, rng),
    }


def _in_runs(share: float, number: int, rng: np.random.Generator) -> Mask:
    """Exactly ``share`` of ``number`` chosen, more alike within runs of a district's length than between them."""
    chosen = np.zeros(number, dtype=np.bool_)
    lean = np.repeat(rng.normal(size=number // HOUSEHOLDS_IN_DISTRICT + 1), HOUSEHOLDS_IN_DISTRICT)[:number]
    score = 0.5 * lean + rng.normal(size=number)
    chosen[np.argsort(-score, kind="stable")[: round(share * number)]] = True
    return chosen


def make_people(margins: CityMargins, households: Households, rng: np.random.Generator) -> People:
    """Members of all households, migrants among them, with the shares that the margins give."""
    household = np.repeat(np.arange(households.size.size), households.size)
    area = households.area[household]
    migrant = _choose_migrants(margins, households, household, area, rng)
    number = int(migrant.sum())
    age = np.empty(household.size, dtype=np.int64)
    age[migrant] = _within(margins.age_groups_of_migrants, number, rng)
    age[~migrant] = _within(margins.age_groups_of_others, household.size - number, rng)
    woman = rng.random(household.size) < 0.51
    woman[migrant] = _shuffled(
        {False: 1 - margins.women_among_migrants, True: margins.women_among_migrants}, number, rng
    ).astype(np.bool_)
    irregular = np.zeros(household.size, dtype=np.bool_)
    irregular[migrant] = _shuffled({False: 1 - margins.irregular, True: margins.irregular}, number, rng) == 1
    return People(
        household=household,
        area=area,
        woman=woman,
        age=age,
        citizenship_group=_among(migrant, _shuffled(margins.citizenship_groups, number, rng)),
        arrival_year=_among(migrant, _within(margins.arrival_periods, number, rng)),
        reason=_among(migrant, _shuffled(margins.reasons, number, rng)),
        irregular=irregular,
        unemployed=_unemployed(margins, area, age, rng),
        health_need=rng.random(household.size) < _health_need(migrant, irregular, households, household),
        margins=margins,
    )


def _choose_migrants(
    margins: CityMargins, households: Households, household: Ints, area: Ints, rng: np.random.Generator
) -> Mask:
    """Whole households at random, area by area, until the area's number is met (the last one may be mixed)."""
    pull = {place: one.population * one.migrant_affinity for place, one in enumerate(margins.areas)}
    total = round(margins.population * margins.migrants_per_thousand / 1000)
    chosen = np.zeros(household.size, dtype=np.bool_)
    for place, number in enumerate(exact_counts(pull, total)):
        rank = rng.permutation(households.size.size)
        inside = np.flatnonzero(area == place)
        ordered = inside[np.argsort(rank[household[inside]], kind="stable")]
        chosen[ordered[:number]] = True
    return chosen


def _health_need(migrant: Mask, irregular: Mask, households: Households, household: Ints) -> Floats:
    """Chance of the outcome: 8 % for others, 15 % for migrants, 25 % for those in an irregular situation, and a third
    more for tenants."""
    chance = np.where(irregular, 0.25, np.where(migrant, 0.15, 0.08))
    return np.where(households.tenant[household], 4 / 3, 1.0) * chance


def _unemployed(margins: CityMargins, area: Ints, age: Ints, rng: np.random.Generator) -> Mask:
    rates = np.array([one.unemployment for one in margins.areas])
    found: Mask = (age >= 15) & (age <= 59) & (rng.random(age.size) < rates[area])
    return found


def _shuffled(shares: Mapping[Any, float], total: int, rng: np.random.Generator) -> Ints:
    return rng.permutation(np.repeat(np.arange(len(shares)), exact_counts(shares, total)))


def _within(ranges: Mapping[tuple[int, int], float], total: int, rng: np.random.Generator) -> Ints:
    """Whole numbers drawn evenly within ranges (both ends included) of exact shares."""
    ends = np.array(list(ranges), dtype=np.int64)[_shuffled(ranges, total, rng)].reshape(-1, 2)
    return rng.integers(ends[:, 0], ends[:, 1] + 1)


def _among(migrant: Mask, values: Ints) -> Ints:
    column = np.full(migrant.size, NOT_A_MIGRANT)
    column[migrant] = values
    return column
