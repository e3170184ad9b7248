"""Can what exists answer a question? The observations of a publication judged, and the sample that would answer instead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from marsad.catalogue import queries as catalogue
from marsad.dissemination import queries as dissemination
from marsad.dissemination.models import Publication
from marsad.dissemination.queries import Point
from marsad.observatory.city import city
from marsad.observatory.series import Break, crossing
from migstat.model import Origin
from migstat.model.refusals import Refused
from migstat.quality.fitness import (
    Design,
    Measured,
    SampleSize,
    Verdict,
    above,
    difference,
    differs,
    normal_quantile,
    precise_enough,
    simple_size_against_threshold,
    simple_size_for_difference,
    simple_size_for_proportion,
    sized,
)

CONFIDENCE, POWER = 0.95, 0.80
# Years after which evidence still answers, but about another time.
OLD_AFTER = 5


class Question(StrEnum):
    """What is asked: above a threshold, known closely enough, different between two places, changed between two periods."""

    THRESHOLD = "threshold"
    PRECISION = "precision"
    PLACES = "places"
    CHANGE = "change"


@dataclass(frozen=True)
class Asked:
    """A question with what it can bear. ``margin`` is a half-width, or the smallest difference that matters; it and
    ``threshold`` are in the unit of the indicator."""

    question: Question
    indicator: str
    area: str
    group: str = ""
    other: str = ""
    first: str = ""
    last: str = ""
    threshold: float | None = None
    margin: float | None = None
    design_effect: float = 1.0
    population: int | None = None
    response: float = 1.0


@dataclass(frozen=True)
class Sample:
    """The sample that would answer, for each group where two are compared; ``formula`` names how, ``share`` and ``against``
    are what it was worked out from."""

    formula: str
    share: float
    against: float | None
    size: SampleSize


@dataclass(frozen=True)
class Judgement:
    """``verdict`` is None where a rule forbids one: ``rule`` says which. ``refused_sample`` is the rule against a sample."""

    points: tuple[Point | None, ...]
    verdict: Verdict | None
    rule: str = ""
    gap: Measured | None = None
    counted_gap: float | None = None
    years: int | None = None
    crossed: Any = None
    sample: Sample | None = None
    refused_sample: str = ""

    @property
    def is_old(self) -> bool:
        return self.years is not None and self.years > OLD_AFTER


def judge(asked: Asked, publication: Publication, *, today: date) -> Judgement:
    """What the observations of a publication say to a question, and which sample would say more."""
    indicator = catalogue.indicator(asked.indicator)
    if indicator is None:
        raise Refused("fitness.indicator", found="an indicator that is not in the catalogue", remedy="choose one of it")
    points = _points(asked, publication)
    judged = _judged(asked, indicator, points, today=today)
    if indicator.unit_id != "percent":
        return judged
    try:
        return _with(judged, sample=_sample(asked, points))
    except Refused as refused:
        return _with(judged, refused_sample=refused.rule)


def _with(judged: Judgement, **changes: Any) -> Judgement:
    return Judgement(**(vars(judged) | changes))


def _points(asked: Asked, publication: Publication) -> tuple[Point | None, ...]:
    areas = [asked.area, asked.other] if asked.question is Question.PLACES else [asked.area]
    found = [
        one
        for one in dissemination.points(
            publication, indicators=[asked.indicator], areas=[one for one in areas if one], breakdown_key=asked.group
        )
        if one.origin == Origin.REAL.value
    ]
    if asked.question is Question.CHANGE:
        here = _by_period(found)
        return here.get(asked.first) or _ended(here, first=True), here.get(asked.last) or _ended(here, first=False)
    if asked.question is Question.PLACES:
        one, other = ([point for point in found if point.area == area] for area in areas)
        shared = sorted(
            _by_period(one).keys() & _by_period(other).keys(), key=lambda period: _by_period(one)[period].period_end
        )
        if not shared:
            return None, None
        return _by_period(one)[shared[-1]], _by_period(other)[shared[-1]]
    here = _by_period(found)
    return (here.get(asked.last) or _ended(here, first=False),)


def _by_period(points: list[Point]) -> dict[str, Point]:
    """The value of each period, the latest vintage where there are several."""
    valued = [point for point in points if point.value is not None]
    return {point.period: point for point in sorted(valued, key=lambda point: point.vintage)}


def _ended(points: Mapping[str, Point], *, first: bool) -> Point | None:
    ordered = sorted(points.values(), key=lambda point: point.period_end)
    return (ordered[0] if first else ordered[-1]) if ordered else None


def _measured(point: Point, indicator: Any) -> Measured:
    """A point with the design behind it; percentages as shares."""
    scale = 100 if indicator.unit_id == "percent" else 1
    sampled = city().get("sampled") or {}
    of_sample = indicator.code in sampled.get("indicators", ()) and point.dataflow in sampled.get("dataflows", ())
    if point.low is not None or of_sample:
        design = Design.PROBABILITY_SAMPLE
    else:
        design = Design.MODEL if point.status in {"E", "U"} else Design.FULL_COUNT
    low, high = (None if end is None else end / scale for end in (point.low, point.high))
    return Measured((point.value or 0.0) / scale, low, high, design)


def _judged(asked: Asked, indicator: Any, points: tuple[Point | None, ...], *, today: date) -> Judgement:
    known = [point for point in points if point is not None]
    if len(known) < len(points):
        return Judgement(points, None, "fitness.nothing")
    years = today.year - max(point.period_end for point in known).year
    crossed = None
    if asked.question is Question.CHANGE:
        breaks: list[Break] = list(catalogue.breaks(asked.indicator, asked.area))
        crossed = crossing(known[0], known[1], breaks)
        if known[0].period == known[1].period:
            return Judgement(points, None, "fitness.one_period", years=years)
    if crossed is not None:
        return Judgement(points, None, "fitness.break", years=years, crossed=crossed)
    if len({point.base for point in known}) > 1:
        return Judgement(points, None, "fitness.bases", years=years)
    measured = [_measured(point, indicator) for point in known]
    counted = measured[1].value - measured[0].value if len(measured) == 2 else None
    try:
        gap = difference(*measured) if len(measured) == 2 else None
        return Judgement(points, _verdict(asked, indicator, measured), gap=gap, counted_gap=counted, years=years)
    except Refused as refused:
        return Judgement(points, None, refused.rule, counted_gap=counted, years=years)


def _scaled(value: float, indicator: Any) -> float:
    return value / 100 if indicator.unit_id == "percent" else value


def _verdict(asked: Asked, indicator: Any, measured: list[Measured]) -> Verdict:
    if asked.question is Question.THRESHOLD:
        return above(measured[0], _scaled(_wanted(asked.threshold), indicator))
    if asked.question is Question.PRECISION:
        return precise_enough(measured[0], _scaled(_wanted(asked.margin), indicator))
    return differs(measured[0], measured[1], at_least=_scaled(asked.margin or 0.0, indicator))


def _wanted(value: float | None) -> float:
    if value is None:
        raise Refused("fitness.limit", found="a question without its threshold or error", remedy="give it")
    return value


def _sample(asked: Asked, points: tuple[Point | None, ...]) -> Sample:
    """The sample for a share: what is known stands for the truth, one half where nothing is."""
    values = [point.value / 100 for point in points if point is not None and point.value is not None]
    share = values[0] if values else 0.5
    against: float | None = None
    if asked.question is Question.THRESHOLD:
        against = _wanted(asked.threshold) / 100
        formula, simple = "threshold", simple_size_against_threshold(share, against, confidence=CONFIDENCE, power=POWER)
    elif asked.question is Question.PRECISION:
        half = _wanted(asked.margin) / 100
        formula, simple = "precision", simple_size_for_proportion(share, half, z=normal_quantile(CONFIDENCE))
    else:
        against = share + asked.margin / 100 if asked.margin else values[-1] if len(values) > 1 else share
        against = against if against < 1 else 2 * share - against
        formula = "difference"
        simple = simple_size_for_difference(share, against, confidence=CONFIDENCE, power=POWER)
    size = sized(simple, population=asked.population, design_effect=asked.design_effect, response=asked.response)
    return Sample(formula, share, against, size)
