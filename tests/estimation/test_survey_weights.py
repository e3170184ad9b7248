"""Calibration, raking, post-stratification, trimming, response accounts: weights and what they do to variances."""

import json
import math

import numpy as np
import pytest

from estimation.test_survey_means import api_designs, number
from migstat.estimation.survey_calibration import calibrate
from migstat.estimation.survey_design import SurveyDesign
from migstat.estimation.survey_mean import survey_mean
from migstat.estimation.survey_nonresponse import adjust_for_nonresponse, response_account
from migstat.estimation.survey_raking import Margin, post_stratify, rake
from migstat.estimation.survey_total import survey_total
from migstat.estimation.survey_trimming import trim_weights
from migstat.model import Refused

SCHOOLS = {"E": 4421, "H": 755, "M": 1018}
WIDE = {"No": 1072, "Yes": 5122}


@pytest.fixture
def reference(reference_folder):
    return json.loads((reference_folder / "survey" / "survey_reference.json").read_text())


def agrees(api, design, expected, digits):
    first = np.array(expected["w"])
    assert design.weights[: first.size] == pytest.approx(first, rel=digits)
    for what, column, estimate in (("mean", "api00", survey_mean), ("total", "enroll", survey_total)):
        if what in expected:
            found = estimate(design, number(api[column]))
            assert found.value == pytest.approx(expected[what]["est"][column], rel=digits)
            assert found.standard_error == pytest.approx(expected[what]["se"], rel=digits)


def test_post_stratified_and_raked_as_r(reference_folder, reference):
    api, design = api_designs(reference_folder)["dclus1"]
    by_kind = Margin(api["stype"], SCHOOLS)
    agrees(api, post_stratify(design, by_kind), reference["post_dclus1"], 1e-12)
    raked = rake(design, [by_kind, Margin(api["sch.wide"], WIDE)])
    agrees(api, raked, reference["rake_dclus1"], 1e-12)
    agrees(api, trim_weights(raked, upper=45), reference["trim"], 1e-12)


@pytest.mark.parametrize(("distance", "digits"), [("linear", 1e-12), ("raking", 1e-12), ("logit", 1e-11)])
def test_calibrated_as_r(reference_folder, reference, distance, digits):
    """R stops its logit iterations at 1e-7 relative; ours go on, so the last digits of that one are R's to miss."""
    api, design = api_designs(reference_folder)["dclus1"]
    bounds = (0.1, 5) if distance == "logit" else (-math.inf, math.inf)
    kinds = np.column_stack([np.ones(design.rows), api["stype"] == "H", api["stype"] == "M"])
    calibrated = calibrate(design, kinds, [6194, 755, 1018], distance=distance, bounds=bounds)
    agrees(api, calibrated, reference[f"cal_dclus1_{distance}_pt"], 3e-12 if distance != "logit" else 1e-11)
    with_scores = np.column_stack([kinds, number(api["api99"])])
    calibrated = calibrate(design, with_scores, [6194, 755, 1018, 3914069], distance=distance, bounds=bounds)
    agrees(api, calibrated, reference[f"cal_dclus1_{distance}_pt2"], digits)


