"""The machine's road of a delivery: read it, check it, store it. Any process may die at any point; another goes on.

A delivery is worked on under a lease that is prolonged with its progress. What a step leads to is written in one
transaction; a step that died before is done again from the waiting file, and storing twice gives the snapshot once.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import F, Q
from django.utils import timezone

from marsad.audit.rules import System
from marsad.collection.deliveries import operations_steps as operations
from marsad.collection.deliveries import queries
from marsad.collection.deliveries.checking import Promised, check
from marsad.collection.deliveries.code_lists import code_indices
from marsad.collection.deliveries.layout import Layout, LayoutChoices, recognise_layout
from marsad.collection.deliveries.mapping import (
    ColumnMapping,
    MappingProposal,
    carried_over,
    for_this_period,
    propose_mapping,
)
from marsad.collection.deliveries.models import Delivery, KnownLayout
from marsad.collection.deliveries.reading_sources import ByteCount, ReadingChoices, Source, open_source
from marsad.collection.deliveries.rules import LEASE, MACHINE, State
from marsad.collection.deliveries.storing import stored_batches
from marsad.collection.deliveries.typed_rows import Reading
from marsad.collection.keys import keys_for
from marsad.collection.models import Snapshot
from marsad.collection.pseudonyms import Pseudonymiser
from marsad.collection.queries_dataflows import collected_dataflow
from marsad.collection.snapshots import Lineage, freeze
from marsad.coordination.agreements.operations import note_refusal
from marsad.coordination.agreements.terms import Terms
from migstat.model.periods import Period
from migstat.model.refusals import Refused

MACHINE_ACTOR: Final = System("deliveries")
# After so many deaths on reading or checking one file it is the file; what a person accepted is tried for ever.
MOST_ATTEMPTS: Final = 4
_SECONDS_BETWEEN_REPORTS: Final = 0.5
# What a person can mend by saying how the file is to be read; everything else that the file itself causes is refused.
MENDABLE: Final = frozenset(
    {
        "deliveries.encoding",
        "deliveries.quotes",
        "deliveries.one_column",
        "deliveries.no_heading",
        "deliveries.too_wide",
    }
)
_TERMS: Final = frozenset({"deliveries.no_agreement", "deliveries.not_party", "deliveries.not_in_force"})


def advance(delivery_id: UUID) -> None:
    """Take a delivery as far as the machine can: until a person is asked, or it is closed. Does nothing for one that
    another process works on.
    """
    if not _claim(delivery_id):
        return
    try:
        while True:
            found = queries.delivery(delivery_id)
            if found is None or State(found.state) not in MACHINE:
                return
            _step(found)
    finally:
        Delivery.objects.filter(pk=delivery_id, claimed_by=_me()).update(claimed_by="", claimed_until=None)


def _me() -> str:
    return f"{os.uname().nodename[:40]}:{os.getpid()}"


def _claim(delivery_id: UUID) -> bool:
    now = timezone.now()
    free = Q(claimed_until=None) | Q(claimed_until__lt=now)
    claimed = Delivery.objects.filter(free, pk=delivery_id, state__in=MACHINE).update(
        claimed_by=_me(), claimed_until=now + LEASE, attempts=F("attempts") + 1
    )
    return bool(claimed)


def _step(found: Delivery) -> None:
    state = State(found.state)
    try:
        if found.attempts > MOST_ATTEMPTS and state in (State.RECEIVED, State.MAPPED):
            raise Refused(
                "deliveries.crashed", found="a file on which the work broke off each time", remedy="send it as .csv"
            )
        terms = queries.demand_terms(found.agreement, found.organisation, today=timezone.localdate())
        _STEPS[state](found, terms)
    except Refused as problem:
        if _moved_on(found):
            return
        if problem.rule.startswith("keys."):
            raise
        mendable = problem.rule in MENDABLE and state in (State.RECEIVED, State.MAPPED)
        if problem.rule in _TERMS:
            note_refusal(actor=MACHINE_ACTOR, at=timezone.now(), agreement=found.agreement, kind=problem.rule)
        written = operations.note_problem if mendable else operations.refuse
        written(actor=MACHINE_ACTOR, at=timezone.now(), delivery_id=found.pk, problem=problem)


def _moved_on(found: Delivery) -> bool:
    """Whether somebody stopped or changed a delivery while the machine worked on it; what it found does not matter then."""
    now = queries.delivery(found.pk)
    return now is None or now.state != found.state


class _Progress:
    """Writes how far a delivery is, and prolongs the lease, at most twice a second."""

    def __init__(self, found: Delivery, count: ByteCount) -> None:
        self._id, self._count, self._said = found.pk, count, 0.0
        Delivery.objects.filter(pk=found.pk).update(done=0, total=found.bytes)

    def __call__(self, rows: int) -> None:
        if time.monotonic() - self._said < _SECONDS_BETWEEN_REPORTS:
            return
        self._said = time.monotonic()
        Delivery.objects.filter(pk=self._id).update(done=self._count.read, claimed_until=timezone.now() + LEASE)


def opened(found: Delivery, count: ByteCount | None = None) -> Source:
    """The waiting file, read as was chosen."""
    choices = ReadingChoices(**found.choices.get("reading", {}))
    return open_source(queries.spool_of(found).opened, choices, size=found.bytes, count=count)


def layout_choices(found: Delivery) -> LayoutChoices:
    said = found.choices.get("layout", {})
    by_place = {
        name: {int(place): value for place, value in said.get(name, {}).items()} for name in ("decimals", "orders")
    }
    return LayoutChoices(
        said.get("heading_first", 0), said.get("heading_last", 0), marks=said.get("marks", {}), **by_place
    )


def read(found: Delivery, terms: Terms) -> None:
    """Recognise the layout and propose a mapping; a layout that was confirmed before is taken over as it was."""
    source = opened(found)
    layout, head = recognise_layout(source, layout_choices(found))
    proposal = propose_mapping(terms.structure, layout, head, code_indices(terms.structure), found.period)
    known = queries.known_layout(found.agreement, layout, terms.structure)
    if known is not None and not found.choices.get("layout") and known.choices.get("layout"):
        found.choices = found.choices | {"layout": known.choices["layout"]}
        Delivery.objects.filter(pk=found.pk).update(choices=found.choices)
        layout, head = recognise_layout(source, layout_choices(found))
    before = queries.latest_layout(found.agreement)
    if known is not None:
        remembered = for_this_period(ColumnMapping.from_mapping(known.mapping), proposal.mapping)
        proposal = MappingProposal(remembered, proposal.proposals)
    elif before is not None:
        moved = carried_over(ColumnMapping.from_mapping(before.mapping), before.titles, layout, proposal.mapping)
        proposal = MappingProposal(moved, proposal.proposals)
    operations.note_read(
        actor=MACHINE_ACTOR, at=timezone.now(), delivery_id=found.pk, layout=layout, proposal=proposal,
        remembered=known is not None and _goes_without_asking(found, known, layout, proposal.mapping),
    )  # fmt: skip


def _goes_without_asking(found: Delivery, known: KnownLayout, layout: Layout, mapping: ColumnMapping) -> bool:
    """Whether a remembered layout leaves nothing to confirm: nobody corrected its reading, nothing is in doubt that was
    not in doubt when it was confirmed, and each value that holds for all rows is known for this delivery's period.
    """
    settled = set(layout.doubts) <= set(known.choices.get("doubts", ()))
    return not found.choices.get("corrected") and settled and set(mapping.constants) == set(known.mapping["constants"])


def reading_of(found: Delivery, terms: Terms, source: Source) -> Reading:
    """All that is needed to read the rows of a mapped delivery."""
    mapping = queries.mapping_of(found)
    period = Period.parse(found.period) if found.period else None
    codes = code_indices(terms.structure, mapping.answers)
    return Reading(source, queries.layout_of(found), mapping, terms.structure, codes, timezone.localdate(), period)


def check_rows(found: Delivery, terms: Terms) -> None:
    count = ByteCount()
    reading = reading_of(found, terms, opened(found, count))
    promised = Promised(terms.breakdowns, terms.areas, queries.earlier_profile(found))
    result = check(reading, promised, _Progress(found, count))
    operations.note_checked(actor=MACHINE_ACTOR, at=timezone.now(), delivery_id=found.pk, result=result)


def store_rows(found: Delivery, terms: Terms) -> None:
    """Freeze the rows that can stand. Freezing again what a dead process froze gives the same snapshot."""
    count = ByteCount()
    flow = collected_dataflow(found.dataflow)
    pseudonymiser = Pseudonymiser(terms.structure, flow.purpose, keys_for(flow.purpose))
    reading = reading_of(found, terms, opened(found, count))
    now = timezone.now()

    def note(snapshot: Snapshot) -> None:
        """The snapshot and the acceptance in one transaction: of a delivery that was stopped meanwhile nothing is stored."""
        operations.note_stored(
            actor=MACHINE_ACTOR, at=timezone.now(), delivery_id=found.pk, snapshot=snapshot.pk, rows=snapshot.rows,
            keep_until=_keep_until(terms, now),
        )  # fmt: skip

    freeze(
        actor=MACHINE_ACTOR,
        at=now,
        dataflow=found.dataflow,
        batches=stored_batches(reading, pseudonymiser, _Progress(found, count)),
        lineage=Lineage(deliveries=(str(found.pk),), agreements=(found.agreement,)),
        period=found.period,
        retention_days=terms.retention_days,
        entered=note,
    )


def _keep_until(terms: Terms, now: datetime) -> datetime | None:
    """Until when the original is kept: not at all, or as long as the agreement lets the rows be kept."""
    return now + timedelta(days=terms.retention_days) if terms.keeps_original else None


_STEPS: Final[dict[State, Callable[[Delivery, Terms], None]]] = {
    State.RECEIVED: read,
    State.MAPPED: check_rows,
    State.STORING: store_rows,
    State.STORING_WITH_RESERVATIONS: store_rows,
}
