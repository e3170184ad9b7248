"""Differential activity: the ratio of mean degrees of two groups."""

import numpy as np
import pytest

from estimation.rds_samples import reference_sample, small_sample, successive_sample
from migstat.estimation.rds_differential_activity import rds_differential_activity
from migstat.estimation.rds_resampling import Resampling
from migstat.model import Refused


@pytest.mark.evidence("rds_differential_activity", "published")
@pytest.mark.parametrize(
    ("name", "variable", "of"), [("fauxmadrona", "disease", "1"), ("faux", "X", "red"), ("faux", "Z", "red")]
)
def test_agrees_with_the_peer(reference_folder, name, variable, of):
    sample = reference_sample(reference_folder, name, variable)
    estimate = rds_differential_activity(sample.recruitment, sample.labels, of)
    assert estimate.value == pytest.approx(sample.results["differential_activity"][0], rel=1e-13)


@pytest.mark.evidence("rds_differential_activity", "property")
def test_inverse_for_the_other_group_and_harmonic_means_by_hand():
    recruitment, labels = small_sample()
    one, other = (rds_differential_activity(recruitment, labels, of).value for of in "ab")
    assert one * other == pytest.approx(1)
    inside = np.array(labels) == "a"
    harmonic = [1 / (1 / recruitment.degree[part]).mean() for part in (inside, ~inside)]
    assert one == pytest.approx(harmonic[0] / harmonic[1])


@pytest.mark.evidence("rds_differential_activity", "truth")
def test_recovers_twice_as_many_acquaintances_without_replacement():
    values = []
    for seed in range(30):
        recruitment, labels, _ = successive_sample(np.random.default_rng(seed), 1000, 400)
        values.append(rds_differential_activity(recruitment, labels, "a", population=1000).value)
    assert abs(np.mean(values) - 2.0) < 3 * np.std(values) / np.sqrt(30) + 0.01


def test_interval_holds_the_estimate_and_stays_above_0():
    recruitment, labels, _ = successive_sample(np.random.default_rng(1), 1000, 300)
    resampling = Resampling(np.random.default_rng(1), replicates=200)
    estimate = rds_differential_activity(recruitment, labels, "a", resampling=resampling)
    assert 0 < estimate.interval.low < estimate.value < estimate.interval.high
    with pytest.raises(Refused, match=r"rds\.bootstrap"):
        rds_differential_activity(recruitment, labels, "a", resampling=Resampling(np.random.default_rng(1), "salganik"))
