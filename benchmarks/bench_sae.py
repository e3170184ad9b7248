"""Time of the small-area methods, beside what the peers took for the same work.

The peers' times were measured once on two noisy cores (R, sae 1.3, emdi 2.2.2) and are quoted; ours are processor
time of one thread of the machine that runs this (set OMP_NUM_THREADS=1), so that other work on it does not count.
Inputs are drawn by the same recipe and seeds.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np

from migstat.estimation.sae_beta_binomial import beta_binomial
from migstat.estimation.sae_fay_herriot import Bootstrap, fay_herriot
from migstat.estimation.sae_spatial import spatial_fay_herriot
from migstat.estimation.sae_unit_level import AreaPopulation, unit_level


def median_time(work: Callable[[], object], runs: int = 5) -> float:
    work()
    times = []
    for _ in range(runs):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return statistics.median(times)


def areas(D: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(30 + D)
    x, v = rng.normal(size=(D, 3)), rng.uniform(0.2, 2, D)
    y = 1 + x @ [0.5, -0.3, 0.2] + rng.normal(0, 1, D) + rng.normal(0, np.sqrt(v))
    return y, v, np.column_stack([np.ones(D), x])


def ring(D: int) -> np.ndarray:
    return np.roll(np.eye(D), 1, axis=0) + np.roll(np.eye(D), -1, axis=0)


def people(D: int) -> tuple:
    rng = np.random.default_rng(D)
    names = [f"a{k}" for k in range(D)]
    group = np.repeat(np.arange(D), 8)
    X = np.column_stack([np.ones(group.size), rng.normal(size=group.size)])
    y = X @ [1.0, 0.5] + rng.normal(0, 0.7, D)[group] + rng.normal(size=group.size)
    return y, X, [names[k] for k in group], AreaPopulation.of(names, np.ones((D, 2)), np.full(D, 500.0))


def row(work: str, ours: float, peer: float | None, name: str = "") -> None:
    ratio = "" if peer is None else f"{peer / ours:,.0f}"
    theirs = "" if peer is None else f"{name} {peer:.2f} s"
    print(f"| {work} | {1000 * ours:.2f} ms | {theirs} | {ratio} |", flush=True)


def main() -> None:
    print("| work | migstat | peer | times faster |\n|---|---|---|---|")
    for D, peer in ((1000, 4.964), (2000, 63.179), (10_000, None), (100_000, None)):
        y, v, X = areas(D)
        row(
            f"Fay-Herriot REML with MSE, {D:,} areas",
            median_time(lambda y=y, v=v, X=X: fay_herriot(y, v, X)),
            peer,
            "sae",
        )
    y, v, X = areas(1000)
    row("the same against emdi, 1,000 areas", median_time(lambda: fay_herriot(y, v, X)), 46.671, "emdi")
    row(
        "Fay-Herriot bootstrap MSE, 1,000 areas, 100 replicates",
        median_time(lambda: fay_herriot(y, v, X, bootstrap=Bootstrap(np.random.default_rng(1), 100)), 1),
        None,
    )
    for D in (50, 100, 200):
        y, v, X = areas(D)
        row(
            f"spatial Fay-Herriot with MSE, {D} areas",
            median_time(lambda y=y, v=v, X=X, D=D: spatial_fay_herriot(y, v, X, ring(D)), 3),
            None,
        )
    for D in (50, 500, 5000):
        y, X, area, population = people(D)
        work = median_time(lambda y=y, X=X, area=area, population=population: unit_level(y, X, area, population), 3)
        row(f"unit-level model with MSE, {D:,} areas, {8 * D:,} people", work, None)
    rng = np.random.default_rng(1)
    for D in (50, 500, 5000):
        n = rng.integers(5, 80, D)
        y = rng.binomial(n, rng.beta(3, 17, D))
        row(f"beta-binomial, {D:,} cities", median_time(lambda y=y, n=n: beta_binomial(y, n), 3), None)


if __name__ == "__main__":
    main()
