"""The bootstraps: what they resample, agreement with the peer where it is right, and who is right where it is not."""

import numpy as np
import pytest

from estimation.rds_samples import VARIABLES, random_walk, reference_sample, small_sample
from migstat.estimation.rds_ii import rds_ii
from migstat.estimation.rds_outcome import outcome_of
from migstat.estimation.rds_recruitment import recruitment_from_rows
from migstat.estimation.rds_resampling import Resampling, share_interval, usable
from migstat.estimation.rds_salganik_bootstrap import salganik_replicates
from migstat.estimation.rds_tree_bootstrap import replicate_transitions, tree_replicates
from migstat.model import Refused

PEER_REPLICATES = 500


@pytest.mark.parametrize(("name", "variable"), VARIABLES)
def test_salganik_standard_errors_agree_with_the_corrected_peer(reference_folder, name, variable):
    sample = reference_sample(reference_folder, name, variable)
    outcome = outcome_of(sample.labels, sample.recruitment)
    ours = salganik_replicates(sample.recruitment, outcome, replicates=4000, rng=np.random.default_rng(2))
    for method in ("RDS-I", "RDS-II"):
        ratio = ours.std(axis=0, ddof=1) / sample.salganik(method, "fixed_se")
        assert (np.abs(ratio - 1) < 3 * np.sqrt(1 / (2 * PEER_REPLICATES) + 1 / 8000)).all()


@pytest.mark.parametrize(("name", "variable"), VARIABLES)
def test_centre_of_the_peers_bootstrap_is_met_when_degrees_are_drawn_as_it_does(reference_folder, name, variable):
    sample = reference_sample(reference_folder, name, variable)
    outcome = outcome_of(sample.labels, sample.recruitment)
    ours = salganik_replicates(
        sample.recruitment, outcome, replicates=4000, rng=np.random.default_rng(3), draw_by_degree=True
    ).mean(axis=0)
    for method in ("RDS-I", "RDS-II"):
        error = sample.salganik(method, "fixed_se") / np.sqrt(PEER_REPLICATES)
        assert (np.abs(ours - sample.salganik(method, "fixed_mean")) < 3 * error).all()


def test_drawing_by_degree_is_wrong_on_a_chain_whose_truth_is_known():
    """The groups differ in how widely their degrees spread, so that a second size bias moves the share."""
    rng = np.random.default_rng(6)
    labels, degrees, group = [], [], 0
    for _ in range(6000):
        labels.append("ab"[group])
        choices = np.array([5.0]) if group == 0 else np.array([1.0, 9.0])
        degrees.append(float(rng.choice(choices, p=choices / choices.sum())))
        group = group if rng.random() < 0.6 else 1 - group
    recruitment = recruitment_from_rows([-1, *range(5999)], degrees)
    outcome = outcome_of(labels, recruitment)
    right, wrong = (
        salganik_replicates(recruitment, outcome, replicates=200, rng=rng, draw_by_degree=biased)[:, 0].mean()
        for biased in (False, True)
    )
    truth = 0.5  # equal rates out of both groups and equal mean degrees: each group holds half the ties
    assert abs(right - truth) < 0.03
    assert wrong - truth > 0.09


def test_salganik_centre_does_not_depend_on_the_order_of_appearance():
    """The label fault of the peer: 0.363 for an estimate of 0.164, because "1" comes first in the file."""
    recruitment, labels, _ = random_walk(np.random.default_rng(7), 600)
    renamed = [{"a": "z", "b": "b"}[label] for label in labels]
    for names, target in ((labels, "a"), (renamed, "z")):
        outcome = outcome_of(names, recruitment)
        replicates = salganik_replicates(recruitment, outcome, replicates=400, rng=np.random.default_rng(1))
        estimate = rds_ii(recruitment, names, target).value
        assert replicates[:, outcome.position(target)].mean() == pytest.approx(estimate, abs=0.02)


