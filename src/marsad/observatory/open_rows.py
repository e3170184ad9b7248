"""From points of an edition to rows of a message, and from a question in SDMX codes to a selection of observations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Final

from marsad.dissemination import queries_open as editions
from marsad.dissemination.queries import Point
from marsad.observatory.open_structure import FlowStructure, catalogue_now
from migstat.exchange import sdmx_query as question
from migstat.exchange.sdmx_artefacts import TIME, TOTAL, code_id, time_text
from migstat.exchange.sdmx_message import Columns, Row

_SUPPRESSED: Final = "Q"
_code: Final = cache(code_id)

Value = str | float | None


@dataclass(frozen=True)
class Selection:
    """Which observations of a dataflow are asked for: boxes of codes, and filters on time and on what is no code."""

    structure: FlowStructure
    boxes: tuple[question.Box, ...] = ({},)
    filters: tuple[question.Filter, ...] = ()

    @classmethod
    def read(cls, structure: FlowStructure, key: str, filters: Sequence[question.Filter]) -> Selection:
        """Raises Refused for a key that does not fit the structure."""
        dsd = structure.artefact.structure
        assert dsd is not None
        boxes = question.narrowed(question.parse_key(key, dsd), filters, dsd)
        rest = tuple(each for each in filters if each.component not in dsd.key)
        return cls(structure, boxes, rest)

    def observations(self, edition: Any) -> Any:
        """The observations of an edition in the boxes and times; other filters are applied to the rows (``agrees``)."""
        columns = self.structure.columns
        boxes = [
            {columns[name]: frozenset(self.structure.code(name, code) for code in codes) for name, codes in box.items()}
            for box in self.boxes
        ]
        return editions.selected(edition, boxes, self._times)

    @cached_property
    def _times(self) -> list[list[list[editions.TimeTest]]]:
        """Conditions on time: each holds where all tests of one of its alternatives do."""
        asked = [each.tests for each in self.filters if each.component == TIME]
        return [[list(map(_time_test, part)) for part in alternatives] for alternatives in asked]

    def rows(self, edition: Any, columns: Columns) -> Iterator[Row]:
        """The rows of an edition in order of series."""
        at = columns.at_observation
        last = "" if at in {TIME, "AllDimensions"} else self.structure.columns[at]
        points = editions.in_series(self.observations(edition), last=last)
        return self.as_rows(points, columns)

    def as_rows(self, points: Iterable[Point], columns: Columns) -> Iterator[Row]:
        return map(picker(self.structure, columns.every), self._telling(points))

    @property
    def reads_rows(self) -> bool:
        """Whether something is asked that the database does not answer: of a measure or an attribute."""
        return any(each.component != TIME for each in self.filters)

    def points(self, edition: Any) -> Iterator[Point]:
        """The observations of an edition that agree with the whole question, in order of series."""
        return self._telling(editions.in_series(self.observations(edition)))

    def _telling(self, points: Iterable[Point]) -> Iterator[Point]:
        """Those points that agree with what is asked of measures and attributes."""
        tests = [(each, picker(self.structure, (each.component,))) for each in self.filters if each.component != TIME]
        for point in points:
            if all(question.holds(asked, value(point)[0]) for asked, value in tests):
                yield point

    def agrees(self, point: Point) -> bool:
        """Whether a point that was read otherwise (a revision) lies in the selection."""
        columns = self.structure.columns
        inside = any(
            all(_dimension(point, columns[name]) in codes for name, codes in box.items()) for box in self.boxes
        )
        in_time = all(
            any(all(_in_time(point, test) for test in part) for part in alternatives) for alternatives in self._times
        )
        rest = [each for each in self.filters if each.component != TIME]
        pick = picker(self.structure, [each.component for each in rest])
        return inside and in_time and all(map(question.holds, rest, pick(point)))


def _time_test(test: question.Test) -> editions.TimeTest:
    period = question.bounds(test.operand)
    return editions.TimeTest(test.operator, period.start, period.end)


def _dimension(point: Point, column: str) -> str:
    if column in {"indicator", "area", "base"}:
        return _code(getattr(point, column))
    return _code(point.breakdown.get(column, TOTAL))


def _in_time(point: Point, test: editions.TimeTest) -> bool:
    same = (point.period_start, point.period_end) == (test.start, test.end)
    return {
        "ge": point.period_start >= test.start,
        "gt": point.period_start > test.end,
        "le": point.period_end <= test.end,
        "lt": point.period_end < test.start,
        "eq": same,
        "ne": not same,
    }[test.operator]


def picker(structure: FlowStructure, names: Sequence[str]) -> Callable[[Point], Row]:
    """A function that takes the named components out of a point."""
    parts = [_part(structure, name) for name in names]
    return lambda point: tuple([part(point) for part in parts])


def obs_status(point: Point) -> str:
    """The status of a cell as CL_OBS_STATUS says it: what is withheld is suppressed, whatever its number is worth."""
    return _SUPPRESSED if point.state == "withheld" else point.status


def conf_status(point: Point) -> str:
    """F where the cell is free, C or D where it is withheld."""
    return point.withheld_for or "F"


def _part(structure: FlowStructure, name: str) -> Callable[[Point], Value]:
    known = _PARTS.get(name)
    if known is not None:
        return known
    if name == "METHOD":
        methods = {each.number: editions.method_of(each, "en") for each in structure.editions}
        return lambda point: methods.get(point.edition) or f"/en/indicators/{point.indicator}/#method"
    if name in {"UNIT_MEASURE", "STOCK_FLOW"}:
        indicators = catalogue_now().indicators.values()
        told = {each.code: _code(each.unit_id) if name == "UNIT_MEASURE" else str(each.kind) for each in indicators}
        return lambda point: told[point.indicator]
    column = structure.columns[name]
    return lambda point: _code(point.breakdown.get(column, TOTAL))


_PARTS: Final[dict[str, Callable[[Point], Value]]] = {
    "INDICATOR": lambda point: _code(point.indicator),
    "REF_AREA": lambda point: _code(point.area),
    "POPULATION_BASE": lambda point: _code(point.base),
    "TIME_PERIOD": lambda point: time_text(point.period, point.period_start, point.period_end),
    "OBS_VALUE": lambda point: point.value,
    "OBS_STATUS": obs_status,
    "CONF_STATUS": conf_status,
    "LOWER_BOUND": lambda point: point.low,
    "UPPER_BOUND": lambda point: point.high,
    "SOURCE": lambda point: point.source,
    "VINTAGE": lambda point: point.vintage,
    "EDITION": lambda point: point.edition,
    "ORIGIN": lambda point: point.origin,
    "HEADING": lambda point: point.heading,
    "NOTE_FR": lambda point: point.note_fr,
    "NOTE_AR": lambda point: point.note_ar,
    "NOTE_EN": lambda point: point.note_en,
}
