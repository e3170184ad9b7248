"""Lincoln-Petersen: the size from two lists, taken for independent."""

from __future__ import annotations

import math

from migstat.estimation.mse_assumptions import (
    CLOSED,
    CONFIDENCE,
    DEPENDENCE_BREAKS,
    HOMOGENEOUS,
    INDEPENDENT,
    LINKED,
    meaning_of,
)
from migstat.estimation.mse_intervals import refuse_level, size_estimate
from migstat.estimation.mse_tables import CaptureTable
from migstat.estimation.mse_two_lists import two_lists
from migstat.estimation.registry import estimator
from migstat.model import Estimate, Refused, Text

ASSUMPTIONS = (CLOSED, LINKED, INDEPENDENT, HOMOGENEOUS)

MEANING = meaning_of(
    Text(
        "Effectif total de la population, d'après le recoupement de deux listes.",
        "الحجم الكلي للمجتمع استنادا إلى تقاطع قائمتين.",
        "Total size of the population, from the overlap of two lists.",
    ),
    CONFIDENCE,
    DEPENDENCE_BREAKS,
)


@estimator(
    "mse_lincoln_petersen",
    family="mse",
    reference="Seber 1982, The Estimation of Animal Abundance, section 3.1",
    assumptions=ASSUMPTIONS,
)
def mse_lincoln_petersen(table: CaptureTable, *, lists: tuple[str, str] | None = None, level: float = 0.95) -> Estimate:
    """N = n1 n2 / m with variance n1 n2 (n1 - m)(n2 - m) / m^3 and the log-normal interval.

    ``lists`` names two lists of a longer table; the others are disregarded.
    Raises Refused ``mse.no_overlap`` (use Chapman's), ``mse.which_lists``, ``mse.list_of_all``.

    >>> from migstat.estimation.mse_tables import table_from_overlaps
    >>> mse_lincoln_petersen(table_from_overlaps({"A": 60, "B": 40, "AB": 20}, ("A", "B"))).value
    240.0
    """
    refuse_level(level)
    pair = two_lists(table, lists)
    if pair.both == 0:
        raise Refused("mse.no_overlap", found="two lists without a common person", remedy="use Chapman's estimator")
    value = pair.first * pair.second / pair.both
    error = math.sqrt(value * pair.spread) / pair.both
    return size_estimate(
        "mse_lincoln_petersen",
        pair.observed,
        value,
        error,
        level=level,
        meaning=MEANING,
        assumptions=ASSUMPTIONS,
    )
