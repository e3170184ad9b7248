"""Capture models of occasions: closed (plain, bias-corrected, Mtb) and open, against the peer and in truth."""

import math

import numpy as np
import pytest

from estimation.mse_cases import bench_table, expected_table, read_people, read_table, reference, simulated, small_table
from migstat.estimation.mse_chapman import mse_chapman
from migstat.estimation.mse_closedp import HISTORY_MODELS, closed_models, fit_closed, fit_closed_counts, mse_closedp
from migstat.estimation.mse_closedp_bc import CORRECTED_MODELS, mse_closedp_bc
from migstat.estimation.mse_loglinear import fit_loglinear
from migstat.estimation.mse_mtb import mse_mtb
from migstat.estimation.mse_open import fit_open, mse_open
from migstat.estimation.mse_tables import CaptureTable, table_from_histories, table_from_membership, table_from_overlaps
from migstat.model import Refused

APPREHENDED = [1645, 183, 37, 13, 1, 1]  # van der Heijden et al. 2003, Statistical Modelling 3, 305


def _tables(folder):
    return {
        "hare": read_people(folder, "Rcapture_hare.csv"),
        "HIV": read_table(folder, "Rcapture_HIV.csv"),
        "mvole": read_people(folder, "Rcapture_mvole.csv", slice(0, 5)),
    }


@pytest.mark.evidence("mse_closedp", "published")
@pytest.mark.parametrize("name", ["hare", "HIV", "mvole"])
def test_closed_models_agree_with_the_peer(reference_folder, name):
    peer = reference(reference_folder)["Rcapture"][f"{name}_closedp"]["m"]
    for fit, row in zip(closed_models(_tables(reference_folder)[name]), peer, strict=True):
        # the peer stops when its deviance settles to 1e-8: up to 8e-9 of the size where the likelihood is flat
        assert fit.size == pytest.approx(row[0], rel=1e-8)
        assert fit.deviance == pytest.approx(row[2], rel=1e-11)
        assert fit.df == row[3]
        assert fit.aic == pytest.approx(row[4], rel=1e-12)
        assert fit.bic == pytest.approx(row[5], rel=1e-12)
        if fit.model != "Mbh":  # the peer's formula leaves out a factor there, see below
            assert fit.standard_error == pytest.approx(row[1], rel=1e-3)


def test_counts_of_captures_agree_with_the_peer(reference_folder):
    peer = reference(reference_folder)["Rcapture"]["ill_closedp0"]["m"]
    for fit, row in zip(closed_models(APPREHENDED), peer, strict=True):
        assert fit.size == pytest.approx(row[0], rel=1e-9)
        assert fit.standard_error == pytest.approx(row[1], rel=2e-5)
        assert fit.deviance == pytest.approx(row[2], rel=1e-11)
        assert fit.bic == pytest.approx(row[5], rel=1e-12)


def test_counts_and_histories_agree_where_occasions_are_alike():
    table = expected_table(5000, (0.2, 0.2, 0.2, 0.2))
    for model in ("M0", "Mh Poisson", "Mh Darroch"):
        assert fit_closed(table, model).size == pytest.approx(fit_closed_counts(table, model).size, rel=1e-9)


def _removal_table(rng, size, first, later, recapture, occasions):
    """People with a chance ``first`` on the first occasion, ``later`` until caught, ``recapture`` afterwards."""
    member = np.zeros((size, occasions), dtype=int)
    caught = np.zeros(size, dtype=bool)
    for j in range(occasions):
        chance = np.where(caught, recapture, first if j == 0 else later)
        member[:, j] = rng.random(size) < chance
        caught |= member[:, j] == 1
    return table_from_membership(member[caught])


def test_error_of_mbh_is_the_spread_of_its_estimates(reference_folder):
    """The peer's error for Mbh on the hares is 14.6; simulated from the fitted model, the estimates spread as ours say."""
    table = read_people(reference_folder, "Rcapture_hare.csv")
    fit = fit_closed(table, "Mbh")
    peer = reference(reference_folder)["Rcapture"]["hare_closedp"]["m"][-1][1]
    _compare_spread(fit, peer, 6)


