"""What a caller chooses about resampling, and how replicates become a standard error and an interval in [0, 1]."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

from migstat.estimation.arrays import refuse_without_generator, seed_of
from migstat.estimation.rds_recruitment import Floats
from migstat.model import Interval, Refused

Kind = Literal["salganik", "tree", "successive_sampling"]


@dataclass(frozen=True, slots=True)
class Resampling:
    """The generator, the bootstrap (None: the one the estimator prefers), how many replicates, the interval's level.

    Raises Refused ``rds.replicates`` below 50 replicates and ``rds.level`` outside 0 to 1.
    """

    rng: np.random.Generator
    kind: Kind | None = None
    replicates: int = 1000
    level: float = 0.95

    def __post_init__(self) -> None:
        refuse_without_generator(self.rng)
        if self.replicates < 50:
            raise Refused(
                "rds.replicates", found=str(self.replicates), remedy="ask for at least 50, and 1,000 for publication"
            )
        if not 0 < self.level < 1:
            raise Refused("rds.level", found=repr(self.level), remedy="give a level between 0 and 1, such as 0.95")

    @property
    def seed(self) -> int | None:
        """The number the generator was seeded with, or None when it was given none that can be written down."""
        return seed_of(self.rng)


def usable(replicates: Floats) -> Floats:
    """The rows of (replicates, categories) without NaN. Raises Refused ``rds.replicates_failed`` if most are lost."""
    kept = replicates[~np.isnan(replicates).any(axis=1)]
    if 2 * len(kept) < len(replicates):
        raise Refused(
            "rds.replicates_failed",
            found=f"{len(replicates) - len(kept)} of {len(replicates)} replicates without an answer",
            remedy="merge small categories, or use RDS-II, whose replicates always have one",
        )
    return kept


def share_interval(share: float, standard_error: float, *, level: float, effective_size: float) -> Interval:
    """An interval for a share that cannot leave [0, 1].

    Symmetric on the logit scale: logit(p) +- z se / (p (1 - p)), the delta method. A share of exactly 0 or 1 has no
    logit: there it is the exact binomial bound for ``effective_size`` respondents (Clopper and Pearson 1934).

    >>> interval = share_interval(0.02, 0.015, level=0.95, effective_size=100)
    >>> round(interval.low, 4), round(interval.high, 4)
    (0.0045, 0.0838)
    >>> round(share_interval(0.0, 0.0, level=0.95, effective_size=100).high, 4)
    0.0362
    """
    tail = (1 - level) / 2
    if share <= 0 or share >= 1:
        bound = 1 - tail ** (1 / effective_size)
        low, high = (0.0, bound) if share <= 0 else (1 - bound, 1.0)
        return Interval(low, high, level, "exact binomial, effective sample size")
    reach = float(special.ndtri(1 - tail)) * standard_error / (share * (1 - share))
    centre = math.log(share / (1 - share))
    low = min(float(special.expit(centre - reach)), share)
    high = max(float(special.expit(centre + reach)), share)
    return Interval(low, high, level, "bootstrap, logit scale")


def ratio_interval(ratio: float, replicates: Floats, *, level: float) -> tuple[float, Interval]:
    """Standard error and interval of a positive ratio from its replicates, symmetric on the log scale.

    >>> ratio_interval(2.0, np.array([1.0, 2.0, 4.0]), level=0.95)[1].low > 0
    True
    """
    logs = np.log(replicates[np.isfinite(replicates) & (replicates > 0)])
    if 2 * len(logs) < len(replicates):
        raise Refused(
            "rds.replicates_failed",
            found=f"{len(replicates) - len(logs)} of {len(replicates)} replicates without a ratio",
            remedy="merge small categories",
        )
    spread = float(logs.std(ddof=1))
    reach = float(special.ndtri((1 + level) / 2)) * spread
    return ratio * spread, Interval(ratio * math.exp(-reach), ratio * math.exp(reach), level, "bootstrap, log scale")


def kish_size(weights: Floats) -> float:
    """The effective size of a weighted sample, (sum w)^2 / sum w^2 (Kish 1965).

    >>> kish_size(np.array([1.0, 1.0, 2.0]))
    2.6666666666666665
    """
    return float(weights.sum() ** 2 / (weights**2).sum())
