"""Shares and means of a definition estimated from a survey, cell by cell, with errors that follow from its design."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from migstat.estimation.survey_design import SurveyDesign
from migstat.estimation.survey_mean import survey_mean
from migstat.estimation.survey_share import survey_share
from migstat.indicators import Evaluation, Indicator, reference_engine
from migstat.indicators.reference_engine import Placed
from migstat.indicators.vocabulary import PERIOD, Statistic
from migstat.model import Estimate, Refused
from migstat.model.tables import VALUE

Codes = tuple[str, ...]
LEAST_ANSWERS = 2


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


@dataclass(frozen=True)
class Domains:
    """The evaluation of a definition, and the estimate of each of its cells that enough people answered for."""

    evaluation: Evaluation
    estimates: Mapping[Codes, Estimate]
    rows: int
    left_out: int


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
    found = reference_engine.evaluation(indicator, {indicator.rows.dataflow: rows})
    drawn = drawn_sample(rows, indicator.rows.weight, design)
    placed = reference_engine.placed_rows(indicator, rows)
    estimates = {}
    for at in np.flatnonzero(found.table.states == VALUE).tolist():
        codes = found.table.codes_at(at)
        one = _estimate(indicator, codes, placed, drawn, design)
        if one is not None:
            estimates[codes] = one
    return Domains(found, estimates, len(rows), len(every) - len(rows))


def drawn_sample(rows: Sequence[Mapping[str, Any]], weight: str, design: Design) -> SurveyDesign:
    """The design of a sample from the columns that say how it was drawn."""
    units = None
    if design.units:
        units = ["|".join(str(row.get(name)) for name in design.units) for row in rows]
    strata = [str(row.get(design.strata)) for row in rows] if design.strata else None
    return SurveyDesign.of([row[weight] for row in rows], strata=strata, units=units, lonely_unit="adjust")


def _estimate(
    indicator: Indicator, codes: Codes, placed: Sequence[Placed], drawn: SurveyDesign, design: Design
) -> Estimate | None:
    """The estimate of one cell; None where fewer than two people answered, of which no error can be told."""
    inside = np.zeros(drawn.rows, dtype=np.bool_)
    values = np.zeros(drawn.rows, dtype=np.float64)
    is_share = indicator.statistic is Statistic.SHARE
    for row in placed:
        answered = row.inside is True and (not is_share or row.part is not None)
        if answered and _covers(indicator, codes, row):
            inside[row.number] = True
            values[row.number] = float(row.part is True) if is_share else row.value
    if inside.sum() < LEAST_ANSWERS:
        return None
    if not is_share:
        return survey_mean(drawn, values, domain=inside)
    return survey_share(drawn, values == 1, domain=inside, method=design.interval)  # type: ignore[arg-type]


def _covers(indicator: Indicator, codes: Codes, row: Placed) -> bool:
    return all(
        row.leaves[axis.id] in axis.tree.leaf_set(code)
        for axis, code in zip(indicator.axes, codes, strict=True)
        if axis.id in row.leaves
    ) and _same_period(indicator, row)


def _same_period(indicator: Indicator, row: Placed) -> bool:
    """A definition over one period has no axis of periods; its rows are of that period or were not placed."""
    return len(indicator.periods) > 1 or row.leaves.get(PERIOD) == indicator.periods[0].text
