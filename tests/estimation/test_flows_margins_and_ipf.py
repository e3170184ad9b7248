"""Tables brought to margins: raking, blocks, three axes, and the other distances."""

import numpy as np
import pytest

from estimation.peer_arrays import apart, array_of, columns, flows_reference
from migstat.estimation.flows_ipf import Margin, flows_ipf
from migstat.estimation.flows_margins import fit_margins
from migstat.model import Refused

SEED = np.array([[80.0, 20, 30], [60, 40, 45], [20, 50, 10]])
ROWS, COLUMNS = np.array([200.0, 250, 110]), np.array([190.0, 200, 170])


def two_way(rows=ROWS, cols=COLUMNS):
    return [Margin.over((3, 3), [0], rows), Margin.over((3, 3), [1], cols)]


@pytest.mark.evidence("flows_ipf", "published")
def test_two_and_three_ways_with_covariances_of_mipfp(reference_folder):
    peer = flows_reference(reference_folder)
    two = peer["mipfp_ipfp2"]
    ours = flows_ipf(array_of(two["seed"]), two_way(two["row"], two["col"]), sample=True)
    assert apart(ours.values, array_of(two["x"])) < 1e-11
    assert apart(ours.standard_errors.ravel(), two["delta_se"]) < 1e-11
    three = peer["mipfp_ipfp3"]
    seed = array_of(three["seed"])
    margins = [Margin.over(seed.shape, [0, 1], array_of(three["t12"])), Margin.over(seed.shape, [2], three["t3"])]
    ours = flows_ipf(seed, margins, sample=True)
    assert apart(ours.values, array_of(three["x"])) < 1e-11
    # mipfp lists its errors last index fastest, whatever their names say
    assert apart(np.sort(ours.standard_errors.ravel()), np.sort(three["vcov"]["se"])) < 1e-11


def test_small_example_by_hand():
    # one odds ratio, 4, kept: x (x - 2) ... solved for a 2 by 2 table with margins 3, 2 and 3, 2
    table = flows_ipf([[2, 1], [1, 2]], [Margin.over((2, 2), [0], [3, 2]), Margin.over((2, 2), [1], [3, 2])]).values
    assert table[0, 0] * table[1, 1] / (table[0, 1] * table[1, 0]) == pytest.approx(4, rel=1e-10)
    assert table.sum(axis=0) == pytest.approx([3, 2])


@pytest.mark.parametrize("distance", ["ml", "chi2", "lsq"])
def test_other_distances_of_little_and_wu(reference_folder, distance):
    peer = array_of(flows_reference(reference_folder)[f"mipfp_{distance}"]["x"])
    assert apart(flows_ipf(SEED, two_way(), distance=distance).values, peer) < 1e-6  # the peer's optimiser stops there


@pytest.mark.parametrize(
    ("distance", "cost"),
    [
        ("raking", lambda x, s: np.sum(x * np.log(x / s))),
        ("ml", lambda x, s: -np.sum(s * np.log(x))),
        ("chi2", lambda x, s: np.sum((s - x) ** 2 / x)),
        ("lsq", lambda x, s: np.sum((x - s) ** 2 / s)),
    ],
)
def test_each_distance_is_smallest_at_its_answer(distance, cost):
    level = SEED * ROWS.sum() / SEED.sum()
    best = flows_ipf(SEED, two_way(), distance=distance).values
    assert best.sum(axis=1) == pytest.approx(ROWS)
    rng = np.random.default_rng(1)
    for _ in range(20):
        i, j = rng.permutation(3)[:2], rng.permutation(3)[:2]
        swap = np.zeros((3, 3))
        swap[i[0], j[0]] = swap[i[1], j[1]] = 0.01
        swap[i[0], j[1]] = swap[i[1], j[0]] = -0.01
        assert cost(best + swap, level) > cost(best, level)


def test_blocks_of_migest(reference_folder):
    rows = [30, 20, 30, 10, 20, 5, 0, 10, 5, 5, 5, 10]
    cols = [45, 10, 10, 5, 5, 10, 50, 5, 10, 0, 0, 0]
    group = np.repeat(np.arange(4), [2, 3, 4, 3])
    blocks = [[0, 0, 50, 0], [35, 0, 25, 0], [10, 10, 0, 0], [10, 10, 0, 0]]
    margins = [
        Margin.over((12, 12), [0], rows),
        Margin.over((12, 12), [1], cols),
        Margin.blocks(group[:, None] * 4 + group, np.ravel(blocks)),
    ]
    ours = flows_ipf(np.ones((12, 12)), margins)
    assert apart(ours.values, array_of(flows_reference(reference_folder)["ipf2_block"])) < 1e-12


