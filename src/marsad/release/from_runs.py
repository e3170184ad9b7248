"""From a run of production to a request: its tables bundled, its shares protected with their parts, revisions told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from marsad.catalogue.models import Indicator
from marsad.production import handing
from marsad.production.queries import run_of
from marsad.release.bundles import BundledTable, Dossier
from marsad.release.desk import policy_for
from marsad.release.models import ReleaseRequest
from marsad.release.operations import request_release
from marsad.release.operations_staleness import estimate_revised
from migstat.model import Refused, Text


def bundled(run: Any, policy: Mapping[str, Any]) -> list[BundledTable]:
    """The tables of a run as the desk takes them. Raises Refused as ``production.handing`` does."""
    return [
        BundledTable(
            table=one.result.table,
            definition=one.result.definition,
            run=str(run.pk),
            snapshots=one.snapshots,
            base=one.result.base,
            status=one.result.status,
            method=one.result.method,
            intervals=one.result.intervals,
            marked=handing.marked_cells(one.result, policy),
        )
        for one in handing.handed_tables(run)
    ]


def request_from_run(*, actor: Any, at: datetime, run_id: UUID | str, dossier: Dossier) -> ReleaseRequest:
    """Ask to release the tables of a run. Where they give other values than the last edition, that edition is marked.

    Raises ``Refused``: ``production.unknown``, ``production.origin`` for a made-up run among real figures or the other
    way round, and as ``request_release`` does.
    """
    run = run_of(run_id)
    if run is None:
        raise Refused("production.unknown", found="no such run", remedy="open the list of runs")
    if run.is_synthetic != dossier.is_synthetic:
        raise Refused("production.origin", found="a run of the other origin", remedy="say what the run is made of")
    request = request_release(actor=actor, at=at, tables=bundled(run, policy_for(dossier.policy)), dossier=dossier)
    if request.differences.get("revised_count"):
        estimate_revised(actor=actor, at=at, dataflow=dossier.dataflow, run=str(run.pk))
    return request


def quality_notes(run: Any) -> list[Text]:
    """What the diagnostics of a run give cause to say."""
    results = [one.result for one in handing.handed_tables(run)]
    return [Text(note["fr"], note["ar"], note["en"]) for note in handing.concerns(results)]


def proposed_words(run: Any) -> dict[str, str]:
    """What the form of a request begins with: dataflow, title and description from the catalogue's indicators."""
    codes = handing.definition_codes(run)
    found = {one.pk: one for one in Indicator.objects.filter(pk__in=codes)}
    known = [found[code] for code in codes if code in found]
    words = {
        f"{field}_{language}": "; ".join(getattr(one, f"{name}_{language}") for one in known)
        for field, name in (("title", "name"), ("description", "definition"))
        for language in ("fr", "ar", "en")
    }
    ending = "-demo" if run.is_synthetic else ""
    dataflow = "-".join(code.lower() for code in codes[:3]) + (f"-{run.study}" if run.study else "") + ending
    return {**words, "dataflow": dataflow[:60]}
