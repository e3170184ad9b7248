"""The examination of a request: protection against everything ever released, what an attacker could deduce, differences."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from django.conf import settings

from marsad.dissemination.models import Edition
from marsad.dissemination.rules import place_of
from marsad.release.bundles import checksum, policy_from_json
from marsad.release.models import ReleaseRequest, RequestTable
from marsad.release.past import enter_adopted, ledger_length, table_of, the_ledger
from migstat.disclosure import DisclosurePolicy, Ledger, ProtectedTable, entries_of, protect
from migstat.disclosure.feasibility import attack, feasibility_intervals
from migstat.disclosure.policy import MarkedCells
from migstat.model import Refused
from migstat.model.tables import VALUE, Table

_SHOWN: Final = 2000
_EXACT_UP_TO: Final = 1500


@dataclass(frozen=True)
class Examined:
    """What the desk found in a request: decided tables where it passes, and for each what there is to read."""

    protected: tuple[ProtectedTable, ...]
    reports: tuple[dict[str, Any], ...]
    pattern: str
    ledger: Ledger = field(repr=False)
    length: int = 0

    @property
    def passed(self) -> bool:
        return all(report["passed"] for report in self.reports) and bool(self.reports)


@cache
def city_policy(root: Path) -> Mapping[str, Any]:
    """The disclosure policy of the city: ``policies/release.toml`` in its pack. Raises Refused where there is none."""
    path = root / "policies" / "release.toml"
    if not path.is_file():
        raise Refused("release.policy", found="a city without policies/release.toml", remedy="write the city's policy")
    with path.open("rb") as file:
        return tomllib.load(file)


def policy_for(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """The policy given, or the city's; refused here where it is none."""
    chosen = given or city_policy(settings.ENVIRONMENT.city)
    DisclosurePolicy.from_mapping(chosen)
    return chosen


def examine(request: ReleaseRequest) -> Examined:
    """Protect every table of a request, each after those before it and after everything ever released.

    What passes is entered in the ledger of this examination alone, so that linked tables are attacked together.
    """
    policy = DisclosurePolicy.from_mapping(policy_from_json(request.policy))
    ledger = the_ledger(without=request.pk)
    stored = list(request.tables.select_related("request"))
    tables = [table_of(each) for each in stored]
    unfit = enter_adopted(ledger, tables)
    protected, reports = [], []
    for table, asked in zip(tables, stored, strict=True):
        try:
            decided = protect(table, with_marks(policy, asked.marked), ledger)
            reports.append(_report(decided, ledger, unfit))
            ledger.record(table, entries_of(decided, ledger))
            protected.append(decided)
        except Refused as refusal:
            reports.append(_refused(table, refusal))
    return Examined(tuple(protected), tuple(reports), pattern_of(protected), ledger, ledger_length())


def with_marks(policy: DisclosurePolicy, marked: Sequence[Sequence[str]]) -> DisclosurePolicy:
    """The policy, and that these cells of the table are withheld too."""
    if not marked:
        return policy
    cells = tuple(tuple(codes) for codes in marked)
    before = policy.rule(MarkedCells)
    rules = tuple(rule for rule in policy.rules if rule is not before)
    return replace(policy, rules=(*rules, MarkedCells((*(before.cells if before else ()), *cells))))


def pattern_of(protected: Sequence[ProtectedTable]) -> str:
    """A digest of which cells are shown and which are withheld, and for what."""
    return checksum(
        [
            [
                each.table.id,
                "".join("C" if p else "D" if s else "." for p, s in zip(each.primary, each.secondary, strict=True)),
            ]
            for each in protected
        ]
    )


def _refused(table: Table, refusal: Refused) -> dict[str, Any]:
    return {
        "table": table.id,
        "passed": False,
        "rule": refusal.rule,
        "found": refusal.found,
        "remedy": refusal.remedy,
        "cells": len(table),
        "withheld": [],
    }


def _report(protected: ProtectedTable, ledger: Ledger, unfit: Sequence[str]) -> dict[str, Any]:
    table, report = protected.table, protected.report
    low, high, exact = _intervals(protected, ledger)
    rows = np.flatnonzero(protected.withheld).tolist()
    shown = sorted(rows, key=lambda row: (not protected.primary[row], row))[:_SHOWN]
    return {
        "table": table.id,
        "passed": report.passed,
        "cells": len(table),
        "published": int((table.states == VALUE).sum()) - len(rows),
        "primary": int(protected.primary.sum()),
        "secondary": int(protected.secondary.sum()),
        "attackers": report.attackers,
        "exact": exact,
        "exposed_before": list(protected.already_exposed[:50]),
        "unfit": list(unfit),
        "withheld": [_withheld(protected, row, float(low[row]), float(high[row])) for row in shown],
    }


