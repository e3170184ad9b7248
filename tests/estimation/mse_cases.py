"""Tables the tests of multiple systems estimation share: peers' inputs, and small ones made here."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np

from migstat.estimation.mse_tables import CaptureTable, table_from_histories, table_from_membership, table_from_overlaps

ABC = ("A", "B", "C")


def small_table() -> CaptureTable:
    """Three lists that overlap well."""
    return table_from_overlaps({"A": 90, "B": 70, "C": 50, "AB": 30, "AC": 20, "BC": 15, "ABC": 8}, ABC)


def sparse_table() -> CaptureTable:
    """Three lists of which the third meets no other."""
    return table_from_overlaps({"A": 40, "B": 30, "C": 20, "AB": 6}, ABC)


def simulated(size: int, chances: tuple[float, ...], rng: np.random.Generator, referral: float = 0.0) -> CaptureTable:
    """Independent lists, but for the chance ``referral`` that the first list sends people to the second."""
    member = rng.random((size, len(chances))) < np.array(chances)
    member[:, 1] |= member[:, 0] & (rng.random(size) < referral)
    return table_from_membership(member[member.any(axis=1)].astype(int))


def expected_table(size: int, chances: tuple[float, ...]) -> CaptureTable:
    """The expected counts of independent lists, rounded: every consistent method must find ``size`` from them."""
    masks = np.arange(1 << len(chances))
    bits = (masks[:, None] >> np.arange(len(chances))) & 1
    cells = size * np.where(bits == 1, chances, 1 - np.array(chances)).prod(axis=1)
    cells[0] = 0
    return CaptureTable(tuple("ABCDEF"[: len(chances)]), np.round(cells))


def read_table(folder: Path, name: str) -> CaptureTable:
    """A capture table of the peers' inputs: lists, then the count."""
    with (folder / "mse" / name).open() as lines:
        header, *rows = list(csv.reader(lines))
    values = np.array(rows, dtype=np.float64)
    return table_from_histories(values[:, :-1], values[:, -1], header[:-1])


def read_people(folder: Path, name: str, columns: slice = slice(None)) -> CaptureTable:
    """A capture table from one row for each person."""
    with (folder / "mse" / name).open() as lines:
        rows = np.array(list(csv.reader(lines))[1:], dtype=np.float64)[:, columns]
    return table_from_membership(rows[rows.sum(axis=1) > 0])


def reference(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "mse" / "mse_reference.json").read_text()))


def bench_table(lists: int, people: int, seed: int) -> CaptureTable:
    """The simulated table on which peers were timed: unequal people, a second list that the first one feeds."""
    rng = np.random.default_rng(seed)
    chances = np.array([0.12, 0.08, 0.05, 0.10, 0.03, 0.06])[:lists]
    own = rng.normal(0, 0.6, people)
    member = rng.random((people, lists)) < 1 / (1 + np.exp(-(np.log(chances / (1 - chances))[None, :] + own[:, None])))
    member[:, 1] |= (rng.random(people) < 0.25) & member[:, 0]
    return table_from_membership(member[member.any(axis=1)].astype(int), tuple("ABCDEF"[:lists]))
