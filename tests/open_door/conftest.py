"""The small city with a second edition of its asylum series, in which every state of a cell occurs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client

from city_fixtures import small_city, small_root  # noqa: F401
from marsad.dissemination.models import Edition, Observation, Publication
from marsad.dissemination.rules import breakdown_key
from marsad.observatory.page_cache import shelf

LATER = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
# indicator, area, period, breakdown, state, value, withheld for, low, high, status
SECOND = [
    ("FLW-02", "MAR", "2023", {}, "value", 3900.0, "", 3800.5, 4000.0, "E"),
    ("FLW-02", "MAR", "2024", {}, "value", 4526.0, "", None, None, "A"),
    ("FLW-02", "MAR", "2024", {"citizenship": "NER"}, "withheld", None, "C", None, None, "A"),
    ("FLW-02", "MAR", "2024", {"citizenship": "NGA"}, "withheld", None, "D", None, None, "A"),
    ("FLW-02", "MAR", "2024", {"citizenship": "NGA", "sex": "F"}, "value", 0.0, "", None, None, "A"),
    ("FLW-02", "MAR", "2026-01/2026-05", {}, "value", 12.5, "", None, None, "P"),
    ("STK-01", "04.421", "2024", {}, "not_applicable", None, "", None, None, "M"),
]


@pytest.fixture
def publish() -> Callable[..., Edition]:
    """Publish rows as an edition, in a new publication."""

    def add(number: str, on: date, rows: list[tuple[Any, ...]], flow: str = "ASYLUM", **more: Any) -> Edition:
        edition = Edition.objects.create(
            dataflow_id=flow, number=number, published_on=on, reason_fr=f"Raison {number}", reason_ar=f"سبب {number}",
            reason_en=f"Reason {number}", vintage="2026-10", checksum=(number + "f" * 64)[:64],
            observation_count=len(rows), origin=more.get("origin", "real"),
        )  # fmt: skip
        for row in rows:
            Observation.objects.create(edition=edition, **_columns(row))
        latest = Publication.objects.order_by("-published_at").first()
        publication = Publication.objects.create(
            number=f"p-{number}", published_at=datetime(on.year, on.month, on.day, 9, tzinfo=UTC), checksum=number
        )
        kept = latest.editions.exclude(dataflow=flow) if latest else []
        publication.editions.set([*kept, edition])
        shelf.clear()
        return edition

    return add


def _columns(row: tuple[Any, ...]) -> dict[str, Any]:
    from migstat.model import Period

    indicator, area, period, breakdown, state, value, withheld_for, low, high, status = row
    when = Period.parse(period)
    return {
        "indicator_id": indicator, "area_id": area, "period": period, "period_start": when.start,
        "period_end": when.end, "breakdown": breakdown, "breakdown_key": breakdown_key(breakdown), "state": state,
        "value": value, "withheld_for": withheld_for, "low": low, "high": high, "status": status, "base": "registered",
        "note_en": "A note, with a comma" if value == 3900.0 else "",
    }  # fmt: skip


@pytest.fixture
def second(small_city: Any, publish: Callable[..., Edition]) -> Edition:  # noqa: F811
    """The second edition of ASYLUM, of 2 November 2026; the first is of 1 October."""
    return publish("2026-2", LATER.date(), SECOND)


@pytest.fixture
def reader() -> Client:
    return Client()


def body(response: Any) -> bytes:
    """The whole of an answer, streamed or not."""
    return b"".join(response.streaming_content) if response.streaming else response.content
