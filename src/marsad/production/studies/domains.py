"""Shares and means of a definition estimated from a survey, cell by cell, with errors that follow from its design."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from migstat.estimation.survey_design import SurveyDesign
from migstat.estimation.survey_mean import survey_mean
from migstat.estimation.survey_share import survey_share
from migstat.indicators import Evaluation, Indicator, reference_engine
from migstat.indicators.reference_engine import Placed
from migstat.indicators.vocabulary import Statistic
from migstat.model import Estimate, Refused
from migstat.model.tables import VALUE

Codes = tuple[str, ...]
LEAST_ANSWERS = 2
LEAST_UNITS = 2


@dataclass(frozen=True)
class Design:
    """Which columns say how the sample was drawn. No column for units: every row was drawn by itself."""

    strata: str = ""
    units: tuple[str, ...] = ()
    interval: str = "logit"

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Design:
        return cls(settings.get("strata", ""), tuple(settings.get("units", ())), settings.get("interval") or "logit")

    def columns(self) -> tuple[str, ...]:
        return tuple(name for name in (self.strata, *self.units) if name)


@dataclass(frozen=True, slots=True)
class Support:
    """What stands behind a cell: answers, as many as they are worth after unequal weights (Kish), degrees of freedom."""

    answers: int
    size: float
    freedom: int


@dataclass(frozen=True)
class Domains:
    """The evaluation of a definition, and the estimate of each of its cells that enough people answered for."""

    evaluation: Evaluation
    estimates: Mapping[Codes, Estimate]
    answers: Sequence[Mapping[str, Any]] = field(repr=False)
    cells: Mapping[Codes, Sequence[Placed]] = field(repr=False)
    drawn: SurveyDesign = field(repr=False)
    left_out: int

    @property
    def rows(self) -> int:
        return len(self.answers)

    def support(self, indicator: Indicator, codes: Codes) -> Support:
        """How much stands behind one cell."""
        answered = answers_of(indicator, self.cells.get(codes, ()))
        weights = np.array([row.weight for row in answered], dtype=np.float64)
        inside = np.zeros(self.drawn.rows, dtype=np.bool_)
        inside[[row.number for row in answered]] = True
        units = np.unique(self.drawn.unit_of_row[inside])
        size = float(weights.sum() ** 2 / (weights @ weights)) if answered else 0.0
        return Support(len(answered), size, self.drawn.freedom_in(inside) if units.size >= LEAST_UNITS else 0)

    def otherwise(self, indicator: Indicator, codes: Codes, design: Design) -> Estimate | None:
        """The estimate of one cell as if the sample had been drawn in another way."""
        drawn = drawn_sample(self.answers, indicator.rows.weight, design)
        return _estimate(indicator, self.cells[codes], drawn, design)


def domains(indicator: Indicator, table: Any, design: Design) -> Domains:
    """Estimates of every cell of a share or a mean from the rows of its survey (a ``pyarrow.Table``).

    Rows without a weight are left out and counted. Raises Refused ``production.statistic`` for anything but a share or a
    mean, ``production.weight`` for a definition without weights, and as the estimators do.
    """
    if indicator.statistic not in (Statistic.SHARE, Statistic.MEAN) or indicator.denominator is not None:
        raise Refused("production.statistic", found=indicator.statistic.value, remedy="choose a share or a mean")
    if not indicator.rows.weight:
        raise Refused("production.weight", found="a definition without weights", remedy="choose one of a survey")
    every = table.to_pylist()
    rows = [row for row in every if row.get(indicator.rows.weight) is not None]
    if not rows:
        raise Refused("production.no_estimate", found="no row with a weight", remedy="choose a sample with weights")
    found = reference_engine.evaluation(indicator, {indicator.rows.dataflow: rows})
    drawn = drawn_sample(rows, indicator.rows.weight, design)
    cells = reference_engine.by_cell(indicator, reference_engine.placed_rows(indicator, rows))
    estimates = {}
    for at in np.flatnonzero(found.table.states == VALUE).tolist():
        codes = found.table.codes_at(at)
        one = _estimate(indicator, cells.get(codes, ()), drawn, design)
        if one is not None:
            estimates[codes] = one
    return Domains(found, estimates, rows, cells, drawn, len(every) - len(rows))


def drawn_sample(rows: Sequence[Mapping[str, Any]], weight: str, design: Design) -> SurveyDesign:
    """The design of a sample from the columns that say how it was drawn."""
    units = None
    if design.units:
        units = ["|".join(str(row.get(name)) for name in design.units) for row in rows]
    strata = [str(row.get(design.strata)) for row in rows] if design.strata else None
    return SurveyDesign.of([row[weight] for row in rows], strata=strata, units=units, lonely_unit="adjust")


def answers_of(indicator: Indicator, inside: Sequence[Placed]) -> list[Placed]:
    """The rows of a cell of which it is known that they belong to it, and what they answered."""
    is_share = indicator.statistic is Statistic.SHARE
    return [row for row in inside if row.inside is True and (not is_share or row.part is not None)]


def _estimate(indicator: Indicator, inside: Sequence[Placed], drawn: SurveyDesign, design: Design) -> Estimate | None:
    """The estimate of one cell; None where fewer than two people answered, or all of one primary sampling unit, of
    which no error can be told: within one unit the linearised variance is 0 whatever they answered."""
    is_share = indicator.statistic is Statistic.SHARE
    answered = answers_of(indicator, inside)
    numbers = [row.number for row in answered]
    if len(answered) < LEAST_ANSWERS or np.unique(drawn.unit_of_row[numbers]).size < LEAST_UNITS:
        return None
    mask = np.zeros(drawn.rows, dtype=np.bool_)
    values = np.zeros(drawn.rows, dtype=np.float64)
    mask[numbers] = True
    values[numbers] = [float(row.part is True) if is_share else row.value for row in answered]
    if not is_share:
        # answers that are all the same give no width to an interval, and no ground to say there is no doubt
        return survey_mean(drawn, values, domain=mask) if np.ptp(values[numbers]) > 0 else None
    return survey_share(drawn, values == 1, domain=mask, method=design.interval)  # type: ignore[arg-type]
