"""Means, totals, ratios, shares, variances, quantiles: against R's survey 4.1-1, published figures, and synthetic truths."""

import csv
import json
import math

import numpy as np
import pytest

from migstat.estimation.survey_design import SurveyDesign
from migstat.estimation.survey_mean import survey_mean
from migstat.estimation.survey_quantile import survey_quantile
from migstat.estimation.survey_ratio import survey_ratio
from migstat.estimation.survey_reporting import Confidence
from migstat.estimation.survey_share import survey_share, survey_shares
from migstat.estimation.survey_total import survey_total
from migstat.estimation.survey_variance import survey_variance
from migstat.model import Refused

NORMAL = Confidence(0.95, math.inf)
CLOSE = {"rel": 1e-12, "abs": 1e-12}


def read_api(reference_folder, name):
    with (reference_folder / "survey" / f"{name}.csv").open() as file:
        rows = list(csv.DictReader(file))
    return {key: np.array([row[key] for row in rows]) for key in rows[0]}


def number(column):
    return column.astype(float)


def api_designs(reference_folder):
    strat, clus, srs = (read_api(reference_folder, name) for name in ("apistrat", "apiclus1", "apisrs"))
    return {
        "dstrat": (
            strat,
            SurveyDesign.of(number(strat["pw"]), strata=strat["stype"], population_units=number(strat["fpc"])),
        ),
        "dclus1": (
            clus,
            SurveyDesign.of(number(clus["pw"]), units=clus["dnum"], population_units=number(clus["fpc"])),
        ),
        "dsrs": (srs, SurveyDesign.of(number(srs["pw"]), population_units=number(srs["fpc"]))),
    }


@pytest.fixture
def reference(reference_folder):
    return json.loads((reference_folder / "survey" / "survey_reference.json").read_text())


def with_moments(mean, deviation, count):
    """``count`` values of exactly this mean and standard deviation."""
    values = np.arange(count, dtype=float)
    return mean + (values - values.mean()) / values.std(ddof=1) * deviation


@pytest.mark.parametrize("design_name", ["dstrat", "dclus1", "dsrs"])
class TestAgainstR:
    @pytest.mark.evidence("survey_mean", "published")
    def test_mean(self, reference_folder, reference, design_name):
        api, design = api_designs(reference_folder)[design_name]
        expected = reference[design_name]["mean_api00"]
        mean = survey_mean(design, number(api["api00"]), confidence=NORMAL)
        assert mean.value == pytest.approx(expected["est"]["api00"], **CLOSE)
        assert mean.standard_error == pytest.approx(expected["se"], **CLOSE)
        assert (mean.interval.low, mean.interval.high) == pytest.approx(
            (expected["ci_low"], expected["ci_high"]), **CLOSE
        )
        effect = next(check.value for check in mean.diagnostics if check.id == "survey.design_effect")
        assert effect == pytest.approx(expected["deff"], **CLOSE)

    def test_mean_by_domain(self, reference_folder, reference, design_name):
        api, design = api_designs(reference_folder)[design_name]
        for row in reference[design_name]["by"]:
            mean = survey_mean(design, number(api["api00"]), domain=api["stype"] == row["stype"])
            assert (mean.value, mean.standard_error) == pytest.approx((row["api00"], row["se"]), **CLOSE)

    @pytest.mark.evidence("survey_total", "published")
    def test_total(self, reference_folder, reference, design_name):
        api, design = api_designs(reference_folder)[design_name]
        expected = reference[design_name]["total_enroll"]
        total = survey_total(design, number(api["enroll"]))
        assert total.value == pytest.approx(expected["est"]["enroll"], **CLOSE)
        assert total.standard_error == pytest.approx(expected["se"], **CLOSE)
        effect = next(check.value for check in total.diagnostics if check.id == "survey.design_effect")
        assert effect == pytest.approx(expected["deff"], **CLOSE)

    @pytest.mark.evidence("survey_ratio", "published")
    def test_ratio(self, reference_folder, reference, design_name):
        api, design = api_designs(reference_folder)[design_name]
        ratio = survey_ratio(design, number(api["api.stu"]), number(api["enroll"]))
        expected = reference[design_name]["ratio"]
        assert (ratio.value, ratio.standard_error) == pytest.approx((expected["est"], expected["se"]), **CLOSE)

    @pytest.mark.evidence("survey_share", "published")
    def test_shares(self, reference_folder, reference, design_name):
        api, design = api_designs(reference_folder)[design_name]
        expected = reference[design_name]["mean_stype"]
        shares = survey_shares(design, api["stype"], method="wald", confidence=NORMAL)
        for place, kind in enumerate("EHM"):
            assert shares[kind].value == pytest.approx(expected["est"][f"stype{kind}"], **CLOSE)
            assert shares[kind].standard_error == pytest.approx(expected["se"][place], **CLOSE)
        share = survey_share(design, api["stype"] == "E")
        low, high = reference[design_name]["prop_ci"]["ci"]
        if design_name != "dstrat":  # there the share is fixed by the design: no sampling variance at all
            assert (share.interval.low, share.interval.high) == pytest.approx((low, high), abs=1e-9)

    @pytest.mark.evidence("survey_quantile", "published")
    def test_quantiles(self, reference_folder, reference, design_name):
        api, design = api_designs(reference_folder)[design_name]
        for row in reference[design_name]["q"]:
            found = survey_quantile(design, number(api["api00"]), float(row["_row"]))
            assert (found.value, found.interval.low, found.interval.high) == (
                row["quantile"],
                row["ci.2.5"],
                row["ci.97.5"],
            )
            assert found.standard_error == pytest.approx(row["se"], **CLOSE)

    @pytest.mark.evidence("survey_variance", "published")
    def test_variance(self, reference_folder, reference, design_name):
        api, design = api_designs(reference_folder)[design_name]
        found = survey_variance(design, number(api["api00"]))
        expected = reference[design_name]["var"]
        assert (found.value, found.standard_error) == pytest.approx((expected["v"], expected["se"]), **CLOSE)


