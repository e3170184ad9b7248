"""Two-list estimators and those from people seen once and twice."""

import math

import numpy as np
import pytest

from estimation.mse_cases import expected_table, reference, simulated, small_table
from migstat.estimation.mse_chao import mse_chao
from migstat.estimation.mse_chapman import mse_chapman
from migstat.estimation.mse_lincoln_petersen import mse_lincoln_petersen
from migstat.estimation.mse_tables import table_from_overlaps
from migstat.estimation.mse_zelterman import mse_zelterman
from migstat.model import Refused

# People apprehended once, twice, ... without leave to stay, Netherlands 1995: van der Heijden et al. 2003,
# Statistical Modelling 3, 305, table 1.
APPREHENDED = [1645, 183, 37, 13, 1, 1]


def two(first, second, both):
    return table_from_overlaps({"A": first - both, "B": second - both, "AB": both}, ("A", "B"))


@pytest.mark.evidence("mse_lincoln_petersen", "published")
def test_lincoln_petersen_is_the_textbook_quotient():
    # Seber 1982, section 3.1.1: n1 n2 / m and its variance, by hand for n1 = 200, n2 = 150, m = 32
    estimate = mse_lincoln_petersen(two(200, 150, 32))
    assert estimate.value == pytest.approx(937.5, rel=1e-15)
    assert estimate.standard_error == pytest.approx(math.sqrt(200 * 150 * 168 * 118 / 32**3), rel=1e-14)


@pytest.mark.evidence("mse_chapman", "published")
def test_chapman_on_the_tagged_fish_of_seber():
    # Seber 1982, section 3.1.4: 109 marked, 177 caught of which 57 marked; 337 with a standard error of 25
    estimate = mse_chapman(two(109, 177, 57))
    assert round(estimate.value) == 337
    assert round(estimate.standard_error) == 25


@pytest.mark.evidence("mse_chao", "published")
def test_chao_on_apprehensions(reference_folder):
    fits = reference(reference_folder)["Rcapture"]["ill_closedp0"]
    chao = fits["m"][fits["rows"].index("Mh Chao (LB)")]
    assert mse_chao(APPREHENDED, corrected=False).value == pytest.approx(chao[0], rel=1e-12)


def test_chao_by_hand():
    assert mse_chao(APPREHENDED, corrected=False).value == pytest.approx(1880 + 1645**2 / (2 * 183), rel=1e-14)
    corrected = mse_chao(small_table())
    assert corrected.value == pytest.approx(283 + 2 / 3 * 210 * 209 / (2 * 66), rel=1e-14)


@pytest.mark.evidence("mse_zelterman", "published")
def test_zelterman_on_apprehensions():
    # n / (1 - exp(-2 f2 / f1)) = 1880 / (1 - exp(-366 / 1645)), and the variance of Boehning 2008, equation 9, by hand
    estimate = mse_zelterman(APPREHENDED)
    assert estimate.value == pytest.approx(1880 / -math.expm1(-366 / 1645), rel=1e-14)
    g = math.exp(-366 / 1645) / math.expm1(-366 / 1645) ** 2
    inside = 1 + 1880 * g * (366 / 1645) ** 2 * (1 / 1645 + 1 / 183)
    assert estimate.standard_error == pytest.approx(math.sqrt(1880 * g * inside), rel=1e-14)


@pytest.mark.evidence("mse_lincoln_petersen", "property")
@pytest.mark.evidence("mse_chapman", "property")
def test_names_and_order_of_lists_do_not_matter():
    for method in (mse_lincoln_petersen, mse_chapman):
        swapped = table_from_overlaps({"x": 130, "y": 80, "xy": 30}, ("y", "x"))
        straight = table_from_overlaps({"x": 130, "y": 80, "xy": 30}, ("x", "y"))
        assert method(swapped).value == method(straight).value
        assert method(swapped).interval.low >= 240


