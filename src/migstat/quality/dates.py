"""Dates as partners write them: ISO, day first or month first, months by name in four languages, workbook numbers, Hijri."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from migstat.model.refusals import Refused
from migstat.quality.hijri import HIJRI_MONTHS, from_hijri
from migstat.quality.plain_words import cleaned, plain, western_digits


class DateOrder(StrEnum):
    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"
    ASK = "ask"


@dataclass(frozen=True)
class DateReading:
    """A day, and whether it came by conversion from the Hijri calendar, which is approximate."""

    day: date
    approximate: bool = False


_NAMES: Final = (
    ("janvier", "janv", "jan", "january", "يناير", "كانون الثاني", "جانفي"),
    ("février", "fevr", "fev", "february", "feb", "فبراير", "شباط", "فيفري"),
    ("mars", "march", "mar", "مارس", "آذار"),
    ("avril", "avr", "april", "apr", "أبريل", "ابريل", "نيسان", "أفريل"),
    ("mai", "may", "ماي", "مايو", "أيار"),
    ("juin", "june", "jun", "يونيو", "يونيه", "حزيران", "جوان"),
    ("juillet", "juil", "july", "jul", "يوليوز", "يوليو", "تموز", "جويلية"),
    ("août", "aout", "august", "aug", "غشت", "أغسطس", "آب", "أوت"),
    ("septembre", "sept", "september", "sep", "شتنبر", "سبتمبر", "أيلول"),
    ("octobre", "oct", "october", "أكتوبر", "اكتوبر", "تشرين الأول"),
    ("novembre", "nov", "november", "نونبر", "نوفمبر", "تشرين الثاني"),
    ("décembre", "dec", "december", "دجنبر", "ديسمبر", "كانون الأول"),
)
MONTHS: Final[Mapping[str, int]] = {plain(name): month for month, names in enumerate(_NAMES, start=1) for name in names}

_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?Z?)?")
_NUMBERS = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{2}|\d{4})(?: \d{1,2}:\d{2}(?::\d{2})?)?")
_NAMED = re.compile(r"(\d{1,2})(?:er|re|st|nd|rd|th)? ([^\d]+?) (\d{4}|\d{2})(?: (?:h|ه|هـ|م|ad))?")
_NAMED_FIRST = re.compile(r"([^\d]+?) (\d{1,2}) (\d{4})")
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
_FIRST_SERIAL, _LAST_SERIAL = 7_000, 73_050  # 1919 to 2099
_SERIAL_EPOCH = date(1899, 12, 30)
_FIRST_HIJRI, _LAST_HIJRI = 1250, 1500


def parse_date(text: str, order: DateOrder, *, this_year: int = 2026) -> DateReading | None:
    """The day that a text writes, or None where it writes none.

    ``order`` settles ``03/04/2024``; with ``DateOrder.ASK`` such a date is not read. A year of two digits is the latest
    one that is not after ``this_year``.

    >>> parse_date("15 غشت 2023", DateOrder.ASK).day, parse_date("13/02/2024", DateOrder.ASK).day
    (datetime.date(2023, 8, 15), datetime.date(2024, 2, 13))
    >>> parse_date("03/04/2024", DateOrder.ASK) is None, parse_date("1 رمضان 1445", DateOrder.ASK).approximate
    (True, True)
    """
    said = cleaned(western_digits(text))
    if match := _ISO.fullmatch(said):
        return _day(int(match[1]), int(match[2]), int(match[3]))
    if match := _NUMBERS.fullmatch(said):
        return _numbered(int(match[1]), int(match[2]), _year(match[3], this_year), order)
    if _SERIAL.fullmatch(said) and _FIRST_SERIAL <= float(said) <= _LAST_SERIAL:
        return DateReading(_SERIAL_EPOCH + timedelta(days=int(float(said))))
    return _by_name(plain(said), this_year)


def _by_name(words: str, this_year: int) -> DateReading | None:
    if match := _NAMED.fullmatch(words):
        day, name, year = int(match[1]), match[2], match[3]
    elif match := _NAMED_FIRST.fullmatch(words):
        day, name, year = int(match[2]), match[1], match[3]
    else:
        return None
    name = name.removesuffix(" de").removeprefix("de ").strip()
    if name in HIJRI_MONTHS:
        return _hijri(int(year), HIJRI_MONTHS[name], day)
    return _day(_year(year, this_year), MONTHS[name], day) if name in MONTHS else None


def _numbered(first: int, second: int, year: int, order: DateOrder) -> DateReading | None:
    if _FIRST_HIJRI <= year <= _LAST_HIJRI:
        return _hijri(year, second, first)
    if first > 12 or first == second:
        return _day(year, second, first)
    if second > 12:
        return _day(year, first, second)
    if order is DateOrder.ASK:
        return None
    return _day(year, second, first) if order is DateOrder.DAY_FIRST else _day(year, first, second)


def _year(text: str, this_year: int) -> int:
    if len(text) == 4:
        return int(text)
    year = this_year - this_year % 100 + int(text)
    return year if year <= this_year else year - 100


def _day(year: int, month: int, day: int) -> DateReading | None:
    if _FIRST_HIJRI <= year <= _LAST_HIJRI:
        return _hijri(year, month, day)
    try:
        return DateReading(date(year, month, day))
    except ValueError:
        return None


def _hijri(year: int, month: int, day: int) -> DateReading | None:
    try:
        return DateReading(from_hijri(year, month, day), approximate=True)
    except Refused:
        return None


def recognise_order(texts: Iterable[str]) -> DateOrder:
    """Which number is the day, by the cells in which only one reading exists; ``ASK`` where none decides or both do.

    >>> recognise_order(["03/04/2024", "25/04/2024"]), recognise_order(["03/04/2024"])
    (<DateOrder.DAY_FIRST: 'day_first'>, <DateOrder.ASK: 'ask'>)
    """
    day_first = month_first = doubtful = 0
    for text in texts:
        match = _NUMBERS.fullmatch(cleaned(western_digits(text)))
        if match is None or match[1] == match[2]:
            continue
        first, second = int(match[1]), int(match[2])
        day_first += first > 12 >= second
        month_first += second > 12 >= first
        doubtful += first <= 12 and second <= 12
    if bool(day_first) == bool(month_first):
        return DateOrder.ASK if doubtful or day_first else DateOrder.DAY_FIRST
    return DateOrder.DAY_FIRST if day_first else DateOrder.MONTH_FIRST
