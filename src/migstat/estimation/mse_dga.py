"""Bayesian averaging over decomposable graphs of dependence between the lists."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from migstat.estimation.mse_assumptions import (
    CLOSED,
    CREDIBLE,
    DECOMPOSABLE,
    DEPENDENCE_BREAKS,
    HOMOGENEOUS,
    LINKED,
    meaning_of,
)
from migstat.estimation.mse_intervals import ESTIMAND, refuse_level
from migstat.estimation.mse_tables import CaptureTable
from migstat.estimation.registry import estimator
from migstat.model import Diagnostic, Estimate, Interval, Refused, Text

Floats = NDArray[np.float64]

ASSUMPTIONS = (CLOSED, LINKED, HOMOGENEOUS, DECOMPOSABLE)

_CELLS_AT_ONCE = 400_000
_MOST_POINTS = 1_000_000


@dataclass(frozen=True, slots=True)
class DecomposableGraph:
    """A graph on the lists by its cliques and separators, each a mask; a separator may stand there twice, or be empty."""

    cliques: tuple[int, ...]
    separators: tuple[int, ...]

    def name(self, n_lists: int) -> str:
        """Cliques with lists numbered from 1, as for log-linear models."""
        members = [[j + 1 for j in range(n_lists) if mask >> j & 1] for mask in self.cliques]
        words = ["".join(map(str, one)) for one in sorted(members, key=lambda one: (-len(one), one))]
        return "[" + ",".join(words) + "]"


@lru_cache(maxsize=8)
def decomposable_graphs(n_lists: int) -> tuple[DecomposableGraph, ...]:
    """All decomposable graphs on 2 to 6 lists, the complete one included: 2, 8, 61, 822 and 18,154.

    >>> [len(decomposable_graphs(n)) for n in (3, 4, 5)]
    [8, 61, 822]
    """
    if not 2 <= n_lists <= 6:
        raise Refused("mse.model_space", found=f"{n_lists} lists", remedy="average over graphs for 2 to 6 lists")
    pairs = list(combinations(range(n_lists), 2))
    graphs = []
    for code in range(1 << len(pairs)):
        neighbours = [0] * n_lists
        for bit, (i, j) in enumerate(pairs):
            if code >> bit & 1:
                neighbours[i] |= 1 << j
                neighbours[j] |= 1 << i
        graph = _decompose(neighbours)
        if graph is not None:
            graphs.append(graph)
    return tuple(graphs)


def _decompose(neighbours: list[int]) -> DecomposableGraph | None:
    """Cliques and separators by maximum cardinality search (Tarjan and Yannakakis 1984), None when not chordal."""
    n = len(neighbours)
    numbered = 0
    cliques: list[int] = []
    separators: list[int] = []
    for _ in range(n):
        rest = [v for v in range(n) if not numbered >> v & 1]
        vertex = max(rest, key=lambda v: ((neighbours[v] & numbered).bit_count(), -v))
        before = neighbours[vertex] & numbered
        inside = [u for u in range(n) if before >> u & 1]
        if any((before & ~(neighbours[u] | 1 << u)) for u in inside):
            return None
        if cliques and before == cliques[-1]:
            cliques[-1] |= 1 << vertex
        else:
            if numbered:
                separators.append(before)
            cliques.append(before | 1 << vertex)
        numbered |= 1 << vertex
    return DecomposableGraph(tuple(cliques), tuple(separators))


@dataclass(frozen=True, slots=True, eq=False)
class GraphPosterior:
    """``unseen`` (M,) numbers of unseen people, ``probability`` (M,) of each, ``graph_weights`` of each graph."""

    observed: int
    unseen: NDArray[np.int64]
    probability: Floats
    graph_weights: Floats
    graphs: tuple[DecomposableGraph, ...]

    @property
    def mean(self) -> float:
        return self.observed + float(self.probability @ self.unseen)

    @property
    def sd(self) -> float:
        away = self.unseen - (self.mean - self.observed)
        return float(np.sqrt(self.probability @ away**2))

    def quantile(self, level: float) -> int:
        """The least size whose cumulative probability reaches ``level``."""
        reached = np.searchsorted(np.cumsum(self.probability), level)
        return self.observed + int(self.unseen[min(int(reached), len(self.unseen) - 1)])

    @property
    def mode(self) -> int:
        return self.observed + int(self.unseen[np.argmax(self.probability)])


def graph_posterior(
    table: CaptureTable, unseen: NDArray[np.int64], *, delta: float | None = None, log_prior: Floats | None = None
) -> GraphPosterior:
    """Posterior of the unseen count over a grid, averaged over all decomposable graphs with equal prior weights.

    Hyper-Dirichlet prior with ``delta`` in each of the 2^L cells (2^-L when not given); prior of the size 1 / N, or
    exp(``log_prior``) on the grid. Madigan and York 1997, Biometrika 84, 19, equation 3.
    """
    from scipy.special import gammaln

    n_lists = table.n_lists
    per_cell = 2.0**-n_lists if delta is None else delta
    if not per_cell > 0:
        raise Refused("mse.delta", found=repr(delta), remedy="give prior cell counts above 0, such as 2 ** -lists")
    if len(unseen) == 0 or unseen.min() < 0:
        raise Refused("mse.grid", found="a grid without numbers, or negative ones", remedy="give numbers of 0 or more")
    graphs = decomposable_graphs(n_lists)
    scores = _graph_matrix(graphs, 1 << n_lists)
    total = table.observed + unseen.astype(np.float64)
    outer = gammaln(total + 1) - gammaln(unseen + 1.0) + (-np.log(total) if log_prior is None else log_prior)
    by_size = np.empty(len(unseen))
    by_graph, top = np.zeros(len(graphs)), -np.inf
    step = max(1, _CELLS_AT_ONCE // len(graphs))
    for start in range(0, len(unseen), step):
        part = slice(start, start + step)
        logs = scores @ _component_scores(table, unseen[part], per_cell) + outer[part]
        highest = logs.max(axis=0)
        logs -= highest
        np.exp(logs, out=logs)
        by_size[part] = highest + np.log(logs.sum(axis=0))
        new_top = max(top, float(highest.max()))
        by_graph = by_graph * np.exp(top - new_top) + logs @ np.exp(highest - new_top)
        top = new_top
    probability = np.exp(by_size - by_size.max())
    probability /= probability.sum()
    return GraphPosterior(table.observed, unseen, probability, by_graph / by_graph.sum(), graphs)


def _graph_matrix(graphs: tuple[DecomposableGraph, ...], n_components: int) -> Floats:
    """(graphs, components): +1 for each clique, -1 for each separator; -1 for the empty set normalises the prior."""
    matrix = np.zeros((len(graphs), n_components))
    matrix[:, 0] = -1
    for row, graph in enumerate(graphs):
        for clique in graph.cliques:
            matrix[row, clique] += 1
        for separator in graph.separators:
            matrix[row, separator] -= 1
    return matrix


def _component_scores(table: CaptureTable, unseen: NDArray[np.int64], delta: float) -> Floats:
    """(2^L, M) log marginal likelihood of the margin over each set of lists (the empty set: the total)."""
    from scipy.special import gammaln

    size = 1 << table.n_lists
    cells = np.arange(size)
    scores = np.empty((size, len(unseen)))
    for component in range(size):
        prior = delta * 2.0 ** (table.n_lists - component.bit_count())
        margin = np.bincount(cells & component, weights=table.counts, minlength=size)
        part = margin[np.unique(cells & component)]
        fixed = float((gammaln(part[1:] + prior) - gammaln(prior)).sum())
        scores[component] = gammaln(part[0] + unseen + prior) - gammaln(prior) + fixed
    return scores


@estimator(
    "mse_dga",
    family="mse",
    reference="Madigan and York 1997, Biometrika 84, 19",
    assumptions=ASSUMPTIONS,
)
def mse_dga(
    table: CaptureTable,
    *,
    delta: float | None = None,
    least_unseen: int = 0,
    most_unseen: int | None = None,
    level: float = 0.95,
) -> Estimate:
    """Posterior mean of the size over all decomposable graphs of 2 to 6 lists, with its equal-tailed interval.

    The grid of unseen people goes from ``least_unseen`` to ``most_unseen``, which without a number doubles until the
    posterior beyond matters no more; the diagnostic ``grid_end`` says how much stands at the end. A grid of more
    than a million numbers takes evenly spaced ones.
    Raises Refused ``mse.delta``, ``mse.grid``, ``mse.model_space``.

    >>> from migstat.estimation.mse_tables import table_from_overlaps
    >>> people = {"A": 90, "B": 70, "C": 50, "AB": 30, "AC": 20, "BC": 15, "ABC": 8}
    >>> estimate = mse_dga(table_from_overlaps(people, ("A", "B", "C")))
    >>> estimate.extra["graphs"][0]["graph"]
    '[1,2,3]'
    """
    refuse_level(level)
    end = 4 * table.observed if most_unseen is None else most_unseen
    posterior = graph_posterior(table, _grid(least_unseen, end), delta=delta)
    while most_unseen is None and _end_share(posterior) > 1e-5 and end < 1000 * table.observed:
        end *= 2
        posterior = graph_posterior(table, _grid(least_unseen, end), delta=delta)
    interval = Interval(
        posterior.quantile((1 - level) / 2), posterior.quantile((1 + level) / 2), level, "equal-tailed posterior"
    )
    best = np.argsort(-posterior.graph_weights, kind="stable")[:10]
    return Estimate(
        estimand=ESTIMAND,
        estimator="mse_dga",
        value=posterior.mean,
        standard_error=posterior.sd,
        interval=interval,
        meaning=_MEANING,
        assumptions=ASSUMPTIONS,
        diagnostics=(_grid_end(posterior), _saturation(posterior, table.n_lists)),
        extra={
            "observed": table.observed,
            "median": posterior.quantile(0.5),
            "mode": posterior.mode,
            "graphs": [
                {"graph": posterior.graphs[i].name(table.n_lists), "weight": float(posterior.graph_weights[i])}
                for i in best
            ],
            "posterior": posterior,
        },
    )


def _grid(least: int, most: int) -> NDArray[np.int64]:
    """Every number of unseen people, or evenly spaced ones where there would be more than memory holds."""
    return np.arange(least, most + 1, max(1, (most - least) // _MOST_POINTS))


def _end_share(posterior: GraphPosterior) -> float:
    """Probability in the last tenth of the grid."""
    return float(posterior.probability[-max(1, len(posterior.probability) // 10) :].sum())


def _grid_end(posterior: GraphPosterior) -> Diagnostic:
    share = _end_share(posterior)
    return Diagnostic(
        "grid_end",
        Text(
            "Probabilité dans le dernier dixième de la grille ; si elle compte, élargir la grille.",
            "الاحتمال في العُشر الأخير من الشبكة؛ إذا كان ملموسا وجب توسيعها.",
            "Probability in the last tenth of the grid; if it matters, widen the grid.",
        ),
        share,
        concern=share > 1e-3,
    )


def _saturation(posterior: GraphPosterior, n_lists: int) -> Diagnostic:
    everything = (1 << n_lists) - 1
    share = float(sum(posterior.graph_weights[i] for i, g in enumerate(posterior.graphs) if g.cliques == (everything,)))
    return Diagnostic(
        "saturated_graph",
        Text(
            "Poids du graphe qui relie toutes les listes ; sous ce graphe, elles ne disent rien des personnes jamais vues.",
            "وزن البيان الذي يربط كل اللوائح: في ظله لا تقول اللوائح شيئا عن الأشخاص الذين لم يُرصدوا قط.",
            "Weight of the graph that joins all lists: under it the lists say nothing about the people never seen.",
        ),
        share,
        concern=share > 0.5,
    )


_MEANING = meaning_of(
    Text(
        "Effectif total de la population, moyenné sur les graphes décomposables de dépendance entre listes.",
        "الحجم الكلي للمجتمع، متوسطا على البيانات القابلة للتفكيك للارتباط بين القوائم.",
        "Total size of the population, averaged over decomposable graphs of dependence between lists.",
    ),
    CREDIBLE,
    DEPENDENCE_BREAKS,
)
