"""Indices of a table of flows: intensity, connectivity, concentration, impact, distance, dissimilarity, entropy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from migstat.estimation.arrays import EstimateArray, Floats, finite, refuse_without_generator, seed_of
from migstat.estimation.flows_tables import square, without_diagonal
from migstat.estimation.registry import estimator
from migstat.model import Assumption, Refused, Text

FLOWS_COUNTED = Assumption(
    "flows_counted",
    Text(
        fr="Les flux sont des comptes de migrations indépendantes, mesurées de la même façon partout.",
        ar="التدفقات أعداد لهجرات مستقلة تُقاس بالطريقة نفسها في كل مكان.",
        en="The flows are counts of independent migrations, measured the same way everywhere.",
    ),
    Text(
        fr="Des familles qui se déplacent ensemble élargissent l'erreur ; des seuils de durée différents faussent "
        "l'indice.",
        ar="الأسر التي تتنقل معاً تزيد الخطأ؛ واختلاف عتبات المدة يفسد المؤشر.",
        en="Families who move together widen the error; different thresholds of duration make the index wrong.",
    ),
)
SAME_ZONES = Assumption(
    "same_zones",
    Text(
        fr="On ne compare que des tableaux au même découpage.",
        ar="لا تُقارن إلا جداول بالتقسيم نفسه.",
        en="Only tables with the same zones are compared.",
    ),
    Text(
        fr="Un découpage plus fin augmente l'intensité et baisse la connexion sans que rien n'ait changé.",
        ar="التقسيم الأدق يرفع الكثافة ويخفض الترابط دون أن يتغير شيء.",
        en="Finer zones raise intensity and lower connectivity though nothing has changed.",
    ),
)
ASSUMPTIONS = (FLOWS_COUNTED, SAME_ZONES)
MEANING = Text(
    fr="Résumé d'un tableau de flux. L'intervalle, s'il y en a un, est celui du hasard des migrations (Poisson) ; il "
    "ne contient pas les "
    "migrations non enregistrées, et un indice de concentration est un peu surestimé quand les flux sont petits.",
    ar="ملخص لجدول تدفقات. المجال، إن وُجد، هو مجال صدفة الهجرات (بواسون)؛ ولا يشمل الهجرات غير المسجلة، ومؤشر "
    "التركز يُبالغ فيه قليلاً "
    "عندما تكون التدفقات صغيرة.",
    en="Summary of a table of flows. The interval, if any, is that of the chance of migrations (Poisson); it does "
    "not hold migrations not "
    "recorded, and an index of concentration is a little too high where flows are small.",
)


@dataclass(frozen=True, slots=True)
class Replication:
    """Poisson replicates of the flows for standard errors and intervals."""

    rng: np.random.Generator
    replicates: int = 400

    def __post_init__(self) -> None:
        refuse_without_generator(self.rng)
        if self.replicates < 20:
            raise Refused("flows.replicates", found=str(self.replicates), remedy="draw at least 20, better 400")


def _gini_within(rows: Floats) -> Floats:
    """Sum over pairs of |x - y| (each pair twice) within each row, by sorting: O(n log n) a row."""
    ordered = np.sort(rows, axis=1)
    n = ordered.shape[1]
    weight = 2 * np.arange(1, n + 1) - n - 1
    total: Floats = 2 * ordered @ weight
    return total


def _off(m: Floats) -> Floats:
    """The n (n - 1) flows between different places, origin by origin: shape (n, n - 1)."""
    n = m.shape[0]
    cells: Floats = m[~np.eye(n, dtype=bool)].reshape(n, n - 1)
    return cells


def _independence(m: Floats) -> Floats:
    """Flows expected from origin and destination totals alone, without a diagonal (quasi-independence), by
    scaling."""
    from migstat.estimation.flows_margins import fit_margins

    pattern = without_diagonal(np.ones_like(m))
    return fit_margins(pattern, m.sum(axis=1), m.sum(axis=0), tolerance=1e-12).table


def connectivity_indices(flow: Floats) -> dict[str, float]:
    """Connectivity and concentration (Bell et al. 2002; Plane and Mulligan 1997; Rogers and Sweeney
    1998)."""
    m = without_diagonal(flow)
    n, total, cells = m.shape[0], float(m.sum()), _off(m)
    rows, columns = _gini_within(cells), _gini_within(_off(m.T))
    out, into = m.sum(axis=1), m.sum(axis=0)
    whole = float(_gini_within(cells.reshape(1, -1))[0])
    plain = whole / (2 * n * (n - 1) * total)
    field_out = rows / (2 * (n - 2) * np.where(out > 0, out, 1)) if n > 2 else np.zeros(n)
    field_in = columns / (2 * (n - 2) * np.where(into > 0, into, 1)) if n > 2 else np.zeros(n)
    share = m / total
    expected = _independence(m)
    mean = cells.mean(axis=1), _off(m.T).mean(axis=1)
    spread = cells.std(axis=1), _off(m.T).std(axis=1)
    return {
        "connectivity": float((cells > 0).mean()),
        "inequality_equal": 0.5 * float(np.abs(cells / total - 1 / cells.size).sum()),
        "inequality_expected": 0.5 * float(np.abs(share - expected / expected.sum()).sum()),
        "gini_total": whole / (2 * (n * (n - 1) - 1) * total),
        "gini_origin_standardised": float(rows.sum()) / (2 * n * (n - 1) * total) / plain if plain else 0.0,
        "gini_destination_standardised": float(columns.sum()) / (2 * n * (n - 1) * total) / plain if plain else 0.0,
        "gini_origin_weighted": float(field_out @ out) / total,
        "gini_destination_weighted": float(field_in @ into) / total,
        "gini_origin_weighted_bell": float(field_out @ into) / total / n,
        "gini_destination_weighted_bell": float(field_in @ out) / total / n,
        "variation": float(cells.std() / cells.mean()),
        "variation_aggregate": float(
            sum(
                np.sum(side * s / np.where(a > 0, a, 1)) / total
                for side, s, a in zip((out, into), spread, mean, strict=True)
            )
        ),
        "entropy": _entropy(cells / total),
    }


def _entropy(share: Floats) -> float:
    """Shannon entropy over its largest value: 1 when all flows are equal, 0 when there is but one."""
    used = share[share > 0]
    return float(-(used @ np.log(used)) / np.log(share.size)) if share.size > 1 else 0.0


def impact_indices(flow: Floats, population: Floats | None) -> dict[str, float]:
    """Effectiveness, net rate, preference, velocity (Bell et al. 2002; United Nations 1983) and
    redistribution."""
    m = without_diagonal(flow)
    total, net = float(m.sum()), m.sum(axis=0) - m.sum(axis=1)
    turnover = float(m.sum() * 2)
    found = {
        "effectiveness": 100 * float(np.abs(net).sum()) / turnover,
        "dissimilarity": 0.5 * float(np.abs(m.sum(axis=0) - m.sum(axis=1)).sum()) / total,
    }
    if population is not None:
        people, share = float(population.sum()), population / population.sum()
        expected = np.outer(share, share)
        found |= {
            "crude_intensity": 100 * total / people,
            "courgeau": 100 * total / people / float(np.log(population.size**2)),
            "net_rate": 100 * 0.5 * float(np.abs(net).sum()) / people,
            "preference": float((m / (total * expected)).sum()),
            "velocity": float((m / np.outer(population, population)).sum() * people),
        }
    return found


def distance_indices(flow: Floats, distance: Floats) -> dict[str, float]:
    """Mean and median distance moved, and the decay of a Poisson model with origin and destination effects."""
    m, inside = without_diagonal(flow), ~np.eye(flow.shape[0], dtype=bool)
    cells, d = m[inside], distance[inside]
    if (d <= 0).any():
        raise Refused(
            "indices.distance", found="a distance of 0 or less between places", remedy="give positive distances"
        )
    order = np.argsort(d)
    reached = np.cumsum(cells[order])
    return {
        "distance_mean": float(cells @ d / cells.sum()),
        "distance_median": float(d[order][np.searchsorted(reached, 0.5 * reached[-1])]),
        "distance_decay": _decay(m, distance),
    }


def _decay(m: Floats, distance: Floats) -> float:
    """Exponent b where the flows with the same totals and mean log distance are a_i c_j d_ij^b: one root, scaling
    within."""
    from scipy.optimize import brentq

    from migstat.estimation.flows_margins import fit_margins

    inside = ~np.eye(m.shape[0], dtype=bool)
    logs = np.where(inside, np.log(np.where(inside, distance, 1.0)), 0.0)
    centred = np.where(inside, logs - logs[inside].mean(), 0.0)
    observed = float((m * centred).sum())

    def gap(b: float) -> float:
        pattern = np.where(inside, np.exp(b * centred), 0.0)
        return float((fit_margins(pattern, m.sum(axis=1), m.sum(axis=0)).table * centred).sum()) - observed

    low, high = -1.0, 0.0
    while gap(low) > 0 and low > -30:
        low *= 2
    while gap(high) < 0 and high < 30:
        high += 1.0
    return float(brentq(gap, low, high, xtol=1e-13))


@estimator(
    "flow_indices",
    family="flows",
    reference="Bell, Blake, Boyle et al. (2002), JRSS A 165, 435-464; Plane and Mulligan (1997), Demography 34, "
    "251-262; Rogers and "
    "Sweeney (1998), Professional Geographer 50, 232-242; Courgeau (1973), Population 28, 95-129",
    assumptions=ASSUMPTIONS,
)
def flow_indices(
    flow: ArrayLike,
    *,
    population: ArrayLike | None = None,
    distance: ArrayLike | None = None,
    replication: Replication | None = None,
    level: float = 0.95,
) -> EstimateArray:
    """Indices of flows (origin, destination), labelled by name; the diagonal is not used.

    ``population`` (n,) adds intensity, net rate, preference and velocity; ``distance`` (n, n) adds distance moved and
    its decay. ``replication`` draws each flow from a Poisson law for standard errors and percentile intervals. Raises
    Refused: ``indices.negative``, ``indices.no_flow``, ``indices.population``, ``indices.distance``,
    ``flows.square``.

    >>> round(flow_indices([[0, 10, 20], [30, 0, 40], [5, 10, 0]]).estimate("effectiveness").value, 3)
    43.478
    """
    m = square(flow, "flow")
    if (m < 0).any():
        raise Refused("indices.negative", found="negative flows", remedy="give counts of 0 or more")
    if without_diagonal(m).sum() == 0:
        raise Refused("indices.no_flow", found="no flow between places", remedy="there is nothing to sum up")
    people = None if population is None else finite(population, "population")
    if people is not None and (people.size != m.shape[0] or (people <= 0).any()):
        raise Refused(
            "indices.population", found="populations missing or not positive", remedy="give one for each place"
        )
    far = None if distance is None else square(distance, "distance")

    def indices(table: Floats) -> dict[str, float]:
        found = connectivity_indices(table) | impact_indices(table, people)
        return found if far is None else found | distance_indices(table, far)

    return replicated("flow_indices", indices, m, replication, level)


def replicated(
    name: str,
    indices: Callable[[Floats], Mapping[str, float]],
    counts: Floats,
    replication: Replication | None,
    level: float,
) -> EstimateArray:
    """Indices of counts with Poisson replicates of the counts for their errors."""
    found = indices(counts)
    values, error, low, high = np.array(list(found.values())), None, None, None
    if replication is not None:
        draws = [list(indices(_drawn(counts, replication.rng)).values()) for _ in range(replication.replicates)]
        table = np.array(draws)
        tail = 0.5 * (1 - level)
        error = table.std(axis=0, ddof=1)
        low, high = np.quantile(table, [tail, 1 - tail], axis=0)
    return EstimateArray(
        estimand="index",
        estimator=name,
        values=values,
        standard_errors=error,
        low=low,
        high=high,
        level=level,
        interval_method="" if error is None else "percentiles of Poisson replicates",
        meaning=MEANING,
        labels=(tuple(found),),
        assumptions=ASSUMPTIONS,
        seed=None if replication is None else seed_of(replication.rng),
    )


def _drawn(counts: Floats, rng: np.random.Generator) -> Floats:
    while True:
        drawn = rng.poisson(counts).astype(np.float64)
        if drawn.sum() > 0:
            return drawn


def dissimilarity(first: ArrayLike, second: ArrayLike) -> float:
    """Index of dissimilarity between two distributions: the share of one to move to get the other, 0 to 1.

    Duncan and Duncan (1955). Raises Refused (``indices.dissimilarity``).

    >>> dissimilarity([1, 1], [3, 1])
    0.25
    """
    a, b = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if a.shape != b.shape or (a < 0).any() or (b < 0).any() or not a.sum() > 0 or not b.sum() > 0:
        raise Refused(
            "indices.dissimilarity", found="tables that are not alike, or empty", remedy="give counts of the same shape"
        )
    return 0.5 * float(np.abs(a / a.sum() - b / b.sum()).sum())
