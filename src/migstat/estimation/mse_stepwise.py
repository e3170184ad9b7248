"""Stepwise choice of a log-linear model with pairs of lists, by Poisson p-values of the overlaps."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from migstat.estimation import mse_irls as irls
from migstat.estimation.mse_assumptions import (
    CLOSED,
    CONFIDENCE,
    HOMOGENEOUS,
    LINKED,
    MODEL_CHOSEN,
    NO_HIGHEST_INTERACTION,
    meaning_of,
)
from migstat.estimation.mse_intervals import refuse_level, size_estimate
from migstat.estimation.mse_irls import fit_hierarchical, sum_over_supersets
from migstat.estimation.mse_loglinear import (
    deviance_diagnostic,
    existence_diagnostic,
    fit_loglinear,
    refuse_without_size,
)
from migstat.estimation.mse_models import HierarchicalModel, main_effects
from migstat.estimation.mse_tables import CaptureTable
from migstat.estimation.registry import estimator
from migstat.model import Estimate, Refused, Text

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

ASSUMPTIONS = (CLOSED, LINKED, HOMOGENEOUS, NO_HIGHEST_INTERACTION, MODEL_CHOSEN)

_EMPTY_MARGINS = irls.EMPTY_MARGINS
_EXTENDED = irls.EXTENDED
_STATUS, _DEFICIENCY, _UNSEEN = irls.STATUS, irls.DEFICIENCY, irls.UNSEEN


@njit(cache=True)
def _smaller_tail(seen: float, mean: float) -> float:
    """The smaller of P(X <= seen) and P(X >= seen) for X Poisson with the given mean, summed from the near end."""
    if mean <= 0.0:
        return 1.0 if seen == 0 else 0.0
    here = math.exp(seen * math.log(mean) - mean - math.lgamma(seen + 1.0))
    tail = here
    term = here
    k = seen
    if seen < mean:
        while k > 0 and term > tail * 1e-18:
            term *= k / mean
            tail += term
            k -= 1
    else:
        while term > tail * 1e-18 and term > 0.0:
            k += 1
            term *= mean / k
            tail += term
    return float(min(tail, 1.0 - tail + here))


@njit(cache=True)
def _tail_of_pairs(counts: Any, eta: Any, alive: Any, pairs: Any, open_pairs: Any, n_lists: int, p_values: Any) -> None:
    size = counts.shape[0]
    fitted = np.zeros(size)
    people = counts.copy()
    for cell in range(1, size):
        if alive[cell]:
            fitted[cell] = np.exp(eta[cell])
    sum_over_supersets(fitted, n_lists)
    sum_over_supersets(people, n_lists)
    for i in range(pairs.shape[0]):
        p_values[i] = _smaller_tail(people[pairs[i]], fitted[pairs[i]]) if open_pairs[i] else 2.0


@njit(cache=True)
def choose_stepwise(counts: Any, pairs: Any, base: Any, n_lists: int, threshold: float, order: Any, row: Any) -> int:
    """Write the chosen pairs into ``order`` (positions in ``pairs``) and the last fit into ``row``; return how many."""
    size = counts.shape[0]
    n_pairs = pairs.shape[0]
    alive = np.ones(size, np.bool_)
    new_alive = np.ones(size, np.bool_)
    eta = np.zeros(size)
    new_eta = np.zeros(size)
    new_row = np.empty_like(row)
    terms = np.empty(n_pairs + base.shape[0] + 1, np.int64)
    open_pairs = np.ones(n_pairs, np.bool_)
    p_values = np.empty(n_pairs)
    terms[: base.shape[0]] = base
    terms[base.shape[0]] = 0
    fit_hierarchical(counts, terms, base.shape[0] + 1, n_lists, alive, False, eta, row)
    chosen = 0
    while chosen < n_pairs and row[_STATUS] <= _EXTENDED:
        _tail_of_pairs(counts, eta, alive, pairs, open_pairs, n_lists, p_values)
        added = False
        while not added:
            best = int(np.argmin(p_values))
            if not p_values[best] < threshold:
                return chosen
            for i in range(chosen):
                terms[i] = pairs[order[i]]
            terms[chosen] = pairs[best]
            terms[chosen + 1 : chosen + 1 + base.shape[0]] = base
            terms[chosen + 1 + base.shape[0]] = 0
            new_alive[:] = True
            fit_hierarchical(counts, terms, chosen + 2 + base.shape[0], n_lists, new_alive, False, new_eta, new_row)
            if new_row[_STATUS] <= _EMPTY_MARGINS and new_row[_DEFICIENCY] == 0:
                added = True
            else:
                p_values[best] = 2.0  # no estimate with this pair now; it may have one when others are in
        order[chosen] = best
        open_pairs[best] = False
        chosen += 1
        row[:] = new_row
        eta[:] = new_eta
        alive[:] = new_alive
    return chosen


@njit(cache=True)
def _sizes(tables: Any, pairs: Any, base: Any, n_lists: int, threshold: float, row: Any, out: Any) -> None:
    order = np.empty(pairs.shape[0], np.int64)
    for i in range(tables.shape[0]):
        choose_stepwise(tables[i], pairs, base, n_lists, threshold, order, row)
        unseen = row[_UNSEEN]
        out[i] = tables[i, 1:].sum() + unseen if row[_STATUS] <= _EXTENDED else np.inf


def stepwise_sizes(tables: Floats, n_lists: int, threshold: float) -> Floats:
    """Sizes by the model chosen anew on each of many tables (tables, 2^L); infinite where even main effects fail."""
    sizes = np.empty(len(tables))
    rows = np.ascontiguousarray(tables, dtype=np.float64)
    _sizes(rows, pair_masks(n_lists), main_effects(n_lists), n_lists, threshold, np.empty(irls.N_COLUMNS), sizes)
    return sizes


def pair_masks(n_lists: int) -> Integers:
    """Masks of all pairs of lists in the order 12, 13, ..., 23, ..."""
    return np.array([1 << i | 1 << j for i in range(n_lists) for j in range(i + 1, n_lists)], dtype=np.int64)


def stepwise_model(
    table: CaptureTable, threshold: float = 0.02
) -> tuple[HierarchicalModel, tuple[tuple[str, str], ...]]:
    """The model chosen and the pairs of lists in the order in which they came in.

    From main effects on, the pair comes in whose overlap is least likely under the present model (one-sided Poisson
    p-value of the number of people on both), if that is below ``threshold`` and the estimate still exists.
    """
    if not 0 <= threshold <= 1:
        raise Refused("mse.threshold", found=repr(threshold), remedy="give a p-value between 0 and 1, such as 0.02")
    pairs = pair_masks(table.n_lists)
    order = np.empty(len(pairs), dtype=np.int64)
    row = np.empty(irls.N_COLUMNS)
    counts = np.array(table.counts)
    n_chosen = choose_stepwise(counts, pairs, main_effects(table.n_lists), table.n_lists, threshold, order, row)
    chosen = [int(pairs[i]) for i in order[:n_chosen]]
    names = [tuple(name for j, name in enumerate(table.lists) if mask >> j & 1) for mask in chosen]
    model = HierarchicalModel(table.n_lists, tuple(sorted(chosen)))
    return model, tuple((first, second) for first, second in names)


@estimator(
    "mse_stepwise",
    family="mse",
    reference="Chan, Silverman and Vincent 2021, Journal of the American Statistical Association 116, 1297, section 3",
    assumptions=ASSUMPTIONS,
)
def mse_stepwise(table: CaptureTable, *, threshold: float = 0.02, level: float = 0.95) -> Estimate:
    """Size by the log-linear model that a stepwise search chooses.

    The interval takes the chosen model for known and is too short for that; ``mse_bootstrap`` carries the doubt of
    the choice. Raises Refused ``mse.threshold``, ``mse.level`` and ``mse.not_estimable``.

    >>> from migstat.estimation.mse_tables import table_from_overlaps
    >>> people = {"A": 90, "B": 70, "C": 50, "AB": 60, "AC": 10, "BC": 8, "ABC": 8}
    >>> mse_stepwise(table_from_overlaps(people, ("A", "B", "C"))).extra["added"]
    (('A', 'B'),)
    """
    refuse_level(level)
    model, added = stepwise_model(table, threshold)
    fit = fit_loglinear(table, model)
    refuse_without_size(fit)
    return size_estimate(
        "mse_stepwise",
        table.observed,
        fit.size,
        fit.standard_error,
        level=level,
        meaning=_MEANING,
        assumptions=ASSUMPTIONS,
        diagnostics=(existence_diagnostic(fit), deviance_diagnostic(fit)),
        fit=fit,
        model=model.name,
        added=added,
        threshold=threshold,
    )


_MEANING = meaning_of(
    Text(
        "Effectif total de la population selon un modèle choisi pas à pas d'après les données.",
        "الحجم الكلي للمجتمع وفق نموذج اختير خطوة خطوة من المعطيات.",
        "Total size of the population under a model chosen step by step from the data.",
    ),
    CONFIDENCE,
    Text(
        "L'intervalle ignore l'incertitude du choix du modèle et est donc trop étroit.",
        "لا يأخذ المجال في الحسبان عدم اليقين في اختيار النموذج، فهو أضيق مما ينبغي.",
        "The interval ignores the doubt about the choice of the model and is therefore too narrow.",
    ),
)
