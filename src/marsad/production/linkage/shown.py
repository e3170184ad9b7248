"""A pair as reviewers see it: for each field what was found, and its weight as a step of a waterfall. Never a value."""

from __future__ import annotations

from dataclasses import dataclass

from marsad.production.linkage.labels import FIELDS, SIGNS, words_of
from marsad.production.linkage.models import Linkage, ReviewPair
from marsad.production.linkage.plan import LinkagePlan

WIDTH = 320
_EDGE = 6


@dataclass(frozen=True)
class Step:
    """One bar: from where the sum stood to where it goes, in units of a drawing ``WIDTH`` wide."""

    field: str
    found: str
    sign: str
    bits: float
    start: float
    width: float
    level: float

    @property
    def speaks(self) -> str:
        return "for" if self.bits > 0 else "against" if self.bits < 0 else "neither"


@dataclass(frozen=True)
class Waterfall:
    """The steps from the prior to the whole weight, the place of zero, and the chance that the whole amounts to."""

    steps: tuple[Step, ...]
    zero: float
    total: float
    chance: float
    prior: float


def waterfall(linkage: Linkage, pair: ReviewPair) -> Waterfall:
    """The steps of a pair in the order of the plan, after the prior: how rare it is that two records are one person."""
    plan = LinkagePlan.from_mapping(linkage.model["plan"])
    parts = [("", "", "prior", float(pair.prior))]
    for field in plan.fields:
        sign = field.sign(pair.levels[field.name])
        words = words_of(SIGNS, sign)
        parts.append((words_of(FIELDS, field.name), words, sign.value, float(pair.weights[field.name])))
    sums = [0.0]
    for *_, bits in parts:
        sums.append(sums[-1] + bits)
    low, high = min(sums), max(sums)
    scale = (WIDTH - 2 * _EDGE) / max(high - low, 1e-9)

    def at(value: float) -> float:
        return round(_EDGE + (value - low) * scale, 1)

    steps = tuple(
        Step(name, words, sign, bits, min(at(before), at(after)), max(abs(at(after) - at(before)), 1.0), at(after))
        for (name, words, sign, bits), before, after in zip(parts, sums, sums[1:], strict=False)
    )
    total = sums[-1]
    return Waterfall(steps, at(0), total, 1 / (1 + 2.0**-total), float(pair.prior))


def seen_in(linkage: Linkage, pair: ReviewPair) -> dict[str, str]:
    """What the page shows of a pair, as codes: the row of the access log names these fields."""
    plan = LinkagePlan.from_mapping(linkage.model["plan"])
    return {field.name: field.sign(pair.levels[field.name]).value for field in plan.fields}
