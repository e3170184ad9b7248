"""Reading editions and observations for the open door: by date, by dimension, in order of series, page by page, revision by
revision. Nothing here holds a whole edition in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from itertools import groupby
from operator import and_, or_
from typing import Final

from django.db.models import Max, Min, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform

from marsad.catalogue.models import Indicator
from marsad.dissemination.models import Dataflow, Edition, Observation
from marsad.dissemination.queries import Point, streamed
from marsad.dissemination.rules import parse_breakdown

TOTAL: Final = "_T"
_CELL: Final = ("indicator_id", "area_id", "breakdown_key", "base", "period_start", "period_end", "id")

# Codes asked for, by column (indicator, area, base) or by code list of the breakdown, where ``_T`` is the total.
Codes = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class TimeTest:
    """A condition on periods: they begin or end on a side of a day, or are, or are not, the period between two days."""

    operator: str
    start: date
    end: date


@dataclass(frozen=True, slots=True)
class Revision:
    """What happened to one cell from one edition to another: added, removed or revised."""

    kind: str
    old: Point | None
    new: Point | None

    @property
    def point(self) -> Point:
        point = self.new or self.old
        assert point is not None
        return point


def dataflow(code: str) -> Dataflow | None:
    return Dataflow.objects.select_related("source", "source__publisher").filter(code=code).first()


def editions_of(dataflow: str) -> list[Edition]:
    """The editions of a dataflow that stand, earliest first: by date, then in the order in which they were published.

    A withdrawn edition is none of them: no date, no history and no comparison leads to its numbers.
    """
    return list(_standing().filter(dataflow=dataflow))


def _standing() -> QuerySet[Edition]:
    found = Edition.objects.filter(tombstone__isnull=True)
    found = found.select_related("dataflow", "dataflow__source", "dataflow__source__publisher", "provenance")
    return found.order_by("published_on", "pk")


def standing(dataflow: str, number: str) -> Edition | None:
    """An edition that was not withdrawn."""
    return _standing().filter(dataflow=dataflow, number=number).first()


def method_of(edition: Edition, language: str) -> str:
    """What a released edition says of its method; nothing for one of the city pack, whose indicators' pages say it."""
    provenance = getattr(edition, "provenance", None)
    return str(getattr(provenance, f"method_{language}", ""))


def latest_of(editions: Sequence[Edition], on: date | None = None) -> Edition | None:
    """The edition in force on a day (the latest where none is named); None before the first."""
    in_force = [edition for edition in editions if on is None or edition.published_on <= on]
    return in_force[-1] if in_force else None


def withdrawn_since(dataflow: str, since: datetime) -> Edition | None:
    """The edition that was in force at a moment and was withdrawn after it, if there is one: who read then, read it."""
    found = Edition.objects.filter(dataflow=dataflow, published_on__lte=since.date(), tombstone__withdrawn_at__gt=since)
    return found.order_by("published_on", "pk").last()


def every_standing() -> QuerySet[Edition]:
    """Every edition that was not withdrawn, earliest first."""
    return _standing()


def editions_with_theme(theme: str) -> QuerySet[Observation]:
    """Keys of the editions that hold an indicator of a theme: for a condition on editions."""
    return Observation.objects.filter(indicator__theme=theme).order_by().values("edition_id").distinct()  # type: ignore[return-value]


def indicators_of(edition: Edition) -> list[str]:
    """Codes of the indicators that an edition holds, in their order; one query."""
    found = Indicator.objects.filter(pk__in=Observation.objects.filter(edition=edition).values("indicator_id"))
    return list(found.values_list("code", flat=True))


# What was found, by edition and checksum: a few names each, of some thousand editions after years.
_LISTS: dict[tuple[int, str], frozenset[str]] = {}
_MOST_LISTS, _AT_ONCE = 2**15, 500


