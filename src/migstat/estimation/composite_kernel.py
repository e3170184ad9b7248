"""The numerical core of the composite index, one unit of work a column or a replicate, compiled on first use.

Codes instead of names: methods are their places in ``NORMALISATIONS`` of ``composite_normalisation`` and ``AGGREGATIONS`` of
``composite_aggregation``; a new one goes to the end of those.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True)
def skewness_and_kurtosis(values):  # type: ignore[no-untyped-def]
    """G1 and G2 (Joanes and Gill 1998, The Statistician 47, type 2) of at least four values."""
    n = values.size
    mean = values.mean()
    m2 = m3 = m4 = 0.0
    for value in values:
        d = value - mean
        m2 += d * d
        m3 += d * d * d
        m4 += d * d * d * d
    m2, m3, m4 = m2 / n, m3 / n, m4 / n
    if m2 <= 1e-28 * mean * mean or m2 == 0.0:
        return 0.0, 0.0
    skewness = m3 / m2**1.5 * np.sqrt(n * (n - 1.0)) / (n - 2.0)
    kurtosis = (n - 1.0) / ((n - 2.0) * (n - 3.0)) * ((n + 1.0) * (m4 / m2**2 - 3.0) + 6.0)
    return skewness, kurtosis


@njit(cache=True)
def treat_column(values, most, skew_limit, kurtosis_limit, transform):  # type: ignore[no-untyped-def]
    """Outliers drawn in: returns the column, how many values were winsorised, and whether it was transformed."""
    treated = values.copy()
    if values.size < 4 or most < 0:
        return treated, 0, False
    skewness, kurtosis = skewness_and_kurtosis(treated)
    if abs(skewness) <= skew_limit or kurtosis <= kurtosis_limit:
        return treated, 0, False
    tail = skewness
    ranked = np.sort(values)
    low, high = 0, values.size - 1
    while (low + values.size - 1 - high) < most and low < high - 1:
        if skewness > 0:
            high -= 1
        else:
            low += 1
        for place in range(values.size):
            treated[place] = min(max(values[place], ranked[low]), ranked[high])
        skewness, kurtosis = skewness_and_kurtosis(treated)
        if abs(skewness) <= skew_limit or kurtosis <= kurtosis_limit:
            return treated, low + values.size - 1 - high, False
    if transform == 0.0:
        return treated, low + values.size - 1 - high, False
    shift = 0.01 * (ranked[-1] - ranked[0])
    for place in range(values.size):
        if tail > 0:
            treated[place] = np.log(values[place] - ranked[0] + shift)
        else:
            treated[place] = -np.log(ranked[-1] - values[place] + shift)
    return treated, 0, True


@njit(cache=True)
def _ranks(values):  # type: ignore[no-untyped-def]
    """1 for the smallest; tied values share the smallest rank."""
    order = np.argsort(values)
    ranks = np.empty(values.size)
    current = 1.0
    for place in range(values.size):
        if place > 0 and values[order[place]] > values[order[place - 1]]:
            current = place + 1.0
        ranks[order[place]] = current
    return ranks


@njit(cache=True)
def normalise_column(values, method, first, second, direction, low_post, high_post):  # type: ignore[no-untyped-def]
    """One indicator on a common scale; NaN everywhere where the method is not defined for it."""
    n = values.size
    x = np.empty(n)
    total = 0.0
    for place in range(n):
        x[place] = values[place] * direction
        total += x[place]
    if method >= 2 and method <= 4:
        x = _ranks(x)
        for place in range(n):
            if method > 2:
                x[place] -= 1.0
            if method == 4:
                x[place] /= n - 1.0
        return x
    least, most = x[0], x[0]
    squares = 0.0
    for place in range(n):
        least, most = min(least, x[place]), max(most, x[place])
        squares += (x[place] - total / n) ** 2
    if method < 7 and (most <= least or (method == 6 and least < 0.0)):
        x[:] = np.nan
        return x
    deviation = np.sqrt(squares / (n - 1.0))
    for place in range(n):
        if method == 0:
            x[place] = first + (second - first) * ((x[place] - least) / (most - least))
        elif method == 1:
            x[place] = first + second * ((x[place] - total / n) / deviation)
        elif method == 5:
            x[place] = 1.0 - (most - x[place]) / (most - least)
        elif method == 6:
            x[place] /= most
        elif method == 7:
            x[place] = first + second * x[place]
        else:
            share = min(max((values[place] - low_post) / (high_post - low_post), 0.0), 1.0)
            x[place] = first + (second - first) * (share if direction > 0 else 1.0 - share)
    return x


@njit(cache=True)
def _combine(scores, parts, weights, method, result):  # type: ignore[no-untyped-def]
    """Scores (slots x units) of ``parts`` brought into one row ``result``; NaN where the mean is not defined."""
    total = weights.sum()
    units = result.size
    if method == 3:
        result[:] = 0.0
        for one in range(units):
            for other in range(one + 1, units):
                balance = 0.0
                for k in range(parts.size):
                    gap = scores[parts[k], one] - scores[parts[k], other]
                    balance += weights[k] * ((gap > 0) - (gap < 0))
                sign = (balance > 1e-12 * total) - 1.0 * (balance < -1e-12 * total)
                result[one] += sign
                result[other] -= sign
        return
    for unit in range(units):
        sum_ = 0.0
        for k in range(parts.size):
            score = scores[parts[k], unit]
            if method == 0:
                sum_ += weights[k] * score
            elif weights[k] > 0 and not score > 0:
                sum_ = np.nan
            elif weights[k] > 0:
                sum_ += weights[k] * (np.log(score) if method == 1 else 1.0 / score)
        if method == 0:
            result[unit] = sum_ / total
        else:
            result[unit] = np.exp(sum_ / total) if method == 1 else total / sum_


@njit(cache=True)
def aggregate_tree(scores, starts, parts, weights, methods):  # type: ignore[no-untyped-def]
    """Fill the aggregate rows of ``scores`` (indicators then aggregates, by units) from the bottom up."""
    indicators = scores.shape[0] - (starts.size - 1)
    for place in range(starts.size - 1):
        own = slice(starts[place], starts[place + 1])
        _combine(scores, parts[own], weights[own], methods[place], scores[indicators + place])


@njit(cache=True)
def replicate_scores(  # type: ignore[no-untyped-def]
    tables,  # (imputations, indicators, units)
    spreads,  # (imputations, indicators, units): standard deviation of the error of each value
    noise,  # (draws, indicators, units) standard normal, or no draw at all
    edge_weights,  # (weightings, edges)
    treatments,  # (treatments, 4): most, skewness limit, kurtosis limit, transform
    normalisations,  # (normalisations, 3): method, first, second
    posts,  # (indicators, 2): goalposts
    aggregations,  # (aggregations, aggregates): method of each aggregate
    directions,
    starts,
    parts,
    choices,  # (replicates, 6): table, noise, weighting, treatment, normalisation, aggregation; noise -1 is none
):
    """Score of the index (replicates x units) for every row of choices."""
    _, indicators, units = tables.shape
    result = np.empty((choices.shape[0], units))
    scores = np.empty((indicators + starts.size - 1, units))
    for replicate in range(choices.shape[0]):
        table, draw, weighting, treatment, norm, aggregation = choices[replicate]
        most, skew_limit, kurtosis_limit, transform = treatments[treatment]
        method, first, second = normalisations[norm]
        for k in range(indicators):
            column = tables[table, k]
            if draw >= 0:
                column = column + spreads[table, k] * noise[draw, k]
            column, _, _ = treat_column(column, most, skew_limit, kurtosis_limit, transform)
            scores[k] = normalise_column(column, int(method), first, second, directions[k], posts[k, 0], posts[k, 1])
        aggregate_tree(scores, starts, parts, edge_weights[weighting], aggregations[aggregation])
        result[replicate] = scores[-1]
    return result
