"""Bootstrap of the whole procedure: on every resampled table the model is chosen anew."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numba import njit
from numpy.typing import NDArray

from migstat.estimation import mse_irls as irls
from migstat.estimation.arrays import refuse_without_generator, seed_of
from migstat.estimation.mse_assumptions import (
    CLOSED,
    CONFIDENCE,
    DEPENDENCE_BREAKS,
    HOMOGENEOUS,
    LINKED,
    MODEL_CHOSEN,
    NO_HIGHEST_INTERACTION,
    meaning_of,
)
from migstat.estimation.mse_intervals import ESTIMAND, refuse_level
from migstat.estimation.mse_irls import fit_codes
from migstat.estimation.mse_models import Codes, all_models, main_effects, parameters_of
from migstat.estimation.mse_multimodel import criterion_penalty
from migstat.estimation.mse_stepwise import stepwise_sizes
from migstat.estimation.mse_tables import CaptureTable
from migstat.estimation.registry import estimator
from migstat.model import Diagnostic, Estimate, Interval, Refused, Text

Floats = NDArray[np.float64]
Choice = Literal["stepwise", "aic", "bic"]
Sizer = Callable[[Floats], Floats]

ASSUMPTIONS = (CLOSED, LINKED, HOMOGENEOUS, NO_HIGHEST_INTERACTION, MODEL_CHOSEN)

_STATUS, _LOGLIK, _UNSEEN, _EXTENDED, _N_COLUMNS = (
    irls.STATUS,
    irls.LOGLIK,
    irls.UNSEEN,
    irls.EXTENDED,
    irls.N_COLUMNS,
)


@njit(cache=True)
def _sizes_of_best(tables: Any, codes: Any, base: Any, n_lists: int, penalties: Any, out: Any) -> None:
    """Size by the model of least -2 loglik + penalty on each table; infinite where no model has an estimate."""
    fits = np.empty((codes.shape[0], _N_COLUMNS))
    for i in range(tables.shape[0]):
        fit_codes(tables[i], codes, base, n_lists, fits)
        best = np.inf
        out[i] = np.inf
        for j in range(codes.shape[0]):
            if fits[j, _STATUS] <= _EXTENDED and -2.0 * fits[j, _LOGLIK] + penalties[j] < best:
                best = -2.0 * fits[j, _LOGLIK] + penalties[j]
                out[i] = tables[i, 1:].sum() + fits[j, _UNSEEN]


def _best_sizes(tables: Floats, codes: Codes, n_lists: int, penalties: Floats) -> Floats:
    sizes = np.empty(len(tables))
    rows = np.ascontiguousarray(tables, dtype=np.float64)
    _sizes_of_best(rows, codes, main_effects(n_lists), n_lists, penalties, sizes)
    return sizes


def resampled_tables(table: CaptureTable, rng: np.random.Generator, replicates: int) -> Floats:
    """(replicates, 2^L) tables of as many people as were seen, drawn with replacement from them."""
    chances = table.counts / table.counts.sum()
    return rng.multinomial(table.observed, chances, size=replicates).astype(np.float64)


def jackknife_tables(table: CaptureTable) -> tuple[Floats, Floats]:
    """Tables with one person left out, one for each history with people, and how many people each stands for."""
    cells = np.flatnonzero(table.counts)
    tables = np.repeat(table.counts[None, :], len(cells), axis=0)
    tables[np.arange(len(cells)), cells] -= 1
    return tables, table.counts[cells]


def acceleration(sizes: Floats, people: Floats) -> float:
    """BCa's a from leave-one-out sizes, each counted for the people it stands for (Efron 1987, JASA 82, 171, eq. 7.3).

    Leave-one-out tables without an estimate are left aside; 0 when the sizes do not vary.
    """
    known = np.isfinite(sizes)
    weights, values = people[known], sizes[known]
    away = (weights @ values) / weights.sum() - values
    spread = float(weights @ away**2)
    return float(weights @ away**3) / (6 * spread**1.5) if spread > 0 else 0.0


def bca_quantiles(replicates: Floats, value: float, a: float, levels: Floats) -> Floats:
    """Quantiles of the bootstrap at BCa's adjusted levels (DiCiccio and Efron 1996, Statistical Science 11, 189, eq. 2.3).

    Infinite replicates stand at the upper end.
    """
    from scipy.special import ndtr, ndtri

    below = np.clip((replicates < value).mean(), 0.5 / len(replicates), 1 - 0.5 / len(replicates))
    z0 = ndtri(below)
    shifted = z0 + ndtri(np.asarray(levels, dtype=np.float64))
    return quantiles_with_infinity(replicates, ndtr(z0 + shifted / (1 - a * shifted)))


def quantiles_with_infinity(values: Floats, levels: Floats) -> Floats:
    """Median-unbiased sample quantiles (Hyndman and Fan 1996, type 8); between a finite value and infinity, infinity."""
    ordered = np.sort(values)
    position = np.clip(np.asarray(levels) * (len(ordered) + 1 / 3) - 2 / 3, 0, len(ordered) - 1)
    lower = np.floor(position).astype(np.int64)
    upper = np.minimum(lower + 1, len(ordered) - 1)
    share = position - lower
    with np.errstate(invalid="ignore"):
        mixed = ordered[lower] + share * (ordered[upper] - ordered[lower])
    return np.where(share == 0, ordered[lower], np.where(np.isinf(ordered[upper]), np.inf, mixed))


def sizer_of(table: CaptureTable, choice: Choice, threshold: float, max_order: int | None) -> Sizer:
    """The procedure to be repeated: many tables in, the size by the model chosen on each out."""
    n_lists = table.n_lists
    if choice == "stepwise":
        if not 0 <= threshold <= 1:
            raise Refused("mse.threshold", found=repr(threshold), remedy="give a p-value between 0 and 1")
        return lambda tables: stepwise_sizes(tables, n_lists, threshold)
    penalty = criterion_penalty(choice, table.observed)
    codes = all_models(n_lists, max_order)
    penalties = penalty * parameters_of(codes, n_lists).astype(np.float64)
    return lambda tables: _best_sizes(tables, codes, n_lists, penalties)


@estimator(
    "mse_bootstrap",
    family="mse",
    reference="Chan, Silverman and Vincent 2021, JASA 116, 1297, section 3.3; DiCiccio and Efron 1996",
    assumptions=ASSUMPTIONS,
)
def mse_bootstrap(
    table: CaptureTable,
    rng: np.random.Generator,
    *,
    choice: Choice = "stepwise",
    threshold: float = 0.02,
    max_order: int | None = 2,
    replicates: int = 1000,
    level: float = 0.95,
    method: Literal["bca", "percentile"] = "bca",
) -> Estimate:
    """Size by a chosen model, with an interval that carries the doubt of the choice.

    People are drawn with replacement, and on each table the model is chosen anew: stepwise with ``threshold``, or by
    AIC or BIC among all hierarchical models up to ``max_order`` lists. Replicates without an estimate count as
    infinite. Raises Refused ``mse.replicates``, ``mse.threshold``, ``mse.criterion``, ``mse.interval``,
    ``mse.not_estimable``, ``input.generator``.

    >>> from migstat.estimation.mse_tables import table_from_overlaps
    >>> people = {"A": 90, "B": 70, "C": 50, "AB": 30, "AC": 20, "BC": 15, "ABC": 8}
    >>> table = table_from_overlaps(people, ("A", "B", "C"))
    >>> estimate = mse_bootstrap(table, np.random.default_rng(1), replicates=200)
    >>> round(estimate.value, 1), estimate.seed
    (493.5, 1)
    """
    refuse_level(level)
    refuse_without_generator(rng)
    if method not in ("bca", "percentile"):
        raise Refused("mse.interval", found=repr(method), remedy='ask for "bca" or "percentile"')
    if replicates < 100:
        raise Refused("mse.replicates", found=repr(replicates), remedy="draw 100 replicates or more, best 1,000")
    sizes_of = sizer_of(table, choice, threshold, max_order)
    value = float(sizes_of(np.array(table.counts)[None, :])[0])
    if not math.isfinite(value):
        raise Refused("mse.not_estimable", found="no model with an estimate", remedy="bring lists that overlap more")
    sizes = sizes_of(resampled_tables(table, rng, replicates))
    tails = np.array([(1 - level) / 2, (1 + level) / 2])
    a = acceleration(*_jackknife(table, sizes_of))
    ends = bca_quantiles(sizes, value, a, tails) if method == "bca" else quantiles_with_infinity(sizes, tails)
    finite = sizes[np.isfinite(sizes)]
    return Estimate(
        estimand=ESTIMAND,
        estimator="mse_bootstrap",
        value=value,
        standard_error=float(finite.std(ddof=1)),
        interval=Interval(float(ends[0]), float(ends[1]), level, f"{method} bootstrap of the model choice"),
        meaning=_MEANING,
        assumptions=ASSUMPTIONS,
        diagnostics=(_failed(len(sizes) - len(finite), replicates),),
        seed=seed_of(rng),
        extra={"observed": table.observed, "replicates": sizes, "acceleration": a, "choice": choice},
    )


def _jackknife(table: CaptureTable, sizes_of: Sizer) -> tuple[Floats, Floats]:
    tables, people = jackknife_tables(table)
    return sizes_of(tables), people


def _failed(count: int, replicates: int) -> Diagnostic:
    return Diagnostic(
        "replicates_without_estimate",
        Text(
            "Répliques sans estimation finie ; elles comptent comme infinies dans l'intervalle, pas dans l'erreur type.",
            "عينات مكررة بلا تقدير محدود؛ تُعدّ لا نهائية في المجال ولا تدخل في الخطأ المعياري.",
            "Replicates without a finite estimate; they count as infinite in the interval, not in the standard error.",
        ),
        count,
        concern=count > 0.01 * replicates,
    )


_MEANING = meaning_of(
    Text(
        "Effectif total de la population ; le choix du modèle est refait sur chaque réplique.",
        "الحجم الكلي للمجتمع، ويُعاد اختيار النموذج في كل عينة مكررة.",
        "Total size of the population; the choice of the model is made anew on every replicate.",
    ),
    CONFIDENCE,
    DEPENDENCE_BREAKS,
)
