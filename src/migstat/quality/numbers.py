"""Numbers as people write them: decimal comma or point, thousands by space, point or comma, percent, Arabic-Indic digits."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from migstat.model.refusals import Refused
from migstat.quality.plain_words import western_digits

_SPACES = str.maketrans("", "", " \u00a0\u202f\u2009\u2007'’\u200e\u200f\u061c٬")
_BODY = re.compile(r"[+-]?\d[\d.,]*")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:([.,])\d{3})+")


@dataclass(frozen=True)
class NumberFormat:
    """``decimal`` is ``"."`` or ``","``; ``certain`` is False where the column's cells allow both readings."""

    decimal: str = "."
    certain: bool = True

    def __post_init__(self) -> None:
        if self.decimal not in (".", ","):
            raise Refused("quality.decimal", found=repr(self.decimal), remedy="use a point or a comma")

    @property
    def thousands(self) -> str:
        return "," if self.decimal == "." else "."


def _body(text: str) -> str:
    western = western_digits(text).replace("٫", ",").replace("−", "-").translate(_SPACES)
    return western[:-1] if western.endswith(("%", "٪")) else western


def is_percentage(text: str) -> bool:
    """Whether a text says hundredths, which no count of whole things is.

    >>> is_percentage("45 %"), is_percentage("45")
    (True, False)
    """
    return text.rstrip(" \u00a0\u202f\u200e\u200f\u061c").endswith(("%", "٪"))


def is_number_like(text: str) -> bool:
    """Whether a text is a number in one of the ways of writing."""
    return any(parse_number(text, NumberFormat(decimal)) is not None for decimal in (".", ","))


def parse_number(text: str, written: NumberFormat) -> float | None:
    """The number that a text writes, a percentage as its number of hundredths; None where it writes none.

    Thousands are accepted only in groups of three, so that ``1,5`` is never read as fifteen.

    >>> comma = NumberFormat(",")
    >>> parse_number("1 234,5 %", comma), parse_number("1.234", comma), parse_number("1,5", NumberFormat("."))
    (1234.5, 1234.0, None)
    """
    body = _body(text)
    whole, mark, fraction = body.partition(written.decimal)
    if written.decimal in fraction or written.thousands in fraction:
        return None
    if written.thousands in whole:
        if not _GROUPED.fullmatch(whole):
            return None
        whole = whole.replace(written.thousands, "")
    try:
        number = float(f"{whole}.{fraction}" if mark else whole) if _BODY.fullmatch(whole or "x") else None
    except ValueError:
        return None
    return number if number is not None and math.isfinite(number) else None


def recognise_numbers(texts: Iterable[str]) -> NumberFormat:
    """The way of writing that fits the cells of one column; not certain where both do and would differ.

    >>> recognise_numbers(["1 234,5", "7"]), recognise_numbers(["1.234", "5.678"])
    (NumberFormat(decimal=',', certain=True), NumberFormat(decimal='.', certain=False))
    """
    bodies = [body for body in map(_body, texts) if _BODY.fullmatch(body)]
    fits = {decimal: _share(bodies, decimal) for decimal in (".", ",")}
    if fits["."] != fits[","]:
        return NumberFormat(max(fits, key=lambda decimal: fits[decimal]))
    differing = fits["."] > 0 and any(mark in body for body in bodies for mark in ".,")
    return NumberFormat(".", certain=not differing)


def _share(bodies: list[str], decimal: str) -> int:
    return sum(parse_number(body, NumberFormat(decimal)) is not None for body in bodies)
