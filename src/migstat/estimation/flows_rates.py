"""Flows from rates: a known total shared out by stocks, or the growth matrix that turns one stock table into the next."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from migstat.estimation.arrays import EstimateArray, normal_quantile
from migstat.estimation.flows_tables import STOCKS_COMPARABLE, flow_estimates, square, stocks, without_diagonal
from migstat.estimation.registry import estimator
from migstat.model import Assumption, Diagnostic, Refused, Text

STOCKS_SHOW_FLOWS = Assumption(
    "stocks_show_flows",
    Text(
        fr="Les migrants d'aujourd'hui suivent les mêmes directions que ceux qui forment les stocks.",
        ar="يتبع مهاجرو اليوم الاتجاهات نفسها التي سلكها من تتكون منهم الأرصدة.",
        en="Today's migrants go the same ways as those who make up the stocks.",
    ),
    Text(
        fr="Une route nouvelle n'apparaît pas, une route fermée persiste.",
        ar="الطريق الجديد لا يظهر والطريق المغلق يستمر ظهوره.",
        en="A new route does not show, a closed one lives on.",
    ),
)
SAME_PROPENSITIES = Assumption(
    "same_propensities",
    Text(
        fr="Tous les habitants d'un lieu ont la même propension à partir, quel que soit leur lieu de naissance.",
        ar="لكل سكان المكان الميل نفسه إلى المغادرة أياً كان مكان ميلادهم.",
        en="All who live in a place are equally prone to leave, wherever they were born.",
    ),
    Text(
        fr="Les migrants de retour rompent l'hypothèse et des flux négatifs apparaissent.",
        ar="المهاجرون العائدون ينقضون الفرضية فتظهر تدفقات سالبة.",
        en="Return migrants break it and negative flows appear.",
    ),
)
MEANING_SHARES = Text(
    fr="Total de migrations donné, réparti selon les stocks. L'intervalle ne porte que l'erreur de ce total, pas celle de la répartition.",
    ar="مجموع هجرات معطى موزع حسب الأرصدة. لا يحمل المجال إلا خطأ هذا المجموع دون خطأ التوزيع.",
    en="A given total of migrations shared out by stocks. The interval holds the error of that total alone, not of the sharing.",
)
MEANING_GROWTH = Text(
    fr="Flux qu'impliquerait une même propension à migrer pour tous. Sans intervalle ; des valeurs négatives disent que l'hypothèse ne tient pas.",
    ar="التدفقات التي كان يستلزمها ميل واحد إلى الهجرة لدى الجميع. بلا مجال؛ والقيم السالبة تعني أن الفرضية لا تصح.",
    en="The flows that one propensity to migrate for all would imply. No interval; negative values say that it does not hold.",
)


@estimator(
    "flows_shares",
    family="flows",
    reference="Dennett (2016), in Global Dynamics: Approaches from Complexity Science, 125-142, eq. 7.1-7.4",
    assumptions=(STOCKS_SHOW_FLOWS,),
)
def flows_shares(
    stock_start: ArrayLike,
    total: float,
    *,
    total_standard_error: float = 0.0,
    places: Sequence[str] | None = None,
    level: float = 0.95,
) -> EstimateArray:
    """``total`` migrations shared out in proportion to the foreign-born stocks (birthplace, residence).

    Raises Refused: ``flows.total``, ``flows.no_migrants``, ``flows.negative_stock``.

    >>> flows_shares([[9, 3], [1, 9]], 8.0).values
    array([[0., 6.],
           [2., 0.]])
    """
    table, _ = stocks(stock_start, stock_start)
    if not (np.isfinite(total) and total >= 0 and total_standard_error >= 0):
        raise Refused("flows.total", found=repr(total), remedy="give a total of 0 or more and its standard error")
    movers = without_diagonal(table)
    if movers.sum() == 0:
        raise Refused("flows.no_migrants", found="stocks without any foreign born", remedy="there is no pattern to follow")
    share = movers / movers.sum()
    error, z = share * total_standard_error, normal_quantile(level)
    names = flow_estimates("flows_shares", share, MEANING_SHARES, places=places, assumptions=()).labels
    return EstimateArray(
        estimand="flow",
        estimator="flows_shares",
        values=share * total,
        standard_errors=error,
        low=np.maximum(share * total - z * error, 0.0),
        high=share * total + z * error,
        level=level,
        interval_method="normal, error of the total",
        meaning=MEANING_SHARES,
        labels=names,
        assumptions=(STOCKS_SHOW_FLOWS,),
    )


@estimator(
    "flows_growth_matrix",
    family="flows",
    reference="Rogers and von Rabenau (1971), Demography 8, 185-194, eq. 4-7",
    assumptions=(STOCKS_COMPARABLE, SAME_PROPENSITIES),
)
def flows_growth_matrix(
    stock_start: ArrayLike, stock_end: ArrayLike, *, places: Sequence[str] | None = None
) -> EstimateArray:
    """Flows g_ij times the population of i, with stock_start g = stock_end. May be negative (see the diagnostic).

    Raises Refused: ``flows.singular`` when the first stock table has no inverse.

    >>> flows_growth_matrix([[10, 0], [0, 10]], [[9, 1], [2, 8]]).values
    array([[0., 1.],
           [2., 0.]])
    """
    first, last = stocks(stock_start, stock_end)
    square(first, "stock_start")
    if np.linalg.cond(first) > 1e12:
        raise Refused("flows.singular", found="a stock table without inverse", remedy="merge places with the same pattern")
    growth = np.linalg.solve(first, last)
    flow = without_diagonal(growth * first.sum(axis=0)[:, None])
    negative = int((flow < 0).sum())
    return flow_estimates(
        "flows_growth_matrix",
        flow,
        MEANING_GROWTH,
        places=places,
        assumptions=(STOCKS_COMPARABLE, SAME_PROPENSITIES),
        diagnostics=(Diagnostic("negative_flows", _NEGATIVE, negative, concern=negative > 0),),
        extra={"growth": growth},
    )


_NEGATIVE = Text(
    fr="Nombre de flux négatifs : l'hypothèse d'une même propension y est contredite.",
    ar="عدد التدفقات السالبة: تناقض فيها فرضية الميل الواحد.",
    en="Number of negative flows: there one propensity for all is contradicted.",
)
