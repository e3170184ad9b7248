"""Jackknife, half-samples, bootstrap: against R's survey, against Taylor, and in repeated samples."""

import csv
import json

import numpy as np
import pytest

from estimation.test_survey_means import api_designs, number
from migstat.estimation.survey_design import SurveyDesign
from migstat.estimation.survey_mean import survey_mean
from migstat.estimation.survey_quantile import survey_quantile
from migstat.estimation.survey_raking import Margin, post_stratify
from migstat.estimation.survey_replicates import (
    balanced_half_samples,
    bootstrap,
    jackknife,
    recalibrated,
    replicated,
)
from migstat.estimation.survey_total import survey_total
from migstat.model import Refused


@pytest.fixture
def reference(reference_folder):
    return json.loads((reference_folder / "survey" / "survey_reference.json").read_text())


def agrees(api, replicates, expected):
    mean = replicated(replicates, "mean", number(api["api00"]))
    total = replicated(replicates, "total", number(api["enroll"]))
    assert (mean.value, mean.standard_error) == pytest.approx(
        (expected["mean"]["est"]["api00"], expected["mean"]["se"]), rel=1e-12
    )
    assert total.standard_error == pytest.approx(expected["total"]["se"], rel=1e-12)


@pytest.mark.evidence("survey_replication", "published")
def test_jackknives_as_r(reference_folder, reference):
    designs = api_designs(reference_folder)
    (clus, by_cluster), (strat, by_stratum) = designs["dclus1"], designs["dstrat"]
    agrees(clus, jackknife(by_cluster), reference["jk1"])
    agrees(strat, jackknife(by_stratum), reference["jkn"])
    margin = Margin(clus["stype"], {"E": 4421, "H": 755, "M": 1018})
    agrees(clus, recalibrated(jackknife(by_cluster), lambda design: post_stratify(design, margin)), reference["repcal"])


AMBULANCES = """ESA,ambulance,arrests,alive,w
1,1,120,25,1\n1,2,78,24,1\n2,1,185,30,1\n2,2,228,49,1\n3,1,670,80,1\n3,2,530,70,1"""


@pytest.mark.evidence("survey_replication", "published")
def test_half_samples_of_the_ambulances():
    """Levy and Lemeshow's survivors of cardiac arrest (R's scd): 0.1535 with standard error 0.0094 by half-samples."""
    rows = list(csv.DictReader(AMBULANCES.splitlines()))
    column = {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}
    design = SurveyDesign.of(column["w"], strata=column["ESA"], units=column["ambulance"])
    ratio = replicated(balanced_half_samples(design), "ratio", column["alive"], denominator=column["arrests"])
    assert ratio.value == pytest.approx(0.153506350082827, rel=1e-12)
    assert ratio.standard_error == pytest.approx(0.00941840066991849, rel=1e-12)


def test_bootstrap_of_the_schools(reference_folder, reference):
    """R's boot (1,000 draws) has 9.03, Taylor 9.41; ours is Taylor's within three Monte Carlo standard errors."""
    api, design = api_designs(reference_folder)["dstrat"]
    found = replicated(bootstrap(design, 4000, np.random.default_rng(1)), "mean", number(api["api00"]))
    assert found.standard_error == pytest.approx(9.40894080278458, rel=3 / np.sqrt(2 * 4000))
    assert found.seed == 1


@pytest.fixture
def paired():
    generator = np.random.default_rng(4)
    y = generator.normal(50, 10, 96) + np.repeat(generator.normal(0, 5, 24), 4)
    design = SurveyDesign.of(
        generator.uniform(1, 3, 96), strata=np.repeat(np.arange(12), 8), units=np.repeat(np.arange(24), 4)
    )
    return design, y


@pytest.mark.evidence("survey_replication", "property")
def test_totals_agree_with_taylor_exactly(paired):
    """For a linear statistic the jackknife and balanced half-samples are the Taylor variance."""
    design, y = paired
    taylor = survey_total(design, y).standard_error
    for replicates in (jackknife(design), balanced_half_samples(design), balanced_half_samples(design, fay=0.5)):
        assert replicated(replicates, "total", y).standard_error == pytest.approx(taylor, rel=1e-10)


def test_matrix_product_is_the_slow_way(paired):
    design, y = paired
    replicates = bootstrap(design, 50, np.random.default_rng(6))
    fast = replicated(replicates, "mean", y)
    slow = replicated(replicates, lambda weights: float(weights @ y / weights.sum()))
    assert fast.extra["replicates"] == pytest.approx(slow.extra["replicates"], rel=1e-12)
    assert fast.standard_error == pytest.approx(slow.standard_error, rel=1e-9)


