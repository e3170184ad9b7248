"""The road from a table to its release: protect, audit, two approvals. Each type is built in one function only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import numpy as np

from migstat.disclosure.audit import AuditReport, audit
from migstat.disclosure.ledger import Address, Entry, Joined, Ledger
from migstat.disclosure.policy import DisclosurePolicy
from migstat.disclosure.primary import Protection, contributors_per_row, primary_suppression, units_behind
from migstat.disclosure.repair import until_it_passes
from migstat.disclosure.secondary import Effort, Requirement, cell_costs, secondary_suppression
from migstat.disclosure.system import Flags, Floats, Integers
from migstat.model import Cell, Refused, WithheldFor
from migstat.model.tables import VALUE, Table, addresses

_SEAL: Final = object()


@dataclass(frozen=True, eq=False)
class ProtectedTable:
    """A table with a decision for every cell and the audit that it passed. Only ``protect`` builds one.

    Holds the true values: it stays inside the house. ``primary`` and ``secondary`` (n,) are the withheld cells;
    ``already_exposed`` names cells of earlier releases that were open to attack before this table came.
    """

    table: Table
    policy: DisclosurePolicy
    primary: Flags
    secondary: Flags
    protection: Protection
    report: AuditReport
    already_exposed: tuple[str, ...]
    _seal: Any = field(repr=False, default=None)

    def __post_init__(self) -> None:
        _refuse_unless_sealed(self._seal, "ProtectedTable", "protect()")
        if not self.report.passed:
            raise Refused("protect.unsafe", found="an audit that failed", remedy="withhold more, or do not release")

    @property
    def withheld(self) -> Flags:
        return self.primary | self.secondary

    def cell_at(self, row: int) -> Cell:
        if self.primary[row]:
            return Cell.withheld(WithheldFor.PRIMARY)
        if self.secondary[row]:
            return Cell.withheld(WithheldFor.SECONDARY)
        return self.table.cell_at(row)

    def cells(self) -> Iterator[tuple[tuple[str, ...], Cell]]:
        for row in range(len(self.table)):
            yield self.table.codes_at(row), self.cell_at(row)


@dataclass(frozen=True, slots=True)
class Approval:
    """One reviewer's decision to release, with its reason."""

    reviewer: str
    at: datetime
    reason: str

    def __post_init__(self) -> None:
        if not self.reviewer.strip() or not self.reason.strip():
            raise Refused("release.approval", found="no reviewer or no reason", remedy="sign with a name and a reason")


@dataclass(frozen=True, eq=False)
class ReleasedTable:
    """What may be published, and nothing else: codes and cells, without any withheld value. Only ``release`` builds
    one. ``approvals`` are those of two different people."""

    id: str
    measure: Any
    coordinates: dict[str, str]
    dimensions: tuple[str, ...]
    cells: tuple[tuple[tuple[str, ...], Cell], ...]
    approvals: tuple[Approval, Approval]
    _seal: Any = field(repr=False, default=None)

    def __post_init__(self) -> None:
        _refuse_unless_sealed(self._seal, "ReleasedTable", "release()")


def _refuse_unless_sealed(seal: Any, name: str, function: str) -> None:
    if seal is not _SEAL:
        raise Refused("release.gate", found=f"a {name} built by hand", remedy=f"only {function} makes one")


def protect(
    table: Table,
    policy: DisclosurePolicy,
    ledger: Ledger,
    *,
    own_costs: Floats | None = None,
    effort: Effort | None = None,
) -> ProtectedTable:
    """Decide every cell of a table so that neither it nor anything released before can be undone, and prove it.

    The new cells are attacked together with all that the ledger ties to them. Raises Refused when nothing helps: a
    cell is public already, or what is public leaves it no room.

    >>> from migstat.disclosure.examples import small_policy, small_table
    >>> protected = protect(small_table(), small_policy(), Ledger())
    >>> [str(cell.state) for codes, cell in protected.cells() if codes[0] == "HASSAN"]
    ['value', 'withheld', 'withheld']
    >>> protected.report.passed
    True
    """
    protection = primary_suppression(table, policy)
    joined = ledger.join(table, protection, policy)
    requirement, exposed = _without_what_is_lost(joined, policy)
    costs = _costs(joined, policy, own_costs, _published_before(table, joined, policy, ledger))
    zeros = policy.costs.withhold_zeros
    pattern = secondary_suppression(joined.system, requirement, costs, withhold_zeros=zeros, effort=effort)
    contributors = _contributors(table, joined) if policy.attackers.own_contribution else None
    pattern, report = until_it_passes(joined.system, pattern, requirement, policy, costs, contributors)
    withheld = pattern.withheld[joined.rows] & (table.states == VALUE)
    return ProtectedTable(
        table,
        policy,
        protection.primary,
        withheld & ~protection.primary,
        protection,
        report,
        exposed,
        _seal=_SEAL,
    )


