"""The records of a made-up city: a survey, a network sample, registers and partners' lists, in the columns of the pack.

Everything is drawn from ``migstat.synthetic``. Nobody in it lives anywhere: names are syllables put together, places of
blocks are numbers, and every dataflow that takes these records in says that it is synthetic.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from migstat.model import Refused
from migstat.synthetic.city import SyntheticCity, generate_city
from migstat.synthetic.identities import Identities, WritingErrors, write_down
from migstat.synthetic.lists import ListShape, make_lists
from migstat.synthetic.margins import RABAT_2024
from migstat.synthetic.network import NetworkShape, make_network
from migstat.synthetic.network import recruit as recruited
from migstat.synthetic.survey_draw import draw_districts

Row = dict[str, Any]
Ints = NDArray[np.int64]

SCALE: Final = 0.35
YEAR: Final = 2025
DISTRICTS: Final = 22
_CITIZENSHIPS: Final[Mapping[str, Sequence[str]]] = {
    "sub-saharan africa": ("SEN", "CIV", "GIN", "CMR", "COD", "MLI"),
    "europe": ("FRA", "ESP", "ITA"),
    "middle east": ("SYR", "YEM", "IRQ"),
    "maghreb": ("DZA", "TUN"),
    "asia": ("CHN", "PHL"),
    "north america": ("USA", "CAN"),
    "other": ("BRA",),
}
_FIRST: Final = ("Ba", "Ko", "Di", "Ma", "Sa", "Tou", "Ndi", "Ka", "Fo", "Le", "Za", "Ra")
_MIDDLE: Final = ("ra", "lo", "mba", "ssi", "né", "ga", "ri", "do", "ya", "ne", "ko", "ti")
_LAST: Final = ("té", "ka", "ye", "lam", "bou", "na", "do", "wa", "di", "ma", "ré", "lé")
# How the three desks write a name: one of them a part of its names in Arabic letters.
WRITING: Final[Mapping[str, WritingErrors]] = {
    "caritas-services": WritingErrors(),
    "foo-services": WritingErrors(),
    "gadem-cases": WritingErrors(arabic=0.3),
}
_PARTNER_LISTS: Final = (
    ListShape("caritas-services", 0.34, 0.4),
    ListShape("foo-services", 0.28, 0.4),
    ListShape("gadem-cases", 0.22, 0.3, {"foo-services": 0.5}),
)


@dataclass(frozen=True)
class MadeUpCity:
    """A synthetic city and the records that its offices and partners would hold of it, from one seed."""

    city: SyntheticCity
    seed: int

    @classmethod
    def of(cls, seed: int, scale: float = SCALE) -> MadeUpCity:
        """The same seed and scale give the same records. Raises Refused ``demonstration.scale`` for hardly anybody."""
        if scale < 0.02:
            raise Refused("demonstration.scale", found=repr(scale), remedy="give 0.02 or more")
        return cls(generate_city(RABAT_2024.scaled(scale), np.random.default_rng(seed)), seed)

    def _dice(self, use: int) -> np.random.Generator:
        """Dice of their own for each record, so that one of them can change without the others."""
        return np.random.default_rng([self.seed, use])

    @cached_property
    def citizenship(self) -> list[str]:
        """The citizenship of everybody: one country of the group drawn for migrants, Morocco for the others."""
        groups = list(self.city.people.margins.citizenship_groups)
        dice = self._dice(1)
        return [
            "MAR" if group < 0 else str(dice.choice(_CITIZENSHIPS[groups[group]]))
            for group in self.city.people.citizenship_group.tolist()
        ]

    def sex(self, person: int) -> str:
        return "F" if self.city.people.woman[person] else "M"

    def area(self, person: int) -> str:
        people = self.city.people
        return people.margins.areas[int(people.area[person])].code

    def household_survey(self, *, wave: int = 0, districts: int = DISTRICTS) -> list[Row]:
        """One row a household of the drawn districts: the answers of its first member."""
        dice = self._dice(10 + wave)
        draw = draw_districts(self.city, districts, dice)
        people, households = self.city.people, self.city.households
        _, first, size = np.unique(people.household[draw.rows], return_index=True, return_counts=True)
        rows = []
        for place, members in zip(first.tolist(), size.tolist(), strict=True):
            person = int(draw.rows[place])
            home = int(people.household[person])
            rows.append(
                self._interview(person, home, int(members), float(draw.weights[place]), dice)
                | {
                    "dwelling_number": f"SYN-{YEAR + wave}-{home:07d}",
                    "period": str(YEAR + wave),
                    "block_latitude": 33.0 + int(draw.units[place]) / 10_000,
                    "block_longitude": -7.0,
                    "tenure": "tenant" if households.tenant[home] else "owner",
                }
            )
        return rows

    def _interview(self, person: int, home: int, members: int, weight: float, dice: np.random.Generator) -> Row:
        people, basic = self.city.people, bool(self.city.households.basic_dwelling[home])
        foreign, age = bool(people.migrant[person]), int(people.age[person])
        crowding = 1.6 + 1.3 * dice.random() + (1.2 if basic or foreign else 0.0)
        rooms = max(1, round(members / crowding))
        need = bool(people.health_need[person])
        return {
            "area": self.area(person),
            "citizenship": self.citizenship[person],
            "sex": self.sex(person),
            "age": age,
            "household_size": members,
            "rooms": rooms,
            "sufficient_area": members <= 3 * rooms,
            "durable_structure": not basic,
            "worked_last_week": (not bool(people.unemployed[person]) and bool(dice.random() < 0.8))
            if age >= 15
            else None,
            "health_need": "yes" if need else "no",
            "health_visit": bool(dice.random() < (0.55 if people.irregular[person] else 0.8)) if need else None,
            "felt_discrimination": bool(dice.random() < (0.28 if foreign else 0.05)),
            "weight": weight,
        }

    @cached_property
    def hidden(self) -> Ints:
        """The people in an irregular situation: the truth that lists and networks try to find."""
        return np.flatnonzero(self.city.people.irregular & (self.city.people.age >= 18))

    def partner_lists(self, writing: Mapping[str, WritingErrors] = WRITING) -> dict[str, list[Row]]:
        """The lists of three associations of the people in an irregular situation whom they helped.

        Each writes in its own way: other spellings, slips, names or days of birth left out or exchanged, two scripts.
        """
        dice = self._dice(20)
        lists = make_lists(self.hidden.size, _PARTNER_LISTS, dice)
        found = {}
        for place, name in enumerate(lists.names):
            members = self.hidden[lists.included[:, place]]
            written = write_down(self._identities(members), range(members.size), self._dice(21 + place), writing[name])
            found[name] = [
                {"family_name": family, "given_name": given, "birth_date": born and date.fromisoformat(born)}
                | self._helped(int(person), name, dice)
                for person, family, given, born in zip(
                    members, written.family, written.given, written.born, strict=True
                )
            ]
        return found

    def _identities(self, members: Ints) -> Identities:
        """Members as they truly are, for desks to write down."""
        known = [self.identity(int(person)) for person in members]
        return Identities(
            tuple(one["family_name"] for one in known),
            tuple(one["given_name"] for one in known),
            np.array([one["birth_date"] for one in known], dtype="datetime64[D]"),
            np.asarray(self.city.people.woman[members]),
        )

    def _helped(self, person: int, dataflow: str, dice: np.random.Generator) -> Row:
        row = {
            "sex": self.sex(person),
            "age": int(self.city.people.age[person]),
            "citizenship": self.citizenship[person],
            "area": self.area(person),
        }
        if dataflow == "caritas-services":
            return row | {"day": _day(dice), "service": str(dice.choice(["food", "health", "shelter"])), "visits": 1}
        row["period"] = str(YEAR)
        if dataflow == "foo-services":
            return row | {"service": str(dice.choice(["school", "health", "legal"]))}
        return row | {"case_kind": str(dice.choice(["residence", "work", "violence"]))}

    def identity(self, person: int) -> Row:
        """A made-up name and day of birth, the same wherever the person is met."""
        dice = self._dice(1_000_000 + person)
        names = ["".join(str(dice.choice(part)) for part in (_FIRST, _MIDDLE, _LAST)) for _ in range(2)]
        born = date(YEAR, 1, 1) - timedelta(days=int(self.city.people.age[person]) * 365 + int(dice.integers(1, 364)))
        return {"family_name": names[0], "given_name": names[1], "birth_date": born}

    def network_sample(self, size: int = 400) -> list[Row]:
        """A respondent-driven sample of the hidden people, each with the coupon of who sent them."""
        dice, people = self._dice(30), self.city.people
        network = make_network(people.citizenship_group[self.hidden], NetworkShape(), dice)
        sample = recruited(network, size=min(size, self.hidden.size // 3), seeds=8, coupons=3, rng=dice)
        rows = []
        for place, (member, recruiter) in enumerate(
            zip(sample.member.tolist(), sample.recruiter.tolist(), strict=True)
        ):
            person = int(self.hidden[member])
            need = bool(people.health_need[person])
            rows.append({
                "coupon": f"SYN{place:05d}",
                "recruiter_coupon": None if recruiter < 0 else f"SYN{recruiter:05d}",
                "network_size": int(sample.degree[place]),
                "period": str(YEAR),
                "area": self.area(person),
                "sex": self.sex(person),
                "age": int(people.age[person]),
                "citizenship": self.citizenship[person],
                "arrival_year": int(people.arrival_year[person]),
                "residence_status": "IRR",
                "worked_last_week": bool(dice.random() < 0.62),
                "felt_discrimination": bool(dice.random() < 0.4),
                "health_care": str(dice.choice(["no", "no", "yes"])) if need else "yes",
            })  # fmt: skip
        return rows

    def desk_register(self) -> list[Row]:
        """The visits of a year to the municipal desk: people with and without papers."""
        dice, people = self._dice(40), self.city.people
        foreign = np.flatnonzero(people.migrant)
        came = foreign[dice.random(foreign.size) < np.where(people.irregular[foreign], 0.3, 0.9)]
        return [
            self.identity(int(person))
            | {
                "sex": self.sex(int(person)),
                "age": int(people.age[person]),
                "citizenship": self.citizenship[int(person)],
                "area": self.area(int(person)),
                "day": _day(dice),
                "residence_status": "IRR" if people.irregular[person] else str(dice.choice(["REG", "RES"])),
                "service": str(dice.choice(["information", "residence", "school"])),
            }
            for person in came
        ]

    def births(self) -> list[Row]:
        """The births of a year, with the days until each was declared."""
        dice, people = self._dice(50), self.city.people
        mothers = np.flatnonzero(people.woman & (people.age >= 18) & (people.age <= 42))
        mothers = mothers[dice.random(mothers.size) < np.where(people.migrant[mothers], 0.4, 0.06)]
        return [
            {
                "act_number": f"SYN-{place:06d}",
                "child_sex": str(dice.choice(["F", "M"])),
                "day": _day(dice),
                "birth_area": self.area(int(mother)),
                "declared_days": int(dice.integers(1, 25) if dice.random() < 0.75 else dice.integers(31, 200)),
                "mother_citizenship": self.citizenship[int(mother)],
                "mother_age": int(people.age[mother]),
            }
            for place, mother in enumerate(mothers)
        ]


def _day(dice: np.random.Generator) -> date:
    return date(YEAR, 1, 1) + timedelta(days=int(dice.integers(0, 365)))
