"""A two-way table brought to given margins: scaling first, then Newton steps on the dual where scaling is slow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from migstat.estimation.arrays import Floats
from migstat.model import Refused


@dataclass(frozen=True, slots=True)
class Fitted:
    """``table`` = row_factor * seed * column_factor; ``error`` is the largest miss of a margin."""

    table: Floats
    row_factor: Floats
    column_factor: Floats
    iterations: int
    error: float


def check_margins(rows: Floats, columns: Floats) -> None:
    """Raises Refused (``ipf.negative_margin``, ``ipf.totals``) for negative margins or sums that disagree by 1e-6."""
    if (rows < 0).any() or (columns < 0).any():
        raise Refused("ipf.negative_margin", found="a negative margin", remedy="margins are counts of 0 or more")
    top, side = float(rows.sum()), float(columns.sum())
    if abs(top - side) > 1e-6 * max(top, side):
        raise Refused(
            "ipf.totals",
            found=f"rows sum to {top:.6g}, columns to {side:.6g}",
            remedy="make the two totals agree before fitting: scale the less trusted margin",
        )


def fit_margins(
    seed: Floats, rows: Floats, columns: Floats, *, tolerance: float = 1e-12, iterations: int = 20_000
) -> Fitted:
    """The table closest to ``seed`` (I, J) in relative entropy with these margins (Deming and Stephan 1940).

    ``tolerance`` is relative to the total. Raises Refused: ``ipf.negative_seed``, ``ipf.unattainable``,
    ``ipf.totals``.

    >>> fit_margins(np.ones((2, 2)), np.array([3.0, 1.0]), np.array([2.0, 2.0])).table
    array([[1.5, 1.5],
           [0.5, 0.5]])
    """
    if (seed < 0).any():
        raise Refused("ipf.negative_seed", found="a negative seed cell", remedy="a seed is a pattern of 0 or more")
    check_margins(rows, columns)
    total = float(rows.sum())
    if total == 0:
        return Fitted(np.zeros_like(seed), np.zeros_like(rows), np.zeros_like(columns), 0, 0.0)
    used_rows, used_columns = rows > 0, columns > 0
    inner = seed if used_rows.all() and used_columns.all() else seed[np.ix_(used_rows, used_columns)]
    r, c = rows[used_rows], columns[used_columns] * (total / float(columns.sum()))
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        a, b, taken, error = _scale(inner, r, c, tolerance * total, iterations)
    left, right = np.zeros(rows.size), np.zeros(columns.size)
    left[used_rows], right[used_columns] = a, b
    return Fitted(left[:, None] * seed * right, left, right, taken, error)


def _scale(S: Floats, r: Floats, c: Floats, goal: float, iterations: int) -> tuple[Floats, Floats, int, float]:
    """Row and column factors by turns; Newton after 30 rounds, and again each time scaling has gained a little."""
    b = np.ones(c.size)
    a, error, taken = np.ones(r.size), np.inf, 0
    attempt, before = 30, np.inf
    while taken < iterations:
        reach = S @ b
        if (reach <= 0).any():
            raise _unattainable()
        a = r / reach
        held = a @ S
        if (held <= 0).any():
            raise _unattainable()
        error = float(np.abs(b * held - c).max())
        taken += 1
        if error <= goal:
            break
        b = c / held
        if taken == attempt:
            # four times the rounds must gain at least a little, else there is no such table
            stuck, before, attempt = not error < 0.99 * before, error, 4 * attempt
            better = _newton(S, r, c, a, b, goal)
            if better is not None:
                a, b = better
                error = float(np.abs(b * (a @ S) - c).max())
                error = max(error, float(np.abs(a * (S @ b) - r).max()))
                if error <= goal * 10:
                    break
            if stuck:
                break
    if not error <= max(goal * 10, 1e-9 * float(r.sum())):
        raise _unattainable()
    return a, b, taken, error


def _newton(S: Floats, r: Floats, c: Floats, a: Floats, b: Floats, goal: float) -> tuple[Floats, Floats] | None:
    """Newton on the convex dual sum(S exp(u + v)) - r'u - c'v with one v held; None where it does not settle."""
    u, v = np.log(a), np.log(b)
    table = a[:, None] * S * b
    cost = float(table.sum()) - float(r @ u) - float(c @ v)
    for _ in range(40):
        row, column = table.sum(axis=1), table.sum(axis=0)
        gap_r, gap_c = r - row, c - column
        if max(float(np.abs(gap_r).max()), float(np.abs(gap_c).max())) <= goal:
            return np.exp(u), np.exp(v)
        share = table / row[:, None]
        schur = np.diag(column) - table.T @ share
        try:
            dv = np.append(np.linalg.solve(schur[:-1, :-1], (gap_c - share.T @ gap_r)[:-1]), 0.0)
        except np.linalg.LinAlgError:
            return None
        du = gap_r / row - share @ dv
        if not np.isfinite(du).all() or not np.isfinite(dv).all():
            return None
        step = min(1.0, 5.0 / max(float(np.abs(du).max()), float(np.abs(dv).max()), 1e-300))
        while True:
            trial = np.exp(u + step * du)[:, None] * S * np.exp(v + step * dv)
            new = float(trial.sum()) - float(r @ (u + step * du)) - float(c @ (v + step * dv))
            if new <= cost + 1e-12 * abs(cost) or step < 1e-6:
                break
            step *= 0.5
        u, v, table, cost = u + step * du, v + step * dv, trial, new
    return np.exp(u), np.exp(v)


def _unattainable() -> Refused:
    return Refused(
        "ipf.unattainable",
        found="margins that no table with the zeros of the seed can have",
        remedy="put a small positive value where the seed has zeros that are not structural, or correct the margins",
    )
