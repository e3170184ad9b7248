"""Indicator definitions: frozen data with a closed vocabulary, and the slow engine that judges the fast ones."""

from migstat.indicators.breakdowns import Breakdown, code_breakdown
from migstat.indicators.cells import Evaluation
from migstat.indicators.indicator import Indicator
from migstat.indicators.vocabulary import Condition, PeriodColumns, Selection, Statistic, Test

__all__ = [
    "Breakdown",
    "Condition",
    "Evaluation",
    "Indicator",
    "PeriodColumns",
    "Selection",
    "Statistic",
    "Test",
    "code_breakdown",
]
