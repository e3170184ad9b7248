"""Compiled inner loops over a basis of circuits: the ways in which withheld cells can move with everything published.

A *tableau* (k, n) holds one null vector of the equations per row, over n candidate cells. A row that is *free* may be
used by an attacker's alternative tables; a row that is not free is *pinned* by a published cell, on which it alone is
not 0 (1, after elimination). Publishing a cell pins one free row; publishing a cell on which all free rows are 0 costs
nothing. A needed cell that is 0 on all free rows is exactly known.
"""

# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

EPSILON = 1e-9


@njit(cache=True)
def next_uniform(state: NDArray[np.uint64]) -> float:
    """Xorshift generator (Marsaglia 2003, period 2^64 - 1): whole-number arithmetic, the same on every machine."""
    s = state[0]
    s ^= s << np.uint64(13)
    s ^= s >> np.uint64(7)
    s ^= s << np.uint64(17)
    state[0] = s
    return float(s >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@njit(cache=True)
def signatures(
    tableau: NDArray[np.float64], free: NDArray[np.bool_], marks: NDArray[np.float64]
) -> NDArray[np.float64]:
    """For each cell the sum of its entries on free rows, each row times its mark: parallel cells have parallel sums."""
    rows, cells = tableau.shape
    sums = np.zeros(cells)
    for q in range(rows):
        if free[q]:
            for i in range(cells):
                sums[i] += marks[q] * tableau[q, i]
    return sums


@njit(cache=True)
def credit(
    cell: int,
    entry: float,
    forward: float,
    backward: float,
    step: int,
    need: NDArray[np.float64],
    proofs: NDArray[np.int64],
) -> None:
    """Add ``step`` to the proofs, downwards (0) and upwards (1), that a null vector gives for one cell."""
    up = entry * forward if entry > 0.0 else -entry * backward
    down = entry * backward if entry > 0.0 else -entry * forward
    if down >= need[0, cell] - EPSILON:
        proofs[0, cell] += step
    if up >= need[1, cell] - EPSILON:
        proofs[1, cell] += step


@njit(cache=True)
def whole_steps(forward: float, backward: float, fractional: bool, whole: bool) -> tuple[float, float]:
    """Where only whole tables are proofs: whole steps of whole vectors, and none of others."""
    if not whole:
        return forward, backward
    if fractional:
        return 0.0, 0.0
    return np.floor(forward + EPSILON), np.floor(backward + EPSILON)


@njit(cache=True)
def count_row(
    row: NDArray[np.float64],
    step: int,
    room: NDArray[np.float64],
    need: NDArray[np.float64],
    needed: NDArray[np.int64],
    proofs: NDArray[np.int64],
    whole: bool,
) -> None:
    """As ``count_protected``, for a row written out in full."""
    forward = np.inf
    backward = np.inf
    fractional = False
    for i in range(len(row)):
        d = row[i]
        if d > 0.0:
            forward = min(forward, room[1, i] / d)
            backward = min(backward, room[0, i] / d)
        elif d < 0.0:
            forward = min(forward, room[0, i] / -d)
            backward = min(backward, room[1, i] / -d)
        if d != np.round(d):
            fractional = True
    forward, backward = whole_steps(forward, backward, fractional, whole)
    for a in range(len(needed)):
        d = row[needed[a]]
        if d != 0.0:
            credit(needed[a], d, forward, backward, step, need, proofs)


@njit(cache=True)
def publish(
    tableau: NDArray[np.float64],
    free: NDArray[np.bool_],
    marks: NDArray[np.float64],
    sums: NDArray[np.float64],
    room: NDArray[np.float64],
    need: NDArray[np.float64],
    needed: NDArray[np.int64],
    proofs: NDArray[np.int64],
    cell: int,
    scratch: NDArray[np.float64],
    whole: bool,
) -> bool:
    """Publish one cell if every needed cell keeps a proof; the tableau, and the rest, change only then."""
    rows, cells = tableau.shape
    holding = np.empty(rows, dtype=np.int64)
    count = 0
    for q in range(rows):
        if free[q] and tableau[q, cell] != 0.0:
            holding[count] = q
            count += 1
    if count == 0:
        return True
    chosen = holding[0]
    lightest = cells + 1
    for a in range(count):
        weight = 0
        for i in range(cells):
            if tableau[holding[a], i] != 0.0:
                weight += 1
        if weight < lightest:
            lightest = weight
            chosen = holding[a]
    scale = 1.0 / tableau[chosen, cell]
    for a in range(len(needed)):
        i = needed[a]
        entry = tableau[chosen, i]
        if entry != 0.0 and abs(sums[i] - entry * scale * sums[cell]) < 1e-7:
            return False
    for a in range(count):
        q = holding[a]
        count_row(tableau[q], -1, room, need, needed, proofs, whole)
        if q != chosen:
            factor = tableau[q, cell] * scale
            for i in range(cells):
                value = tableau[q, i] - factor * tableau[chosen, i]
                scratch[a, i] = 0.0 if abs(value) < EPSILON else value
            count_row(scratch[a], 1, room, need, needed, proofs, whole)
    accepted = True
    for a in range(len(needed)):
        if proofs[0, needed[a]] == 0 or proofs[1, needed[a]] == 0:
            accepted = False
            break
    change = marks[chosen] / scale
    for a in range(count):
        q = holding[a]
        if accepted and q != chosen:
            change += marks[q] * tableau[q, cell]
            tableau[q, :] = scratch[a]
        elif not accepted:
            count_row(tableau[q], 1, room, need, needed, proofs, whole)
            if q != chosen:
                count_row(scratch[a], -1, room, need, needed, proofs, whole)
    if not accepted:
        return False
    for i in range(cells):
        if tableau[chosen, i] != 0.0:
            tableau[chosen, i] *= scale
            sums[i] -= change * tableau[chosen, i]
    for q in range(rows):
        factor = tableau[q, cell]
        if q != chosen and not free[q] and factor != 0.0:
            for i in range(cells):
                if tableau[chosen, i] != 0.0:
                    value = tableau[q, i] - factor * tableau[chosen, i]
                    tableau[q, i] = 0.0 if abs(value) < EPSILON else value
    free[chosen] = False
    return True


@njit(cache=True)
def count_protected(
    first: int,
    last: int,
    step: int,
    pool_cell: NDArray[np.int64],
    pool_entry: NDArray[np.float64],
    room: NDArray[np.float64],
    need: NDArray[np.float64],
    needed: NDArray[np.bool_],
    proofs: NDArray[np.int64],
    whole: bool,
) -> None:
    """Add ``step`` to the proofs of every needed cell that the null vector in the pool protects, by itself.

    The vector can be added to the true table until a cell meets the end of its ``room`` (2, n: below, above).
    """
    forward = np.inf
    backward = np.inf
    fractional = False
    for e in range(first, last):
        i = pool_cell[e]
        d = pool_entry[e]
        if d > 0.0:
            forward = min(forward, room[1, i] / d)
            backward = min(backward, room[0, i] / d)
        else:
            forward = min(forward, room[0, i] / -d)
            backward = min(backward, room[1, i] / -d)
        if d != np.round(d):
            fractional = True
    forward, backward = whole_steps(forward, backward, fractional, whole)
    for e in range(first, last):
        if needed[pool_cell[e]]:
            credit(pool_cell[e], pool_entry[e], forward, backward, step, need, proofs)


@njit(cache=True)
def count_all(
    indptr: NDArray[np.int64],
    indices: NDArray[np.int64],
    entries: NDArray[np.float64],
    room: NDArray[np.float64],
    need: NDArray[np.float64],
    needed: NDArray[np.bool_],
    proofs: NDArray[np.int64],
    whole: bool,
) -> None:
    """Count the proofs that all rows give."""
    for q in range(len(indptr) - 1):
        count_protected(indptr[q], indptr[q + 1], 1, indices, entries, room, need, needed, proofs, whole)


@njit(cache=True)
def publish_in_order(
    indptr: NDArray[np.int64],
    indices: NDArray[np.int64],
    entries: NDArray[np.float64],
    room: NDArray[np.float64],
    need: NDArray[np.float64],
    needed: NDArray[np.bool_],
    withheld: NDArray[np.bool_],
    order: NDArray[np.int64],
    tries: int,
    capacity: int,
    whole: bool,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.int64], bool]:
    """Publish, in the given order, every cell without which each needed cell keeps a proof of its protection.

    The proofs are null vectors (sparse rows, a basis or more) that can be added to and taken from the true table so
    that the cell moves by ``need`` (2, n: down, up), each way by the same vector or by another, while every cell
    stays within its ``room`` (2, n: below, above its value). With ``whole`` only whole tables are proofs. Updates
    ``withheld``. Returns start and stop of each remaining row in the pool, the pool (cells, entries), the number of
    proofs of each cell (2, n), and whether all fitted in ``capacity``.
    """
    rows = len(indptr) - 1
    cells = len(withheld)
    pool_cell = np.empty(capacity, dtype=np.int64)
    pool_entry = np.empty(capacity, dtype=np.float64)
    start = np.empty(rows, dtype=np.int64)
    stop = np.empty(rows, dtype=np.int64)
    proofs = np.zeros((2, cells), dtype=np.int64)
    head = np.full(cells, -1, dtype=np.int64)
    link_row = np.empty(capacity, dtype=np.int64)
    link_next = np.empty(capacity, dtype=np.int64)
    used = 0
    for q in range(rows):
        start[q] = used
        for e in range(indptr[q], indptr[q + 1]):
            pool_cell[used] = indices[e]
            pool_entry[used] = entries[e]
            used += 1
        stop[q] = used
        count_protected(start[q], used, 1, pool_cell, pool_entry, room, need, needed, proofs, whole)
    links = relink(start, stop, pool_cell, head, link_row, link_next)
    factor_of = np.zeros(rows)
    holding = np.empty(rows, dtype=np.int64)
    seen = np.full(rows, -1, dtype=np.int64)
    fresh_start = np.empty(rows, dtype=np.int64)
    fresh_stop = np.empty(rows, dtype=np.int64)
    for cell in order:
        if not withheld[cell]:
            continue
        count = rows_with(cell, head, link_row, link_next, start, stop, pool_cell, pool_entry, holding, factor_of, seen)
        if count == 0:
            withheld[cell] = False
            continue
        space = 0
        longest = 0
        for a in range(count):
            length = stop[holding[a]] - start[holding[a]]
            space += length
            longest = max(longest, length)
        space += count * longest
        if used + space > capacity or links + space > capacity:
            used = pack(start, stop, pool_cell, pool_entry)
            links = relink(start, stop, pool_cell, head, link_row, link_next)
            if used + space > capacity:
                return start, stop, pool_cell[:used], pool_entry[:used], proofs, False
        for a in range(count):
            q = holding[a]
            count_protected(start[q], stop[q], -1, pool_cell, pool_entry, room, need, needed, proofs, whole)
        accepted = False
        for attempt in range(min(tries, count)):
            # the lightest row not yet tried drives the elimination
            lightest = attempt
            for a in range(attempt, count):
                if stop[holding[a]] - start[holding[a]] < stop[holding[lightest]] - start[holding[lightest]]:
                    lightest = a
            holding[attempt], holding[lightest] = holding[lightest], holding[attempt]
            chosen = holding[attempt]
            scale = 1.0 / factor_of[chosen]
            place = used
            for a in range(count):
                q = holding[a]
                fresh_start[a] = place
                if a != attempt:
                    place = combine(
                        start[q],
                        stop[q],
                        start[chosen],
                        stop[chosen],
                        -factor_of[q] * scale,
                        cell,
                        pool_cell,
                        pool_entry,
                        place,
                    )
                    count_protected(fresh_start[a], place, 1, pool_cell, pool_entry, room, need, needed, proofs, whole)
                fresh_stop[a] = place
            accepted = True
            for a in range(count):
                for e in range(start[holding[a]], stop[holding[a]]):
                    i = pool_cell[e]
                    if needed[i] and (proofs[0, i] == 0 or proofs[1, i] == 0):
                        accepted = False
                        break
                if not accepted:
                    break
            if accepted:
                for a in range(count):
                    q = holding[a]
                    if a != attempt:
                        for e in range(start[chosen], stop[chosen]):
                            link_row[links] = q
                            link_next[links] = head[pool_cell[e]]
                            head[pool_cell[e]] = links
                            links += 1
                for a in range(count):
                    start[holding[a]] = fresh_start[a]
                    stop[holding[a]] = fresh_stop[a]
                used = place
                withheld[cell] = False
                break
            for a in range(count):
                if a != attempt:
                    count_protected(
                        fresh_start[a],
                        fresh_stop[a],
                        -1,
                        pool_cell,
                        pool_entry,
                        room,
                        need,
                        needed,
                        proofs,
                        whole,
                    )
        if not accepted:
            for a in range(count):
                q = holding[a]
                count_protected(start[q], stop[q], 1, pool_cell, pool_entry, room, need, needed, proofs, whole)
    return start, stop, pool_cell[:used], pool_entry[:used], proofs, True


