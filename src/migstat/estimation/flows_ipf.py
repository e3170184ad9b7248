"""Tables of any dimension brought to known margins and blocks: raking, and its likelihood, chi-square and
least-squares kin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from migstat.estimation.arrays import EstimateArray, Floats, Integers, choice, finite, normal_quantile
from migstat.estimation.flows_margins import fit_margins
from migstat.estimation.registry import estimator
from migstat.model import Assumption, Diagnostic, Refused, Text


class Distance(StrEnum):
    """What is made smallest: relative entropy (raking), or the criteria of Little and Wu (1991) for a sampled
    seed."""

    ENTROPY = "raking"
    LIKELIHOOD = "ml"
    CHI_SQUARE = "chi2"
    LEAST_SQUARES = "lsq"


# x = s (1 + k eta)^(1/k): the Cressie-Read power of each distance
_POWER = {Distance.LIKELIHOOD: -1.0, Distance.CHI_SQUARE: -2.0, Distance.LEAST_SQUARES: 1.0}


@dataclass(frozen=True, slots=True)
class Margin:
    """Sums that the table must have. ``group`` numbers the sum to which each cell belongs (-1: none), like
    ``totals``."""

    group: Integers
    totals: Floats
    axes: tuple[int, ...] | None = None

    @classmethod
    def over(cls, shape: Sequence[int], axes: Sequence[int], totals: ArrayLike) -> Margin:
        """Sums over all axes but ``axes``: ``totals`` has the shape of these axes, in increasing order."""
        kept = tuple(sorted(axes))
        wanted = tuple(shape[axis] for axis in kept)
        array = np.asarray(totals, dtype=np.float64)
        if array.shape != wanted:
            raise Refused(
                "ipf.margin_shape",
                found=f"totals of shape {array.shape} for axes {kept}",
                remedy=f"give shape {wanted}",
            )
        numbers = np.arange(array.size).reshape(wanted)
        spread = tuple(slice(None) if axis in kept else np.newaxis for axis in range(len(shape)))
        group = np.broadcast_to(numbers[spread], tuple(shape)).ravel().astype(np.int64)
        return cls(group, finite(array.ravel(), "totals"), kept)

    @classmethod
    def blocks(cls, label: ArrayLike, totals: ArrayLike) -> Margin:
        """Sums over blocks: ``label`` has the shape of the table and numbers the block of each cell from 0 (-1:
        none)."""
        group = np.asarray(label)
        sums = finite(totals, "totals")
        if group.dtype.kind not in "iu" or group.min() < -1 or group.max() >= sums.size:
            raise Refused(
                "ipf.blocks", found="block numbers without a total", remedy="number blocks 0 to their count - 1"
            )
        return cls(group.ravel().astype(np.int64), sums)

    def sums(self, cells: Floats) -> Floats:
        used = self.group >= 0
        if used.all():
            return np.bincount(self.group, weights=cells, minlength=self.totals.size).astype(np.float64)
        sums = np.bincount(self.group[used], weights=cells[used], minlength=self.totals.size)
        return sums.astype(np.float64)

    def spread(self, factors: Floats, neutral: float) -> Floats:
        """One factor for each cell; ``neutral`` outside all groups."""
        return np.append(factors, neutral)[self.group]


PATTERN_KEPT = Assumption(
    "pattern_kept",
    Text(
        fr="Les rapports de chances de la table de départ sont ceux de la table cherchée.",
        ar="نسب الأرجحية في الجدول الأولي هي نفسها في الجدول المطلوب.",
        en="The odds ratios of the seed are those of the table sought.",
    ),
    Text(
        fr="Des affinités qui ont changé depuis la table de départ restent dans le résultat.",
        ar="الصلات التي تغيرت منذ الجدول الأولي تبقى في النتيجة.",
        en="Affinities that have changed since the seed stay in the result.",
    ),
)
MARGINS_TRUE = Assumption(
    "margins_true",
    Text(
        fr="Les marges sont justes et de même définition.",
        ar="الهوامش صحيحة وبالتعريف نفسه.",
        en="The margins are right and of one definition.",
    ),
    Text(
        fr="L'erreur d'une marge passe tout entière dans la table.",
        ar="خطأ الهامش ينتقل بكامله إلى الجدول.",
        en="The error of a margin goes into the table whole.",
    ),
)
ASSUMPTIONS = (PATTERN_KEPT, MARGINS_TRUE)
MEANING = Text(
    fr="Table la plus proche de la table de départ parmi celles qui ont les marges données. L'intervalle n'existe "
    "que si la table de départ "
    "est un échantillon ; il porte alors son erreur de tirage, les marges étant tenues pour justes.",
    ar="أقرب جدول إلى الجدول الأولي من بين الجداول التي لها الهوامش المعطاة. لا يوجد مجال إلا إذا كان الجدول الأولي "
    "عينة؛ فيحمل عندئذ خطأ "
    "سحبها مع اعتبار الهوامش صحيحة.",
    en="The table closest to the seed among those with the given margins. There is an interval only where the seed "
    "is a sample; it "
    "then holds the error of drawing it, the margins being taken as right.",
)


@estimator(
    "flows_ipf",
    family="flows",
    reference="Deming and Stephan (1940), Annals of Mathematical Statistics 11, 427-444; Ireland and Kullback "
    "(1968), Biometrika 55; "
    "covariances: Little and Wu (1991), JASA 86, 87-95",
    assumptions=ASSUMPTIONS,
)
def flows_ipf(
    seed: ArrayLike,
    margins: Sequence[Margin],
    *,
    distance: Distance | str = Distance.ENTROPY,
    sample: bool = False,
    labels: tuple[tuple[str, ...], ...] | None = None,
    level: float = 0.95,
) -> EstimateArray:
    """The table of the shape of ``seed`` (any number of axes) with these margins and blocks.

    ``sample``: the seed holds counts of a simple random sample, so that raking has standard errors. Accuracy 1e-12 of
    the total. Raises Refused: ``ipf.negative_seed``, ``ipf.totals``, ``ipf.unattainable``, ``ipf.margin_shape``,
    ``ipf.blocks``.

    >>> seed = np.ones((2, 2))
    >>> margins = [Margin.over((2, 2), [0], [3, 1]), Margin.over((2, 2), [1], [2, 2])]
    >>> flows_ipf(seed, margins).values
    array([[1.5, 1.5],
           [0.5, 0.5]])
    """
    start = finite(seed, "seed", ndim=np.ndim(seed))
    _refuse_margins(start, margins)
    kind = choice(Distance, distance)
    table, rounds = _fit(start, margins, kind)
    miss = max(float(np.abs(margin.sums(table.ravel()) - margin.totals).max()) for margin in margins)
    error = _sampling_error(start, table, margins) if sample and kind is Distance.ENTROPY else None
    z = normal_quantile(level)
    return EstimateArray(
        estimand="flow",
        estimator="flows_ipf",
        values=table,
        standard_errors=error,
        low=None if error is None else np.maximum(table - z * error, 0.0),
        high=None if error is None else table + z * error,
        level=level,
        interval_method="" if error is None else "normal, delta method for a sampled seed",
        meaning=MEANING,
        labels=labels,
        assumptions=ASSUMPTIONS,
        diagnostics=(Diagnostic("largest_margin_miss", _MISS, miss, concern=miss > 1e-6 * max(table.sum(), 1.0)),),
        extra={"iterations": rounds},
    )


def _refuse_margins(seed: Floats, margins: Sequence[Margin]) -> None:
    if (seed < 0).any():
        raise Refused("ipf.negative_seed", found="a negative seed cell", remedy="a seed is a pattern of 0 or more")
    if not margins:
        raise Refused("ipf.no_margin", found="no margin", remedy="give at least one margin")
    wholes = []
    for margin in margins:
        if margin.group.size != seed.size:
            raise Refused("ipf.margin_shape", found="a margin for another table", remedy="make it for the seed's shape")
        if (margin.totals < 0).any():
            raise Refused("ipf.negative_margin", found="a negative margin", remedy="margins are counts of 0 or more")
        if (margin.group >= 0).all():
            wholes.append(float(margin.totals.sum()))
    if wholes and max(wholes) - min(wholes) > 1e-6 * max(wholes):
        raise Refused(
            "ipf.totals",
            found=f"margins that sum to {min(wholes):.6g} and {max(wholes):.6g}",
            remedy="make the totals agree before fitting: scale the less trusted margin",
        )


def _fit(seed: Floats, margins: Sequence[Margin], kind: Distance) -> tuple[Floats, int]:
    if kind is not Distance.ENTROPY:
        return _dual(seed.ravel(), margins, _POWER[kind]).reshape(seed.shape), 0
    if seed.ndim == 2 and [margin.axes for margin in margins] in ([(0,), (1,)], [(1,), (0,)]):
        by_axis = {margin.axes: margin.totals for margin in margins}
        fitted = fit_margins(seed, by_axis[(0,)], by_axis[(1,)])
        return fitted.table, fitted.iterations
    cells, rounds = _rake(seed.ravel().copy(), margins)
    return cells.reshape(seed.shape), rounds


def _rake(cells: Floats, margins: Sequence[Margin]) -> tuple[Floats, int]:
    """Scale to each margin by turns; Newton on the dual every so often, where the table is small enough."""
    whole = max(float(margin.totals.sum()) for margin in margins)
    constraints, attempt, best = sum(margin.totals.size for margin in margins), 40, np.inf
    for taken in range(1, 20_001):
        miss = 0.0
        for margin in margins:
            sums = margin.sums(cells)
            if ((sums <= 0) & (margin.totals > 1e-12 * whole)).any():
                raise _unattainable()
            miss = max(miss, float(np.abs(sums - margin.totals).max()))
            cells = cells * margin.spread(np.divide(margin.totals, sums, out=np.zeros_like(sums), where=sums > 0), 1.0)
        if miss <= 1e-12 * whole:
            return cells, taken
        if taken == attempt:
            attempt *= 4
            if miss > 0.999 * best:
                break
            best = miss
            if constraints <= 1500 and (better := _newton(cells, margins, 0.0, 1e-12 * whole)) is not None:
                return better, taken
    if miss > 1e-9 * whole:
        raise _unattainable()
    return cells, taken


def _dual(seed: Floats, margins: Sequence[Margin], power: float) -> Floats:
    whole = max(float(margin.totals.sum()) for margin in margins)
    level = seed * (whole / float(seed.sum()))
    # scaling the seed leaves the likelihood and chi-square answers and Neyman's unchanged in shape
    fitted = _newton(level, margins, power, 1e-12 * whole)
    if fitted is None or (fitted < 0).any():
        raise _unattainable()
    return fitted


def _newton(start: Floats, margins: Sequence[Margin], power: float, goal: float) -> Floats | None:
    """Solve sums(start (1 + k eta)^(1/k)) = totals for the multipliers behind eta (k = 0: the exponential)."""
    from scipy.sparse import csr_matrix, vstack

    used = np.flatnonzero(start > 0)
    s, rows = start[used], []
    for margin in margins:
        group = margin.group[used]
        inside = group >= 0
        where = (group[inside], np.flatnonzero(inside))
        rows.append(csr_matrix((np.ones(int(inside.sum())), where), shape=(margin.totals.size, used.size)))
    A = vstack(rows).tocsr()
    t = np.concatenate([margin.totals for margin in margins])
    multipliers = np.zeros(t.size)

    def cells(at: Floats) -> tuple[Floats, Floats] | None:
        eta = np.asarray(A.T @ at, dtype=np.float64)
        if power == 0.0:
            x = s * np.exp(np.minimum(eta, 700.0))
            return x, x
        base = 1 + power * eta
        if power != 1.0 and (base <= 0).any():
            return None
        return s * base ** (1 / power), s * base ** (1 / power - 1)

    state = cells(multipliers)
    for _ in range(80):
        if state is None:
            return None
        x, slope = state
        gap = t - A @ x
        size = float(np.abs(gap).max())
        if size <= goal:
            break
        jacobian = csr_matrix(A.multiply(slope)).dot(A.T).toarray()
        move = np.linalg.lstsq(jacobian, gap, rcond=1e-13)[0]
        share, new = 1.0, None
        while share > 1e-7:
            new = cells(multipliers + share * move)
            if new is not None and float(np.abs(t - A @ new[0]).max()) < size:
                break
            share, new = share / 2, None
        if new is None:
            break
        multipliers, state = multipliers + share * move, new
    if state is None or float(np.abs(t - A @ state[0]).max()) > max(goal * 100, 1e-300):
        return None
    table = np.zeros_like(start)
    table[used] = state[0]
    return table


def _sampling_error(seed: Floats, table: Floats, margins: Sequence[Margin]) -> Floats | None:
    """Delta-method standard errors of raked cells; None for tables too large for it (4,000 cells).

    Little and Wu (1991): cov = M diag(1/p) M / n with M = D - D A (A'D A)^- A'D, D = diag(fitted shares), p the
    seed's shares.
    """
    used = np.flatnonzero((seed.ravel() > 0) & (table.ravel() > 0))
    if used.size > 4000:
        return None
    n, whole = float(seed.sum()), float(table.sum())
    p, d = seed.ravel()[used] / n, table.ravel()[used] / whole
    columns = [np.equal.outer(margin.group[used], np.arange(margin.totals.size)) for margin in margins]
    A = np.concatenate(columns, axis=1).astype(np.float64)
    DA = d[:, None] * A
    M = np.diag(d) - DA @ np.linalg.pinv(A.T @ DA, rcond=1e-12, hermitian=True) @ DA.T
    error = np.zeros(table.size)
    error[used] = whole * np.sqrt(np.maximum(np.einsum("ij,j,ij->i", M, 1 / p, M), 0.0) / n)
    return error.reshape(table.shape)


def _unattainable() -> Refused:
    return Refused(
        "ipf.unattainable",
        found="margins that no table with the zeros of the seed can have",
        remedy="check that margins and blocks agree with each other, and put a small value where a zero is not "
        "structural",
    )


_MISS = Text(
    fr="Plus grand écart entre une marge donnée et celle de la table.",
    ar="أكبر فرق بين هامش معطى وهامش الجدول.",
    en="Largest gap between a given margin and that of the table.",
)
