"""What a step gives: a table with its parts, intervals, method and report, as values and as JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

import numpy as np

from marsad.production.stored_tables import (
    Intervals,
    Json,
    intervals_from_json,
    intervals_to_json,
    table_from_json,
    table_to_json,
    text_from_json,
    text_to_json,
)
from migstat.indicators.vocabulary import UNKNOWN
from migstat.model import Code, Codelist, Diagnostic, Refused, Text
from migstat.model.tables import Dimension, Table

AREA: Final = "AREA"
OBSERVED, ESTIMATED = "A", "E"
_WHOLE_FROM: Final = 1e15


@dataclass(frozen=True)
class Result:
    """One table and what travels with it. ``parts`` are the additive tables above and below the line of a fraction;
    ``unknown`` the rows left out of each cell because an answer is not known; ``report`` what the page of the run shows:
    diagnostics, models, pictures, sensitivity."""

    table: Table
    base: str
    definition: Mapping[str, Any]
    status: str = OBSERVED
    method: Text | None = None
    intervals: Intervals = field(default_factory=dict)
    parts: tuple[Table, ...] = ()
    unknown: Sequence[int] = ()
    undated: int = 0
    report: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> Json:
        stored: Json = {
            "table": table_to_json(self.table),
            "base": self.base,
            "definition": self.definition,
            "status": self.status,
            "method": text_to_json(self.method) if self.method else {},
            "intervals": intervals_to_json(self.intervals),
            "parts": [table_to_json(part) for part in self.parts],
            "unknown": [int(count) for count in self.unknown],
            "undated": self.undated,
            "report": self.report,
        }
        return dict(plain(stored))

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Result:
        return cls(
            table_from_json(stored["table"]),
            stored["base"],
            stored["definition"],
            stored["status"],
            text_from_json(stored["method"]) if stored["method"] else None,
            intervals_from_json(stored["intervals"]),
            tuple(table_from_json(part) for part in stored["parts"]),
            tuple(stored["unknown"]),
            stored["undated"],
            stored["report"],
        )


def plain(value: Any) -> Any:
    """Values as JSON holds them: arrays as lists, days as text, a number that is none as nothing.

    >>> plain({"a": np.array([1.0, float("nan")]), "b": (1, date(2026, 1, 2))})
    {'a': [1.0, None], 'b': [1, '2026-01-02']}
    >>> plain([-0.0, 1e20])
    [0.0, 100000000000000000000]
    """
    if isinstance(value, Mapping):
        return {str(name): plain(part) for name, part in value.items()}
    if isinstance(value, Text):
        return text_to_json(value)
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(part) for part in (sorted(value) if isinstance(value, set | frozenset) else value)]
    if isinstance(value, date):
        return value.isoformat()
    return _number(value) if isinstance(value, float) else value


def _number(value: float) -> float | int | None:
    """A number as every database gives it back: no zero below zero, whole numbers beyond what a float tells apart as such."""
    if not math.isfinite(value):
        return None
    return int(value) if abs(value) >= _WHOLE_FROM else value + 0.0


def told(diagnostics: Sequence[Diagnostic]) -> list[Json]:
    """Diagnostics as a report holds them."""
    return [
        {"id": one.id, "statement": text_to_json(one.statement), "value": plain(one.value), "concern": one.concern}
        for one in diagnostics
    ]


# --- tables as the public side places them ----------------------------------------------------------------------------------


def placed(table: Table, home: str) -> Table:
    """The table with its area under the name that every released table gives it; ``home`` where it has no such axis.

    The axis of areas is ``area`` in definitions, and ``AREA`` in all that is released.
    """
    named = tuple(replace(axis, id=AREA) if axis.id == "area" else axis for axis in table.dimensions)
    has_area = any(axis.id == AREA for axis in named)
    return replace(table, dimensions=named, coordinates=dict(table.coordinates) | ({} if has_area else {AREA: home}))


def without_unknown_codes(table: Table) -> Table:
    """The table without the cells of code ``_U`` (not known), for which no catalogue has a place.

    Of what does not add up they are left out. Of what adds up they can be only where they hold nobody: otherwise the
    whole would give their number away. Raises ``Refused("production.unknown_codes")``.

    >>> sex = Dimension.flat("sex", ["F", "_U"], total="_T")
    >>> from migstat.model.tables import counted
    >>> table = Table.from_leaves("t", counted("residents"), [sex], {("F",): 7, ("_U",): 0})
    >>> without_unknown_codes(table).dimensions[0].codes
    ('_T', 'F')
    """
    lost = np.array([UNKNOWN in table.codes_at(row) for row in range(len(table))], dtype=bool)
    if not lost.any():
        return table
    if table.measure.additive and not (table.values[lost] == 0).all():
        raise Refused(
            "production.unknown_codes",
            found="rows of which a code is not known",
            remedy="have the definition leave out the rows without it, and say so in its name",
        )
    dimensions = tuple(_without(axis) for axis in table.dimensions)
    kept = ~lost
    keys = [[axis.position[code] for axis, code in zip(dimensions, table.codes_at(row), strict=True)]
            for row in np.flatnonzero(kept).tolist()]  # fmt: skip
    columns: dict[str, Any] = {
        name: None if (column := getattr(table, name)) is None else column[kept]
        for name in ("values", "states", "contributors", "contributions", "structural_zeros", "weights")
    }
    placed_keys = np.array(keys, dtype=np.int64).reshape(-1, len(dimensions))
    return replace(table, dimensions=dimensions, keys=placed_keys, **columns)


def _without(axis: Dimension) -> Dimension:
    lists = tuple(
        Codelist(each.id, tuple(Code(code.id, code.name, code.parent) for code in each.codes if code.id != UNKNOWN))
        for each in axis.hierarchies
    )
    return Dimension(axis.id, lists)
