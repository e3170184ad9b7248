"""The release ledger: everything ever published about the people counted, as cells and the equations between them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import scipy

from migstat.disclosure.policy import DisclosurePolicy, FewContributors, MinimumFrequency
from migstat.disclosure.primary import Protection, units_behind
from migstat.disclosure.secondary import Requirement
from migstat.disclosure.system import CellSystem, integral
from migstat.model import Refused
from migstat.model.tables import VALUE, Dimension, Table, addresses, universe

Address = tuple[Any, ...]
Leaves = frozenset[str]
Line = tuple[Any, str, tuple[tuple[str, Leaves], ...]]

_SAME: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Entry:
    """One cell ever decided on: its true ``value`` (never published when ``withheld``), the bounds everybody knows,
    for a primary cell the protection it was promised, and the ``units`` behind it (NaN: as many as its value)."""

    value: float
    withheld: bool
    low: float = 0.0
    high: float = float("inf")
    primary: bool = False
    below: float = 0.0
    above: float = 0.0
    width: float = 0.0
    units: float = float("nan")


@dataclass(frozen=True, eq=False)
class Joined:
    """A table together with all that the ledger ties to it: ``rows`` (cells of the table) in ``system``, ``latent``
    cells that nobody tabulated but that differences of tables give, and the ``units`` behind each cell."""

    system: CellSystem
    rows: np.ndarray
    requirement: Requirement
    latent: np.ndarray
    units: np.ndarray


@dataclass(eq=False)
class Ledger:
    """Append-only. A cell is found again by what it is about (measure, coordinates, leaves covered), not by its table.

    Along each *line* (all codes fixed but one dimension's) the sets of leaves ever tabulated are kept; where they
    overlap, the pieces into which they cut each other become cells too, so that a difference of two areas, two age
    bands or two periods is attacked like any cell. Nothing is solved when a table is added; ``join`` collects only
    what is tied to the new table through cells that are not public.

    ``declared`` are dimensions by id that tables may hold fixed as a coordinate: with the months of a year declared,
    the table of a year and those of eleven of its months are attacked together.

    >>> len(Ledger())
    0
    """

    declared: Mapping[str, Dimension] = field(default_factory=dict, repr=False)
    tables: list[str] = field(default_factory=list)
    entries: dict[Address, Entry] = field(default_factory=dict, repr=False)
    editions: dict[tuple[str, str, tuple[tuple[str, str], ...]], None] = field(default_factory=dict, repr=False)
    _lines: dict[Line, dict[Leaves, None]] = field(default_factory=dict, repr=False)
    _leaves: dict[tuple[Any, str], Leaves] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.entries)

    def record(self, table: Table, entries: Mapping[Address, Entry]) -> None:
        """Append the decided cells of one table. Called by ``append`` of ``migstat.disclosure.protect``.

        Raises Refused when a cell contradicts what was recorded, or a dimension has other leaves than before.
        """
        self._refuse_other_leaves(table)
        for address, entry in entries.items():
            old = self.entries.get(address)
            if old is not None and abs(old.value - entry.value) > _SAME * max(1.0, abs(old.value)):
                raise Refused("ledger.contradiction", found="another value for a recorded cell", remedy=_REVISION)
        for address, entry in entries.items():
            old = self.entries.get(address)
            if old is None or old.withheld:
                self.entries[address] = entry if old is None or not entry.withheld else _stricter(old, entry)
        self._leaves.update(self._dimensions_of(table))
        for address in entries:
            self._touch(address, self._lines)
        self.tables.append(table.id)
        self.editions[table.measure.indicator, table.measure.unit, tuple(sorted(table.coordinates.items()))] = None

    def join(self, table: Table, protection: Protection, policy: DisclosurePolicy) -> Joined:
        """The attacker's system of a table not yet released: its cells, and all that they could help to undo."""
        self._refuse_other_leaves(table)
        own = addresses(table, self.declared)
        overlay = _Overlay(self, {**self._leaves, **self._dimensions_of(table)})
        overlay.add(own)
        return overlay.joined(table, own, protection, policy)

    def _dimensions_of(self, table: Table) -> dict[tuple[Any, str], Leaves]:
        fixed = universe(table, self.declared)
        held = [self.declared[name] for name in table.coordinates if name in self.declared]
        return {(fixed, dimension.id): frozenset(dimension.leaves) for dimension in (*table.dimensions, *held)}

    def _refuse_other_leaves(self, table: Table) -> None:
        for key, leaves in self._dimensions_of(table).items():
            if self._leaves.get(key, leaves) != leaves:
                raise Refused(
                    "ledger.dimension",
                    found=f"other leaves of {key[1]} than in earlier tables",
                    remedy="use one dimension whose hierarchies hold the codes of all tables",
                )

    def _touch(self, address: Address, lines: dict[Line, dict[Leaves, None]]) -> list[Line]:
        """Enter a cell in the lines through it; returns them."""
        touched = []
        for line, leaves in _lines_through(address, self._leaves):
            lines.setdefault(line, {})[leaves] = None
            touched.append(line)
        return touched


_REVISION: Final = "give revised figures coordinates of their own (a vintage); they are another population"


def _stricter(old: Entry, new: Entry) -> Entry:
    return Entry(
        old.value,
        True,
        max(old.low, new.low),
        min(old.high, new.high),
        old.primary or new.primary,
        max(old.below, new.below),
        max(old.above, new.above),
        max(old.width, new.width),
        old.units,
    )


def _lines_through(
    address: Address, universe_leaves: Mapping[tuple[Any, str], Leaves]
) -> Iterator[tuple[Line, Leaves]]:
    """Every line a cell lies on, with the leaves it covers there; a dimension it does not name it covers whole."""
    fixed, coordinates = address[0], address[1:]
    named = {dimension for dimension, _ in coordinates}
    for place, (dimension, leaves) in enumerate(coordinates):
        yield (fixed, dimension, coordinates[:place] + coordinates[place + 1 :]), leaves
    for (within, dimension), leaves in universe_leaves.items():
        if within == fixed and dimension not in named:
            yield (fixed, dimension, coordinates), leaves


class _Overlay:
    """The lines of a ledger with those of one more table, without touching the ledger."""

    def __init__(self, ledger: Ledger, leaves: dict[tuple[Any, str], Leaves]) -> None:
        self.ledger, self.leaves = ledger, leaves
        self.lines: dict[Line, dict[Leaves, None]] = {}
        self.place: dict[Address, int] = {}
        self.equations: list[tuple[list[int], list[float]]] = []
        self.own: set[Address] = set()

    def add(self, own: Iterable[Address]) -> None:
        self.own = set(own)
        pending: dict[Line, None] = {}
        for address in own:
            self.number(address)
            for line, leaves in _lines_through(address, self.leaves):
                self.opened(line)[leaves] = None
                pending[line] = None
        done: set[Line] = set()
        queue = list(pending)
        while queue:
            line = queue.pop()
            if line in done:
                continue
            done.add(line)
            for address in self.tie(line):
                if self.is_open(address):
                    queue += [other for other in self.known_lines(address) if other not in done]

    def opened(self, line: Line) -> dict[Leaves, None]:
        """The sets of leaves on a line: those of the ledger, and its whole when that was ever tabulated."""
        if line not in self.lines:
            self.lines[line] = dict(self.ledger._lines.get(line, {}))
            if self.whole_of(line) in self.ledger.entries:
                self.lines[line][self.leaves[line[0], line[1]]] = None
        return self.lines[line]

    def whole_of(self, line: Line) -> Address:
        return (line[0], *line[2])

    def known_lines(self, address: Address) -> Iterator[Line]:
        for line, leaves in _lines_through(address, self.leaves):
            if line in self.lines or line in self.ledger._lines:
                self.opened(line)[leaves] = None
                yield line

    def is_open(self, address: Address) -> bool:
        """Whether a cell is not public and not one of the new table's: its other ties then matter too."""
        if address in self.own:
            return False
        entry = self.ledger.entries.get(address)
        return entry is None or entry.withheld

    def number(self, address: Address) -> int:
        return self.place.setdefault(address, len(self.place))

    def address(self, line: Line, leaves: Leaves) -> Address:
        fixed, dimension, coordinates = line
        if leaves == self.leaves[fixed, dimension]:
            return self.whole_of(line)
        return (fixed, *sorted((*coordinates, (dimension, leaves)), key=lambda part: part[0]))

    def tie(self, line: Line) -> list[Address]:
        """Write the equations of a line: each set of leaves is the sum of the pieces the sets cut each other into."""
        family = list(self.lines[line])
        if len(family) < 2:
            return []
        everything = self.leaves[line[0], line[1]]
        signature: dict[str, list[int]] = {}
        for number, leaves in enumerate(family):
            for leaf in sorted(leaves):  # sets have no order of their own: patterns must not depend on it
                signature.setdefault(leaf, []).append(number)
        grouped: dict[tuple[int, ...], list[str]] = {}
        for leaf, numbers in signature.items():
            grouped.setdefault(tuple(numbers), []).append(leaf)
        if len(signature) == len(everything) and everything not in self.lines[line]:
            self.lines[line][everything] = None
            return self.tie(line)
        pieces = {together: frozenset(leaves) for together, leaves in grouped.items()}
        inside: list[list[Leaves]] = [[] for _ in family]
        for together, piece in pieces.items():
            for number in together:
                inside[number].append(piece)
        found = []
        for leaves, parts in zip(family, inside, strict=True):
            if len(parts) > 1:
                members = [self.address(line, leaves), *(self.address(line, piece) for piece in parts)]
                found += members
                places = [self.number(address) for address in members]
                self.equations.append((places, [-1.0] + [1.0] * len(parts)))
        return found

    def joined(self, table: Table, own: list[Address], protection: Protection, policy: DisclosurePolicy) -> Joined:
        count = len(self.place)
        matrix = _matrix(self.equations, count)
        rows = np.array([self.place[address] for address in own], dtype=np.int64)
        values, lower, upper = np.full(count, np.nan), np.zeros(count), np.full(count, np.inf)
        fixed, withheld, primary = (np.zeros(count, dtype=bool) for _ in range(3))
        need = np.zeros((3, count))
        known = table.states == VALUE
        units = np.full(count, np.nan)
        values[rows[known]], units[rows[known]] = table.values[known], units_behind(table)[known]
        primary[rows] = protection.primary
        need[:, rows] = [protection.below, protection.above, protection.width]
        if table.structural_zeros is not None:
            upper[rows[table.structural_zeros]] = 0.0
        for address, at in self.place.items():
            entry = self.ledger.entries.get(address)
            if entry is None:
                continue
            if address in self.own and abs(values[at] - entry.value) > _SAME * max(1.0, abs(entry.value)):
                raise Refused("ledger.contradiction", found="another value for a released cell", remedy=_REVISION)
            values[at], units[at] = entry.value, entry.value if np.isnan(entry.units) else entry.units
            fixed[at], withheld[at] = not entry.withheld, entry.withheld
            lower[at], upper[at] = max(lower[at], entry.low), min(upper[at], entry.high)
            if entry.primary and entry.withheld:
                primary[at] = True
                need[:, at] = np.maximum(need[:, at], [entry.below, entry.above, entry.width])
        latent = np.ones(count, dtype=bool)
        latent[rows] = False
        latent[[self.place[address] for address in self.place if address in self.ledger.entries]] = False
        _derive(matrix, values)
        _derive(matrix, units)
        _latent_primaries(policy, values, units, latent, primary, need)
        withheld |= latent | np.isnan(values)
        labels = tuple(_label(address) for address in self.place)
        system = CellSystem(matrix, values, lower, upper, integral(table), labels)
        need[0] = np.where(primary, np.minimum(need[0], np.nan_to_num(values) - lower), 0.0)
        return Joined(system, rows, Requirement(primary, need[0], need[1], need[2], fixed, withheld), latent, units)


def _matrix(equations: list[tuple[list[int], list[float]]], count: int) -> scipy.sparse.csr_matrix:
    rows = np.repeat(np.arange(len(equations)), [len(places) for places, _ in equations]).astype(np.int64)
    columns = np.array([place for places, _ in equations for place in places], dtype=np.int64)
    entries = np.array([entry for _, signs in equations for entry in signs])
    return scipy.sparse.csr_matrix((entries, (rows, columns)), shape=(len(equations), count))


def _derive(equations: scipy.sparse.csr_matrix, values: np.ndarray) -> None:
    """Fill in, equation by equation, the true values of cells that nobody tabulated but that the others imply."""
    pending = True
    while pending:
        unknown = np.isnan(values)
        counts = (abs(equations) > 0) @ unknown.astype(float)
        lines = np.flatnonzero(counts == 1)
        pending = len(lines) > 0
        rest = equations[lines] @ np.where(unknown, 0.0, values)
        for at, line in enumerate(lines.tolist()):
            row = equations[line]
            place = int(np.flatnonzero(np.isnan(values[row.indices]))[0]) if np.isnan(values[row.indices]).any() else -1
            if place >= 0:
                value = -rest[at] / row.data[place]
                if value < -_SAME:
                    raise Refused("ledger.negative", found="a difference below 0", remedy="correct the table's margins")
                values[row.indices[place]] = max(value, 0.0)


def _latent_primaries(
    policy: DisclosurePolicy,
    values: np.ndarray,
    units: np.ndarray,
    latent: np.ndarray,
    primary: np.ndarray,
    need: np.ndarray,
) -> None:
    """Few units that only a difference of tables would show ask for the same protection as a cell."""
    frequency, few = policy.rule(MinimumFrequency), policy.rule(FewContributors)
    most = max(frequency.threshold if frequency else 0, few.fewer_than - 1 if few else 0)
    least = 0 if frequency and frequency.zeros_disclosive else 1
    with np.errstate(invalid="ignore"):
        small = latent & ~np.isnan(values) & (units >= least) & (units <= most)
    asked = policy.protection_interval
    level = np.maximum(asked.absolute, asked.percent / 100 * values[small])
    primary |= small
    need[:, small] = [np.minimum(level, values[small]), level, np.full(len(level), asked.width)]


def _label(address: Address) -> str:
    coordinates = "/".join(
        f"{dimension}={'+'.join(sorted(leaves)) if len(leaves) <= 4 else f'{len(leaves)} leaves'}"
        for dimension, leaves in address[1:]
    )
    return coordinates or "total"
