"""Fay-Herriot on the log and arcsine scales."""

import numpy as np
import pytest

from migstat.estimation.sae_fay_herriot import Bootstrap, fay_herriot
from migstat.estimation.sae_fay_herriot_arcsine import expected_square_sine, fay_herriot_arcsine
from migstat.estimation.sae_fay_herriot_log import fay_herriot_log
from migstat.model import Refused


def incomes(rng, areas=80):
    x = rng.normal(size=areas)
    psi = rng.uniform(0.01, 0.09, areas)
    truth = np.exp(1 + 0.3 * x + rng.normal(0, 0.3, areas))
    y = truth * np.exp(rng.normal(0, np.sqrt(psi)))
    return truth, y, psi * y**2, np.column_stack([np.ones(areas), x])


@pytest.mark.evidence("fay_herriot_log", "published")
def test_crude_return_is_the_formula_of_rao():
    # Rao (2003, p. 133): exp(t + m/2), and its square times m
    _, y, v, X = incomes(np.random.default_rng(1))
    inner = fay_herriot(np.log(y), v / y**2, X)
    crude = fay_herriot_log(y, v, X, back="crude")
    assert crude.values == pytest.approx(np.exp(inner.values + inner.extra["mse"] / 2), rel=1e-12)
    assert crude.extra["mse"] == pytest.approx(crude.values**2 * inner.extra["mse"], rel=1e-12)


@pytest.mark.evidence("fay_herriot_log", "property")
def test_another_currency_scales_the_answer():
    _, y, v, X = incomes(np.random.default_rng(2))
    plain, dirhams = fay_herriot_log(y, v, X), fay_herriot_log(10.8 * y, 10.8**2 * v, X)
    for name in ("values", "low", "high", "standard_errors"):
        assert getattr(dirhams, name) == pytest.approx(10.8 * getattr(plain, name), rel=1e-9)


@pytest.mark.evidence("fay_herriot_log", "truth")
def test_log_scale_covers_and_is_unbiased():
    rng, inside, bias, squared, stated = np.random.default_rng(3), [], [], [], []
    for _ in range(120):
        truth, y, v, X = incomes(rng)
        blend = fay_herriot_log(y, v, X)
        inside.append(((blend.low <= truth) & (truth <= blend.high)).mean())
        bias.append((blend.values - truth).mean() / truth.mean())
        squared.append(((blend.values - truth) ** 2).mean())
        stated.append(blend.extra["mse"].mean())
    assert 0.93 < np.mean(inside) < 0.97
    assert np.mean(stated) == pytest.approx(np.mean(squared), rel=0.2)
    assert abs(np.mean(bias)) < 0.03


def test_log_of_zero_is_refused():
    with pytest.raises(Refused, match=r"sae\.not_positive"):
        fay_herriot_log([1, 0, 2, 3], np.ones(4), np.ones((4, 1)))


def shares(rng, areas=80):
    x = rng.normal(size=areas)
    n = rng.integers(12, 80, areas)
    truth = np.sin(np.clip(0.6 + 0.15 * x + rng.normal(0, 0.1, areas), 0, np.pi / 2)) ** 2
    return truth, rng.binomial(n, truth) / n, n, np.column_stack([np.ones(areas), x])


@pytest.mark.evidence("fay_herriot_arcsine", "published")
def test_naive_return_is_the_squared_sine_of_the_linear_model():
    # Schmid et al. (2017): y = arcsin sqrt(p), variance 1 / (4 n), returned by sin^2
    _, p, n, X = shares(np.random.default_rng(4))
    inner = fay_herriot(np.arcsin(np.sqrt(p)), 1 / (4 * n), X)
    naive = fay_herriot_arcsine(p, n, X, back="naive")
    assert naive.values == pytest.approx(np.sin(inner.values) ** 2, rel=1e-12)


@pytest.mark.evidence("fay_herriot_arcsine", "property")
def test_everything_stays_in_zero_to_one_and_no_and_yes_mirror():
    _, p, n, X = shares(np.random.default_rng(5))
    yes, no = fay_herriot_arcsine(p, n, X), fay_herriot_arcsine(1 - p, n, X)
    assert (yes.low >= 0).all()
    assert (yes.high <= 1).all()
    assert no.values == pytest.approx(1 - yes.values, abs=1e-9)


@pytest.mark.evidence("fay_herriot_arcsine", "truth")
def test_arcsine_scale_covers():
    rng, inside = np.random.default_rng(6), []
    for _ in range(100):
        truth, p, n, X = shares(rng)
        blend = fay_herriot_arcsine(p, n, X)
        inside.append(((blend.low <= truth) & (truth <= blend.high)).mean())
    assert 0.93 < np.mean(inside) < 0.97


def test_areas_without_differences_beyond_chance_keep_their_mean():
    """Where the area variance is 0 the share is the squared sine itself, not 0."""
    same = fay_herriot_arcsine([0.3, 0.31, 0.29, 0.3, 0.3], [20] * 5, np.ones((5, 1)))
    assert same.extra["sigma2"] == 0
    assert same.values == pytest.approx(0.3, abs=1e-3)


def test_expectation_keeps_the_mass_beyond_a_right_angle():
    # the integral over [0, pi/2] alone loses what lies above: half the mass when the mean is pi/2
    mean, sd = np.array([np.pi / 2]), 0.2
    drawn = np.sin(np.clip(np.random.default_rng(7).normal(mean, sd, 400_000), 0, np.pi / 2)) ** 2
    assert expected_square_sine(mean, np.array([sd**2]))[0] == pytest.approx(drawn.mean(), abs=4 * drawn.std() / 632)


def test_bootstrap_error_is_near_the_delta_error():
    _, p, n, X = shares(np.random.default_rng(8))
    delta = fay_herriot_arcsine(p, n, X).standard_errors
    boot = fay_herriot_arcsine(p, n, X, bootstrap=Bootstrap(np.random.default_rng(2), 150)).standard_errors
    assert boot.mean() == pytest.approx(delta.mean(), rel=0.1)


@pytest.mark.parametrize(
    ("rule", "p", "n"),
    [("sae.proportion", [0.1, 12, 0.3, 0.2], [9] * 4), ("sae.effective_size", [0.1] * 4, [9, 0, 9, 9])],
)
def test_bad_proportions_are_refused(rule, p, n):
    with pytest.raises(Refused) as refused:
        fay_herriot_arcsine(p, n, np.ones((4, 1)))
    assert refused.value.rule == rule
