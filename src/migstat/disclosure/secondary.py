"""Secondary suppression: which safe cells must be withheld as well, so that no primary cell can be worked out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import scipy

from migstat.disclosure.elimination import eliminate, spread_values
from migstat.disclosure.policy import SecondaryCosts
from migstat.disclosure.primary import Protection
from migstat.disclosure.programs import Programs
from migstat.disclosure.system import CellSystem, Flags, Floats, Integers
from migstat.model import Refused

_PIVOTS_TRIED: Final = 5
_ANNEALING_CELLS: Final = 2_500
_POOL_PER_ENTRY: Final = 60
_THINNED_CELLS: Final = 20_000
_DEAREST_CONSIDERED: Final = 1.0
_DEAREST: Final = 1e6  # a preference multiplies a cost by no more: costs must stay numbers to add up
_WARMTH: Final = 0.02  # of the cost of a pattern: how much dearer a step may be at first
_OPENED: Final = 12  # circuits opened at most in a step


@dataclass(frozen=True, eq=False)
class Requirement:
    """What the pattern must achieve for the cells of a system: ``primary`` (n,) cells whose feasibility interval must
    reach ``below`` and ``above`` their value and be at least ``width`` long (n,); ``fixed`` (n,) cells already
    published, that cannot be withheld any more; ``withheld`` (n,) cells that are unknown to everybody anyway."""

    primary: Flags
    below: Floats
    above: Floats
    width: Floats
    fixed: Flags
    withheld: Flags


def requirement_of(system: CellSystem, protection: Protection) -> Requirement:
    """The requirement of one table in its own system (cells behind the table are unknown to everybody).

    >>> from migstat.disclosure.examples import small_policy, small_table
    >>> from migstat.disclosure.primary import primary_suppression
    >>> from migstat.disclosure.system import system_of
    >>> asked = requirement_of(system_of(small_table()), primary_suppression(small_table(), small_policy()))
    >>> int(asked.primary.sum()), float(asked.above.max())
    (1, 1.0)
    """
    behind = len(system) - len(protection.primary)

    def extended(column: Any) -> Any:
        return np.concatenate([column, np.zeros(behind, dtype=column.dtype)])

    nothing = np.zeros(len(system), dtype=bool)
    return Requirement(
        extended(protection.primary),
        extended(protection.below),
        extended(protection.above),
        extended(protection.width),
        nothing,
        ~system.known,
    )


@dataclass(frozen=True, eq=False)
class Pattern:
    """``withheld`` (n,): primary, secondary and unknown cells. ``proofs`` (k, n): null vectors of the equations, 0 on
    every published cell; added to the truth in whole or scaled steps they are the alternative tables that protect."""

    withheld: Flags
    proofs: scipy.sparse.csr_matrix


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to look for a cheaper pattern: ``rounds`` of annealing from each of ``starts``, on tables of up to
    some thousands of cells. A number of rounds, never a time: the same input gives the same pattern everywhere."""

    rounds: int = 300
    starts: int = 1


def cell_costs(
    system: CellSystem, costs: SecondaryCosts, own: Floats | None = None, published_before: Flags | None = None
) -> Floats:
    """The cost (n,) of withholding each cell, by the policy's measure. Margins and the cells ``published_before`` (n,)
    are dearer as the policy says, up to a million times. Raises Refused when ``own`` costs are missing.

    >>> from migstat.disclosure.examples import small_policy, small_table
    >>> from migstat.disclosure.system import system_of
    >>> cell_costs(system_of(small_table()), small_policy(by="log").costs).round(2).tolist()[:3]
    [4.44, 3.43, 4.01]
    """
    values = np.where(system.known, system.values, 0.0)
    if costs.by == "own":
        if own is None or own.shape != values.shape or not (np.isfinite(own) & (own >= 0)).all():
            raise Refused("costs.own", found="no cost for some cell", remedy="give a cost of 0 or more for every cell")
        base = own
    else:
        base = {"count": np.ones_like(values), "value": values, "log": np.log1p(values)}[costs.by]
    is_margin = np.zeros(len(values), dtype=bool)
    is_margin[system.equations.indices[system.equations.data < 0]] = True
    weighted = base * _dearer(is_margin, costs.keep_margins)
    return weighted if published_before is None else weighted * _dearer(published_before, costs.keep_published)


