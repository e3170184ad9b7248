"""Benchmarking, synthetic, composite and beta-binomial estimates of areas."""

import numpy as np
import pytest
from scipy import stats
from scipy.special import betaln, gammaln

from migstat.estimation.sae_benchmarking import BenchmarkRule, benchmarked
from migstat.estimation.sae_beta_binomial import beta_binomial
from migstat.estimation.sae_composite import composite
from migstat.estimation.sae_fay_herriot import fay_herriot
from migstat.estimation.sae_synthetic import ClassMeans, DirectCheck, synthetic
from migstat.model import Refused


def survey(rng, areas=60):
    x = rng.normal(size=areas)
    psi = rng.uniform(0.3, 1.5, areas)
    truth = 5 + 0.5 * x + rng.normal(0, 0.9, areas)
    return (
        truth,
        truth + rng.normal(0, np.sqrt(psi)),
        psi,
        np.column_stack([np.ones(areas), x]),
        rng.dirichlet([3.0] * areas),
    )


@pytest.mark.evidence("benchmarked", "published")
def test_weights_are_those_of_datta_and_others():
    # Datta et al. (2011): b + (s / phi) (t - s'b) / sum(s^2 / phi), phi = s / b or s / mse
    _, y, psi, X, s = survey(np.random.default_rng(1))
    blend = fay_herriot(y, psi, X)
    for rule, phi in (("ratio", s / blend.values), ("error", s / blend.extra["mse"])):
        by_hand = blend.values + (s / phi) * (5.4 - s @ blend.values) / np.sum(s**2 / phi)
        assert benchmarked(blend, s, 5.4, rule=rule).values == pytest.approx(by_hand, rel=1e-12)


@pytest.mark.evidence("benchmarked", "property")
@pytest.mark.parametrize("rule", list(BenchmarkRule))
def test_total_is_met_and_has_the_error_it_was_given(rule):
    _, y, psi, X, s = survey(np.random.default_rng(2))
    blend = fay_herriot(y, psi, X)
    moved = benchmarked(blend, s, 5.2, rule=rule, total_standard_error=0.3)
    w, M = (
        moved.extra["weights"],
        np.diag(blend.extra["mse_diagonal"]) + blend.extra["mse_factor"] @ blend.extra["mse_factor"].T,
    )
    assert s @ moved.values == pytest.approx(5.2, rel=1e-12)
    whole = (np.eye(60) - np.outer(w, s)) @ M @ (np.eye(60) - np.outer(s, w)) + np.outer(w, w) * 0.09
    assert moved.extra["mse"] == pytest.approx(np.diag(whole), rel=1e-9)
    assert s @ whole @ s == pytest.approx(0.09, rel=1e-9)
    full = benchmarked(blend, s, 5.2, rule=rule, total_standard_error=0.3, error_matrix=M)
    assert full.extra["mse"] == pytest.approx(moved.extra["mse"], rel=1e-9)


@pytest.mark.evidence("benchmarked", "truth")
def test_a_true_total_lowers_the_error_and_the_stated_error_follows():
    rng, before, after, stated, inside = np.random.default_rng(3), [], [], [], []
    for _ in range(150):
        truth, y, psi, X, s = survey(rng)
        blend = fay_herriot(y, psi, X)
        moved = benchmarked(blend, s, float(s @ truth), rule="optimal")
        before.append(((blend.values - truth) ** 2).mean())
        after.append(((moved.values - truth) ** 2).mean())
        stated.append(moved.extra["mse"].mean())
        inside.append(((moved.low <= truth) & (truth <= moved.high)).mean())
    assert np.mean(after) < np.mean(before)
    assert np.mean(stated) == pytest.approx(np.mean(after), rel=0.06)
    assert 0.93 < np.mean(inside) < 0.97


def test_a_total_far_off_gives_concern_and_bad_shares_are_refused():
    _, y, psi, X, s = survey(np.random.default_rng(4))
    blend = fay_herriot(y, psi, X)
    assert benchmarked(blend, s, 9.0).diagnostics[-1].concern is True
    with pytest.raises(Refused, match=r"benchmark\.shares"):
        benchmarked(blend, s[:5], 5.0)
    with pytest.raises(Refused, match=r"benchmark\.rule"):
        benchmarked(fay_herriot(y - 5, psi, X), s, 5.0, rule="ratio")


