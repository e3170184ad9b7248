"""What is found in a file: where, by which rule, and what to do. Counted whole, kept in part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final


class Severity(StrEnum):
    """An error stops acceptance without reservation; a question waits for an answer; a warning is to be looked at."""

    ERROR = "error"
    QUESTION = "question"
    WARNING = "warning"


# Every rule, in the order in which a report shows them.
RULES: Final[Mapping[str, Severity]] = {
    "quality.unmapped": Severity.ERROR,
    "quality.no_rows": Severity.ERROR,
    "quality.ragged": Severity.ERROR,
    "quality.required": Severity.ERROR,
    "quality.number": Severity.ERROR,
    "quality.integer": Severity.ERROR,
    "quality.date": Severity.ERROR,
    "quality.date_order": Severity.QUESTION,
    "quality.boolean": Severity.ERROR,
    "quality.bounds": Severity.ERROR,
    "quality.future": Severity.ERROR,
    "quality.period": Severity.ERROR,
    "quality.outside_period": Severity.ERROR,
    "quality.unknown_code": Severity.ERROR,
    "quality.ambiguous_code": Severity.QUESTION,
    "quality.short_code": Severity.WARNING,
    "quality.duplicate_row": Severity.ERROR,
    "quality.same_person": Severity.WARNING,
    "quality.same_cell": Severity.ERROR,
    "quality.total": Severity.ERROR,
    "quality.row_total": Severity.ERROR,
    "quality.drop": Severity.WARNING,
    "quality.jump": Severity.WARNING,
    "quality.breakdown": Severity.ERROR,
    "quality.area_missing": Severity.WARNING,
    "quality.period_missing": Severity.WARNING,
    "quality.formula": Severity.WARNING,
    "quality.hijri": Severity.WARNING,
    "quality.disputed_mark": Severity.WARNING,
    "quality.set_aside": Severity.WARNING,
    "quality.too_long": Severity.ERROR,
    "quality.cell_error": Severity.ERROR,
}


@dataclass(frozen=True)
class Finding:
    """One finding. ``row`` and ``position`` count from 1 and 0, 0 and None where it concerns no single one.

    ``found`` is never a direct identifier; ``values`` are codes and numbers that the words of the rule need.
    """

    rule: str
    row: int = 0
    position: int | None = None
    column: str = ""
    found: str = ""
    values: tuple[tuple[str, Any], ...] = ()

    @property
    def severity(self) -> Severity:
        return RULES[self.rule]


@dataclass
class Tally:
    """All findings counted, and the first ``most`` of each rule and column kept: a report has a bounded size."""

    most: int = 200
    counts: Counter[str] = field(default_factory=Counter)
    kept: list[Finding] = field(default_factory=list)
    _held: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, finding: Finding) -> None:
        self.counts[finding.rule] += 1
        key = (finding.rule, finding.column)
        if self._held[key] < self.most:
            self._held[key] += 1
            self.kept.append(finding)

    def extend(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            self.add(finding)

    def count_of(self, severity: Severity) -> int:
        return sum(count for rule, count in self.counts.items() if RULES[rule] is severity)

    def in_order(self) -> list[Finding]:
        """The kept findings: errors first, then questions and warnings, by rule and row."""
        ranks = {rule: place for place, rule in enumerate(RULES)}
        severities = list(Severity)
        return sorted(
            self.kept, key=lambda one: (severities.index(one.severity), ranks[one.rule], one.row, one.position or 0)
        )


_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would run this text: it begins like a formula and is no plain number, sign or mark.

    >>> is_formula("=HYPERLINK(A1)"), is_formula("-5"), is_formula("-"), is_formula("+212 600")
    (True, False, False, False)
    """
    if not text.startswith(_FORMULA):
        return False
    return any(letter.isalpha() or letter in "(!|'\"" for letter in text)


def harmless(text: str) -> str:
    """The text so that no spreadsheet runs it: what begins like a formula gets an apostrophe before it."""
    return f"'{text}" if text.startswith(_FORMULA) else text