@njit(cache=True)
def combine(
    first: int,
    last: int,
    other_first: int,
    other_last: int,
    factor: float,
    without: int,
    pool_cell: NDArray[np.int64],
    pool_entry: NDArray[np.float64],
    place: int,
) -> int:
    """Write one row plus ``factor`` times another at ``place`` of the pool, without one cell; returns the new end."""
    x, y = first, other_first
    cells = 1 << 62
    while x < last or y < other_last:
        cx = pool_cell[x] if x < last else cells
        cy = pool_cell[y] if y < other_last else cells
        if cx < cy:
            pool_cell[place] = cx
            pool_entry[place] = pool_entry[x]
            place += 1
            x += 1
        elif cy < cx:
            pool_cell[place] = cy
            pool_entry[place] = factor * pool_entry[y]
            place += 1
            y += 1
        else:
            value = pool_entry[x] + factor * pool_entry[y]
            x += 1
            y += 1
            if cx != without and abs(value) > EPSILON:
                nearest = np.round(value)
                pool_cell[place] = cx
                pool_entry[place] = nearest if abs(value - nearest) < EPSILON else value
                place += 1
    return place


@njit(cache=True)
def pack(
    start: NDArray[np.int64], stop: NDArray[np.int64], pool_cell: NDArray[np.int64], pool_entry: NDArray[np.float64]
) -> int:
    """Move the living rows to the front of the pool, dropping what elimination has replaced; returns what is used."""
    used = 0
    for q in np.argsort(start, kind="mergesort"):
        first = start[q]
        start[q] = used
        for e in range(first, stop[q]):
            pool_cell[used] = pool_cell[e]
            pool_entry[used] = pool_entry[e]
            used += 1
        stop[q] = used
    return used


