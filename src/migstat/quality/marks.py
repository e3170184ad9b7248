"""What a cell says when it holds no value: nothing known, withheld by its producer, or nothing that applies.

None of them is 0. The proposals are conventions of statistical offices; a mark whose meaning differs from office to office
is proposed and has to be confirmed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from migstat.quality.plain_words import cleaned, western_digits


class Mark(StrEnum):
    VALUE = "value"
    MISSING = "missing"
    SUPPRESSED = "suppressed"
    NOT_APPLICABLE = "not_applicable"


_PROPOSED: Final[Mapping[str, Mark]] = (
    dict.fromkeys(("*", "**", "..", "(c)", "[c]", ":c", "(s)", "xx", "secret", "sous secret", "مكتوم"), Mark.SUPPRESSED)
    | dict.fromkeys(
        (
            "...",
            "…",
            ":",
            "?",
            "nd",
            "n.d.",
            "n.d",
            "n/d",
            "na",
            "n.a.",
            "n.a",
            "n/a",
            "#n/a",
            "nan",
            "null",
            "none",
            "nr",
        ),
        Mark.MISSING,
    )
    | dict.fromkeys(("non disponible", "not available", "inconnu", "غير متوفر", "غ.م", "غ.م."), Mark.MISSING)
    | dict.fromkeys(("-", "–", "—", "--", "s.o.", "sans objet", "not applicable", "لا ينطبق", "x"), Mark.NOT_APPLICABLE)
)
# "-" is nil for one office and nothing for another; ".." is withheld at INE and missing at the UN; x is either.
_DISPUTED: Final = frozenset({"-", "–", "—", "--", "..", "x"})
_BEGINNINGS_OF_FEWER: Final = frozenset("<≤&ml1أ")
_FEWER = re.compile(r"^(?:<|≤|&lt;|moins de|less than|أقل من)\s*\d{1,2}$|^1\s*[-–]\s*[2-9]$")


def proposed_mark(text: str) -> Mark | None:
    """The meaning proposed for a text, or None where it is no known mark. An empty text is missing.

    >>> proposed_mark(""), proposed_mark("< 5"), proposed_mark(".."), proposed_mark("0")
    (<Mark.MISSING: 'missing'>, <Mark.SUPPRESSED: 'suppressed'>, <Mark.SUPPRESSED: 'suppressed'>, None)
    """
    said = cleaned(western_digits(text)).casefold()
    if not said:
        return Mark.MISSING
    if said[0] in _BEGINNINGS_OF_FEWER and _FEWER.match(said):
        return Mark.SUPPRESSED
    return _PROPOSED.get(said)


def is_disputed(text: str) -> bool:
    """Whether offices use this mark with different meanings, so that its reading has to be confirmed."""
    return cleaned(text).casefold() in _DISPUTED


def mark_of(text: str, said: Mapping[str, Mark]) -> Mark | None:
    """The meaning of a text, where ``said`` holds what was decided for single marks."""
    return (said.get(cleaned(text)) if said else None) or proposed_mark(text)
