"""All models at once, the stepwise choice, and the bootstrap of the choice."""

import csv

import numpy as np
import pytest

from estimation.mse_cases import (
    bench_table,
    expected_table,
    read_table,
    reference,
    simulated,
    small_table,
    sparse_table,
)
from migstat.estimation.mse_bootstrap import (
    acceleration,
    bca_quantiles,
    jackknife_tables,
    mse_bootstrap,
    quantiles_with_infinity,
    resampled_tables,
)
from migstat.estimation.mse_loglinear import fit_loglinear
from migstat.estimation.mse_models import HierarchicalModel
from migstat.estimation.mse_multimodel import fit_all, mse_multimodel
from migstat.estimation.mse_stepwise import mse_stepwise, stepwise_model, stepwise_sizes
from migstat.estimation.mse_tables import table_from_overlaps
from migstat.model import Refused


@pytest.mark.evidence("mse_multimodel", "published")
def test_range_of_the_uk_lists(reference_folder):
    """11,313 to 28,822: what all hierarchical models within 3 units of the best BIC say of the UK lists of 2013."""
    estimate = mse_multimodel(read_table(reference_folder, "SparseMSE_UKdat_5.csv"))
    low, high = estimate.extra["range"]
    assert (round(low), round(high)) == (11313, 28822)
    assert estimate.extra["n_models"] == 6893
    assert estimate.diagnostics[0].concern is True
    assert "28\u202f822" in estimate.meaning.fr
    assert "28,822" in estimate.meaning.ar


def test_all_models_of_five_lists_agree_with_the_peer(reference_folder):
    table = bench_table(5, 8000, 11)
    space = fit_all(table)
    with (reference_folder / "mse" / "bench_closedpMS_5_all.csv").open() as lines:
        peer = {row["model"]: row for row in csv.DictReader(lines)}
    assert len(space) == len(peer) == 6893
    names = [HierarchicalModel.from_code(int(code), 5).name for code in space.codes]
    sizes = np.array([float(peer[name]["abundance"]) for name in names])
    assert space.sizes == pytest.approx(sizes, rel=1e-9)
    assert space.aic == pytest.approx(np.array([float(peer[name]["AIC"]) for name in names]), rel=1e-11)
    assert space.bic == pytest.approx(np.array([float(peer[name]["BIC"]) for name in names]), rel=1e-11)
    errors = np.array([float(peer[name]["stderr"]) for name in names])
    assert space.standard_errors[space.usable] == pytest.approx(errors[space.usable], rel=2e-5)
    assert names[int(space.order("bic")[0])] == min(peer, key=lambda name: float(peer[name]["BIC"]))


def test_space_and_single_fits_agree_on_a_sparse_table():
    table = table_from_overlaps({"A": 40, "B": 30, "C": 20, "D": 9, "AB": 6, "CD": 4, "BC": 1}, ("A", "B", "C", "D"))
    space = fit_all(table)
    for row in range(0, len(space), 7):
        fit = fit_loglinear(table, space.model(row))
        assert fit.estimates_size == bool(space.usable[row])
        if fit.estimates_size:
            assert space.sizes[row] == pytest.approx(fit.size, rel=1e-9)
        assert space.logliks[row] == pytest.approx(fit.loglik, rel=1e-8)


@pytest.mark.evidence("mse_multimodel", "property")
def test_average_lies_inside_and_weights_add_up():
    table = bench_table(4, 6000, 10)
    space = fit_all(table)
    for criterion in ("aic", "bic"):
        weights = space.weights(criterion)
        assert weights.sum() == pytest.approx(1, abs=1e-12)
        assert weights[~space.usable].sum() == 0
        mean, error = space.average(criterion)
        assert space.sizes[space.usable].min() < mean < space.sizes[space.usable].max()
        assert error >= weights[space.usable] @ space.standard_errors[space.usable]
    narrow = mse_multimodel(table, within=0.0)
    assert narrow.extra["range"][0] == narrow.extra["range"][1] == narrow.extra["best"]["size"]
    wide = mse_multimodel(table, within=10.0)
    assert wide.extra["range"][0] <= narrow.extra["range"][0] <= wide.extra["range"][1]
    assert [row["difference"] for row in wide.extra["models"]] == sorted(r["difference"] for r in wide.extra["models"])
    assert mse_multimodel(table, answer="best").value == narrow.extra["best"]["size"]


@pytest.mark.evidence("mse_multimodel", "truth")
def test_bic_finds_independence_and_the_truth():
    estimate = mse_multimodel(expected_table(500_000, (0.3, 0.25, 0.2, 0.2)))
    assert estimate.extra["best"]["model"] == "[1,2,3,4]"
    assert estimate.value == pytest.approx(500_000, rel=2e-3)


@pytest.mark.evidence("mse_stepwise", "published")
@pytest.mark.parametrize("name", ["UKdat", "UKdat_5", "Artificial_3"])
def test_stepwise_agrees_with_the_peer(reference_folder, name):
    table = read_table(reference_folder, f"SparseMSE_{name}.csv")
    peer = reference(reference_folder)["SparseMSE"][name]["stepwise_p02"]
    estimate = mse_stepwise(table)
    assert estimate.extra["added"] == tuple(tuple(term.split(":")) for term in list(peer["coef"])[table.n_lists + 1 :])
    # on the artificial table the peer's last step is 2e-9 short of the maximum
    assert estimate.value == pytest.approx(peer["N"], rel=1e-9 if name != "Artificial_3" else 3e-9)
    assert estimate.extra["fit"].aic == pytest.approx(peer["aic"], rel=1e-11)


