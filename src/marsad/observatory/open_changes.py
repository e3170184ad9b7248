"""What changed between two editions of a dataflow: cells added, removed and revised, with the old and the new value."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from marsad.dissemination import queries_open as editions
from marsad.dissemination.queries_open import Revision
from marsad.observatory.open_answers import answered, etag, open_data
from marsad.observatory.open_files import asked_edition, plain, unmarked
from marsad.observatory.views_downloads import csv_lines

COLUMNS: Final = (
    "change",
    "indicator",
    "area",
    "period",
    "breakdown",
    "population_base",
    "old_state",
    "old_value",
    "old_low",
    "old_high",
    "old_status",
    "new_state",
    "new_value",
    "new_low",
    "new_high",
    "new_status",
)


def revision(found: Revision) -> dict[str, Any]:
    """A revision by the names of its columns. A side that does not exist, or has no number, has None."""
    point = found.point
    told: dict[str, Any] = {
        "change": found.kind,
        "indicator": point.indicator,
        "area": point.area,
        "period": point.period,
        "breakdown": point.breakdown_key,
        "population_base": point.base,
    }
    for side, cell in (("old", found.old), ("new", found.new)):
        told |= {
            f"{side}_state": cell.state if cell else None,
            f"{side}_value": plain(cell.value) if cell else None,
            f"{side}_low": plain(cell.low) if cell else None,
            f"{side}_high": plain(cell.high) if cell else None,
            f"{side}_status": (cell.withheld_for or cell.status) if cell else None,
        }
    return told


@open_data
def changes_file(request: HttpRequest, code: str, before: str, now: str, form: str) -> HttpResponseBase:
    """The changes as CSV or JSON, streamed."""
    _, old = asked_edition(code, before)
    _, new = asked_edition(code, now)
    tag = etag(old.checksum, new.checksum, form)
    found = (revision(each) for each in editions.revisions(old, new))
    name = f"{code}-{before}-{now}-changes.{form}"
    if form == "csv":
        return answered(request, tag, lambda: unmarked(csv_lines(COLUMNS, found)), "text/csv; charset=utf-8", name=name)
    head = {"dataflow": code, "from": before, "to": now}
    return answered(request, tag, lambda: _document(head, found), "application/json")


def _document(head: dict[str, Any], found: Iterator[dict[str, Any]]) -> Iterator[str]:
    yield f'{json.dumps(head)[:-1]}, "changes": ['
    for number, each in enumerate(found):
        yield f"{',' if number else ''}\n{json.dumps(each, ensure_ascii=False)}"
    yield "\n]}"
