"""Salganik's bootstrap: one long chain of recruitments, drawn from the recruitment matrix of the sample."""

from __future__ import annotations

import numpy as np
from numba import njit

from migstat.estimation.rds_outcome import Outcome
from migstat.estimation.rds_recruitment import Floats, Ints, Recruitment
from migstat.model import Refused


def salganik_replicates(
    recruitment: Recruitment,
    outcome: Outcome,
    *,
    replicates: int,
    rng: np.random.Generator,
    draw_by_degree: bool = False,
) -> Floats:
    """(replicates, categories) shares, estimated anew on each resampled chain; columns are ``outcome.categories``.

    Salganik (2006, Journal of Urban Health 83: i98-i112): the first respondent is drawn from the sample; each next
    one belongs to group h with the probability that a recruit of the current group did in the sample, and is drawn
    with replacement from the respondents of h; a replicate is as long as the sample.

    On a chain closed to a ring every group is left as often as it is entered. The stationary distribution of its
    recruitment matrix is therefore its own composition, and RDS-I equals RDS-II: one set of replicates serves both.

    Two faults of the R package RDS 0.9-10 are not repeated. It estimates with codes in order of appearance and reads
    the recruitment matrix in alphabetical order; here a group keeps one code from the first line to the last. And
    it draws the respondents of a group in proportion to degree, although the sample already holds them so:
    ``draw_by_degree`` does the same, for comparison only (its replicates are centred on another share).

    Raises Refused ``rds.no_recruits`` when a group recruited nobody whose answer is known.
    """
    groups = len(outcome.categories)
    counts = recruitment.transitions(outcome.codes, groups)
    row_sums = counts.sum(axis=1, keepdims=True)
    if (row_sums == 0).any():
        raise Refused(
            "rds.no_recruits",
            found=f"{int((row_sums == 0).sum())} of {groups} categories that recruited nobody",
            remedy="merge them with a neighbouring category, or use the tree bootstrap",
        )
    order = np.flatnonzero(outcome.known)
    order = order[np.argsort(outcome.codes[order], kind="stable")]
    start = np.searchsorted(outcome.codes[order], np.arange(groups + 1))
    degree = recruitment.degree[order]
    odds = np.cumsum(degree if draw_by_degree else np.ones(len(order)))
    weights = _chain_weights(np.cumsum(counts / row_sums, axis=1), start, odds, 1.0 / degree, replicates, rng)
    shares: Floats = weights / weights.sum(axis=1, keepdims=True)
    return shares


@njit(cache=True)
def _chain_weights(
    cumulative: Floats, start: Ints, odds: Floats, weight: Floats, replicates: int, rng: np.random.Generator
) -> Floats:
    """``odds`` are cumulative over members sorted by group; uniform ones need no search."""
    groups, length = cumulative.shape[0], weight.shape[0]
    uniform = odds[-1] == length
    weights = np.zeros((replicates, groups))
    for replicate in range(replicates):
        member = int(rng.random() * length)
        group = 0
        while start[group + 1] <= member:
            group += 1
        weights[replicate, group] += weight[member]
        for _ in range(length - 1):
            draw = rng.random()
            following = 0
            while following < groups - 1 and cumulative[group, following] <= draw:
                following += 1
            group = following
            first, past = start[group], start[group + 1]
            if uniform:
                member = first + int(rng.random() * (past - first))
            else:
                below = odds[first - 1] if first > 0 else 0.0
                target = below + rng.random() * (odds[past - 1] - below)
                member = min(np.searchsorted(odds, target, side="right"), past - 1)
            weights[replicate, group] += weight[member]
    return weights
