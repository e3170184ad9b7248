"""Fay-Herriot: to the peers' digits, to closed forms, and to truths that were drawn."""

import numpy as np
import pytest

from estimation.peer_arrays import apart, columns, sae_reference
from migstat.estimation.sae_area_model import AreaSurvey, VarianceMethod, fit_area_model
from migstat.estimation.sae_fay_herriot import Bootstrap, fay_herriot, fay_herriot_unsampled
from migstat.model import Refused


def drawn(rng, areas=60, sigma=0.8):
    x = rng.normal(size=areas)
    psi = rng.uniform(0.2, 1.2, areas)
    truth = 1 + 0.5 * x + rng.normal(0, sigma, areas)
    return truth, truth + rng.normal(0, np.sqrt(psi)), psi, np.column_stack([np.ones(areas), x])


@pytest.mark.evidence("fay_herriot", "published")
@pytest.mark.parametrize("method", ["REML", "ML", "FH"])
def test_milk_to_twelve_digits_of_sae(reference_folder, method):
    y, sd, major = columns(reference_folder / "sae" / "sae_milk.csv", "yi", "SD", "MajorArea")
    X = np.column_stack([np.ones(y.size), *(major == k for k in (2, 3, 4))]).astype(float)
    ours, peer = fay_herriot(y, sd**2, X, method=method), sae_reference(reference_folder)[f"milk_{method}"]
    assert ours.extra["sigma2"] == pytest.approx(peer["sigma2u"], rel=1e-12)
    assert apart(ours.values, peer["eblup"]) < 1e-12
    assert apart(ours.extra["mse"], peer["mse"]) < 1e-12
    assert apart(ours.extra["coefficients"], peer["coef"]) < 1e-12
    assert apart(ours.extra["coefficient_standard_errors"], peer["se"]) < 1e-12
    assert ours.extra["log_likelihood"] == pytest.approx(peer["loglike"], rel=1e-12)
    assert (ours.extra["aic"], ours.extra["bic"]) == pytest.approx((peer["AIC"], peer["BIC"]), rel=1e-12)


def test_thousand_areas_within_the_tolerance_of_sae(reference_folder):
    rng = np.random.default_rng(1030)
    x = rng.normal(size=(1000, 3))
    v = rng.uniform(0.2, 2, 1000)
    y = 1 + x @ [0.5, -0.3, 0.2] + rng.normal(0, 1, 1000) + rng.normal(0, np.sqrt(v))
    eblup, mse = columns(reference_folder / "sae" / "bench_fh_1000.csv", "eblup", "mse")
    ours = fay_herriot(y, v, np.column_stack([np.ones(1000), x]))
    assert apart(ours.values, eblup) < 1e-7
    assert apart(ours.extra["mse"], mse) < 1e-8


def test_equal_variances_have_a_closed_form():
    y, psi = np.array([1.0, 2.0, 4.0, 5.0, 8.0]), 0.7
    fit = fit_area_model(AreaSurvey.checked(y, np.full(5, psi), np.ones((5, 1))), VarianceMethod.REML)
    sigma2 = y.var(ddof=1) - psi
    assert fit.sigma2 == pytest.approx(sigma2, rel=1e-12)
    shrink = sigma2 / (sigma2 + psi)
    assert fit.predicted == pytest.approx(shrink * y + (1 - shrink) * y.mean(), rel=1e-12)


@pytest.mark.evidence("fay_herriot", "property")
def test_answer_follows_units_and_covariates_that_are_rewritten():
    rng = np.random.default_rng(5)
    _, y, psi, X = drawn(rng)
    plain = fay_herriot(y, psi, X)
    scaled = fay_herriot(1000 * y, 1e6 * psi, X @ np.array([[2.0, 1.0], [0.0, -3e4]]))
    assert scaled.values == pytest.approx(1000 * plain.values, rel=1e-9)
    assert scaled.extra["mse"] == pytest.approx(1e6 * plain.extra["mse"], rel=1e-9)


@pytest.mark.parametrize("method", ["REML", "ML", "FH"])
def test_prediction_lies_between_direct_and_model(method):
    _, y, psi, X = drawn(np.random.default_rng(6))
    blend = fay_herriot(y, psi, X, method=method)
    model = blend.extra["model"].synthetic
    assert ((blend.values - y) * (blend.values - model) <= 1e-12).all()


