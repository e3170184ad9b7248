"""Ranks with intervals, and which choice moves them: laws of comparison, exact Sobol indices, repeated truths."""

import math

import numpy as np
import pytest

from migstat.estimation import composite_sensitivity as sensitivity
from migstat.estimation.composite_imputation import Imputation
from migstat.estimation.composite_index import Recipe, index_stages, ranks_of
from migstat.estimation.composite_normalisation import Normalisation
from migstat.estimation.composite_structure import IndexStructure, Node
from migstat.estimation.composite_treatment import UNTREATED, Treatment
from migstat.estimation.composite_uncertainty import (
    Doubts,
    IndexSimulator,
    composite_uncertainty,
    simulated_scores,
)
from migstat.estimation.composite_weights import BudgetAllocation
from migstat.model import Refused

RAW = Recipe(treatment=UNTREATED, normalisation=Normalisation("scaled"))


def plain(number):
    return IndexStructure(tuple(Node(f"x{place}", "index") for place in range(number)), (Node("index", None),))


def names(count):
    return [f"u{place}" for place in range(count)]


@pytest.mark.evidence("composite_uncertainty", "published")
def test_law_of_comparative_judgment():
    """Thurstone (1927), Psychological Review 34, 273, case V: one standard error apart, the first leads 76.02 % of times."""
    ranks = composite_uncertainty(
        plain(1),
        ["a", "b"],
        [[1.0], [0.0]],
        Doubts(standard_errors=[[1.0], [1.0]]),
        np.random.default_rng(1),
        recipe=RAW,
        replicates=40_000,
    )
    assert ranks["a"].extra["rank_shares"][0] == pytest.approx(0.7602, abs=3 * math.sqrt(0.76 * 0.24 / 40_000))


@pytest.mark.evidence("composite_uncertainty", "property")
def test_intervals_hold_the_bulk_and_same_seed_same_answer():
    generator = np.random.default_rng(2)
    table = generator.normal(50, 10, (12, 5))
    doubts = Doubts(
        standard_errors=np.full((12, 5), 4.0),
        weight_spread=0.25,
        treatments=[Treatment(1)],
        normalisations=[Normalisation("zscore"), Normalisation("rank")],
        aggregations=["copeland"],
    )
    runs = [
        composite_uncertainty(plain(5), names(12), table, doubts, np.random.default_rng(7), replicates=400)
        for _ in range(2)
    ]
    shares = np.array([rank.extra["rank_shares"] for rank in runs[0].values()])
    assert shares.sum(axis=1) == pytest.approx(1)
    for rank, row in zip(runs[0].values(), shares, strict=True):
        inside = row[int(rank.interval.low) - 1 : int(rank.interval.high)].sum()
        assert inside >= 0.95
        assert rank.seed == 7
    assert [r.interval for r in runs[0].values()] == [r.interval for r in runs[1].values()]
    assert {r.value for r in runs[0].values()} == set(ranks_of(index_stages(plain(5), table, Recipe()).scores[:, -1]))


@pytest.mark.evidence("composite_uncertainty", "truth")
def test_intervals_cover_the_true_ranks():
    generator = np.random.default_rng(3)
    covered = []
    for _ in range(60):
        truth = generator.normal(0, 1, (10, 4))
        seen = truth + generator.normal(0, 0.5, truth.shape)
        ranks = composite_uncertainty(
            plain(4),
            names(10),
            seen,
            Doubts(standard_errors=np.full(truth.shape, 0.5)),
            generator,
            recipe=RAW,
            replicates=300,
        )
        true = ranks_of(truth.mean(axis=1))
        covered += [true[place] in rank.interval for place, rank in enumerate(ranks.values())]
    assert np.mean(covered) > 0.93


