"""Benchmarking: area estimates moved as little as needed to add up to a known total, and their error with them."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from migstat.estimation.arrays import EstimateArray, Floats, choice, finite, normal_quantile
from migstat.estimation.registry import estimator
from migstat.model import Assumption, Diagnostic, Refused, Text

TOTAL_TRUE = Assumption(
    "total_true",
    Text(
        fr="Le total de calage est juste (à son erreur déclarée près) et mesure la même chose que les territoires.",
        ar="المجموع المرجعي صحيح (في حدود خطئه المصرح به) ويقيس الشيء نفسه الذي تقيسه المناطق.",
        en="The benchmark total is right (up to its stated error) and measures the same thing as the areas.",
    ),
    Text(
        fr="Un total d'une autre définition ou d'une autre date décale tous les territoires dans le même sens.",
        ar="مجموع بتعريف آخر أو من تاريخ آخر يزيح كل المناطق في الاتجاه نفسه.",
        en="A total of another definition or date moves all areas the same way.",
    ),
)
TOTAL_APART = Assumption(
    "total_apart",
    Text(
        fr="L'erreur du total est indépendante de celle des territoires.",
        ar="خطأ المجموع مستقل عن أخطاء المناطق.",
        en="The error of the total is independent of the errors of the areas.",
    ),
    Text(
        fr="Si le total vient de la même enquête, l'erreur annoncée est approximative.",
        ar="إذا جاء المجموع من المسح نفسه كان الخطأ المعلن تقريبياً.",
        en="If the total comes from the same survey the stated error is approximate.",
    ),
)
ASSUMPTIONS = (TOTAL_TRUE, TOTAL_APART)
MEANING = Text(
    fr="Valeurs des territoires ajustées pour s'additionner au total connu. L'intervalle tient compte de ce que le "
    "total apprend et "
    "de sa propre erreur. Un total faux déplacerait toutes les valeurs.",
    ar="قيم المناطق معدَّلة ليطابق مجموعها المجموع المعروف. يراعي المجال ما يضيفه المجموع من معرفة وخطأه الخاص. "
    "والمجموع الخاطئ يزيح كل القيم.",
    en="Area values adjusted to add up to the known total. The interval takes in what the total teaches and the "
    "total's own "
    "error. A wrong total would move every value.",
)


class BenchmarkRule(StrEnum):
    """How the gap is shared out: equally, in proportion to the value, or in proportion to the mean squared error."""

    DIFFERENCE = "difference"
    RATIO = "ratio"
    ERROR = "error"
    OPTIMAL = "optimal"


@estimator(
    "benchmarked",
    family="sae",
    reference="Datta, Ghosh, Steorts and Maples (2011), Test 20, 574-588; Bell, Datta and Ghosh (2013), "
    "Biometrika 100, 189-202",
    assumptions=ASSUMPTIONS,
)
def benchmarked(
    estimates: EstimateArray,
    shares: ArrayLike,
    total: float,
    *,
    rule: BenchmarkRule | str = BenchmarkRule.ERROR,
    total_standard_error: float = 0.0,
    error_matrix: ArrayLike | None = None,
) -> EstimateArray:
    """Area estimates moved to b + w (total - s'b), with s = ``shares`` (D,) and s'w = 1.

    ``shares`` are population shares when ``total`` is a mean, ones when it is a sum. The errors are those of the
    moved values: (I - w s') M (I - w s')' + w w' v, with M from ``error_matrix`` (D, D), else from the estimates
    (Fay-Herriot gives its low-rank form), else the squared standard errors on the diagonal. ``optimal`` shares by M
    s, which no rule beats. Raises Refused: ``benchmark.shares``, ``benchmark.rule``, ``benchmark.no_error``.

    >>> from migstat.estimation.sae_fay_herriot import fay_herriot
    >>> blend = fay_herriot([1.0, 2.0, 3.5, 3.0], [0.5, 0.5, 0.5, 0.1], [[1.0]] * 4)
    >>> float(benchmarked(blend, [0.25] * 4, 2.5).values.mean().round(12))
    2.5
    """
    s = finite(shares, "shares")
    if s.shape != estimates.values.shape or (s < 0).any() or s.sum() == 0:
        raise Refused(
            "benchmark.shares", found=f"shares of shape {s.shape}", remedy="give one share of 0 or more for each area"
        )
    if not np.isfinite(total) or not total_standard_error >= 0:
        raise Refused("benchmark.total", found="a total or error that is unknown", remedy="give finite numbers")
    matrix = _Error.of(estimates, error_matrix)
    w = _weights(choice(BenchmarkRule, rule), estimates.values, s, matrix)
    gap = float(total) - float(s @ estimates.values)
    values = estimates.values + w * gap
    spread = float(s @ matrix.times(s))
    mse = matrix.diagonal_of() - 2 * w * matrix.times(s) + w**2 * (spread + total_standard_error**2)
    error, z = np.sqrt(np.maximum(mse, 0.0)), normal_quantile(estimates.level)
    surprise = abs(gap) / np.sqrt(spread + total_standard_error**2) if spread + total_standard_error**2 else np.inf
    return EstimateArray(
        estimand=estimates.estimand,
        estimator="benchmarked",
        values=values,
        standard_errors=error,
        low=values - z * error,
        high=values + z * error,
        level=estimates.level,
        interval_method="normal, error of the benchmarked values",
        meaning=MEANING,
        labels=estimates.labels,
        assumptions=(*estimates.assumptions, *ASSUMPTIONS),
        diagnostics=(
            *estimates.diagnostics,
            Diagnostic("benchmark_surprise", _SURPRISE, float(surprise), concern=bool(surprise > 3 and gap != 0)),
        ),
        seed=estimates.seed,
        extra={"mse": mse, "weights": w, "gap": gap, "before": estimates},
    )


class _Error:
    """M as a full matrix, or as a diagonal plus a factor: what benchmarking needs of it without forming it."""

    def __init__(self, diagonal: Floats, factor: Floats | None = None, full: Floats | None = None) -> None:
        self.diagonal, self.factor, self.full = diagonal, factor, full

    @classmethod
    def of(cls, estimates: EstimateArray, given: ArrayLike | None) -> _Error:
        if given is not None:
            full = finite(given, "error_matrix", ndim=2)
            if full.shape != (estimates.values.size,) * 2:
                raise Refused("benchmark.error_matrix", found=f"shape {full.shape}", remedy="give a row for each area")
            return cls(np.diag(full).copy(), full=full)
        if "mse_factor" in estimates.extra:
            return cls(estimates.extra["mse_diagonal"], factor=estimates.extra["mse_factor"])
        if estimates.standard_errors is None:
            raise Refused("benchmark.no_error", found="estimates without error", remedy="give error_matrix")
        return cls(estimates.standard_errors**2)

    def times(self, s: Floats) -> Floats:
        if self.full is not None:
            product: Floats = self.full @ s
            return product
        own = self.diagonal * s
        return own if self.factor is None else own + self.factor @ (self.factor.T @ s)

    def diagonal_of(self) -> Floats:
        if self.factor is None:
            return self.diagonal
        whole: Floats = self.diagonal + np.einsum("dp,dp->d", self.factor, self.factor)
        return whole


def _weights(rule: BenchmarkRule, values: Floats, s: Floats, matrix: _Error) -> Floats:
    """w with s'w = 1."""
    if rule is BenchmarkRule.DIFFERENCE:
        raw = np.ones_like(s)
    elif rule is BenchmarkRule.RATIO:
        raw = values
    elif rule is BenchmarkRule.ERROR:
        raw = matrix.diagonal_of()
    else:
        raw = matrix.times(s)
    weight = float(s @ raw)
    if weight <= 0 or (rule is BenchmarkRule.RATIO and (values < 0).any()):
        raise Refused(
            "benchmark.rule",
            found=f"the rule {rule.value} has no positive weight here",
            remedy="use the rule 'difference', or 'ratio' for positive values only",
        )
    scaled: Floats = raw / weight
    return scaled


_SURPRISE = Text(
    fr="Écart entre le total connu et la somme des estimations, en erreurs types ; au-delà de 3, l'un des deux est "
    "faux.",
    ar="الفرق بين المجموع المعروف ومجموع التقديرات بعدد الأخطاء المعيارية؛ إذا تجاوز 3 فأحدهما خاطئ.",
    en="Gap between the known total and the sum of the estimates, in standard errors; above 3, one of the two is "
    "wrong.",
)
