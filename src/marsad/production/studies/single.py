"""Tables of estimates for the whole city, by sex where that was asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from marsad.production.results import AREA
from migstat.model import Measure, MeasureKind
from migstat.model.tables import VALUE, Dimension, Table

WHOLE = "_T"
Codes = tuple[str, ...]


def measure_of(settings: Mapping[str, Any]) -> Measure:
    """The measure of the catalogue's indicator that a study estimates. Estimates of parts do not add up exactly."""
    said = settings["indicator"]
    return Measure(said["code"], said["unit"], MeasureKind(said["kind"]), False)


def table_of(
    settings: Mapping[str, Any], cells: Mapping[Codes, tuple[float, int]], *, by: str = "sex", areas: bool = False
) -> Table:
    """A table of (value, contributors) by code of ``by``, or by area with ``areas``; none is said to be part of another."""
    name = AREA if areas else by
    axis = Dimension.from_parents(name, {codes[0]: None for codes in cells})
    coordinates = {"PERIOD": settings["period"], "BASE": settings["indicator"]["base"]}
    if not areas:
        coordinates[AREA] = settings["home"]
    return Table(
        f"{settings['indicator']['code']}/{settings['study']}",
        measure_of(settings),
        (axis,),
        np.arange(len(cells), dtype=np.int64).reshape(-1, 1),
        np.array([value for value, _ in cells.values()], dtype=np.float64),
        np.full(len(cells), VALUE, dtype=np.int8),
        np.array([people for _, people in cells.values()], dtype=np.int64),
        coordinates=coordinates,
    )


def definition_said(settings: Mapping[str, Any], method: str) -> dict[str, Any]:
    """How an estimate without a definition file is told: the study, the method, and what was chosen."""
    told = {name: value for name, value in settings.items() if name not in ("confirmed", "codelists", "indicator")}
    return {**told, "code": settings["indicator"]["code"], "estimator": method, "statistic": "estimate"}
