"""Time of the flow methods, beside what the peers took for the same work.

The peers' times were measured once on two noisy cores (R, migest 2.0.4, mipfp 3.2.1) and are quoted; ours are
processor time of one thread of the machine that runs this (set OMP_NUM_THREADS=1). Inputs are drawn by the same
recipe and seeds.
"""

from __future__ import annotations

import numpy as np
from bench_sae import median_time, row

from migstat.estimation.flows_accounting import AccountingRules, Balance, flows_accounting
from migstat.estimation.flows_gravity import PairEffects, flows_gravity
from migstat.estimation.flows_indices import flow_indices
from migstat.estimation.flows_margins import fit_margins
from migstat.estimation.flows_pseudo_bayes import MixtureWeight
from migstat.estimation.flows_uncertainty import Draws, StockErrors, flows_with_uncertainty


def countries(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(20 + n)
    base = rng.lognormal(10, 1.5, n)
    start = np.outer(base, base) ** 0.5 * rng.lognormal(-3, 1.0, (n, n))
    np.fill_diagonal(start, base * 20)
    start = np.round(start)
    end = np.round(start * rng.lognormal(0.02, 0.1, (n, n)))
    return start, end, np.round(start.sum(axis=0) * 0.08), np.round(start.sum(axis=0) * 0.05)


def gravity(n: int) -> float:
    rng = np.random.default_rng(n)
    i, j = np.nonzero(~np.eye(n, dtype=bool))
    far = rng.uniform(1, 5, i.size)
    flow = rng.poisson(np.exp(4 - 0.9 * np.log(far)))
    X = np.column_stack([np.ones(i.size), np.log(far)])
    effects = PairEffects(tuple(f"p{k}" for k in i), tuple(f"p{k}" for k in j))
    return median_time(lambda: flows_gravity(flow, X, ["one", "distance"], effects=effects), 1)


def main() -> None:
    print("| work | migstat | peer | times faster |\n|---|---|---|---|")
    open_ = AccountingRules(Balance.OPEN)
    for n, closed, opened in ((50, 0.559, 0.124), (200, 7.26, 4.667), (400, None, None)):
        tables = countries(n)
        row(
            f"flows between {n} countries, closed", median_time(lambda t=tables: flows_accounting(*t)), closed, "migest"
        )
        row(
            f"flows between {n} countries, open",
            median_time(lambda t=tables: flows_accounting(*t, rules=open_)),
            opened,
            "migest",
        )
    start, end, births, deaths = countries(50)
    seed = np.random.default_rng(1).lognormal(0, 1, (50, 50))
    row(
        "the same with a seed, 50 countries",
        median_time(lambda: flows_accounting(start, end, births, deaths, seed=seed), 1),
        None,
    )
    fuzzy = median_time(
        lambda: flows_with_uncertainty(
            start, end, births, deaths, errors=StockErrors(0.02), weight=MixtureWeight(0.9, 0.05),
            draws=Draws(np.random.default_rng(1), 200), rules=AccountingRules(Balance.OPEN_OWN),
        ),
        1,
    )  # fmt: skip
    row("uncertainty of all flows, 50 countries, 200 draws", fuzzy, None)
    for n, peer in ((100, None), (300, None), (1000, 0.280)):
        rng = np.random.default_rng(5)
        table = rng.lognormal(2, 1, (n, n))
        aim = table * rng.lognormal(0, 0.5, (n, n))
        rows, columns = aim.sum(axis=1), aim.sum(axis=0)
        row(
            f"margins of a {n} by {n} table to 1e-12",
            median_time(lambda t=table, r=rows, c=columns: fit_margins(t, r, c)),
            peer,
            "mipfp (1e-10)",
        )
    for n in (25, 50, 100):
        row(f"gravity with effects, {n} places", gravity(n), None)
    for n in (20, 100, 400):
        flow = np.random.default_rng(n).poisson(50, (n, n))
        row(
            f"20 indices of flows, {n} places",
            median_time(lambda f=flow: flow_indices(f, population=np.full(f.shape[0], 1e5)), 2),
            None,
        )


if __name__ == "__main__":
    main()