def breakdown_lists_of(editions: Iterable[Edition]) -> dict[int, frozenset[str]]:
    """By edition, the code lists by which it breaks its indicators down; remembered, since an edition never changes.

    One query for some hundred editions that were not asked for before.
    """
    every = {(edition.pk, edition.checksum) for edition in editions}
    found = {key: held for key in every if (held := _LISTS.get(key)) is not None}
    missing = sorted(every - found.keys())
    for start in range(0, len(missing), _AT_ONCE):
        part = missing[start : start + _AT_ONCE]
        cells = Observation.objects.filter(edition__in=[number for number, _ in part]).order_by()
        names: dict[int, set[str]] = {number: set() for number, _ in part}
        for number, key in cells.values_list("edition_id", "breakdown_key").distinct():
            names[number].update(parse_breakdown(key))
        found |= {key: frozenset(names[key[0]]) for key in part}
    if len(_LISTS) > _MOST_LISTS:
        _LISTS.clear()
    _LISTS.update(found)
    return {number: lists for (number, _), lists in found.items()}


def selected(
    edition: Edition, boxes: Sequence[Codes] = ({},), times: Sequence[Sequence[Sequence[TimeTest]]] = ()
) -> QuerySet[Observation]:
    """The observations of an edition that lie in one of the boxes, and agree with every condition on time: with all tests of
    one of its alternatives."""
    wanted = Q()
    if all(boxes):
        for box in boxes:
            wanted |= _inside(box)
    for alternatives in times:
        wanted &= reduce(or_, (reduce(and_, map(_when, tests)) for tests in alternatives))
    return Observation.objects.filter(wanted, edition=edition)


def _inside(box: Codes) -> Q:
    inside = Q(pk__isnull=False)
    for name, codes in box.items():
        if name in {"indicator", "area", "base"}:
            inside &= Q(**{f"{name}__in": sorted(codes)})
        else:
            inside &= _broken_down(name, codes)
    return inside


def _broken_down(name: str, codes: frozenset[str]) -> Q:
    chosen = Q(**{f"breakdown__{name}__in": sorted(codes)}) if codes else Q(pk__isnull=True)
    return chosen | ~Q(breakdown__has_key=name) if TOTAL in codes else chosen


def _when(test: TimeTest) -> Q:
    same = Q(period_start=test.start, period_end=test.end)
    return {
        "ge": Q(period_start__gte=test.start),
        "gt": Q(period_start__gt=test.end),
        "le": Q(period_end__lte=test.end),
        "lt": Q(period_end__lt=test.start),
        "eq": same,
        "ne": ~same,
    }[test.operator]


def in_series(observations: QuerySet[Observation], *, last: str = "") -> Iterator[Point]:
    """Points ordered by series and, in a series, by time; or with another dimension varying fastest (its code list)."""
    column = {"indicator": "indicator_id", "area": "area_id", "base": "base"}.get(last)
    if column:
        order: list[object] = [name for name in _CELL if name not in {column, "id"}]
        return streamed(observations.order_by(*order, column, "id"))  # type: ignore[arg-type]
    if last:
        keys = _other_lists(observations, last)
        order = [
            "indicator_id",
            "area_id",
            *(KeyTextTransform(key, "breakdown").asc(nulls_first=True) for key in keys),
            "base",
            "period_start",
            "period_end",
            KeyTextTransform(last, "breakdown").asc(nulls_first=True),
            "id",
        ]
        return streamed(observations.order_by(*order))  # type: ignore[arg-type]
    return streamed(observations.order_by(*_CELL))


def _other_lists(observations: QuerySet[Observation], last: str) -> list[str]:
    keys = observations.order_by().values_list("breakdown_key", flat=True).distinct()
    return sorted({name for key in keys for name in parse_breakdown(key)} - {last})


def series_keys(observations: QuerySet[Observation]) -> list[tuple[str, str, str, str]]:
    """Indicator, area, breakdown and base of every series: one query."""
    found = observations.order_by().values_list("indicator_id", "area_id", "breakdown_key", "base").distinct()
    return list(found)


