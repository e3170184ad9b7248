"""The draw: best in whole numbers, exact in its chances, the same for everybody who draws it again."""

from __future__ import annotations

import hashlib
import itertools
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migstat.estimation.survey_allocation import Allocation, allocate
from migstat.estimation.survey_design import SurveyDesign
from migstat.estimation.survey_drawing import (
    TwoStages,
    draw_areas,
    draw_stratified,
    draw_two_stage,
    inclusion_probabilities,
)
from migstat.estimation.survey_mean import survey_mean
from migstat.estimation.survey_total import survey_total
from migstat.model import Refused

CODES = [f"D-{number:03d}" for number in range(60)]
STRATA = ["n" if number < 36 else "s" for number in range(60)]
BLOCKS = [f"B{min(number // 5, 9) if number < 36 else 10 + (number - 36) // 4}" for number in range(60)]
RENT = np.array([100.0 + 7 * (number % 11) + (40 if number >= 36 else 0) for number in range(60)])


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 7), st.floats(0.2, 5)), min_size=1, max_size=4), st.data())
def test_no_other_whole_numbers_are_better(strata: list[tuple[int, float]], data: st.DataObject) -> None:
    sizes, spread = [size for size, _ in strata], [deviation for _, deviation in strata]
    least = sum(min(2, size) for size in sizes)
    sample = data.draw(st.integers(least, sum(sizes)))

    def loss(drawn: tuple[int, ...]) -> float:
        return sum((size * one) ** 2 / n for size, one, n in zip(sizes, spread, drawn, strict=True))

    given_ = allocate(sizes, sample, Allocation.NEYMAN, spread=spread)
    every = itertools.product(*(range(min(2, size), size + 1) for size in sizes))
    best = min(loss(one) for one in every if sum(one) == sample)
    assert sum(given_) == sample
    assert loss(given_) == pytest.approx(best)


def test_allocations_of_a_known_example() -> None:
    # Cochran (1977), Sampling Techniques, 3rd ed., table 5.1: two strata of 16 and 48 cities, 24 drawn, S² 53,843 and 5,581.
    assert allocate([16, 48], 24) == (6, 18)
    assert allocate([16, 48], 24, Allocation.NEYMAN, spread=[53843**0.5, 5581**0.5]) == (12, 12)
    assert allocate([16, 48], 24, Allocation.EQUAL) == (12, 12)
    assert allocate([10, 90], 20, Allocation.POWER, power=1.0) == allocate([10, 90], 20)
    assert allocate([1, 40], 10) == (1, 9)


@pytest.mark.parametrize(
    ("rule", "arguments"),
    [
        ("survey.sample_small", {"sizes": [10, 10], "sample": 3}),
        ("survey.sample_large", {"sizes": [10, 10], "sample": 21}),
        ("survey.strata", {"sizes": [10, 0], "sample": 4}),
        ("survey.strata", {"sizes": [], "sample": 4}),
        ("survey.spread", {"sizes": [10, 10], "sample": 6, "method": "neyman"}),
        ("survey.spread", {"sizes": [10, 10], "sample": 6, "method": "neyman", "spread": [1.0, 0.0]}),
        ("survey.power", {"sizes": [10, 10], "sample": 6, "method": "power", "power": 2}),
    ],
)
def test_an_allocation_is_refused(rule: str, arguments: dict) -> None:
    with pytest.raises(Refused, match=rule):
        allocate(**arguments)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(1, 50), min_size=1, max_size=12), st.data())
def test_chances_add_up_to_the_number_drawn(sizes: list[int], data: st.DataObject) -> None:
    number = data.draw(st.integers(1, len(sizes)))
    chances = inclusion_probabilities(sizes, number)
    assert sum(chances) == number
    assert all(0 < chance <= 1 for chance in chances)
    codes = [f"A{place}" for place in range(len(sizes))]
    drawn = draw_areas(codes, ["all"] * len(sizes), sizes, {"all": number}, "seed")
    assert len({one.row for one in drawn}) == number
    assert {place for place, chance in enumerate(chances) if chance == 1} <= {one.row for one in drawn}


def test_the_sample_does_not_depend_on_the_order_of_the_frame() -> None:
    drawn = draw_stratified(CODES, STRATA, {"n": 6, "s": 5}, "2026-09")
    turned = draw_stratified(CODES[::-1], STRATA[::-1], {"n": 6, "s": 5}, "2026-09")
    codes = {CODES[one.row] for one in drawn}
    assert codes == {CODES[::-1][one.row] for one in turned}
    assert codes != {CODES[one.row] for one in draw_stratified(CODES, STRATA, {"n": 6, "s": 5}, "2026-10")}
    # As anybody can draw it again, with the digests alone.
    order = sorted(CODES[:36], key=lambda code: hashlib.sha256(f"2026-09\n{code}".encode()).hexdigest())
    assert {code for code in codes if code in CODES[:36]} == set(order[:6])
    assert sorted(codes)[:3] == ["D-012", "D-016", "D-017"]


