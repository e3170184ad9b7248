"""The linear system of everything an attacker sees: cells, and the equations that tie them together."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import scipy  # scipy.sparse is loaded at its first use: the import stays light
from numpy.typing import NDArray

from migstat.model import Refused
from migstat.model.tables import VALUE, Table, addresses

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class CellSystem:
    """``equations @ values = 0`` over n cells, all of them within ``lower`` and ``upper``, which everybody knows.

    ``equations`` (m, n) sparse with entries 1 and -1 as a rule; ``values`` (n,) the truth, NaN for a cell that is in
    no table (it stands in an equation with cells that are). ``labels`` say what each cell is, for reports.
    ``integral`` is true when every cell is a count.
    """

    equations: scipy.sparse.csr_matrix
    values: Floats
    lower: Floats
    upper: Floats
    integral: bool
    labels: tuple[Any, ...] = field(repr=False, default=())

    def __len__(self) -> int:
        return len(self.values)

    def label(self, cell: int) -> str:
        return str(self.labels[cell]) if self.labels else f"cell {cell}"

    @cached_property
    def known(self) -> Flags:
        return ~np.isnan(self.values)


@dataclass(frozen=True, eq=False)
class LinkedSystem:
    """One system for several tables; ``rows[t][i]`` is the cell of the system that row i of table t is."""

    system: CellSystem
    rows: tuple[Integers, ...]


def system_of(table: Table) -> CellSystem:
    """The system of one table: one equation for each parent and its parts, along each dimension and hierarchy.

    Cells that an equation needs and the table does not have become cells of unknown value behind the table's own.

    >>> from migstat.model.tables import Dimension, counted
    >>> sex = Dimension.flat("SEX", ["F", "M"], total="_T")
    >>> table = Table.from_leaves("by-sex", counted("residents"), [sex], {("F",): 7, ("M",): 5})
    >>> system_of(table).equations.toarray().tolist()
    [[-1.0, 1.0, 1.0]]
    """
    rows, columns, entries, extra = _triplets(table)
    count = len(table) + len(extra)
    equations = scipy.sparse.csr_matrix(
        (entries, (rows, columns)), shape=(int(rows.max()) + 1 if len(rows) else 0, count)
    )
    values = np.concatenate([table.values, np.full(len(extra), np.nan)])
    upper = np.full(count, np.inf)
    if table.structural_zeros is not None:
        upper[: len(table)][table.structural_zeros] = 0.0
    labels = tuple("/".join(table.codes_at(row)) for row in range(len(table))) + tuple(extra)
    return CellSystem(equations, values, np.zeros(count), upper, integral(table), labels)


def integral(table: Table) -> bool:
    """Whether every known value of the table is a whole number (a frequency table).

    >>> from migstat.disclosure.examples import small_table
    >>> integral(small_table())
    True
    """
    known = table.values[table.states == VALUE]
    return bool((known == np.round(known)).all()) and table.contributions is None


def _triplets(table: Table) -> tuple[Integers, Integers, Floats, list[str]]:
    """Rows, columns and entries of the equations, and the labels of cells they need beyond the table's."""
    rows, columns, entries, extra = [], [], [], dict[tuple[str, ...], int]()
    equation = 0
    for relation, (parents, parts) in zip(_relation_names(table), table.complete_relations(), strict=True):
        members = np.column_stack([parents, parts])
        _name_absent_cells(table, relation, members, extra)
        count, width = members.shape
        rows.append(np.repeat(np.arange(equation, equation + count), width))
        columns.append(members.ravel())
        entries.append(np.tile(np.r_[-1.0, np.ones(width - 1)], count))
        equation += count
    if not rows:
        empty = np.zeros(0, dtype=np.int64)
        return empty, empty, np.zeros(0), []
    return np.concatenate(rows), np.concatenate(columns), np.concatenate(entries), ["/".join(key) for key in extra]


def _relation_names(table: Table) -> list[tuple[int, tuple[int, ...]]]:
    return [
        (axis, (parent, *children))
        for axis, dimension in enumerate(table.dimensions)
        for parent, children in dimension.relations
    ]


def _name_absent_cells(
    table: Table, relation: tuple[int, tuple[int, ...]], members: Integers, extra: dict[tuple[str, ...], int]
) -> None:
    axis, codes = relation
    dimension = table.dimensions[axis]
    for line, place in np.argwhere(members < 0):
        present = int(members[line][members[line] >= 0][0])
        key = list(table.codes_at(present))
        key[axis] = dimension.codes[codes[place]]
        members[line, place] = len(table) + extra.setdefault(tuple(key), len(extra))


def link(tables: tuple[Table, ...]) -> LinkedSystem:
    """One system for tables that share cells (margins, overlapping breakdowns): a cell is found by what it is about.

    Raises Refused when two tables give different values for one cell.

    >>> from migstat.disclosure.examples import small_table
    >>> both = link((small_table(), small_table()))
    >>> len(both.system), bool((both.rows[0] == both.rows[1]).all())
    (12, True)
    """
    place: dict[Any, int] = {}
    rows: list[Integers] = []
    values: list[float] = []
    labels: list[str] = []
    blocks: list[scipy.sparse.csr_matrix] = []
    upper: list[float] = []
    for table in tables:
        own = system_of(table)
        keys = [*addresses(table), *((table.id, label) for label in own.labels[len(table) :])]
        at = np.empty(len(own), dtype=np.int64)
        for row, key in enumerate(keys):
            at[row] = place.setdefault(key, len(place))
            if at[row] == len(values):
                values.append(float(own.values[row]))
                labels.append(f"{table.id}:{own.labels[row]}")
                upper.append(float(own.upper[row]))
            else:
                values[at[row]] = _agreed(values[at[row]], float(own.values[row]), labels[at[row]])
                upper[at[row]] = min(upper[at[row]], float(own.upper[row]))
        rows.append(at[: len(table)])
        coo = own.equations.tocoo()
        blocks.append(
            scipy.sparse.csr_matrix((coo.data, (coo.row, at[coo.col])), shape=(coo.shape[0], int(at.max()) + 1))
        )
    blocks = [
        scipy.sparse.csr_matrix((block.data, block.indices, block.indptr), shape=(block.shape[0], len(values)))
        for block in blocks
    ]
    truth = np.array(values)
    system = CellSystem(
        scipy.sparse.vstack(blocks).tocsr(),
        truth,
        np.zeros(len(truth)),
        np.array(upper),
        all(integral(table) for table in tables),
        tuple(labels),
    )
    return LinkedSystem(system, tuple(rows))


def _agreed(one: float, other: float, label: str) -> float:
    if np.isnan(one):
        return other
    if not np.isnan(other) and abs(one - other) > 1e-9 * max(1.0, abs(one)):
        raise Refused("table.contradiction", found=f"two values for {label}", remedy="make the tables agree")
    return one
