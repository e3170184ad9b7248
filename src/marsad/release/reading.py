"""The audit report as a person reads it: intervals drawn to scale, differences in words of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from marsad.catalogue import queries as catalogue
from marsad.dissemination.rules import place_of
from marsad.production.stored_tables import intervals_from_json, table_from_json
from marsad.web.words import current_language, said
from migstat.model import Refused

WIDTH: Final = 200


@dataclass(frozen=True)
class Drawn:
    """One withheld cell: its codes, and where its interval, the one promised and its value stand on a line of 200."""

    codes: str
    primary: bool
    value: float
    low: float
    high: float | None
    need_low: float | None
    need_high: float | None
    start: float
    length: float
    at: float
    need_start: float
    need_length: float

    @property
    def endless(self) -> bool:
        return self.high is None


def drawn(withheld: Sequence[Mapping[str, Any]]) -> list[Drawn]:
    """The withheld cells of a page of a report, each on a scale of its own that ends a little beyond what matters."""
    return [_drawn(cell) for cell in withheld]


def _drawn(cell: Mapping[str, Any]) -> Drawn:
    marks = [cell["value"], cell["need_high"] or 0.0, cell["high"] if cell["high"] is not None else 2 * cell["value"]]
    top = max(*marks, cell["low"], 1.0) * 1.05

    def place(value: float) -> float:
        return float(round(WIDTH * value / top, 1))

    high = WIDTH if cell["high"] is None else place(cell["high"])
    need_low, need_high = cell["need_low"], cell["need_high"]
    return Drawn(
        codes=" · ".join(cell["codes"]),
        primary=cell["for"] == "C",
        value=cell["value"],
        low=cell["low"],
        high=cell["high"],
        need_low=need_low,
        need_high=need_high,
        start=place(cell["low"]),
        length=max(1.5, round(high - place(cell["low"]), 1)),
        at=place(cell["value"]),
        need_start=place(need_low) if need_low is not None else 0,
        need_length=max(1.5, round(place(need_high) - place(need_low), 1)) if need_low is not None else 0,
    )


@dataclass(frozen=True)
class Revised:
    """A value that this request publishes differently from the last edition."""

    indicator: str
    area: str
    period: str
    part: str
    before: float
    after: float

    @property
    def difference(self) -> float:
        return self.after - self.before


@dataclass(frozen=True)
class Proposed:
    """One cell as the public would read it: where it stands, its state, and its value with the interval of an estimate."""

    place: str
    period: str
    part: str
    state: str
    withheld_for: str
    value: float | None
    low: float | None
    high: float | None
    decimals: int


MOST_PROPOSED: Final = 100


def proposed(content: Mapping[str, Any], intervals: Sequence[Any], report: Mapping[str, Any]) -> list[Proposed]:
    """The first cells of a table that the audit lets pass, as they would be published; withheld ones without a number.

    Nothing of a table of which the report does not name every withheld cell, or whose cells lack a place.
    """
    withheld = {tuple(cell["codes"]): cell["for"] for cell in report["withheld"]}
    if not report["passed"] or len(withheld) < report["primary"] + report["secondary"]:
        return []
    table, ends = table_from_json(content), intervals_from_json(intervals)
    names = [axis.id for axis in table.dimensions]
    about = catalogue.indicator(table.measure.indicator)
    decimals = about.decimals if about else 1
    language = current_language()
    areas = {each.code: said(each, "name", language) for each in catalogue.areas()}
    lists = catalogue.codes([name.lower() for name in names])
    found = []
    for row in range(min(len(table), MOST_PROPOSED)):
        codes = table.codes_at(row)
        try:
            place = place_of(names, codes, table.coordinates)
        except Refused:
            return []
        cell = table.cell_at(row)
        hidden = withheld.get(codes, "")
        low, high = (None, None) if hidden else ends.get(codes, (None, None))
        parts = [
            said(lists[name][code], "name", language) if code in lists.get(name, {}) else code
            for name, code in place.breakdown.items()
        ]
        state = "withheld" if hidden else cell.state.value
        value = None if hidden or not cell.is_value else cell.number
        found.append(
            Proposed(
                areas.get(place.area, place.area),
                place.period,
                " · ".join(parts),
                state,
                hidden,
                value,
                low,
                high,
                decimals,
            )
        )
    return found


def revised(differences: Mapping[str, Any]) -> list[Revised]:
    """The revised values, the largest differences first, with the names of indicators and areas."""
    language = current_language()
    names = {each.code: said(each, "name", language) for each in catalogue.areas()}
    indicators = {each.code: said(each, "name", language) for each in catalogue.indicators()}
    found = [
        Revised(indicators.get(cell[0], cell[0]), names.get(cell[1], cell[1]), cell[2], cell[3], before, after)
        for cell, before, after in differences.get("revised", [])
    ]
    return sorted(found, key=lambda each: -abs(each.difference))
