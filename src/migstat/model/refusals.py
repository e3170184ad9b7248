"""The one error of the library: which rule, what was found, what to do."""

from __future__ import annotations


class Refused(ValueError):
    """Input that the library will not work on, said so that the reader can mend it.

    ``rule`` is a stable identifier (``"codes.unknown"``) that a caller may translate, ``found`` what was met,
    ``remedy`` what to do. No value that identifies a person may be put into any of the three.

    >>> str(Refused("period.order", found="2024 to 2014", remedy="give the earlier period first"))
    'period.order: found 2024 to 2014; give the earlier period first'
    """

    def __init__(self, rule: str, *, found: str, remedy: str) -> None:
        super().__init__(rule, found, remedy)
        self.rule = rule
        self.found = found
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.rule}: found {self.found}; {self.remedy}"
