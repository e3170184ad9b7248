"""Net migration of cohorts by survival ratios: who should still be there, and who is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from migstat.estimation.arrays import EstimateArray, Floats, choice, finite, label_axis, normal_quantile, same_length
from migstat.estimation.registry import estimator
from migstat.model import Assumption, Diagnostic, Refused, Text

SURVIVAL_SHARED = Assumption(
    "survival_shared",
    Text(
        fr="Migrants et habitants ont survécu selon les rapports de survie donnés.",
        ar="نجا المهاجرون والسكان وفق نسب البقاء المعطاة.",
        en="Migrants and residents survived by the given ratios.",
    ),
    Text(
        fr="Une mortalité plus faible que supposée apparaît comme une immigration, surtout aux âges élevés.",
        ar="الوفيات الأقل مما افتُرض تظهر هجرة وافدة، ولا سيما في الأعمار الكبيرة.",
        en="Mortality lower than supposed appears as immigration, above all at high ages.",
    ),
)
SAME_COVERAGE = Assumption(
    "same_coverage",
    Text(
        fr="Les deux recensements couvrent aussi bien chaque cohorte.",
        ar="يغطي التعدادان كل فوج بالدرجة نفسها.",
        en="Both censuses cover each cohort equally well.",
    ),
    Text(
        fr="Un recensement qui omet 3 % de jeunes adultes invente un solde de cette taille.",
        ar="التعداد الذي يُغفل 3 % من الشباب يختلق صافياً بهذا الحجم.",
        en="A census that misses 3 % of young adults makes up a net figure of that size.",
    ),
)
ASSUMPTIONS = (SURVIVAL_SHARED, SAME_COVERAGE)
MEANING = Text(
    fr="Arrivées moins départs de la cohorte entre les deux recensements. L'intervalle porte les erreurs données des "
    "recensements et des "
    "rapports de survie ; une couverture inégale entre recensements le romprait.",
    ar="الوافدون ناقص المغادرين في الفوج بين التعدادين. يحمل المجال أخطاء التعدادين ونسب البقاء المعطاة؛ والتغطية "
    "غير المتساوية بينهما تنقضه.",
    en="Arrivals less departures of the cohort between the two censuses. The interval holds the given errors of the "
    "censuses and the "
    "survival ratios; unequal coverage of the censuses would break it.",
)


class Direction(StrEnum):
    """Migration at the end of the period (forward), at its start (reverse), or spread over it (average)."""

    FORWARD = "forward"
    REVERSE = "reverse"
    AVERAGE = "average"


@dataclass(frozen=True, slots=True)
class CohortErrors:
    """Standard errors, (K,) each or one number for all: of the two populations and of the survival ratios."""

    start: ArrayLike = 0.0
    end: ArrayLike = 0.0
    ratio: ArrayLike = 0.0


@estimator(
    "net_survival_ratio",
    family="flows",
    reference="United Nations (1970), Manual VI: Methods of Measuring Internal Migration, chapter II B; "
    "Bogue, Hinze and White "
    "(1982), Techniques of Estimating Net Migration",
    assumptions=ASSUMPTIONS,
)
def net_survival_ratio(
    population_start: ArrayLike,
    population_end: ArrayLike,
    ratio: ArrayLike,
    *,
    direction: Direction | str = Direction.AVERAGE,
    errors: CohortErrors | None = None,
    cohorts: Sequence[str] | None = None,
    level: float = 0.95,
) -> EstimateArray:
    """Net migration of K cohorts, in persons over the period; all arrays (K,), aligned on the cohort (not on the
    age).

    ``ratio`` is the share that survives, from a life table or a whole census. ``extra`` has all three directions.
    Raises Refused: ``net.ratio``, ``net.negative``, ``input.*``.

    >>> net_survival_ratio([1000.0], [950.0], [0.9], direction="forward").values
    array([50.])
    """
    p0, p1, s = (
        finite(population_start, "population_start"),
        finite(population_end, "population_end"),
        finite(ratio, "ratio"),
    )
    same_length(population_start=p0, population_end=p1, ratio=s)
    if (p0 < 0).any() or (p1 < 0).any():
        raise Refused("net.negative", found="negative populations", remedy="give head counts")
    if (s <= 0).any():
        raise Refused(
            "net.ratio", found="a survival ratio of 0 or less", remedy="give the share that survives, such as 0.95"
        )
    forward, reverse = p1 - s * p0, p1 / s - p0
    by_direction = {"forward": forward, "reverse": reverse, "average": 0.5 * (forward + reverse)}
    kind = choice(Direction, direction)
    values = by_direction[kind.value]
    error = None if errors is None else _error(p0, p1, s, kind, errors)
    z, names = normal_quantile(level), label_axis(cohorts, s.size)
    over = int((s > 1).sum())
    return EstimateArray(
        estimand="net migration",
        estimator="net_survival_ratio",
        values=values,
        standard_errors=error,
        low=None if error is None else values - z * error,
        high=None if error is None else values + z * error,
        level=level,
        interval_method="" if error is None else "normal, delta method",
        meaning=MEANING,
        labels=None if names is None else (names,),
        assumptions=ASSUMPTIONS,
        diagnostics=(Diagnostic("ratios_over_one", _OVER, over, concern=over > 0),),
        extra={**by_direction, "survivors": s * p0, "population_end": p1},
    )


def _error(p0: Floats, p1: Floats, s: Floats, kind: Direction, errors: CohortErrors) -> Floats:
    slopes = {
        Direction.FORWARD: (-s, np.ones_like(s), -p0),
        Direction.REVERSE: (-np.ones_like(s), 1 / s, -p1 / s**2),
        Direction.AVERAGE: (-0.5 * (s + 1), 0.5 * (1 + 1 / s), -0.5 * (p0 + p1 / s**2)),
    }[kind]
    given = [
        np.broadcast_to(np.asarray(one, dtype=np.float64), s.shape) for one in (errors.start, errors.end, errors.ratio)
    ]
    if any((one < 0).any() or not np.isfinite(one).all() for one in given):
        raise Refused("net.errors", found="a standard error that is negative or unknown", remedy="give 0 or more")
    total: Floats = np.sqrt(
        sum(((slope * one) ** 2 for slope, one in zip(slopes, given, strict=True)), np.zeros_like(s))
    )
    return total


@dataclass(frozen=True, slots=True)
class Mothers:
    """For one age group of children: positions of the mothers' cohorts, and the share of the period they could give
    birth in."""

    cohorts: tuple[int, ...]
    exposure: float


def net_of_children(result: EstimateArray, children: ArrayLike, mothers: Sequence[Mothers]) -> Floats:
    """Net migration of children born in the period: children per mother, times net mothers, times exposure; (C,).

    ``children`` (C,) are their numbers at the end. United Nations (1970), Manual VI. Raises Refused
    (``net.mothers``).

    >>> adults = net_survival_ratio([100.0, 80.0], [110.0, 90.0], [1.0, 1.0])
    >>> net_of_children(adults, [50.0], [Mothers((0, 1), 0.25)])
    array([1.25])
    """
    young = finite(children, "children")
    if young.size != len(mothers):
        raise Refused("net.mothers", found=f"{len(mothers)} for {young.size} age groups", remedy="give one for each")
    found = []
    for number, group in zip(young, mothers, strict=True):
        rows = [result.position(one)[0] for one in group.cohorts]
        women = float(result.extra["population_end"][rows].sum())
        if women <= 0 or not 0 <= group.exposure <= 1:
            raise Refused("net.mothers", found="no mothers, or an exposure outside 0 to 1", remedy="check the cohorts")
        found.append(group.exposure * number / women * float(result.values[rows].sum()))
    return np.array(found)


_OVER = Text(
    fr="Rapports de survie supérieurs à 1 : ils contiennent une différence de couverture entre recensements.",
    ar="نسب بقاء أكبر من 1: تتضمن فرقاً في التغطية بين التعدادين.",
    en="Survival ratios above 1: they hold a difference of coverage between censuses.",
)