def test_simulated_scores_are_those_of_the_recipe():
    """Each alternative taken alone gives what the plain calculation gives with that choice."""
    generator = np.random.default_rng(4)
    table = np.exp(generator.normal(size=(15, 6)))
    table[2, 3] = math.nan
    structure = IndexStructure(
        tuple(Node(f"x{place}", "ab"[place % 2], 1 + place, -1 if place == 1 else 1) for place in range(6)),
        (Node("a", "index", 2.0), Node("b", "index", 1.0), Node("index", None)),
    )
    recipe = Recipe(Imputation("mean"), Treatment(), Normalisation(parameters=(1, 100)), "arithmetic")
    other = Recipe(Imputation("median"), Treatment(1), Normalisation("percentile_rank"), "copeland")
    doubts = Doubts(
        imputations=[other.imputation],
        treatments=[other.treatment],
        normalisations=[other.normalisation],
        aggregations=[other.aggregation],
    )
    simulator = IndexSimulator.of(structure, table, recipe, doubts)
    weights = structure.edges[2][None, :]
    noise = np.empty((0, 6, 15))
    for picks in ((0, 0, 0, 0), (1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1), (1, 1, 1, 1)):
        chosen = [(recipe, other)[pick] for pick in picks]
        direct = Recipe(chosen[0].imputation, chosen[1].treatment, chosen[2].normalisation, chosen[3].aggregation)
        choices = np.array([[picks[0], -1, 0, *picks[1:]]])
        expected = index_stages(structure, table, direct).scores[:, -1]
        assert simulator.scores(choices, noise, weights)[0] == pytest.approx(expected, rel=1e-12)


def test_imputed_values_are_doubted():
    """A unit whose only indicator was filled in with the mean can stand anywhere."""
    table = [[0.0], [10.0], [20.0], [math.nan]]
    ranks = composite_uncertainty(
        plain(1), names(4), table, Doubts(), np.random.default_rng(5), recipe=Recipe(Imputation("mean")), replicates=500
    )
    assert (ranks["u3"].interval.low, ranks["u3"].interval.high) == (1, 4)
    assert ranks["u3"].diagnostics[0].concern


def test_workshop_weights_are_drawn():
    budget = BudgetAllocation.of(["x0", "x1"], [[90, 10], [10, 90], [50, 50]])
    ranks = composite_uncertainty(
        plain(2), ["a", "b"], [[1.0, 0.0], [0.0, 1.0]], Doubts(workshop=budget), np.random.default_rng(6), recipe=RAW
    )
    # Of 27 equally likely sets of three participants, ten favour x0, ten x1 and seven neither; ties share rank 1.
    assert ranks["a"].extra["rank_shares"][1] == pytest.approx(10 / 27, abs=0.05)


def both_needed():
    """Two units whose order turns only when both alternatives are taken: the shift is the product of two coins."""
    doubts = Doubts(normalisations=[Normalisation("scaled", (0.0, 1.0))], aggregations=["geometric"])
    recipe = Recipe(treatment=UNTREATED, normalisation=Normalisation("scaled", (100.0, 1.0)))
    return plain(2), [[9.0, 1.0], [4.0, 4.5]], doubts, recipe


@pytest.mark.evidence("composite_sensitivity", "published")
def test_product_of_two_coins():
    """For Y = A B with fair coins, V = 3/16, V(E(Y|A)) = 1/16: S = 1/3 and S_T = 2/3 (Saltelli et al. 2010, eq. 2 and 4)."""
    pytest.importorskip("SALib")
    structure, values, doubts, recipe = both_needed()
    found = sensitivity.composite_sensitivity(
        structure, values, doubts, np.random.default_rng(1), recipe=recipe, base_samples=4096
    )
    assert set(found) == {"normalisation", "aggregation"}
    for index in found.values():
        assert index.value == pytest.approx(2 / 3, abs=0.03)
        assert index.extra["first_order"] == pytest.approx(1 / 3, abs=0.03)


@pytest.mark.evidence("composite_sensitivity", "property")
def test_total_is_at_least_first_order():
    pytest.importorskip("SALib")
    generator = np.random.default_rng(8)
    table = generator.lognormal(0, 0.6, (14, 5))
    doubts = Doubts(standard_errors=np.full((14, 5), 0.3), weight_spread=0.5, normalisations=[Normalisation("rank")])
    found = sensitivity.composite_sensitivity(plain(5), table, doubts, generator, base_samples=512)
    assert set(found) == {"data", "weights", "normalisation"}
    for index in found.values():
        assert index.extra["first_order"] <= index.value + 0.1
        assert index.seed == 8
    assert sum(index.value for index in found.values()) > 0.9


