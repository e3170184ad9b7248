"""Times of multiple systems estimation on the tables on which its peers were timed, and how cost grows with size.

The peers' times are those of R 4 packages (Rcapture 1.4-4, SparseMSE 2.0.1, dga 2.0.2, LCMCR 0.4.14) on two noisy cores,
quoted because R is not at hand. Ours are seconds of one processor (single-threaded work, so the elapsed time of a free
core), compiled code warm, best of three. Run: python benchmarks/bench_mse.py
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from migstat.estimation.mse_bootstrap import mse_bootstrap
from migstat.estimation.mse_dga import graph_posterior
from migstat.estimation.mse_latent_classes import LatentClassPrior, latent_class_draws
from migstat.estimation.mse_multimodel import fit_all
from migstat.estimation.mse_stepwise import mse_stepwise
from migstat.estimation.mse_tables import CaptureTable, table_from_membership


def bench_table(lists: int, people: int, seed: int) -> CaptureTable:
    """Unequal people on four to six lists, the second fed by the first."""
    rng = np.random.default_rng(seed)
    chances = np.array([0.12, 0.08, 0.05, 0.10, 0.03, 0.06])[:lists]
    own = rng.normal(0, 0.6, people)
    member = rng.random((people, lists)) < 1 / (1 + np.exp(-(np.log(chances / (1 - chances))[None, :] + own[:, None])))
    member[:, 1] |= (rng.random(people) < 0.25) & member[:, 0]
    return table_from_membership(member[member.any(axis=1)].astype(int), tuple("ABCDEF"[:lists]))


def seconds(work: Callable[[], object], repeats: int = 3) -> float:
    best = float("inf")
    for _ in range(repeats):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


def main() -> None:
    four, five, six = bench_table(4, 6000, 10), bench_table(5, 8000, 11), bench_table(6, 12000, 12)
    work: list[tuple[str, str, float, Callable[[], object], int]] = [
        ("113 models, 4 lists", "Rcapture", 0.753, lambda: fit_all(four), 3),
        ("1,024 models, 5 lists, pairs", "Rcapture", 6.964, lambda: fit_all(five, max_order=2), 3),
        ("6,893 models, 5 lists", "Rcapture", 43.541, lambda: fit_all(five), 3),
        ("32,768 models, 6 lists, pairs", "Rcapture", 258.963, lambda: fit_all(six), 2),
        ("stepwise choice, 5 lists", "SparseMSE", 0.040, lambda: mse_stepwise(five), 3),
        ("stepwise choice, 6 lists", "SparseMSE", 0.074, lambda: mse_stepwise(six), 3),
        (
            "BCa, 1,000 refits of the choice",
            "SparseMSE",
            101.086,
            lambda: mse_bootstrap(five, np.random.default_rng(1)),
            3,
        ),
        ("822 graphs x 10,000 sizes", "dga", 0.668, lambda: graph_posterior(five, np.arange(1, 10_001)), 3),
        (
            "latent classes, 110,000 sweeps",
            "LCMCR",
            2.762,
            lambda: latent_class_draws(five, np.random.default_rng(1), LatentClassPrior(), 1, 1000, 10_000, 100),
            1,
        ),
    ]
    for _, _, _, call, _ in work[:1] + work[4:5] + work[7:8]:
        call()  # compile and cache before timing
    mse_bootstrap(four, np.random.default_rng(1), replicates=100)
    latent_class_draws(four, np.random.default_rng(1), LatentClassPrior(), 1, 4, 0, 1)
    print("| work | peer | peer, s | ours, s | ratio |\n|---|---|---|---|---|")
    for name, peer, theirs, call, repeats in work:
        ours = seconds(call, repeats)
        print(f"| {name} | {peer} | {theirs:.3f} | {ours:.4f} | {theirs / ours:.0f} |", flush=True)
    print("\n| how cost grows | size | seconds | microseconds each |\n|---|---|---|---|")
    for table in (four, five, six):
        models = fit_all(table, max_order=2)
        spent = seconds(lambda t=table: fit_all(t, max_order=2), 2)  # type: ignore[misc]
        print(
            f"| models with pairs, {table.n_lists} lists | {len(models)} | {spent:.4f} | {spent / len(models) * 1e6:.1f} |"
        )
    for replicates in (100, 1000, 10_000):
        spent = seconds(lambda r=replicates: mse_bootstrap(five, np.random.default_rng(1), replicates=r), 1)  # type: ignore[misc]
        print(
            f"| bootstrap refits of the choice, 5 lists | {replicates} | {spent:.4f} | {spent / replicates * 1e6:.1f} |"
        )


if __name__ == "__main__":
    main()
