"""Poisson log-linear fits of hierarchical models on capture tables, many models in one compiled loop.

The design matrix of a hierarchical model is never built. Cells and terms are both subsets of the lists, written as bit
masks, and a term acts on the cells that contain it; so the linear predictor is a sum over subsets of a cell, and every
entry of X'WX is a sum of weights over the supersets of the union of two terms. Both are fast Moebius transforms of
length 2^L, which leaves the Cholesky factor as the only cost that grows with the number of parameters.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# How a fit ended. The order matters: up to EXTENDED the size of the population is estimated.
EXISTS: Final = 0  # every fitted count is positive
EMPTY_MARGINS: Final = 1  # terms without any person are minus infinity; the rest exists (extended estimate)
EXTENDED: Final = 2  # further cells are fitted as exactly 0 (a face that is not a margin); the size is still estimated
LIMIT_ZERO: Final = 3  # the likelihood only grows as the number of unseen people goes to 0
LIMIT_INFINITE: Final = 4  # ... goes to infinity
NOT_IDENTIFIABLE: Final = 5  # the data say nothing about the number of unseen people under this model
NO_SIZE: Final = 6  # one of the last three; which one takes a linear programme
UNDECIDED: Final = 7  # Newton's method could not tell: left to the linear programme

# Columns of the table of fits.
UNSEEN: Final = 0
VARIANCE: Final = 1  # of the logarithm of the unseen count
DEVIANCE: Final = 2
LOGLIK: Final = 3
STATUS: Final = 4
DEFICIENCY: Final = 5  # parameters that the cells fitted above 0 cannot tell apart, empty margins not counted
N_COLUMNS: Final = 6

_MOST_STEPS: Final = 60
_STEP_TOLERANCE: Final = 1e-8  # the step after this one would be its square
_RANK_TOLERANCE: Final = 1e-9  # pivots of integer Gram matrices of 0/1 designs are far above it or 0


@njit(cache=True)
def sum_over_subsets(values: Any, n_lists: int) -> None:
    """In place: ``values[s]`` becomes the sum of ``values[t]`` over all t contained in s."""
    for bit in range(n_lists):
        step = 1 << bit
        for mask in range(values.shape[0]):
            if mask & step:
                values[mask] += values[mask ^ step]


@njit(cache=True)
def sum_over_supersets(values: Any, n_lists: int) -> None:
    """In place: ``values[s]`` becomes the sum of ``values[t]`` over all t that contain s."""
    for bit in range(n_lists):
        step = 1 << bit
        for mask in range(values.shape[0]):
            if not mask & step:
                values[mask] += values[mask | step]


@njit(cache=True)
def _factorise(weights: Any, terms: Any, kept: Any, n_kept: int, lower: Any) -> bool:
    """Cholesky factor of X'WX for the kept terms; ``weights`` hold superset sums. False when it breaks down."""
    for i in range(n_kept):
        for j in range(i + 1):
            total = weights[terms[kept[i]] | terms[kept[j]]]
            for k in range(j):
                total -= lower[i, k] * lower[j, k]
            if i == j:
                if not total > 1e-300:
                    return False
                lower[i, i] = math.sqrt(total)
            else:
                lower[i, j] = total / lower[j, j]
    return True


@njit(cache=True)
def _solve(lower: Any, right: Any, n_kept: int) -> None:
    """Solve L L' x = right in place."""
    for i in range(n_kept):
        total = right[i]
        for k in range(i):
            total -= lower[i, k] * right[k]
        right[i] = total / lower[i, i]
    for i in range(n_kept - 1, -1, -1):
        total = right[i]
        for k in range(i + 1, n_kept):
            total -= lower[k, i] * right[k]
        right[i] = total / lower[i, i]


@njit(cache=True)
def _independent_terms(alive: Any, terms: Any, n_terms: int, n_lists: int, lower: Any, kept: Any) -> int:
    """Write into ``kept`` the terms whose columns are independent on the living cells; return how many there are.

    The empty term stands last in ``terms``, so that it is kept exactly when the unseen count is identified.
    """
    size = 1 << n_lists
    cells = np.zeros(size)
    for cell in range(1, size):
        cells[cell] = 1.0 if alive[cell] else 0.0
    sum_over_supersets(cells, n_lists)
    n_kept = 0
    for i in range(n_terms):
        own = cells[terms[i]]
        pivot = own
        for j in range(n_kept):
            total = cells[terms[i] | terms[kept[j]]]
            for k in range(j):
                total -= lower[n_kept, k] * lower[j, k]
            lower[n_kept, j] = total / lower[j, j]
            pivot -= lower[n_kept, j] * lower[n_kept, j]
        if pivot > _RANK_TOLERANCE * max(own, 1.0):
            lower[n_kept, n_kept] = math.sqrt(pivot)
            kept[n_kept] = i
            n_kept += 1
    return n_kept


@njit(cache=True)
def _predict(beta: Any, terms: Any, kept: Any, n_kept: int, n_lists: int, eta: Any) -> None:
    eta[:] = 0.0
    for i in range(n_kept):
        eta[terms[kept[i]]] = beta[i]
    sum_over_subsets(eta, n_lists)


