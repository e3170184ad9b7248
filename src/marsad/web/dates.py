"""Days and periods as each language writes them, with the names of the months that Morocco uses in Arabic."""

from __future__ import annotations

from datetime import date
from typing import Final

from marsad.web.numbers import span

_FRENCH = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
_ENGLISH = "January February March April May June July August September October November December"
_ARABIC = "يناير فبراير مارس أبريل ماي يونيو يوليوز غشت شتنبر أكتوبر نونبر دجنبر"
MONTHS: Final = {"fr": _FRENCH.split(), "en": _ENGLISH.split(), "ar": _ARABIC.split()}
_QUARTERS: Final = {
    "fr": ("1er trimestre {}", "2e trimestre {}", "3e trimestre {}", "4e trimestre {}"),
    "en": ("first quarter of {}", "second quarter of {}", "third quarter of {}", "fourth quarter of {}"),
    "ar": ("الفصل الأول من {}", "الفصل الثاني من {}", "الفصل الثالث من {}", "الفصل الرابع من {}"),
}


def day(when: date, language: str) -> str:
    """A day in full.

    >>> day(date(2023, 3, 31), "fr"), day(date(2024, 9, 1), "fr"), day(date(2023, 8, 3), "ar")
    ('31 mars 2023', '1er septembre 2024', '3 غشت 2023')
    """
    first = "1er" if language == "fr" and when.day == 1 else str(when.day)
    return f"{first} {MONTHS[language][when.month - 1]} {when.year}"


def period(text: str, language: str) -> str:
    """A period of the pack (``2014``, ``2014-Q3``, ``2014-09``, ``2014-09-01``, ``2014/2024``) in words.

    >>> period("2014/2024", "fr"), period("2023-03", "en"), period("2014-Q3", "en"), period("2023-03-31", "fr")
    ('2014–2024', 'March 2023', 'third quarter of 2014', '31 mars 2023')
    """
    first, slash, last = text.partition("/")
    if slash:
        joint = {"fr": "de {} à {}", "en": "{} to {}", "ar": "من {} إلى {}"}[language]
        if first.isdigit() and last.isdigit():
            return span(first, last, language)
        return joint.format(_moment(first, language), _moment(last, language))
    return _moment(text, language)


def _moment(text: str, language: str) -> str:
    parts = text.split("-")
    if len(parts) == 3:
        return day(date.fromisoformat(text), language)
    if len(parts) == 2 and parts[1].startswith("Q"):
        return _QUARTERS[language][int(parts[1][1]) - 1].format(parts[0])
    if len(parts) == 2:
        return f"{MONTHS[language][int(parts[1]) - 1]} {parts[0]}"
    return text


def at_period(text: str, language: str) -> str:
    """The period as a sentence says when.

    >>> at_period("2024", "fr"), at_period("2023-03-31", "fr"), at_period("2014/2024", "en"), at_period("2024", "ar")
    ('en 2024', 'le 31 mars 2023', 'over 2014–2024', 'سنة 2024')
    """
    words = period(text, language)
    if "/" in text:
        return {"fr": "sur la période {}", "en": "over {}", "ar": "خلال {}"}[language].format(words)
    parts = text.split("-")
    if len(parts) == 3:
        return {"fr": "le {}", "en": "on {}", "ar": "في {}"}[language].format(words)
    if len(parts) == 2:
        quarter = parts[1].startswith("Q")
        return {"fr": "au {}" if quarter else "en {}", "en": "in the {}" if quarter else "in {}", "ar": "في {}"}[
            language
        ].format(words)
    return {"fr": "en {}", "en": "in {}", "ar": "سنة {}"}[language].format(words)
