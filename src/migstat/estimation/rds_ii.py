"""RDS-II (Volz-Heckathorn): everyone weighted by the inverse of the number of people they know."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from migstat.estimation.rds_estimate import Solution, share_estimate
from migstat.estimation.rds_outcome import Outcome, outcome_of
from migstat.estimation.rds_recruitment import Floats, Recruitment
from migstat.estimation.rds_resampling import Resampling
from migstat.estimation.rds_salganik_bootstrap import salganik_replicates
from migstat.estimation.rds_texts import MARKOV
from migstat.estimation.rds_tree_bootstrap import tree_replicates
from migstat.estimation.registry import estimator
from migstat.model import Estimate, Refused


@estimator(
    "rds_ii",
    family="rds",
    reference="Volz and Heckathorn (2008), Journal of Official Statistics 24: 79-97, equation 7",
    assumptions=MARKOV,
)
def rds_ii(
    recruitment: Recruitment,
    labels: Sequence[Hashable | None],
    of: Hashable,
    *,
    resampling: Resampling | None = None,
) -> Estimate:
    """The share of the category ``of`` among ``labels`` (None: not known): sum of 1/d in it over the sum of all 1/d.

    Bootstraps: "salganik" (default) or "tree". Raises Refused: ``rds.one_category``, ``rds.category``,
    ``rds.length``, ``rds.bootstrap`` for another bootstrap, ``rds.no_recruits`` (Salganik's).

    >>> from migstat.estimation.rds_recruitment import recruitment_from_rows
    >>> forest = recruitment_from_rows([-1, 0, 0, 1], [1, 2, 4, 4])
    >>> rds_ii(forest, ["a", "b", "a", "b"], "a").value
    0.625
    """
    outcome = outcome_of(labels, recruitment)
    weights = 1.0 / recruitment.degree
    replicates = None
    if resampling is not None and resampling.kind in (None, "salganik"):
        replicates = salganik_replicates(recruitment, outcome, replicates=resampling.replicates, rng=resampling.rng)
    elif resampling is not None and resampling.kind == "tree":
        replicates = weighted_tree_shares(recruitment, outcome, weights, resampling)
    elif resampling is not None:
        raise Refused("rds.bootstrap", found=str(resampling.kind), remedy='use "tree" or "salganik" with RDS-II')
    solution = Solution("rds_ii", outcome.shares(weights), weights, MARKOV)
    return share_estimate(recruitment, outcome, of, solution, resampling, replicates)


def weighted_tree_shares(recruitment: Recruitment, outcome: Outcome, weights: Floats, resampling: Resampling) -> Floats:
    """(replicates, categories) shares of fixed weights in forests drawn by the tree bootstrap."""
    counts = tree_replicates(recruitment, replicates=resampling.replicates, rng=resampling.rng)
    member = outcome.codes[:, None] == np.arange(len(outcome.categories))
    sums = counts @ np.where(member, weights[:, None], 0.0)
    with np.errstate(invalid="ignore"):
        shares: Floats = sums / sums.sum(axis=1, keepdims=True)
    return shares
