"""Recruitment is read from recruiters or coupons, and every fault is refused by name."""

import csv

import numpy as np
import pytest

from migstat.estimation.rds_outcome import outcome_of
from migstat.estimation.rds_recruitment import (
    recruitment_from_coupons,
    recruitment_from_recruiters,
    recruitment_from_rows,
)
from migstat.model import Refused

NAMES = ["p", "q", "r", "s"]


def refused(rule, function, *arguments, **named):
    with pytest.raises(Refused) as caught:
        function(*arguments, **named)
    assert caught.value.rule == rule
    assert caught.value.remedy
    return str(caught.value)


@pytest.mark.parametrize("rows", [[-1, 0.5, 0], ["-1", "0", "0"], [-1, float("nan"), 0]])
def test_recruiters_that_are_no_row_numbers_are_refused(rows):
    refused("rds.recruiter_row", recruitment_from_rows, rows, [1, 2, 3])


def test_degrees_in_words_are_refused_without_repeating_them():
    assert "many" not in refused("input.not_numbers", recruitment_from_rows, [-1, 0], ["many", 2])


def test_an_unknown_answer_is_unknown_in_any_precision():
    forest = recruitment_from_rows([-1, 0, 1], [1, 1, 1])
    for labels in ([None, 1.0, 0.0], np.array([np.nan, 1, 0]), np.array([np.nan, 1, 0], dtype=np.float32)):
        assert outcome_of(labels, forest).codes.tolist() == [-1, 1, 0]


def test_waves_seeds_and_recruits():
    forest = recruitment_from_rows([-1, 0, 1, -1, 3, 3], [1, 2, 3, 4, 5, 6])
    assert forest.wave.tolist() == [0, 1, 2, 0, 1, 1]
    assert forest.seed.tolist() == [0, 0, 0, 3, 3, 3]
    assert forest.recruits.tolist() == [1, 1, 0, 2, 0, 0]
    assert forest.seeds.tolist() == [0, 3]


def test_recruits_may_stand_before_their_recruiters():
    forest = recruitment_from_rows([2, 0, -1], [1, 1, 1])
    assert forest.wave.tolist() == [1, 2, 0]


def test_transitions_leave_out_unknown_answers():
    forest = recruitment_from_rows([-1, 0, 1, 2], [1, 1, 1, 1])
    outcome = outcome_of(["a", "b", None, "b"], forest)
    assert forest.transitions(outcome.codes, 2).tolist() == [[0, 1], [0, 0]]


@pytest.mark.parametrize(
    ("rule", "recruiters", "degrees"),
    [
        ("rds.recruiter_unknown", ["seed", "p", "x", "p"], [1, 1, 1, 1]),
        ("rds.self_recruitment", ["seed", "q", "p", "p"], [1, 1, 1, 1]),
        ("rds.cycle", ["seed", "r", "s", "q"], [1, 1, 1, 1]),
        ("rds.cycle", ["q", "p", "s", "r"], [1, 1, 1, 1]),
        ("rds.degree_unknown", ["seed", "p", "p", "p"], [1, None, 1, 1]),
        ("rds.degree_unknown", ["seed", "p", "p", "p"], [1, float("nan"), 1, 1]),
        ("rds.degree_unknown", ["seed", "p", "p", "p"], [1, 0, 1, 1]),
        ("rds.degree_negative", ["seed", "p", "p", "p"], [1, -1, 1, 1]),
        ("rds.degree_negative", ["seed", "p", "p", "p"], [1, float("inf"), 1, 1]),
        ("rds.length", ["seed", "p", "p", "p"], [1, 1]),
        ("rds.length", ["seed", "p"], [1, 1, 1, 1]),
    ],
)
def test_faults_of_recruiters_and_degrees(rule, recruiters, degrees):
    refused(rule, recruitment_from_recruiters, NAMES, recruiters, degrees, seed_mark="seed")


def test_more_faults():
    refused("rds.empty", recruitment_from_rows, [], [])
    refused("rds.recruiter_row", recruitment_from_rows, [-1, 7], [1, 1])
    refused("rds.id_twice", recruitment_from_recruiters, ["p", "p"], ["seed", "seed"], [1, 1], seed_mark="seed")
    refused("rds.id_is_seed_mark", recruitment_from_recruiters, ["p", 0], [0, "p"], [1, 1], seed_mark=0)


