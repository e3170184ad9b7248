"""Two tables are the same when their type, their codes and every number in them are."""

from __future__ import annotations

import numpy as np

from migstat.indicators import Evaluation
from migstat.model.tables import Table


def assert_same(one: Evaluation, other: Evaluation) -> None:
    assert_same_table(one.table, other.table)
    assert one.unknown.tolist() == other.unknown.tolist()
    assert one.undated == other.undated
    assert len(one.parts) == len(other.parts)
    for mine, theirs in zip(one.parts, other.parts, strict=True):
        assert_same_table(mine, theirs)


def assert_same_table(one: Table, other: Table) -> None:
    assert type(one) is type(other) is Table
    assert (one.id, one.measure, dict(one.coordinates)) == (other.id, other.measure, dict(other.coordinates))
    assert one.dimensions == other.dimensions
    for name in ("keys", "values", "states", "contributors", "contributions", "weights"):
        mine, theirs = getattr(one, name), getattr(other, name)
        assert (mine is None) == (theirs is None), name
        if mine is not None:
            assert mine.dtype == theirs.dtype, name
            np.testing.assert_array_equal(mine, theirs, err_msg=name)
