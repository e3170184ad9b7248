"""A whole synthetic city from its margins and one source of dice, with its truth written down."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from migstat.estimation.arrays import refuse_without_generator
from migstat.model import Cell, Measure, MeasureKind, Observation, Origin, Period, PopulationBase
from migstat.synthetic.lists import CaptureLists, ListShape, make_lists
from migstat.synthetic.margins import CityMargins
from migstat.synthetic.movements import MovementRates, Movements, make_movements
from migstat.synthetic.network import Network, NetworkShape, make_network
from migstat.synthetic.people import Households, Ints, People, make_households, make_people
from migstat.synthetic.services import USUAL_SERVICES, Service, ServiceUse, make_service_use

USUAL_LISTS = (
    ListShape("residence permits", 0.45, 0.5),
    ListShape("health centres", 0.25, 0.8),
    ListShape("schools", 0.12, 0.3, {"residence permits": 0.8}),
    ListShape("associations", 0.20, 0.8, {"residence permits": -0.7}),
)


@dataclass(frozen=True)
class CityShape:
    """What the margins leave open: ties, lists, movements and services."""

    network: NetworkShape = field(default_factory=NetworkShape)
    lists: Sequence[ListShape] = USUAL_LISTS
    movements: MovementRates = field(default_factory=MovementRates)
    services: Sequence[Service] = USUAL_SERVICES


@dataclass(frozen=True, eq=False)
class CityTruth:
    """What is true of the city, for judging an estimate: counts, and shares between 0 and 1."""

    population_by_area: Ints
    migrants: int
    migrants_by_area: Ints
    irregular_migrants: int
    health_need: float
    health_need_of_migrants: float
    mean_degree: float
    on_no_list: int


@dataclass(frozen=True, eq=False)
class SyntheticCity:
    """People, households, network (of migrants), lists (of migrants), movements (of migrants) and service use.

    ``migrant_rows`` gives the row in ``people`` of each member of the network and of the lists.
    """

    people: People
    households: Households
    migrant_rows: Ints
    network: Network
    lists: CaptureLists
    movements: Movements
    service_use: ServiceUse
    truth: CityTruth
    origin: Origin = Origin.SYNTHETIC

    def observations(self, period: Period) -> Iterator[Observation]:
        """Residents of every area as observations, each marked synthetic."""
        measure = Measure("residents", "persons", MeasureKind.STOCK, additive=True)
        for area, count in zip(self.people.margins.areas, self.truth.population_by_area, strict=True):
            yield Observation(
                measure,
                area.code,
                period,
                Cell.of(int(count)),
                PopulationBase.MUNICIPAL,
                "migstat.synthetic",
                origin=Origin.SYNTHETIC,
            )


def generate_city(margins: CityMargins, rng: np.random.Generator, *, shape: CityShape | None = None) -> SyntheticCity:
    """A city that meets ``margins``; the same generator state gives the same city.

    Raises Refused ``input.generator`` for dice that are no Generator, ``network.members`` for margins of hardly anybody.

    >>> from migstat.synthetic.margins import RABAT_2024
    >>> city = generate_city(RABAT_2024.scaled(0.02), np.random.default_rng(2024))
    >>> city.people.count, city.truth.migrants, city.origin.value
    (10136, 220, 'synthetic')
    """
    refuse_without_generator(rng)
    chosen = shape or CityShape()
    households = make_households(margins, rng)
    people = make_people(margins, households, rng)
    migrant_rows = np.flatnonzero(people.migrant)
    network = make_network(people.citizenship_group[migrant_rows], chosen.network, rng)
    lists = make_lists(migrant_rows.size, chosen.lists, rng)
    by_area = np.bincount(people.area[migrant_rows], minlength=len(margins.areas))
    movements = make_movements(by_area, chosen.movements, rng)
    truth = CityTruth(
        population_by_area=np.bincount(people.area, minlength=len(margins.areas)),
        migrants=migrant_rows.size,
        migrants_by_area=by_area,
        irregular_migrants=int(people.irregular.sum()),
        health_need=float(people.health_need.mean()),
        health_need_of_migrants=float(people.health_need[migrant_rows].mean()),
        mean_degree=float(network.degrees.mean()),
        on_no_list=int((~lists.included.any(axis=1)).sum()),
    )
    use = make_service_use(people, chosen.services, rng)
    return SyntheticCity(people, households, migrant_rows, network, lists, movements, use, truth)
