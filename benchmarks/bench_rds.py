"""Times of the respondent-driven sampling family beside those of the R package RDS 0.9-10.

Run it with ``python benchmarks/bench_rds.py``. The peer's times were measured on two shared cores with its own
fauxmadrona sample (n = 500, N = 1,000); ours are processor seconds, best of nine, on a sample of the same shape.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from migstat.estimation.rds_i import rds_i
from migstat.estimation.rds_ii import rds_ii
from migstat.estimation.rds_outcome import outcome_of
from migstat.estimation.rds_population_size import SizePrior, rds_population_size
from migstat.estimation.rds_recruitment import Recruitment, recruitment_from_rows
from migstat.estimation.rds_resampling import Resampling
from migstat.estimation.rds_salganik_bootstrap import salganik_replicates
from migstat.estimation.rds_successive_sampling import rds_successive_sampling
from migstat.estimation.rds_successive_sampling_bootstrap import successive_sampling_replicates
from migstat.estimation.rds_successive_sampling_probabilities import inclusion_probabilities

REPLICATES = 1000
PEER_SECONDS = {
    "1,000 Salganik replicates, RDS-II with interval": 41.2,
    "1,000 tree replicates, RDS-II with interval": 17.3,
    "1,000 successive sampling replicates (R; its C: 0.55 s)": 23.8,
    "successive sampling probabilities (20,000 draws)": 2.761,
    "successive sampling, whole estimate": 2.761,
    "RDS-I": 0.012,
    "population size": None,
}


def sample(n: int) -> tuple[Recruitment, list[int]]:
    """Ten seeds, two recruits each, two groups, degrees from 2 to 20."""
    rng = np.random.default_rng(1)
    recruiter = [-1] * 10 + [(i - 10) // 2 for i in range(10, n)]
    degree = np.clip(rng.poisson(7, n), 2, 20)
    return recruitment_from_rows(recruiter, degree), (rng.random(n) < 0.26).astype(int).tolist()


def works(n: int) -> dict[str, Callable[[], object]]:
    """The works to time, by name, on a sample of ``n``."""
    recruitment, labels = sample(n)
    rng = np.random.default_rng(2)
    outcome = outcome_of(labels, recruitment)
    timed = [
        lambda: rds_ii(recruitment, labels, 1, resampling=Resampling(rng, "salganik", REPLICATES)),
        lambda: rds_ii(recruitment, labels, 1, resampling=Resampling(rng, "tree", REPLICATES)),
        lambda: successive_sampling_replicates(recruitment, outcome, 2 * n, replicates=REPLICATES, rng=rng),
        lambda: inclusion_probabilities(recruitment.degree, 2 * n),
        lambda: rds_successive_sampling(recruitment, labels, 1, 2 * n),
        lambda: rds_i(recruitment, labels, 1),
        lambda: rds_population_size(recruitment, SizePrior(2 * n)),
    ]
    salganik_replicates(recruitment, outcome, replicates=50, rng=rng)
    return dict(zip(PEER_SECONDS, timed, strict=True))


def best(work: Callable[[], object], rounds: int = 9) -> float:
    """Processor seconds of the fastest of ``rounds``, after one that compiles."""
    work()
    times = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def main() -> None:
    sizes = (500, 2_000, 8_000)
    found = {n: {name: best(work) for name, work in works(n).items()} for n in sizes}
    print("| work | RDS 0.9-10, n = 500 | " + " | ".join(f"ours, n = {n:,}" for n in sizes) + " | ratio at 500 |")
    print("|---|---|" + "---|" * (len(sizes) + 1))
    for name, peer in PEER_SECONDS.items():
        ours = [found[n][name] for n in sizes]
        ratio = "" if peer is None else f"{peer / ours[0]:,.0f}"
        cells = [f"{1e3 * seconds:,.2f} ms" for seconds in ours]
        print(f"| {name} | {'' if peer is None else f'{peer:g} s'} | " + " | ".join(cells) + f" | {ratio} |")


if __name__ == "__main__":
    main()
