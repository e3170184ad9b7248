"""The closed vocabulary of a definition: what may be computed, which rows may be chosen, and from which columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from migstat.model import MeasureKind

Plain = str | int | float | bool | date
TOTAL: Final = "_T"
UNKNOWN: Final = "_U"
PERIOD: Final = "PERIOD"


class Statistic(StrEnum):
    """What is computed in each cell. Count alone adds up over the parts of a population."""

    COUNT = "count"
    SHARE = "share"
    MEAN = "mean"
    MEDIAN = "median"
    RATE = "rate"
    RATIO = "ratio"


class Test(StrEnum):
    """How one column is asked. ``above`` and ``below`` leave their bound out, ``between`` takes both in."""

    EQUALS = "equals"
    IN = "in"
    ABOVE = "above"
    BELOW = "below"
    BETWEEN = "between"
    MISSING = "missing"


class Scale(StrEnum):
    """What can be compared with what: text with text, numbers with numbers, days with days, yes with no."""

    TEXT = "text"
    NUMBER = "number"
    DAY = "day"
    BOOLEAN = "boolean"


ORDERED: Final = frozenset({Scale.NUMBER, Scale.DAY})


def scale_of(value: object) -> Scale | None:
    """The scale of a plain value; None for anything else.

    >>> scale_of(True), scale_of(3), scale_of("F"), scale_of(None)
    (<Scale.BOOLEAN: 'boolean'>, <Scale.NUMBER: 'number'>, <Scale.TEXT: 'text'>, None)
    """
    if isinstance(value, bool):
        return Scale.BOOLEAN
    if isinstance(value, int | float):
        return Scale.NUMBER
    if isinstance(value, date | datetime):
        return Scale.DAY
    return Scale.TEXT if isinstance(value, str) else None


@dataclass(frozen=True, slots=True)
class Condition:
    """One question put to one column. Of a value that is not known the answer is not known either, except for
    ``missing``, which asks just that; ``negated`` turns yes and no about and leaves "not known" as it is."""

    column: str
    test: Test
    values: tuple[Plain, ...] = ()
    negated: bool = False

    @property
    def scale(self) -> Scale | None:
        """What the column must hold; None for ``missing``, which any column can answer."""
        return scale_of(self.values[0]) if self.values else None


@dataclass(frozen=True, slots=True)
class PeriodColumns:
    """How a row is dated: by ``column`` (a day, or a period written as text), or, for stocks, as running
    from ``since`` up to and including ``until``, which is empty while it runs."""

    column: str = ""
    since: str = ""
    until: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name in (self.column, self.since, self.until) if name)


@dataclass(frozen=True)
class Selection:
    """Rows of one dataflow and what each of them brings.

    ``value`` is the column that is added up or averaged (none: rows are counted), ``weight`` the survey weight,
    ``frequency`` how many units a row stands for where rows are already counts, ``contributor`` who stands behind
    a row where one person may have several. ``columns`` gives the column of a dimension where its name differs.
    """

    dataflow: str
    kind: MeasureKind
    where: tuple[Condition, ...] = ()
    value: str = ""
    weight: str = ""
    frequency: str = ""
    contributor: str = ""
    period: PeriodColumns | None = None
    columns: Mapping[str, str] = field(default_factory=dict)

    @property
    def needed(self) -> frozenset[str]:
        """The columns that the selection reads, those of dimensions apart."""
        plain = {self.value, self.weight, self.frequency, self.contributor}
        dated = self.period.names if self.period else ()
        return frozenset({*plain, *dated, *(condition.column for condition in self.where)} - {""})
