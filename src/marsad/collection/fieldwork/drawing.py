"""From a frame and a plan to a sample: allocation, draw, reserve, and the checksum by which a draw is compared. Pure."""

from __future__ import annotations

import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Any

from marsad.collection.fieldwork.rules import FEWEST_CASES, UnitKind
from migstat.estimation.survey_allocation import Allocation, allocate
from migstat.estimation.survey_drawing import DrawnUnit, TwoStages, draw_areas, draw_stratified, draw_two_stage
from migstat.model.refusals import Refused


class Method(StrEnum):
    STRATIFIED = "stratified"
    TWO_STAGE = "two_stage"
    AREAS = "areas"


@dataclass(frozen=True, slots=True)
class Plan:
    """How a sample is drawn.

    ``size`` is the number of dwellings, or of areas where areas are drawn; ``take`` the dwellings of each area in two
    stages; ``spread`` the standard deviation in each stratum, for Neyman's and power allocation; ``reserve`` the share of
    the sample that is drawn in addition; ``equal_areas`` draws areas with equal chances instead of by size.
    """

    method: Method
    size: int
    allocation: Allocation = Allocation.PROPORTIONAL
    take: int = 0
    power: float = 0.5
    spread: Mapping[str, float] = field(default_factory=dict)
    reserve: float = 0.0
    equal_areas: bool = False

    def to_mapping(self) -> dict[str, Any]:
        return asdict(self) | {
            "method": self.method.value,
            "allocation": self.allocation.value,
            "spread": dict(self.spread),
        }

    @classmethod
    def from_mapping(cls, plain: Mapping[str, Any]) -> Plan:
        return cls(**{**plain, "method": Method(plain["method"]), "allocation": Allocation(plain["allocation"])})


@dataclass(frozen=True, slots=True)
class ListedUnit:
    """A unit of a frame as the draw sees it."""

    code: str
    area: str
    stratum: str
    block: str
    size: int


def draw(units: Sequence[ListedUnit], kind: UnitKind, plan: Plan, seed: str) -> list[DrawnUnit]:
    """The sample of a plan from the units of a frame, in their order.

    Raises ``Refused``: ``fieldwork.method`` for a method that the frame does not allow, ``fieldwork.sample_small`` for fewer
    than thirty dwellings in all, ``fieldwork.reserve``, and what the library raises (``survey.*``).
    """
    _demand_method(units, kind, plan)
    codes, strata = [one.code for one in units], [one.stratum for one in units]
    if plan.method is Method.STRATIFIED:
        held = Counter(strata)
        numbers = _allocated(plan, dict(held), dict(held))
        more = {name: min(math.ceil(number * plan.reserve), held[name] - number) for name, number in numbers.items()}
        drawn = draw_stratified(codes, strata, numbers, seed, reserve=more)
    elif plan.method is Method.AREAS:
        sizes = [1 if plan.equal_areas else one.size for one in units]
        drawn = draw_areas(codes, strata, sizes, _allocated(plan, _weights(units, plan), dict(Counter(strata))), seed)
    else:
        stages = TwoStages(
            _allocated(plan, dict(Counter(strata)), _blocks_of(units)),
            plan.take,
            math.ceil(plan.take * plan.reserve),
            not plan.equal_areas,
        )
        drawn = draw_two_stage(codes, strata, [one.block for one in units], stages, seed)
    _demand_cases(drawn, plan)
    return drawn


def _weights(units: Sequence[ListedUnit], plan: Plan) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for one in units:
        found[one.stratum] += 1 if plan.equal_areas else one.size
    return dict(found)


def _blocks_of(units: Sequence[ListedUnit]) -> dict[str, int]:
    return dict(Counter(stratum for stratum, _ in {(one.stratum, one.block) for one in units}))


def _allocated(plan: Plan, weights: Mapping[str, int], held: Mapping[str, int]) -> dict[str, int]:
    names = sorted(weights)
    spread = None
    if plan.spread:
        if set(plan.spread) != set(names):
            raise Refused("survey.spread", found="other strata than the frame's", remedy="give one number a stratum")
        spread = [plan.spread[name] for name in names]
    numbers = allocate(
        [weights[name] for name in names],
        plan.size,
        plan.allocation,
        spread=spread,
        power=plan.power,
        most=[held[name] for name in names],
    )
    return dict(zip(names, numbers, strict=True))


def _demand_method(units: Sequence[ListedUnit], kind: UnitKind, plan: Plan) -> None:
    if (plan.method is Method.AREAS) != (kind is UnitKind.AREA):
        raise Refused(
            "fieldwork.method",
            found=f"{plan.method} from a list of {kind}s",
            remedy="draw areas from a frame of areas, dwellings from a frame of dwellings",
        )
    if plan.method is Method.TWO_STAGE and not units[0].block:
        raise Refused("fieldwork.blocks", found="a frame without blocks", remedy="load a frame with the column block")
    if not 0 <= plan.reserve <= 1 or (plan.reserve and plan.method is Method.AREAS):
        raise Refused("fieldwork.reserve", found="a reserve that cannot be", remedy="give 0 to 100 %, none for areas")


def _demand_cases(drawn: Sequence[DrawnUnit], plan: Plan) -> None:
    cases = sum(not one.reserve for one in drawn)
    if plan.method is not Method.AREAS and cases < FEWEST_CASES:
        raise Refused(
            "fieldwork.sample_small",
            found=f"{cases} dwellings",
            remedy=f"draw {FEWEST_CASES} or more: fewer give no estimate that can be shown",
        )


def checksum_of(drawn: Sequence[DrawnUnit], units: Sequence[ListedUnit]) -> str:
    """The SHA-256 of a sample: codes, groups, ranks and chances, in the order of the codes."""
    lines = sorted(
        "\t".join(
            (
                units[one.row].code,
                one.stratum,
                one.cluster or "",
                str(one.rank),
                str(one.first),
                f"{one.drawn}/{one.held}",
                str(int(one.reserve)),
            )
        )
        for one in drawn
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def weight_of(first: str, drawn: int, held: int) -> float:
    """The design weight of a case from what its chance is made of, worked out in fractions.

    >>> weight_of("1/3", 2, 10)
    15.0
    """
    return float(1 / (Fraction(first) * Fraction(drawn, held)))