def test_same_seed_same_answer(paired):
    design, y = paired
    one, other = (replicated(bootstrap(design, 40, np.random.default_rng(3)), "mean", y) for _ in range(2))
    assert one.standard_error == other.standard_error


def test_domains_and_medians(paired):
    design, y = paired
    inside = np.arange(96) % 3 == 0
    replicates = bootstrap(design, 3000, np.random.default_rng(2))
    taylor = survey_mean(design, y, domain=inside)
    mean = replicated(replicates, "mean", y, domain=inside)
    assert (mean.value, mean.standard_error) == pytest.approx((taylor.value, taylor.standard_error), rel=0.1)
    few = bootstrap(design, 200, np.random.default_rng(2))
    order = np.argsort(y)

    def median(weights):
        cumulated = np.cumsum(weights[order])
        return float(y[order][np.searchsorted(cumulated, cumulated[-1] / 2)])

    woodruff = survey_quantile(design, y)
    assert replicated(few, median).value == woodruff.value
    assert replicated(few, median).standard_error == pytest.approx(woodruff.standard_error, rel=0.5)


def test_a_unit_taken_with_certainty_is_in_every_replicate():
    """Strata of one unit add nothing, whether all of the stratum was drawn or the design says so."""
    y, strata = np.array([1.0, 3.0, 2.0, 6.0, 9.0]), list("aabbc")
    whole = SurveyDesign.of(np.ones(5), strata=strata, population_units=[20, 20, 20, 20, 1])
    certain = SurveyDesign.of(np.ones(5), strata=strata, lonely_unit="certainty")
    for design in (whole, certain):
        assert (bootstrap(design, 30, np.random.default_rng(1)).multipliers[:, 4] == 1).all()
        taylor = survey_total(design, y).standard_error
        assert replicated(jackknife(design), "total", y).standard_error == pytest.approx(taylor, rel=1e-12)
    with pytest.raises(Refused, match=r"survey\.lonely_unit"):
        jackknife(SurveyDesign.of(np.ones(5), strata=strata, lonely_unit="adjust"))


@pytest.mark.evidence("survey_replication", "truth")
def test_bootstrap_variance_is_right_in_repeated_samples():
    """With a third of all units drawn, the finite population correction must be in the replicates."""
    generator = np.random.default_rng(12)
    level = generator.normal(50, 6, 90)
    y = level[:, None] + generator.normal(0, 5, (90, 5))
    values, variances = [], []
    for _ in range(300):
        drawn = generator.choice(90, 30, replace=False)
        design = SurveyDesign.of(np.full(150, 3.0), units=np.repeat(drawn, 5), population_units=np.full(150, 90))
        found = replicated(bootstrap(design, 100, generator), "mean", y[drawn].ravel())
        values.append(found.value)
        variances.append(found.standard_error**2)
    assert np.mean(values) == pytest.approx(y.mean(), abs=0.2)
    assert np.mean(variances) == pytest.approx(np.var(values), rel=0.25)
    assert np.mean(variances) < 0.85 * np.var(level) / 30  # without the correction it would be above this


@pytest.mark.parametrize(
    ("rule", "call"),
    [
        ("survey.brr_pairs", lambda d: balanced_half_samples(SurveyDesign.of([1.0] * 3))),
        ("survey.brr_fay", lambda d: balanced_half_samples(d, fay=1.0)),
        ("survey.replicates", lambda d: bootstrap(d, 1, np.random.default_rng(1))),
        ("survey.statistic", lambda d: replicated(jackknife(d), "mode", [1, 2, 3, 4])),
        ("survey.statistic", lambda d: replicated(jackknife(d), "ratio", [1, 2, 3, 4])),
        ("survey.missing", lambda d: replicated(jackknife(d), "mean", [1, 2, 3, np.nan])),
        (
            "survey.replicate_undefined",
            lambda d: replicated(jackknife(d), "mean", [1, 2, 3, 4], domain=[True, False, False, False]),
        ),
    ],
)
def test_refusals_by_name(rule, call):
    with pytest.raises(Refused) as refusal:
        call(SurveyDesign.of([1.0] * 4, strata=[0, 0, 1, 1]))
    assert refusal.value.rule == rule
