"""Every step of the composite index: against COINr 1.1.14 on the ASEM example, the Human Development Index, and truths."""

import csv
import json
import math

import numpy as np
import pytest

from migstat.estimation.composite_aggregation import aggregate, condorcet_order, outranking
from migstat.estimation.composite_imputation import Imputation, availability, impute
from migstat.estimation.composite_index import Recipe, composite_index, index_stages, ranks_of
from migstat.estimation.composite_normalisation import Normalisation, normalise
from migstat.estimation.composite_structure import IndexStructure, Node
from migstat.estimation.composite_treatment import UNTREATED, Treatment, treat
from migstat.estimation.composite_weights import BudgetAllocation, component_weights, equal_weights, expert_weights
from migstat.model import Refused

CLOSE = {"rel": 1e-12, "abs": 1e-11}


class Asem:
    """COINr's example: 51 countries, 49 indicators, 8 pillars, 2 sub-indices."""

    def __init__(self, folder):
        self.folder = folder / "composite"
        rows = [row for row in self.rows("ASEM_iMeta.csv") if row["Type"] in ("Indicator", "Aggregate")]
        nodes = {
            kind: tuple(
                Node(
                    row["iCode"],
                    None if row["Parent"] == "NA" else row["Parent"],
                    float(row["Weight"]),
                    int(row["Direction"]),
                )
                for row in rows
                if row["Type"] == kind
            )
            for kind in ("Indicator", "Aggregate")
        }
        self.structure = IndexStructure(nodes["Indicator"], nodes["Aggregate"])
        self.units = [row["uCode"] for row in self.rows("stage_Raw.csv")]
        regions = {row["uCode"]: row["EurAsia_group"] for row in self.rows("ASEM_iData.csv")}
        self.recipe = Recipe(imputation=Imputation("mean", [regions[unit] for unit in self.units]))
        self.reference = json.loads((self.folder / "composite_reference.json").read_text())

    def rows(self, name):
        with (self.folder / name).open() as file:
            return list(csv.DictReader(file))

    def table(self, name, codes=None):
        return np.array(
            [
                [math.nan if row[code] in ("NA", "") else float(row[code]) for code in codes or self.structure.codes]
                for row in self.rows(name)
            ]
        )


@pytest.fixture(scope="module")
def asem(reference_folder):
    return Asem(reference_folder)


