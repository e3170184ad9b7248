"""Spatial and spatio-temporal Fay-Herriot."""

import numpy as np
import pytest

from migstat.estimation.sae_area_model import AreaSurvey, VarianceMethod
from migstat.estimation.sae_fay_herriot import Bootstrap, fay_herriot
from migstat.estimation.sae_spatial import _structure, proximity, spatial_fay_herriot
from migstat.estimation.sae_spatio_temporal import Panel, spatio_temporal_fay_herriot
from migstat.estimation.sae_spatio_temporal import _structure as panel_structure
from migstat.estimation.sae_structured_model import fit_structured
from migstat.model import Refused


def ring(n):
    return np.roll(np.eye(n), 1, axis=0) + np.roll(np.eye(n), -1, axis=0)


def city(rng, areas=40, rho=0.6):
    X = np.column_stack([np.ones(areas), rng.normal(size=areas)])
    effect = np.linalg.solve(np.eye(areas) - rho * ring(areas) / 2, rng.normal(0, 0.8, areas))
    psi = rng.uniform(0.3, 1.0, areas)
    truth = X @ [1.0, 0.5] + effect
    return truth, truth + rng.normal(0, np.sqrt(psi)), psi, X


@pytest.mark.evidence("spatial_fay_herriot", "published")
@pytest.mark.parametrize("method", ["REML", "ML"])
def test_predictor_and_error_are_the_published_formulas(method):
    # Pratesi and Salvati (2008) written out with dense matrices at the fitted parameters
    _, y, psi, X = city(np.random.default_rng(1))
    blend = spatial_fay_herriot(y, psi, X, ring(40), method=method)
    sigma2, rho, W = blend.extra["sigma2"], blend.extra["rho"], ring(40) / 2
    C = np.linalg.inv((np.eye(40) - rho * W.T) @ (np.eye(40) - rho * W))
    G = sigma2 * C
    Vi = np.linalg.inv(G + np.diag(psi))
    Q = np.linalg.inv(X.T @ Vi @ X)
    beta = Q @ X.T @ Vi @ y
    assert blend.extra["coefficients"] == pytest.approx(beta, rel=1e-9)
    assert blend.values == pytest.approx(X @ beta + G @ Vi @ (y - X @ beta), rel=1e-9)
    rest = X - G @ Vi @ X
    parts = blend.extra["mse_parts"]
    assert parts.effects == pytest.approx(np.diag(G - G @ Vi @ G), rel=1e-8)
    assert parts.coefficients == pytest.approx(np.diag(rest @ Q @ rest.T), rel=1e-8)


@pytest.mark.evidence("spatial_fay_herriot", "property")
def test_score_is_zero_at_the_answer_and_numbering_does_not_matter():
    _, y, psi, X = city(np.random.default_rng(2))
    survey, W = AreaSurvey.checked(y, psi, X), proximity(ring(40), 40)
    structure = _structure(W, psi)
    fit = fit_structured(structure, VarianceMethod.REML, survey)
    P = fit.projection
    for derivative in structure.derivatives(fit.theta):
        score = -0.5 * np.trace(P @ derivative) + 0.5 * y @ P @ derivative @ P @ y
        assert abs(score) < 1e-8
    order = np.random.default_rng(0).permutation(40)
    shuffled = spatial_fay_herriot(y[order], psi[order], X[order], ring(40)[np.ix_(order, order)])
    assert shuffled.values == pytest.approx(spatial_fay_herriot(y, psi, X, ring(40)).values[order], rel=1e-8)


@pytest.mark.evidence("spatial_fay_herriot", "truth")
def test_spatial_intervals_cover_and_beat_the_model_without_space():
    rng, inside, gain = np.random.default_rng(3), [], []
    for _ in range(25):
        truth, y, psi, X = city(rng, rho=0.8)
        blend = spatial_fay_herriot(y, psi, X, ring(40))
        inside.append(((blend.low <= truth) & (truth <= blend.high)).mean())
        gain.append(((fay_herriot(y, psi, X).values - truth) ** 2 - (blend.values - truth) ** 2).mean())
    assert 0.92 < np.mean(inside) < 0.97
    assert np.mean(gain) > 0


def test_spatial_bootstrap_is_near_the_analytic_error():
    _, y, psi, X = city(np.random.default_rng(4), areas=25)
    analytic = spatial_fay_herriot(y, psi, X, ring(25)).extra["mse"].mean()
    boot = spatial_fay_herriot(y, psi, X, ring(25), bootstrap=Bootstrap(np.random.default_rng(1), 40))
    assert boot.extra["mse"].mean() == pytest.approx(analytic, rel=0.25)


@pytest.mark.parametrize(
    ("rule", "matrix"),
    [
        ("sae.proximity", -ring(6)),
        ("sae.proximity", np.eye(6)),
        ("sae.proximity", ring(5)),
        ("sae.island", np.zeros((6, 6))),
    ],
)
def test_bad_neighbours_are_refused(rule, matrix):
    with pytest.raises(Refused) as refused:
        spatial_fay_herriot([1, 2, 3, 4, 3, 2], np.ones(6), np.ones((6, 1)), matrix)
    assert refused.value.rule == rule