def _without_what_is_lost(joined: Joined, policy: DisclosurePolicy) -> tuple[Requirement, tuple[str, ...]]:
    """Drop what earlier releases gave away already; refuse when a cell of this very table is among it."""
    requirement = joined.requirement
    mine = np.zeros(len(joined.system), dtype=bool)
    mine[joined.rows] = True
    public = requirement.primary & requirement.fixed
    withheld = ~requirement.fixed
    attackers = policy.attackers
    plain = type(attackers)(own_contribution=False, coalition=1, prior_percent=attackers.prior_percent)
    lost = public.copy()
    if requirement.fixed.any():
        asked = _replaced(requirement, requirement.primary & ~public)
        report = audit(joined.system, withheld, asked, plain)
        lost[[exposure.cell for exposure in report.exposures]] = True
    if (lost & mine).any():
        names = [joined.system.label(cell) for cell in np.flatnonzero(lost & mine)[:5].tolist()]
        raise Refused(
            "ledger.already_disclosed",
            found=f"{int((lost & mine).sum())} primary cells that earlier releases give away ({', '.join(names)})",
            remedy="withhold the table, or publish it with fewer breakdowns; what is public cannot be taken back",
        )
    exposed = tuple(joined.system.label(cell) for cell in np.flatnonzero(lost).tolist())
    return _replaced(requirement, requirement.primary & ~lost), exposed


def _replaced(requirement: Requirement, primary: Flags) -> Requirement:
    zero = np.where(primary, 1.0, 0.0)
    return Requirement(
        primary,
        requirement.below * zero,
        requirement.above * zero,
        requirement.width * zero,
        requirement.fixed,
        requirement.withheld | (requirement.primary & ~primary & ~requirement.fixed),
    )


def _costs(joined: Joined, policy: DisclosurePolicy, own: Floats | None, published_before: Flags | None) -> Floats:
    if own is None:
        return cell_costs(joined.system, policy.costs, None, published_before)
    spread = np.zeros(len(joined.system))
    spread[joined.rows] = own
    return cell_costs(joined.system, policy.costs, spread, published_before)


def _published_before(table: Table, joined: Joined, policy: DisclosurePolicy, ledger: Ledger) -> Flags | None:
    if policy.costs.keep_published == 1:
        return None
    from migstat.disclosure.editions import published_in_last_edition

    flags = np.zeros(len(joined.system), dtype=bool)
    flags[joined.rows] = published_in_last_edition(table, ledger)
    return flags


def _contributors(table: Table, joined: Joined) -> Integers:
    counts: Integers = np.nan_to_num(joined.units).astype(np.int64)
    counts[joined.rows] = contributors_per_row(table)
    return counts


def release(protected: ProtectedTable, first: Approval, second: Approval) -> ReleasedTable:
    """The released table, given the approvals of two different people.

    >>> from migstat.disclosure.examples import small_policy, small_table
    >>> from datetime import UTC
    >>> day = datetime(2026, 1, 5, tzinfo=UTC)
    >>> protected = protect(small_table(), small_policy(), Ledger())
    >>> release(protected, Approval("a", day, "audit passed"), Approval("a", day, "audit passed"))
    Traceback (most recent call last):
    ...
    migstat.model.refusals.Refused: release.two_people: found one reviewer twice; ask a second person
    """
    if first.reviewer.strip().casefold() == second.reviewer.strip().casefold():
        raise Refused("release.two_people", found="one reviewer twice", remedy="ask a second person")
    table = protected.table
    return ReleasedTable(
        table.id,
        table.measure,
        dict(table.coordinates),
        tuple(dimension.id for dimension in table.dimensions),
        tuple(protected.cells()),
        (first, second),
        _seal=_SEAL,
    )


