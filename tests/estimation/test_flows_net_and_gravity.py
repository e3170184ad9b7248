"""Net migration of cohorts and places, the residual method, flows from net totals, and the gravity model."""

import csv

import numpy as np
import pytest

from estimation.peer_arrays import apart, array_of, flows_reference
from migstat.estimation.flows_from_net import flows_from_net
from migstat.estimation.flows_gravity import PairEffects, flows_gravity
from migstat.estimation.flows_residual import Measured, residual
from migstat.estimation.flows_survival_ratio import CohortErrors, Mothers, net_of_children, net_survival_ratio
from migstat.estimation.flows_vital_statistics import VitalErrors, net_vital_statistics
from migstat.model import Refused


@pytest.mark.evidence("net_survival_ratio", "published")
def test_first_cohort_of_bombay():
    # United Nations (1970), Manual VI, table 24: boys of 0-4 in 1941, survival ratio 0.9087
    for direction, value in (("forward", 62777.4255), ("reverse", 69084.8745460548), ("average", 65931.1500230274)):
        ours = net_survival_ratio([77135], [132870], [0.9087], direction=direction)
        assert ours.values[0] == pytest.approx(value, rel=1e-12)


def test_all_cohorts_of_bombay_and_children_of_manila(reference_folder):
    peer = flows_reference(reference_folder)
    rows = [row for row in peer["net_sr_bombay"] if "sr" in row and "pop_1941" in row]
    ours = net_survival_ratio(*([row[name] for row in rows] for name in ("pop_1941", "pop_1951", "sr")))
    for direction in ("forward", "reverse", "average"):
        assert apart(ours.extra[direction], [row[f"net_{direction}"] for row in rows]) < 1e-12
    manila = peer["net_sr_manila"]
    adults = [row for row in manila if "pop_1960" in row]
    for direction in ("forward", "reverse", "average"):
        ours = net_survival_ratio(
            *([row[name] for row in adults] for name in ("pop_1960", "pop_1970", "phl_census_sr")), direction=direction
        )
        mothers = [Mothers(tuple(range(1, 7)), 0.25), Mothers(tuple(range(2, 8)), 0.75)]
        children = net_of_children(ours, [manila[0]["pop_1970"], manila[1]["pop_1970"]], mothers)
        assert apart(children, [row[f"net_{direction}"] for row in manila[:2]]) < 1e-12


@pytest.mark.evidence("net_survival_ratio", "property")
def test_average_lies_between_and_nobody_moves_when_ratios_explain_all():
    p0, s = np.array([900.0, 700, 400]), np.array([0.99, 0.97, 0.8])
    assert net_survival_ratio(p0, s * p0, s).values == pytest.approx(0, abs=1e-9)
    ours = net_survival_ratio(p0, [950.0, 600, 340], s)
    ends = np.sort([ours.extra["forward"], ours.extra["reverse"]], axis=0)
    assert (ends[0] <= ours.values).all()
    assert (ours.values <= ends[1]).all()
    assert ours.extra["reverse"] == pytest.approx(ours.extra["forward"] / s)


@pytest.mark.evidence("net_survival_ratio", "truth")
@pytest.mark.parametrize("direction", ["forward", "reverse", "average"])
def test_cohort_intervals_cover(direction):
    rng, inside = np.random.default_rng(1), []
    p0, s, net = np.array([9000.0, 5000.0]), np.array([0.96, 0.9]), np.array([500.0, -300.0])
    p1 = s * p0 + net
    truth = net_survival_ratio(p0, p1, s, direction=direction).values
    errors = CohortErrors(start=0.01 * p0, end=0.01 * p1, ratio=0.01)
    for _ in range(1500):
        ours = net_survival_ratio(
            p0 + rng.normal(0, 0.01 * p0), p1 + rng.normal(0, 0.01 * p1), s + rng.normal(0, 0.01, 2),
            direction=direction, errors=errors,
        )  # fmt: skip
        inside.append(((ours.low <= truth) & (truth <= ours.high)).mean())
    assert 0.93 < np.mean(inside) < 0.97