def test_moments_are_refused_for_correlated_areas():
    with pytest.raises(Refused, match=r"sae\.method"):
        spatial_fay_herriot([1, 2, 3, 4, 3, 2], np.ones(6), np.ones((6, 1)), ring(6), method="FH")


AREAS, YEARS = 15, 5
PANEL = Panel.of([f"a{k}" for k in range(AREAS)], [str(2020 + k) for k in range(YEARS)])


def decade(rng):
    X = np.column_stack([np.ones(AREAS * YEARS), rng.normal(size=AREAS * YEARS)])
    lag = np.abs(np.subtract.outer(np.arange(YEARS), np.arange(YEARS)))
    memory = np.linalg.cholesky(0.6**lag / (1 - 0.36))
    space = np.linalg.solve(np.eye(AREAS) - 0.5 * ring(AREAS) / 2, rng.normal(0, 0.7, AREAS))
    truth = X @ [1.0, 0.5] + np.repeat(space, YEARS) + (rng.normal(0, 0.6, (AREAS, YEARS)) @ memory.T).ravel()
    psi = rng.uniform(0.2, 0.6, truth.size)
    return truth, truth + rng.normal(0, np.sqrt(psi)), psi, X


@pytest.mark.evidence("spatio_temporal_fay_herriot", "published")
def test_covariance_is_that_of_the_paper_and_predictor_its_eblup():
    # Marhuenda, Molina and Morales (2013)
    _, y, psi, X = decade(np.random.default_rng(1))
    blend = spatio_temporal_fay_herriot(y, psi, X, ring(AREAS), PANEL)
    s1, r1, s2, r2 = (blend.extra[name] for name in ("sigma2_area", "rho_space", "sigma2_period", "rho_time"))
    W = ring(AREAS) / 2
    omega1 = np.linalg.inv((np.eye(AREAS) - r1 * W).T @ (np.eye(AREAS) - r1 * W))
    lag = np.abs(np.subtract.outer(np.arange(YEARS), np.arange(YEARS)))
    omega2 = r2**lag / (1 - r2**2)
    Z = np.kron(np.eye(AREAS), np.ones((YEARS, 1)))
    G = s1 * Z @ omega1 @ Z.T + s2 * np.kron(np.eye(AREAS), omega2)
    Vi = np.linalg.inv(G + np.diag(psi))
    beta = np.linalg.solve(X.T @ Vi @ X, X.T @ Vi @ y)
    assert blend.values.ravel() == pytest.approx(X @ beta + G @ Vi @ (y - X @ beta), rel=1e-8)


@pytest.mark.evidence("spatio_temporal_fay_herriot", "property")
def test_panel_score_is_zero_inside_the_bounds():
    _, y, psi, X = decade(np.random.default_rng(2))
    structure = panel_structure(proximity(ring(AREAS), AREAS), YEARS, psi, serial=True)
    fit = fit_structured(structure, VarianceMethod.REML, AreaSurvey.checked(y, psi, X))
    P, derivatives = fit.projection, structure.derivatives(fit.theta)
    for k in fit.free:
        assert abs(-0.5 * np.trace(P @ derivatives[k]) + 0.5 * y @ P @ derivatives[k] @ P @ y) < 1e-7
    theta = np.array([0.5, 0.3, 0.4, 0.6])
    for k, slope in enumerate(structure.derivatives(theta)):
        step = np.zeros(4)
        step[k] = 1e-6
        numeric = (structure.covariance(theta + step) - structure.covariance(theta - step)) / 2e-6
        assert np.abs(numeric - slope).max() < 1e-7


@pytest.mark.evidence("spatio_temporal_fay_herriot", "truth")
def test_panel_intervals_cover():
    rng, inside = np.random.default_rng(3), []
    for _ in range(8):
        truth, y, psi, X = decade(rng)
        blend = spatio_temporal_fay_herriot(y, psi, X, ring(AREAS), PANEL)
        seen = truth.reshape(AREAS, YEARS)
        inside.append(((blend.low <= seen) & (seen <= blend.high)).mean())
    assert 0.92 < np.mean(inside) < 0.98
    assert blend.estimate("a3", "2022").value == blend.values[3, 2]


def test_panel_without_memory_has_three_parameters():
    _, y, psi, X = decade(np.random.default_rng(4))
    blend = spatio_temporal_fay_herriot(y, psi, X, ring(AREAS), PANEL, serial=False)
    assert "rho_time" not in blend.extra
    assert blend.extra["model"].theta.size == 3


def test_panel_shapes_are_refused():
    with pytest.raises(Refused, match=r"sae\.panel"):
        Panel.of(["a"], ["2020", "2021"])
    with pytest.raises(Refused, match=r"sae\.panel"):
        spatio_temporal_fay_herriot(np.arange(9.0), np.ones(9), np.ones((9, 1)), ring(AREAS), PANEL)
