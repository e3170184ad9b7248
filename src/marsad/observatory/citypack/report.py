"""The report of ``check-city``, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from marsad.observatory.citypack.problems import Problem
from migstat.model import Text

_FOUND = Text(fr="trouvé", ar="وُجد", en="found")
_TO_DO = Text(fr="à faire", ar="المطلوب", en="to do")


def report_lines(problems: Sequence[Problem], *, language: str) -> Iterator[str]:
    """Two lines per problem: where and which rule, then what was found and what to do."""
    for problem in problems:
        place = f"{problem.file}:{problem.line}" if problem.line else problem.file
        yield f"{place}  [{problem.rule}]"
        found, to_do = _FOUND.in_language(language), _TO_DO.in_language(language)
        yield f"    {found}: {problem.found}. {to_do}: {problem.remedy(language)}."