@njit(cache=True)
def _weigh(eta: Any, alive: Any, n_lists: int, weights: Any) -> float:
    """Fill ``weights`` with superset sums of the fitted counts of living cells; return their total."""
    weights[0] = 0.0
    for cell in range(1, eta.shape[0]):
        weights[cell] = math.exp(min(eta[cell], 500.0)) if alive[cell] else 0.0
    sum_over_supersets(weights, n_lists)
    return float(weights[0])


@njit(cache=True)
def _start(counts: Any, alive: Any, terms: Any, kept: Any, n_kept: int, n_lists: int, lower: Any, beta: Any) -> bool:
    """First weighted least squares of the logarithms of the counts, each raised by a tenth."""
    size = counts.shape[0]
    weights = np.zeros(size)
    working = np.zeros(size)
    for cell in range(1, size):
        if alive[cell]:
            raised = counts[cell] + 0.1
            weights[cell] = raised
            working[cell] = raised * math.log(raised) - 0.1
    sum_over_supersets(weights, n_lists)
    sum_over_supersets(working, n_lists)
    if not _factorise(weights, terms, kept, n_kept, lower):
        return False
    for i in range(n_kept):
        beta[i] = working[terms[kept[i]]]
    _solve(lower, beta, n_kept)
    return True


@njit(cache=True)
def _log_likelihood(counts: Any, eta: Any, alive: Any, total_fitted: float) -> float:
    """Without the constant of the counts; minus infinity never occurs, dead cells have no people."""
    value = -total_fitted
    for cell in range(1, counts.shape[0]):
        if alive[cell] and counts[cell] > 0:
            value += counts[cell] * eta[cell]
    return value


@njit(cache=True)
def _falling_cells(step: Any, counts: Any, alive: Any, falling: Any) -> int:
    """How many living cells run off to 0 while all others stand still; 0 when the step does not show such a split."""
    found = 0
    for cell in range(1, step.shape[0]):
        falling[cell] = False
        if not alive[cell]:
            continue
        if step[cell] < -0.3 and counts[cell] == 0:
            falling[cell] = True
            found += 1
        elif abs(step[cell]) > 1e-4:
            return 0
    return found


@njit(cache=True)
def _newton(
    counts: Any, margins: Any, terms: Any, n_lists: int, alive: Any, kept: Any, n_kept: int, beta: Any,
    eta: Any, lower: Any, falling: Any, slope: Any,
) -> int:  # fmt: skip
    """Newton's method from ``beta``: 0 converged, n > 0 that many cells fall to 0 for ever, -1 neither.

    ``slope[0]`` receives the last step of the intercept, which tells where the unseen count goes in the second case.
    """
    size = counts.shape[0]
    weights = np.empty(size)
    step = np.empty(n_kept)
    step_eta = np.empty(size)
    _predict(beta, terms, kept, n_kept, n_lists, eta)
    total = _weigh(eta, alive, n_lists, weights)
    value = _log_likelihood(counts, eta, alive, total)
    for iteration in range(_MOST_STEPS):
        if not _factorise(weights, terms, kept, n_kept, lower):
            return -1
        for i in range(n_kept):
            step[i] = margins[terms[kept[i]]] - weights[terms[kept[i]]]
        _solve(lower, step, n_kept)
        _predict(step, terms, kept, n_kept, n_lists, step_eta)
        largest = 0.0
        for cell in range(1, size):
            if alive[cell]:
                largest = max(largest, abs(step_eta[cell]))
        if iteration >= 5:
            n_falling = _falling_cells(step_eta, counts, alive, falling)
            if n_falling > 0:
                slope[0] = step_eta[0]
                return int(n_falling)
        share = 1.0
        for _ in range(30):
            for cell in range(size):
                eta[cell] += share * step_eta[cell]
            total = _weigh(eta, alive, n_lists, weights)
            new_value = _log_likelihood(counts, eta, alive, total)
            if new_value >= value - 1e-9 * (1.0 + abs(value)):
                break
            for cell in range(size):
                eta[cell] -= share * step_eta[cell]
            share *= 0.5
        value = new_value
        for i in range(n_kept):
            beta[i] += share * step[i]
        if largest < _STEP_TOLERANCE:
            _predict(beta, terms, kept, n_kept, n_lists, eta)
            _weigh(eta, alive, n_lists, weights)
            return 0 if _factorise(weights, terms, kept, n_kept, lower) else -1
    return -1