def _dearer(cells: Flags, factor: float) -> Floats:
    return np.where(cells, min(factor, _DEAREST), 1.0)


def secondary_suppression(
    system: CellSystem,
    requirement: Requirement,
    cost: Floats,
    *,
    withhold_zeros: bool,
    effort: Effort | None = None,
) -> Pattern:
    """A cheap set of cells to withhold such that every primary cell keeps its declared protection interval.

    Works on the null space of the equations in the cells that may be withheld: sparse elimination gives a basis of
    all ways in which they can move; cells are then published from the dearest on, each only if every primary keeps
    null vectors proving that it can move as far as required within the bounds (whole numbers for counts). Primaries
    that single basis vectors do not prove are repaired by least-cost programs (Fischetti and Salazar 2000, the
    attacker's problem). Small tables are then improved by annealing over the same proofs.

    Raises Refused when a primary cell could not be protected even if everything that may be withheld were.

    >>> from migstat.disclosure.examples import small_policy, small_requirement, small_system
    >>> system = small_system()
    >>> costs = cell_costs(system, small_policy().costs)
    >>> pattern = secondary_suppression(system, small_requirement(), costs, withhold_zeros=False)
    >>> [system.label(cell) for cell in pattern.withheld.nonzero()[0]]
    ['AGDAL/F', 'AGDAL/M', 'HASSAN/F', 'HASSAN/M']
    """
    candidates = _candidates(system, requirement, withhold_zeros)
    search = _Search(system, requirement, cost, candidates)
    pattern = search.publish_dearest_first(None)
    unproved = search.unproved(pattern)
    if len(unproved):
        pattern = search.repair(pattern, unproved)
    if candidates.sum() <= _THINNED_CELLS:
        pattern = search.thin_out(pattern)
    if effort is None:
        effort = Effort()
    if effort.rounds and candidates.sum() <= _ANNEALING_CELLS and pattern.proofs.shape[0]:
        pattern = search.anneal(pattern, effort)
    return pattern


def _candidates(system: CellSystem, requirement: Requirement, withhold_zeros: bool) -> Flags:
    movable = system.upper > system.lower
    chosen: Flags = movable & ~requirement.fixed & system.known & (withhold_zeros | (system.values > 0))
    return chosen | ((requirement.primary | requirement.withheld) & ~requirement.fixed)


