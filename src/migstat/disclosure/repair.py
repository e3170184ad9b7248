"""A pattern that fails its audit is repaired, never released: what each exposure still needs is withheld too."""

from __future__ import annotations

from typing import Final

import numpy as np
import scipy

from migstat.disclosure.audit import AuditReport, audit
from migstat.disclosure.policy import DisclosurePolicy
from migstat.disclosure.programs import Programs
from migstat.disclosure.secondary import Pattern, Requirement
from migstat.disclosure.system import CellSystem, Floats, Integers
from migstat.model import Refused

_REPAIRS: Final = 40


def until_it_passes(
    system: CellSystem,
    pattern: Pattern,
    requirement: Requirement,
    policy: DisclosurePolicy,
    costs: Floats,
    contributors: Integers | None,
) -> tuple[Pattern, AuditReport]:
    """Audit; withhold what each exposure still needs; audit again. Refuse rather than release when it does not end.

    >>> from migstat.disclosure.examples import small_policy, small_requirement, small_system
    >>> from migstat.disclosure.secondary import cell_costs
    >>> system, policy, asked = small_system(), small_policy(), small_requirement()
    >>> alone = Pattern(asked.primary, scipy.sparse.csr_matrix((0, len(system))))
    >>> pattern, report = until_it_passes(system, alone, asked, policy, cell_costs(system, policy.costs), None)
    >>> int(alone.withheld.sum()), int(pattern.withheld.sum()), report.passed
    (1, 4, True)
    """
    for _ in range(_REPAIRS):
        report = audit(
            system,
            pattern.withheld,
            requirement,
            policy.attackers,
            contributors=contributors,
            proofs=pattern.proofs,
        )
        if report.passed:
            return pattern, report
        pattern = _repaired(system, pattern, requirement, policy, costs, report)
    raise Refused("protect.unproved", found="exposures that do not end", remedy="publish fewer breakdowns")


def _repaired(
    system: CellSystem,
    pattern: Pattern,
    requirement: Requirement,
    policy: DisclosurePolicy,
    costs: Floats,
    report: AuditReport,
) -> Pattern:
    movable = system.known & ~requirement.fixed & (policy.costs.withhold_zeros | (system.values > 0))
    cells = np.flatnonzero(movable | pattern.withheld)
    values = np.where(system.known, system.values, 0.0)[cells]
    withheld = pattern.withheld.copy()
    rows = []
    for exposure in report.exposures:
        at = int(np.searchsorted(cells, exposure.cell))
        below, above = values - system.lower[cells], system.upper[cells] - values
        still = np.searchsorted(cells, np.array(exposure.known, dtype=np.int64))
        below[still] = above[still] = 0.0
        programs = Programs(scipy.sparse.csr_matrix(system.equations[:, cells]), values, below, above)
        down = float(requirement.below[exposure.cell])
        up = max(float(requirement.above[exposure.cell]), float(requirement.width[exposure.cell]) - down)
        for amount in (-down, up):
            price = np.where(withheld[cells], 1e-6, costs[cells] + 1e-3)
            moved = None if amount == 0 else programs.cheapest_move(at, amount, price, whole=system.integral)
            if amount and moved is None:
                raise Refused(
                    "protect.impossible",
                    found=f"a primary cell that {exposure.attacker} can always work out",
                    remedy="publish fewer breakdowns, or allow empty cells to be withheld",
                )
            if moved is not None:
                withheld[cells[np.abs(moved) > 1e-9]] = True
                rows.append(
                    scipy.sparse.csr_matrix((moved, (np.zeros(len(cells), dtype=int), cells)), shape=(1, len(system)))
                )
    return Pattern(withheld, scipy.sparse.vstack([pattern.proofs, *rows]).tocsr())
