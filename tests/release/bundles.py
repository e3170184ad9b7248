"""Small releases: residents of three places by sex, and the people who let them go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from marsad.release import operations
from marsad.release.bundles import BundledTable, DeliveryFact, Dossier, SnapshotFact
from marsad.release.operations_publish import publish_request
from marsad.release.rules import Verdict
from migstat.model import Text
from migstat.model.tables import Dimension, Table, counted

AT = datetime(2026, 10, 6, 9, 0, tzinfo=UTC)
POLICY: dict[str, Any] = {
    "rules": {"minimum_frequency": {"threshold": 3, "zeros_disclosive": False}},
    "protection_interval": {"absolute": 1, "percent": 0, "width": 2, "from_p_percent": False},
    "attackers": {"own_contribution": False, "coalition": 1, "prior_percent": float("inf")},
    "costs": {"by": "value", "keep_margins": 1, "keep_published": 1, "withhold_zeros": False},
}
AREA = Dimension.from_parents(
    "AREA",
    {
        "04.421": None,
        "04.421.01.0": "04.421",
        "04.421.01.07": "04.421",
        "04.421.01.05": "04.421.01.0",
        "04.421.01.06": "04.421.01.0",
    },
)
SEX = Dimension.flat("SEX", ["F", "M"], total="_T")
COUNTS = {
    ("04.421.01.05", "F"): 20.0,
    ("04.421.01.05", "M"): 15.0,
    ("04.421.01.06", "F"): 2.0,
    ("04.421.01.06", "M"): 9.0,
    ("04.421.01.07", "F"): 8.0,
    ("04.421.01.07", "M"): 30.0,
}


def words(text: str) -> Text:
    return Text(fr=f"{text} (fr)", ar=f"نص {text}", en=text)


def residents(
    counts: Mapping[tuple[str, str], float] = COUNTS,
    *,
    id: str = "by-sex",
    indicator: str = "STK-01",
    period: str = "2024",
) -> Table:
    return Table.from_leaves(id, counted(indicator), [AREA, SEX], counts, coordinates={"PERIOD": period})


def snapshot(id: str = "snap-1", *, agreement: str = "") -> SnapshotFact:
    delivery = DeliveryFact(f"delivery-of-{id}", "observatory", agreement, date(2026, 9, 1), 84)
    return SnapshotFact(id, "registers", "2024", date(2026, 9, 2), 84, f"fingerprint-{id}", (delivery,))


def bundled(table: Table | None = None, **more: Any) -> BundledTable:
    given = {
        "definition": {"code": "STK-01", "measure": "count"},
        "run": "run-1",
        "snapshots": (snapshot(),),
        "base": "municipal",
    } | more
    return BundledTable(table if table is not None else residents(), **given)


def dossier(**more: Any) -> Dossier:
    given = {
        "dataflow": "residents",
        "title": words("Residents"),
        "description": words("Counted in the registers"),
        "source": "census",
        "reason": words("First edition"),
        "policy": POLICY,
    } | more
    return Dossier(**given)


def requested(author: Any, tables: Sequence[BundledTable] = (), at: datetime = AT, **more: Any) -> Any:
    return operations.request_release(actor=author, at=at, tables=tables or [bundled()], dossier=dossier(**more))


def approved(
    author: Any, reviewers: Sequence[Any], tables: Sequence[BundledTable] = (), at: datetime = AT, **more: Any
) -> Any:
    request = requested(author, tables, at, **more)
    operations.submit_request(actor=author, at=at, request_id=request.pk)
    for reviewer in reviewers:
        request = operations.sign_request(
            actor=reviewer, at=at, request_id=request.pk, verdict=Verdict.APPROVE, reason="the audit passed"
        )
    return request


def published(
    author: Any, reviewers: Sequence[Any], tables: Sequence[BundledTable] = (), at: datetime = AT, **more: Any
) -> Any:
    request = approved(author, reviewers, tables, at, **more)
    return publish_request(actor=author, at=at, request_id=request.pk), request
