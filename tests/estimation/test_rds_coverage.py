"""A small version of the coverage study of docs/methods/rds.md: truth is known, intervals must hold it or fail as told."""

from dataclasses import replace

import numpy as np
import pytest

from estimation.rds_samples import benchmark_module

study = benchmark_module("coverage_rds")
SMALL = replace(study.PLAIN, population=2_000, sample=250)
SAMPLES = 20


@pytest.fixture
def rng():
    return np.random.default_rng(20)


def test_networks_have_the_degrees_and_the_homophily_asked_for(rng):
    net = study.network(SMALL, rng)
    inside = net.group == 1
    assert inside.mean() == pytest.approx(0.3)
    assert net.degree.mean() == pytest.approx(10, rel=0.1)
    assert net.degree[inside].mean() > 1.2 * net.degree[~inside].mean()
    assert net.ties_between[0, 1] == net.ties_between[1, 0]
    assert (np.sort(np.concatenate(net.tie_ends)) == np.sort(net.friend)).all()


def test_surveys_follow_ties_without_replacement(rng):
    net = study.network(SMALL, rng)
    recruitment, labels = study.survey(net, SMALL, rng)
    assert len(recruitment) == 250
    assert recruitment.recruits.max() <= 2
    assert len(recruitment.seeds) >= 10
    assert set(labels) == {0, 1}


def test_intervals_hold_the_truth_under_the_assumptions(rng):
    found = study.coverage(SMALL, SAMPLES, rng)
    for method, (hit, error, width) in found.items():
        assert hit >= 0.8, method
        assert abs(error) < 0.03, method
        assert width < 0.4, method


@pytest.mark.parametrize("fault", [{"preference": 3.0}, {"overstatement": 3.0}])
def test_intervals_fail_when_recruitment_or_degrees_are_biased(rng, fault):
    found = study.coverage(replace(SMALL, **fault), 8, rng)
    assert all(hit <= 0.5 and abs(error) > 0.1 for hit, error, _ in found.values())
