"""Codes and code lists (SDMX Codelist): closed sets of named codes, with an optional hierarchy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from migstat.model.refusals import Refused
from migstat.model.texts import Text


@dataclass(frozen=True, slots=True)
class Code:
    """One code. ``id`` stays a string for ever: '04' is not 4. ``parent`` is the code it is part of, if any."""

    id: str
    name: Text
    parent: str | None = None


@dataclass(frozen=True)
class Codelist:
    """A closed list of codes, checked whole when it is built: unique ids, known parents, no cycle.

    >>> sex = Codelist("SEX", (Code("_T", Text("ensemble", "المجموع", "all")),
    ...                        Code("F", Text("femmes", "نساء", "women"), "_T"),
    ...                        Code("M", Text("hommes", "رجال", "men"), "_T")))
    >>> sex.children("_T")
    ('F', 'M')
    """

    id: str
    codes: tuple[Code, ...]
    _by_id: Mapping[str, Code] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_id: dict[str, Code] = {}
        for code in self.codes:
            if code.id in by_id:
                raise Refused("codes.twice", found=f"{code.id!r} twice in {self.id}", remedy="keep one of them")
            by_id[code.id] = code
        object.__setattr__(self, "_by_id", by_id)
        for code in self.codes:
            self._refuse_bad_ancestry(code)

    def _refuse_bad_ancestry(self, code: Code) -> None:
        seen = {code.id}
        while code.parent is not None:
            if code.parent not in self._by_id:
                raise Refused(
                    "codes.parent",
                    found=f"{code.id!r} part of unknown {code.parent!r} in {self.id}",
                    remedy="add the parent or correct its code",
                )
            if code.parent in seen:
                raise Refused(
                    "codes.cycle",
                    found=f"{code.parent!r} is part of itself in {self.id}",
                    remedy="break the circle of parents",
                )
            seen.add(code.parent)
            code = self._by_id[code.parent]

    def __contains__(self, code_id: object) -> bool:
        return code_id in self._by_id

    def __iter__(self) -> Iterator[Code]:
        return iter(self.codes)

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, code_id: str) -> Code:
        try:
            return self._by_id[code_id]
        except KeyError:
            raise Refused(
                "codes.unknown", found=f"{code_id!r} in {self.id}", remedy=f"use one of its {len(self.codes)} codes"
            ) from None

    @cached_property
    def _children(self) -> Mapping[str, tuple[str, ...]]:
        children: dict[str, list[str]] = {}
        for code in self.codes:
            if code.parent is not None:
                children.setdefault(code.parent, []).append(code.id)
        return {parent: tuple(ids) for parent, ids in children.items()}

    def children(self, code_id: str) -> tuple[str, ...]:
        """The codes that are directly part of ``code_id``, in list order; empty for a leaf."""
        return self._children.get(self[code_id].id, ())

    def leaves(self, code_id: str) -> tuple[str, ...]:
        """The codes without parts under ``code_id`` (itself, when it has none)."""
        parts: Sequence[str] = self.children(code_id)
        if not parts:
            return (code_id,)
        return tuple(leaf for part in parts for leaf in self.leaves(part))