@pytest.mark.evidence("survey_mean", "published")
def test_mean_from_published_stratum_moments():
    """Lumley (2010), table 2.2: the stratified sample of Californian schools has mean 662.29 with standard error 9.41.

    A stratified mean depends on its data through stratum means and variances alone; these make the published ones.
    """
    strata = {"E": (674.43, 12.3824797939073, 100, 4421), "H": (625.82, 14.9371291853931, 50, 755)}
    strata["M"] = (636.6, 16.2147073081845, 50, 1018)
    values, weights, labels, sizes = [], [], [], []
    for name, (mean, error, count, size) in strata.items():
        deviation = error * math.sqrt(count / (1 - count / size))
        values.append(with_moments(mean, deviation, count))
        weights.append(np.full(count, size / count))
        labels += [name] * count
        sizes.append(np.full(count, size))
    design = SurveyDesign.of(np.concatenate(weights), strata=labels, population_units=np.concatenate(sizes))
    mean = survey_mean(design, np.concatenate(values))
    # The published weights were rounded to single precision: they agree to eight digits, not more.
    assert mean.value == pytest.approx(662.2873631593, rel=1e-8)
    assert mean.standard_error == pytest.approx(9.4089408028, rel=1e-7)
    assert design.degrees_of_freedom == 197


def clustered(generator, units=40, size=8):
    """A population of clusters that differ, and columns of a sample of some of them."""
    level = generator.normal(50, 6, units)
    y = level[:, None] + generator.normal(0, 5, (units, size))
    return y, np.repeat(np.arange(units), size).reshape(units, size)


