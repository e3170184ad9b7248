"""RDS-II: agreement with the R package RDS 0.9-10, invariances, a known chain recovered."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from estimation.rds_samples import VARIABLES, random_walk, reference_sample, small_sample
from migstat.estimation.rds_ii import rds_ii
from migstat.estimation.rds_recruitment import recruitment_from_rows
from migstat.estimation.rds_resampling import Resampling
from migstat.model import Refused


@pytest.mark.evidence("rds_ii", "published")
@pytest.mark.parametrize(("name", "variable"), VARIABLES)
def test_agrees_with_the_peer(reference_folder, name, variable):
    sample = reference_sample(reference_folder, name, variable)
    estimate = rds_ii(sample.recruitment, sample.labels, sample.categories[0])
    assert np.abs(estimate.extra["shares"] - sample.expected("RDS_II")).max() < 1e-14
    weights = estimate.extra["weights"] / estimate.extra["weights"].sum() * 1000
    assert np.abs(weights[:5] - sample.results["RDS_II"]["weights_head"]).max() < 1e-11


def test_by_hand():
    recruitment, labels = small_sample()
    inverse = [Fraction(1, int(d)) for d in recruitment.degree]
    expected = sum(f for f, label in zip(inverse, labels, strict=True) if label == "a") / sum(inverse)
    assert rds_ii(recruitment, labels, "a").value == pytest.approx(float(expected), rel=1e-14)


@pytest.mark.evidence("rds_ii", "property")
@given(scale=st.floats(0.1, 100), degrees=st.lists(st.integers(1, 50), min_size=12, max_size=12))
def test_scale_of_degrees_does_not_matter_and_shares_add_up(scale, degrees):
    forest, labels = small_sample()
    plain = rds_ii(recruitment_from_rows(forest.recruiter, degrees), labels, "a")
    scaled = rds_ii(recruitment_from_rows(forest.recruiter, [scale * d for d in degrees]), labels, "a")
    assert scaled.value == pytest.approx(plain.value, rel=1e-12)
    assert plain.extra["shares"].sum() == pytest.approx(1)
    assert 0 < plain.value < 1


def test_equal_degrees_give_the_plain_share():
    forest, labels = small_sample()
    equal = recruitment_from_rows(forest.recruiter, [5] * 12)
    assert rds_ii(equal, labels, "a").value == pytest.approx(0.5)


@pytest.mark.evidence("rds_ii", "truth")
def test_recovers_the_share_behind_a_long_chain():
    recruitment, labels, truth = random_walk(np.random.default_rng(12), 20_000)
    estimate = rds_ii(recruitment, labels, "a", resampling=Resampling(np.random.default_rng(1), "salganik", 200))
    assert abs(estimate.value - truth) < 3 * estimate.standard_error


def test_unknown_answers_are_left_out_and_said():
    forest, labels = small_sample()
    some = [None if i in (3, 8) else label for i, label in enumerate(labels)]
    estimate = rds_ii(forest, some, "a")
    kept = [i for i in range(12) if i not in (3, 8)]
    inverse = 1 / forest.degree
    assert estimate.value == pytest.approx(
        sum(inverse[i] for i in kept if labels[i] == "a") / sum(inverse[i] for i in kept)
    )
    unknown = next(d for d in estimate.diagnostics if d.id == "rds.unknown_answers")
    assert unknown.value == 2
    assert unknown.concern


def test_same_seed_same_answer_and_the_seed_is_told():
    forest, labels = small_sample()
    runs = [rds_ii(forest, labels, "a", resampling=Resampling(np.random.default_rng(9), "tree", 100)) for _ in "ab"]
    assert runs[0].interval == runs[1].interval
    assert runs[0].seed == 9


def test_without_resampling_there_is_no_interval_and_the_meaning_says_so():
    forest, labels = small_sample()
    estimate = rds_ii(forest, labels, "a")
    assert estimate.interval is None
    assert estimate.standard_error is None
    assert "Aucun intervalle" in estimate.meaning.fr


def test_refuses_a_bare_seed():
    with pytest.raises(Refused, match=r"input\.generator"):
        Resampling(5)


def test_refuses_the_bootstrap_of_another_estimator():
    forest, labels = small_sample()
    with pytest.raises(Refused, match=r"rds\.bootstrap"):
        rds_ii(forest, labels, "a", resampling=Resampling(np.random.default_rng(1), "successive_sampling", 100))
