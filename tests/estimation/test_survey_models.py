"""Regression, tests of independence, differences, and the second engine."""

import importlib
import json
import math

import numpy as np
import pytest

from estimation.test_survey_means import api_designs, number
from migstat.estimation import survey_svy_engine
from migstat.estimation.survey_design import SurveyDesign
from migstat.estimation.survey_difference import Wave, survey_change, survey_domain_difference
from migstat.estimation.survey_glm import survey_glm
from migstat.estimation.survey_independence import survey_independence
from migstat.estimation.survey_mean import survey_mean
from migstat.estimation.survey_raking import Margin, post_stratify
from migstat.estimation.survey_ratio import survey_ratio
from migstat.estimation.survey_svy_engine import SvyEngine
from migstat.estimation.survey_total import survey_total
from migstat.model import Refused

# Student (1908), The probable error of a mean, Biometrika 6: hours of sleep gained by ten patients under two drugs.
FIRST_DRUG = np.array([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0])
SECOND_DRUG = np.array([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])


@pytest.fixture
def reference(reference_folder):
    return json.loads((reference_folder / "survey" / "survey_reference.json").read_text())


@pytest.mark.evidence("survey_glm", "published")
@pytest.mark.evidence("survey_independence", "published")
@pytest.mark.parametrize("name", ["dstrat", "dclus1", "dsrs"])
def test_models_as_r(reference_folder, reference, name):
    api, design = api_designs(reference_folder)[name]
    model = survey_glm(design, number(api["api00"]), {key: number(api[key]) for key in ("ell", "meals", "mobility")})
    for coefficient, (value, error, _, p_value) in zip(model.values(), reference[name]["glm"]["m"], strict=True):
        assert (coefficient.value, coefficient.standard_error) == pytest.approx((value, error), rel=1e-11)
        assert coefficient.diagnostics[-1].value == pytest.approx(p_value, rel=1e-10)
    test, expected = survey_independence(design, api["sch.wide"], api["stype"]), reference[name]["chisq"]
    assert (test.value, test.extra["p_value"]) == pytest.approx((expected["F"], expected["p"]), rel=1e-11)
    assert test.extra["degrees_of_freedom"] == pytest.approx(expected["df"], rel=1e-11)


