"""A second engine for survey means, totals and ratios: svy 0.35.0 (optional extra ``survey``), behind this one interface.

svy computes the same linearisation in Rust. It serves as a second opinion and where a city already works with it; the rest
of the library does not depend on it. It is imported when an engine is made, never before.
"""

from __future__ import annotations

import importlib
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike

from migstat.estimation.survey_design import SurveyDesign
from migstat.estimation.survey_reporting import survey_estimate
from migstat.model import Estimate, Interval, Refused

PINNED = "0.35.0"


class SurveyEngine(Protocol):
    """What a survey engine answers: an estimate with its standard error, over all rows or a domain."""

    def mean(self, values: ArrayLike, *, domain: ArrayLike | None = None) -> Estimate: ...

    def total(self, values: ArrayLike, *, domain: ArrayLike | None = None) -> Estimate: ...

    def ratio(self, numerator: ArrayLike, denominator: ArrayLike, *, domain: ArrayLike | None = None) -> Estimate: ...


class SvyEngine:
    """svy over a ``SurveyDesign``.

    Raises Refused when svy is not installed or of another version, and for a calibrated design: svy would take its
    weights as given and print standard errors that know nothing of the calibration.
    """

    def __init__(self, design: SurveyDesign) -> None:
        if design.steps:
            raise Refused(
                "survey.svy_calibrated",
                found="a calibrated design",
                remedy="use migstat's own survey_mean, survey_total or survey_ratio",
            )
        self._svy, self._frames = _load()
        self._design = design
        self._columns: dict[str, Any] = {
            "stratum": design.stratum_of_unit[design.unit_of_row],
            "unit": design.unit_of_row,
            "weight": design.weights,
        }
        if design.sampling_fraction.any():
            population = design.units_per_stratum / design.sampling_fraction
            self._columns["population"] = population[self._columns["stratum"]]

    def mean(self, values: ArrayLike, *, domain: ArrayLike | None = None) -> Estimate:
        """The weighted mean, as ``survey_mean`` defines it."""
        return self._ask("mean", values, None, domain)

    def total(self, values: ArrayLike, *, domain: ArrayLike | None = None) -> Estimate:
        """The weighted total, as ``survey_total`` defines it."""
        return self._ask("total", values, None, domain)

    def ratio(self, numerator: ArrayLike, denominator: ArrayLike, *, domain: ArrayLike | None = None) -> Estimate:
        """The ratio of two weighted totals, as ``survey_ratio`` defines it."""
        return self._ask("ratio", numerator, denominator, domain)

    def _ask(self, what: str, values: ArrayLike, denominator: ArrayLike | None, domain: ArrayLike | None) -> Estimate:
        mask = self._design.domain(domain)
        columns = {**self._columns, "y": self._design.column(values, "values"), "inside": mask.astype(np.int64)}
        names = ["y"]
        if denominator is not None:
            columns["x"] = self._design.column(denominator, "denominator")
            names.append("x")
        design = self._svy.Design(
            stratum="stratum", psu="unit", wgt="weight", pop_size="population" if "population" in columns else None
        )
        sample = self._svy.Sample(self._frames.DataFrame(columns), design)
        where = None if domain is None else self._svy.col("inside") == 1
        found = getattr(sample.estimation, what)(*names, where=where).estimates[0]
        return survey_estimate(
            what,
            f"svy_{what}",
            float(found.est),
            float(found.se) ** 2,
            freedom=self._design.degrees_of_freedom,
            interval=Interval(float(found.lci), float(found.uci), 0.95, "svy, t"),
            cases=int(mask.sum()),
        )


def _load() -> tuple[Any, Any]:
    try:
        svy, frames = importlib.import_module("svy"), importlib.import_module("polars")
        version = importlib.import_module("importlib.metadata").version("svy")
    except ImportError:
        raise Refused(
            "survey.svy_absent", found="no svy on this machine", remedy="install migstat with its extra 'survey'"
        ) from None
    if version != PINNED:
        raise Refused("survey.svy_version", found=f"svy {version}", remedy=f"install svy {PINNED}")
    return svy, frames
