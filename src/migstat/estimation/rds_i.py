"""RDS-I: shares from the recruitment matrix and the average degree of each group."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace

import numpy as np

from migstat.estimation.rds_diagnostics import recruitment_matrix, stationary_distribution
from migstat.estimation.rds_estimate import Solution, share_estimate
from migstat.estimation.rds_outcome import Outcome, outcome_of
from migstat.estimation.rds_recruitment import Floats, Recruitment
from migstat.estimation.rds_resampling import Resampling
from migstat.estimation.rds_salganik_bootstrap import salganik_replicates
from migstat.estimation.rds_texts import MARKOV
from migstat.estimation.rds_tree_bootstrap import replicate_transitions, tree_replicates
from migstat.estimation.registry import estimator
from migstat.model import Estimate, Refused

NULL = 1e-9


@estimator(
    "rds_i",
    family="rds",
    reference="Salganik and Heckathorn (2004), Sociological Methodology 34: 193-239; smoothing: Heckathorn (2002)",
    assumptions=MARKOV,
)
def rds_i(
    recruitment: Recruitment,
    labels: Sequence[Hashable | None],
    of: Hashable,
    *,
    smoothed: bool = False,
    resampling: Resampling | None = None,
) -> Estimate:
    """The share of the category ``of`` among ``labels`` (None: not known), from who recruits whom.

    With S the recruitment matrix, q its stationary distribution and h_g the harmonic mean degree of group g, the
    share of g is (q_g / h_g) / sum_k (q_k / h_k). ``smoothed`` replaces S by the matrix of flows q_g S_gh averaged
    with its transpose (Heckathorn's data smoothing); it makes flows balance and leaves q, hence the shares, as they
    are. Bootstraps: "salganik" (default) or "tree". ``extra`` holds the matrix, the equilibrium and mean degrees.

    Raises Refused: ``rds.one_category``, ``rds.category``, ``rds.length``, ``rds.disconnected_groups``,
    ``rds.bootstrap`` for another bootstrap, ``rds.replicates_failed``.

    >>> from migstat.estimation.rds_recruitment import recruitment_from_rows
    >>> chain = recruitment_from_rows([-1, 0, 1, 2, 3, 4], [2, 4, 2, 2, 4, 4])
    >>> round(rds_i(chain, ["a", "b", "a", "a", "b", "b"], "a").value, 4)
    0.6
    """
    outcome = outcome_of(labels, recruitment)
    matrix = recruitment_matrix(recruitment, outcome)
    equilibrium = stationary_distribution(matrix)
    if smoothed:
        flows = equilibrium[:, None] * matrix
        flows = (flows + flows.T) / 2
        matrix = flows / flows.sum(axis=1, keepdims=True)
    counts = outcome.sums(np.ones(len(recruitment)))
    mean_degree = counts / outcome.sums(1.0 / recruitment.degree)
    shares = equilibrium / mean_degree
    shares = shares / shares.sum()
    weights = np.where(outcome.known, (shares / counts)[outcome.codes], 0.0)
    estimate = share_estimate(
        recruitment,
        outcome,
        of,
        Solution("rds_i", shares, weights, MARKOV),
        resampling,
        None if resampling is None else _replicates(recruitment, outcome, resampling),
    )
    return replace(
        estimate,
        extra={
            **estimate.extra,
            "recruitment_matrix": matrix,
            "equilibrium": equilibrium,
            "mean_degree": mean_degree,
        },
    )


def _replicates(recruitment: Recruitment, outcome: Outcome, resampling: Resampling) -> Floats:
    if resampling.kind in (None, "salganik"):
        return salganik_replicates(recruitment, outcome, replicates=resampling.replicates, rng=resampling.rng)
    if resampling.kind != "tree":
        raise Refused("rds.bootstrap", found=str(resampling.kind), remedy='use "tree" or "salganik" with RDS-I')
    counts = tree_replicates(recruitment, replicates=resampling.replicates, rng=resampling.rng)
    groups = len(outcome.categories)
    member = (outcome.codes[:, None] == np.arange(groups)).astype(np.float64)
    per_size = counts @ (member / recruitment.degree[:, None])
    present = counts @ member
    return rds_i_shares(replicate_transitions(recruitment, outcome.codes, groups, counts), present, per_size)


def rds_i_shares(transitions: Floats, present: Floats, inverse_degrees: Floats) -> Floats:
    """(replicates, groups) RDS-I shares of many samples at once; NaN where no single equilibrium exists.

    ``transitions`` (replicates, groups, groups); ``present`` and ``inverse_degrees`` (replicates, groups): members
    of each group and the sum of their 1 / degree. A group absent from a replicate has share 0 there.
    """
    sums = transitions.sum(axis=2, keepdims=True)
    matrices = np.divide(transitions, sums, out=np.zeros_like(transitions), where=sums > 0)
    _, singular, right = np.linalg.svd(np.swapaxes(matrices, 1, 2) - np.eye(transitions.shape[1]))
    equilibrium = np.abs(right[:, -1, :])
    equilibrium /= equilibrium.sum(axis=1, keepdims=True)
    harmonic = np.divide(inverse_degrees, present, out=np.zeros_like(present), where=present > 0)
    shares: Floats = equilibrium * harmonic
    shares /= shares.sum(axis=1, keepdims=True)
    shares[(singular[:, -1] > NULL) | (singular[:, -2] <= NULL)] = np.nan
    return shares
