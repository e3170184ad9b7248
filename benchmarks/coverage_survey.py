"""How often do survey intervals at 95 % hold the truth? Populations are known, samples are drawn again and again.

Run: ``.venv/bin/python benchmarks/coverage_survey.py [ROUNDS]``. Rows marked "broken" break an assumption on purpose.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable

import numpy as np

from migstat.estimation.composite_index import Recipe, ranks_of
from migstat.estimation.composite_normalisation import Normalisation
from migstat.estimation.composite_structure import IndexStructure, Node
from migstat.estimation.composite_treatment import UNTREATED
from migstat.estimation.composite_uncertainty import Doubts, composite_uncertainty
from migstat.estimation.survey_calibration import calibrate
from migstat.estimation.survey_design import SurveyDesign
from migstat.estimation.survey_difference import Wave, survey_change
from migstat.estimation.survey_mean import survey_mean
from migstat.estimation.survey_quantile import survey_quantile
from migstat.estimation.survey_replicates import bootstrap, replicated
from migstat.estimation.survey_reporting import Confidence
from migstat.estimation.survey_share import survey_share

CLUSTERS, SIZE = 600, 10
NORMAL = Confidence(0.95, math.inf)


class Population:
    """Six hundred clusters of ten in three strata: an outcome alike within clusters, a related known variable."""

    def __init__(self, generator: np.random.Generator) -> None:
        level = generator.normal(20, 3, CLUSTERS)
        self.y = level[:, None] + generator.gamma(2, 3, (CLUSTERS, SIZE))
        self.x = self.y + generator.normal(0, 3, self.y.shape)
        self.stratum = np.arange(CLUSTERS) % 3

    def draw(self, a_stratum: int, generator: np.random.Generator) -> np.ndarray:
        return np.concatenate(
            [generator.choice(np.flatnonzero(self.stratum == s), a_stratum, replace=False) for s in range(3)]
        )

    def design(self, clusters: np.ndarray, *, clustered: bool = True) -> SurveyDesign:
        rows = clusters.size * SIZE
        strata = np.repeat(self.stratum[clusters], SIZE)
        return SurveyDesign.of(
            np.full(rows, CLUSTERS / clusters.size),
            strata=strata,
            units=np.repeat(clusters, SIZE) if clustered else None,
            population_units=np.full(rows, CLUSTERS // 3) if clustered else None,
        )


def survey_scenarios(
    population: Population, generator: np.random.Generator
) -> dict[str, Callable[[], tuple[float, object]]]:
    """Each scenario draws one sample and gives the truth and the interval."""
    y, x = population.y, population.x
    refusing = y > np.quantile(y, 0.6)

    def sample(a_stratum: int) -> tuple[np.ndarray, np.ndarray]:
        clusters = population.draw(a_stratum, generator)
        return clusters, y[clusters].ravel()

    def mean() -> tuple[float, object]:
        clusters, values = sample(20)
        return y.mean(), survey_mean(population.design(clusters), values).interval

    def bootstrapped() -> tuple[float, object]:
        clusters, values = sample(20)
        found = replicated(bootstrap(population.design(clusters), 300, generator), "mean", values)
        return y.mean(), found.interval

    def calibrated() -> tuple[float, object]:
        clusters, values = sample(20)
        design = population.design(clusters)
        auxiliary = np.column_stack([np.ones(design.rows), x[clusters].ravel()])
        return y.mean(), survey_mean(calibrate(design, auxiliary, [float(x.size), x.sum()]), values).interval

    def median() -> tuple[float, object]:
        clusters, values = sample(20)
        return float(np.quantile(y, 0.5, method="inverted_cdf")), survey_quantile(
            population.design(clusters), values
        ).interval

    def rare_share() -> tuple[float, object]:
        clusters, values = sample(20)
        return float((y > 36).mean()), survey_share(population.design(clusters), values > 36).interval

    def few_units(confidence: Confidence) -> tuple[float, object]:
        clusters, values = sample(3)
        return y.mean(), survey_mean(population.design(clusters), values, confidence=confidence).interval

    def clusters_forgotten() -> tuple[float, object]:
        clusters, values = sample(20)
        return y.mean(), survey_mean(population.design(clusters, clustered=False), values).interval

    def informative_nonresponse() -> tuple[float, object]:
        clusters, values = sample(20)
        stays = ~(refusing[clusters].ravel() & (generator.random(values.size) < 0.3))
        return y.mean(), survey_mean(population.design(clusters), values, domain=stays).interval

    def change() -> tuple[float, object]:
        clusters = population.draw(20, generator)
        kept = np.sort(clusters)[generator.permutation(60)[:40]]
        others = np.setdiff1d(np.arange(CLUSTERS), clusters)
        second = np.concatenate([kept, generator.choice(others, 20, replace=False)])
        after = y + 1 + generator.normal(0, 1, y.shape)
        designs = [SurveyDesign.of(np.full(600, 10.0), units=np.repeat(one, SIZE)) for one in (clusters, second)]
        waves = [Wave(d, t[c].ravel()) for d, t, c in zip(designs, (y, after), (clusters, second), strict=True)]
        return float(after.mean() - y.mean()), survey_change(*waves).interval

    return {
        "mean, 60 clusters, Taylor": mean,
        "mean, 60 clusters, bootstrap of 300": bootstrapped,
        "mean calibrated to a known total": calibrated,
        "median, Woodruff": median,
        "share of about 4 %, logit": rare_share,
        "change, two thirds of clusters kept": change,
        "mean, 9 clusters, t quantile": lambda: few_units(Confidence()),
        "broken: 9 clusters, normal quantile": lambda: few_units(NORMAL),
        "broken: clusters forgotten": clusters_forgotten,
        "broken: 30 % of the highest 40 % refuse": informative_nonresponse,
    }


def survey_coverage(rounds: int, seed: int) -> dict[str, float]:
    """Share of intervals that hold the truth, by scenario."""
    generator = np.random.default_rng(seed)
    scenarios = survey_scenarios(Population(generator), generator)
    hits = dict.fromkeys(scenarios, 0)
    for name, run in scenarios.items():
        for _ in range(rounds):
            truth, interval = run()
            hits[name] += truth in interval
    return {name: count / rounds for name, count in hits.items()}


def rank_coverage(rounds: int, seed: int) -> dict[str, float]:
    """Share of units whose true rank lies in the interval: 12 units, 6 indicators with known error."""
    generator = np.random.default_rng(seed)
    structure = IndexStructure(tuple(Node(f"x{k}", "index") for k in range(6)), (Node("index", None),))
    recipe = Recipe(treatment=UNTREATED, normalisation=Normalisation("scaled"))
    shares: dict[str, list[float]] = {}
    for _ in range(rounds):
        truth = generator.normal(0, 1, (12, 6))
        ranks = ranks_of(truth.mean(axis=1))
        independent = generator.normal(0, 0.6, truth.shape)
        shared = np.repeat(generator.normal(0, 0.6, (12, 1)), 6, axis=1)
        for name, error, claimed in (
            ("ranks, errors as given", independent, 0.6),
            ("broken: errors twice as large as given", independent, 0.3),
            ("broken: one error common to a unit's indicators", shared, 0.6),
        ):
            found = composite_uncertainty(
                structure,
                [str(place) for place in range(12)],
                truth + error,
                Doubts(standard_errors=np.full(truth.shape, claimed)),
                generator,
                recipe=recipe,
                replicates=400,
            )
            covered = [ranks[place] in rank.interval for place, rank in enumerate(found.values())]
            shares.setdefault(name, []).append(float(np.mean(covered)))
    return {name: float(np.mean(values)) for name, values in shares.items()}


def main(rounds: int) -> None:
    print(
        f"{rounds} samples each; Monte Carlo standard error {100 * math.sqrt(0.95 * 0.05 / rounds):.1f} points at 95 %"
    )
    for table in (survey_coverage(rounds, 1), rank_coverage(max(rounds // 5, 20), 2)):
        for name, share in table.items():
            print(f"| {name} | {100 * share:.1f} % |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
