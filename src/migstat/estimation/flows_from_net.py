"""Flows with known net migration of each place: the closest table to a seed, alone or with a known total."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from migstat.estimation.arrays import EstimateArray, Floats, finite
from migstat.estimation.flows_ipf import PATTERN_KEPT
from migstat.estimation.flows_tables import flow_estimates, square
from migstat.estimation.registry import estimator
from migstat.model import Assumption, Refused, Text

NET_TRUE = Assumption(
    "net_true",
    Text(
        fr="Le solde de chaque lieu est juste et les soldes s'annulent.",
        ar="صافي الهجرة في كل مكان صحيح، ومجموع الصافيات منعدم.",
        en="The net migration of each place is right and they add up to 0.",
    ),
    Text(
        fr="L'erreur d'un solde est un résidu de tout le reste (omissions du recensement) et passe dans les flux.",
        ar="خطأ الصافي هو بقية كل شيء آخر (نواقص التعداد) وينتقل إلى التدفقات.",
        en="The error of a net figure is the remainder of all else (census omissions) and goes into the flows.",
    ),
)
ASSUMPTIONS = (PATTERN_KEPT, NET_TRUE)
MEANING = Text(
    fr="Flux les plus proches de la table de départ parmi ceux qui donnent les soldes connus. Sans intervalle propre.",
    ar="أقرب التدفقات إلى الجدول الأولي من بين ما يعطي الصافيات المعروفة. بلا مجال خاص.",
    en="The flows closest to the seed among those with the known net migration. No interval of their own.",
)


@estimator(
    "flows_from_net",
    family="flows",
    reference="Plane (1981), Environment and Planning A 13, 1067-1076 (information minimisation with net totals); "
    "conditional "
    "maximisation: Willekens (1999), Mathematical Population Studies 7, 239-278",
    assumptions=ASSUMPTIONS,
)
def flows_from_net(
    seed: ArrayLike, net: ArrayLike, *, total: float | None = None, places: Sequence[str] | None = None
) -> EstimateArray:
    """Flows scale * a_i seed_ij / a_j with arrivals - departures = ``net`` (n,); ``total`` fixes the sum of all
    cells.

    Raises Refused: ``flows.net_sum``, ``flows.net_unattainable``, ``flows.total``, ``ipf.negative_seed``.

    >>> flows_from_net([[0, 4], [2, 0]], [1, -1]).values.round(3)
    array([[0.   , 2.372],
           [3.372, 0.   ]])
    """
    table, wanted = square(seed, "seed"), finite(net, "net")
    if (table < 0).any():
        raise Refused("ipf.negative_seed", found="a negative seed cell", remedy="a seed is a pattern of 0 or more")
    if wanted.size != table.shape[0] or abs(wanted.sum()) > 1e-9 * max(float(np.abs(wanted).sum()), 1.0):
        raise Refused("flows.net_sum", found=f"net totals that sum to {wanted.sum():.6g}", remedy="make them sum to 0")
    if total is not None and not total > 0:
        raise Refused("flows.total", found=repr(total), remedy="give a positive total")
    a, scale = _solve(table, wanted, total)
    flow = scale * np.exp(a[:, None] - a[None, :]) * table
    return flow_estimates(
        "flows_from_net",
        flow,
        MEANING,
        places=places,
        assumptions=ASSUMPTIONS,
        extra={"factors": np.exp(a), "scale": scale},
    )


def _solve(seed: Floats, net: Floats, total: float | None) -> tuple[Floats, float]:
    """Newton on the convex dual sum(seed e^(a_i - a_j)) + net'a, or total log sum(...) + net'a, with a_1 = 0."""
    a, goal = np.zeros(net.size), 1e-12 * max(float(np.abs(net).sum()), float(seed.sum()), 1.0)

    def state(at: Floats) -> tuple[float, Floats, float]:
        cells = np.exp(np.clip(at[:, None] - at[None, :], -700, 700)) * seed
        whole = float(cells.sum())
        scale = 1.0 if total is None else total / whole
        cost = whole if total is None else total * float(np.log(whole))
        return cost + float(net @ at), scale * cells, scale

    cost, cells, scale = state(a)
    for _ in range(200):
        slope = cells.sum(axis=1) - cells.sum(axis=0) + net
        if np.abs(slope).max() <= goal:
            return a, scale
        turnover = cells.sum(axis=1) + cells.sum(axis=0)
        hessian = np.diag(turnover) - cells - cells.T
        if total is not None:
            drift = cells.sum(axis=1) - cells.sum(axis=0)
            hessian = hessian - np.outer(drift, drift) / total
        move = np.append(0.0, -np.linalg.lstsq(hessian[1:, 1:], slope[1:], rcond=1e-14)[0])
        step = min(1.0, 3.0 / max(float(np.abs(move).max()), 1e-300))
        while True:
            new_cost, new_cells, new_scale = state(a + step * move)
            if new_cost <= cost + 1e-13 * abs(cost) or step < 1e-9:
                break
            step *= 0.5
        a, cost, cells, scale = a + step * move, new_cost, new_cells, new_scale
    if np.abs(cells.sum(axis=1) - cells.sum(axis=0) + net).max() <= 1e4 * goal:
        return a, scale
    raise Refused(
        "flows.net_unattainable",
        found="net totals that the seed's zeros, or the total, do not allow",
        remedy="give a larger total, or a seed with a way in and out of each place",
    )