def test_the_artificial_table_satisfies_its_equation_better_than_the_peer():
    """At the maximum under independence the fitted list sizes are the observed ones, to rounding."""
    table = sparse_table()
    fit = fit_loglinear(table, "[1,2,3]")
    masks = np.arange(8)
    for j, size in enumerate(table.list_sizes):
        assert fit.fitted[(masks >> j) & 1 == 1].sum() == pytest.approx(size, rel=1e-13)


@pytest.mark.evidence("mse_stepwise", "property")
def test_no_threshold_no_pairs_and_more_threshold_more_pairs():
    table = bench_table(5, 8000, 11)
    chosen = [len(stepwise_model(table, threshold)[1]) for threshold in (0.0, 0.001, 0.02, 0.3)]
    assert chosen[0] == 0
    assert chosen == sorted(chosen)
    assert stepwise_sizes(table.counts[None, :], 5, 0.02)[0] == mse_stepwise(table).value


@pytest.mark.evidence("mse_stepwise", "truth")
def test_stepwise_finds_the_referral():
    table = simulated(50_000, (0.3, 0.25, 0.3), np.random.default_rng(2), referral=0.2)
    estimate = mse_stepwise(table)
    assert estimate.extra["added"] == (("A", "B"),)
    assert estimate.value == pytest.approx(50_000, rel=0.02)


@pytest.mark.evidence("mse_bootstrap", "published")
def test_bca_arithmetic_agrees_with_the_peer(reference_folder):
    """The peer's replicates give the peer's limits, and its acceleration comes out of our jackknife."""
    table = read_table(reference_folder, "SparseMSE_UKdat_5.csv")
    peer = reference(reference_folder)["SparseMSE"]["UKdat_5"]["BCa"]
    tables, people = jackknife_tables(table)
    assert acceleration(stepwise_sizes(tables, 5, 0.02), people) == pytest.approx(peer["ahat"], rel=1e-10)
    levels = np.array([0.025, 0.05, 0.1, 0.16, 0.84, 0.9, 0.95, 0.975])[: len(peer["BCaquantiles"])]
    found = bca_quantiles(np.array(peer["bootreps"]), peer["popest"], peer["ahat"], levels)
    assert found == pytest.approx(np.array(peer["BCaquantiles"]), rel=1e-10)


def test_replicates_have_the_peer_s_distribution(reference_folder):
    table = read_table(reference_folder, "SparseMSE_UKdat_5.csv")
    peer = np.array(reference(reference_folder)["SparseMSE"]["UKdat_5"]["BCa"]["bootreps"])
    ours = mse_bootstrap(table, np.random.default_rng(8)).extra["replicates"]
    for level in (0.1, 0.25, 0.5, 0.75, 0.9):
        point = np.quantile(peer, level)
        error = np.sqrt(level * (1 - level) * (1 / len(peer) + 1 / len(ours)))
        assert abs((ours <= point).mean() - level) < 3 * error


@pytest.mark.evidence("mse_bootstrap", "property")
def test_same_seed_same_answer():
    first = mse_bootstrap(small_table(), np.random.default_rng(4), replicates=100)
    again = mse_bootstrap(small_table(), np.random.default_rng(4), replicates=100)
    assert first.interval == again.interval
    assert first.seed == 4
    other = mse_bootstrap(small_table(), np.random.default_rng(5), replicates=100)
    assert other.interval != first.interval


@pytest.mark.evidence("mse_bootstrap", "truth")
def test_bootstrap_interval_holds_the_truth():
    rng = np.random.default_rng(21)
    inside = [
        1000 in mse_bootstrap(simulated(1000, (0.3, 0.3, 0.3), rng), rng, replicates=200).interval for _ in range(60)
    ]
    assert np.mean(inside) > 0.87  # 95 % less three Monte Carlo standard errors


def test_bootstrap_by_a_criterion():
    estimate = mse_bootstrap(small_table(), np.random.default_rng(3), choice="bic", replicates=100, method="percentile")
    best = mse_multimodel(small_table(), answer="best")
    assert estimate.value == pytest.approx(best.value, rel=1e-12)
    assert estimate.interval.low < estimate.value < estimate.interval.high


def test_tables_are_resampled_people():
    tables = resampled_tables(small_table(), np.random.default_rng(1), 50)
    assert (tables.sum(axis=1) == small_table().observed).all()
    assert (tables[:, small_table().counts == 0] == 0).all()


def test_quantiles_keep_infinity_at_the_end():
    values = np.array([1.0, 2.0, 3.0, np.inf])
    assert quantiles_with_infinity(values, np.array([0.0, 0.5, 0.99])).tolist() == [1.0, 2.5, np.inf]


@pytest.mark.parametrize(
    ("call", "rule"),
    [
        (lambda: mse_bootstrap(small_table(), np.random.default_rng(1), replicates=10), "mse.replicates"),
        (lambda: mse_bootstrap(small_table(), np.random.default_rng(1), method="wald"), "mse.interval"),
        (lambda: mse_bootstrap(small_table(), 1), "input.generator"),
        (lambda: mse_bootstrap(small_table(), np.random.default_rng(1), choice="lasso"), "mse.criterion"),
        (lambda: mse_multimodel(small_table(), criterion="dic"), "mse.criterion"),
        (lambda: mse_multimodel(small_table(), answer="median"), "mse.answer"),
        (lambda: mse_multimodel(small_table(), within=-1.0), "mse.within"),
        (lambda: mse_stepwise(small_table(), threshold=2.0), "mse.threshold"),
        (lambda: mse_multimodel(table_from_overlaps({"A": 9, "B": 8, "C": 3}, ("A", "B", "C"))), "mse.no_model"),
    ],
)
def test_refuses_by_name(call, rule):
    with pytest.raises(Refused) as refused:
        call()
    assert refused.value.rule == rule
