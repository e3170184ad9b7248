"""The closed set of states of one cell of a table. There is no way from three of them to a number."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from migstat.model.refusals import Refused


class CellState(StrEnum):
    VALUE = "value"
    WITHHELD = "withheld"
    MISSING = "missing"
    NOT_APPLICABLE = "not_applicable"


class WithheldFor(StrEnum):
    """SDMX CONF_STATUS: C (primary confidentiality) and D (secondary confidentiality)."""

    PRIMARY = "C"
    SECONDARY = "D"


@dataclass(frozen=True, slots=True)
class Cell:
    """A value, or the reason why there is none. Build it with one of the four class methods.

    >>> Cell.of(0).number
    0.0
    >>> Cell.withheld(WithheldFor.PRIMARY).number
    Traceback (most recent call last):
    ...
    migstat.model.refusals.Refused: cell.no_number: found a withheld cell; ask for its state before its number
    """

    state: CellState
    _number: float | None = None
    withheld_for: WithheldFor | None = None

    def __post_init__(self) -> None:
        if (self._number is None) != (self.state is not CellState.VALUE):
            raise Refused(
                "cell.shape",
                found=f"{self.state} with number {self._number}",
                remedy="build cells with Cell.of, Cell.withheld, Cell.missing or Cell.not_applicable",
            )
        if (self.withheld_for is None) != (self.state is not CellState.WITHHELD):
            raise Refused(
                "cell.shape",
                found=f"{self.state} withheld for {self.withheld_for}",
                remedy="a withheld cell, and no other, says what it is withheld for",
            )

    @classmethod
    def of(cls, number: float) -> Cell:
        """A known value. Refuses NaN and infinities: an unknown number is ``Cell.missing()``."""
        if not math.isfinite(number):
            raise Refused("cell.finite", found=repr(number), remedy="use Cell.missing() for an unknown value")
        return cls(CellState.VALUE, float(number))

    @classmethod
    def withheld(cls, reason: WithheldFor) -> Cell:
        return cls(CellState.WITHHELD, withheld_for=WithheldFor(reason))

    @classmethod
    def missing(cls) -> Cell:
        return cls(CellState.MISSING)

    @classmethod
    def not_applicable(cls) -> Cell:
        return cls(CellState.NOT_APPLICABLE)

    @property
    def is_value(self) -> bool:
        return self.state is CellState.VALUE

    @property
    def number(self) -> float:
        """The value. Raises Refused for a withheld, missing or not applicable cell: none of them is 0."""
        if self._number is None:
            raise Refused(
                "cell.no_number",
                found=f"a {self.state.value.replace('_', ' ')} cell",
                remedy="ask for its state before its number",
            )
        return self._number