@njit(cache=True)
def fit_hierarchical(
    counts: Any, terms: Any, n_terms: int, n_lists: int, alive: Any, decided: bool, eta: Any, row: Any
) -> None:
    """Fit one model. ``terms[:n_terms]`` are masks with the empty set last; results go into ``row`` and ``eta``.

    ``alive`` (one truth value a cell) says which cells may be positive; cells above an empty margin are taken out here,
    and with ``decided`` False also those that Newton's method shows to fall to 0. ``eta`` is the linear predictor.
    """
    size = counts.shape[0]
    margins = counts.copy()
    margins[0] = 0.0
    sum_over_supersets(margins, n_lists)
    status = EXISTS
    for i in range(n_terms):
        if margins[terms[i]] == 0.0:
            status = EMPTY_MARGINS
            for cell in range(1, size):
                if cell & terms[i] == terms[i]:
                    alive[cell] = False
    used = np.empty(n_terms, np.int64)
    n_used = 0
    for i in range(n_terms):
        if margins[terms[i]] > 0.0:
            used[n_used] = terms[i]
            n_used += 1
    lower = np.empty((n_terms + 1, n_terms + 1))
    kept = np.empty(n_terms, np.int64)
    beta = np.zeros(n_terms)
    falling = np.zeros(size, np.bool_)
    slope = np.zeros(1)
    n_kept = _independent_terms(alive, used, n_used, n_lists, lower, kept)
    lost = n_used - n_kept
    identified = n_kept > 0 and kept[n_kept - 1] == n_used - 1
    if not identified:
        status = NOT_IDENTIFIABLE
    for _ in range(4):
        if n_kept == 0 or not _start(counts, alive, used, kept, n_kept, n_lists, lower, beta):
            status = UNDECIDED
            break
        ended = _newton(counts, margins, used, n_lists, alive, kept, n_kept, beta, eta, lower, falling, slope)
        if ended == 0:
            break
        if ended < 0 or decided:
            status = UNDECIDED
            break
        for cell in range(1, size):
            if falling[cell]:
                alive[cell] = False
        was = n_kept
        n_kept = _independent_terms(alive, used, n_used, n_lists, lower, kept)
        if n_kept == was:  # the cells did not span a face: only the linear programme can tell
            status = UNDECIDED
            break
        if status >= LIMIT_ZERO:
            continue
        if kept[n_kept - 1] == n_used - 1:
            status = EXTENDED
        elif n_used - n_kept == lost + 1 and lost == 0:
            status = LIMIT_ZERO if slope[0] < 0 else LIMIT_INFINITE
        else:
            status = NO_SIZE
    row[DEFICIENCY] = n_used - n_kept
    _summarise(counts, eta, alive, status, lower, n_kept, row)


@njit(cache=True)
def _summarise(counts: Any, eta: Any, alive: Any, status: int, lower: Any, n_kept: int, row: Any) -> None:
    row[STATUS] = status
    row[UNSEEN] = np.nan
    row[VARIANCE] = np.nan
    row[DEVIANCE] = np.nan
    row[LOGLIK] = np.nan
    if status == UNDECIDED:
        return
    loglik = 0.0
    deviance = 0.0
    for cell in range(1, counts.shape[0]):
        if alive[cell]:
            mean = math.exp(eta[cell])
            seen = counts[cell]
            loglik += seen * eta[cell] - mean - math.lgamma(seen + 1.0)
            deviance += 2.0 * (mean - seen)
            if seen > 0:
                deviance += 2.0 * seen * (math.log(seen) - eta[cell])
    row[DEVIANCE] = max(deviance, 0.0)
    row[LOGLIK] = loglik
    if status <= EXTENDED:
        row[UNSEEN] = math.exp(eta[0])
        row[VARIANCE] = 1.0 / (lower[n_kept - 1, n_kept - 1] * lower[n_kept - 1, n_kept - 1])
    elif status == LIMIT_ZERO:
        row[UNSEEN] = 0.0
    elif status == LIMIT_INFINITE:
        row[UNSEEN] = np.inf


@njit(cache=True)
def terms_of_code(code: Any, base: Any, n_base: int, n_lists: int, terms: Any) -> int:
    """Spell out a model code (bit m set: term m is in the model) as masks: interactions, main effects, empty set."""
    count = 0
    for mask in range(1, 1 << n_lists):
        if (code >> np.uint64(mask)) & np.uint64(1):
            terms[count] = mask
            count += 1
    for i in range(n_base):
        terms[count] = base[i]
        count += 1
    terms[count] = 0
    return count + 1


@njit(cache=True)
def fit_codes(counts: Any, codes: Any, base: Any, n_lists: int, table: Any) -> None:
    """Fit every model code on one table of counts; row i of ``table`` (models, N_COLUMNS) receives model i."""
    size = counts.shape[0]
    terms = np.empty(size, np.int64)
    alive = np.empty(size, np.bool_)
    eta = np.empty(size)
    for i in range(codes.shape[0]):
        n_terms = terms_of_code(codes[i], base, base.shape[0], n_lists, terms)
        alive[:] = True
        fit_hierarchical(counts, terms, n_terms, n_lists, alive, False, eta, table[i])


@njit(cache=True)
def fit_tables(tables: Any, terms: Any, n_lists: int, out: Any) -> None:
    """Fit one model (masks with the empty set last) on many tables (tables, 2^L)."""
    size = tables.shape[1]
    alive = np.empty(size, np.bool_)
    eta = np.empty(size)
    for i in range(tables.shape[0]):
        alive[:] = True
        fit_hierarchical(tables[i], terms, terms.shape[0], n_lists, alive, False, eta, out[i])