@pytest.mark.evidence("mse_chao", "property")
@pytest.mark.evidence("mse_zelterman", "property")
def test_more_people_seen_twice_means_fewer_unseen():
    for method in (mse_chao, mse_zelterman):
        sizes = [method([500, twice, 10]).value - (510 + twice) for twice in (20, 40, 80)]
        assert sizes == sorted(sizes, reverse=True)


def test_chao_is_never_above_its_uncorrected_bound():
    assert mse_chao(APPREHENDED).value < mse_chao(APPREHENDED, corrected=False).value


@pytest.mark.evidence("mse_lincoln_petersen", "truth")
@pytest.mark.evidence("mse_chapman", "truth")
def test_two_lists_recover_the_truth():
    rng = np.random.default_rng(5)
    draws = [simulated(1500, (0.3, 0.25), rng) for _ in range(300)]
    for method in (mse_lincoln_petersen, mse_chapman):
        estimates = [method(table) for table in draws]
        assert np.mean([e.value for e in estimates]) == pytest.approx(1500, rel=0.02)
        assert np.std([e.value for e in estimates]) == pytest.approx(
            np.mean([e.standard_error for e in estimates]), rel=0.15
        )
        assert np.mean([1500 in e.interval for e in estimates]) > 0.91


@pytest.mark.evidence("mse_chao", "truth")
@pytest.mark.evidence("mse_zelterman", "truth")
def test_poisson_register_recovers_the_truth():
    rng = np.random.default_rng(6)
    for method in (mse_chao, mse_zelterman):
        values = []
        for _ in range(200):
            times = rng.poisson(0.6, 3000)
            values.append(method(np.bincount(times, minlength=3)[1:]))
        assert np.mean([v.value for v in values]) == pytest.approx(3000, rel=0.02)
        errors = [v.standard_error for v in values]
        assert np.std([v.value for v in values]) == pytest.approx(np.mean(errors), rel=0.2)


def test_chao_is_a_lower_bound_when_people_differ():
    rng = np.random.default_rng(7)
    times = rng.poisson(rng.gamma(0.5, 1.0, 20000))
    assert mse_chao(np.bincount(times)[1:]).value < 20000


def test_expected_counts_give_the_size_back():
    assert mse_lincoln_petersen(expected_table(100_000, (0.2, 0.3))).value == pytest.approx(100_000, rel=1e-4)


@pytest.mark.parametrize(
    ("call", "rule"),
    [
        (lambda: mse_lincoln_petersen(two(10, 12, 0)), "mse.no_overlap"),
        (lambda: mse_chapman(small_table()), "mse.which_lists"),
        (lambda: mse_chapman(small_table(), lists=("A", "A")), "mse.which_lists"),
        (lambda: mse_chapman(two(10, 12, 3), level=1.0), "mse.level"),
        (lambda: mse_zelterman([10, 0, 3]), "mse.no_doubles"),
        (lambda: mse_chao([0, 10, 3]), "mse.no_doubles"),
        (lambda: mse_chao([10, -1]), "mse.negative_count"),
        (lambda: mse_chao([10]), "mse.shape"),
        (lambda: mse_chao([10, 0.5]), "mse.whole_count"),
        (lambda: mse_chao([0, 0]), "mse.nobody"),
        (lambda: mse_chao([10, 4, 1], occasions=2), "mse.shape"),
    ],
)
def test_refuses_by_name(call, rule):
    with pytest.raises(Refused) as refused:
        call()
    assert refused.value.rule == rule


def test_a_list_inside_another_is_refused_when_it_is_one_of_the_two():
    table = table_from_overlaps({"A": 5, "AB": 3, "C": 9}, ("A", "B", "C"))
    with pytest.raises(Refused, match="list_of_all"):
        mse_chapman(table, lists=("A", "B"))


def test_an_overlap_of_nobody_gives_chapman_a_warning():
    estimate = mse_chapman(two(10, 12, 0))
    assert estimate.value == 142
    assert estimate.diagnostics[0].concern is True
