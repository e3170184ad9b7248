"""Capture-history tables: how many people are on exactly which of several lists. Checked once, when they are built."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from migstat.estimation.arrays import Floats, numbers
from migstat.model import Refused

Integers = NDArray[np.int64]

MOST_LISTS = 20


@dataclass(frozen=True, eq=False)
class CaptureTable:
    """People by capture history. ``counts[m]`` is how many are on the lists whose bits are set in m, and on no other.

    Bit j stands for ``lists[j]``; ``counts`` has length 2^L and its entry 0, the people on no list, is always 0
    because nobody knows it. Build it with one of the functions below or with ``CaptureTable(lists, counts)``.

    Raises Refused: ``mse.few_lists``, ``mse.many_lists``, ``mse.list_names``, ``mse.shape``, ``mse.negative_count``,
    ``mse.whole_count``, ``mse.unseen_counted``, ``mse.nobody``, ``mse.empty_list``, ``mse.list_of_all``.
    """

    lists: tuple[str, ...]
    counts: Floats

    def __post_init__(self) -> None:
        _refuse_lists(self.lists)
        counts = np.array(self.counts, dtype=np.float64)
        _refuse_counts(counts, len(self.lists))
        _refuse_lists_without_information(counts, self.lists)
        counts.setflags(write=False)
        object.__setattr__(self, "counts", counts)

    @property
    def n_lists(self) -> int:
        return len(self.lists)

    @property
    def observed(self) -> int:
        """People on at least one list."""
        return int(self.counts.sum())

    @property
    def list_sizes(self) -> Integers:
        """People on each list, in the order of ``lists``."""
        masks = np.arange(len(self.counts))
        sizes = [self.counts[(masks >> j) & 1 == 1].sum() for j in range(self.n_lists)]
        return np.array(sizes, dtype=np.int64)

    @property
    def by_captures(self) -> Integers:
        """(L + 1,) people on exactly k lists, k = 0 to L; the first is 0 because it is not known."""
        return np.bincount(captures(self.n_lists), weights=self.counts, minlength=self.n_lists + 1).astype(np.int64)

    def history(self, *present: str) -> int:
        """People on exactly the named lists. Raises Refused ``mse.unknown_list``."""
        return int(self.counts[self.mask(*present)])

    def mask(self, *present: str) -> int:
        """The cell of the named lists. Raises Refused ``mse.unknown_list``."""
        unknown = [name for name in present if name not in self.lists]
        if unknown:
            raise Refused(
                "mse.unknown_list", found=", ".join(unknown), remedy=f"use names among {', '.join(self.lists)}"
            )
        return sum(1 << self.lists.index(name) for name in set(present))

    def overlap(self, first: str, second: str) -> int:
        """People on both of two lists, whatever other lists they are on."""
        both = self.mask(first, second)
        return int(self.counts[(np.arange(len(self.counts)) & both) == both].sum())


def captures(n_lists: int) -> Integers:
    """(2^L,) how many lists each history has."""
    masks = np.arange(1 << n_lists)
    return np.array(sum((masks >> j) & 1 for j in range(n_lists)), dtype=np.int64)


def table_from_histories(histories: ArrayLike, counts: ArrayLike, lists: Sequence[str] | None = None) -> CaptureTable:
    """A table from rows of 0 and 1 (rows, L) and the number of people of each row; repeated rows are added up.

    A row of zeros (people on no list) is refused unless its count is 0. Lists are called A, B, ... without names.
    Raises Refused as ``CaptureTable``, and ``mse.history`` for rows that are not 0 and 1.

    >>> table = table_from_histories([[1, 0], [0, 1], [1, 1]], [60, 40, 20], ("police", "ngo"))
    >>> table.observed, table.overlap("police", "ngo")
    (120, 20)
    """
    rows = numbers(histories, "histories")
    if rows.ndim != 2 or not np.isin(rows, (0.0, 1.0)).all():
        raise Refused("mse.history", found="histories that are not rows of 0 and 1", remedy="write 1 for on the list")
    people = numbers(counts, "counts")
    if people.shape != (len(rows),):
        raise Refused("mse.shape", found=f"{people.size} counts for {len(rows)} histories", remedy="one count per row")
    names = tuple(lists) if lists is not None else _letters(rows.shape[1])
    _refuse_lists(names)
    if len(names) != rows.shape[1]:
        raise Refused("mse.shape", found=f"{len(names)} names for {rows.shape[1]} lists", remedy="one name per list")
    if (people < 0).any():  # before they are added up, where a negative one could hide
        raise Refused("mse.negative_count", found="a negative count", remedy="counts of people are 0 or more")
    masks = (rows.astype(np.int64) << np.arange(rows.shape[1])).sum(axis=1)
    cells = np.bincount(masks, weights=people, minlength=1 << rows.shape[1])
    return CaptureTable(names, np.asarray(cells, dtype=np.float64))


def table_from_membership(membership: ArrayLike, lists: Sequence[str] | None = None) -> CaptureTable:
    """A table from one row of 0 and 1 for each person.

    >>> table_from_membership([[1, 0], [1, 1], [0, 1]]).counts.tolist()
    [0.0, 1.0, 1.0, 1.0]
    """
    rows = np.asarray(membership)
    return table_from_histories(rows, np.ones(len(rows)), lists)


def table_from_overlaps(people: Mapping[Sequence[str], float], lists: Sequence[str]) -> CaptureTable:
    """A table from ``{("police",): 60, ("police", "ngo"): 20, ...}``; histories left out have nobody.

    >>> table_from_overlaps({("police",): 60, ("ngo",): 40, ("police", "ngo"): 20}, ("police", "ngo")).observed
    120
    """
    unknown = {name for key in people for name in key} - set(lists)
    if unknown:
        raise Refused("mse.unknown_list", found=", ".join(sorted(unknown)), remedy=f"name it among {list(lists)}")
    rows = [[int(name in key) for name in lists] for key in people]
    return table_from_histories(np.array(rows).reshape(len(rows), len(lists)), list(people.values()), lists)


def tables_by_stratum(
    histories: ArrayLike, counts: ArrayLike, strata: Sequence[str], lists: Sequence[str] | None = None
) -> dict[str, CaptureTable]:
    """One table for each stratum (area, sex, group), in order of appearance.

    Raises Refused as ``table_from_histories``; what was found then names the stratum, so that it can be merged.

    >>> rows = [[1, 0], [0, 1], [1, 1]] * 2
    >>> tables = tables_by_stratum(rows, [5, 4, 2, 8, 7, 3], ["f"] * 3 + ["m"] * 3)
    >>> {name: table.observed for name, table in tables.items()}
    {'f': 11, 'm': 18}
    """
    rows, people, names = np.asarray(histories), numbers(counts, "counts"), np.asarray(strata)
    if not len(rows) == len(people) == len(names):
        raise Refused("mse.shape", found="unequal numbers of rows", remedy="one count and one stratum for each history")
    tables = {}
    for stratum in dict.fromkeys(names.tolist()):
        inside = names == stratum
        try:
            tables[str(stratum)] = table_from_histories(rows[inside], people[inside], lists)
        except Refused as refused:
            raise Refused(
                refused.rule, found=f"{refused.found} in stratum {stratum}", remedy=f"{refused.remedy}, or merge strata"
            ) from refused
    return tables


def _letters(number: int) -> tuple[str, ...]:
    return tuple(chr(ord("A") + j) for j in range(number))


def _refuse_lists(lists: Sequence[str]) -> None:
    if len(lists) < 2:
        raise Refused("mse.few_lists", found=f"{len(lists)} list", remedy="bring two lists or more that can overlap")
    if len(lists) > MOST_LISTS:
        raise Refused("mse.many_lists", found=f"{len(lists)} lists", remedy=f"merge lists until {MOST_LISTS} are left")
    if len(set(lists)) != len(lists) or not all(lists):
        raise Refused("mse.list_names", found="a list without a name of its own", remedy="give each list its own name")


def _refuse_counts(counts: Floats, n_lists: int) -> None:
    if counts.shape != (1 << n_lists,):
        raise Refused(
            "mse.shape", found=f"{counts.size} counts for {n_lists} lists", remedy=f"give {1 << n_lists}, one a history"
        )
    if not np.isfinite(counts).all() or (counts != np.floor(counts)).any():
        raise Refused("mse.whole_count", found="a count that is not a whole number", remedy="count people")
    if (counts < 0).any():
        raise Refused("mse.negative_count", found="a negative count", remedy="counts of people are 0 or more")
    if counts[0] != 0:
        raise Refused(
            "mse.unseen_counted",
            found="people on no list",
            remedy="leave them out: their number is what is estimated",
        )


def _refuse_lists_without_information(counts: Floats, lists: Sequence[str]) -> None:
    total = counts.sum()
    if total == 0:
        raise Refused("mse.nobody", found="a table without people", remedy="bring lists with people on them")
    masks = np.arange(len(counts))
    for j, name in enumerate(lists):
        on_list = counts[(masks >> j) & 1 == 1].sum()
        if on_list == 0:
            raise Refused("mse.empty_list", found=f"nobody on list {name}", remedy="leave this list out")
        if on_list == total:
            raise Refused(
                "mse.list_of_all",
                found=f"list {name} contains everybody on the other lists",
                remedy="leave it out, or count it: without people outside a list its share of the unseen is unknown",
            )
