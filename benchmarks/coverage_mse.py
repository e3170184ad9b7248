"""How often intervals for the size of a population contain the truth, when assumptions hold and when one is broken.

Populations are simulated with a known size; every method is given the same tables. Prints the table of
docs/methods/multiple_systems.md. Run: python benchmarks/coverage_mse.py [replicates]. With 1,000 replicates the Monte
Carlo standard error of a coverage of 95 % is 0.7 points.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from migstat.estimation.mse_bootstrap import mse_bootstrap
from migstat.estimation.mse_chao import mse_chao
from migstat.estimation.mse_chapman import mse_chapman
from migstat.estimation.mse_closedp import mse_closedp
from migstat.estimation.mse_dga import mse_dga
from migstat.estimation.mse_latent_classes import mse_latent_classes
from migstat.estimation.mse_lincoln_petersen import mse_lincoln_petersen
from migstat.estimation.mse_loglinear import mse_loglinear
from migstat.estimation.mse_multimodel import mse_multimodel
from migstat.estimation.mse_stepwise import mse_stepwise
from migstat.estimation.mse_tables import CaptureTable, table_from_membership
from migstat.model import Estimate, Refused

Method = Callable[[CaptureTable, np.random.Generator], Estimate]


@dataclass(frozen=True)
class Scenario:
    """A population of ``size`` on lists with the given chances; what makes them depend on each other, if anything.

    ``referral``: chance that a person on list A is also put on list B. ``spread``: standard deviation of a person's
    own log odds of being on any list. ``missed``: chance that a link between two lists is not recognised.
    """

    name: str
    size: int
    chances: tuple[float, ...]
    referral: float = 0.0
    spread: float = 0.0
    missed: float = 0.0

    def draw(self, rng: np.random.Generator) -> CaptureTable:
        odds = np.log(np.array(self.chances) / (1 - np.array(self.chances)))
        own = rng.normal(0.0, self.spread, self.size) if self.spread else np.zeros(self.size)
        member = rng.random((self.size, len(odds))) < 1 / (1 + np.exp(-(odds + own[:, None])))
        member[:, 1] |= member[:, 0] & (rng.random(self.size) < self.referral)
        if self.missed:  # a person on several lists falls apart: the last list takes him for another
            several = member.sum(axis=1) > 1
            lost = several & (rng.random(self.size) < self.missed)
            last = member.shape[1] - 1 - member[:, ::-1].argmax(axis=1)
            twin = np.zeros_like(member)
            twin[lost, last[lost]] = True
            member = np.vstack([member & ~twin, twin[lost]])
        return table_from_membership(member[member.any(axis=1)].astype(int))


THREE = (0.30, 0.25, 0.20)
FOUR = (0.30, 0.25, 0.20, 0.15)

SCENARIOS = (
    Scenario("two independent lists", 1000, (0.30, 0.25)),
    Scenario("two lists, A refers 20 % to B", 1000, (0.30, 0.25), referral=0.2),
    Scenario("two lists, 10 % of links missed", 1000, (0.30, 0.25), missed=0.1),
    Scenario("four independent lists", 1000, FOUR),
    Scenario("four lists, A refers 20 % to B", 1000, FOUR, referral=0.2),
    Scenario("four lists, unequal people (sd 1)", 1000, FOUR, spread=1.0),
)

TWO_LIST_METHODS: dict[str, Method] = {
    "mse_lincoln_petersen": lambda table, rng: mse_lincoln_petersen(table),
    "mse_chapman": lambda table, rng: mse_chapman(table),
}

MANY_LIST_METHODS: dict[str, Method] = {
    "mse_chao": lambda table, rng: mse_chao(table),
    "mse_closedp Mth Darroch": lambda table, rng: mse_closedp(table, "Mth Darroch"),
    "mse_loglinear [1,2,3,4]": lambda table, rng: mse_loglinear(table, "[1,2,3,4]"),
    "mse_loglinear [12,3,4]": lambda table, rng: mse_loglinear(table, "[12,3,4]"),
    "mse_stepwise": lambda table, rng: mse_stepwise(table),
    "mse_bootstrap (stepwise, BCa)": lambda table, rng: mse_bootstrap(table, rng, replicates=400),
    "mse_multimodel (BIC average)": lambda table, rng: mse_multimodel(table),
    "mse_multimodel (AIC average)": lambda table, rng: mse_multimodel(table, criterion="aic"),
    "mse_dga": lambda table, rng: mse_dga(table, most_unseen=4000),
    "mse_latent_classes": lambda table, rng: mse_latent_classes(table, rng, chains=1, draws=400, burn=500, thin=5),
}


def coverage(scenario: Scenario, method: Method, replicates: int, rng: np.random.Generator) -> tuple[float, float, int]:
    """Share of intervals that contain the truth, mean relative error of the estimate, and how many were refused."""
    covered, errors, refused = 0, [], 0
    for _ in range(replicates):
        try:
            estimate = method(scenario.draw(rng), rng)
        except Refused:
            refused += 1
            continue
        assert estimate.interval is not None
        covered += scenario.size in estimate.interval
        errors.append(estimate.value / scenario.size - 1)
    done = replicates - refused
    return (covered / done if done else math.nan), (float(np.mean(errors)) if errors else math.nan), refused


def main(replicates: int) -> None:
    print("| scenario | method | coverage of 95 % | mean error | refused |")
    print("|---|---|---|---|---|")
    for number, scenario in enumerate(SCENARIOS):
        methods = TWO_LIST_METHODS if len(scenario.chances) == 2 else MANY_LIST_METHODS
        for name, method in methods.items():
            share, error, refused = coverage(scenario, method, replicates, np.random.default_rng(1000 + number))
            print(f"| {scenario.name} | {name} | {share:.1%} | {error:+.1%} | {refused} |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
