"""Tables: cells addressed by one code per dimension, with the hierarchies that make their margins add up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from migstat.model.cells import Cell, CellState
from migstat.model.codes import Code, Codelist
from migstat.model.observations import Measure, MeasureKind
from migstat.model.refusals import Refused
from migstat.model.survey_weights import refuse_inconsistent_weights
from migstat.model.texts import Text

Relation = tuple[int, tuple[int, ...]]

VALUE: Final = 0
MISSING: Final = 1
NOT_APPLICABLE: Final = 2
_STATES: Final = (CellState.VALUE, CellState.MISSING, CellState.NOT_APPLICABLE)


@dataclass(frozen=True)
class Dimension:
    """One way of dividing a population, with one or several hierarchies over the same units.

    A code that stands in two hierarchies is the same group of units in both. A code without parts in any of them is
    a leaf; the leaves do not overlap. Raises Refused when a code covers other leaves in one hierarchy than in another.

    >>> area = Dimension.from_parents("AREA", {"RABAT": None, "AGDAL": "RABAT", "HASSAN": "RABAT"})
    >>> area.codes, area.total
    (('RABAT', 'AGDAL', 'HASSAN'), 'RABAT')
    """

    id: str
    hierarchies: tuple[Codelist, ...]
    codes: tuple[str, ...] = field(init=False)
    relations: tuple[Relation, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not self.hierarchies:
            raise Refused("dimension.empty", found=f"{self.id} without code list", remedy="give at least one hierarchy")
        codes = tuple(dict.fromkeys(code.id for codelist in self.hierarchies for code in codelist))
        position = {code: index for index, code in enumerate(codes)}
        relations = dict.fromkeys(
            (position[code.id], tuple(position[part] for part in codelist.children(code.id)))
            for codelist in self.hierarchies
            for code in codelist
            if codelist.children(code.id)
        )
        object.__setattr__(self, "codes", codes)
        object.__setattr__(self, "relations", tuple(relations))
        self._refuse_contradicting_hierarchies()

    @classmethod
    def from_parents(cls, id: str, *parents: Mapping[str, str | None]) -> Dimension:
        """A dimension from plain ``{code: parent or None}`` mappings, one for each hierarchy; names are the codes."""
        return cls(
            id,
            tuple(
                Codelist(
                    f"{id}_{number}",
                    tuple(Code(code, Text(code, code, code), parent) for code, parent in mapping.items()),
                )
                for number, mapping in enumerate(parents, 1)
            ),
        )

    @classmethod
    def flat(cls, id: str, codes: Sequence[str], *, total: str) -> Dimension:
        """A total and its parts, without levels between."""
        return cls.from_parents(id, {total: None, **dict.fromkeys(codes, total)})

    @cached_property
    def position(self) -> Mapping[str, int]:
        return {code: index for index, code in enumerate(self.codes)}

    @cached_property
    def leaves(self) -> tuple[str, ...]:
        parents = {parent for parent, _ in self.relations}
        return tuple(code for index, code in enumerate(self.codes) if index not in parents)

    @cached_property
    def _leaf_sets(self) -> tuple[frozenset[int], ...]:
        sets: dict[int, frozenset[int]] = {
            self.position[leaf]: frozenset([self.position[leaf]]) for leaf in self.leaves
        }
        parts: dict[int, tuple[int, ...]] = {}
        for parent, children in self.relations:
            parts.setdefault(parent, children)

        def gather(index: int) -> frozenset[int]:
            if index not in sets:
                sets[index] = frozenset().union(*(gather(child) for child in parts[index]))
            return sets[index]

        return tuple(gather(index) for index in range(len(self.codes)))

    def leaf_set(self, code: str) -> frozenset[str]:
        """The leaves that ``code`` covers."""
        return frozenset(self.codes[leaf] for leaf in self._leaf_sets[self._index(code)])

    @cached_property
    def total(self) -> str | None:
        """The code that covers every leaf, if there is one (the first, if several)."""
        everything = len(self.leaves)
        return next(
            (code for code, leaves in zip(self.codes, self._leaf_sets, strict=True) if len(leaves) == everything), None
        )

    @cached_property
    def membership(self) -> NDArray[np.float64]:
        """Matrix (codes, leaves) of 0 and 1: which leaves each code covers."""
        column = {self.position[leaf]: number for number, leaf in enumerate(self.leaves)}
        matrix = np.zeros((len(self.codes), len(self.leaves)))
        for row, leaves in enumerate(self._leaf_sets):
            matrix[row, [column[leaf] for leaf in leaves]] = 1
        return matrix

    def _index(self, code: str) -> int:
        try:
            return self.position[code]
        except KeyError:
            raise Refused(
                "dimension.code", found=f"{code!r} in {self.id}", remedy=f"use one of its {len(self.codes)} codes"
            ) from None

    def _refuse_contradicting_hierarchies(self) -> None:
        for parent, children in self.relations:
            covered = [leaf for child in children for leaf in self._leaf_sets[child]]
            if len(covered) != len(set(covered)) or set(covered) != self._leaf_sets[parent]:
                raise Refused(
                    "dimension.hierarchies",
                    found=f"{self.codes[parent]!r} of {self.id} covers different or overlapping leaves",
                    remedy="give parts that do not overlap and that cover the same leaves in every hierarchy",
                )


@dataclass(frozen=True, eq=False)
class Table:
    """Cells of one measure by the codes of ``dimensions``; everything else about them is fixed in ``coordinates``.

    Shapes, for n cells and K dimensions: ``keys`` (n, K) positions in ``dimension.codes``; ``values`` (n,) with NaN
    where there is no number; ``states`` (n,) VALUE, MISSING or NOT_APPLICABLE; ``contributors`` (n,) people or units
    behind each cell, unweighted; ``contributions`` (n, t) the t largest contributions in falling order (0 when there
    are fewer); ``structural_zeros`` (n,) cells that everybody knows to be 0. ``coordinates`` fix what does not vary,
    as ``{"PERIOD": "2024"}``; two cells with the same measure, codes and coordinates are the same cell, in whatever
    table they stand. ``weights`` (n, t) are survey weights: values are then weighted, contributions and contributors not.

    Raises Refused for a cell given twice, a value that is not finite, negative values, or margins that do not add up.
    """

    id: str
    measure: Measure
    dimensions: tuple[Dimension, ...]
    keys: NDArray[np.int64]
    values: NDArray[np.float64]
    states: NDArray[np.int8]
    contributors: NDArray[np.int64] | None = None
    contributions: NDArray[np.float64] | None = None
    structural_zeros: NDArray[np.bool_] | None = None
    coordinates: Mapping[str, str] = field(default_factory=dict)
    weights: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        count = len(self.keys)
        for name, column in self._columns():
            if column is not None and len(column) != count:
                raise Refused(
                    "table.shape", found=f"{len(column)} {name} for {count} cells", remedy="give one per cell"
                )
        if self.keys.shape != (count, len(self.dimensions)):
            raise Refused("table.shape", found=f"keys of shape {self.keys.shape}", remedy="give one code per dimension")
        if len(np.unique(self.positions)) != count:
            raise Refused("table.twice", found="a cell given twice", remedy="give each combination of codes once")
        known = self.states == VALUE
        if not np.isfinite(self.values[known]).all() or not np.isnan(self.values[~known]).all():
            raise Refused(
                "table.finite", found="a value that is not a number", remedy="mark cells without one as missing"
            )
        if (self.values[known] < 0).any():
            raise Refused("table.negative", found="a negative value", remedy="give counts or non-negative amounts")
        if self.weights is not None:
            refuse_inconsistent_weights(self.values, self.contributors, self.contributions, self.weights)
        self._refuse_margins_that_do_not_add_up()

    def _columns(self) -> tuple[tuple[str, Any], ...]:
        return (
            ("values", self.values),
            ("states", self.states),
            ("contributors", self.contributors),
            ("contributions", self.contributions),
            ("structural zeros", self.structural_zeros),
            ("weights", self.weights),
        )

    @classmethod
    def from_leaves(
        cls,
        id: str,
        measure: Measure,
        dimensions: Sequence[Dimension],
        leaves: Mapping[tuple[str, ...], float],
        *,
        coordinates: Mapping[str, str] | None = None,
    ) -> Table:
        """The whole table, margins included, from the values of its innermost cells; every one must be given.

        >>> sex = Dimension.flat("SEX", ["F", "M"], total="_T")
        >>> table = Table.from_leaves("by-sex", counted("residents"), [sex], {("F",): 7, ("M",): 5})
        >>> table.cell("_T").number
        12.0
        """
        shape = tuple(len(dimension.leaves) for dimension in dimensions)
        inner = np.full(shape, np.nan)
        columns = [{leaf: number for number, leaf in enumerate(dimension.leaves)} for dimension in dimensions]
        for key, value in leaves.items():
            try:
                inner[tuple(column[code] for column, code in zip(columns, key, strict=True))] = value
            except (KeyError, ValueError):
                raise Refused("table.leaf", found=repr(key), remedy="give one leaf code per dimension") from None
        if np.isnan(inner).any():
            raise Refused(
                "table.incomplete",
                found=f"{int(np.isnan(inner).sum())} innermost cells without value",
                remedy="give every one; what is not known cannot be added up",
            )
        return cls.from_inner_array(id, measure, dimensions, inner, coordinates=coordinates)

    @classmethod
    def from_inner_array(
        cls,
        id: str,
        measure: Measure,
        dimensions: Sequence[Dimension],
        inner: NDArray[np.float64],
        *,
        coordinates: Mapping[str, str] | None = None,
    ) -> Table:
        """As ``from_leaves``, from an array whose axes follow ``dimension.leaves``."""
        values = np.asarray(inner, dtype=float)
        for axis, dimension in enumerate(dimensions):
            values = np.moveaxis(np.tensordot(dimension.membership, values, axes=(1, axis)), 0, axis)
        keys = np.indices(values.shape).reshape(len(dimensions), -1).T.astype(np.int64)
        flat = values.ravel()
        states = np.zeros(len(flat), dtype=np.int8)
        return cls(id, measure, tuple(dimensions), keys, flat, states, coordinates=dict(coordinates or {}))

    @classmethod
    def from_cells(
        cls,
        id: str,
        measure: Measure,
        dimensions: Sequence[Dimension],
        cells: Mapping[tuple[str, ...], Cell],
        *,
        coordinates: Mapping[str, str] | None = None,
    ) -> Table:
        """A table of given cells. Withheld cells are refused: protection is decided from the true table."""
        keys, values, states = [], [], []
        for codes, cell in cells.items():
            if cell.state is CellState.WITHHELD:
                raise Refused(
                    "table.withheld", found="a withheld cell", remedy="build tables from what is known inside"
                )
            keys.append([dimension._index(code) for dimension, code in zip(dimensions, codes, strict=True)])
            values.append(cell.number if cell.is_value else np.nan)
            states.append(_STATES.index(cell.state))
        return cls(
            id,
            measure,
            tuple(dimensions),
            np.array(keys, dtype=np.int64).reshape(-1, len(dimensions)),
            np.array(values, dtype=float),
            np.array(states, dtype=np.int8),
            coordinates=dict(coordinates or {}),
        )

    def __len__(self) -> int:
        return len(self.keys)

    @cached_property
    def shape(self) -> tuple[int, ...]:
        return tuple(len(dimension.codes) for dimension in self.dimensions)

    @cached_property
    def positions(self) -> NDArray[np.int64]:
        """One integer per cell: its place in the full product of the codes, in C order."""
        if not self.dimensions:
            return np.zeros(len(self.keys), dtype=np.int64)
        places: NDArray[np.int64] = np.ravel_multi_index(tuple(self.keys.T), self.shape).astype(np.int64)
        return places

    @cached_property
    def _row_of_position(self) -> Mapping[int, int]:
        return {int(position): row for row, position in enumerate(self.positions)}

    def row(self, *codes: str) -> int:
        """The row of the cell with these codes, one per dimension. Raises Refused when the table has none."""
        key = tuple(dimension._index(code) for dimension, code in zip(self.dimensions, codes, strict=True))
        position = int(np.ravel_multi_index(key, self.shape)) if key else 0
        try:
            return self._row_of_position[position]
        except KeyError:
            raise Refused("table.no_cell", found=repr(codes), remedy="ask for a cell of the table") from None

    def cell_at(self, row: int) -> Cell:
        state = int(self.states[row])
        if state == VALUE:
            return Cell.of(float(self.values[row]))
        return Cell.missing() if state == MISSING else Cell.not_applicable()

    def cell(self, *codes: str) -> Cell:
        return self.cell_at(self.row(*codes))

    def codes_at(self, row: int) -> tuple[str, ...]:
        return tuple(dim.codes[index] for dim, index in zip(self.dimensions, self.keys[row], strict=True))

    def cells(self) -> Iterator[tuple[tuple[str, ...], Cell]]:
        for row in range(len(self)):
            yield self.codes_at(row), self.cell_at(row)

    def complete_relations(self) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """For every relation of every dimension: rows of parents (m,) and of their parts (m, parts), -1 where absent."""
        lookup = self._dense_lookup()
        for axis, dimension in enumerate(self.dimensions):
            stride = int(np.prod(self.shape[axis + 1 :], dtype=np.int64))
            for parent, children in dimension.relations:
                # every line along this axis in which the parent or one of the parts is a cell of the table
                member = np.isin(self.keys[:, axis], (parent, *children))
                lines = np.unique(self.positions[member] - self.keys[member, axis] * stride)
                parents = lookup(lines + parent * stride)
                parts = np.stack([lookup(lines + child * stride) for child in children], axis=1)
                yield parents, parts

    def _dense_lookup(self) -> Any:
        order = np.argsort(self.positions, kind="stable")
        ordered = self.positions[order]

        def lookup(wanted: NDArray[np.int64]) -> Any:
            if not len(ordered):
                return np.full(len(wanted), -1, dtype=np.int64)
            at = np.minimum(np.searchsorted(ordered, wanted), len(ordered) - 1)
            return np.where(ordered[at] == wanted, order[at], -1)

        return lookup

    def _refuse_margins_that_do_not_add_up(self) -> None:
        for parents, parts in self.complete_relations():
            whole = (parents >= 0) & (parts >= 0).all(axis=1)
            sums = self.values[parts[whole]].sum(axis=1)
            totals = self.values[parents[whole]]
            gap = np.abs(sums - totals)
            wrong = gap > 1e-9 * np.maximum(1.0, np.abs(totals))
            if wrong.any():
                codes = self.codes_at(int(parents[whole][np.argmax(wrong)]))
                raise Refused(
                    "table.additivity",
                    found=f"parts that do not add up to {'/'.join(codes)} in {self.id}",
                    remedy="correct the table; protection is proved from margins that add up",
                )


def counted(indicator: str, *, unit: str = "persons", kind: MeasureKind = MeasureKind.STOCK) -> Measure:
    """The measure of a frequency table: people or other units counted, whose parts add up."""
    return Measure(indicator, unit, kind, additive=True)


def universe(table: Table, declared: Mapping[str, Dimension] = MappingProxyType({})) -> tuple[Any, ...]:
    """Measure, unit and coordinates: within them, cells of equal codes are the same cell."""
    fixed = sorted((name, code) for name, code in table.coordinates.items() if name not in declared)
    return (table.measure.indicator, table.measure.unit, *fixed)


def addresses(table: Table, declared: Mapping[str, Dimension] = MappingProxyType({})) -> list[tuple[Any, ...]]:
    """What each cell is about, independent of the table: its universe, and leaves covered by dimension.

    A dimension at its total is left out, so that the margin of one table is found again in another. A coordinate
    whose dimension is ``declared`` (the months of a year, the parts of a population) counts as a code of it.
    """

    def part(dimension: Dimension, code: str) -> tuple[Any, ...]:
        leaves = dimension.leaf_set(code)
        return () if len(leaves) == len(dimension.leaves) else ((dimension.id, leaves),)

    fixed = universe(table, declared)
    always = [(name, part(declared[name], code)) for name, code in table.coordinates.items() if name in declared]
    names = [(each.id, axis, [part(each, code) for code in each.codes]) for axis, each in enumerate(table.dimensions)]
    pieces = sorted([(name, -1, [own]) for name, own in always] + names, key=lambda piece: piece[0])
    return [
        (fixed, *(part for _, axis, parts in pieces for part in parts[key[axis] if axis >= 0 else 0]))
        for key in table.keys.tolist()
    ]
