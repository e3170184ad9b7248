"""The tree bootstrap: seeds, their recruits, the recruits of these, each level drawn again with replacement."""

from __future__ import annotations

import numpy as np
from numba import njit

from migstat.estimation.rds_recruitment import SEED, Floats, Ints, Recruitment
from migstat.model import Refused


def tree_replicates(
    recruitment: Recruitment, *, replicates: int, rng: np.random.Generator, fixed_size: bool = True
) -> Ints:
    """(replicates, n) how often each respondent is in each resampled forest.

    Baraff, McCormick and Raftery (2016, PNAS 113: 14668): a seed is drawn from the seeds, then for everyone drawn as
    many recruits as they had, drawn with replacement among their own. With ``fixed_size`` seeds are added until the
    forest has n respondents, the last tree being cut at its latest waves (at random within the last one kept);
    without it there are as many seeds as in the sample and the size varies, as in the paper.

    Raises Refused ``rds.no_branches`` for a single unbranched chain, of which every replicate is a copy.

    >>> from migstat.estimation.rds_recruitment import recruitment_from_rows
    >>> forest = recruitment_from_rows([-1, 0, 0, -1, 3], [3, 2, 2, 4, 2])
    >>> tree_replicates(forest, replicates=3, rng=np.random.default_rng(1)).sum(axis=1).tolist()
    [5, 5, 5]
    """
    if len(recruitment.seeds) == 1 and recruitment.recruits.max() < 2:
        raise Refused(
            "rds.no_branches",
            found="one seed and nobody who recruited two others: every replicate is the sample itself",
            remedy="use Salganik's bootstrap, or successive sampling with its own",
        )
    recruited = np.flatnonzero(recruitment.recruiter != SEED)
    children = recruited[np.argsort(recruitment.recruiter[recruited], kind="stable")]
    start = np.concatenate(([0], np.cumsum(recruitment.recruits)))
    return _forest_counts(recruitment.seeds, start, children, replicates, fixed_size, rng)


def replicate_transitions(recruitment: Recruitment, codes: Ints, groups: int, counts: Ints) -> Floats:
    """(replicates, groups, groups) recruitments between groups in each resampled forest of ``counts``.

    Whoever is drawn as a recruit is drawn under their own recruiter, so that the count of a recruit is the count of
    the recruitment.
    """
    recruited = np.flatnonzero(recruitment.recruiter != SEED)
    start, end = codes[recruitment.recruiter[recruited]], codes[recruited]
    known = (start >= 0) & (end >= 0)
    pair = np.zeros((len(recruited), groups * groups))
    pair[np.flatnonzero(known), (start * groups + end)[known]] = 1.0
    return (counts[:, recruited] @ pair).reshape(-1, groups, groups)


@njit(cache=True)
def _forest_counts(
    seeds: Ints, start: Ints, children: Ints, replicates: int, fixed_size: bool, rng: np.random.Generator
) -> Ints:
    size = start.shape[0] - 1
    counts = np.zeros((replicates, size), dtype=np.int64)
    current = np.empty(size, dtype=np.int64)
    following = np.empty(size, dtype=np.int64)
    for replicate in range(replicates):
        left, drawn_seeds = size, 0
        while (fixed_size and left > 0) or (not fixed_size and drawn_seeds < seeds.shape[0]):
            current[0] = seeds[int(rng.random() * seeds.shape[0])]
            drawn_seeds += 1
            width = 1
            while width > 0:
                if fixed_size and width > left:
                    for place in range(left):
                        other = place + int(rng.random() * (width - place))
                        current[place], current[other] = current[other], current[place]
                    width = left
                for place in range(width):
                    counts[replicate, current[place]] += 1
                left -= width
                if fixed_size and left == 0:
                    break
                wider = 0
                for place in range(width):
                    wider += start[current[place] + 1] - start[current[place]]
                if wider > following.shape[0]:
                    following = np.empty(2 * wider, dtype=np.int64)
                filled = 0
                for place in range(width):
                    first = start[current[place]]
                    own = start[current[place] + 1] - first
                    for _ in range(own):
                        following[filled] = children[first + int(rng.random() * own)]
                        filled += 1
                current, following = following, current
                width = wider
    return counts