class TestAgainstCoinr:
    @pytest.mark.evidence("composite_index", "published")
    def test_every_stage(self, asem):
        stages = index_stages(asem.structure, asem.table("stage_Denominated.csv"), asem.recipe)
        assert stages.imputed.values == pytest.approx(asem.table("stage_Imputed.csv"), **CLOSE)
        assert stages.treated.values == pytest.approx(asem.table("stage_Treated.csv"), **CLOSE)
        assert stages.normalised == pytest.approx(asem.table("stage_Normalised.csv"), **CLOSE)
        expected = asem.table("stage_Aggregated.csv", asem.structure.order)
        assert stages.scores == pytest.approx(expected, **CLOSE)
        ranks = {row["uCode"]: int(row["Rank"]) for row in asem.rows("results_aggs.csv")}
        assert stages.ranks.tolist() == [ranks[unit] for unit in asem.units]

    def test_treatment_moments(self, asem):
        treated = treat(asem.structure, asem.table("stage_Imputed.csv"), Treatment())
        for place, row in enumerate(asem.reference["treat"]):
            expected = (row["check_SkewKurt0.Skew"], row["check_SkewKurt0.Kurt"])
            assert treated.before[place] == pytest.approx(expected, rel=1e-9, abs=1e-12)
            assert treated.winsorised[place] == row.get("winsorise.nwin", 0)
        assert treated.passes(Treatment()).all()

    @pytest.mark.parametrize(
        ("theirs", "ours"),
        [
            ("minmax", "minmax"),
            ("zscore", "zscore"),
            ("dist2max", "distance_to_maximum"),
            ("scaled", "scaled"),
        ],
    )
    def test_normalisations(self, asem, theirs, ours):
        found = normalise(asem.structure, asem.table("stage_Treated.csv"), Normalisation(ours))
        assert found == pytest.approx(asem.table(f"norm_n_{theirs}.csv"), **CLOSE)

    @pytest.mark.parametrize(
        ("theirs", "ours", "step"), [("rank", "rank", 1), ("borda", "borda", 1), ("prank", "percentile_rank", 0.02)]
    )
    def test_ranks(self, asem, theirs, ours, step):
        """COINr ranks apart three values that print the same to 15 digits; values that are equal get equal ranks here."""
        table = asem.table("stage_Treated.csv")
        found = normalise(asem.structure, table, Normalisation(ours))
        apart = np.abs(found - asem.table(f"norm_n_{theirs}.csv")) > 1e-12
        assert apart.sum() <= 3
        for row, column in np.argwhere(apart):
            assert (table[:, column] == table[row, column]).sum() > 1
            assert abs(found[row, column] - asem.table(f"norm_n_{theirs}.csv")[row, column]) <= step + 1e-12

    def test_fraction_of_a_negative_maximum_is_refused(self, asem):
        """COINr turns an indicator round by its sign and divides by a negative maximum: AUS gets Inf for its tariffs."""
        row = next(row for row in asem.rows("norm_n_fracmax.csv") if row["uCode"] == "AUS")
        assert row["Tariff"] == "Inf"
        with pytest.raises(Refused, match=r"composite\.normalisation_undefined"):
            normalise(asem.structure, asem.table("stage_Treated.csv"), Normalisation("fraction_of_maximum"))

    @pytest.mark.parametrize(
        ("theirs", "ours"), [("a_amean", "arithmetic"), ("a_gmean", "geometric"), ("a_hmean", "harmonic")]
    )
    def test_aggregations(self, asem, theirs, ours):
        scaled = normalise(asem.structure, asem.table("stage_Treated.csv"), Normalisation(parameters=(1, 100)))
        scores = aggregate(asem.structure, scaled, ours)
        for row, unit in zip(asem.reference["agg"][theirs], scores, strict=True):
            found = dict(zip(asem.structure.order, unit, strict=True))
            assert [found[code] for code in ("Index", "Conn", "Sust")] == pytest.approx(
                [row[code] for code in ("Index", "Conn", "Sust")], **CLOSE
            )

    def test_leaving_out_one_pillar(self, asem):
        values = asem.table("stage_Denominated.csv")
        nominal = index_stages(asem.structure, values, asem.recipe).ranks
        for code, expected in asem.reference["remove_elements"].items():
            if code != "Nominal":
                without = index_stages(asem.structure.with_weights({code: 0.0}), values, asem.recipe).ranks
                assert np.abs(without - nominal).mean() == pytest.approx(expected, abs=1e-12)


GOALPOSTS = {
    "life": (20.0, 85.0),
    "expected years": (0.0, 18.0),
    "mean years": (0.0, 15.0),
    "income": (math.log(100), math.log(75_000)),
}
HUMAN_DEVELOPMENT = IndexStructure(
    (
        Node("life", "health"),
        Node("expected years", "education"),
        Node("mean years", "education"),
        Node("income", "standard of living"),
    ),
    (
        Node("health", "hdi"),
        Node("education", "hdi"),
        Node("standard of living", "hdi"),
        Node("hdi", None),
    ),
)


