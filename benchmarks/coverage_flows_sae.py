"""Coverage of the intervals of flows and small areas on populations whose truth is known, kept and broken.

Prints two Markdown tables: ``python benchmarks/coverage_flows_sae.py [replicates]`` (200 by default, about two
minutes).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from migstat.estimation.arrays import EstimateArray
from migstat.estimation.flows_accounting import AccountingRules, Balance
from migstat.estimation.flows_gravity import PairEffects, flows_gravity
from migstat.estimation.flows_pseudo_bayes import MixtureWeight, both_extremes
from migstat.estimation.flows_residual import Measured, residual
from migstat.estimation.flows_survival_ratio import CohortErrors, net_survival_ratio
from migstat.estimation.flows_uncertainty import Draws, StockErrors, flows_with_uncertainty
from migstat.estimation.sae_benchmarking import benchmarked
from migstat.estimation.sae_beta_binomial import beta_binomial
from migstat.estimation.sae_fay_herriot import fay_herriot
from migstat.estimation.sae_fay_herriot_arcsine import fay_herriot_arcsine
from migstat.estimation.sae_fay_herriot_log import fay_herriot_log
from migstat.estimation.sae_spatial import spatial_fay_herriot
from migstat.estimation.sae_unit_level import AreaPopulation, unit_level

OPEN = AccountingRules(Balance.OPEN_OWN)
Trial = Callable[[np.random.Generator], float]


@dataclass(frozen=True)
class Case:
    """One row: a trial gives the share of truths inside the 95 % interval in one drawn population."""

    method: str
    situation: str
    trial: Trial
    cost: float = 1.0  # expensive trials are repeated less often


def inside(result: EstimateArray, truth: np.ndarray, where: np.ndarray | None = None) -> float:
    covered = (result.low <= truth) & (truth <= result.high)
    return float(covered.mean() if where is None else covered[where].mean())


def areas(rng: np.random.Generator, *, D: int = 60, effect: str = "normal", psi_factor: float = 1.0) -> tuple:
    x, psi = rng.normal(size=D), rng.uniform(0.2, 1.2, D)
    draw = rng.normal(0, 0.8, D) if effect == "normal" else 0.8 * rng.standard_t(3, D) / np.sqrt(3)
    truth = 1 + 0.5 * x + draw
    stated = psi * (rng.chisquare(5, D) / 5 if psi_factor == 0 else psi_factor)
    return truth, truth + rng.normal(0, np.sqrt(psi)), stated, np.column_stack([np.ones(D), x])


def area_trial(**situation: object) -> Trial:
    def trial(rng: np.random.Generator) -> float:
        truth, y, psi, X = areas(rng, **situation)
        return inside(fay_herriot(y, psi, X), truth)

    return trial


def log_trial(rng: np.random.Generator) -> float:
    truth, y, psi, X = areas(rng)
    psi, noise = psi / 15, (y - truth) / np.sqrt(15)
    value = np.exp(0.4 * truth)
    seen = value * np.exp(noise)
    return inside(fay_herriot_log(seen, psi * seen**2, X), value)


def share_trial(smallest: int) -> Trial:
    def trial(rng: np.random.Generator) -> float:
        x, n = rng.normal(size=60), rng.integers(smallest, 4 * smallest + 20, 60)
        truth = np.sin(np.clip(0.6 + 0.15 * x + rng.normal(0, 0.1, 60), 0, np.pi / 2)) ** 2
        return inside(fay_herriot_arcsine(rng.binomial(n, truth) / n, n, np.column_stack([np.ones(60), x])), truth)

    return trial


def city_trial(*, groups: int = 1) -> Trial:
    def trial(rng: np.random.Generator) -> float:
        mean = np.where(np.arange(60) % 2, 0.05, 0.35) if groups == 2 else np.full(60, 0.15)
        truth, n = rng.beta(20 * mean, 20 * (1 - mean)), rng.integers(5, 60, 60)
        return inside(beta_binomial(rng.binomial(n, truth), n), truth)

    return trial


def clustered_city_trial(rng: np.random.Generator) -> float:
    truth, n = rng.beta(3, 17, 60), rng.integers(3, 20, 60)
    return inside(beta_binomial(4.0 * rng.binomial(n, truth), 4.0 * n), truth)  # households of four counted as people


def spatial_trial(rng: np.random.Generator) -> float:
    D = 40
    ring = np.roll(np.eye(D), 1, axis=0) + np.roll(np.eye(D), -1, axis=0)
    X, psi = np.column_stack([np.ones(D), rng.normal(size=D)]), rng.uniform(0.3, 1.0, D)
    truth = X @ [1.0, 0.5] + np.linalg.solve(np.eye(D) - 0.35 * ring, rng.normal(0, 0.8, D))
    return inside(spatial_fay_herriot(truth + rng.normal(0, np.sqrt(psi)), psi, X, ring), truth)


def unit_trial(selective: bool) -> Trial:
    def trial(rng: np.random.Generator) -> float:
        D, N = 30, 300
        x = rng.normal(2, 1, (D, N))
        y = 1 + 0.7 * x + rng.normal(0, 0.6, (D, 1)) + rng.normal(0, 1, (D, N))
        chance = np.exp(0.5 * (y - y.mean())) if selective else np.ones((D, N))
        units = [(d, k) for d in range(D) for k in rng.choice(N, 6, replace=False, p=chance[d] / chance[d].sum())]
        rows, people = tuple(np.array(units).T), [f"a{d:02d}" for d, _ in units]
        population = AreaPopulation.of(
            [f"a{d:02d}" for d in range(D)], np.column_stack([np.ones(D), x.mean(axis=1)]), [N] * D
        )
        return inside(
            unit_level(y[rows], np.column_stack([np.ones(len(units)), x[rows]]), people, population), y.mean(axis=1)
        )

    return trial


def benchmark_trial(off: float) -> Trial:
    def trial(rng: np.random.Generator) -> float:
        truth, y, psi, X = areas(rng)
        s = np.full(truth.size, 1 / truth.size)
        return inside(benchmarked(fay_herriot(y, psi, X), s, float(s @ truth) + off, rule="optimal"), truth)

    return trial


def disturbed(rng: np.random.Generator, table: np.ndarray, relative: float) -> np.ndarray:
    sigma = np.sqrt(np.log1p(relative**2))
    return table * np.exp(sigma * rng.standard_normal(table.shape) - sigma**2 / 2)


def flow_trial(
    *, error: float, stated: float | None = None, weight: MixtureWeight, beta: tuple[float, float] | None
) -> Trial:
    def trial(rng: np.random.Generator) -> float:
        n = 6
        start = rng.lognormal(7, 1, (n, n))
        np.fill_diagonal(start, rng.lognormal(11, 0.5, n))
        end = start * rng.lognormal(0.05, 0.25, (n, n))
        least, free = both_extremes(start, end, None, None, OPEN)
        w = 1.0 if beta is None else rng.beta(*beta)
        fuzzy = flows_with_uncertainty(
            disturbed(rng, start, error),
            disturbed(rng, end, error),
            errors=StockErrors(error if stated is None else stated),
            weight=weight,
            draws=Draws(rng, 200),
            rules=OPEN,
        )
        return inside(fuzzy, w * least + (1 - w) * free, ~np.eye(n, dtype=bool))

    return trial


def gravity_trial(kind: str) -> Trial:
    def trial(rng: np.random.Generator) -> float:
        n = 20
        far, off = rng.uniform(1, 5, (n, n)), ~np.eye(n, dtype=bool)
        mean = np.exp(4 + rng.normal(0, 0.5, n)[:, None] + rng.normal(0, 0.5, n) - 0.9 * np.log(far))
        flow = rng.poisson(mean * rng.gamma(5, 0.2, (n, n)))[off]
        i, j = (tuple(f"p{k:02d}" for k in axis) for axis in np.nonzero(off))
        X = np.column_stack([np.ones(flow.size), np.log(far[off])])
        fit = flows_gravity(flow, X, ["one", "distance"], effects=PairEffects(i, j), variance=kind)
        return float(-0.9 in fit.estimate("distance").interval)

    return trial


def cohort_trial(undercount: float) -> Trial:
    def trial(rng: np.random.Generator) -> float:
        p0, s, net = np.array([9000.0, 5000]), np.array([0.96, 0.9]), np.array([500.0, -300])
        p1 = s * p0 + net
        seen0, seen1 = p0 + rng.normal(0, 0.01 * p0), (1 - undercount) * p1 + rng.normal(0, 0.01 * p1)
        errors = CohortErrors(0.01 * p0, 0.01 * p1, 0.01)
        ours = net_survival_ratio(seen0, seen1, s + rng.normal(0, 0.01, 2), direction="forward", errors=errors)
        return inside(ours, net)

    return trial


def residual_trial(missed: float) -> Trial:
    def trial(rng: np.random.Generator) -> float:
        counted = 8000 + 3000 * (1 - missed) + rng.normal(0, 150)
        share = Measured(0.2 + rng.normal(0, 0.03), 0.03)
        return float(3000 in residual(Measured(counted, 150), Measured(8000.0, 50), share).interval)

    return trial


def small_area_cases() -> Iterator[Case]:
    yield Case("fay_herriot", "assumptions hold, 60 areas", area_trial())
    yield Case("fay_herriot", "assumptions hold, 15 areas", area_trial(D=15))
    yield Case("fay_herriot", "area effects with heavy tails (t with 3 degrees)", area_trial(effect="t"))
    yield Case("fay_herriot", "sampling variances stated at half their size", area_trial(psi_factor=0.5))
    yield Case("fay_herriot", "sampling variances estimated with 5 degrees, not smoothed", area_trial(psi_factor=0))
    yield Case("fay_herriot_log", "assumptions hold", log_trial)
    yield Case("fay_herriot_arcsine", "12 to 68 effective respondents", share_trial(12))
    yield Case("fay_herriot_arcsine", "3 to 32 effective respondents", share_trial(3))
    yield Case("spatial_fay_herriot", "assumptions hold, rho 0.7", spatial_trial, 4)
    yield Case("unit_level", "assumptions hold", unit_trial(False), 2)
    yield Case("unit_level", "people with high values answer more often", unit_trial(True), 2)
    yield Case("benchmarked", "true total", benchmark_trial(0.0))
    yield Case("benchmarked", "total too high by half a standard deviation of areas", benchmark_trial(0.4))
    yield Case("beta_binomial", "assumptions hold", city_trial(), 4)
    yield Case("beta_binomial", "two kinds of city under one prior", city_trial(groups=2), 4)
    yield Case("beta_binomial", "households of four counted as people", clustered_city_trial, 4)


def flow_cases() -> Iterator[Case]:
    sure, unsure = MixtureWeight(1.0), MixtureWeight(0.8, 0.1)
    yield Case(
        "flows_with_uncertainty",
        "minimum migration true, stocks to 1 %",
        flow_trial(error=0.01, weight=sure, beta=None),
        6,
    )
    yield Case(
        "flows_with_uncertainty",
        "minimum migration true, stocks to 5 %",
        flow_trial(error=0.05, weight=sure, beta=None),
        6,
    )
    yield Case(
        "flows_with_uncertainty",
        "mixing weight unknown, drawn as stated",
        flow_trial(error=0.01, weight=unsure, beta=(12, 3)),
        1.5,
    )
    yield Case(
        "flows_with_uncertainty",
        "hidden moves (weight 0.8) but minimum assumed",
        flow_trial(error=0.01, weight=sure, beta=(12, 3)),
        6,
    )
    yield Case(
        "flows_with_uncertainty",
        "stock errors stated at a third of their size",
        flow_trial(error=0.03, stated=0.01, weight=sure, beta=None),
        6,
    )
    yield Case("flows_gravity", "robust variance, flows over-dispersed", gravity_trial("robust"), 2)
    yield Case("flows_gravity", "Poisson variance, flows over-dispersed", gravity_trial("poisson"), 2)
    yield Case("net_survival_ratio", "assumptions hold", cohort_trial(0.0), 0.1)
    yield Case("net_survival_ratio", "second census misses 3 % more", cohort_trial(0.03), 0.1)
    yield Case("residual", "assumptions hold", residual_trial(0.2), 0.1)
    yield Case("residual", "40 % missed where 20 % is supposed", residual_trial(0.4), 0.1)


def coverage(case: Case, replicates: int, seed: int = 20) -> tuple[float, float]:
    """Mean share inside and its Monte Carlo standard error."""
    count = max(int(replicates / case.cost), 2)
    rng = np.random.default_rng(seed)
    shares = np.array([case.trial(rng) for _ in range(count)])
    return float(shares.mean()), float(shares.std(ddof=1) / np.sqrt(count))


def main() -> None:
    replicates = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    for title, cases in (("Small areas", small_area_cases()), ("Flows", flow_cases())):
        print(f"\n### {title}\n\n| method | situation | 95 % interval covers |\n|---|---|---|")
        for case in cases:
            share, noise = coverage(case, replicates)
            print(f"| `{case.method}` | {case.situation} | {100 * share:.1f} % (± {100 * noise:.1f}) |", flush=True)


if __name__ == "__main__":
    main()
