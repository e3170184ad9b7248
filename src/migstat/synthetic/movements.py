"""A year of movements of a synthetic city: moves between areas, arrivals, departures, births and deaths, all counted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from migstat.model import Origin, Refused
from migstat.synthetic.people import Floats, Ints


@dataclass(frozen=True, slots=True)
class MovementRates:
    """Chances over the period: moving to another area, leaving the city, arriving (per resident), birth and death."""

    move: float = 0.05
    leave: float = 0.03
    arrive: float = 0.04
    birth: float = 0.016
    death: float = 0.006

    def __post_init__(self) -> None:
        rates = (self.move, self.leave, self.arrive, self.birth, self.death)
        if min(rates) < 0 or max(rates) > 1 or self.move + self.leave + self.death > 1:
            raise Refused(
                "movements.rates", found=repr(self), remedy="give chances of which the exits add up to 1 at most"
            )


@dataclass(frozen=True, eq=False)
class Movements:
    """Stocks (areas) at both ends and what lies between them: ``flows`` (areas x areas, zero diagonal; rows are where
    people came from), arrivals, departures, births and deaths (areas)."""

    stock_before: Ints
    stock_after: Ints
    flows: Ints
    arrivals: Ints
    departures: Ints
    births: Ints
    deaths: Ints
    origin: Origin = Origin.SYNTHETIC


def make_movements(
    stocks: Ints, rates: MovementRates, rng: np.random.Generator, *, distances: Floats | None = None
) -> Movements:
    """Draw a period's movements from the stocks (areas). Moves prefer large areas and, with ``distances``, near ones.

    Raises Refused for fewer than two areas, negative stocks, or distances that are not above 0.

    >>> year = make_movements(np.array([500, 300]), MovementRates(), np.random.default_rng(5))
    >>> change = year.flows.sum(0) - year.flows.sum(1) + year.arrivals - year.departures + year.births - year.deaths
    >>> bool((year.stock_before + change == year.stock_after).all())
    True
    """
    areas = stocks.size
    if areas < 2 or (stocks < 0).any():
        raise Refused(
            "movements.stocks", found=f"{areas} areas", remedy="give two or more areas with stocks of 0 or more"
        )
    attraction = np.tile(stocks.astype(np.float64) + 1, (areas, 1))
    if distances is not None:
        if distances.shape != (areas, areas) or not (distances[~np.eye(areas, dtype=bool)] > 0).all():
            raise Refused(
                "movements.distances", found=f"distances of shape {distances.shape}", remedy="give them above 0"
            )
        attraction = attraction / np.where(np.eye(areas, dtype=bool), 1.0, distances)
    np.fill_diagonal(attraction, 0.0)
    stays = 1 - rates.move - rates.leave - rates.death
    exits = rng.multinomial(stocks, [rates.move, rates.leave, rates.death, max(stays, 0.0)])
    flows = rng.multinomial(exits[:, 0], attraction / attraction.sum(axis=1, keepdims=True))
    arrivals = rng.binomial(stocks, rates.arrive)
    births = rng.binomial(stocks, rates.birth)
    after = stocks - exits[:, :3].sum(axis=1) + flows.sum(axis=0) + arrivals + births
    return Movements(stocks.copy(), after, flows, arrivals, exits[:, 1], births, exits[:, 2])
