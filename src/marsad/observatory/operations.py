"""The one write of the public side: loading the city's pack."""

from __future__ import annotations

from datetime import datetime

from marsad.audit.events import record, writes
from marsad.audit.rules import Actor
from marsad.observatory.citypack.load import LoadReport, Progress, load
from marsad.observatory.citypack.pack import CityPack


def _silent(step: str, done: int, total: int) -> None:
    pass


@writes("observatory.load_city")
def load_city(*, pack: CityPack, actor: Actor, at: datetime, progress: Progress = _silent) -> LoadReport:
    """Bring the database in step with a checked pack. Loading the same pack again changes nothing.

    Raises PackHasProblems, and changes nothing, when a published edition would change or something in use would go.
    """
    report = load(pack, at=at, progress=progress)
    record(
        actor=actor,
        action="observatory.load_city",
        target=f"city:{pack.city['code']}",
        at=at,
        details={
            "publication": report.publication,
            "added": sum(len(change.added) for change in report.changes),
            "changed": sum(len(change.changed) for change in report.changes),
            "removed": sum(len(change.removed) for change in report.changes),
            "observations": report.observations_added,
        },
    )
    return report