def test_bad_cohorts_are_refused():
    for rule, arguments in {
        "net.ratio": ([1.0], [1.0], [0.0]),
        "net.negative": ([-1.0], [1.0], [0.9]),
        "input.lengths": ([1.0, 2.0], [1.0], [0.9]),
    }.items():
        with pytest.raises(Refused) as refused:
            net_survival_ratio(*arguments)
        assert refused.value.rule == rule
    with pytest.raises(Refused, match=r"net\.mothers"):
        net_of_children(net_survival_ratio([1.0], [1.0], [1.0]), [5.0], [])


@pytest.mark.evidence("net_vital_statistics", "published")
def test_alabama_in_the_sixties():
    # Bogue, Hinze and White (1982): non-white women of Alabama, 1960-1970
    ours = net_vital_statistics([515483], [483882], [126886], [51449])
    assert ours.values[0] == -107038
    assert ours.extra["natural_increase"][0] == 75437


@pytest.mark.evidence("net_vital_statistics", "property")
def test_parts_add_up_and_errors_combine():
    parts = net_vital_statistics([100, 200], [130, 190], [20, 10], [5, 8], errors=VitalErrors(3, 4, 0, 0))
    whole = net_vital_statistics([300], [320], [30], [13])
    assert parts.values.sum() == whole.values[0]
    assert parts.standard_errors == pytest.approx([5, 5])
    with pytest.raises(Refused, match=r"net\.negative"):
        net_vital_statistics([100], [130], [-2], [5])


@pytest.mark.evidence("net_vital_statistics", "truth")
def test_vital_intervals_cover():
    rng, inside = np.random.default_rng(2), []
    sizes = np.array([20000.0, 21000.0, 900.0, 500.0])
    for _ in range(1500):
        seen = sizes + rng.normal(0, [100, 120, 20, 10])
        ours = net_vital_statistics(*seen[:, None], errors=VitalErrors(100, 120, 20, 10))
        inside.append(ours.low[0] <= 600 <= ours.high[0])
    assert 0.93 < np.mean(inside) < 0.97


@pytest.mark.evidence("residual", "published")
def test_residuals_by_country_of_birth_add_up_as_published():
    # Warren and Passel (1987): 2,057,000 people without papers counted in 1980, of them 1,131,000 (55 %) born in Mexico;
    # whatever the number of legal residents, it cancels out
    legal = Measured(1_200_000), Measured(3_800_000)
    mexico = residual(Measured(legal[0].value + 1_131_000), legal[0], Measured(0.0))
    others = residual(Measured(legal[1].value + 926_000), legal[1], Measured(0.0))
    whole = residual(Measured(7_057_000), Measured(5_000_000), Measured(0.0))
    assert whole.value == mexico.value + others.value == 2_057_000
    assert round(100 * mexico.value / whole.value) == 55


@pytest.mark.evidence("residual", "property")
def test_an_omission_scales_the_rest_and_the_interval_stays_above_zero():
    full, half = (residual(Measured(500, 60), Measured(400), Measured(share)) for share in (0.0, 0.5))
    assert half.value == pytest.approx(2 * full.value)
    assert full.interval.low >= 0
    assert residual(Measured(500, 60), Measured(400), Measured(0.0)).diagnostics[0].concern is True


@pytest.mark.evidence("residual", "truth")
def test_residual_intervals_cover():
    rng, inside = np.random.default_rng(3), []
    for _ in range(1500):
        counted = 8000 + 3000 * 0.8 + rng.normal(0, 150)
        ours = residual(
            Measured(counted, 150), Measured(10000 + rng.normal(0, 50), 50), Measured(0.2 + rng.normal(0, 0.03), 0.03),
            still_present=Measured(0.8 + rng.normal(0, 0.01), 0.01),
        )  # fmt: skip
        inside.append(3000 in ours.interval)
    assert 0.93 < np.mean(inside) < 0.97


