"""Flows from the growth matrix that turns one stock table into the next."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from migstat.estimation.arrays import EstimateArray
from migstat.estimation.flows_tables import STOCKS_COMPARABLE, flow_estimates, stocks, without_diagonal
from migstat.estimation.registry import estimator
from migstat.model import Assumption, Diagnostic, Refused, Text

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
MEANING = Text(
    fr="Flux qu'impliquerait une même propension à migrer pour tous. Sans intervalle ; des valeurs négatives disent "
    "que l'hypothèse ne tient pas.",
    ar="التدفقات التي كان يستلزمها ميل واحد إلى الهجرة لدى الجميع. بلا مجال؛ والقيم السالبة تعني أن الفرضية لا تصح.",
    en="The flows that one propensity to migrate for all would imply. No interval; negative values say that it does "
    "not hold.",
)


@estimator(
    "flows_growth_matrix",
    family="flows",
    reference="Rogers and von Rabenau (1971), Demography 8, 185-194",
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
    if np.linalg.cond(first) > 1e12:
        raise Refused(
            "flows.singular", found="a stock table without inverse", remedy="merge places with the same pattern"
        )
    growth = np.linalg.solve(first, last)
    flow = without_diagonal(growth * first.sum(axis=0)[:, None])
    negative = int((flow < 0).sum())
    return flow_estimates(
        "flows_growth_matrix",
        flow,
        MEANING,
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
