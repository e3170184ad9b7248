"""Hierarchical log-linear models of lists: names, codes, and all of them for 3 to 6 lists.

A model is the set of its interaction terms. Every list has a main effect, a term comes with all terms inside it, and
the term of all lists is never there: without it the cell of the unseen could not be told from the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from migstat.model import Refused

Codes = NDArray[np.uint64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class HierarchicalModel:
    """Interactions as masks (bit j is list j), closed under taking parts of two lists or more.

    >>> model = HierarchicalModel.parse("[12,23,4]", 4)
    >>> model.interactions
    (3, 6)
    >>> model.name
    '[12,23,4]'
    """

    n_lists: int
    interactions: tuple[int, ...]

    def __post_init__(self) -> None:
        full = (1 << self.n_lists) - 1
        present = set(self.interactions)
        for mask in self.interactions:
            if not 0 < mask < full or mask.bit_count() < 2:
                raise Refused(
                    "mse.term",
                    found="a term of no, one or all lists" if mask <= full else "a term of unknown lists",
                    remedy="give interactions of at least two lists and fewer than all",
                )
            if not all(part in present for part in _parts(mask)):
                raise Refused("mse.hierarchy", found="a term without its parts", remedy="use HierarchicalModel.of")

    @classmethod
    def of(cls, n_lists: int, terms: Iterable[Sequence[int]] = ()) -> HierarchicalModel:
        """The smallest hierarchical model with the given interactions, each a sequence of list numbers from 0."""
        masks: set[int] = set()
        for term in terms:
            if any(not 0 <= j < n_lists for j in term):
                raise Refused("mse.term", found="a term of unknown lists", remedy=f"number lists 0 to {n_lists - 1}")
            members = sorted(set(term))
            for size in range(2, len(members) + 1):
                masks |= {sum(1 << j for j in part) for part in combinations(members, size)}
        return cls(n_lists, tuple(sorted(masks, key=_by_size)))

    @classmethod
    def parse(cls, name: str, n_lists: int) -> HierarchicalModel:
        """Read ``"[12,23,4]"``: the largest terms, lists numbered from 1 (at most nine)."""
        inside = name.strip()
        words = [word.strip() for word in inside[1:-1].split(",") if word.strip()]
        if not (inside.startswith("[") and inside.endswith("]")) or not all(word.isdigit() for word in words):
            raise Refused("mse.model_name", found=repr(name), remedy='write the largest terms, such as "[12,23,4]"')
        return cls.of(n_lists, [[int(digit) - 1 for digit in word] for word in words])

    @classmethod
    def from_code(cls, code: int, n_lists: int) -> HierarchicalModel:
        masks = [mask for mask in range(1, 1 << n_lists) if int(code) >> mask & 1]
        return cls(n_lists, tuple(sorted(masks, key=_by_size)))

    @property
    def code(self) -> int:
        """Bit m is set when the term of mask m is in the model."""
        return sum(1 << mask for mask in self.interactions)

    @property
    def n_parameters(self) -> int:
        return 1 + self.n_lists + len(self.interactions)

    @property
    def terms(self) -> Integers:
        """Masks of all terms as the fitting loop wants them: interactions, main effects, and the empty term last."""
        return np.array([*self.interactions, *(1 << j for j in range(self.n_lists)), 0], dtype=np.int64)

    @property
    def name(self) -> str:
        """The largest terms, longest first, with lists numbered from 1."""
        everything = [*self.interactions, *(1 << j for j in range(self.n_lists))]
        largest = [mask for mask in everything if not any(mask != o and mask & o == mask for o in everything)]
        separator = "" if self.n_lists <= 9 else "."
        members = [[j + 1 for j in range(self.n_lists) if mask >> j & 1] for mask in largest]
        words = [separator.join(map(str, term)) for term in sorted(members, key=lambda term: (-len(term), term))]
        return "[" + ",".join(words) + "]"

    def within(self, lists: Sequence[str]) -> str:
        """The largest terms with the names of the lists.

        >>> HierarchicalModel.parse("[12,3]", 3).within(("police", "ngo", "health"))
        'police*ngo + health'
        """
        words = self.name[1:-1].split(",")
        split = [word.split(".") if self.n_lists > 9 else list(word) for word in words]
        return " + ".join("*".join(lists[int(j) - 1] for j in word) for word in split)


def all_models(n_lists: int, max_order: int | None = None) -> Codes:
    """Codes of every hierarchical model of 2 to 6 lists with interactions of at most ``max_order`` lists.

    There are 8, 113, 6,893 and 7,785,061 for 3, 4, 5 and 6 lists; 32,768 for 6 lists up to order 2.

    >>> [len(all_models(n)) for n in (3, 4, 5)]
    [8, 113, 6893]
    """
    if not 2 <= n_lists <= 6:
        raise Refused("mse.model_space", found=f"{n_lists} lists", remedy="enumerate models for 2 to 6 lists")
    order = n_lists - 1 if max_order is None else max_order
    if not 1 <= order <= n_lists - 1:
        raise Refused("mse.max_order", found=repr(max_order), remedy=f"give an order from 1 to {n_lists - 1}")
    masks = [mask for mask in range(1 << n_lists) if 2 <= mask.bit_count() <= order]
    codes = np.zeros(1, dtype=np.uint64)
    for mask in sorted(masks, key=_by_size):
        needed = np.uint64(sum(1 << part for part in _parts(mask)))
        able = codes[(codes & needed) == needed]
        codes = np.concatenate([codes, able | np.uint64(1 << mask)])
    return codes


def parameters_of(codes: Codes, n_lists: int) -> Integers:
    """How many parameters each model has."""
    ones = np.unpackbits(np.ascontiguousarray(codes, dtype=np.uint64).view(np.uint8)).reshape(len(codes), 64)
    return np.asarray(ones.sum(axis=1, dtype=np.int64) + n_lists + 1)


def main_effects(n_lists: int) -> Integers:
    return np.array([1 << j for j in range(n_lists)], dtype=np.int64)


def _parts(mask: int) -> list[int]:
    """Terms of one list fewer, of two lists or more."""
    if mask.bit_count() <= 2:
        return []
    return [mask ^ (1 << j) for j in range(mask.bit_length()) if mask >> j & 1]


def _by_size(mask: int) -> tuple[int, int]:
    return mask.bit_count(), mask
