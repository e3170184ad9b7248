"""What may be said of two values of a series."""

from __future__ import annotations

import itertools
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marsad.observatory.series import (
    Direction,
    change,
    comparable_ends,
    ends,
    latest_vintages,
    natural_classes,
    whole_periods,
)
from migstat.model import Refused
from observatory.points import point, series_break


@pytest.mark.parametrize(("before", "after", "direction"), [
    (19.5, 4.6, Direction.DOWN), (4.6, 19.5, Direction.UP), (18.14, 18.06, Direction.SAME), (0.0, 0.0, Direction.SAME),
    (None, 4.6, Direction.UNKNOWN), (4.6, None, Direction.UNKNOWN),
])  # fmt: skip
def test_directions(before, after, direction):
    assert change(point(before, "2014"), point(after), [], 1).direction is direction


def test_a_change_smaller_than_what_is_printed_is_none():
    assert change(point(18.04, "2014"), point(18.06), [], 1).direction is Direction.UP
    assert change(point(18.04, "2014"), point(18.06), [], 0).direction is Direction.SAME


def test_intervals_that_overlap_leave_the_change_in_doubt():
    before, after = point(10, "2014", low=8, high=12), point(11, low=9, high=13)
    assert change(before, after, [], 1).direction is Direction.WITHIN_DOUBT
    assert change(point(10, "2014", low=8, high=12), point(20, low=18, high=22), [], 1).direction is Direction.UP


@pytest.mark.parametrize("where", [None, "souissi"])
def test_no_change_is_stated_across_a_break(where):
    found = change(point(74.7, "2014"), point(0.4), [series_break("2024", where)], 1)
    assert found.direction is Direction.BREAK
    with pytest.raises(Refused, match=r"change\.comparable"):
        _ = found.difference
    with pytest.raises(Refused, match=r"change\.comparable"):
        _ = found.relative


@pytest.mark.parametrize("found", [series_break("2014"), series_break("2025"), series_break("2024", "hassan")])
def test_breaks_before_after_or_elsewhere_do_not_matter(found):
    assert change(point(10, "2014"), point(5), [found], 1).direction is Direction.DOWN


def test_two_population_bases_do_not_compare():
    assert change(point(10, "2014", base="legal"), point(5, base="municipal"), [], 1).direction is Direction.BASE


def test_real_and_synthetic_do_not_compare():
    assert change(point(10, "2014", origin="synthetic"), point(5), [], 1).direction is Direction.BASE


def test_a_relative_change_from_nothing_is_unknown():
    assert change(point(0, "2014"), point(5), [], 1).relative is None
    assert change(point(10, "2014"), point(5), [], 1).relative == -50


def test_ends_pass_over_what_has_no_value():
    first, last = ends([point(None, "2010"), point(3, "2014"), point(5, "2024"), point(None, "2025")])
    assert (first.period, last.period) == ("2014", "2024")
    assert ends([point(None)]) == (None, None)
    assert ends([point(3)])[0] is None


def test_a_long_series_is_told_from_its_last_break_on():
    points = [point(1, "2004"), point(2, "2008"), point(3, "2012"), point(4, "2016")]
    first, last = comparable_ends(points, [series_break("2008")])
    assert (first.period, last.period) == ("2008", "2016")
    assert comparable_ends(points[:2], [series_break("2008")])[0].period == "2004"


def test_a_flow_of_a_year_under_way_is_not_compared_with_whole_years():
    points = [point(50, "2014"), point(210, "2025"), point(46, "2026-01/2026-05")]
    assert [kept.period for kept in whole_periods(points)] == ["2014", "2025"]
    first, last = comparable_ends(points, [], flow=True)
    assert (first.period, last.period) == ("2014", "2025")
    assert comparable_ends(points, [])[1].period == "2026-01/2026-05"
    assert whole_periods([]) == []


def test_of_two_vintages_of_one_cell_the_latest_is_the_series():
    old, new, alone = point(36, "2014", vintage="2020-10"), point(50, "2014", vintage="2026-05"), point(9, "2013")
    assert latest_vintages([new, old, alone]) == latest_vintages([old, new, alone])[:2] == [new, alone]


@given(st.lists(st.floats(0, 100).map(lambda value: round(value, 1)), max_size=12))
def test_classes_hold_every_value_above_zero_once(values):
    classes = natural_classes(values)
    for value in filter(None, values):
        assert sum(low <= value <= high for low, high in classes) == 1
    assert len(classes) <= 4
    assert all(one[1] < other[0] for one, other in pairwise(classes))


def _inside(groups):
    return sum(sum((value - sum(group) / len(group)) ** 2 for value in group) for group in groups)


@given(st.lists(st.integers(1, 60), min_size=2, max_size=7, unique=True), st.integers(2, 4))
def test_no_other_cut_into_as_many_classes_is_better(values, most):
    """Every way to cut a small set, tried one by one."""
    ordered = sorted(values)
    classes = natural_classes(ordered, most)
    groups = [[value for value in ordered if low <= value <= high] for low, high in classes]
    cuts = itertools.combinations(range(1, len(ordered)), len(classes) - 1)
    every = ([ordered[a:b] for a, b in pairwise((0, *cut, len(ordered)))] for cut in cuts)
    assert _inside(groups) == pytest.approx(min(map(_inside, every)), abs=1e-9)
