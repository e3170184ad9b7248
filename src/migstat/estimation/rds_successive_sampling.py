"""Gile's successive sampling estimator: RDS-II for samples that are a large part of the population."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace

import numpy as np

from migstat.estimation.rds_estimate import Solution, hull, share_estimate
from migstat.estimation.rds_ii import weighted_tree_shares
from migstat.estimation.rds_outcome import Outcome, outcome_of
from migstat.estimation.rds_recruitment import Floats, Recruitment
from migstat.estimation.rds_resampling import Resampling
from migstat.estimation.rds_successive_sampling_bootstrap import successive_sampling_replicates
from migstat.estimation.rds_successive_sampling_probabilities import inclusion_probabilities
from migstat.estimation.rds_texts import WITHOUT_REPLACEMENT, band_meaning
from migstat.estimation.registry import estimator
from migstat.model import Estimate, Interval, Refused

BAND_POINTS = 9


@estimator(
    "rds_successive_sampling",
    family="rds",
    reference="Gile (2011), Journal of the American Statistical Association 106: 135-146, section 3",
    assumptions=WITHOUT_REPLACEMENT,
)
def rds_successive_sampling(
    recruitment: Recruitment,
    labels: Sequence[Hashable | None],
    of: Hashable,
    population: float,
    *,
    band: tuple[float, float] | None = None,
    resampling: Resampling | None = None,
) -> Estimate:
    """The share of ``of`` among ``labels`` (None: not known), everyone weighted by 1 / pi under successive sampling.

    ``population`` is the size N of the population. It is rarely known: give ``band`` (smallest, largest N) and the
    interval is the union of the intervals at both ends and at ``population``; ``extra["population_band"]`` then holds
    arrays of N and of the share at each. As N grows the estimate becomes RDS-II, at N = n the plain share.
    Bootstraps: "successive_sampling" (default) or "tree" (weights kept).

    Raises Refused: ``rds.population_below_sample``, ``rds.band``, ``rds.bootstrap``, and those of `rds_ii`.

    >>> from migstat.estimation.rds_recruitment import recruitment_from_rows
    >>> forest = recruitment_from_rows([-1, 0, 0, 1], [1, 2, 4, 4])
    >>> labels = ["a", "b", "a", "b"]
    >>> [round(rds_successive_sampling(forest, labels, "a", n).value, 4) for n in (4, 8, 1e9)]
    [0.5, 0.587, 0.625]
    """
    outcome = outcome_of(labels, recruitment)
    centre = _estimate_at(population, recruitment, outcome, of, resampling)
    if band is None:
        return centre
    low, high = band
    if not len(recruitment) <= low <= population <= high < np.inf:
        raise Refused(
            "rds.band",
            found=f"{low:g} to {high:g} around {population:g} for a sample of {len(recruitment)}",
            remedy="give a finite band that holds the population and starts at the sample size or above",
        )
    sizes = np.unique(np.append(np.geomspace(low, high, BAND_POINTS), population))
    shares = np.array([outcome.shares(_weights(recruitment, size))[outcome.position(of)] for size in sizes])
    return replace(
        centre,
        interval=_joined(centre, [_estimate_at(n, recruitment, outcome, of, resampling) for n in (low, high)]),
        meaning=band_meaning(None if resampling is None else resampling.level, low, high),
        extra={**centre.extra, "population_band": {"population": sizes, "share": shares}},
    )


def _weights(recruitment: Recruitment, population: float) -> Floats:
    weights: Floats = 1.0 / inclusion_probabilities(recruitment.degree, population)
    return weights


def _estimate_at(
    population: float, recruitment: Recruitment, outcome: Outcome, of: Hashable, resampling: Resampling | None
) -> Estimate:
    weights = _weights(recruitment, population)
    solution = Solution("rds_successive_sampling", outcome.shares(weights), weights, WITHOUT_REPLACEMENT)
    replicates = None
    if resampling is not None and resampling.kind in (None, "successive_sampling"):
        replicates = successive_sampling_replicates(
            recruitment, outcome, population, replicates=resampling.replicates, rng=resampling.rng
        )
    elif resampling is not None and resampling.kind == "tree":
        replicates = weighted_tree_shares(recruitment, outcome, weights, resampling)
    elif resampling is not None:
        raise Refused(
            "rds.bootstrap",
            found=str(resampling.kind),
            remedy='use "successive_sampling" or "tree" with successive sampling',
        )
    estimate = share_estimate(recruitment, outcome, of, solution, resampling, replicates)
    return replace(estimate, extra={**estimate.extra, "population": float(population)})


def _joined(centre: Estimate, ends: list[Estimate]) -> Interval | None:
    if centre.interval is None:
        return None
    intervals = [estimate.interval for estimate in (centre, *ends) if estimate.interval is not None]
    return hull(intervals, f"{centre.interval.method}, union over the band of population sizes")
