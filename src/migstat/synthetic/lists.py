"""Partners' lists of a synthetic city: who is on which, with coverage, unequal chances and dependence that are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from migstat.model import Origin, Refused
from migstat.synthetic.people import Floats, Ints, Mask


@dataclass(frozen=True, slots=True)
class ListShape:
    """One list: its name and coverage (share of the population, in expectation), how strongly a common trait of people
    moves their chance (``heterogeneity``, in logits a standard deviation), and the log odds ratio with which being on an
    earlier list changes the chance of being on this one (``depends_on``)."""

    name: str
    coverage: float
    heterogeneity: float = 0.0
    depends_on: Mapping[str, float] | None = None


@dataclass(frozen=True, eq=False)
class CaptureLists:
    """Inclusion (members x lists) and, as truth, everyone's chance of being on each given the lists before it."""

    names: tuple[str, ...]
    included: Mask
    chances: Floats
    origin: Origin = Origin.SYNTHETIC

    @property
    def population(self) -> int:
        """The true number of people, which a method has to find."""
        return int(self.included.shape[0])

    def histories(self) -> tuple[Ints, Ints]:
        """Observed capture histories (histories x lists of 0 and 1) and their counts; nobody of no list is in them."""
        seen = self.included[self.included.any(axis=1)].astype(np.int64)
        histories, counts = np.unique(seen, axis=0, return_counts=True)
        return histories, counts


def make_lists(members: int, shapes: Sequence[ListShape], rng: np.random.Generator) -> CaptureLists:
    """Draw the lists one after the other, each at a logit whose mean chance is the coverage asked for.

    Raises Refused for a coverage outside (0, 1), a name used twice, or dependence on a list that does not come before.

    >>> lists = make_lists(
    ...     5000, [ListShape("permits", 0.5), ListShape("clinic", 0.2, depends_on={"permits": 1.0})],
    ...     np.random.default_rng(4))
    >>> lists.included.mean(axis=0).round(1).tolist()
    [0.5, 0.2]
    """
    if members < 1 or not shapes:
        raise Refused(
            "lists.empty", found=f"{members} members, {len(shapes)} lists", remedy="give at least one of each"
        )
    trait = rng.normal(size=members)
    included = np.zeros((members, len(shapes)), dtype=np.bool_)
    chances = np.zeros((members, len(shapes)))
    names: list[str] = []
    for place, shape in enumerate(shapes):
        _refuse_shape(shape, names)
        lean = shape.heterogeneity * trait
        for other, strength in (shape.depends_on or {}).items():
            lean = lean + strength * included[:, names.index(other)]
        chances[:, place] = expit(_level(lean, shape.coverage) + lean)
        included[:, place] = rng.random(members) < chances[:, place]
        names.append(shape.name)
    return CaptureLists(tuple(names), included, chances)


def _level(lean: Floats, coverage: float) -> float:
    """The constant that makes the mean chance equal to the coverage, by bisection."""
    low, high = float(logit(coverage) - lean.max()), float(logit(coverage) - lean.min())
    for _ in range(60):
        middle = (low + high) / 2
        if expit(middle + lean).mean() < coverage:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _refuse_shape(shape: ListShape, before: Sequence[str]) -> None:
    if not 0 < shape.coverage < 1:
        raise Refused("lists.coverage", found=f"{shape.coverage} for {shape.name}", remedy="give a share inside (0, 1)")
    if shape.name in before or not set(shape.depends_on or {}) <= set(before):
        raise Refused(
            "lists.order", found=f"{shape.name}", remedy="name each list once, after those that it depends on"
        )
