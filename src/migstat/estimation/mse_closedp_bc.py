"""Closed capture models with a correction for the bias of small samples."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from migstat.estimation.mse_assumptions import CLOSED, CONFIDENCE, HETEROGENEITY_FORM, LINKED, TRAP_RESPONSE, meaning_of
from migstat.estimation.mse_chao import bias_corrected_unseen
from migstat.estimation.mse_closedp import chao_columns, fit_without_negative, heterogeneity, log_choose
from migstat.estimation.mse_intervals import refuse_level, size_estimate, unseen_error
from migstat.estimation.mse_poisson import poisson_fit
from migstat.estimation.mse_tables import CaptureTable, captures
from migstat.estimation.mse_two_lists import times_seen
from migstat.estimation.registry import estimator
from migstat.model import Estimate, Refused, Text

Floats = NDArray[np.float64]

ASSUMPTIONS = (CLOSED, LINKED, HETEROGENEITY_FORM, TRAP_RESPONSE)

CORRECTED_MODELS: Final = (
    "M0", "Mt", "Mh Chao", "Mh Poisson", "Mh Darroch", "Mh Gamma",
    "Mth Chao", "Mth Poisson", "Mth Darroch", "Mb", "Mbh",
)  # fmt: skip
COUNT_MODELS: Final = ("M0", "Mh Poisson", "Mh Darroch", "Mh Gamma", "Mh Chao")


@estimator(
    "mse_closedp_bc",
    family="mse",
    reference="Rivest and Levesque 2001, Canadian Journal of Statistics 29, 555; Seber 1982, sections 3.1 and 4.1",
    assumptions=ASSUMPTIONS,
)
def mse_closedp_bc(
    people: CaptureTable | Sequence[int], model: str = "M0", *, occasions: int | None = None, level: float = 0.95
) -> Estimate:
    """Size by a closed capture model whose frequencies are first moved so that the bias of order 1 vanishes.

    ``people`` is a table, or (for M0 and Mh) how many were seen once, twice, ... in ``occasions``.
    Raises Refused ``mse.closed_model``, ``mse.few_occasions``, ``mse.occasions``, ``mse.not_estimable``.

    >>> from migstat.estimation.mse_tables import table_from_overlaps
    >>> round(mse_closedp_bc(table_from_overlaps({"A": 60, "B": 40, "AB": 20}, ("A", "B")), "Mt").value, 4)
    234.2857
    """
    refuse_level(level)
    value, error, observed = _corrected(people, model, occasions)
    return size_estimate(
        "mse_closedp_bc",
        observed,
        value,
        error,
        level=level,
        meaning=_MEANING,
        assumptions=ASSUMPTIONS,
        model=model,
    )


def _corrected(people: CaptureTable | Sequence[int], model: str, occasions: int | None) -> tuple[float, float, int]:
    if model not in CORRECTED_MODELS:
        raise Refused("mse.closed_model", found=repr(model), remedy=f"use one of {', '.join(CORRECTED_MODELS)}")
    seen = times_seen(people, occasions)
    if seen.occasions is None:
        raise Refused(
            "mse.occasions", found="no number of occasions", remedy="say in how many occasions people were seen"
        )
    t = seen.occasions
    needed = {"M0": 2, "Mt": 2, "Mbh": 4}.get(model, 3)
    if t < needed:
        raise Refused("mse.few_occasions", found=f"{t} occasions", remedy=f"bring {needed} occasions or more")
    if model in COUNT_MODELS:
        counts = np.zeros(t)
        counts[: len(seen.counts)] = seen.counts
        return (*_by_counts(counts, model), seen.observed)
    if not isinstance(people, CaptureTable):
        raise Refused("mse.closed_model", found=f"{model} for plain counts", remedy="give a table of histories")
    by_model = {"Mt": _occasions, "Mb": _removal, "Mbh": _removal}.get(model, _histories)
    return (*by_model(people, model), seen.observed)


def _by_counts(counts: Floats, model: str) -> tuple[float, float]:
    t = len(counts)
    if model == "Mh Chao":
        unseen, variance = bias_corrected_unseen(counts[0], counts[1], (t - 1) / t)
        return float(counts.sum() + unseen), math.sqrt(max(variance, 0.0))
    times = np.arange(1, t + 1, dtype=np.float64)
    columns, moves = [np.ones(t), times], [-0.5, 1.0, 0.0]
    if model != "M0":
        h = heterogeneity(model.split()[1], times)
        columns.append(h)
        curve = (h[1] - 2 * h[0]) / (h[2] - 2 * h[1] + h[0])
        moves = [-(1 + curve) / 2, 1 + curve, (1 - curve) / 2]
    moved = counts.copy()
    moved[:3] += moves[: min(3, t)]
    fit = poisson_fit(np.maximum(moved, 0.0), np.column_stack(columns), log_choose(t))
    return _size(counts, fit.coefficients, fit.covariance)


def _size(counts: Floats, coefficients: Floats, covariance: Floats) -> tuple[float, float]:
    unseen = math.exp(coefficients[0])
    return float(counts.sum() + unseen), unseen_error(unseen, float(covariance[0, 0]))


def _histories(table: CaptureTable, model: str) -> tuple[float, float]:
    """Mth: one move for all histories of one, two and three captures."""
    t = table.n_lists
    form = model.split()[1]
    moves = {
        "Chao": ((t - 2) / (2 * t), 2 / (t * (t - 1)), 0.0),
        "Poisson": ((2 * t - 5) / (4 * t), 3 / (t * (t - 1)), 3 / (2 * t * (t - 1) * (t - 2))),
        "Darroch": ((t - 3) / (2 * t), 4 / (t * (t - 1)), 0.0),
    }[form]
    counts = table.counts[1:]
    times = captures(t)[1:]
    moved = counts + np.array([0.0, *moves, *[0.0] * max(t - 3, 0)])[times]
    plain = np.column_stack([np.ones(len(counts)), (np.arange(1, 1 << t)[:, None] >> np.arange(t)) & 1]).astype(
        np.float64
    )
    if form == "Chao":
        fit, _ = fit_without_negative(moved, plain, chao_columns(times.astype(np.float64), t), None)
    else:
        fit = poisson_fit(moved, np.column_stack([plain, heterogeneity(form, times.astype(np.float64))]))
    return _size(counts, fit.coefficients, fit.covariance)


def _occasions(table: CaptureTable, model: str) -> tuple[float, float]:
    """Mt: Chapman's estimator for two occasions, else the root of prod(1 - n_i / N) = 1 - n / N with moved counts."""
    from scipy.optimize import brentq

    sizes = table.list_sizes.astype(np.float64)
    n, t = float(table.observed), table.n_lists
    if t == 2:
        both = sizes.sum() - n
        product = (sizes + 1).prod()
        error = math.sqrt(product * (sizes - both).prod() / ((both + 2) * (both + 1) ** 2))
        return float(product / (both + 1) - 1), error
    moved, all_moved = sizes + (t + 2) / (2 * t), n + t / 2

    def gap(size: float) -> float:
        return float(np.prod(1 - moved / size) - (1 - all_moved / size))

    high = 2 * all_moved
    while gap(high) < 0 and high < 1e12:
        high *= 2
    root = float(brentq(gap, all_moved, high, xtol=1e-10, rtol=1e-14))
    information = 1 / (root - all_moved) + (t - 1) / root - float((1 / (root - moved)).sum())
    return root - t / 2, 1 / math.sqrt(information)