def append(ledger: Ledger, protected: ProtectedTable, released: ReleasedTable) -> None:
    """Enter a released table into the ledger, withheld values with it: the ledger is as confidential as the data.

    Raises Refused when ``released`` is not the release of ``protected``.

    >>> from migstat.disclosure.examples import small_policy, small_table
    >>> from datetime import UTC
    >>> day, ledger = datetime(2026, 1, 5, tzinfo=UTC), Ledger()
    >>> protected = protect(small_table(), small_policy(), ledger)
    >>> append(ledger, protected, release(protected, Approval("a", day, "passed"), Approval("b", day, "passed")))
    >>> len(ledger), sum(entry.withheld for entry in ledger.entries.values())
    (12, 4)
    """
    if released.cells != tuple(protected.cells()) or released.id != protected.table.id:
        raise Refused("ledger.other_table", found=released.id, remedy="append the release of this very table")
    ledger.record(protected.table, entries_of(protected, ledger))


def entries_of(protected: ProtectedTable, ledger: Ledger) -> dict[Address, Entry]:
    """What a ledger keeps of a decided table, by what each cell is about: for a ledger that is stored and read again.

    >>> from migstat.disclosure.examples import small_policy, small_table
    >>> ledger = Ledger()
    >>> entries = entries_of(protect(small_table(), small_policy(), ledger), ledger)
    >>> len(entries), sum(entry.withheld for entry in entries.values())
    (12, 4)
    """
    table, protection = protected.table, protected.protection
    units = units_behind(table)
    entries = {}
    for row, address in enumerate(addresses(table, ledger.declared)):
        if table.states[row] != VALUE:
            continue
        primary = bool(protected.primary[row])
        asked = (protection.below[row], protection.above[row], protection.width[row]) if primary else (0.0, 0.0, 0.0)
        below, above, width = (float(part) for part in asked)
        zero = table.structural_zeros is not None and bool(table.structural_zeros[row])
        entries[address] = Entry(
            float(table.values[row]),
            bool(protected.withheld[row]),
            0.0,
            0.0 if zero else float("inf"),
            primary,
            below,
            above,
            width,
            float(units[row]),
        )
    return entries


def append_bounds(ledger: Ledger, table: Table, low: Floats, high: Floats) -> None:
    """Enter a rounded or perturbed release: what everybody can conclude about each cell, ``low`` to ``high`` (n,).

    For rounding these are the bounds of ``RoundedCells``; for a cell key, the published count less and plus the
    largest change. Raises Refused when a bound excludes the truth.

    >>> from migstat.disclosure.examples import small_table
    >>> ledger, table = Ledger(), small_table()
    >>> append_bounds(ledger, table, table.values - 2, table.values + 2)
    >>> next(iter(ledger.entries.values())).high
    86.0
    """
    known = table.states == VALUE
    if ((low > table.values + 1e-9) | (high < table.values - 1e-9))[known].any():
        raise Refused("ledger.bounds", found="bounds that exclude a true value", remedy="give the bounds of the method")
    about = addresses(table, ledger.declared)
    rows = np.flatnonzero(known).tolist()
    units = units_behind(table)
    entries = {
        about[row]: Entry(float(table.values[row]), True, float(low[row]), float(high[row]), units=float(units[row]))
        for row in rows
    }
    ledger.record(table, entries)


def adopt(ledger: Ledger, table: Table) -> None:
    """Enter a table that others publish whole (a census, an international organisation): known to all.

    >>> from migstat.disclosure.examples import small_table
    >>> ledger = Ledger()
    >>> adopt(ledger, small_table())
    >>> any(entry.withheld for entry in ledger.entries.values())
    False
    """
    known = [row for row in range(len(table)) if table.states[row] == VALUE]
    about = addresses(table, ledger.declared)
    units = units_behind(table)
    ledger.record(
        table, {about[row]: Entry(float(table.values[row]), withheld=False, units=float(units[row])) for row in known}
    )
