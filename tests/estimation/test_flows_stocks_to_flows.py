"""Stock differences, shares, growth matrix, pseudo-Bayesian mixture, and uncertainty carried to flows."""

import numpy as np
import pytest

from estimation.peer_arrays import apart, array_of, flows_reference
from migstat.estimation.flows_accounting import AccountingRules, Balance, flows_accounting
from migstat.estimation.flows_growth_matrix import flows_growth_matrix
from migstat.estimation.flows_pseudo_bayes import MixtureWeight, both_extremes, flows_pseudo_bayes, mixture_weight
from migstat.estimation.flows_shares import flows_shares
from migstat.estimation.flows_stock_difference import flows_stock_difference
from migstat.estimation.flows_uncertainty import Draws, StockErrors, flows_with_uncertainty
from migstat.model import Refused

# Abel (2018), supplement: stocks by birthplace (rows) and residence
START = np.array([[100.0, 10, 10, 0], [20, 55, 25, 10], [10, 40, 140, 65], [20, 25, 20, 200]])
END = np.array([[75.0, 25, 5, 15], [20, 45, 30, 15], [30, 40, 150, 35], [10, 50, 5, 200]])
OPEN = AccountingRules(Balance.OPEN_OWN)


@pytest.mark.evidence("flows_stock_difference", "published")
def test_differences_of_migest(reference_folder):
    peer = flows_reference(reference_folder)["ffs_diff"]
    start, end = array_of(peer["stock_start"]), array_of(peer["stock_end"])
    assert (flows_stock_difference(start, end, decrease="zero").values == array_of(peer["zero"])).all()
    assert (flows_stock_difference(start, end).values == array_of(peer["return_"])).all()


@pytest.mark.evidence("flows_stock_difference", "property")
def test_returns_are_the_shrinking_stocks_turned_round():
    zero, back = (flows_stock_difference(START, END, decrease=rule).values for rule in ("zero", "return"))
    off = ~np.eye(4, dtype=bool)
    assert (back - zero)[off] == pytest.approx(np.maximum(START - END, 0).T[off])
    assert np.diag(back).sum() == 0
    assert np.diag(flows_stock_difference(START, END, native_born=True).values)[2] == 10


@pytest.mark.evidence("flows_stock_difference", "truth")
def test_flows_from_and_to_the_birthplace_are_found():
    rng, n = np.random.default_rng(1), 5
    out = np.triu(rng.uniform(1, 9, (n, n)), 1)  # in one direction only, so that nothing cancels
    start = rng.uniform(50, 90, (n, n))
    end = start + out - np.diag(out.sum(axis=1))
    assert flows_stock_difference(start, end).values == pytest.approx(out)


@pytest.mark.evidence("flows_shares", "published")
def test_shares_of_migest(reference_folder):
    peer = flows_reference(reference_folder)
    start = array_of(peer["ffs_diff"]["stock_start"])
    ours = flows_shares(start, peer["ffs_rates"]["M"])
    assert apart(ours.values, array_of(peer["ffs_rates"]["dennett"])) < 1e-13


@pytest.mark.evidence("flows_shares", "property")
def test_shares_add_up_with_their_error():
    ours = flows_shares(START, 500.0, total_standard_error=50.0)
    assert ours.values.sum() == pytest.approx(500)
    assert ours.standard_errors.sum() == pytest.approx(50)
    with pytest.raises(Refused, match=r"flows\.no_migrants"):
        flows_shares(np.eye(3), 5.0)
    with pytest.raises(Refused, match=r"flows\.total"):
        flows_shares(START, -5.0)


@pytest.mark.evidence("flows_shares", "truth")
def test_shares_cover_when_the_total_is_estimated():
    rng, inside = np.random.default_rng(2), []
    truth = flows_shares(START, 400.0).values
    for _ in range(2000):
        ours = flows_shares(START, float(rng.normal(400, 30)), total_standard_error=30.0)
        inside.append(bool(((ours.low <= truth) & (truth <= ours.high)).all()))
    assert 0.93 < np.mean(inside) < 0.97


@pytest.mark.evidence("flows_growth_matrix", "published")
def test_growth_matrix_of_migest(reference_folder):
    peer = flows_reference(reference_folder)
    start, end = (array_of(peer["ffs_diff"][name]) for name in ("stock_start", "stock_end"))
    assert apart(flows_growth_matrix(start, end).values, array_of(peer["ffs_rates"]["rogers"])) < 1e-13


