"""Dates of the Hijri calendar, converted by the tabular rule: approximate, because months begin when the moon is seen.

Source of the rule: civil tabular Islamic calendar, epoch Friday 16 July 622 (Julian), leap years 2, 5, 7, 10, 13, 16, 18, 21,
24, 26 and 29 of each cycle of 30 (Reingold and Dershowitz, *Calendrical Calculations*). Morocco's own calendar follows
sightings and is often one day later.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from migstat.model.refusals import Refused
from migstat.quality.plain_words import plain

_EPOCH: Final = 227015  # proleptic Gregorian ordinal of 1 Muharram 1
_NAMES: Final = (
    ("محرم", "moharram", "muharram", "mouharram"),
    ("صفر", "safar"),
    ("ربيع الأول", "rabi i", "rabii al awwal", "rabi al awwal", "rabia al awal", "rabii i", "rabia i"),
    (
        "ربيع الثاني",
        "ربيع الآخر",
        "rabi ii",
        "rabii ath thani",
        "rabi al thani",
        "rabia at tani",
        "rabii ii",
        "rabia ii",
    ),
    ("جمادى الأولى", "جمادى الاول", "joumada i", "jumada i", "joumada al oula", "jumada al awwal"),
    ("جمادى الثانية", "جمادى الآخرة", "joumada ii", "jumada ii", "joumada ath thania", "joumada al akhira"),
    ("رجب", "rajab", "rejeb"),
    ("شعبان", "chaabane", "chaabane", "shaban", "chaaban"),
    ("رمضان", "ramadan", "ramadhan"),
    ("شوال", "chaoual", "chawwal", "shawwal", "choual"),
    ("ذو القعدة", "ذي القعدة", "dhou al qi da", "dhul qadah", "dou al kiada", "dhou al kaada", "kaada"),
    ("ذو الحجة", "ذي الحجة", "dhou al hijja", "dhul hijjah", "dou al hijja", "hijja"),
)
HIJRI_MONTHS: Final[Mapping[str, int]] = {
    plain(name): month for month, names in enumerate(_NAMES, start=1) for name in names
}


def is_leap(year: int) -> bool:
    return (14 + 11 * year) % 30 < 11


def month_length(year: int, month: int) -> int:
    """29 or 30 days; the last month has 30 in a leap year."""
    return 30 if month % 2 == 1 or (month == 12 and is_leap(year)) else 29


def from_hijri(year: int, month: int, day: int) -> date:
    """The Gregorian day on which a Hijri day falls by the tabular rule, give or take two days.

    Raises ``Refused("quality.hijri")`` for a day that the calendar does not have.

    >>> from_hijri(1445, 9, 1)
    datetime.date(2024, 3, 11)
    """
    if not (1 <= year <= 1600 and 1 <= month <= 12 and 1 <= day <= month_length(year, month)):
        raise Refused("quality.hijri", found="a day that the Hijri calendar does not have", remedy="correct the date")
    days = day - 1 + 29 * (month - 1) + month // 2 + 354 * (year - 1) + (3 + 11 * year) // 30
    return date.fromordinal(_EPOCH + days)
