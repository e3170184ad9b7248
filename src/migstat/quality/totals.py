"""Totals that were mixed into rows or columns: set aside, then held against the sum of their parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from migstat.quality.findings import Finding
from migstat.quality.plain_words import plain
from migstat.quality.shape import RowKind

_TOTAL_TITLES: Final = frozenset(
    plain(word) for word in ("total", "ensemble", "المجموع", "somme", "all", "both", "les deux")
)
_ROUNDING: Final = 0.5
_CHECKED: Final = 0.6


@dataclass
class _Sum:
    known: float = 0.0
    unknown: int = 0
    rows: int = 0

    def add(self, value: float | None) -> None:
        self.rows += 1
        if value is None:
            self.unknown += 1
        else:
            self.known += value

    def contradicts(self, total: float) -> bool:
        """With unknown parts a total can only be too small; without, it has to be the sum but for rounding."""
        if self.unknown:
            return total < self.known - _ROUNDING
        return abs(total - self.known) > _ROUNDING + 1e-9 * abs(total)


@dataclass
class RowTotals:
    """Rows of totals, as they come: a subtotal against the rows since the last one, a total against all rows.

    ``columns`` gives the measures' names by position.
    """

    columns: Mapping[int, str]
    _since: dict[int, _Sum] = field(default_factory=dict)
    _all: dict[int, _Sum] = field(default_factory=dict)

    def data(self, values: Mapping[int, float | None]) -> None:
        for position, value in values.items():
            self._since.setdefault(position, _Sum()).add(value)
            self._all.setdefault(position, _Sum()).add(value)

    def total(self, kind: RowKind, row: int, values: Mapping[int, float | None]) -> list[Finding]:
        found = []
        for position, total in values.items():
            since, whole = self._since.get(position), self._all.get(position)
            sums = [since] if kind is RowKind.SUBTOTAL else [whole, since]
            held = [one for one in sums if one is not None and one.rows]
            if total is not None and held and all(one.contradicts(total) for one in held):
                found.append(
                    Finding(
                        "quality.total", row, position, self.columns[position], f"{total:.12g}",
                        (("expected", f"{held[0].known:.12g}"),),
                    )
                )  # fmt: skip
        self._since.clear()
        return found


@dataclass(frozen=True)
class ColumnTotal:
    """A column that is the sum of others in every row: its position and those of its parts."""

    total: int
    parts: tuple[int, ...]


def recognise_column_totals(
    titles: Mapping[int, str], rows: Sequence[Mapping[int, float | None]]
) -> tuple[ColumnTotal, ...]:
    """Columns called total that are, in most complete rows of a sample, the sum of columns to their left or of all others.

    >>> recognise_column_totals({1: "Garçons", 2: "Filles", 3: "Total"}, [{1: 2, 2: 3, 3: 5}, {1: 1, 2: 0, 3: 1}])
    (ColumnTotal(total=3, parts=(1, 2)),)
    """
    found: list[ColumnTotal] = []
    totals = [place for place, title in titles.items() if set(plain(title).split()) & _TOTAL_TITLES]
    spent: set[int] = set()
    for total in sorted(totals):
        before = tuple(
            place for place in sorted(titles) if place < total and place not in totals and place not in spent
        )
        subtotals = tuple(place for place in totals if place < total)
        others = tuple(place for place in sorted(titles) if place not in totals)
        for parts in (before, subtotals, others):
            if len(parts) >= 2 and _holds(total, parts, rows):
                found.append(ColumnTotal(total, parts))
                spent.update(parts)
                break
    return tuple(found)


def _holds(total: int, parts: tuple[int, ...], rows: Sequence[Mapping[int, float | None]]) -> bool:
    complete = [row for row in rows if row.get(total) is not None and all(row.get(part) is not None for part in parts)]
    if not complete:
        return False
    return sum(_deviates(row, total, parts) is None for row in complete) >= _CHECKED * len(complete)


def _deviates(row: Mapping[int, float | None], total: int, parts: tuple[int, ...]) -> float | None:
    summed = _Sum()
    for part in parts:
        summed.add(row.get(part))
    said = row.get(total)
    return summed.known if said is not None and summed.contradicts(said) else None


def check_column_totals(
    totals: Sequence[ColumnTotal], titles: Mapping[int, str], row: int, values: Mapping[int, float | None]
) -> list[Finding]:
    """The column totals of one row that are not the sum of their parts."""
    found = []
    for one in totals:
        expected = _deviates(values, one.total, one.parts)
        if expected is not None:
            found.append(
                Finding(
                    "quality.row_total", row, one.total, titles[one.total], f"{values[one.total]:.12g}",
                    (("expected", f"{expected:.12g}"),),
                )
            )  # fmt: skip
    return found
