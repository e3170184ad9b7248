"""Indices of flows, age profiles, Rogers-Castro schedules."""

import csv

import numpy as np
import pytest

from estimation.peer_arrays import columns, flows_reference
from migstat.estimation.flows_age_profile import age_profile
from migstat.estimation.flows_indices import Replication, dissimilarity, flow_indices
from migstat.estimation.flows_rogers_castro import PARAMETERS, Schedule, rogers_castro, rogers_castro_rates
from migstat.model import Refused


def korea(folder):
    rows = list(csv.DictReader((folder / "flows" / "migest_korea_gravity.csv").read_text("utf-8").splitlines()))
    rows = [row for row in rows if row["year"] == "2020"]
    at = {name: k for k, name in enumerate(sorted({row["orig"] for row in rows}))}
    flow, far, people = np.zeros((len(at),) * 2), np.zeros((len(at),) * 2), np.zeros(len(at))
    for row in rows:
        cell = at[row["orig"]], at[row["dest"]]
        flow[cell], far[cell] = float(row["flow"]), float(row["dist_cent"])
        people[cell[0]] = float(row["orig_pop"])
    return flow, far, people


# name in the peer -> ours
PEER = {
    "index_connectivity": {
        "connectivity": "connectivity",
        "inequality_equal": "inequality_equal",
        "inequality_sim": "inequality_expected",
        "gini_total": "gini_total",
        "gini_orig_standardized": "gini_origin_standardised",
        "gini_dest_standardized": "gini_destination_standardised",
        "mwg_orig": "gini_origin_weighted_bell",
        "mwg_dest": "gini_destination_weighted_bell",
        "acv": "variation_aggregate",
    },
    "index_impact": {
        "effectivness": "effectiveness",
        "anmr": "net_rate",
        "preference": "preference",
        "velocity": "velocity",
    },
    "index_distance": {"mean": "distance_mean", "decay": "distance_decay"},
}


@pytest.mark.evidence("flow_indices", "published")
def test_indices_of_korea(reference_folder):
    peer = flows_reference(reference_folder)
    flow, far, people = korea(reference_folder)
    ours = flow_indices(flow, population=people, distance=far)
    for group, names in PEER.items():
        theirs = {row["measure"]: row["value"] for row in peer[group]}
        for name, own in names.items():
            assert ours.estimate(own).value == pytest.approx(theirs[name], rel=1e-10), own
    intensity = {row["measure"]: row["value"] for row in peer["index_intensity"]}
    # populations are in millions here
    assert ours.estimate("crude_intensity").value == pytest.approx(1e6 * intensity["cmp"], rel=1e-10)
    assert ours.estimate("courgeau").value == pytest.approx(1e6 * intensity["courgeau_k"], rel=1e-10)


def test_hypothetical_table_of_plane_and_mulligan():
    # the hypothetical matrix of Plane and Mulligan (1997) with the values of the R package migration.indices
    ours = flow_indices([[0, 10, 10], [20, 0, 20], [30, 30, 0]])
    assert ours.estimate("gini_total").value == pytest.approx(0.2666667, abs=1e-7)
    assert ours.estimate("gini_origin_standardised").value == 0
    assert ours.estimate("gini_destination_standardised").value == pytest.approx(0.25)
    assert ours.estimate("gini_origin_weighted_bell").value == 0
    assert ours.estimate("gini_destination_weighted_bell").value == pytest.approx(0.1222222, abs=1e-7)
    assert ours.estimate("variation_aggregate").value == pytest.approx(0.3333333, abs=1e-7)


@pytest.mark.evidence("flow_indices", "property")
def test_equal_flows_and_one_flow_are_the_ends_of_every_scale():
    equal = flow_indices(np.ones((5, 5)) * 7)
    for name in ("inequality_equal", "gini_total", "variation", "effectiveness", "gini_origin_weighted"):
        assert equal.estimate(name).value == pytest.approx(0, abs=1e-12)
    assert equal.estimate("entropy").value == pytest.approx(1)
    single = np.zeros((5, 5))
    single[1, 2] = 50
    alone = flow_indices(single)
    assert alone.estimate("entropy").value == 0
    assert alone.estimate("gini_total").value == pytest.approx(1)
    assert alone.estimate("effectiveness").value == pytest.approx(100)
    assert alone.estimate("connectivity").value == pytest.approx(1 / 20)


