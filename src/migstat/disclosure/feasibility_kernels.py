"""Compiled inner loop of bound propagation. Imported only where it runs: compiling needs numba."""

# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True)
def propagate(
    indptr: NDArray[np.int64],
    indices: NDArray[np.int64],
    entries: NDArray[np.float64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    sweeps: int,
) -> None:
    """Tighten ``low <= d <= high`` in place by what each equation ``sum(entries * d) = 0`` says by itself."""
    for _sweep in range(sweeps):
        moved = False
        for r in range(len(indptr) - 1):
            least = 0.0
            most = 0.0
            unbounded_least = 0
            unbounded_most = 0
            for e in range(indptr[r], indptr[r + 1]):
                a = entries[e]
                i = indices[e]
                small = a * low[i] if a > 0.0 else a * high[i]
                large = a * high[i] if a > 0.0 else a * low[i]
                if small == -np.inf:
                    unbounded_least += 1
                else:
                    least += small
                if large == np.inf:
                    unbounded_most += 1
                else:
                    most += large
            for e in range(indptr[r], indptr[r + 1]):
                a = entries[e]
                i = indices[e]
                small = a * low[i] if a > 0.0 else a * high[i]
                large = a * high[i] if a > 0.0 else a * low[i]
                if unbounded_least == 0 or (unbounded_least == 1 and small == -np.inf):
                    bound = -(least if small == -np.inf else least - small) / a
                    if a > 0.0 and bound < high[i] - 1e-9:
                        high[i] = bound
                        moved = True
                    elif a < 0.0 and bound > low[i] + 1e-9:
                        low[i] = bound
                        moved = True
                if unbounded_most == 0 or (unbounded_most == 1 and large == np.inf):
                    bound = -(most if large == np.inf else most - large) / a
                    if a > 0.0 and bound > low[i] + 1e-9:
                        low[i] = bound
                        moved = True
                    elif a < 0.0 and bound < high[i] - 1e-9:
                        high[i] = bound
                        moved = True
                # the sums follow the bound just moved, so that later cells of the equation use it
                new_small = a * low[i] if a > 0.0 else a * high[i]
                new_large = a * high[i] if a > 0.0 else a * low[i]
                if small == -np.inf and new_small != -np.inf:
                    unbounded_least -= 1
                    least += new_small
                elif small != -np.inf:
                    least += new_small - small
                if large == np.inf and new_large != np.inf:
                    unbounded_most -= 1
                    most += new_large
                elif large != np.inf:
                    most += new_large - large
        if not moved:
            return
