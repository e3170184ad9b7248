"""What the two-list and single-register methods share: the three counts, and counts of people seen once, twice, ..."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from migstat.estimation.arrays import numbers
from migstat.estimation.mse_tables import CaptureTable
from migstat.model import Refused


@dataclass(frozen=True, slots=True)
class TwoLists:
    """``first`` and ``second`` people on each list, ``both`` on both, other lists disregarded."""

    first: int
    second: int
    both: int

    @property
    def observed(self) -> int:
        return self.first + self.second - self.both

    @property
    def spread(self) -> int:
        """(n1 - m)(n2 - m), which both variances share."""
        return (self.first - self.both) * (self.second - self.both)


def two_lists(table: CaptureTable, lists: tuple[str, str] | None) -> TwoLists:
    """The two named lists of a table (its only two when not named), each list refused that contains the other.

    Raises Refused ``mse.which_lists``, ``mse.unknown_list``, ``mse.list_of_all``.
    """
    if lists is None and table.n_lists != 2:
        raise Refused("mse.which_lists", found=f"{table.n_lists} lists", remedy="name two of them")
    first, second = lists or (table.lists[0], table.lists[1])
    if first == second:
        raise Refused("mse.which_lists", found="one list twice", remedy="name two different lists")
    pair = TwoLists(table.overlap(first, first), table.overlap(second, second), table.overlap(first, second))
    for name, size in ((first, pair.first), (second, pair.second)):
        if size == pair.observed:
            raise Refused(
                "mse.list_of_all",
                found=f"list {name} contains everybody on the other",
                remedy="take two lists of which each has people of its own",
            )
    return pair


@dataclass(frozen=True, slots=True)
class TimesSeen:
    """``counts[k - 1]`` people seen exactly k times; ``occasions`` lists or visits, None where there is no limit."""

    counts: NDArray[np.int64]
    occasions: int | None

    @property
    def observed(self) -> int:
        return int(self.counts.sum())

    @property
    def once(self) -> int:
        return int(self.counts[0])

    @property
    def twice(self) -> int:
        return int(self.counts[1])


def times_seen(people: CaptureTable | Sequence[int], occasions: int | None = None) -> TimesSeen:
    """From a table (its lists are the occasions) or from counts of people seen once, twice, ... on one register.

    Raises Refused ``mse.negative_count``, ``mse.whole_count``, ``mse.nobody``, ``mse.shape``.
    """
    if isinstance(people, CaptureTable):
        return TimesSeen(people.by_captures[1:], people.n_lists)
    values = numbers(people, "counts")
    if values.ndim != 1 or len(values) < 2:
        raise Refused("mse.shape", found="fewer than two counts", remedy="give people seen once, twice, ... in order")
    if not np.isfinite(values).all() or (values != np.floor(values)).any():
        raise Refused("mse.whole_count", found="a count that is not a whole number", remedy="count people")
    if (values < 0).any():
        raise Refused("mse.negative_count", found="a negative count", remedy="counts of people are 0 or more")
    if values.sum() == 0:
        raise Refused("mse.nobody", found="a register without people", remedy="bring a register with people on it")
    if occasions is not None and occasions < len(values):
        raise Refused("mse.shape", found=f"{len(values)} counts for {occasions} occasions", remedy="give all occasions")
    return TimesSeen(values.astype(np.int64), occasions)


def refuse_without_doubles(seen: TimesSeen, *, twice: bool) -> None:
    if seen.once == 0 or (twice and seen.twice == 0):
        raise Refused(
            "mse.no_doubles",
            found="nobody seen exactly once" if seen.once == 0 else "nobody seen exactly twice",
            remedy="bring more lists or a longer register, or use Chao's bias-corrected bound",
        )
