"""Linkages drawn from chances of pairs: exact where it can be told, the same by walking, and carried into the interval."""

import itertools
import math

import numpy as np
import pytest

from migstat.estimation.mse_chapman import mse_chapman
from migstat.estimation.mse_linkage import mse_linkage
from migstat.estimation.mse_linkage_draws import (
    LinkagePairs,
    _odds_within,
    _square,
    _Walk,
    balanced,
    capture_table,
    draw_capture_tables,
    draw_linkages,
    most_likely,
)
from migstat.model import Refused

LISTS = ("a", "b", "c")


def canonical(labels):
    """A partition written the same however its persons are numbered."""
    seen = {}
    return tuple(seen.setdefault(int(label), len(seen)) for label in labels)


def shares(drawn):
    found, counts = np.unique([canonical(labels) for labels in drawn], axis=0, return_counts=True)
    return {tuple(map(int, one)): count / counts.sum() for one, count in zip(found, counts, strict=True)}


def by_hand(odds, size):
    """The chance of each partition of ``size`` records by the formula of the module's first lines, written out."""
    found = {}
    for labels in itertools.product(range(size), repeat=size):
        if canonical(labels) != labels:
            continue
        weight = 1.0
        for person in set(labels):
            members = [place for place in range(size) if labels[place] == person]
            pairs = [math.exp(odds[one, other]) for one, other in itertools.combinations(members, 2)]
            if pairs:
                weight *= math.prod(pairs) ** ((len(members) - 1) / len(pairs))
        found[labels] = weight
    total = sum(found.values())
    return {labels: weight / total for labels, weight in found.items()}


def test_two_records_are_one_person_with_the_chance_of_their_pair():
    chances = np.array([0.03, 0.4, 0.9])
    pairs = LinkagePairs(LISTS, [0, 1, 0, 1, 0, 2], [0, 2, 4], [1, 3, 5], np.log(chances / (1 - chances)))
    drawn = np.array(list(draw_linkages(pairs, 4000, np.random.default_rng(3))))
    together = (drawn[:, [0, 2, 4]] == drawn[:, [1, 3, 5]]).mean(axis=0)
    assert np.abs(together - chances).max() < 4 * math.sqrt(0.25 / 4000)


@pytest.mark.parametrize("size", [3, 4])
def test_groups_are_drawn_with_the_chances_of_the_formula(size):
    dice = np.random.default_rng(size)
    one, other = np.triu_indices(size, 1)
    odds = dice.normal(0.5, 1.5, len(one))
    pairs = LinkagePairs(LISTS, np.arange(size) % 3, one, other, odds)
    expected = by_hand(_square(odds, size), size)
    exact = shares(list(draw_linkages(pairs, 3000, dice)))
    walk = _Walk(_square(_odds_within(pairs, pairs.groups, size)[0], size), dice)
    walked = shares([walk.next() for _ in range(1500)])
    for partition, chance in expected.items():
        assert abs(exact.get(partition, 0.0) - chance) < 0.04
        assert abs(walked.get(partition, 0.0) - chance) < 0.06


def test_whole_answers_and_no_two_records_of_one_list():
    odds = np.full(3, 4.0)
    free = LinkagePairs(LISTS, [0, 0, 1], [0, 0, 1], [1, 2, 2], odds)
    each = LinkagePairs(LISTS, [0, 0, 1], [0, 0, 1], [1, 2, 2], odds, one_record_each=frozenset({"a"}))
    dice = np.random.default_rng(5)
    assert any(len(set(labels.tolist())) == 1 for labels in draw_linkages(free, 20, dice))
    assert not any(labels[0] == labels[1] for labels in draw_linkages(each, 200, dice))
    assert most_likely(free).tolist() == [0, 0, 0]
    assert len(set(most_likely(each).tolist())) == 2


def test_a_long_chain_is_walked_and_tables_count_people():
    size = 9
    pairs = LinkagePairs(LISTS, np.arange(size) % 3, np.arange(size - 1), np.arange(1, size), np.full(size - 1, 2.0))
    tables = draw_capture_tables(pairs, 5, np.random.default_rng(8))
    assert all(2 <= table.observed <= size for table in tables)
    again = draw_capture_tables(pairs, 5, np.random.default_rng(8))
    assert [table.counts.tolist() for table in tables] == [table.counts.tolist() for table in again]
    assert capture_table(np.array([0, 0, 0, 3, 3, 5, 6, 6, 6]), pairs).observed == 4


@pytest.mark.parametrize(
    "wrong",
    [
        {"left": [0], "right": [0], "log_odds": [1.0]},
        {"left": [0], "right": [7], "log_odds": [1.0]},
        {"left": [0], "right": [1], "log_odds": [math.nan]},
        {"left": [0], "right": [1], "log_odds": []},
        {"left": [0], "right": [1], "log_odds": [1.0], "one_record_each": frozenset({"z"})},
    ],
)
def test_pairs_that_are_none_are_refused(wrong):
    with pytest.raises(Refused, match=r"linkage\.pairs"):
        LinkagePairs(LISTS, [0, 1, 2], **wrong)
    with pytest.raises(Refused, match=r"linkage\.draws"):
        next(draw_linkages(LinkagePairs(LISTS, [0, 1, 2], [0], [1], [1.0]), 0, np.random.default_rng(1)))


def _city(dice, people=900):
    """Two lists of a city and the scores of their pairs: true pairs and look-alikes, two normal curves that overlap."""
    on = dice.random((people, 2)) < (0.5, 0.45)
    record = np.full((people, 2), -1)
    record[on[:, 0], 0] = np.arange(on[:, 0].sum())
    record[on[:, 1], 1] = on[:, 0].sum() + np.arange(on[:, 1].sum())
    true = record[on.all(axis=1)]
    mixed = np.column_stack(
        [dice.permutation(on[:, 0].sum())[:90], on[:, 0].sum() + dice.permutation(on[:, 1].sum())[:90]]
    )
    same = {tuple(pair) for pair in true.tolist()}
    alike = np.array([pair for pair in mixed.tolist() if tuple(pair) not in same])
    distance = 2.4
    scores = np.concatenate([dice.normal(distance / 2, 1, len(true)), dice.normal(-distance / 2, 1, len(alike))])
    odds = distance * scores + math.log(len(true) / len(alike))
    left, right = np.concatenate([true, alike]).T
    list_of = (np.arange(on.sum()) >= on[:, 0].sum()).astype(int)
    return LinkagePairs(("a", "b"), list_of, left, right, odds, frozenset({"a", "b"}))


@pytest.mark.evidence("mse_linkage", "truth")
def test_the_interval_with_the_doubt_of_the_linkage_covers_the_truth():
    """Known truth: 900 people. One linkage taken for certain covers it too seldom, the draws cover it as promised."""
    dice = np.random.default_rng(20)
    naive, carried, wider, values = 0, 0, 0, []
    runs = 40
    for _ in range(runs):
        pairs = balanced(_city(dice), dice)
        once = mse_chapman(capture_table(most_likely(pairs), pairs))
        drawn = mse_linkage(draw_capture_tables(pairs, 15, dice), mse_chapman)
        naive += 900 in once.interval
        carried += 900 in drawn.interval
        values.append(drawn.value)
        wider += drawn.interval.width > once.interval.width
    assert carried / runs > 0.95 - 3 * math.sqrt(0.95 * 0.05 / runs)
    assert carried > naive
    assert wider == runs
    assert abs(np.mean(values) - 900) < 4 * np.std(values) / math.sqrt(runs)