@pytest.fixture
def sample():
    generator = np.random.default_rng(5)
    kinds = generator.choice(list("abc"), 120)
    x = generator.lognormal(1, 0.4, 120)
    return SurveyDesign.of(generator.uniform(5, 15, 120), units=np.arange(120) // 4), kinds, x


def test_every_distance_meets_its_totals_within_its_bounds(sample):
    design, kinds, x = sample
    auxiliary = np.column_stack([np.ones(120), kinds == "b", x])
    totals = design.weights @ auxiliary * [1.0, 1.1, 0.97]
    for distance, bounds in (("linear", (0.6, 1.6)), ("raking", (0.5, 2.0)), ("logit", (0.6, 1.6))):
        calibrated = calibrate(design, auxiliary, totals, distance=distance, bounds=bounds)
        assert calibrated.weights @ auxiliary == pytest.approx(totals, rel=1e-10)
        ratios = calibrated.weights / design.weights
        assert bounds[0] - 1e-12 <= ratios.min() <= ratios.max() <= bounds[1] + 1e-12


def test_calibrating_on_dummies_is_post_stratifying(sample):
    design, kinds, x = sample
    counts = {"a": 500.0, "b": 400.0, "c": 300.0}
    dummies = np.column_stack([kinds == name for name in counts])
    one, other = post_stratify(design, Margin(kinds, counts)), calibrate(design, dummies, list(counts.values()))
    assert one.weights == pytest.approx(other.weights, rel=1e-12)
    assert survey_mean(one, x).standard_error == pytest.approx(survey_mean(other, x).standard_error, rel=1e-10)


def test_raking_is_calibration_by_raking(sample):
    design, kinds, x = sample
    sexes = np.where(np.arange(120) % 3 == 0, "f", "m")
    raked = rake(design, [Margin(kinds, {"a": 500, "b": 400, "c": 300}), Margin(sexes, {"f": 500, "m": 700})])
    dummies = np.column_stack([kinds == "a", kinds == "b", kinds == "c", sexes == "f"])
    calibrated = calibrate(design, dummies, [500, 400, 300, 500], distance="raking")
    assert raked.weights == pytest.approx(calibrated.weights, rel=1e-10)
    assert survey_mean(raked, x).standard_error == pytest.approx(survey_mean(calibrated, x).standard_error, rel=1e-9)


def test_a_calibrated_total_has_no_variance(sample):
    design, _, x = sample
    calibrated = calibrate(design, np.column_stack([np.ones(120), x]), [1200.0, 3400.0])
    total = survey_total(calibrated, x)
    assert total.value == pytest.approx(3400)
    assert total.standard_error == pytest.approx(0, abs=1e-9)


def test_calibration_variance_is_right_in_repeated_samples():
    """The residual variance matches the spread of the calibrated mean over samples; the naive one does not."""
    generator = np.random.default_rng(21)
    x = generator.normal(10, 3, 4000)
    y = 2 * x + generator.normal(0, 2, 4000)
    values, errors, naive = [], [], []
    for _ in range(400):
        rows = generator.choice(4000, 100, replace=False)
        design = SurveyDesign.of(np.full(100, 40.0), population_units=np.full(100, 4000))
        calibrated = calibrate(design, np.column_stack([np.ones(100), x[rows]]), [4000.0, x.sum()])
        mean = survey_mean(calibrated, y[rows])
        values.append(mean.value)
        errors.append(mean.standard_error)
        naive.append(survey_mean(design, y[rows]).standard_error)
    assert np.mean(errors) == pytest.approx(np.std(values), rel=0.12)
    assert np.mean(naive) > 2.5 * np.std(values)


def unequal_sample(generator, rows):
    """The bench sample of the reference results: fifty strata, weights from 10 to 100."""
    stratum, unit = generator.integers(0, 50, rows), generator.integers(0, 40, rows)
    y, weights = generator.lognormal(3, 1, rows) + stratum, generator.uniform(10, 100, rows)
    a, b, sex = generator.integers(0, 6, rows), generator.integers(0, 4, rows), generator.integers(0, 2, rows)
    return SurveyDesign.of(weights, strata=stratum, units=unit), y, a, b, sex


def test_two_hundred_thousand_rows_as_r(reference_folder):
    """R's rake takes residuals without the weights, its calibrate with them; both can be had."""
    expected = json.loads((reference_folder / "survey" / "bench_200k.json").read_text())
    design, y, a, b, sex = unequal_sample(np.random.default_rng(40), 200_000)
    mean = survey_mean(design, y)
    assert [mean.value, mean.standard_error] == pytest.approx(expected["mean"], rel=1e-12)
    margins = [Margin(a, dict.fromkeys(range(6), 2e6)), Margin(b, dict.fromkeys(range(4), 3e6))]
    mean = survey_mean(rake(design, margins, residuals="unweighted"), y)
    assert [mean.value, mean.standard_error] == pytest.approx(expected["rake"], rel=1e-12)
    own = survey_mean(rake(design, margins), y)
    assert own.standard_error == pytest.approx(expected["rake"][1], rel=1e-4)
    auxiliary = np.column_stack([np.ones(200_000), *(a == k for k in range(1, 6)), sex])
    mean = survey_mean(calibrate(design, auxiliary, [1.2e7, *[2e6] * 5, 6e6], distance="raking"), y)
    assert [mean.value, mean.standard_error] == pytest.approx(expected["cal"], rel=1e-12)


def test_weighted_residuals_are_the_right_ones_where_weights_tell():
    """A small stratum drawn heavily, in which the margin works the other way round: the unweighted residuals of R's rake
    and of svy give a standard error three times too large, the weighted ones the right one."""
    generator = np.random.default_rng(1)
    sizes, drawn = (8000, 2000), (100, 400)
    stratum = np.repeat([0, 1], sizes)
    a, b = (generator.random(10_000) < 0.5).astype(int), (generator.random(10_000) < 0.4).astype(int)
    y = np.where(stratum == 0, 30 * a, -30 * a) + 5 * b + generator.normal(0, 3, 10_000)
    counts = [dict(enumerate(np.bincount(column).tolist())) for column in (a, b)]
    values, errors = [], {"weighted": [], "unweighted": []}
    for _ in range(150):
        rows = np.concatenate([generator.choice(np.flatnonzero(stratum == h), drawn[h], replace=False) for h in (0, 1)])
        design = SurveyDesign.of(
            np.repeat([80.0, 5.0], drawn), strata=stratum[rows], population_units=np.repeat(sizes, drawn)
        )
        margins = [Margin(column[rows], known) for column, known in zip((a, b), counts, strict=True)]
        for kind, found in errors.items():
            mean = survey_mean(rake(design, margins, residuals=kind), y[rows])
            found.append(mean.standard_error)
        values.append(mean.value)
    assert np.mean(errors["weighted"]) == pytest.approx(np.std(values), rel=0.18)
    assert np.mean(errors["unweighted"]) > 2.5 * np.std(values)


def test_trimming_keeps_the_sum_and_the_limits():
    weights = np.random.default_rng(2).lognormal(2, 1, 300)
    trimmed = trim_weights(SurveyDesign.of(weights), lower=3, upper=20).weights
    assert trimmed.sum() == pytest.approx(weights.sum())
    assert trimmed.min() >= 3 - 1e-12
    assert trimmed.max() <= 20 + 1e-12


def test_response_account_of_aapor():
    """Every rate by hand, for 60 complete, 5 partial, 20 refusals, 10 not reached, 5 other, 20 unknown, 30 not eligible."""
    counts = {"complete": 60, "partial": 5, "refusal": 20, "non_contact": 10, "other": 5}
    counts |= {"unknown_eligibility": 20, "not_eligible": 30}
    account = response_account([name for name, count in counts.items() for _ in range(count)])
    assert account.response_rate_1 == 60 / 120
    assert account.response_rate_2 == 65 / 120
    assert account.eligibility == 100 / 130
    assert account.response_rate_3 == 60 / (100 + 100 / 130 * 20)
    assert account.response_rate_5 == 60 / 100
    assert account.cooperation_rate_1 == 60 / 90
    assert account.refusal_rate_1 == 20 / 120
    assert account.contact_rate_1 == 90 / 120


def test_nonresponse_adjustment_removes_the_bias_of_its_classes():
    generator = np.random.default_rng(9)
    classes = generator.integers(0, 2, 4000)
    y = 10 + 5 * classes + generator.normal(0, 1, 4000)
    answered = generator.random(4000) < np.where(classes == 1, 0.3, 0.8)
    design = SurveyDesign.of(np.ones(4000))
    adjusted = adjust_for_nonresponse(design, answered, classes)
    filled = np.where(answered, y, 0.0)
    assert survey_mean(adjusted, filled).value == pytest.approx(y.mean(), abs=0.15)
    assert y[answered].mean() < y.mean() - 0.8
    assert adjusted.population_size == pytest.approx(4000)


@pytest.mark.parametrize(
    ("rule", "call"),
    [
        ("survey.calibration_unreachable", lambda d: calibrate(d, [1.0] * 4, 400, distance="logit", bounds=(0.5, 2))),
        ("survey.calibration_unreachable", lambda d: calibrate(d, np.ones((4, 2)), [40, 50])),
        ("survey.calibration_bounds", lambda d: calibrate(d, [1.0] * 4, 40, bounds=(1.2, 2))),
        ("survey.calibration_bounds", lambda d: calibrate(d, [1.0] * 4, 40, distance="logit")),
        ("survey.calibration_distance", lambda d: calibrate(d, [1.0] * 4, 40, distance="chi")),
        ("survey.calibration_shape", lambda d: calibrate(d, np.ones((3, 1)), [40])),
        ("survey.missing", lambda d: calibrate(d, [1.0, 1.0, 1.0, math.nan], 40)),
        ("survey.margin_groups", lambda d: post_stratify(d, Margin(list("aabb"), {"a": 40}))),
        ("survey.margin_groups", lambda d: post_stratify(d, Margin(list("aabb"), {"a": 20, "b": 10, "c": 10}))),
        ("survey.margin_counts", lambda d: post_stratify(d, Margin(list("aabb"), {"a": 40, "b": 0}))),
        ("survey.margins", lambda d: rake(d, [])),
        (
            "survey.margins",
            lambda d: rake(d, [Margin(list("aabb"), {"a": 20, "b": 20}), Margin(list("abab"), {"a": 20, "b": 30})]),
        ),
        (
            "survey.raking_diverges",
            lambda d: rake(
                d, [Margin(list("aabb"), {"a": 20, "b": 20}), Margin(list("aabb"), {"a": 10, "b": 30})], rounds=50
            ),
        ),
        (
            "survey.raking_residuals",
            lambda d: rake(d, [Margin(list("aabb"), {"a": 20, "b": 20})], residuals="none"),
        ),
        ("survey.trim_limits", lambda d: trim_weights(d, upper=5)),
        ("survey.empty_class", lambda d: adjust_for_nonresponse(d, [True, True, False, False], list("aabb"))),
        ("survey.column", lambda d: adjust_for_nonresponse(d, [1, 1, 0, 0], list("aabb"))),
        ("survey.disposition", lambda d: response_account(["gone"])),
        ("survey.no_contact", lambda d: response_account(["non_contact"])),
        ("survey.eligibility", lambda d: response_account(["complete"], eligibility=2)),
    ],
)
def test_refusals_by_name(rule, call):
    with pytest.raises(Refused) as refusal:
        call(SurveyDesign.of([10.0] * 4))
    assert refusal.value.rule == rule
