"""What an edition may and may not do, and how a breakdown is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from migstat.model import Refused


class EditionIsImmutable(Refused):
    """Somebody tried to change what has been published."""

    def __init__(self, edition: str) -> None:
        super().__init__(
            "edition.immutable", found=f"a change to {edition}", remedy="publish a new edition with its reason"
        )


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
