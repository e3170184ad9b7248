"""What a run hands to the release desk: its tables as the public side places them, with lineage, method and doubt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from marsad.production import queries
from marsad.production.lineage import SnapshotFact
from marsad.production.models import Run
from marsad.production.results import Result, without_unknown_codes
from marsad.production.rules import RunState
from migstat.disclosure import DisclosurePolicy, Ledger, protect
from migstat.disclosure.policy import FewContributors, MinimumFrequency
from migstat.model import Refused
from migstat.model.tables import VALUE, Table


@dataclass(frozen=True)
class HandedTable:
    """One result as the desk takes it: without the codes that no catalogue has, and with the name of its step."""

    step: str
    result: Result
    snapshots: tuple[SnapshotFact, ...]


def handed_tables(run: Run) -> list[HandedTable]:
    """Every table of a run that is done. Raises ``Refused``: ``production.not_done``, ``production.unknown_codes``,
    ``production.no_lineage`` where a snapshot is gone."""
    if run.state != RunState.DONE:
        raise Refused("production.not_done", found=f"a run that is {run.state}", remedy="wait until it is done")
    handed = []
    for step, result in queries.results(run).items():
        lineage = queries.lineage_of(run, step)
        if len(lineage) < len(queries.reads_of(run, step)):
            raise Refused("production.no_lineage", found="a snapshot that is gone", remedy="ask for a new run")
        table = replace(without_unknown_codes(result.table), id=f"{step}")
        kept = {codes for codes, _ in table.cells()}
        intervals = {codes: ends for codes, ends in result.intervals.items() if codes in kept}
        handed.append(HandedTable(step, replace(result, table=table, intervals=intervals), lineage))
    return handed


def marked_cells(result: Result, policy: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """The cells of a fraction whose numerator or denominator must be withheld under a policy.

    Who knows the denominators, from a census or a register, would reckon the numerators from the shares; so a share is
    withheld wherever the table above or below it withholds the cell, be it to protect another one.
    """
    whole = DisclosurePolicy.from_mapping(policy)
    counted = tuple(rule for rule in whole.rules if isinstance(rule, MinimumFrequency | FewContributors))
    if not counted:
        return []
    narrowed = replace(whole, rules=counted)
    shown = {codes for codes, cell in result.table.cells() if cell.is_value}
    found: set[tuple[str, ...]] = set()
    for part in result.parts:
        if not _anybody(part):
            continue
        withheld = protect(part, narrowed, Ledger()).withheld
        found |= {part.codes_at(row) for row in np.flatnonzero(withheld).tolist()}
    return sorted(found & shown)


def _anybody(part: Table) -> bool:
    return bool((part.states == VALUE).any())


def definition_codes(run: Run) -> list[str]:
    """The indicators that a run computes, for the words of a request."""
    return list(dict.fromkeys(result.table.measure.indicator for result in queries.results(run).values()))


def concerns(results: Sequence[Result]) -> list[dict[str, str]]:
    """The statements of the diagnostics that give cause for concern: quality notes that travel with the edition."""
    notes = [
        one["statement"] for result in results for one in result.report.get("diagnostics", ()) if one.get("concern")
    ]
    return list({note["en"]: note for note in notes}.values())
