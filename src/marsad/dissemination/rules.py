"""What an edition may and may not do, and how a breakdown is written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Final

from migstat.model import Origin, Refused, Text


class EditionIsImmutable(Refused):
    """Somebody tried to change what has been published."""

    def __init__(self, edition: str) -> None:
        super().__init__(
            "edition.immutable", found=f"a change to {edition}", remedy="publish a new edition with its reason"
        )


SYNTHETIC_MARK: Final = {"fr": "données synthétiques", "ar": "بيانات مصطنعة", "en": "synthetic data"}
MOST_TITLE: Final = 300


def with_mark(title: str, language: str) -> str:
    """The title of made-up numbers, which says so itself: lists, feeds, catalogues and citations carry titles alone.

    >>> with_mark(with_mark("Births", "en"), "en")
    'Births (synthetic data)'
    """
    mark = f" ({SYNTHETIC_MARK[language]})"
    return title if title.endswith(mark) else title[: MOST_TITLE - len(mark)] + mark


def breakdown_key(breakdown: Mapping[str, str]) -> str:
    """The canonical spelling of a breakdown: code lists in alphabetical order; empty for the total.

    >>> breakdown_key({"sex": "F", "age": "Y0T4"})
    'age=Y0T4;sex=F'
    """
    return ";".join(f"{codelist}={code}" for codelist, code in sorted(breakdown.items()))


def parse_breakdown(text: str) -> dict[str, str]:
    """The inverse of ``breakdown_key``. Raises Refused when a part is not ``codelist=code``.

    >>> parse_breakdown("age=Y0T4;sex=F")
    {'age': 'Y0T4', 'sex': 'F'}
    """
    breakdown = {}
    for part in filter(None, text.split(";")):
        codelist, equals, code = part.partition("=")
        if not (codelist and equals and code):
            raise Refused("breakdown.form", found=repr(part), remedy="write codelist=code, separated by semicolons")
        breakdown[codelist.strip()] = code.strip()
    return breakdown


def publication_number(taken: Iterable[str], *, year: int) -> str:
    """The next number of the year: its first publication is ``2026-1``.

    >>> publication_number(["2025-4", "2026-1"], year=2026)
    '2026-2'
    """
    of_year = [int(number.partition("-")[2]) for number in taken if number.startswith(f"{year}-")]
    return f"{year}-{max(of_year, default=0) + 1}"


TOTAL: Final = "_T"
AREA: Final = "AREA"
PERIODS: Final = ("PERIOD", "TIME_PERIOD")
# Coordinates that keep two populations apart in the ledger of releases, and are no breakdown of either.
POPULATIONS: Final = frozenset({"VINTAGE", "SOURCE", "BASE", "ORIGIN", "DATAFLOW"})


class StaleFor(StrEnum):
    """Why what was published no longer stands as it did."""

    SOURCE_CORRECTED = "source_corrected"
    ROWS_ERASED = "rows_erased"
    ESTIMATE_REVISED = "estimate_revised"
    DEFINITION_CHANGED = "definition_changed"


@dataclass(frozen=True)
class Place:
    """Where a cell of a table stands among the observations."""

    area: str
    period: str
    breakdown: Mapping[str, str]

    @property
    def key(self) -> str:
        return breakdown_key(self.breakdown)


def place_of(dimensions: Sequence[str], codes: Sequence[str], coordinates: Mapping[str, str]) -> Place:
    """Area, period and breakdown of the cell with these codes: AREA and PERIOD by name, every other dimension by its list.

    A code ``_T`` is the total and stands in no breakdown. Raises Refused where a table fixes no area or no period.

    >>> place_of(["AREA", "SEX"], ["04.421", "F"], {"PERIOD": "2024", "BASE": "municipal"}).key
    'sex=F'
    """
    known = {**coordinates, **dict(zip(dimensions, codes, strict=True))}
    period = next((known.pop(name) for name in PERIODS if name in known), "")
    area = known.pop(AREA, "")
    if not area or not period:
        raise Refused(
            "edition.place", found="a table without area or period", remedy="give AREA and PERIOD to every cell"
        )
    split = {name.lower(): code for name, code in known.items() if name not in POPULATIONS and code != TOTAL}
    return Place(area, period, split)


@dataclass(frozen=True)
class Dataset:
    """The dataflow that an edition belongs to, in three languages."""

    title: Text
    description: Text


@dataclass(frozen=True)
class TableDetails:
    """What travels with the cells of one table: base and status of its observations, and intervals by codes."""

    base: str
    status: str = "A"
    intervals: Mapping[tuple[str, ...], tuple[float, float]] = field(default_factory=dict)
    note: Text | None = None


@dataclass(frozen=True)
class Chain:
    """What an edition rests on, as everybody may read it: runs and definitions by code, snapshots, deliveries and
    agreements as plain mappings of codes, dates and classes of size. No rows, no names."""

    release: str
    runs: tuple[str, ...] = ()
    definitions: Sequence[Mapping[str, Any]] = ()
    snapshots: Sequence[Mapping[str, Any]] = ()
    deliveries: Sequence[Mapping[str, Any]] = ()
    agreements: tuple[str, ...] = ()
    method: Text | None = None
    quality: Sequence[Mapping[str, str]] = ()
    approved_on: tuple[str, ...] = ()
    figures: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True)
class EditionDetails:
    """An edition to be: its dataflow and number, day and reason, and what its tables bring along."""

    dataflow: str
    number: str
    published_on: date
    reason_fr: str
    reason_ar: str
    reason_en: str
    indicator: str
    source: str
    is_synthetic: bool
    fingerprints: tuple[str, ...]
    vintage: str = ""
    dataset: Dataset | None = None
    chain: Chain | None = None
    tables: Mapping[str, TableDetails] = field(default_factory=dict)

    @property
    def origin(self) -> Origin:
        return Origin.SYNTHETIC if self.is_synthetic else Origin.REAL

    @property
    def reason(self) -> Text:
        """Raises Refused where a language is missing: every edition says why it is there."""
        return Text(self.reason_fr, self.reason_ar, self.reason_en)


def size_class(count: int) -> str:
    """How many rows, as a class: the exact number of people in a source is not for everybody.

    >>> size_class(87), size_class(1234)
    ('<100', '1000-9999')
    """
    if count < 100:
        return "<100"
    power = 10 ** (len(str(count)) - 1)
    return f"{power}-{10 * power - 1}"


_EDITION: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,19}")


def checked_number(number: str) -> str:
    """The number of an edition as addresses hold it. Raises Refused for anything else."""
    if not _EDITION.fullmatch(number):
        raise Refused("edition.number", found="a number that no address can hold", remedy="write it as 2026-1")
    return number