@pytest.mark.evidence("flows_ipf", "property")
def test_odds_ratios_and_margins_are_kept_on_three_axes_with_blocks():
    rng = np.random.default_rng(2)
    seed, aim = rng.lognormal(0, 1, (5, 5, 3)), rng.lognormal(1, 1, (5, 5, 3))
    label = np.where(np.eye(5, dtype=bool)[:, :, None], 0, -1) + np.zeros((5, 5, 3), dtype=int)
    margins = [Margin.over(aim.shape, axes, aim.sum(axis=drop)) for axes, drop in (((0, 2), 1), ((1, 2), 0))]
    margins.append(Margin.blocks(label, [aim[label == 0].sum()]))
    fitted = flows_ipf(seed, margins).values
    assert fitted.sum(axis=1) == pytest.approx(aim.sum(axis=1), rel=1e-9)
    assert fitted.sum(axis=0) == pytest.approx(aim.sum(axis=0), rel=1e-9)
    assert fitted[label == 0].sum() == pytest.approx(aim[label == 0].sum(), rel=1e-9)
    ratio = fitted / seed
    # off the diagonal the factors are those of origin by type and destination by type alone
    assert ratio[0, 1, 0] * ratio[2, 3, 0] == pytest.approx(ratio[0, 3, 0] * ratio[2, 1, 0], rel=1e-8)


def test_scaling_and_newton_agree_where_scaling_is_slow():
    rng, n = np.random.default_rng(3), 30
    seed = np.diag(rng.lognormal(9, 1, n)) + rng.lognormal(0, 1, (n, n))
    aim = seed * rng.lognormal(0, 0.4, (n, n))
    fitted = fit_margins(seed, aim.sum(axis=1), aim.sum(axis=0))
    assert fitted.iterations < 200
    assert fitted.error < 1e-11 * aim.sum()
    x = seed.copy()
    for _ in range(20_000):
        x *= (aim.sum(axis=1) / x.sum(axis=1))[:, None]
        x *= aim.sum(axis=0) / x.sum(axis=0)
    assert apart(fitted.table, x) < 1e-8


def test_a_thousand_by_a_thousand_of_mipfp(reference_folder):
    rng = np.random.default_rng(5)
    seed = rng.lognormal(2, 1, (1000, 1000))
    aim = seed * rng.lognormal(0, 0.5, (1000, 1000))
    corner = np.array(columns(reference_folder / "flows" / "bench_ipf2_1000_corner.csv", "V1", "V2", "V3")).T
    fitted = fit_margins(np.round(seed, 6), aim.sum(axis=1), aim.sum(axis=0))
    assert np.abs(fitted.table[:20, :3] / corner - 1).max() < 1e-6


@pytest.mark.evidence("flows_ipf", "truth")
def test_intervals_cover_when_the_seed_is_a_sample():
    rng, inside = np.random.default_rng(4), []
    truth = 100 * rng.dirichlet(np.full(12, 2.0)).reshape(3, 4)
    margins = [Margin.over((3, 4), [0], truth.sum(axis=1)), Margin.over((3, 4), [1], truth.sum(axis=0))]
    for _ in range(400):
        seed = rng.multinomial(1500, truth.ravel() / 100).reshape(3, 4)
        raked = flows_ipf(seed, margins, sample=True)
        inside.append(((raked.low <= truth) & (truth <= raked.high)).mean())
    assert 0.93 < np.mean(inside) < 0.97


@pytest.mark.parametrize(
    ("rule", "seed", "margins"),
    [
        ("ipf.totals", SEED, lambda: two_way(ROWS * 2)),
        ("ipf.negative_seed", -SEED, two_way),
        ("ipf.negative_margin", SEED, lambda: two_way(np.array([-1.0, 300, 261]))),
        ("ipf.unattainable", np.array([[1.0, 0, 0], [0, 1, 0], [0, 0, 1]]), two_way),
        ("ipf.margin_shape", SEED, lambda: [Margin.over((2, 3), [0], [1, 2])]),
        ("ipf.no_margin", SEED, list),
        ("ipf.blocks", SEED, lambda: [Margin.blocks(np.full((3, 3), 7), [1.0])]),
    ],
)
def test_bad_margins_are_refused(rule, seed, margins):
    with pytest.raises(Refused) as refused:
        flows_ipf(seed, margins())
    assert refused.value.rule == rule