class TestRegression:
    def test_gaussian_of_a_simple_sample_is_least_squares_with_robust_errors(self):
        models = pytest.importorskip("statsmodels.regression.linear_model")
        generator = np.random.default_rng(2)
        x, y = generator.normal(size=80), generator.normal(size=80)
        ours = survey_glm(SurveyDesign.of(np.ones(80)), y, {"x": x})
        theirs = models.OLS(y, np.column_stack([np.ones(80), x])).fit(cov_type="HC0")
        assert [c.value for c in ours.values()] == pytest.approx(theirs.params, rel=1e-10)
        # The design's variance carries n / (n - 1).
        assert [c.standard_error for c in ours.values()] == pytest.approx(theirs.bse * math.sqrt(80 / 79), rel=1e-9)

    @pytest.mark.parametrize("family", ["binomial", "poisson"])
    def test_other_families_as_statsmodels(self, family):
        models = pytest.importorskip("statsmodels.genmod.generalized_linear_model")
        generator = np.random.default_rng(3)
        x, weights = generator.normal(size=200), generator.uniform(1, 4, 200)
        rate = np.exp(0.3 + 0.5 * x)
        y = (
            (generator.random(200) < rate / (1 + rate)).astype(float)
            if family == "binomial"
            else generator.poisson(rate)
        )
        ours = survey_glm(SurveyDesign.of(weights), y, {"x": x}, family=family)
        kind = models.families.Binomial() if family == "binomial" else models.families.Poisson()
        predictors = np.column_stack([np.ones(200), x])
        theirs = models.GLM(y, predictors, family=kind, freq_weights=weights).fit(tol=1e-13)
        assert [c.value for c in ours.values()] == pytest.approx(theirs.params, rel=1e-8)

    @pytest.mark.evidence("survey_glm", "property")
    def test_model_without_predictors_is_the_mean(self):
        y = np.random.default_rng(1).normal(3, 1, 40)
        design = SurveyDesign.of(np.ones(40), units=np.arange(40) // 4)
        mean, (intercept,) = survey_mean(design, y), survey_glm(design, y, {}).values()
        assert (intercept.value, intercept.standard_error) == pytest.approx((mean.value, mean.standard_error))

    @pytest.mark.parametrize("unit", [1e-12, 1e12])
    def test_units_of_a_predictor_do_not_matter(self, unit):
        rng = np.random.default_rng(4)
        x, z, y = rng.normal(50, 9, 40), rng.normal(size=40), rng.normal(600, 90, 40)
        design = SurveyDesign.of(rng.uniform(1, 4, 40))
        plain, scaled = survey_glm(design, y, {"x": x, "z": z}), survey_glm(design, y, {"x": x * unit, "z": z})
        assert scaled["x"].value * unit == pytest.approx(plain["x"].value, rel=1e-11)
        for name, factor in (("x", unit), ("z", 1), ("(intercept)", 1)):
            assert scaled[name].standard_error * factor == pytest.approx(plain[name].standard_error, rel=1e-11)

    @pytest.mark.evidence("survey_glm", "truth")
    def test_recovers_coefficients_under_informative_weights(self):
        """Where those with large residuals are drawn more often, the weights bring the truth back."""
        generator = np.random.default_rng(7)
        x = generator.normal(size=40_000)
        noise = generator.normal(size=40_000)
        chance = np.where(noise > 0, 0.3, 0.1)
        drawn = generator.random(40_000) < chance
        y = 1 + 2 * x + noise
        model = survey_glm(SurveyDesign.of(1 / chance[drawn]), y[drawn], {"x": x[drawn]})
        assert 1.0 in model["(intercept)"].interval
        assert 2.0 in model["x"].interval
        naive = survey_glm(SurveyDesign.of(np.ones(drawn.sum())), y[drawn], {"x": x[drawn]})
        assert 1.0 not in naive["(intercept)"].interval

    @pytest.mark.parametrize(
        ("rule", "response", "predictors", "family"),
        [
            ("survey.glm_collinear", [1, 2, 3, 4], {"x": [1, 2, 3, 5], "z": [2, 4, 6, 10]}, "gaussian"),
            ("survey.glm_separation", [0, 0, 1, 1], {"x": [1, 2, 3, 4]}, "binomial"),
            ("survey.glm_response", [0, 1, 2, 1], {"x": [1, 2, 4, 3]}, "binomial"),
            ("survey.glm_response", [0, -1, 2, 1], {"x": [1, 2, 4, 3]}, "poisson"),
            ("survey.glm_family", [0, 1, 2, 1], {"x": [1, 2, 4, 3]}, "gamma"),
            (
                "survey.degrees_of_freedom",
                [0, 1, 2, 1],
                {"x": [1, 2, 4, 3], "z": [1, 0, 0, 1], "v": [1, 1, 0, 5]},
                "gaussian",
            ),
        ],
    )
    def test_refusals_by_name(self, rule, response, predictors, family):
        with pytest.raises(Refused) as refusal:
            survey_glm(SurveyDesign.of([1.0] * 4), response, predictors, family=family)
        assert refusal.value.rule == rule


class TestIndependence:
    @pytest.mark.evidence("survey_independence", "property")
    def test_order_of_columns_and_names_do_not_matter(self):
        generator = np.random.default_rng(5)
        a, b = generator.choice(list("xyz"), 90), generator.choice(list("pq"), 90)
        design = SurveyDesign.of(generator.uniform(1, 2, 90), units=np.arange(90) // 3)
        one, other = survey_independence(design, a, b), survey_independence(design, b, np.char.upper(a))
        assert (one.value, one.extra["p_value"]) == pytest.approx((other.value, other.extra["p_value"]), rel=1e-9)

    @pytest.mark.evidence("survey_independence", "truth")
    def test_rejects_five_times_in_a_hundred_where_clusters_fool_pearson(self):
        """Answers alike within clusters, columns independent: Pearson alone would reject far too often."""
        generator = np.random.default_rng(8)
        rejected, rounds = 0, 400
        for _ in range(rounds):
            a = np.repeat(generator.random(40) < 0.5, 10) ^ (generator.random(400) < 0.15)
            b = np.repeat(generator.random(40) < 0.5, 10) ^ (generator.random(400) < 0.15)
            design = SurveyDesign.of(np.ones(400), units=np.arange(400) // 10)
            rejected += survey_independence(design, a, b).extra["p_value"] < 0.05
        assert 0.02 <= rejected / rounds <= 0.09

    def test_one_category_is_refused(self):
        with pytest.raises(Refused, match=r"survey\.categories"):
            survey_independence(SurveyDesign.of([1.0] * 4), ["a"] * 4, ["x", "y", "x", "y"])


class TestDifferences:
    @pytest.mark.evidence("survey_change", "published")
    def test_students_sleep_as_a_panel(self):
        """The same ten patients twice: paired t 4.0621, p 0.00283 (Student 1908, as reprinted by Fisher 1925)."""
        design = SurveyDesign.of(np.ones(10), units=np.arange(10))
        change = survey_change(Wave(design, FIRST_DRUG), Wave(design, SECOND_DRUG))
        assert change.value == pytest.approx(1.58)
        assert change.value / change.standard_error == pytest.approx(4.0621, abs=5e-5)
        assert change.extra["p_value"] == pytest.approx(0.002833, abs=5e-7)

    @pytest.mark.evidence("survey_domain_difference", "published")
    def test_students_sleep_as_two_samples(self):
        """Two separate groups of ten: t 1.8608 (Welch)."""
        group = np.repeat([0, 1], 10)
        design = SurveyDesign.of(np.ones(20), strata=group)
        found = survey_domain_difference(design, np.concatenate([FIRST_DRUG, SECOND_DRUG]), group == 0, group == 1)
        assert found.value / found.standard_error == pytest.approx(1.8608, abs=5e-5)

    @pytest.mark.evidence("survey_change", "property")
    @pytest.mark.evidence("survey_domain_difference", "property")
    def test_swapping_turns_the_sign_and_nothing_else(self):
        generator = np.random.default_rng(4)
        y, inside = generator.normal(size=60), np.arange(60) % 2 == 0
        design = SurveyDesign.of(np.ones(60), units=np.arange(60) // 3)
        one, other = (survey_domain_difference(design, y, a, b) for a, b in ((inside, ~inside), (~inside, inside)))
        assert (one.value, one.standard_error) == pytest.approx((-other.value, other.standard_error))
        later = SurveyDesign.of(np.ones(60), units=np.arange(60) // 3 + 8)
        one, other = (
            survey_change(a, b) for a, b in ((Wave(design, y), Wave(later, y)), (Wave(later, y), Wave(design, y)))
        )
        assert (one.value, one.standard_error) == pytest.approx((-other.value, other.standard_error))
        assert one.extra["shared_units"] == 12

    def test_without_shared_units_variances_add(self):
        y = np.arange(10.0)
        one, other = SurveyDesign.of(np.ones(10), units=range(10)), SurveyDesign.of(np.ones(10), units=range(10, 20))
        change = survey_change(Wave(one, y), Wave(other, y**1.2))
        assert change.standard_error == change.extra["standard_error_ignoring_overlap"]

    @pytest.mark.evidence("survey_change", "truth")
    def test_partial_panel_covers_and_ignoring_the_overlap_does_not(self):
        """Two thirds of 30 clusters of a large population are kept; the change is 1 exactly."""
        generator = np.random.default_rng(13)
        covered, ignoring, values, rounds = 0, [], [], 400
        for _ in range(rounds):
            level = generator.normal(0, 3, 40)
            before = level[:, None] + generator.normal(0, 1, (40, 5))
            after = 1 + level[:, None] + generator.normal(0, 1, (40, 5))
            waves = [
                Wave(SurveyDesign.of(np.ones(150), units=np.repeat(units, 5)), table[units].ravel())
                for units, table in ((np.arange(30), before), (np.arange(10, 40), after))
            ]
            change = survey_change(*waves)
            covered += 1.0 in change.interval
            values.append(change.value)
            ignoring.append(change.extra["standard_error_ignoring_overlap"])
        assert 0.905 <= covered / rounds <= 0.985
        assert np.mean(ignoring) > 1.4 * np.std(values)

    @pytest.mark.evidence("survey_domain_difference", "truth")
    def test_two_groups_in_the_same_clusters(self):
        """Groups that share clusters: the difference is 2; adding variances would say far too much."""
        generator = np.random.default_rng(14)
        covered, rounds, adding, values = 0, 300, [], []
        group = np.tile([False, True], 120)
        design = SurveyDesign.of(np.ones(240), units=np.arange(240) // 8)
        for _ in range(rounds):
            y = np.repeat(generator.normal(0, 2, 30), 8) + 2 * group + generator.normal(0, 1, 240)
            found = survey_domain_difference(design, y, ~group, group)
            covered += 2.0 in found.interval
            adding.append(found.extra["standard_error_ignoring_overlap"])
            values.append(found.value)
        assert 0.905 <= covered / rounds <= 0.985
        assert np.mean(adding) > 2 * np.std(values)

    def test_nothing_to_test_is_refused(self):
        design = SurveyDesign.of(np.ones(4))
        with pytest.raises(Refused, match=r"survey\.difference_variance"):
            survey_domain_difference(design, [1, 1, 1, 1], [True, True, False, False], [False, False, True, True])


class TestSecondEngine:
    @pytest.fixture
    def design(self):
        generator = np.random.default_rng(6)
        return SurveyDesign.of(
            generator.uniform(1, 9, 120),
            strata=np.repeat(list("abc"), 40),
            units=np.tile(np.repeat(np.arange(8), 5), 3),
            population_units=np.repeat([20, 30, 40], 40),
        )

    def test_agrees_with_ours(self, design):
        pytest.importorskip("svy")
        generator = np.random.default_rng(7)
        y, x, inside = generator.lognormal(1, 1, 120), generator.lognormal(1, 0.2, 120), generator.random(120) < 0.6
        engine = SvyEngine(design)
        for domain in (None, inside):
            pairs = [
                (engine.mean(y, domain=domain), survey_mean(design, y, domain=domain)),
                (engine.total(y, domain=domain), survey_total(design, y, domain=domain)),
                (engine.ratio(y, x, domain=domain), survey_ratio(design, y, x, domain=domain)),
            ]
            for theirs, ours in pairs:
                assert (theirs.value, theirs.standard_error) == pytest.approx(
                    (ours.value, ours.standard_error), rel=1e-11
                )
                # In a domain svy counts the degrees of freedom of the units met there only.
                assert domain is not None or theirs.interval.low == pytest.approx(ours.interval.low, rel=1e-9)

    def test_refuses_a_calibrated_design(self, design):
        calibrated = post_stratify(design, Margin(np.repeat(list("ab"), 60), {"a": 300, "b": 300}))
        with pytest.raises(Refused, match=r"survey\.svy_calibrated"):
            SvyEngine(calibrated)

    def test_says_when_svy_is_absent_or_another(self, design, monkeypatch):
        monkeypatch.setattr(survey_svy_engine, "PINNED", "0.0.0")
        pytest.importorskip("svy")
        with pytest.raises(Refused, match=r"survey\.svy_version"):
            SvyEngine(design)
        real = importlib.import_module

        def without(name):
            if name == "svy":
                raise ImportError(name)
            return real(name)

        monkeypatch.setattr(survey_svy_engine.importlib, "import_module", without)
        with pytest.raises(Refused, match=r"survey\.svy_absent"):
            SvyEngine(design)
