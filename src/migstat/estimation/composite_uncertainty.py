"""How sure are the ranks? (steps 8 and 9 of the handbook): the index worked out again under drawn errors and choices.

Saisana, Saltelli and Tarantola (2005), *Uncertainty and sensitivity analysis techniques as tools for the quality assessment of
composite indicators*, JRSS A 168, 307-323.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from migstat.estimation.arrays import refuse_without_generator, seed_of
from migstat.estimation.composite_aggregation import Aggregation, methods_of, refuse_undefined
from migstat.estimation.composite_imputation import Imputation, impute
from migstat.estimation.composite_index import Recipe, index_stages, ranks_of, refuse_names
from migstat.estimation.composite_kernel import replicate_scores
from migstat.estimation.composite_normalisation import Normalisation
from migstat.estimation.composite_structure import Floats, IndexStructure, Ints
from migstat.estimation.composite_texts import MEANING_OF_RANK, RANK_RANGE, UNCERTAINTY_ASSUMPTIONS
from migstat.estimation.composite_treatment import Treatment
from migstat.estimation.composite_weights import BudgetAllocation
from migstat.estimation.registry import estimator
from migstat.model import Diagnostic, Estimate, Interval, Refused

_AT_ONCE = 4_000_000


@dataclass(frozen=True, eq=False)
class Doubts:
    """What is not sure about an index.

    ``standard_errors`` (units x indicators, 0 for a full count) are those of the values; imputed values get their own
    spread. ``weight_spread`` 0.25 draws every weight between 75 % and 125 % of its own; ``workshop`` draws the weights of
    its codes from its participants instead. The rest are alternatives to the recipe's choices, each as likely.
    """

    standard_errors: ArrayLike | None = None
    weight_spread: float = 0.0
    workshop: BudgetAllocation | None = None
    imputations: Sequence[Imputation] = ()
    treatments: Sequence[Treatment] = ()
    normalisations: Sequence[Normalisation] = ()
    aggregations: Sequence[Aggregation] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.weight_spread <= 1:
            raise Refused("composite.weight_spread", found=repr(self.weight_spread), remedy="give 0 to 1, such as 0.25")


@dataclass(frozen=True, eq=False)
class IndexSimulator:
    """All alternatives of an index laid out as arrays, ready to be combined replicate by replicate.

    ``choices`` columns: imputation, noise, weights, treatment, normalisation, aggregation.
    """

    structure: IndexStructure
    tables: Floats
    spreads: Floats
    treatments: Floats
    normalisations: Floats
    posts: Floats
    aggregations: Ints
    doubts: Doubts

    @classmethod
    def of(cls, structure: IndexStructure, values: ArrayLike, recipe: Recipe, doubts: Doubts) -> IndexSimulator:
        table = structure.table(values)
        errors = _errors(table, doubts)
        imputed = [impute(structure, table, way) for way in (recipe.imputation, *doubts.imputations)]
        spreads = [np.where(one.was_missing, one.spread, errors) for one in imputed]
        normalisations = (recipe.normalisation, *doubts.normalisations)
        aggregations = (recipe.aggregation, *doubts.aggregations)
        return cls(
            structure,
            np.stack([np.ascontiguousarray(one.values.T) for one in imputed]),
            np.stack([np.ascontiguousarray(spread.T) for spread in spreads]),
            np.array([way.row() for way in (recipe.treatment, *doubts.treatments)]),
            np.array([way.row() for way in normalisations]),
            _posts(structure, normalisations),
            np.stack([methods_of(structure, way) for way in aggregations]),
            doubts,
        )

    @property
    def has_noise(self) -> bool:
        return bool(self.spreads.any())

    @property
    def has_weights(self) -> bool:
        return self.doubts.weight_spread > 0 or self.doubts.workshop is not None

    def alternatives(self) -> dict[str, int]:
        """How many alternatives each kind of choice has, by its column's name."""
        return {
            "imputation": self.tables.shape[0],
            "treatment": self.treatments.shape[0],
            "normalisation": self.normalisations.shape[0],
            "aggregation": self.aggregations.shape[0],
        }

    def edge_weights(self, count: int, rng: np.random.Generator) -> Floats:
        """Weights of all edges of the tree (count x edges), drawn as the doubts say."""
        _, parts, weights = self.structure.edges
        drawn = np.tile(weights, (count, 1))
        spread = self.doubts.weight_spread
        if spread > 0:
            drawn = drawn * rng.uniform(1 - spread, 1 + spread, size=drawn.shape)
        if self.doubts.workshop is not None:
            codes = (*self.structure.codes, *self.structure.order)
            edge_of = {codes[slot]: edge for edge, slot in enumerate(parts)}
            lacking = [code for code in self.doubts.workshop.codes if code not in edge_of]
            if lacking:
                raise Refused("composite.codes", found="a workshop code that the index lacks", remedy="name its nodes")
            edges = [edge_of[code] for code in self.doubts.workshop.codes]
            drawn[:, edges] = self.doubts.workshop.draws(count, rng)
        return drawn

    def scores(self, choices: Ints, noise: Floats, edge_weights: Floats) -> Floats:
        """Scores of the index (replicates x units) for rows of choices."""
        starts, parts, _ = self.structure.edges
        scores: Floats = replicate_scores(
            self.tables,
            self.spreads,
            noise,
            edge_weights,
            self.treatments,
            self.normalisations,
            self.posts,
            self.aggregations,
            self.structure.directions,
            starts,
            parts,
            choices,
        )
        refuse_undefined(scores)
        return scores

    def noise(self, count: int, rng: np.random.Generator) -> Floats:
        """Standard normal errors (count x indicators x units); none where nothing has an error."""
        shape = self.tables.shape[1:]
        return rng.standard_normal((count, *shape)) if self.has_noise else np.empty((0, *shape))


