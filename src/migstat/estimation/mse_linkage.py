"""The doubt about who is who carried into the size: many draws of the linkage in, one interval out."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from migstat.estimation.mse_assumptions import CLOSED, CONFIDENCE, HOMOGENEOUS, LINKAGE_DRAWS, meaning_of
from migstat.estimation.mse_intervals import ESTIMAND, refuse_level
from migstat.estimation.mse_tables import CaptureTable
from migstat.estimation.registry import estimator
from migstat.model import Diagnostic, Estimate, Interval, Refused, Text

Floats = NDArray[np.float64]

ASSUMPTIONS = (CLOSED, HOMOGENEOUS, LINKAGE_DRAWS)


@estimator(
    "mse_linkage",
    family="mse",
    reference="Rubin 1987, Multiple Imputation for Nonresponse in Surveys, section 3.1; Barnard and Rubin 1999, "
    "Biometrika 86, 948",
    assumptions=ASSUMPTIONS,
)
def mse_linkage(
    tables: Sequence[CaptureTable], method: Callable[[CaptureTable], Estimate], *, level: float = 0.95
) -> Estimate:
    """One estimate of the size from capture tables, each built from one draw of the linkage.

    ``method`` is any estimator of a table (``lambda table: mse_chapman(table)``). With Q_i and U_i the estimates and
    their variances on M draws, Q = mean Q_i and T = mean U_i + (1 + 1/M) var Q_i. The interval is made on the scale
    log(N - o), o the fewest people seen in a draw, with Student's t of (M - 1)(1 + W / B)^2 degrees of freedom, so
    that it stays above o. ``extra["between_share"]`` is the share of T that the linkage causes.

    Raises Refused ``mse.draws_of_linkage`` for fewer than two draws or other lists, and what ``method`` raises.

    >>> from migstat.estimation.mse_chapman import mse_chapman
    >>> from migstat.estimation.mse_tables import table_from_overlaps
    >>> draws = [table_from_overlaps({"A": 80 - m, "B": 60 - m, "AB": m}, ("A", "B")) for m in (18, 20, 22)]
    >>> combined = mse_linkage(draws, mse_chapman)
    >>> combined.standard_error > mse_chapman(draws[1]).standard_error
    True
    """
    refuse_level(level)
    if len(tables) < 2 or len({table.lists for table in tables}) != 1:
        raise Refused(
            "mse.draws_of_linkage",
            found="fewer than two draws, or draws of different lists",
            remedy="give two draws or more, best 20, of the same lists in the same order",
        )
    estimates = [method(table) for table in tables]
    if any(one.standard_error is None or not math.isfinite(one.value) for one in estimates):
        raise Refused("mse.no_error", found="an estimate without error", remedy="use a method with a standard error")
    values = np.array([one.value for one in estimates])
    errors = np.array([one.standard_error for one in estimates], dtype=np.float64)
    total, between, _ = _combined(values, errors)
    return Estimate(
        estimand=ESTIMAND,
        estimator="mse_linkage",
        value=float(values.mean()),
        standard_error=math.sqrt(total),
        interval=_interval(values, errors, min(table.observed for table in tables), level),
        meaning=_MEANING,
        assumptions=(
            *ASSUMPTIONS,
            *(a for a in estimates[0].assumptions if a.id not in _IDS and a.id != "perfect_linkage"),
        ),
        diagnostics=(_share(between / total if total > 0 else 0.0),),
        extra={
            "estimates": tuple(estimates),
            "between_share": between / total if total > 0 else 0.0,
            "observed": tuple(table.observed for table in tables),
        },
    )


_IDS = {assumption.id for assumption in ASSUMPTIONS}


def _combined(values: Floats, errors: Floats) -> tuple[float, float, float]:
    """Rubin's total variance, its part between draws, and the degrees of freedom."""
    draws = len(values)
    within = float((errors**2).mean())
    between = (1 + 1 / draws) * float(values.var(ddof=1))
    freedom = (draws - 1) * (1 + within / between) ** 2 if between > 0 else math.inf
    return within + between, between, freedom


def _interval(values: Floats, errors: Floats, floor: int, level: float) -> Interval:
    from scipy.special import stdtrit

    from migstat.estimation.arrays import normal_quantile

    above = values - floor
    logs = bool((above > 0).all())  # else a draw whose lists hold everybody: the plain scale is all there is
    centres, spreads = (np.log(above), errors / above) if logs else (values, errors)
    total, _, freedom = _combined(centres, spreads)
    t = normal_quantile(level) if math.isinf(freedom) else float(stdtrit(freedom, (1 + level) / 2))
    ends = [float(centres.mean()) + side * t * math.sqrt(total) for side in (-1, 1)]
    low, high = [floor + math.exp(end) for end in ends] if logs else [max(end, float(floor)) for end in ends]
    return Interval(low, high, level, "Rubin's rules on log(N - seen)" if logs else "Rubin's rules")


def _share(share: float) -> Diagnostic:
    return Diagnostic(
        "between_share",
        Text(
            "Part de la variance due à l'incertitude du couplage.",
            "حصة التباين الناتجة عن عدم اليقين في الربط.",
            "Share of the variance that the doubt of the linkage causes.",
        ),
        share,
        concern=share > 0.5,
    )


_MEANING = meaning_of(
    Text(
        "Effectif total de la population, l'incertitude sur les liens entre listes comprise.",
        "الحجم الكلي للمجتمع مع احتساب عدم اليقين في الربط بين القوائم.",
        "Total size of the population, the doubt about links between lists included.",
    ),
    CONFIDENCE,
    Text(
        "Des tirages du couplage trop semblables, ou tous faux dans le même sens, le rendraient trop étroit.",
        "ويضيق المجال أكثر مما ينبغي إذا تشابهت سحوبات الربط أو أخطأت كلها في الاتجاه نفسه.",
        "Draws of the linkage that are too alike, or all wrong the same way, would make it too narrow.",
    ),
)
