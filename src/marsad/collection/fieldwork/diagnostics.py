"""What shows whether chains of recruitment forgot their seeds: the library's diagnostics for one network. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from migstat.estimation.rds_diagnostics import (
    bottleneck_series,
    convergence_series,
    sample_diagnostics,
    waves_to_equilibrium,
)
from migstat.estimation.rds_homophily import rds_homophily
from migstat.estimation.rds_outcome import outcome_of
from migstat.estimation.rds_recruitment import Recruitment
from migstat.model import Diagnostic
from migstat.model.refusals import Refused


@dataclass(frozen=True)
class Line:
    """The RDS-II share of a category as the sample grew; None while nobody had given an answer."""

    name: str
    sizes: tuple[int, ...]
    shares: tuple[float | None, ...]


@dataclass(frozen=True)
class NetworkDiagnostics:
    """``homophily`` and ``equilibrium`` are None where the chains do not say, with the refusal's rule beside them."""

    diagnostics: tuple[Diagnostic, ...]
    convergence: tuple[Line, ...]
    bottleneck: tuple[Line, ...]
    homophily: float | None
    equilibrium: int | None
    rules: tuple[str, ...]


def diagnose(recruitment: Recruitment, labels: Sequence[str | None]) -> NetworkDiagnostics:
    """Convergence for each category, bottleneck for the first by seed, homophily, waves to equilibrium.

    Raises ``Refused`` where nothing can be said: ``rds.one_category`` and what ``outcome_of`` raises.
    """
    outcome = outcome_of(labels, recruitment)
    weights = 1 / recruitment.degree
    rules: list[str] = []
    homophily, equilibrium = None, None
    try:
        homophily = float(rds_homophily(recruitment, labels).value)
    except Refused as refusal:
        rules.append(refusal.rule)
    try:
        equilibrium = waves_to_equilibrium(recruitment, outcome)
    except Refused as refusal:
        rules.append(refusal.rule)
    lines = []
    for category in outcome.categories:
        series = convergence_series(recruitment, outcome, category, weights)
        lines.append(Line(str(category), tuple(series.size.tolist()), _known(series.share.tolist())))
    first = outcome.categories[0]
    trees = bottleneck_series(recruitment, outcome, first, weights)
    bottleneck = tuple(
        Line(str(seed + 1), tuple(one.size.tolist()), _known(one.share.tolist())) for seed, one in trees.items()
    )
    return NetworkDiagnostics(
        sample_diagnostics(recruitment, outcome), tuple(lines), bottleneck, homophily, equilibrium, tuple(rules)
    )


def _known(shares: Sequence[float]) -> tuple[float | None, ...]:
    return tuple(None if math.isnan(share) else float(share) for share in shares)