@njit(cache=True)
def relink(
    start: NDArray[np.int64],
    stop: NDArray[np.int64],
    pool_cell: NDArray[np.int64],
    head: NDArray[np.int64],
    link_row: NDArray[np.int64],
    link_next: NDArray[np.int64],
) -> int:
    """Write afresh which rows each cell stands in; returns the number of links."""
    head[:] = -1
    links = 0
    for q in range(len(start)):
        for e in range(start[q], stop[q]):
            i = pool_cell[e]
            link_row[links] = q
            link_next[links] = head[i]
            head[i] = links
            links += 1
    return links


@njit(cache=True)
def rows_with(
    cell: int,
    head: NDArray[np.int64],
    link_row: NDArray[np.int64],
    link_next: NDArray[np.int64],
    start: NDArray[np.int64],
    stop: NDArray[np.int64],
    pool_cell: NDArray[np.int64],
    pool_entry: NDArray[np.float64],
    found: NDArray[np.int64],
    factor_of: NDArray[np.float64],
    seen: NDArray[np.int64],
) -> int:
    """Write the rows in which ``cell`` stands into ``found`` and its entries into ``factor_of``; returns how many.

    ``seen`` remembers the last cell for which each row was met; links that no longer hold are taken out of the list.
    """
    count = 0
    at = head[cell]
    previous = -1
    while at >= 0:
        q = link_row[at]
        here = False
        if seen[q] != cell:
            low, high = start[q], stop[q]
            while low < high:
                middle = (low + high) // 2
                if pool_cell[middle] < cell:
                    low = middle + 1
                else:
                    high = middle
            here = low < stop[q] and pool_cell[low] == cell
        if here:
            seen[q] = cell
            found[count] = q
            factor_of[q] = pool_entry[low]
            count += 1
            previous = at
        elif previous >= 0:
            link_next[previous] = link_next[at]
        else:
            head[cell] = link_next[at]
        at = link_next[at]
    return count


