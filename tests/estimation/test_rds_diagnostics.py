"""Convergence, bottlenecks and seed dependence."""

import numpy as np
import pytest

from estimation.rds_samples import VARIABLES, reference_sample, small_sample
from migstat.estimation.rds_diagnostics import (
    bottleneck_series,
    convergence_series,
    sample_diagnostics,
    seed_dependence,
    stationary_distribution,
    waves_to_equilibrium,
)
from migstat.estimation.rds_ii import rds_ii
from migstat.estimation.rds_outcome import outcome_of
from migstat.estimation.rds_recruitment import recruitment_from_rows
from migstat.model import Refused


@pytest.mark.parametrize(("name", "variable"), VARIABLES)
def test_convergence_agrees_with_the_peer(reference_folder, name, variable):
    sample = reference_sample(reference_folder, name, variable)
    outcome = outcome_of(sample.labels, sample.recruitment)
    weights = 1 / sample.recruitment.degree
    ours = [convergence_series(sample.recruitment, outcome, of, weights).share for of in outcome.categories]
    assert np.abs(np.array(ours).T - sample.results["cumulative_RDS_II"]).max() < 1e-13


def test_convergence_ends_at_the_estimate_and_bottlenecks_split_it():
    forest, labels = small_sample()
    outcome = outcome_of(labels, forest)
    weights = 1 / forest.degree
    line = convergence_series(forest, outcome, "a", weights)
    assert line.size.tolist() == [2, 6, 10, 12]
    assert line.share[-1] == pytest.approx(rds_ii(forest, labels, "a").value)
    trees = bottleneck_series(forest, outcome, "a", weights)
    assert set(trees) == {0, 1}
    mass = {seed: weights[forest.seed == seed].sum() for seed in trees}
    together = sum(trees[seed].share[-1] * mass[seed] for seed in trees) / sum(mass.values())
    assert together == pytest.approx(line.share[-1])
    assert trees[0].size.tolist() == list(range(1, (forest.seed == 0).sum() + 1))


def test_series_wait_for_the_first_known_answer():
    forest = recruitment_from_rows([-1, 0, 1], [1, 1, 1])
    line = convergence_series(forest, outcome_of([None, "a", "b"], forest), "a", np.ones(3))
    assert np.isnan(line.share[0])
    assert line.share[1:].tolist() == [1.0, 0.5]


def test_seed_dependence_of_separate_and_alike_trees():
    recruiter = [-1, -1, *([0] * 49), *([1] * 49)]
    forest = recruitment_from_rows(recruiter, [3] * 100)
    apart = ["a" if root == 0 else "b" for root in forest.seed]
    alike = ["a" if i % 2 else "b" for i in range(100)]
    assert seed_dependence(forest, outcome_of(apart, forest)) == pytest.approx(1)
    assert seed_dependence(forest, outcome_of(alike, forest)) < 0.15
    alone = recruitment_from_rows([-1, 0], [1, 1])
    assert np.isnan(seed_dependence(alone, outcome_of(["a", "b"], alone)))


def test_waves_to_equilibrium_follow_the_second_eigenvalue():
    """Two groups that keep 90 % of recruits: the distance from (1/2, 1/2) is 0.8^w / 2, below 0.02 at w = 15."""
    pairs = ["aa"] * 9 + ["ab"] + ["bb"] * 9 + ["ba"]
    labels = [letter for pair in pairs for letter in pair]
    recruiter = [value for i in range(len(pairs)) for value in (-1, 2 * i)]
    forest = recruitment_from_rows(recruiter, [1] * len(labels))
    outcome = outcome_of(labels, forest)
    assert waves_to_equilibrium(forest, outcome) == 15
    swinging = recruitment_from_rows([-1, 0, 1], [1, 1, 1])
    with pytest.raises(Refused, match=r"rds\.periodic"):
        waves_to_equilibrium(swinging, outcome_of(list("aba"), swinging))


def test_stationary_distribution_is_left_as_it_is():
    matrix = np.random.default_rng(1).dirichlet(np.ones(5), 5)
    share = stationary_distribution(matrix)
    assert np.abs(share @ matrix - share).max() < 1e-14
    assert share.sum() == pytest.approx(1)


def test_sample_diagnostics_raise_their_concerns():
    forest = recruitment_from_rows([-1, -1, 1, 1, 1, 1], [1, 2, 1, 0, 1, 1], degree_for_unknown=5)
    found = {d.id: d for d in sample_diagnostics(forest, outcome_of(["a", "b", None, "a", "b", "a"], forest))}
    assert found["rds.largest_tree"].value == pytest.approx(5 / 6)
    concerns = {name for name, diagnostic in found.items() if diagnostic.concern}
    assert concerns == {
        "rds.waves",
        "rds.largest_tree",
        "rds.unknown_answers",
        "rds.degrees_replaced",
        "rds.more_recruits_than_degree",
    }
