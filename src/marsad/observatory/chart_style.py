"""Colours, type and direction shared by every chart, and the marks for cells without a value."""

from __future__ import annotations

import re
from typing import Any, Final

from marsad.observatory.charts import Axis, Reading

INK: Final = "#14231f"
INK_2: Final = "#4c5b55"
INK_3: Final = "#5f6c66"
GRID: Final = "#e3dfd3"
GREEN: Final = "#0b6350"
BLUE: Final = "#1e4e8c"
OCHRE: Final = "#8a500a"
LINK: Final = "#a3c7ba"
RAMP: Final = ("#eef1ec", "#cfe0d8", "#a3c7ba", "#6fa896", "#3c8673", "#0b6350")
# Told apart by hue and by lightness, without a pair of red and green.
SERIES: Final = ("#1e4e8c", "#b8720f", "#0b6350", "#7a4fa3", "#4a93c4", "#5f6c66", "#a0522d", "#14231f")
# Fills that the finished picture turns into patterns; no chart uses these colours for anything else.
PATTERNS: Final = {"missing": "#fefd01", "withheld": "#fefd02", "not_applicable": "#fefd03"}
RTL_ISOLATE: Final = "\u2067"
LTR_ISOLATE: Final = "\u2066"
END_ISOLATE: Final = "\u2069"
WIDTH: Final = 390


def text(words: str, axis: Axis) -> str:
    """Words as a chart must hold them: the renderer takes every line to run left to right, so Arabic is isolated."""
    if axis.language != "ar" or not words:
        return words
    start = RTL_ISOLATE if re.search("[\u0600-\u06ff]", words) else LTR_ISOLATE
    return f"{start}{words}{END_ISOLATE}"


def tick(axis: Axis) -> str:
    """The Vega expression that writes a number on the axis."""
    space = "" if axis.language == "en" else "\u202f"
    written = "format(abs(datum.value), ',~r') "
    return f"{written} + '{space}{axis.suffix}'" if axis.suffix else written


def drawn_value(reading: Reading) -> float:
    """Where the mark of a reading stands; the mark of a cell without a value stands at the foot of the axis."""
    return reading.value if reading.value is not None else 0.0


def family(language: str) -> str:
    first, second = "IBM Plex Sans", "IBM Plex Sans Arabic"
    return f"{second}, {first}, sans-serif" if language == "ar" else f"{first}, {second}, sans-serif"


def config(language: str) -> dict[str, Any]:
    font = family(language)
    return {
        "font": font,
        "background": None,
        "view": {"stroke": None},
        "axis": {
            "labelFont": font,
            "labelFontSize": 13,
            "labelColor": INK_2,
            "domain": False,
            "ticks": False,
            "gridColor": GRID,
            "title": None,
            "labelPadding": 10,
            "aria": False,
        },
        "axisBand": {"grid": False, "labelColor": INK},
        "text": {"font": font, "fontSize": 13, "color": INK},
        "legend": {"disable": True},
    }


def locale(language: str) -> dict[str, Any]:
    """Separators of numbers for the renderer."""
    point, group = (".", ",") if language == "en" else (",", "\u202f")
    return {"decimal": point, "thousands": group, "grouping": [3], "currency": ["", ""], "minus": "\u2212"}
