"""Population size by successive sampling: against brute force, the reference sample and known populations."""

import math

import numpy as np
import pytest
from scipy.linalg import expm

from estimation.rds_samples import reference_sample, successive_sample
from migstat.estimation.rds_population_size import SizePrior, rds_population_size
from migstat.estimation.rds_population_size_posterior import _clock_log_density, size_posterior
from migstat.estimation.rds_recruitment import recruitment_from_rows
from migstat.model import Refused


@pytest.mark.evidence("rds_population_size", "published")
def test_the_population_of_the_reference_sample_has_1000_members(reference_folder):
    """fauxmadrona is a sample of 500 from a network of 1,000 (documentation of the R package RDS)."""
    sample = reference_sample(reference_folder, "fauxmadrona", "disease")
    for median in (750, 2000):
        estimate = rds_population_size(sample.recruitment, SizePrior(median))
        assert 1000 in estimate.interval
        assert estimate.extra["posterior_mass"].sum() == pytest.approx(1)


def test_density_of_the_sum_of_exponentials():
    """Against the exact density of a sum of five exponentials of rates 1..5: 5 e^-r (1 - e^-r)^4."""
    r = np.array([0.3, 1.0, 2.0, 4.0])
    exact = np.log(5 * np.exp(-r) * (1 - np.exp(-r)) ** 4)
    found = _clock_log_density(np.arange(1.0, 6.0), r)
    assert np.abs((found - exact) - (found - exact)[1]).max() < 0.02


def test_posterior_agrees_with_brute_force():
    """Fifteen respondents, few sizes: the clock's density from its Markov chain, everything else summed plainly."""
    degree = np.array([4, 5, 3, 4, 2, 3, 4, 3, 2, 3, 2, 1, 2, 3, 1])
    n, most = len(degree), 45
    log_prior = np.full(most, -math.log(most))
    ours, _ = size_posterior(degree, log_prior)
    rates = np.cumsum(degree[::-1])[::-1].astype(float)
    step = 0.01
    forward = expm(step * (np.diag(-rates) + np.diag(rates[:-1], 1)))
    stage, clock, density = np.eye(n)[0], [], []
    for j in range(1, 2000):
        stage = stage @ forward
        clock.append(j * step)
        density.append(stage[-1] * rates[-1])
    clock, density = np.array(clock), np.array(density)
    k = np.arange(1, 11)
    log_factorial = np.array([math.lgamma(value + 1) for value in k])
    unseen = np.arange(most)
    ratio = np.array([math.lgamma(n + m + 1) - math.lgamma(m + 1) for m in unseen])
    brute = np.zeros(most)
    for mode in np.linspace(math.log(0.2 * n / (1 / degree).sum()), math.log(2 * degree.mean()), 33):
        for spread in np.exp(np.linspace(-4, 4, 33)):
            p = np.exp(spread * (k * mode - log_factorial) - (spread * (k * mode - log_factorial)).max())
            p /= p.sum()
            leaving = np.exp(-np.outer(clock, k)) @ p
            likelihood = np.log(np.maximum(p[degree - 1], 1e-300)).sum()
            brute += np.exp(ratio - ratio[-1] + likelihood + 20) * (density @ leaving[:, None] ** unseen)
    brute /= brute.sum()
    assert np.abs(np.cumsum(ours) - np.cumsum(brute)).max() < 0.03


@pytest.mark.evidence("rds_population_size", "truth")
def test_known_populations_are_in_the_interval():
    """Seven in ten, to be safe, of intervals of 90 %, with one prior for both sizes."""
    for population in (700, 2500):
        held = []
        for seed in range(10):
            recruitment, _, _ = successive_sample(np.random.default_rng(seed), population, 400)
            held.append(population in rds_population_size(recruitment, SizePrior(1200)).interval)
        assert np.mean(held) >= 0.7


@pytest.mark.evidence("rds_population_size", "property")
def test_shrinking_networks_mean_a_small_population():
    rng = np.random.default_rng(2)
    degree = rng.poisson(8, 200) + 1.0
    chain = [-1, *range(199)]
    values = [
        rds_population_size(recruitment_from_rows(chain, order), SizePrior(800)).value
        for order in (np.sort(degree)[::-1], degree, np.sort(degree))
    ]
    assert values[0] < values[1] < values[2]
    assert values[0] < 260


def test_prior_has_the_median_it_was_given_and_the_diagnostics_tell_when_it_decides():
    masses = np.exp(SizePrior(900, 4000).log_masses(300))
    assert masses.sum() == pytest.approx(1)
    assert 300 + np.searchsorted(np.cumsum(masses), 0.5) == pytest.approx(900, abs=1)
    flat = recruitment_from_rows([-1, *range(99)], [5.0] * 100)
    concerns = {d.id: d.concern for d in rds_population_size(flat, SizePrior(400)).diagnostics}
    assert concerns["rds.decline_of_degree"]


@pytest.mark.parametrize(
    ("rule", "prior", "level"),
    [
        ("rds.prior_median", SizePrior(50), 0.9),
        ("rds.prior_median", SizePrior(math.nan), 0.9),
        ("rds.prior_largest", SizePrior(500, 600), 0.9),
        ("rds.prior_largest", SizePrior(5e5), 0.9),
        ("rds.level", SizePrior(500), 90),
    ],
)
def test_refusals(rule, prior, level):
    recruitment = recruitment_from_rows([-1, *range(99)], [5.0] * 100)
    with pytest.raises(Refused) as caught:
        rds_population_size(recruitment, prior, level=level)
    assert caught.value.rule == rule


def test_a_degree_beyond_what_anybody_knows_is_refused():
    with pytest.raises(Refused, match=r"rds\.degree_too_large"):
        rds_population_size(recruitment_from_rows([-1, *range(99)], [5.0] * 99 + [5001.0]), SizePrior(500))


def test_too_few_respondents_are_refused():
    with pytest.raises(Refused, match=r"rds\.sample_too_small"):
        rds_population_size(recruitment_from_rows([-1, 0], [5.0, 4.0]), SizePrior(500))
