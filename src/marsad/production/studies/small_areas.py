"""Study of small areas: a survey's shares by area, steadied by what the census says of every area."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from marsad.production.evaluating import definition_of
from marsad.production.results import AREA, ESTIMATED, Result, placed
from marsad.production.stored_tables import Json
from marsad.production.studies.domains import LEAST_ANSWERS, Design, Domains, domains
from marsad.production.studies.report import chosen, demand_confirmed, method_words, report_of, span
from marsad.production.studies.survey import intervals_of
from migstat.estimation.arrays import EstimateArray, Floats
from migstat.estimation.sae_fay_herriot import fay_herriot, fay_herriot_unsampled
from migstat.estimation.sae_sampling_variance import smoothed_mean_variance, smoothed_share_variance
from migstat.indicators import Indicator
from migstat.indicators.vocabulary import Statistic
from migstat.model import Refused
from migstat.model.tables import MISSING, VALUE, Dimension, Table

METHOD = "fay_herriot"


def compute(settings: Mapping[str, Any], rows: Mapping[str, Any], rng: np.random.Generator) -> Result:
    """The value of every area by the Fay-Herriot model. ``settings["covariates"]`` gives each area's known values by name.

    Raises Refused ``sae.*``, ``production.areas`` for a definition that is not by area alone, ``production.covariate``.
    """
    demand_confirmed(METHOD, settings.get("confirmed", ()))
    indicator, said = definition_of(settings)
    if [axis.id for axis in indicator.axes] != ["area"]:
        raise Refused("production.areas", found="a definition that is not by area", remedy="choose one by area alone")
    found = domains(indicator, rows[chosen(settings, "sample")], Design.from_settings(settings))
    names = [code for code in indicator.axes[0].tree.leaves if code != "_U"]
    covariates = _covariates(settings.get("covariates", {}), names)
    direct = _direct(indicator, found, names, covariates)
    sampled = list(direct.areas)
    model = _model(direct, names, covariates)
    whole, rest = model[0], [code for code in names if code not in sampled]
    values, intervals = _cells(model, direct.most)
    table = placed(found.evaluation.table, settings["home"])
    return Result(
        table=_only_areas(table, names, values),
        base=indicator.base.value,
        definition={**said, "estimator": METHOD, "covariates": sorted(settings.get("covariates", {}))},
        status=ESTIMATED,
        method=method_words(METHOD, whole),
        intervals=intervals,
        parts=tuple(placed(part, settings["home"]) for part in found.evaluation.parts),
        report=report_of(
            METHOD, whole,
            facts={"rows": found.rows, "areas": len(names), "unsampled": len(rest),
                   "model_variance": float(whole.extra["sigma2"]), "design_effect": direct.design_effect},
            pictures=[
                {"kind": "intervals", "rows": [span(code, values[code], intervals[code,]) for code in names]},
                {"kind": "intervals", "label": "sae.direct", "rows": _alone(indicator, found, sampled)},
            ],
            sensitivity=_sensitivity(direct, names, covariates),
        ),
    )  # fmt: skip


@dataclass(frozen=True)
class Direct:
    """The sampled areas: what the survey alone says of each, in the unit of the table, and its smoothed variance.

    ``most`` is the end of the unit: a share cannot pass the whole, a mean has no end.
    """

    areas: tuple[str, ...]
    values: Floats
    variances: Floats
    most: float = float("inf")
    design_effect: float | None = None


def _direct(indicator: Indicator, found: Domains, names: Sequence[str], covariates: Floats) -> Direct:
    """Every area with two answers. One where all said the same, or all live in one cluster, is sampled too: its own
    variance says nothing, and the one smoothed over areas stands in for it."""
    support = {code: found.support(indicator, (code,)) for code in names}
    areas = [code for code in names if support[code].answers >= LEAST_ANSWERS]
    if not areas:
        raise Refused("production.no_estimate", found="no area with two answers", remedy="choose a larger sample")
    table, per = found.evaluation.table, float(indicator.per)
    values = np.array([table.values[table.row(code)] for code in areas], dtype=np.float64)
    errors = np.array([_error(found, code) for code in areas], dtype=np.float64)
    sizes = np.array([support[code].size for code in areas], dtype=np.float64)
    freedom = np.array([support[code].freedom for code in areas], dtype=np.float64)
    if indicator.statistic is not Statistic.SHARE:
        return Direct(tuple(areas), values, smoothed_mean_variance((errors * per) ** 2, sizes, freedom))
    known = covariates[[place for place, code in enumerate(names) if code in set(areas)]]
    variances, effect = smoothed_share_variance(np.clip(values / per, 0.0, 1.0), errors**2, sizes, freedom, known)
    return Direct(tuple(areas), values, variances * per**2, per, effect)


def _error(found: Domains, code: str) -> float:
    one = found.estimates.get((code,))
    return np.nan if one is None or one.standard_error is None else one.standard_error


def _covariates(given: Mapping[str, Mapping[str, float]], names: Sequence[str]) -> Floats:
    """The design matrix: ones, and each known value of each area, brought to mean 0 and spread 1."""
    columns = [np.ones(len(names))]
    for covariate, values in sorted(given.items()):
        lacking = [code for code in names if code not in values]
        if lacking:
            raise Refused("production.covariate", found=f"{covariate} without an area", remedy="choose another one")
        column = np.array([values[code] for code in names], dtype=np.float64)
        spread = column.std()
        if spread == 0:
            raise Refused("production.covariate", found=f"{covariate} alike everywhere", remedy="choose another one")
        columns.append((column - column.mean()) / spread)
    return np.column_stack(columns)


def _model(
    direct: Direct, names: Sequence[str], covariates: Floats, method: str = "REML"
) -> tuple[EstimateArray, EstimateArray | None]:
    """What the model says of the sampled areas, and of the others."""
    sampled = set(direct.areas)
    inside = [place for place, code in enumerate(names) if code in sampled]
    outside = [place for place, code in enumerate(names) if code not in sampled]
    model = fay_herriot(direct.values, direct.variances, covariates[inside], method=method, areas=list(direct.areas))
    if not outside:
        return model, None
    return model, fay_herriot_unsampled(model, covariates[outside], areas=[names[place] for place in outside])


def _cells(
    model: tuple[EstimateArray, EstimateArray | None], most: float
) -> tuple[dict[str, float], dict[tuple[str, ...], tuple[float, float]]]:
    values: dict[str, float] = {}
    intervals: dict[tuple[str, ...], tuple[float, float]] = {}
    for part in model:
        if part is None or part.labels is None or part.low is None or part.high is None:
            continue
        for place, code in enumerate(part.labels[0]):
            values[code] = float(np.clip(part.values[place], 0.0, most))
            intervals[code,] = (
                float(np.clip(part.low[place], 0.0, most)),
                float(np.clip(part.high[place], 0.0, most)),
            )
    return values, intervals


def _only_areas(table: Table, names: Sequence[str], values: Mapping[str, float]) -> Table:
    """The table of the areas alone, with the model's values; who stands behind each cell stays as it was asked."""
    axis = Dimension.from_parents(AREA, dict.fromkeys(names))
    rows = [table.row(code) for code in names]
    contributors = None if table.contributors is None else table.contributors[rows]
    return replace(
        table,
        dimensions=(axis,),
        keys=np.arange(len(names), dtype=np.int64).reshape(-1, 1),
        values=np.array([values.get(code, np.nan) for code in names], dtype=np.float64),
        states=np.array([VALUE if code in values else MISSING for code in names], dtype=np.int8),
        contributors=contributors,
        contributions=None,
        structural_zeros=None,
        weights=None,
    )


def _alone(indicator: Indicator, found: Domains, sampled: Sequence[str]) -> list[Json]:
    ends, table = intervals_of(indicator, found.estimates), found.evaluation.table
    return [span(code, float(table.values[table.row(code)]), ends.get((code,))) for code in sampled]


def _sensitivity(direct: Direct, names: Sequence[str], covariates: Floats) -> list[Json]:
    """The mean over areas by the other way of estimating the model's variance, and without what is known of areas."""
    lines = []
    for label, matrix, method in (
        ("sae.REML", covariates, "REML"),
        ("sae.ML", covariates, "ML"),
        ("sae.no_covariate", covariates[:, :1], "REML"),
    ):
        try:
            values, _ = _cells(_model(direct, names, matrix, method), direct.most)
        except Refused:
            continue
        lines.append(span(label, float(np.mean(list(values.values()))), (min(values.values()), max(values.values()))))
    return lines
