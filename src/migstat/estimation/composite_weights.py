"""Weights (step 6 of the handbook): equal, by experts, by budget allocation in a workshop, by principal components."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from migstat.estimation.composite_structure import Floats, IndexStructure, complete
from migstat.model import Refused


def equal_weights(structure: IndexStructure) -> IndexStructure:
    """The tree with weight 1 everywhere: equal within each aggregate, which is not equal in the index.

    >>> from migstat.estimation.composite_structure import Node
    >>> structure = IndexStructure((Node("a", "i", 3), Node("b", "i", 1)), (Node("i", None),))
    >>> equal_weights(structure).effective_weights().tolist()
    [0.5, 0.5]
    """
    return structure.with_weights({node.code: 1.0 for node in (*structure.indicators, *structure.aggregates)})


@dataclass(frozen=True, eq=False)
class BudgetAllocation:
    """What each participant of a workshop (rows) gave to each code (columns), as shares that add up to 1."""

    codes: tuple[str, ...]
    shares: Floats

    @classmethod
    def of(cls, codes: Sequence[str], points: ArrayLike) -> BudgetAllocation:
        """Points as handed out; every participant's are brought to a sum of 1.

        Raises Refused for fewer than two participants, negative points, or a participant who gave none.

        >>> BudgetAllocation.of(["housing", "health"], [[60, 40], [10, 10]]).weights()
        {'housing': 0.55, 'health': 0.45}
        """
        table = np.asarray(points, dtype=np.float64)
        if table.ndim != 2 or table.shape[0] < 2 or table.shape[1] != len(codes):
            raise Refused(
                "composite.budget_shape",
                found=f"points of shape {table.shape}",
                remedy=f"give two or more participants in rows and {len(codes)} codes in columns",
            )
        sums = table.sum(axis=1)
        if not (np.isfinite(table).all() and (table >= 0).all() and (sums > 0).all()):
            raise Refused(
                "composite.budget_points",
                found="missing or negative points, or a participant without any",
                remedy="ask the participant again or leave the sheet out and say so",
            )
        return cls(tuple(codes), table / sums[:, None])

    def weights(self) -> dict[str, float]:
        """Mean share of each code."""
        return dict(zip(self.codes, self.shares.mean(axis=0).tolist(), strict=True))

    def standard_errors(self) -> dict[str, float]:
        """Standard error of each mean share over participants."""
        errors = self.shares.std(axis=0, ddof=1) / np.sqrt(self.shares.shape[0])
        return dict(zip(self.codes, errors.tolist(), strict=True))

    def draws(self, count: int, rng: np.random.Generator) -> Floats:
        """Mean shares (count x codes) of as many participants drawn again with replacement."""
        participants = self.shares.shape[0]
        drawn: Floats = self.shares[rng.integers(0, participants, size=(count, participants))].mean(axis=1)
        return drawn


def expert_weights(structure: IndexStructure, weights: Mapping[str, float]) -> IndexStructure:
    """The tree with weights set by hand; parts of one aggregate must all be given or none.

    Raises Refused for unknown codes, negative weights, and an aggregate of which only some parts are given.

    >>> from migstat.estimation.composite_structure import Node
    >>> structure = IndexStructure((Node("a", "i"), Node("b", "i")), (Node("i", None),))
    >>> expert_weights(structure, {"a": 3, "b": 1}).effective_weights().tolist()
    [0.75, 0.25]
    """
    changed = structure.with_weights(weights)
    nodes = (*structure.indicators, *structure.aggregates)
    for aggregate in structure.aggregates:
        parts = [node.code for node in nodes if node.parent == aggregate.code]
        given = [code for code in parts if code in weights]
        if given and len(given) < len(parts):
            raise Refused(
                "composite.expert_partial",
                found=f"{len(given)} of {len(parts)} weights under {aggregate.code}",
                remedy="give all parts of an aggregate their weight, or none",
            )
    return changed


@dataclass(frozen=True, eq=False)
class ComponentWeights:
    """Weights from rotated principal components, and the share of the variance that the kept components explain."""

    weights: dict[str, float]
    explained: float
    components: int


def component_weights(codes: Sequence[str], scaled: Floats) -> ComponentWeights:
    """Weights by principal components of normalised indicators (units x indicators), as the handbook works them out.

    Components with an eigenvalue above 1 are kept and rotated (varimax); each indicator gets its squared loading on
    the component that it loads most on, scaled by that component's share of the variance (handbook, pages 89 to 90).
    They weigh what varies together, not what matters: a correlation is not an importance.

    Raises Refused for missing values, a constant indicator, and fewer units than indicators plus one.

    >>> rng = np.random.default_rng(1)
    >>> common = rng.normal(size=(200, 1))
    >>> found = component_weights("ab", common + 0.1 * rng.normal(size=(200, 2)))
    >>> {code: round(weight, 2) for code, weight in found.weights.items()}, found.components
    ({'a': 0.5, 'b': 0.5}, 1)
    """
    complete(scaled, codes)
    units, indicators = scaled.shape
    if units <= indicators:
        raise Refused(
            "composite.components_units",
            found=f"{units} units for {indicators} indicators",
            remedy="use other weights: a correlation matrix of so few units is mostly noise",
        )
    if (scaled.std(axis=0) == 0).any():
        raise Refused("composite.constant", found="an indicator that does not vary", remedy="leave it out and say so")
    values, vectors = np.linalg.eigh(np.corrcoef(scaled, rowvar=False))
    kept = values > 1 + 1e-12
    if not kept.any():
        kept[-1] = True
    squares = varimax(vectors[:, kept] * np.sqrt(values[kept])) ** 2
    explained = squares.sum(axis=0)
    best = squares.argmax(axis=1)
    raw = squares[np.arange(indicators), best] / explained[best] * explained[best] / explained.sum()
    shares = raw / raw.sum()
    return ComponentWeights(
        dict(zip(codes, shares.tolist(), strict=True)), float(explained.sum() / indicators), int(kept.sum())
    )


def varimax(loadings: Floats, *, rounds: int = 500, tolerance: float = 1e-12) -> Floats:
    """Loadings (indicators x components) rotated so that their squares vary most (Kaiser 1958, Psychometrika 23)."""
    rows, components = loadings.shape
    if components < 2:
        return loadings
    rotation = np.eye(components)
    reached = 0.0
    for _ in range(rounds):
        turned = loadings @ rotation
        left, singular, right = np.linalg.svd(loadings.T @ (turned**3 - turned * (turned**2).sum(axis=0) / rows))
        rotation = left @ right
        if singular.sum() <= reached * (1 + tolerance):
            break
        reached = float(singular.sum())
    return loadings @ rotation
