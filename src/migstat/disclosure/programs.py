"""Linear and integer programs over the withheld cells, solved by HiGHS with warm starts."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy

from migstat.disclosure.system import Floats, Integers
from migstat.model import Refused


class Programs:
    """Alternative tables ``truth + d`` with ``equations @ d = 0`` and every cell within its room.

    ``equations`` (m, n) over the withheld cells; a cell may fall by ``below`` and rise by ``above`` (n,). Solves many
    objectives over the same system one after the other, each from where the last one ended; counts them in
    ``solved``.
    """

    def __init__(self, equations: scipy.sparse.csr_matrix, truth: Floats, below: Floats, above: Floats) -> None:
        self.equations = scipy.sparse.csr_matrix(equations)
        self.truth, self.below, self.above = truth, below, above
        self.solved = 0
        self._highs: Any = None

    def _model(self) -> Any:
        import highspy

        if self._highs is None:
            filled = self.equations[np.diff(self.equations.indptr) > 0].tocsc()
            self._highs = _highs(
                filled,
                np.zeros(filled.shape[1]),
                -self.below,
                self.above,
                np.zeros(filled.shape[0]),
                np.zeros(filled.shape[0]),
            )
            self._rows: Integers = np.flatnonzero(np.diff(self.equations.indptr) > 0)
            self._highs.changeObjectiveSense(highspy.ObjSense.kMaximize)
            self._objective: Integers = np.zeros(0, dtype=np.int64)
        return self._highs

    def extreme(self, cells: Integers, weights: Floats) -> tuple[Floats, bool]:
        """The d (n,) that maximises ``weights @ d[cells]``; False when it is unbounded (d is then a feasible point)."""
        import highspy

        highs = self._model()
        zeros = np.zeros(len(self._objective))
        highs.changeColsCost(len(self._objective), self._objective.astype(np.int32), zeros)
        highs.changeColsCost(len(cells), cells.astype(np.int32), np.asarray(weights, dtype=float))
        self._objective = cells
        highs.run()
        self.solved += 1
        status = highs.getModelStatus()
        if status in (highspy.HighsModelStatus.kUnbounded, highspy.HighsModelStatus.kUnboundedOrInfeasible):
            return np.zeros(len(self.truth)), False
        _refuse_unless_optimal(highs)
        return np.array(highs.getSolution().col_value), True

    def deciding_equations(self, cell: int, sign: float) -> Integers:
        """The equations with a price in the optimum of one cell: those that give its bound away."""
        _, bounded = self.extreme(np.array([cell]), np.array([sign]))
        if not bounded:
            return np.zeros(0, dtype=np.int64)
        duals = np.array(self._model().getSolution().row_dual)
        deciding: Integers = self._rows[np.abs(duals) > 1e-7]
        return deciding

    def whole_extreme(self, cell: int, sign: float, enough: float, still: Integers) -> Floats | None:
        """A whole-number d that moves ``cell`` by ``enough`` or more while ``still`` cells stay; None if none exists.

        Undecided within the node limit counts as none: the audit then fails rather than trusts.
        """
        import highspy

        low, high = -self.below.copy(), self.above.copy()
        low[still] = high[still] = 0.0
        low[cell], high[cell] = (enough, high[cell]) if sign > 0 else (low[cell], -enough)
        if low[cell] > high[cell]:
            return None
        filled = self.equations[self._filled()].tocsc()
        zeros = np.zeros(filled.shape[0])
        highs = _highs(filled, np.zeros(filled.shape[1]), np.ceil(low), np.floor(high), zeros, zeros)
        count = filled.shape[1]
        highs.changeColsIntegrality(
            count, np.arange(count, dtype=np.int32), np.full(count, highspy.HighsVarType.kInteger)
        )
        highs.setOptionValue("mip_max_nodes", 2000)
        highs.run()
        self.solved += 1
        if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        return np.round(np.array(highs.getSolution().col_value))

    def cheapest_move(self, cell: int, amount: float, price: Floats, *, whole: bool) -> Floats | None:
        """The d of least ``price @ |d|`` with ``d[cell] = amount``; None when there is none.

        Counts are moved in whole numbers: the program is solved again as an integer one when its optimum is not.
        """
        import highspy

        filled = self.equations[self._filled()].tocsc()
        count = filled.shape[1]
        both = scipy.sparse.hstack([filled, -filled]).tocsc()
        high = np.concatenate([np.minimum(self.above, 1e6), np.minimum(self.below, 1e6)])
        low = np.zeros(2 * count)
        place, other = (cell, cell + count) if amount > 0 else (cell + count, cell)
        if high[place] < abs(amount) - 1e-9:
            return None
        low[place] = high[place] = abs(amount)
        high[other] = 0.0
        zeros = np.zeros(both.shape[0])
        highs = _highs(both, np.concatenate([price, price]), low, high, zeros, zeros)
        highs.run()
        self.solved += 1
        if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        moved = np.array(highs.getSolution().col_value)
        if whole and np.abs(moved - np.round(moved)).max() > 1e-7:
            highs.changeColsIntegrality(
                2 * count, np.arange(2 * count, dtype=np.int32), np.full(2 * count, highspy.HighsVarType.kInteger)
            )
            highs.setOptionValue("mip_max_nodes", 500)
            highs.run()
            if highs.getInfo().primal_solution_status != 2:
                return None
            moved = np.array(highs.getSolution().col_value)
        difference: Floats = moved[:count] - moved[count:]
        return np.round(difference) if whole else difference

    def _filled(self) -> Integers:
        return np.flatnonzero(np.diff(self.equations.indptr) > 0)


def _highs(
    matrix: scipy.sparse.csc_matrix, cost: Floats, low: Floats, high: Floats, least: Floats, most: Floats
) -> Any:
    import highspy

    program = highspy.HighsLp()
    program.num_col_, program.num_row_ = matrix.shape[1], matrix.shape[0]
    program.col_cost_, program.col_lower_, program.col_upper_ = cost, low, high
    program.row_lower_, program.row_upper_ = least, most
    program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    program.a_matrix_.start_, program.a_matrix_.index_ = matrix.indptr, matrix.indices
    program.a_matrix_.value_ = matrix.data
    highs: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("random_seed", 0)
    highs.setOptionValue("primal_feasibility_tolerance", 1e-9)
    highs.setOptionValue("dual_feasibility_tolerance", 1e-9)
    highs.passModel(program)
    return highs


def _refuse_unless_optimal(highs: Any) -> None:
    import highspy

    status = highs.getModelStatus()
    if status != highspy.HighsModelStatus.kOptimal:
        raise Refused(
            "audit.unsolved",
            found=f"a program that ended as {highs.modelStatusToString(status)}",
            remedy="check that the published cells and the known bounds agree with the table",
        )


def rounded_up(equations: scipy.sparse.csr_matrix, down: Floats, above: Floats, base: float) -> Floats | None:
    """Which cells to round up (n,) of 0 and 1, so that ``equations @ (down + base * up) = 0`` and the change is least.

    ``above`` (n,) is how far each value lies above its lower multiple; a multiple stays. None when there is no way.

    >>> total = scipy.sparse.csr_matrix([[-1.0, 1.0, 1.0]])  # 7 = 4 + 3, to multiples of 5
    >>> rounded_up(total, np.array([5.0, 0.0, 0.0]), np.array([2.0, 4.0, 3.0]), 5.0).tolist()
    [0.0, 1.0, 0.0]
    """
    import highspy

    filled = scipy.sparse.csr_matrix(equations)
    gap = -(filled @ down) / base
    high = np.where(above > 0, 1.0, 0.0)
    highs = _highs(filled.tocsc(), base - 2 * above, np.zeros(len(down)), high, gap, gap)
    count = len(down)
    highs.changeColsIntegrality(count, np.arange(count, dtype=np.int32), np.full(count, highspy.HighsVarType.kInteger))
    highs.setOptionValue("mip_max_nodes", 5000)
    highs.run()
    if highs.getInfo().primal_solution_status != 2:
        return None
    return np.round(np.array(highs.getSolution().col_value))
