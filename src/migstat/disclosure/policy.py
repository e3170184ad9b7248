"""What must be protected, declared: a policy names every rule it applies, each with all of its parameters."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar

from migstat.model import Refused


@dataclass(frozen=True, slots=True)
class MinimumFrequency:
    """Cells of 1 to ``threshold`` units are disclosive; empty cells too where ``zeros_disclosive``.

    Source: Hundepool et al., Statistical Disclosure Control (2012), section 5.3; UNECE thresholds of 3 to 5 and more.
    """

    source: ClassVar[str] = "Hundepool et al. (2012), Statistical Disclosure Control, section 5.3"
    threshold: int
    zeros_disclosive: bool

    def __post_init__(self) -> None:
        _at_least("minimum_frequency.threshold", self.threshold, 1)
        _flag("minimum_frequency.zeros_disclosive", self.zeros_disclosive)


@dataclass(frozen=True, slots=True)
class FewContributors:
    """Cells with 1 to ``fewer_than`` - 1 contributors are disclosive, whatever their value (Hundepool et al., 4.2)."""

    source: ClassVar[str] = "Hundepool et al. (2012), Statistical Disclosure Control, section 4.2"
    fewer_than: int

    def __post_init__(self) -> None:
        _at_least("few_contributors.fewer_than", self.fewer_than, 2)


@dataclass(frozen=True, slots=True)
class Dominance:
    """The (n, k) rule: the ``n`` largest contributions exceed ``k`` percent of the cell (Cox 1981; Hundepool, 4.2.1)."""

    source: ClassVar[str] = "Cox (1981), Linear sensitivity measures in statistical disclosure control"
    n: int
    k: float

    def __post_init__(self) -> None:
        _at_least("dominance.n", self.n, 1)
        _between("dominance.k", self.k, 0, 100)


@dataclass(frozen=True, slots=True)
class PPercent:
    """The p % rule: the total without the largest contribution and without those of a coalition of ``coalition``
    others, the largest that there can be, is below ``p`` percent of the largest contribution: the coalition can
    estimate it to within p % (Cox 1981; Hundepool et al. 2012, section 4.2.2)."""

    source: ClassVar[str] = "Cox (1981), Linear sensitivity measures in statistical disclosure control"
    p: float
    coalition: int

    def __post_init__(self) -> None:
        _between("p_percent.p", self.p, 0, 1000)
        _at_least("p_percent.coalition", self.coalition, 1)


@dataclass(frozen=True, slots=True)
class ShareOfOneGroup:
    """Attribute disclosure: at least ``share`` of a group falls into one class of ``dimension`` (Hundepool, 5.3.2)."""

    source: ClassVar[str] = "Hundepool et al. (2012), Statistical Disclosure Control, section 5.3.2"
    dimension: str
    share: float

    def __post_init__(self) -> None:
        _between("share_of_one_group.share", self.share, 0.5, 1)


@dataclass(frozen=True, slots=True)
class MarkedCells:
    """Cells that the statistician marks by their codes, one per dimension."""

    source: ClassVar[str] = "decision of the producer"
    cells: tuple[tuple[str, ...], ...]


Rule = MinimumFrequency | FewContributors | Dominance | PPercent | ShareOfOneGroup | MarkedCells


@dataclass(frozen=True, slots=True)
class ProtectionInterval:
    """How far from its true value the feasibility interval of a primary cell must reach, below and above.

    The larger of ``absolute`` and ``percent`` of the value, on each side, never below 0; and, with
    ``from_p_percent``, what the p % rule asks on the upper side. ``width`` is the least length of the whole interval.
    """

    absolute: float
    percent: float
    width: float
    from_p_percent: bool

    def __post_init__(self) -> None:
        for name in ("absolute", "percent", "width"):
            _between(f"protection_interval.{name}", getattr(self, name), 0, math.inf)
        _flag("protection_interval.from_p_percent", self.from_p_percent)
        if self.absolute == 0 and self.percent == 0 and self.width == 0 and not self.from_p_percent:
            raise Refused(
                "policy.no_protection", found="a protection interval of nothing", remedy="ask for a width above 0"
            )


@dataclass(frozen=True, slots=True)
class Attackers:
    """What is assumed known to whoever attacks the table.

    ``own_contribution``: each sole contributor of a cell knows its value; ``coalition``: how many contributors pool
    what they know (1: none do); ``prior_percent``: everybody knows each value within this percentage beforehand
    (infinite: nothing but that cells are not negative).
    """

    own_contribution: bool
    coalition: int
    prior_percent: float

    def __post_init__(self) -> None:
        _flag("attackers.own_contribution", self.own_contribution)
        _at_least("attackers.coalition", self.coalition, 1)
        if not self.prior_percent > 0:
            raise Refused(
                "policy.attackers.prior_percent", found=repr(self.prior_percent), remedy="give a percentage above 0"
            )


@dataclass(frozen=True, slots=True)
class SecondaryCosts:
    """What withholding a safe cell costs: ``count`` (1 each), ``value``, ``log`` (log(1 + value)) or ``own``.

    ``keep_margins`` multiplies the cost of a margin, ``keep_published`` that of a cell published before;
    ``withhold_zeros`` says whether an empty cell may be withheld.
    """

    by: str
    keep_margins: float
    keep_published: float
    withhold_zeros: bool

    def __post_init__(self) -> None:
        if self.by not in ("count", "value", "log", "own"):
            raise Refused("policy.costs.by", found=repr(self.by), remedy="use count, value, log or own")
        _between("costs.keep_margins", self.keep_margins, 1, math.inf)
        _between("costs.keep_published", self.keep_published, 1, math.inf)
        _flag("costs.withhold_zeros", self.withhold_zeros)


_RULES: dict[str, type[Any]] = {
    "minimum_frequency": MinimumFrequency,
    "few_contributors": FewContributors,
    "dominance": Dominance,
    "p_percent": PPercent,
    "share_of_one_group": ShareOfOneGroup,
    "marked_cells": MarkedCells,
}
_SECTIONS: dict[str, type[Any]] = {
    "protection_interval": ProtectionInterval,
    "attackers": Attackers,
    "costs": SecondaryCosts,
}


@dataclass(frozen=True, slots=True)
class DisclosurePolicy:
    """Primary rules, the protection they ask for, the attackers assumed, and the costs of secondary suppression.

    >>> policy = DisclosurePolicy.from_mapping({
    ...     "rules": {"minimum_frequency": {"threshold": 3, "zeros_disclosive": False}},
    ...     "protection_interval": {"absolute": 1, "percent": 0, "width": 2, "from_p_percent": False},
    ...     "attackers": {"own_contribution": False, "coalition": 1, "prior_percent": float("inf")},
    ...     "costs": {"by": "value", "keep_margins": 1, "keep_published": 1, "withhold_zeros": False}})
    >>> policy.rules[0].threshold
    3
    """

    rules: tuple[Rule, ...]
    protection_interval: ProtectionInterval
    attackers: Attackers
    costs: SecondaryCosts

    def __post_init__(self) -> None:
        if not self.rules:
            raise Refused("policy.no_rules", found="a policy without primary rules", remedy="name at least one rule")

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> DisclosurePolicy:
        """Read a policy from plain values (a TOML file). A missing or unknown rule, section or parameter raises."""
        _exactly("policy", mapping, ("rules", *_SECTIONS))
        rules = mapping["rules"]
        _is_mapping("rules", rules)
        unknown = sorted(set(rules) - set(_RULES))
        if unknown:
            raise Refused("policy.unknown", found=f"rule {unknown[0]!r}", remedy=f"use {', '.join(_RULES)}")
        return cls(
            tuple(_read(name, _RULES[name], value) for name, value in rules.items()),
            **{name: _read(name, kind, mapping[name]) for name, kind in _SECTIONS.items()},
        )

    def rule(self, kind: type[Any]) -> Any:
        """The rule of this kind, or None."""
        return next((rule for rule in self.rules if isinstance(rule, kind)), None)


def _read(name: str, kind: type[Any], value: Any) -> Any:
    _is_mapping(name, value)
    _exactly(name, value, tuple(field.name for field in fields(kind)))
    parameters = dict(value)
    if kind is MarkedCells:
        parameters["cells"] = tuple(tuple(str(code) for code in codes) for codes in value["cells"])
    return kind(**parameters)


def _is_mapping(name: str, value: Any) -> None:
    if not isinstance(value, Mapping):
        raise Refused(f"policy.{name}", found=repr(type(value).__name__), remedy="give its parameters by name")


def _exactly(name: str, value: Mapping[str, Any], wanted: Sequence[str]) -> None:
    unknown = sorted(set(value) - set(wanted))
    if unknown:
        raise Refused("policy.unknown", found=f"{unknown[0]!r} in {name}", remedy=f"use {', '.join(wanted)}")
    missing = [key for key in wanted if key not in value]
    if missing:
        raise Refused("policy.missing", found=f"no {missing[0]!r} in {name}", remedy="say it; nothing is assumed")


def _at_least(name: str, value: Any, least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise Refused(f"policy.{name}", found=repr(value), remedy=f"give a whole number of {least} or more")


def _between(name: str, value: Any, least: float, most: float) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise Refused(f"policy.{name}", found=repr(value), remedy=f"give a number from {least:g} to {most:g}")


def _flag(name: str, value: Any) -> None:
    if not isinstance(value, bool):
        raise Refused(f"policy.{name}", found=repr(value), remedy="give true or false")
