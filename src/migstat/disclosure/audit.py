"""The audit: solves the attacker's problem for a protected table, whoever protected it, and says what gives it away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import scipy

from migstat.disclosure.feasibility import Attack, attack, feasibility_intervals, reach_as_far
from migstat.disclosure.policy import Attackers
from migstat.disclosure.programs import Programs
from migstat.disclosure.secondary import Requirement
from migstat.disclosure.system import CellSystem, Flags, Floats, Integers
from migstat.model import Refused

_TOLERANCE: Final = 1e-7
_EXPLAINED: Final = 100


@dataclass(frozen=True, slots=True)
class Exposure:
    """A primary cell that an attacker can place too closely: the interval found, the one required, who attacks with
    what knowledge (``known`` cells), and the equations of published cells that give it away (the first hundred exposures
    say them)."""

    cell: int
    label: str
    low: float
    high: float
    required_low: float
    required_high: float
    required_width: float
    attacker: str
    equations: tuple[str, ...]
    known: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class AuditReport:
    """The verdict and what it rests on.

    ``low`` and ``high`` (n,) bound every withheld cell, NaN for published ones. Where ``intervals_exact`` they are the
    feasibility intervals; otherwise each is the part proved by alternative tables, and the true one is no shorter.
    ``linearly_exact`` (n,) withheld cells that linear algebra alone gives away; ``programs`` solved in all.
    """

    passed: bool
    exposures: tuple[Exposure, ...]
    low: Floats
    high: Floats
    intervals_exact: bool
    linearly_exact: Flags
    programs: int
    attackers: int

    @property
    def exposed_cells(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(exposure.label for exposure in self.exposures))


def audit(
    system: CellSystem,
    withheld: Flags,
    requirement: Requirement,
    attackers: Attackers,
    *,
    contributors: Integers | None = None,
    proofs: scipy.sparse.csr_matrix | None = None,
    intervals: bool = False,
) -> AuditReport:
    """Attack the withheld cells (n,) of a system and compare what can be found with what is required.

    ``contributors`` (n,) per cell, for attackers who know their own contribution. ``proofs`` are null vectors offered
    by whoever made the pattern: they are checked, and spare programs. With ``intervals`` every feasibility interval is
    computed exactly; without, programs are solved only until the verdict is certain. Counts are proved by tables of
    whole numbers: a fractional alternative fools nobody who counts people.

    Raises Refused when published cells contradict each other, or contributors are needed and not given.

    >>> from migstat.disclosure.examples import small_policy, small_requirement, small_system
    >>> system, requirement = small_system(), small_requirement()
    >>> report = audit(system, requirement.primary, requirement, small_policy().attackers)
    >>> report.passed, report.exposures[0].label, report.exposures[0].equations[0]
    (False, 'HASSAN/F', 'RABAT/F = AGDAL/F + HASSAN/F + SOUISSI/F')
    """
    problem = attack(system, withheld, prior_percent=attackers.prior_percent)
    if proofs is not None:
        problem.certify(proofs)
    exposures = [*_published_primaries(system, withheld, requirement), *_verdict(problem, requirement, "anybody", None)]
    programs = problem.programs.solved
    exact = np.zeros(len(system), dtype=bool)
    exact[problem.cells[problem.exact]] = True
    examined = 1
    for known, name in _knowing(problem, attackers, contributors):
        informed = _informed(problem, known, proofs)
        examined += 1
        own = tuple(problem.cells[known].tolist())
        near = np.isin(problem.block, problem.block[known])
        exposures += (replace(found, known=own) for found in _verdict(informed, requirement, name, near))
        programs += informed.programs.solved
    low, high = np.full(len(system), np.nan), np.full(len(system), np.nan)
    before = problem.programs.solved
    low[problem.cells], high[problem.cells] = (
        feasibility_intervals(problem) if intervals else (problem.low, problem.high)
    )
    programs += problem.programs.solved - before
    return AuditReport(not exposures, tuple(exposures), low, high, intervals, exact, programs, examined)


def _published_primaries(system: CellSystem, withheld: Flags, requirement: Requirement) -> Iterator[Exposure]:
    """Primary cells that nobody withheld: there is nothing to solve."""
    for cell in np.flatnonzero(requirement.primary & ~withheld & system.known).tolist():
        value = float(system.values[cell])
        yield Exposure(
            cell,
            system.label(cell),
            value,
            value,
            value - float(requirement.below[cell]),
            value + float(requirement.above[cell]),
            float(requirement.width[cell]),
            "anybody",
            (f"{system.label(cell)} is published",),
        )


def _verdict(problem: Attack, requirement: Requirement, attacker: str, within: Flags | None) -> Iterator[Exposure]:
    """Every primary cell (of the given ones) that falls short, after as few programs as decide it."""
    cells = problem.cells
    below, above, width = requirement.below[cells], requirement.above[cells], requirement.width[cells]
    wanted = requirement.primary[cells] & ((problem.below > 0) | (problem.above > 0) | (within is None))
    if within is not None:
        wanted &= within
    # nobody can be kept from knowing the bounds that everybody knows
    below = np.minimum(below, problem.system.values[cells] - problem.system.lower[cells])
    short = wanted & _falls_short(problem.reached, below, above, width)
    if short.any():
        up = np.where(short, np.maximum(above, width - below), 0.0)
        reach_as_far(problem, np.where(short, below, 0.0), up)
        short &= _falls_short(problem.reached, below, above, width)
    if not short.any():
        return
    proved = problem.reached.copy()
    feasibility_intervals(problem, wanted=short)
    explained = 0
    for at in np.flatnonzero(short).tolist():
        found = _settle(problem, proved, at, float(below[at]), float(above[at]), float(width[at]))
        if found is None:
            continue
        low, high = found
        explained += 1
        yield Exposure(
            int(cells[at]),
            problem.system.label(int(cells[at])),
            low,
            high,
            float(problem.truth[at] - below[at]),
            float(problem.truth[at] + above[at]),
            float(width[at]),
            attacker,
            _giving_away(problem, at) if explained <= _EXPLAINED else (),
        )
    if problem.system.integral:
        problem.reached[:] = proved


def _falls_short(reached: Floats, below: Floats, above: Floats, width: Floats) -> Flags:
    low, high = -reached[0], reached[1]
    short: Flags = (low < below - _TOLERANCE) | (high < above - _TOLERANCE) | (low + high < width - _TOLERANCE)
    return short


def _settle(
    problem: Attack, proved: Floats, at: int, below: float, above: float, width: float
) -> tuple[float, float] | None:
    """None when the cell is protected after all; else its interval (whole numbers for counts)."""
    low, high = float(problem.reached[0, at]), float(problem.reached[1, at])
    if problem.system.integral and np.isfinite([low, high]).all():
        low, high = float(np.ceil(low - _TOLERANCE)), float(np.floor(high + _TOLERANCE))
    ends = np.array([[low], [high]])
    args = (np.array([below]), np.array([above]), np.array([width]))
    if not _falls_short(ends, *args)[0] and (
        not problem.system.integral or _whole_proof(problem, proved, at, ends, args)
    ):
        return None
    return float(problem.truth[at] + low), float(problem.truth[at] + high)


def _whole_proof(problem: Attack, proved: Floats, at: int, ends: Floats, need: tuple[Floats, Floats, Floats]) -> bool:
    """Whether whole tables reach what the cell needs; what a program of whole numbers cannot show counts as no."""
    below, above, width = (float(part[0]) for part in need)
    still = np.flatnonzero((problem.below == 0) & (problem.above == 0))
    down = max(below, width - min(max(above, width - below), float(ends[1, 0])))
    up = max(above, width - down)
    for side, sign, enough in ((0, -1.0, down), (1, 1.0, up)):
        enough = float(np.ceil(enough - _TOLERANCE))
        if sign * proved[side, at] >= enough - _TOLERANCE:
            continue
        moved = problem.programs.whole_extreme(at, sign, enough, still)
        if moved is None:
            return False
        np.minimum(proved[0], moved, out=proved[0])
        np.maximum(proved[1], moved, out=proved[1])
    return not _falls_short(proved[:, [at]], *need)[0]


def _giving_away(problem: Attack, at: int) -> tuple[str, ...]:
    rows = dict.fromkeys(row for sign in (1.0, -1.0) for row in problem.programs.deciding_equations(at, sign).tolist())
    return tuple(_equation(problem, row) for row in rows)


def _equation(problem: Attack, row: int) -> str:
    """The published equation in words: the whole, and its parts, by label."""
    system = problem.system
    tied = problem.cells[problem.equations[row].indices]
    members = system.equations[:, tied]
    full = int(np.flatnonzero(np.diff(members.indptr) == len(tied))[0]) if len(tied) else 0
    for candidate in np.flatnonzero(np.diff(members.indptr) == len(tied)).tolist():
        unknown = np.intersect1d(system.equations[candidate].indices, problem.cells)
        if np.array_equal(np.sort(tied), unknown):
            full = candidate
            break
    line = system.equations[full]
    whole = [system.label(i) for i, a in zip(line.indices.tolist(), line.data.tolist(), strict=True) if a < 0]
    parts = [system.label(i) for i, a in zip(line.indices.tolist(), line.data.tolist(), strict=True) if a > 0]
    return f"{' + '.join(whole)} = {' + '.join(parts)}"


def _knowing(problem: Attack, attackers: Attackers, contributors: Integers | None) -> Iterator[tuple[Integers, str]]:
    """The sets of cells that contributors know whole: their own, alone or together with a coalition."""
    if not attackers.own_contribution:
        return
    if contributors is None:
        raise Refused("audit.contributors", found="no contributors per cell", remedy="give them, or attack without")
    count = contributors[problem.cells]
    size = attackers.coalition
    for at in np.flatnonzero((count >= 1) & (count <= size) & ~problem.exact).tolist():
        label = problem.system.label(int(problem.cells[at]))
        yield np.array([at]), f"{int(count[at])} contributor(s) of {label}"
    seen: set[tuple[int, ...]] = set()
    for row in range(problem.equations.shape[0]) if size > 1 else ():
        members = problem.equations[row].indices
        members = members[(count[members] >= 1) & (count[members] <= size)]
        members = members[np.lexsort((members, count[members]))]
        together = members[np.cumsum(count[members]) <= size]
        key = tuple(sorted(together.tolist()))
        if len(together) > 1 and key not in seen:
            seen.add(key)
            yield np.array(key), f"a coalition of the contributors of {len(key)} cells"


def _informed(problem: Attack, known: Integers, proofs: scipy.sparse.csr_matrix | None) -> Attack:
    """The same attack by someone who knows some of the withheld cells."""
    below, above = problem.below.copy(), problem.above.copy()
    below[known] = above[known] = 0.0
    limit = problem.limit.copy()
    limit[:, known] = 0.0
    informed = replace(
        problem,
        below=below,
        above=above,
        limit=limit,
        reached=np.zeros_like(limit),
        programs=Programs(problem.equations, problem.truth, below, above),
    )
    if proofs is not None:
        informed.certify(proofs)
    return informed