@pytest.mark.evidence("flows_growth_matrix", "property")
def test_growth_matrix_carries_one_table_to_the_next_and_says_when_flows_are_negative():
    ours = flows_growth_matrix(START, END)
    assert START @ ours.extra["growth"] == pytest.approx(END)
    assert ours.diagnostics[0].value == (ours.values < 0).sum()
    with pytest.raises(Refused, match=r"flows\.singular"):
        flows_growth_matrix(np.ones((3, 3)), np.ones((3, 3)))


@pytest.mark.evidence("flows_growth_matrix", "truth")
def test_one_propensity_for_all_is_found():
    rng = np.random.default_rng(3)
    move = rng.dirichlet([20, 1, 1, 1, 1], 5)
    for k in range(5):
        move[k] = np.roll(move[k], k)
    stocks = rng.uniform(10, 90, (5, 5)) + 300 * np.eye(5)
    flow = flows_growth_matrix(stocks, stocks @ move).values
    truth = stocks.sum(axis=0)[:, None] * move
    off = ~np.eye(5, dtype=bool)
    assert flow[off] == pytest.approx(truth[off], rel=1e-8)


@pytest.mark.evidence("flows_pseudo_bayes", "published")
def test_mixture_is_that_of_azose_and_raftery():
    # Azose and Raftery (2019): w minimum + (1 - w) independence
    least, free = both_extremes(START, END, None, None, OPEN)
    mixed = flows_pseudo_bayes(START, END, weight=MixtureWeight(0.87, 0.05), rules=OPEN)
    assert mixed.values == pytest.approx(0.87 * least + 0.13 * free)
    assert mixed.standard_errors == pytest.approx(0.05 * np.abs(free - least))
    assert least == pytest.approx(flows_accounting(START, END, rules=OPEN).values)


@pytest.mark.evidence("flows_pseudo_bayes", "property")
def test_mixture_lies_between_its_ends_and_has_their_net():
    least, free = both_extremes(START, END, None, None, OPEN)
    mixed = flows_pseudo_bayes(START, END, weight=MixtureWeight(0.4), rules=OPEN).values
    assert (mixed >= np.minimum(least, free) - 1e-9).all()
    assert (mixed <= np.maximum(least, free) + 1e-9).all()
    nets = [table.sum(axis=0) - table.sum(axis=1) for table in (least, free, mixed)]
    assert nets[0] == pytest.approx(nets[1], abs=1e-8)
    assert nets[2] == pytest.approx(nets[1], abs=1e-8)


@pytest.mark.evidence("flows_pseudo_bayes", "truth")
def test_weight_is_found_from_known_flows():
    rng, found, inside = np.random.default_rng(4), [], []
    least, free = both_extremes(START, END, None, None, OPEN)
    truth = 0.7 * least + 0.3 * free
    for _ in range(300):
        seen = truth + rng.normal(0, 0.3 * np.sqrt(free))
        weight = mixture_weight(least, free, seen, np.ones((4, 4)))
        found.append(weight.value)
        inside.append(0.7 in weight.interval)
    assert np.mean(found) == pytest.approx(0.7, abs=4 * np.std(found) / np.sqrt(300))
    assert np.mean(inside) > 0.9
    with pytest.raises(Refused, match=r"flows\.known"):
        mixture_weight(least, free, truth, np.zeros((4, 4)))
    with pytest.raises(Refused, match=r"flows\.weight"):
        MixtureWeight(1.2)


def places(rng, n=6):
    start = rng.lognormal(7, 1, (n, n))
    np.fill_diagonal(start, rng.lognormal(11, 0.5, n))
    return start, start * rng.lognormal(0.05, 0.25, (n, n))


def noisy(rng, table, relative):
    sigma = np.sqrt(np.log1p(relative**2))
    return table * np.exp(sigma * rng.standard_normal(table.shape) - sigma**2 / 2)


@pytest.mark.evidence("flows_with_uncertainty", "published")
def test_errors_propagate_as_the_guide_says():
    # JCGM 101 against JCGM 100: where the flow is the difference of two stocks, variances add
    start, end = np.array([[5000.0, 100], [200, 4000]]), np.array([[4900.0, 200], [200, 4000]])
    fuzzy = flows_with_uncertainty(
        start, end, errors=StockErrors(np.array([[0.0, 0.02], [0.0, 0.0]])), weight=MixtureWeight(1.0),
        draws=Draws(np.random.default_rng(1), 2000), rules=OPEN,
    )  # fmt: skip
    linear = np.hypot(100 * 0.02, 200 * 0.02)
    # half of the excess leaves the system with the natives, so the flow itself moves by less than the stock
    assert 0.5 * linear < fuzzy.standard_errors[0, 1] < 1.05 * linear


