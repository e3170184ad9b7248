"""A pattern to compare between processes: a two-way table with hierarchy, linked to what was released before."""

from __future__ import annotations

import numpy as np

from migstat.disclosure.examples import small_policy
from migstat.disclosure.ledger import Ledger
from migstat.disclosure.protect import adopt, protect
from migstat.model.tables import Dimension, Table, counted


def withheld() -> list[int]:
    area = Dimension.from_parents(
        "AREA",
        {"C": None, "N": "C", "S": "C", **{f"n{at}": "N" for at in range(5)}, **{f"s{at}": "S" for at in range(6)}},
    )
    group = Dimension.flat("GROUP", [f"g{at}" for at in range(8)], total="_T")
    people = (np.arange(88, dtype=float).reshape(11, 8) * 7 % 23) + 1
    ledger = Ledger()
    margin = Table.from_inner_array("margin", counted("residents"), [area], people.sum(axis=1))
    adopt(ledger, margin)
    table = Table.from_inner_array("both", counted("residents"), [area, group], people)
    return np.flatnonzero(protect(table, small_policy(), ledger).withheld).tolist()