def test_error_of_mbh_against_a_known_truth():
    rng = np.random.default_rng(31)
    fits = [fit_closed(_removal_table(rng, 1500, 0.3, 0.25, 0.4, 5), "Mbh") for _ in range(150)]
    sizes = [fit.size for fit in fits]
    assert np.mean(sizes) == pytest.approx(1500, rel=0.02)
    assert np.std(sizes) == pytest.approx(np.mean([fit.standard_error for fit in fits]), rel=0.2)


def _compare_spread(fit, peer, occasions):
    rng = np.random.default_rng(32)
    sizes = []
    while len(sizes) < 150:  # a population like the hares' but of 10 times as many: the error grows by its root
        sizes.append(fit_closed(_removal_table(rng, round(10 * fit.size), 0.26, 0.37, 0.28, occasions), "Mbh").size)
    spread = np.std(sizes) / math.sqrt(10)
    assert abs(spread - fit.standard_error) < abs(spread - peer)


@pytest.mark.evidence("mse_closedp", "property")
def test_mt_is_independence():
    assert fit_closed(small_table(), "Mt").size == pytest.approx(
        fit_loglinear(small_table(), "[1,2,3]").size, rel=1e-10
    )


@pytest.mark.evidence("mse_closedp", "truth")
def test_closed_models_recover_their_own_truth():
    assert fit_closed(expected_table(100_000, (0.3, 0.2, 0.25, 0.1)), "Mt").size == pytest.approx(1e5, rel=1e-3)
    assert fit_closed(expected_table(100_000, (0.2,) * 5), "M0").size == pytest.approx(1e5, rel=1e-3)
    table = _removal_table(np.random.default_rng(33), 200_000, 0.25, 0.25, 0.5, 5)
    fit = fit_closed(table, "Mb")
    assert abs(fit.size - 200_000) < 4 * fit.standard_error
    assert fit_closed(table, "M0").size < 190_000


@pytest.mark.evidence("mse_closedp_bc", "published")
def test_corrected_m0_agrees_with_the_peer(reference_folder):
    row = reference(reference_folder)["Rcapture"]["hare_closedp_bc"]["m"][0]
    estimate = mse_closedp_bc(read_people(reference_folder, "Rcapture_hare.csv"), "M0")
    assert estimate.value == pytest.approx(row[0], rel=1e-9)
    assert estimate.standard_error == pytest.approx(row[1], rel=1e-6)


def test_corrected_mt_of_two_occasions_is_chapman():
    table = table_from_overlaps({"A": 60, "B": 40, "AB": 20}, ("A", "B"))
    estimate, chapman = mse_closedp_bc(table, "Mt"), mse_chapman(table)
    assert estimate.value == pytest.approx(chapman.value, rel=1e-14)
    assert estimate.standard_error == pytest.approx(chapman.standard_error, rel=1e-14)


@pytest.mark.evidence("mse_closedp_bc", "property")
def test_correction_vanishes_in_large_samples():
    table = expected_table(4_000_000, (0.3, 0.3, 0.3, 0.3, 0.3))
    declining = _removal_table(np.random.default_rng(35), 400_000, 0.3, 0.3, 0.4, 5)
    for model in CORRECTED_MODELS:
        people = declining if model in ("Mb", "Mbh") else table
        plain = fit_closed(people, model).size
        assert mse_closedp_bc(people, model).value == pytest.approx(plain, rel=3e-4)


@pytest.mark.evidence("mse_closedp_bc", "truth")
def test_correction_removes_the_bias_of_small_samples():
    rng = np.random.default_rng(36)
    draws = [simulated(120, (0.25,) * 4, rng) for _ in range(400)]
    plain = np.mean([fit_closed_counts(table, "M0").size for table in draws])
    corrected = np.mean([mse_closedp_bc(table, "M0").value for table in draws])
    assert abs(corrected - 120) < abs(plain - 120)
    assert corrected == pytest.approx(120, abs=2)


@pytest.mark.evidence("mse_mtb", "published")
def test_mtb_reaches_a_better_maximum_than_the_peer(reference_folder):
    row = reference(reference_folder)["Rcapture"]["hare_Mtb"]["m"][0]
    estimate = mse_mtb(read_people(reference_folder, "Rcapture_hare.csv"))
    assert estimate.value == pytest.approx(row[0], rel=1e-5)
    assert estimate.standard_error == pytest.approx(row[1], rel=1e-4)
    assert row[2] - 1e-3 < estimate.extra["deviance"] < row[2]
    assert estimate.extra["df"] == row[3]


