"""Linkage doubt and strata: Rubin's rules, sums, and what they refuse."""

import csv
import math

import numpy as np
import pytest

from estimation.mse_cases import bench_table, read_table, reference, simulated, small_table, sparse_table
from migstat.estimation.mse_chapman import mse_chapman
from migstat.estimation.mse_linkage import mse_linkage
from migstat.estimation.mse_loglinear import mse_loglinear
from migstat.estimation.mse_stepwise import mse_stepwise
from migstat.estimation.mse_stratified import mse_stratified
from migstat.estimation.mse_tables import table_from_membership, table_from_overlaps
from migstat.model import Estimate, Interval, Refused, Text


def _fixed(values, errors):
    """A method that hands out given answers one after the other."""
    answers = iter(zip(values, errors, strict=True))

    def method(table):
        value, error = next(answers)
        return Estimate("size", "fixed", value, error, Interval(0, 1e9), Text("x", "x", "x"))

    return method


def _draws(number):
    return [table_from_overlaps({"A": 80 - i, "B": 60 - i, "AB": 20 + i}, ("A", "B")) for i in range(number)]


@pytest.mark.evidence("mse_linkage", "published")
def test_rubin_s_rules_by_hand():
    # Rubin 1987, equations 3.1.2 to 3.1.5, for five answers and errors
    values, errors = [500.0, 520.0, 480.0, 510.0, 490.0], [30.0, 32.0, 29.0, 31.0, 30.0]
    combined = mse_linkage(_draws(5), _fixed(values, errors))
    within = sum(e**2 for e in errors) / 5
    between = sum((v - 500) ** 2 for v in values) / 4
    assert combined.value == 500
    assert combined.standard_error == pytest.approx(math.sqrt(within + 1.2 * between), rel=1e-14)
    assert combined.extra["between_share"] == pytest.approx(1.2 * between / (within + 1.2 * between), rel=1e-14)


@pytest.mark.evidence("mse_linkage", "property")
def test_draws_that_agree_add_nothing():
    table = small_table()
    single = mse_loglinear(table, "[1,2,3]", interval="lognormal")
    combined = mse_linkage([table, table, table], lambda one: mse_loglinear(one, "[1,2,3]", interval="lognormal"))
    assert combined.value == pytest.approx(single.value, rel=1e-14)
    assert combined.standard_error == pytest.approx(single.standard_error, rel=1e-14)
    assert combined.interval.low == pytest.approx(single.interval.low, rel=0.01)
    spread = mse_linkage(_draws(5), mse_chapman)
    assert spread.interval.width > mse_chapman(_draws(5)[2]).interval.width
    assert spread.interval.low > min(table.observed for table in _draws(5))


def _linked(member, rng, missed):
    """One draw of an uncertain linkage: each shared person is taken for two with the chance ``missed``."""
    shared = member.all(axis=1)
    lost = shared & (rng.random(len(member)) < missed)
    rows = member.copy()
    rows[lost, 1] = False
    twins = np.zeros((int(lost.sum()), 2), dtype=bool)
    twins[:, 1] = True
    rows = np.vstack([rows, twins])
    return table_from_membership(rows[rows.any(axis=1)].astype(int))


@pytest.mark.evidence("mse_linkage", "truth")
def test_carrying_the_linkage_keeps_the_coverage():
    """True links are known only with a doubt; draws around the truth cover it, one draw alone covers it less."""
    rng = np.random.default_rng(61)
    together, alone = [], []
    for _ in range(120):
        member = rng.random((1500, 2)) < (0.35, 0.3)
        member |= False
        wrong = rng.normal(0, 0.05)  # the linkage errs by a share that nobody knows, once for the whole file
        drawn = [_linked(member, rng, min(max(0.1 + wrong + rng.normal(0, 0.05), 0), 1)) for _ in range(12)]
        true_share = [_correct(mse_chapman(table), 0.1) for table in drawn]
        combined = mse_linkage(drawn, lambda table: _correct(mse_chapman(table), 0.1))
        together.append(1500 in combined.interval)
        alone.append(1500 in true_share[0].interval)
    assert np.mean(together) >= np.mean(alone)
    assert np.mean(together) > 0.85


