"""An indicator's definition: frozen, checked whole, and the same for every engine that computes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations, product
from typing import Any, Final

from migstat.indicators.breakdowns import Breakdown, period_breakdown
from migstat.indicators.vocabulary import Condition, Selection, Statistic
from migstat.model import Codelist, Measure, MeasureKind, Period, PopulationBase, Refused
from migstat.model.tables import Dimension

MOST_CELLS: Final = 2_000_000
_DIVIDED: Final = frozenset({Statistic.RATE, Statistic.RATIO})
_AVERAGED: Final = frozenset({Statistic.MEAN, Statistic.MEDIAN})


@dataclass(frozen=True)
class Indicator:
    """What one table holds: a statistic of chosen rows, by some dimensions, over some periods.

    ``code`` names the definition, ``indicator`` the catalogue's indicator that it computes. ``part`` are the further
    conditions of the numerator of a share; rates and ratios have a ``denominator`` of its own, often from another
    dataflow. Shares, means, rates and ratios are multiplied by ``per`` (100 for per cent). A definition that names an
    ``estimator`` of ``migstat.estimation`` is computed as an estimate, and engines refuse it.

    Raises Refused, with every contradiction at once.
    """

    code: str
    version: str
    indicator: str
    statistic: Statistic
    kind: MeasureKind
    unit: str
    base: PopulationBase
    rows: Selection
    part: tuple[Condition, ...] = ()
    denominator: Selection | None = None
    by: tuple[Breakdown, ...] = ()
    per: int = 1
    periods: tuple[Period, ...] = ()
    estimator: str = ""

    def __post_init__(self) -> None:
        from migstat.indicators.contradictions import contradictions

        refuse_all(contradictions(self))

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any], codelists: Mapping[str, Codelist] | None = None) -> Indicator:
        """Read a definition from plain values (a TOML file) and the code lists that it names.

        Raises Refused with all the reasons: what is missing, unknown, of the wrong form, or contradicts the rest.

        >>> births = Indicator.from_mapping({
        ...     "code": "births", "version": "1", "indicator": "LEG-05", "statistic": "count", "kind": "flow",
        ...     "unit": "cases", "base": "registered", "dataflow": "civil-status-births",
        ...     "where": [{"column": "mother_citizenship", "equals": "MAR", "not": True}],
        ...     "period": {"column": "born_on"}, "by": [{"column": "sex", "codes": ["F", "M"]}]})
        >>> [axis.id for axis in births.over("2023", "2024").axes]
        ['PERIOD', 'sex']
        """
        from migstat.indicators.read_definition import read_definition

        definition, refusals = read_definition(mapping, codelists or {})
        refuse_all(refusals)
        assert definition is not None
        return definition

    def over(self, *periods: str | Period) -> Indicator:
        """The same definition for these periods. Several make a dimension ``PERIOD``, one a fixed coordinate."""
        return replace(self, periods=tuple(Period.parse(str(period)) for period in periods))

    @property
    def selections(self) -> tuple[Selection, ...]:
        return (self.rows, self.denominator) if self.denominator else (self.rows,)

    @property
    def dataflows(self) -> tuple[str, ...]:
        """The dataflows that the definition reads, each once."""
        return tuple(dict.fromkeys(selection.dataflow for selection in self.selections))

    @property
    def additive(self) -> bool:
        return self.statistic is Statistic.COUNT

    @property
    def summed_over_periods(self) -> bool:
        """Flows may be added over periods; stocks never, be they above or below the line of the fraction."""
        dated = [self.rows, *([self.denominator] if self.denominator and self.denominator.period else [])]
        return all(selection.kind is MeasureKind.FLOW for selection in dated)

    @cached_property
    def axes(self) -> tuple[Breakdown, ...]:
        """The axes in the order of the table's dimensions: periods first where there are several."""
        if len(self.periods) < 2:
            return self.by
        return (period_breakdown(self.periods, summed=self.summed_over_periods), *self.by)

    @cached_property
    def dimensions(self) -> tuple[Dimension, ...]:
        """The table's dimensions. Only the parts of a count add up: otherwise no code is said to be part of another."""
        if self.additive:
            return tuple(axis.tree for axis in self.axes)
        return tuple(axis.without_wholes for axis in self.axes)

    @property
    def coordinates(self) -> dict[str, str]:
        fixed = {"BASE": self.base.value}
        return fixed | {"PERIOD": self.periods[0].text} if len(self.periods) == 1 else fixed

    @property
    def measure(self) -> Measure:
        return Measure(self.indicator, self.unit, self.kind, self.additive)

    def cells(self) -> Iterator[tuple[str, ...]]:
        """The codes of every cell of the table, in its order (C order of the dimensions)."""
        return product(*(axis.tree.codes for axis in self.axes))

    def leaf(self, axis: str, code: str | None) -> str | None:
        """The innermost code under which a row's code is counted; see ``Breakdown.leaf``."""
        return next(each for each in self.by if each.id == axis).leaf(code)

    def columns_of(self, selection: Selection) -> dict[str, str]:
        """The column of each dimension, periods apart, in the rows of a selection."""
        return {axis.id: selection.columns.get(axis.id, axis.column) for axis in self.by}

    def needed_columns(self) -> dict[str, frozenset[str]]:
        """The columns that each dataflow must have: nothing more need be read of it."""
        needed: dict[str, frozenset[str]] = {}
        for selection in self.selections:
            own = selection.needed | set(self.columns_of(selection).values())
            if selection is self.rows:
                own |= {condition.column for condition in self.part}
            needed[selection.dataflow] = needed.get(selection.dataflow, frozenset()) | own
        return needed

    def refuse_to_evaluate(self, columns: Mapping[str, frozenset[str]]) -> None:
        """Raise Refused, with all the reasons, when the tables at hand cannot give this indicator's table.

        ``columns`` are the columns of each dataflow that is there.
        """
        reasons = []
        if self.estimator:
            reasons.append(
                Refused(
                    "engine.lacks",
                    found=f"the estimator {self.estimator}",
                    remedy="compute this definition as an estimate; engines compute tables of what is observed",
                )
            )
        if not self.periods and any(selection.period for selection in self.selections):
            reasons.append(
                Refused("indicator.periods", found="dated rows and no period", remedy="say over which periods")
            )
        for dataflow, needed in self.needed_columns().items():
            if dataflow not in columns:
                reasons.append(
                    Refused("indicator.source", found=f"no rows of {dataflow}", remedy="give a table of every dataflow")
                )
            elif lacking := sorted(needed - columns[dataflow]):
                reasons.append(
                    Refused(
                        "indicator.column",
                        found=f"no column {', '.join(lacking)} in {dataflow}",
                        remedy="correct the definition, or give rows that have the column",
                    )
                )
        refuse_all(reasons)


def refuse_all(reasons: list[Refused]) -> None:
    """Raise the one reason, or all of them as ``indicator.definition``; nothing when there is none."""
    if len(reasons) == 1:
        raise reasons[0]
    if reasons:
        raise Refused(
            "indicator.definition",
            found="; ".join(f"{reason.found} ({reason.rule})" for reason in reasons),
            remedy="; ".join(dict.fromkeys(reason.remedy for reason in reasons)),
        )


def overlapping(periods: tuple[Period, ...]) -> bool:
    return any(one.start <= other.end and other.start <= one.end for one, other in combinations(periods, 2))


def needs_value(statistic: Statistic) -> bool:
    return statistic in _AVERAGED


def is_divided(statistic: Statistic) -> bool:
    """Whether a statistic has a denominator of its own."""
    return statistic in _DIVIDED
