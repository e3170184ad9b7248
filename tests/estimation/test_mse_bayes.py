"""Decomposable graphs and latent classes: against the peers, by property, in truth."""

import math

import networkx as nx
import numpy as np
import pytest
from scipy import stats

from estimation.mse_cases import expected_table, read_table, reference, simulated, small_table
from migstat.estimation import mse_latent_classes as latent
from migstat.estimation.mse_dga import decomposable_graphs, graph_posterior, mse_dga
from migstat.estimation.mse_latent_classes import LatentClassPrior, mse_latent_classes
from migstat.estimation.mse_tables import CaptureTable, table_from_histories
from migstat.model import Refused


@pytest.mark.evidence("mse_dga", "published")
@pytest.mark.parametrize("name", ["example3", "example3_d1", "example5_d1", "HIV4"])
def test_posterior_agrees_with_the_peer(reference_folder, name):
    peer = reference(reference_folder)["dga"][name]
    counts = np.array(peer["Y"], dtype=float)
    counts[0] = 0
    table = CaptureTable(tuple("ABCDE"[: peer["p"]]), counts)
    step = 10 if name == "HIV4" else 1  # the peer's grid: 1, 11, 21, ...
    unseen = np.arange(peer["Nmissing_min"], peer["Nmissing_max"] + 1, step)
    posterior = graph_posterior(table, unseen, delta=peer["delta"])
    assert posterior.mean == pytest.approx(peer["mean"], rel=1e-9)
    assert posterior.sd == pytest.approx(peer["sd"], rel=1e-9)
    assert posterior.mode == peer["mode"]
    assert [posterior.quantile(q) for q in (0.025, 0.5, 0.975)] == [peer["q025"], peer["median"], peer["q975"]]
    weights = np.sort(posterior.graph_weights)[::-1][: len(peer["top_models"])]
    assert weights == pytest.approx(np.array(peer["top_models"]), rel=1e-8)


