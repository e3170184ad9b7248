"""A size for each stratum (area, sex, group) and their total."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from migstat.estimation.mse_assumptions import CLOSED, CONFIDENCE, INDEPENDENT_STRATA, LINKED, meaning_of
from migstat.estimation.mse_intervals import refuse_level, size_estimate
from migstat.estimation.mse_tables import CaptureTable
from migstat.estimation.registry import estimator
from migstat.model import Diagnostic, Estimate, Refused, Text

ASSUMPTIONS = (CLOSED, LINKED, INDEPENDENT_STRATA)


@estimator(
    "mse_stratified",
    family="mse",
    reference="Sekar and Deming 1949, Journal of the American Statistical Association 44, 101",
    assumptions=ASSUMPTIONS,
)
def mse_stratified(
    tables: Mapping[str, CaptureTable], method: Callable[[CaptureTable], Estimate], *, level: float = 0.95
) -> Estimate:
    """The sum of the sizes of the strata, each by ``method``; ``extra["strata"]`` has an ``Estimate`` for each.

    Sizes add up, and so do variances, since nobody is in two strata. Differences in how visible strata are no longer
    bias the total. The interval of the total is log-normal.
    Raises Refused ``mse.no_strata``, and what ``method`` refuses with the name of the stratum.

    >>> from migstat.estimation.mse_chapman import mse_chapman
    >>> from migstat.estimation.mse_tables import table_from_overlaps
    >>> women = table_from_overlaps({"A": 60, "B": 40, "AB": 20}, ("A", "B"))
    >>> men = table_from_overlaps({"A": 30, "B": 25, "AB": 25}, ("A", "B"))
    >>> total = mse_stratified({"women": women, "men": men}, mse_chapman)
    >>> round(total.value, 3) == round(sum(one.value for one in total.extra["strata"].values()), 3)
    True
    """
    refuse_level(level)
    if not tables:
        raise Refused("mse.no_strata", found="no stratum", remedy="give a table for each stratum")
    strata = {name: _one(name, table, method) for name, table in tables.items()}
    errors = [one.standard_error for one in strata.values()]
    error = math.sqrt(sum(e**2 for e in errors if e is not None))
    smallest = min(table.observed for table in tables.values())
    own = [a for one in strata.values() for a in one.assumptions]
    known = {a.id for a in ASSUMPTIONS}
    further = {a.id: a for a in own if a.id not in known}
    return size_estimate(
        "mse_stratified",
        sum(table.observed for table in tables.values()),
        sum(one.value for one in strata.values()),
        error,
        level=level,
        meaning=_MEANING,
        assumptions=(*ASSUMPTIONS, *further.values()),
        diagnostics=(_thin(smallest),),
        strata=strata,
    )


def _one(name: str, table: CaptureTable, method: Callable[[CaptureTable], Estimate]) -> Estimate:
    try:
        estimate = method(table)
    except Refused as refused:
        raise Refused(
            refused.rule, found=f"{refused.found} in stratum {name}", remedy=f"{refused.remedy}, or merge strata"
        ) from refused
    if estimate.standard_error is None or not math.isfinite(estimate.value):
        raise Refused(
            "mse.no_error", found=f"no finite estimate with an error in stratum {name}", remedy="use another method"
        )
    return estimate


def _thin(smallest: int) -> Diagnostic:
    return Diagnostic(
        "smallest_stratum",
        Text(
            "Personnes vues dans la plus petite strate ; en dessous de 30, fusionner des strates.",
            "عدد من رُصدوا في أصغر طبقة؛ إذا قل عن 30 وجب دمج طبقات.",
            "People seen in the smallest stratum; below 30, merge strata.",
        ),
        smallest,
        concern=smallest < 30,
    )


_MEANING = meaning_of(
    Text(
        "Effectif total de la population, somme des effectifs estimés strate par strate.",
        "الحجم الكلي للمجتمع، وهو مجموع أحجام الطبقات المقدَّرة كل على حدة.",
        "Total size of the population, the sum of sizes estimated stratum by stratum.",
    ),
    CONFIDENCE,
    Text(
        "Dans chaque strate, une dépendance entre listes ou un lien manqué le rendraient faux.",
        "ويفسده في كل طبقة ارتباط بين القوائم أو ربط ضائع.",
        "Within each stratum, a dependence between lists or a missed link would make it wrong.",
    ),
)
