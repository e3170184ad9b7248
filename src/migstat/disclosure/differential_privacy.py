"""Differentially private counts through OpenDP, and the ledger of the budget they spend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from migstat.model import Refused


@dataclass(eq=False)
class BudgetLedger:
    """The privacy loss that may ever be spent on one population (epsilon, pure differential privacy), append-only.

    >>> budget = BudgetLedger(total=1.0)
    >>> budget.spend("first table", 0.75)
    >>> budget.left
    0.25
    >>> budget.spend("second table", 0.5)
    Traceback (most recent call last):
    ...
    migstat.model.refusals.Refused: privacy.budget: found 0.25 left of 1; publish less, or with more noise
    """

    total: float
    spent: list[tuple[str, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not self.total > 0:
            raise Refused("privacy.total", found=repr(self.total), remedy="give a budget above 0")

    @property
    def left(self) -> float:
        return self.total - sum(epsilon for _, epsilon in self.spent)

    def spend(self, purpose: str, epsilon: float) -> None:
        """Enter a release; refused, and nothing is entered, when the budget does not cover it."""
        if not epsilon > 0:
            raise Refused("privacy.epsilon", found=repr(epsilon), remedy="give an epsilon above 0")
        if epsilon > self.left + 1e-12:
            raise Refused(
                "privacy.budget",
                found=f"{self.left:g} left of {self.total:g}",
                remedy="publish less, or with more noise",
            )
        self.spent.append((purpose, epsilon))


def private_counts(
    counts: Sequence[int], *, epsilon: float, contributions: int, purpose: str, budget: BudgetLedger
) -> list[int]:
    """Counts with discrete Laplace noise of scale ``contributions / epsilon`` (Ghosh, Roughgarden, Sundararajan 2012).

    ``contributions`` is the number of cells that one person can be in. OpenDP proves and draws the noise from the
    operating system's secure source: unlike everything else here it cannot be seeded, and must not be. Spends
    ``epsilon`` of the budget first. Raises Refused when the budget is short or OpenDP is not installed.

    >>> private_counts([10], epsilon=1.0, contributions=0, purpose="none", budget=BudgetLedger(total=1.0))
    Traceback (most recent call last):
    ...
    migstat.model.refusals.Refused: privacy.contributions: found 0; give 1 or more cells per person
    """
    if contributions < 1:
        raise Refused("privacy.contributions", found=repr(contributions), remedy="give 1 or more cells per person")
    try:
        import opendp.prelude as dp
    except ImportError:
        raise Refused(
            "privacy.opendp", found="OpenDP is not installed", remedy="install migstat with its extra 'privacy'"
        ) from None
    dp.enable_features("contrib")
    space = dp.vector_domain(dp.atom_domain(T=int)), dp.l1_distance(T=int)
    measurement: Any = dp.m.make_laplace(*space, scale=contributions / epsilon)
    loss = float(measurement.map(d_in=contributions))
    budget.spend(purpose, loss if loss > epsilon else epsilon)
    return [int(count) for count in measurement([int(count) for count in counts])]
