"""Does the likelihood of a log-linear model have a maximum on a sparse table, and does it say how many are unseen?

The maximum exists exactly when the sufficient statistics X'n lie in the relative interior of the cone of the columns
of X' (Haberman 1974; Fienberg and Rinaldo 2012, Annals of Statistics 40, 996, theorem 3 and section 4). Otherwise the
likelihood is approached along a face: some cells are fitted as 0 and the others by the extended maximum. One linear
programme finds the face; two more tell where the unseen count goes when the face does not fix it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from migstat.estimation import mse_irls as irls
from migstat.estimation.mse_models import HierarchicalModel
from migstat.estimation.mse_tables import CaptureTable
from migstat.model import Refused

Floats = NDArray[np.float64]

STATUS_NAMES = {
    irls.EXISTS: "exists",
    irls.EMPTY_MARGINS: "empty_overlaps",
    irls.EXTENDED: "extended",
    irls.LIMIT_ZERO: "unseen_goes_to_zero",
    irls.LIMIT_INFINITE: "unseen_goes_to_infinity",
    irls.NOT_IDENTIFIABLE: "not_identifiable",
    irls.NO_SIZE: "size_not_estimated",
}


@dataclass(frozen=True, slots=True)
class Existence:
    """``status``: "exists", "empty_overlaps", "extended" (the size is estimated), or one of the three where it is not.

    ``positive`` (2^L,) says which cells the (extended) maximum fits above 0, the cell of the unseen left out.
    ``deficiency`` is how many parameters the positive cells cannot tell apart, empty overlaps not counted.
    """

    status: str
    positive: NDArray[np.bool_]
    deficiency: int
    code: int

    @property
    def estimates_size(self) -> bool:
        return self.code <= irls.EXTENDED


def existence(table: CaptureTable, model: HierarchicalModel) -> Existence:
    """Existence and identifiability of the (extended) maximum likelihood estimate of ``model`` on ``table``.

    >>> from migstat.estimation.mse_tables import table_from_overlaps
    >>> table = table_from_overlaps({"A": 40, "B": 30, "C": 20, "AB": 6}, ("A", "B", "C"))
    >>> existence(table, HierarchicalModel.parse("[12,13,23]", 3)).status
    'not_identifiable'
    >>> existence(table, HierarchicalModel.parse("[13,23]", 3)).status
    'empty_overlaps'
    """
    if model.n_lists != table.n_lists:
        raise Refused(
            "mse.model_lists", found=f"a model of {model.n_lists} lists for {table.n_lists}", remedy="use one number"
        )
    return existence_of_counts(table.counts, model.terms, table.n_lists)


def existence_of_counts(counts: Floats, terms: NDArray[np.int64], n_lists: int) -> Existence:
    """The same for bare arrays: ``counts`` (2^L,), ``terms`` masks with the empty term last."""
    cells = np.arange(1, 1 << n_lists)
    contains = (cells[:, None] & terms[None, :]) == terms[None, :]
    empty = contains.T.astype(np.float64) @ counts[1:] == 0
    alive = ~contains[:, empty].any(axis=1)
    design = contains[:, ~empty].astype(np.float64)
    face = _face(design[alive], counts[1:][alive])
    positive = alive.copy()
    positive[alive] = face
    rank = int(np.linalg.matrix_rank(design[positive])) if positive.any() else 0
    unseen = np.zeros(design.shape[1])
    unseen[-1] = 1.0
    code = _status(design, positive, alive, unseen, rank, bool(empty.any()), bool(face.all()))
    return Existence(STATUS_NAMES[code], np.concatenate([[False], positive]), design.shape[1] - rank, code)


def _status(
    design: Floats, positive: NDArray[np.bool_], alive: NDArray[np.bool_], unseen: Floats, rank: int, empty: bool, whole: bool
) -> int:  # fmt: skip
    if int(np.linalg.matrix_rank(np.vstack([design[positive], unseen]))) == rank:
        if not whole:
            return irls.EXTENDED
        return irls.EMPTY_MARGINS if empty else irls.EXISTS
    dead = design[alive & ~positive]
    if _reaches(design[positive], dead, unseen):
        return irls.LIMIT_ZERO
    return irls.LIMIT_INFINITE if _reaches(design[positive], dead, -unseen) else irls.NOT_IDENTIFIABLE


def _face(design: Floats, counts: Floats) -> NDArray[np.bool_]:
    """Cells that some table with the same sufficient statistics fills: maximise the sum of y with y <= x, y <= 1.

    The unknowns are x (cells), y (cells) and a scale s >= 1; X'x = s X'n. The scale lets every cell of the face reach 1.
    """
    from scipy.optimize import linprog

    n_cells = design.shape[0]
    statistics = design.T @ counts
    nothing = np.zeros((design.shape[1], n_cells))
    equal = np.hstack([design.T, nothing, -statistics[:, None]])
    below = np.hstack([-np.eye(n_cells), np.eye(n_cells), np.zeros((n_cells, 1))])
    bounds: list[tuple[float, float]] = [(0.0, np.inf)] * n_cells + [(0.0, 1.0)] * n_cells + [(1.0, np.inf)]
    solved = linprog(
        np.concatenate([np.zeros(n_cells), -np.ones(n_cells), [0.0]]),
        A_ub=below,
        b_ub=np.zeros(n_cells),
        A_eq=equal,
        b_eq=np.zeros(design.shape[1]),
        bounds=bounds,
        method="highs",
    )
    if solved.status != 0 or solved.x is None:
        raise Refused("mse.linear_programme", found=solved.message, remedy="check that counts are moderate numbers")
    return np.asarray(solved.x[n_cells : 2 * n_cells] > 0.5)


def _reaches(face: Floats, dead: Floats, unseen: Floats) -> bool:
    """Is ``unseen`` a combination of rows of the face (any sign) and of dead cells (not negative)?

    Every way for the dead cells to go to 0 then drives the unseen cell the same way.
    """
    from scipy.optimize import linprog

    if len(dead) == 0:
        return False
    rows = np.vstack([face, dead])
    bounds: list[tuple[float, float]] = [(-np.inf, np.inf)] * len(face) + [(0.0, np.inf)] * len(dead)
    solved = linprog(np.zeros(len(rows)), A_eq=rows.T, b_eq=unseen, bounds=bounds, method="highs")
    return bool(solved.status == 0)