def extent(observations: QuerySet[Observation]) -> tuple[int, date | None, date | None]:
    """How many observations there are, and the first and last day they speak of."""
    found = observations.aggregate(first=Min("period_start"), last=Max("period_end"))
    return observations.count(), found["first"], found["last"]


def in_force(on: date | None = None, *, up_to: int | None = None) -> dict[str, Edition]:
    """The edition in force of every dataflow on a day (today's where none is named), as it was before any edition whose key
    is greater than ``up_to``; one query."""
    found = _standing() if on is None else _standing().filter(published_on__lte=on)
    if up_to is not None:
        found = found.filter(pk__lte=up_to)
    return {edition.dataflow_id: edition for edition in found}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a page of observations is asked for; what is None is not asked. ``breakdown_key`` empty is the total."""

    indicator: str | None = None
    area: str | None = None
    start: date | None = None
    end: date | None = None
    breakdown_key: str | None = None
    state: str | None = None


def of_editions(editions: Iterable[Edition], wanted: Wanted) -> QuerySet[Observation]:
    """The observations of several editions that agree with what is wanted."""
    asked = {
        "indicator": wanted.indicator,
        "area": wanted.area,
        "period_start__gte": wanted.start,
        "period_end__lte": wanted.end,
        "breakdown_key": wanted.breakdown_key,
        "state": wanted.state,
    }
    conditions = {name: value for name, value in asked.items() if value is not None}
    return Observation.objects.filter(edition__in=list(editions), **conditions)


def after(observations: QuerySet[Observation], key: int, *, limit: int) -> tuple[list[Point], int]:
    """A page of observations in order of storage, after the key of the page before; with the key of its last row, or 0."""
    keys = list(observations.filter(pk__gt=key).order_by("pk").values_list("pk", flat=True)[: limit + 1])
    page = keys[:limit]
    points = list(streamed(observations.filter(pk__in=page).order_by("pk"))) if page else []
    return points, page[-1] if len(keys) > limit else 0


def revisions(before: Edition, now: Edition) -> Iterator[Revision]:
    """The cells that differ between two editions of a dataflow; three queries, one indicator in memory at a time."""
    ranks = {code: rank for rank, code in enumerate(Indicator.objects.order_by("code").values_list("code", flat=True))}
    olds, news = _by_indicator(before), _by_indicator(now)
    old, new = next(olds, None), next(news, None)
    while old or new:
        code = min((pair[0] for pair in (old, new) if pair), key=ranks.__getitem__)
        was = _cells(old[1]) if old and old[0] == code else {}
        is_now = _cells(new[1]) if new and new[0] == code else {}
        yield from _differences(was, is_now)
        old = next(olds, None) if old and old[0] == code else old
        new = next(news, None) if new and new[0] == code else new


def _by_indicator(edition: Edition) -> Iterator[tuple[str, Iterator[Point]]]:
    rows = Observation.objects.filter(edition=edition).order_by(*_CELL)
    return groupby(streamed(rows), key=lambda point: point.indicator)


def _cells(points: Iterable[Point]) -> dict[tuple[str, ...], Point]:
    return {(point.area, point.breakdown_key, point.base, point.period): point for point in points}


def _differences(old: Mapping[tuple[str, ...], Point], new: Mapping[tuple[str, ...], Point]) -> Iterator[Revision]:
    for place, point in new.items():
        if place not in old:
            yield Revision("added", None, point)
        elif _worth(old[place]) != _worth(point):
            yield Revision("revised", old[place], point)
    for place, point in old.items():
        if place not in new:
            yield Revision("removed", point, None)


def _worth(point: Point) -> tuple[object, ...]:
    """What a reader would call a revision: the cell, its interval, its status. Not its edition, vintage or words."""
    return point.state, point.value, point.withheld_for, point.low, point.high, point.status
