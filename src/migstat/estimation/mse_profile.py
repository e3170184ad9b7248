"""Profile likelihood interval of the size: for every size the unseen cell is filled in and the model fitted anew."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from migstat.estimation.mse_models import HierarchicalModel
from migstat.estimation.mse_poisson import poisson_fit
from migstat.estimation.mse_tables import CaptureTable
from migstat.model import Interval, Refused

Floats = NDArray[np.float64]


def profile_interval(table: CaptureTable, model: HierarchicalModel, level: float = 0.95) -> tuple[float, Interval]:
    """The size of greatest multinomial likelihood and the sizes within chi-squared / 2 of it (Cormack 1992).

    Empty overlaps are taken out first, as in the extended fit. The upper end is infinite where the likelihood never
    falls far enough.
    """
    masks = np.arange(1 << table.n_lists)
    contains = (masks[:, None] & model.terms[None, :]) == model.terms[None, :]
    empty = contains.T.astype(np.float64) @ table.counts == 0
    cells = ~contains[:, empty].any(axis=1)
    design = contains[cells][:, ~empty].astype(np.float64)
    return profile_of_design(table.counts[cells][1:], design[1:], design[0], level)


def profile_of_design(
    counts: Floats, design: Floats, unseen_row: Floats, level: float = 0.95, refit: Callable[[Floats], float] | None = None
) -> tuple[float, Interval]:  # fmt: skip
    """The same for a bare design (cells, p) and the row of the unseen cell.

    ``refit`` (counts with the unseen last -> deviance) stands in for the plain fit where a model is fitted otherwise.
    """
    from scipy.optimize import brentq, minimize_scalar
    from scipy.special import chdtri

    observed = float(counts.sum())
    full = np.vstack([design, unseen_row])
    fit_deviance = refit or (lambda people: poisson_fit(people, full).deviance)

    def loglik(unseen: float) -> float:
        return _multinomial(observed, unseen) - fit_deviance(np.append(counts, unseen)) / 2

    top = max(observed, 10.0)
    while loglik(2 * top) > loglik(top):
        top *= 2
        if top > 1e9 * observed:
            raise Refused(
                "mse.not_estimable", found="a likelihood that grows for ever", remedy="take a model with fewer terms"
            )
    best = minimize_scalar(
        lambda unseen: -loglik(unseen), bounds=(0.0, 2 * top), method="bounded", options={"xatol": 1e-8 * top}
    )
    peak, target = float(best.x), -float(best.fun) - float(chdtri(1, 1 - level)) / 2
    low = 0.0 if loglik(0.0) >= target else brentq(lambda unseen: loglik(unseen) - target, 0.0, peak, xtol=1e-9 * top)
    far = max(2 * peak, 1.0)
    while loglik(far) > target and far < 1e9 * observed:
        far *= 2
    high = math.inf if loglik(far) > target else brentq(lambda u: loglik(u) - target, peak, far, xtol=1e-9 * top)
    return observed + peak, Interval(observed + low, observed + high, level, "profile likelihood")


def _multinomial(observed: float, unseen: float) -> float:
    """The part of the multinomial likelihood that the Poisson deviance leaves out (constants of the seen omitted)."""
    total = observed + unseen
    own = unseen * math.log(unseen) if unseen > 0 else 0.0
    return math.lgamma(total + 1) - total * math.log(total) - math.lgamma(unseen + 1) + own