def _correct(estimate, missed):
    """Chapman's size with the mean share of missed links taken out, as the linkage model knows it."""
    factor = 1 - missed
    value, error = estimate.value * factor, estimate.standard_error * factor
    return Estimate(
        "size", "corrected", value, error, Interval(value - 1.96 * error, value + 1.96 * error), estimate.meaning
    )


@pytest.mark.evidence("mse_stratified", "published")
def test_strata_add_up_to_the_peer_s_numbers(reference_folder):
    """Two tables of which the peer gave the size under independence; the total is their sum, errors as squares."""
    with (reference_folder / "mse" / "bench_closedpMS_4.csv").open() as lines:
        bench = next(row for row in csv.DictReader(lines) if row["model"] == "[1,2,3,4]")
    top = reference(reference_folder)["Rcapture"]["HIV_closedp"]["m"][1]
    tables = {"first": bench_table(4, 6000, 10), "second": read_table(reference_folder, "Rcapture_HIV.csv")}
    total = mse_stratified(tables, lambda table: mse_loglinear(table, "[1,2,3,4]"))
    assert total.value == pytest.approx(float(bench["abundance"]) + top[0], rel=1e-9)
    assert total.standard_error == pytest.approx(math.hypot(float(bench["stderr"]), top[1]), rel=1e-5)
    assert total.extra["observed"] == sum(table.observed for table in tables.values())


@pytest.mark.evidence("mse_stratified", "property")
def test_one_stratum_is_the_table_itself():
    single = mse_stepwise(small_table())
    total = mse_stratified({"all": small_table()}, mse_stepwise)
    assert total.value == single.value
    assert total.standard_error == pytest.approx(single.standard_error)
    assert {a.id for a in total.assumptions} >= {"independent_strata", "equal_catchability"}


@pytest.mark.evidence("mse_stratified", "truth")
def test_strata_remove_the_bias_of_unequal_groups():
    rng = np.random.default_rng(62)
    whole, parts = [], []
    for _ in range(60):
        women = simulated(1500, (0.4, 0.4), rng)
        men = simulated(1500, (0.1, 0.12), rng)
        parts.append(mse_stratified({"women": women, "men": men}, mse_chapman))
        both = table_from_overlaps(
            {"A": women.history("A") + men.history("A"), "B": women.history("B") + men.history("B"),
             "AB": women.history("A", "B") + men.history("A", "B")}, ("A", "B"))  # fmt: skip
        whole.append(mse_chapman(both).value)
    assert np.mean([p.value for p in parts]) == pytest.approx(3000, rel=0.04)
    assert np.mean(whole) < 2500
    assert np.mean([3000 in p.interval for p in parts]) > 0.85


@pytest.mark.parametrize(
    ("call", "rule"),
    [
        (lambda: mse_linkage([small_table()], mse_stepwise), "mse.draws_of_linkage"),
        (lambda: mse_linkage([small_table(), _draws(1)[0]], mse_stepwise), "mse.draws_of_linkage"),
        (lambda: mse_linkage(_draws(2), _fixed([1.0, 2.0], [None, None])), "mse.no_error"),
        (lambda: mse_stratified({}, mse_stepwise), "mse.no_strata"),
        (lambda: mse_stratified({"x": small_table()}, _fixed([math.inf], [1.0])), "mse.no_error"),
    ],
)
def test_refuses_by_name(call, rule):
    with pytest.raises(Refused) as refused:
        call()
    assert refused.value.rule == rule


def test_the_stratum_without_an_answer_is_named():
    tables = {"Agdal": small_table(), "Hassan": sparse_table()}
    with pytest.raises(Refused) as refused:
        mse_stratified(tables, lambda table: mse_loglinear(table, "[12,13,23]"))
    assert refused.value.rule == "mse.not_estimable"
    assert "Hassan" in refused.value.found
