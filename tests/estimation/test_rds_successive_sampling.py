"""Successive sampling solved from one equation: against simulation, against the peer's simulation, and its limits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from estimation.rds_samples import VARIABLES, reference_sample, small_sample, successive_sample
from migstat.estimation.rds_ii import rds_ii
from migstat.estimation.rds_resampling import Resampling
from migstat.estimation.rds_successive_sampling import rds_successive_sampling
from migstat.estimation.rds_successive_sampling_probabilities import inclusion_probabilities
from migstat.model import Refused


@pytest.mark.evidence("rds_successive_sampling", "published")
@pytest.mark.parametrize(("name", "variable"), VARIABLES)
def test_agrees_with_the_peers_simulation(reference_folder, name, variable):
    """The peer draws 500 samples per run; its spread over 20 runs says how exact 20,000 or 100,000 draws are."""
    sample = reference_sample(reference_folder, name, variable)
    spread = np.array(sample.results["SS_500_sd_over_seeds"])
    runs = [(key, 20_000, int(key.split("_N")[1])) for key in sample.results if key.startswith("SS_20000_N")]
    for key, draws, size in [("SS_100000", 100_000, 1000), *runs]:
        ours = rds_successive_sampling(sample.recruitment, sample.labels, sample.categories[0], size)
        error = spread * np.sqrt(500 / draws)
        assert (np.abs(ours.extra["shares"] - sample.expected(key)) < 3 * error).all(), key
    mean = np.array(sample.results["SS_500_mean"])
    ours = rds_successive_sampling(sample.recruitment, sample.labels, sample.categories[0], 1000)
    assert (np.abs(ours.extra["shares"] - mean) < 3 * spread / np.sqrt(20)).all()


@given(
    degrees=st.lists(st.integers(1, 200), min_size=2, max_size=80),
    ratio=st.floats(1.0001, 1e6),
)
def test_probabilities_solve_giles_equations(degrees, ratio):
    """At the fixed point sum N_k (1 - exp(-d_k t)) = n with N_k = N (n_k / pi_k) / sum (n_j / pi_j)."""
    degree = np.array(degrees, dtype=float)
    population = ratio * len(degree)
    pi = inclusion_probabilities(degree, population)
    sizes, first, counts = np.unique(degree, return_index=True, return_counts=True)
    members = population * (counts / pi[first]) / (counts / pi[first]).sum()
    rate = -np.log1p(-pi[first][0]) / sizes[0]
    assert members @ -np.expm1(-sizes * rate) == pytest.approx(len(degree), rel=1e-9)
    assert (1 / pi).sum() == pytest.approx(population, rel=1e-11)
    assert ((pi > 0) & (pi <= 1)).all()


def test_probabilities_are_those_of_simulated_successive_samples():
    rng = np.random.default_rng(4)
    sizes, members, n = np.array([1.0, 2, 4, 8, 16]), np.array([100, 120, 80, 60, 40]), 200
    degree = np.repeat(sizes, members)
    taken = np.zeros(len(degree))
    draws = 4000
    for _ in range(draws // 500):
        clock = rng.standard_exponential((500, len(degree))) / degree
        taken += np.bincount(np.argpartition(clock, n, axis=1)[:, :n].ravel(), minlength=len(degree))
    simulated = np.array([taken[degree == size].mean() for size in sizes]) / draws
    # A sample with exactly the expected number of each degree leads back to the true population.
    pi = inclusion_probabilities(np.repeat(sizes, np.rint(members * simulated).astype(int)), len(degree))
    assert np.abs(np.unique(pi) / simulated - 1).max() < 0.02


@pytest.mark.evidence("rds_successive_sampling", "property")
def test_limits_are_the_plain_share_and_rds_ii():
    forest, labels = small_sample()
    assert rds_successive_sampling(forest, labels, "a", 12).value == pytest.approx(0.5)
    assert rds_successive_sampling(forest, labels, "a", 1e12).value == pytest.approx(
        rds_ii(forest, labels, "a").value, rel=1e-9
    )


@pytest.mark.evidence("rds_successive_sampling", "truth")
def test_recovers_the_share_where_rds_ii_does_not():
    errors = []
    for seed in range(40):
        forest, labels, truth = successive_sample(np.random.default_rng(seed), 1000, 500)
        ss = rds_successive_sampling(forest, labels, "a", 1000).value
        errors.append((ss - truth, rds_ii(forest, labels, "a").value - truth))
    (ss, ii), spread = np.mean(errors, axis=0), np.std(errors, axis=0) / np.sqrt(len(errors))
    assert abs(ss) < 3 * spread[0]
    assert abs(ii) > 5 * spread[1]


def test_band_of_the_unknown_population_widens_the_interval():
    forest, labels, _ = successive_sample(np.random.default_rng(1), 1000, 300)

    def resampling():
        return Resampling(np.random.default_rng(2), replicates=200)

    alone = rds_successive_sampling(forest, labels, "a", 1000, resampling=resampling())
    joined = rds_successive_sampling(forest, labels, "a", 1000, band=(600, 3000), resampling=resampling())
    assert joined.value == alone.value
    assert joined.interval.width > alone.interval.width
    assert joined.interval.low <= alone.interval.low
    band = joined.extra["population_band"]
    assert band["population"][0] == pytest.approx(600)
    assert band["population"][-1] == pytest.approx(3000)
    assert (np.diff(band["share"]) < 0).all()
    assert "600" in joined.meaning.ar
    assert "3000" in joined.meaning.ar


@pytest.mark.parametrize("band", [(100, 900), (1100, 2000), (600, float("inf")), (2000, 500)])
def test_impossible_bands_are_refused(band):
    forest, labels, _ = successive_sample(np.random.default_rng(1), 1000, 300)
    with pytest.raises(Refused, match=r"rds\.band"):
        rds_successive_sampling(forest, labels, "a", 1000, band=band)


def test_population_below_the_sample_is_refused():
    forest, labels = small_sample()
    for size in (11, float("nan"), float("inf")):
        with pytest.raises(Refused, match=r"rds\.population_below_sample"):
            rds_successive_sampling(forest, labels, "a", size)


@pytest.mark.parametrize(("name", "variable"), VARIABLES)
def test_bootstrap_agrees_with_the_peer(reference_folder, name, variable):
    """1,000 replicates of the peer: its standard error is known to 2.2 %."""
    sample = reference_sample(reference_folder, name, variable)
    resampling = Resampling(np.random.default_rng(8), "successive_sampling", 1500)
    ours = rds_successive_sampling(sample.recruitment, sample.labels, sample.categories[0], 1000, resampling=resampling)
    peer = sample.errors("boot|Gile|Gile's SS")
    assert (np.abs(ours.extra["standard_errors"] / peer - 1) < 3 * np.sqrt(1 / 2000 + 1 / 3000)).all()


def test_bootstrap_of_the_whole_population_has_no_spread():
    forest, labels = small_sample()
    estimate = rds_successive_sampling(
        forest, labels, "a", 12, resampling=Resampling(np.random.default_rng(1), replicates=50)
    )
    assert estimate.standard_error == pytest.approx(0, abs=1e-12)