@pytest.mark.evidence("mse_mtb", "property")
def test_mtb_fits_at_least_as_well_as_its_parts():
    table = _removal_table(np.random.default_rng(38), 3000, 0.35, 0.25, 0.45, 5)
    estimate = mse_mtb(table)
    assert estimate.extra["deviance"] <= min(fit_closed(table, "Mt").deviance, fit_closed(table, "Mb").deviance) + 1e-6
    assert ((estimate.extra["capture"] > 0) & (estimate.extra["capture"] < 1)).all()


def test_mtb_refuses_a_flat_likelihood():
    with pytest.raises(Refused, match=r"mse\.not_estimable"):
        mse_mtb(bench_table(5, 8000, 11))


@pytest.mark.evidence("mse_mtb", "truth")
def test_mtb_recovers_its_own_truth():
    rng = np.random.default_rng(37)
    member = np.zeros((60_000, 5), dtype=int)
    caught = np.zeros(60_000, dtype=bool)
    for j, logit in enumerate((-1.0, 0.2, -0.6, 0.5, -0.3)):
        member[:, j] = rng.random(60_000) < 1 / (1 + np.exp(-(logit + 0.7 * caught)))
        caught |= member[:, j] == 1
    estimate = mse_mtb(table_from_membership(member[caught]))
    assert abs(estimate.value - 60_000) < 4 * estimate.standard_error
    assert estimate.standard_error < 3000


@pytest.mark.evidence("mse_open", "published")
def test_open_model_agrees_with_the_peer(reference_folder):
    peer = reference(reference_folder)["Rcapture"]["duck_openp"]
    fit = fit_open(read_table(reference_folder, "Rcapture_duck.csv"))
    parts = {
        "N": (fit.sizes, fit.size_errors),
        "survivals": (fit.survivals, fit.survival_errors),
        "capture.prob": (fit.captures, fit.capture_errors),
        "birth": (fit.arrivals, fit.arrival_errors),
    }
    for key, (values, errors) in parts.items():
        rows = np.array([[math.nan if x == "NA" else x for x in row] for row in peer[key]["m"]], dtype=float)
        assert values == pytest.approx(rows[:, 0], rel=1e-9, nan_ok=True)
        assert errors == pytest.approx(rows[:, 1], rel=1e-6, abs=1e-9, nan_ok=True)
    assert [fit.total, fit.total_error] == pytest.approx(peer["Ntot"]["m"][0], rel=1e-7)
    assert fit.total == pytest.approx(peer["Ntot"]["m"][0][0], rel=1e-11)
    assert [fit.deviance, fit.df, fit.aic] == pytest.approx(peer["model.fit"]["m"][0], rel=1e-10)


def _open_table(rng, periods=5):
    """2,000 people at first, 80 % stay from one period to the next, 400 arrive each time, 45 % are seen."""
    entered = np.concatenate([np.zeros(2000, dtype=int), np.repeat(np.arange(1, periods), 400)])
    present = np.zeros((len(entered), periods), dtype=bool)
    for j in range(periods):
        stays = present[:, j - 1] & (rng.random(len(entered)) < 0.8) if j else np.zeros(len(entered), dtype=bool)
        present[:, j] = stays | (entered == j)
    seen = present & (rng.random(present.shape) < 0.45)
    return present, table_from_membership(seen[seen.any(axis=1)].astype(int))


@pytest.mark.evidence("mse_open", "truth")
def test_open_model_recovers_the_truth():
    rng = np.random.default_rng(41)
    sizes, survivals, arrivals, truths = [], [], [], []
    for _ in range(60):
        present, table = _open_table(rng)
        fit = fit_open(table)
        truths.append(present.sum(axis=0))
        sizes.append(fit.sizes)
        survivals.append(fit.survivals)
        arrivals.append(fit.arrivals)
    assert np.mean(sizes, axis=0)[1:-1] == pytest.approx(np.mean(truths, axis=0)[1:-1], rel=0.02)
    assert np.mean(survivals, axis=0)[:-1] == pytest.approx(0.8, abs=0.015)
    assert np.mean(arrivals, axis=0)[1:-1] == pytest.approx(400, rel=0.1)


