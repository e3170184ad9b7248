"""Chapman: the size from two lists, corrected for small overlaps."""

from __future__ import annotations

import math

from migstat.estimation.mse_intervals import refuse_level, size_estimate
from migstat.estimation.mse_lincoln_petersen import ASSUMPTIONS, MEANING
from migstat.estimation.mse_tables import CaptureTable
from migstat.estimation.mse_two_lists import two_lists
from migstat.estimation.registry import estimator
from migstat.model import Diagnostic, Estimate, Text


@estimator(
    "mse_chapman",
    family="mse",
    reference="Chapman 1951, University of California Publications in Statistics 1, 131; Seber 1970, Biometrika 57, 469",
    assumptions=ASSUMPTIONS,
)
def mse_chapman(table: CaptureTable, *, lists: tuple[str, str] | None = None, level: float = 0.95) -> Estimate:
    """N = (n1 + 1)(n2 + 1) / (m + 1) - 1, variance (n1 + 1)(n2 + 1)(n1 - m)(n2 - m) / ((m + 1)^2 (m + 2)).

    Without bias when n1 + n2 is at least N; fewer than seven common people are a cause for concern (Robson and Regier
    1964). Raises Refused ``mse.which_lists``, ``mse.unknown_list``, ``mse.list_of_all``, ``mse.level``.

    >>> from migstat.estimation.mse_tables import table_from_overlaps
    >>> estimate = mse_chapman(table_from_overlaps({"A": 60, "B": 40, "AB": 20}, ("A", "B")))
    >>> round(estimate.value, 4), round(estimate.standard_error, 4)
    (234.2857, 34.9609)
    """
    refuse_level(level)
    pair = two_lists(table, lists)
    product = (pair.first + 1) * (pair.second + 1)
    value = product / (pair.both + 1) - 1
    error = math.sqrt(product * pair.spread / (pair.both + 2)) / (pair.both + 1)
    few = Diagnostic(
        "common_people",
        Text(
            "Personnes communes aux deux listes ; moins de sept laissent un biais sensible.",
            "الأشخاص المشتركون بين القائمتين؛ إذا قلوا عن سبعة بقي انحياز ملموس.",
            "People on both lists; fewer than seven leave a marked bias.",
        ),
        pair.both,
        concern=pair.both < 7,
    )
    return size_estimate(
        "mse_chapman",
        pair.observed,
        value,
        error,
        level=level,
        meaning=MEANING,
        assumptions=ASSUMPTIONS,
        diagnostics=(few,),
    )