@pytest.mark.evidence("synthetic", "published")
def test_class_means_weighted_by_counts():
    # Rao and Molina (2015): sum over classes of N_dg mean_g / N_d
    y, w, g = [1.0, 3.0, 10.0, 20.0], [1.0, 3.0, 1.0, 1.0], np.array([0, 0, 1, 1])
    classes = ClassMeans.from_units(y, w, g, 2)
    assert classes.means == pytest.approx([2.5, 15.0])
    assert synthetic(classes, [[30, 10], [0, 5]]).values == pytest.approx([(30 * 2.5 + 10 * 15) / 40, 15.0])


@pytest.mark.evidence("synthetic", "property")
def test_areas_of_one_class_have_its_mean_and_variance():
    classes = ClassMeans(np.array([0.2, 0.6]), np.diag([0.01, 0.04]))
    same = synthetic(classes, [[7, 0], [0, 3]])
    assert same.values == pytest.approx(classes.means)
    assert same.standard_errors == pytest.approx([0.1, 0.2])


@pytest.mark.evidence("synthetic", "truth")
def test_average_bias_is_found_from_direct_estimates():
    rng, found, inside = np.random.default_rng(5), [], []
    classes = ClassMeans(np.array([0.3, 0.7]), np.diag([1e-4, 1e-4]))
    for _ in range(60):
        counts = rng.integers(100, 900, (80, 2))
        truth = counts @ classes.means / counts.sum(axis=1) + rng.normal(0, 0.08, 80)
        v = np.full(80, 0.003)
        result = synthetic(classes, counts, direct=DirectCheck(truth + rng.normal(0, np.sqrt(v)), v))
        found.append(result.extra["average_squared_bias"])
        inside.append(((result.low <= truth) & (truth <= result.high)).mean())
    assert np.mean(found) == pytest.approx(0.0064, rel=0.1)
    assert 0.93 < np.mean(inside) < 0.97


def test_empty_classes_and_counts_are_refused():
    with pytest.raises(Refused, match=r"sae\.empty_class"):
        ClassMeans.from_units([1.0, 2.0], [1.0, 1.0], np.array([0, 0]), 2)
    with pytest.raises(Refused, match=r"sae\.class_counts"):
        synthetic(ClassMeans(np.ones(2), np.eye(2)), [[0, 0]])


MODEL = synthetic(ClassMeans(np.array([0.4, 0.1]), np.diag([0.0004, 0.0004])), [[50, 50], [80, 20]])


@pytest.mark.evidence("composite", "published")
def test_sample_size_rule_of_drew_singh_and_choudhry():
    # phi = 1 where the sample stands for the whole area, else the share of delta times its size
    half = composite(
        [0.3, 0.3],
        [0.01, 0.01],
        MODEL,
        weight="sample_size",
        estimated_size=[40, 120],
        known_size=[100, 100],
        delta=0.8,
    )
    assert half.extra["direct_weight"] == pytest.approx([0.5, 1.0])


@pytest.mark.evidence("composite", "property")
def test_optimal_weight_is_the_best_there_is():
    v, m = np.array([0.002, 0.01]), MODEL.standard_errors**2
    best = composite([0.35, 0.3], v, MODEL)
    assert best.extra["mse"] == pytest.approx(v * m / (v + m))
    for phi in np.linspace(0, 1, 11):
        assert (best.extra["mse"] <= phi**2 * v + (1 - phi) ** 2 * m + 1e-15).all()


@pytest.mark.evidence("composite", "truth")
def test_composite_covers():
    rng, inside = np.random.default_rng(6), []
    for _ in range(3000):
        truth = MODEL.values + rng.normal(0, MODEL.standard_errors)
        v = np.array([0.0005, 0.002])
        both = composite(truth + rng.normal(0, np.sqrt(v)), v, MODEL)
        inside.append(((both.low <= truth) & (truth <= both.high)).mean())
    assert 0.93 < np.mean(inside) < 0.97


def test_composite_needs_sizes_and_variances():
    with pytest.raises(Refused, match=r"sae\.sizes"):
        composite([0.3, 0.3], [0.01, 0.01], MODEL, weight="sample_size")
    with pytest.raises(Refused, match=r"sae\.sampling_variance"):
        composite([0.3, 0.3], [0.01, 0.0], MODEL)


