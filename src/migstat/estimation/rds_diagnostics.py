"""What shows whether a respondent-driven sample forgot its seeds: series to draw, and tests, as plain arrays."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np

from migstat.estimation.rds_outcome import Outcome
from migstat.estimation.rds_recruitment import Floats, Ints, Recruitment
from migstat.model import Diagnostic, Refused, Text

LARGEST_TREE = 0.5
EQUILIBRIUM_TOLERANCE = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """``size`` (m,) respondents so far; ``share`` (m,) the estimate from them, NaN while nobody gave an answer."""

    size: Ints
    share: Floats


def convergence_series(recruitment: Recruitment, outcome: Outcome, of: Hashable, weights: Floats) -> Series:
    """The estimate as the sample grew wave by wave, one point per wave (Gile, Johnston and Salganik 2015, JRSS A 178).

    A line that still climbs or falls at its end has not reached equilibrium. ``weights`` (n,): 1 / degree for RDS-II.

    >>> from migstat.estimation.rds_outcome import outcome_of
    >>> from migstat.estimation.rds_recruitment import recruitment_from_rows
    >>> chain = recruitment_from_rows([-1, 0, 0], [2, 1, 2])
    >>> series = convergence_series(chain, outcome_of(["f", "m", "m"], chain), "f", 1 / chain.degree)
    >>> series.size.tolist(), series.share.tolist()
    ([1, 3], [1.0, 0.25])
    """
    order = np.argsort(recruitment.wave, kind="stable")
    past = np.searchsorted(recruitment.wave[order], np.arange(recruitment.wave.max() + 1), side="right")
    return _cumulative(outcome, of, weights, order, past)


def bottleneck_series(recruitment: Recruitment, outcome: Outcome, of: Hashable, weights: Floats) -> dict[int, Series]:
    """By row of the seed, the estimate from its tree alone as the tree grew, one point per respondent.

    Lines of different seeds that settle at different levels show communities that recruit among themselves.
    """
    lines = {}
    for seed in recruitment.seeds:
        tree = np.flatnonzero(recruitment.seed == seed)
        tree = tree[np.argsort(recruitment.wave[tree], kind="stable")]
        lines[int(seed)] = _cumulative(outcome, of, weights, tree, np.arange(1, len(tree) + 1))
    return lines


def waves_to_equilibrium(recruitment: Recruitment, outcome: Outcome, tolerance: float = EQUILIBRIUM_TOLERANCE) -> int:
    """The wave from which a chain of recruitments has forgotten its seed to within ``tolerance`` (Heckathorn 1997).

    The recruitment matrix is followed from the worst single group until no share is further than ``tolerance`` from
    its limit. Raises Refused ``rds.disconnected_groups``.
    """
    matrix = recruitment_matrix(recruitment, outcome)
    limit = stationary_distribution(matrix)
    reached = np.eye(len(limit))
    for wave in range(10_000):
        if np.abs(reached - limit).max() <= tolerance:
            return wave
        reached = reached @ matrix
    raise Refused(
        "rds.periodic",
        found="recruitment that swings between groups without settling",
        remedy="use RDS-II; no number of waves reaches equilibrium",
    )


def seed_dependence(recruitment: Recruitment, outcome: Outcome) -> float:
    """Cramer's V between tree and category, bias-corrected: 0 trees alike, 1 each tree of one category only.

    Cramer's V with the correction of Bergsma (2013, J. Korean Stat. Soc. 42: 323-328). NaN for a single tree.
    """
    trees, tree = np.unique(recruitment.seed[outcome.known], return_inverse=True)
    groups = len(outcome.categories)
    table = np.zeros((len(trees), groups))
    np.add.at(table, (tree, outcome.codes[outcome.known]), 1.0)
    if len(trees) < 2:
        return math.nan
    total = table.sum()
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / total
    squared = float(((table - expected) ** 2 / expected).sum() / total)
    rows, columns = len(trees), groups
    corrected = max(0.0, squared - (rows - 1) * (columns - 1) / (total - 1))
    rows_left = rows - (rows - 1) ** 2 / (total - 1)
    columns_left = columns - (columns - 1) ** 2 / (total - 1)
    return math.sqrt(corrected / max(min(rows_left, columns_left) - 1, 1e-12))


def recruitment_matrix(recruitment: Recruitment, outcome: Outcome) -> Floats:
    """(groups, groups) share of the recruits of a group (row) that belong to each group (column).

    Raises Refused ``rds.disconnected_groups`` when some group cannot be reached from another by recruitment: no
    equilibrium is then common to all of them.
    """
    counts = recruitment.transitions(outcome.codes, len(outcome.categories))
    reach = np.linalg.matrix_power((counts > 0) + np.eye(len(counts)), len(counts)) > 0
    if not reach.all():
        raise Refused(
            "rds.disconnected_groups",
            found="categories between which recruitment never passed, in one direction or both",
            remedy="merge them, analyse them apart, or use RDS-II or successive sampling, which do not need it",
        )
    matrix: Floats = counts / counts.sum(axis=1, keepdims=True)
    return matrix


def stationary_distribution(matrix: Floats) -> Floats:
    """(groups,) the composition that one more wave of recruitment leaves as it is.

    >>> stationary_distribution(np.array([[0.5, 0.5], [0.25, 0.75]])).round(12).tolist()
    [0.333333333333, 0.666666666667]
    """
    balance = matrix.T - np.eye(len(matrix))
    balance[-1] = 1.0
    target = np.zeros(len(matrix))
    target[-1] = 1.0
    return np.asarray(np.linalg.solve(balance, target), dtype=np.float64)


def sample_diagnostics(recruitment: Recruitment, outcome: Outcome) -> tuple[Diagnostic, ...]:
    """What every estimate from this sample carries: seeds and waves, answers and degrees not known, seed dependence."""
    trees = np.bincount(recruitment.seed, minlength=len(recruitment))
    largest = float(trees.max() / len(recruitment))
    waves = int(recruitment.wave.max())
    return (
        _diagnostic("rds.seeds", "personnes de départ", "الأشخاص الأوائل", "seeds", len(recruitment.seeds)),
        _diagnostic("rds.waves", "vagues de recrutement", "موجات التوزيع", "waves of recruitment", waves, waves < 3),
        _diagnostic(
            "rds.largest_tree",
            "part du plus grand arbre dans l'échantillon",
            "حصة أكبر شجرة من العينة",
            "share of the sample in the largest tree",
            largest,
            len(recruitment.seeds) > 1 and largest > LARGEST_TREE,
        ),
        _diagnostic(
            "rds.seed_dependence",
            "lien entre arbre et catégorie (V de Cramér corrigé)",
            "الارتباط بين الشجرة والفئة (معامل كرامر المصحح)",
            "association of tree and category (corrected Cramer's V)",
            seed_dependence(recruitment, outcome),
        ),
        _diagnostic(
            "rds.unknown_answers",
            "réponses inconnues, laissées de côté",
            "إجابات غير معروفة لم تُحتسب",
            "unknown answers, left out",
            outcome.unknown_count,
            20 * outcome.unknown_count > len(recruitment),
        ),
        _diagnostic(
            "rds.degrees_replaced",
            "tailles de réseau inconnues, remplacées par un nombre choisi",
            "أحجام شبكات غير معروفة عُوضت بعدد مختار",
            "unknown degrees, replaced by a number of the caller's",
            recruitment.degrees_replaced,
            recruitment.degrees_replaced > 0,
        ),
        _diagnostic(
            "rds.more_recruits_than_degree",
            "personnes qui ont recruté plus de monde qu'elles ne disent en connaître",
            "أشخاص جلبوا عددًا أكبر ممن صرحوا بمعرفتهم",
            "people who recruited more others than they say they know",
            over := int((recruitment.recruits > recruitment.degree).sum()),
            over > 0,
        ),
    )


def _diagnostic(name: str, fr: str, ar: str, en: str, value: float, concern: bool | None = None) -> Diagnostic:
    return Diagnostic(name, Text(fr, ar, en), value, concern)


def _cumulative(outcome: Outcome, of: Hashable, weights: Floats, order: Ints, past: Ints) -> Series:
    known = outcome.known[order]
    amounts = np.where(known, weights[order], 0.0)
    inside = np.where(outcome.codes[order] == outcome.position(of), amounts, 0.0)
    total = np.cumsum(amounts)[past - 1]
    with np.errstate(invalid="ignore"):
        share = np.cumsum(inside)[past - 1] / total
    return Series(past.astype(np.int64), share)
