"""Writing editions: the one door by which what was released becomes public, and the marks that come after."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from marsad.audit.events import record, writes
from marsad.audit.rules import Actor
from marsad.catalogue.models import Area, Indicator
from marsad.dissemination.models import (
    Dataflow,
    Edition,
    Observation,
    Provenance,
    Publication,
    Staleness,
    Tombstone,
)
from marsad.dissemination.publications import note_replacement, renew
from marsad.dissemination.rules import (
    Chain,
    EditionDetails,
    StaleFor,
    TableDetails,
    checked_number,
    place_of,
    with_mark,
)
from marsad.web.words import LANGUAGES
from migstat.disclosure import ReleasedTable
from migstat.model import CellState, Origin, Period, Refused, Text

_BATCH = 2000


@writes("dissemination.publish")
def publish(
    *,
    actor: Actor,
    at: datetime,
    released: ReleasedTable,
    edition: EditionDetails,
    further: Sequence[ReleasedTable] = (),
) -> Edition:
    """Make an immutable edition of released tables, and the publication that shows it, in one transaction.

    ``further`` are tables released in the same request. Publishing the same release again finds the edition it made.
    Raises TypeError for anything that is not a ``ReleasedTable``; ``Refused`` for a number in use, an interval of a
    cell without value, an unknown place or indicator, or real figures beside synthetic ones.
    """
    tables = (released, *further)
    for table in tables:
        if not isinstance(table, ReleasedTable):
            raise TypeError(f"publish() takes a ReleasedTable, not a {type(table).__name__}")
    made = _made_before(edition)
    is_new = made is None
    if made is None:
        made = _write(tables, edition)
        renew(at=at, replaced=made)
        note_replacement(made, at=at)
    record(
        actor=actor,
        action="dissemination.publish",
        target=_target(made),
        at=at,
        details={"observations": made.observation_count, "new": is_new, "synthetic": edition.is_synthetic},
    )
    return made


def _target(edition: Edition) -> str:
    return f"edition:{edition.dataflow_id}/{edition.number}"[:80]


def _made_before(details: EditionDetails) -> Edition | None:
    if details.chain is None:
        return None
    found = Provenance.objects.select_related("edition").filter(release=details.chain.release).first()
    return found.edition if found else None


def _write(tables: Sequence[ReleasedTable], details: EditionDetails) -> Edition:
    rows = list(_rows(tables, details))
    _refuse_unknown(rows)
    dataflow = _dataflow(details)
    _refuse_mixture(dataflow, rows, details.origin)
    if Edition.objects.filter(dataflow=dataflow, number=checked_number(details.number)).exists():
        raise Refused("edition.number_used", found=f"{dataflow}@{details.number}", remedy="take the next number")
    reason = details.reason
    edition = Edition.objects.create(
        dataflow=dataflow,
        number=details.number,
        published_on=details.published_on,
        reason_fr=reason.fr,
        reason_ar=reason.ar,
        reason_en=reason.en,
        vintage=details.vintage or details.published_on.isoformat(),
        checksum=_checksum(rows, details.origin),
        observation_count=len(rows),
        origin=details.origin,
    )
    Observation.objects.bulk_create((Observation(edition=edition, **row) for row in rows), batch_size=_BATCH)
    if details.chain is not None:
        _provenance(edition, details.chain, rows, details.fingerprints)
    return edition


def _rows(tables: Sequence[ReleasedTable], details: EditionDetails) -> Iterator[dict[str, Any]]:
    """The columns of every observation; a cell that two linked tables share stands once."""
    seen: dict[tuple[str, ...], dict[str, Any]] = {}
    for table in tables:
        about = details.tables.get(table.id, TableDetails(base="other"))
        for codes, cell in table.cells:
            place = place_of(table.dimensions, codes, table.coordinates)
            row = _row(table, place, cell, about, about.intervals.get(codes))
            identity = (row["indicator_id"], place.area, place.period, place.key, about.base)
            before = seen.setdefault(identity, row)
            if before is row:
                yield row
            elif (before["state"], before["value"]) != (row["state"], row["value"]):
                raise Refused(
                    "edition.two_decisions", found="one cell decided twice", remedy="release the tables together"
                )


def _row(
    table: ReleasedTable, place: Any, cell: Any, about: TableDetails, interval: tuple[float, float] | None
) -> dict[str, Any]:
    if interval is not None and not cell.is_value:
        raise Refused("edition.interval", found="an interval of a cell without value", remedy="leave it out")
    period = Period.parse(place.period)
    note = about.note
    return {
        "indicator_id": table.measure.indicator,
        "area_id": place.area,
        "period": place.period,
        "period_start": period.start,
        "period_end": period.end,
        "breakdown": dict(place.breakdown),
        "breakdown_key": place.key,
        "state": cell.state.value,
        "value": cell.number if cell.is_value else None,
        "withheld_for": cell.withheld_for.value if cell.withheld_for else "",
        "low": interval[0] if interval else None,
        "high": interval[1] if interval else None,
        "status": _status(cell.state, about.status),
        "base": about.base,
        **{f"note_{language}": note.in_language(language) if note else "" for language in LANGUAGES},
    }


def _status(state: CellState, status: str) -> str:
    return {CellState.MISSING: "O", CellState.NOT_APPLICABLE: "M"}.get(state, status)


def _refuse_unknown(rows: Sequence[Mapping[str, Any]]) -> None:
    areas = {row["area_id"] for row in rows}
    indicators = {row["indicator_id"] for row in rows}
    lost = areas - set(Area.objects.filter(pk__in=areas).values_list("pk", flat=True))
    lost |= indicators - set(Indicator.objects.filter(pk__in=indicators).values_list("pk", flat=True))
    if lost or not rows:
        found = ", ".join(sorted(lost)[:5]) or "no cell"
        raise Refused("edition.unknown", found=f"not in the catalogue: {found}", remedy="use codes of the catalogue")


def _dataflow(details: EditionDetails) -> Dataflow:
    known = Dataflow.objects.filter(pk=details.dataflow).first()
    if known is not None and known.from_pack:
        raise Refused(
            "edition.pack", found=f"{details.dataflow}, which the city pack adopts", remedy="use a dataflow of your own"
        )
    if details.dataset is None:
        if known is None:
            raise Refused("edition.dataset", found="a dataflow without title", remedy="give title and description")
        return known
    texts = {
        f"{name}_{language}": text.in_language(language)
        for name, text in (("title", details.dataset.title), ("description", details.dataset.description))
        for language in LANGUAGES
    }
    if details.is_synthetic:
        texts |= {f"title_{language}": with_mark(texts[f"title_{language}"], language) for language in LANGUAGES}
    sort = known.sort if known else 1000 + Dataflow.objects.filter(from_pack=False).count()
    dataflow, _ = Dataflow.objects.update_or_create(
        code=details.dataflow, defaults={**texts, "source_id": details.source, "sort": sort, "from_pack": False}
    )
    return dataflow


def _refuse_mixture(dataflow: Dataflow, rows: Sequence[Mapping[str, Any]], origin: Origin) -> None:
    """Real and synthetic figures are never in one dataflow, nor in one chart: an indicator shows one of the two."""
    other = Edition.objects.filter(tombstone=None).exclude(origin=origin)
    if other.filter(dataflow=dataflow).exists():
        raise Refused("edition.mixed", found=f"{dataflow} with both origins", remedy="use a dataflow of its own")
    latest = Publication.objects.order_by("-published_at", "-id").first()
    indicators = {row["indicator_id"] for row in rows}
    shown = other.filter(publications=latest, observations__indicator__in=indicators)
    if latest is not None and shown.exists():
        raise Refused(
            "edition.mixed", found="an indicator shown with the other origin", remedy="withdraw the synthetic edition"
        )


def _checksum(rows: Sequence[Mapping[str, Any]], origin: Origin) -> str:
    digest = hashlib.sha256(str(origin).encode())
    for row in rows:
        digest.update(json.dumps(row, sort_keys=True, default=str, ensure_ascii=False).encode() + b"\n")
    return digest.hexdigest()


def _provenance(edition: Edition, chain: Chain, rows: Sequence[Mapping[str, Any]], fingerprints: Sequence[str]) -> None:
    method = {f"method_{one}": chain.method.in_language(one) if chain.method else "" for one in LANGUAGES}
    Provenance.objects.create(
        edition=edition,
        release=chain.release,
        indicators=sorted({row["indicator_id"] for row in rows}),
        runs=list(chain.runs),
        definitions=list(chain.definitions),
        snapshots=list(chain.snapshots),
        deliveries=list(chain.deliveries),
        agreements=list(chain.agreements),
        fingerprints=list(fingerprints),
        quality=list(chain.quality),
        approved_on=list(chain.approved_on),
        figures=list(chain.figures),
        **method,
    )


# --- what comes after -------------------------------------------------------------------------------------------------------


@writes("dissemination.withdraw")
def withdraw(*, actor: Actor, at: datetime, edition: Edition, reason: Text) -> Tombstone:
    """Take an edition off every page and file; a tombstone says why in its place. The edition itself stays in the store."""
    tombstone, is_new = Tombstone.objects.get_or_create(
        edition=edition,
        defaults={
            "withdrawn_at": at,
            "reason_fr": reason.fr,
            "reason_ar": reason.ar,
            "reason_en": reason.en,
        },
    )
    if is_new:
        renew(at=at)
    record(
        actor=actor,
        action="dissemination.withdraw",
        target=_target(edition),
        at=at,
        details={"new": is_new},
    )
    return tombstone


@writes("dissemination.mark_stale")
def mark_stale(*, actor: Actor, at: datetime, edition: Edition, cause: StaleFor, subject: str) -> Staleness:
    """Mark an edition whose ground has moved; ``subject`` is the code of what moved (``snapshot:...``). Marked once."""
    mark, is_new = Staleness.objects.get_or_create(
        edition=edition, cause=StaleFor(cause), subject=subject[:120], defaults={"since": at}
    )
    record(
        actor=actor,
        action="dissemination.mark_stale",
        target=_target(edition),
        at=at,
        details={"cause": str(cause), "new": is_new},
    )
    return mark


@writes("dissemination.tell_finding")
def tell_finding(*, actor: Actor, at: datetime, mark: Staleness, changes: bool) -> Staleness:
    """Say of a replaced edition whether the sentence that was found in it changes."""
    mark.finding_changes = changes
    mark.save(update_fields=["finding_changes"])
    record(
        actor=actor,
        action="dissemination.tell_finding",
        target=f"staleness:{mark.pk}",
        at=at,
        details={"changes": changes},
    )
    return mark