class _Search:
    """The candidate cells of one system, renumbered, with what each must and can move."""

    def __init__(self, system: CellSystem, requirement: Requirement, cost: Floats, candidates: Flags) -> None:
        self.system, self.requirement = system, requirement
        self.cells = np.flatnonzero(candidates)
        self.equations = scipy.sparse.csr_matrix(system.equations[:, self.cells])
        self.must = (requirement.primary | requirement.withheld)[self.cells]
        self.needed = requirement.primary[self.cells]
        if (requirement.primary & ~candidates).any():
            raise Refused(
                "secondary.already_published",
                found=f"{int((requirement.primary & ~candidates).sum())} primary cells that are published or fixed",
                remedy="what is known already cannot be protected: do not release this table",
            )
        values = np.where(system.known, system.values, np.inf)[self.cells]
        # a cell whose truth is not known here (in no table) may move freely as far as proofs are concerned only
        # when nothing is asked of it: its own bounds are checked by the audit, with a feasible value for it
        self.room = np.stack([values - system.lower[self.cells], system.upper[self.cells] - values])
        self.room[:, ~system.known[self.cells]] = np.array([[0.0], [np.inf]])
        below, above = requirement.below[self.cells], requirement.above[self.cells]
        above = np.maximum(above, requirement.width[self.cells] - below)
        self.need = np.where(self.needed, np.stack([below, above]), 0.0)
        self.cost = cost[self.cells]

    def publish_dearest_first(self, found: Pattern | None) -> Pattern:
        """Publish what can be, among all candidates or, given a pattern, among its cells and with its proofs too."""
        from migstat.disclosure.circuit_kernels import publish_in_order

        columns = np.arange(len(self.cells)) if found is None else np.flatnonzero(found.withheld[self.cells])
        rows = self._null_basis(columns)
        if found is not None:
            rows = scipy.sparse.vstack([found.proofs[:, self.cells[columns]], rows]).tocsr()
        rows.sort_indices()
        withheld = np.ones(len(columns), dtype=bool)
        order = np.lexsort((np.arange(len(columns)), -self.cost[columns]))
        order = order[~self.must[columns][order]]
        start, stop, cells, entries, _, fitted = publish_in_order(
            rows.indptr.astype(np.int64),
            rows.indices.astype(np.int64),
            rows.data.astype(np.float64),
            np.ascontiguousarray(self.room[:, columns]),
            np.ascontiguousarray(self.need[:, columns]),
            self.needed[columns],
            withheld,
            order,
            _PIVOTS_TRIED,
            _POOL_PER_ENTRY * rows.nnz + 4096,
            self.system.integral,
        )
        if not fitted:
            raise Refused("secondary.memory", found="fill-in that does not fit", remedy="protect the table in parts")
        left = [(columns[cells[a:b]], entries[a:b]) for a, b in zip(start, stop, strict=True) if b > a]
        return self._pattern(columns[withheld], left)

    def thin_out(self, pattern: Pattern) -> Pattern:
        """Publish again within the pattern, from a fresh basis beside the old proofs, if that makes it cheaper."""
        thinner = self.publish_dearest_first(pattern)
        return self.without_spare_proofs(thinner if self._price(thinner) < self._price(pattern) else pattern)

    def without_spare_proofs(self, pattern: Pattern) -> Pattern:
        """Leave out proofs, the heaviest first, as long as every primary keeps one down and one up."""
        rows = scipy.sparse.csr_matrix(pattern.proofs[:, self.cells])
        rows.sort_indices()
        proofs = self._count_proofs(rows)
        kept = np.ones(rows.shape[0], dtype=bool)
        for q in np.argsort(-np.diff(rows.indptr), kind="stable").tolist():
            own = self._count_proofs(rows[q])
            if ((proofs - own)[:, self.needed] > 0).all():
                proofs -= own
                kept[q] = False
        return Pattern(pattern.withheld, scipy.sparse.csr_matrix(pattern.proofs[np.flatnonzero(kept)]))

    def _null_basis(self, columns: Integers) -> scipy.sparse.csr_matrix:
        echelon = eliminate(self.equations[:, columns])
        basis = None if echelon is None else echelon.null_basis()
        if basis is None:
            raise Refused("secondary.memory", found="a null space that does not fit", remedy="protect it in parts")
        return basis

    def _pattern(self, chosen: Integers, rows: list[tuple[Integers, Floats]]) -> Pattern:
        withheld = np.zeros(len(self.system), dtype=bool)
        withheld[self.cells[chosen]] = True
        lengths = [len(at) for at, _ in rows]
        pointers = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        places = np.concatenate([self.cells[at] for at, _ in rows]) if rows else np.zeros(0, dtype=np.int64)
        entries = np.concatenate([entry for _, entry in rows]) if rows else np.zeros(0)
        return Pattern(
            withheld, scipy.sparse.csr_matrix((entries, places, pointers), shape=(len(rows), len(self.system)))
        )

    def unproved(self, pattern: Pattern) -> Integers:
        """Candidate numbers of the primaries that the proofs of the pattern leave unprotected."""
        rows = scipy.sparse.csr_matrix(pattern.proofs[:, self.cells])
        rows.sort_indices()
        return np.flatnonzero(self.needed & (self._count_proofs(rows) == 0).any(axis=0))

    def _count_proofs(self, rows: scipy.sparse.csr_matrix) -> Integers:
        from migstat.disclosure.circuit_kernels import count_all

        proofs = np.zeros((2, len(self.cells)), dtype=np.int64)
        pointers, places = rows.indptr.astype(np.int64), rows.indices.astype(np.int64)
        count_all(pointers, places, rows.data, self.room, self.need, self.needed, proofs, self.system.integral)
        return proofs

    def repair(self, pattern: Pattern, unproved: Integers) -> Pattern:
        """Withhold the cheapest further cells that let each unproved primary move down and up as far as required."""
        withheld = pattern.withheld[self.cells].copy()
        programs = Programs(self.equations, np.zeros(len(self.cells)), self.room[0], self.room[1])
        tables: list[Floats] = []
        for cell in unproved.tolist():
            for side, sign in ((0, -1.0), (1, 1.0)):
                asked = self.need[side, cell]
                if asked <= 0 or any(sign * table[cell] >= asked - 1e-7 for table in tables):
                    continue
                price = np.where(withheld, 1e-6, self.cost + 1e-3)
                moved = programs.cheapest_move(cell, sign * asked, price, whole=self.system.integral)
                if moved is None:
                    raise Refused(
                        "secondary.impossible",
                        found="a primary cell that stays known even with everything else withheld",
                        remedy="lower the protection asked for, allow empty cells to be withheld, or drop the table",
                    )
                tables.append(moved)
                withheld |= np.abs(moved) > 1e-9
        rows = pattern.proofs[:, self.cells]
        extra = [(np.flatnonzero(np.abs(t) > 1e-9), t[np.abs(t) > 1e-9]) for t in tables]
        old = [(rows[q].indices.astype(np.int64), rows[q].data) for q in range(rows.shape[0])]
        return self._pattern(np.flatnonzero(withheld), [*old, *extra])

    def anneal(self, pattern: Pattern, effort: Effort) -> Pattern:
        """The cheapest pattern met from any start."""
        best = pattern
        for start in range(1, effort.starts + 1):
            found = self._annealed(pattern, effort.rounds, start)
            if self._price(found) < self._price(best) - 1e-9:
                best = found
        return best

    def _price(self, pattern: Pattern) -> float:
        return float(self.cost[pattern.withheld[self.cells]].sum())

    def _annealed(self, pattern: Pattern, rounds: int, seed: int) -> Pattern:
        from migstat.disclosure.circuit_kernels import anneal

        withheld = pattern.withheld[self.cells]
        chosen = withheld & ~self.must
        if not chosen.any():
            return pattern
        near = np.flatnonzero(withheld | (self.cost <= _DEAREST_CONSIDERED * self.cost[chosen].max()))
        tableau, free = self._tableau(near, withheld[near], pattern.proofs[:, self.cells[near]].toarray())
        kept, proofs = anneal(
            tableau,
            free,
            spread_values(len(tableau), 1)[:, 0].copy(),
            np.ascontiguousarray(self.room[:, near]),
            np.ascontiguousarray(self.need[:, near]),
            np.flatnonzero(self.must[near]),
            withheld[near].copy(),
            self.cost[near],
            rounds,
            seed * 7919,
            _WARMTH * self.cost[chosen].sum(),
            _OPENED,
            self.system.integral,
        )
        rows = [(near[row != 0], row[row != 0]) for row in proofs]
        return self._pattern(near[kept], rows)

    def _tableau(self, near: Integers, withheld: Flags, proofs: Floats) -> tuple[Floats, Flags]:
        """All null vectors over the cells ``near`` the pattern: pinned ones by elimination, free ones the proofs."""
        from migstat.disclosure.circuit_kernels import pin

        tableau = np.ascontiguousarray(self._null_basis(near).toarray())
        free = np.ones(len(tableau), dtype=bool)
        for cell in np.flatnonzero(~withheld).tolist():
            pin(tableau, free, cell)
        pinned = tableau[~free]
        return np.concatenate([pinned, proofs]), np.arange(len(pinned) + len(proofs)) >= len(pinned)
