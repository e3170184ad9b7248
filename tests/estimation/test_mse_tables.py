"""Capture tables say what is wrong with them, by name and with a remedy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migstat.estimation.mse_tables import (
    CaptureTable,
    table_from_histories,
    table_from_membership,
    table_from_overlaps,
    tables_by_stratum,
)
from migstat.model import Refused


def _rule(call):
    with pytest.raises(Refused) as refused:
        call()
    assert refused.value.remedy
    return refused.value.rule


@pytest.mark.parametrize(
    ("histories", "counts", "rule"),
    [
        ([[1, 0], [0, 1], [1, 1]], [5, -1, 2], "mse.negative_count"),
        ([[1, 0], [1, 0], [0, 1], [1, 1]], [9, -1, 4, 2], "mse.negative_count"),  # would vanish in the sum
        ([[1, 0], [0, 1], [1, 1]], [5, 1.5, 2], "mse.whole_count"),
        ([[1, 0], [0, 1], [1, 1]], [5, float("nan"), 2], "mse.whole_count"),
        ([[1, 0], [0, 1], [0, 0]], [5, 1, 2], "mse.unseen_counted"),
        ([[1, 0], [1, 1]], [5, 2], "mse.list_of_all"),
        ([[1, 0, 0], [0, 1, 0], [1, 1, 0]], [5, 2, 3], "mse.empty_list"),
        ([[1], [1]], [5, 2], "mse.few_lists"),
        ([[1, 0], [0, 1]], [0, 0], "mse.nobody"),
        ([[2, 0], [0, 1]], [1, 1], "mse.history"),
        ([[1, 0], [0, 1]], [1, 1, 1], "mse.shape"),
    ],
)
def test_refuses_by_name(histories, counts, rule):
    assert _rule(lambda: table_from_histories(histories, counts)) == rule


def test_refuses_lists_without_names_of_their_own():
    assert _rule(lambda: table_from_histories([[1, 0], [0, 1]], [1, 1], ("A", "A"))) == "mse.list_names"
    assert _rule(lambda: table_from_histories([[1, 0], [0, 1]], [1, 1], ("A", "B", "C"))) == "mse.shape"
    assert _rule(lambda: CaptureTable(("A", "B"), np.zeros(3))) == "mse.shape"
    assert _rule(lambda: CaptureTable(tuple(map(str, range(21))), np.zeros(2))) == "mse.many_lists"
    assert _rule(lambda: table_from_overlaps({"AZ": 3}, ("A", "B"))) == "mse.unknown_list"


def test_counts_and_overlaps():
    table = table_from_overlaps({"A": 5, "B": 4, "C": 3, "AB": 2, "ABC": 1}, ("A", "B", "C"))
    assert table.observed == 15
    assert table.list_sizes.tolist() == [8, 7, 4]
    assert table.by_captures.tolist() == [0, 12, 2, 1]
    assert (table.history("A", "B"), table.overlap("A", "B"), table.overlap("B", "C")) == (2, 3, 1)
    assert _rule(lambda: table.overlap("A", "D")) == "mse.unknown_list"
    with pytest.raises(ValueError, match="read-only"):
        table.counts[1] = 0


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**31), st.integers(2, 5))
def test_people_and_histories_give_one_table(seed, lists):
    rng = np.random.default_rng(seed)
    member = rng.integers(0, 2, (80, lists))
    member = np.vstack([member[member.any(axis=1)], np.eye(lists, dtype=int)])
    rows, counts = np.unique(member, axis=0, return_counts=True)
    assert table_from_membership(member).counts.tolist() == table_from_histories(rows, counts).counts.tolist()


@pytest.mark.parametrize("rows", [[["on", "0"], ["0", "1"]], [[1, 0], [1]]])
def test_words_and_ragged_rows_are_refused_without_repeating_them(rows):
    with pytest.raises(Refused, match=r"input\.not_numbers") as refused:
        table_from_histories(rows, [1, 2])
    assert "on" not in refused.value.found.split()


def test_a_stratum_that_cannot_be_used_is_named():
    rows = [[1, 0], [0, 1], [1, 1], [1, 1]]
    with pytest.raises(Refused) as refused:
        tables_by_stratum(rows, [4, 3, 2, 5], ["Agdal", "Agdal", "Agdal", "Hassan"])
    assert refused.value.rule == "mse.list_of_all"
    assert "Hassan" in refused.value.found
    assert "merge strata" in refused.value.remedy
