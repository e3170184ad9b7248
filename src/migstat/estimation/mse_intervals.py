"""Intervals for the size of a population of which some were seen: they never go below the people seen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from migstat.estimation.arrays import normal_quantile
from migstat.model import Assumption, Diagnostic, Estimate, Interval, Refused, Text

ESTIMAND = "population size"


def unseen_error(unseen: float, log_variance: float) -> float:
    """Standard error of the size from the fitted unseen count m and the variance v of its logarithm.

    sqrt(m + m^2 v): the Poisson spread of the unseen and the doubt about their mean (Rivest and Levesque 2001,
    Canadian Journal of Statistics 29, 555, section 3).
    """
    return math.sqrt(unseen + unseen * unseen * log_variance)


def lognormal_interval(observed: float, value: float, error: float, level: float = 0.95) -> Interval:
    """Chao's interval: the logarithm of the unseen count is taken for normal (Chao 1987, Biometrics 43, 783, eq. 12).

    >>> interval = lognormal_interval(100, 150, 20)
    >>> round(interval.low, 2), round(interval.high, 2)
    (123.5, 206.39)
    """
    unseen = value - observed
    if unseen <= 0 or error == 0:
        return Interval(float(observed), max(float(value), float(observed)), level, "log-normal")
    factor = math.exp(normal_quantile(level) * math.sqrt(math.log1p((error / unseen) ** 2)))
    return Interval(observed + unseen / factor, observed + unseen * factor, level, "log-normal")


def size_estimate(
    estimator: str, observed: float, value: float, error: float, *, level: float, meaning: Text,
    assumptions: Sequence[Assumption], diagnostics: Sequence[Diagnostic] = (), interval: Interval | None = None,
    **more: Any,
) -> Estimate:  # fmt: skip
    """An ``Estimate`` of a size with the log-normal interval, unless another is given. ``more`` goes to ``extra``."""
    return Estimate(
        estimand=ESTIMAND,
        estimator=estimator,
        value=float(value),
        standard_error=float(error),
        interval=interval or lognormal_interval(observed, value, error, level),
        meaning=meaning,
        assumptions=assumptions,
        diagnostics=diagnostics,
        extra={"observed": int(observed), **more},
    )


def refuse_level(level: float) -> None:
    if not 0 < level < 1:
        raise Refused("mse.level", found=repr(level), remedy="give a level between 0 and 1, such as 0.95")
