"""The words every other part of the library is written in: codes, periods, cells, observations, estimates."""

from migstat.model.cells import Cell, CellState, WithheldFor
from migstat.model.codes import Code, Codelist
from migstat.model.estimates import Assumption, Diagnostic, Estimate, Interval
from migstat.model.observations import (
    ConfStatus,
    Measure,
    MeasureKind,
    Observation,
    ObsStatus,
    Origin,
    PopulationBase,
    add,
)
from migstat.model.periods import Period
from migstat.model.refusals import Refused
from migstat.model.structure import Column, DataStructure, Kind, Role
from migstat.model.texts import LANGUAGES, Text

__all__ = [
    "LANGUAGES",
    "Assumption",
    "Cell",
    "CellState",
    "Code",
    "Codelist",
    "Column",
    "ConfStatus",
    "DataStructure",
    "Diagnostic",
    "Estimate",
    "Interval",
    "Kind",
    "Measure",
    "MeasureKind",
    "ObsStatus",
    "Observation",
    "Origin",
    "Period",
    "PopulationBase",
    "Refused",
    "Role",
    "Text",
    "WithheldFor",
    "add",
]
