"""The studies that a run can hold, one a family of methods: data, with the function that computes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from marsad.production.evaluating import definition_of
from marsad.production.results import Result
from marsad.production.studies import composite, flows, multiple_systems, rds, small_areas, survey
from marsad.production.studies.domains import Design
from migstat.estimation.registry import methods
from migstat.model import Assumption, Refused

Compute = Callable[[Mapping[str, Any], Mapping[str, Any], np.random.Generator], Result]
Columns = Callable[[Mapping[str, Any], Sequence[str]], list[str]]


@dataclass(frozen=True)
class Study:
    """One family: which estimators of the registry it offers, which columns it reads, and what computes it."""

    code: str
    methods: tuple[str, ...]
    compute: Compute
    columns: Columns


def _of_definitions(settings: Mapping[str, Any], stored: Sequence[str]) -> list[str]:
    """The columns that definitions need, and those of the design."""
    needed = set(Design.from_settings(settings).columns())
    for part in settings.get("parts") or [settings]:
        indicator, _ = definition_of({**settings, **part})
        needed |= indicator.needed_columns()[indicator.rows.dataflow]
    return [name for name in stored if name in needed]


def _of_lists(settings: Mapping[str, Any], stored: Sequence[str]) -> list[str]:
    wanted = {*settings.get("key", ()), "sex"}
    return [name for name in stored if name in wanted]


STUDIES: Final[Mapping[str, Study]] = {
    one.code: one
    for one in (
        Study("survey", ("survey_share", "survey_mean"), survey.compute, _of_definitions),
        Study("rds", ("rds_ii", "rds_successive_sampling"), rds.compute, rds.columns),
        Study("mse", ("mse_multimodel", "mse_linkage", "mse_chapman", "mse_chao"), multiple_systems.compute, _of_lists),
        Study("sae", ("fay_herriot",), small_areas.compute, _of_definitions),
        Study("flows", ("residual", "net_vital_statistics"), flows.compute, flows.columns),
        Study("index", ("composite_uncertainty",), composite.compute, _of_definitions),
    )
}


def study(code: str) -> Study:
    """Raises ``Refused("production.study")`` for a study that is none."""
    if code not in STUDIES:
        raise Refused("production.study", found="no such study", remedy=f"use one of {', '.join(STUDIES)}")
    return STUDIES[code]


def assumptions_of(method: str) -> tuple[Assumption, ...]:
    """What a method takes for true, each to be confirmed by a person before it computes."""
    return methods()[method].assumptions


def estimated(settings: Mapping[str, Any], rows: Mapping[str, Any], seed: int) -> Result:
    """The result of a study's step. The same settings, rows and seed give the same result."""
    return study(settings["study"]).compute(settings, rows, np.random.default_rng(seed))
