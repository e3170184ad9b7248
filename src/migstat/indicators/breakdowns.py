"""The axes of a table: the codes of a column at the level that is asked for, and the periods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache, cached_property
from itertools import pairwise

from migstat.indicators.vocabulary import PERIOD, TOTAL, UNKNOWN
from migstat.model import Code, Codelist, Period, Refused, Text
from migstat.model.tables import Dimension

_TOTAL = Text(fr="Ensemble", ar="المجموع", en="All")
_UNKNOWN = Text(fr="Non connu", ar="غير معروف", en="Not known")


@dataclass(frozen=True)
class Breakdown:
    """One axis. ``tree`` holds every code of the table with its parts; ``leaf_of`` says under which innermost code
    a code of the rows is counted. A row without code, or with the code of the whole, is counted under ``_U``.

    ``outside`` are codes of the list that lie outside ``tree``: their rows are of elsewhere and left out.
    """

    id: str
    column: str
    tree: Dimension
    leaf_of: Mapping[str, str] = field(repr=False)
    outside: frozenset[str] = field(default=frozenset(), repr=False)

    @cached_property
    def without_wholes(self) -> Dimension:
        """The same codes with none a part of another: for what does not add up."""
        return Dimension.from_parents(self.id, dict.fromkeys(self.tree.codes))

    def leaf(self, code: str | None) -> str | None:
        """The innermost code of the table for a code of a row; None for a row of elsewhere.

        Raises Refused for a code that is not in the list, or that is coarser than the level asked for.
        """
        if code is None or code == UNKNOWN:
            return UNKNOWN
        if code in self.outside:
            return None
        try:
            return self.leaf_of[code]
        except KeyError:
            raise Refused(
                "indicator.code",
                found=f"a code in column {self.column} that {self.id} does not have at this level",
                remedy="correct the codes of the rows, or ask for a level at which all of them are known",
            ) from None


def code_breakdown(id: str, column: str, codes: Codelist, *, level: int | None = None, under: str = "") -> Breakdown:
    """An axis from a code list: down to its leaves, or to ``level`` steps below the whole; only ``under`` a code.

    A list with several roots gets the whole ``_T``. Raises Refused for an unknown ``under`` or a level below 1.

    >>> place = Codelist("PLACE", tuple(Code(code, Text(code, code, code), parent) for code, parent in
    ...     (("CITY", None), ("N", "CITY"), ("S", "CITY"), ("N1", "N"), ("N2", "N"))))
    >>> axis = code_breakdown("place", "place", place, level=1)
    >>> axis.tree.codes, axis.leaf("N2"), axis.leaf(None)
    (('CITY', 'N', 'S', '_U'), 'N', '_U')
    """
    if level is not None and level < 1:
        raise Refused("indicator.level", found=f"level {level} of {id}", remedy="count levels from 1 below the whole")
    kept = [codes[under], *_below(codes, under)] if under else list(codes)
    roots = [code for code in kept if code.id == under or code.parent is None]
    root = roots[0] if len(roots) == 1 and codes.children(roots[0].id) else Code(TOTAL, _TOTAL)
    tree: dict[str, Code] = {root.id: Code(root.id, root.name)}
    leaf_of: dict[str, str] = {root.id: UNKNOWN}

    def place(code: Code, parent: str, depth: int, inner: str | None) -> None:
        children = codes.children(code.id)
        if inner is None:
            tree[code.id] = Code(code.id, code.name, parent)
            inner = code.id if depth == level or not children else None
        if inner is not None:
            leaf_of[code.id] = inner
        for child in children:
            place(codes[child], code.id, depth + 1, inner)

    for top in [codes[child] for child in codes.children(root.id)] if root in roots else roots:
        place(top, root.id, 1, None)
    tree[UNKNOWN] = Code(UNKNOWN, _UNKNOWN, root.id)
    outside = frozenset(code.id for code in codes) - {code.id for code in kept}
    return Breakdown(id, column, Dimension(id, (Codelist(id, tuple(tree.values())),)), leaf_of, outside)


def _below(codes: Codelist, under: str) -> list[Code]:
    return [code for child in codes.children(under) for code in (codes[child], *_below(codes, child))]


def flat_codelist(id: str, codes: Sequence[str]) -> Codelist:
    """A code list of plain codes written in the definition itself."""
    return Codelist(id, tuple(Code(code, Text(code, code, code)) for code in codes))


def period_breakdown(periods: Sequence[Period], *, summed: bool) -> Breakdown:
    """The axis of periods: with their whole where they may be ``summed``, and without any where they may not.

    >>> period_breakdown([Period.parse("2024-Q1"), Period.parse("2024-Q2")], summed=True).tree.codes
    ('2024-Q1/2024-Q2', '2024-Q1', '2024-Q2')
    """
    texts = [period.text for period in periods]
    parents: dict[str, str | None] = dict.fromkeys(texts)
    if summed:
        whole = _whole(periods)
        parents = {whole: None, **dict.fromkeys(texts, whole)}
    return Breakdown(PERIOD, "", Dimension.from_parents(PERIOD, parents), {text: text for text in texts})


def _whole(periods: Sequence[Period]) -> str:
    ordered = sorted(periods)
    gapless = all(after.start == before.end + timedelta(days=1) for before, after in pairwise(ordered))
    plain = not any(period.is_range for period in periods)
    return f"{ordered[0].text}/{ordered[-1].text}" if gapless and plain else TOTAL


@cache
def texts_within(period: Period) -> frozenset[str]:
    """Every way to write a year, quarter, month or day that lies within the period.

    >>> sorted(texts_within(Period.parse("2024-02")))[:2], len(texts_within(Period.parse("2024")))
    (['2024-02', '2024-02-01'], 383)
    """
    found = {period.text}
    day = period.start
    while day <= period.end:
        found |= {text for text in _texts_of(day) if _inside(text, period)}
        day += timedelta(days=1)
    return frozenset(found)


@cache
def texts_around(period: Period) -> frozenset[str]:
    """The years, quarters and months that overlap the period without lying in it: too coarse to tell."""
    edges = {*_texts_of(period.start), *_texts_of(period.end)}
    return frozenset(text for text in edges if not _inside(text, period))


def _texts_of(day: date) -> tuple[str, ...]:
    quarter = (day.month + 2) // 3
    return (f"{day.year:04d}", f"{day.year:04d}-Q{quarter}", f"{day:%Y-%m}", day.isoformat())


def _inside(text: str, period: Period) -> bool:
    part = Period.parse(text)
    return period.start <= part.start and part.end <= period.end
