"""Log-linear fits of one model: against the peer, against the definition of the maximum, on sparse tables, in truth."""

import csv
import math

import numpy as np
import pytest
import statsmodels.api as sm

from estimation.mse_cases import (
    ABC,
    bench_table,
    expected_table,
    read_table,
    reference,
    simulated,
    small_table,
    sparse_table,
)
from migstat.estimation import mse_irls as irls
from migstat.estimation.mse_existence import existence, existence_of_counts
from migstat.estimation.mse_loglinear import fit_loglinear, mse_loglinear
from migstat.estimation.mse_models import HierarchicalModel, all_models, parameters_of
from migstat.estimation.mse_poisson import poisson_fit
from migstat.estimation.mse_profile import profile_interval
from migstat.estimation.mse_tables import CaptureTable, table_from_overlaps
from migstat.model import Refused


def design_of(model):
    masks = np.arange(1, 1 << model.n_lists)
    terms = model.terms
    return ((masks[:, None] & terms) == terms).astype(float)


@pytest.mark.evidence("mse_loglinear", "published")
def test_every_model_of_four_lists_agrees_with_the_peer(reference_folder):
    table = bench_table(4, 6000, 10)
    with (reference_folder / "mse" / "bench_closedpMS_4.csv").open() as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == 113
    for row in rows:
        fit = fit_loglinear(table, row["model"])
        assert fit.size == pytest.approx(float(row["abundance"]), rel=1e-9)
        assert fit.deviance == pytest.approx(float(row["deviance"]), rel=1e-9, abs=1e-9)
        assert fit.aic == pytest.approx(float(row["AIC"]), rel=1e-12)
        assert fit.bic == pytest.approx(float(row["BIC"]), rel=1e-12)
        assert fit.df == int(row["df"])
        assert fit.standard_error == pytest.approx(float(row["stderr"]), rel=2e-5)


def _stopped_like_the_peer(counts, design):
    """IRLS with the peer's stopping rule: covariance from the weights before the last step, deviance settled to 1e-8."""
    mean = counts + 0.1
    linear, before = np.log(mean), math.inf
    while True:
        weights = mean
        root = np.sqrt(weights)
        beta = np.linalg.lstsq(design * root[:, None], (linear + (counts - mean) / mean) * root, rcond=None)[0]
        linear = design @ beta
        mean = np.exp(linear)
        some = counts > 0
        now = 2 * (counts[some] @ np.log(counts[some] / mean[some]) - counts.sum() + mean.sum())
        if abs(now - before) / (abs(now) + 0.1) < 1e-8:
            return beta, np.linalg.inv((design * weights[:, None]).T @ design)
        before = now


def test_errors_differ_from_the_peer_only_by_where_it_stops(reference_folder):
    """The peer's errors use weights one step short of the maximum; at the maximum they are ours."""
    table = bench_table(4, 6000, 10)
    with (reference_folder / "mse" / "bench_closedpMS_4.csv").open() as lines:
        rows = list(csv.DictReader(lines))
    for row in rows[5::9]:
        model = HierarchicalModel.parse(row["model"], 4)
        beta, covariance = _stopped_like_the_peer(table.counts[1:], design_of(model))
        unseen = math.exp(beta[-1])
        assert math.sqrt(unseen + unseen**2 * covariance[-1, -1]) == pytest.approx(float(row["stderr"]), rel=1e-9)


def test_agrees_with_a_second_opinion():
    table = small_table()
    for code in all_models(3):
        model = HierarchicalModel.from_code(int(code), 3)
        peer = sm.GLM(table.counts[1:], design_of(model), family=sm.families.Poisson()).fit(tol=1e-14, maxiter=100)
        fit = fit_loglinear(table, model)
        assert fit.size == pytest.approx(283 + math.exp(peer.params[-1]), rel=1e-10)
        assert fit.log_variance == pytest.approx(peer.cov_params()[-1, -1], rel=1e-8)
        assert fit.loglik == pytest.approx(peer.llf, rel=1e-12)


@pytest.mark.evidence("mse_loglinear", "property")
def test_fitted_margins_are_the_observed_ones():
    table = bench_table(5, 8000, 11)
    rng = np.random.default_rng(3)
    for code in rng.choice(all_models(5), 40, replace=False):
        model = HierarchicalModel.from_code(int(code), 5)
        fit = fit_loglinear(table, model)
        if fit.status == "exists":
            assert design_of(model).T @ fit.fitted[1:] == pytest.approx(design_of(model).T @ table.counts[1:], rel=1e-9)


