"""Numbers as each language writes them. Digits are Western in all three; what separates groups and decimals is not.

French and Arabic separate groups with U+202F, a space that belongs to the number: a plain one lets a right-to-left page
turn the groups round. Arabic numbers that carry a sign, a per cent or a dash are isolated (U+2066 to U+2069) in text.
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Final

GROUP: Final = {"fr": "\u202f", "ar": "\u202f", "en": ","}
DECIMAL: Final = {"fr": ",", "ar": ",", "en": "."}
MINUS: Final = "\u2212"
BEFORE_UNIT: Final = {"fr": "\u202f", "ar": "\u202f", "en": ""}
ISOLATE_LTR: Final = "\u2066"
END_ISOLATE: Final = "\u2069"


# As many digits as the largest float has, and its decimals: what was typed into a form must not stop a page.
_EVERY_DIGIT: Final = Context(prec=400)


def rounded(value: float | Decimal, decimals: int) -> Decimal:
    """``value`` to ``decimals`` places, halves away from zero, as people round and as pages print.

    >>> rounded(0.45, 1), rounded(-2.5, 0)
    (Decimal('0.5'), Decimal('-3'))
    >>> len(str(rounded(1e300, 2)))
    304
    """
    exact = value if isinstance(value, Decimal) else Decimal(repr(float(value)))
    result = exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP, context=_EVERY_DIGIT)
    return abs(result) if result == 0 else result


def number(value: float | Decimal, language: str, decimals: int | None = None) -> str:
    """The number with its separators; as many decimals as it has (at most four) where none are asked for.

    >>> number(148152, "fr"), number(148152, "en"), number(4.6, "ar", 1)
    ('148\\u202f152', '148,152', '4,6')
    """
    if not math.isfinite(value):
        raise ValueError("a number that is not finite cannot be written")
    places = decimals if decimals is not None else _own_decimals(value)
    amount = rounded(value, places)
    whole, _, part = f"{abs(amount):,f}".partition(".")
    written = whole.replace(",", GROUP[language]) + (DECIMAL[language] + part if part else "")
    return MINUS + written if amount < 0 else written


def signed(value: float | Decimal, language: str, decimals: int | None = None) -> str:
    """The number with its sign, plus included; nothing before a number that rounds to zero.

    >>> signed(-10.8, "fr", 1), signed(3, "en"), signed(0.04, "en", 1)
    ('−10,8', '+3', '0.0')
    """
    written = number(value, language, decimals)
    places = decimals if decimals is not None else _own_decimals(value)
    return isolated(f"+{written}" if rounded(value, places) > 0 else written, language)


def percent(value: float | Decimal, language: str, decimals: int | None = 1) -> str:
    """A share of a hundred with its sign.

    >>> percent(4.6, "fr"), percent(4.6, "en")
    ('4,6\\u202f%', '4.6%')
    """
    return isolated(number(value, language, decimals) + BEFORE_UNIT[language] + "%", language)


def signed_percent(value: float | Decimal, language: str, decimals: int | None = 1) -> str:
    """A change in per cent.

    >>> signed_percent(-10.77, "en")
    '−10.8%'
    """
    bare = signed(value, language, decimals).strip(ISOLATE_LTR + END_ISOLATE)
    return isolated(bare + BEFORE_UNIT[language] + "%", language)


def span(low: str, high: str, language: str) -> str:
    """Two ends written as a range, in one piece whatever the direction of the page.

    >>> span("2014", "2024", "fr")
    '2014–2024'
    """
    return isolated(f"{low.strip(ISOLATE_LTR + END_ISOLATE)}–{high.strip(ISOLATE_LTR + END_ISOLATE)}", language)


def isolated(text: str, language: str) -> str:
    """The text kept left to right inside an Arabic sentence; as it is in the other languages."""
    return f"{ISOLATE_LTR}{text}{END_ISOLATE}" if language == "ar" else text


def _own_decimals(value: float | Decimal) -> int:
    exponent = rounded(value, 4).normalize(_EVERY_DIGIT).as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