def _withheld(protected: ProtectedTable, row: int, low: float, high: float) -> dict[str, Any]:
    """One withheld cell: between which values an attacker can place it, and what was promised to it."""
    value, protection = float(protected.table.values[row]), protected.protection
    primary = bool(protected.primary[row])
    return {
        "codes": list(protected.table.codes_at(row)),
        "for": "C" if primary else "D",
        "value": value,
        "low": low,
        "high": None if np.isinf(high) else high,
        "need_low": value - float(protection.below[row]) if primary else None,
        "need_high": value + float(protection.above[row]) if primary else None,
    }


def _intervals(protected: ProtectedTable, ledger: Ledger) -> tuple[Any, Any, bool]:
    """The feasibility interval of every withheld row, given this table and all before it; exact up to a size.

    A larger table shows the part of each interval that the audit has proved: the true one is no shorter.
    """
    table = protected.table
    joined = ledger.join(table, protected.protection, protected.policy)
    withheld = joined.requirement.withheld.copy()
    withheld[joined.rows] = protected.withheld | (table.states != VALUE)
    exact = int(withheld.sum()) <= _EXACT_UP_TO
    problem = attack(joined.system, withheld, prior_percent=protected.policy.attackers.prior_percent)
    low, high = np.full(len(joined.system), np.nan), np.full(len(joined.system), np.nan)
    if exact:
        low[problem.cells], high[problem.cells] = feasibility_intervals(problem)
    else:
        low, high = protected.report.low, protected.report.high
    return low[joined.rows], high[joined.rows], exact


# --- differences from the last edition --------------------------------------------------------------------------------------


def last_edition(dataflow: str) -> Edition | None:
    """The edition that readers have now."""
    found = Edition.objects.filter(dataflow=dataflow, tombstone=None)
    return found.order_by("-published_on", "-pk").first()


def differences(request: ReleaseRequest, examined: Examined) -> dict[str, Any]:
    """What this request changes for readers: cells new, gone, revised, and shown or withheld other than before.

    ``few`` are revised values that differ by no more than the policy's smallest cell: whoever compares the two
    editions sees a few people move, and a reviewer must judge that.
    """
    before = last_edition(request.dataflow)
    if before is None:
        return {}
    columns = ("indicator_id", "area_id", "period", "breakdown_key", "base")
    old = {tuple(row[:5]): (row[5], row[6]) for row in before.observations.values_list(*columns, "state", "value")}
    new = dict(_decided_cells(request, examined))
    threshold = _threshold(policy_from_json(request.policy))
    revised = [
        [list(cell), old[cell][1], new[cell][1]]
        for cell in old.keys() & new.keys()
        if old[cell][0] == new[cell][0] == "value" and old[cell][1] != new[cell][1]
    ]
    return {
        "edition": before.number,
        "new": len(new.keys() - old.keys()),
        "gone": len(old.keys() - new.keys()),
        "hidden": sum(old[c][0] == "value" and new[c][0] == "withheld" for c in old.keys() & new.keys()),
        "opened": sum(old[c][0] == "withheld" and new[c][0] == "value" for c in old.keys() & new.keys()),
        "few": sum(0 < abs(b - a) <= threshold for _, a, b in revised),
        "revised": sorted(revised)[:_SHOWN],
        "revised_count": len(revised),
    }


def _decided_cells(request: ReleaseRequest, examined: Examined) -> Any:
    stored = {table.sort: table for table in request.tables.all()}
    for sort, protected in enumerate(examined.protected):
        table = protected.table
        names = [dimension.id for dimension in table.dimensions]
        for codes, cell in protected.cells():
            place = place_of(names, codes, table.coordinates)
            identity = (table.measure.indicator, place.area, place.period, place.key, stored[sort].base)
            yield identity, (cell.state.value, cell.number if cell.is_value else None)


def _threshold(policy: Mapping[str, Any]) -> float:
    rules = policy["rules"]
    frequency = rules.get("minimum_frequency", {}).get("threshold", 0)
    return float(max(frequency, rules.get("few_contributors", {}).get("fewer_than", 1) - 1))


# --- the digest of what is signed -------------------------------------------------------------------------------------------


def inputs_digest(request: ReleaseRequest) -> str:
    """A digest of everything that a signature stands for. The embargo is no part of it: it changes no number."""
    tables = [_table_inputs(table) for table in request.tables.all()]
    words = [request.dataflow, request.title, request.description, request.source, request.reason, request.quality]
    return checksum([words, request.policy, request.vintage, request.is_synthetic, sorted(request.figures), tables])


def _table_inputs(table: RequestTable) -> list[Any]:
    return [
        checksum(table.content),
        table.definition,
        table.run,
        table.snapshots,
        table.base,
        table.status,
        table.method,
        table.intervals,
        *([table.marked] if table.marked else []),
    ]
