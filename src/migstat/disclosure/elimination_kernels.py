"""Compiled inner loops of sparse Gaussian elimination. Imported only where they run: compiling needs numba."""

# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

TOLERANCE = 1e-9


@njit(cache=True)
def _lightest_row(heap: NDArray[np.int64], size: int, item: int, key: int) -> int:
    """Push (key, item) into a binary heap kept in two columns; returns the new size."""
    place = size
    while place > 0:
        above = (place - 1) // 2
        if heap[above, 0] < key or (heap[above, 0] == key and heap[above, 1] <= item):
            break
        heap[place, 0] = heap[above, 0]
        heap[place, 1] = heap[above, 1]
        place = above
    heap[place, 0] = key
    heap[place, 1] = item
    return size + 1


@njit(cache=True)
def _pop(heap: NDArray[np.int64], size: int) -> int:
    """Remove the root of the heap; returns the new size."""
    size -= 1
    key, item = heap[size, 0], heap[size, 1]
    place = 0
    while True:
        below = 2 * place + 1
        if below >= size:
            break
        right = below + 1
        if right < size and (
            heap[right, 0] < heap[below, 0] or (heap[right, 0] == heap[below, 0] and heap[right, 1] < heap[below, 1])
        ):
            below = right
        if heap[below, 0] > key or (heap[below, 0] == key and heap[below, 1] >= item):
            break
        heap[place, 0] = heap[below, 0]
        heap[place, 1] = heap[below, 1]
        place = below
    heap[place, 0] = key
    heap[place, 1] = item
    return size