class TestProperties:
    @pytest.mark.evidence("survey_mean", "property")
    @pytest.mark.evidence("survey_total", "property")
    @pytest.mark.evidence("survey_ratio", "property")
    @pytest.mark.evidence("survey_quantile", "property")
    def test_equivariance(self):
        generator = np.random.default_rng(3)
        y, x = generator.lognormal(3, 0.5, 60), generator.lognormal(2, 0.3, 60)
        design = SurveyDesign.of(generator.uniform(1, 5, 60), units=np.arange(60) // 3)
        mean, moved = survey_mean(design, y), survey_mean(design, 3 * y + 7)
        assert (moved.value, moved.standard_error) == pytest.approx((3 * mean.value + 7, 3 * mean.standard_error))
        total, double = survey_total(design, y), survey_total(design, 2 * y)
        assert (double.value, double.standard_error) == pytest.approx((2 * total.value, 2 * total.standard_error))
        assert survey_ratio(design, 5 * x, x).value == pytest.approx(5)
        assert survey_ratio(design, 5 * x, x).standard_error == pytest.approx(0, abs=1e-12)
        assert survey_ratio(design, y, np.ones(60)).standard_error == pytest.approx(mean.standard_error)
        assert survey_quantile(design, np.exp(y / 20)).value == pytest.approx(
            math.exp(survey_quantile(design, y).value / 20)
        )

    @pytest.mark.evidence("survey_share", "property")
    def test_share_intervals_stay_inside(self):
        design = SurveyDesign.of(np.ones(40))
        for hits in (0, 1, 39, 40):
            for method in ("logit", "beta"):
                share = survey_share(design, np.arange(40) < hits, method=method)
                assert 0 <= share.interval.low <= share.value <= share.interval.high <= 1
                assert share.interval.width > 0

    def test_everybody_is_exactly_everybody(self):
        """Weighted sums may miss 1 by a rounding; an edge stays an edge, with an interval that has a width."""
        rng = np.random.default_rng(1)
        for size in (60, 300, 700):
            share = survey_share(SurveyDesign.of(rng.uniform(1, 30, size)), np.ones(size, dtype=bool))
            assert share.value == share.interval.high == 1.0
            assert share.interval.low == pytest.approx(0.025 ** (1 / size))

    def test_exact_interval_of_a_simple_sample(self):
        """Clopper and Pearson (1934): 0 of 40 gives at most 1 - 0.025^(1/40)."""
        none = survey_share(SurveyDesign.of(np.ones(40)), np.zeros(40, dtype=bool))
        assert none.interval.high == pytest.approx(1 - 0.025 ** (1 / 40))

    @pytest.mark.evidence("survey_variance", "property")
    def test_variance_of_a_census_is_that_of_numpy(self):
        y = np.random.default_rng(1).normal(size=30)
        found = survey_variance(SurveyDesign.of(np.ones(30), population_units=np.full(30, 30)), y)
        assert found.value == pytest.approx(y.var(ddof=1))
        assert found.standard_error == pytest.approx(0, abs=1e-12)

    def test_domains_add_up(self):
        generator = np.random.default_rng(8)
        y, inside = generator.normal(10, 2, 50), generator.random(50) < 0.4
        design = SurveyDesign.of(generator.uniform(1, 3, 50))
        parts = [survey_total(design, y, domain=mask).value for mask in (inside, ~inside)]
        assert sum(parts) == pytest.approx(survey_total(design, y).value)

    def test_unit_labels_are_told_apart_within_strata(self):
        y = [1.0, 2.0, 3.0, 5.0, 8.0, 13.0, 21.0, 34.0]
        repeated = SurveyDesign.of(np.ones(8), strata=[0] * 4 + [1] * 4, units=[1, 1, 2, 2] * 2)
        distinct = SurveyDesign.of(np.ones(8), strata=[0] * 4 + [1] * 4, units=[1, 1, 2, 2, 3, 3, 4, 4])
        assert survey_mean(repeated, y).standard_error == survey_mean(distinct, y).standard_error

    def test_lonely_units(self):
        weights, strata, y = np.ones(5), ["a", "a", "b", "b", "c"], [1.0, 3.0, 2.0, 6.0, 9.0]
        errors = {
            choice: survey_total(SurveyDesign.of(weights, strata=strata, lonely_unit=choice), y).standard_error
            for choice in ("certainty", "adjust", "average")
        }
        assert errors["certainty"] ** 2 == pytest.approx(20)
        assert errors["average"] ** 2 == pytest.approx(30)
        assert errors["adjust"] ** 2 == pytest.approx(20 + (9 - 4.2) ** 2)


@pytest.mark.evidence("survey_mean", "truth")
@pytest.mark.evidence("survey_total", "truth")
@pytest.mark.evidence("survey_ratio", "truth")
@pytest.mark.evidence("survey_share", "truth")
@pytest.mark.evidence("survey_quantile", "truth")
@pytest.mark.evidence("survey_variance", "truth")
def test_intervals_cover_a_known_population():
    generator = np.random.default_rng(11)
    y, unit = clustered(generator, units=400)
    x = 2 + 0.1 * y + generator.normal(0, 0.5, y.shape)
    truths = {
        "mean": y.mean(),
        "total": y.sum(),
        "ratio": y.sum() / x.sum(),
        "share": (y > 52).mean(),
        "quantile": np.sort(y.ravel())[y.size // 2 - 1],
        "variance": y.var(ddof=1),
    }
    hits, rounds = dict.fromkeys(truths, 0), 250
    for _ in range(rounds):
        drawn = generator.choice(400, 60, replace=False)
        columns = [table[drawn].ravel() for table in (y, x, unit)]
        design = SurveyDesign.of(
            np.full(columns[0].size, 400 / 60), units=columns[2], population_units=np.full(columns[0].size, 400)
        )
        found = {
            "mean": survey_mean(design, columns[0]),
            "total": survey_total(design, columns[0]),
            "ratio": survey_ratio(design, columns[0], columns[1]),
            "share": survey_share(design, columns[0] > 52),
            "quantile": survey_quantile(design, columns[0]),
            "variance": survey_variance(design, columns[0]),
        }
        for name, estimate in found.items():
            hits[name] += truths[name] in estimate.interval
    # 250 rounds at 95 %: three Monte Carlo standard errors are 4.1 points.
    assert {name: share for name, share in hits.items() if not 0.905 <= share / rounds <= 0.992} == {}


class TestRefusals:
    @pytest.mark.parametrize(
        ("rule", "call"),
        [
            ("survey.weights", lambda: SurveyDesign.of([1.0, -1.0])),
            ("survey.missing", lambda: SurveyDesign.of([1.0, math.nan])),
            ("survey.column", lambda: SurveyDesign.of([1.0, 1.0], strata=["a"])),
            ("survey.missing", lambda: SurveyDesign.of([1.0, 1.0], strata=np.array(["a", None], dtype=object))),
            ("survey.lonely_unit", lambda: SurveyDesign.of([1.0, 1.0, 1.0], strata=["a", "a", "b"])),
            ("survey.population_units", lambda: SurveyDesign.of([1.0, 1.0], population_units=[5, 6])),
            ("survey.population_units", lambda: SurveyDesign.of([1.0, 1.0], population_units=[0.5, 0.5])),
            ("survey.missing", lambda: survey_mean(SurveyDesign.of([1.0, 1.0]), [1.0, math.nan])),
            ("survey.column", lambda: survey_mean(SurveyDesign.of([1.0, 1.0]), [1.0, 2.0, 3.0])),
            ("survey.column", lambda: survey_mean(SurveyDesign.of([1.0, 1.0]), ["a", "b"])),
            ("survey.domain", lambda: survey_mean(SurveyDesign.of([1.0, 1.0]), [1.0, 2.0], domain=[1, 0])),
            ("survey.domain_empty", lambda: survey_mean(SurveyDesign.of([1.0, 1.0]), [1, 2], domain=[False, False])),
            ("survey.ratio_base", lambda: survey_ratio(SurveyDesign.of([1.0, 1.0]), [1, 2], [1, -1])),
            ("survey.share_column", lambda: survey_share(SurveyDesign.of([1.0, 1.0]), [1, 0])),
            ("survey.probability", lambda: survey_quantile(SurveyDesign.of([1.0, 1.0]), [1, 2], 1.0)),
            ("survey.quantile_interval", lambda: survey_quantile(SurveyDesign.of([1.0] * 5), range(5), 0.9)),
            (
                "survey.variance_cases",
                lambda: survey_variance(SurveyDesign.of([1.0, 1.0]), [1, 2], domain=[True, False]),
            ),
            ("survey.level", lambda: Confidence(95)),
            (
                "survey.degrees_of_freedom",
                lambda: survey_mean(SurveyDesign.of([1.0, 1.0], units=[1, 1], population_units=[1, 1]), [1, 2]),
            ),
        ],
    )
    def test_by_name(self, rule, call):
        with pytest.raises(Refused) as refusal:
            call()
        assert refusal.value.rule == rule
        assert refusal.value.remedy