@pytest.mark.evidence("composite_sensitivity", "truth")
def test_an_idle_choice_explains_nothing():
    """Weights cannot move ranks where one of two themes is the same everywhere; the data do all of it."""
    pytest.importorskip("SALib")
    column = np.array([0.0, 1.0, 2.0, 3.0, 4.0])
    structure = IndexStructure(
        (Node("x", "a"), Node("flat", "b")), (Node("a", "index"), Node("b", "index"), Node("index", None))
    )
    values = np.column_stack([column, np.zeros(5)])
    errors = np.column_stack([np.full(5, 1.0), np.zeros(5)])
    found = sensitivity.composite_sensitivity(
        structure,
        values,
        Doubts(standard_errors=errors, weight_spread=0.3),
        np.random.default_rng(2),
        recipe=RAW,
        base_samples=2048,
    )
    assert found["data"].value == pytest.approx(1, abs=0.05)
    assert found["weights"].value == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    ("rule", "call"),
    [
        ("composite.no_doubt", lambda run: run(Doubts())),
        ("composite.replicates", lambda run: run(Doubts(weight_spread=0.1), replicates=50)),
        ("composite.weight_spread", lambda run: Doubts(weight_spread=1.5)),
        ("composite.standard_errors", lambda run: run(Doubts(standard_errors=[[1.0, math.nan]] * 3))),
        ("composite.standard_errors", lambda run: run(Doubts(standard_errors=[[1.0]]))),
        ("composite.units", lambda run: run(Doubts(weight_spread=0.1), units=["a", "b"])),
        ("composite.undefined", lambda run: run(Doubts(aggregations=["geometric"]))),
        ("composite.codes", lambda run: run(Doubts(workshop=BudgetAllocation.of(["z", "x0"], [[1, 1], [1, 1]])))),
        (
            "composite.goalposts",
            lambda run: run(
                Doubts(
                    normalisations=[
                        Normalisation("goalposts", goalposts={"x0": (0, 9), "x1": (0, 9)}),
                        Normalisation("goalposts", goalposts={"x0": (0, 8), "x1": (0, 8)}),
                    ]
                )
            ),
        ),
    ],
)
def test_refusals_by_name(rule, call):
    def run(doubts, replicates=100, units=("a", "b", "c")):
        composite_uncertainty(
            plain(2),
            units,
            [[1.0, 2.0], [2.0, 5.0], [3.0, 1.0]],
            doubts,
            np.random.default_rng(1),
            replicates=replicates,
        )

    with pytest.raises(Refused) as refusal:
        call(run)
    assert refusal.value.rule == rule


@pytest.mark.parametrize(
    ("rule", "doubts", "base"),
    [
        ("composite.base_samples", Doubts(weight_spread=0.1, aggregations=["copeland"]), 100),
        ("composite.one_doubt", Doubts(weight_spread=0.1), 64),
        ("composite.ranks_still", Doubts(weight_spread=0.01, normalisations=[Normalisation("zscore")]), 64),
    ],
)
def test_sensitivity_refuses_by_name(rule, doubts, base):
    pytest.importorskip("SALib")
    with pytest.raises(Refused) as refusal:
        sensitivity.composite_sensitivity(
            plain(2), [[0.0, 0.0], [5.0, 5.0], [9.0, 9.0]], doubts, np.random.default_rng(1), base_samples=base
        )
    assert refusal.value.rule == rule


def test_says_when_salib_is_absent(monkeypatch):
    def without(name):
        raise ImportError(name)

    monkeypatch.setattr(sensitivity.importlib, "import_module", without)
    structure, values, doubts, recipe = both_needed()
    with pytest.raises(Refused, match=r"composite\.salib_absent"):
        sensitivity.composite_sensitivity(structure, values, doubts, np.random.default_rng(1), recipe=recipe)


def test_chunks_do_not_change_the_answer_of_one_chunk(monkeypatch):
    simulator = IndexSimulator.of(plain(2), [[1.0, 2.0], [2.0, 1.0], [3.0, 3.0]], RAW, Doubts(weight_spread=0.5))
    scores = simulated_scores(simulator, 200, np.random.default_rng(1))
    monkeypatch.setattr("migstat.estimation.composite_uncertainty._AT_ONCE", 60)
    chunked = simulated_scores(simulator, 200, np.random.default_rng(1))
    assert scores.shape == chunked.shape == (200, 3)
    assert scores.mean(axis=0) == pytest.approx(chunked.mean(axis=0), abs=0.2)
