"""From shares, weights and replicates to an `Estimate` with everything a reader needs to doubt it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from migstat.estimation.rds_diagnostics import sample_diagnostics
from migstat.estimation.rds_outcome import Outcome
from migstat.estimation.rds_recruitment import Floats, Recruitment
from migstat.estimation.rds_resampling import Resampling, kish_size, share_interval, usable
from migstat.estimation.rds_texts import share_meaning
from migstat.model import Assumption, Diagnostic, Estimate, Interval, Text


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """Point estimates of one method: ``shares`` (categories,) and the ``weights`` (n,) that give them."""

    estimator: str
    shares: Floats
    weights: Floats
    assumptions: tuple[Assumption, ...]


def share_estimate(
    recruitment: Recruitment,
    outcome: Outcome,
    of: Hashable,
    solution: Solution,
    resampling: Resampling | None,
    replicates: Floats | None,
) -> Estimate:
    """The share of ``of`` as an Estimate; ``replicates`` (replicates, categories) come with ``resampling``."""
    place = outcome.position(of)
    share = float(solution.shares[place])
    error, interval, lost, kept = None, None, None, None
    size = kish_size(solution.weights[outcome.known])
    if resampling is not None and replicates is not None:
        kept = usable(replicates)
        lost = len(replicates) - len(kept)
        errors = kept.std(axis=0, ddof=1)
        error = float(errors[place])
        interval = share_interval(share, error, level=resampling.level, effective_size=size)
        size = share * (1 - share) / error**2 if error > 0 else size
    return Estimate(
        estimand=f"share: {of}",
        estimator=solution.estimator,
        value=share,
        standard_error=error,
        interval=interval,
        meaning=share_meaning(None if resampling is None else resampling.level),
        assumptions=solution.assumptions,
        diagnostics=(*sample_diagnostics(recruitment, outcome), *_lost(lost, replicates)),
        effective_size=size,
        seed=None if resampling is None else resampling.seed,
        extra=_extra(outcome, solution, kept),
    )


def hull(intervals: list[Interval], method: str) -> Interval:
    """The smallest interval that holds all of ``intervals`` (one level)."""
    return Interval(
        min(interval.low for interval in intervals),
        max(interval.high for interval in intervals),
        intervals[0].level,
        method,
    )


def _extra(outcome: Outcome, solution: Solution, kept: Floats | None) -> Mapping[str, Any]:
    extra: dict[str, Any] = {
        "categories": outcome.categories,
        "shares": solution.shares,
        "weights": solution.weights,
        "sample_shares": np.bincount(outcome.codes[outcome.known], minlength=len(outcome.categories))
        / outcome.known.sum(),
    }
    if kept is not None:
        extra["replicates"] = kept
        extra["standard_errors"] = kept.std(axis=0, ddof=1)
    return extra


def _lost(lost: int | None, replicates: Floats | None) -> tuple[Diagnostic, ...]:
    if lost is None or replicates is None:
        return ()
    statement = Text(
        fr="rééchantillons sans réponse, laissés de côté",
        ar="عينات معادة لم تعط نتيجة فلم تُحتسب",
        en="replicates without an answer, left out",
    )
    return (Diagnostic("rds.replicates_lost", statement, lost, 20 * lost > len(replicates)),)
