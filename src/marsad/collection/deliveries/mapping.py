"""Which columns of a file become which columns of the structure: proposed, confirmed once, remembered, compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from marsad.collection.deliveries.layout import FileColumn, Layout
from marsad.collection.deliveries.reading_sources import NumberedRow
from migstat.model.refusals import Refused
from migstat.model.structure import DataStructure, Kind, Role
from migstat.quality.cells import period_of
from migstat.quality.codes import CodeIndex, CodeSystem
from migstat.quality.dates import DateOrder
from migstat.quality.matching import Proposal, SourceColumn, propose
from migstat.quality.plain_words import plain
from migstat.quality.shape import is_blank

# The unit of tables whose records are cells that were counted elsewhere.
CELL_UNIT: Final = "cell"


@dataclass(frozen=True)
class Spread:
    """A column of a crossed table: the measure it holds, and the code or period that its title says."""

    position: int
    measure: str
    dimension: str
    value: str


@dataclass(frozen=True)
class ColumnMapping:
    """``sources``: structure column to position; ``constants``: structure column to the value of every row.

    ``systems``: how the codes of a column are written; ``answers``: by column, what the partner said a spelling means.
    """

    sources: Mapping[str, int] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    spread: tuple[Spread, ...] = ()
    systems: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def to_mapping(self) -> dict[str, Any]:
        return {
            "sources": dict(self.sources),
            "constants": dict(self.constants),
            "spread": [dict(one.__dict__) for one in self.spread],
            "systems": dict(self.systems),
            "answers": {column: dict(said) for column, said in self.answers.items()},
        }

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> ColumnMapping:
        spread = tuple(Spread(**one) for one in mapping.get("spread", ()))
        return cls(**{**mapping, "spread": spread})

    @property
    def targets(self) -> frozenset[str]:
        spread = {name for one in self.spread for name in (one.measure, one.dimension)}
        return frozenset(self.sources) | frozenset(self.constants) | spread


def checked_mapping(mapping: ColumnMapping, structure: DataStructure, layout: Layout) -> ColumnMapping:
    """The mapping, complete. Raises ``Refused("deliveries.unmapped")`` for a required column that nothing fills or a table
    without a measure, ``Refused("deliveries.position")`` for a position or column that does not exist or is given twice,
    and ``Refused("period.form")``.
    """
    names = {column.name for column in structure.columns}
    positions = [*mapping.sources.values(), *(one.position for one in mapping.spread)]
    known = {column.position for column in layout.columns}
    if not mapping.targets <= names or not set(positions) <= known or len(set(positions)) < len(positions):
        raise Refused(
            "deliveries.position",
            found="a column twice, or one that does not exist",
            remedy="give each column one place",
        )
    missing = [column.name for column in structure.columns if column.required and column.name not in mapping.targets]
    if missing:
        raise Refused("deliveries.unmapped", found=", ".join(missing), remedy="say which column holds each of them")
    measures = [column.name for column in structure.with_role(Role.MEASURE)]
    if structure.unit == CELL_UNIT and measures and mapping.targets.isdisjoint(measures):
        raise Refused("deliveries.unmapped", found=", ".join(measures), remedy="say which column holds the counts")
    for name, said in mapping.constants.items():
        if structure.column(name).role is Role.PERIOD and period_of(said) is None:
            raise Refused("period.form", found=f"a value of {name} that is no period", remedy="write it as 2026-01")
    if not mapping.targets:
        raise Refused("deliveries.unmapped", found="no column", remedy="say which column holds what")
    return mapping


def demand_settled(mapping: ColumnMapping, structure: DataStructure, layout: Layout) -> None:
    """Raises ``Refused("deliveries.doubtful")`` while a mapped column can be read in two ways and nobody said which."""
    placed = dict(mapping.sources) | {f"{one.measure} {one.position}": one.position for one in mapping.spread}
    for name, position in placed.items():
        column, kind = layout.column(position), structure.column(name.split(" ")[0]).kind
        two_numbers = kind in (Kind.INTEGER, Kind.NUMBER) and not column.number_certain
        if two_numbers or (kind is Kind.DATE and column.order == DateOrder.ASK.value):
            raise Refused(
                "deliveries.doubtful",
                found=f"the column {column.title}, which can be read in two ways",
                remedy="say first how it is written",
            )


def source_columns(layout: Layout, head: Sequence[NumberedRow]) -> list[SourceColumn]:
    """The file's columns with the cells of their first rows."""
    below = [row for number, row in head if number >= layout.data_from]
    return [
        SourceColumn(
            column.position,
            column.title,
            tuple(
                row[column.position]
                for row in below[:200]
                if column.position < len(row) and not is_blank(row[column.position])
            ),
        )
        for column in layout.columns
    ]


@dataclass(frozen=True)
class MappingProposal:
    """A proposal as the page shows it: the mapping, and why each column is proposed."""

    mapping: ColumnMapping
    proposals: tuple[Proposal, ...]


