"""Cell-key perturbation: the same people always get the same noise, in whatever table they are counted."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from migstat.model import Refused

_KEYS = 2**32


@dataclass(frozen=True, eq=False)
class PerturbationTable:
    """``probabilities`` (rows, columns): from the true count i (the last row serves all larger ones) to i + change,
    for changes from ``-maximum`` to ``maximum``. Rows sum to 1, keep the mean, and leave 0 at 0."""

    maximum: int
    probabilities: NDArray[np.float64]

    def __post_init__(self) -> None:
        changes = np.arange(-self.maximum, self.maximum + 1)
        rows = np.arange(len(self.probabilities))
        if self.probabilities.shape[1] != len(changes) or (self.probabilities < 0).any():
            raise Refused("p_table.shape", found="a table of another shape", remedy="give 2 * maximum + 1 columns")
        if np.abs(self.probabilities.sum(axis=1) - 1).max() > 1e-6:
            raise Refused("p_table.sum", found="a row that does not sum to 1", remedy="correct the table")
        if np.abs(self.probabilities @ changes).max() > 1e-4:
            raise Refused("p_table.bias", found="a row that changes the mean", remedy="correct the table")
        if (self.probabilities[(rows[:, None] + changes[None, :]) < 0] > 0).any():
            raise Refused("p_table.negative", found="a count below 0", remedy="correct the table")


def maximum_entropy_table(maximum: int, variance: float, *, never_below: int) -> PerturbationTable:
    """The p-table of largest entropy with mean 0 and the given variance (Giessing 2016; Marley and Leaver 2011).

    No perturbed count is 1 to ``never_below``. Where the variance cannot be reached (small counts), the nearest that
    can be is used. Each row is proportional to exp(a d + b d^2); a and b are found by Newton steps.

    >>> table = maximum_entropy_table(5, 2.0, never_below=0)
    >>> table.probabilities[5].round(6).tolist()[3:6]
    [0.10385, 0.219642, 0.281937]
    """
    if maximum < 1 or not variance > 0 or not 0 <= never_below < maximum:
        raise Refused("p_table.parameters", found="parameters out of range", remedy="give maximum > never_below >= 0")
    changes = np.arange(-maximum, maximum + 1, dtype=float)
    rows = [np.where(changes == 0, 1.0, 0.0)]
    for count in range(1, maximum + never_below + 1):
        target = count + changes
        allowed = (target >= 0) & ((target == 0) | (target > never_below))
        row = np.zeros(len(changes))
        row[allowed] = _exponential_row(changes[allowed], variance)
        rows.append(row)
    return PerturbationTable(maximum, np.array(rows))


def _exponential_row(changes: NDArray[np.float64], variance: float) -> NDArray[np.float64]:
    low, high = changes.min(), changes.max()
    if low >= 0:
        raise Refused("p_table.parameters", found="a count that can only grow", remedy="lower never_below")
    widest = -low * high  # the largest variance of a mean-0 law on [low, high] (Bhatia and Davis 2000)
    between = (-changes[changes < 0].max()) * changes[changes >= 0].min()
    goal = np.array([0.0, min(max(variance, between * 1.02), 0.98 * widest)])
    features = np.stack([changes, changes**2])
    slope = np.array([0.0, -0.5 / goal[1]])
    for _ in range(200):
        weights = np.exp(slope @ features - (slope @ features).max())
        p = weights / weights.sum()
        gap = features @ p - goal
        if np.abs(gap).max() < 1e-13:
            break
        centred = features - (features @ p)[:, None]
        step = np.linalg.lstsq((centred * p) @ centred.T, gap, rcond=None)[0]
        slope = slope - step * min(1.0, 2.0 / max(np.abs(step).max(), 1e-300))
    if np.abs(gap[0]) > 1e-6:
        raise Refused("p_table.parameters", found="no unbiased law on these counts", remedy="change the parameters")
    return np.asarray(p)


def record_keys(identifiers: Sequence[str], secret: bytes) -> NDArray[np.uint64]:
    """A stable key per record, from its pseudonym and a secret of 16 bytes or more: whole numbers below 2^32.

    >>> bool((record_keys(["a", "b"], b"0123456789abcdef") == record_keys(["a", "b"], b"0123456789abcdef")).all())
    True
    """
    if len(secret) < 16:
        raise Refused("cell_key.secret", found=f"a secret of {len(secret)} bytes", remedy="use 16 bytes or more")
    digests = (hmac.new(secret, identifier.encode(), hashlib.sha256).digest() for identifier in identifiers)
    return np.array([int.from_bytes(digest[:4], "big") for digest in digests], dtype=np.uint64)


def cell_key(keys: NDArray[np.uint64]) -> float:
    """The key of a cell, in [0, 1): the sum of its records' keys without its whole part (Fraser and Wooton 2005).

    >>> cell_key(np.array([2**31, 2**31, 2**30], dtype=np.uint64))
    0.25
    """
    return float(int(keys.astype(object).sum() if len(keys) else 0) % _KEYS) / _KEYS


def perturbed_count(count: int, key: float, table: PerturbationTable) -> int:
    """The count to publish. Empty cells stay empty; equal sets of people get equal noise.

    >>> perturbed_count(0, 0.9, maximum_entropy_table(5, 2.0, never_below=0))
    0
    """
    if count < 0 or not 0 <= key < 1:
        raise Refused("cell_key.input", found="a count below 0 or a key outside [0, 1)", remedy="correct the input")
    row = table.probabilities[min(count, len(table.probabilities) - 1)]
    change = int(np.searchsorted(np.cumsum(row), key, side="right")) - table.maximum
    return count + min(change, table.maximum)
