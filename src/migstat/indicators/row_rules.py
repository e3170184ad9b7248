"""What every engine refuses of the rows themselves, in the same words."""

from __future__ import annotations

from migstat.indicators.amounts import LARGEST
from migstat.model import Refused


def refuse_outside_range(smallest: float, largest: float) -> None:
    """Raise Refused for amounts or weights below 0, or too large (infinite ones included) to be added exactly."""
    if smallest < 0 or largest > LARGEST:
        raise Refused(
            "indicator.amount",
            found="an amount or a weight below 0, or above a million millions",
            remedy="correct the rows, or choose them without these",
        )


def refuse_several_dates(dates: int) -> None:
    """Raise Refused when the rows of a stock bear several reference dates within one period."""
    if dates > 1:
        raise Refused(
            "indicator.stock_dates",
            found="rows of a stock at several dates within one period",
            remedy="ask for one reference date: a stock is never summed over time",
        )


def refused_kind(column: str) -> Refused:
    """The refusal of a column that holds another kind of values than the definition needs."""
    return Refused(
        "indicator.type",
        found=f"values of another kind in column {column}",
        remedy="compare text with text, numbers with numbers, days with days",
    )


def refused_frequency() -> Refused:
    """The refusal of a number of units that is no whole number."""
    return Refused("indicator.frequency", found="a part of a unit", remedy="give whole numbers of units per row")
