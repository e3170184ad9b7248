"""Homophily: how much more often recruitment stays within a group than it would by chance."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from migstat.estimation.rds_diagnostics import sample_diagnostics
from migstat.estimation.rds_outcome import Outcome, outcome_of
from migstat.estimation.rds_recruitment import Floats, Recruitment
from migstat.estimation.rds_resampling import Resampling, ratio_interval
from migstat.estimation.rds_texts import HOMOPHILY_MEANING, RANDOM_RECRUITMENT, RECIPROCITY
from migstat.estimation.rds_tree_bootstrap import replicate_transitions, tree_replicates
from migstat.estimation.registry import estimator
from migstat.model import Estimate, Refused

ASSUMPTIONS = (RECIPROCITY, RANDOM_RECRUITMENT)


@estimator(
    "rds_homophily",
    family="rds",
    reference="Gile, Johnston and Salganik (2015), JRSS A 178: 241-269; index by group: Heckathorn (2002), equation 8",
    assumptions=ASSUMPTIONS,
)
def rds_homophily(
    recruitment: Recruitment, labels: Sequence[Hashable | None], *, resampling: Resampling | None = None
) -> Estimate:
    """Recruitment homophily: recruitments within groups over those expected if recruiter and recruit were unrelated.

    With C the counts, R and K its row and column sums: sum_g C_gg / (sum_g R_g K_g / sum C). ``extra`` holds the
    counts (groups, groups), Heckathorn's index by group (from -1, never among themselves, through 0 to 1, only among
    themselves; against the RDS-II shares) and the population homophily by group (expected over estimated ties across
    the group's border, weighted by 1/d). Interval: tree bootstrap, log scale.

    Raises Refused: ``rds.one_category``, ``rds.length``, ``rds.no_recruits``, ``rds.bootstrap``.

    >>> from migstat.estimation.rds_recruitment import recruitment_from_rows
    >>> chain = recruitment_from_rows([-1, 0, 1, 2, 3], [2, 2, 2, 2, 2])
    >>> rds_homophily(chain, ["a", "a", "b", "b", "a"]).value
    1.0
    """
    outcome = outcome_of(labels, recruitment)
    groups = len(outcome.categories)
    counts = recruitment.transitions(outcome.codes, groups)
    if counts.sum() == 0:
        raise Refused("rds.no_recruits", found="no recruitment between known answers", remedy="check the recruiters")
    value = float(recruitment_homophily(counts[None])[0])
    error, interval = None, None
    if resampling is not None:
        if resampling.kind not in (None, "tree"):
            raise Refused("rds.bootstrap", found=str(resampling.kind), remedy='use "tree" for homophily')
        drawn = tree_replicates(recruitment, replicates=resampling.replicates, rng=resampling.rng)
        ratios = recruitment_homophily(replicate_transitions(recruitment, outcome.codes, groups, drawn))
        error, interval = ratio_interval(value, ratios, level=resampling.level)
    return Estimate(
        estimand="recruitment homophily",
        estimator="rds_homophily",
        value=value,
        standard_error=error,
        interval=interval,
        meaning=HOMOPHILY_MEANING,
        assumptions=ASSUMPTIONS,
        diagnostics=sample_diagnostics(recruitment, outcome),
        seed=None if resampling is None else resampling.seed,
        extra={
            "categories": outcome.categories,
            "recruitments": counts,
            "heckathorn_index": _heckathorn_index(counts, outcome.shares(1.0 / recruitment.degree)),
            "population_homophily": _population_homophily(recruitment, outcome),
        },
    )


def recruitment_homophily(transitions: Floats) -> Floats:
    """(samples,) the ratio of each (groups, groups) matrix of ``transitions`` (samples, groups, groups)."""
    within = np.trace(transitions, axis1=1, axis2=2)
    expected = (transitions.sum(axis=2) * transitions.sum(axis=1)).sum(axis=1)
    total = transitions.sum(axis=(1, 2))
    ratio: Floats = np.divide(within * total, expected, out=np.full(len(total), np.nan), where=expected > 0)
    return ratio


def _heckathorn_index(counts: Floats, shares: Floats) -> Floats:
    sums = counts.sum(axis=1)
    within = np.divide(np.diag(counts), sums, out=np.full(len(sums), np.nan), where=sums > 0)
    index: Floats = np.where(within >= shares, (within - shares) / (1 - shares), (within - shares) / shares)
    return index


def _population_homophily(recruitment: Recruitment, outcome: Outcome) -> Floats:
    """(groups,) expected over estimated share of ties that cross the border of each group, among recruiters."""
    recruited = np.flatnonzero((recruitment.recruiter >= 0) & outcome.known)
    groups = len(outcome.categories)
    to_group = np.zeros((len(recruitment), groups))
    np.add.at(to_group, (recruitment.recruiter[recruited], outcome.codes[recruited]), 1.0)
    made = to_group.sum(axis=1)
    kept = (made > 0) & outcome.known
    weight, degree = 1.0 / recruitment.degree[kept], recruitment.degree[kept]
    share_to = to_group[kept] / made[kept, None]
    homophily = np.full(groups, np.nan)
    for group in range(groups):
        inside = outcome.codes[kept] == group
        crossing = degree * np.where(inside, 1 - share_to[:, group], share_to[:, group])
        stubs_in = (weight * degree * inside).sum() / weight.sum()
        stubs_out = (weight * degree * ~inside).sum() / weight.sum()
        cross = (weight * crossing).sum() / weight.sum()
        if cross > 0:
            homophily[group] = 2 * stubs_in * stubs_out / (cross * (stubs_in + stubs_out))
    return homophily
