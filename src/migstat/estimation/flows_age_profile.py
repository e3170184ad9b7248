"""The age profile of migration: its level, peak, breadth and steepest slopes."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from migstat.estimation.arrays import EstimateArray, Floats, finite
from migstat.estimation.flows_indices import ASSUMPTIONS, Replication, replicated
from migstat.estimation.registry import estimator
from migstat.model import Refused


@estimator(
    "age_profile",
    family="flows",
    reference="Rogers (1975), Introduction to Multiregional Mathematical Demography; Bell et al. (2002), JRSS A 165; "
    "Bernard, Bell and "
    "Charles-Edwards (2014), Population Studies 68, 179-195",
    assumptions=ASSUMPTIONS,
)
def age_profile(
    ages: ArrayLike,
    migrants: ArrayLike,
    population: ArrayLike,
    *,
    working_ages: tuple[float, float] = (5, 65),
    breadth: float = 5,
    replication: Replication | None = None,
) -> EstimateArray:
    """Summary of migration by single year of age: gross migraproduction, peak, its breadth and share, steepest rise
    and fall.

    ``ages`` (A,) increasing, ``migrants`` and ``population`` (A,) in persons; the peak is looked for strictly inside
    ``working_ages``, its breadth is the sum over ages within ``breadth`` years of it. Raises Refused:
    ``indices.ages``, ``indices.negative``.

    >>> profile = age_profile([10, 20, 30, 40], [1, 8, 4, 1], [100, 100, 100, 100], breadth=10)
    >>> profile.estimate("peak_age").value
    20.0
    """
    x, moved, people = finite(ages, "ages"), finite(migrants, "migrants"), finite(population, "population")
    if not (x.size == moved.size == people.size) or (np.diff(x) <= 0).any():
        raise Refused("indices.ages", found="ages that do not increase, or unequal lengths", remedy="sort by age")
    inside = (x > working_ages[0]) & (x < working_ages[1])
    if (moved < 0).any() or (people <= 0).any() or not inside.any() or moved[inside].sum() == 0:
        raise Refused(
            "indices.negative", found="counts out of range", remedy="give migrants of 0 or more, people above 0"
        )

    def indices(counts: Floats) -> dict[str, float]:
        rate = counts / people
        share = rate / rate.sum()
        change = np.append(0.0, np.diff(share))
        peak = x[inside][np.argmax(rate[inside])]
        near = np.abs(x - peak) <= breadth
        rise, fall = x[inside][np.argmax(change[inside])], x[inside][np.argmin(change[inside])]
        return {
            "gross_migraproduction": float(rate.sum()),
            "peak_intensity": 100 * float(rate[inside].max()),
            "peak_age": float(peak),
            "peak_breadth": 100 * float(rate[near].sum()),
            "peak_share": 100 * float(share[near].sum()),
            "steepest_rise_age": float(rise),
            "steepest_fall_age": float(fall),
            "asymmetry": float(rise / fall),
        }

    return replicated("age_profile", indices, moved, replication, 0.95)