def test_more_registered_than_counted_is_refused():
    with pytest.raises(Refused, match=r"residual\.negative"):
        residual(Measured(5000, 10), Measured(9000, 10), Measured(0.1))
    with pytest.raises(Refused, match=r"residual\.share"):
        residual(Measured(5000, 10), Measured(900, 10), Measured(1.0))
    with pytest.raises(Refused, match=r"residual\.number"):
        Measured(-4)


PATTERN = np.array([[0.0, 100, 30, 70], [50, 0, 45, 5], [60, 35, 0, 40], [20, 25, 20, 0]])
NET = np.array([-100.0, 125, -75, 50])


@pytest.mark.evidence("flows_from_net", "published")
def test_net_totals_of_migest(reference_folder):
    peer = flows_reference(reference_folder)
    assert apart(flows_from_net(PATTERN, NET).values, array_of(peer["cm_net"]["b"]["n"])) < 1e-6
    assert apart(flows_from_net(PATTERN, NET, total=600).values, array_of(peer["cm_net_tot"]["b"]["n"])) < 1e-6


@pytest.mark.evidence("flows_from_net", "property")
@pytest.mark.parametrize("total", [None, 600.0])
def test_net_totals_are_met_and_the_pattern_is_kept(total):
    flow = flows_from_net(PATTERN, NET, total=total)
    assert flow.values.sum(axis=0) - flow.values.sum(axis=1) == pytest.approx(NET, abs=1e-8)
    if total is not None:
        assert flow.values.sum() == pytest.approx(total)
    a = flow.extra["factors"]
    assert flow.values == pytest.approx(flow.extra["scale"] * a[:, None] * PATTERN / a)


@pytest.mark.evidence("flows_from_net", "truth")
def test_flows_made_by_the_model_are_found():
    rng = np.random.default_rng(4)
    seed, a = rng.lognormal(3, 1, (8, 8)) * (1 - np.eye(8)), rng.lognormal(0, 0.5, 8)
    truth = 1.7 * a[:, None] * seed / a
    net = truth.sum(axis=0) - truth.sum(axis=1)
    assert flows_from_net(seed, net - net.mean(), total=truth.sum()).values == pytest.approx(truth, rel=1e-7)


def test_bad_net_totals_are_refused():
    with pytest.raises(Refused, match=r"flows\.net_sum"):
        flows_from_net(PATTERN, NET + 1)
    with pytest.raises(Refused, match=r"flows\.net_unattainable"):
        flows_from_net(np.array([[0.0, 1], [0, 0]]), [5, -5])


def korea(folder):
    rows = list(csv.DictReader((folder / "flows" / "migest_korea_gravity.csv").read_text("utf-8").splitlines()))
    return [row for row in rows if row["orig"] != row["dest"]]


@pytest.mark.evidence("flows_gravity", "published")
def test_korea_pooled_and_with_effects(reference_folder):
    peer, rows = flows_reference(reference_folder)["gravity"], korea(reference_folder)
    values = {
        name: np.array([float(row[name]) for row in rows]) for name in ("flow", "orig_pop", "dest_pop", "dist_cent")
    }
    X = np.column_stack([np.ones(len(rows)), *(np.log(values[name]) for name in ("orig_pop", "dest_pop", "dist_cent"))])
    ours = flows_gravity(values["flow"], X, ["one", "o", "d", "distance"], variance="poisson")
    pooled = peer["ppml_pooled"]
    assert apart(ours.values, list(pooled["coef"].values())) < 1e-11
    assert apart(ours.standard_errors, list(pooled["se"].values())) < 1e-6  # glm's are of its last step but one
    for name, theirs in (("deviance", "deviance"), ("aic", "aic"), ("log_likelihood", "loglik")):
        assert ours.extra[name] == pytest.approx(pooled[theirs], rel=1e-12)
    late = [row for row in rows if row["year"] == "2020"]
    far = np.log([float(row["dist_cent"]) for row in late])
    effects = PairEffects(tuple(row["orig"] for row in late), tuple(row["dest"] for row in late))
    flow = [float(row["flow"]) for row in late]
    ours = flows_gravity(
        flow, np.column_stack([np.ones(len(late)), far]), ["one", "distance"], effects=effects, variance="poisson"
    )
    theirs = peer["ppml_fe_2020"]
    assert ours.estimate("distance").value == pytest.approx(theirs["coef"]["log(dist_cent)"], rel=1e-12)
    assert ours.estimate("origin:Seoul").value == pytest.approx(theirs["coef"]["factor(orig)Seoul"], rel=1e-10)