def test_graphs_are_the_chordal_ones():
    for lists, known in ((2, 2), (3, 8), (4, 61), (5, 822)):
        graphs = decomposable_graphs(lists)
        assert len(graphs) == known
        for graph in graphs[:: max(1, known // 40)]:
            drawn = nx.Graph()
            drawn.add_nodes_from(range(lists))
            for clique in graph.cliques:
                members = [j for j in range(lists) if clique >> j & 1]
                drawn.add_edges_from((a, b) for a in members for b in members if a < b)
            assert nx.is_chordal(drawn)
            assert {sum(1 << j for j in one) for one in nx.find_cliques(drawn)} == set(graph.cliques)
            assert len(graph.separators) == len(graph.cliques) - 1


@pytest.mark.evidence("mse_dga", "property")
def test_posterior_is_a_distribution_and_a_wider_grid_changes_little():
    table = small_table()
    narrow = graph_posterior(table, np.arange(0, 1500))
    wide = graph_posterior(table, np.arange(0, 6000))
    assert narrow.probability.sum() == pytest.approx(1, abs=1e-12)
    assert narrow.graph_weights.sum() == pytest.approx(1, abs=1e-12)
    assert wide.mean == pytest.approx(narrow.mean, rel=1e-3)
    turned = CaptureTable(("C", "A", "B"), table.counts[[0, 4, 1, 5, 2, 6, 3, 7]])
    assert graph_posterior(turned, np.arange(0, 1500)).mean == pytest.approx(narrow.mean, rel=1e-12)


@pytest.mark.evidence("mse_dga", "truth")
def test_graphs_find_independence_and_the_truth():
    estimate = mse_dga(expected_table(20_000, (0.3, 0.3, 0.25)))
    assert estimate.extra["graphs"][0]["graph"] == "[1,2,3]"
    assert abs(estimate.value - 20_000) < 2 * estimate.standard_error
    assert 20_000 in estimate.interval
    assert estimate.diagnostics[0].concern is False


def test_prior_of_the_size_can_be_given():
    unseen = np.arange(0, 800)
    certain = np.where(unseen == 200, 0.0, -1e9)
    assert graph_posterior(small_table(), unseen, log_prior=certain).mean == pytest.approx(483)


def test_binomial_and_poisson_draws_have_their_distributions():
    """The compiled draws by halving are exact: chi-squared against the probabilities."""
    rng = np.random.default_rng(51)
    for people, share in ((5, 0.3), (60, 0.02), (400, 0.55)):
        draws = np.array([latent._binomial(rng, people, share) for _ in range(1500)])
        _matches(draws, stats.binom(people, share))
    for mean in (0.7, 9.0, 250.0):
        draws = np.array([latent._poisson(rng, mean) for _ in range(1500)])
        _matches(draws, stats.poisson(mean))


def _matches(draws, law):
    edges = np.unique(law.ppf(np.linspace(0.05, 0.95, 19)))
    cells = np.searchsorted(edges, draws)  # cell i: edges[i - 1] < draw <= edges[i]
    observed = np.bincount(cells, minlength=len(edges) + 1)
    chances = np.diff(np.concatenate([[0.0], law.cdf(edges), [1.0]]))
    assert stats.chisquare(observed, chances * len(draws)).pvalue > 1e-4


@pytest.mark.slow
@pytest.mark.evidence("mse_latent_classes", "published")
def test_latent_classes_agree_with_the_peer_on_the_uk_lists(reference_folder):
    """Quartiles within three Monte Carlo standard errors; it takes 30,000 sweeps to leave the start on this table."""
    peer = reference(reference_folder)["LCMCR_UKdat"][0]["q"]
    table = read_table(reference_folder, "SparseMSE_UKdat.csv")
    estimate = mse_latent_classes(table, np.random.default_rng(2), chains=2, draws=200, burn=30_000, thin=100)
    draws = estimate.extra["draws"]
    levels = np.array([0.25, 0.5, 0.75])
    density = stats.norm.pdf(stats.norm.ppf(levels)) / draws.std()
    errors = np.sqrt(levels * (1 - levels) * 2 / estimate.effective_size) / density  # twice: the peer's error too
    away = np.abs(np.quantile(draws, levels) - [peer["25%"], peer["50%"], peer["75%"]])
    assert estimate.effective_size > 50
    assert (away < 3 * errors).all()


@pytest.mark.evidence("mse_latent_classes", "property")
def test_same_seed_same_draws_and_one_class_is_independence():
    table = simulated(3000, (0.3, 0.25, 0.3, 0.2), np.random.default_rng(53))
    options = {"chains": 2, "draws": 400, "burn": 300, "thin": 3, "prior": LatentClassPrior(classes=1)}
    first = mse_latent_classes(table, np.random.default_rng(9), **options)
    again = mse_latent_classes(table, np.random.default_rng(9), **options)
    assert first.interval == again.interval
    assert first.seed == 9
    from migstat.estimation.mse_loglinear import fit_loglinear

    fit = fit_loglinear(table, "[1,2,3,4]")
    assert abs(first.extra["mean"] - fit.size) < 0.3 * fit.standard_error
    assert first.standard_error == pytest.approx(fit.standard_error, rel=0.15)
    assert first.effective_size > 100


@pytest.mark.evidence("mse_latent_classes", "truth")
def test_latent_classes_recover_a_mixture():
    """Two groups of unequal visibility: independence misses the truth, two classes find it."""
    rng = np.random.default_rng(55)
    visible = rng.random(6000) < 0.4
    chance = np.where(visible[:, None], [0.6, 0.5, 0.6, 0.5, 0.5], [0.15, 0.2, 0.1, 0.15, 0.2])
    member = rng.random(chance.shape) < chance
    from migstat.estimation.mse_loglinear import fit_loglinear
    from migstat.estimation.mse_tables import table_from_membership

    table = table_from_membership(member[member.any(axis=1)].astype(int))
    estimate = mse_latent_classes(table, np.random.default_rng(2), chains=2, draws=400, burn=1000, thin=5)
    assert 6000 in estimate.interval
    assert fit_loglinear(table, "[1,2,3,4,5]").size < 5400


def test_effective_draws_of_known_chains():
    rng = np.random.default_rng(56)
    assert latent.effective_draws(rng.normal(size=(4, 2000))) == pytest.approx(8000, rel=0.1)
    walk = np.zeros((4, 20_000))
    for t in range(1, walk.shape[1]):
        walk[:, t] = 0.9 * walk[:, t - 1] + rng.normal(size=4)
    assert latent.effective_draws(walk) == pytest.approx(80_000 * 0.1 / 1.9, rel=0.25)
    assert latent.scale_reduction(walk) < 1.02
    assert latent.scale_reduction(walk + np.arange(4)[:, None] * 5) > 1.5


def test_a_table_of_hundreds_of_millions_fits_into_memory():
    counts = expected_table(1_000_000, (0.3, 0.25, 0.2)).counts
    small, large = mse_dga(CaptureTable(("A", "B", "C"), counts)), mse_dga(CaptureTable(("A", "B", "C"), counts * 300))
    assert large.value == pytest.approx(300 * small.value, rel=1e-3)
    assert large.standard_error == pytest.approx(math.sqrt(300) * small.standard_error, rel=0.05)


def test_it_says_when_the_graph_that_joins_all_lists_wins():
    # Every pair of lists depends on each other: no decomposable graph but the complete one fits.
    pairs = table_from_histories(
        [[1, 1, 1], [1, 1, 0], [1, 0, 1], [1, 0, 0], [0, 1, 1], [0, 1, 0], [0, 0, 1]],
        1000 * np.array([28, 21, 17, 69, 18, 55, 63]),
    )
    for table, concern in ((pairs, True), (expected_table(1000, (0.3, 0.25, 0.2)), False)):
        assert {d.id: d.concern for d in mse_dga(table).diagnostics}["saturated_graph"] is concern


@pytest.mark.parametrize(
    ("call", "rule"),
    [
        (lambda: mse_dga(small_table(), delta=0.0), "mse.delta"),
        (lambda: graph_posterior(small_table(), np.arange(-1, 5)), "mse.grid"),
        (lambda: decomposable_graphs(7), "mse.model_space"),
        (lambda: mse_latent_classes(small_table(), np.random.default_rng(1), draws=1), "mse.draws"),
        (lambda: mse_latent_classes(small_table(), 7), "input.generator"),
        (lambda: LatentClassPrior(classes=0), "mse.prior"),
    ],
)
def test_refuses_by_name(call, rule):
    with pytest.raises(Refused) as refused:
        call()
    assert refused.value.rule == rule