def test_order_of_lists_does_not_matter():
    table = small_table()
    turned = CaptureTable(("C", "A", "B"), table.counts[[0, 4, 1, 5, 2, 6, 3, 7]])
    assert turned.history("A", "B") == table.history("A", "B")
    assert fit_loglinear(turned, "[23,1]").size == pytest.approx(fit_loglinear(table, "[12,3]").size, rel=1e-12)


@pytest.mark.evidence("mse_loglinear", "truth")
def test_the_true_model_recovers_the_size():
    assert fit_loglinear(expected_table(200_000, (0.3, 0.2, 0.25, 0.15)), "[12,34]").size == pytest.approx(
        2e5, rel=1e-3
    )
    rng = np.random.default_rng(11)
    estimates = [fit_loglinear(simulated(2000, (0.3, 0.25, 0.3), rng, referral=0.3), "[12,3]") for _ in range(200)]
    assert np.mean([e.size for e in estimates]) == pytest.approx(2000, rel=0.02)
    spread = np.std([e.size for e in estimates])
    assert spread == pytest.approx(np.mean([e.standard_error for e in estimates]), rel=0.15)


def test_ignoring_a_dependence_misses_the_truth():
    rng = np.random.default_rng(12)
    sizes = [fit_loglinear(simulated(2000, (0.3, 0.25, 0.3), rng, referral=0.3), "[1,2,3]").size for _ in range(50)]
    assert np.mean(sizes) < 1850


def test_profile_interval_against_the_peer(reference_folder):
    table = read_table(reference_folder, "Rcapture_HIV.csv")
    results = reference(reference_folder)["Rcapture"]
    for key, name in (("HIV_closedpCI_12_34", "[12,13,14,23,24,34]"), ("HIV_closedpCI_best", "[1,2,34]")):
        peak, interval = profile_interval(table, HierarchicalModel.parse(name, 4))
        found = results[key]["CI"]["m"][0]
        # the peer searches with a tolerance of 1e-4 and takes Stirling's formula for factorials
        assert [peak, interval.low, interval.high] == pytest.approx(found[:3], rel=2e-6)


def test_profile_interval_drops_by_half_a_chi_squared():
    table = small_table()
    _, interval = profile_interval(table, HierarchicalModel.parse("[1,2,3]", 3), 0.9)
    estimate = mse_loglinear(table, "[1,2,3]", level=0.9, interval="lognormal")
    assert interval.low == pytest.approx(estimate.interval.low, rel=0.03)
    assert interval.high == pytest.approx(estimate.interval.high, rel=0.03)
    assert interval.level == 0.9


@pytest.mark.parametrize(
    ("model", "status", "size"),
    [
        ("[1,2,3]", "exists", 539.0939),
        ("[12,3]", "not_identifiable", math.nan),
        ("[13,2]", "empty_overlaps", None),
        ("[13,23]", "empty_overlaps", None),
        ("[12,13,23]", "not_identifiable", math.nan),
    ],
)
def test_existence_on_a_sparse_table(model, status, size):
    """C overlaps with nobody: without a term to say so, A and B cannot be told dependent from the unseen."""
    fit = fit_loglinear(sparse_table(), model)
    decided = existence(sparse_table(), HierarchicalModel.parse(model, 3))
    if status == "exists":
        assert fit.size == pytest.approx(size, rel=1e-6)
        assert decided.status == fit.status == status
    elif model == "[12,3]":
        assert not fit.estimates_size  # the unseen run off to infinity along the empty cells of C
        assert not decided.estimates_size
    else:
        assert decided.status == fit.status == status


def test_peer_s_identifiability_code(reference_folder):
    """The peer's code 2 (not identifiable) for all pairs on its own artificial table."""
    table = read_table(reference_folder, "SparseMSE_Artificial_3.csv")
    assert reference(reference_folder)["SparseMSE"]["checkident_Artificial_3"]["ident0"] == 2
    assert existence(table, HierarchicalModel.parse("[12,13,23]", 3)).status == "not_identifiable"


