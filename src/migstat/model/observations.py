"""Observations as SDMX knows them, with what a number about migration must never lose: stock or flow, and its base."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from migstat.model.cells import Cell, CellState
from migstat.model.estimates import Interval
from migstat.model.periods import Period
from migstat.model.refusals import Refused


class MeasureKind(StrEnum):
    """A stock is counted at a moment, a flow over a period. They are never added nor drawn on one axis."""

    STOCK = "stock"
    FLOW = "flow"


class PopulationBase(StrEnum):
    """Who is counted. The legal population of a place includes groups that its municipal population leaves out."""

    LEGAL = "legal"
    MUNICIPAL = "municipal"
    HOUSEHOLDS = "households"
    DWELLINGS = "dwellings"
    REGISTERED = "registered"
    OTHER = "other"


class ObsStatus(StrEnum):
    """SDMX CL_OBS_STATUS 2.3, the codes in use here."""

    NORMAL = "A"
    BREAK = "B"
    ESTIMATED = "E"
    PROVISIONAL = "P"
    MISSING = "O"
    NOT_APPLICABLE = "M"
    UNVALIDATED = "U"


class ConfStatus(StrEnum):
    """SDMX CL_CONF_STATUS, the codes in use here."""

    FREE = "F"
    PRIMARY = "C"
    SECONDARY = "D"


class Origin(StrEnum):
    """Real figures and synthetic ones are never in one chart."""

    REAL = "real"
    SYNTHETIC = "synthetic"


@dataclass(frozen=True, slots=True)
class Measure:
    """What is measured: the indicator's code, its unit, stock or flow, and whether values of parts add up."""

    indicator: str
    unit: str
    kind: MeasureKind
    additive: bool = False


@dataclass(frozen=True, slots=True)
class Observation:
    """One cell of one measure at one area and period, with the codes of the other dimensions in ``breakdown``."""

    measure: Measure
    area: str
    period: Period
    cell: Cell
    base: PopulationBase
    source: str
    breakdown: Mapping[str, str] = field(default_factory=dict)
    status: ObsStatus = ObsStatus.NORMAL
    interval: Interval | None = None
    origin: Origin = Origin.REAL

    @property
    def conf_status(self) -> ConfStatus:
        reason = self.cell.withheld_for
        return ConfStatus.FREE if reason is None else ConfStatus(reason.value)


def add(observations: Iterable[Observation]) -> Cell:
    """The sum of additive observations of one measure, base and origin.

    A missing or withheld part makes the sum missing: what is not known is not nothing. Parts that do not apply are
    left out.

    Raises Refused when a stock would be added to a flow, or measures, bases or origins are mixed, or the measure
    is not additive (rates, shares, means), or there is nothing to add.
    """
    parts = list(observations)
    if not parts:
        raise Refused("add.empty", found="no observation", remedy="give at least one")
    first = parts[0]
    for part in parts:
        _refuse_mixture(first, part)
    if not first.measure.additive:
        raise Refused("add.not_additive", found=first.measure.indicator, remedy="add the counts under it instead")
    applicable = [part.cell for part in parts if part.cell.state is not CellState.NOT_APPLICABLE]
    if not applicable or not all(cell.is_value for cell in applicable):
        return Cell.missing()
    return Cell.of(sum(cell.number for cell in applicable))


def _refuse_mixture(first: Observation, other: Observation) -> None:
    if first.measure.kind is not other.measure.kind:
        raise Refused(
            "add.stock_flow",
            found=f"{first.measure.indicator} ({first.measure.kind}) and "
            f"{other.measure.indicator} ({other.measure.kind})",
            remedy="never add a stock to a flow",
        )
    if first.measure != other.measure:
        raise Refused(
            "add.measures",
            found=f"{first.measure.indicator} and {other.measure.indicator}",
            remedy="add observations of one measure",
        )
    if first.base is not other.base:
        raise Refused(
            "add.bases", found=f"{first.base} and {other.base}", remedy="add observations of one population base"
        )
    if first.origin is not other.origin:
        raise Refused("add.origins", found="real and synthetic observations", remedy="keep them apart")
