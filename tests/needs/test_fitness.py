"""Sample sizes against published tables and a simulated world; verdicts by hand; what has no interval is refused."""

from __future__ import annotations

from math import ceil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from migstat.model.refusals import Refused
from migstat.quality.fitness import (
    Design,
    Measured,
    Verdict,
    above,
    difference,
    differs,
    half_width_of_proportion,
    normal_quantile,
    power_against_threshold,
    precise_enough,
    simple_size_against_threshold,
    simple_size_for_difference,
    simple_size_for_proportion,
    sized,
)

Z = normal_quantile(0.95)

# Krejcie and Morgan 1970, table 1: population and sample, share 0.5, error 0.05, chi-square 3.841.
KREJCIE_MORGAN = {
    10: 10, 50: 44, 100: 80, 150: 108, 200: 132, 300: 169, 400: 196, 500: 217, 750: 254, 1000: 278, 1500: 306,
    2000: 322, 3000: 341, 5000: 357, 10000: 370, 20000: 377, 50000: 381,
}  # fmt: skip


@pytest.mark.parametrize(("population", "printed"), KREJCIE_MORGAN.items())
def test_the_table_of_krejcie_and_morgan(population: int, printed: int) -> None:
    simple = simple_size_for_proportion(0.5, 0.05, z=3.841**0.5)
    assert round(sized(simple, population=population).of_finite) == printed


def test_cochran_s_island() -> None:
    """Cochran 1977, section 4.4: 3,200 people, 5 points at t = 2: 400, and 356 of a finite population."""
    simple = simple_size_for_proportion(0.5, 0.05, z=2.0)
    found = sized(simple, population=3200)
    assert (round(found.simple), round(found.of_finite)) == (400, 356)


def test_two_proportions_as_printed() -> None:
    """Fleiss, Levin and Paik, section 4.3: 0.25 against 0.40, 1 per cent, power 0.95: 357 in each group."""
    assert round(simple_size_for_difference(0.25, 0.40, confidence=0.99, power=0.95, corrected=True)) == 357
    # Without the correction the well-known 0.5 against 0.6 at 5 per cent, power 0.8: 388 (387.3).
    assert ceil(simple_size_for_difference(0.5, 0.6, confidence=0.95, power=0.8)) == 388


def test_design_effect_and_non_response() -> None:
    found = sized(384.16, design_effect=1.5, response=0.6)
    assert (found.completed, found.invited) == (577, 962)
    with pytest.raises(Refused) as refused:
        sized(384.16, population=300, response=0.5, design_effect=2)
    assert refused.value.rule == "fitness.population_small"
    with pytest.raises(Refused):
        sized(100, response=0)


@given(st.floats(0.05, 0.95), st.floats(0.01, 0.2), st.integers(50, 10**6))
def test_the_size_gives_the_half_width_it_was_worked_out_for(share: float, half: float, population: int) -> None:
    found = sized(simple_size_for_proportion(share, half, z=Z), population=population)
    assert found.of_finite <= min(found.simple, population) + 1e-6 or found.simple < 1
    if found.completed < population:
        reached = half_width_of_proportion(share, found.completed, population=population)
        assert reached <= half * 1.001


@given(st.floats(0.05, 0.95), st.floats(0.05, 0.95))
def test_size_and_power_are_inverse(share: float, threshold: float) -> None:
    if abs(share - threshold) < 0.02:
        return
    size = simple_size_against_threshold(share, threshold, confidence=0.95, power=0.8)
    assert power_against_threshold(share, threshold, size, confidence=0.95) == pytest.approx(0.8, abs=1e-6)


