"""Homophily of recruitment, by hand and on data whose mixing is known."""

import numpy as np
import pytest

from estimation.rds_samples import reference_sample, small_sample
from migstat.estimation.rds_homophily import rds_homophily
from migstat.estimation.rds_recruitment import recruitment_from_rows
from migstat.estimation.rds_resampling import Resampling
from migstat.model import Refused


def pairs(counts):
    """Seeds and one recruit each, so many of each pair of groups."""
    names = [name for name, count in counts.items() for _ in range(count)]
    recruiter = [value for i in range(len(names)) for value in (-1, 2 * i)]
    return recruitment_from_rows(recruiter, [4] * (2 * len(names))), [letter for name in names for letter in name]


@pytest.mark.evidence("rds_homophily", "published")
def test_counts_and_ratio_of_the_reference_sample(reference_folder):
    """Recruitments of fauxmadrona: 70 and 64 from the diseased, 57 and 299 from the others."""
    sample = reference_sample(reference_folder, "fauxmadrona", "disease")
    estimate = rds_homophily(sample.recruitment, sample.labels)
    assert estimate.extra["recruitments"].tolist() == [[299, 57], [64, 70]]
    assert estimate.value == pytest.approx((299 + 70) * 490 / (356 * 363 + 134 * 127), rel=1e-14)


def test_by_hand():
    recruitment, labels = pairs({"aa": 6, "ab": 2, "ba": 3, "bb": 9})
    estimate = rds_homophily(recruitment, labels)
    assert estimate.value == pytest.approx(15 * 20 / (8 * 9 + 12 * 11))
    share = np.array([6 + 2 + 6 + 3, 0]) / 40
    index = (6 / 8 - share[0]) / (1 - share[0])
    assert estimate.extra["heckathorn_index"][0] == pytest.approx(index)


@pytest.mark.evidence("rds_homophily", "property")
def test_blind_and_closed_recruitment():
    assert rds_homophily(*pairs({"aa": 4, "ab": 8, "ba": 2, "bb": 4})).value == pytest.approx(1)
    closed = rds_homophily(*pairs({"aa": 5, "bb": 5}))
    assert closed.value == pytest.approx(2)
    assert closed.extra["heckathorn_index"].tolist() == [1, 1]
    assert np.isnan(closed.extra["population_homophily"]).all()


@pytest.mark.evidence("rds_homophily", "truth")
def test_recovers_a_known_preference():
    """Half of each group; recruits are of the recruiter's group with probability 0.7, so the truth is 1.4."""
    rng = np.random.default_rng(3)
    recruiter = np.array([-1] * 20 + [int(rng.integers(0, i)) for i in range(20, 2000)])
    group = rng.integers(0, 2, 2000)
    for i in range(20, 2000):
        group[i] = group[recruiter[i]] ^ (rng.random() > 0.7)
    recruitment = recruitment_from_rows(recruiter, [5] * 2000)
    resampling = Resampling(np.random.default_rng(1), replicates=300)
    estimate = rds_homophily(recruitment, ["ab"[g] for g in group], resampling=resampling)
    assert 1.4 in estimate.interval
    assert estimate.interval.width < 0.3
    assert estimate.extra["population_homophily"] == pytest.approx([1 / 0.6] * 2, rel=0.12)


def test_refusals():
    recruitment, labels = small_sample()
    with pytest.raises(Refused, match=r"rds\.bootstrap"):
        rds_homophily(recruitment, labels, resampling=Resampling(np.random.default_rng(1), "salganik"))
    with pytest.raises(Refused, match=r"rds\.no_recruits"):
        rds_homophily(recruitment_from_rows([-1, -1], [1, 1]), ["a", "b"])