@njit(cache=True)
def echelon(
    indptr: NDArray[np.int64], indices: NDArray[np.int64], entries: NDArray[np.float64], columns: int, capacity: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], bool]:
    """Row echelon form of a sparse matrix, lightest row first, pivots of size 1 preferred.

    Returns pivot columns in order of elimination, start and end of each pivot row in the pool, the pool (columns,
    entries), and whether it fitted in ``capacity`` entries.
    """
    rows = len(indptr) - 1
    pool_column = np.empty(capacity, dtype=np.int64)
    pool_entry = np.empty(capacity, dtype=np.float64)
    start = np.empty(rows, dtype=np.int64)
    stop = np.empty(rows, dtype=np.int64)
    weight = np.zeros(columns, dtype=np.int64)
    # which rows a column stands in: linked lists that may hold rows that have lost the column since
    head = np.full(columns, -1, dtype=np.int64)
    link_capacity = capacity
    link_row = np.empty(link_capacity, dtype=np.int64)
    link_next = np.empty(link_capacity, dtype=np.int64)
    links = 0
    used = 0
    heap = np.empty((rows + capacity // 2 + 1, 2), dtype=np.int64)
    size = 0
    for r in range(rows):
        start[r] = used
        for e in range(indptr[r], indptr[r + 1]):
            c = indices[e]
            pool_column[used] = c
            pool_entry[used] = entries[e]
            used += 1
            weight[c] += 1
            link_row[links] = r
            link_next[links] = head[c]
            head[c] = links
            links += 1
        stop[r] = used
        size = _lightest_row(heap, size, r, stop[r] - start[r])
    done = np.zeros(rows, dtype=np.bool_)
    pivots = np.empty(min(rows, columns), dtype=np.int64)
    pivot_start = np.empty(min(rows, columns), dtype=np.int64)
    pivot_stop = np.empty(min(rows, columns), dtype=np.int64)
    rank = 0
    while size > 0:
        key, r = heap[0, 0], heap[0, 1]
        size = _pop(heap, size)
        if done[r] or stop[r] - start[r] != key:
            continue
        done[r] = True
        if key == 0:
            continue
        best = -1
        best_weight = 0
        for e in range(start[r], stop[r]):
            c = pool_column[e]
            rank_of = weight[c] + (0 if abs(abs(pool_entry[e]) - 1.0) < TOLERANCE else 1000000000)
            if best < 0 or rank_of < best_weight:
                best = e
                best_weight = rank_of
        pivot = pool_column[best]
        scale = 1.0 / pool_entry[best]
        for e in range(start[r], stop[r]):
            pool_entry[e] *= scale
            weight[pool_column[e]] -= 1
        pivots[rank] = pivot
        pivot_start[rank] = start[r]
        pivot_stop[rank] = stop[r]
        rank += 1
        at = head[pivot]
        while at >= 0:
            other = link_row[at]
            at = link_next[at]
            if done[other]:
                continue
            factor = 0.0
            for e in range(start[other], stop[other]):
                if pool_column[e] == pivot:
                    factor = pool_entry[e]
                    break
            if factor == 0.0:
                continue
            need = (stop[other] - start[other]) + (stop[r] - start[r])
            if used + need > capacity or links + need > link_capacity or size + 1 >= len(heap):
                return pivots[:0], pivot_start[:0], pivot_stop[:0], pool_column[:0], pool_entry[:0], False
            i, j, fresh = start[other], start[r], used
            while i < stop[other] or j < stop[r]:
                ci = pool_column[i] if i < stop[other] else columns
                cj = pool_column[j] if j < stop[r] else columns
                if ci < cj:
                    pool_column[used] = ci
                    pool_entry[used] = pool_entry[i]
                    used += 1
                    i += 1
                elif cj < ci:
                    pool_column[used] = cj
                    pool_entry[used] = -factor * pool_entry[j]
                    used += 1
                    j += 1
                    weight[cj] += 1
                    link_row[links] = other
                    link_next[links] = head[cj]
                    head[cj] = links
                    links += 1
                else:
                    value = pool_entry[i] - factor * pool_entry[j]
                    i += 1
                    j += 1
                    if ci != pivot and abs(value) > TOLERANCE:
                        nearest = np.round(value)
                        pool_column[used] = ci
                        pool_entry[used] = nearest if abs(value - nearest) < TOLERANCE else value
                        used += 1
                    else:
                        weight[ci] -= 1
            start[other] = fresh
            stop[other] = used
            size = _lightest_row(heap, size, other, used - fresh)
    return pivots[:rank], pivot_start[:rank], pivot_stop[:rank], pool_column[:used], pool_entry[:used], True


@njit(cache=True)
def back_substitute(
    pivots: NDArray[np.int64],
    pivot_start: NDArray[np.int64],
    pivot_stop: NDArray[np.int64],
    pool_column: NDArray[np.int64],
    pool_entry: NDArray[np.float64],
    vectors: NDArray[np.float64],
) -> None:
    """Complete null vectors (cells, k) in place from their entries at the free cells."""
    width = vectors.shape[1]
    for step in range(len(pivots) - 1, -1, -1):
        p = pivots[step]
        for q in range(width):
            vectors[p, q] = 0.0
        for e in range(pivot_start[step], pivot_stop[step]):
            c = pool_column[e]
            if c != p:
                a = pool_entry[e]
                for q in range(width):
                    vectors[p, q] -= a * vectors[c, q]
        for q in range(width):
            nearest = np.round(vectors[p, q])
            if abs(vectors[p, q] - nearest) < TOLERANCE:
                vectors[p, q] = nearest


@njit(cache=True)
def sparse_null_basis(
    cells: int,
    free: NDArray[np.int64],
    pivots: NDArray[np.int64],
    pivot_start: NDArray[np.int64],
    pivot_stop: NDArray[np.int64],
    pool_column: NDArray[np.int64],
    pool_entry: NDArray[np.float64],
    capacity: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], bool]:
    """The null basis that is the identity on the free cells, cell by cell: start, stop, vectors, entries, fitted."""
    start = np.zeros(cells, dtype=np.int64)
    stop = np.zeros(cells, dtype=np.int64)
    vector = np.empty(capacity, dtype=np.int64)
    entry = np.empty(capacity, dtype=np.float64)
    used = 0
    for f in range(len(free)):
        start[free[f]] = used
        vector[used] = f
        entry[used] = 1.0
        used += 1
        stop[free[f]] = used
    sums = np.zeros(len(free))
    touched = np.empty(len(free), dtype=np.int64)
    seen = np.zeros(len(free), dtype=np.bool_)
    for step in range(len(pivots) - 1, -1, -1):
        p = pivots[step]
        count = 0
        for e in range(pivot_start[step], pivot_stop[step]):
            c = pool_column[e]
            if c == p:
                continue
            a = pool_entry[e]
            for g in range(start[c], stop[c]):
                v = vector[g]
                if not seen[v]:
                    seen[v] = True
                    touched[count] = v
                    count += 1
                    sums[v] = 0.0
                sums[v] -= a * entry[g]
        if used + count > capacity:
            return start, stop, vector[:0], entry[:0], False
        start[p] = used
        for t in range(count):
            v = touched[t]
            seen[v] = False
            value = sums[v]
            nearest = np.round(value)
            if abs(value - nearest) < TOLERANCE:
                value = nearest
            if value != 0.0:
                vector[used] = v
                entry[used] = value
                used += 1
        stop[p] = used
    return start, stop, vector[:used], entry[:used], True
