"""Chao's lower bound: the size from people seen once and twice."""

from __future__ import annotations

import math
from collections.abc import Sequence

from migstat.estimation.mse_assumptions import CLOSED, LINKED, LOWER_BOUND, meaning_of
from migstat.estimation.mse_intervals import refuse_level, size_estimate
from migstat.estimation.mse_tables import CaptureTable
from migstat.estimation.mse_two_lists import TimesSeen, refuse_without_doubles, times_seen
from migstat.estimation.registry import estimator
from migstat.model import Estimate, Text

ASSUMPTIONS = (CLOSED, LINKED, LOWER_BOUND)


@estimator(
    "mse_chao",
    family="mse",
    reference="Chao 1987, Biometrics 43, 783; Rivest and Levesque 2001, Canadian Journal of Statistics 29, 555; Rivest and "
    "Baillargeon 2007, Biometrics 63, 999 (lists that differ)",
    assumptions=ASSUMPTIONS,
)
def mse_chao(
    people: CaptureTable | Sequence[int],
    *,
    occasions: int | None = None,
    corrected: bool = True,
    lists_differ: bool = False,
    level: float = 0.95,
) -> Estimate:
    """Lower bound of the size when people differ in how easily they are seen.

    With r = (t - 1) / t for t occasions (1 without a limit): n + r f1 (f1 - 1) / (2 (f2 + 1)), or, not corrected,
    n + r f1^2 / (2 f2). ``people`` is a table, or how many were seen once, twice, ... on one register.

    Lists of unequal size make that pass the truth, the more of them the surer: it takes every list to reach as many. With
    ``lists_differ`` (a table) it is n + sum over pairs of lists u_i u_j / (f2 + 1), u_i people on list i alone, which is a
    lower bound whatever the lists' sizes, and Chapman's estimate where there are two.

    Raises Refused ``mse.no_doubles`` where nobody was seen once (or twice, not corrected), ``mse.shape``.

    >>> round(mse_chao([1645, 183, 37, 13, 1, 1], corrected=False).value, 1)
    9273.5
    """
    refuse_level(level)
    seen = times_seen(people, occasions)
    refuse_without_doubles(seen, twice=not corrected)
    ratio = 1.0 if seen.occasions is None else (seen.occasions - 1) / seen.occasions
    if lists_differ and isinstance(people, CaptureTable):
        unseen, variance = _of_lists_that_differ(people, seen, corrected)
    else:
        unseen, variance = bias_corrected_unseen(seen.once, seen.twice, ratio) if corrected else _plain(seen, ratio)
    return size_estimate(
        "mse_chao",
        seen.observed,
        seen.observed + unseen,
        math.sqrt(max(variance, 0.0)),
        level=level,
        meaning=_MEANING,
        assumptions=ASSUMPTIONS,
    )


def bias_corrected_unseen(once: float, twice: float, ratio: float) -> tuple[float, float]:
    """Unseen count and variance by Rivest and Levesque 2001, section 4."""
    f1, f2 = float(once), float(twice)
    unseen = ratio * f1 * (f1 - 1) / (2 * (f2 + 1))
    inside = f1**2 + 4 * f1 * f2 + 3 * f1 - 6 * f2 - 6
    return unseen, unseen + ratio**2 * f1 * (f1 - 1) * inside / (4 * (f2 + 1) ** 2 * (f2 + 2))


def _of_lists_that_differ(table: CaptureTable, seen: TimesSeen, corrected: bool) -> tuple[float, float]:
    """Unseen and variance by the delta method, counts of histories taken as Poisson.

    With independent lists u_i = N r q_i and f2 = N r sum_{i<j} q_i q_j, r the chance of no list and q_i the odds of list
    i, so the quotient is N r itself; people who differ in their chances only raise f2 (Cauchy and Schwarz).
    """
    alone = table.counts[[1 << place for place in range(table.n_lists)]]
    pairs = float(alone.sum() ** 2 - (alone**2).sum()) / 2
    twice = float(seen.twice) + (1.0 if corrected else 0.0)
    unseen = pairs / twice
    if pairs <= 0:
        return 0.0, 0.0
    relative = float((alone * (alone.sum() - alone) ** 2).sum()) / pairs**2 + 1 / twice
    return unseen, unseen + unseen**2 * relative


def _plain(seen: TimesSeen, ratio: float) -> tuple[float, float]:
    """Unseen and variance by Chao 1987, equation 7, with the ratio of the occasions."""
    f2, odds = float(seen.twice), seen.once / seen.twice
    return ratio * f2 * odds**2 / 2, f2 * (ratio * odds**2 / 2 + ratio**2 * odds**3 + ratio**2 * odds**4 / 4)


_MEANING = meaning_of(
    Text(
        "Borne inférieure de l'effectif total de la population.",
        "حد أدنى للحجم الكلي للمجتمع.",
        "Lower bound of the total size of the population.",
    ),
    Text(
        "L'intervalle porte sur cette borne : le vrai effectif peut être bien au-dessus.",
        "يخص المجال هذا الحد الأدنى، وقد يكون الحجم الحقيقي أعلى منه بكثير.",
        "The interval is about this bound: the true size may be well above it.",
    ),
    Text(
        "Des doublons non reconnus la gonflent.",
        "وتضخمه الازدواجات غير المكتشفة.",
        "Unrecognised duplicates inflate it.",
    ),
)