@estimator(
    "composite_uncertainty",
    family="composite",
    reference="Saisana, Saltelli and Tarantola (2005), JRSS A 168, 307-323, section 3",
    assumptions=UNCERTAINTY_ASSUMPTIONS,
)
def composite_uncertainty(
    structure: IndexStructure,
    units: Sequence[str],
    values: ArrayLike,
    doubts: Doubts,
    rng: np.random.Generator,
    *,
    recipe: Recipe | None = None,
    replicates: int = 1000,
    level: float = 0.95,
) -> dict[str, Estimate]:
    """Rank of each unit by its name, with the interval that its ranks fill when errors and choices are drawn
    ``replicates`` times. ``extra`` holds the mean rank, the interval of the score, and the share of replicates at each rank.

    Raises Refused when there is no doubt to draw, for fewer than 100 replicates, and as ``composite_index`` does.

    >>> from migstat.estimation.composite_structure import Node
    >>> structure = IndexStructure((Node("a", "i"), Node("b", "i")), (Node("i", None),))
    >>> doubts = Doubts(standard_errors=[[1, 1], [1, 1], [1, 1]])
    >>> ranks = composite_uncertainty(
    ...     structure, "xyz", [[10, 10], [5, 5.5], [5, 5]], doubts, np.random.default_rng(1))
    >>> [(rank.value, rank.interval.low, rank.interval.high) for rank in ranks.values()]
    [(1.0, 1.0, 1.0), (2.0, 2.0, 3.0), (3.0, 2.0, 3.0)]
    """
    chosen = recipe or Recipe()
    nominal = index_stages(structure, values, chosen)
    refuse_names(units, nominal.ranks.size)
    refuse_without_generator(rng)
    if replicates < 100:
        raise Refused(
            "composite.replicates", found=repr(replicates), remedy="draw at least 100 replicates, better 1000"
        )
    simulator = IndexSimulator.of(structure, values, chosen, doubts)
    scores = simulated_scores(simulator, replicates, rng)
    ranks = ranks_of(scores)
    tail = (1 - level) / 2
    low, high = np.quantile(ranks, [tail, 1 - tail], axis=0, method="inverted_cdf")
    score_ends = np.quantile(scores, [tail, 1 - tail], axis=0)
    rows = len(units)
    return {
        unit: Estimate(
            f"rank in {structure.top}",
            "composite_uncertainty",
            float(nominal.ranks[place]),
            float(ranks[:, place].std(ddof=1)),
            Interval(float(low[place]), float(high[place]), level, "percentiles of simulated ranks"),
            MEANING_OF_RANK,
            UNCERTAINTY_ASSUMPTIONS,
            (_spread_diagnostic(float(high[place] - low[place]), rows),),
            seed=seed_of(rng),
            extra={
                "mean_rank": float(ranks[:, place].mean()),
                "score": float(nominal.scores[place, -1]),
                "score_interval": (float(score_ends[0, place]), float(score_ends[1, place])),
                "rank_shares": np.bincount(ranks[:, place], minlength=rows + 1)[1:] / replicates,
            },
        )
        for place, unit in enumerate(units)
    }


def simulated_scores(simulator: IndexSimulator, count: int, rng: np.random.Generator) -> Floats:
    """Scores (count x units) under independent draws of every doubt.

    Raises Refused when the doubts leave nothing to draw.
    """
    alternatives = simulator.alternatives()
    if not (simulator.has_noise or simulator.has_weights or max(alternatives.values()) > 1):
        raise Refused(
            "composite.no_doubt",
            found="no error, no spread of weights and no alternative",
            remedy="give standard errors, a weight spread or alternatives: an index without doubt has no interval",
        )
    cells = simulator.tables.shape[1] * simulator.tables.shape[2]
    chunk = max(1, min(count, _AT_ONCE // cells))
    parts = []
    for start in range(0, count, chunk):
        size = min(chunk, count - start)
        noise = simulator.noise(size, rng)
        own = np.arange(size)
        columns = [rng.integers(0, number, size) for number in alternatives.values()]
        drawn = own if simulator.has_noise else np.full(size, -1)
        choices = np.column_stack([columns[0], drawn, own, *columns[1:]])
        parts.append(simulator.scores(choices, noise, simulator.edge_weights(size, rng)))
    return np.vstack(parts)


def _errors(table: Floats, doubts: Doubts) -> Floats:
    if doubts.standard_errors is None:
        return np.zeros_like(table)
    errors = np.asarray(doubts.standard_errors, dtype=np.float64)
    present = ~np.isnan(table)
    if errors.shape != table.shape or not (np.isfinite(errors[present]).all() and (errors[present] >= 0).all()):
        raise Refused(
            "composite.standard_errors",
            found=f"standard errors of shape {errors.shape}, or some missing or negative",
            remedy="give one for every value, 0 for a full count; an unknown error is not 0",
        )
    return np.where(present, errors, 0.0)


def _posts(structure: IndexStructure, normalisations: Sequence[Normalisation]) -> Floats:
    given = [way for way in normalisations if way.goalposts is not None]
    if len({id(way.goalposts) for way in given}) > 1:
        raise Refused("composite.goalposts", found="two sets of goalposts", remedy="give one set for all alternatives")
    return (given[0] if given else normalisations[0]).posts(structure)


def _spread_diagnostic(width: float, rows: int) -> Diagnostic:
    return Diagnostic("composite.rank_range", RANK_RANGE, width / rows, width > rows / 2)
