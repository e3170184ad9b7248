"""What a number asks of the words after it, numbers in words, and places in a sentence, in three languages."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from marsad.web.numbers import number, percent, rounded

Forms = Mapping[str, Mapping[str, str]]


def plural_category(value: float | Decimal, language: str, decimals: int = 0) -> str:
    """The form that a number written with ``decimals`` places asks for, as CLDR names forms.

    French counts everything under two as one. Arabic has a form for one, two, few (3 to 10) and many (11 to 99), by the
    last two digits, and another for hundreds and for fractions.

    >>> [plural_category(n, "ar") for n in (1, 2, 7, 11, 100, 102, 103)]
    ['one', 'two', 'few', 'many', 'other', 'other', 'few']
    >>> plural_category(1.6, "fr", 1), plural_category(0, "en")
    ('one', 'many')
    """
    amount = abs(rounded(value, decimals))
    if language == "fr":
        return "one" if amount < 2 else "many"
    if language == "en":
        return "one" if amount == 1 and decimals == 0 else "many"
    if amount != int(amount):
        return "other"
    return _arabic_category(int(amount))


def _arabic_category(amount: int) -> str:
    if amount in {1, 2}:
        return {1: "one", 2: "two"}[amount]
    last = amount % 100
    if 3 <= last <= 10:
        return "few"
    return "many" if 11 <= last <= 99 else "other"


def unit_form(forms: Forms, value: float | Decimal, language: str, decimals: int = 0) -> str:
    """The words of a unit after a number; the nearest form where a language has not all of them."""
    own = forms.get(language, {})
    category = plural_category(value, language, decimals)
    for name in (category, "other", "many", "one"):
        if own.get(name):
            return own[name]
    return ""


def counted(value: float | Decimal, forms: Forms, language: str, decimals: int = 0) -> str:
    """The number and its unit. Arabic says one and two in the noun itself: no digit is written before them.

    >>> forms = {"ar": {"two": "أسرتان", "few": "أسر", "other": "أسرة"}, "en": {"one": "household", "many": "households"}}
    >>> counted(2, forms, "ar"), counted(5, forms, "ar"), counted(1, forms, "en")
    ('أسرتان', '5 أسر', '1 household')
    """
    words = unit_form(forms, value, language, decimals)
    if words == "%":
        return percent(value, language, decimals)
    if language == "ar" and decimals == 0 and rounded(value, 0) == 1:
        return f"{words} واحدة" if words.endswith("ة") else f"{words} واحد"
    if language == "ar" and decimals == 0 and rounded(value, 0) == 2:
        return words
    joint = "\u00a0" if language == "fr" else " "
    return f"{number(value, language, decimals)}{joint}{words}".rstrip()


_FRENCH: Final = [
    "zéro",
    "un",
    "deux",
    "trois",
    "quatre",
    "cinq",
    "six",
    "sept",
    "huit",
    "neuf",
    "dix",
    "onze",
    "douze",
    "treize",
    "quatorze",
    "quinze",
    "seize",
    "dix-sept",
    "dix-huit",
    "dix-neuf",
    "vingt",
]
_ENGLISH: Final = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
]
_FRENCH_TENS: Final = {20: "vingt", 30: "trente", 40: "quarante", 50: "cinquante"}
_ENGLISH_TENS: Final = {20: "twenty", 30: "thirty", 40: "forty", 50: "fifty"}
LAST_IN_WORDS: Final = 50


def in_words(amount: int, language: str) -> str:
    """A whole number from 0 to 50 in French or English words; digits beyond, and in Arabic, where the noun would change them.

    >>> in_words(22, "fr"), in_words(21, "fr"), in_words(22, "en"), in_words(120, "fr")
    ('vingt-deux', 'vingt et un', 'twenty-two', '120')
    """
    if language == "ar" or not 0 <= amount <= LAST_IN_WORDS:
        return number(amount, language)
    first = _FRENCH if language == "fr" else _ENGLISH
    if amount <= 20:
        return first[amount]
    tens = _FRENCH_TENS if language == "fr" else _ENGLISH_TENS
    ten, unit = amount // 10 * 10, amount % 10
    if not unit:
        return tens[ten]
    return f"{tens[ten]} et un" if language == "fr" and unit == 1 else f"{tens[ten]}-{first[unit]}"


def place(area: Any, language: str) -> str:
    """Where something is, ready for a sentence: ``à Souissi``, ``dans la préfecture de Rabat``, ``in Morocco``, ``في السويسي``.

    ``area`` has ``level`` and ``name_fr``, ``name_ar``, ``name_en``.
    """
    name = str(getattr(area, f"name_{language}"))
    if language == "ar":
        return f"في {'جهة ' if area.level == 'region' and not name.startswith('جهة') else ''}{name}"
    if language == "en":
        if area.level == "region":
            return f"in the {name} region"
        return f"in the {name[0].lower()}{name[1:]}" if name.startswith(("Prefecture", "Commune")) else f"in {name}"
    if area.level == "country":
        return f"{_country_preposition(name)} {name}"
    if area.level == "region":
        return f"dans la région {name}"
    if name.startswith(("Préfecture", "Province", "Commune")):
        return f"dans la {name[0].lower()}{name[1:]}"
    return f"à {name}"


def _country_preposition(name: str) -> str:
    """``en`` before a country whose name is feminine or starts with a vowel, else ``au``."""
    return "en" if name.endswith("e") or name[0] in "AEÉIOU" else "au"


def listed(parts: list[str], language: str) -> str:
    """Words joined as a sentence joins them.

    >>> listed(["Souissi", "Hassan", "Touarga"], "fr"), listed(["Souissi", "Hassan"], "en")
    ('Souissi, Hassan et Touarga', 'Souissi and Hassan')
    """
    if len(parts) < 2:
        return "".join(parts)
    if language == "ar":
        return " و".join(parts)
    return f"{', '.join(parts[:-1])} {'et' if language == 'fr' else 'and'} {parts[-1]}"
