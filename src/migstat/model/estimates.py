"""An estimate carries its doubt and its debts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from migstat.model.refusals import Refused
from migstat.model.texts import Text


@dataclass(frozen=True, slots=True)
class Interval:
    """``low`` to ``high`` at ``level`` (0.95 means 95 %), made by ``method`` ("wald", "percentile bootstrap" ...)."""

    low: float
    high: float
    level: float = 0.95
    method: str = ""

    def __post_init__(self) -> None:
        if math.isnan(self.low) or math.isnan(self.high) or self.low > self.high:
            raise Refused("interval.order", found=f"[{self.low}, {self.high}]", remedy="give low and high in order")
        if not 0 < self.level < 1:
            raise Refused("interval.level", found=repr(self.level), remedy="give a level between 0 and 1, such as 0.95")

    def __contains__(self, number: float) -> bool:
        return self.low <= number <= self.high

    @property
    def width(self) -> float:
        return self.high - self.low


@dataclass(frozen=True, slots=True)
class Assumption:
    """Something the method takes for true: what it is, and what happens to the answer when it is not."""

    id: str
    statement: Text
    when_broken: Text


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A check of the estimate: a number or series, and whether it gives cause for concern (None: not judged)."""

    id: str
    statement: Text
    value: Any = None
    concern: bool | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """The value of an estimand with everything a reader needs to doubt it properly.

    ``standard_error`` and ``interval`` are None only where the method has none (said in ``meaning``).
    ``effective_size`` is the effective sample size; ``seed`` the seed of the Generator where randomness entered.
    ``meaning`` says in plain words what the interval means and what would break it. ``extra`` holds what is
    particular to the method (the multi-model report, inclusion probabilities), as plain values and arrays.
    """

    estimand: str
    estimator: str
    value: float
    standard_error: float | None
    interval: Interval | None
    meaning: Text
    assumptions: Sequence[Assumption] = ()
    diagnostics: Sequence[Diagnostic] = ()
    effective_size: float | None = None
    seed: int | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.standard_error is not None and not self.standard_error >= 0:
            raise Refused(
                "estimate.standard_error", found=repr(self.standard_error), remedy="a standard error is 0 or more"
            )
