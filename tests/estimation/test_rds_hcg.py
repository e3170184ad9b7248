"""The homophily configuration graph estimator."""

import numpy as np
import pytest

from estimation.rds_samples import reference_sample, successive_sample
from migstat.estimation.rds_hcg import rds_hcg
from migstat.estimation.rds_i import rds_i
from migstat.model import Refused


@pytest.mark.evidence("rds_hcg", "published")
@pytest.mark.parametrize(("name", "variable"), [("fauxmadrona", "disease"), ("faux", "X")])
def test_agrees_with_the_peer_to_its_own_tolerance(reference_folder, name, variable):
    """The peer simulates weights (spread 0.0003) and stops when squared changes are below 5e-5."""
    sample = reference_sample(reference_folder, name, variable)
    estimate = rds_hcg(sample.recruitment, sample.labels, sample.categories[0], 1000)
    expected = [sample.results["HCG"][category] for category in sample.categories]
    assert np.abs(estimate.extra["shares"] - expected).max() < 1e-3


@pytest.mark.evidence("rds_hcg", "property")
def test_becomes_rds_i_in_a_large_population():
    recruitment, labels, _ = successive_sample(np.random.default_rng(3), 5000, 400)
    large = rds_hcg(recruitment, labels, "a", 1e9)
    assert large.value == pytest.approx(rds_i(recruitment, labels, "a").value, abs=0.01)
    weights, inside = large.extra["weights"], np.array(labels) == "a"
    assert weights[inside].sum() / weights.sum() == pytest.approx(large.value, rel=1e-9)
    theta, mean, shares = (large.extra[key] for key in ("recruitment_matrix", "mean_degree", "shares"))
    ties = (shares * mean)[:, None] * theta
    assert ties[0, 1] == pytest.approx(ties[1, 0], rel=1e-6)


@pytest.mark.evidence("rds_hcg", "truth")
def test_recovers_the_share_of_a_depleted_population():
    errors = []
    for seed in range(8):
        recruitment, labels, truth = successive_sample(np.random.default_rng(seed), 1000, 500)
        errors.append(rds_hcg(recruitment, labels, "a", 1000).value - truth)
    assert abs(np.mean(errors)) < 3 * np.std(errors) / np.sqrt(8) + 0.005


def test_refusals():
    recruitment, labels, _ = successive_sample(np.random.default_rng(1), 1000, 300)
    with pytest.raises(Refused, match=r"rds\.population_below_sample"):
        rds_hcg(recruitment, labels, "a", 200)
