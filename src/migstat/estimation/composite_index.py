"""The composite index of a set of units by one recipe: the ten steps of the OECD/JRC handbook in one call, each visible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from migstat.estimation.composite_aggregation import Aggregation, aggregate
from migstat.estimation.composite_imputation import Imputation, ImputedTable, impute
from migstat.estimation.composite_normalisation import Normalisation, normalise
from migstat.estimation.composite_structure import Floats, IndexStructure, Ints
from migstat.estimation.composite_texts import IMPUTED, INDEX_ASSUMPTIONS, MEANING_OF_SCORE
from migstat.estimation.composite_treatment import TreatedTable, Treatment, treat
from migstat.estimation.registry import estimator
from migstat.model import Diagnostic, Estimate, Refused


@dataclass(frozen=True)
class Recipe:
    """The choices between the table of values and the score. Missing values are refused unless an imputation is chosen."""

    imputation: Imputation = field(default_factory=Imputation)
    treatment: Treatment = field(default_factory=Treatment)
    normalisation: Normalisation = field(default_factory=Normalisation)
    aggregation: Aggregation = "arithmetic"


@dataclass(frozen=True, eq=False)
class IndexStages:
    """Every stage of one calculation: imputed and treated tables, normalised indicators (units x indicators), scores of
    the aggregates (units x aggregates, bottom up) and ranks of the index (1 for the highest score)."""

    imputed: ImputedTable
    treated: TreatedTable
    normalised: Floats
    scores: Floats
    ranks: Ints


def index_stages(structure: IndexStructure, values: ArrayLike, recipe: Recipe) -> IndexStages:
    """Take a table (units x indicators, NaN where missing) through ``recipe``, keeping every stage.

    Raises Refused as each step does.
    """
    imputed = impute(structure, structure.table(values), recipe.imputation)
    treated = treat(structure, imputed.values, recipe.treatment)
    normalised = normalise(structure, treated.values, recipe.normalisation)
    scores = aggregate(structure, normalised, recipe.aggregation)
    return IndexStages(imputed, treated, normalised, scores, ranks_of(scores[:, -1]))


def ranks_of(scores: Floats) -> Ints:
    """Ranks along the last axis, 1 for the highest score; equal scores share the better rank.

    >>> ranks_of(np.array([10.0, 30.0, 10.0])).tolist()
    [2, 1, 2]
    """
    order = np.argsort(-scores, axis=-1, kind="stable")
    ranked = np.take_along_axis(scores, order, axis=-1)
    places = np.broadcast_to(np.arange(1, scores.shape[-1] + 1), scores.shape).copy()
    tied = ranked[..., 1:] >= ranked[..., :-1]
    places[..., 1:][tied] = 0
    places = np.maximum.accumulate(places, axis=-1)
    ranks = np.empty(scores.shape, dtype=np.int64)
    np.put_along_axis(ranks, order, places, axis=-1)
    return ranks


@estimator(
    "composite_index",
    family="composite",
    reference="OECD and JRC (2008), Handbook on Constructing Composite Indicators, doi 10.1787/9789264043466-en",
    assumptions=INDEX_ASSUMPTIONS,
)
def composite_index(
    structure: IndexStructure, units: Sequence[str], values: ArrayLike, recipe: Recipe | None = None
) -> dict[str, Estimate]:
    """Score of each unit by its name. ``extra`` holds its rank, the scores of the themes and, where all means are
    arithmetic, what each indicator contributes; a diagnostic names what was imputed.

    Raises Refused for missing values without an imputation, names that do not fit, and as each step does.

    >>> from migstat.estimation.composite_structure import Node
    >>> structure = IndexStructure((Node("rent", "i"), Node("rooms", "i", direction=-1)), (Node("i", None),))
    >>> index = composite_index(structure, ["Hassan", "Souissi"], [[40.0, 2.0], [10.0, 5.0]])
    >>> {unit: (score.value, score.extra["rank"]) for unit, score in index.items()}
    {'Hassan': (100.0, 1), 'Souissi': (0.0, 2)}
    """
    chosen = recipe or Recipe()
    stages = index_stages(structure, values, chosen)
    refuse_names(units, stages.scores.shape[0])
    shares = structure.effective_weights() if chosen.aggregation == "arithmetic" else None
    return {unit: _score(structure, stages, place, shares) for place, unit in enumerate(units)}


def _score(structure: IndexStructure, stages: IndexStages, place: int, shares: Floats | None) -> Estimate:
    missing = stages.imputed.was_missing[place]
    names = tuple(code for code, lacking in zip(structure.codes, missing, strict=True) if lacking)
    extra = {
        "rank": int(stages.ranks[place]),
        "scores": dict(zip(structure.order, stages.scores[place].tolist(), strict=True)),
    }
    if shares is not None:
        parts = stages.normalised[place] * shares
        extra["contributions"] = dict(zip(structure.codes, parts.tolist(), strict=True))
    return Estimate(
        structure.top,
        "composite_index",
        float(stages.scores[place, -1]),
        None,
        None,
        MEANING_OF_SCORE,
        INDEX_ASSUMPTIONS,
        (Diagnostic("composite.imputed", IMPUTED, names, bool(names)),),
        extra=extra,
    )


def refuse_names(units: Sequence[str], rows: int) -> None:
    """Refuse names of units that are not one a row, or not all different."""
    if len(units) != rows or len(set(units)) != rows:
        raise Refused(
            "composite.units",
            found=f"{len(set(units))} names for {rows} rows",
            remedy="give each row a name of its own",
        )
