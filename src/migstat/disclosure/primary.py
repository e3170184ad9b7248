"""Primary rules: which cells may not be published for what they show by themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from migstat.disclosure.policy import (
    DisclosurePolicy,
    Dominance,
    FewContributors,
    MarkedCells,
    MinimumFrequency,
    PPercent,
    Rule,
    ShareOfOneGroup,
)
from migstat.disclosure.system import Flags, Floats, Integers
from migstat.model import Refused
from migstat.model.tables import VALUE, Table


@dataclass(frozen=True, eq=False)
class Protection:
    """Which cells are primary and how far each feasibility interval must reach: ``below`` and ``above`` the value
    (n,), and its least ``width`` (n,). All 0 where a cell is not primary. ``reasons`` gives the rules per cell."""

    primary: Flags
    below: Floats
    above: Floats
    width: Floats
    reasons: dict[int, tuple[str, ...]]


def primary_suppression(table: Table, policy: DisclosurePolicy) -> Protection:
    """Apply every rule of the policy; declare the protection each primary cell asks for.

    Raises Refused when a rule needs what the table does not have (contributors, contributions, a dimension).

    >>> from migstat.disclosure.examples import small_policy, small_table
    >>> protection = primary_suppression(small_table(), small_policy())
    >>> [small_table().codes_at(row) for row in protection.primary.nonzero()[0]]
    [('HASSAN', 'F')]
    """
    primary = np.zeros(len(table), dtype=bool)
    reasons: dict[int, tuple[str, ...]] = {}
    for rule in policy.rules:
        flags = _APPLY[type(rule)](table, rule)
        for row in np.flatnonzero(flags).tolist():
            reasons[row] = (*reasons.get(row, ()), type(rule).__name__)
        primary |= flags
    if table.structural_zeros is not None:
        primary &= ~table.structural_zeros
        reasons = {row: names for row, names in reasons.items() if primary[row]}
    below, above, width = _protection_levels(table, policy, primary)
    return Protection(primary, below, above, width, reasons)


def _protection_levels(table: Table, policy: DisclosurePolicy, primary: Flags) -> tuple[Floats, Floats, Floats]:
    asked = policy.protection_interval
    values = np.where(table.states == VALUE, table.values, 0.0)
    level = np.maximum(asked.absolute, asked.percent / 100 * values)
    below = np.where(primary, np.minimum(level, values), 0.0)
    above = np.where(primary, level, 0.0)
    width = np.where(primary, asked.width, 0.0)
    if asked.from_p_percent:
        rule = policy.rule(PPercent)
        if rule is None:
            raise Refused(
                "policy.from_p_percent", found="no p_percent rule", remedy="declare the rule or do not derive from it"
            )
        lacking = np.where(primary, np.maximum(_p_percent_shortfall(table, rule), 0.0), 0.0)
        above = np.maximum(above, lacking)
        below = np.maximum(below, np.minimum(lacking, values))
    return below, above, width


def _minimum_frequency(table: Table, rule: MinimumFrequency) -> Flags:
    frequency = _frequencies(table)
    least = 0 if rule.zeros_disclosive else 1
    flags: Flags = (frequency >= least) & (frequency <= rule.threshold)
    return flags


def _few_contributors(table: Table, rule: FewContributors) -> Flags:
    if table.contributors is None:
        raise Refused(
            "few_contributors.unknown", found=f"{table.id} without contributors", remedy="count them per cell"
        )
    flags: Flags = (table.contributors >= 1) & (table.contributors < rule.fewer_than)
    return flags


def _dominance(table: Table, rule: Dominance) -> Flags:
    largest = _contributions(table, rule.n).sum(axis=1)
    flags: Flags = (table.values > 0) & (largest > rule.k / 100 * table.values)
    return flags


def _p_percent(table: Table, rule: PPercent) -> Flags:
    flags: Flags = (table.values > 0) & (_p_percent_shortfall(table, rule) > 0)
    return flags


def _p_percent_shortfall(table: Table, rule: PPercent) -> Floats:
    """By how much the rest of the cell falls short of p % of its largest contribution."""
    contributions = _contributions(table, 1 + rule.coalition)
    rest = table.values - contributions[:, : 1 + rule.coalition].sum(axis=1)
    shortfall: Floats = rule.p / 100 * contributions[:, 0] - rest
    return shortfall


def _share_of_one_group(table: Table, rule: ShareOfOneGroup) -> Flags:
    axis = next((at for at, dimension in enumerate(table.dimensions) if dimension.id == rule.dimension), None)
    if axis is None:
        raise Refused(
            "share_of_one_group.dimension", found=repr(rule.dimension), remedy="name a dimension of the table"
        )
    flags = np.zeros(len(table), dtype=bool)
    dimension = table.dimensions[axis]
    relations = [at for at, each in enumerate(table.dimensions) for _ in each.relations]
    for along, (parents, parts) in zip(relations, table.complete_relations(), strict=True):
        if along != axis:
            continue
        for column in range(parts.shape[1]):
            both = (parents >= 0) & (parts[:, column] >= 0)
            whole, part = table.values[parents[both]], table.values[parts[both, column]]
            flags[parts[both, column][(whole > 0) & (part >= rule.share * whole)]] = True
    return flags & (len(dimension.codes) > 1)


def _marked_cells(table: Table, rule: MarkedCells) -> Flags:
    flags = np.zeros(len(table), dtype=bool)
    for codes in rule.cells:
        if len(codes) != len(table.dimensions):
            raise Refused("marked_cells.codes", found=f"{len(codes)} codes", remedy="give one code per dimension")
        flags[table.row(*codes)] = True
    return flags


def _frequencies(table: Table) -> Floats:
    if table.contributors is not None:
        return table.contributors.astype(float)
    known = table.values[table.states == VALUE]
    if not (known == np.round(known)).all():
        raise Refused(
            "minimum_frequency.unknown",
            found=f"{table.id} with amounts and no contributors",
            remedy="give the contributors of each cell",
        )
    return table.values


def _contributions(table: Table, count: int) -> Floats:
    if table.contributions is None or (table.weights is None and table.contributions.shape[1] < count):
        raise Refused(
            "contributions.unknown",
            found=f"{table.id} without its {count} largest contributions per cell",
            remedy="give them in falling order, 0 where there are fewer",
        )
    if table.weights is not None and table.contributors is not None:
        return largest_units(table.contributions, table.weights, table.contributors, count)
    return table.contributions[:, :count]


def largest_units(contributions: Floats, weights: Floats, contributors: Integers, count: int) -> Floats:
    """The ``count`` largest contributions (n, count) in the population behind a weighted sample.

    A weight w stands for w units that contribute alike; a part of a unit is filled up by the next contribution
    (Hundepool et al. 2012, page 151). A weight below 1 still counts as its respondent. Raises Refused
    when contributions that are not listed would be among them.

    >>> largest_units(np.array([[100.0, 10]]), np.array([[1.5, 7]]), np.array([2]), 3).tolist()
    [[100.0, 55.0, 10.0]]
    """
    last = np.cumsum(np.where(weights > 0, np.maximum(weights, 1.0), 0.0), axis=1)
    if ((contributors > last.shape[1]) & (last[:, -1] < count)).any():
        raise Refused("contributions.unknown", found="too few weighted contributions", remedy="list more per cell")
    first = np.concatenate([np.zeros((len(last), 1)), last[:, :-1]], axis=1)
    units = [np.clip(np.minimum(last, at + 1) - np.maximum(first, at), 0.0, 1.0) for at in range(count)]
    return np.stack([(share * contributions).sum(axis=1) for share in units], axis=1)


def units_behind(table: Table) -> Floats:
    """How many units, unweighted, stand behind each cell (n,): its contributors, or the count itself.

    >>> from migstat.disclosure.examples import small_table
    >>> units_behind(small_table()).tolist()[:3]
    [84.0, 30.0, 54.0]
    """
    return table.values if table.contributors is None else table.contributors.astype(float)


def contributors_per_row(table: Table) -> Integers:
    """Contributors per cell: given, or, in a frequency table, the count itself.

    >>> from migstat.disclosure.examples import small_table
    >>> contributors_per_row(small_table()).tolist()[:3]
    [84, 30, 54]
    """
    return np.where(np.isnan(_frequencies(table)), 0, _frequencies(table)).astype(np.int64)


_APPLY: dict[type[Rule], Callable[[Table, Rule], Flags]] = {
    MinimumFrequency: _minimum_frequency,  # type: ignore[dict-item]
    FewContributors: _few_contributors,  # type: ignore[dict-item]
    Dominance: _dominance,  # type: ignore[dict-item]
    PPercent: _p_percent,  # type: ignore[dict-item]
    ShareOfOneGroup: _share_of_one_group,  # type: ignore[dict-item]
    MarkedCells: _marked_cells,  # type: ignore[dict-item]
}