def propose_mapping(
    structure: DataStructure, layout: Layout, head: Sequence[NumberedRow], codes: Mapping[str, CodeIndex], period: str
) -> MappingProposal:
    """Propose by titles and contents; a crossed table by titles that are codes; a period that no column holds by the
    period of the delivery.
    """
    columns = source_columns(layout, head)
    # Of several columns under one title a person says which is meant.
    repeated = {column.position for column in layout.columns if column.again}
    proposals = propose(structure, [column for column in columns if column.position not in repeated], codes)
    sources = {one.column: one.position for one in proposals if one.position is not None}
    spread = _crossed(structure, layout.columns, codes, sources)
    for one in spread:
        sources = {name: place for name, place in sources.items() if place != one.position and name != one.measure}
    targets = set(sources) | {name for one in spread for name in (one.measure, one.dimension)}
    constants = {
        column.name: period
        for column in structure.with_role(Role.PERIOD)
        if period and column.name not in targets and column.kind is Kind.TEXT
    }
    mapping = ColumnMapping(sources, constants, spread, recognise_systems(structure, columns, codes, sources))
    return MappingProposal(mapping, proposals)


def recognise_systems(
    structure: DataStructure,
    columns: Sequence[SourceColumn],
    codes: Mapping[str, CodeIndex],
    sources: Mapping[str, int],
) -> dict[str, str]:
    """How the codes of each mapped column are written, by its first rows."""
    samples = {column.position: column.sample for column in columns}
    found = {}
    for column in structure.columns:
        if column.kind is Kind.CODE and column.name in sources:
            values = [_said(cell) for cell in samples.get(sources[column.name], ())]
            found[column.name] = codes[column.codelist].recognise(values).value
    return found


def _said(cell: object) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _crossed(
    structure: DataStructure, columns: Sequence[FileColumn], codes: Mapping[str, CodeIndex], taken: Mapping[str, int]
) -> tuple[Spread, ...]:
    """Titles that are codes or periods of a dimension that no column holds, over columns of numbers."""
    measures = structure.with_role(Role.MEASURE)
    if not measures:
        return ()
    for dimension in structure.columns:
        if dimension.name in taken or dimension.role in (Role.MEASURE, Role.WEIGHT, Role.DIRECT_IDENTIFIER):
            continue
        found = []
        for column in columns:
            value = _title_value(column.title, dimension.kind, dimension.role, codes.get(dimension.codelist))
            if value and column.numeric:
                found.append(
                    Spread(column.position, _measure(column.title, [m.name for m in measures]), dimension.name, value)
                )
        if len({(one.measure, one.value) for one in found}) == len(found) >= 2:
            return tuple(found)
    return ()


def _title_value(title: str, kind: Kind, role: Role, codes: CodeIndex | None) -> str:
    parts = [part for part in title.split(" | ") if part]
    for part in reversed(parts):
        if role is Role.PERIOD and kind is Kind.TEXT and (period := period_of(part)) is not None:
            return str(period)
        if codes is not None:
            for system in (CodeSystem.NAME, CodeSystem.CODE):
                if (match := codes.match(part, system)).code is not None:
                    return str(match.code)
    return ""


def _measure(title: str, measures: Sequence[str]) -> str:
    said = {plain(part) for part in title.split(" | ")}
    return next((name for name in measures if plain(name) in said), measures[0])


def for_this_period(mapping: ColumnMapping, fresh: ColumnMapping) -> ColumnMapping:
    """A remembered mapping with the values that hold for every row of this file: they belong to a period, not to a layout."""
    constants = {name: fresh.constants[name] for name in mapping.constants if name in fresh.constants}
    return replace(mapping, constants=constants)


@dataclass(frozen=True)
class LayoutDifference:
    """How a layout differs from the one that was confirmed before, by titles."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    moved: tuple[str, ...]

    @property
    def is_any(self) -> bool:
        return bool(self.added or self.removed or self.moved)


def differences(before: Sequence[str], now: Sequence[str]) -> LayoutDifference:
    """
    >>> differences(["Nom", "Âge"], ["Âge", "Nom", "Sexe"])
    LayoutDifference(added=('Sexe',), removed=(), moved=('Âge', 'Nom'))
    """
    old, new = [plain(title) for title in before], [plain(title) for title in now]
    added = tuple(title for title in now if plain(title) not in old)
    removed = tuple(title for title in before if plain(title) not in new)
    kept_old, kept_new = [one for one in old if one in new], [one for one in new if one in old]
    out_of_place = {one for one, other in zip(kept_new, kept_old, strict=False) if one != other}
    return LayoutDifference(added, removed, tuple(title for title in now if plain(title) in out_of_place))


def carried_over(mapping: ColumnMapping, before: Sequence[str], layout: Layout, fresh: ColumnMapping) -> ColumnMapping:
    """A confirmed mapping moved to a changed layout by its titles; what no title holds any more is proposed anew."""
    places = {plain(column.title): column.position for column in layout.columns}
    titles = {number: plain(title) for number, title in enumerate(before)}
    kept = {
        name: places[titles[position]] for name, position in mapping.sources.items() if titles.get(position) in places
    }
    used = set(kept.values())
    anew = {name: place for name, place in fresh.sources.items() if name not in kept and place not in used}
    systems = dict(fresh.systems) | {name: system for name, system in mapping.systems.items() if name in kept}
    constants = {name: value for name, value in fresh.constants.items() if name not in kept}
    return ColumnMapping(kept | anew, constants, fresh.spread, systems, mapping.answers)
