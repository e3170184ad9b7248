"""RDS-I: agreement with the R package RDS 0.9-10, Heckathorn's two-group formula, a known chain recovered."""

import numpy as np
import pytest

from estimation.rds_samples import VARIABLES, random_walk, reference_sample, small_sample
from migstat.estimation.rds_i import rds_i
from migstat.estimation.rds_recruitment import recruitment_from_rows
from migstat.estimation.rds_resampling import Resampling
from migstat.model import Refused


@pytest.mark.evidence("rds_i", "published")
@pytest.mark.parametrize(("name", "variable"), VARIABLES)
@pytest.mark.parametrize("smoothed", [False, True])
def test_agrees_with_the_peer(reference_folder, name, variable, smoothed):
    sample = reference_sample(reference_folder, name, variable)
    estimate = rds_i(sample.recruitment, sample.labels, sample.categories[0], smoothed=smoothed)
    key = "RDS_I_smoothed" if smoothed else "RDS_I"
    assert np.abs(estimate.extra["shares"] - sample.expected(key)).max() < 1e-12
    weights = estimate.extra["weights"] / estimate.extra["weights"].sum() * 1000
    assert np.abs(weights[:5] - sample.results[key]["weights_head"]).max() < 1e-10


def test_two_groups_by_hand():
    """Heckathorn (2002): P_a = h_b S_ba / (h_a S_ab + h_b S_ba), with harmonic mean degrees h."""
    recruitment, labels = small_sample()
    counts = recruitment.transitions(np.array([0 if label == "a" else 1 for label in labels]), 2)
    s_ab, s_ba = counts[0, 1] / counts[0].sum(), counts[1, 0] / counts[1].sum()
    degree = {g: np.array([d for d, label in zip(recruitment.degree, labels, strict=True) if label == g]) for g in "ab"}
    h_a, h_b = (1 / (1 / degree[g]).mean() for g in "ab")
    assert rds_i(recruitment, labels, "a").value == pytest.approx(h_b * s_ba / (h_a * s_ab + h_b * s_ba), rel=1e-13)


@pytest.mark.evidence("rds_i", "property")
def test_smoothing_balances_flows_and_moves_nothing():
    rng = np.random.default_rng(3)
    labels = rng.choice(list("abc"), 300).tolist()
    recruitment = recruitment_from_rows(
        [-1, *(int(rng.integers(0, i)) for i in range(1, 300))], rng.integers(1, 20, 300)
    )
    plain, smooth = (rds_i(recruitment, labels, "a", smoothed=s) for s in (False, True))
    flows = smooth.extra["equilibrium"][:, None] * smooth.extra["recruitment_matrix"]
    assert np.abs(flows - flows.T).max() < 1e-15
    assert np.abs(plain.extra["shares"] - smooth.extra["shares"]).max() < 1e-14
    assert plain.extra["weights"].sum() == pytest.approx(1)


@pytest.mark.evidence("rds_i", "truth")
def test_recovers_the_share_behind_a_long_chain():
    recruitment, labels, truth = random_walk(np.random.default_rng(11), 20_000)
    estimate = rds_i(recruitment, labels, "a", resampling=Resampling(np.random.default_rng(1), "salganik", 200))
    assert abs(estimate.value - truth) < 3 * estimate.standard_error
    assert estimate.standard_error < 0.01


def test_disconnected_recruitment_is_refused():
    recruitment = recruitment_from_rows([-1, 0, 1, -1, 3], [2, 2, 2, 2, 2])
    for labels in (list("aaabb"), list("aabbb")):
        with pytest.raises(Refused, match=r"rds\.disconnected_groups"):
            rds_i(recruitment, labels, "a")


@pytest.mark.parametrize(("name", "variable"), VARIABLES)
def test_tree_bootstrap_agrees_with_the_peer(reference_folder, name, variable):
    """200 replicates of the peer: its standard error is known to 5 %.

    For "Y" its labels of the second and third category are exchanged (the fault of order of appearance): the blue
    of "Y" are the blue of "Z", whose standard error it gives as 0.198, not 0.272.
    """
    sample = reference_sample(reference_folder, name, variable)
    resampling = Resampling(np.random.default_rng(5), "tree", 1500)
    ours = rds_i(sample.recruitment, sample.labels, sample.categories[0], resampling=resampling)
    peer = sample.errors("boot|Treeboot|RDS-I")
    if variable == "Y":
        peer = peer[[0, 2, 1]]
    assert (np.abs(ours.extra["standard_errors"] / peer - 1) < 3 * np.sqrt(1 / 400 + 1 / 3000)).all()


def test_unknown_bootstrap_is_refused():
    recruitment, labels = small_sample()
    resampling = Resampling(np.random.default_rng(1), "successive_sampling", 100)
    with pytest.raises(Refused, match=r"rds\.bootstrap"):
        rds_i(recruitment, labels, "a", resampling=resampling)