def test_refusals_do_not_repeat_identifiers():
    words = refused("rds.recruiter_unknown", recruitment_from_recruiters, ["p"], ["Amina"], [1], seed_mark="seed")
    assert "Amina" not in words
    assert "rows 1" in words
    words = refused("rds.coupon_unknown", recruitment_from_coupons, [None, "CIN-77"], [["k1"], []], [1, 1])
    assert "77" not in words


def test_unknown_degrees_are_replaced_only_when_the_caller_says_by_what():
    forest = recruitment_from_rows([-1, 0, 0], [4, None, 0], degree_for_unknown=3)
    assert forest.degree.tolist() == [4, 3, 3]
    assert forest.degrees_replaced == 2
    refused("rds.degree_unknown", recruitment_from_rows, [-1, 0], [4, None], degree_for_unknown=0)


def test_coupons_lead_back_to_the_recruiter():
    forest = recruitment_from_coupons(
        [None, "k2", "k4", "k1"], [["k1", "k2", None], ["k4", "k4"], [], []], [3, 2, 2, 5]
    )
    assert forest.recruiter.tolist() == [-1, 0, 1, 0]


def test_faults_of_coupons():
    refused("rds.coupon_used_twice", recruitment_from_coupons, [None, "k", "k"], [["k"], [], []], [1, 1, 1])
    refused("rds.coupon_given_twice", recruitment_from_coupons, [None, "k", None], [["k"], [], ["k"]], [1, 1, 1])
    assert len(recruitment_from_coupons([None, None], [["k"], ["k"]], [1, 1])) == 2
    refused("rds.coupon_unknown", recruitment_from_coupons, [None, "z"], [["k"], []], [1, 1])
    refused("rds.self_recruitment", recruitment_from_coupons, [None, "k"], [[], ["k"]], [1, 1])
    refused("rds.cycle", recruitment_from_coupons, ["b", "a"], [["a"], ["b"]], [1, 1])
    refused("rds.length", recruitment_from_coupons, [None], [["k"], []], [1, 1])


def test_faults_of_outcomes():
    forest = recruitment_from_rows([-1, 0], [1, 1])
    refused("rds.length", outcome_of, ["a"], forest)
    refused("rds.one_category", outcome_of, ["a", "a"], forest)
    refused("rds.one_category", outcome_of, [None, None], forest)
    refused("rds.category", outcome_of(["a", "b"], forest).position, "c")


def test_coupons_of_the_jazz_musicians(reference_folder):
    """New York's jazz musicians (Heckathorn and Jeffri): 264 interviews with the coupons people came with and got."""
    with (reference_folder / "rds" / "nyjazz.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))

    def text(value):
        return None if value == "NA" else value

    own = [text(row["own.coupon"]) for row in rows]
    given = [[text(row[f"coupon.{k}"]) for k in range(1, 8)] for row in rows]
    degrees = [None if row["network.size"] == "NA" else float(row["network.size"]) for row in rows]
    words = refused("rds.coupon_used_twice", recruitment_from_coupons, own, given, degrees)
    assert "9 respondents" in words
    first = [None if coupon in own[:row] else coupon for row, coupon in enumerate(own)]
    words = refused("rds.coupon_unknown", recruitment_from_coupons, first, given, degrees)
    assert "1 coupon nobody was given" in words
    handed_out = {coupon for coupons in given for coupon in coupons}
    mended = [coupon if coupon in handed_out else None for coupon in first]
    refused("rds.degree_unknown", recruitment_from_coupons, mended, given, degrees)
    forest = recruitment_from_coupons(mended, given, degrees, degree_for_unknown=100)
    assert len(forest) == 264
    assert len(forest.seeds) == mended.count(None) == 10 + 9 + 1
    recruited = forest.recruiter >= 0
    assert (forest.wave[recruited] == forest.wave[forest.recruiter[recruited]] + 1).all()
    assert forest.degrees_replaced == sum(degree is None or degree == 0 for degree in degrees)