@njit(cache=True)
def total_cost(withheld: NDArray[np.bool_], cost: NDArray[np.float64]) -> float:
    total = 0.0
    for i in range(len(cost)):
        if withheld[i]:
            total += cost[i]
    return total


@njit(cache=True)
def open_cheap_circuit(
    tableau: NDArray[np.float64],
    free: NDArray[np.bool_],
    withheld: NDArray[np.bool_],
    cost: NDArray[np.float64],
    state: NDArray[np.uint64],
) -> None:
    """Free the cheapest of four pinned rows drawn at random, by withholding the published cells on it."""
    rows, cells = tableau.shape
    chosen = -1
    lowest = np.inf
    for _draw in range(4):
        q = int(next_uniform(state) * rows)
        if free[q]:
            continue
        price = 0.0
        for i in range(cells):
            if tableau[q, i] != 0.0 and not withheld[i]:
                price += cost[i]
        if 0.0 < price < lowest:
            lowest = price
            chosen = q
    if chosen >= 0:
        for i in range(cells):
            if tableau[chosen, i] != 0.0:
                withheld[i] = True
        free[chosen] = True


@njit(cache=True)
def anneal(
    tableau: NDArray[np.float64],
    free: NDArray[np.bool_],
    marks: NDArray[np.float64],
    room: NDArray[np.float64],
    need: NDArray[np.float64],
    needed: NDArray[np.int64],
    withheld: NDArray[np.bool_],
    cost: NDArray[np.float64],
    rounds: int,
    seed: int,
    warmth: float,
    width: int,
    whole: bool,
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Threshold annealing over patterns: open a few circuits, publish again in a shuffled order, keep what is cheaper
    or only a little dearer (Dueck and Scheuer 1990). Returns the cheapest pattern met and
    its free rows, the proofs."""
    rows, cells = tableau.shape
    state = np.array([seed], dtype=np.uint64)
    scratch = np.empty((rows, cells))
    trial = tableau.copy()
    current = total_cost(withheld, cost)
    lowest = current
    best = withheld.copy()
    best_tableau = tableau.copy()
    best_free = free.copy()
    is_needed = np.zeros(cells, dtype=np.bool_)
    for i in needed:
        is_needed[i] = True
    places = np.empty(cells, dtype=np.int64)
    keys = np.empty(cells)
    proofs = np.zeros((2, cells), dtype=np.int64)
    for step in range(rounds):
        trial[:, :] = tableau
        trial_free = free.copy()
        trial_withheld = withheld.copy()
        for _opening in range(1 + int(next_uniform(state) * width)):
            open_cheap_circuit(trial, trial_free, trial_withheld, cost, state)
        proofs[:, :] = 0
        for q in range(rows):
            if trial_free[q]:
                count_row(trial[q], 1, room, need, needed, proofs, whole)
        count = 0
        for i in range(cells):
            if trial_withheld[i] and not is_needed[i]:
                key = -cost[i] * (0.85 + 0.3 * next_uniform(state))
                if not withheld[i]:
                    key *= 1.0 - 0.95 * next_uniform(state)
                keys[count] = key
                places[count] = i
                count += 1
        order = places[:count][np.argsort(keys[:count], kind="mergesort")]
        sums = signatures(trial, trial_free, marks)
        for cell in order:
            if publish(trial, trial_free, marks, sums, room, need, needed, proofs, cell, scratch, whole):
                trial_withheld[cell] = False
        price = total_cost(trial_withheld, cost)
        if price <= current + warmth * (1.0 - step / rounds) * next_uniform(state):
            current = price
            tableau[:, :] = trial
            free[:] = trial_free
            withheld[:] = trial_withheld
            if price < lowest:
                lowest = price
                best[:] = trial_withheld
                best_tableau[:, :] = trial
                best_free[:] = trial_free
    return best, best_tableau[best_free]


@njit(cache=True)
def pin(tableau: NDArray[np.float64], free: NDArray[np.bool_], cell: int) -> None:
    """Publish one cell without condition: one free row takes it, every other row loses it."""
    rows, cells = tableau.shape
    chosen = -1
    for q in range(rows):
        if free[q] and tableau[q, cell] != 0.0:
            chosen = q
            break
    if chosen < 0:
        return
    scale = 1.0 / tableau[chosen, cell]
    for i in range(cells):
        tableau[chosen, i] *= scale
    for q in range(rows):
        factor = tableau[q, cell]
        if q != chosen and factor != 0.0:
            for i in range(cells):
                value = tableau[q, i] - factor * tableau[chosen, i]
                tableau[q, i] = 0.0 if abs(value) < EPSILON else value
    free[chosen] = False
