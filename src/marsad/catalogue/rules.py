"""Closed vocabularies of the catalogue, and how HCP's codes are recognised in the spellings they come in."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from migstat.model import Refused


class Level(StrEnum):
    COUNTRY = "country"
    REGION = "region"
    PROVINCE = "province"
    COMMUNE = "commune"
    ARRONDISSEMENT = "arrondissement"


class Direction(StrEnum):
    HIGHER_IS_WORSE = "higher_is_worse"
    HIGHER_IS_BETTER = "higher_is_better"
    NEUTRAL = "neutral"


class Concerns(StrEnum):
    """Whose situation an indicator describes."""

    MIGRANTS = "migrants"
    ALL_RESIDENTS = "all_residents"


class BreakKind(StrEnum):
    DEFINITION = "definition"
    RECLASSIFICATION = "reclassification"
    BOUNDARY = "boundary"
    POPULATION_BASE = "population_base"


def hcp_digits(area: str) -> str:
    """The nine digits (fewer above the commune) that HCP's workbooks write for a dotted code.

    >>> hcp_digits("04.421.01.05"), hcp_digits("04.421.01.0"), hcp_digits("04.421"), hcp_digits("04")
    ('044210105', '004421010', '04421', '04')
    """
    digits = area.replace(".", "")
    return digits.zfill(9) if len(digits) > 5 else digits


def recognise_hcp_code(written: str, known: Iterable[str]) -> str:
    """The one known dotted code that ``written`` spells: with or without dots, with leading zeros kept or lost.

    A workbook opened and saved as numbers turns ``044210105`` into ``44210105`` and ``004421010`` into ``4421010``: nine
    digits become eight or seven. Raises Refused when the digits fit none of the known codes, or more than one.

    >>> recognise_hcp_code("4421010", ["04.421.01.0", "04.421.01.05"])
    '04.421.01.0'
    >>> recognise_hcp_code("44210105", ["04.421.01.0", "04.421.01.05"])
    '04.421.01.05'
    """
    digits = written.strip().replace(".", "")
    if not digits.isascii() or not digits.isdigit() or not 7 <= len(digits) <= 9:
        raise Refused(
            "hcp_code.form", found=repr(written), remedy="give a commune's or arrondissement's 7, 8 or 9 digits"
        )
    matches = {area for area in known if hcp_digits(area).lstrip("0") == digits.lstrip("0")}
    if len(matches) != 1:
        raise Refused(
            "hcp_code.unknown", found=f"{written!r} fits {len(matches)} codes", remedy="ask the producer which unit"
        )
    return matches.pop()