def test_scale_does_not_matter_to_indices_of_shape():
    table = np.random.default_rng(1).poisson(30, (6, 6))
    small, large = flow_indices(table), flow_indices(table * 10)
    for name in ("gini_total", "entropy", "effectiveness", "variation_aggregate", "dissimilarity"):
        assert large.estimate(name).value == pytest.approx(small.estimate(name).value)


@pytest.mark.evidence("flow_indices", "truth")
def test_a_curve_with_a_term_too_many_says_so():
    ages = np.arange(0.5, 80)
    people = np.full(80, 1e5)
    shape = {"a1": 0.02, "alpha1": 0.1, "a2": 0.06, "alpha2": 0.1, "mu2": 20.0, "lambda2": 0.4, "c": 0.003}
    edges = []
    for schedule, rates in (("7", rogers_castro_rates(ages, shape)), ("7", np.full(80, 0.01))):
        fit = rogers_castro(ages, people * rates, people, schedule=schedule)
        edges.append({check.id: check for check in fit.diagnostics}["at_the_edge"])
    assert not edges[0].concern
    assert edges[0].value == ()
    assert edges[1].concern
    assert "a1" in edges[1].value


def test_poisson_intervals_of_indices_cover():
    rng, inside = np.random.default_rng(2), []
    mean = rng.uniform(200, 2000, (5, 5))
    truth = flow_indices(mean).estimate("effectiveness").value
    for _ in range(30):
        ours = flow_indices(rng.poisson(mean), replication=Replication(rng, 40))
        inside.append(truth in ours.estimate("effectiveness").interval)
    assert np.mean(inside) > 0.8


def test_dissimilarity_and_refusals():
    assert dissimilarity([1, 0], [0, 1]) == 1
    for rule, flow, more in (
        ("indices.negative", -np.ones((3, 3)), {}),
        ("indices.no_flow", np.eye(3), {}),
        ("indices.population", np.ones((3, 3)), {"population": [1.0, 2.0]}),
        ("indices.distance", np.ones((3, 3)), {"distance": np.zeros((3, 3))}),
    ):
        with pytest.raises(Refused) as refused:
            flow_indices(flow, **more)
        assert refused.value.rule == rule
    with pytest.raises(Refused, match=r"indices\.dissimilarity"):
        dissimilarity([1, 2], [1, 2, 3])


@pytest.mark.evidence("age_profile", "published")
def test_brazil_in_2000(reference_folder):
    sample, ages, migrants, people = columns(
        reference_folder / "flows" / "migest_ipumsi_age.csv", "sample", "age", "migrants", "population"
    )
    here = sample == "BRA2000"
    ours = age_profile(ages[here], migrants[here], people[here])
    theirs = {row["measure"]: row["value"] for row in flows_reference(reference_folder)["index_age_BRA2000"]}
    names = {
        "gmr": "gross_migraproduction",
        "peak_mi": "peak_intensity",
        "peak_age": "peak_age",
        "murc": "steepest_rise_age",
        "mdrc": "steepest_fall_age",
        "asymmetry": "asymmetry",
    }
    for peer, own in names.items():
        assert ours.estimate(own).value == pytest.approx(theirs[peer], rel=1e-12)
    # the peer counts positions from 1 while ages start at 0, so its breadth is of ages 18 to 28 around a peak of 24
    rate = 100 * migrants[here] / people[here]
    assert rate[18:29].sum() == pytest.approx(theirs["peak_breadth"], rel=1e-12)
    assert ours.estimate("peak_breadth").value == pytest.approx(rate[19:30].sum(), rel=1e-12)


