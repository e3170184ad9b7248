"""The successive sampling bootstrap: recruitment without replacement from a population rebuilt from the sample."""

from __future__ import annotations

import numpy as np
from numba import njit

from migstat.estimation.rds_outcome import Outcome
from migstat.estimation.rds_recruitment import Floats, Ints, Recruitment
from migstat.estimation.rds_successive_sampling_probabilities import solve_rate
from migstat.model import Refused


def successive_sampling_replicates(
    recruitment: Recruitment, outcome: Outcome, population: float, *, replicates: int, rng: np.random.Generator
) -> Floats:
    """(replicates, categories) shares by successive sampling, estimated anew (weights too) on each resample.

    Gile (2011, JASA 106: 135-146), section 4: a population of ``population`` members is built with the estimated
    number of members of each degree and group, rounded at random so that each expectation is right; ties between
    groups follow the recruitment matrix, made symmetric. Seeds are drawn in proportion to degree; then each recruiter
    in turn passes on as many coupons as a recruiter of the sample did, to a group drawn in proportion to the ties
    that are left, and in it to a member not yet sampled drawn in proportion to degree. Respondents with unknown
    answer keep no place in the resamples.

    Raises Refused ``rds.no_recruits`` when nobody whose answer is known recruited anybody.
    """
    groups = len(outcome.categories)
    codes, degree = outcome.codes[outcome.known], recruitment.degree[outcome.known]
    sizes, place = np.unique(degree, return_inverse=True)
    sampled = np.zeros((groups, len(sizes)))
    np.add.at(sampled, (codes, place), 1.0)
    rate = solve_rate(sizes, sampled.sum(axis=0), population)
    members = sampled / -np.expm1(-sizes * rate)
    given = recruitment.recruits[outcome.known]
    given = given[given > 0]
    if given.size == 0:
        raise Refused(
            "rds.no_recruits", found="nobody with a known answer who recruited", remedy="use the tree bootstrap"
        )
    starts = max(int((recruitment.recruiter[outcome.known] < 0).sum()), 1)
    ties = _ties(recruitment.transitions(outcome.codes, groups), members @ sizes)
    return _resampled_shares(ties, members, sizes, given, starts, len(codes), population, replicates, rng)


def _ties(transitions: Floats, degree_totals: Floats) -> Floats:
    """(groups, groups) ties between groups: the degree of each group shared out as its recruits were, symmetrised."""
    row_sums = transitions.sum(axis=1, keepdims=True)
    proportional = np.broadcast_to(degree_totals / degree_totals.sum(), transitions.shape)
    rates = np.where(row_sums > 0, transitions / np.where(row_sums > 0, row_sums, 1.0), proportional)
    ties = rates * degree_totals[:, None]
    return (ties + ties.T) / 2


@njit(cache=True)
def _resampled_shares(
    ties: Floats,
    members: Floats,
    sizes: Floats,
    given: Ints,
    starts: int,
    length: int,
    population: float,
    replicates: int,
    rng: np.random.Generator,
) -> Floats:
    groups, classes = members.shape
    shares = np.zeros((replicates, groups))
    mass = np.empty((groups, classes))
    total = np.empty(groups)
    chosen = np.empty(length, dtype=np.int64)
    sampled = np.empty((groups, classes))
    odds = np.empty(groups)
    for replicate in range(replicates):
        _round_at_random(members, sizes, mass, total, rng)
        first_total = total.copy()
        sampled[:] = 0.0
        active, coupons = 0, 0
        for step in range(length):
            if step < starts:
                group = _draw(total, rng)
            else:
                if coupons == 0:
                    if step > starts:
                        active += 1
                    coupons = given[int(rng.random() * given.shape[0])]
                coupons -= 1
                left = 0.0
                for g in range(groups):
                    odds[g] = ties[chosen[active], g] * total[g] / first_total[g] if first_total[g] > 0 else 0.0
                    left += odds[g]
                group = _draw(odds, rng) if left > 0 else _draw(total, rng)
            member = _draw(mass[group], rng)
            chosen[step] = group
            sampled[group, member] += 1.0
            mass[group, member] = max(mass[group, member] - sizes[member], 0.0)
            total[group] = max(total[group] - sizes[member], 0.0)
            if mass[group].max() == 0.0:
                total[group] = 0.0
        by_size = np.zeros(classes)
        for g in range(groups):
            by_size += sampled[g]
        rate = solve_rate(sizes, by_size, population)
        for g in range(groups):
            for k in range(classes):
                shares[replicate, g] += sampled[g, k] / -np.expm1(-sizes[k] * rate)
        shares[replicate] /= shares[replicate].sum()
    return shares


@njit(cache=True)
def _round_at_random(members: Floats, sizes: Floats, mass: Floats, total: Floats, rng: np.random.Generator) -> None:
    """Whole numbers of members with the right expectation and sum (systematic), as degree mass by group and size."""
    reached, before = 0.0, 0.0
    shift = rng.random()
    total[:] = 0.0
    for g in range(members.shape[0]):
        for k in range(members.shape[1]):
            reached += members[g, k]
            now = np.floor(reached + shift)
            mass[g, k] = (now - before) * sizes[k]
            total[g] += mass[g, k]
            before = now


@njit(cache=True)
def _draw(weights: Floats, rng: np.random.Generator) -> int:
    target = rng.random() * weights.sum()
    reached = 0.0
    last = 0
    for place in range(weights.shape[0]):
        if weights[place] > 0:
            last = place
            reached += weights[place]
            if target < reached:
                return place
    return last
