"""How many units of each stratum to draw, in whole numbers, as well as can be done.

Each method says what weighs in a stratum: a_h. The sum of a_h² / n_h is then made as small as whole numbers between the
smallest and the whole stratum allow: start from the smallest, give one unit after the other to the stratum with the largest
a_h / sqrt(n_h (n_h + 1)). Wright (2012), "The equivalence of Neyman optimum allocation for sampling and equal proportions
for apportioning", The American Statistician 66: 217-224. The sum is separable and convex, so no other allocation is better.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from enum import StrEnum

from migstat.model import Refused


class Allocation(StrEnum):
    """What weighs in a stratum: its units, one, units times spread, or a power of the units times spread."""

    PROPORTIONAL = "proportional"
    EQUAL = "equal"
    NEYMAN = "neyman"
    POWER = "power"


def allocate(
    sizes: Sequence[int],
    sample: int,
    method: Allocation = Allocation.PROPORTIONAL,
    *,
    spread: Sequence[float] | None = None,
    power: float = 0.5,
    smallest: int = 2,
    most: Sequence[int] | None = None,
) -> tuple[int, ...]:
    """Units to draw in each stratum: they add up to ``sample``, and none has less than ``smallest`` or more than it holds.

    ``sizes`` are units in the population, ``spread`` the standard deviation of what is measured (needed by Neyman's
    allocation; Neyman 1934, JRSS 97), ``power`` the exponent between equal (0) and proportional (1) allocation
    (Bankier 1988, The American Statistician 42), ``most`` the largest number of each stratum where it is not its size: the
    areas that it has, where areas are drawn and sizes count what they hold. What has fewer than ``smallest`` is drawn whole.
    Raises Refused: ``survey.strata``, ``survey.spread``, ``survey.power``, ``survey.sample_small``, ``survey.sample_large``.

    >>> allocate([1000, 500, 100], 40)
    (25, 12, 3)
    >>> allocate([1000, 500, 100], 40, Allocation.NEYMAN, spread=[1.0, 4.0, 1.0])
    (13, 25, 2)
    """
    weights = _weights(sizes, Allocation(method), spread, power)
    held = list(sizes if most is None else most)
    drawn = [min(smallest, number) for number in held]
    _demand_room(held, sample, sum(drawn), smallest)
    waiting = [_claim(stratum, weights, drawn) for stratum, number in enumerate(held) if drawn[stratum] < number]
    heapq.heapify(waiting)
    for _ in range(sample - sum(drawn)):
        _, stratum = heapq.heappop(waiting)
        drawn[stratum] += 1
        if drawn[stratum] < held[stratum]:
            heapq.heappush(waiting, _claim(stratum, weights, drawn))
    return tuple(drawn)


def _claim(stratum: int, weights: Sequence[float], drawn: Sequence[int]) -> tuple[float, int]:
    number = drawn[stratum]
    return -weights[stratum] / math.sqrt(number * (number + 1)), stratum


def _weights(
    sizes: Sequence[int], method: Allocation, spread: Sequence[float] | None, power: float
) -> tuple[float, ...]:
    if not sizes or min(sizes) < 1:
        raise Refused("survey.strata", found="a stratum without a unit", remedy="give each stratum one unit or more")
    if method is Allocation.NEYMAN and spread is None:
        raise Refused(
            "survey.spread", found="no standard deviations", remedy="give one a stratum, of an earlier survey"
        )
    deviations = [1.0] * len(sizes) if spread is None else [float(one) for one in spread]
    if len(deviations) != len(sizes) or not all(0 < one < math.inf for one in deviations):
        raise Refused("survey.spread", found="standard deviations that do not fit", remedy="give one above 0 a stratum")
    if not 0 <= power <= 1:
        raise Refused("survey.power", found=f"a power of {power}", remedy="give one from 0 (equal) to 1 (proportional)")
    exponent = {Allocation.EQUAL: 0.0, Allocation.POWER: power}.get(method, 1.0)
    uses_spread = method in (Allocation.NEYMAN, Allocation.POWER)
    return tuple(
        size**exponent * (deviation if uses_spread else 1.0) for size, deviation in zip(sizes, deviations, strict=True)
    )


def _demand_room(held: Sequence[int], sample: int, least: int, smallest: int) -> None:
    if smallest < 1 or sample < least:
        raise Refused(
            "survey.sample_small",
            found=f"{sample} units for {len(held)} strata",
            remedy=f"draw {least} or more, or join strata: each needs {max(smallest, 1)} for its variance",
        )
    if sample > sum(held):
        raise Refused("survey.sample_large", found=f"{sample} of {sum(held)} units", remedy=f"draw {sum(held)} at most")
