"""The posterior of the size of a population under successive sampling, integrated on grids instead of sampled."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from migstat.estimation.rds_recruitment import Floats, Ints

CLOCK_POINTS = 160
COARSE_CLOCK_POINTS = 48
PARAMETER_POINTS = 33
WAIT_POINTS = 700
NEGLIGIBLE = 40.0
DEGREE_ROOM = 1.5


def size_posterior(degree: Ints, log_prior: Floats) -> tuple[Floats, float]:
    """(sizes,) posterior mass of N = n, n + 1, ..., and the posterior mean of the population's mean degree.

    ``degree`` (n,) whole numbers in order of recruitment; ``log_prior`` (sizes,) log mass of the same N. The
    formula is in `migstat.estimation.rds_population_size`. Its sum over N depends on the rest only through
    g = log sum_k p(k) exp(-r k), a number: it is tabulated once. The grid of the two parameters is narrowed three
    times around where the posterior has its mass.
    """
    n, largest = len(degree), len(degree) + len(log_prior)
    classes = max(math.ceil(DEGREE_ROOM * degree.max()), 10)
    seen = np.bincount(degree - 1, minlength=classes).astype(np.float64)
    remaining = np.cumsum(degree[::-1])[::-1].astype(np.float64)
    harmonic = n / float((1.0 / degree).sum())
    # A clock r reaches n of N members when N (1 - sum_k p(k) exp(-r k)) is about n: from the largest N to N = n.
    clock_range = (
        math.log(n / (largest * float(degree.mean()))) - 2.5,
        math.log((math.log(n) + 12.0) / float(degree.min())),
    )
    member = np.arange(len(log_prior), dtype=np.float64)
    log_choose = log_prior + _log_factorial_ratio(n, len(log_prior))
    wait = -np.exp(np.linspace(math.log(1e-9), math.log(60.0), WAIT_POINTS))
    log_sum = _log_sums(log_choose, wait)
    modes = (math.log(max(harmonic * 0.2, 0.05)), math.log(2.0 * float(degree.mean())))
    spreads = (-4.0, 4.0)
    for points in (COARSE_CLOCK_POINTS, COARSE_CLOCK_POINTS, COARSE_CLOCK_POINTS, CLOCK_POINTS):
        clock = np.exp(np.linspace(*clock_range, points))
        log_density = _clock_log_density(remaining, clock) + np.log(clock)
        mode, spread = np.linspace(*modes, PARAMETER_POINTS), np.linspace(*spreads, PARAMETER_POINTS)
        log_weight, log_wait, mean_degree = _log_posterior(clock, log_density, mode, spread, seen, wait, log_sum)
        height = log_weight - log_weight.max()
        clock_range = _narrowed(np.log(clock), height.max(axis=(1, 2)))
        modes = _narrowed(mode, height.max(axis=(0, 2)))
        spreads = _narrowed(spread, height.max(axis=(0, 1)))
    weight = np.exp(height)
    weight /= weight.sum()
    posterior = _mixture(weight.ravel(), log_wait.ravel(), wait, log_sum, log_choose, member)
    return posterior, float((weight.sum(axis=0) * mean_degree).sum())


def _log_factorial_ratio(n: int, sizes: int) -> Floats:
    """(sizes,) log of (n + m)! / m! up to a constant, for m = 0, 1, ..."""
    m = np.arange(1, sizes, dtype=np.float64)
    return np.concatenate(([0.0], np.cumsum(np.log1p(n / m))))


def _narrowed(grid: Floats, height: Floats) -> tuple[float, float]:
    """The part of the grid within reach of the highest point, with one step of margin on both sides."""
    inside = np.flatnonzero(height > -NEGLIGIBLE / 2)
    step = float(grid[1] - grid[0])
    return float(grid[inside[0]]) - step, float(grid[inside[-1]]) + step


@njit(cache=True)
def _log_sums(log_choose: Floats, wait: Floats) -> Floats:
    """(waits,) log sum_m exp(log_choose[m] + m wait)."""
    sums = np.empty(wait.shape[0])
    for j in range(wait.shape[0]):
        highest = -np.inf
        for m in range(log_choose.shape[0]):
            highest = max(highest, log_choose[m] + m * wait[j])
        total = 0.0
        for m in range(log_choose.shape[0]):
            exponent = log_choose[m] + m * wait[j] - highest
            if exponent > -NEGLIGIBLE:
                total += math.exp(exponent)
        sums[j] = highest + math.log(total)
    return sums


@njit(cache=True)
def _clock_log_density(rates: Floats, clock: Floats) -> Floats:
    """(clocks,) log density of a sum of exponentials of these ``rates``, by a second-order saddlepoint.

    The cumulant function -sum log(1 - s / b) has its saddle at b_min - u with sum 1 / (b - b_min + u) = r, which
    lies between u = 1 / r and u = n / r.
    """
    lowest = rates.min()
    log_density = np.empty(clock.shape[0])
    for j in range(clock.shape[0]):
        low, high = math.log(1.0 / clock[j]), math.log(rates.shape[0] / clock[j])
        for _ in range(60):
            middle = (low + high) / 2
            total = 0.0
            for i in range(rates.shape[0]):
                total += 1.0 / (rates[i] - lowest + math.exp(middle))
            if total > clock[j]:
                low = middle
            else:
                high = middle
        gap = math.exp((low + high) / 2)
        second, third, fourth, value = 0.0, 0.0, 0.0, 0.0
        for i in range(rates.shape[0]):
            inverse = 1.0 / (rates[i] - lowest + gap)
            value += math.log(rates[i] * inverse)
            second += inverse**2
            third += 2 * inverse**3
            fourth += 6 * inverse**4
        skewness, kurtosis = third / second**1.5, fourth / second**2
        correction = kurtosis / 8 - 5 * skewness**2 / 24
        log_density[j] = value - (lowest - gap) * clock[j] - 0.5 * math.log(second) + math.log1p(correction)
    return log_density


@njit(cache=True)
def _log_posterior(
    clock: Floats, log_density: Floats, mode: Floats, spread: Floats, seen: Floats, wait: Floats, log_sum: Floats
) -> tuple[Floats, Floats, Floats]:
    """Log posterior and log wait (clocks, modes, spreads), and mean degree (modes, spreads)."""
    classes = seen.shape[0]
    log_weight = np.empty((clock.shape[0], mode.shape[0], spread.shape[0]))
    log_wait = np.empty_like(log_weight)
    mean_degree = np.empty((mode.shape[0], spread.shape[0]))
    p = np.empty(classes)
    for a in range(mode.shape[0]):
        for b in range(spread.shape[0]):
            nu = math.exp(spread[b])
            highest = -np.inf
            for k in range(classes):
                p[k] = nu * ((k + 1) * mode[a] - math.lgamma(k + 2.0))
                highest = max(highest, p[k])
            total = 0.0
            for k in range(classes):
                total += math.exp(p[k] - highest)
            likelihood, mean = 0.0, 0.0
            for k in range(classes):
                log_p = p[k] - highest - math.log(total)
                if seen[k] > 0:
                    likelihood += seen[k] * log_p
                p[k] = math.exp(log_p)
                mean += p[k] * (k + 1)
            mean_degree[a, b] = mean
            for j in range(clock.shape[0]):
                leaving = 0.0
                step = math.exp(-clock[j])
                power = 1.0
                for k in range(classes):
                    power *= step
                    leaving += p[k] * power
                g = math.log(max(leaving, 1e-300))
                place, part = _locate(wait, g)
                log_wait[j, a, b] = g
                log_weight[j, a, b] = (
                    log_density[j] + likelihood + (1 - part) * log_sum[place] + part * log_sum[place + 1]
                )
    return log_weight, log_wait, mean_degree


@njit(cache=True)
def _locate(wait: Floats, g: float) -> tuple[int, float]:
    """The place of g on the grid, whose points are equally spaced in log(-g), and the part of the next step."""
    first, last = math.log(-wait[0]), math.log(-wait[-1])
    position = (math.log(max(-g, 1e-300)) - first) / (last - first) * (wait.shape[0] - 1)
    position = min(max(position, 0.0), wait.shape[0] - 1.000001)
    return int(position), position - int(position)


@njit(cache=True)
def _mixture(
    weight: Floats, log_wait: Floats, wait: Floats, log_sum: Floats, log_choose: Floats, member: Floats
) -> Floats:
    """(sizes,) posterior mass: the distribution of N at each wait of the table, weighted by its share of ``weight``."""
    share = np.zeros(wait.shape[0])
    for i in range(weight.shape[0]):
        if weight[i] > 0:
            place, part = _locate(wait, log_wait[i])
            share[place] += weight[i] * (1 - part)
            share[place + 1] += weight[i] * part
    mass = np.zeros(log_choose.shape[0])
    for j in range(wait.shape[0]):
        if share[j] > 1e-14:
            for m in range(mass.shape[0]):
                exponent = log_choose[m] + member[m] * wait[j] - log_sum[j]
                if exponent > -NEGLIGIBLE:
                    mass[m] += share[j] * math.exp(exponent)
    mass /= mass.sum()
    return mass
