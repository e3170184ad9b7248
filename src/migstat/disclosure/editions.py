"""The last edition of a table: what it published is dear to its readers, and dearer to withhold in the next one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from migstat.disclosure.ledger import Ledger
from migstat.disclosure.system import Flags
from migstat.model import Period, Refused
from migstat.model.tables import Table, addresses


def published_in_last_edition(table: Table, ledger: Ledger) -> Flags:
    """Which cells (n,) of a table the edition before it published.

    An edition differs in coordinates that are periods, and in nothing else; the last one is the latest earlier
    period of the same form (a year after a year, a month after a month) that has cells of this table in the ledger. All
    False when there is none.

    >>> from migstat.disclosure.examples import small_table
    >>> from migstat.disclosure.protect import adopt
    >>> ledger, before = Ledger(), replace(small_table(), coordinates={"PERIOD": "2023"})
    >>> adopt(ledger, before)
    >>> bool(published_in_last_edition(small_table(), ledger).all())
    True
    >>> bool(published_in_last_edition(before, ledger).any())
    False
    """
    for coordinates in _earlier_editions(table, ledger):
        entries = [ledger.entries.get(at) for at in addresses(replace(table, coordinates=coordinates), ledger.declared)]
        if any(entries):
            return np.array([entry is not None and not entry.withheld for entry in entries])
    return np.zeros(len(table), dtype=bool)


def _earlier_editions(table: Table, ledger: Ledger) -> Iterator[dict[str, str]]:
    """The coordinates of earlier editions of the same measure, the latest first."""
    own = dict(table.coordinates)
    now = _periods(own)
    names = sorted(now)
    found = {}
    for indicator, unit, pairs in ledger.editions:
        coordinates = dict(pairs)
        then = _periods(coordinates)
        if (indicator, unit) != (table.measure.indicator, table.measure.unit) or then.keys() != now.keys():
            continue
        alike = all(_form(then[name].text) == _form(now[name].text) for name in names)
        if alike and {**coordinates, **{name: own[name] for name in names}} == own:
            found[tuple(then[name] for name in names)] = coordinates
    last = tuple(now[name] for name in names)
    yield from (found[at] for at in sorted(found, reverse=True) if at < last)


def _form(period: str) -> str:
    return re.sub(r"\d", "0", period)


def _periods(coordinates: Mapping[str, str]) -> dict[str, Period]:
    found = {}
    for name, code in coordinates.items():
        try:
            found[name] = Period.parse(code)
        except Refused:
            continue
    return found
