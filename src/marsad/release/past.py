"""The ledger of everything ever released, built again from what is stored; and what others published, entered as known."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np

from marsad.dissemination.models import Observation
from marsad.release.bundles import populated, table_from_json
from marsad.release.models import LedgerRecord, RequestTable
from migstat.disclosure import Ledger, ProtectedTable, adopt, entries_of
from migstat.disclosure.ledger import Entry
from migstat.model import Origin, Refused
from migstat.model.tables import VALUE, Table, addresses

_TOTAL: Final = "_T"


def ledger_length() -> int:
    """How many tables were ever released: a request examined against fewer is examined again."""
    return LedgerRecord.objects.count()


def the_ledger(*, without: object = None) -> Ledger:
    """Everything ever released, in the order in which it was. ``without`` leaves out the records of one request."""
    ledger = Ledger()
    for record in LedgerRecord.objects.select_related("table", "table__request").order_by("id"):
        if without is not None and record.table.request_id == without:
            continue
        table = table_of(record.table)
        about = addresses(table, ledger.declared)
        known = [about[row] for row in range(len(table)) if table.states[row] == VALUE]
        ledger.record(table, dict(zip(known, map(_entry, record.entries), strict=True)))
    return ledger


def table_of(stored: RequestTable) -> Table:
    """The table of a request with the coordinates of its population."""
    request = stored.request
    table = table_from_json(stored.content)
    return populated(table, base=stored.base, is_synthetic=request.is_synthetic, vintage=request.vintage)


def entries_to_json(protected: ProtectedTable, ledger: Ledger) -> list[list[Any]]:
    """What the ledger keeps of a decided table, in the order of its rows with a value."""
    table = protected.table
    entries = entries_of(protected, ledger)
    about = addresses(table, ledger.declared)
    return [_plain(entries[about[row]]) for row in range(len(table)) if table.states[row] == VALUE]


def _plain(entry: Entry) -> list[Any]:
    high = None if math.isinf(entry.high) else entry.high
    units = None if math.isnan(entry.units) else entry.units
    asked = [entry.primary, entry.below, entry.above, entry.width]
    return [entry.value, entry.withheld, entry.low, high, *asked, units]


def _entry(stored: Sequence[Any]) -> Entry:
    value, withheld, low, high, primary, below, above, width, units = stored
    high = math.inf if high is None else high
    return Entry(value, withheld, low, high, primary, below, above, width, math.nan if units is None else units)


def enter_adopted(ledger: Ledger, tables: Iterable[Table]) -> list[str]:
    """Enter what open tables of others publish about the same populations: everybody knows it.

    Returns the rules of what could not be entered, because it contradicts the tables or itself.
    """
    unfit = []
    for table in tables:
        if table.coordinates.get("ORIGIN") != Origin.REAL or "VINTAGE" in table.coordinates:
            continue
        try:
            public = _adopted(table)
            if public is not None:
                adopt(ledger, public)
        except Refused as refusal:
            unfit.append(refusal.rule)
    return unfit


def _adopted(table: Table) -> Table | None:
    """The cells of a table that others publish, with the values they publish."""
    if not table.measure.additive:
        return None
    observations = Observation.objects.filter(
        indicator=table.measure.indicator,
        base=table.coordinates["BASE"],
        state="value",
        edition__dataflow__from_pack=True,
        edition__origin=Origin.REAL,
    ).order_by("edition__published_on", "edition_id")
    values: dict[tuple[int, ...], float] = {}
    for area, period, breakdown, value in observations.values_list("area_id", "period", "breakdown", "value"):
        key = _key(table, area, period, breakdown)
        if key is not None and value is not None:
            values[key] = float(value)
    if not values:
        return None
    return Table(
        f"adopted-{table.id}",
        table.measure,
        table.dimensions,
        np.array(list(values), dtype=np.int64).reshape(-1, len(table.dimensions)),
        np.array(list(values.values())),
        np.zeros(len(values), dtype=np.int8),
        coordinates=dict(table.coordinates),
    )


def _key(table: Table, area: str, period: str, breakdown: Mapping[str, str]) -> tuple[int, ...] | None:
    """The place in the table of a published observation; None where the table does not divide as it does."""
    left = {"AREA": area, "PERIOD": period, "TIME_PERIOD": period}
    left |= {name.upper(): code for name, code in breakdown.items()}
    if any(left.get(name, _TOTAL) != code for name, code in _fixed(table)):
        return None
    names = {dimension.id for dimension in table.dimensions} | {name for name, _ in _fixed(table)}
    if any(name.upper() not in names for name in breakdown) or "AREA" not in names:
        return None
    places = tuple(dimension.position.get(left.get(dimension.id, _TOTAL)) for dimension in table.dimensions)
    return None if None in places else places  # type: ignore[return-value]


def _fixed(table: Table) -> Iterator[tuple[str, str]]:
    return ((name, code) for name, code in table.coordinates.items() if name not in {"BASE", "ORIGIN"})
