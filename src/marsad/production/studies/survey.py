"""Study of a survey: a definition's shares or means with intervals that follow from how the sample was drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from marsad.production.evaluating import definition_of
from marsad.production.results import ESTIMATED, Result, placed
from marsad.production.stored_tables import Json
from marsad.production.studies.domains import Codes, Design, Domains, domains
from marsad.production.studies.report import chosen, demand_confirmed, in_scale, method_words, report_of, span
from migstat.indicators import Indicator
from migstat.indicators.vocabulary import Statistic
from migstat.model import Estimate, Refused
from migstat.model.tables import MISSING, VALUE, Table


def compute(settings: Mapping[str, Any], rows: Mapping[str, Any], rng: np.random.Generator) -> Result:
    """Every cell of the definition as an estimate. Raises Refused as ``domains`` does, and ``production.assumptions``."""
    indicator, said = definition_of(settings)
    method = method_of(indicator)
    demand_confirmed(method, settings.get("confirmed", ()))
    design = Design.from_settings(settings)
    found = domains(indicator, rows[chosen(settings, "sample")], design)
    if not found.estimates:
        raise Refused("production.no_estimate", found="no cell with two answers", remedy="choose a larger sample")
    first = next(iter(found.estimates.values()))
    return Result(
        table=placed(estimated_table(indicator, found), settings["home"]),
        base=indicator.base.value,
        definition={**said, "estimator": method},
        status=ESTIMATED,
        method=method_words(method, first),
        intervals=intervals_of(indicator, found.estimates),
        parts=tuple(placed(part, settings["home"]) for part in found.evaluation.parts),
        unknown=found.evaluation.unknown.tolist(),
        undated=found.evaluation.undated,
        report=report_of(
            method, first,
            facts={"rows": found.rows, "left_out": found.left_out, "unknown": int(found.evaluation.unknown.max(initial=0))},
            pictures=[{"kind": "intervals", "rows": picture(indicator, found.estimates)}],
            sensitivity=_sensitivity(indicator, design, found),
        ),
    )  # fmt: skip


def method_of(indicator: Indicator) -> str:
    return "survey_share" if indicator.statistic is Statistic.SHARE else "survey_mean"


def estimated_table(indicator: Indicator, found: Domains) -> Table:
    """The table of the definition with its cells as estimated; a cell without an estimate has no value."""
    table = found.evaluation.table
    values, states = table.values.copy(), table.states.copy()
    for row in np.flatnonzero(states == VALUE).tolist():
        estimate = found.estimates.get(table.codes_at(row))
        values[row] = np.nan if estimate is None else estimate.value * indicator.per
        states[row] = MISSING if estimate is None else VALUE
    return replace(table, values=values, states=states, contributions=None, weights=None)


def intervals_of(indicator: Indicator, estimates: Mapping[Codes, Estimate]) -> dict[Codes, tuple[float, float]]:
    """The interval of each cell in the unit of the table; a share stays between nothing and the whole."""
    most = float(indicator.per) if indicator.statistic is Statistic.SHARE else float("inf")
    return {
        codes: in_scale(one.interval, indicator.per, (0.0, most)) for codes, one in estimates.items() if one.interval
    }


def picture(indicator: Indicator, estimates: Mapping[Codes, Estimate]) -> list[Json]:
    ends = intervals_of(indicator, estimates)
    return [span("/".join(codes), one.value * indicator.per, ends.get(codes)) for codes, one in estimates.items()]


def _sensitivity(indicator: Indicator, design: Design, found: Domains) -> list[Json]:
    """The first cell under other choices: as if every row had been drawn by itself, and with the other intervals."""
    codes = next(iter(found.estimates))
    tried = {"design.as_chosen": design, "design.simple": Design(interval=design.interval)}
    if indicator.statistic is Statistic.SHARE:
        others = [name for name in ("logit", "beta") if name != design.interval]
        tried |= {f"interval.{name}": replace(design, interval=name) for name in others}
    lines = []
    for label, one in tried.items():
        estimate = found.estimates[codes] if one is design else found.otherwise(indicator, codes, one)
        if estimate is None:
            continue
        lines.append(span(label, estimate.value * indicator.per, intervals_of(indicator, {codes: estimate}).get(codes)))
    return lines