@pytest.mark.evidence("age_profile", "property")
def test_breadth_is_centred_on_the_peak_wherever_ages_start():
    ages = np.arange(15, 60)
    migrants = np.where(ages == 30, 50.0, 10.0)
    ours = age_profile(ages, migrants, np.full(45, 1000.0), breadth=2)
    assert ours.estimate("peak_age").value == 30
    assert ours.estimate("peak_breadth").value == pytest.approx(100 * (0.05 + 4 * 0.01))
    with pytest.raises(Refused, match=r"indices\.ages"):
        age_profile([3, 2], [1, 1], [1, 1])


SHAPE = {"a1": 0.02, "alpha1": 0.1, "a2": 0.06, "alpha2": 0.1, "mu2": 20.0, "lambda2": 0.4, "c": 0.003}
AGES = np.arange(0, 90) + 0.5


@pytest.mark.evidence("age_profile", "truth")
def test_peak_of_a_known_schedule_is_found():
    rng, people = np.random.default_rng(3), np.full(90, 50_000.0)
    rates = rogers_castro_rates(AGES, SHAPE)
    ours = age_profile(AGES, rng.poisson(people * rates), people, replication=Replication(rng, 100))
    assert abs(ours.estimate("peak_age").value - AGES[np.argmax(rates)]) <= 2
    assert rates.sum() in ours.estimate("gross_migraproduction").interval


@pytest.mark.evidence("rogers_castro", "published")
def test_fundamental_parameters_give_the_model_schedule():
    # Rogers and Castro (1981): peaking 20, child dependency 1/3, labour asymmetry 4, regularity 1
    fit = rogers_castro(AGES, 1e5 * rogers_castro_rates(AGES, SHAPE), np.full(90, 1e5))
    assert fit.values == pytest.approx([SHAPE[name] for name in fit.labels[0]], rel=1e-5)
    measures = [fit.extra[name] for name in ("peaking", "child_dependency", "labour_asymmetry", "regularity")]
    assert measures == pytest.approx([20, 1 / 3, 4, 1], rel=1e-5)
    x = 30.0
    by_hand = 0.02 * np.exp(-0.1 * x) + 0.06 * np.exp(-0.1 * (x - 20) - np.exp(-0.4 * (x - 20))) + 0.003
    assert rogers_castro_rates([x], SHAPE)[0] == pytest.approx(by_hand, rel=1e-12)


@pytest.mark.evidence("rogers_castro", "property")
def test_fit_ignores_the_unit_of_population_and_more_curves_fit_no_worse():
    rng = np.random.default_rng(4)
    counts, people = rng.poisson(20_000 * rogers_castro_rates(AGES, SHAPE)), np.full(90, 20_000.0)
    seven = rogers_castro(AGES, counts, people)
    assert rogers_castro(AGES, counts, 2 * people).extra["rates"] == pytest.approx(seven.extra["rates"] / 2, rel=1e-3)
    nine = rogers_castro(AGES, counts, people, schedule=Schedule.ELDERLY_RISE)

    def deviance(fit):
        mean = people * fit.extra["rates"]
        return 2 * np.sum(np.where(counts > 0, counts * np.log(np.maximum(counts, 1) / mean), 0) - counts + mean)

    assert deviance(nine) <= deviance(seven) + 0.05
    assert len(PARAMETERS[Schedule.BOTH]) == 13


@pytest.mark.evidence("rogers_castro", "truth")
def test_schedule_intervals_cover():
    rng, inside, people = np.random.default_rng(5), [], np.full(90, 20_000.0)
    mean = people * rogers_castro_rates(AGES, SHAPE)
    for _ in range(7):
        fit = rogers_castro(AGES, rng.poisson(mean), people)
        truth = np.array([SHAPE[name] for name in fit.labels[0]])
        inside.append(((fit.low <= truth) & (truth <= fit.high)).mean())
    assert np.mean(inside) > 0.88


def test_bad_schedules_are_refused():
    for rule, ages, counts in (
        ("schedule.ages", AGES[:6], np.ones(6)),
        ("schedule.counts", AGES, -np.ones(90)),
    ):
        with pytest.raises(Refused) as refused:
            rogers_castro(ages, counts, np.full(ages.size, 10.0))
        assert refused.value.rule == rule
