"""Linkages drawn from the chances that pairs of records are one person, each a whole answer to who is who.

Chances of pairs cannot be drawn one by one: that A is B and B is C says that A is C. What is drawn is a partition of the
records into persons, as in Sadinle, "Detecting duplicates in a homicide registry using a Bayesian partitioning approach",
Annals of Applied Statistics 8(4), 2014, and Steorts, Hall and Fienberg, JASA 111 (2016). A partition is as likely as

    the product over its persons of (geometric mean of the odds of the person's pairs) ** (records of the person - 1),

so that two records are one person with exactly the chance of their pair, and k records count as the k - 1 links that join
them and not as k(k - 1)/2 independent ones, which they are not: who agrees with one of three alike records agrees with all.

The draws become capture tables, and ``mse_linkage`` carries the doubt that is in them into the size of the population.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from migstat.estimation.mse_tables import CaptureTable
from migstat.model import Refused

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_NEVER = -1e6
_ENUMERATED = 6
_SWEEPS, _BURN_IN = 3, 30
_MOST_RAISED, _HALVINGS, _TRIED = 3.0, 5, 3


@dataclass(frozen=True, eq=False)
class LinkagePairs:
    """Records of several lists and the pairs of them that may be one person.

    ``list_of[i]`` is the place of record i's list in ``lists``; ``log_odds[p]`` the natural logarithm of the odds that
    ``left[p]`` and ``right[p]`` are one person. Pairs left out have the odds ``exp(unscored)`` within a group of records
    that other pairs join. In the lists named in ``one_record_each`` nobody has two records.

    Raises Refused: ``linkage.pairs`` for arrays of other lengths, a pair of a record with itself, or no number.
    """

    lists: tuple[str, ...]
    list_of: Ints
    left: Ints
    right: Ints
    log_odds: Floats
    one_record_each: frozenset[str] = frozenset()
    unscored: float = -10.0
    groups: tuple[Ints, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        for name in ("list_of", "left", "right"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), dtype=np.int64))
        object.__setattr__(self, "log_odds", np.clip(np.asarray(self.log_odds, dtype=np.float64), -50, 50))
        ends = np.concatenate([self.left, self.right])
        inside = not len(ends) or (ends.min() >= 0 and ends.max() < len(self.list_of))
        if (
            not (len(self.left) == len(self.right) == len(self.log_odds))
            or not inside
            or (self.left == self.right).any()
        ):
            raise Refused("linkage.pairs", found="pairs that are none", remedy="give places of two records and odds")
        if np.isnan(self.log_odds).any() or not set(self.one_record_each) <= set(self.lists):
            raise Refused("linkage.pairs", found="odds or a list that are none", remedy="give numbers and known lists")
        object.__setattr__(self, "groups", _groups(len(self.list_of), self.left, self.right))

    def __len__(self) -> int:
        return len(self.list_of)


def _groups(records: int, left: Ints, right: Ints) -> tuple[Ints, ...]:
    """The sets of two records or more that pairs join, directly or through others."""
    graph = coo_array((np.ones(len(left)), (left, right)), shape=(records, records))
    _, label = connected_components(graph, directed=False)
    order = np.argsort(label, kind="stable")
    starts = np.flatnonzero(np.diff(label[order], prepend=-1))
    return tuple(part for part in np.split(order, starts[1:]) if len(part) > 1)


@lru_cache(maxsize=8)
def _partitions(size: int) -> tuple[Ints, Floats]:
    """Every partition of ``size`` records as labels, and for each how much the log odds of every pair count in it."""
    found = [[0]]
    for _ in range(size - 1):
        found = [[*labels, new] for labels in found for new in range(max(labels) + 2)]
    labels = np.array(found, dtype=np.int64)
    one, other = np.triu_indices(size, 1)
    sizes = (labels[:, :, None] == labels[:, None, :]).sum(axis=2)
    together = labels[:, one] == labels[:, other]
    return labels, np.where(together, 2 / sizes[:, one], 0.0)


def _odds_within(pairs: LinkagePairs, groups: Sequence[Ints], size: int) -> Floats:
    """(groups, pairs of a group) log odds of every pair within groups of one size, in the order of ``triu_indices``."""
    members = np.array(groups).reshape(-1, size)
    place, group = np.full(len(pairs), -1), np.full(len(pairs), -1)
    place[members] = np.arange(size)
    group[members] = np.arange(len(members))[:, None]
    found = np.full((len(members), size, size), pairs.unscored)
    mine = np.flatnonzero(group[pairs.left] >= 0)
    left, right = pairs.left[mine], pairs.right[mine]
    found[group[left], place[left], place[right]] = pairs.log_odds[mine]
    found[group[left], place[right], place[left]] = pairs.log_odds[mine]
    alone = np.array([name in pairs.one_record_each for name in pairs.lists])
    list_of = pairs.list_of[members]
    found[(list_of[:, :, None] == list_of[:, None, :]) & alone[list_of][:, :, None]] = _NEVER
    one, other = np.triu_indices(size, 1)
    return np.asarray(found[:, one, other])


def draw_linkages(pairs: LinkagePairs, draws: int, rng: np.random.Generator) -> Iterator[Ints]:
    """``draws`` linkages, one after the other: for each record the number of the person it belongs to.

    Groups of up to six records are drawn exactly from all their partitions; larger ones by a Gibbs sampler.

    >>> pairs = LinkagePairs(("a", "b"), [0, 1, 1], [0], [1], [np.log(3)])
    >>> labels = list(draw_linkages(pairs, 400, np.random.default_rng(1)))
    >>> bool(0.7 < np.mean([one[0] == one[1] for one in labels]) < 0.8)
    True
    """
    if draws < 1:
        raise Refused("linkage.draws", found=f"{draws} draws", remedy="ask for one draw or more, best 20")
    by_size: dict[int, list[Ints]] = {}
    for group in pairs.groups:
        by_size.setdefault(len(group), []).append(group)
    exact, long = [], []
    for size, groups in sorted(by_size.items()):
        odds = _odds_within(pairs, groups, size)
        if size <= _ENUMERATED:
            labels, counts = _partitions(size)
            exact.append((np.array(groups), labels, _cumulated(odds @ counts.T)))
        else:
            long += [(group, _Walk(_square(each, size), rng)) for group, each in zip(groups, odds, strict=True)]
    for _ in range(draws):
        drawn = np.arange(len(pairs), dtype=np.int64)
        for members, labels, cumulated in exact:
            chosen = (cumulated < rng.random((len(members), 1))).sum(axis=1)
            _enter(drawn, members, labels[chosen])
        for group, walk in long:
            _enter(drawn, group[None, :], walk.next()[None, :])
        yield drawn


def _cumulated(log_density: Floats) -> Floats:
    density = np.exp(log_density - log_density.max(axis=1, keepdims=True))
    total: Floats = np.cumsum(density, axis=1) / density.sum(axis=1, keepdims=True)
    total[:, -1] = 1.0
    return total


def _enter(drawn: Ints, members: Ints, labels: Ints) -> None:
    """Write labels within groups as the first record of each person."""
    size = members.shape[1]
    first = (labels[:, :, None] == labels[:, None, :]).argmax(axis=2)
    drawn[members] = np.take_along_axis(members, first.reshape(-1, size), axis=1)


def _square(odds: Floats, size: int) -> Floats:
    found = np.zeros((size, size))
    one, other = np.triu_indices(size, 1)
    found[one, other] = found[other, one] = odds
    return found


class _Walk:
    """A Gibbs sampler over the partitions of one group: each record in turn joins a person or stands alone."""

    def __init__(self, odds: Floats, rng: np.random.Generator) -> None:
        self._odds, self._rng = odds.tolist(), rng
        self._persons = [[record] for record in range(len(odds))]
        self._within = [0.0] * len(odds)
        self._sweep(_BURN_IN)

    def next(self) -> Ints:
        self._sweep(_SWEEPS)
        labels = np.empty(len(self._odds), dtype=np.int64)
        for label, members in enumerate(self._persons):
            labels[members] = label
        return labels

    def _sweep(self, times: int) -> None:
        for _ in range(times):
            dice = self._rng.random(len(self._odds)).tolist()
            for record, drawn in enumerate(dice):
                self._leave(record)
                self._join(record, drawn)

    def _leave(self, record: int) -> None:
        row = self._odds[record]
        place = next(place for place, members in enumerate(self._persons) if record in members)
        self._persons[place].remove(record)
        self._within[place] -= sum(row[other] for other in self._persons[place])
        if not self._persons[place]:
            del self._persons[place], self._within[place]

    def _join(self, record: int, drawn: float) -> None:
        """Draw the record's person given everybody else's: the gain in log density of joining each."""
        row = self._odds[record]
        links = [sum(row[other] for other in members) for members in self._persons]
        gains = [
            2 / (len(members) + 1) * (within + link) - 2 / len(members) * within
            for members, within, link in zip(self._persons, self._within, links, strict=True)
        ]
        most = max([0.0, *gains])
        weights = [math.exp(gain - most) for gain in (*gains, 0.0)]
        mark = drawn * sum(weights)
        place = 0
        while place < len(gains) and mark >= weights[place]:
            mark -= weights[place]
            place += 1
        if place == len(gains):
            self._persons.append([record])
            self._within.append(0.0)
        else:
            self._persons[place].append(record)
            self._within[place] += links[place]


def balanced(pairs: LinkagePairs, rng: np.random.Generator) -> LinkagePairs:
    """The same pairs with odds raised alike so that linkages hold as many links as the pairs' chances say.

    The chance of a pair is judged by itself. Within a group a record that joins one person leaves another, so linkages
    drawn from these odds hold fewer links than the sum of the chances, and the size would come out too large. Returned as
    they are where the draws hold links enough.
    """
    goal = float((1 / (1 + np.exp(-pairs.log_odds))).sum())
    seed = int(rng.integers(2**31))
    low, high = 0.0, _MOST_RAISED
    if _links(pairs, seed) >= goal:
        return pairs
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if _links(_raised(pairs, middle), seed) >= goal else (middle, high)
    return _raised(pairs, high)


def _raised(pairs: LinkagePairs, by: float) -> LinkagePairs:
    return replace(pairs, log_odds=pairs.log_odds + by)


def _links(pairs: LinkagePairs, seed: int) -> float:
    """The mean number of pairs that are one person in a few linkages."""
    drawn = list(draw_linkages(pairs, _TRIED, np.random.default_rng(seed)))
    return sum(float((labels[pairs.left] == labels[pairs.right]).sum()) for labels in drawn) / _TRIED


def most_likely(pairs: LinkagePairs) -> Ints:
    """One linkage for showing: links are made from the likeliest down, each only where it makes the whole likelier.

    This is what a threshold of one half would give for pairs, kept consistent for more records.
    """
    label = np.arange(len(pairs), dtype=np.int64)
    for group in pairs.groups:
        odds = _square(_odds_within(pairs, [group], len(group))[0], len(group))
        own = np.arange(len(group))
        one, other = np.triu_indices(len(group), 1)
        for pair in np.argsort(-odds[one, other], kind="stable"):
            a, b = own[one[pair]], own[other[pair]]
            if odds[one[pair], other[pair]] <= 0:
                break
            if a != b and _gain(odds, np.flatnonzero(own == a), np.flatnonzero(own == b)) > 0:
                own[own == b] = a
        _enter(label, group[None, :], own[None, :])
    return label


def _gain(odds: Floats, one: Ints, other: Ints) -> float:
    def density(members: Ints) -> float:
        return float(odds[np.ix_(members, members)].sum()) / len(members)

    return density(np.concatenate([one, other])) - density(one) - density(other)


def capture_table(labels: Ints, pairs: LinkagePairs) -> CaptureTable:
    """The capture table of one linkage: each person once, on the lists that any of their records is on.

    >>> pairs = LinkagePairs(("a", "b"), [0, 1, 1, 0], [0], [1], [2.0])
    >>> capture_table(np.array([0, 0, 2, 3]), pairs).counts.tolist()
    [0.0, 1.0, 1.0, 1.0]
    """
    histories = np.zeros(len(pairs), dtype=np.int64)
    np.bitwise_or.at(histories, labels, 1 << pairs.list_of)
    counts = np.bincount(histories[histories > 0], minlength=1 << len(pairs.lists))
    return CaptureTable(pairs.lists, counts.astype(np.float64))


def draw_capture_tables(pairs: LinkagePairs, draws: int, rng: np.random.Generator) -> list[CaptureTable]:
    """Capture tables of ``draws`` linkages, ready for ``mse_linkage``."""
    return [capture_table(labels, pairs) for labels in draw_linkages(pairs, draws, rng)]
