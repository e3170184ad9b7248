"""The pseudo-Bayesian mixture: minimum migration and free migration, weighted by what known flows say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from migstat.estimation.arrays import EstimateArray, Floats, normal_quantile
from migstat.estimation.flows_accounting import (
    BIRTHS_DEATHS_RIGHT,
    AccountingRules,
    Stayers,
    account,
    origin_destination,
)
from migstat.estimation.flows_tables import STOCKS_COMPARABLE, counts_by_place, flow_estimates, square, stocks
from migstat.estimation.registry import estimator
from migstat.model import Assumption, Estimate, Interval, Refused, Text

BETWEEN_EXTREMES = Assumption(
    "between_extremes",
    Text(
        fr="Le vrai flux est, partout dans la même proportion, entre le minimum et la migration libre.",
        ar="التدفق الحقيقي يقع، بالنسبة نفسها في كل مكان، بين الحد الأدنى والهجرة الحرة.",
        en="The true flow lies, in the same proportion everywhere, between the minimum and free migration.",
    ),
    Text(
        fr="Un poids réglé sur l'Europe peut être très faux ailleurs ; sans flux connus, donnez-lui une large erreur.",
        ar="وزن ضُبط على أوروبا قد يخطئ كثيراً في غيرها؛ وإذا لم تتوفر تدفقات معروفة فأعطه خطأ واسعاً.",
        en="A weight set on Europe can be far wrong elsewhere; where no flows are known give it a wide error.",
    ),
)
ASSUMPTIONS = (STOCKS_COMPARABLE, BIRTHS_DEATHS_RIGHT, BETWEEN_EXTREMES)
MEANING = Text(
    fr="Mélange du plus petit nombre de migrations compatible avec les stocks et de la migration libre. L'intervalle "
    "ne porte que l'erreur "
    "du poids du mélange ; celle des stocks s'y ajoute avec flows_with_uncertainty.",
    ar="مزيج بين أقل عدد من الهجرات يتفق مع الأرصدة وبين الهجرة الحرة. لا يحمل المجال إلا خطأ وزن المزيج؛ أما خطأ "
    "الأرصدة فتضيفه "
    "الدالة flows_with_uncertainty.",
    en="A mixture of the smallest number of migrations that fits the stocks and of free migration. The interval "
    "holds the error of "
    "the mixing weight alone; that of the stocks is added by flows_with_uncertainty.",
)


@dataclass(frozen=True, slots=True)
class MixtureWeight:
    """Weight of minimum migration, 0 to 1, and its standard error."""

    value: float
    standard_error: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.value <= 1 or not self.standard_error >= 0:
            raise Refused("flows.weight", found=repr(self.value), remedy="give a weight between 0 and 1 and its error")


def both_extremes(
    stock_start: ArrayLike,
    stock_end: ArrayLike,
    births: ArrayLike | None,
    deaths: ArrayLike | None,
    rules: AccountingRules | None = None,
) -> tuple[Floats, Floats]:
    """Minimum and free migration (origin, destination) from the same accounts."""
    first, last = stocks(stock_start, stock_end)
    born, died = (
        counts_by_place(births, "births", first.shape[0]),
        counts_by_place(deaths, "deaths", first.shape[0]),
    )
    chosen = replace(rules or AccountingRules(), stayers=Stayers.MOST)
    accounts, _ = account(first, last, born, died, chosen)
    return origin_destination(accounts), origin_destination(replace(accounts, stayers=Stayers.FREE))


@estimator(
    "flows_pseudo_bayes",
    family="flows",
    reference="Azose and Raftery (2019), PNAS 116, 116-122; Abel and Cohen (2019), Scientific Data 6:82",
    assumptions=ASSUMPTIONS,
)
def flows_pseudo_bayes(
    stock_start: ArrayLike,
    stock_end: ArrayLike,
    births: ArrayLike | None = None,
    deaths: ArrayLike | None = None,
    *,
    weight: MixtureWeight,
    rules: AccountingRules | None = None,
    places: Sequence[str] | None = None,
    level: float = 0.95,
) -> EstimateArray:
    """weight * minimum + (1 - weight) * free migration, in persons over the period.

    Estimate the weight from flows that are known with ``mixture_weight``. Raises Refused: ``flows.weight`` and those
    of ``flows_accounting``.

    >>> flows_pseudo_bayes([[8, 2], [2, 8]], [[6, 4], [4, 6]], weight=MixtureWeight(0.5)).values
    array([[0. , 3.2],
           [3.2, 0. ]])
    """
    least, free = both_extremes(stock_start, stock_end, births, deaths, rules)
    values = weight.value * least + (1 - weight.value) * free
    error, z = np.abs(least - free) * weight.standard_error, normal_quantile(level)
    labels = flow_estimates("flows_pseudo_bayes", values, MEANING, places=places, assumptions=()).labels
    return EstimateArray(
        estimand="flow",
        estimator="flows_pseudo_bayes",
        values=values,
        standard_errors=error,
        low=np.maximum(np.minimum(least, free), values - z * error),
        high=np.minimum(np.maximum(least, free), values + z * error),
        level=level,
        interval_method="normal, error of the weight, kept between the extremes",
        meaning=MEANING,
        labels=labels,
        assumptions=ASSUMPTIONS,
        extra={"minimum": least, "free": free, "weight": weight.value},
    )


def mixture_weight(minimum: ArrayLike, free: ArrayLike, observed: ArrayLike, known: ArrayLike) -> Estimate:
    """Weight of minimum migration from the flows that are known: ``known`` (n, n) is True where ``observed`` is to be
    used.

    Weighted least squares of observed - free on minimum - free, with variances proportional to free migration, and a
    standard error from the scatter. Raises Refused: ``flows.known`` for fewer than three known flows or flows that do
    not tell the extremes apart.
    """
    least, most, seen = square(minimum, "minimum"), square(free, "free"), np.asarray(known, dtype=bool)
    use = seen & ~np.eye(least.shape[0], dtype=bool) & (most > 0)
    x, y = (least - most)[use], (np.asarray(observed, dtype=np.float64) - most)[use]
    if x.size < 3 or not np.isfinite(y).all() or not np.abs(x).sum() > 0:
        raise Refused("flows.known", found=f"{x.size} usable known flows", remedy="give at least three that differ")
    w = 1 / most[use]
    raw = float(w @ (x * y) / (w @ x**2))
    scatter = float(w @ (y - raw * x) ** 2) / (x.size - 1)
    error = float(np.sqrt(scatter / (w @ x**2)))
    value = min(max(raw, 0.0), 1.0)
    low, high = (min(max(raw + sign * normal_quantile(0.95) * error, 0.0), 1.0) for sign in (-1, 1))
    return Estimate(
        estimand="weight of minimum migration",
        estimator="flows_pseudo_bayes",
        value=value,
        standard_error=error,
        interval=Interval(low, high, 0.95, "normal, kept in 0 to 1"),
        meaning=_WEIGHT_MEANING,
        assumptions=ASSUMPTIONS,
        effective_size=float(x.size),
    )


_WEIGHT_MEANING = Text(
    fr="Poids de la migration minimale qui accorde le mieux le mélange aux flux connus. Il ne vaut que pour des "
    "lieux semblables à ceux-là.",
    ar="وزن الهجرة الدنيا الذي يوفق أكثر بين المزيج والتدفقات المعروفة. ولا يصلح إلا لأماكن شبيهة بها.",
    en="Weight of minimum migration that fits the mixture best to the flows known. It holds only for places like "
    "those.",
)