def test_weights_of_a_stratified_sample_add_up_to_the_frame() -> None:
    drawn = draw_stratified(CODES, STRATA, {"n": 6, "s": 5}, "x", reserve={"n": 3})
    main = [one for one in drawn if not one.reserve]
    assert sum(1 / one.probability for one in main) == 60
    assert Counter(one.stratum for one in drawn if one.reserve) == {"n": 3}
    assert [one.rank for one in drawn if one.stratum == "n"] == list(range(1, 10))


def test_estimates_are_unbiased_over_many_draws_and_their_errors_are_true() -> None:
    """Horvitz and Thompson: the mean of the estimates is the frame's total, and the library's variance is theirs."""
    totals, variances = [], []
    for seed in range(500):
        drawn = draw_stratified(CODES, STRATA, {"n": 6, "s": 5}, f"seed {seed}")
        design = SurveyDesign.of(
            [one.weight for one in drawn],
            strata=[one.stratum for one in drawn],
            population_units=[one.held for one in drawn],
        )
        estimate = survey_total(design, RENT[[one.row for one in drawn]])
        totals.append(estimate.value)
        variances.append(estimate.standard_error**2)
    error = np.std(totals) / np.sqrt(len(totals))
    assert abs(np.mean(totals) - RENT.sum()) < 4 * error
    assert np.mean(variances) == pytest.approx(np.var(totals), rel=0.25)


@pytest.mark.parametrize("proportional", [True, False])
def test_two_stages_are_unbiased_and_each_unit_comes_as_often_as_said(proportional: bool) -> None:
    plan = TwoStages({"n": 3, "s": 2}, take=2, proportional=proportional)
    estimates, came, said = [], Counter[int](), {}
    for seed in range(500):
        drawn = draw_two_stage(CODES, STRATA, BLOCKS, plan, f"seed {seed}")
        estimates.append(sum(RENT[one.row] * one.weight for one in drawn))
        came.update(one.row for one in drawn)
        said |= {one.row: one.probability for one in drawn}
    error = np.std(estimates) / np.sqrt(len(estimates))
    assert abs(np.mean(estimates) - RENT.sum()) < 4 * error
    for row, chance in said.items():
        expected = float(chance)
        assert abs(came[row] / 500 - expected) < 5 * np.sqrt(expected * (1 - expected) / 500)


def test_units_drawn_in_proportion_to_their_areas_weigh_alike() -> None:
    drawn = draw_two_stage(CODES, STRATA, BLOCKS, TwoStages({"n": 3, "s": 2}, take=2, reserve=1), "x")
    north = {one.probability for one in drawn if one.stratum == "n"}
    assert north == {Fraction(3 * 2, 36)}
    assert sum(one.reserve for one in drawn) == 5


def test_a_draw_in_two_stages_is_a_design_of_the_library() -> None:
    drawn = draw_two_stage(CODES, STRATA, BLOCKS, TwoStages({"n": 3, "s": 2}, take=3), "x")
    design = SurveyDesign.of(
        [one.weight for one in drawn], strata=[one.stratum for one in drawn], units=[one.cluster for one in drawn]
    )
    estimate = survey_mean(design, RENT[[one.row for one in drawn]])
    assert design.degrees_of_freedom == 3
    assert estimate.interval.low < RENT.mean() < estimate.interval.high


@pytest.mark.parametrize(
    ("rule", "draw"),
    [
        ("survey.seed", lambda: draw_stratified(CODES, STRATA, {"n": 6, "s": 5}, "")),
        ("survey.codes", lambda: draw_stratified(["a", "a"], ["n", "n"], {"n": 1}, "x")),
        ("survey.column", lambda: draw_stratified(["a", "b"], ["n"], {"n": 1}, "x")),
        ("survey.strata", lambda: draw_stratified(CODES, STRATA, {"n": 6}, "x")),
        ("survey.sample_large", lambda: draw_stratified(CODES, STRATA, {"n": 6, "s": 25}, "x")),
        ("survey.sample_small", lambda: draw_stratified(CODES, STRATA, {"n": 6, "s": 0}, "x")),
        ("survey.size", lambda: draw_areas(["a", "b"], ["n", "n"], [1, 0], {"n": 1}, "x")),
        ("survey.take", lambda: draw_two_stage(CODES, STRATA, BLOCKS, TwoStages({"n": 3, "s": 2}, 0), "x")),
        ("survey.nested", lambda: draw_two_stage(["a", "b"], ["n", "s"], ["B", "B"], TwoStages({"n": 1}, 1), "x")),
        ("survey.sample_large", lambda: draw_two_stage(CODES, STRATA, BLOCKS, TwoStages({"n": 3, "s": 9}, 1), "x")),
    ],
)
def test_a_draw_is_refused(rule: str, draw) -> None:
    with pytest.raises(Refused, match=rule):
        draw()