@pytest.mark.evidence("composite_index", "published")
def test_human_development_index():
    """UNDP, Human Development Report 2021/22, table 1: Norway 0.961, Morocco 0.683, from the figures printed there."""
    values = [[83.2, 18.2, 13.0, math.log(64_660)], [74.0, 14.2, 5.9, math.log(7_303)]]
    recipe = Recipe(
        treatment=UNTREATED,
        normalisation=Normalisation("goalposts", (0.0, 1.0), GOALPOSTS),
        aggregation={
            "health": "arithmetic",
            "education": "arithmetic",
            "standard of living": "arithmetic",
            "hdi": "geometric",
        },
    )
    index = composite_index(HUMAN_DEVELOPMENT, ["Norway", "Morocco"], values, recipe)
    assert [round(score.value, 3) for score in index.values()] == [0.961, 0.683]
    assert [score.extra["rank"] for score in index.values()] == [1, 2]


def plain(number, **options):
    return IndexStructure(
        tuple(Node(f"x{place}", "index", **options) for place in range(number)), (Node("index", None),)
    )


@pytest.mark.evidence("composite_index", "property")
@pytest.mark.parametrize("method", ["minmax", "zscore", "rank", "distance_to_maximum"])
def test_units_of_measurement_do_not_matter(method):
    generator = np.random.default_rng(1)
    table = generator.lognormal(0, 0.3, (20, 6))
    recipe = Recipe(normalisation=Normalisation(method))
    one = index_stages(plain(6), table, recipe)
    other = index_stages(plain(6), table * [1, 10, 0.1, 1000, 3, 7] + [5, 0, 0, -2, 1, 1], recipe)
    assert one.scores == pytest.approx(other.scores, rel=1e-9, abs=1e-9)


def test_contributions_add_up_and_imputations_are_named():
    generator = np.random.default_rng(2)
    table = generator.normal(10, 2, (12, 4))
    table[3, 1] = math.nan
    recipe = Recipe(imputation=Imputation("median"))
    index = composite_index(plain(4), [f"u{place}" for place in range(12)], table, recipe)
    for score in index.values():
        assert sum(score.extra["contributions"].values()) == pytest.approx(score.value)
    assert [name for name, score in index.items() if score.diagnostics[0].concern] == ["u3"]
    assert index["u3"].diagnostics[0].value == ("x1",)
    assert index["u3"].interval is None


@pytest.mark.evidence("composite_index", "truth")
def test_finds_a_known_latent_order():
    """Ten indicators that follow one trait with noise, three of them turned round and two with outliers."""
    generator = np.random.default_rng(3)
    trait = generator.normal(size=60)
    table = trait[:, None] + generator.normal(0, 0.5, (60, 10))
    table[:, :3] *= -1
    table[5, 8], table[9, 9] = 90.0, -70.0
    nodes = tuple(Node(f"x{place}", "index", direction=-1 if place < 3 else 1) for place in range(10))
    structure = IndexStructure(nodes, (Node("index", None),))
    treated = index_stages(structure, table, Recipe())
    left = index_stages(structure, table, Recipe(treatment=UNTREATED))
    agreement = [np.corrcoef(ranks_of(trait), stages.ranks)[0, 1] for stages in (treated, left)]
    assert agreement[0] > 0.97
    assert agreement[0] > agreement[1]


def test_ranks_share_ties():
    assert ranks_of(np.array([[3.0, 1.0, 3.0, 2.0]])).tolist() == [[1, 4, 1, 3]]


class TestImputation:
    def test_groups(self):
        table = np.array([[1.0], [3.0], [math.nan], [10.0], [30.0], [math.nan]])
        filled = impute(plain(1), table, Imputation("mean", list("aaabbb")))
        assert filled.values.ravel().tolist() == [1, 3, 2, 10, 30, 20]
        assert filled.spread[[2, 5], 0] == pytest.approx([math.sqrt(2), math.sqrt(200)])

    def test_availability(self):
        by_unit, by_indicator = availability(np.array([[1.0, math.nan], [math.nan, math.nan]]))
        assert (by_unit.tolist(), by_indicator.tolist()) == ([0.5, 0.0], [0.5, 0.0])


