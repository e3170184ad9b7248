"""Differential activity: how many people a group knows, relative to the rest of the population."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from migstat.estimation.rds_diagnostics import sample_diagnostics
from migstat.estimation.rds_outcome import outcome_of
from migstat.estimation.rds_recruitment import Floats, Recruitment
from migstat.estimation.rds_resampling import Resampling, ratio_interval
from migstat.estimation.rds_successive_sampling_probabilities import inclusion_probabilities
from migstat.estimation.rds_texts import ACTIVITY_MEANING, DEGREE, KNOWN_POPULATION, RECIPROCITY
from migstat.estimation.rds_tree_bootstrap import tree_replicates
from migstat.estimation.registry import estimator
from migstat.model import Estimate, Refused

ASSUMPTIONS = (RECIPROCITY, DEGREE, KNOWN_POPULATION)


@estimator(
    "rds_differential_activity",
    family="rds",
    reference="Gile and Handcock (2010), Sociological Methodology 40: 285-327; Gile, Johnston and Salganik (2015)",
    assumptions=ASSUMPTIONS,
)
def rds_differential_activity(
    recruitment: Recruitment,
    labels: Sequence[Hashable | None],
    of: Hashable,
    *,
    population: float | None = None,
    resampling: Resampling | None = None,
) -> Estimate:
    """Weighted mean degree of ``of`` over that of everyone else.

    Weights are 1 / degree (RDS-II), or those of successive sampling when ``population`` is given. Interval: tree
    bootstrap, log scale. Raises Refused: ``rds.one_category``, ``rds.category``, ``rds.length``,
    ``rds.population_below_sample``, ``rds.bootstrap``.

    >>> from migstat.estimation.rds_recruitment import recruitment_from_rows
    >>> forest = recruitment_from_rows([-1, 0, 0, 1], [6, 2, 6, 2])
    >>> rds_differential_activity(forest, ["a", "b", "a", "b"], "a").value
    3.0
    """
    outcome = outcome_of(labels, recruitment)
    inside = outcome.codes == outcome.position(of)
    weight = 1.0 / (
        recruitment.degree if population is None else inclusion_probabilities(recruitment.degree, population)
    )
    parts = np.stack([inside, outcome.known & ~inside], axis=1)
    sums = np.where(parts, weight[:, None], 0.0)
    ones = np.ones((1, len(recruitment)))
    value = float(_ratio(ones, sums, recruitment.degree)[0])
    error, interval = None, None
    if resampling is not None:
        if resampling.kind not in (None, "tree"):
            raise Refused("rds.bootstrap", found=str(resampling.kind), remedy='use "tree" for differential activity')
        drawn = tree_replicates(recruitment, replicates=resampling.replicates, rng=resampling.rng).astype(np.float64)
        error, interval = ratio_interval(value, _ratio(drawn, sums, recruitment.degree), level=resampling.level)
    return Estimate(
        estimand=f"differential activity: {of}",
        estimator="rds_differential_activity",
        value=value,
        standard_error=error,
        interval=interval,
        meaning=ACTIVITY_MEANING,
        assumptions=ASSUMPTIONS,
        diagnostics=sample_diagnostics(recruitment, outcome),
        seed=None if resampling is None else resampling.seed,
        extra={"weights": weight},
    )


def _ratio(counts: Floats, weights: Floats, degree: Floats) -> Floats:
    """(samples,) ratio of mean degrees; ``counts`` (samples, n), ``weights`` (n, 2) of the group and the others."""
    with np.errstate(invalid="ignore", divide="ignore"):
        means = (counts @ (weights * degree[:, None])) / (counts @ weights)
        ratio: Floats = means[:, 0] / means[:, 1]
    return ratio
