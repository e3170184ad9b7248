"""Rounding to a base: every cell by itself, or controlled so that the rounded table still adds up; and its audit."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from migstat.disclosure.audit import AuditReport, audit
from migstat.disclosure.policy import Attackers
from migstat.disclosure.programs import rounded_up
from migstat.disclosure.secondary import Requirement
from migstat.disclosure.system import CellSystem, Floats
from migstat.model import Refused

_BASES = (3, 5, 10)


@dataclass(frozen=True, eq=False)
class RoundedCells:
    """``rounded`` (n,) multiples of ``base``; ``low`` and ``high`` (n,) what anyone can conclude from each by itself."""

    base: int
    rounded: Floats
    low: Floats
    high: Floats
    additive: bool


def deterministic_rounding(system: CellSystem, base: int) -> RoundedCells:
    """Each cell to the nearest multiple of ``base``, halves upwards; margins no longer add up in general.

    >>> from migstat.disclosure.examples import small_system
    >>> deterministic_rounding(small_system(), 5).rounded.astype(int).tolist()[:3]
    [85, 30, 55]
    """
    values = _counts(system, base)
    rounded = base * np.floor(values / base + 0.5)
    low = np.maximum(np.ceil(rounded - base / 2), system.lower)
    high = np.minimum(np.ceil(rounded + base / 2) - 1, system.upper)
    return RoundedCells(base, rounded, low, high, additive=False)


def controlled_rounding(system: CellSystem, base: int) -> RoundedCells:
    """A table of multiples of ``base`` that adds up, each cell at one of the two multiples beside its value (a multiple
    stays), as near to the truth as possible (Cox 1987; Salazar 2005: the zero-restricted controlled rounding problem).

    Raises Refused when none exists, which happens in three and more dimensions.

    >>> from migstat.disclosure.examples import small_system
    >>> rounded = controlled_rounding(small_system(), 5)
    >>> float(abs(small_system().equations @ rounded.rounded).max())
    0.0
    """
    values = _counts(system, base)
    down = base * np.floor(values / base)
    above = values - down
    up = rounded_up(system.equations, down, above, float(base))
    if up is None:
        raise Refused(
            "rounding.infeasible",
            found=f"no table of multiples of {base} beside the true one that adds up",
            remedy="use another base, or round each cell by itself",
        )
    rounded = down + base * up
    low = np.maximum(rounded - base + 1, system.lower)
    high = np.minimum(rounded + base - 1, system.upper)
    return RoundedCells(base, rounded, low, high, additive=True)


def audit_rounding(
    system: CellSystem, cells: RoundedCells, requirement: Requirement, attackers: Attackers
) -> AuditReport:
    """Attack a rounded table: the truth adds up, and lies near each rounded value; is that enough to find it?

    ``requirement.primary`` says which cells must keep their interval. Intervals are exact.

    >>> from migstat.disclosure.examples import small_policy, small_requirement, small_system
    >>> cells = controlled_rounding(small_system(), 5)
    >>> audit_rounding(small_system(), cells, small_requirement(), small_policy().attackers).passed
    True
    """
    bounded = replace(system, lower=cells.low, upper=cells.high)
    everything = np.ones(len(system), dtype=bool)
    return audit(bounded, everything, requirement, attackers, intervals=True)


def _counts(system: CellSystem, base: int) -> Floats:
    if base not in _BASES:
        raise Refused("rounding.base", found=repr(base), remedy="use 3, 5 or 10")
    if not system.integral or not system.known.all():
        raise Refused("rounding.counts", found="cells that are not counts", remedy="round frequency tables only")
    return system.values
