"""An open population on successive occasions: Jolly-Seber as a log-linear model, with arrivals and departures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from migstat.estimation.mse_assumptions import CONFIDENCE, HOMOGENEOUS, LINKED, OPEN_EQUAL, meaning_of
from migstat.estimation.mse_intervals import lognormal_interval, refuse_level
from migstat.estimation.mse_poisson import PoissonFit, poisson_fit, runs_off
from migstat.estimation.mse_tables import CaptureTable
from migstat.estimation.registry import estimator
from migstat.model import Estimate, Refused, Text

Floats = NDArray[np.float64]
Complexes = NDArray[Any]

ASSUMPTIONS = (LINKED, HOMOGENEOUS, OPEN_EQUAL)


@dataclass(frozen=True, slots=True)
class OpenFit:
    """Numbers by period, NaN where a period at the edge says nothing: (I,) sizes and captures, (I - 1,) the others.

    ``total`` is everybody who was ever there. Each comes with its standard errors.
    """

    sizes: Floats
    size_errors: Floats
    captures: Floats
    capture_errors: Floats
    survivals: Floats
    survival_errors: Floats
    arrivals: Floats
    arrival_errors: Floats
    total: float
    total_error: float
    deviance: float
    df: int
    aic: float
    fixed: tuple[int, ...]


def fit_open(table: CaptureTable) -> OpenFit:
    """Fit the log-linear Jolly-Seber model (Cormack 1989, Biometrics 45, 395; Rivest and Daigle 2004, Biometrics 60, 100).

    Terms for not yet being there (from the first occasion on) and for being gone (from the last one back), and one
    for each inner occasion. A negative term, which would mean a survival above 1 or negative arrivals, is set to 0.
    Standard errors by the delta method, its derivatives by complex steps. Needs 4 occasions (``mse.few_occasions``).
    """
    periods = table.n_lists
    if not 4 <= periods <= 14:
        raise Refused(
            "mse.few_occasions", found=f"{periods} occasions", remedy="bring 4 to 14 occasions in order of time"
        )
    histories = ((np.arange(1, 1 << periods)[:, None] >> np.arange(periods)) & 1).astype(np.float64)
    absent = 1 - histories
    early = np.cumprod(absent[:, :-1], axis=1)  # never seen up to j
    late = np.cumprod(absent[:, :0:-1], axis=1)  # never seen from the end back
    design = np.column_stack([np.ones(len(histories)), early, late, histories[:, 1:-1]])
    fit, kept, fixed = _without_negative(table.counts[1:], design, periods)
    if not fit.converged and any(runs_off(table.counts[1:], design[:, kept], row) for row in np.eye(len(kept))):
        raise Refused(
            "mse.not_estimable",
            found="an occasion at which nobody, or everybody, was missed of those seen before and after it",
            remedy="merge it with a neighbouring occasion, or bring more people",
        )
    coefficients = np.zeros(design.shape[1])
    coefficients[kept] = fit.coefficients
    covariance = np.zeros((design.shape[1], design.shape[1]))
    covariance[np.ix_(kept, kept)] = fit.covariance
    used = np.zeros_like(design)
    used[:, kept] = design[:, kept]
    return _open_fit(coefficients, covariance, used, periods, fit, fixed)


def _without_negative(counts: Floats, design: Floats, periods: int) -> tuple[PoissonFit, list[int], tuple[int, ...]]:
    """Take out the first negative term of those that have a meaning, until there is none."""
    last = 2 * periods - 2
    tested = [*range(2, periods - 1), *range(periods + 1, last + 1)]
    fixed: list[int] = []
    while True:
        kept = [j for j in range(design.shape[1]) if j not in fixed]
        fit = poisson_fit(counts, design[:, kept])
        negative = [j for j, value in zip(kept, fit.coefficients, strict=True) if j in tested and value < 0]
        if not negative:
            return fit, kept, tuple(sorted(fixed))
        fixed.append(negative[0])


def _demography(coefficients: Complexes, periods: int) -> tuple[Complexes, Complexes, Complexes, Complexes]:
    """Captures, survivals, sizes and arrivals from the coefficients, real or complex.

    The captures of the first and last period are not identified; any value gives the same inner results, and 1/2 is put in.
    """
    intercept, gone_after, gone_before = (
        coefficients[0],
        coefficients[1:periods],
        coefficients[periods : 2 * periods - 1],
    )
    capture = np.concatenate([[0.5 + 0j], 1 / (1 + np.exp(-coefficients[2 * periods - 1 :])), [0.5 + 0j]])
    left = _shares(gone_before, capture[::-1])
    entered = _shares(gone_after, capture)
    survival = (1 / (1 + left[1:] / np.cumsum(left[:-1])))[::-1]
    first = np.exp(intercept) / (np.prod(1 - capture) * np.prod(survival))
    growth = (entered[1:] / np.cumsum(entered[:-1]) + 1) * survival
    sizes = first * np.concatenate([[1.0 + 0j], np.cumprod(growth)])
    return capture, survival, sizes, sizes[1:] - sizes[:-1] * survival


def _part_of_demography(part: int, periods: int) -> Callable[[Complexes], Complexes]:
    return lambda coefficients: _demography(coefficients, periods)[part]


def _shares(terms: Complexes, capture: Complexes) -> Complexes:
    """People who join the ones before them in each step, relative to the first period counted."""
    product = np.cumprod(np.exp(terms) * (1 - capture[:-1]))
    return np.concatenate([[1.0 + 0j], product * (1 - np.exp(-terms))])


def _total(coefficients: Complexes, design: Floats, periods: int) -> Any:
    """People ever there: those seen and, summed over stays [a, b] inside the occasions, those never seen.

    A stay from a to b without capture has the mean exp(intercept + terms of absence); the sums telescope because each
    term is the logarithm of a ratio of two such means.
    """
    early, late = coefficients[1:periods], coefficients[periods : 2 * periods - 1]
    seen = np.exp(design @ coefficients).sum()
    base = np.exp(coefficients[0] + early[0])
    inner_late = late[: periods - 2].sum()
    total = seen + base * np.exp(inner_late)
    for i in range(1, periods - 2):
        total = total + base * np.exp(inner_late + early[1 : i + 1].sum() - late[periods - 2 - i : periods - 2].sum())
    for i in range(periods - 3):
        total = total - base * np.exp(
            late[: periods - 3].sum() + early[1 : i + 1].sum() - late[periods - 3 - i : periods - 3].sum()
        )
    return total


def _spread(
    function: Callable[[Complexes], Complexes], coefficients: Floats, covariance: Floats
) -> tuple[Floats, Floats]:
    """Values and delta-method variances of a vector function; derivatives by complex steps are exact to rounding."""
    values = np.atleast_1d(function(coefficients.astype(np.complex128))).real
    slopes = np.empty((len(values), len(coefficients)))
    for j in range(len(coefficients)):
        moved = coefficients.astype(np.complex128)
        moved[j] += 1e-30j
        slopes[:, j] = np.atleast_1d(function(moved)).imag / 1e-30
    return values, np.einsum("ij,jk,ik->i", slopes, covariance, slopes)


def _open_fit(
    coefficients: Floats,
    covariance: Floats,
    design: Floats,
    periods: int,
    fit: PoissonFit,
    fixed: tuple[int, ...],
) -> OpenFit:
    parts = [_spread(_part_of_demography(k, periods), coefficients, covariance) for k in range(4)]
    (capture, capture_v), (survival, survival_v), (sizes, sizes_v), (arrivals, arrivals_v) = parts
    total, total_v = _spread(lambda x: _total(x, design, periods), coefficients, covariance)
    size_errors = np.sqrt(np.maximum(sizes_v - sizes, 0))
    edges = [0, -1]
    for array in (capture, capture_v, sizes, size_errors, arrivals, arrivals_v):
        array[edges] = np.nan
    survival[-1] = survival_v[-1] = np.nan
    return OpenFit(
        sizes=sizes,
        size_errors=size_errors,
        captures=capture,
        capture_errors=np.sqrt(capture_v),
        survivals=survival,
        survival_errors=np.sqrt(np.maximum(survival_v, 0)),
        arrivals=arrivals,
        arrival_errors=np.sqrt(np.maximum(arrivals_v, 0)),
        total=float(total[0]),
        total_error=float(np.sqrt(max(total_v[0] - total[0], 0.0))),
        deviance=fit.deviance,
        df=fit.df,
        aic=fit.aic,
        fixed=fixed,
    )


@estimator(
    "mse_open",
    family="mse",
    reference="Cormack 1989, Biometrics 45, 395; Rivest and Daigle 2004, Biometrics 60, 100",
    assumptions=ASSUMPTIONS,
)
def mse_open(table: CaptureTable, *, level: float = 0.95) -> Estimate:
    """Everybody who was ever there between the first and the last of four or more occasions, in order of time.

    ``extra["fit"]`` has sizes, survivals, captures and arrivals of each period. Raises Refused ``mse.few_occasions``,
    ``mse.not_estimable``.

    >>> from migstat.estimation.mse_tables import table_from_histories
    >>> rows = [[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1], [1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1],
    ...         [1, 1, 1, 0], [0, 1, 1, 1], [1, 0, 1, 0], [0, 1, 0, 1], [1, 1, 1, 1]]
    >>> counts = [30, 32, 31, 40, 25, 24, 45, 12, 14, 10, 11, 6]
    >>> mse_open(table_from_histories(rows, counts)).value > 280
    True
    """
    refuse_level(level)
    fit = fit_open(table)
    return Estimate(
        estimand="people ever present",
        estimator="mse_open",
        value=fit.total,
        standard_error=fit.total_error,
        interval=lognormal_interval(table.observed, fit.total, fit.total_error, level),
        meaning=_MEANING,
        assumptions=ASSUMPTIONS,
        extra={"observed": table.observed, "fit": fit},
    )


_MEANING = meaning_of(
    Text(
        "Nombre de personnes passées sur le territoire entre la première et la dernière période.",
        "عدد الأشخاص الذين مروا بالمجال الترابي بين الفترة الأولى والأخيرة.",
        "Number of people who were in the territory at any time between the first and the last period.",
    ),
    CONFIDENCE,
    Text(
        "Des absences temporaires, ou des chances de capture inégales, le rendraient faux.",
        "ويفسده الغياب المؤقت وتفاوت احتمالات الرصد.",
        "Temporary absences, or unequal chances of capture, would make it wrong.",
    ),
)
