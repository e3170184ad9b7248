"""Times of the uncertainty of a composite index: 51 units, 49 indicators, three levels, beside COINr 1.1.14.

Run: ``.venv/bin/python benchmarks/bench_composite.py``. COINr took 12.284 s for 100 replicates on two noisy cores, the
whole chain (imputation, treatment, normalisation, weights, aggregation) worked out again in each, as here.
"""

from __future__ import annotations

import time

import numpy as np

from migstat.estimation.composite_imputation import Imputation
from migstat.estimation.composite_index import Recipe
from migstat.estimation.composite_normalisation import Normalisation
from migstat.estimation.composite_structure import IndexStructure, Node
from migstat.estimation.composite_treatment import Treatment
from migstat.estimation.composite_uncertainty import Doubts, IndexSimulator, simulated_scores

COINR_PER_REPLICATE = 12.284 / 100


def index(units: int, indicators: int) -> tuple[IndexStructure, np.ndarray]:
    """A table like the bench one: skewed indicators in eight themes that follow common traits, 2 % missing."""
    r = np.random.default_rng(50)
    themes = 8
    traits = r.normal(size=(units, themes))
    theme = np.arange(indicators) * themes // indicators
    table = np.exp((traits[:, theme] * 0.7 + r.normal(size=(units, indicators)) * 0.7) * 0.9) * 10
    table[r.random(table.shape) < 0.02] = np.nan
    structure = IndexStructure(
        tuple(Node(f"i{k}", f"t{theme[k]}") for k in range(indicators)),
        (
            *(Node(f"t{k}", "ab"[k % 2]) for k in range(themes)),
            Node("a", "index"),
            Node("b", "index"),
            Node("index", None),
        ),
    )
    return structure, table


def seconds(units: int, indicators: int, replicates: int) -> float:
    structure, table = index(units, indicators)
    doubts = Doubts(
        standard_errors=np.where(np.isnan(table), 0.0, 0.1 * np.nan_to_num(table)),
        weight_spread=0.25,
        imputations=[Imputation("median")],
        treatments=[Treatment(2)],
        normalisations=[Normalisation("zscore")],
    )
    recipe = Recipe(imputation=Imputation("mean"))
    start = time.process_time()
    simulator = IndexSimulator.of(structure, table, recipe, doubts)
    simulated_scores(simulator, replicates, np.random.default_rng(1))
    return time.process_time() - start


def main() -> None:
    seconds(51, 49, 10)  # compiles
    spent = seconds(51, 49, 1000)
    print("| work | migstat | COINr | times faster a replicate |\n|---|---|---|---|")
    print(
        f"| 1,000 replicates, 51 units, 49 indicators | {spent:.3f} s | 12.284 s for 100 "
        f"| {COINR_PER_REPLICATE / (spent / 1000):,.0f} |"
    )
    print("\n| units | indicators | 1,000 replicates (s) |\n|---|---|---|")
    for units, indicators in ((51, 16), (51, 49), (200, 60), (1000, 60)):
        print(f"| {units} | {indicators} | {seconds(units, indicators, 1000):.3f} |")


if __name__ == "__main__":
    main()