def cities(rng, areas=60, precision=20.0):
    x = rng.normal(size=areas)
    mean = 1 / (1 + np.exp(2 - 0.4 * x))
    truth = rng.beta(precision * mean, precision * (1 - mean))
    n = rng.integers(5, 80, areas)
    return truth, rng.binomial(n, truth), n, np.column_stack([np.ones(areas), x])


@pytest.mark.evidence("beta_binomial", "published")
def test_likelihood_is_williams_and_at_its_top():
    _, y, n, _ = cities(np.random.default_rng(1))
    fit = beta_binomial(y, n)

    def likelihood(a, b):
        return np.sum(betaln(a + y, b + n - y) - betaln(a, b))

    a, b = fit.extra["alpha"][0], fit.extra["beta"][0]
    assert fit.extra["log_likelihood"] == pytest.approx(likelihood(a, b), rel=1e-10)
    whole = np.sum(gammaln(n + 1) - gammaln(y + 1) - gammaln(n - y + 1)) + likelihood(a, b)
    assert whole == pytest.approx(stats.betabinom(n, a, b).logpmf(y).sum(), rel=1e-10)
    for da, db in ((1e-3, 0), (-1e-3, 0), (0, 1e-3), (0, -1e-3)):
        assert likelihood(a + da, b + db) < likelihood(a, b)


@pytest.mark.evidence("beta_binomial", "property")
def test_shares_are_pulled_inward_and_yes_mirrors_no():
    _, y, n, _ = cities(np.random.default_rng(2))
    yes, no = beta_binomial(y, n), beta_binomial(n - y, n)
    assert no.values == pytest.approx(1 - yes.values, abs=1e-6)
    assert (yes.low > 0).all()
    assert (yes.high < 1).all()
    raw, centre = y / n, yes.extra["model"].mean
    assert (np.abs(yes.values - centre) <= np.abs(raw - centre) + 0.02).all()


@pytest.mark.evidence("beta_binomial", "truth")
@pytest.mark.parametrize(("precision", "top"), [(15.0, 0.97), (200.0, 0.99)])
def test_intervals_of_cities_cover(precision, top):
    rng, inside = np.random.default_rng(3), []
    for _ in range(10):
        truth, y, n, X = cities(rng, precision=precision)
        blend = beta_binomial(y, n, X)
        inside.append(((blend.low <= truth) & (truth <= blend.high)).mean())
    assert 0.92 < np.mean(inside) < top


@pytest.mark.parametrize("times", [1, 10**3, 10**6])
def test_cities_that_asked_everybody_keep_their_own_share(times):
    """Cities far from each other, ever larger samples: the prior must let go of them."""
    n = np.array([5, 20, 50, 100, 3, 1, 400])
    y = np.array([1, 4, 20, 30, 0, 1, 90])
    found = beta_binomial(y * times, n * times)
    if times > 1:
        assert found.values == pytest.approx(y / n, abs=3 * found.extra["precision"] / times)
        assert np.abs(found.values - y / n).max() < 0.5 / times
    assert ((found.values > 0) & (found.values < 1)).all()


def test_a_city_without_anybody_asked_gets_the_prior():
    _, y, n, _ = cities(np.random.default_rng(4))
    blend = beta_binomial(np.append(y, 0), np.append(n, 0))
    assert blend.values[-1] == pytest.approx(blend.extra["model"].mean[-1], abs=0.01)
    assert blend.standard_errors[-1] > blend.standard_errors[:-1].max() * 0.9


@pytest.mark.parametrize(
    ("rule", "y", "n"),
    [
        ("sae.counts", [5, 1, 1], [4, 9, 9]),
        ("sae.counts", [-1, 1, 1], [4, 9, 9]),
        ("sae.one_area", [1], [4]),
        ("sae.no_successes", [0, 0, 0], [4, 9, 9]),
        ("sae.too_few_areas", [1, 2], [4, 9]),
    ],
)
def test_bad_counts_are_refused(rule, y, n):
    with pytest.raises(Refused) as refused:
        beta_binomial(y, n)
    assert refused.value.rule == rule