class TestTreatment:
    def test_a_long_tail_is_put_on_a_log_scale(self):
        table = np.exp(np.random.default_rng(5).normal(0, 3, (60, 1)))
        treated = treat(plain(1), table, Treatment(most_winsorised=3))
        assert treated.transformed.all()
        assert np.array_equal(np.argsort(table[:, 0]), np.argsort(treated.values[:, 0]))
        assert abs(treated.after[0, 0]) < 0.6 * treated.before[0, 0]
        reflected = treat(plain(1), -table, Treatment(most_winsorised=3))
        assert reflected.values == pytest.approx(-treated.values)

    def test_without_transformation_it_says_that_it_failed(self):
        table = np.exp(np.random.default_rng(5).normal(0, 3, (60, 1)))
        treatment = Treatment(most_winsorised=1, transform=False)
        treated = treat(plain(1), table, treatment)
        assert treated.winsorised.tolist() == [1]
        assert not treated.passes(treatment).any()


class TestWeights:
    def test_budget_allocation(self):
        budget = BudgetAllocation.of(["a", "b"], [[80, 20], [3, 1], [5, 5]])
        assert budget.weights() == pytest.approx({"a": 2.05 / 3, "b": 0.95 / 3})
        draws = budget.draws(20_000, np.random.default_rng(1))
        assert draws.sum(axis=1) == pytest.approx(1)
        # Drawing participants again has the variance of n in place of n - 1.
        assert draws[:, 0].std() == pytest.approx(budget.standard_errors()["a"] * math.sqrt(2 / 3), rel=0.03)

    def test_components_find_the_blocks(self):
        generator = np.random.default_rng(4)
        traits = generator.normal(size=(400, 2))
        table = np.column_stack([traits[:, place // 3] + 0.4 * generator.normal(size=400) for place in range(6)])
        found = component_weights([f"x{place}" for place in range(6)], table)
        assert found.components == 2
        assert found.explained > 0.85
        assert list(found.weights.values()) == pytest.approx([1 / 6] * 6, abs=0.01)

    def test_experts_and_equal(self):
        structure = HUMAN_DEVELOPMENT
        weighted = expert_weights(structure, {"health": 2, "education": 1, "standard of living": 1})
        assert weighted.effective_weights() == pytest.approx([0.5, 0.125, 0.125, 0.25])
        assert equal_weights(weighted).effective_weights() == pytest.approx([1 / 3, 1 / 6, 1 / 6, 1 / 3])


class TestCondorcet:
    def test_condorcets_own_example(self):
        """Young (1988), Condorcet's theory of voting, APSR 82, 1231: a beats b 33 to 27, b beats c 42 to 18, c beats a 35 to
        25; the circle is broken at its weakest link, and b, c, a has the most support, 104 of 180.
        """
        votes = {("a", "b", "c"): 23, ("b", "c", "a"): 17, ("b", "a", "c"): 2, ("c", "a", "b"): 10, ("c", "b", "a"): 8}
        scaled = np.array([[2.0 - order.index(name) for order in votes] for name in "abc"])
        weights = np.array(list(votes.values()), dtype=float)
        above = outranking(scaled, weights) * 60
        assert (above[0, 1], above[1, 2], above[2, 0]) == pytest.approx((33, 42, 35))
        assert condorcet_order(scaled, weights) == (1, 2, 0)
        assert above[1, 2] + above[2, 0] + above[1, 0] == pytest.approx(104)

    def test_exact_order_beats_every_other(self):
        from itertools import permutations

        generator = np.random.default_rng(6)
        scaled, weights = generator.normal(size=(6, 5)), generator.uniform(1, 2, 5)
        above = outranking(scaled, weights)

        def support(order):
            return sum(above[order[i], order[j]] for i in range(6) for j in range(i + 1, 6))

        assert support(condorcet_order(scaled, weights)) == pytest.approx(max(map(support, permutations(range(6)))))

    def test_copeland_follows_a_condorcet_winner(self):
        scaled = np.array([[2.0, 2.0, 0.0], [1.0, 1.0, 2.0], [0.0, 0.0, 1.0]])
        scores = aggregate(plain(3), scaled, "copeland")
        assert scores.ravel().tolist() == [2.0, 0.0, -2.0]


def tree(*nodes, tops=(("index", None),)):
    return IndexStructure(nodes, tuple(Node(code, parent) for code, parent in tops))


@pytest.mark.parametrize(
    ("rule", "call"),
    [
        ("composite.codes", lambda: tree(Node("a", "index"), Node("a", "index"))),
        ("composite.top", lambda: tree(Node("a", "index"), tops=(("index", None), ("other", None)))),
        ("composite.parent", lambda: tree(Node("a", "nowhere"), Node("b", "index"))),
        ("composite.direction", lambda: tree(Node("a", "index", direction=0))),
        ("composite.weight", lambda: tree(Node("a", "index", -1.0))),
        ("composite.weight", lambda: tree(Node("a", "index"), tops=(("index", None), ("empty", "index")))),
        (
            "composite.circle",
            lambda: tree(Node("a", "p"), Node("b", "index"), tops=(("index", None), ("p", "q"), ("q", "p"))),
        ),
        ("composite.shape", lambda: index_stages(plain(2), [[1.0, 2.0, 3.0]] * 3, Recipe())),
        ("composite.finite", lambda: index_stages(plain(1), [[1.0], [math.inf]], Recipe())),
        ("composite.missing", lambda: index_stages(plain(1), [[1.0], [math.nan]], Recipe())),
        (
            "composite.imputation_source",
            lambda: impute(plain(1), np.array([[1.0], [math.nan]]), Imputation("mean")),
        ),
        ("composite.imputation", lambda: impute(plain(1), np.array([[1.0], [2.0]]), Imputation("guess"))),
        ("composite.groups", lambda: impute(plain(1), np.array([[1.0], [math.nan]]), Imputation("mean", ["a"]))),
        ("composite.treatment", lambda: Treatment(-1)),
        ("composite.normalisation", lambda: Normalisation("magic")),
        ("composite.normalisation", lambda: Normalisation("minmax", (100, 0))),
        ("composite.goalposts", lambda: Normalisation("goalposts")),
        ("composite.goalposts", lambda: Normalisation("goalposts", goalposts={}).posts(plain(1))),
        ("composite.goalposts", lambda: Normalisation("goalposts", goalposts={"x0": (1, 1)}).posts(plain(1))),
        ("composite.normalisation_undefined", lambda: index_stages(plain(1), [[1.0], [1.0]], Recipe())),
        (
            "composite.undefined",
            lambda: index_stages(plain(1), [[1.0], [2.0]], Recipe(aggregation="geometric")),
        ),
        ("composite.aggregation", lambda: index_stages(plain(1), [[1.0], [2.0]], Recipe(aggregation="sum"))),
        ("composite.aggregation", lambda: index_stages(plain(1), [[1.0], [2.0]], Recipe(aggregation={}))),
        ("composite.units", lambda: composite_index(plain(1), ["a", "a"], [[1.0], [2.0]])),
        ("composite.budget_shape", lambda: BudgetAllocation.of(["a"], [[1.0]])),
        ("composite.budget_points", lambda: BudgetAllocation.of(["a", "b"], [[1.0, 1.0], [0.0, 0.0]])),
        ("composite.expert_partial", lambda: expert_weights(plain(2), {"x0": 1.0})),
        ("composite.components_units", lambda: component_weights("ab", np.eye(2))),
        ("composite.constant", lambda: component_weights("a", np.ones((5, 1)))),
        ("composite.condorcet_units", lambda: condorcet_order(np.zeros((17, 1)), np.ones(1))),
    ],
)
def test_refusals_by_name(rule, call):
    with pytest.raises(Refused) as refusal:
        call()
    assert refusal.value.rule == rule
    assert refusal.value.remedy
