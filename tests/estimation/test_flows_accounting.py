"""Demographic accounting: the published examples, what must balance, and flows that were drawn."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estimation.peer_arrays import apart, array_of, flows_reference
from migstat.estimation.flows_accounting import AccountingRules, Balance, Spread, Stayers, flows_accounting
from migstat.model import Refused

# The worked example of Abel (2013): stocks by birthplace (rows) and residence, without births and deaths
START = np.array([[1000, 100, 10, 0], [55, 555, 50, 5], [80, 40, 800, 40], [20, 25, 20, 200]])
END = np.array([[950, 100, 60, 0], [80, 505, 75, 5], [90, 30, 800, 40], [40, 45, 0, 180]])
RULES = {
    "e3": AccountingRules(Balance.OPEN_OWN),
    "e4": AccountingRules(Balance.OPEN),
    "e5_after": AccountingRules(Balance.CLOSED_AFTER),
    "e6_indep": AccountingRules(stayers=Stayers.FREE),
    "e1_indep": AccountingRules(stayers=Stayers.FREE),
}


@pytest.mark.evidence("flows_accounting", "published")
def test_the_example_of_abel():
    flow = flows_accounting(START, END, places=list("ABCD"))
    # the flows of the paper
    assert flow.values == pytest.approx(np.array([[0, 0, 50, 0], [35, 0, 25, 0], [10, 10, 0, 0], [10, 10, 0, 0]]))
    assert flow.estimate("B", "A").value == 35


@pytest.mark.parametrize("case", ["e0", "e1", "e2", "e3", "e4"])
def test_high_precision_reference_to_twelve_digits(reference_folder, case):
    given_, sharp = flows_reference(reference_folder)["ffs_demo"][case], _sharp(reference_folder)[case]
    seed = array_of(given_["args"]["seed"]) if case == "e2" else None
    ours = flows_accounting(
        array_of(given_["stock_start"]),
        array_of(given_["stock_end"]),
        given_["births"],
        given_["deaths"],
        rules=RULES.get(case),
        seed=seed,
    )
    whole = np.array(sharp["flow_colmajor_orig_dest_birth"]).reshape(4, 4, 4, order="F")
    assert apart(ours.extra["accounts"].array(), whole) < 1e-12
    assert apart(ours.values, np.array(sharp["od_colmajor"]).reshape(4, 4, order="F")) < 1e-11


def _sharp(folder):
    return json.loads((folder / "flows" / "ffs_demo_highprec.json").read_text("utf-8"))


@pytest.mark.parametrize("case", ["e5_after", "e6_indep", "e1_indep"])
def test_migest_within_its_tolerance(reference_folder, case):
    given_ = flows_reference(reference_folder)["ffs_demo"][case]
    ours = flows_accounting(
        array_of(given_["stock_start"]),
        array_of(given_["stock_end"]),
        given_["births"],
        given_["deaths"],
        rules=RULES[case],
    )
    # migest fits margins to 1e-3 persons
    assert np.abs(ours.extra["accounts"].array() - array_of(given_["flow"])).max() < 5e-3


def random_stocks(rng, n=6):
    start = np.round(rng.lognormal(5, 1, (n, n)))
    np.fill_diagonal(start, np.round(rng.lognormal(9, 0.5, n)))
    end = np.round(start * rng.lognormal(0.02, 0.2, (n, n)))
    return start, end, np.round(start.sum(axis=0) * 0.05), np.round(start.sum(axis=0) * 0.04)


@pytest.mark.evidence("flows_accounting", "property")
@pytest.mark.parametrize("balance", list(Balance))
@pytest.mark.parametrize("stayers", list(Stayers))
def test_accounts_balance_for_every_birthplace(balance, stayers):
    start, end, births, deaths = random_stocks(np.random.default_rng(1))
    rules = AccountingRules(balance, stayers)
    accounts = flows_accounting(start, end, births, deaths, rules=rules).extra["accounts"]
    flow = accounts.array()
    assert (flow >= 0).all()
    assert pytest.approx(accounts.start, rel=1e-9) == flow.sum(axis=1).T
    assert pytest.approx(accounts.end, rel=1e-9) == flow.sum(axis=0).T
    if balance in (Balance.OPEN, Balance.OPEN_OWN):
        assert accounts.start + accounts.left + accounts.deaths == pytest.approx(start)
        assert accounts.end + accounts.entered + accounts.births == pytest.approx(end)
    assert accounts.births.sum(axis=0) == pytest.approx(births)
    assert accounts.deaths.sum(axis=0) == pytest.approx(deaths)


def test_net_migration_is_what_population_change_leaves():
    start, end, births, deaths = random_stocks(np.random.default_rng(2))
    end = end * (start.sum() + births.sum() - deaths.sum()) / end.sum()
    flow = flows_accounting(start, end, births, deaths).values
    net = flow.sum(axis=0) - flow.sum(axis=1)
    assert net == pytest.approx(end.sum(axis=0) - start.sum(axis=0) - births + deaths, rel=1e-8)


@pytest.mark.parametrize("balance", list(Balance))
def test_a_rule_may_be_given_by_its_word(balance):
    start, end = START + 1, END + 1  # no empty cell, so that every balance has an answer
    births, deaths = np.array([30, 10, 12, 4]), np.array([20, 9, 8, 3])
    by_word = AccountingRules(balance.value, "free", "population", "population")
    assert by_word == AccountingRules(balance, Stayers.FREE, Spread.POPULATION, Spread.POPULATION)
    words = flows_accounting(start, end, births, deaths, rules=AccountingRules(balance.value))
    members = flows_accounting(start, end, births, deaths, rules=AccountingRules(balance))
    assert np.array_equal(words.values, members.values)


def test_an_unknown_rule_is_refused_with_those_there_are():
    with pytest.raises(Refused, match=r"input\.choice.*open-own"):
        AccountingRules("shut")


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 500), min_size=18, max_size=18))
def test_minimum_migration_is_a_minimum(cells):
    start, end = np.array(cells[:9], dtype=float).reshape(3, 3), np.array(cells[9:], dtype=float).reshape(3, 3)
    if (start.sum(axis=1) == 0).any() or (end.sum(axis=1) == 0).any():
        return
    end *= (start.sum(axis=1) / end.sum(axis=1))[:, None]
    least = flows_accounting(start, end).values.sum()
    # nobody need move of those whose cell does not shrink
    assert least == pytest.approx(np.maximum(start - end, 0).sum(), abs=1e-6)
    assert least <= flows_accounting(start, end, rules=AccountingRules(stayers=Stayers.FREE)).values.sum() + 1e-6


def test_order_of_places_does_not_matter():
    start, end, births, deaths = random_stocks(np.random.default_rng(3))
    order = np.array([3, 0, 5, 1, 4, 2])
    both = np.ix_(order, order)
    shuffled = flows_accounting(start[both], end[both], births[order], deaths[order]).values
    assert shuffled == pytest.approx(flows_accounting(start, end, births, deaths).values[both], rel=1e-8)


@pytest.mark.evidence("flows_accounting", "truth")
def test_flows_without_return_or_transit_are_found_exactly():
    """People who only move from a place that loses to one that gains, in shares of origin and destination."""
    rng, n = np.random.default_rng(4), 6
    start, end, truth = np.zeros((n, n)), np.zeros((n, n)), np.zeros((n, n))
    for born in range(n):
        leavers, arrivals = np.zeros(n), np.zeros(n)
        losing = rng.permutation(n)[: n // 2]
        leavers[losing] = rng.uniform(10, 100, losing.size)
        gaining = np.setdiff1d(np.arange(n), losing)
        arrivals[gaining] = leavers.sum() * rng.dirichlet(np.ones(gaining.size))
        start[born] = rng.uniform(200, 300, n) + leavers
        end[born] = start[born] - leavers + arrivals
        truth += np.outer(leavers, arrivals) / leavers.sum()
    assert flows_accounting(start, end).values == pytest.approx(truth, rel=1e-9, abs=1e-9)


def test_seed_is_followed_as_far_as_the_stocks_allow():
    start, end = START.astype(float), END.astype(float)
    seed = np.ones((4, 4))
    seed[3, 0], seed[3, 1] = 9.0, 1.0  # those of D prefer A
    plain = flows_accounting(start, end, seed=np.ones((4, 4)))
    led = flows_accounting(start, end, seed=seed)
    assert plain.values == pytest.approx(flows_accounting(start, end).values, abs=1e-9)
    assert pytest.approx(end) == led.extra["accounts"].array().sum(axis=0).T
    by_birth = np.repeat(seed[:, :, None], 4, axis=2)
    assert flows_accounting(start, end, seed=by_birth).values == pytest.approx(led.values)


def test_births_beyond_the_native_born_are_spread_and_said():
    start, end, births, deaths = random_stocks(np.random.default_rng(5))
    end[2, 2] = births[2] - 10
    result = flows_accounting(start, end, births, deaths, rules=AccountingRules(Balance.OPEN_OWN))
    assert result.diagnostics[0].value == 1
    assert result.diagnostics[0].concern is True


def test_other_ways_to_spread_births_and_deaths():
    start, end, births, deaths = random_stocks(np.random.default_rng(6))
    start, end = start + 5 * np.diag(np.diag(start)), end * 0.5
    rules = AccountingRules(Balance.OPEN_OWN, births=Spread.POPULATION)
    accounts = flows_accounting(start, end, births, deaths, rules=rules).extra["accounts"]
    assert accounts.births == pytest.approx(end * births / end.sum(axis=0))
    implied = start.sum(axis=1) + births - end.sum(axis=1)
    deaths = deaths * implied.sum() / deaths.sum()
    if (deaths <= start.sum(axis=0)).all():
        rules = AccountingRules(Balance.OPEN_OWN, deaths=Spread.ACCOUNTS)
        accounts = flows_accounting(start, end, births, deaths, rules=rules).extra["accounts"]
        assert accounts.deaths.sum(axis=1) == pytest.approx(implied, rel=1e-8)


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("flows.negative_stock", {"start": -START}),
        ("flows.square", {"start": START[:, :3]}),
        ("flows.stock_shapes", {"end": END[:3, :3]}),
        ("flows.deaths", {"deaths": [9999, 0, 0, 0]}),
        ("flows.births", {"births": [9999, 0, 0, 0]}),
        ("flows.counts", {"births": [1, 2, 3]}),
        ("flows.seed", {"seed": -np.ones((4, 4))}),
        ("flows.one_place", {"start": [[1.0]], "end": [[1.0]]}),
        ("ipf.unattainable", {"seed": np.eye(4)}),
    ],
)
def test_bad_input_is_refused_by_name(rule, change):
    parts = {"start": START, "end": END, "births": None, "deaths": None, "seed": None} | change
    with pytest.raises(Refused) as refused:
        flows_accounting(parts["start"], parts["end"], parts["births"], parts["deaths"], seed=parts["seed"])
    assert refused.value.rule == rule


def test_a_place_of_natives_alone_cannot_close():
    start = np.array([[100.0, 0, 0], [0, 100, 20], [0, 30, 200]])
    end = np.array([[160.0, 0, 0], [0, 70, 20], [0, 30, 170]])
    with pytest.raises(Refused, match=r"flows\.cannot_close"):
        flows_accounting(start, end)
