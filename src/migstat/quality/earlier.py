"""A delivery held against earlier ones and against what its agreement promised."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from migstat.quality.findings import Finding

_FACTOR: Final = 1.5
_DEVIATIONS: Final = 4.0


@dataclass(frozen=True)
class Profile:
    """The size of a delivery: its rows, its rows by area, the sum of each measure."""

    rows: int
    areas: Mapping[str, int] = field(default_factory=dict)
    measures: Mapping[str, float] = field(default_factory=dict)

    def to_mapping(self) -> dict[str, Any]:
        return {"rows": self.rows, "areas": dict(self.areas), "measures": dict(self.measures)}

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> Profile:
        return cls(int(mapping["rows"]), dict(mapping["areas"]), dict(mapping["measures"]))


def moved(before: float, now: float) -> str:
    """``drop`` or ``jump`` where a count changed by half or more and by more than four standard deviations; else empty.

    The deviation is that of a difference of two Poisson counts, the square root of their sum.

    >>> moved(100, 30), moved(100, 90), moved(3, 1), moved(100, 250)
    ('drop', '', '', 'jump')
    """
    if before < 0 or now < 0 or abs(now - before) <= _DEVIATIONS * math.sqrt(max(before + now, 1.0)):
        return ""
    if now < before / _FACTOR:
        return "drop"
    return "jump" if now > before * _FACTOR else ""


def changes(before: Profile, now: Profile) -> list[Finding]:
    """Drops and jumps of rows, of areas and of measures since an earlier accepted delivery."""
    pairs = [("rows", float(before.rows), float(now.rows))]
    pairs += [(f"area {area}", float(count), float(now.areas.get(area, 0))) for area, count in before.areas.items()]
    pairs += [(name, before.measures[name], now.measures[name]) for name in before.measures if name in now.measures]
    found = []
    for name, old, new in pairs:
        way = moved(old, new)
        if way:
            values = (("before", f"{old:.12g}"), ("now", f"{new:.12g}"))
            found.append(Finding(f"quality.{way}", column=name, found=f"{new:.12g}", values=values))
    return found


def coverage(
    *, promised: Collection[str], delivered: Collection[str], areas: Collection[str], seen: Collection[str]
) -> list[Finding]:
    """Breakdowns and areas that the agreement promises and the delivery does not hold."""
    found = [Finding("quality.breakdown", column=name, found=name) for name in promised if name not in delivered]
    found += [Finding("quality.area_missing", column=area, found=area) for area in areas if area not in seen]
    return found
