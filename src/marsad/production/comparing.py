"""A run beside the last edition: which cells moved, by how much, and why: new data, revised data, or a new method."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from marsad.dissemination.models import Edition, Observation, Provenance
from marsad.dissemination.rules import place_of
from marsad.production.lineage import SnapshotFact
from marsad.production.results import Result
from migstat.indicators.vocabulary import UNKNOWN

NEW_DATA: Final = "new_data"
REVISED_DATA: Final = "revised_data"
NEW_METHOD: Final = "new_method"
_TOLERANCE: Final = 1e-9
Place = tuple[str, str, str]


@dataclass(frozen=True)
class Moved:
    """One cell that both have: before and now."""

    area: str
    period: str
    part: str
    before: float
    after: float

    @property
    def difference(self) -> float:
        return self.after - self.before


@dataclass(frozen=True)
class Comparison:
    """A table beside the edition that readers have: cells that moved, that are alike, new, gone; and why they moved."""

    edition: str
    moved: tuple[Moved, ...]
    alike: int
    new: int
    gone: int
    causes: tuple[str, ...]


def compared(result: Result, snapshots: Sequence[SnapshotFact], *, synthetic: bool) -> Comparison | None:
    """The comparison with the last edition that shows the same indicator of the same population; None where none does."""
    edition = _last_edition(result.table.measure.indicator, "synthetic" if synthetic else "real")
    if edition is None:
        return None
    indicator, base = result.table.measure.indicator, result.base
    columns = ("area_id", "period", "breakdown_key", "state", "value")
    shown = Observation.objects.filter(edition=edition, indicator=indicator, base=base).values_list(*columns)
    old = {(row[0], row[1], row[2]): row[4] if row[3] == "value" else None for row in shown}
    new: dict[Place, float | None] = dict(_cells(result))
    both = [(cell, before, new[cell]) for cell, before in sorted(old.items()) if cell in new]
    known = [(cell, before, after) for cell, before, after in both if before is not None and after is not None]
    moved = [Moved(*cell, before, after) for cell, before, after in known if abs(before - after) > _TOLERANCE]
    provenance = Provenance.objects.filter(edition=edition).first()
    return Comparison(
        str(edition),
        tuple(moved),
        len(known) - len(moved),
        len(new.keys() - old.keys()),
        len(old.keys() - new.keys()),
        causes(
            provenance.snapshots if provenance else [], _definition(provenance, indicator), snapshots, result.definition
        ),
    )


def causes(
    old_snapshots: Sequence[Mapping[str, Any]],
    old_definition: Mapping[str, Any],
    snapshots: Sequence[SnapshotFact],
    definition: Mapping[str, Any],
) -> tuple[str, ...]:
    """Why the numbers may differ: every cause that holds, in a fixed order.

    >>> causes([{"id": "a", "dataflow": "visits", "period": "2025", "fingerprint": "x"}], {"digest": "1"}, [], {"digest": "2"})
    ('new_method',)
    """
    before = {(one["dataflow"], one["period"]): one["fingerprint"] for one in old_snapshots}
    now = {(one.dataflow, one.period): one.fingerprint for one in snapshots}
    found = []
    if now.keys() - before.keys():
        found.append(NEW_DATA)
    if any(before[place] != now[place] for place in now.keys() & before.keys()):
        found.append(REVISED_DATA)
    if _method(old_definition) != _method(definition):
        found.append(NEW_METHOD)
    return tuple(found)


def _method(definition: Mapping[str, Any]) -> tuple[Any, ...]:
    """What of a definition is method: its own text and the estimator."""
    return definition.get("digest"), definition.get("estimator"), definition.get("method")


def _definition(provenance: Provenance | None, indicator: str) -> Mapping[str, Any]:
    told = provenance.definitions if provenance else []
    found: Mapping[str, Any] = next((one["definition"] for one in told if one["indicator"] == indicator), {})
    return found


def _last_edition(indicator: str, origin: str) -> Edition | None:
    found = Edition.objects.filter(observations__indicator=indicator, tombstone=None, origin=origin)
    return found.order_by("-published_on", "-pk").first()


def _cells(result: Result) -> Iterator[tuple[Place, float | None]]:
    names = [axis.id for axis in result.table.dimensions]
    for codes, cell in result.table.cells():
        if UNKNOWN in codes:
            continue  # no edition has a place for it
        place = place_of(names, codes, result.table.coordinates)
        yield (place.area, place.period, place.key), (cell.number if cell.is_value else None)