@pytest.mark.evidence("mse_open", "property")
def test_open_population_time_reversed_has_the_same_inner_sizes():
    _, table = _open_table(np.random.default_rng(42), 4)
    masks = np.arange(16)
    mirror = sum(((masks >> j) & 1) << (3 - j) for j in range(4))
    reversed_table = CaptureTable(table.lists, table.counts[mirror])
    forward, backward = fit_open(table), fit_open(reversed_table)
    if not forward.fixed and not backward.fixed:
        assert forward.sizes[1:-1] == pytest.approx(backward.sizes[1:-1][::-1], rel=1e-8)
        assert forward.captures[1:-1] == pytest.approx(backward.captures[1:-1][::-1], rel=1e-8)
    estimate = mse_open(table)
    assert estimate.value > table.observed
    assert estimate.estimand == "people ever present"


def nobody_seen_twice():
    """The likelihood grows with the size without end."""
    return table_from_overlaps({"A": 10, "B": 10, "C": 10}, ("A", "B", "C"))


def nobody_missed_between():
    """Nobody comes back after an absence, so every chance of capture is fitted as 1."""
    rows = [[1, 0, 0, 0], [1, 1, 0, 0], [0, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 0], [0, 0, 1, 1], [0, 0, 0, 1]]
    return table_from_histories(rows, [86, 8, 90, 6, 123, 5, 40])


def test_any_number_of_captures_and_occasions_can_be_counted():
    # Times that a species was met in 50 visits: 21! and more do not fit into 64 bits.
    times = [15, 7, 5, 2, 5, 6, 3, 2, 1, 2, 4, *[0] * 38, 1]
    assert mse_closedp(times, "M0").value == pytest.approx(mse_closedp(times, "M0", occasions=500).value, rel=1e-3)


@pytest.mark.parametrize(
    ("call", "rule"),
    [
        (lambda: mse_closedp(small_table(), "Mx"), "mse.closed_model"),
        (lambda: mse_closedp(APPREHENDED, "Mt"), "mse.closed_model"),
        (
            lambda: mse_closedp(table_from_overlaps({"A": 6, "B": 4, "AB": 2}, ("A", "B")), "Mh Chao"),
            "mse.few_occasions",
        ),
        (lambda: mse_closedp_bc(APPREHENDED, "M0"), "mse.occasions"),
        (lambda: mse_closedp_bc(small_table(), "Mbh"), "mse.few_occasions"),
        (lambda: mse_closedp_bc(small_table(), "Mth Gamma"), "mse.closed_model"),
        (lambda: mse_mtb(table_from_overlaps({"A": 6, "B": 4, "AB": 2}, ("A", "B"))), "mse.few_occasions"),
        (lambda: mse_open(small_table()), "mse.few_occasions"),
        (lambda: fit_closed(table_from_overlaps({"A": 2, "B": 40, "AB": 1}, ("A", "B")), "Mb"), "mse.not_estimable"),
        (lambda: mse_closedp(APPREHENDED, "M0", occasions=501), "mse.many_occasions"),
        (lambda: mse_open(nobody_missed_between()), "mse.not_estimable"),
        *(
            (lambda m=m: mse_closedp(nobody_seen_twice(), m), "mse.not_estimable")
            for m in HISTORY_MODELS
            if m[-1] != "b"
        ),
        (lambda: mse_closedp(nobody_seen_twice(), "Mbh"), "mse.not_estimable"),
    ],
)
def test_refuses_by_name(call, rule):
    with pytest.raises(Refused) as refused:
        call()
    assert refused.value.rule == rule


def test_every_history_model_is_an_estimate_of_its_own():
    table = bench_table(4, 6000, 10)
    for model in HISTORY_MODELS:
        if model in ("Mb", "Mbh"):  # first captures hardly decline on this table
            continue
        estimate = mse_closedp(table, model)
        assert estimate.interval.low >= table.observed
        assert model in estimate.meaning.ar