def test_salganik_spread_is_that_of_repeated_chains():
    chains = [random_walk(np.random.default_rng(seed), 150) for seed in range(200)]
    values = [rds_ii(recruitment, labels, "a").value for recruitment, labels, _ in chains]
    errors = [
        rds_ii(r, y, "a", resampling=Resampling(np.random.default_rng(1), "salganik", 200)).standard_error
        for r, y, _ in chains[:30]
    ]
    assert np.mean(errors) == pytest.approx(np.std(values, ddof=1), rel=0.15)


def test_salganik_refuses_a_group_that_recruited_nobody():
    recruitment = recruitment_from_rows([-1, 0, 0, 1], [2, 2, 2, 2])
    outcome = outcome_of(list("aaba"), recruitment)
    with pytest.raises(Refused, match=r"rds\.no_recruits"):
        salganik_replicates(recruitment, outcome, replicates=50, rng=np.random.default_rng(1))


@pytest.mark.parametrize(("name", "variable"), VARIABLES)
def test_tree_standard_errors_agree_with_the_peer(reference_folder, name, variable):
    """For "Y" the peer's second and third labels are exchanged, see test_rds_i."""
    sample = reference_sample(reference_folder, name, variable)
    ours = rds_ii(
        sample.recruitment,
        sample.labels,
        sample.categories[0],
        resampling=Resampling(np.random.default_rng(4), "tree", 4000),
    )
    peer = sample.errors("boot|Treeboot|RDS-II")
    if variable == "Y":
        peer = peer[[0, 2, 1]]
    assert (np.abs(ours.extra["standard_errors"] / peer - 1) < 3 * np.sqrt(1 / 400 + 1 / 8000)).all()


def test_tree_replicates_keep_the_shape_of_the_forest():
    forest, _ = small_sample()
    rng = np.random.default_rng(1)
    free = tree_replicates(forest, replicates=500, rng=rng, fixed_size=False)
    assert (free[:, forest.seeds].sum(axis=1) == 2).all()
    for parent in range(12):
        children = np.flatnonzero(forest.recruiter == parent)
        if children.size:
            assert (free[:, children].sum(axis=1) == children.size * free[:, parent]).all()
    fixed = tree_replicates(forest, replicates=500, rng=rng)
    assert (fixed.sum(axis=1) == 12).all()


def test_transitions_of_replicates_are_counts_of_recruits():
    forest, labels = small_sample()
    codes = outcome_of(labels, forest).codes
    once = np.ones((1, 12), dtype=np.int64)
    assert (replicate_transitions(forest, codes, 2, once)[0] == forest.transitions(codes, 2)).all()


def test_tree_bootstrap_of_one_chain_is_refused():
    chain = recruitment_from_rows([-1, 0, 1, 2], [1, 2, 3, 4])
    with pytest.raises(Refused, match=r"rds\.no_branches"):
        rds_ii(chain, list("abab"), "a", resampling=Resampling(np.random.default_rng(1), "tree"))


@pytest.mark.parametrize("share", [0.0, 1e-6, 0.02, 0.5, 0.98, 1.0])
@pytest.mark.parametrize("error", [0.0, 0.01, 0.3, 5.0])
def test_intervals_stay_between_0_and_1(share, error):
    interval = share_interval(share, error, level=0.95, effective_size=40)
    assert 0 <= interval.low <= share <= interval.high <= 1
    if share in (0.0, 1.0):
        assert interval.width == pytest.approx(1 - 0.025 ** (1 / 40))


def test_choices_of_resampling_are_checked():
    rng = np.random.default_rng(1)
    with pytest.raises(Refused, match=r"rds\.replicates"):
        Resampling(rng, replicates=10)
    with pytest.raises(Refused, match=r"rds\.level"):
        Resampling(rng, level=95)
    assert Resampling(np.random.Generator(np.random.PCG64(77))).seed == 77
    with pytest.raises(Refused, match=r"rds\.replicates_failed"):
        usable(np.array([[np.nan, 0.5], [np.nan, 1.0], [0.5, 0.5]]))