def test_likelihood_is_flat_at_the_answer():
    _, y, psi, X = drawn(np.random.default_rng(7))
    sigma2 = fay_herriot(y, psi, X).extra["sigma2"]

    def restricted(A):
        v = 1 / (A + psi)
        inside = (X.T * v) @ X
        r = y - X @ np.linalg.solve(inside, (X.T * v) @ y)
        return 0.5 * (np.log(v).sum() - np.linalg.slogdet(inside)[1] - v @ r**2)

    assert restricted(sigma2) > max(restricted(sigma2 * 1.001), restricted(sigma2 * 0.999))


@pytest.mark.evidence("fay_herriot", "truth")
def test_intervals_cover_truths_that_were_drawn():
    rng, inside, sigma2 = np.random.default_rng(8), [], []
    for _ in range(120):
        truth, y, psi, X = drawn(rng)
        blend = fay_herriot(y, psi, X)
        inside.append(((blend.low <= truth) & (truth <= blend.high)).mean())
        sigma2.append(blend.extra["sigma2"])
    assert 0.93 < np.mean(inside) < 0.97
    assert np.mean(sigma2) == pytest.approx(0.64, abs=3 * np.std(sigma2) / np.sqrt(120))


def test_bootstrap_agrees_with_the_analytic_error():
    _, y, psi, X = drawn(np.random.default_rng(9))
    analytic = fay_herriot(y, psi, X).extra["mse"]
    drawn_error = fay_herriot(y, psi, X, bootstrap=Bootstrap(np.random.default_rng(1), 120))
    assert drawn_error.extra["mse_bootstrap_corrected"].mean() == pytest.approx(analytic.mean(), rel=0.08)
    assert drawn_error.seed == 1
    again = fay_herriot(y, psi, X, bootstrap=Bootstrap(np.random.default_rng(1), 120))
    assert (again.extra["mse"] == drawn_error.extra["mse"]).all()


def test_areas_without_sample_get_the_model_and_a_wider_error():
    truth, y, psi, X = drawn(np.random.default_rng(10), areas=200)
    result = fay_herriot(y[:150], psi[:150], X[:150])
    outside = fay_herriot_unsampled(result, X[150:], areas=[f"a{k}" for k in range(50)])
    assert outside.standard_errors.min() > np.sqrt(result.extra["sigma2"])
    assert 0.84 < ((outside.low <= truth[150:]) & (truth[150:] <= outside.high)).mean() <= 1
    assert outside.estimate("a3").interval.level == 0.95


def test_no_difference_between_areas_is_said():
    rng = np.random.default_rng(11)
    blend = fay_herriot(rng.normal(0, 0.05, 30), np.ones(30), np.ones((30, 1)))
    assert blend.extra["sigma2"] == 0
    assert blend.diagnostics[0].concern is True
    assert np.ptp(blend.values) < 1e-12


@pytest.mark.parametrize(
    ("rule", "direct", "variance", "covariates"),
    [
        ("sae.sampling_variance", [1, 2, 3, 4], [1, 0, 1, 1], np.ones((4, 1))),
        ("sae.one_area", [1], [1], [[1.0]]),
        ("sae.too_few_areas", [1, 2, 3], [1, 1, 1], np.ones((3, 2))),
        ("sae.collinear", [1, 2, 3, 4, 5], np.ones(5), np.ones((5, 2))),
        ("input.not_finite", [1, np.nan, 3, 4], np.ones(4), np.ones((4, 1))),
        ("input.lengths", [1, 2, 3, 4], np.ones(5), np.ones((4, 1))),
    ],
)
def test_bad_input_is_refused_by_name(rule, direct, variance, covariates):
    with pytest.raises(Refused) as refused:
        fay_herriot(direct, variance, covariates)
    assert refused.value.rule == rule
    assert refused.value.remedy


def test_each_area_is_an_estimate_in_three_languages():
    blend = fay_herriot([1, 2, 3, 4], [1, 1, 1, 1], np.ones((4, 1)), areas=["a", "b", "c", "d"])
    one = blend.estimate("c")
    assert one.value in one.interval
    assert len({one.meaning.fr, one.meaning.ar, one.meaning.en}) == 3
    with pytest.raises(Refused, match=r"estimates\.label"):
        blend.estimate("z")
    with pytest.raises(Refused, match=r"labels\.twice"):
        fay_herriot([1, 2, 3, 4], [1, 1, 1, 1], np.ones((4, 1)), areas=["a", "a", "c", "d"])
