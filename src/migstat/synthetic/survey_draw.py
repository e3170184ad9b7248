"""A cluster sample of a synthetic city: districts drawn within areas, everyone in them asked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from migstat.model import Origin, Refused
from migstat.synthetic.city import SyntheticCity
from migstat.synthetic.people import Floats, Ints


@dataclass(frozen=True, eq=False)
class SurveyDraw:
    """Rows of ``people`` drawn and, for each, its weight, stratum (area), unit (district) and districts in its stratum."""

    rows: Ints
    weights: Floats
    strata: Ints
    units: Ints
    population_units: Ints
    origin: Origin = Origin.SYNTHETIC


def draw_districts(city: SyntheticCity, districts_an_area: int, rng: np.random.Generator) -> SurveyDraw:
    """Draw so many districts in every area without replacement (all of them where there are fewer).

    Raises Refused for fewer than two districts an area: a stratum of one unit has no variance to be measured.
    """
    if districts_an_area < 2:
        raise Refused("draw.districts", found=repr(districts_an_area), remedy="draw two or more districts an area")
    area_of_district = np.zeros(int(city.households.district.max()) + 1, dtype=np.int64)
    area_of_district[city.households.district] = city.households.area
    available = np.bincount(area_of_district, minlength=len(city.people.margins.areas))
    drawn = np.zeros(area_of_district.size, dtype=np.bool_)
    for area, number in enumerate(available):
        inside = np.flatnonzero(area_of_district == area)
        drawn[rng.choice(inside, size=min(districts_an_area, int(number)), replace=False)] = True
    district = city.households.district[city.people.household]
    rows = np.flatnonzero(drawn[district])
    strata, units = city.people.area[rows], district[rows]
    taken = np.minimum(available, districts_an_area)
    return SurveyDraw(rows, (available / taken)[strata], strata, units, available[strata])
