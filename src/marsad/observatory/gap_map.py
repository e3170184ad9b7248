"""The gap map: how good the evidence is for each indicator, group, place and year, worked out from what is published."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from marsad.catalogue import queries as catalogue
from marsad.coordination.flows.queries import agreed
from marsad.coordination.needs.rules import RequestKind
from marsad.dissemination.models import Observation, Publication
from marsad.observatory.city import city
from marsad.observatory.flow_book import chains
from migstat.model import Origin, Period
from migstat.quality.evidence import (
    Evidence,
    Strength,
    access_part,
    age_part,
    comparability_part,
    coverage_part,
    precision_part,
)

WEAK = frozenset({Strength.EMPTY, Strength.WEAK, Strength.WITHHELD})


class Seen(NamedTuple):
    """What the map reads of an observation."""

    indicator: str
    area: str
    period: str
    end: date
    key: str
    state: str
    value: float | None
    low: float | None
    high: float | None
    status: str
    dataflow: str


@dataclass(frozen=True)
class GapCell:
    """One place of the map. ``period`` is the newest that speaks of the year; ``shown``, ``withheld`` and ``missing``
    count its cells, ``expected`` those of the fullest period and place known."""

    indicator: str
    group: str
    area: str
    year: int
    evidence: Evidence
    period: str = ""
    shown: int = 0
    withheld: int = 0
    missing: int = 0
    expected: int = 0

    @property
    def strength(self) -> Strength:
        return self.evidence.strength

    @property
    def score(self) -> int | None:
        return self.evidence.score

    @property
    def request_kind(self) -> str:
        """What a request about it asks for: access where something is withheld, detail in a group, else new data."""
        if self.strength is Strength.WITHHELD:
            return RequestKind.ACCESS.value
        return RequestKind.DETAIL.value if self.group else RequestKind.NEW_DATA.value

    @property
    def is_gap(self) -> bool:
        """Empty, withheld or weak: what a request may ask for."""
        return self.strength in WEAK


@dataclass(frozen=True)
class GapRow:
    """One indicator and group, with its places in the order of the map."""

    indicator: Any
    group: str
    places: tuple[Any, ...]
    cells: tuple[GapCell, ...]

    @property
    def pairs(self) -> list[tuple[Any, GapCell]]:
        """Each place with its cell."""
        return list(zip(self.places, self.cells, strict=True))


def group_of(key: str) -> str:
    """The dimensions of a breakdown, in order: what ``citizenship=SEN;sex=F`` is a cell of.

    >>> group_of("sex=F;citizenship=SEN"), group_of("")
    ('citizenship;sex', '')
    """
    return ";".join(sorted(part.partition("=")[0] for part in key.split(";") if part))


def map_areas(areas: Mapping[str, Any]) -> list[Any]:
    """The places of the map: the country, the region and prefecture above the city, the city, its parts."""
    home, above = city()["home_area"], []
    one = areas.get(home)
    while one is not None:
        above.append(one)
        one = areas.get(one.parent_id or "")
    inside = [areas[code] for code in city()["map_areas"] if code in areas and code != home]
    return [*reversed(above), *inside]


def read(publication: Publication, areas: Sequence[str], indicators: Sequence[str] | None = None) -> list[Seen]:
    """The real observations of some places and indicators; one query. Synthetic ones are evidence of nothing."""
    found = Observation.objects.filter(
        edition__publications=publication, edition__tombstone=None, area__in=areas, edition__origin=Origin.REAL.value
    ).order_by()
    if indicators is not None:
        found = found.filter(indicator__in=indicators)
    columns = ("indicator_id", "area_id", "period", "period_end", "breakdown_key", "state", "value", "low", "high")
    return [Seen(*row) for row in found.values_list(*columns, "status", "edition__dataflow_id")]


@dataclass(frozen=True)
class GapMap:
    """Everything the map is made of, read once: its cells are worked out when they are asked for."""

    indicators: Mapping[str, Any]
    areas: Mapping[str, Any]
    seen: Sequence[Seen]
    breaks: Sequence[Any]
    under_agreement: frozenset[str]
    sampled: tuple[frozenset[str], frozenset[str]]

    @cached_property
    def _by_place(self) -> dict[tuple[str, str, str], list[Seen]]:
        found: dict[tuple[str, str, str], list[Seen]] = defaultdict(list)
        for one in self.seen:
            found[one.indicator, group_of(one.key), one.area].append(one)
        return found

    @cached_property
    def _expected(self) -> dict[tuple[str, str], int]:
        """For each indicator and group, how many cells the fullest of its places and periods has."""
        keys: dict[tuple[str, str, str, str], set[str]] = defaultdict(set)
        for one in self.seen:
            if one.state != "not_applicable":
                keys[one.indicator, group_of(one.key), one.area, one.period].add(one.key)
        most: dict[tuple[str, str], int] = {}
        for (indicator, group, _area, _period), found in keys.items():
            most[indicator, group] = max(most.get((indicator, group), 0), len(found))
        return most

    @cached_property
    def _groups_seen(self) -> dict[str, set[str]]:
        """The groups that observations speak of, by indicator."""
        found: dict[str, set[str]] = defaultdict(set)
        for indicator, group in self._expected:
            found[indicator].add(group)
        return found

    @property
    def years(self) -> list[int]:
        """The years that observations speak of, the latest first."""
        return sorted({one.end.year for one in self.seen}, reverse=True)

    def groups(self, indicator: str) -> list[str]:
        """The total, each dimension that the catalogue wants, and what is published besides."""
        wanted = {"", *self.indicators[indicator].breakdowns}
        return sorted(wanted | self._groups_seen.get(indicator, set()), key=lambda group: (group.count(";"), group))

    def cell(self, indicator: str, group: str, area: str, year: int) -> GapCell:
        """The evidence for a year: what the newest period that ends in it or before says."""
        here = [one for one in self._by_place.get((indicator, group, area), ()) if one.end.year <= year]
        measured = [one for one in here if one.state in {"value", "withheld"}]
        expected = self._expected.get((indicator, group), 0)
        if not measured:
            nothing = Evidence(0.0, None, None, None, 0.0)
            missing = len({one.key for one in here if one.state == "missing"})
            return GapCell(indicator, group, area, year, nothing, missing=missing, expected=expected)
        newest = max(measured, key=lambda one: (one.end, one.period))
        of_period = [one for one in here if one.period == newest.period]
        shown = {one.key for one in of_period if one.state == "value"}
        withheld = {one.key for one in of_period if one.state == "withheld"} - shown
        unmeasured = {one.key for one in of_period if one.state == "missing"} - shown - withheld
        evidence = Evidence(
            coverage_part(len(shown | withheld), max(expected, len(shown | withheld))),
            self._precision(indicator, of_period),
            age_part(year - newest.end.year) if shown else None,
            self._comparability(indicator, area, measured, newest) if shown else None,
            access_part(len(shown), len(withheld), agreed=indicator in self.under_agreement),
        )
        return GapCell(
            indicator, group, area, year, evidence, newest.period, len(shown), len(withheld), len(unmeasured), expected
        )

    def _precision(self, indicator: str, seen: Iterable[Seen]) -> float | None:
        """The mean over the values whose error is known; None where none is."""
        in_points = self.indicators[indicator].unit_id == "percent"
        sampled_indicators, sampled_dataflows = self.sampled
        parts = []
        for one in seen:
            if one.value is None:
                continue
            asked_of_sample = indicator in sampled_indicators and one.dataflow in sampled_dataflows
            counted = one.status not in {"E", "U"} and not asked_of_sample
            parts.append(precision_part(one.value, one.low, one.high, in_points=in_points, counted=counted))
        known = [part for part in parts if part is not None]
        return sum(known) / len(known) if known else None

    def _comparability(self, indicator: str, area: str, measured: Sequence[Seen], newest: Seen) -> float | None:
        before = [one for one in measured if one.end < newest.end and one.state == "value"]
        if not before:
            return None
        last = max(Period.parse(one.period).start for one in before)
        until = Period.parse(newest.period).start
        broken = any(
            one.indicator_id == indicator
            and one.area_id in {None, area}
            and last < Period.parse(one.period).start <= until
            for one in self.breaks
        )
        return comparability_part(earlier=True, broken=broken)

    def row(self, indicator: str, group: str, places: Sequence[Any], year: int) -> GapRow:
        """One indicator and group, a cell for each place."""
        cells = (self.cell(indicator, group, place.code, year) for place in places)
        return GapRow(self.indicators[indicator], group, tuple(places), tuple(cells))


def gap_map(publication: Publication, *, theme: str = "") -> GapMap:
    """Read the map of a theme, or of all; a bounded number of queries whatever is in it."""
    indicators = {one.code: one for one in catalogue.indicators(theme or None)}
    areas = {one.code: one for one in catalogue.areas()}
    places = [one.code for one in map_areas(areas)]
    sampled = city().get("sampled") or {}
    return GapMap(
        indicators,
        areas,
        read(publication, places, list(indicators) if theme else None),
        list(catalogue.breaks_of(list(indicators))),
        _under_agreement(publication),
        (frozenset(sampled.get("indicators", ())), frozenset(sampled.get("dataflows", ()))),
    )


def _under_agreement(publication: Publication) -> frozenset[str]:
    """The indicators made from data that an agreement in force brings."""
    standing = {
        one.dataflow
        for one in agreed(synthetic=False)
        if any(version.state == "in_force" for version in one.versions.all())
    }
    made = {one.made for one in chains(publication) if not one.is_synthetic and one.collected in standing}
    if not made:
        return frozenset()
    found = Observation.objects.filter(edition__publications=publication, edition__dataflow__in=made).order_by()
    return frozenset(found.values_list("indicator_id", flat=True).distinct())
