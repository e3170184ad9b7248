"""The null space of the published equations: everything that linear algebra alone gives away, for all cells at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import scipy
from numpy.typing import NDArray

from migstat.disclosure.system import Flags, Floats, Integers

_CAPACITY_PER_ENTRY: Final = 60
_CAPACITY_LIMIT: Final = 150_000_000


@dataclass(frozen=True, eq=False)
class Echelon:
    """Row echelon form of the equations in the withheld cells. ``free`` are the cells that no pivot determines."""

    cells: int
    pivots: Integers
    start: Integers
    stop: Integers
    columns: Integers
    entries: Floats

    @property
    def free(self) -> Integers:
        is_free = np.ones(self.cells, dtype=bool)
        is_free[self.pivots] = False
        return np.flatnonzero(is_free)

    def null_vectors(self, at_free: Floats) -> Floats:
        """Null vectors (cells, k) that take the given values (free cells, k) at the free cells."""
        from migstat.disclosure.elimination_kernels import back_substitute

        vectors = np.zeros((self.cells, at_free.shape[1]))
        vectors[self.free] = at_free
        back_substitute(self.pivots, self.start, self.stop, self.columns, self.entries, vectors)
        return vectors

    def null_basis(self) -> scipy.sparse.csr_matrix | None:
        """A basis (free cells, cells) of the null space: row f moves free cell f by 1 and no other free cell.

        None when it would not fit in memory.
        """
        from migstat.disclosure.elimination_kernels import sparse_null_basis

        free = self.free
        capacity = min(max(4096, _CAPACITY_PER_ENTRY * (len(self.entries) + self.cells)), _CAPACITY_LIMIT)
        start, stop, vectors, entries, fitted = sparse_null_basis(
            self.cells, free, self.pivots, self.start, self.stop, self.columns, self.entries, capacity
        )
        if not fitted:
            return None
        cells = np.empty(len(vectors), dtype=np.int64)
        for_each = stop - start
        order = np.argsort(start, kind="stable")
        cells = np.repeat(order, for_each[order])
        return scipy.sparse.csr_matrix((entries, (vectors, cells)), shape=(len(free), self.cells))


def eliminate(equations: scipy.sparse.csr_matrix) -> Echelon | None:
    """Sparse elimination; None when the fill-in would not fit in memory (the audit then proves by programs alone).

    >>> eliminate(scipy.sparse.csr_matrix([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])).null_basis().toarray().tolist()
    [[-1.0, 1.0, 0.0]]
    """
    from migstat.disclosure.elimination_kernels import echelon

    matrix = scipy.sparse.csr_matrix(equations)
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    matrix.sort_indices()
    capacity = min(max(4096, _CAPACITY_PER_ENTRY * matrix.nnz), _CAPACITY_LIMIT)
    pivots, start, stop, columns, entries, fitted = echelon(
        matrix.indptr.astype(np.int64),
        matrix.indices.astype(np.int64),
        matrix.data.astype(np.float64),
        matrix.shape[1],
        capacity,
    )
    return Echelon(matrix.shape[1], pivots, start, stop, columns, entries) if fitted else None


def spread_values(count: int, vectors: int) -> Floats:
    """Numbers (count, vectors) without any linear relation among them in practice, the same on every machine.

    Fractional parts of multiples of irrational steps (a Kronecker sequence), moved away from 0.

    >>> spread_values(3, 1).round(3).tolist()
    [[1.374], [0.996], [1.366]]
    """
    steps = np.sqrt(np.array([2.0, 3.0, 5.0, 7.0, 11.0, 13.0])[:vectors])
    place = np.arange(1, count + 1, dtype=float)[:, None]
    spread: NDArray[np.float64] = 0.5 + np.modf(place * place * steps * 0.618033988749895)[0]
    return spread


def linearly_exact(echelon: Echelon) -> Flags:
    """Which cells the equations determine exactly: those where no null vector moves them.

    A null vector with unrelated values at the free cells is 0 at a cell only when every null vector is, except by
    coincidence; two such vectors are asked. The rounding of the elimination is far below the tolerance because its
    entries are small integers (margins of tables) as a rule.

    >>> sums = scipy.sparse.csr_matrix([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])  # a + b is published, and c
    >>> linearly_exact(eliminate(sums)).tolist()
    [False, False, True]
    """
    vectors = echelon.null_vectors(spread_values(len(echelon.free), 2))
    return np.asarray((np.abs(vectors) < 1e-7).all(axis=1), dtype=bool)