def moves(rng, n=25, scatter=0.0):
    far = rng.uniform(1, 5, (n, n))
    mean = np.exp(4 + rng.normal(0, 0.5, n)[:, None] + rng.normal(0, 0.5, n) - 0.9 * np.log(far))
    flow = rng.poisson(mean * (rng.gamma(1 / scatter, scatter, (n, n)) if scatter else 1.0))
    off = ~np.eye(n, dtype=bool)
    i, j = np.nonzero(off)
    effects = PairEffects(tuple(f"p{k:02d}" for k in i), tuple(f"p{k:02d}" for k in j))
    return flow[off], np.column_stack([np.ones(i.size), np.log(far[off])]), effects


@pytest.mark.evidence("flows_gravity", "property")
def test_poisson_totals_are_kept_and_statsmodels_agrees():
    from statsmodels.genmod.families import Poisson
    from statsmodels.genmod.generalized_linear_model import GLM

    flow, X, effects = moves(np.random.default_rng(5), scatter=0.3)
    ours = flows_gravity(flow, X, ["one", "distance"], effects=effects)
    leaving = np.array(effects.origin) == "p03"
    assert ours.extra["fitted"][leaving].sum() == pytest.approx(flow[leaving].sum(), rel=1e-9)
    small = flows_gravity(flow, X, ["one", "distance"])
    peer = GLM(flow, X, family=Poisson()).fit(cov_type="HC0", tol=1e-14)
    assert small.values == pytest.approx(peer.params, rel=1e-8)
    assert small.standard_errors == pytest.approx(peer.bse * np.sqrt(flow.size / (flow.size - 2)), rel=1e-6)
    quasi = flows_gravity(flow, X, ["one", "distance"], variance="quasi")
    peer = GLM(flow, X, family=Poisson()).fit(scale="X2", tol=1e-14)
    assert quasi.standard_errors == pytest.approx(peer.bse, rel=1e-6)


@pytest.mark.evidence("flows_gravity", "truth")
def test_robust_intervals_cover_overdispersed_flows():
    rng, inside = np.random.default_rng(6), []
    for _ in range(60):
        flow, X, effects = moves(rng, n=16, scatter=0.2)
        one = flows_gravity(flow, X, ["one", "distance"], effects=effects).estimate("distance")
        inside.append(-0.9 in one.interval)
    assert 0.88 < np.mean(inside) < 1.0


def test_clusters_and_bad_flows():
    flow, X, effects = moves(np.random.default_rng(7))
    grouped = flows_gravity(flow, X, ["one", "distance"], variance="clustered", groups=effects.origin)
    assert grouped.standard_errors.min() > 0
    cases = {
        "gravity.negative": (-flow, X, None),
        "gravity.collinear": (flow, np.column_stack([X[:, 0], X[:, 0]]), None),
        "gravity.all_zero": (np.where(np.array(effects.origin) == "p03", 0, flow), X, effects),
    }
    for rule, (y, Z, pairs) in cases.items():
        with pytest.raises(Refused) as refused:
            flows_gravity(y, Z, ["one", "distance"], effects=pairs)
        assert refused.value.rule == rule
    with pytest.raises(Refused, match=r"gravity\.groups"):
        flows_gravity(flow, X, ["one", "distance"], variance="clustered")
