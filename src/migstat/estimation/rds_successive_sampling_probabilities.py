"""Inclusion probabilities under successive sampling, from one equation instead of thousands of simulated samples."""

from __future__ import annotations

import numpy as np
from numba import njit

from migstat.estimation.rds_recruitment import Floats
from migstat.model import Refused

RELATIVE_TOLERANCE = 1e-14


def inclusion_probabilities(degrees: Floats, population: float) -> Floats:
    """(n,) the probability that each respondent was in a sample of n drawn by successive sampling from N.

    In a successive sample (Gile 2011, section 3) members arrive by independent exponential clocks of rate d; the
    sample of n is everyone who arrived before some moment t, so that pi_k = 1 - exp(-d_k t) with
    sum_k N_k (1 - exp(-d_k t)) = n. Gile's iteration sets N_k to N (n_k / pi_k) / sum_j (n_j / pi_j) and solves for
    t again. At its fixed point sum_j n_j / pi_j = N: the one equation in t solved here, by Newton's method from the
    side where it cannot overshoot. What is left out is the play of t itself, of relative order 1/n.

    Raises Refused ``rds.population_below_sample``.

    >>> pi = inclusion_probabilities(np.array([1.0, 1.0, 4.0]), 10.0)
    >>> round(float((1 / pi).sum()), 9)
    10.0
    """
    if not len(degrees) <= population < np.inf:
        raise Refused(
            "rds.population_below_sample",
            found=f"a population of {population:g} and a sample of {len(degrees)}",
            remedy="give a finite population at least as large as the sample; without a limit, RDS-II is the answer",
        )
    sizes, counts = np.unique(degrees, return_counts=True)
    rate = solve_rate(sizes, counts.astype(np.float64), float(population))
    probabilities: Floats = -np.expm1(-degrees * rate)
    return probabilities


@njit(cache=True)
def solve_rate(sizes: Floats, counts: Floats, population: float) -> float:
    """The t > 0 with sum_k counts_k / (1 - exp(-sizes_k t)) = population; infinite when that is the sample itself.

    The sum falls and is convex in t; 1 / (1 - exp(-x)) lies between 1/x and 1/x + 1, which brackets t.
    """
    sample = counts.sum()
    if population <= sample * (1 + RELATIVE_TOLERANCE):
        return np.inf
    by_size = 0.0
    for k in range(sizes.shape[0]):
        by_size += counts[k] / sizes[k]
    rate = by_size / population
    for _ in range(200):
        value, slope = -population, 0.0
        for k in range(sizes.shape[0]):
            probability = -np.expm1(-sizes[k] * rate)
            value += counts[k] / probability
            slope -= counts[k] * sizes[k] * (1 - probability) / (probability * probability)
        step = -value / slope
        rate += step
        if abs(step) <= RELATIVE_TOLERANCE * rate:
            break
    return rate
