"""Feasibility intervals: between which values an attacker can place every withheld cell, given all that is published."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import scipy

from migstat.disclosure.elimination import eliminate, linearly_exact
from migstat.disclosure.programs import Programs
from migstat.disclosure.system import CellSystem, Flags, Floats, Integers
from migstat.model import Refused

_SWEEPS: Final = 60
_SAME: Final = 1e-9


@dataclass(eq=False)
class Attack:
    """The attacker's problem: tables ``truth + d`` that agree with everything published.

    ``cells`` (w,) are the withheld cells in the numbering of the system; everything else here is (w,) in their order.
    ``reached`` keeps, for each cell, the lowest and highest d of any alternative table met so far (2, w): each is a
    proof. ``limit`` (2, w) are bounds that no table can pass. Where both agree the interval is exact.
    """

    system: CellSystem
    cells: Integers
    equations: scipy.sparse.csr_matrix
    truth: Floats
    below: Floats
    above: Floats
    exact: Flags
    block: Integers
    reached: Floats
    limit: Floats
    programs: Programs = field(repr=False)

    @property
    def low(self) -> Floats:
        return np.asarray(self.truth + self.reached[0])

    @property
    def high(self) -> Floats:
        return np.asarray(self.truth + self.reached[1])

    def learn(self, moved: Floats) -> None:
        """Keep what an alternative table proves."""
        np.minimum(self.reached[0], moved, out=self.reached[0])
        np.maximum(self.reached[1], moved, out=self.reached[1])

    def certify(self, proofs: scipy.sparse.csr_matrix) -> None:
        """Check null vectors given by the protection and keep what they prove. None is taken on trust."""
        rows = scipy.sparse.csr_matrix(proofs[:, self.cells])
        rows.eliminate_zeros()
        if abs(proofs).sum() - abs(rows).sum() <= _SAME:
            self._keep(rows)

    def _keep(self, rows: scipy.sparse.csr_matrix) -> None:
        """Go along each null vector (k, w) as far as the bounds allow, both ways."""
        if rows.nnz == 0 or abs(self.equations @ rows.T).max() > _SAME:
            return
        for q in range(rows.shape[0]):
            at = rows.indices[rows.indptr[q] : rows.indptr[q + 1]]
            entries = rows.data[rows.indptr[q] : rows.indptr[q + 1]]
            fractional = self.system.integral and (entries != np.round(entries)).any()
            for sign in (1.0, -1.0):
                d = sign * entries
                room = np.where(d > 0, self.above[at], self.below[at])
                steps = float(np.min(room / np.abs(d), initial=1e12))
                steps = 0.0 if fractional else float(np.floor(steps + _SAME)) if self.system.integral else steps
                self.reached[0, at] = np.minimum(self.reached[0, at], steps * d)
                self.reached[1, at] = np.maximum(self.reached[1, at], steps * d)


def attack(system: CellSystem, withheld: Flags, *, prior_percent: float = np.inf) -> Attack:
    """Set up the attacker's problem for the withheld cells (n,) of a system; cells of unknown value are always in it.

    Finds the cells that linear algebra alone gives away, the independent blocks, and first bounds by propagation.
    Raises Refused when what is published contradicts itself.

    >>> from migstat.disclosure.examples import small_requirement, small_system
    >>> attack(small_system(), small_requirement().primary).exact.tolist()
    [True]
    """
    cells = np.flatnonzero(withheld | ~system.known)
    equations = scipy.sparse.csr_matrix(system.equations[:, cells])
    equations.eliminate_zeros()
    filled = np.flatnonzero(np.diff(equations.indptr) > 0)
    equations = scipy.sparse.csr_matrix(equations[filled])
    truth = _witness(system, cells, equations, filled)
    spare = prior_percent / 100 * truth if np.isfinite(prior_percent) else np.full(len(truth), np.inf)
    below = np.minimum(truth - system.lower[cells], spare)
    above = np.minimum(system.upper[cells] - truth, spare)
    echelon = eliminate(equations)
    basis = None if echelon is None else echelon.null_basis()
    exact = np.zeros(len(cells), dtype=bool) if echelon is None else linearly_exact(echelon)
    block = _blocks(equations if basis is None else basis)
    limit = np.stack([-below, above])
    limit[:, exact] = 0.0
    _propagate(equations, limit)
    programs = Programs(equations, truth, below, above)
    reached = np.zeros_like(limit)
    problem = Attack(system, cells, equations, truth, below, above, exact, block, reached, limit, programs)
    if basis is not None:
        problem._keep(basis)  # the null vectors are alternative tables already: each spares programs
    return problem


def _witness(system: CellSystem, cells: Integers, equations: scipy.sparse.csr_matrix, rows: Integers) -> Floats:
    """The truth, completed by feasible values for cells that are in no table."""
    known = system.known[cells]
    values = np.where(system.known, system.values, 0.0)
    rest = -(system.equations @ values)
    scale = max(1.0, float(np.abs(values).max(initial=0.0)))
    if known.all():
        if np.abs(rest).max(initial=0.0) > 1e-9 * scale:
            raise Refused("audit.inconsistent", found="cells that do not add up", remedy="correct the table")
        return np.asarray(system.values[cells], dtype=float)
    from scipy.optimize import linprog

    solve: Any = linprog

    unknown = np.flatnonzero(~known)
    found = solve(
        np.zeros(len(unknown)),
        A_eq=equations[:, unknown],
        b_eq=rest[rows],
        bounds=np.column_stack([system.lower[cells[unknown]], system.upper[cells[unknown]]]),
        method="highs",
    )
    if not found.success:
        raise Refused("audit.inconsistent", found="no table that agrees with the cells", remedy="correct the table")
    truth = np.where(known, values[cells], 0.0)
    truth[unknown] = np.maximum(found.x, system.lower[cells[unknown]])
    return np.asarray(truth, dtype=float)


def _blocks(rows: scipy.sparse.csr_matrix) -> Integers:
    """Cells tied together by null vectors (or equations): the bounds of one block do not depend on another."""
    from scipy.sparse.csgraph import connected_components

    count, width = rows.shape
    entries = scipy.sparse.coo_matrix(rows)
    joint = scipy.sparse.coo_matrix(
        (entries.data, (entries.row, count + entries.col)), shape=(count + width, count + width)
    )
    _, label = connected_components(joint, directed=False)
    return np.asarray(label[count:], dtype=np.int64)


def _propagate(equations: scipy.sparse.csr_matrix, limit: Floats) -> None:
    from migstat.disclosure.feasibility_kernels import propagate

    indptr, indices = equations.indptr.astype(np.int64), equations.indices.astype(np.int64)
    propagate(indptr, indices, equations.data.astype(float), limit[0], limit[1], _SWEEPS)


def feasibility_intervals(problem: Attack, wanted: Flags | None = None) -> tuple[Floats, Floats]:
    """The exact interval of every withheld cell (or of the ``wanted`` ones, (w,)): low and high, (w,) each.

    Each program maximises one cell of every block at once: blocks do not touch each other, so that its solution is
    the optimum of each. Every solution is an alternative table that also serves the other cells, and a cell whose
    reached value meets its propagated bound needs no program at all. Unbounded sides are infinite.

    >>> from migstat.disclosure.examples import small_table
    >>> from migstat.disclosure.system import system_of
    >>> system = system_of(small_table())
    >>> withheld = np.array([small_table().codes_at(row)[0] in ("HASSAN", "SOUISSI") and
    ...                      small_table().codes_at(row)[1] != "_T" for row in range(len(system))])
    >>> low, high = feasibility_intervals(attack(system, withheld))
    >>> [(float(a), float(b)) for a, b in zip(low, high)]
    [(0.0, 10.0), (1.0, 11.0), (0.0, 10.0), (28.0, 38.0)]
    """
    for side, sign in ((1, 1.0), (0, -1.0)):
        pending = np.ones(len(problem.cells), dtype=bool) if wanted is None else wanted.copy()
        while True:
            pending &= problem.limit[side] != problem.reached[side]
            gap = np.where(pending, problem.limit[side], 0.0) - np.where(pending, problem.reached[side], 0.0)
            pending &= np.abs(gap) > _SAME
            targets = _one_per_block(problem, pending)
            if not len(targets):
                break
            moved, bounded = problem.programs.extreme(targets, np.full(len(targets), sign))
            if not bounded:
                _settle_unbounded(problem, targets, side, sign)
            else:
                problem.learn(moved)
                problem.limit[side, targets] = problem.reached[side, targets] = moved[targets]
            pending[targets] = False
    return problem.low, problem.high


def _one_per_block(problem: Attack, pending: Flags) -> Integers:
    """The cells with the widest bounds first: moving one of them moves many others."""
    at = np.flatnonzero(pending)
    order = at[np.lexsort((at, -np.abs(problem.limit[:, at]).max(axis=0), problem.block[at]))]
    _, first = np.unique(problem.block[order], return_index=True)
    return order[first]


def _settle_unbounded(problem: Attack, targets: Integers, side: int, sign: float) -> None:
    for target in targets:
        moved, bounded = problem.programs.extreme(np.array([target]), np.array([sign]))
        if bounded:
            problem.learn(moved)
        value = moved[target] if bounded else sign * np.inf
        problem.limit[side, target] = problem.reached[side, target] = value


def reach_as_far(problem: Attack, below: Floats, above: Floats) -> None:
    """Look for alternative tables in which as many cells as possible move down ``below`` and up ``above`` (w,).

    One program serves many cells: it pushes every cell still wanting to one side, as far as its neighbours allow.
    Only what helps the verdict is kept; intervals stay inner ones.

    >>> from migstat.disclosure.examples import small_system
    >>> problem = attack(small_system(), np.ones(12, dtype=bool))
    >>> reach_as_far(problem, np.zeros(12), np.full(12, 5.0))
    >>> bool((problem.reached[1] >= 5).all())
    True
    """
    last = -1
    for round_number in range(12):
        lacking_up = problem.reached[1] < above - _SAME
        lacking_down = -problem.reached[0] < below - _SAME
        count = int(lacking_up.sum() + lacking_down.sum())
        if count == 0 or (count == last and round_number > 3):
            return
        last = count
        prefer_up = (np.arange(len(above)) * 7919 // (round_number + 1)) % 2 == 0
        sign = np.where(lacking_up & (prefer_up | ~lacking_down), 1.0, np.where(lacking_down, -1.0, 0.0))
        targets = np.flatnonzero(sign)
        moved, bounded = problem.programs.extreme(targets, sign[targets])
        if not bounded:
            return
        problem_moved = np.round(moved) if np.abs(moved - np.round(moved)).max(initial=0.0) < 1e-7 else moved
        if problem.system.integral and problem_moved is moved:
            problem_moved = _whole_blocks(problem, moved)
        problem.learn(problem_moved)


def _whole_blocks(problem: Attack, moved: Floats) -> Floats:
    """The same table where whole blocks move by whole numbers, and the truth elsewhere."""
    off = np.abs(moved - np.round(moved)) > 1e-7
    bad = np.isin(problem.block, np.unique(problem.block[off]))
    return np.where(bad, 0.0, np.round(moved))
