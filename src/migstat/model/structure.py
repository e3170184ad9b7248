"""The structure of a dataflow: what each column of its records is, and what it may hold.

The roles follow SDMX (dimension, attribute, measure) and the practice of disclosure control (direct identifier,
quasi-identifier): Hundepool et al., *Statistical Disclosure Control*, 2012, section 1.4.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from migstat.model.refusals import Refused
from migstat.model.texts import Text

_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")


class Role(StrEnum):
    """What a column is for. A direct identifier never reaches a store as it came."""

    DIRECT_IDENTIFIER = "direct_identifier"
    QUASI_IDENTIFIER = "quasi_identifier"
    ATTRIBUTE = "attribute"
    MEASURE = "measure"
    AREA = "area"
    PERIOD = "period"
    WEIGHT = "weight"


class Kind(StrEnum):
    TEXT = "text"
    CODE = "code"
    INTEGER = "integer"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"


_NUMERIC = frozenset({Kind.INTEGER, Kind.NUMBER})


@dataclass(frozen=True)
class Column:
    """One column. ``minimum`` and ``maximum`` bound numbers, both included.

    Raises ``Refused`` for a name that is no plain word, a code without its list, bounds of what is no number or in
    the wrong order, and a weight or measure that is no number.
    """

    name: str
    role: Role
    kind: Kind
    codelist: str = ""
    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    label: Text | None = None

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or "__" in self.name:
            raise Refused(
                "structure.name",
                found=f"the column name {self.name!r}",
                remedy="use small letters, digits and single underscores",
            )
        if (self.kind is Kind.CODE) != bool(self.codelist):
            raise Refused(
                "structure.codelist",
                found=f"column {self.name} of kind {self.kind}",
                remedy="name a code list for a code, and only for a code",
            )
        bounds = [bound for bound in (self.minimum, self.maximum) if bound is not None]
        if bounds and (self.kind not in _NUMERIC or bounds != sorted(bounds)):
            raise Refused(
                "structure.bounds",
                found=f"the bounds of column {self.name}",
                remedy="bound a number, the smaller bound first",
            )
        if self.role in (Role.WEIGHT, Role.MEASURE) and self.kind not in _NUMERIC:
            raise Refused(
                "structure.numeric",
                found=f"column {self.name}, a {self.role} of kind {self.kind}",
                remedy="make it an integer or a number",
            )


@dataclass(frozen=True)
class DataStructure:
    """The columns of a dataflow in their order; ``unit`` is what one record stands for (person, household, visit, cell).

    >>> structure = DataStructure.from_mapping({
    ...     "code": "visits", "version": "1", "unit": "visit",
    ...     "columns": [{"name": "family_name", "role": "direct_identifier", "kind": "text"},
    ...                 {"name": "age", "role": "quasi_identifier", "kind": "integer", "minimum": 0, "maximum": 120}]})
    >>> [column.name for column in structure.with_role(Role.DIRECT_IDENTIFIER)]
    ['family_name']
    """

    code: str
    version: str
    unit: str
    columns: tuple[Column, ...]

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        if not names or len(names) != len(set(names)):
            raise Refused(
                "structure.columns",
                found=f"the columns of {self.code}",
                remedy="give at least one column, and each name once",
            )
        if len(self.with_role(Role.WEIGHT)) > 1:
            raise Refused("structure.weight", found=f"several weights in {self.code}", remedy="keep one weight")

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> DataStructure:
        """Read a structure from plain data (TOML, JSON). Raises ``Refused`` for a missing or an unknown field."""
        _only(mapping, needed={"code", "version", "unit", "columns"}, where="the structure")
        columns = tuple(_column(one) for one in mapping["columns"])
        return cls(str(mapping["code"]), str(mapping["version"]), str(mapping["unit"]), columns)

    def to_mapping(self) -> dict[str, Any]:
        """Plain data that ``from_mapping`` reads back as the same structure."""
        columns = [_plain(column) for column in self.columns]
        return {"code": self.code, "version": self.version, "unit": self.unit, "columns": columns}

    def column(self, name: str) -> Column:
        """The column of a name. Raises ``Refused("structure.unknown_column")``."""
        for column in self.columns:
            if column.name == name:
                return column
        raise Refused(
            "structure.unknown_column",
            found=f"no column {name!r} in {self.code}",
            remedy="use a column of the structure",
        )

    def with_role(self, role: Role) -> tuple[Column, ...]:
        """The columns of one role, in the order of the structure."""
        return tuple(column for column in self.columns if column.role is role)


_FIELDS = {"name", "role", "kind", "codelist", "required", "minimum", "maximum", "label"}


def _only(mapping: Mapping[str, Any], *, needed: set[str], where: str, allowed: set[str] | None = None) -> None:
    missing = needed - mapping.keys()
    unknown = mapping.keys() - (allowed or needed)
    if missing or unknown:
        found = ", ".join(
            [*(f"no {name}" for name in sorted(missing)), *(f"the field {name}" for name in sorted(unknown))]
        )
        raise Refused("structure.fields", found=f"{found} in {where}", remedy="write exactly the fields of a structure")


def _column(mapping: Mapping[str, Any]) -> Column:
    _only(mapping, needed={"name", "role", "kind"}, where="a column", allowed=_FIELDS)
    try:
        role, kind = Role(mapping["role"]), Kind(mapping["kind"])
    except ValueError:
        raise Refused(
            "structure.vocabulary",
            found=f"the role or kind of column {mapping['name']}",
            remedy=f"roles: {', '.join(Role)}; kinds: {', '.join(Kind)}",
        ) from None
    label = mapping.get("label")
    words = Text(**label) if label else None
    return Column(
        mapping["name"],
        role,
        kind,
        mapping.get("codelist", ""),
        bool(mapping.get("required", False)),
        mapping.get("minimum"),
        mapping.get("maximum"),
        words,
    )


def _plain(column: Column) -> dict[str, Any]:
    plain: dict[str, Any] = {"name": column.name, "role": column.role.value, "kind": column.kind.value}
    optional = {
        "codelist": column.codelist or None,
        "required": column.required or None,
        "minimum": column.minimum,
        "maximum": column.maximum,
    }
    plain |= {name: value for name, value in optional.items() if value is not None}
    if column.label is not None:
        plain["label"] = {"fr": column.label.fr, "ar": column.label.ar, "en": column.label.en}
    return plain