def _removal(table: CaptureTable, model: str) -> tuple[float, float]:
    """Mb and Mbh: first captures on each occasion, moved by +2, -1, -1, decline geometrically."""
    t = table.n_lists
    masks = np.arange(1, 1 << t)
    first = ((masks[:, None] >> np.arange(t)) & 1).argmax(axis=1)
    new = np.bincount(first, weights=table.counts[1:], minlength=t)
    certain = new[0] if model == "Mbh" else 0.0
    new = new[1:] if model == "Mbh" else new
    moved = new.copy()
    moved[:3] += np.array([2.0, -1.0, -1.0])
    design = np.column_stack([np.ones(len(new)), np.arange(len(new), dtype=np.float64)])
    fit = poisson_fit(np.maximum(moved, 0.0), design)
    level, decline = fit.coefficients
    if decline >= 0:
        raise Refused(
            "mse.not_estimable", found="first captures that do not decline", remedy="take a model without a response"
        )
    missed = math.exp(decline)
    size = math.exp(level) / (1 - missed)
    gradient = size * np.array([1.0, missed / (1 - missed)])
    variance = float(gradient @ fit.covariance @ gradient) - size
    return float(size + certain), math.sqrt(max(variance, 0.0))


_MEANING = meaning_of(
    Text(
        "Effectif total de la population, corrigé du biais des petits échantillons.",
        "الحجم الكلي للمجتمع مصححا من انحياز العينات الصغيرة.",
        "Total size of the population, corrected for the bias of small samples.",
    ),
    CONFIDENCE,
    Text(
        "Une hétérogénéité d'une autre forme que celle du modèle le rendrait faux.",
        "ويفسده كل تباين في احتمال الرصد يخالف شكل النموذج.",
        "Heterogeneity of another form than the model's would make it wrong.",
    ),
)
