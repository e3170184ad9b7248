"""Flows from a known total, shared out by the stocks of foreign born."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from migstat.estimation.arrays import EstimateArray, normal_quantile
from migstat.estimation.flows_tables import flow_estimates, stocks, without_diagonal
from migstat.estimation.registry import estimator
from migstat.model import Assumption, Refused, Text

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
MEANING = Text(
    fr="Total de migrations donné, réparti selon les stocks. L'intervalle ne porte que l'erreur de ce total, pas "
    "celle de la répartition.",
    ar="مجموع هجرات معطى موزع حسب الأرصدة. لا يحمل المجال إلا خطأ هذا المجموع دون خطأ التوزيع.",
    en="A given total of migrations shared out by stocks. The interval holds the error of that total alone, not of "
    "the sharing.",
)


@estimator(
    "flows_shares",
    family="flows",
    reference="Dennett (2016), in Global Dynamics: Approaches from Complexity Science, 125-142",
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
        raise Refused(
            "flows.no_migrants", found="stocks without any foreign born", remedy="there is no pattern to follow"
        )
    share = movers / movers.sum()
    error, z = share * total_standard_error, normal_quantile(level)
    names = flow_estimates("flows_shares", share, MEANING, places=places, assumptions=()).labels
    return EstimateArray(
        estimand="flow",
        estimator="flows_shares",
        values=share * total,
        standard_errors=error,
        low=np.maximum(share * total - z * error, 0.0),
        high=share * total + z * error,
        level=level,
        interval_method="normal, error of the total",
        meaning=MEANING,
        labels=names,
        assumptions=(STOCKS_SHOW_FLOWS,),
    )
