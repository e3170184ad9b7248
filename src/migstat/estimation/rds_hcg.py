"""The homophily configuration graph estimator: recruitment between groups, depleted as the survey goes on."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace

import numpy as np

from migstat.estimation.rds_diagnostics import recruitment_matrix
from migstat.estimation.rds_estimate import Solution, share_estimate
from migstat.estimation.rds_outcome import Outcome, outcome_of
from migstat.estimation.rds_recruitment import SEED, Floats, Recruitment
from migstat.estimation.rds_successive_sampling_probabilities import inclusion_probabilities
from migstat.estimation.rds_texts import HCG_MEANING, WITHOUT_REPLACEMENT
from migstat.estimation.registry import estimator
from migstat.model import Estimate, Refused

MOST_ROUNDS = 100
TOLERANCE = 1e-7


@estimator(
    "rds_hcg",
    family="rds",
    reference="Fellows (2019), Statistics in Medicine 38: 1279-1302, sections 3 and 4",
    assumptions=WITHOUT_REPLACEMENT,
)
def rds_hcg(recruitment: Recruitment, labels: Sequence[Hashable | None], of: Hashable, population: float) -> Estimate:
    """The share of ``of`` from the homophily configuration graph; rows in order of recruitment, no interval.

    Ties leave group g for group h at rates theta_gh and balance: y_g m_g theta_gh = y_h m_h theta_hg, with shares
    y and mean degrees m. A recruiter of g reaches h with odds theta_gh times the part of the degrees of h that is
    not yet sampled. Theta maximises that likelihood, m weighs each group by successive sampling from y N members,
    y follows from balance, in turn until y rests. No bootstrap is offered: use it beside an estimate that has one.

    Raises Refused: ``rds.one_category``, ``rds.category``, ``rds.length``, ``rds.disconnected_groups``,
    ``rds.population_below_sample``, ``rds.hcg_no_rest``.

    >>> from migstat.estimation.rds_recruitment import recruitment_from_rows
    >>> forest = recruitment_from_rows([-1, 0, 0, 1, 1, 2, 2, 3], [3, 2, 4, 2, 3, 2, 4, 2])
    >>> round(rds_hcg(forest, list("abaabbab"), "a", 40).value, 4)
    0.3928
    """
    outcome = outcome_of(labels, recruitment)
    if not population >= len(recruitment):
        raise Refused(
            "rds.population_below_sample",
            found=f"a population of {population:g} and a sample of {len(recruitment)}",
            remedy="give a population at least as large as the sample",
        )
    recruitment_matrix(recruitment, outcome)
    theta = recruitment.transitions(outcome.codes, len(outcome.categories)) + 1.0
    theta /= theta.sum(axis=1, keepdims=True)
    sampled = outcome.sums(recruitment.degree)
    shares = outcome.shares(1.0 / recruitment.degree)
    for _ in range(MOST_ROUNDS):
        weights = _weights_within(recruitment, outcome, shares, population)
        mean = outcome.sums(weights * recruitment.degree) / outcome.sums(weights)
        mean = np.maximum(mean, sampled / (shares * population))
        theta = _most_likely(recruitment, outcome, mean * population, theta)
        before, shares = shares, _balance(theta, mean)
        if np.abs(shares - before).max() < TOLERANCE:
            break
    else:
        raise Refused(
            "rds.hcg_no_rest",
            found=f"shares still moving after {MOST_ROUNDS} rounds",
            remedy="use successive sampling; the population may be too small for these degrees",
        )
    scale = shares / np.where(outcome.sums(weights) > 0, outcome.sums(weights), 1.0)
    weights = np.where(outcome.known, weights * scale[outcome.codes], 0.0)
    solution = Solution("rds_hcg", shares, weights, WITHOUT_REPLACEMENT)
    estimate = share_estimate(recruitment, outcome, of, solution, None, None)
    extra = {**estimate.extra, "recruitment_matrix": theta, "mean_degree": mean, "population": float(population)}
    return replace(estimate, meaning=HCG_MEANING, extra=extra)


def _weights_within(recruitment: Recruitment, outcome: Outcome, shares: Floats, population: float) -> Floats:
    """(n,) 1 / pi of successive sampling within each group, recruits only; 0 for seeds and unknown answers."""
    weights = np.zeros(len(recruitment))
    for group, share in enumerate(shares):
        inside = (outcome.codes == group) & (recruitment.recruiter != SEED)
        size = max(float((outcome.codes == group).sum()), np.ceil(share * population))
        weights[inside] = 1.0 / inclusion_probabilities(recruitment.degree[inside], size)
    return weights


def _balance(theta: Floats, mean: Floats) -> Floats:
    """Shares under which ties from g to h are as many as from h to g (averaged over h when they cannot all be)."""
    ratios = theta * mean[:, None] / (theta.T * mean[None, :])
    shares = 1.0 / ratios.sum(axis=1)
    balanced: Floats = shares / shares.sum()
    return balanced


def _most_likely(recruitment: Recruitment, outcome: Outcome, stubs: Floats, start: Floats) -> Floats:
    """The recruitment rates that make the recruitments, in their order, most likely; ``stubs``: m_g N by group."""
    from scipy.optimize import minimize

    groups = len(outcome.categories)
    member = (outcome.codes[:, None] == np.arange(groups)) * recruitment.degree[:, None]
    used = np.vstack([np.zeros(groups), np.cumsum(member, axis=0)[:-1]])
    row = np.flatnonzero((recruitment.recruiter != SEED) & outcome.known)
    row = row[outcome.codes[recruitment.recruiter[row]] >= 0]
    source, target = outcome.codes[recruitment.recruiter[row]], outcome.codes[row]
    aside = ~np.eye(groups, dtype=bool)
    total = member.sum(axis=0)

    def rates(logs: Floats) -> Floats:
        table = np.zeros((groups, groups))
        table[aside] = logs
        odds = np.exp(table - table.max(axis=1, keepdims=True))
        found: Floats = odds / odds.sum(axis=1, keepdims=True)
        return found

    def loss(logs: Floats) -> float:
        theta = rates(logs)
        ties = _balance(theta, stubs) * stubs
        over = np.maximum(total / ties - 1.0, 0.0).sum()
        if over > 0:
            return float(1e9 * (1.0 + over))
        left = 1.0 - used[row] / ties
        reached = theta[source, target] * left[np.arange(len(row)), target]
        return float(-np.log(reached / (theta[source] * left).sum(axis=1)).sum())

    logs = np.log(start / np.diag(start)[:, None])[aside]
    return rates(
        minimize(loss, logs, method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-10, "maxiter": 20_000}).x
    )