@pytest.mark.evidence("flows_with_uncertainty", "property")
def test_no_error_in_none_out_and_the_same_dice_give_the_same_answer():
    start, end = places(np.random.default_rng(5))
    sure = flows_with_uncertainty(
        start,
        end,
        errors=StockErrors(0.0),
        weight=MixtureWeight(1.0),
        draws=Draws(np.random.default_rng(1), 50),
        rules=OPEN,
    )
    assert sure.values == pytest.approx(flows_accounting(start, end, rules=OPEN).values)
    assert sure.standard_errors.max() < 1e-9
    twice = [
        flows_with_uncertainty(
            start, end, start.sum(axis=0) * 0.01, start.sum(axis=0) * 0.01,
            errors=StockErrors(0.02, 0.05, 0.05), weight=MixtureWeight(0.8, 0.1),
            draws=Draws(np.random.default_rng(9), 60, keep=True), rules=OPEN,
        )
        for _ in range(2)
    ]  # fmt: skip
    assert (twice[0].extra["draws"] == twice[1].extra["draws"]).all()
    assert twice[0].seed == 9
    total = twice[0].standard_errors ** 2
    assert total.sum() > twice[0].extra["stock_variance"].sum() * 0.9


def test_an_error_shared_by_both_dates_matters_less():
    start, end = places(np.random.default_rng(6))
    spread = [
        flows_with_uncertainty(
            start, end, errors=StockErrors(0.03, correlation=rho), weight=MixtureWeight(1.0),
            draws=Draws(np.random.default_rng(1), 150), rules=OPEN,
        ).standard_errors.sum()
        for rho in (0.0, 0.95)
    ]  # fmt: skip
    assert spread[1] < 0.6 * spread[0]


@pytest.mark.evidence("flows_with_uncertainty", "truth")
def test_flows_cover_when_stocks_and_method_are_uncertain():
    rng, inside = np.random.default_rng(7), []
    off = ~np.eye(6, dtype=bool)
    for _ in range(15):
        start, end = places(rng)
        least, free = both_extremes(start, end, None, None, OPEN)
        w = rng.beta(12, 3)
        truth = w * least + (1 - w) * free
        fuzzy = flows_with_uncertainty(
            noisy(rng, start, 0.02), noisy(rng, end, 0.02), errors=StockErrors(0.02), weight=MixtureWeight(0.8, 0.1),
            draws=Draws(rng, 150), rules=OPEN,
        )  # fmt: skip
        inside.append(((fuzzy.low <= truth) & (truth <= fuzzy.high))[off].mean())
    assert np.mean(inside) > 0.8  # 15 weights: the share varies by 6 points


def test_flows_cover_when_the_stocks_alone_are_uncertain():
    rng, inside, off = np.random.default_rng(17), [], ~np.eye(6, dtype=bool)
    for _ in range(12):
        start, end = places(rng)
        truth = flows_accounting(start, end, rules=OPEN).values
        fuzzy = flows_with_uncertainty(
            noisy(rng, start, 0.02), noisy(rng, end, 0.02), errors=StockErrors(0.02), weight=MixtureWeight(1.0),
            draws=Draws(rng, 150), rules=OPEN,
        )  # fmt: skip
        inside.append(((fuzzy.low <= truth) & (truth <= fuzzy.high))[off].mean())
    assert 0.91 < np.mean(inside) < 0.98


def test_noise_larger_than_change_is_flagged():
    start, _ = places(np.random.default_rng(8))
    fuzzy = flows_with_uncertainty(
        start, start * 1.001, errors=StockErrors(0.1), weight=MixtureWeight(1.0),
        draws=Draws(np.random.default_rng(1), 50), rules=OPEN,
    )  # fmt: skip
    assert fuzzy.diagnostics[0].concern is True


def test_bad_errors_are_refused():
    with pytest.raises(Refused, match=r"flows\.errors"):
        StockErrors(-0.1)
    with pytest.raises(Refused, match=r"flows\.errors"):
        StockErrors(0.1, correlation=2)
    with pytest.raises(Refused, match=r"flows\.draws"):
        Draws(np.random.default_rng(1), 5)
    with pytest.raises(Refused, match=r"flows\.weight"):
        flows_with_uncertainty(
            START,
            END,
            errors=StockErrors(0.1),
            weight=MixtureWeight(0.5, 0.6),
            draws=Draws(np.random.default_rng(1), 50),
            rules=OPEN,
        )