def test_a_simulated_world_keeps_what_the_sizes_promise() -> None:
    """20,000 samples of a world whose shares are known: coverage of the interval, power of both tests."""
    dice = np.random.default_rng(20261122)
    runs, share = 20_000, 0.3
    size = sized(simple_size_for_proportion(share, 0.04, z=Z)).completed
    found = dice.binomial(size, share, runs) / size
    assert abs(np.mean(np.abs(found - share) <= 0.04) - 0.95) < 0.012
    size = sized(simple_size_against_threshold(0.25, 0.20, confidence=0.95, power=0.8)).completed
    found = dice.binomial(size, 0.25, runs) / size
    assert abs(np.mean((found - 0.20) / np.sqrt(0.2 * 0.8 / size) > Z) - 0.8) < 0.02
    size = sized(simple_size_for_difference(0.3, 0.4, confidence=0.95, power=0.9)).completed
    one, other = dice.binomial(size, 0.3, runs) / size, dice.binomial(size, 0.4, runs) / size
    mean = (one + other) / 2
    assert abs(np.mean((other - one) / np.sqrt(2 * mean * (1 - mean) / size) > Z) - 0.9) < 0.015


def test_a_clustered_world_needs_its_design_effect() -> None:
    """Clusters of 10 with a correlation of 0.1: the plain size misses, the size times 1.9 holds its half-width."""
    dice = np.random.default_rng(7)
    share, each, rho, half = 0.4, 10, 0.1, 0.05
    alpha = share * (1 - rho) / rho

    def coverage(interviews: int) -> float:
        clusters = -(-interviews // each)
        shares = dice.beta(alpha, alpha * (1 - share) / share, (4000, clusters))
        found = dice.binomial(each, shares).sum(axis=1) / (clusters * each)
        return float(np.mean(np.abs(found - share) <= half))

    simple = simple_size_for_proportion(share, half, z=Z)
    assert coverage(sized(simple).completed) < 0.90
    assert coverage(sized(simple, design_effect=1 + (each - 1) * rho).completed) == pytest.approx(0.95, abs=0.015)


def test_verdicts_by_hand() -> None:
    assert above(Measured(0.24, 0.21, 0.27), 0.20) is Verdict.YES
    assert above(Measured(0.14, 0.11, 0.17), 0.20) is Verdict.NO
    assert above(Measured(0.20, 0.20, 0.20), 0.20) is Verdict.CANNOT_TELL
    assert precise_enough(Measured(0.24, 0.21, 0.27), 0.03001) is Verdict.YES
    assert precise_enough(Measured(0.24, 0.20, 0.28), 0.03) is Verdict.NO
    one, other = Measured(0.30, 0.27, 0.33), Measured(0.40, 0.36, 0.44)
    found = difference(one, other)
    assert (found.low, found.high) == pytest.approx((0.05, 0.15))
    assert differs(one, other) is Verdict.YES
    assert differs(other, one) is Verdict.YES
    assert differs(one, other, at_least=0.06) is Verdict.CANNOT_TELL
    assert differs(one, other, at_least=0.16) is Verdict.NO


@pytest.mark.parametrize(
    ("measured", "rule"),
    [
        (Measured(0.24, design=Design.FULL_COUNT), "fitness.full_count"),
        (Measured(0.24, 0.2, 0.3, Design.QUOTA_SAMPLE), "fitness.quota"),
        (Measured(0.24), "fitness.no_interval"),
    ],
)
def test_what_has_no_interval_of_its_design_is_refused(measured: Measured, rule: str) -> None:
    for judge in (
        lambda: above(measured, 0.2),
        lambda: precise_enough(measured, 0.1),
        lambda: differs(measured, measured),
    ):
        with pytest.raises(Refused) as refused:
            judge()
        assert refused.value.rule == rule


@pytest.mark.parametrize("half_width", [0.0, 1.0, 50.0, 1e300])
def test_an_error_that_no_share_can_have_sizes_no_sample(half_width: float) -> None:
    with pytest.raises(Refused):
        simple_size_for_proportion(0.5, half_width, z=2.0)


def test_nothing_tells_equal_things_apart() -> None:
    for size in (simple_size_against_threshold, simple_size_for_difference):
        with pytest.raises(Refused, match="equal"):
            size(0.2, 0.2, confidence=0.95, power=0.8)
    for wrong in ((0.2, None), (0.3, 0.4)):
        with pytest.raises(Refused):
            Measured(0.2, *wrong)