def test_compiled_loop_and_linear_programme_agree_on_sparse_tables():
    """Newton's certificate of a face is checked against the linear programme on random sparse tables."""
    rng = np.random.default_rng(4)
    seen = set()
    codes = all_models(4)
    for _ in range(60):
        counts = rng.poisson(rng.gamma(0.35, 8.0, 16)).astype(float)
        counts[0] = 0
        model = HierarchicalModel.from_code(int(rng.choice(codes)), 4)
        row, eta, alive = np.empty(irls.N_COLUMNS), np.zeros(16), np.ones(16, dtype=bool)
        irls.fit_hierarchical(counts, model.terms, len(model.terms), 4, alive, False, eta, row)
        decided = existence_of_counts(counts, model.terms, 4)
        if row[irls.STATUS] <= irls.NOT_IDENTIFIABLE:
            assert int(row[irls.STATUS]) == decided.code
            seen.add(decided.code)
        else:
            assert not decided.estimates_size or row[irls.STATUS] == irls.UNDECIDED
    assert {irls.EXISTS, irls.EMPTY_MARGINS} <= seen
    assert len(seen) >= 4


def test_extended_fit_is_the_limit_of_fits_with_a_little_added():
    table = sparse_table()
    fit = fit_loglinear(table, "[13,2]")
    design = design_of(fit.model)
    nearly = poisson_fit(table.counts[1:] + 1e-9, design)
    assert fit.size == pytest.approx(table.observed + math.exp(nearly.coefficients[-1]), rel=1e-5)


def test_chance_of_an_empty_overlap_against_the_peer(reference_folder):
    results = reference(reference_folder)["SparseMSE"]
    table = read_table(reference_folder, "SparseMSE_UKdat_5.csv")
    fit = fit_loglinear(table, "[12,13,14,15,23,24,25,34,35,45]")
    assert fit.empty_overlaps["LA*GP"] == pytest.approx(results["UKdat_5"]["all_two_way"]["poisspempty"], rel=1e-9)
    for name, value in results["UKdat_5"]["all_two_way"]["coef"].items():
        assert fit.coefficients[name.replace(":", "*").replace("(I", "(i")] == pytest.approx(value, rel=1e-9)


def test_refuses_a_model_without_an_answer():
    with pytest.raises(Refused, match=r"mse\.not_estimable"):
        mse_loglinear(sparse_table(), "[12,13,23]")
    with pytest.raises(Refused, match=r"mse\.model_lists"):
        fit_loglinear(small_table(), HierarchicalModel.of(4))
    with pytest.raises(Refused, match=r"mse\.interval"):
        mse_loglinear(small_table(), "[1,2,3]", interval="wald")


@pytest.mark.parametrize("name", ["12,3", "[12,3", "[1a]", "[123]", "[14]"])
def test_refuses_bad_names_of_models(name):
    with pytest.raises(Refused) as refused:
        HierarchicalModel.parse(name, 3)
    assert refused.value.rule.startswith("mse.")


def test_names_and_codes_go_round():
    for lists, known in ((3, 8), (4, 113), (5, 6893)):
        codes = all_models(lists)
        assert len(codes) == known
        assert len(np.unique(codes)) == known
        for code in codes[:: max(1, known // 50)]:
            model = HierarchicalModel.from_code(int(code), lists)
            assert model.code == int(code)
            assert HierarchicalModel.parse(model.name, lists) == model
            assert model.n_parameters == parameters_of(np.array([code]), lists)[0]
    assert len(all_models(6, 2)) == 32768
    with pytest.raises(Refused, match=r"mse\.model_space"):
        all_models(7)
    with pytest.raises(Refused, match=r"mse\.max_order"):
        all_models(4, 4)
    with pytest.raises(Refused, match=r"mse\.hierarchy"):
        HierarchicalModel(4, (7,))


def test_meaning_and_assumptions_are_there_in_three_languages():
    estimate = mse_loglinear(table_from_overlaps({"A": 60, "B": 40, "AB": 20}, ABC[:2]), "[1,2]")
    for language in ("fr", "ar", "en"):
        assert len(estimate.meaning.in_language(language)) > 100
    assert {a.id for a in estimate.assumptions} >= {"closed_population", "perfect_linkage"}


def test_poisson_regression_refuses_collinear_columns():
    with pytest.raises(Refused, match=r"mse\.collinear"):
        poisson_fit(np.ones(3), np.ones((3, 2)))
